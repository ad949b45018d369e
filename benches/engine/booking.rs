//! A whole booking, from the brief to what waits for a decision, on four channels and a large
//! catalogue, in this process: nothing but the engine and its database.

use std::sync::Arc;

use criterion::{Criterion, measurement::WallTime};
use flightdeck::{
    domain::{
        ids::TenantId,
        opendirect::product::Product,
        tenant::{caller::Caller, role::Role},
    },
    engine::{
        bookings::{get::GetJob, submit::SubmitBrief},
        clock::ManualClock,
        seller::products::stock,
        start::{Started, start},
    },
    store::{self, open::Database},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::{
    PRODUCTS, Sum,
    table::{Row, Table, Target},
    this,
};

/// A brief for four channels.
pub fn brief() -> Value {
    json!({
        "brief": {
            "name": "Q3 Awareness Push",
            "objectives": ["brand_awareness", "reach"],
            "budget": 25_000,
            "start_date": "2026-07-01",
            "end_date": "2026-09-30",
            "target_audience": {
                "demographics": { "age": "18-34" },
                "interests": ["gaming", "technology"],
            },
            "kpis": { "target_cpm": 10 },
            "channels": ["branding", "ctv", "mobile_app", "performance"],
        },
    })
}

/// The demo catalogue, again and again under other names.
fn products() -> Vec<Product> {
    let demo: Vec<Product> =
        serde_json::from_str(include_str!("../../assets/catalogue.json")).expect("products");
    let mut products = Vec::with_capacity(PRODUCTS);
    for (number, model) in demo.iter().cycle().take(PRODUCTS).enumerate() {
        let mut product = model.clone();
        product.id = format!("{}-{number}", model.id).into();
        products.push(product);
    }
    products
}

/// Measures it.
pub fn measure(criterion: &mut Criterion<WallTime>, table: &mut Table) {
    let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch directory");
    let runtime = Runtime::new().expect("a runtime");
    let tenant: TenantId = "main".parse().expect("a tenant");
    let Started { core, runner } = runtime.block_on(async {
        let database = Database::File(dir.path().join("flightdeck.db"));
        let store = store::open::open(&database).await.expect("a database");
        let noon = "2026-06-15T12:00:00Z".parse().expect("an instant");
        let clock = Arc::new(ManualClock::at(noon));
        let started = start(store, clock, |_| {}).await.expect("an engine");
        let stocked = stock::stock(&started.core, &tenant, products()).await;
        assert_eq!(stocked.expect("a catalogue"), PRODUCTS as u64);
        started
    });
    let buyer = Caller::new("buyer", tenant, Role::Trafficker);
    let one = || async {
        let brief: SubmitBrief = serde_json::from_value(brief()).expect("a brief");
        let sent = core.ask(&buyer, brief).await.expect("a job");
        runner.settle().await.expect("it comes to rest");
        sent.job_id
    };
    let job_id = runtime.block_on(one());
    let job = runtime.block_on(core.ask(&buyer, GetJob { job_id }));
    let job = job.expect("the job");
    assert_eq!(job.status.name(), "awaiting_approval", "{:?}", job.errors);
    assert_eq!(job.budget_allocations.map(|all| all.len()), Some(4));

    let (sum, process) = (Sum::default(), this());
    criterion.bench_function("cpu/booking, 4 channels, 10,000 products", |bench| {
        bench.iter_custom(|times| {
            let before = process.spent();
            for _ in 0..times {
                runtime.block_on(one());
            }
            let spent = process.spent().saturating_sub(before);
            sum.add(spent, times);
            spent
        });
    });
    table.push(Row::figure(
        "brief to awaiting approval, 4 channels, 10,000 products, CPU per job",
        sum.micros() / 1000.0,
        "ms",
        Target::AtMost(10.0),
    ));
}
