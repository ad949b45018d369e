//! The tenant-management server of another house, on a key of the pane: its tenants to choose from,
//! what it is and offers, and what can be done to each there. What it does not offer stands there
//! as that. Proposes; sends nothing.

use super::{Tenants, acts::once};
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
            view::{ServerView, ShowServer},
        },
    },
    session::Session,
    tui::{
        clean::Clean,
        effect::{Ctx, Done, Effect, Proposal, Reply, Step, Ticket},
        live::Taken,
        overlays::{menu::Menu, ways::Choice},
        theme::Role,
    },
};

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

    /// Takes an answer, if it is its own, and shows it.
    pub(super) fn server_reply(
        &mut self,
        ticket: Ticket,
        reply: &mut Option<Reply>,
        ctx: &mut Ctx<'_>,
    ) {
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
    let mut items = vec![clean!("what it is, and what it offers")];
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
        let chosen = at.checked_sub(1).and_then(|at| view.tenants.get(at));
        match chosen {
            None => ctx.want(Effect::Open(Box::new(about_it(&view)))),
            Some(one) => ctx.want(Effect::Open(Box::new(deeds(one, &view)))),
        }
    })
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
    let offer = |act: &Act| view.offer(act.feature()).cloned();
    let words = |act: &Act| match offer(act) {
        Some(offer) if offer.offered => clean!("{}", offer.words),
        Some(offer) => clean!("{}: not offered {}", offer.words, noted(&offer)),
        None => clean!("{}: not known", act.feature().words()),
    };
    let mut items = vec![clean!("{}", Feature::Show.words())];
    items.extend(acts.iter().map(words));
    let offered: Vec<Option<Offer>> = acts.iter().map(offer).collect();
    let (one, name) = (one.clone(), view.name.clone());
    Menu::new(Clean::new(&one.name), items, move |at, ctx| {
        let Some(at) = at.checked_sub(1) else {
            return ctx.want(Effect::Open(Box::new(in_full(&one))));
        };
        let Some((act, offer)) = acts.get(at).zip(offered.get(at)) else {
            return;
        };
        match offer {
            Some(offer) if !offer.offered => {
                let said = clean!("{name} does not offer this: to {}", offer.words);
                ctx.toast(said, Role::Warn);
            }
            _ => ctx.want(Effect::Propose(propose(&one, act, &name))),
        }
    })
}

/// One of its tenants, as it is shown in the list.
fn in_full(one: &ServerTenant) -> Choice {
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
    Choice::new(Clean::new(&one.name), lines, Vec::new())
}

fn propose(one: &ServerTenant, act: &Act, name: &str) -> Proposal {
    let words = act.feature().words();
    let called = Clean::new(&one.name);
    let door = |session: Session| session.for_tenant(&house());
    let step = Step::by(
        called.clone(),
        door,
        ActOnServer(act.clone()),
        |acted: Acted| told(&acted),
    );
    let close = matches!(act, Act::Deactivate { .. });
    let mut lines = vec![
        (
            clean!(
                "{name} is asked to {words}: {} ({})",
                one.name,
                one.tenant_id
            ),
            Role::Text,
        ),
        (
            "It is sent once, and what is told is what is shown there afterwards.".into(),
            Role::Muted,
        ),
    ];
    if close {
        let said = "Whoever buys from it there is not let in any more.";
        lines.push((said.into(), Role::Warn));
    }
    Proposal {
        title: clean!("{words} at {name}"),
        lines,
        typed: close.then(|| Clean::new(&one.tenant_id)),
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
    match acted.secrets.first() {
        Some(secret) => {
            let what = Clean::new(&secret.name);
            once(said, what, Some(secret.value.clone()), Vec::new())
        }
        None => Done::said(said),
    }
}
