//! Does something at the tenant-management server of another house: kept under a mark first, sent
//! once, and told as it is shown there afterwards. What it opens with is shown once, to whoever
//! asked first, and kept nowhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{carry, set_up};
use crate::{
    domain::{
        booking::upstream::differ::Disagreement,
        ids::ChangeId,
        policy::Permission,
        problem::{Code, Problem},
        tenant::{
            caller::Caller,
            secret::Secret,
            server::{
                Act,
                errand::{ServerErrand, Way},
                shown::ServerTenant,
            },
        },
    },
    engine::{
        core::Core,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// The most that is sent at once, in bytes of JSON.
const LARGEST: usize = 64 * 1024;

/// Does something at the tenant-management server of another house.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ActOnServer(pub Act);

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is on its way.
    #[default]
    Underway,
    /// It is shown there as it was sent.
    Applied,
    /// It was taken, and is not shown there as it was sent.
    NotApplied,
    /// It was taken, and nothing shows what came of it.
    Taken,
}

impl Outcome {
    /// What people read.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Underway => "on its way",
            Self::Applied => "done, and shown there so",
            Self::NotApplied => "accepted, and not applied",
            Self::Taken => "accepted; what came of it is not shown",
        }
    }
}

/// What came of something that was done there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ActedOnServer")]
pub struct Acted {
    /// Under which id it was sent.
    pub errand: String,
    /// What it was.
    pub line: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What the server said.
    pub said: String,
    /// The tenant as it is shown now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<ServerTenant>,
    /// Where what was sent and what is shown are not the same.
    pub differs: Vec<Disagreement>,
    /// Of what was sent, what the server does not show.
    pub not_shown: Vec<String>,
    /// What is shown once, by its name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<ShownOnce>,
    /// What is sent, by whoever asked first.
    #[serde(skip)]
    #[schemars(skip)]
    pub act: Option<Act>,
}

/// Something that is shown once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShownOnce {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub value: Secret,
}

/// Refuses what could not be meant.
fn check(act: &Act) -> Result<(), Fault> {
    let wrong = |field: &str, code: &'static str, said: &str| {
        Err(Fault::field(Problem::new(field, Code::new(code), said)))
    };
    let fields: Option<&Map<String, Value>> = match act {
        Act::Create { fields }
        | Act::Update { fields, .. }
        | Act::CreatePrincipal { fields, .. } => Some(fields),
        _ => None,
    };
    if act
        .tenant()
        .is_some_and(|id| id.is_empty() || id.len() > 200)
    {
        return wrong("tenant", "INVALID_TENANT", "is no id of a tenant");
    }
    let Some(fields) = fields else { return Ok(()) };
    if fields.is_empty() {
        return wrong("fields", "MISSING_FIELD", "say nothing");
    }
    if serde_json::to_string(fields).is_ok_and(|text| text.len() > LARGEST) {
        return wrong("fields", "TOO_LARGE", "are more than anybody sends");
    }
    let named = |name: &str| fields.get(name).and_then(Value::as_str).is_some();
    if let Act::Create { .. } = act {
        for name in ["name", "subdomain"] {
            if !named(name) {
                return wrong(name, "MISSING_FIELD", "is missing");
            }
        }
    }
    Ok(())
}

impl Operation for ActOnServer {
    const NAME: &'static str = "tenants.upstream_act";
    const ABOUT: &'static str = "Do something at the tenant-management server of another house, and read back what came of it.";
    const KIND: Kind = Kind::Command(Permission::ManageTenants);
    type Output = Acted;

    async fn perform(self, work: &mut Work<'_>) -> Result<Acted, Fault> {
        set_up(work.desk())?;
        check(&self.0)?;
        let plain = self.0.without_secrets();
        // A change of which some cannot be seen is never told by what is shown.
        let can_be_told = !matches!(self.0, Act::Update { .. }) || plain == self.0;
        let errand = ServerErrand {
            id: work.mint::<ChangeId>(),
            line: self.0.line(),
            by: work.caller().name.clone(),
            act: can_be_told.then_some(plain),
            state: Way::Kept,
        };
        work.create_in_house(&errand)?;
        work.about(format!("server_errand/{}", errand.id));
        Ok(Acted {
            errand: errand.id.to_string(),
            line: errand.line,
            act: Some(self.0),
            ..Acted::default()
        })
    }

    async fn finished(core: &Core, _: &Caller, output: Acted) -> Result<Acted, Fault> {
        carry::finished(core, output).await
    }
}
