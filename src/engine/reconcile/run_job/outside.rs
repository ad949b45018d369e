//! Lines of a job at sellers somewhere else. That one is asked to book is written down before it
//! leaves; one that was asked before is looked for before it is asked again; what cannot be found
//! out to the end is kept as unclear, with its money. A seller that cannot be reached keeps no
//! other's lines waiting.

use super::{Run, UNDECIDED, passing};
use crate::{
    domain::booking::{
        job::Job,
        lines::{LineOutcome, LineWork, Placed},
    },
    engine::{
        bookings::steps::Step,
        fault::Fault,
        sellers::{outside::Outside, wanted_of},
    },
    peers::{
        seller::SellerFault,
        sellers::{Silent, Standing, Wanted},
    },
};

/// What a line waits for, or the job once it has learned what became of it.
type Learned = Result<Job, Fault>;

/// Of two lines that wait, that which is tried again sooner.
pub(super) fn first(waits: Option<Fault>, other: Fault) -> Fault {
    match waits {
        Some(fault) if other.code == UNDECIDED => fault,
        _ => other,
    }
}

impl Run<'_> {
    /// Writes down what the sellers said, where any is somewhere else.
    pub(super) async fn asked(&self, job: Job) -> Result<Job, Fault> {
        // What cannot be read is told where it is needed.
        let Ok(seen) = self.look(&job).await else {
            return Ok(job);
        };
        let known = &job.asked;
        let same = seen.asked.len() == known.len()
            && known
                .iter()
                .zip(&seen.asked)
                .all(|(one, other)| one.says_the_same(other));
        if same {
            return Ok(job);
        }
        self.step(Step::Ask(seen.asked.clone())).await
    }

    fn wanted(&self, seller: &Outside, job: &Job, line: &LineWork) -> Wanted {
        wanted_of(seller, job, line, self.core.clock().now())
    }

    async fn tell(&self, line: &LineWork, outcome: LineOutcome) -> Result<Job, Fault> {
        self.step(Step::Line(line.product_id.clone(), outcome))
            .await
    }

    /// Holds a line there.
    pub(super) async fn reserve_there(
        &self,
        seller: &Outside,
        job: &Job,
        line: &LineWork,
    ) -> Result<Learned, Fault> {
        // How its price is meant stands in its catalogue, which another process may have read.
        let now = self.core.clock().now();
        if seller.known(now).read.is_none() {
            seller.look(now).await;
        }
        let wanted = self.wanted(seller, job, line);
        match seller.market().reserve(&wanted).await {
            Ok(placed) => self.tell(line, LineOutcome::Reserved(placed)).await.map(Ok),
            Err(fault) => self.did_not(seller, line, fault).await,
        }
    }

    /// Books a line there that is held.
    pub(super) async fn book_there(
        &self,
        seller: &Outside,
        job: &Job,
        line: &LineWork,
    ) -> Result<Learned, Fault> {
        let Some(placed) = &line.placed else {
            return Ok(Ok(job.clone()));
        };
        // Before it leaves, and only once: the first time is what counts.
        let wanted = self.wanted(seller, job, line);
        if wanted.asked_at.is_none() {
            self.tell(line, LineOutcome::Asked(wanted.now)).await?;
        }
        match seller.market().book(&wanted, placed).await {
            Ok(booked) => self.tell(line, LineOutcome::Booked(booked)).await.map(Ok),
            Err(SellerFault::Refused(why)) => {
                let left = self.released(seller, &wanted, placed).await;
                let why = format!("{why}{}", left.unwrap_or_default());
                self.did_not(seller, line, SellerFault::Refused(why)).await
            }
            Err(fault) => {
                // The mark of this time says nothing then; one of before does.
                let unsent = matches!(fault, SellerFault::Unsent(_));
                if unsent && wanted.asked_at.is_none() {
                    self.tell(line, LineOutcome::Unasked).await?;
                }
                self.did_not(seller, line, fault).await
            }
        }
    }

    /// Gives back what is held; what is left standing there, in words that go on behind a reason.
    async fn released(&self, seller: &Outside, wanted: &Wanted, placed: &Placed) -> Option<String> {
        let left = seller.market().release(wanted, placed).await.err()?;
        Some(format!(
            "; its reservation {} could not be released there: {left}",
            placed.line_id
        ))
    }

    async fn did_not(
        &self,
        seller: &Outside,
        line: &LineWork,
        fault: SellerFault,
    ) -> Result<Learned, Fault> {
        let outcome = match fault {
            SellerFault::Refused(why) => LineOutcome::Failed(why),
            SellerFault::Unclear(why) => LineOutcome::Unclear(why),
            SellerFault::Passing(why) | SellerFault::Unsent(why) => {
                return Ok(Err(passing(said(seller, &why))));
            }
            SellerFault::Undecided(why) => {
                return Ok(Err(Fault::conflict(UNDECIDED, said(seller, &why))));
            }
        };
        self.tell(line, outcome).await.map(Ok)
    }

    /// Ends a line that was tried to the end: booked where it is after all, given back where it can
    /// be, and unclear where it was asked for and nobody can say what became of it.
    pub(super) async fn give_up_there(
        &self,
        seller: &Outside,
        job: &Job,
        line: &LineWork,
        why: &str,
    ) -> Result<(), Fault> {
        let wanted = self.wanted(seller, job, line);
        // What it may hold although nobody heard so is found by its reference.
        let found = match &line.placed {
            Some(placed) => Ok(Some(placed.clone())),
            None => seller.market().find(&wanted).await,
        };
        let placed = match found {
            Ok(Some(placed)) => placed,
            Ok(None) => {
                let failed = LineOutcome::Failed(why.to_owned());
                return self.tell(line, failed).await.map(drop);
            }
            Err(Silent(left)) => {
                let reference = wanted.reference();
                let failed = format!(
                    "{why}; whether it holds anything for our reference {reference} could not be looked at: {left}"
                );
                return self.tell(line, LineOutcome::Failed(failed)).await.map(drop);
            }
        };
        let placed = &placed;
        let outcome = match seller.market().standing(&wanted, placed).await {
            Ok(Standing::Booked(booked)) => LineOutcome::Booked(booked),
            Ok(Standing::Nothing) => LineOutcome::Failed(why.to_owned()),
            Ok(Standing::Open) => {
                let left = seller.market().release(&wanted, placed).await;
                match left {
                    Ok(()) => LineOutcome::Failed(why.to_owned()),
                    Err(left) => unless_asked(&wanted, placed, why, &left.to_string()),
                }
            }
            Err(Silent(left)) => unless_asked(&wanted, placed, why, &left),
        };
        self.tell(line, outcome).await.map(drop)
    }
}

/// What becomes of a line that cannot be looked at or given back: unclear where its seller was
/// asked to book it, and else nothing but a reservation that lapses.
fn unless_asked(wanted: &Wanted, placed: &Placed, why: &str, left: &str) -> LineOutcome {
    let (line, reference) = (&placed.line_id, wanted.reference());
    match wanted.asked_at {
        Some(at) => LineOutcome::Unclear(format!(
            "it was asked to at {}, as {line} with our reference {reference}, and then {left}",
            at.format("%Y-%m-%d %H:%M:%S UTC"),
        )),
        None => LineOutcome::Failed(format!(
            "{why}; its reservation {line} could not be released there: {left}"
        )),
    }
}

fn said(seller: &Outside, why: &str) -> String {
    format!("the seller {} did not go on: {why}", seller.id())
}
