//! Looks an order over for whoever has to agree to it: the questions that are open, what
//! would be different, and what is free of every product against what is needed. Takes
//! nothing from anybody and promises nothing: booking looks again.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{approvals::ApprovalView, carry, find, place, reprice, view::BuyView};
use crate::{
    domain::{
        ids::{BuyId, PackageId, ProductId},
        media_buy::{
            approval::{Approval, Wanted},
            buy::MediaBuy,
            change::BuyChange,
            item_type::ItemType,
            package::{Package, days},
            upstream::deed::Stage,
        },
        money::Money,
        opendirect::{line::Line, product::Product},
        policy::Permission,
        when::Flight,
    },
    engine::{
        ad_orders,
        fault::Fault,
        operation::{Kind, Operation},
        seller::lines::carry::room,
        work::Work,
    },
    store::record::{Filter, Sort, Stored},
};

/// The most questions of one order that are told.
const MOST: u32 = 100;

/// Looks an order over.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckBuy {
    /// Which.
    pub media_buy_id: BuyId,
}

/// An order, looked over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BuyCheck {
    /// The order as it is.
    pub order: BuyView,
    /// What the publisher is asked about it, the longest waiting first.
    pub questions: Vec<ApprovalView>,
    /// What the first question would make different, if it is about a change.
    pub differences: Vec<Difference>,
    /// What it would cost then.
    pub total_after: Money,
    /// What each package needs and what there is; those that would be new come last.
    pub packages: Vec<PackageCheck>,
    /// Why the change cannot be carried out as it was asked for.
    pub problem: Option<String>,
}

/// One thing that would be different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// What.
    pub about: String,
    /// What it is.
    pub old: String,
    /// What it would be.
    pub new: String,
}

/// What a package needs, and what there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PackageCheck {
    /// Which; none while it is only asked for.
    pub package_id: Option<PackageId>,
    /// Of which product.
    pub product_id: ProductId,
    /// What that is called.
    pub product: String,
    /// How it competes.
    pub item_type: ItemType,
    /// The first day of its flight.
    pub first: NaiveDate,
    /// The last.
    pub last: NaiveDate,
    /// How many units it needs, after a change that is asked for.
    pub needs: u64,
    /// How many impressions it holds already.
    pub holds: u64,
    /// How many impressions nobody else holds in what is left of the flight.
    pub free: u64,
    /// Why that is too little, or cannot be had.
    pub problem: Option<String>,
    /// Whether its inventory is kept in another company's system, and not known here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
    /// Whether it has come to its end: nothing is held for it any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub over: bool,
}

/// What there is for a package against what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stock<'a> {
    /// Too little, or none that can be had, and why.
    Short(&'a str),
    /// Nobody here knows.
    Elsewhere,
    /// It has come to its end.
    Over,
    /// It holds all that it needs.
    Held,
    /// What is free is enough.
    Free,
    /// It may go on with less than it needs being free: the rest was delivered, or is not held.
    Loose,
}

impl PackageCheck {
    /// What there is for it against what it needs.
    #[must_use]
    pub fn stock(&self) -> Stock<'_> {
        match &self.problem {
            Some(problem) => Stock::Short(problem),
            None if self.elsewhere => Stock::Elsewhere,
            None if self.over => Stock::Over,
            None if self.holds > 0 && self.holds >= self.needs => Stock::Held,
            None if self.free >= self.needs => Stock::Free,
            None => Stock::Loose,
        }
    }
}

impl Operation for CheckBuy {
    const NAME: &'static str = "media_buys.check";
    const ABOUT: &'static str =
        "Look an order over: open questions, what would change, and what is free for it.";
    const KIND: Kind = Kind::Query(Permission::ReadBuys);
    type Output = BuyCheck;

    async fn perform(self, work: &mut Work<'_>) -> Result<BuyCheck, Fault> {
        let stored = find(work, &self.media_buy_id).await?;
        let questions = open(work, &self.media_buy_id).await?;
        if stored.record.upstream.is_some() {
            return elsewhere(stored, questions);
        }
        let buy = &stored.record;
        let first = questions.first().map(|one| &one.approval.wanted);
        let mut after = After::of(buy.clone())?;
        if let Some(Wanted::Change { change }) = first {
            after.change(work, buy, change).await?;
        }
        let mut packages = Vec::new();
        for package in living(&after.buy) {
            packages.push(look(work, &after.buy, package).await?);
        }
        packages.append(&mut after.fresh);
        let mut order = BuyView::of(stored);
        ad_orders::beside(work, &mut order).await?;
        Ok(BuyCheck {
            order,
            questions,
            differences: after.differences,
            total_after: after.total,
            packages,
            problem: after.problem,
        })
    }
}

/// An order that lives in another company's system: what is asked of it there, and no inventory.
fn elsewhere(stored: Stored<MediaBuy>, questions: Vec<ApprovalView>) -> Result<BuyCheck, Fault> {
    let buy = &stored.record;
    let held = buy.upstream.iter().flat_map(|known| &known.deeds);
    let held = held.filter(|deed| deed.stage == Stage::Held);
    let differences = held.flat_map(|deed| &deed.effects).map(|one| Difference {
        about: one.about.clone(),
        old: one.was.clone().unwrap_or_else(|| "-".to_owned()),
        new: one.asked.clone(),
    });
    let packages = living(buy).map(|package| {
        let (first, last) = package.days(buy.start, buy.end);
        PackageCheck {
            package_id: Some(package.id.clone()),
            product_id: package.product_id.clone(),
            product: package.product_id.to_string(),
            item_type: package.item_type,
            first,
            last,
            needs: package.quantity,
            holds: 0,
            free: 0,
            problem: None,
            elsewhere: true,
            over: false,
        }
    });
    Ok(BuyCheck {
        differences: differences.collect(),
        packages: packages.collect(),
        questions,
        total_after: buy.total().map_err(Fault::broken)?,
        problem: None,
        order: BuyView::of(stored),
    })
}

fn living(buy: &MediaBuy) -> impl Iterator<Item = &Package> {
    let all = buy.packages.iter();
    all.filter(|one| one.cancellation.is_none())
}

/// The questions about an order that nobody has decided on.
async fn open(work: &Work<'_>, id: &BuyId) -> Result<Vec<ApprovalView>, Fault> {
    let filter = Filter {
        parent: Some(id.to_string()),
        state: Some("waiting".to_owned()),
        sort: Sort::Created,
        limit: MOST,
        ..Filter::default()
    };
    let found = work.list::<Approval>(&filter).await?;
    Ok(found.into_iter().map(Into::into).collect())
}

/// An order as it would be.
struct After {
    buy: MediaBuy,
    total: Money,
    differences: Vec<Difference>,
    fresh: Vec<PackageCheck>,
    problem: Option<String>,
}

impl After {
    fn of(buy: MediaBuy) -> Result<Self, Fault> {
        Ok(Self {
            total: buy.total().map_err(Fault::broken)?,
            buy,
            differences: Vec::new(),
            fresh: Vec::new(),
            problem: None,
        })
    }

    fn differs(&mut self, about: impl Into<String>, old: &str, new: &str) {
        if old != new {
            self.differences.push(Difference {
                about: about.into(),
                old: old.to_owned(),
                new: new.to_owned(),
            });
        }
    }

    async fn change(
        &mut self,
        work: &Work<'_>,
        was: &MediaBuy,
        change: &BuyChange,
    ) -> Result<(), Fault> {
        match reprice::checked(work, was, change).await {
            Ok(after) => self.buy = after,
            Err(fault) => self.problem = Some(fault.message),
        }
        if let Ok(total) = reprice::total(was, change) {
            self.differs("total", &self.total.to_string(), &total.to_string());
            self.total = total;
        }
        if let Some(start) = &change.start_time {
            self.differs("start", &day(was.start), start.get(..10).unwrap_or(start));
            if let Ok(start) = start.parse() {
                self.buy.start = start;
            }
        }
        if let Some(end) = change.end_time {
            self.differs("end", &day(was.end), &day(end));
            self.buy.end = end;
        }
        for package in &self.buy.packages.clone() {
            if let Some(old) = was.package(&package.id) {
                self.package(old, package);
            }
        }
        let fresh = change.new_packages.clone().unwrap_or_default();
        for one in place::priced(work, fresh, "new_packages")
            .await
            .unwrap_or_default()
        {
            let said = format!("{} for {}", one.quantity, one.budget);
            self.differs(format!("{}, a new package", one.product.name), "-", &said);
            let span = (
                one.draft.start_time.unwrap_or(self.buy.start),
                one.draft.end_time.unwrap_or(self.buy.end),
            );
            let check = against(work, &one.product, None, one.quantity, days(span.0, span.1));
            self.fresh.push(check.await?);
        }
        Ok(())
    }

    fn package(&mut self, old: &Package, new: &Package) {
        let name = &old.product_id;
        let (was, is) = (old.budget.to_string(), new.budget.to_string());
        self.differs(format!("budget of {name}"), &was, &is);
        let (was, is) = (old.quantity.to_string(), new.quantity.to_string());
        self.differs(format!("units of {name}"), &was, &is);
        let rate = |one: &Package| one.pricing.rate.to_string();
        self.differs(format!("rate of {name}"), &rate(old), &rate(new));
        let flight = |one: &Package| {
            let part = |at: Option<_>| at.map_or_else(|| "the order's".to_owned(), day);
            format!("{} to {}", part(one.start), part(one.end))
        };
        self.differs(format!("flight of {name}"), &flight(old), &flight(new));
        let state = |one: &Package| match (&one.cancellation, one.paused) {
            (Some(_), _) => "called off",
            (None, true) => "paused",
            (None, false) => "runs",
        };
        self.differs(name.to_string(), state(old), state(new));
    }
}

fn day(at: crate::domain::when::Instant) -> String {
    at.date_naive().to_string()
}

/// What there is for a package.
async fn look(work: &Work<'_>, buy: &MediaBuy, package: &Package) -> Result<PackageCheck, Fault> {
    let days = package.days(buy.start, buy.end);
    let Some(product) = work.get::<Product>(package.product_id.as_str()).await? else {
        let problem = format!("{} is no longer in the catalogue", package.product_id);
        return Ok(PackageCheck {
            package_id: Some(package.id.clone()),
            product_id: package.product_id.clone(),
            product: package.product_id.to_string(),
            item_type: package.item_type,
            first: days.0,
            last: days.1,
            needs: package.quantity,
            holds: 0,
            free: 0,
            problem: Some(problem),
            elsewhere: false,
            over: false,
        });
    };
    let line = carry::line(work, package).await?.record;
    let check = against(work, &product.record, Some(&line), package.quantity, days).await?;
    Ok(PackageCheck {
        package_id: Some(package.id.clone()),
        item_type: package.item_type,
        ..check
    })
}

async fn against(
    work: &Work<'_>,
    product: &Product,
    line: Option<&Line>,
    needs: u64,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<PackageCheck, Fault> {
    let flight = Flight::new(first, last).map_err(Fault::broken)?;
    let over = line.is_some_and(|line| line.status.is_final());
    let room = room(work, product, line, needs, flight).await?;
    let gone = (!product.active).then(|| format!("{} is not on sale", product.name));
    Ok(PackageCheck {
        package_id: None,
        product_id: product.id.clone(),
        product: product.name.clone(),
        item_type: crate::domain::adcp::offer::line_item_type(product),
        first,
        last,
        needs,
        holds: room.holds,
        free: room.free,
        problem: gone.or(room.short).filter(|_| !over),
        elsewhere: false,
        over,
    })
}
