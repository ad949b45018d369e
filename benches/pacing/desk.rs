//! A desk on SQLite with 10,000 running lines in 2,000 media buys, each with a track: what it
//! takes to list how all of them pace.

use std::sync::Arc;

use chrono::Duration;
use flightdeck::{
    domain::{
        delivery::{reading::Reading, track::Track},
        ids::TenantId,
        opendirect::line::Line,
        tenant::{caller::Caller, role::Role},
    },
    engine::{clock::ManualClock, core::Core, pacing::list::ListPacing, start::start},
    store::{
        Shared,
        batch::{Batch, Put},
        open::{Database, open},
        record::Record,
    },
};
use serde_json::json;
use uuid::Uuid;

use super::{LINES, now};

/// The desk.
pub struct Desk {
    core: Core,
    caller: Caller,
    _home: tempfile::TempDir,
}

fn put<R: Record>(record: &R) -> Put {
    Put {
        kind: R::KIND,
        id: record.id(),
        replaces: None,
        facets: record.facets(),
        body: serde_json::to_string(record).expect("json"),
        glance: record.glance().expect("json"),
        shown: None,
    }
}

fn id(number: i64) -> Uuid {
    Uuid::from_u64_pair(
        0x0190_0000_0000_7000,
        0x8000_0000_0000_0000 | number.unsigned_abs(),
    )
}

fn line(number: i64) -> Line {
    let day = |days: i64| (now() + Duration::days(days)).date_naive();
    serde_json::from_value(json!({
        "id": id(number), "order_id": id(1_000_000 + number / 5), "product_id": "ctv-prime",
        "delivery_type": "Guaranteed", "name": format!("Line {number}"),
        "flight": {"first": day(-10), "last": day(20)}, "rate_type": "CPM",
        "rate": {"minor": 2_000, "currency": "USD"}, "quantity": 1_000_000,
        "cost": {"minor": 2_000_000, "currency": "USD"}, "status": "InFlight",
        "reserved_until": null,
    }))
    .expect("a line")
}

fn track(number: i64) -> Track {
    let reading = |hour: i64| {
        let impressions = hour * (900 + number % 900);
        serde_json::from_value::<Reading>(json!({
            "line_id": id(number), "delivered": {
                "impressions": impressions, "clicks": impressions / 400,
                "spent": {"minor": impressions * 2, "currency": "USD"},
                "as_of": now() - Duration::hours(240 - hour),
            },
        }))
        .expect("a reading")
    };
    let mut track = Track::begin(reading(24));
    for hour in (48..216).step_by(24).chain(216..=240) {
        track.take(reading(hour)).expect("newer");
    }
    track
}

impl Desk {
    pub async fn filled() -> Self {
        let home = tempfile::tempdir().expect("a scratch directory");
        let file = Database::File(home.path().join("desk.db"));
        let store: Shared = open(&file).await.expect("a database");
        let tenant: TenantId = "main".parse().expect("a tenant");
        let lines: Vec<i64> = (0..LINES).collect();
        for some in lines.chunks(1_000) {
            let mut batch = Batch::new(tenant.clone(), now());
            for number in some {
                batch.puts.push(put(&line(*number)));
                batch.puts.push(put(&track(*number)));
            }
            store.commit(batch).await.expect("kept");
        }
        let clock = Arc::new(ManualClock::at(now()));
        let core = start(store, clock, |_| ()).await.expect("an engine").core;
        Self {
            core,
            caller: Caller::new("anna", tenant, Role::Trafficker),
            _home: home,
        }
    }

    /// Lists them all.
    pub async fn list(&self) -> usize {
        let page = self.core.ask(&self.caller, ListPacing::default()).await;
        page.expect("listed").lines.len()
    }
}
