//! The list while answers overtake each other: what is newer stays, whichever comes first.

use uuid::Uuid;

use super::*;
use crate::{
    domain::{
        booking::job::ExecutionStatus,
        money::{Currency, Money},
        when::parse_day,
    },
    tui::effect::Effect,
};

/// Somebody who opens the pane and answers its questions.
struct Seat {
    pane: Jobs,
    now: Instant,
    tickets: Ticket,
    asked: Vec<Ticket>,
}

fn row(n: u128, revision: i64) -> JobRow {
    let day = parse_day("2027-01-01").expect("a day");
    let now: Instant = "2026-06-15T12:00:00Z".parse().expect("an instant");
    JobRow {
        job_id: Uuid::from_u128(n).into(),
        campaign_name: format!("Job {n}").into(),
        status: ExecutionStatus::AwaitingApproval,
        progress: 800,
        budget: Money::new(50_000, Currency::USD).amount(),
        currency: Currency::USD,
        first_day: day,
        last_day: day,
        recommended: 9,
        booked: (0, 0),
        created_at: now,
        updated_at: now,
        revision,
        submitted_by: "anna".into(),
        upstream: None,
        retried: false,
    }
}

fn told(n: u128) -> Event {
    serde_json::from_value(serde_json::json!({
        "seq": 1, "at": "2026-06-15T12:00:00Z", "event": "bookings.submitted", "kind": "job",
        "object": Uuid::from_u128(n), "detail": "",
    }))
    .expect("an event")
}

impl Seat {
    fn with(&mut self, act: impl FnOnce(&mut Jobs, &mut Ctx<'_>)) {
        let mut ctx = Ctx::new(self.now, &mut self.tickets);
        act(&mut self.pane, &mut ctx);
        for effect in ctx.take() {
            if let Effect::Ask(ask) = effect {
                self.asked.push(ask.ticket);
            }
        }
    }

    /// Answers a question; every answer is taken by the pane.
    fn answer(&mut self, ticket: Ticket, rows: Vec<JobRow>) {
        let answer = Rows {
            rows,
            next_cursor: None,
        };
        let mut reply: Option<Reply> = Some(Ok(Box::new(answer)));
        self.with(|pane, ctx| pane.reply(ticket, &mut reply, ctx));
        assert!(reply.is_none(), "the answer was taken");
    }

    /// Opens the pane on these.
    fn open(rows: Vec<JobRow>) -> Self {
        let mut seat = Self {
            pane: Jobs::default(),
            now: "2026-06-15T12:00:00Z".parse().expect("an instant"),
            tickets: 0,
            asked: Vec::new(),
        };
        seat.with(Pane::wake);
        let whole = seat.asked[0];
        seat.answer(whole, rows);
        seat.asked.clear();
        seat
    }

    fn revisions(&self) -> Vec<i64> {
        let rows = self.pane.grid.rows();
        let mut all: Vec<_> = rows.map(|row| (row.job_id, row.revision)).collect();
        all.sort_unstable();
        all.into_iter().map(|(_, revision)| revision).collect()
    }
}

#[test]
fn what_is_told_while_all_is_read_again_is_not_lost_to_an_older_page() {
    let mut seat = Seat::open(vec![row(1, 5)]);
    seat.with(Pane::wake);
    let whole = seat.asked[0];
    for n in [1, 2] {
        seat.with(|pane, ctx| pane.happened(&told(n), ctx));
    }
    let some = seat.asked.pop().expect("what changed is asked");
    seat.answer(some, vec![row(1, 6)]);
    let other = seat.asked.pop().expect("the other as well");
    seat.answer(other, vec![row(2, 1)]);
    assert_eq!(seat.revisions(), [6, 1]);
    // Read before any of that was written.
    seat.answer(whole, vec![row(1, 5)]);
    assert_eq!(seat.revisions(), [6, 1]);
    assert_ne!(seat.asked.last(), Some(&whole), "and looked at once more");
}

#[test]
fn an_older_answer_that_comes_later_changes_nothing() {
    let mut seat = Seat::open(vec![row(1, 5)]);
    seat.with(|pane, ctx| pane.happened(&told(1), ctx));
    let some = seat.asked.pop().expect("what changed is asked");
    seat.with(Pane::wake);
    let whole = seat.asked.pop().expect("all is asked");
    seat.answer(whole, vec![row(1, 7)]);
    seat.answer(some, vec![row(1, 6)]);
    assert_eq!(seat.revisions(), [7]);
}
