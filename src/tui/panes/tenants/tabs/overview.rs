//! How a tenant is, at a glance: what stands in the way first, then who it is and what it has.

use super::{Line, Page, stamp};
use crate::{
    domain::tenant::ad_server::AdServerKind,
    engine::tenants::status::TenantStatus,
    tui::{
        paint::Look,
        panes::tenants::{
            read::Seen,
            rows::{Health, TenantEntry, ended, meaning, server},
        },
        theme::Role,
    },
};

/// The lines of it.
#[must_use]
pub fn lines(seen: &Seen, entry: &TenantEntry, width: u16, look: &Look<'_>) -> Vec<Line> {
    let (view, status) = (&seen.view, &seen.status);
    let mut page = Page::new(width);
    let sign = entry.sign(look.glyphs);
    match entry.health() {
        Health::Closed => {
            let said = clean!("{sign} closed: its keys open nothing until it is opened again");
            page.say(said, Role::Muted);
        }
        Health::NotSetUp => {
            let name = server(entry.ad_server);
            let said = clean!("{sign} {name} cannot be asked yet: settings are missing");
            page.say(said, Role::Warn);
        }
        Health::Unreachable => {
            let name = server(entry.ad_server);
            let said = clean!("{sign} {name} did not answer when it was last asked");
            page.say(said, Role::Bad);
        }
        Health::SyncFailed => {
            let said = clean!("{sign} what its ad server has could not be fetched");
            page.say(said, Role::Bad);
        }
        Health::Undelivered => {
            let count = status.webhooks.failed_count;
            let said = clean!("{sign} {count} notifications could not be delivered");
            page.say(said, Role::Warn);
        }
        Health::Syncing => {
            let said = clean!("{sign} healthy; its ad server is being asked what it has");
            page.say(said, Role::Accent);
        }
        Health::Healthy => page.say(clean!("{sign} healthy"), Role::Good),
    }
    at_work(status, &mut page);
    page.gap();
    let row = &view.row;
    page.fact("name", clean!("{}", row.name), Role::Text);
    page.fact("id", clean!("{}", row.tenant_id), Role::Muted);
    let subdomain = match row.subdomain.as_str() {
        "" => "- (it is asked by its id)".into(),
        name => clean!("{name}"),
    };
    page.fact("subdomain", subdomain, Role::Text);
    page.fact("ad server", server(row.ad_server), Role::Text);
    page.fact("plan", clean!("{}", row.billing_plan), Role::Text);
    if let Some(contact) = &view.billing_contact {
        page.fact("billing", clean!("{contact}"), Role::Text);
    }
    page.fact(
        "principals",
        clean!("{}", status.principals_count),
        Role::Text,
    );
    page.fact("open keys", clean!("{}", status.keys_count), Role::Text);
    page.fact("opened", stamp(row.created_at), Role::Muted);
    page.fact("changed", stamp(view.updated_at), Role::Muted);
    page.fact("revision", clean!("{}", view.revision), Role::Muted);
    page.lines()
}

/// What goes on in it, and what waits.
fn at_work(status: &TenantStatus, page: &mut Page) {
    page.gap();
    let waiting = &status.workflows;
    match waiting.oldest_opened_at {
        Some(since) if waiting.open_count > 0 => page.fact(
            "wait for people",
            clean!("{}, the oldest since {}", waiting.open_count, stamp(since)),
            Role::Warn,
        ),
        _ => page.fact("wait for people", "none", Role::Muted),
    }
    let buys = &status.media_buys;
    page.fact(
        "media buys",
        clean!(
            "{} running, {} paused, {} to approve",
            buys.active_count,
            buys.paused_count,
            buys.pending_approval_count
        ),
        Role::Text,
    );
    if status.ad_server.kind != AdServerKind::Mock {
        let syncs = &status.syncs;
        for (name, sync) in [
            ("inventory sync", &syncs.inventory),
            ("order sync", &syncs.orders),
        ] {
            page.fact(name, ended(sync.status), meaning(sync.status));
        }
        let there = &status.ad_orders;
        let bad = there.differing_count + there.refused_count;
        let role = if bad > 0 { Role::Warn } else { Role::Text };
        let said = clean!(
            "{} placed, {} waiting, {} not as sold, {} refused",
            there.placed_count,
            there.waiting_count,
            there.differing_count,
            there.refused_count
        );
        page.fact("orders there", said, role);
    }
    let told = &status.webhooks;
    let role = match told.failed_count {
        0 => Role::Text,
        _ => Role::Warn,
    };
    let said = clean!(
        "{} waiting, {} given up",
        told.waiting_count,
        told.failed_count
    );
    page.fact("notifications", said, role);
}
