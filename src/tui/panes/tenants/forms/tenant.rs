//! The form of a tenant: who it is, what delivers for it, what is switched on. Sends only what
//! was changed, pinned to what was seen; what opens an ad server or is a secret address is typed
//! unseen, and told as replaced and no more.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{
    entries, fact,
    parts::{AWAY, Part, Sort, parts, slots},
    wrong,
};
use crate::{
    domain::{
        tenant::publisher::{Publisher, check_subdomain},
        when::Instant,
    },
    engine::{
        fault::Fault,
        tenants::{
            create::{CreateTenant, CreatedTenant},
            fields::TenantFields,
            own::ChangeOwn,
            update::UpdateTenant,
            view::TenantView,
        },
    },
    session::Session,
    tui::{
        clean::Clean,
        effect::{Done, PaneId, Place, Proposal, Renew, Step},
        overlays::{
            form::{Form, Rules, Values, Wrong},
            once::Shown,
        },
        panes::tenants::{acts::Whose, read, rows::server, tabs::shown},
        theme::Role,
    },
};

struct Tenant {
    /// Whose it is, and as it was seen; nothing where it is a new one.
    known: Option<(Whose, TenantView)>,
    now: Instant,
}

/// The form of a new tenant.
#[must_use]
pub fn fresh(now: Instant) -> Form {
    let usual = |name: &str| match name {
        "human_review_required" => "no",
        "billing_plan" => "standard",
        _ => "",
    };
    let slots = slots(true, "mock", |name| usual(name).to_owned());
    Form::new("Open a tenant", slots, Tenant { known: None, now })
}

/// The form of one that is there.
#[must_use]
pub fn change(of: Whose, view: TenantView, now: Instant) -> Form {
    let text = |name: &str| {
        let text = match name {
            "name" => Clean::new(&view.row.name),
            "subdomain" => Clean::new(&view.row.subdomain),
            "billing_plan" => Clean::new(&view.row.billing_plan),
            "billing_contact" => Clean::new(view.billing_contact.as_deref().unwrap_or("")),
            "ad_server_base_url" => shown(&view.adapter_config, "base_url"),
            name if view.settings.contains_key(name) => shown(&view.settings, name),
            name => shown(&view.adapter_config, name),
        };
        Some(text.to_string())
            .filter(|text| text != "-")
            .unwrap_or_default()
    };
    let slots = slots(of.keeps, view.row.ad_server.name(), text);
    let title = clean!("Change {}", of.name);
    let known = Some((of, view));
    Form::new(title, slots, Tenant { known, now })
}

impl Tenant {
    /// What a field says, where it is to be sent.
    fn sent(&self, part: &Part, values: &Values) -> Option<String> {
        let Part(name, _, _, sort, only) = part;
        if only.is_some_and(|only| only.name() != values.text("ad_server")) {
            return None;
        }
        match (sort, &self.known) {
            (Sort::Secret, _) | (_, None) => values.some(name),
            (_, Some(_)) => values.changed(name),
        }
    }

    /// All of it, as it would be sent.
    fn fields(&self, values: &Values) -> Result<TenantFields, Vec<Wrong>> {
        let (mut all, mut problems) = (Map::new(), Vec::new());
        for part in parts() {
            let Some(text) = self.sent(part, values) else {
                continue;
            };
            let value = match part.3 {
                Sort::Secret if text == AWAY => Value::String(String::new()),
                Sort::Text | Sort::Secret => Value::String(text),
                Sort::Switch => Value::Bool(text == "yes"),
                Sort::List => entries(&text).into(),
                Sort::Json if text.is_empty() => Value::Null,
                Sort::Json => match serde_json::from_str(&text) {
                    Ok(value) => value,
                    Err(_) if part.0 == "max_daily_budget" => {
                        problems.push(wrong(part.0, "is not an amount of money"));
                        continue;
                    }
                    Err(why) => {
                        problems.push(wrong(part.0, format!("is no JSON: {why}")));
                        continue;
                    }
                },
            };
            all.insert(part.0.to_owned(), value);
        }
        let read = serde_json::from_value(Value::Object(all));
        match read {
            Ok(fields) if problems.is_empty() => Ok(fields),
            Ok(_) => Err(problems),
            Err(why) => Err(vec![wrong("", why)]),
        }
    }

    /// What is said of a field before a person agrees: of a secret, only that it changes.
    fn told(&self, part: &Part, said: &str) -> Clean {
        let after = match (part.3, said) {
            (Sort::Secret, AWAY) => "taken away".into(),
            (Sort::Secret, _) if self.known.is_none() => "set, and not shown".into(),
            (Sort::Secret, _) => "replaced".into(),
            (_, "") => "nothing".into(),
            _ => Clean::new(said),
        };
        let Some((_, view)) = self.known.as_ref().filter(|_| part.3 != Sort::Secret) else {
            return after;
        };
        let before = match part.0 {
            "name" => Clean::new(&view.row.name),
            "subdomain" => Clean::new(&view.row.subdomain),
            "ad_server" => view.row.ad_server.name().into(),
            "billing_plan" => Clean::new(&view.row.billing_plan),
            "billing_contact" => Clean::new(view.billing_contact.as_deref().unwrap_or("-")),
            "ad_server_base_url" => shown(&view.adapter_config, "base_url"),
            name if view.settings.contains_key(name) => shown(&view.settings, name),
            name => shown(&view.adapter_config, name),
        };
        clean!("{before} → {after}")
    }
}

impl Rules for Tenant {
    fn has(&self, name: &str, values: &Values) -> bool {
        let part = parts().find(|part| part.0 == name);
        let only = part.and_then(|part| part.4);
        only.is_none_or(|only| only.name() == values.text("ad_server"))
    }

    fn check(&self, values: &Values) -> Vec<Wrong> {
        let fields = match self.fields(values) {
            Ok(fields) => fields,
            Err(problems) => return problems,
        };
        let mut all = Vec::new();
        if values.text("name").is_empty() {
            all.push(wrong("name", "is needed"));
        }
        let subdomain = match &self.known {
            None => Some(values.text("subdomain").to_owned()),
            Some(_) => values.changed("subdomain"),
        };
        if let Some(name) = subdomain
            && let Err(why) = check_subdomain(&name)
        {
            all.push(wrong("subdomain", why));
        }
        let Ok(id) = "unknown".parse() else {
            return all;
        };
        let mut scratch = Publisher::named(id, self.now);
        scratch.ad_server.kind = values.text("ad_server").parse().unwrap_or_default();
        for problem in fields.apply(&mut scratch).err().into_iter().flatten() {
            let field = problem.field.rsplit('.').next().unwrap_or("");
            all.push(wrong(field, &problem.message));
        }
        all
    }

    fn propose(&self, values: &Values) -> Result<Proposal, Clean> {
        let broken = |problems: Vec<Wrong>| {
            let first = problems.into_iter().next();
            first.map_or("it cannot be sent".into(), |(_, said)| said)
        };
        let fields = self.fields(values).map_err(broken)?;
        let mut lines: Vec<(Clean, Role)> = Vec::new();
        for part in parts() {
            if let Some(said) = self.sent(part, values) {
                let told = fact(part.1, &self.told(part, &said));
                lines.push((told, Role::Text));
            }
        }
        let Some((of, view)) = &self.known else {
            return Ok(open(fields, values, lines));
        };
        if lines.is_empty() {
            return Err("nothing is different".into());
        }
        let kind = values.text("ad_server");
        if kind != view.row.ad_server.name() {
            let before = server(view.row.ad_server);
            let said = clean!("What was set for {before} is forgotten, its credentials too.");
            lines.push((said, Role::Warn));
        }
        Ok(changed(of, fields, lines, view.revision))
    }
}

/// Proposes a change, pinned to a revision.
fn changed(of: &Whose, fields: TenantFields, lines: Vec<(Clean, Role)>, revision: i64) -> Proposal {
    let name = of.name.clone();
    let (place, said) = (of.place(None), clean!("{name} is changed"));
    let tell = move |_: TenantView| Done {
        place: Some(place.clone()),
        ..Done::said(said.clone())
    };
    let expected_revision = Some(revision);
    let set = fields.clone();
    let step = if of.keeps {
        of.step(
            name.clone(),
            UpdateTenant {
                set,
                expected_revision,
            },
            tell,
        )
    } else {
        of.step(
            name.clone(),
            ChangeOwn {
                set,
                expected_revision,
            },
            tell,
        )
    };
    let again = (of.clone(), fields, lines.clone());
    let renew: Renew = Arc::new(move |session: Session, _| {
        let (of, fields, lines) = again.clone();
        Box::pin(async move {
            let seen = read::tenant(session, of.tenant.clone()).await?;
            Ok::<_, Fault>(changed(&of, fields, lines, seen.view.revision))
        })
    });
    Proposal {
        title: clean!("Change {name}"),
        lines,
        typed: None,
        button: "change it",
        steps: vec![step],
        renew: Some(renew),
    }
}

/// Proposes to open a tenant.
fn open(fields: TenantFields, values: &Values, mut lines: Vec<(Clean, Role)>) -> Proposal {
    let name = Clean::new(values.text("name"));
    lines.push((
        "It begins with an admin's key and a first principal: both are shown once.".into(),
        Role::Muted,
    ));
    let said = clean!("{name} is open");
    let door = |session: Session| session.for_tenant(&crate::domain::tenant::caller::house());
    let step = Step::by(
        name.clone(),
        door,
        CreateTenant(fields),
        move |made: CreatedTenant| {
            let place = Some(Place {
                pane: PaneId::Tenants,
                objects: vec![made.tenant.tenant_id.to_string()],
            });
            let principal = made.default_principal_id.unwrap_or_default();
            let secrets = [
                ("the admin's key".into(), made.admin_token),
                (
                    clean!("token of the principal {principal}"),
                    made.default_principal_token,
                ),
            ];
            let secrets: Vec<_> = secrets
                .into_iter()
                .filter_map(|(what, secret)| Some((what, secret?)))
                .collect();
            if secrets.is_empty() {
                let said =
                    clean!("{said}, but its keys were shown before: rotate them to see others");
                return Done {
                    place,
                    ..Done::said(said)
                };
            }
            let shown = Shown {
                title: said.clone(),
                secrets,
                lines: vec![clean!("Its id is {}.", made.tenant.tenant_id)],
            };
            Done {
                place,
                shown: Some(shown),
                ..Done::said(said.clone())
            }
        },
    );
    Proposal {
        title: clean!("Open {name}"),
        lines,
        typed: None,
        button: "open it",
        steps: vec![step],
        renew: None,
    }
}
