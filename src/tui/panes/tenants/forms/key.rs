//! The form in which a key is made: whom it is for, what it may at most, and for how long.

use std::collections::BTreeSet;

use super::{entries, fact, wrong};
use crate::{
    domain::{
        policy::{Permission, allows},
        tenant::role,
        text,
    },
    engine::keys::{MadeKey, make::MakeKey},
    tui::{
        clean::Clean,
        effect::{Done, Proposal},
        overlays::form::{Form, Kind, Rules, Slot, Values, Wrong},
        panes::tenants::acts::{Whose, once},
        theme::Role,
    },
};

/// The roles that a key of a tenant may have.
const ROLES: &[&str] = &[
    "viewer",
    "trafficker",
    "approver",
    "admin",
    "on-call",
    "buyer",
];
/// The longest life of a key that ends, in days.
const MOST_DAYS: u32 = 3660;

struct Key(Whose);

/// The form.
#[must_use]
pub fn form(of: Whose) -> Form {
    let slots = vec![
        Slot::line(
            "name",
            "for",
            "who it is, as the audit trail names them",
            "",
        ),
        Slot::new(
            "role",
            "role",
            "what they may do",
            Kind::Choice(ROLES),
            "viewer",
        ),
        Slot::line(
            "scopes",
            "narrowed to",
            "such as buys:read, pacing:steer; nothing means everything that the role may",
            "",
        ),
        Slot::line("days", "ends after days", "nothing means never", ""),
    ];
    Form::new(clean!("Make a key of {}", of.name), slots, Key(of))
}

fn days(values: &Values) -> Result<Option<u32>, &'static str> {
    let text = values.text("days");
    if text.is_empty() {
        return Ok(None);
    }
    let days = text.parse::<u32>().ok();
    let days = days.filter(|days| (1..=MOST_DAYS).contains(days));
    days.map(Some)
        .ok_or("is not a number of days from 1 to 3660")
}

impl Rules for Key {
    fn check(&self, values: &Values) -> Vec<Wrong> {
        let mut all = Vec::new();
        if let Err(why) = text::check_line(values.text("name"), 100) {
            all.push(wrong("name", why));
        }
        let role = values.text("role").parse::<role::Role>();
        for scope in entries(values.text("scopes")) {
            match (scope.parse::<Permission>(), role) {
                (Err(why), _) => all.push(wrong("scopes", format!("{} {why}", text::echo(&scope)))),
                (Ok(scope), Ok(role)) if !allows(role, scope) => {
                    let said = format!("{scope} is nothing that the role may");
                    all.push(wrong("scopes", said));
                }
                _ => {}
            }
        }
        all.extend(days(values).err().map(|why| wrong("days", why)));
        all
    }

    fn propose(&self, values: &Values) -> Result<Proposal, Clean> {
        let of = &self.0;
        let name = Clean::new(values.text("name"));
        let scopes: BTreeSet<String> = entries(values.text("scopes")).into_iter().collect();
        let days = days(values)?;
        let operation = MakeKey {
            name: values.text("name").to_owned(),
            role: values.text("role").to_owned(),
            scopes: scopes.iter().cloned().collect(),
            expires_in_seconds: days.map(|days| days * 24 * 60 * 60),
        };
        let role = Clean::new(values.text("role"));
        let may = match scopes.len() {
            0 => "everything that the role may".into(),
            _ => clean!("{}", entries(values.text("scopes")).join(", ")),
        };
        let ends = days.map_or("never".into(), |days| clean!("in {days} days"));
        let lines = [
            ("for", &name),
            ("role", &role),
            ("may", &may),
            ("ends", &ends),
            ("tenant", &of.name),
        ];
        let mut lines: Vec<(Clean, Role)> = lines
            .into_iter()
            .map(|(label, value)| (fact(label, value), Role::Text))
            .collect();
        lines.push(("It is shown once.".into(), Role::Muted));
        let place = of.place(None);
        let said = clean!("{name} has a key");
        let what = clean!("key of {name}, {role}");
        let step = of.step(name.clone(), operation, move |made: MadeKey| Done {
            place: Some(place.clone()),
            ..once(said.clone(), what.clone(), made.key, Vec::new())
        });
        Ok(Proposal {
            title: clean!("Make a key for {name}"),
            lines,
            typed: None,
            button: "make it",
            steps: vec![step],
            renew: None,
        })
    }
}
