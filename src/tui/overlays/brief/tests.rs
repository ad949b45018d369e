//! The brief form as a person uses it: keys in, effects and a picture out.

use ratatui::{buffer::Buffer, layout::Rect};
use serde_json::{Value, json};

use super::*;
use crate::{
    domain::{
        problem::{Code as Rule, Problem},
        when::Instant,
    },
    engine::fault::{Fault, FaultKind},
    tui::{
        consent::Consent,
        effect::{Done, Proposal},
        keymap::{Keymap, Overrides},
        paint::Notes,
        theme::{Depth, Theme},
    },
};

/// A person at the form.
struct Desk {
    form: BriefForm,
    draft: Draft,
    keymap: Keymap,
    tickets: Ticket,
    now: Instant,
    effects: Vec<Effect>,
    stay: Stay,
}

fn now() -> Instant {
    Instant::from_timestamp(1_781_500_000, 0).expect("15 June 2026")
}

impl Desk {
    fn open(make: impl FnOnce(&Draft, &mut Ctx<'_>) -> BriefForm) -> Self {
        Self::again(Draft::default(), make)
    }

    fn again(draft: Draft, make: impl FnOnce(&Draft, &mut Ctx<'_>) -> BriefForm) -> Self {
        let mut tickets = 0;
        let mut ctx = Ctx::new(now(), &mut tickets);
        let form = make(&draft, &mut ctx);
        let effects = ctx.take();
        Self {
            form,
            draft,
            keymap: Keymap::new(&Overrides::new()).expect("a keymap"),
            tickets,
            now: now(),
            effects,
            stay: Stay::Open,
        }
    }

    fn new() -> Self {
        Self::open(BriefForm::new)
    }

    fn of(brief: Value) -> Self {
        let brief: CampaignBrief = serde_json::from_value(brief).expect("a brief");
        Self::open(|draft, ctx| BriefForm::of(&brief, false, draft, ctx))
    }

    fn with(&mut self, take: impl FnOnce(&mut BriefForm, &mut Ctx<'_>) -> Stay) {
        let mut ctx = Ctx::new(self.now, &mut self.tickets);
        self.stay = take(&mut self.form, &mut ctx);
        self.effects.extend(ctx.take());
    }

    /// Presses keys as the console hands them on.
    fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            let key: Key = key.parse().expect("a key");
            let letter = matches!(key.code, Code::Char(_)) && !key.ctrl && !key.alt;
            let action = self.keymap.action(self.form.sections(), key);
            match action.filter(|_| !(letter && self.form.types())) {
                Some(action) => self.with(|form, ctx| form.act(action, ctx)),
                None => self.with(|form, ctx| form.key(key, ctx)),
            }
        }
    }

    fn write(&mut self, text: &str) {
        for letter in text.chars() {
            let key = if letter == ' ' {
                "space".to_owned()
            } else {
                letter.to_string()
            };
            self.press(&key);
        }
    }

    /// Goes to a field with tab and writes into it.
    fn fill(&mut self, part: Part, text: &str) {
        for _ in 0..40 {
            if self.form.at == part {
                break;
            }
            self.press("tab");
        }
        assert_eq!(self.form.at, part);
        self.press("ctrl-a ctrl-k");
        self.write(text);
    }

    fn draw(&self, width: u16, height: u16, ascii: bool) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        let mut notes = Notes::default();
        let depth = if ascii { Depth::None } else { Depth::True };
        let theme = Theme::named("dark", depth, ascii).expect("a theme");
        let look = Look {
            now: self.now,
            glyphs: &theme.glyphs,
            keymap: &self.keymap,
        };
        let mut canvas = Canvas::new(&mut buffer, &mut notes, &theme);
        self.form.draw(&mut canvas, &look);
        let row = |y| -> String { (0..width).map(|x| buffer[(x, y)].symbol()).collect() };
        (0..height).map(|y| row(y) + "\n").collect()
    }

    fn proposal(&self) -> Option<&Proposal> {
        self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Propose(proposal) => Some(proposal),
            _ => None,
        })
    }

    fn says(&self, text: &str) {
        let picture = self.draw(200, 100, false);
        assert!(picture.contains(text), "no \"{text}\" in\n{picture}");
    }

    fn answer(&mut self, result: Result<Done, Fault>) {
        let ticket = self.tickets + 1;
        self.tickets = ticket;
        let reply = StepReply { at: 0, result };
        self.with(|form, ctx| form.stepped(ticket, &reply, ctx));
    }
}

fn example() -> Value {
    json!({
        "name": "Q3 Awareness Push",
        "objectives": ["brand_awareness"],
        "budget": 25000,
        "start_date": "2026-07-01",
        "end_date": "2026-09-30",
        "target_audience": {
            "demographics": {"age": "18-34"},
            "interests": ["gaming", "technology"]
        },
        "kpis": {"target_cpm": 10}
    })
}

fn typed_example() -> Desk {
    let mut desk = Desk::new();
    desk.fill(Part::Name, "Q3 Awareness Push");
    desk.fill(Part::Objectives, "brand");
    desk.press("enter");
    desk.fill(Part::Budget, "25000");
    desk.fill(Part::Start, "2026-07-01");
    desk.fill(Part::End, "2026-09-30");
    desk.fill(Part::Age, "18-34");
    desk.fill(Part::Interests, "gaming, technology");
    desk.fill(Part::TargetCpm, "10");
    desk
}

#[test]
fn a_brief_that_is_typed_key_by_key_is_the_documents_example() {
    let mut desk = typed_example();
    assert_eq!(
        serde_json::to_value(&desk.form.found.sent).expect("JSON"),
        example()
    );
    desk.says("Q3 Awareness Push · 25,000.00 USD · 2026-07-01 to 2026-09-30");
    desk.press("ctrl-s");
    let proposal = desk.proposal().expect("a question");
    let lines: Vec<&str> = proposal.lines.iter().map(|line| line.0.as_str()).collect();
    assert!(lines.contains(&"budget    25,000.00 USD"), "{lines:?}");
    assert!(lines.contains(&"flight    2026-07-01 to 2026-09-30, 92 days"));
    assert_eq!((proposal.steps.len(), proposal.typed.is_none()), (1, true));
}

#[test]
fn every_wrong_field_says_so_beside_itself() {
    for (change, part, said) in [
        (json!({"name": ""}), Part::Name, "the name"),
        (
            json!({"objectives": []}),
            Part::Objectives,
            "from 1 to 20 objectives",
        ),
        (json!({"budget": -1}), Part::Budget, "above zero"),
        (json!({"budget": 1.234}), Part::Budget, "the budget"),
        (json!({"currency": "XXX"}), Part::Currency, "the currency"),
        (json!({"start_date": "2026-02-30"}), Part::Start, "calendar"),
        (json!({"end_date": "2026-06-30"}), Part::End, "ends before"),
        (
            json!({"start_date": "2026-01-01", "end_date": "2026-02-01"}),
            Part::End,
            "choose a last day",
        ),
        (
            json!({"channels": ["moon"]}),
            Part::Channels,
            "is not a channel",
        ),
        (json!({"kpis": {"ctr": 101}}), Part::Ctr, "ctr: must be"),
        (
            json!({"negotiation": {"rounds": 11}}),
            Part::Rounds,
            "from 1 to 10",
        ),
    ] {
        let mut brief = example();
        for (key, value) in change.as_object().expect("an object") {
            brief[key] = value.clone();
        }
        let mut desk = Desk::of(brief);
        desk.press("ctrl-s");
        assert!(desk.proposal().is_none(), "{change}");
        assert_eq!(desk.form.at, part, "{change}");
        desk.says(said);
        desk.says("1 problem to mend");
    }
}

#[test]
fn an_untouched_field_is_not_shouted_at_before_the_first_attempt() {
    let mut desk = Desk::new();
    assert!(!desk.draw(120, 40, false).contains('✗'));
    desk.press("tab");
    desk.says("✗ the name");
    desk.press("ctrl-s");
    assert!(desk.draw(200, 100, false).matches('✗').count() >= 4);
    assert_eq!(desk.form.at, Part::Name);
    for (text, said) in [("12x", "the budget"), ("", "a campaign has a budget")] {
        desk.fill(Part::Budget, text);
        desk.says(said);
    }
}

#[test]
fn a_paste_is_text_whatever_it_holds() {
    let mut desk = Desk::new();
    desk.with(|form, ctx| form.paste("Spring\n\u{1b}[31m\u{13}\tLaunch\r", ctx));
    assert_eq!(desk.form.filled.text(Part::Name), "Spring  [31m  Launch");
    assert_eq!((desk.form.at, desk.stay), (Part::Name, Stay::Open));
    desk.fill(Part::Age, "");
    desk.press("ctrl-r");
    assert_eq!(desk.form.at, Part::Audience);
    let json = "{\n  \"age\": \"18-34\",\n  \"geo\": [\n    \"US\"\n  ]\n}\n";
    desk.with(|form, ctx| form.paste(json, ctx));
    assert_eq!(
        desk.form.filled.text(Part::Audience),
        r#"{"age":"18-34","geo":["US"]}"#
    );
    desk.press("ctrl-r");
    assert_eq!(desk.form.filled.text(Part::Age), "18-34");
    assert_eq!(desk.form.filled.text(Part::Geo), "US");
}

#[test]
fn broken_json_stays_and_says_where_it_breaks() {
    let mut desk = Desk::of(example());
    desk.fill(Part::Age, "25");
    desk.press("ctrl-r");
    desk.press("backspace");
    desk.says("✗ it is not valid JSON at line 1");
    desk.press("ctrl-r");
    assert_eq!(desk.form.at, Part::Audience, "still JSON");
    desk.press("ctrl-s");
    assert!(desk.proposal().is_none());
    desk.write("}");
    desk.press("ctrl-r");
    assert_eq!(desk.form.filled.text(Part::Age), "25");
}

#[test]
fn what_was_sent_closes_the_form_and_what_was_refused_stands_beside_its_field() {
    let mut desk = typed_example();
    desk.answer(Ok(Done::said("something else".into())));
    assert_eq!(desk.stay, Stay::Open, "that was somebody else's");
    desk.press("ctrl-s");
    let first = desk.proposal().expect("a question").steps[0].key.clone();
    desk.press("ctrl-s");
    let second = desk.proposal().expect("a question").steps[0].key.clone();
    assert_eq!(first, second, "the same brief is sent once");
    let problem = Problem::new("brief.budget", Rule::INVALID_BUDGET, "too much for us");
    desk.answer(Err(Fault::field(problem)));
    assert_eq!((desk.stay, desk.form.at), (Stay::Open, Part::Budget));
    desk.says("✗ too much for us");
    desk.press("backspace");
    assert!(!desk.draw(200, 100, false).contains("✗ too much"));
    desk.press("ctrl-s");
    let third = desk.proposal().expect("a question").steps[0].key.clone();
    assert_ne!(first, third, "another brief");
    desk.answer(Err(Fault::new(FaultKind::Busy, "BUSY", "later")));
    desk.answer(Ok(Done::said("sent".into())));
    assert_eq!((desk.stay, desk.draft.is_some()), (Stay::Closed, false));
}

#[test]
fn approving_in_advance_takes_the_name_and_says_what_it_spends() {
    let mut desk = typed_example();
    desk.press("shift-tab");
    for _ in 0..40 {
        if desk.form.at == Part::AutoApprove {
            break;
        }
        desk.press("down");
    }
    desk.press("space");
    desk.says("its money spent");
    desk.press("ctrl-s");
    let proposal = desk.proposal().expect("a question");
    let typed = proposal.typed.as_ref().map(Consent::text);
    assert_eq!(typed, Some("Q3 Awareness Push"));
    let warned = proposal
        .lines
        .iter()
        .any(|(line, role)| *role == Role::Warn && line.as_str().contains("up to 25,000.00 USD"));
    assert!(warned, "{:?}", proposal.lines);
}

#[test]
fn leaving_asks_once_and_keeps_what_was_typed_for_the_next_one() {
    let mut desk = Desk::new();
    desk.press("esc");
    assert_eq!((desk.stay, desk.draft.is_some()), (Stay::Closed, false));
    let mut desk = Desk::new();
    desk.write("Half a brief");
    desk.press("esc");
    assert_eq!(desk.stay, Stay::Open);
    desk.says("esc again closes");
    desk.write("!");
    desk.press("esc");
    assert_eq!(desk.stay, Stay::Open, "typing on took the first one back");
    desk.press("esc");
    assert_eq!((desk.stay, desk.draft.is_some()), (Stay::Closed, true));
    let mut desk = Desk::again(desk.draft.clone(), BriefForm::new);
    assert_eq!(desk.form.filled.text(Part::Name), "Half a brief!");
    desk.press("ctrl-n");
    assert_eq!(desk.form.filled.text(Part::Name), "");
    desk.press("ctrl-n");
    assert_eq!(desk.form.filled.text(Part::Name), "Half a brief!");
}

fn edited(desk: &mut Desk) -> (Ticket, String) {
    desk.press("ctrl-e");
    let found = desk.effects.iter().rev().find_map(|effect| match effect {
        Effect::Edit(edit) => Some((edit.ticket, edit.text.clone())),
        _ => None,
    });
    found.expect("something to edit")
}

fn come_back(desk: &mut Desk, ticket: Ticket, text: &str) {
    let mut reply: Option<Reply> = Some(Ok(Box::new(text.to_owned())));
    desk.with(|form, ctx| form.reply(ticket, &mut reply, ctx));
}

#[test]
fn the_editor_gets_everything_and_nothing_that_it_gives_is_lost() {
    let mut desk = Desk::of(example());
    let (_, text) = edited(&mut desk);
    assert_eq!(
        serde_json::from_str::<Value>(&text).expect("JSON"),
        example()
    );
    desk.fill(Part::Budget, "12x");
    let (ticket, text) = edited(&mut desk);
    assert!(text.contains("\"budget\": \"12x\""), "{text}");
    come_back(&mut desk, ticket, &text);
    desk.says("what you edited was not taken: budget");
    let (ticket, again) = edited(&mut desk);
    assert_eq!(again, text);
    let broken = text.replace("\"12x\"", "31000,,");
    come_back(&mut desk, ticket, &broken);
    desk.says("line 6");
    let (ticket, again) = edited(&mut desk);
    assert_eq!(again, broken);
    come_back(&mut desk, ticket, &text.replace("\"12x\"", "31000"));
    assert_eq!(desk.form.filled.text(Part::Budget), "31000");
    assert_eq!(desk.form.found.problems.len(), 0);
    desk.fill(Part::TargetCpm, "12");
    desk.press("ctrl-r backspace");
    let (_, text) = edited(&mut desk);
    assert!(text.contains("\"kpis\": {\"target_cpm\":12"), "{text}");
}

#[test]
fn a_file_fills_the_form_or_says_what_is_wrong_with_it() {
    let mut desk = Desk::new();
    desk.press("ctrl-o");
    assert!(matches!(desk.effects.last(), Some(Effect::Open(_))));
    for (text, said) in [
        ("{\"name\": 7}", "was not taken: name"),
        ("{\"name\": \"x\",\n \"mood\": 1}", "`mood` is not a field"),
        ("{\"brief\": {\"name\": 1}}", "was not taken: brief.name"),
        ("not JSON", "line 1, column"),
    ] {
        desk.with(|form, ctx| {
            form.typed(Purpose::File, " brief.json ", ctx);
            Stay::Open
        });
        let Some(Effect::Read(ticket, path)) = desk.effects.last() else {
            panic!("nothing is read");
        };
        assert_eq!(path.to_str(), Some("brief.json"));
        let ticket = *ticket;
        come_back(&mut desk, ticket, text);
        desk.says(said);
    }
    desk.with(|form, ctx| {
        form.typed(Purpose::File, "brief.json", ctx);
        Stay::Open
    });
    let whole = json!({"brief": example(), "auto_approve": true}).to_string();
    let ticket = desk.tickets;
    come_back(&mut desk, ticket, &whole);
    assert_eq!(desk.form.filled.text(Part::Name), "Q3 Awareness Push");
    assert!(desk.form.filled.auto_approve);
    assert_eq!(desk.form.found.problems.len(), 0);
}

#[test]
fn a_copy_is_the_brief_that_it_was_made_of() {
    for change in [
        json!({}),
        json!({"channels": ["CTV", "display", "ctv"], "currency": "EUR"}),
        json!({"channels": [], "kpis": {}}),
        json!({"objectives": ["reach, and more", " x"]}),
        json!({"kpis": {"target_cpm_usd": 10.5, "lift": {"x": [1, null]}, "ctr": "1%"}}),
        json!({"negotiation": {}}),
        json!({"negotiation": {"enabled": true, "rounds": 3, "ceiling_cpm": 19.9}}),
        json!({"negotiation": {"enabled": false, "opening_percent": 80}}),
        json!({"target_audience": {"age": {"min": 18}, "x": {"y": [true]}, "geo": "US, CA"}}),
    ] {
        let mut brief = example();
        for (key, value) in change.as_object().expect("an object") {
            brief[key] = value.clone();
        }
        let desk = Desk::of(brief.clone());
        let sent = serde_json::to_value(&desk.form.found.sent).expect("JSON");
        assert_eq!(sent, brief);
    }
}

#[test]
fn boxes_and_choices_answer_to_space_enter_arrows_and_the_mouse() {
    let mut desk = typed_example();
    desk.with(|form, ctx| form.click(Spot::Row(Part::Channels as usize), ctx));
    assert!(!desk.form.types());
    desk.press("right space left enter");
    let channels = desk.form.found.sent.channels.clone();
    assert_eq!(channels, Some(vec!["branding".into(), "ctv".into()]));
    desk.with(|form, ctx| form.click(Spot::Tick(0), ctx));
    assert_eq!(desk.form.found.sent.channels, Some(vec!["ctv".into()]));
    desk.with(|form, ctx| form.click(Spot::Row(Part::Talks as usize), ctx));
    desk.press("space");
    desk.fill(Part::Rounds, "5");
    let ask = desk.form.found.sent.negotiation.clone().expect("talks");
    assert_eq!((ask.enabled, ask.rounds), (None, Some(5)));
    desk.with(|form, ctx| form.click(Spot::Row(Part::Talks as usize), ctx));
    desk.press("right");
    let ask = desk.form.found.sent.negotiation.clone().expect("talks");
    assert_eq!((ask.enabled, ask.rounds), (Some(false), Some(5)));
    desk.press("right");
    assert_eq!(desk.form.found.sent.negotiation, None);
}

#[test]
fn it_can_be_drawn_on_any_screen() {
    let mut strange = example();
    strange["name"] = "夏のキャンペーン \u{1b}[2J\u{202e}".into();
    strange["channels"] = json!(["moon\u{7}", "ctv"]);
    for mut desk in [typed_example(), Desk::of(strange), Desk::new()] {
        for _ in 0..34 {
            for (width, height) in [(80, 24), (120, 40), (200, 60), (40, 10), (1, 1), (7, 3)] {
                for ascii in [false, true] {
                    let picture = desk.draw(width, height, ascii);
                    assert!(!picture.contains(['\u{1b}', '\u{202e}', '\u{7}']));
                    let here = desk.form.at.label();
                    let seen = width < 80 || picture.contains(here);
                    assert!(seen, "{here} is out of sight:\n{picture}");
                }
            }
            desk.press("tab");
        }
        desk.press("ctrl-s");
        desk.draw(80, 24, true);
    }
}
