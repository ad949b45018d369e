//! What can be done for those who are told: a test to one of them, and once more what was given
//! up. Proposes; the engine refuses what cannot be sent.

use super::{
    acts::Whose,
    listeners::{Listener, To},
};
use crate::{
    engine::{
        notify::{
            endpoints::{Sent, TestEndpoint},
            slack::TestSlack,
        },
        webhooks::list::NoticeView,
    },
    tui::{
        clean::Clean,
        effect::{Ctx, Done, Effect, Proposal, Step},
        overlays::menu::Menu,
        panes::sent,
        theme::Role,
    },
};

/// Why a test cannot be sent there.
///
/// # Errors
/// With the reason.
pub fn may_test(row: &Listener) -> Result<(), Clean> {
    match &row.to {
        To::Endpoint(_) | To::Slack(_, Some(_)) => Ok(()),
        To::Slack(_, None) => {
            let name = row.name();
            Err(clean!("{name} has no address yet: change the settings"))
        }
        To::Buyers => Err("buyers are told only what becomes of what they asked for".into()),
    }
}

/// Proposes to send a test; nothing where none can be sent.
#[must_use]
pub fn test(of: &Whose, row: &Listener) -> Option<Proposal> {
    let name = row.name();
    let place = of.place(Some(&crate::tui::grid::column::Row::id(row)));
    let said = clean!("a test is on its way to {name}");
    let tell = move |_: Sent| Done {
        place: Some(place.clone()),
        ..Done::said(said.clone())
    };
    let step: Step = match &row.to {
        To::Endpoint(view) => {
            let endpoint_id = view.endpoint_id;
            of.step(name.clone(), TestEndpoint { endpoint_id }, tell)
        }
        To::Slack(channel, Some(_)) => {
            let channel = *channel;
            of.step(name.clone(), TestSlack { channel }, tell)
        }
        To::Slack(_, None) | To::Buyers => return None,
    };
    let mut lines: Vec<(Clean, Role)> = vec![
        (
            clean!("One message that means nothing goes to {}.", row.host()),
            Role::Text,
        ),
        (
            "What becomes of it stands among its deliveries.".into(),
            Role::Text,
        ),
    ];
    if matches!(&row.to, To::Endpoint(view) if !view.is_active) {
        let off = "It is switched off: it gets the test, and nothing else.";
        lines.push((off.into(), Role::Warn));
    }
    lines.push((clean!("of {} ({})", of.name, of.tenant), Role::Muted));
    Some(Proposal {
        title: clean!("Send {name} a test"),
        lines,
        typed: None,
        button: "send it",
        steps: vec![step],
        renew: None,
    })
}

/// Proposes to send again what was given up; asks first which of several.
pub fn replay(of: &Whose, row: &Listener, ctx: &mut Ctx<'_>) {
    let place = of.place(Some(&crate::tui::grid::column::Row::id(row)));
    let tenant = of.tenant.clone();
    let again = move |rows: &[NoticeView]| {
        Effect::Propose(sent::again(rows, Some(tenant.clone()), Some(place.clone())))
    };
    let dead = row.dead();
    if let [one] = &dead[..] {
        ctx.want(again(std::slice::from_ref(one)));
        return;
    }
    let mut items = vec![clean!("all {} that were given up", dead.len())];
    items.extend(dead.iter().map(|one| {
        let at = one.created_at.format("%b %d %H:%M");
        clean!("{}, {at}: {}", one.what, sent::answer(one))
    }));
    let menu = Menu::new("What is sent again?", items, move |at, ctx| {
        let chosen = match at.checked_sub(1) {
            None => &dead[..],
            Some(at) => dead.get(at..=at).unwrap_or_default(),
        };
        ctx.want(again(chosen));
    });
    ctx.want(Effect::Open(Box::new(menu)));
}
