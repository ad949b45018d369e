//! Tells which lines run, with all that an ad server has to know of them. A line that cannot be
//! shown now, because it is paused or its media buy lacks creatives, is among them: its count
//! stands still, and that is told too.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        adcp::offer::line_item_type,
        delivery::{
            people::Cap,
            running::{Reaches, Running, Span, by, spans},
            track::Track,
        },
        ids::{BuyId, LineId, ProductId},
        media_buy::{
            ad_order::AdOrder, buy::MediaBuy, package::Package, status::BuyStatus, terms::Spread,
        },
        opendirect::{
            booking_status::LineBookingStatus as S, line::Line, product::Product, stats::Delivered,
            stats::Price,
        },
        pacing::clock::Clock,
        policy::Permission,
        when::Instant,
        zone::Zone,
    },
    engine::{
        ad_orders,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Record, Sort},
};

/// How many objects are read at once.
const AT_ONCE: u32 = 200;
/// How long after the end of a flight the ad server of a tenant is still asked: what was shown in
/// its last hours is told late there.
pub const SETTLES: Duration = Duration::days(1);

/// Tells which lines run, or have run and were not counted to their end; for the engine only.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunningLines {}

/// The lines that run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Runs {
    /// Those that there is something to count of, by product.
    pub lines: Vec<Running>,
    /// Those that are in the tenant's own ad server, and counted there.
    #[serde(default)]
    pub away: Vec<Away>,
    /// Whether others wait for their flight or are in it.
    pub more: bool,
}

/// A line that is in the tenant's own ad server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Away {
    /// The line.
    pub running: Running,
    /// Which ad server, and which account of it.
    pub server: String,
    /// Its order there.
    pub order: String,
    /// Its line there.
    pub line: String,
}

impl Operation for RunningLines {
    const NAME: &'static str = "delivery.running";
    const ABOUT: &'static str = "Tell which lines run; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = Runs;

    async fn perform(self, work: &mut Work<'_>) -> Result<Runs, Fault> {
        let mut known = Known::default();
        let mut runs = Runs::default();
        for status in [S::Booked, S::InFlight, S::Stopped] {
            let mut after = None;
            loop {
                let filter = Filter {
                    state: Some(status.name().to_owned()),
                    after,
                    limit: AT_ONCE,
                    ..Filter::default()
                };
                let rows = work.rows::<Line>(&filter).await?;
                after = rows.last().map(|row| row.mark(Sort::Created));
                let lines = work.read_rows::<Line>(rows)?;
                let full = lines.len() == AT_ONCE as usize;
                runs.more |= !lines.is_empty();
                let lines = lines.into_iter().map(|stored| stored.record).collect();
                runs.lines.extend(known.running(work, lines).await?);
                if !full {
                    break;
                }
            }
        }
        runs.lines.extend(ended(work, &mut known).await?);
        runs.away = known.away;
        runs.lines
            .sort_by(|a, b| (&a.product_id, a.line_id).cmp(&(&b.product_id, b.line_id)));
        Ok(runs)
    }
}

/// Lines whose flight is over, the latest first, as long as some were not counted to their end.
async fn ended(work: &Work<'_>, known: &mut Known) -> Result<Vec<Running>, Fault> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let filter = Filter {
            state: Some(S::Finished.name().to_owned()),
            sort: Sort::Updated,
            descending: true,
            after,
            limit: AT_ONCE,
            ..Filter::default()
        };
        let rows = work.rows::<Line>(&filter).await?;
        after = rows.last().map(|row| row.mark(Sort::Updated));
        let full = rows.len() == AT_ONCE as usize;
        let lines = work.read_rows::<Line>(rows)?;
        let lines = lines.into_iter().map(|stored| stored.record).collect();
        let before = known.away.len();
        let found = known.running(work, lines).await?;
        if found.is_empty() && known.away.len() == before {
            return Ok(all);
        }
        all.extend(found);
        if !full {
            return Ok(all);
        }
    }
}

/// What was read so far of what lines hang on.
#[derive(Default)]
struct Known {
    products: BTreeMap<ProductId, Option<Product>>,
    buys: BTreeMap<BuyId, Option<MediaBuy>>,
    /// What is to be in the tenant's own ad server, and is not delivered by the one inside.
    orders: BTreeMap<BuyId, AdOrder>,
    away: Vec<Away>,
}

impl Known {
    /// Those of some lines that there is something to count of until now.
    async fn running(&mut self, work: &Work<'_>, lines: Vec<Line>) -> Result<Vec<Running>, Fault> {
        let lines: Vec<Line> = lines.into_iter().map(|line| by(line, work.now())).collect();
        let lines: Vec<Line> = lines
            .into_iter()
            .filter(|line| line.status != S::Booked)
            .collect();
        let ids = |ids: BTreeSet<String>| ids.into_iter().collect::<Vec<_>>();
        let tracks = read::<Track>(
            work,
            &ids(lines.iter().map(|line| line.id.to_string()).collect()),
        )
        .await?;
        let tracks: BTreeMap<LineId, Delivered> = tracks
            .into_iter()
            .map(|track| (track.line_id, track.latest))
            .collect();
        let products = lines.iter().map(|line| &line.product_id);
        let products = products.filter(|id| !self.products.contains_key(*id));
        let products = ids(products.map(ToString::to_string).collect());
        for product in read::<Product>(work, &products).await? {
            self.products.insert(product.id.clone(), Some(product));
        }
        let buys = lines.iter().filter_map(|line| line.buy_id.as_ref());
        let buys = buys.filter(|id| !self.buys.contains_key(*id));
        let buys = ids(buys.map(ToString::to_string).collect());
        for buy in read::<MediaBuy>(work, &buys).await? {
            self.buys.insert(buy.id.clone(), Some(buy));
        }
        self.orders.extend(ad_orders::named(work, &buys).await?);
        let now = work.now();
        let mut away = Vec::new();
        let mut one = |line: &Line| {
            let product = self.products.get(&line.product_id)?.as_ref()?;
            let buy = line
                .buy_id
                .as_ref()
                .and_then(|id| self.buys.get(id)?.as_ref());
            // What lives elsewhere is delivered and counted there.
            if buy.is_some_and(|buy| buy.upstream.is_some()) {
                return None;
            }
            let running = running(line, product, buy, tracks.get(&line.id).cloned(), now)?;
            let Some(order) = line.buy_id.as_ref().and_then(|id| self.orders.get(id)) else {
                running.since().filter(|since| *since < now)?;
                return Some(running);
            };
            if is_due(&running, now) {
                away.extend(there(order, running));
            }
            None
        };
        let lines = lines.iter().filter_map(&mut one).collect();
        self.away.extend(away);
        Ok(lines)
    }
}

/// Whether a line that is in the tenant's own ad server is still to be counted there.
fn is_due(running: &Running, now: Instant) -> bool {
    match running.so_far.as_ref().map(|one| one.as_of) {
        Some(until) => until < now && until < running.ends + SETTLES,
        None => running.since().is_some_and(|since| since < now),
    }
}

/// A line in the order that its buy has in the ad server; nothing before it was seen there.
fn there(order: &AdOrder, running: Running) -> Option<Away> {
    let own = order
        .lines
        .iter()
        .find(|one| one.line_id == running.line_id)?;
    Some(Away {
        server: order.server.clone(),
        order: order.order_id.clone()?,
        line: own.id.clone()?,
        running,
    })
}

/// Reads objects by their ids.
async fn read<R: Record>(work: &Work<'_>, ids: &[String]) -> Result<Vec<R>, Fault> {
    let mut all = Vec::with_capacity(ids.len());
    for ids in ids.chunks(AT_ONCE as usize) {
        let filter = Filter {
            ids: Some(ids.to_vec()),
            limit: AT_ONCE,
            ..Filter::default()
        };
        let found = work.list::<R>(&filter).await?;
        all.extend(found.into_iter().map(|stored| stored.record));
    }
    Ok(all)
}

/// A line as an ad server runs it.
fn running(
    line: &Line,
    product: &Product,
    buy: Option<&MediaBuy>,
    so_far: Option<Delivered>,
    now: Instant,
) -> Option<Running> {
    let whole = Clock::of_days(line.flight, Zone::UTC).ok()?;
    let package = buy.and_then(|buy| {
        let mut all = buy.packages.iter();
        all.find(|one| one.line_id == line.id).map(|one| (buy, one))
    });
    let (starts, ends) = package.map_or((whole.start(), whole.end()), |(buy, package)| {
        package.flight(buy.start, buy.end)
    });
    let open = package.is_none_or(|(buy, package)| is_open(line, buy, package, now));
    let spans: Vec<Span> = if open { spans(line) } else { Vec::new() };
    Some(Running {
        line_id: line.id,
        product_id: line.product_id.clone(),
        daily: product.daily_impressions,
        reaches: Reaches::of(product),
        priority: package.map_or_else(
            || line_item_type(product).priority(),
            |(_, one)| one.priority(),
        ),
        spread: package.map_or(Spread::Even, |(_, one)| one.spread),
        quantity: line.quantity,
        price: Price::of(line),
        starts,
        ends,
        cap: package.and_then(|(_, one)| Cap::of(one)),
        spans,
        so_far,
    })
}

/// Whether a package may be shown, as far as its media buy has a say: what its line's history
/// tells of pauses is not looked at again.
fn is_open(line: &Line, buy: &MediaBuy, package: &Package, now: Instant) -> bool {
    let told = line.status == S::Stopped || line.status == S::Finished;
    let runs = match buy.status {
        BuyStatus::Active | BuyStatus::Completed => true,
        BuyStatus::PendingStart => buy.start <= now,
        BuyStatus::Paused => told,
        _ => false,
    };
    runs && !package.creatives.is_empty() && (told || package.may_run())
}
