//! The pane of what happened, as a person uses it: events and answers in, a picture out.

use std::any::Any;

use ratatui::{buffer::Buffer, layout::Rect};

use super::*;
use crate::{
    domain::{
        audit::{Change, Entry, Outcome},
        ids::TenantId,
        policy::Permission,
        tenant::{caller::Caller, role},
    },
    tui::{
        keymap::{Keymap, Overrides},
        paint::Notes,
        theme::{Depth, Theme},
    },
};

const JOB: &str = "0197a1b2-0000-7000-8000-00000000000a";

struct Desk {
    pane: Activity,
    tickets: Ticket,
    now: Instant,
    effects: Vec<Effect>,
}

fn at(seconds: i64) -> Instant {
    Instant::from_timestamp(1_781_500_000 + seconds, 0).expect("an instant")
}

fn happened(seq: i64, object: &str) -> Event {
    Event {
        seq,
        at: at(seq),
        event: "bookings.submitted".into(),
        kind: "job".into(),
        object: object.into(),
        detail: format!("event number {seq}\u{1b}[2J"),
    }
}

fn sealed(seq: i64, outcome: Outcome) -> Sealed {
    let tenant: TenantId = "main".parse().expect("a tenant");
    let entry = Entry {
        at: at(seq),
        actor: "ana".into(),
        role: role::Role::Trafficker,
        action: "bookings.submit".into(),
        object: Some(format!("job/{JOB}")),
        revision_before: None,
        revision_after: Some(1),
        outcome,
        detail: "no\u{202e}body knows".into(),
        changes: vec![Change {
            what: "state".into(),
            before: Some("running".into()),
            after: Some("call\u{1b}ed off".into()),
        }],
    };
    entry.seal(&tenant, seq, "before".into())
}

fn task(state: &str) -> TaskView {
    TaskView {
        id: format!("task-{state}"),
        kind: "run_job".into(),
        object: JOB.into(),
        state: state.into(),
        run_at: at(-30),
        held_by: Some("node-1".into()),
        held_until: Some(at(60)),
        attempts: 3,
        last_error: Some("the seller hung up".into()),
    }
}

impl Desk {
    fn new() -> Self {
        let mut desk = Self {
            pane: Activity::new(Logbook::new()),
            tickets: 0,
            now: at(0),
            effects: Vec::new(),
        };
        desk.with(|pane, ctx| {
            pane.wake(ctx);
            pane.show(true, ctx);
        });
        desk
    }

    fn with<T>(&mut self, take: impl FnOnce(&mut Activity, &mut Ctx<'_>) -> T) -> T {
        let mut ctx = Ctx::new(self.now, &mut self.tickets);
        let taken = take(&mut self.pane, &mut ctx);
        self.effects.extend(ctx.take());
        taken
    }

    fn act(&mut self, action: Action) -> bool {
        self.with(|pane, ctx| pane.act(action, ctx))
    }

    /// Answers whoever can read such an answer.
    fn answer<T: Any + Send + Clone>(&mut self, answer: &Result<T, Fault>) {
        for ticket in 1..=self.tickets {
            let reply = answer
                .clone()
                .map(|answer| Box::new(answer) as Box<dyn Any + Send>);
            let mut reply = Some(reply);
            self.with(|pane, ctx| pane.reply(ticket, &mut reply, ctx));
        }
    }

    fn live(&mut self, event: &Event) {
        self.with(|pane, ctx| pane.happened(event, ctx));
    }

    fn load(&mut self, events: Vec<Event>) {
        self.with(|pane, ctx| pane.events.take_first(events, ctx.now));
    }

    fn draw(&self, width: u16, height: u16, ascii: bool) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        let mut notes = Notes::default();
        let depth = if ascii { Depth::None } else { Depth::True };
        let theme = Theme::named("dark", depth, ascii).expect("a theme");
        let keymap = Keymap::new(&Overrides::new()).expect("a keymap");
        let look = Look {
            now: self.now,
            glyphs: &theme.glyphs,
            keymap: &keymap,
        };
        let mut canvas = Canvas::new(&mut buffer, &mut notes, &theme);
        self.pane.draw(&mut canvas, &look);
        let row = |y| -> String { (0..width).map(|x| buffer[(x, y)].symbol()).collect() };
        (0..height).map(|y| row(y) + "\n").collect()
    }

    fn says(&self, text: &str) {
        let picture = self.draw(200, 60, false);
        assert!(picture.contains(text), "no \"{text}\" in\n{picture}");
    }

    fn selected(&self) -> Option<i64> {
        self.pane.events.grid.selected().map(|event| event.seq)
    }
}

#[test]
fn events_arrive_live_and_the_cursor_keeps_to_the_newest_until_it_is_moved() {
    let mut desk = Desk::new();
    desk.says("loading");
    desk.load((1..=5).map(|seq| happened(seq, JOB)).collect());
    assert_eq!(desk.selected(), Some(5));
    desk.live(&happened(6, JOB));
    assert_eq!(desk.selected(), Some(6));
    desk.says("event number 6");
    desk.act(Action::Down);
    desk.live(&happened(7, JOB));
    assert_eq!(desk.selected(), Some(5), "it follows no longer");
    desk.act(Action::Follow);
    assert_eq!(desk.selected(), Some(7));
    desk.act(Action::Down);
    desk.act(Action::Top);
    desk.live(&happened(8, JOB));
    assert_eq!(desk.selected(), Some(8), "at the newest it follows again");
    let asked = desk.tickets;
    desk.live(&happened(10, JOB));
    assert_eq!(
        desk.pane.events.newest(),
        8,
        "a gap is read, not shown over"
    );
    assert!(desk.tickets >= asked);
}

#[test]
fn the_newest_are_kept_and_older_ones_are_read_where_they_are_wanted() {
    let mut desk = Desk::new();
    desk.load((601..=1100).map(|seq| happened(seq, JOB)).collect());
    let asked = desk.tickets;
    desk.act(Action::Bottom);
    assert_eq!(desk.tickets, asked + 1, "older ones are asked for");
    desk.act(Action::Bottom);
    assert_eq!(desk.tickets, asked + 1, "once");
    desk.act(Action::Follow);
    for seq in 1101..=4000 {
        desk.live(&happened(seq, JOB));
    }
    let (all, _) = desk.pane.events.grid.counts();
    assert!((tail::KEPT..=tail::KEPT * 11 / 10).contains(&all), "{all}");
    assert_eq!(desk.selected(), Some(4000));
}

#[test]
fn one_object_alone_is_shown_from_everywhere_and_all_again() {
    let mut desk = Desk::new();
    let events = (1..=6).map(|seq| happened(seq, if seq % 2 == 0 { JOB } else { "other" }));
    desk.load(events.collect());
    desk.with(|pane, ctx| pane.go(&[JOB.to_owned()], ctx));
    desk.says("only 0197a1b2");
    assert_eq!(desk.pane.events.grid.counts(), (3, 3));
    desk.live(&happened(7, "other"));
    desk.live(&happened(8, JOB));
    assert_eq!(desk.pane.events.grid.counts(), (4, 4));
    assert!(desk.act(Action::AllObjects));
    assert_eq!(desk.pane.events.grid.counts(), (8, 8));
    assert!(desk.act(Action::Trail), "the one under the cursor");
    assert_eq!(desk.pane.events.grid.counts(), (4, 4));
    assert!(desk.act(Action::Back));
    assert_eq!(desk.pane.events.grid.counts(), (8, 8));
    desk.with(|pane, ctx| pane.typed(Purpose::Filter, "object:other", ctx));
    assert_eq!(desk.pane.events.grid.counts(), (8, 4));
    assert!(desk.act(Action::Open));
    let place = desk.effects.iter().rev().find_map(|effect| match effect {
        Effect::Go(place) => Some(place.clone()),
        _ => None,
    });
    assert_eq!(place.expect("a place").pane, PaneId::Jobs);
}

#[test]
fn nothing_of_one_object_is_lost_in_a_gap_or_in_what_is_cut_off() {
    let mut desk = Desk::new();
    desk.load((1..=6).map(|seq| happened(seq, JOB)).collect());
    desk.with(|pane, ctx| pane.go(&[JOB.to_owned()], ctx));
    // So much happens to others that the oldest are not kept.
    let kept = i64::try_from(tail::KEPT).expect("a number");
    for seq in 7..=kept * 2 {
        desk.live(&happened(seq, "other"));
    }
    assert_eq!(desk.pane.events.grid.counts(), (6, 6));
    // What was missed is read again, of the one object also what lies in between.
    let asked = desk.tickets;
    desk.with(Pane::wake);
    let page = (vec![happened(kept * 4, "other")], Some(kept * 3));
    desk.answer(&Ok(page));
    assert!(desk.tickets > asked + 1, "asked about the one object again");
    desk.answer(&Ok(vec![happened(kept * 3 - 5, JOB)]));
    assert_eq!(desk.selected(), Some(kept * 3 - 5));
}

#[test]
fn without_the_permission_the_audit_trail_says_why_and_asks_no_more() {
    let mut desk = Desk::new();
    desk.act(Action::NextView);
    let tenant: TenantId = "main".parse().expect("a tenant");
    let viewer = Caller::new("vera", tenant, role::Role::Viewer);
    let fault = Fault::forbidden(&viewer, Permission::ReadAudit);
    desk.answer::<Tasks>(&Err(fault));
    desk.says("[audit trail]");
    desk.says("audit:read");
    assert_eq!(desk.pane.due(), None);
    let asked = desk.tickets;
    desk.live(&happened(1, JOB));
    let events_only = desk.tickets - asked;
    assert!(events_only <= 1, "{events_only}");
}

#[test]
fn an_audit_line_is_shown_in_full() {
    let mut desk = Desk::new();
    desk.act(Action::NextView);
    let lines = vec![sealed(1, Outcome::Done), sealed(2, Outcome::Refused)];
    desk.with(|pane, ctx| pane.audit.take_first(lines, ctx.now));
    let hash = sealed(2, Outcome::Refused).hash;
    for text in ["refused", "- > 1", "before", "no\u{fffd}body", &hash[..40]] {
        desk.says(text);
    }
    desk.act(Action::Copy);
    assert!(matches!(desk.effects.last(), Some(Effect::Copy(text)) if *text == hash));
}

#[test]
fn work_shows_its_lease_and_what_is_dead_counts() {
    let mut desk = Desk::new();
    let tasks = ["ready", "running", "dead"].map(task).to_vec();
    let tasks = Ok(Tasks { tasks });
    desk.answer(&tasks);
    assert_eq!(desk.pane.count(), 1);
    desk.act(Action::PreviousView);
    desk.act(Action::PreviousView);
    desk.answer(&tasks);
    for text in [
        "dead",
        "30 s ago",
        "node-1",
        "in 60 s",
        "the seller hung up",
    ] {
        desk.says(text);
    }
    let asked = desk.tickets;
    desk.now = at(5);
    desk.with(Pane::tick);
    assert_eq!(desk.tickets, asked + 1);
}

#[test]
fn the_log_of_this_console_is_there_while_it_is_written() {
    let book = Logbook::new();
    let mut desk = Desk::new();
    desk.pane.logbook = book.clone();
    desk.act(Action::PreviousView);
    desk.says("Nothing was logged yet.");
    book.write(
        at(1),
        tracing::Level::WARN,
        "flightdeck::store",
        "slow\u{7}disk",
    );
    desk.now = at(2);
    desk.with(Pane::tick);
    desk.says("slow\u{fffd}disk");
    assert!(
        !desk.act(Action::Trail),
        "a line of the log is about no object"
    );
}

#[test]
fn it_can_be_drawn_on_any_screen() {
    let mut desk = Desk::new();
    desk.load((1..=50).map(|seq| happened(seq, JOB)).collect());
    desk.with(|pane, ctx| {
        pane.audit
            .take_first(vec![sealed(1, Outcome::Failed)], ctx.now);
        pane.logbook
            .write(ctx.now, tracing::Level::INFO, "t", "a line");
    });
    desk.answer(&Ok(Tasks {
        tasks: vec![task("dead")],
    }));
    for _ in 0..6 {
        for zoomed in [false, true] {
            for (width, height) in [(80, 24), (120, 40), (200, 60), (40, 10), (1, 1), (5, 3)] {
                for ascii in [false, true] {
                    let picture = desk.draw(width, height, ascii);
                    assert!(!picture.contains(['\u{1b}', '\u{202e}', '\u{7}']));
                }
            }
            desk.act(if zoomed { Action::Focus } else { Action::Zoom });
        }
        desk.act(Action::NextView);
    }
}

#[test]
fn what_a_person_set_is_there_next_time() {
    let mut desk = Desk::new();
    desk.act(Action::NextView);
    desk.act(Action::Sort);
    let kept = desk.pane.save();
    let mut other = Activity::default();
    other.restore(&kept);
    assert_eq!(other.view, View::Audit);
    assert_eq!(other.audit.grid.sorted(), desk.pane.audit.grid.sorted());
}

/// A page that begins there, with one line of the object in it.
fn page(from: i64, object: &str) -> (i64, Vec<Event>) {
    (from, vec![happened(from, object)])
}

#[test]
fn a_filter_is_searched_for_further_back_and_says_how_far() {
    let mut desk = Desk::new();
    desk.load((20_001..=20_400).map(|seq| happened(seq, JOB)).collect());
    desk.with(|pane, ctx| pane.typed(Purpose::Filter, "object:needle", ctx));
    desk.says("searching, back to 10:40");
    let mut from = 20_001;
    let mut pages = 0;
    loop {
        let asked = desk.tickets;
        from -= 500;
        pages += 1;
        let object = if pages == 3 { "needle" } else { "hay" };
        desk.answer(&Ok::<_, Fault>(page(from, object)));
        if desk.tickets == asked {
            break;
        }
        assert!(pages < 100, "it goes a bounded way");
    }
    assert_eq!(pages, 20);
    assert_eq!(
        desk.pane.events.grid.counts(),
        (401, 1),
        "what matches is kept"
    );
    desk.says("searched back to 07:53, G goes on");
    // On from there, until the next key.
    desk.act(Action::Bottom);
    desk.says("searching, back to 07:53");
    desk.act(Action::Up);
    let asked = desk.tickets;
    from -= 500;
    desk.answer(&Ok::<_, Fault>(page(from, "needle")));
    assert_eq!(desk.tickets, asked, "a key stops it");
    assert_eq!(desk.pane.events.grid.counts().1, 2);
    // Another filter begins anew, none leaves what is kept.
    desk.with(|pane, ctx| pane.typed(Purpose::Filter, "object:other", ctx));
    desk.says("searching, back to 10:40");
    desk.with(|pane, ctx| pane.typed(Purpose::Filter, "", ctx));
    assert_eq!(desk.pane.events.grid.counts(), (400, 400));
}

#[test]
fn a_search_ends_where_everything_began() {
    let mut desk = Desk::new();
    desk.load((601..=900).map(|seq| happened(seq, JOB)).collect());
    desk.with(|pane, ctx| pane.typed(Purpose::Filter, "needle", ctx));
    desk.answer(&Ok::<_, Fault>(page(101, "hay")));
    desk.answer(&Ok::<_, Fault>(page(1, "hay")));
    desk.says("searched all");
    let asked = desk.tickets;
    desk.act(Action::Bottom);
    assert_eq!(desk.tickets, asked);
}
