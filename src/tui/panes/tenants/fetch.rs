//! What can be done about a tenant's ad server: have it tried whether it lets us in, and bring here
//! what it has. Proposes; the engine refuses a second run of a sort.

use super::{acts::Whose, read::Seen, rows::server, tabs::stamp};
use crate::{
    domain::{
        inventory::{
            kind::What,
            run::{Mode, Run},
        },
        tenant::ad_server::AdServerKind,
    },
    engine::{
        sync::{
            start::StartSync,
            test::{ConnectionView, TestConnection},
        },
        tenants::status::{Ended, SyncStatus},
    },
    tui::{
        clean::Clean,
        effect::{Ctx, Done, Effect, Proposal},
        overlays::menu::Menu,
        theme::Role,
    },
};

fn status(seen: &Seen, what: What) -> &SyncStatus {
    match what {
        What::Inventory => &seen.status.syncs.inventory,
        What::Orders => &seen.status.syncs.orders,
    }
}

/// The sorts of which none is on its way here.
fn idle(seen: &Seen) -> Vec<What> {
    let idle = |what: &What| status(seen, *what).status != Ended::Running;
    What::ALL.into_iter().filter(idle).collect()
}

/// Why nothing can be brought now.
///
/// # Errors
/// With the reason.
pub fn may_sync(seen: &Seen) -> Result<(), Clean> {
    may_ask(seen)?;
    if idle(seen).is_empty() {
        return Err("inventory and orders are on their way here already".into());
    }
    Ok(())
}

/// Why its ad server cannot be asked.
///
/// # Errors
/// With the reason.
pub fn may_ask(seen: &Seen) -> Result<(), Clean> {
    let row = &seen.view.row;
    if row.adapter_configured {
        return Ok(());
    }
    let name = server(row.ad_server);
    Err(clean!(
        "{name} cannot be asked yet: change the settings first"
    ))
}

/// Asks which sorts are meant where there is a choice, then proposes.
pub fn sync(of: Whose, seen: &Seen, mode: Mode, ctx: &mut Ctx<'_>) {
    let idle = idle(seen);
    let lines = lines(seen, mode);
    if idle.len() < 2 {
        ctx.want(Effect::Propose(proposal(&of, &idle, mode, lines)));
        return;
    }
    let items = vec![
        "inventory and orders".into(),
        "inventory: what can be sold, and what it can be aimed by".into(),
        "orders and their lines".into(),
    ];
    let title = match mode {
        Mode::Incremental => "What is brought here, as far as it has changed?",
        Mode::Full => "What is brought here, all of it?",
    };
    let menu = Menu::new(title, items, move |at, ctx| {
        let chosen: Vec<What> = match at.checked_sub(1) {
            None => idle.clone(),
            Some(at) => What::ALL.into_iter().skip(at).take(1).collect(),
        };
        let proposal = proposal(&of, &chosen, mode, lines.clone());
        ctx.want(Effect::Propose(proposal));
    });
    ctx.want(Effect::Open(Box::new(menu)));
}

/// What is known of the sorts, and what a run of this mode does.
fn lines(seen: &Seen, mode: Mode) -> Vec<(Clean, Role)> {
    let name = match seen.view.row.ad_server {
        AdServerKind::Mock => "the ad server inside",
        other => server(other),
    };
    let what = match mode {
        Mode::Incremental => clean!("What has changed at {name} since the last run is read."),
        Mode::Full => clean!("All that {name} has is read; what is not met is marked as gone."),
    };
    let mut lines = vec![
        (what, Role::Text),
        (
            "It goes on by itself, whoever leaves, and from where it was after a stop.".into(),
            Role::Text,
        ),
    ];
    for what in What::ALL {
        let known = status(seen, what);
        let said = match (known.last_success_at, known.item_count) {
            (Some(at), Some(count)) => clean!("{what}: last brought {}, {count} read", stamp(at)),
            (Some(at), None) => clean!("{what}: last brought {}", stamp(at)),
            (None, _) => clean!("{what}: never brought, so all of it is read"),
        };
        lines.push((said, Role::Muted));
    }
    lines
}

fn proposal(of: &Whose, sorts: &[What], mode: Mode, mut lines: Vec<(Clean, Role)>) -> Proposal {
    let steps = sorts.iter().map(|what| {
        let (what, place) = (*what, of.place(None));
        let tell = move |run: Run| Done {
            place: Some(place.clone()),
            ..Done::said(clean!("{} are on their way here", words(run.what)))
        };
        of.step(words(what).into(), StartSync { what, mode }, tell)
    });
    let steps = steps.collect();
    let named: Vec<&str> = sorts.iter().map(|what| words(*what)).collect();
    let named = named.join(" and ");
    lines.push((clean!("of {} ({})", of.name, of.tenant), Role::Muted));
    Proposal {
        title: match mode {
            Mode::Incremental => clean!("Bring here {named} that have changed"),
            Mode::Full => clean!("Bring here all {named}"),
        },
        lines,
        typed: None,
        button: "bring them",
        steps,
        renew: None,
    }
}

/// What is brought, in a word that can stand alone.
fn words(what: What) -> &'static str {
    match what {
        What::Inventory => "inventory items",
        What::Orders => "orders",
    }
}

/// Proposes to try whether the ad server lets us in.
#[must_use]
pub fn test(of: &Whose, seen: &Seen) -> Proposal {
    let name = server(seen.view.row.ad_server);
    let place = of.place(None);
    let tell = move |_: ConnectionView| Done {
        place: Some(place.clone()),
        ..Done::said(clean!("{name} is being asked"))
    };
    let step = of.step(name.into(), TestConnection {}, tell);
    Proposal {
        title: clean!("Try the connection to {name}"),
        lines: vec![
            (
                clean!("{name} is asked once, with what is set; nothing changes there."),
                Role::Text,
            ),
            (
                "What it says stands beside its settings in a moment.".into(),
                Role::Text,
            ),
            (clean!("of {} ({})", of.name, of.tenant), Role::Muted),
        ],
        typed: None,
        button: "try it",
        steps: vec![step],
        renew: None,
    }
}
