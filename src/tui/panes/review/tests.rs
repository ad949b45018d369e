//! The pane, driven as the console drives it: commands and answers in, pictures out.

use proptest::prelude::*;
use ratatui::{buffer::Buffer, layout::Rect};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{item::Item, orders::Choice, pile::Waiting, *};
use crate::{
    domain::{
        money::{Currency, Money},
        when::parse_day,
    },
    engine::{bookings::view::JobView, fault::Fault},
    tui::{
        effect::Proposal,
        grid::{Format, written},
        keymap::{Keymap, Overrides},
        overlays::palette::Goal,
        paint::Notes,
        theme::{Depth, Theme},
    },
};

fn id(n: u128) -> JobId {
    Uuid::from_u128(n).into()
}

/// A recommendation: channel, product, cost in cents, impressions, priority.
type Offer = (&'static str, &'static str, i64, u64, u32);

fn amount(minor: i64) -> Value {
    let money = Money::new(minor, Currency::USD).amount().to_string();
    serde_json::from_str(&money).expect("a number")
}

fn offer((channel, name, cost, impressions, priority): Offer) -> Value {
    let cpm = cost * 1000 / i64::try_from(impressions.max(1)).expect("few");
    json!({
        "product_id": format!("p-{name}"), "product_name": name, "publisher": "Nordic Media",
        "channel": channel, "format": "video", "impressions": impressions, "cpm": amount(cpm),
        "cost": amount(cost), "targeting": {"age": ["18-24", "25-34"]}, "priority": priority,
        "status": "pending_approval", "rationale": "No. 1 in its channel, fit 81 %.",
        "seller": "embedded", "delivery_type": "Guaranteed", "available": impressions * 2,
        "fit": {"score_bp": 8125, "audience_bp": 9000, "format_bp": 7000, "price_bp": 6000,
            "availability_bp": 10000, "confidence_bp": 9500},
    })
}

const FOUR: [Offer; 4] = [
    ("branding", "Banner North", 300_000, 600_000, 1),
    ("branding", "Banner South", 200_000, 300_000, 2),
    ("ctv", "Prime Evening", 400_000, 200_000, 1),
    ("ctv", "Late Night", 300_000, 250_000, 2),
];

fn raw(n: u128, name: &str, budget: i64, offers: &[Offer]) -> Value {
    let all: Vec<Value> = offers.iter().copied().map(offer).collect();
    json!({
        "job_id": id(n), "status": "awaiting_approval", "progress": 0.8,
        "budget_allocations": {
            "branding": {"channel": "branding", "budget": amount(budget / 2), "percentage": 50.0,
                "rationale": "half"},
            "ctv": {"channel": "ctv", "budget": amount(budget / 2), "percentage": 50.0,
                "rationale": "half"},
        },
        "recommendations": all, "booked_lines": null, "errors": null,
        "created_at": "2026-06-01T10:00:00.000000Z", "updated_at": "2026-06-01T11:00:00.000000Z",
        "execution_status": "awaiting_approval", "revision": 7, "campaign_name": name,
        "budget": amount(budget), "currency": "USD",
        "start_date": "2026-07-01", "end_date": "2026-09-30",
        "brief": {"name": name, "objectives": ["reach"], "budget": amount(budget),
            "start_date": "2026-07-01", "end_date": "2026-09-30",
            "target_audience": {"age": "18-34"}, "kpis": {"target_cpm": 10, "reach": 1_000_000}},
        "auto_approve": false, "submitted_by": "jo", "notes": [], "audience_plan": null,
        "audience_coverage_estimates": {"ctv": 61.0}, "audience_gaps": null, "approval": null,
        "retry_of": null, "retried_as": null,
    })
}

fn view(raw: &Value) -> JobView {
    serde_json::from_str(&raw.to_string()).expect("a job")
}

fn job(n: u128, name: &str, budget: i64, offers: &[Offer]) -> JobView {
    view(&raw(n, name, budget, offers))
}

/// The same job, decided: one booked, one failed, two turned down.
fn decided(n: u128) -> JobView {
    let mut raw = raw(n, "Q3 Push", 1_000_000, &FOUR);
    raw["status"] = json!("completed");
    raw["execution_status"] = json!("completed");
    raw["progress"] = json!(1.0);
    raw["revision"] = json!(9);
    for (at, status) in ["approved", "approved", "rejected", "rejected"]
        .iter()
        .enumerate()
    {
        raw["recommendations"][at]["status"] = json!(status);
    }
    raw["approval"] = json!({"by": "kim", "at": "2026-06-02T14:02:11.000000Z", "automatic": false,
        "approved_count": 2, "total_cost": amount(500_000)});
    let line = |name: &str, cost: i64, more: Value| {
        let mut line = json!({"line_id": null, "order_id": null, "product_id": format!("p-{name}"),
            "product_name": name, "channel": "branding", "impressions": 1000, "cost": amount(cost),
            "cpm": amount(500), "booking_status": "Cancelled", "booked_at": null,
            "seller": "embedded"});
        for (key, value) in more.as_object().expect("an object") {
            line[key] = value.clone();
        }
        line
    };
    raw["booked_lines"] = json!([
        line(
            "Banner North",
            300_000,
            json!({"line_id": "L-1", "order_id": "O-1",
            "booking_status": "Booked", "booked_at": "2026-06-02T14:03:00.000000Z"})
        ),
        line(
            "Banner South",
            200_000,
            json!({"error": "the seller has sold out"})
        ),
    ]);
    view(&raw)
}

/// Somebody who sits before the pane.
struct Person {
    pane: Review,
    tickets: Ticket,
    now: Instant,
    effects: Vec<Effect>,
}

impl Person {
    fn new() -> Self {
        let day = parse_day("2026-06-02").expect("a day");
        let now = day.and_hms_opt(9, 0, 0).expect("a time").and_utc();
        let mut person = Self {
            pane: Review::default(),
            tickets: 0,
            now,
            effects: Vec::new(),
        };
        person.with(|pane, ctx| pane.show(true, ctx));
        person
    }

    fn with<T>(&mut self, run: impl FnOnce(&mut Review, &mut Ctx<'_>) -> T) -> T {
        let mut ctx = Ctx::new(self.now, &mut self.tickets);
        let out = run(&mut self.pane, &mut ctx);
        self.effects = ctx.take();
        out
    }

    /// The numbers of the questions that were asked last.
    fn asked(&self) -> Vec<Ticket> {
        let asks = self.effects.iter().filter_map(|effect| match effect {
            Effect::Ask(ask) => Some(ask.ticket),
            _ => None,
        });
        asks.collect()
    }

    fn answer(&mut self, ticket: Ticket, answer: impl std::any::Any + Send) {
        let mut reply: Option<Reply> = Some(Ok(Box::new(answer)));
        self.with(|pane, ctx| pane.reply(ticket, &mut reply, ctx));
        assert!(reply.is_none(), "the answer was taken");
    }

    /// Reviews these jobs.
    fn reviews(jobs: &[JobView]) -> Self {
        let mut person = Self::new();
        let ids: Vec<String> = jobs.iter().map(|job| job.job_id.to_string()).collect();
        person.with(|pane, ctx| pane.go(&ids, ctx));
        for (ticket, job) in person.asked().into_iter().zip(jobs) {
            person.answer(ticket, job.clone());
        }
        person
    }

    /// The engine tells that a job has changed, and answers with what it is now.
    fn learns(&mut self, job: &JobView) {
        let event = Event {
            seq: 1,
            at: self.now,
            event: "bookings.line_booked".into(),
            kind: "job".into(),
            object: job.job_id.to_string(),
            detail: String::new(),
        };
        self.with(|pane, ctx| pane.happened(&event, ctx));
        let asked = self.asked();
        assert_eq!(asked.len(), 1, "one question");
        self.answer(asked[0], job.clone());
    }

    fn does(&mut self, actions: &[Action]) {
        for action in actions {
            assert_eq!(self.pane.may(*action), Ok(()), "{action:?}");
            assert!(self.with(|pane, ctx| pane.act(*action, ctx)), "{action:?}");
        }
    }

    fn ticked(&self) -> Vec<String> {
        let seen = self.pane.seen().expect("a job");
        let ticked = seen.items.iter().filter(|item| item.ticked);
        ticked.map(|item| item.view.product_name.clone()).collect()
    }

    fn proposal(&mut self) -> Proposal {
        self.does(&[Action::Approve]);
        let mut effects = std::mem::take(&mut self.effects).into_iter();
        let found = effects.find_map(|effect| match effect {
            Effect::Propose(proposal) => Some(proposal),
            _ => None,
        });
        found.expect("a proposal")
    }

    fn refusal(&self, action: Action) -> String {
        let refused = self.pane.may(action);
        refused.expect_err("it is refused").to_string()
    }

    fn sees(&self, width: u16, height: u16, ascii: bool) -> String {
        let theme = Theme::named("dark", Depth::None, ascii).expect("a theme");
        let keymap = Keymap::new(&Overrides::new()).expect("a keymap");
        let look = Look {
            now: self.now,
            glyphs: &theme.glyphs,
            keymap: &keymap,
        };
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        let mut notes = Notes::default();
        let mut canvas = Canvas::new(&mut buffer, &mut notes, &theme);
        self.pane.draw(&mut canvas, &look);
        let mut picture = String::new();
        for y in 0..height {
            for x in 0..width {
                picture.push_str(buffer[(x, y)].symbol());
            }
            picture.push('\n');
        }
        picture
    }
}

fn said(proposal: &Proposal) -> String {
    let lines = proposal.lines.iter().map(|(line, _)| line.as_str());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn at_first_everything_is_ticked_that_fits_the_best_first() {
    let person = Person::reviews(&[job(1, "Q3 Push", 1_000_000, &FOUR)]);
    // 3,000 and 4,000 are the best of their channels; 2,000 more fit, 3,000 do not.
    assert_eq!(
        person.ticked(),
        ["Banner North", "Banner South", "Prime Evening"]
    );
    let picture = person.sees(120, 40, false);
    assert!(picture.contains("3 of 4 ticked"), "{picture}");
    assert!(
        picture.contains("9,000.00 of 10,000.00 USD (90.0 %)"),
        "{picture}"
    );
    assert!(
        picture.contains("ticking sends nothing: A asks first"),
        "{picture}"
    );
}

#[test]
fn ticks_go_by_row_by_channel_all_and_inverted() {
    let mut person = Person::reviews(&[job(1, "Q3 Push", 10_000_000, &FOUR)]);
    assert_eq!(person.ticked().len(), 4);
    person.does(&[Action::TickAll]);
    assert_eq!(person.ticked().len(), 0, "all were ticked, so none is");
    // The cursor is on the heading of branding.
    person.does(&[Action::Tick]);
    assert_eq!(person.ticked(), ["Banner North", "Banner South"]);
    person.does(&[Action::Invert]);
    assert_eq!(person.ticked(), ["Prime Evening", "Late Night"]);
    person.does(&[Action::Down, Action::Tick, Action::Tick]);
    assert_eq!(person.ticked().len(), 4, "a tick goes on to the next row");
    person.does(&[Action::Bottom, Action::TickGroup]);
    assert_eq!(person.ticked(), ["Banner North", "Banner South"]);
    person.does(&[Action::Top, Action::Range, Action::Bottom, Action::Range]);
    assert_eq!(person.ticked().len(), 4, "a range is ticked");
    person.with(|pane, ctx| pane.click(Spot::Tick(1), ctx));
    assert_eq!(person.ticked().len(), 3, "a click on a box");
    person.with(|pane, ctx| pane.typed(Purpose::Filter, "channel:ctv", ctx));
    person.does(&[Action::TickAll]);
    assert_eq!(person.ticked(), ["Banner South"], "only what is shown");
}

#[test]
fn over_budget_refuses_by_how_much_and_says_so_in_little_room() {
    let mut person = Person::reviews(&[job(1, "Q3 Push", 1_000_000, &FOUR)]);
    person.does(&[Action::TickAll]);
    assert_eq!(
        person.refusal(Action::Approve),
        "Q3 Push is over its budget by 2,000.00 USD"
    );
    assert!(!person.with(|pane, ctx| pane.act(Action::Approve, ctx)));
    for (width, height) in [(200, 60), (120, 40), (80, 22), (40, 8)] {
        let picture = person.sees(width, height, false);
        let wanted = "over budget by 2,000.00 USD";
        assert!(picture.contains(wanted), "{width}x{height}\n{picture}");
    }
}

#[test]
fn refusals_name_their_reason() {
    let person = Person::new();
    assert_eq!(person.refusal(Action::Approve), "no job is under review");
    let mut person = Person::new();
    person.with(|pane, ctx| pane.go(&[id(1).to_string()], ctx));
    assert_eq!(
        person.refusal(Action::Approve),
        "the job is still being read"
    );
    let small = Person::reviews(&[job(1, "Small", 100, &FOUR)]);
    assert_eq!(small.refusal(Action::Approve), "nothing is ticked");
    let mut late = Person::reviews(&[job(1, "Q3 Push", 1_000_000, &FOUR)]);
    late.now = parse_day("2026-10-01")
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .expect("a time")
        .and_utc();
    late.with(Pane::tick);
    assert!(
        late.refusal(Action::Approve)
            .contains("ended on 2026-09-30")
    );
    let gone = Person::reviews(&[decided(1)]);
    assert!(
        gone.refusal(Action::Tick)
            .contains("decided by kim at 2026-06-02 14:02")
    );
    assert!(
        gone.refusal(Action::Approve)
            .contains("2 of 4 approved for 5,000.00 USD")
    );
    let mut early = raw(1, "Q3 Push", 1_000_000, &FOUR);
    early["status"] = json!("running");
    early["execution_status"] = json!("researching");
    let early = Person::reviews(&[view(&early)]);
    assert!(
        early
            .refusal(Action::Approve)
            .contains("still being researched")
    );
    assert_eq!(
        early.refusal(Action::NextJob),
        "no other job is under review"
    );
}

#[test]
fn ticks_survive_a_change_which_is_told_and_seen() {
    let mut person = Person::reviews(&[job(1, "Q3 Push", 1_000_000, &FOUR)]);
    person.does(&[Action::Down, Action::Tick]);
    assert_eq!(person.ticked(), ["Banner South", "Prime Evening"]);
    let mut changed = raw(1, "Q3 Push", 1_000_000, &FOUR);
    changed["revision"] = json!(8);
    changed["recommendations"][2]["cost"] = amount(450_000);
    changed["recommendations"]
        .as_array_mut()
        .expect("a list")
        .remove(3);
    person.learns(&view(&changed));
    assert_eq!(person.ticked(), ["Banner South", "Prime Evening"]);
    let picture = person.sees(120, 40, false);
    assert!(picture.contains("changed since you looked"), "{picture}");
    assert!(picture.contains("cost 4,000.00 to 4,500.00"), "{picture}");
    let proposal = person.proposal();
    assert!(said(&proposal).contains("! changed since you looked: Late Night is no longer"));
    assert!(said(&proposal).contains("together 6,500.00 USD of 10,000.00 USD"));
    person.does(&[Action::Back]);
    let picture = person.sees(120, 40, false);
    assert!(!picture.contains("changed since you looked"), "{picture}");
    // An answer that was overtaken changes nothing.
    person.learns(&job(1, "Q3 Push", 1_000_000, &FOUR));
    assert_eq!(person.pane.seen().expect("a job").job.revision, 8);
}

#[test]
fn what_vanishes_is_left_out_and_named() {
    let mut person = Person::reviews(&[job(1, "Q3 Push", 1_000_000, &FOUR)]);
    let mut changed = raw(1, "Q3 Push", 1_000_000, &FOUR);
    changed["revision"] = json!(8);
    changed["recommendations"]
        .as_array_mut()
        .expect("a list")
        .remove(0);
    person.learns(&view(&changed));
    let proposal = person.proposal();
    assert!(said(&proposal).contains("! no longer offered, left out: p-Banner North"));
    let ticks = person.pane.pile.current().expect("a job").ticks().clone();
    let again = orders::again(vec![(view(&changed), ticks.clone())]).expect("a proposal");
    assert!(said(&again).contains("left out: p-Banner North"));
    let taken = orders::again(vec![(decided(1), ticks.clone())]).expect_err("too late");
    assert!(
        taken.message.contains("decided by kim"),
        "{}",
        taken.message
    );
    changed["budget"] = amount(100_000);
    let over = orders::again(vec![(view(&changed), ticks)]).expect_err("too much");
    assert_eq!(over.code, "OVER_BUDGET");
}

#[test]
fn an_approval_says_every_line_and_pins_what_was_seen() {
    let mut person = Person::reviews(&[job(1, "Q3 Push", 1_000_000, &FOUR)]);
    let choice = Choice::of(person.pane.pile.current().expect("a job")).expect("a choice");
    let operation = choice.operation();
    assert_eq!(operation.expected_revision, Some(7));
    assert_eq!(operation.approved_product_ids.map(|ids| ids.len()), Some(3));
    let proposal = person.proposal();
    assert_eq!(
        proposal
            .typed
            .as_ref()
            .map(crate::tui::consent::Consent::text),
        Some("Q3 Push")
    );
    assert_eq!(proposal.steps.len(), 1);
    assert!(proposal.renew.is_some());
    let text = said(&proposal);
    for wanted in [
        "This books 3 lines with their sellers for 9,000.00 USD.",
        "Banner North, Nordic Media: 600,000 impressions at 5.00 CPM, 3,000.00 USD",
        "Prime Evening, Nordic Media: 200,000 impressions at 20.00 CPM, 4,000.00 USD",
        "together 9,000.00 USD of 10,000.00 USD, 1,000.00 USD left",
        "1 recommendation will be turned down",
        "It cannot be undone.",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
}

#[test]
fn a_spend_that_the_ceiling_elsewhere_would_not_catch_is_said_in_the_question() {
    let mut elsewhere = raw(1, "Q3 Push", 1_000_000, &FOUR);
    elsewhere["budget_allocations"]["ctv"]["budget"] = amount(300_000);
    let mut here = Person::reviews(&[view(&elsewhere)]);
    let choice = Choice::of(here.pane.pile.current().expect("a job")).expect("a choice");
    assert!(
        !choice.operation().despite_warnings,
        "a job that lives here has no such ceiling"
    );
    assert!(!said(&here.proposal()).contains("was given"));

    elsewhere["upstream"] = json!({
        "kind": "iab-buyer-agent", "id": "r-1", "sent_from_here": true, "status": "awaiting_approval",
        "health": "to_decide", "health_words": "waits for a decision", "budget": amount(1_000_000),
        "seen_at": null, "missing_since": null, "decision_sent_at": null, "answer": null,
        "answer_lost": null, "trouble": null, "warnings": [], "disagreements": [],
    });
    let mut person = Person::reviews(&[view(&elsewhere)]);
    let text = said(&person.proposal());
    assert!(
        text.contains("! ctv was given 3,000.00 USD and this takes 4,000.00 USD"),
        "{text}"
    );
    let choice = Choice::of(person.pane.pile.current().expect("a job")).expect("a choice");
    assert!(
        choice.operation().despite_warnings,
        "whoever agrees has read them"
    );
}

#[test]
fn deciding_for_none_is_possible_and_says_what_that_does() {
    let mut person = Person::reviews(&[job(1, "Q3 Push", 10_000_000, &FOUR)]);
    person.does(&[Action::TickAll]);
    let proposal = person.proposal();
    assert_eq!(proposal.button, "complete with nothing");
    assert_eq!(
        proposal
            .typed
            .as_ref()
            .map(crate::tui::consent::Consent::text),
        Some("Q3 Push")
    );
    assert!(said(&proposal).contains("Nothing will be booked"));
}

#[test]
fn several_jobs_are_decided_together_and_currencies_are_kept_apart() {
    let mut euro = raw(2, "Herbst", 1_000_000, &FOUR);
    euro["currency"] = json!("EUR");
    let mut person = Person::reviews(&[job(1, "Q3 Push", 1_000_000, &FOUR), view(&euro)]);
    let picture = person.sees(120, 40, false);
    assert!(picture.contains("job 1 of 2"), "{picture}");
    assert!(
        picture.contains("decides 2 jobs: 6 ticked, 9,000.00 EUR + 9,000.00 USD"),
        "{picture}"
    );
    let proposal = person.proposal();
    assert_eq!(
        proposal
            .typed
            .as_ref()
            .map(crate::tui::consent::Consent::text),
        Some("2 jobs")
    );
    assert_eq!(proposal.steps.len(), 2);
    person.does(&[Action::NextJob]);
    assert!(person.sees(120, 40, false).contains("job 2 of 2"));
    person.does(&[Action::TickAll, Action::TickAll]);
    let proposal = person.proposal();
    assert_eq!(proposal.steps.len(), 1, "only the one that has ticks");
    assert!(said(&proposal).contains("left alone: Herbst: nothing of it is ticked"));
    person.does(&[Action::NextJob]);
    assert_eq!(person.ticked().len(), 3, "ticks are kept job by job");
}

/// The first page of what waits: these of so many.
fn waiting(jobs: &[u128], total: usize) -> Waiting {
    let recommended = jobs.iter().map(|n| (id(*n), 4)).collect();
    let summary = |n: &u128| {
        json!({"job_id": id(*n), "status": "awaiting_approval", "campaign_name": "x",
            "budget": 1, "created_at": "", "updated_at": "", "currency": "USD", "revision": 7})
    };
    let jobs: Vec<Value> = jobs.iter().map(summary).collect();
    let page = json!({"jobs": jobs, "total": total}).to_string();
    Waiting {
        page: serde_json::from_str(&page).expect("a page"),
        recommended,
    }
}

#[test]
fn of_all_that_wait_only_what_was_looked_at_or_ticked_is_decided() {
    let mut person = Person::new();
    person.with(|pane, ctx| pane.show(false, ctx));
    person.with(Pane::wake);
    let list = person.asked()[0];
    person.answer(list, waiting(&[1, 2], 5));
    let asked = person.asked();
    assert_eq!(
        asked.len(),
        1,
        "the one that would be looked at, and no other"
    );
    person.answer(asked[0], job(1, "Job 1", 1_000_000, &FOUR));
    assert_eq!(person.pane.count(), 8, "what was not read is counted too");
    person.with(|pane, ctx| pane.show(true, ctx));
    let asked = person.asked();
    assert_eq!(asked.len(), 1, "the one beside it");
    person.answer(asked[0], job(2, "Job 2", 1_000_000, &FOUR));
    assert_eq!(person.pane.count(), 8);
    assert!(person.sees(160, 40, false).contains("3 more wait"));
    assert_eq!(
        person.proposal().steps.len(),
        1,
        "nobody looked at the other"
    );
    person.does(&[Action::NextJob, Action::Tick, Action::PreviousJob]);
    assert_eq!(person.proposal().steps.len(), 2);
}

#[test]
fn a_decision_shows_what_became_of_every_line() {
    let mut person = Person::reviews(&[job(1, "Q3 Push", 1_000_000, &FOUR)]);
    person.learns(&decided(1));
    let picture = person.sees(200, 60, false);
    for wanted in [
        "decided by kim at 2026-06-02 14:02: 2 of 4 approved for 5,000.00 USD",
        "1 failed",
        "1 of 2 booked",
        "line L-1",
        "order O-1",
        "the seller has sold out",
        "hint: what is booked stays",
        "rejected",
    ] {
        assert!(picture.contains(wanted), "{wanted}\n{picture}");
    }
    assert_eq!(person.ticked(), ["Banner North", "Banner South"]);
    assert!(person.sees(80, 22, true).contains("1 failed"));
    let due = person
        .pane
        .due()
        .expect("what moved is marked for a moment");
    person.now = due;
    person.with(Pane::tick);
    assert_eq!(person.pane.due(), None);
}

#[test]
fn the_detail_reads_a_product_in_full() {
    let mut person = Person::reviews(&[job(1, "Q3 Push", 1_000_000, &FOUR)]);
    person.does(&[Action::Down]);
    let picture = person.sees(200, 60, false);
    for wanted in [
        "age: 18-24, 25-34",
        "1,200,000 impressions in the flight",
        "No. 1 in its channel",
        "audience",
        "90.0 %",
        "Guaranteed",
    ] {
        assert!(picture.contains(wanted), "{wanted}\n{picture}");
    }
    person.does(&[Action::Details]);
    let alone = person.sees(40, 8, true);
    assert!(alone.contains("Banner North"), "{alone}");
    assert!(person.with(|pane, ctx| pane.act(Action::Back, ctx)));
}

#[test]
fn kpis_are_told_with_both_numbers() {
    let person = Person::reviews(&[job(1, "Q3 Push", 1_000_000, &FOUR)]);
    let picture = person.sees(200, 60, false);
    assert!(
        picture.contains("eCPM 8.18 within the target of 10.00"),
        "{picture}"
    );
    assert!(picture.contains("reach 1.00 M is possible"), "{picture}");
    let dear = [("ctv", "Prime Evening", 400_000, 200_000, 1)];
    let picture = Person::reviews(&[job(1, "Q3 Push", 1_000_000, &dear)]).sees(200, 60, false);
    assert!(
        picture.contains("eCPM 20.00 over the target of 10.00"),
        "{picture}"
    );
    assert!(picture.contains("needs 1.00 M impressions"), "{picture}");
}

#[test]
fn order_and_filter_are_kept_and_the_cursor_stays_on_its_product() {
    let mut person = Person::reviews(&[job(1, "Q3 Push", 1_000_000, &FOUR)]);
    let names = |person: &Person| {
        let seen = person.pane.seen().expect("a job");
        let shown = person.pane.list.items().map(|at| seen.items[at].name());
        shown.map(|name| name.to_string()).collect::<Vec<_>>()
    };
    person.does(&[Action::Down]);
    assert_eq!(names(&person)[0], "Banner North");
    person.does(&[Action::Sort, Action::Reverse]);
    assert_eq!(
        names(&person),
        [
            "Banner South",
            "Banner North",
            "Prime Evening",
            "Late Night"
        ]
    );
    person.does(&[Action::Copy]);
    assert!(matches!(&person.effects[..], [Effect::Copy(id)] if id == "p-Banner North"));
    person.with(|pane, ctx| pane.typed(Purpose::Filter, "!late", ctx));
    let mut next = Review::default();
    next.restore(&person.pane.save());
    assert_eq!(next.filter(), Some("!late"));
    assert_eq!(next.list.sorted(), person.pane.list.sorted());
    person.does(&[Action::Back]);
    assert_eq!(person.pane.filter(), Some(""));
    let found = person.pane.find("prime", 10);
    assert_eq!(found.len(), 1);
    let Goal::Go(place) = &found[0].goal else {
        unreachable!("a product is a place");
    };
    person.with(|pane, ctx| pane.go(&place.objects, ctx));
    person.does(&[Action::Copy]);
    assert!(matches!(&person.effects[..], [Effect::Copy(id)] if id == "p-Prime Evening"));
    person.does(&[Action::Export]);
    assert!(matches!(&person.effects[..], [Effect::Open(_)]));
    let seen = person.pane.seen().expect("a job");
    let file = written(&seen.items.iter().collect::<Vec<&Item>>(), Format::Csv);
    let row =
        "Banner North,Nordic Media,600000,5.00,3000.00,81.2 %,Guaranteed,pending,1,yes,branding";
    assert!(file.contains(row), "{file}");
}

#[test]
fn what_waits_makes_room_for_what_is_newer_unless_somebody_cared_for_it() {
    let mut person = Person::new();
    person.with(Pane::wake);
    let mut list = person.asked()[0];
    for newest in [1, 3, 5_u128] {
        let two = [newest, newest + 1];
        person.answer(list, waiting(&two, 40));
        for (ticket, n) in person.asked().into_iter().zip(two) {
            person.answer(ticket, job(n, &format!("Job {n}"), 1_000_000, &FOUR));
        }
        person.with(|pane, ctx| {
            pane.pile
                .happened(id(99), "bookings.awaiting_approval", ctx);
        });
        list = person.asked()[0];
    }
    let (shown, waiting) = person.pane.pile.counts();
    assert_eq!(
        (shown, waiting),
        (3, 40),
        "the one looked at, and the newest"
    );
    assert!(person.pane.pile.has(id(1)) && !person.pane.pile.has(id(3)));
}

#[test]
fn ticks_wait_while_a_person_looks_at_other_jobs() {
    let (one, two) = (
        job(1, "Q3 Push", 1_000_000, &FOUR),
        job(2, "Q4", 1_000_000, &FOUR),
    );
    let mut person = Person::reviews(std::slice::from_ref(&one));
    person.does(&[Action::TickAll, Action::TickAll]);
    assert_eq!(person.ticked().len(), 0);
    person.with(|pane, ctx| pane.go(&[two.job_id.to_string()], ctx));
    let asked = person.asked()[0];
    person.answer(asked, two.clone());
    assert_eq!(person.ticked().len(), 3);
    person.with(|pane, ctx| pane.go(&[one.job_id.to_string()], ctx));
    let asked = person.asked()[0];
    person.answer(asked, one.clone());
    assert_eq!(person.ticked().len(), 0);
    assert!(
        !person.with(|pane, ctx| pane.act(Action::Back, ctx)),
        "back leads out, and all that waits is asked for"
    );
    assert_eq!(person.asked().len(), 1);
    assert!(!person.pane.pile.chosen());
}

#[test]
fn the_mouse_selects_opens_sorts_and_scrolls() {
    let mut person = Person::reviews(&[job(1, "Q3 Push", 1_000_000, &FOUR)]);
    person.with(|pane, ctx| pane.click(Spot::Row(2), ctx));
    assert_eq!(person.pane.list.cursor(), 2);
    assert_eq!(person.ticked().len(), 3, "a click on a row ticks nothing");
    person.with(|pane, ctx| pane.click(Spot::Row(2), ctx));
    assert!(person.pane.split.get().in_detail());
    person.does(&[Action::Back]);
    person.with(|pane, ctx| pane.scroll(3, ctx));
    assert_eq!(person.pane.list.cursor(), 5);
    person.with(|pane, ctx| pane.click(Spot::Heading(4), ctx));
    assert_eq!(person.pane.list.sorted(), (4, true));
}

#[test]
fn what_a_terminal_would_act_on_never_reaches_it() {
    let mut raw = raw(1, "Q3 \u{1b}[31mPush\u{202e}", 1_000_000, &FOUR);
    for (at, field) in ["product_name", "publisher", "rationale", "seller"]
        .iter()
        .enumerate()
    {
        raw["recommendations"][at][*field] = json!("\u{1b}]0;x\u{7}\u{202e}\nnext");
    }
    let mut person = Person::reviews(&[view(&raw)]);
    for _ in 0..6 {
        let picture = person.sees(200, 60, false);
        let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!picture.contains(bad), "{picture:?}");
        person.does(&[Action::Down]);
    }
    let proposal = person.proposal();
    assert!(!said(&proposal).contains('\u{1b}'));
}

#[test]
fn every_size_is_drawn_and_a_fault_is_read() {
    let mut two = Person::reviews(&[job(1, "Q3 Push", 1_000_000, &FOUR), decided(2)]);
    let lost = Fault::broken("gone");
    let mut faulty = Person::new();
    faulty.with(|pane, ctx| pane.go(&[id(3).to_string()], ctx));
    let ticket = faulty.asked()[0];
    let mut reply: Option<Reply> = Some(Err(lost.clone()));
    faulty.with(|pane, ctx| pane.reply(ticket, &mut reply, ctx));
    assert!(faulty.sees(80, 22, false).contains("something went wrong"));
    for turn in 0..2 {
        for (width, height) in [(300, 98), (200, 58), (120, 38), (80, 22), (40, 8)] {
            for ascii in [false, true] {
                let picture = two.sees(width, height, ascii);
                let wanted = ["Q3 Push", "Banner"];
                let there = wanted.iter().all(|text| picture.contains(text));
                assert!(there, "{turn} {width}x{height}\n{picture}");
                assert!(!ascii || picture.is_ascii(), "{picture}");
            }
        }
        for size in [(1, 1), (0, 0), (3, 2), (12, 4), (300, 1), (1, 100)] {
            two.sees(size.0, size.1, false);
            faulty.sees(size.0, size.1, true);
        }
        two.does(&[Action::NextJob, Action::Zoom]);
    }
}

proptest! {
    #[test]
    fn the_footer_is_the_exact_sum_of_what_is_ticked(
        costs in prop::collection::vec((1i64..900_000_000, 1u64..9_000_000, any::<bool>()), 1..40),
        keys in prop::collection::vec(0usize..8, 0..60),
    ) {
        let mut raw = raw(1, "Q3 Push", 1_000_000_000, &[]);
        let offers = costs.iter().enumerate().map(|(at, (cost, impressions, ctv))| {
            let channel = if *ctv { "ctv" } else { "branding" };
            let mut one = offer((channel, "x", *cost, *impressions, 1));
            one["product_id"] = json!(format!("p-{at}"));
            one
        });
        raw["recommendations"] = offers.collect();
        let mut person = Person::reviews(&[view(&raw)]);
        prop_assert!(person.pane.seen().expect("a job").over().is_none(), "the first ticks fit");
        for key in keys {
            let action = [
                Action::Tick, Action::TickGroup, Action::TickAll, Action::Invert, Action::Down,
                Action::PageUp, Action::Bottom, Action::Sort,
            ][key];
            person.with(|pane, ctx| pane.act(action, ctx));
            let sheet = person.pane.pile.current().expect("a job");
            let seen = sheet.seen().expect("it was read");
            let ticked = seen.items.iter().filter(|item| sheet.ticks().contains(item.product()));
            let cost: i64 = ticked.clone().map(|item| item.cost.minor()).sum();
            let impressions: u64 = ticked.clone().map(|item| item.view.impressions).sum();
            let sums = seen.sums();
            prop_assert_eq!((sums.cost.minor(), sums.impressions), (cost, impressions));
            prop_assert_eq!(sums.count, ticked.count());
            let by_channel: i64 = (0..seen.groups.len())
                .map(|at| seen.sums_of(|item| item.group == at && item.ticked).cost.minor())
                .sum();
            prop_assert_eq!(by_channel, cost);
            let refused = person.pane.may(Action::Approve).is_err();
            prop_assert!(seen.over().is_none_or(|_| refused), "too much is refused");
        }
    }
}
