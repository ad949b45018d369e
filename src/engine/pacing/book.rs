//! Reads lines as pacing needs them, with their packages and what was counted, from what is
//! kept beside them for lists: no bodies where that is there. Judges each by its own data's
//! time. Refuses to guess what nobody counted.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use super::rewound::rewound;
use crate::{
    domain::{
        delivery::{measured::Measured, track::Track},
        ids::{BuyId, LineId, OrderId},
        media_buy::{
            buy::MediaBuy, creative::CreativeStatus, item_type::ItemType, status::BuyStatus,
        },
        opendirect::{
            account::Account,
            booking_status::LineBookingStatus,
            line::Line,
            order::Order,
            product::{DeliveryType, RateType},
        },
        pacing::{
            alerts::rules::Creative,
            booked::{Booked, Bought, Parcel},
            counted::Counted,
            figures::Figures,
            ratio::Ratio,
            status::{Bounds, Status},
            terms::{Lifecycle, Seen, Terms, Unit},
        },
        when::Instant,
    },
    engine::{creatives, fault::Fault, work::Work},
    store::record::{Filter, Part, Record, Row, Stored},
};

/// How many objects are read by their ids at once.
const AT_ONCE: usize = 1_000;

/// Which lines.
#[derive(Debug, Clone)]
pub(in crate::engine) enum Which {
    /// Those that are booked and not over; with those that are over where that is wanted.
    Live {
        /// With those that are over.
        ended: bool,
    },
    /// Those of an order.
    Of(OrderId),
    /// These.
    These(Vec<LineId>),
}

/// A media buy with what is known of it.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Buy {
    pub id: BuyId,
    pub name: Box<str>,
    pub revision: i64,
    pub bought: Bought,
    /// Those of its creatives that may be shown; only looked up while it lacks some.
    pub approved: BTreeSet<Box<str>>,
}

/// A line with all that its pacing is told from.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Entry {
    pub line: LineId,
    pub name: Box<str>,
    pub revision: i64,
    pub order_id: OrderId,
    pub booked: Booked,
    pub buy: Option<Arc<Buy>>,
    /// Name and owner of the order, where no media buy has them.
    pub order: (Box<str>, Box<str>),
    pub counted: Option<Counted>,
    /// What others counted of it.
    pub measured: Option<Measured>,
}

/// A line, judged.
pub(in crate::engine) struct Weighed {
    pub entry: Entry,
    pub terms: Terms,
    /// What was seen; nothing where nobody counted.
    pub seen: Option<Seen>,
    pub figures: Option<Figures>,
    pub status: Status,
}

/// Reads lines, and weighs them.
///
/// # Errors
/// When the store cannot, or a line has no flight.
pub(in crate::engine) async fn weighed(
    work: &Work<'_>,
    which: Which,
    as_of: Option<Instant>,
) -> Result<Vec<Weighed>, Fault> {
    let mut entries = read(work, which).await?;
    let now = as_of.unwrap_or_else(|| work.now());
    if let Some(at) = as_of {
        for entry in &mut entries {
            entry.counted = rewound(work, entry.line, at).await?;
            // What others counted is known as of now alone.
            entry.measured = None;
        }
    }
    weigh_all(entries, now)
}

/// Reads the lines of media buys that are known already, and weighs them.
///
/// # Errors
/// When the store cannot, or a line has no flight.
pub(in crate::engine) async fn weighed_of(
    work: &Work<'_>,
    buys: &[Stored<MediaBuy>],
) -> Result<Vec<Weighed>, Fault> {
    let mut known = HashMap::with_capacity(buys.len());
    for stored in buys {
        let buy = &stored.record;
        let of = (buy.id.as_str(), buy.name.as_str(), stored.revision);
        let read = Buy::read(work, of, Bought::of(buy)).await?;
        known.insert(buy.id.to_string(), Arc::new(read));
    }
    let packages = buys.iter().flat_map(|stored| &stored.record.packages);
    let lines = packages.map(|package| package.line_id).collect();
    let entries = entries(work, Which::These(lines), known).await?;
    weigh_all(entries, work.now())
}

/// In room that is made once: a line is large, and there are many.
fn weigh_all(entries: Vec<Entry>, now: Instant) -> Result<Vec<Weighed>, Fault> {
    let bounds = Bounds::default();
    let mut all = Vec::with_capacity(entries.len());
    for entry in entries {
        all.push(Weighed::new(entry, &bounds, now)?);
    }
    Ok(all)
}

impl Buy {
    /// With those of its creatives that may be shown.
    async fn read(
        work: &Work<'_>,
        (id, name, revision): (&str, &str, i64),
        bought: Bought,
    ) -> Result<Self, Fault> {
        Ok(Self {
            id: id.into(),
            name: name.into(),
            revision,
            approved: approved(work, &bought).await?,
            bought,
        })
    }
}

impl Weighed {
    /// Weighs a line.
    ///
    /// # Errors
    /// When its flight is none.
    pub(in crate::engine) fn new(
        entry: Entry,
        bounds: &Bounds,
        now: Instant,
    ) -> Result<Self, Fault> {
        let terms = entry
            .booked
            .terms(entry.parcel())
            .map_err(|wrong| Fault::broken(format!("line {}: {wrong}", entry.line)))?;
        let seen = entry.seen(&terms, now);
        let figures = seen.as_ref().map(|seen| Figures::of(&terms, seen));
        let status = bounds.judge(&terms, seen.as_ref().zip(figures.as_ref()));
        Ok(Self {
            entry,
            terms,
            seen,
            figures,
            status,
        })
    }

    /// What is at risk, where it can be told.
    pub(in crate::engine) fn at_risk(&self) -> Option<Ratio> {
        self.figures.as_ref()?.at_risk
    }
}

impl Entry {
    /// The package that it delivers, in its media buy.
    pub(in crate::engine) fn parcel(&self) -> Option<(&Bought, &Parcel)> {
        let bought = &self.buy.as_ref()?.bought;
        Some((bought, bought.parcel(self.line)?))
    }

    /// The name of its order.
    pub(in crate::engine) fn order(&self) -> &str {
        self.buy.as_ref().map_or(&self.order.0, |buy| &buy.name)
    }

    /// Who ordered it.
    pub(in crate::engine) fn owner(&self) -> &str {
        let buy = self.buy.as_ref();
        buy.map_or(&self.order.1, |buy| &buy.bought.owner)
    }

    /// How it competes.
    pub(in crate::engine) fn item_type(&self) -> ItemType {
        match (self.parcel(), self.booked.delivery) {
            (Some((_, parcel)), _) => parcel.item_type,
            (None, DeliveryType::Exclusive) => ItemType::Sponsorship,
            (None, DeliveryType::Guaranteed) => ItemType::Standard,
            (None, DeliveryType::Pmp) => ItemType::PricePriority,
        }
    }

    /// The revision to pin a change to: the media buy's, where it delivers one.
    pub(in crate::engine) fn pin(&self) -> i64 {
        self.buy.as_ref().map_or(self.revision, |buy| buy.revision)
    }

    /// Whether there is something to show.
    pub(in crate::engine) fn creative(&self) -> Creative {
        let Some((buy, (bought, parcel))) = self.buy.as_ref().zip(self.parcel()) else {
            return Creative::Approved;
        };
        let shows = &parcel.shows;
        // What it shows is not told of every buy there; that it lacks some is.
        if bought.elsewhere && bought.status != BuyStatus::PendingCreatives {
            Creative::Approved
        } else if shows.is_empty() {
            Creative::Missing
        } else if bought.status != BuyStatus::PendingCreatives
            || shows.iter().any(|one| buy.approved.contains(one))
        {
            Creative::Approved
        } else {
            Creative::Rejected
        }
    }

    /// What was seen of it. What has not begun delivered nothing until now, whoever counts.
    fn seen(&self, terms: &Terms, now: Instant) -> Option<Seen> {
        let unit = unit(terms);
        let Some(counted) = &self.counted else {
            return (now < terms.clock.start()).then(|| Seen {
                spent: Some(Ratio::ZERO),
                ..Seen::new(Ratio::ZERO, now)
            });
        };
        let mut seen = counted.seen(unit)?;
        if seen.spent.is_none() {
            seen.spent = self.spent(seen.delivered, terms, seen.as_of);
        }
        Some(seen)
    }

    /// What was spent by the line's own price, where its ad server does not say.
    fn spent(&self, delivered: Ratio, terms: &Terms, at: Instant) -> Option<Ratio> {
        let cost: Ratio = self.booked.cost.into();
        let share = match self.booked.rate_type {
            RateType::Cpm | RateType::Cpmv | RateType::Cpc => {
                delivered.over(Ratio::count(self.booked.quantity))?
            }
            RateType::Cpd | RateType::FlatRate => terms.clock.progress(at)?,
        };
        cost.times(share.min(Ratio::ONE))
    }
}

/// Reads lines with their packages and counts.
///
/// # Errors
/// When the store cannot.
pub(in crate::engine) async fn read(work: &Work<'_>, which: Which) -> Result<Vec<Entry>, Fault> {
    entries(work, which, HashMap::new()).await
}

/// The same, where some media buys are known already.
async fn entries(
    work: &Work<'_>,
    which: Which,
    known: HashMap<String, Arc<Buy>>,
) -> Result<Vec<Entry>, Fault> {
    let rows = lines(work, which).await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(booked) = glance(work, &row, Booked::of).await? else {
            continue;
        };
        entries.push(Entry {
            line: row.id.parse().map_err(Fault::broken)?,
            name: row.facets.label.into(),
            revision: row.revision,
            order_id: row.facets.parent.parse().map_err(Fault::broken)?,
            booked,
            buy: None,
            order: (Box::default(), Box::default()),
            counted: None,
            measured: None,
        });
    }
    file(work, &mut entries, known).await?;
    count(work, &mut entries).await?;
    Ok(entries)
}

async fn lines(work: &Work<'_>, which: Which) -> Result<Vec<Row>, Fault> {
    use LineBookingStatus as S;
    let all = Filter {
        limit: u32::MAX,
        part: Part::Glance,
        ..Filter::default()
    };
    match which {
        Which::These(ids) => by_ids::<Line>(work, ids.iter().map(ToString::to_string)).await,
        Which::Of(order) => {
            let parent = Some(order.to_string());
            work.rows::<Line>(&Filter { parent, ..all }).await
        }
        Which::Live { ended } => {
            let live = [S::InFlight, S::Stopped, S::Booked].into_iter();
            let over = ended.then_some(S::Finished);
            let mut rows = Vec::new();
            for state in live.chain(over) {
                let filter = Filter {
                    state: Some(state.name().to_owned()),
                    ..all.clone()
                };
                rows.extend(work.rows::<Line>(&filter).await?);
            }
            Ok(rows)
        }
    }
}

/// Puts lines in their orders.
async fn file(
    work: &Work<'_>,
    entries: &mut [Entry],
    mut buys: HashMap<String, Arc<Buy>>,
) -> Result<(), Fault> {
    let named = entries
        .iter()
        .filter_map(|entry| entry.booked.buy.as_ref())
        .filter(|id| !buys.contains_key(id.as_str()));
    let ids: BTreeSet<String> = named.map(ToString::to_string).collect();
    for row in by_ids::<MediaBuy>(work, ids.into_iter()).await? {
        if let Some(bought) = glance(work, &row, Bought::of).await? {
            let of = (row.id.as_str(), row.facets.label.as_str(), row.revision);
            let buy = Buy::read(work, of, bought).await?;
            buys.insert(row.id, Arc::new(buy));
        }
    }
    let mut without: BTreeSet<String> = BTreeSet::new();
    for entry in &mut *entries {
        match &entry.booked.buy {
            Some(id) => entry.buy = buys.get(id.as_str()).cloned(),
            None => {
                without.insert(entry.order_id.to_string());
            }
        }
    }
    let names = orders(work, without).await?;
    for entry in entries.iter_mut().filter(|entry| entry.buy.is_none()) {
        if let Some(order) = names.get(&entry.order_id.to_string()) {
            entry.order.clone_from(order);
        }
    }
    Ok(())
}

/// Names and owners of orders.
async fn orders(
    work: &Work<'_>,
    ids: BTreeSet<String>,
) -> Result<HashMap<String, (Box<str>, Box<str>)>, Fault> {
    let rows = by_ids::<Order>(work, ids.into_iter()).await?;
    let accounts: BTreeSet<String> = rows.iter().map(|row| row.facets.parent.clone()).collect();
    let owners: HashMap<String, String> = by_ids::<Account>(work, accounts.into_iter())
        .await?
        .into_iter()
        .map(|row| (row.id, row.facets.label))
        .collect();
    let named = |row: Row| {
        let owner = owners.get(&row.facets.parent);
        let owner = owner.map_or("", String::as_str).into();
        (row.id, (row.facets.label.into(), owner))
    };
    Ok(rows.into_iter().map(named).collect())
}

/// Which creatives of a buy may be shown, where it lacks some.
async fn approved(work: &Work<'_>, bought: &Bought) -> Result<BTreeSet<Box<str>>, Fault> {
    let mut approved = BTreeSet::new();
    if bought.status != BuyStatus::PendingCreatives {
        return Ok(approved);
    }
    for shown in bought.packages.iter().flat_map(|parcel| &parcel.shows) {
        let found = creatives::read(work, &bought.owner, shown).await?;
        if found.is_some_and(|one| one.record.status == CreativeStatus::Approved) {
            approved.insert(shown.clone());
        }
    }
    Ok(approved)
}

async fn count(work: &Work<'_>, entries: &mut [Entry]) -> Result<(), Fault> {
    let ids = entries.iter().map(|entry| entry.line.to_string());
    let mut counted: HashMap<String, Counted> = HashMap::with_capacity(entries.len());
    for row in by_ids::<Track>(work, ids).await? {
        if let Some(one) = glance(work, &row, Counted::of).await? {
            counted.insert(row.id, one);
        }
    }
    let ids = entries.iter().map(|entry| entry.line.to_string());
    let mut measured: HashMap<String, Measured> = HashMap::new();
    for row in by_ids::<Measured>(work, ids).await? {
        if let Some(one) = glance(work, &row, Measured::clone).await? {
            measured.insert(row.id, one);
        }
    }
    for entry in entries {
        let id = entry.line.to_string();
        entry.counted = counted.remove(&id);
        entry.measured = measured.remove(&id);
    }
    Ok(())
}

/// Reads what is kept of objects for lists, by their ids.
async fn by_ids<R: Record>(
    work: &Work<'_>,
    ids: impl Iterator<Item = String>,
) -> Result<Vec<Row>, Fault> {
    let ids: Vec<String> = ids.collect();
    let mut rows = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let filter = Filter {
            ids: Some(some.to_vec()),
            limit: u32::MAX,
            part: Part::Glance,
            ..Filter::default()
        };
        rows.extend(work.rows::<R>(&filter).await?);
    }
    Ok(rows)
}

/// What is kept of an object for lists, or the same drawn from all of it.
async fn glance<R: Record, G: serde::de::DeserializeOwned>(
    work: &Work<'_>,
    row: &Row,
    of: fn(&R) -> G,
) -> Result<Option<G>, Fault> {
    if let Ok(kept) = serde_json::from_str(&row.body) {
        return Ok(Some(kept));
    }
    let whole = work.get::<R>(&row.id).await?;
    Ok(whole.map(|stored| of(&stored.record)))
}

/// What a line is counted by: its goal's unit, impressions where it has none.
pub(in crate::engine) fn unit(terms: &Terms) -> Unit {
    terms.goal.unit().unwrap_or(Unit::Impressions)
}

/// Whether a line is meant to run at a time.
pub(in crate::engine) fn should_run(terms: &Terms, at: Instant) -> bool {
    let meant = matches!(
        terms.lifecycle,
        Lifecycle::Live | Lifecycle::PendingCreatives
    );
    meant && at >= terms.clock.start() && at < terms.clock.end()
}
