//! The forms for the tenant-management server of another house: a tenant that is opened or changed
//! there, and a principal. What each server knows beside the usual goes in as JSON; only what was
//! changed is sent. Proposes; sends nothing.

use serde_json::{Map, Value};

use super::{entries, fact, wrong};
use crate::{
    domain::tenant::server::{Act, shown::ServerTenant},
    tui::{
        clean::Clean,
        effect::Proposal,
        overlays::form::{Form, Kind, Rules, Slot, Values, Wrong},
        panes::tenants::upstream::proposal,
        theme::Role,
    },
};

/// The ad servers by the names that the known servers have for them.
const SERVERS: &[&str] = &[
    "mock",
    "google_ad_manager",
    "kevel",
    "triton_digital",
    "triton",
];
/// What is typed as JSON.
const MORE: &str = "more";
/// What is typed as a list.
const EMAILS: &str = "authorized_emails";
/// What is told of each, in this order.
const LABELS: [(&str, &str); 8] = [
    ("name", "name"),
    ("subdomain", "subdomain"),
    ("ad_server", "ad server"),
    ("billing_plan", "plan"),
    ("billing_contact", "billing contact"),
    (EMAILS, "emails let in"),
    ("gam_advertiser_id", "GAM advertiser"),
    (MORE, "more"),
];

/// What is filled in.
enum What {
    /// A new tenant.
    Open,
    /// One that is there.
    Change(ServerTenant),
    /// Who buys from one.
    Principal(ServerTenant),
}

struct Elsewhere {
    what: What,
    /// What people call the server.
    server: String,
}

fn more(about: &'static str) -> Slot {
    Slot::line(MORE, "more", about, "")
}

/// The form of a new tenant there.
#[must_use]
pub fn open(server: &str) -> Form {
    let line = Slot::line;
    let slots = vec![
        line("name", "name", "what people call it", ""),
        line("subdomain", "subdomain", "where it is reached", ""),
        Slot::new(
            "ad_server",
            "ad server",
            "what delivers",
            Kind::Choice(SERVERS),
            "mock",
        ),
        line("billing_plan", "plan", "as that server names its plans", ""),
        line(
            EMAILS,
            "emails let in",
            "with commas; the public server wants one",
            "",
        ),
        more("JSON, such as {\"human_review_required\": true}"),
    ];
    let rules = Elsewhere {
        what: What::Open,
        server: server.to_owned(),
    };
    Form::new(clean!("Open a tenant at {server}"), slots, rules)
}

/// The form of one that is there.
#[must_use]
pub fn change(one: &ServerTenant, server: &str) -> Form {
    let known = |name: &str| one.more.get(name).and_then(Value::as_str).unwrap_or("");
    let line = Slot::line;
    let slots = vec![
        line("name", "name", "what people call it", &one.name),
        line(
            "billing_plan",
            "plan",
            "as that server names its plans",
            known("billing_plan"),
        ),
        line(
            "billing_contact",
            "billing contact",
            "an address",
            known("billing_contact"),
        ),
        line(
            EMAILS,
            "emails let in",
            "with commas; empty leaves them",
            "",
        ),
        more("JSON: whatever else is to be changed"),
    ];
    let rules = Elsewhere {
        what: What::Change(one.clone()),
        server: server.to_owned(),
    };
    Form::new(clean!("Change {} at {server}", one.name), slots, rules)
}

/// The form of a principal of one.
#[must_use]
pub fn principal(one: &ServerTenant, server: &str) -> Form {
    let line = Slot::line;
    let slots = vec![
        line("name", "name", "what people call it", ""),
        line(
            "gam_advertiser_id",
            "GAM advertiser",
            "what Google Ad Manager calls it",
            "",
        ),
        more("JSON, such as {\"platform_mappings\": {}}"),
    ];
    let rules = Elsewhere {
        what: What::Principal(one.clone()),
        server: server.to_owned(),
    };
    let title = clean!("Let somebody buy from {} at {server}", one.name);
    Form::new(title, slots, rules)
}

impl Elsewhere {
    /// What a field says, where it is to be sent.
    fn sent(&self, name: &str, values: &Values) -> Option<String> {
        match self.what {
            What::Change(_) => values.changed(name),
            What::Open | What::Principal(_) => values.some(name),
        }
    }

    fn fields(&self, values: &Values) -> Result<Map<String, Value>, Wrong> {
        let mut all = match values.text(MORE) {
            "" => Map::new(),
            text => serde_json::from_str(text)
                .map_err(|why| wrong(MORE, format!("is no JSON object: {why}")))?,
        };
        for (name, _) in LABELS {
            let Some(said) = self.sent(name, values).filter(|_| name != MORE) else {
                continue;
            };
            let value = if name == EMAILS {
                entries(&said).into()
            } else {
                Value::String(said)
            };
            all.insert(name.to_owned(), value);
        }
        Ok(all)
    }

    fn act(&self, fields: Map<String, Value>) -> Act {
        match &self.what {
            What::Open => Act::Create { fields },
            What::Change(one) => Act::Update {
                tenant: one.tenant_id.clone(),
                fields,
            },
            What::Principal(one) => Act::CreatePrincipal {
                tenant: one.tenant_id.clone(),
                fields,
            },
        }
    }
}

impl Rules for Elsewhere {
    fn check(&self, values: &Values) -> Vec<Wrong> {
        let mut all: Vec<Wrong> = self.fields(values).err().into_iter().collect();
        if values.text("name").is_empty() {
            all.push(wrong("name", "is needed"));
        }
        if matches!(self.what, What::Open) && values.text("subdomain").is_empty() {
            all.push(wrong("subdomain", "is needed"));
        }
        all
    }

    fn propose(&self, values: &Values) -> Result<Proposal, Clean> {
        let fields = self.fields(values).map_err(|(_, said)| said)?;
        if fields.is_empty() {
            return Err("nothing is different".into());
        }
        let mut lines: Vec<(Clean, Role)> = Vec::new();
        for (name, label) in LABELS {
            if let Some(said) = self.sent(name, values).filter(|_| name != MORE) {
                let said = if said.is_empty() { "nothing" } else { &said };
                lines.push((fact(label, &Clean::new(said)), Role::Text));
            }
        }
        if values.some(MORE).is_some() {
            let told = |name: &str| {
                let mut labels = LABELS.iter();
                labels.any(|(known, _)| *known == name && self.sent(known, values).is_some())
            };
            let own = |name: &&String| !told(name);
            let names: Vec<&str> = fields.keys().filter(own).map(String::as_str).collect();
            // Some of what stands there may be secret.
            lines.push((fact("more", &Clean::new(&names.join(", "))), Role::Text));
        }
        let called = match &self.what {
            What::Open => values.text("name").to_owned(),
            What::Change(one) | What::Principal(one) => format!("{} ({})", one.name, one.tenant_id),
        };
        Ok(proposal(&self.act(fields), &called, &self.server, lines))
    }
}
