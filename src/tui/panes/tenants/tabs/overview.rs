//! How a tenant is, at a glance: what stands in the way first, then who it is and what it has.

use super::{Line, Page, stamp};
use crate::{
    engine::tenants::view::TenantView,
    tui::{
        paint::Look,
        panes::tenants::rows::{Health, TenantEntry, server},
        theme::Role,
    },
};

/// The lines of it.
#[must_use]
pub fn lines(view: &TenantView, entry: &TenantEntry, width: u16, look: &Look<'_>) -> Vec<Line> {
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
        Health::Healthy => page.say(clean!("{sign} healthy"), Role::Good),
    }
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
        clean!("{}", view.principals_count),
        Role::Text,
    );
    page.fact("opened", stamp(row.created_at), Role::Muted);
    page.fact("changed", stamp(view.updated_at), Role::Muted);
    page.fact("revision", clean!("{}", view.revision), Role::Muted);
    page.lines()
}
