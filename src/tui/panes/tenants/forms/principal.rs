//! The form of a principal: who buys from the tenant, as what, and what other systems call it.
//! A token of its own is typed unseen, and only by those who may choose one.

use serde_json::{Map, Value};

use super::{fact, wrong};
use crate::{
    domain::{
        tenant::{
            key::check_chosen,
            principal::{ADVERTISER, role_of},
            secret::Secret,
        },
        text,
    },
    engine::tenants::principals::{
        PrincipalView, WithToken, change::UpdatePrincipal, create::CreatePrincipal,
    },
    tui::{
        clean::Clean,
        effect::{Done, Proposal, Step},
        overlays::form::{Form, Kind, Rules, Slot, Values, Wrong},
        panes::tenants::{
            acts::{Whose, once},
            lists::advertiser,
        },
        theme::Role,
    },
};

/// The roles that a principal may have.
const ROLES: &[&str] = &["buyer", "admin"];

struct Principal {
    of: Whose,
    /// The one that is changed; none where it is a new one.
    known: Option<PrincipalView>,
}

/// The form for a new one.
#[must_use]
pub fn fresh(of: Whose) -> Form {
    let title = clean!("Add a principal of {}", of.name);
    let mut slots = vec![Slot::line("name", "name", "what people call it", "")];
    slots.push(Slot::line(
        "principal_id",
        "asks as",
        "the name in trails and orders; made of the other where you leave it empty",
        "",
    ));
    slots.extend(common("buyer", "", ""));
    if of.keeps {
        slots.push(Slot::hidden(
            "access_token",
            "token of its own",
            "nothing means that one is made and shown once",
        ));
    }
    Form::new(title, slots, Principal { of, known: None })
}

/// The form of one that is there.
#[must_use]
pub fn change(of: Whose, known: PrincipalView) -> Form {
    let title = clean!("Change {} of {}", known.name, of.name);
    let mut others = known.platform_mappings.clone();
    others.remove(ADVERTISER);
    let others = match others.len() {
        0 => String::new(),
        _ => Value::Object(others).to_string(),
    };
    let mut slots = vec![Slot::line(
        "name",
        "name",
        "what people call it",
        &known.name,
    )];
    slots.extend(common(
        &known.role.to_string(),
        &advertiser(&known),
        &others,
    ));
    let known = Some(known);
    Form::new(title, slots, Principal { of, known })
}

fn common(role: &str, advertiser: &str, mappings: &str) -> [Slot; 3] {
    [
        Slot::new(
            "role",
            "role",
            "an admin may do what the tenant's own admin may",
            Kind::Choice(ROLES),
            role,
        ),
        Slot::line(
            ADVERTISER,
            "GAM advertiser",
            "what Google Ad Manager calls it",
            advertiser,
        ),
        Slot::line(
            "platform_mappings",
            "other mappings",
            "JSON, such as {\"kevel_advertiser_id\": 7}",
            mappings,
        ),
    ]
}

fn mappings(values: &Values) -> Result<Map<String, Value>, String> {
    match values.text("platform_mappings") {
        "" => Ok(Map::new()),
        text => serde_json::from_str(text).map_err(|why| format!("is no JSON object: {why}")),
    }
}

fn gam(values: &Values) -> Value {
    match values.text(ADVERTISER) {
        "" => Value::Null,
        text => Value::String(text.to_owned()),
    }
}

impl Principal {
    fn create(&self, values: &Values, name: &Clean) -> Result<Step, Clean> {
        let operation = CreatePrincipal {
            name: values.text("name").to_owned(),
            principal_id: values.some("principal_id"),
            gam_advertiser_id: Some(gam(values)).filter(|id| !id.is_null()),
            platform_mappings: mappings(values).map_err(|why| clean!("{why}"))?,
            role: Some(values.text("role").to_owned()),
            access_token: values.some("access_token").map(Secret::new),
        };
        let of = self.of.clone();
        let said = clean!("{name} may buy from {}", of.name);
        let chosen = operation.access_token.is_some();
        let step = self
            .of
            .step(name.clone(), operation, move |made: WithToken| {
                let id = made.principal.principal_id;
                let place = Some(of.place(Some(&id)));
                if chosen {
                    // Whoever chose it knows it.
                    return Done {
                        place,
                        ..Done::said(said.clone())
                    };
                }
                let what = clean!("token of {}", made.principal.name);
                let more = vec![clean!("It asks as {id}.")];
                Done {
                    place,
                    ..once(said.clone(), what, made.access_token, more)
                }
            });
        Ok(step)
    }

    fn update(&self, known: &PrincipalView, values: &Values, name: &Clean) -> Result<Step, Clean> {
        let mapped = values.changed("platform_mappings");
        let platform_mappings = match mapped {
            Some(_) => Some(mappings(values).map_err(|why| clean!("{why}"))?),
            None => None,
        };
        // It is one of the mappings: whoever replaces those says it again as it was.
        let named = match values.changed(ADVERTISER) {
            Some(_) => Some(gam(values)),
            None if platform_mappings.is_some() => known.gam_advertiser_id.clone(),
            None => None,
        };
        let operation = UpdatePrincipal {
            principal_id: known.principal_id.clone(),
            name: values.changed("name"),
            gam_advertiser_id: named,
            platform_mappings,
            role: values.changed("role"),
        };
        let place = self.of.place(Some(&known.principal_id));
        let said = clean!("{name} is changed");
        Ok(self.of.step(name.clone(), operation, move |_| Done {
            place: Some(place.clone()),
            ..Done::said(said.clone())
        }))
    }
}

impl Rules for Principal {
    fn check(&self, values: &Values) -> Vec<Wrong> {
        let mut all = Vec::new();
        if let Err(why) = text::check_line(values.text("name"), 100) {
            all.push(wrong("name", why));
        }
        all.extend(
            mappings(values)
                .err()
                .map(|why| wrong("platform_mappings", why)),
        );
        if let Some(token) = values.some("access_token")
            && let Err(why) = check_chosen(&token)
        {
            all.push(wrong("access_token", why));
        }
        all
    }

    fn propose(&self, values: &Values) -> Result<Proposal, Clean> {
        let name = Clean::new(values.text("name"));
        let mut lines: Vec<(Clean, Role)> = Vec::new();
        for (slot, label) in [
            ("name", "name"),
            ("principal_id", "asks as"),
            ("role", "role"),
            (ADVERTISER, "GAM advertiser"),
            ("platform_mappings", "other mappings"),
        ] {
            let said = match &self.known {
                None => values.some(slot),
                Some(_) => values.changed(slot),
            };
            let empty = || "nothing".to_owned();
            let said = said.map(|said| if said.is_empty() { empty() } else { said });
            lines.extend(said.map(|said| (fact(label, &Clean::new(&said)), Role::Text)));
        }
        if lines.is_empty() {
            return Err("nothing is different".into());
        }
        let role = Some(values.text("role")).filter(|role| *role == "admin");
        let mapped = mappings(values).unwrap_or_default();
        if role_of(&mapped, role).name() == "admin" {
            let said = "As an admin it may do whatever the tenant's own admin may.";
            lines.push((said.into(), Role::Warn));
        }
        lines.push((
            clean!("of {} ({})", self.of.name, self.of.tenant),
            Role::Muted,
        ));
        let (title, button, step) = match &self.known {
            None => (clean!("Add {name}"), "add", self.create(values, &name)?),
            Some(known) => {
                let step = self.update(known, values, &name)?;
                (clean!("Change {name}"), "change", step)
            }
        };
        Ok(Proposal {
            title,
            lines,
            typed: None,
            button,
            steps: vec![step],
            renew: None,
        })
    }
}
