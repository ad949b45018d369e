//! A tenant-management server of another house: which of the shapes it has that are known, what
//! each offers, and what can be asked of it. One server never offers all: what it does not is
//! said as that, and not found out by trying.

pub mod errand;
pub mod shown;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The shapes that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// As the API was documented first, with principals, syncs and audit logs of a tenant.
    Seed,
    /// As the public sales agent really answers.
    Public,
    /// As its fork answers, with a description of itself.
    Fork,
}

impl Shape {
    /// As it stands in a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Seed => "the tenant API as it was documented first",
            Self::Public => "the public sales agent",
            Self::Fork => "the sales agent's fork with a management API",
        }
    }
}

/// What can be asked of such a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Its tenants.
    List,
    /// One of them.
    Show,
    /// To open one.
    Create,
    /// To change one.
    Update,
    /// To close one.
    Deactivate,
    /// To open one again.
    Reactivate,
    /// Who buys from one.
    ListPrincipals,
    /// To let somebody buy from one.
    CreatePrincipal,
    /// To bring what its ad server has.
    SyncInventory,
    /// To bring what is ordered in its ad server.
    SyncOrders,
    /// How the server is.
    Health,
    /// How much there is in it.
    Counters,
    /// Who did what.
    AuditLog,
    /// How a tenant is, in one answer.
    Status,
}

impl Feature {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::List,
        Self::Show,
        Self::Create,
        Self::Update,
        Self::Deactivate,
        Self::Reactivate,
        Self::ListPrincipals,
        Self::CreatePrincipal,
        Self::SyncInventory,
        Self::SyncOrders,
        Self::Health,
        Self::Counters,
        Self::AuditLog,
        Self::Status,
    ];

    /// What people read.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::List => "list tenants",
            Self::Show => "show a tenant",
            Self::Create => "create a tenant",
            Self::Update => "change a tenant",
            Self::Deactivate => "close a tenant",
            Self::Reactivate => "open a tenant again",
            Self::ListPrincipals => "list principals",
            Self::CreatePrincipal => "create a principal",
            Self::SyncInventory => "sync inventory",
            Self::SyncOrders => "sync orders",
            Self::Health => "say how it is",
            Self::Counters => "say how much there is in it",
            Self::AuditLog => "show the audit log",
            Self::Status => "show how a tenant is",
        }
    }
}

/// What was found out of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probed {
    /// Which shape it has.
    pub shape: Shape,
    /// What gave that away.
    pub evidence: String,
    /// Where tenants are created, where it says so itself.
    pub create: Option<String>,
    /// Whether it lists principals, where it says so itself.
    pub principals: bool,
    /// Whether we have the key of its sync API, which is another one.
    pub sync_key: bool,
}

/// Whether something is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Offer {
    /// What.
    pub feature: Feature,
    /// The same in words.
    pub words: String,
    /// Whether it is.
    pub offered: bool,
    /// What there is to say of that.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Probed {
    /// Whether something is offered, and what there is to say of that.
    #[must_use]
    pub fn offers(&self, feature: Feature) -> Offer {
        use Feature as F;
        let (offered, note) = match (self.shape, feature) {
            (_, F::List | F::Show | F::Create | F::Update | F::Deactivate | F::Health) => {
                (true, self.note(feature))
            }
            (Shape::Seed, F::Reactivate) => (false, "its document names no way to do that"),
            (Shape::Public, F::Reactivate) => (true, "by changing is_active"),
            (Shape::Seed, F::Status) => (false, "that is the fork's"),
            (Shape::Seed, _) | (Shape::Fork, F::Reactivate | F::AuditLog | F::Status) => (true, ""),
            (Shape::Public, F::SyncInventory) if self.sync_key => {
                (true, "by its sync API, which answers once it is over")
            }
            (Shape::Public, F::SyncInventory) => (
                false,
                "its sync API wants a key of its own: set sync_key_env",
            ),
            (Shape::Public, F::SyncOrders) => (false, "that part of its sync API is broken"),
            (Shape::Public, F::ListPrincipals | F::CreatePrincipal | F::AuditLog) => {
                (false, "documented once, and never there")
            }
            (Shape::Public, _) => (false, "it was never there"),
            (Shape::Fork, F::ListPrincipals | F::CreatePrincipal) => {
                (self.principals, "as its own description says")
            }
            (Shape::Fork, F::SyncInventory) => (true, "it refreshes everything at once"),
            (Shape::Fork, _) => (false, "it has none such"),
        };
        Offer {
            feature,
            words: feature.words().to_owned(),
            offered,
            note: note.to_owned(),
        }
    }

    fn note(&self, feature: Feature) -> &'static str {
        match (self.shape, feature) {
            (Shape::Public, Feature::Create) => "it wants authorized_emails or creator_email too",
            (Shape::Public, Feature::Update) => "what stands below features it takes no notice of",
            (Shape::Seed | Shape::Public, Feature::Deactivate) => "by DELETE without hard_delete",
            (Shape::Public, Feature::Health) => "without version and counters",
            _ => "",
        }
    }

    /// Everything that is offered, and what is not.
    #[must_use]
    pub fn table(&self) -> Vec<Offer> {
        Feature::ALL.map(|one| self.offers(one)).to_vec()
    }
}

/// What is to be done there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// To open a tenant.
    Create {
        /// What is said of it.
        fields: Map<String, Value>,
    },
    /// To change one: what is said, and nothing else.
    Update {
        /// Which, by its id there.
        tenant: String,
        /// What is said of it.
        fields: Map<String, Value>,
    },
    /// To close one.
    Deactivate {
        /// Which, by its id there.
        tenant: String,
    },
    /// To open one again.
    Reactivate {
        /// Which, by its id there.
        tenant: String,
    },
    /// To let somebody buy from one.
    CreatePrincipal {
        /// From which, by its id there.
        tenant: String,
        /// What is said of who buys.
        fields: Map<String, Value>,
    },
    /// To bring what its ad server has.
    SyncInventory {
        /// Of which, by its id there.
        tenant: String,
    },
    /// To bring what is ordered in its ad server.
    SyncOrders {
        /// Of which, by its id there.
        tenant: String,
    },
}

impl Act {
    /// What it takes of the server.
    #[must_use]
    pub fn feature(&self) -> Feature {
        match self {
            Self::Create { .. } => Feature::Create,
            Self::Update { .. } => Feature::Update,
            Self::Deactivate { .. } => Feature::Deactivate,
            Self::Reactivate { .. } => Feature::Reactivate,
            Self::CreatePrincipal { .. } => Feature::CreatePrincipal,
            Self::SyncInventory { .. } => Feature::SyncInventory,
            Self::SyncOrders { .. } => Feature::SyncOrders,
        }
    }

    /// Which tenant there it is about, if it is there already.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        match self {
            Self::Create { .. } => None,
            Self::Update { tenant, .. }
            | Self::Deactivate { tenant }
            | Self::Reactivate { tenant }
            | Self::CreatePrincipal { tenant, .. }
            | Self::SyncInventory { tenant }
            | Self::SyncOrders { tenant } => Some(tenant),
        }
    }

    /// The same without what is secret of it.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        let mut plain = self.clone();
        match &mut plain {
            Self::Create { fields }
            | Self::Update { fields, .. }
            | Self::CreatePrincipal { fields, .. } => {
                // Whatever opens something is left out, not blanked: nothing is compared with it.
                fields.retain(|name, value| {
                    !shown::is_secret(name) && *value == shown::without_secrets(value.clone())
                });
            }
            _ => {}
        }
        plain
    }

    /// What it is, for people; no values in it, some of which are secret.
    #[must_use]
    pub fn line(&self) -> String {
        let words = self.feature().words();
        match self {
            Self::Create { fields } => {
                let named = ["name", "subdomain"].into_iter();
                let named = named.filter_map(|name| fields.get(name)?.as_str());
                let named: Vec<&str> = named.collect();
                format!("{words}: {}", crate::domain::text::echo(&named.join(", ")))
            }
            Self::Update { tenant, fields } => {
                let names: Vec<&str> = fields.keys().map(String::as_str).collect();
                let names = crate::domain::text::echo(&names.join(", "));
                format!("{words}: {}: {names}", crate::domain::text::echo(tenant))
            }
            _ => {
                let tenant = self.tenant().unwrap_or_default();
                format!("{words}: {}", crate::domain::text::echo(tenant))
            }
        }
    }
}
