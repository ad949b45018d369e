//! Tenants and their principals as people read them.

use crate::{
    cli::{Ended, out},
    domain::{tenant::ad_server::AdServerKind, when::Instant},
    engine::tenants::{
        principals::PrincipalView,
        status::{Ended as How, SyncStatus, TenantStatus},
        view::{TenantRow, TenantView},
    },
};

fn state(active: bool) -> &'static str {
    if active { "✓ open" } else { "✗ closed" }
}

fn at(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

pub fn list(tenants: &[TenantRow]) -> Result<(), Ended> {
    let headings = [
        "TENANT",
        "NAME",
        "SUBDOMAIN",
        "AD SERVER",
        "STATE",
        "PLAN",
        "SINCE",
    ];
    let mut table = out::Table::new(&headings);
    for one in tenants {
        table.row(&[
            one.tenant_id.to_string(),
            one.name.clone(),
            one.subdomain.clone(),
            one.ad_server.to_string(),
            state(one.is_active).to_owned(),
            one.billing_plan.clone(),
            at(one.created_at),
        ]);
    }
    table.print_or("`flightdeck tenants create` opens one")
}

/// Says in a line where a tenant stands.
pub fn said(shown: &TenantView) -> Result<(), Ended> {
    let row = &shown.row;
    out::line(&format!(
        "{} ({}) is {}",
        row.name,
        row.tenant_id,
        state(row.is_active)
    ))
}

pub fn tenant(shown: &TenantView) -> Result<(), Ended> {
    let row = &shown.row;
    out::line(&format!(
        "{} ({}), {}",
        row.name,
        row.tenant_id,
        state(row.is_active)
    ))?;
    let mut table = out::Table::new(&["", ""]);
    let mut put = |name: &str, value: String| table.row(&[name.to_owned(), value]);
    put("subdomain", row.subdomain.clone());
    put("ad server", row.ad_server.to_string());
    for (name, value) in &shown.adapter_config {
        if name != "adapter_type" && !value.is_null() {
            put(&format!("  {name}"), plain(value));
        }
    }
    put("principals", shown.principals_count.to_string());
    put("plan", row.billing_plan.clone());
    if let Some(contact) = &shown.billing_contact {
        put("billing contact", contact.clone());
    }
    for (name, value) in &shown.features {
        if !value.is_null() {
            put(name, plain(value));
        }
    }
    put("since", at(row.created_at));
    put(
        "changed",
        format!("{}, revision {}", at(shown.updated_at), shown.revision),
    );
    table.print()
}

fn plain(value: &serde_json::Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn sync(of: &SyncStatus) -> String {
    let when = |at_: Option<Instant>| at_.map_or_else(String::new, |it| format!(" at {}", at(it)));
    match of.status {
        How::NeverRun => "never ran".to_owned(),
        How::Running => format!("… runs{}", when(of.last_run_at)),
        How::Success => {
            let items = of
                .item_count
                .map_or_else(String::new, |n| format!(", {n} items"));
            format!("✓ went well{}{items}", when(of.last_success_at))
        }
        How::Failed => {
            let why = of.error.as_deref().unwrap_or("nobody knows why");
            format!("✗ failed{}: {why}", when(of.last_run_at))
        }
    }
}

pub fn status(of: &TenantStatus) -> Result<(), Ended> {
    out::line(&format!(
        "{} ({}), {}",
        of.name,
        of.tenant_id,
        state(of.is_active)
    ))?;
    let mut table = out::Table::new(&["", ""]);
    let mut put = |name: &str, value: String| table.row(&[name.to_owned(), value]);
    let server = &of.ad_server;
    let connected = match (server.configured, server.connected) {
        (false, _) => "! lacks what opens it",
        (true, None) => "nobody has asked it yet",
        (true, Some(true)) => "✓ answers",
        (true, Some(false)) => "✗ does not answer",
    };
    put("ad server", format!("{}: {connected}", server.kind));
    put("inventory", sync(&of.syncs.inventory));
    put("orders", sync(&of.syncs.orders));
    let waiting = match of.workflows.oldest_opened_at {
        Some(oldest) => format!(
            "{}, the oldest since {}",
            of.workflows.open_count,
            at(oldest)
        ),
        None => of.workflows.open_count.to_string(),
    };
    put("waits for the publisher", waiting);
    let buys = &of.media_buys;
    put(
        "media buys",
        format!(
            "{} run, {} paused, {} to be approved",
            buys.active_count, buys.paused_count, buys.pending_approval_count
        ),
    );
    if of.ad_server.kind != AdServerKind::Mock {
        let there = &of.ad_orders;
        let bad = there.differing_count + there.refused_count;
        let sign = if bad > 0 { "! " } else { "" };
        put(
            "  in the ad server",
            format!(
                "{sign}{} placed, {} waiting, {} not as sold, {} refused",
                there.placed_count, there.waiting_count, there.differing_count, there.refused_count
            ),
        );
    }
    let hooks = &of.webhooks;
    let failed = match hooks.last_failure_at {
        Some(last) => format!("{} given up, the last at {}", hooks.failed_count, at(last)),
        None => format!("{} given up", hooks.failed_count),
    };
    put(
        "notices",
        format!("{} to deliver, {failed}", hooks.waiting_count),
    );
    put("principals", of.principals_count.to_string());
    put("keys", of.keys_count.to_string());
    table.print()
}

pub fn principals(all: &[PrincipalView]) -> Result<(), Ended> {
    let headings = ["PRINCIPAL", "NAME", "ROLE", "ADVERTISER", "KEY ID", "SINCE"];
    let mut table = out::Table::new(&headings);
    for one in all {
        table.row(&[
            one.principal_id.clone(),
            one.name.clone(),
            one.role.to_string(),
            one.gam_advertiser_id
                .as_ref()
                .map_or_else(String::new, plain),
            one.key_id.clone(),
            at(one.created_at),
        ]);
    }
    table.print_or("`flightdeck tenants principals create` adds one")
}
