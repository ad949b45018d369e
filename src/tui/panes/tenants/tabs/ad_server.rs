//! What delivers for a tenant: its settings without what opens it, and what was fetched from
//! there. What nobody has tried yet is said to be so.

use super::{Line, Page, shown, stamp};
use crate::{
    domain::tenant::ad_server::AdServerKind,
    engine::tenants::status::{AdServerStatus, SyncStatus},
    tui::{
        clean::Clean,
        panes::tenants::{
            read::Seen,
            rows::{ended, meaning, server},
        },
        theme::Role,
    },
};

/// The settings of an ad server with the names that people read.
fn settings(kind: AdServerKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        AdServerKind::Mock => &[("mock_dry_run", "dry run")],
        AdServerKind::GoogleAdManager => &[
            ("gam_network_code", "network"),
            ("gam_trafficker_id", "trafficker"),
            ("gam_company_id", "company"),
            ("gam_manual_approval_required", "asks people"),
            ("has_refresh_token", "refresh token"),
        ],
        AdServerKind::Kevel => &[
            ("kevel_network_id", "network"),
            ("kevel_manual_approval_required", "asks people"),
            ("has_api_key", "API key"),
        ],
        AdServerKind::TritonDigital => {
            &[("triton_station_id", "station"), ("has_api_key", "API key")]
        }
    }
}

/// The lines of it.
#[must_use]
pub fn lines(seen: &Seen, width: u16) -> Vec<Line> {
    let view = &seen.view;
    let mut page = Page::new(width);
    let row = &view.row;
    page.heading(server(row.ad_server));
    for (name, label) in settings(row.ad_server) {
        let mut value = shown(&view.adapter_config, name);
        let mut role = Role::Text;
        if name.starts_with("has_") {
            (value, role) = match value.as_str() {
                "yes" => ("kept, never shown".into(), Role::Good),
                _ => ("missing".into(), Role::Warn),
            };
        } else if value.as_str() == "-" && !row.adapter_configured {
            role = Role::Warn;
        }
        page.fact(label, value, role);
    }
    if view.adapter_config.contains_key("base_url") {
        page.fact(
            "address",
            shown(&view.adapter_config, "base_url"),
            Role::Text,
        );
    }
    connection(&seen.status.ad_server, &mut page);
    page.heading("Fetched from there");
    if row.ad_server == AdServerKind::Mock {
        let said = "The ad server inside has nothing that would have to be fetched.";
        page.say(said, Role::Muted);
    } else if row.adapter_configured {
        let syncs = &seen.status.syncs;
        sync("inventory", &syncs.inventory, &mut page);
        sync("orders", &syncs.orders, &mut page);
    } else {
        let said = "Nothing can be fetched before it is set up: change the settings.";
        page.say(said, Role::Warn);
    }
    page.lines()
}

/// Whether it answered when it was last asked.
fn connection(of: &AdServerStatus, page: &mut Page) {
    let Some(at) = of.last_tested_at else {
        if of.configured && of.kind != AdServerKind::Mock {
            page.fact("connection", "nobody has tried it yet", Role::Muted);
        }
        return;
    };
    let (said, role) = match of.connected {
        Some(true) => ("answered", Role::Good),
        _ => ("did not answer", Role::Bad),
    };
    page.fact("connection", clean!("{said}, {}", stamp(at)), role);
    if let Some(why) = &of.last_test_error {
        page.fact("", Clean::new(why), Role::Bad);
    }
}

/// How what is fetched stands.
fn sync(name: &'static str, of: &SyncStatus, page: &mut Page) {
    page.fact(name, ended(of.status), meaning(of.status));
    if let Some(at) = of.last_run_at {
        page.fact("  last run", stamp(at), Role::Muted);
    }
    if let Some(at) = of.last_success_at {
        let count = of.item_count.map_or("".into(), |n| clean!(", {n} things"));
        page.fact(
            "  last success",
            clean!("{}{count}", stamp(at)),
            Role::Muted,
        );
    }
    if let Some(why) = &of.error {
        page.fact("  trouble", Clean::new(why), Role::Bad);
    }
}
