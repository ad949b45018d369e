//! Who may ask what, cell by cell: every operation of the catalogue, asked by every role, against
//! a table that is written here by hand. An operation that is not in the table fails the test.

use serde_json::{Value, json};

use crate::{
    fake_seller::{FakeSeller, catalogue},
    house::{House, Plan, booking, get, key, now, post, post_nothing, seed, tenant},
    sample::{NOBODY, sample},
};
use flightdeck::{
    api::auth::Keys,
    domain::{
        audit::Outcome,
        policy::Permission,
        tenant::{caller::Caller, role::Role},
    },
    engine::{
        catalogue::{CATALOGUE, Entry, describe},
        core::Terms,
        fault::FaultKind,
        tenants::update::ReactivateTenant,
    },
};

/// Who may ask what: viewer, trafficker, approver, admin, on-call, engine,
/// buyer, operator.
const TABLE: &[(&str, [u8; 8])] = &[
    ("engine.who", [1, 1, 1, 1, 1, 1, 1, 1]),
    ("bookings.submit", [0, 1, 1, 1, 0, 0, 0, 0]),
    ("bookings.get", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("bookings.list", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("bookings.rows", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("bookings.approve", [0, 1, 1, 1, 0, 0, 0, 0]),
    ("bookings.cancel", [0, 1, 1, 1, 1, 0, 0, 0]),
    ("bookings.retry", [0, 1, 1, 1, 1, 0, 0, 0]),
    ("bookings.events", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("bookings.read_for_step", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("bookings.step", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("bookings.lines_age", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("tenant.set_budget", [0, 0, 0, 1, 0, 0, 0, 0]),
    ("tenant.get_budget", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("sellers.list", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("opendirect.list_products", [1, 1, 1, 1, 1, 1, 1, 0]),
    ("opendirect.get_product", [1, 1, 1, 1, 1, 1, 1, 0]),
    ("opendirect.put_product", [0, 0, 0, 1, 0, 1, 0, 0]),
    ("opendirect.search_products", [1, 1, 1, 1, 1, 1, 1, 0]),
    ("opendirect.free_ahead", [1, 1, 1, 1, 1, 1, 1, 0]),
    ("opendirect.read_catalogue", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("opendirect.stock_catalogue", [0, 0, 0, 1, 0, 1, 0, 0]),
    ("opendirect.check_avails", [1, 1, 1, 1, 1, 1, 1, 0]),
    ("opendirect.read_taken", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("opendirect.create_organization", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("opendirect.get_organization", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("opendirect.list_organizations", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("opendirect.create_account", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("opendirect.get_account", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("opendirect.list_accounts", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("opendirect.create_order", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("opendirect.get_order", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("opendirect.list_orders", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("opendirect.change_order", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("opendirect.create_line", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("opendirect.get_line", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("opendirect.list_lines", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("opendirect.act_on_line", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("opendirect.get_line_stats", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("opendirect.line_due", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("opendirect.follow_line", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("opendirect.place_line", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("opendirect.create_creative", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("opendirect.get_creative", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("opendirect.list_creatives", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("opendirect.decide_creative", [0, 0, 0, 1, 0, 1, 0, 0]),
    ("opendirect.create_assignment", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("opendirect.get_assignment", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("opendirect.list_assignments", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("opendirect.change_assignment", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("creatives.sync", [0, 1, 1, 1, 0, 1, 1, 0]),
    ("creatives.list", [1, 1, 1, 1, 1, 1, 1, 1]),
    ("creatives.decide", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("creatives.upload", [0, 1, 1, 1, 0, 1, 1, 0]),
    ("creatives.of_buy", [1, 1, 1, 1, 1, 1, 1, 1]),
    ("media_buys.create", [0, 1, 1, 1, 0, 1, 1, 0]),
    ("media_buys.check", [1, 1, 1, 1, 1, 1, 1, 1]),
    ("media_buys.get", [1, 1, 1, 1, 1, 1, 1, 1]),
    ("media_buys.list", [1, 1, 1, 1, 1, 1, 1, 1]),
    ("media_buys.update", [0, 1, 1, 1, 0, 1, 1, 0]),
    ("media_buys.act", [0, 1, 1, 1, 0, 1, 1, 0]),
    ("media_buys.approvals", [1, 1, 1, 1, 1, 1, 1, 1]),
    ("media_buys.approval", [1, 1, 1, 1, 1, 1, 1, 1]),
    ("media_buys.delivery", [1, 1, 1, 1, 1, 1, 1, 1]),
    ("media_buys.report", [1, 1, 1, 1, 1, 1, 1, 1]),
    ("media_buys.decide", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("media_buys.give_feedback", [0, 1, 1, 1, 0, 1, 1, 0]),
    ("media_buys.feedback", [1, 1, 1, 1, 1, 1, 1, 1]),
    ("media_buys.due", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("media_buys.follow", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("media_buys.report_due", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("media_buys.send_report", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("media_buys.artifacts_due", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("media_buys.send_artifacts", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("adcp.get_capabilities", [1, 1, 1, 1, 1, 1, 1, 0]),
    ("slots.resources", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("slots.resource", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("slots.create_resource", [0, 0, 0, 1, 0, 0, 0, 0]),
    ("slots.update_resource", [0, 0, 0, 1, 0, 0, 0, 0]),
    ("slots.availability", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("slots.explain", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("slots.board", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("slots.bookings", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("slots.booking", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("slots.book", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("slots.cancel", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("slots.move", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("slots.settle", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("slots.hold", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("slots.extend", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("slots.release", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("slots.holds", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("slots.hold_due", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("slots.end_hold", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("slots.wait", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("slots.stop_waiting", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("slots.waiting", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("slots.booking_calendar", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("slots.feed_address", [0, 0, 0, 1, 0, 0, 0, 0]),
    ("slots.rotate_feed", [0, 0, 0, 1, 0, 0, 0, 0]),
    ("slots.feed", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("slots.rotate_key", [0, 0, 0, 1, 0, 0, 0, 0]),
    ("pacing.list", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("pacing.get", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("pacing.whatif", [0, 1, 1, 1, 0, 0, 0, 0]),
    ("pacing.apply", [0, 1, 1, 1, 0, 0, 0, 0]),
    ("pacing.undo", [0, 1, 1, 1, 0, 0, 0, 0]),
    ("pacing.journal", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("pacing.reallocate", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("alerts.list", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("alerts.acknowledge", [0, 1, 1, 1, 1, 0, 0, 0]),
    ("alerts.snooze", [0, 1, 1, 1, 1, 0, 0, 0]),
    ("alerts.news", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("alerts.look", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("activity.feed", [1, 1, 1, 1, 1, 1, 0, 1]),
    ("activity.feed_end", [1, 1, 1, 1, 1, 1, 0, 1]),
    ("activity.tasks", [1, 1, 1, 1, 1, 1, 0, 1]),
    ("audit.read", [0, 0, 1, 1, 1, 1, 0, 1]),
    ("delivery.record", [0, 0, 0, 1, 0, 1, 0, 0]),
    ("delivery.measured", [0, 1, 1, 1, 0, 1, 0, 0]),
    ("delivery.series", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("delivery.running", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("delivery.turn", [0, 0, 0, 1, 0, 0, 0, 0]),
    ("adcp.get_products", [1, 1, 1, 1, 1, 1, 1, 0]),
    ("adcp.finalize_proposal", [0, 1, 1, 1, 0, 1, 1, 0]),
    ("adcp.put_proposal", [0, 0, 0, 1, 0, 1, 0, 0]),
    ("adcp.list_formats", [1, 1, 1, 1, 1, 1, 1, 0]),
    ("adcp.get_signals", [1, 1, 1, 1, 1, 1, 1, 0]),
    ("adcp.activate_signal", [0, 1, 1, 1, 0, 1, 1, 0]),
    ("adcp.get_avails", [1, 1, 1, 1, 1, 1, 1, 0]),
    ("adcp.sync_accounts", [0, 1, 1, 1, 0, 1, 1, 0]),
    ("adcp.sync_governance", [0, 1, 1, 1, 0, 1, 1, 0]),
    ("governance.of_order", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("governance.of_change", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("adcp.list_accounts", [1, 1, 1, 1, 1, 1, 1, 1]),
    ("adcp.resolve_account", [1, 1, 1, 1, 1, 1, 1, 1]),
    ("adcp.set_account_status", [0, 0, 0, 1, 0, 0, 0, 0]),
    ("notify.look", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("notify.tell", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("notify.failed", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("slack.next", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("slack.note", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("endpoints.make", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("endpoints.list", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("endpoints.change", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("endpoints.rotate", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("endpoints.remove", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("endpoints.test", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("slack.test", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("webhooks.replay", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("webhooks.list", [1, 1, 1, 1, 1, 1, 1, 1]),
    ("webhooks.read", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("webhooks.note", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("tenants.upstream", [0, 0, 0, 0, 0, 0, 0, 1]),
    ("tenants.upstream_show", [0, 0, 0, 0, 0, 0, 0, 1]),
    ("tenants.upstream_act", [0, 0, 0, 0, 0, 0, 0, 1]),
    ("tenants.upstream_errand", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("tenants.upstream_step", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("slots.desk", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("slots.mirrored", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("slots.mirror", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("slots.note_contact", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("slots.errand", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("slots.errand_step", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("bookings.desk", [1, 1, 1, 1, 1, 1, 0, 0]),
    ("bookings.mirrored", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("bookings.mirror", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("bookings.note_contact", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("bookings.send_step", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("media_buys.desk", [1, 1, 1, 1, 1, 1, 1, 1]),
    ("media_buys.mirrored", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("media_buys.mirror", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("media_buys.mirror_counts", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("media_buys.note_contact", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("media_buys.send_step", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("sync.start", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("sync.get", [1, 1, 1, 1, 1, 1, 0, 1]),
    ("sync.status", [1, 1, 1, 1, 1, 1, 0, 1]),
    ("sync.history", [1, 1, 1, 1, 1, 1, 0, 1]),
    ("inventory.list", [1, 1, 1, 1, 1, 1, 0, 1]),
    ("sync.step", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("ad_orders.wanted", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("ad_orders.step", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("ad_orders.place", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("ad_server.test", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("ad_server.get", [1, 1, 1, 1, 1, 1, 0, 1]),
    ("ad_server.note", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("sandbox.control", [0, 1, 1, 1, 0, 1, 1, 0]),
    ("sandbox.take_question", [0, 1, 1, 1, 0, 1, 1, 0]),
    ("house.open", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("house.is_open", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("keys.make", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("keys.list", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("keys.revoke", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("keys.rotate", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("keys.find", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("keys.door", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("tenants.list", [0, 0, 0, 0, 0, 0, 0, 1]),
    ("tenants.create", [0, 0, 0, 0, 0, 0, 0, 1]),
    ("tenants.get", [0, 0, 0, 0, 0, 0, 0, 1]),
    ("tenants.update", [0, 0, 0, 0, 0, 0, 0, 1]),
    ("tenants.deactivate", [0, 0, 0, 0, 0, 0, 0, 1]),
    ("tenants.reactivate", [0, 0, 0, 0, 0, 0, 0, 1]),
    ("tenants.delete", [0, 0, 0, 0, 0, 0, 0, 1]),
    ("tenants.health", [0, 0, 0, 0, 0, 0, 0, 1]),
    ("tenants.status", [0, 0, 0, 0, 0, 0, 0, 1]),
    ("audit.logs", [0, 0, 1, 1, 1, 1, 0, 1]),
    ("tenants.logs", [0, 0, 0, 0, 0, 0, 0, 1]),
    ("workflows.list", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("workflows.get", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("tenant.get", [0, 0, 0, 1, 0, 0, 0, 0]),
    ("tenant.status", [0, 0, 0, 1, 0, 0, 0, 0]),
    ("tenant.change", [0, 0, 0, 1, 0, 0, 0, 0]),
    ("principals.list", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("principals.get", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("principals.create", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("principals.update", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("principals.delete", [0, 0, 0, 1, 0, 0, 0, 1]),
    ("principals.rotate_token", [0, 0, 0, 1, 0, 0, 0, 1]),
];

/// Operations that take another scope beside their own: what only a publisher decides, and
/// what nobody can give away who does not have it.
const ALSO: &[(&str, &str)] = &[
    ("opendirect.decide_creative", "catalogue:write"),
    ("principals.create", "catalogue:read"),
];

/// The row of an operation.
fn row(name: &str) -> [u8; 8] {
    let found = TABLE.iter().find(|row| row.0 == name);
    found
        .unwrap_or_else(|| panic!("{name} is not in the table"))
        .1
}

/// A question that can be read; whether there is what it asks for is another matter.
fn question(entry: &Entry) -> Value {
    match entry.name {
        "bookings.submit" => seed(),
        "bookings.step" => json!({"job_id": NOBODY, "step": "finish"}),
        "bookings.send_step" => json!({"job_id": NOBODY, "step": "brief_leaves"}),
        "bookings.mirror" | "media_buys.mirror" | "slots.mirror" => json!({"changes": []}),
        "media_buys.mirror_counts" => json!({"counts": []}),
        "media_buys.send_step" => json!({"media_buy_id": "mb_1", "key": "k", "step": "leaves"}),
        "ad_orders.step" => json!({"media_buy_id": "mb_1", "revision": 1, "came": null}),
        "tenants.upstream_act" => json!({"act": "deactivate", "tenant": "nobody"}),
        "tenants.upstream_step" | "slots.errand_step" => {
            json!({"errand": NOBODY, "step": "leaves"})
        }
        "slots.note_contact" => json!({}),
        _ => {
            let described = describe(std::slice::from_ref(entry));
            let schema = &described[0]["question"];
            sample(schema, schema)
        }
    }
}

#[tokio::test]
async fn every_cell_of_the_table_holds() {
    let mut keys = Keys::default();
    let people = Role::ALL.into_iter().filter(|role| *role != Role::Engine);
    let people: Vec<(Role, String)> = people
        .map(|role| (role, key(&mut keys, "main", role.name(), role, &[])))
        .collect();
    let sellers = vec![FakeSeller::new("fake", &catalogue(), now())];
    let house = House::build(Plan {
        keys,
        sellers,
        ..Plan::default()
    })
    .await;
    assert_eq!(
        CATALOGUE.len(),
        TABLE.len(),
        "the table has a row for each operation"
    );
    for entry in CATALOGUE {
        let (question, may) = (question(entry), row(entry.name));
        for (role, key) in &people {
            let cell = format!("{} as {role}", entry.name);
            let column = Role::ALL
                .iter()
                .position(|one| one == role)
                .expect("a column");
            let (audited, jobs) = (house.audited("main").await, house.jobs("main").await);
            let ask = post(&format!("/rpc/{}", entry.name), &question).key(key);
            let reply = house.ask(ask).await;
            let lines = house.audit("main", audited).await;
            assert_eq!(
                lines.len(),
                usize::from(entry.kind.is_command()),
                "{cell}: {lines:?}"
            );
            if may[column] == 1 {
                assert!(
                    !["FORBIDDEN", "UNAUTHENTICATED"].contains(&reply.code().as_str()),
                    "{cell}: {reply:?}"
                );
                assert!(
                    reply.status < 500 && reply.code() != "INVALID_TYPE",
                    "{cell}: {reply:?}"
                );
                if entry.name == "tenants.deactivate" {
                    // The others are to be let in again.
                    let operator = Caller::new("operator", tenant("main"), Role::Operator);
                    let opened = house.core.ask(&operator, ReactivateTenant {}).await;
                    opened.expect("open again");
                }
                continue;
            }
            assert_eq!(
                (reply.status, reply.code()),
                (403, "FORBIDDEN".into()),
                "{cell}: {reply:?}"
            );
            let missing = reply.json()["error"]["details"]["permission"].clone();
            let also = ALSO
                .iter()
                .any(|row| *row == (entry.name, missing.as_str().unwrap_or_default()));
            assert!(
                missing == entry.kind.permission().name() || also,
                "{cell}: {missing}"
            );
            assert_eq!(house.jobs("main").await, jobs, "{cell}");
            for line in lines {
                assert_eq!(
                    (line.entry.action.as_str(), line.entry.actor.as_str()),
                    (entry.name, role.name())
                );
                assert_eq!(
                    (line.entry.outcome, line.entry.role),
                    (Outcome::Refused, *role),
                    "{cell}"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_engine_may_do_its_own_work_alone() {
    let house = House::open().await;
    let engine = Caller::engine("main".parse().expect("a tenant"));
    for entry in CATALOGUE {
        let (question, may) = (question(entry).to_string(), row(entry.name));
        let asked = (entry.call)(
            house.core.clone(),
            engine.clone(),
            question.into_bytes(),
            Terms::default(),
        )
        .await;
        let forbidden = asked.is_err_and(|fault| fault.kind == FaultKind::Forbidden);
        assert_eq!(forbidden, may[5] == 0, "{} as engine", entry.name);
    }
}

#[tokio::test]
async fn no_key_can_be_the_engine() {
    for word in ["engine", "Engine", "ENGINE", " engine ", "en-gine"] {
        assert!(word.parse::<Role>().is_err(), "{word}");
    }
}

#[tokio::test]
async fn a_narrowed_key_may_what_its_scope_says_and_no_more() {
    let mut keys = Keys::default();
    let scopes: Vec<Permission> = Permission::all().collect();
    let narrowed = scopes.iter().map(|scope| {
        (
            *scope,
            key(
                &mut keys,
                "main",
                scope.name(),
                Role::Admin,
                &[scope.name()],
            ),
        )
    });
    let narrowed: Vec<_> = narrowed.collect();
    let viewer = key(
        &mut keys,
        "main",
        "viewer",
        Role::Viewer,
        &["bookings:approve", "tenant:manage"],
    );
    let sellers = vec![FakeSeller::new("fake", &catalogue(), now())];
    let house = House::build(Plan {
        keys,
        sellers,
        ..Plan::default()
    })
    .await;
    for entry in CATALOGUE {
        let (question, may) = (question(entry), row(entry.name));
        let path = format!("/rpc/{}", entry.name);
        for (scope, key) in &narrowed {
            let reply = house.ask(post(&path, &question).key(key)).await;
            let alone = !ALSO.iter().any(|row| row.0 == entry.name);
            let fits = entry.kind.permission() == *scope && alone;
            let expected = may[3] == 1 && (fits || entry.for_all);
            assert_eq!(
                reply.status != 403,
                expected,
                "{} with {scope}: {reply:?}",
                entry.name
            );
        }
        let reply = house.ask(post(&path, &question).key(&viewer)).await;
        assert_eq!(
            reply.status == 403,
            !entry.for_all,
            "a scope adds nothing to a role: {}",
            entry.name
        );
    }
}

#[tokio::test]
async fn whoever_may_decide_learns_what_came_of_it() {
    let mut keys = Keys::default();
    let sender = key(&mut keys, "main", "sender", Role::Trafficker, &[]);
    let decider = key(
        &mut keys,
        "main",
        "decider",
        Role::Approver,
        &["bookings:approve"],
    );
    let sellers = vec![FakeSeller::new("fake", &catalogue(), now())];
    let house = House::build(Plan {
        keys,
        sellers,
        ..Plan::default()
    })
    .await;
    let id = house
        .ask(post("/bookings", &seed()).key(&sender))
        .await
        .ok()["job_id"]
        .clone();
    house.settle().await;
    let path = format!("/bookings/{}/approve", id.as_str().expect("an id"));
    let reply = house
        .ask(post(&path, &json!({"approved_product_ids": ["prod_001"]})).key(&decider))
        .await;
    assert_eq!(reply.is(202)["approved_count"], 1);
}

/// Approving in advance and trying such a job again, cell by cell: who may send it, who may
/// try it again, and whether the second try spends by itself.
const IN_ADVANCE: &[(Role, &[&str], [u8; 3])] = &[
    (Role::Viewer, &[], [0, 0, 0]),
    (Role::Trafficker, &[], [1, 1, 1]),
    (Role::Approver, &[], [1, 1, 1]),
    (Role::Admin, &[], [1, 1, 1]),
    (Role::OnCall, &[], [0, 1, 0]),
    (Role::Admin, &["bookings:write"], [0, 0, 0]),
    (
        Role::Admin,
        &["bookings:write", "bookings:approve"],
        [1, 0, 0],
    ),
    (
        Role::Admin,
        &["bookings:recover", "bookings:read"],
        [0, 1, 0],
    ),
    (
        Role::Trafficker,
        &["bookings:recover", "bookings:approve"],
        [0, 1, 1],
    ),
];

#[tokio::test]
async fn only_who_may_approve_may_approve_in_advance() {
    let mut keys = Keys::default();
    let boss = key(&mut keys, "main", "boss", Role::Admin, &[]);
    let people: Vec<_> = IN_ADVANCE
        .iter()
        .enumerate()
        .map(|(at, (role, scopes, may))| {
            let name = format!("person-{at}");
            (key(&mut keys, "main", &name, *role, scopes), may)
        })
        .collect();
    let sellers = vec![FakeSeller::new("fake", &catalogue(), now())];
    let house = House::build(Plan {
        keys,
        sellers,
        ..Plan::default()
    })
    .await;
    let brief = booking(&json!({"auto_approve": true}));
    for (at, (key, may)) in people.iter().enumerate() {
        let cell = &IN_ADVANCE[at];
        let reply = house.ask(post("/bookings", &brief).key(key)).await;
        if may[0] == 1 {
            reply.ok();
        } else {
            assert_eq!(reply.code(), "FORBIDDEN", "{cell:?}");
        }
        if cell.1 == ["bookings:write"] {
            let missing = &reply.json()["error"]["details"]["permission"];
            assert_eq!(missing, "bookings:approve");
            house.ask(post("/bookings", &seed()).key(key)).await.ok();
        }
    }
    for (at, (key, may)) in people.iter().enumerate() {
        let cell = &IN_ADVANCE[at];
        let failed = house.ask(post("/bookings", &brief).key(&boss)).await.ok();
        let id = failed["job_id"].as_str().expect("an id");
        let path = format!("/bookings/{id}");
        house
            .ask(post_nothing(&format!("{path}/cancel")).key(&boss))
            .await
            .ok();
        let again = post_nothing(&format!("{path}/retry")).key(key);
        let reply = house.ask(again).await;
        if may[1] == 0 {
            assert_eq!(reply.code(), "FORBIDDEN", "{cell:?}");
            continue;
        }
        let started = reply.ok();
        assert_eq!(
            started["notes"].to_string().contains("may not approve"),
            may[2] == 0,
            "{cell:?}: {started}"
        );
        house.settle().await;
        let path = format!("/bookings/{}", started["job_id"].as_str().expect("an id"));
        let job = house.ask(get(&path).key(&boss)).await.ok();
        let status = ["awaiting_approval", "completed"][usize::from(may[2])];
        assert_eq!(job["status"], status, "{cell:?}: {job}");
    }
}
