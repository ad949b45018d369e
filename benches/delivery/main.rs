//! What delivery costs: `cargo bench --bench delivery`. A call of a tool is measured in processor
//! time of the serving process, beside a route that says next to nothing and is measured in the
//! same run; taking readings in is measured on a file, in the batches that ad servers send.

use std::{
    cell::Cell,
    fs,
    io::{self, Write as _},
    path::Path,
    thread,
    time::Duration,
};

use criterion::{Criterion, measurement::WallTime};
use serde_json::{Value, json};
use tempfile::TempDir;

#[path = "../engine/client.rs"]
mod client;
#[path = "../engine/cpu.rs"]
#[expect(dead_code, reason = "memory is not looked at here")]
mod cpu;
mod ingest;
#[path = "../engine/server.rs"]
#[expect(dead_code, reason = "the start is not looked at here")]
mod server;
#[path = "../engine/table.rs"]
#[expect(dead_code, reason = "the engine's bench uses the rest")]
mod table;

use client::Connection;
use server::Server;
use table::{Row, Table};

/// How many products are on sale.
const PRODUCTS: usize = 10_000;
/// How many calls are made before anything is measured.
const WARM: u64 = 1_000;

/// What was measured: nanoseconds and how often.
#[derive(Debug, Default)]
struct Sum(Cell<(u64, u64)>);

impl Sum {
    fn add(&self, spent: Duration, times: u64) {
        let (all, count) = self.0.get();
        let spent = u64::try_from(spent.as_nanos()).unwrap_or(u64::MAX);
        self.0.set((all + spent, count + times));
    }

    /// Microseconds each.
    fn micros(&self) -> f64 {
        let (all, count) = self.0.get();
        table::float(all) / table::float(count.max(1)) / 1000.0
    }
}

fn main() {
    if server::is_the_plain_one() {
        return server::be_the_plain_one();
    }
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(4))
        .configure_from_args();
    let mut table = Table::default();
    cpu::on_one_core(|| tools(&mut criterion, &mut table));
    ingest::measure(&mut table);
    criterion.final_summary();
    write!(io::stdout(), "\n{table}").expect("somebody reads");
}

/// The tools of an agent against a route that says next to nothing.
fn tools(criterion: &mut Criterion<WallTime>, table: &mut Table) {
    let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch directory");
    let catalogue = dir.path().join("catalogue.json");
    fs::write(&catalogue, json!(products()).to_string()).expect("a catalogue");
    let (plain, ours) = (Server::plain(), house(dir.path(), &catalogue));
    let mut agent = Connection::open(ours.address());
    let buys = bought(&mut agent);
    let empty = Sum::default();
    let mut next = buys.iter().cycle();
    let mut each = || {
        let id = next.next().cloned().unwrap_or_default();
        call("get_media_buy_delivery", &json!({"media_buy_ids": [id]}))
    };
    let daily = call(
        "get_media_buy_delivery",
        &json!({"media_buy_ids": [buys[0]], "include_package_daily_breakdown": true}),
    );
    let brief = json!({
        "buying_mode": "brief", "brief": "premium sports video on connected TV for young adults",
    });
    let brief = call("get_products", &brief);
    let mut rows = Vec::new();
    let delivery = Sum::default();
    spend(criterion, "cpu/plain route", &plain, &empty, None);
    spend(criterion, "cpu/delivery", &ours, &delivery, Some(&mut each));
    rows.push((
        "get_media_buy_delivery of one of 100 buys, 30 days old",
        delivery,
        300.0,
    ));
    for (name, label, body, most) in [
        (
            "get_media_buy_delivery day by day",
            "cpu/delivery by day",
            &daily,
            500.0,
        ),
        (
            "get_products by brief, 10,000 on sale",
            "cpu/products",
            &brief,
            500.0,
        ),
        ("tools/list", "cpu/tools list", &list(), 5_000.0),
    ] {
        let sum = Sum::default();
        spend(criterion, "cpu/plain route", &plain, &empty, None);
        spend(criterion, label, &ours, &sum, Some(&mut || body.clone()));
        rows.push((name, sum, most));
    }
    // A connection that was idle for so long was closed.
    let listed = Connection::open(ours.address()).post("/mcp", &list()).len();
    table.push(Row::figure(
        "the answer to tools/list",
        table::float(listed as u64) / 1_000.0,
        "kB",
        table::Target::AtMost(200.0),
    ));
    for (name, sum, most) in rows {
        table.push(Row::figure(
            &format!("{name}, CPU a call over MCP"),
            sum.micros(),
            "µs",
            table::Target::AtMost(most),
        ));
    }
    table.push(Row::figure(
        "the plain route, CPU a request",
        empty.micros(),
        "µs",
        table::Target::AtMost(100.0),
    ));
}

fn house(data: &Path, catalogue: &Path) -> Server {
    let catalogue = catalogue.display().to_string();
    let settings = [
        ("FLIGHTDECK_SELLER_CATALOGUE", catalogue.as_str()),
        ("FLIGHTDECK_SERVER_OPEN_AS", "admin"),
        ("FLIGHTDECK_AD_SERVER_ENABLED", "false"),
        ("FLIGHTDECK_CLOCK_TURNABLE", "true"),
    ];
    Server::ours(data, &settings)
}

/// What is on sale: products of ten kinds, so that a brief fits some better than others.
fn products() -> Vec<Value> {
    let kinds = [
        ("ctv", "video", "Sports evening"),
        ("ctv", "video", "Prime series"),
        ("branding", "display", "News home page"),
        ("branding", "native", "Recipes and food"),
        ("mobile_app", "display", "Casual games"),
        ("mobile_app", "video", "Short clips"),
        ("branding", "video", "Weather before the film"),
        ("ctv", "video", "Documentaries"),
        ("branding", "display", "Used cars"),
        ("mobile_app", "native", "Running and training"),
    ];
    let one = |n: usize| {
        let (channel, format, name) = kinds[n % kinds.len()];
        json!({
            "id": format!("product-{n}"), "publisher_id": format!("pub-{}", n % 50),
            "publisher": format!("Publisher {}", n % 50), "name": format!("{name} {n}"),
            "description": format!("{name} for young adults and families, edition {n}"),
            "channel": channel, "format": format, "rate_type": "CPM", "delivery_type": "PMP",
            "base_price": {"minor": 1_000 + n % 900, "currency": "USD"},
            "floor_price": {"minor": 500, "currency": "USD"},
            "daily_impressions": 100_000,
        })
    };
    (0..PRODUCTS).map(one).collect()
}

/// A call of a tool as it is sent.
fn call(tool: &str, arguments: &Value) -> String {
    let params = json!({"name": tool, "arguments": arguments});
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string()
}

/// The question which tools there are.
fn list() -> String {
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).to_string()
}

/// Buys that have run for 30 days, two packages each, with counts of every hour.
fn bought(agent: &mut Connection) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..100 {
        let package = |product: usize| {
            json!({
                "product_id": format!("product-{product}"), "budget": 10_000,
                "pricing_option_id": "default",
                "creatives": [{
                    "creative_id": "spot", "name": "Spot", "format_id": {"id": "video_30s"},
                }],
            })
        };
        let order = json!({
            "idempotency_key": format!("a-buy-of-the-bench-{n}"),
            "account": {"brand": {"domain": "acme.example"}, "operator": "agency.example"},
            "brand": {"domain": "acme.example"},
            "start_time": "asap", "end_time": "2026-09-15T00:00:00Z",
            "packages": [package(n * 2), package(n * 2 + 1)],
        });
        let told = agent.post("/mcp", &call("create_media_buy", &order));
        let told: Value = serde_json::from_slice(told).expect("JSON");
        let buy = &told["result"]["structuredContent"];
        let id = buy["media_buy_id"].as_str();
        ids.push(id.unwrap_or_else(|| panic!("{told:#}")).to_owned());
    }
    let mut readings = Vec::new();
    for id in &ids {
        let ask = json!({"media_buy_id": id}).to_string();
        let told = agent.post("/rpc/media_buys.get", &ask);
        let told: Value = serde_json::from_slice(told).expect("JSON");
        for package in told["buy"]["packages"].as_array().expect("packages") {
            readings.extend((0..720).map(|hour| ingest::reading(&package["line_id"], hour)));
        }
    }
    agent.post("/rpc/delivery.turn", r#"{"days": 30}"#);
    // The server looks at its clock every second.
    thread::sleep(Duration::from_secs(3));
    for some in readings.chunks(500) {
        agent.post(
            "/rpc/delivery.record",
            &json!({"readings": some}).to_string(),
        );
    }
    ids
}

/// Measures the processor time that a server spends on a call, or on its plain route.
fn spend(
    criterion: &mut Criterion<WallTime>,
    name: &str,
    server: &Server,
    sum: &Sum,
    mut body: Option<&mut dyn FnMut() -> String>,
) {
    let mut connection = Connection::open(server.address());
    let mut ask = || match &mut body {
        Some(body) => drop(connection.post("/mcp", &body()).len()),
        None => drop(connection.get("/").len()),
    };
    for _ in 0..WARM {
        ask();
    }
    let process = server.process();
    criterion.bench_function(name, |bench| {
        bench.iter_custom(|times| {
            let before = process.spent();
            for _ in 0..times {
                ask();
            }
            let spent = process.spent().saturating_sub(before);
            sum.add(spent, times);
            spent
        });
    });
}
