//! One job under review: what was read of it, what is ticked, what has changed since the
//! person looked. Ticks are kept by product, whatever the engine sends; refuses to change
//! one by itself once a person has touched them.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{changes::changes, figures, item::Item};
use crate::{
    domain::{
        booking::{
            job::{ExecutionStatus, JobStatus},
            kpis::Kpis,
            negotiation::Talks,
        },
        ids::{JobId, ProductId},
        money::{Currency, Money},
        when::{Instant, parse_day},
    },
    engine::{
        bookings::{get::GetJob, view::JobView},
        fault::Fault,
    },
    tui::{
        clean::Clean,
        effect::{Ctx, Reply, Ticket},
        live::{Live, Taken},
        panes::sums::Sums,
    },
};

/// How long a recommendation that changed is marked.
const FRESH: TimeDelta = TimeDelta::milliseconds(2500);

/// A channel of a job.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its name.
    pub channel: Box<str>,
    /// What it was given of the budget.
    pub allocation: Option<Money>,
    /// Why.
    pub why: Clean,
}

/// A job as it was read last.
pub struct Seen {
    /// As the engine shows it.
    pub job: JobView,
    /// Its name.
    pub name: Clean,
    /// Its channels, in order.
    pub groups: Vec<Group>,
    /// What is recommended.
    pub items: Vec<Item>,
    /// What the campaign is measured by.
    pub kpis: Kpis,
    /// What may be spent.
    pub budget: Money,
}

/// A job under review.
pub struct Sheet {
    /// Which.
    pub id: JobId,
    /// What a list remembers of where its cursor was.
    pub cursor: Option<(usize, Option<ProductId>)>,
    live: Live<JobView>,
    seen: Option<Seen>,
    ticks: BTreeSet<ProductId>,
    touched: bool,
    looked: bool,
    changed: Vec<Clean>,
    fresh: BTreeSet<ProductId>,
    fresh_until: Option<Instant>,
}

impl Seen {
    fn new(job: JobView) -> Self {
        let currency = job.currency.parse().unwrap_or(Currency::USD);
        let groups = groups(&job, currency);
        let place = |channel: &str| {
            let at = groups.iter().position(|group| &*group.channel == channel);
            at.unwrap_or_default()
        };
        Self {
            name: Clean::new(job.campaign_name.trim()),
            items: Item::all(&job, currency, place).collect(),
            kpis: kpis(&job, currency),
            budget: figures::money(job.budget, currency),
            groups,
            job,
        }
    }

    /// A job with some of its products ticked.
    #[must_use]
    pub fn ticked(job: JobView, ticks: &BTreeSet<ProductId>) -> Self {
        let mut seen = Self::new(job);
        seen.mark(ticks);
        seen
    }

    /// Ticks products; once it is decided, what was approved is what is ticked.
    fn mark(&mut self, ticks: &BTreeSet<ProductId>) {
        let decided = self.job.approval.is_some();
        for item in &mut self.items {
            item.ticked = if decided {
                item.view.status == "approved"
            } else {
                ticks.contains(&item.view.product_id)
            };
        }
    }

    /// What the ticked ones come to.
    #[must_use]
    pub fn sums(&self) -> Sums {
        self.sums_of(|item| item.ticked)
    }

    /// What some of them come to.
    pub fn sums_of(&self, wanted: impl Fn(&Item) -> bool) -> Sums {
        let wanted = self.items.iter().filter(|item| wanted(item));
        Sums::of(wanted.map(|item| &item.view), &self.job.currency)
    }

    /// By how much the ticked ones pass the budget, if they do.
    #[must_use]
    pub fn over(&self) -> Option<Money> {
        figures::over(self.sums().cost, self.budget)
    }

    /// Whether its recommendations wait for a decision.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.job.status == JobStatus::AwaitingApproval
    }

    /// Why nothing of it can be booked any more, if its flight is over.
    #[must_use]
    pub fn ended(&self, now: Instant) -> Option<Clean> {
        let last = parse_day(&self.job.end_date)?;
        (last < now.date_naive()).then(|| {
            clean!(
                "the flight of {} ended on {last}: nothing can be booked any more",
                self.name
            )
        })
    }

    /// Who decided what and when, once somebody has.
    #[must_use]
    pub fn decision(&self) -> Option<Clean> {
        let approval = self.job.approval.as_ref()?;
        let at = figures::minute(&approval.at);
        let how = if approval.automatic {
            " in advance"
        } else {
            ""
        };
        Some(match approval.approved_count {
            0 => clean!(
                "decided by {}{how} at {at}: nothing was approved",
                approval.by
            ),
            count => clean!(
                "decided by {}{how} at {at}: {count} of {} approved for {}",
                approval.by,
                self.items.len(),
                figures::money(approval.total_cost, self.budget.currency())
            ),
        })
    }

    /// Why nothing can be decided about it, if that is so.
    #[must_use]
    pub fn closed(&self) -> Option<Clean> {
        let name = &self.name;
        if let Some(decision) = self.decision() {
            return Some(clean!("{name} was {decision}"));
        }
        match self.job.execution_status {
            ExecutionStatus::AwaitingApproval => None,
            ExecutionStatus::Failed | ExecutionStatus::ValidationFailed => {
                let errors = self.job.errors.iter().flatten();
                let why = errors.last().map_or("", String::as_str);
                let at = figures::minute(&self.job.updated_at);
                Some(clean!("{name} has ended at {at}: {why}"))
            }
            ExecutionStatus::Completed | ExecutionStatus::ExecutingBookings => {
                Some(clean!("{name} was decided already"))
            }
            _ => {
                let percent = self.job.progress * 100.0;
                Some(clean!(
                    "{name} is still being researched ({percent:.0} %): wait until all of it is there"
                ))
            }
        }
    }
}

fn groups(job: &JobView, currency: Currency) -> Vec<Group> {
    let known = job.budget_allocations.iter().flatten();
    let mut groups: Vec<Group> = known
        .map(|(channel, given)| Group {
            channel: channel.as_str().into(),
            allocation: Some(figures::money(given.budget, currency)),
            why: Clean::new(&given.rationale),
        })
        .collect();
    for one in job.recommendations.iter().flatten() {
        if groups.iter().all(|group| *group.channel != *one.channel) {
            groups.push(Group {
                channel: one.channel.as_str().into(),
                allocation: None,
                why: Clean::default(),
            });
        }
    }
    groups.retain(|group| {
        let mut all = job.recommendations.iter().flatten();
        all.any(|one| *one.channel == *group.channel)
    });
    groups
}

/// The KPIs as the engine read them on the day on which the brief was sent.
fn kpis(job: &JobView, currency: Currency) -> Kpis {
    let sent = job.created_at.get(..10).and_then(parse_day);
    let Some(day) = sent.or_else(|| parse_day(&job.start_date)) else {
        return Kpis::default();
    };
    let checked = job.brief.check(day, currency, &Talks::default());
    checked.map(|brief| brief.kpis).unwrap_or_default()
}

impl Sheet {
    /// For a job that nobody has read yet.
    #[must_use]
    pub fn new(id: JobId) -> Self {
        Self {
            id,
            cursor: None,
            live: Live::default(),
            seen: None,
            ticks: BTreeSet::new(),
            touched: false,
            looked: false,
            changed: Vec::new(),
            fresh: BTreeSet::new(),
            fresh_until: None,
        }
    }

    /// Reads the job again.
    pub fn ask(&mut self, ctx: &mut Ctx<'_>) {
        self.live.ask(ctx, GetJob { job_id: self.id });
    }

    /// Whether it was read, or is being read.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.seen.is_some() || self.live.is_asking()
    }

    /// Takes an answer, if it is its own; true when it was.
    pub fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) -> bool {
        let taken = self.live.take(ticket, reply, ctx.now);
        if taken == Taken::Other {
            return false;
        }
        if let Some(job) = self.live.take_value() {
            self.adopt(job, ctx.now);
        }
        if taken == Taken::AskAgain {
            self.ask(ctx);
        }
        true
    }

    /// Takes the job as it is now. Whatever is ticked stays ticked.
    pub fn adopt(&mut self, job: JobView, now: Instant) {
        let mut next = Seen::new(job);
        let mut first = next.waits();
        if let Some(before) = &self.seen {
            if next.job.revision < before.job.revision {
                return;
            }
            first &= !before.waits() || !self.looked;
            if self.looked
                && before.waits()
                && next.waits()
                && next.job.revision != before.job.revision
            {
                let found = changes(&before.job, &next.job);
                self.changed.extend(found.lines);
                self.fresh = found.products;
                self.fresh_until = Some(now + FRESH);
            }
            if !next.waits() {
                self.changed.clear();
                let moved = moved(before, &next);
                if !moved.is_empty() {
                    self.fresh = moved;
                    self.fresh_until = Some(now + FRESH);
                }
            }
        }
        if first && !self.touched {
            self.ticks = fitting(&next);
        }
        next.mark(&self.ticks);
        self.seen = Some(next);
    }

    /// The job as it was read last.
    #[must_use]
    pub fn seen(&self) -> Option<&Seen> {
        self.seen.as_ref()
    }

    /// What is ticked, also what is no longer there.
    #[must_use]
    pub fn ticks(&self) -> &BTreeSet<ProductId> {
        &self.ticks
    }

    /// Whether a person has ticked anything, or taken a tick away.
    #[must_use]
    pub fn touched(&self) -> bool {
        self.touched
    }

    /// The person looks at it: from now on they are told what changes.
    pub fn look(&mut self) {
        self.looked = true;
    }

    /// What has changed since the person looked.
    #[must_use]
    pub fn changed(&self) -> &[Clean] {
        &self.changed
    }

    /// The person has read what has changed; false when nothing had.
    pub fn read(&mut self) -> bool {
        !std::mem::take(&mut self.changed).is_empty()
    }

    /// Whether a product changed a moment ago.
    #[must_use]
    pub fn is_fresh(&self, product: &ProductId) -> bool {
        self.fresh.contains(product)
    }

    /// When the marks of what changed end.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        self.fresh_until
    }

    /// Takes marks away that are over.
    pub fn tire(&mut self, now: Instant) {
        if self.fresh_until.is_some_and(|until| until <= now) {
            self.fresh_until = None;
            self.fresh.clear();
        }
    }

    /// Why it could not be read again, if that is so.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.live.fault()
    }

    /// Why nothing can be decided about it, if that is so.
    #[must_use]
    pub fn closed(&self) -> Option<Clean> {
        match (&self.seen, self.live.fault()) {
            (Some(seen), _) => seen.closed(),
            (None, Some(fault)) => Some(Clean::new(&fault.message)),
            (None, None) => Some("the job is still being read".into()),
        }
    }

    /// Ticks some, or takes their ticks away.
    pub fn tick(&mut self, products: impl IntoIterator<Item = ProductId>, on: bool) {
        self.change(|ticks| {
            for product in products {
                if on {
                    ticks.insert(product);
                } else {
                    ticks.remove(&product);
                }
            }
        });
    }

    /// Ticks those that are not ticked, and the other way round.
    pub fn invert(&mut self, products: impl IntoIterator<Item = ProductId>) {
        // One product may be offered twice; it is one tick all the same.
        let products: BTreeSet<ProductId> = products.into_iter().collect();
        self.change(|ticks| {
            for product in products {
                if !ticks.remove(&product) {
                    ticks.insert(product);
                }
            }
        });
    }

    fn change(&mut self, change: impl FnOnce(&mut BTreeSet<ProductId>)) {
        change(&mut self.ticks);
        self.touched = true;
        if let Some(seen) = &mut self.seen {
            seen.mark(&self.ticks);
        }
    }
}

/// The products whose lines are further than they were.
fn moved(before: &Seen, after: &Seen) -> BTreeSet<ProductId> {
    let stood = |item: &Item| {
        let mut same = before.items.iter().filter(|one| one.is(item));
        same.any(|one| one.stage() == item.stage())
    };
    let moved = after.items.iter().filter(|item| !stood(item));
    moved.map(|item| item.product().clone()).collect()
}

/// Everything that fits the budget, the best of each channel first.
fn fitting(seen: &Seen) -> BTreeSet<ProductId> {
    let mut best: Vec<&Item> = seen.items.iter().collect();
    best.sort_by_key(|item| {
        let fit = std::cmp::Reverse(item.view.fit.score_bp);
        (item.view.priority, fit, item.cpm.minor())
    });
    let mut ticks = BTreeSet::new();
    let mut spent = Money::zero(seen.budget.currency());
    for item in best {
        if ticks.contains(item.product()) {
            continue;
        }
        // One product may be offered twice; a tick is for both.
        let whole = seen.sums_of(|other| other.product() == item.product());
        if let Ok(with) = spent.plus(whole.cost)
            && figures::over(with, seen.budget).is_none()
        {
            spent = with;
            ticks.insert(item.product().clone());
        }
    }
    ticks
}
