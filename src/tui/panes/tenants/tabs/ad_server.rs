//! What delivers for a tenant: its settings without what opens it, and what was fetched from
//! there. What nobody has tried yet is said to be so.

use super::{Line, Page, shown, stamp};
use crate::{
    domain::{
        inventory::{
            kind::What,
            run::{Run, Stage, Step},
            trouble::Remedy,
        },
        tenant::ad_server::AdServerKind,
    },
    engine::{
        sync::status::{CopyHealth, Issue, SortHealth},
        tenants::status::{AdServerStatus, SyncStatus},
    },
    tui::{
        clean::Clean,
        paint::Look,
        panes::{
            activity::work::off,
            review::figures::grouped,
            tenants::{
                read::{Fetched, Seen},
                rows::{ended, meaning, server},
            },
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
pub fn lines(seen: &Seen, fetched: Option<&Fetched>, width: u16, look: &Look<'_>) -> Vec<Line> {
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
    connection(&seen.status.ad_server, fetched, &mut page);
    page.heading("Fetched from there");
    if row.ad_server == AdServerKind::Mock {
        let said = "What the ad server inside has is here already; a sync lists it once more.";
        page.say(said, Role::Muted);
    } else if !row.adapter_configured {
        let said = "Nothing can be fetched before it is set up: change the settings.";
        page.say(said, Role::Warn);
        return page.lines();
    }
    let syncs = &seen.status.syncs;
    for (name, what, known) in [
        ("inventory", What::Inventory, &syncs.inventory),
        ("orders", What::Orders, &syncs.orders),
    ] {
        sync(name, known, &mut page);
        let sorts = fetched.iter().flat_map(|fetched| &fetched.copy.syncs);
        for sort in sorts.filter(|sort| sort.what == what) {
            progress(sort, look, &mut page);
        }
    }
    if let Some(fetched) = fetched {
        here(&fetched.copy, &mut page);
    }
    page.lines()
}

/// Whether it answered when it was last asked.
fn connection(of: &AdServerStatus, fetched: Option<&Fetched>, page: &mut Page) {
    if fetched.is_some_and(|fetched| fetched.connection.testing) {
        page.fact("connection", "it is being asked ...", Role::Accent);
    }
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
    let known = fetched.map(|fetched| &fetched.connection);
    let Some(known) = known.filter(|known| known.connected.is_some()) else {
        return;
    };
    if !known.said.is_empty() {
        page.fact("  it says", Clean::new(&known.said), Role::Muted);
    }
    if let Some(issue) = &known.issue {
        page.fact("  what helps", helps(issue), Role::Text);
    }
}

/// What helps against trouble.
fn helps(issue: &Issue) -> &'static str {
    match issue.action {
        Remedy::Reconnect => "sign in to the ad server again: change the settings",
        Remedy::Retry => "start the sync again",
        Remedy::Wait => "nothing: it is tried again by itself",
        Remedy::CheckSettings => "look at the settings, or ask the ad server's support",
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

/// How far the last run has got, by kind.
fn progress(sort: &SortHealth, look: &Look<'_>, page: &mut Page) {
    let Some(run) = &sort.last else { return };
    let mode = run.mode.name();
    if run.status.is_open() {
        let since = off(run.started_at, look.now);
        let said = clean!("{mode}, begun {since} by {}", run.started_by);
        page.fact("  at work", said, Role::Accent);
    } else {
        let said = clean!("{mode}, by {}", run.started_by);
        page.fact("  how", said, Role::Muted);
    }
    if let Some(why) = &run.widened {
        page.fact("  all of it", Clean::new(why), Role::Muted);
    }
    for stage in &run.stages {
        let reads = run.status.is_open() && run.stage().is_some_and(|at| at.kind == stage.kind);
        let role = if reads { Role::Accent } else { Role::Text };
        page.fact(kind_of(stage), counts(run, stage, reads), role);
    }
    if let Some(at) = run.next_at.filter(|_| run.status.is_open()) {
        page.fact("  goes on", off(at, look.now), Role::Warn);
    }
    if let Some(issue) = &sort.issue {
        page.fact("  what helps", helps(issue), Role::Text);
    }
}

fn kind_of(stage: &Stage) -> &'static str {
    use crate::domain::inventory::kind::ItemKind as Is;
    match stage.kind {
        Is::AdUnit => "  ad units",
        Is::Placement => "  placements",
        Is::TargetingKey => "  targeting keys",
        Is::TargetingValue => "  their values",
        Is::Site => "  sites",
        Is::Zone => "  zones",
        Is::Station => "  stations",
        Is::Order => "  orders",
        Is::LineItem => "  line items",
    }
}

/// What was counted of a kind so far.
fn counts(run: &Run, stage: &Stage, reads: bool) -> Clean {
    let seen = grouped(stage.seen);
    let at = match stage.step {
        Step::Done => "",
        Step::Reading if reads && stage.pages > 0 => ", reads on",
        Step::Reading if reads => ", begins",
        Step::Sweeping if reads => ", looks for what is gone",
        Step::Reading | Step::Sweeping if run.status.is_open() => ", waits its turn",
        Step::Reading | Step::Sweeping => ", not finished",
    };
    let (new, changed, gone) = (stage.added, stage.changed, stage.gone);
    clean!("{seen} read, {new} new, {changed} changed, {gone} gone{at}")
}

/// What there is of it here.
fn here(copy: &CopyHealth, page: &mut Page) {
    if copy.counts.is_empty() {
        return;
    }
    page.heading("Here of it");
    for count in &copy.counts {
        let items = grouped(u64::try_from(count.items).unwrap_or(0));
        let said = match count.gone {
            0 => items,
            gone => clean!("{items}, and {gone} that are gone there"),
        };
        page.fact(count.kind.plural(), said, Role::Text);
    }
}
