//! The jobs under review: those that a person chose, or all that wait for a decision. Knows
//! which one is looked at and what an approval would decide. What a person has ticked is
//! kept while they look at other jobs. Of those that nobody looks at it knows how much is
//! recommended in them, and reads no more.

use std::collections::HashMap;

use super::{
    figures,
    footer::Together,
    orders::{self, Choice},
    sheet::Sheet,
};
use crate::{
    domain::{booking::job::JobStatus, ids::JobId, when::Instant},
    engine::{
        bookings::{
            list::{JobPage, ListJobs},
            rows::ListRows,
        },
        fault::Fault,
    },
    session::Session,
    tui::{
        clean::Clean,
        effect::{Ctx, Proposal, Reply, Ticket},
        live::{Live, Taken},
    },
};

/// How many waiting jobs are read where nobody chose.
pub const USUAL: u32 = 20;
/// How many jobs may be chosen at once.
pub const MOST: usize = 100;
/// How many jobs are remembered with their ticks.
const KEPT: usize = MOST + 20;

/// The jobs under review.
#[derive(Default)]
pub struct Pile {
    sheets: HashMap<JobId, Sheet>,
    order: Vec<JobId>,
    current: Option<JobId>,
    chosen: bool,
    waiting: Live<Waiting>,
    /// How much is recommended in each job that the list has, as the list says it.
    listed: HashMap<JobId, usize>,
    total: usize,
    shown: bool,
}

/// What waits.
#[derive(Debug)]
pub struct Waiting {
    /// The first of it.
    pub page: JobPage,
    /// How much is recommended in each job of the page.
    pub recommended: HashMap<JobId, usize>,
}

impl Waiting {
    async fn read(session: Session) -> Result<Self, Fault> {
        let list = ListJobs {
            status: Some(JobStatus::AwaitingApproval.name().to_owned()),
            limit: Some(USUAL),
            ..ListJobs::default()
        };
        let page = session.ask(list).await?;
        let mut recommended = HashMap::new();
        if !page.jobs.is_empty() {
            let few = ListRows {
                job_ids: Some(page.jobs.iter().map(|job| job.job_id).collect()),
                ..ListRows::default()
            };
            let rows = session.ask(few).await?.rows.into_iter();
            let count = |n| usize::try_from(n).unwrap_or_default();
            recommended.extend(rows.map(|row| (row.job_id, count(row.recommended))));
        }
        Ok(Self { page, recommended })
    }
}

impl Pile {
    /// Asks for everything anew.
    pub fn wake(&mut self, ctx: &mut Ctx<'_>) {
        self.list(ctx);
        // What was read may have changed; what was not is read when somebody comes near it.
        let read = self.order.iter().filter(|id| self.is_begun(**id));
        for id in read.copied().collect::<Vec<_>>() {
            self.ask(id, ctx);
        }
    }

    fn list(&mut self, ctx: &mut Ctx<'_>) {
        self.waiting.ask_with(ctx, Waiting::read);
    }

    /// Learns that it is seen, or no longer.
    pub fn show(&mut self, shown: bool, ctx: &mut Ctx<'_>) {
        self.shown = shown;
        self.read_near(ctx);
    }

    /// Reads the job that is looked at, and while it is those beside it: they are there by the
    /// time that somebody goes on to them.
    fn read_near(&mut self, ctx: &mut Ctx<'_>) {
        let Some(at) = self.place() else { return };
        let count = self.order.len();
        let mut near = vec![at];
        if self.shown {
            near.extend([(at + 1) % count, (at + count - 1) % count]);
        }
        for id in near
            .into_iter()
            .map(|at| self.order[at])
            .collect::<Vec<_>>()
        {
            if !self.is_begun(id) {
                self.ask(id, ctx);
            }
        }
    }

    /// Whether a job was read, or is being read.
    fn is_begun(&self, id: JobId) -> bool {
        self.sheets.get(&id).is_some_and(Sheet::is_begun)
    }

    fn ask(&mut self, id: JobId, ctx: &mut Ctx<'_>) {
        let sheet = self.sheets.entry(id).or_insert_with(|| Sheet::new(id));
        sheet.ask(ctx);
    }

    /// Something happened to a job.
    pub fn happened(&mut self, id: JobId, event: &str, ctx: &mut Ctx<'_>) {
        let is_begun = self.is_begun(id);
        if is_begun {
            self.ask(id, ctx);
        }
        let only_listed = self.listed.contains_key(&id) && !is_begun;
        if only_listed || event == "bookings.awaiting_approval" {
            self.list(ctx);
        }
    }

    /// Takes an answer, if it is its own; true when something may look different now.
    pub fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) -> bool {
        let taken = self.waiting.take(ticket, reply, ctx.now);
        if taken != Taken::Other {
            if let Some(waiting) = self.waiting.take_value() {
                self.listed(&waiting, ctx);
            }
            if taken == Taken::AskAgain {
                self.list(ctx);
            }
            return true;
        }
        let mut sheets = self.sheets.values_mut();
        sheets.any(|sheet| sheet.reply(ticket, reply, ctx))
    }

    /// Takes the list of what waits; the job that is looked at stays where it is.
    fn listed(&mut self, waiting: &Waiting, ctx: &mut Ctx<'_>) {
        let Waiting { page, recommended } = waiting;
        self.listed.clone_from(recommended);
        self.total = usize::try_from(page.total).unwrap_or_default();
        let listed: Vec<JobId> = page.jobs.iter().map(|job| job.job_id).collect();
        for job in &page.jobs {
            let known = self.sheets.get(&job.job_id).and_then(Sheet::seen);
            if known.is_some_and(|seen| seen.job.revision < job.revision) {
                self.ask(job.job_id, ctx);
            }
        }
        if !self.chosen {
            let fresh = listed.iter().filter(|id| !self.order.contains(id));
            let mut order: Vec<JobId> = fresh.copied().collect();
            order.append(&mut self.order);
            // Older ones make room: what waits can be far more than anybody looks at.
            let (sheets, current) = (&self.sheets, self.current);
            order.retain(|id| {
                let touched = sheets.get(id).is_some_and(Sheet::touched);
                touched || Some(*id) == current || listed.contains(id)
            });
            self.order = order;
            self.settle();
        }
        self.forget();
        self.read_near(ctx);
    }

    fn settle(&mut self) {
        let current = self.current.filter(|id| self.order.contains(id));
        self.current = current.or_else(|| self.order.first().copied());
    }

    /// Forgets jobs that nobody looks at, the untouched ones first.
    fn forget(&mut self) {
        if self.sheets.len() > KEPT {
            let order = &self.order;
            self.sheets
                .retain(|id, sheet| order.contains(id) || sheet.touched());
        }
    }

    /// Puts these jobs under review, and no others.
    pub fn choose(&mut self, ids: &[JobId], ctx: &mut Ctx<'_>) {
        self.chosen = true;
        self.order.clear();
        for id in ids.iter().take(MOST) {
            if !self.order.contains(id) {
                self.order.push(*id);
            }
        }
        self.current = self.order.first().copied();
        for id in self.order.clone() {
            self.ask(id, ctx);
        }
    }

    /// Puts every job that waits under review again; false when that is so already.
    pub fn choose_waiting(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let chosen = std::mem::take(&mut self.chosen);
        if chosen {
            self.tidy();
            self.list(ctx);
        }
        chosen
    }

    /// Leaves out what is decided, except for what is looked at.
    pub fn tidy(&mut self) {
        if self.chosen {
            return;
        }
        let (sheets, current) = (&self.sheets, self.current);
        self.order.retain(|id| {
            let seen = sheets.get(id).and_then(Sheet::seen);
            Some(*id) == current || seen.is_none_or(super::sheet::Seen::waits)
        });
        self.settle();
    }

    /// Whether a person chose the jobs.
    #[must_use]
    pub fn chosen(&self) -> bool {
        self.chosen
    }

    /// Whether a job is under review.
    #[must_use]
    pub fn has(&self, id: JobId) -> bool {
        self.order.contains(&id)
    }

    /// Looks at a job that is under review.
    pub fn look_at(&mut self, id: JobId, ctx: &mut Ctx<'_>) {
        if self.has(id) {
            self.current = Some(id);
            self.read_near(ctx);
        }
    }

    /// Looks at the next job, or the one before it; round at the ends.
    pub fn step(&mut self, by: isize, ctx: &mut Ctx<'_>) {
        let Some(at) = self.place() else { return };
        let count = self.order.len().cast_signed();
        let to = (at.cast_signed() + by).rem_euclid(count);
        self.current = self.order.get(to.unsigned_abs()).copied();
        self.read_near(ctx);
    }

    /// Which of the jobs is looked at.
    #[must_use]
    pub fn place(&self) -> Option<usize> {
        let current = self.current?;
        self.order.iter().position(|id| *id == current)
    }

    /// How many jobs are under review, and how many wait in all.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.order.len(), self.total)
    }

    /// The job that is looked at.
    #[must_use]
    pub fn current(&self) -> Option<&Sheet> {
        self.sheets.get(&self.current?)
    }

    /// The same, to tick in it.
    pub fn current_mut(&mut self) -> Option<&mut Sheet> {
        self.sheets.get_mut(&self.current?)
    }

    /// The jobs under review, in order.
    pub fn sheets(&self) -> impl Iterator<Item = &Sheet> {
        self.order.iter().filter_map(|id| self.sheets.get(id))
    }

    /// How many recommendations wait for a decision.
    #[must_use]
    pub fn count(&self) -> usize {
        let seen = self.sheets.values().filter_map(Sheet::seen);
        let waits = seen.filter(|seen| seen.waits());
        let read: usize = waits.map(|seen| seen.items.len()).sum();
        let unread = self.listed.iter().filter(|(id, _)| {
            let sheet = self.sheets.get(id);
            sheet.and_then(Sheet::seen).is_none()
        });
        read + unread.map(|(_, count)| count).sum::<usize>()
    }

    /// Why there is nothing to show yet, if that is not known to be all.
    #[must_use]
    pub fn fault(&self) -> Option<&crate::engine::fault::Fault> {
        self.waiting.fault()
    }

    /// Whether the list of what waits was answered.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.waiting.at().is_some()
    }

    /// When a mark of something new ends.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        self.sheets.values().filter_map(Sheet::due).min()
    }

    /// Takes marks away that are over.
    pub fn tire(&mut self, now: Instant) {
        self.sheets.values_mut().for_each(|sheet| sheet.tire(now));
    }

    /// The jobs that an approval would decide: of chosen jobs every one with a tick, of all
    /// that wait only the one that is looked at and those that a person has ticked in.
    fn ready(&self) -> Vec<&Sheet> {
        let ready = |sheet: &&Sheet| {
            let meant = self.chosen || sheet.touched() || Some(sheet.id) == self.current;
            let ticked = sheet.seen().is_some_and(|seen| seen.sums().count > 0);
            meant && ticked && sheet.closed().is_none()
        };
        self.sheets().filter(ready).collect()
    }

    /// What would be decided together, where that is more than the job that is looked at.
    #[must_use]
    pub fn together(&self) -> Option<Together> {
        let ready = self.ready();
        let alone = ready.iter().all(|sheet| Some(sheet.id) == self.current);
        if alone || self.current()?.closed().is_some() {
            return None;
        }
        let seen: Vec<_> = ready.into_iter().filter_map(Sheet::seen).collect();
        let sums = || seen.iter().map(|seen| seen.sums());
        Some(Together {
            jobs: seen.len(),
            ticked: sums().map(|sums| sums.count).sum(),
            cost: figures::apart(sums().map(|sums| sums.cost)),
        })
    }

    /// The jobs that an approval decides now.
    ///
    /// # Errors
    /// With the reason why there is none that can be.
    pub fn scope(&self, now: Instant) -> Result<Vec<&Sheet>, Clean> {
        let Some(current) = self.current() else {
            return Err("no job is under review".into());
        };
        if let Some(why) = current.closed() {
            return Err(why);
        }
        let ready = self.ready();
        if ready.is_empty() {
            let decided_for_none = current.touched() && current.ticks().is_empty();
            return if decided_for_none {
                Ok(vec![current])
            } else {
                Err("nothing is ticked".into())
            };
        }
        for seen in ready.iter().filter_map(|sheet| sheet.seen()) {
            if let Some(over) = seen.over() {
                return Err(clean!("{} is over its budget by {over}", seen.name));
            }
            if let Some(why) = seen.ended(now) {
                return Err(why);
            }
        }
        Ok(ready)
    }

    /// What an approval would do, line by line.
    #[must_use]
    pub fn proposal(&self, now: Instant) -> Option<Proposal> {
        let scope = self.scope(now).ok()?;
        let choices: Vec<Choice> = scope.iter().filter_map(|sheet| Choice::of(sheet)).collect();
        let left = self.sheets().filter(|sheet| {
            let inside = scope.iter().any(|one| one.id == sheet.id);
            let meant = self.chosen || sheet.touched();
            !inside && meant
        });
        let beside = left.map(|sheet| match (sheet.closed(), sheet.seen()) {
            (Some(why), _) => why,
            (None, Some(seen)) => {
                clean!("{}: nothing of it is ticked, it goes on waiting", seen.name)
            }
            (None, None) => clean!("job {}", sheet.id),
        });
        Some(orders::approve(&choices, beside.collect()))
    }
}
