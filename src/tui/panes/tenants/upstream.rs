//! The tenant-management server of another house, on a key of the pane: its tenants to choose from,
//! what it is and offers, and what can be done to each there. What it does not offer stands there
//! as that. Proposes; sends nothing.

use serde_json::Value;

use super::{Tenants, forms::elsewhere};
use crate::{
    domain::{
        booking::upstream::differ::Disagreement,
        tenant::{
            caller::house,
            server::{Act, Feature, Offer, shown::ServerTenant},
        },
    },
    engine::{
        fault::Fault,
        tenants::upstream::{
            act::{ActOnServer, Acted, Outcome},
            view::{ServerTenantView, ServerView, ShowServer, ShowServerTenant},
        },
    },
    session::Session,
    tui::{
        clean::Clean,
        consent::Consent,
        effect::{Ctx, Done, Effect, Proposal, Reply, Step, Ticket},
        live::Taken,
        overlays::{menu::Menu, once::Shown, prompt::Purpose, ways::Choice},
        theme::Role,
    },
};

/// How many lines of a tenant's audit log are asked for.
const LINES: u32 = 20;
/// How many principals and lines are shown.
const MOST: usize = 40;

/// What is shown of an entry of a list.
const FIRST: [&str; 6] = [
    "name",
    "principal_id",
    "timestamp",
    "occurred_at",
    "operation",
    "action",
];

/// Reads what it is.
async fn read(session: Session) -> Result<ServerView, Fault> {
    let there = session.for_tenant(&house())?;
    there.ask(ShowServer::default()).await
}

impl Tenants {
    /// Asks what it is, to show it.
    pub(super) fn ask_server(&mut self, ctx: &mut Ctx<'_>) {
        self.server.forget();
        self.server.ask_with(ctx, read);
    }

    /// Asks for one of its tenants, to show it.
    pub(super) fn ask_server_tenant(&mut self, tenant: &str, ctx: &mut Ctx<'_>) {
        self.server_tenant.forget();
        let tenant = tenant.to_owned();
        self.server_tenant
            .ask_with(ctx, move |session: Session| async move {
                let there = session.for_tenant(&house())?;
                let audit = LINES;
                there.ask(ShowServerTenant { tenant, audit }).await
            });
    }

    /// Takes an answer, if it is its own, and shows it.
    pub(super) fn server_reply(
        &mut self,
        ticket: Ticket,
        reply: &mut Option<Reply>,
        ctx: &mut Ctx<'_>,
    ) {
        if self.server_tenant.take(ticket, reply, ctx.now) != Taken::Other {
            if let Some(view) = self.server_tenant.take_value() {
                ctx.want(Effect::Open(Box::new(in_full(&view))));
            } else if let Some(fault) = self.server_tenant.fault() {
                ctx.toast(Clean::new(&fault.message), Role::Warn);
            }
            return;
        }
        if self.server.take(ticket, reply, ctx.now) == Taken::Other {
            return;
        }
        if let Some(view) = self.server.take_value() {
            ctx.want(Effect::Open(Box::new(directory(view))));
        } else if let Some(fault) = self.server.fault() {
            ctx.toast(Clean::new(&fault.message), Role::Warn);
        }
    }
}

/// Its tenants, behind what it is.
fn directory(view: ServerView) -> Menu {
    let about = view.age_seconds.map_or("not asked yet".to_owned(), |age| {
        crate::engine::upstream::ago(age)
    });
    let state = match &view.trouble {
        Some(_) => clean!("{} away, {about}", view.name),
        None => clean!("{}, {about}", view.name),
    };
    let open = view.offer(Feature::Create).cloned();
    let mut items = vec![
        clean!("what it is, and what it offers"),
        match &open {
            Some(offer) => clean!("{}{}", offer.words, unoffered(offer)),
            None => clean!("{}: not known", Feature::Create.words()),
        },
    ];
    let rows = view.tenants.iter();
    items.extend(rows.map(|one| {
        clean!(
            "{} ({}), {}, {}",
            one.name,
            one.tenant_id,
            one.state(),
            one.ad_server
        )
    }));
    Menu::new(state, items, move |at, ctx| {
        let chosen = at.checked_sub(2).and_then(|at| view.tenants.get(at));
        match chosen {
            None if at == 1 && is_refused(open.as_ref(), &view.name, ctx) => {}
            None if at == 1 => ctx.want(Effect::Open(Box::new(elsewhere::open(&view.name)))),
            None => ctx.want(Effect::Open(Box::new(about_it(&view)))),
            Some(one) => ctx.want(Effect::Open(Box::new(deeds(one, &view)))),
        }
    })
}

/// That something is not offered, behind its words.
fn unoffered(offer: &Offer) -> String {
    if offer.offered {
        String::new()
    } else {
        format!(": not offered {}", noted(offer))
    }
}

/// Says that something is not offered, if it is not.
fn is_refused(offer: Option<&Offer>, name: &str, ctx: &mut Ctx<'_>) -> bool {
    let Some(offer) = offer.filter(|offer| !offer.offered) else {
        return false;
    };
    let said = clean!("{name} does not offer this: to {}", offer.words);
    ctx.toast(said, Role::Warn);
    true
}

/// What it is, and what it offers.
fn about_it(view: &ServerView) -> Choice {
    let mut lines = vec![(Clean::from(view.sentence()), Role::Text)];
    for offer in &view.offers {
        lines.push(if offer.offered {
            (clean!("  {} {}", offer.words, noted(offer)), Role::Good)
        } else {
            let said = clean!("  {}: not offered {}", offer.words, noted(offer));
            (said, Role::Muted)
        });
    }
    let health = view.health.iter();
    lines.extend(health.map(|(name, value)| (clean!("  {name} {value}"), Role::Muted)));
    Choice::new(Clean::new(&view.name), lines, Vec::new())
}

fn noted(offer: &Offer) -> String {
    if offer.note.is_empty() {
        String::new()
    } else {
        format!("({})", offer.note)
    }
}

/// What can be done to one of its tenants.
fn deeds(one: &ServerTenant, view: &ServerView) -> Menu {
    let tenant = one.tenant_id.clone();
    let turn = if one.is_active == Some(false) {
        Act::Reactivate {
            tenant: tenant.clone(),
        }
    } else {
        Act::Deactivate {
            tenant: tenant.clone(),
        }
    };
    let acts = [
        turn,
        Act::SyncInventory {
            tenant: tenant.clone(),
        },
        Act::SyncOrders { tenant },
    ];
    // What is filled in first.
    let typed = [Feature::Update, Feature::CreatePrincipal];
    let features = acts.iter().map(Act::feature).chain(typed);
    let offered: Vec<(Feature, Option<Offer>)> = features
        .map(|feature| (feature, view.offer(feature).cloned()))
        .collect();
    let mut items = vec![clean!("{}", Feature::Show.words())];
    items.extend(offered.iter().map(|(feature, offer)| match offer {
        Some(offer) => clean!("{}{}", offer.words, unoffered(offer)),
        None => clean!("{}: not known", feature.words()),
    }));
    let (one, name) = (one.clone(), view.name.clone());
    Menu::new(Clean::new(&one.name), items, move |at, ctx| {
        let Some(at) = at.checked_sub(1) else {
            return ctx.want(Effect::Typed(Purpose::Picked, one.tenant_id.clone()));
        };
        let Some((feature, offer)) = offered.get(at) else {
            return;
        };
        if is_refused(offer.as_ref(), &name, ctx) {
            return;
        }
        match (acts.get(at), feature) {
            (Some(act), _) => ctx.want(Effect::Propose(propose(&one, act, &name))),
            (None, Feature::Update) => {
                ctx.want(Effect::Open(Box::new(elsewhere::change(&one, &name))));
            }
            (None, _) => ctx.want(Effect::Open(Box::new(elsewhere::principal(&one, &name)))),
        }
    })
}

/// One of its tenants in full, with who buys from it and who did what.
fn in_full(view: &ServerTenantView) -> Choice {
    let one = &view.tenant;
    let mut lines = vec![
        (
            clean!("{} under {}", one.tenant_id, one.subdomain),
            Role::Text,
        ),
        (clean!("{}, {}", one.state(), one.ad_server), Role::Text),
        (clean!("since {}", one.created_at), Role::Muted),
    ];
    let more = one.more.iter();
    lines.extend(more.map(|(name, value)| (clean!("{name} {value}"), Role::Muted)));
    if let Some(principals) = &view.principals {
        let count = principals.len();
        lines.push((clean!("{count} principals"), Role::Text));
        let each = principals.iter().take(MOST);
        lines.extend(each.map(|one| (clean!("  {}", entry(one)), Role::Muted)));
    }
    if let Some(audit) = &view.audit {
        lines.push((clean!("the last that was done"), Role::Text));
        let each = audit.iter().take(MOST);
        lines.extend(each.map(|one| (clean!("  {}", entry(one)), Role::Muted)));
    }
    let none = view.not_offered.iter();
    lines.extend(none.map(|offer| {
        let said = clean!("{}: not offered {}", offer.words, noted(offer));
        (said, Role::Muted)
    }));
    Choice::new(Clean::new(&one.name), lines, Vec::new())
}

/// An entry of a list, whatever it is made of: what it is called first.
fn entry(one: &Value) -> String {
    let Some(fields) = one.as_object() else {
        return one.to_string();
    };
    let said = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let first = FIRST.iter().filter_map(|name| fields.get(*name));
    let first: Vec<String> = first.map(said).collect();
    if first.is_empty() {
        return one.to_string();
    }
    first.join(", ")
}

fn propose(one: &ServerTenant, act: &Act, name: &str) -> Proposal {
    let close = matches!(act, Act::Deactivate { .. });
    let called = format!("{} ({})", one.name, one.tenant_id);
    let mut proposal = proposal(act, &called, name, Vec::new());
    if close {
        let said = "Whoever buys from it there is not let in any more.";
        proposal.lines.push((said.into(), Role::Warn));
        proposal.typed = Some(Consent::name(&one.tenant_id, &one.tenant_id));
    }
    proposal
}

/// Proposes to have something done there.
pub(super) fn proposal(act: &Act, called: &str, name: &str, facts: Vec<(Clean, Role)>) -> Proposal {
    let words = act.feature().words();
    let door = |session: Session| session.for_tenant(&house());
    let step = Step::by(
        Clean::new(called),
        door,
        ActOnServer(act.clone()),
        |acted: Acted| told(&acted),
    );
    let mut lines = vec![(clean!("{name} is asked to {words}: {called}"), Role::Text)];
    lines.extend(facts);
    lines.push((
        "It is sent once, and what is told is what is shown there afterwards.".into(),
        Role::Muted,
    ));
    Proposal {
        title: clean!("{words} at {name}"),
        lines,
        typed: None,
        button: "send it",
        steps: vec![step],
        renew: None,
    }
}

/// What came of it.
fn told(acted: &Acted) -> Done {
    let differs = acted.differs.iter().map(Disagreement::sentence);
    let differs: Vec<String> = differs.collect();
    let said = match acted.outcome {
        Outcome::NotApplied => clean!("{}: {}", acted.outcome.words(), differs.join("; ")),
        _ => clean!("{}: {}", acted.line, acted.outcome.words()),
    };
    if acted.secrets.is_empty() {
        return Done::said(said);
    }
    let secrets = acted.secrets.iter();
    let shown = Shown {
        title: said.clone(),
        secrets: secrets
            .map(|one| (Clean::new(&one.name), one.value.clone()))
            .collect(),
        lines: Vec::new(),
    };
    Done {
        shown: Some(shown),
        ..Done::said(said)
    }
}
