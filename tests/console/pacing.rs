//! Lines that run, as a trafficker sees them in the morning and on-call does at night.

use std::collections::BTreeSet;

use chrono::Duration;
use flightdeck::{
    domain::{
        ids::{BuyId, LineId},
        tenant::role::Role,
        when::Instant,
    },
    engine::{
        clock::Clock as _,
        delivery::record::RecordReadings,
        pacing::{list::ListPacing, row::PaceRow},
    },
    tui::{console::Event, input::MouseKind, theme::Depth},
};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, caller},
    person::{Look, Person, USUAL},
    world::{self, anna, buyer, look, order, sofia},
};

/// Whatever its price wins, at 4.20 a thousand.
const OPEN: &str = "perf-marlow-display";

/// So many hours into the flight.
fn hour(hour: i64) -> Instant {
    let begin: Instant = "2026-07-01T00:00:00Z".parse().expect("a time");
    begin + Duration::hours(hour)
}

/// Lets time pass until so many hours into the flight.
async fn until(desk: &Desk, to: i64) {
    desk.pass(hour(to) - desk.clock.now()).await;
}

/// What an ad server counts of a line that delivers the same every hour.
fn steady(line: LineId, hours: std::ops::RangeInclusive<i64>, each: u64) -> Vec<Value> {
    let reading = |at: i64| {
        let impressions = u64::try_from(at).expect("after the beginning") * each;
        let spent = json!({"minor": impressions * 42 / 100, "currency": "USD"});
        json!({"line_id": line, "delivered": {
            "impressions": impressions, "clicks": impressions / 500, "spent": spent,
            "as_of": hour(at),
        }})
    };
    hours.map(reading).collect()
}

async fn count(desk: &Desk, readings: Vec<Value>) {
    let readings: RecordReadings =
        serde_json::from_value(json!({ "readings": readings })).expect("readings");
    desk.core.ask(&sofia(), readings).await.expect("taken");
    desk.pass(Duration::zero()).await;
}

/// The line of the nth package.
async fn line(desk: &Desk, id: &BuyId, n: usize) -> LineId {
    look(desk, id).await.buy.packages[n].line_id
}

async fn row(desk: &Desk, line: LineId) -> PaceRow {
    let ask = ListPacing {
        line_ids: Some(vec![line]),
        ..ListPacing::default()
    };
    let mut rows = desk.core.ask(&sofia(), ask).await.expect("listed").lines;
    rows.remove(0)
}

/// Ten days into July: a million impressions each; the tour at three fifths of its plan, the
/// second package of it far ahead, and the fair as it should be.
pub async fn midway() -> (Desk, BuyId, BuyId) {
    let desk = world::empty().await;
    let tour = order(
        &desk,
        &buyer("acme-foods"),
        "Summer Tour",
        &[(OPEN, 4_200), (OPEN, 4_200)],
    )
    .await;
    let fair = order(&desk, &buyer("zephyr"), "County Fair", &[(OPEN, 4_200)]).await;
    until(&desk, 240).await;
    let (slow, fast) = (line(&desk, &tour, 0).await, line(&desk, &tour, 1).await);
    let good = line(&desk, &fair, 0).await;
    let all = [
        steady(slow, 1..=240, 806),
        steady(fast, 1..=240, 2_000),
        steady(good, 1..=240, 1_345),
    ];
    count(&desk, all.concat()).await;
    (desk, tour, fair)
}

async fn sits(desk: &Desk, size: (u16, u16)) -> Person<'_> {
    let mut person = Person::sits_down(desk, anna()).await;
    person.resizes(size.0, size.1);
    person.presses("3").await;
    person.rests().await;
    person
}

#[tokio::test]
async fn nothing_runs_and_it_says_so() {
    let desk = world::empty().await;
    let mut person = sits(&desk, (140, 36)).await;
    person.sees("Nothing runs yet.");
    person.presses("c").await;
    person.sees("there is no line here");
}

#[tokio::test]
async fn the_most_money_at_risk_stands_first_with_its_chart() {
    let (desk, ..) = midway().await;
    let mut person = sits(&desk, (200, 50)).await;
    // The largest first is downwards.
    person.sees("Pacing · 3 · by at risk ▼");
    person.sees("1,681.41 USD");
    person.sees("1,681.41 USD at risk");
    let rows = person.rows();
    let at = |name: &str| rows.iter().position(|row| row.contains(name)).expect(name);
    assert!(
        at("▼▼ far behind") < at("● on track"),
        "{}",
        person.screen()
    );
    person.sees("0.60");
    // Six tenths of what is due, and the mark where it should be.
    person.sees("██┃");
    person.sees("Jul 01");
    person.sees("•");
    person.sees("ends at           60 %");
    person.presses("i").await;
    person.sees("arithmetic");
    person.sees("0.5997 = 193,440 / 322,580.65");
    person.presses("esc w").await;
    person.sees("nothing that is known explains it");
    person.presses("esc").await;
    person.sees("ends at");
}

#[tokio::test]
async fn a_change_is_tried_as_it_is_typed_then_planned_applied_and_undone() {
    let (desk, tour, _) = midway().await;
    let slow = line(&desk, &tour, 0).await;
    let before = row(&desk, slow).await;
    let mut person = sits(&desk, (140, 40)).await;
    person.presses("c").await;
    person.sees("What if Summer Tour");
    person.sees("goal +10%");
    person.types("+3d").await;
    person.sees("end 2026-08-01 00:00 UTC → 2026-08-04 00:00 UTC");
    person.sees("ends at 60 % of its goal → 66 %");
    assert_eq!(row(&desk, slow).await, before, "nothing was sent");
    person.types(", shift 500 to 1").await;
    person.sees("budget 4,200.00 USD → 3,700.00 USD");
    person.sees("budget 4,200.00 USD → 4,700.00 USD");
    person.presses("enter").await;
    person.sees("Change 2 lines");
    assert_eq!(person.orders, 0);
    person.rests().await;
    person.types("2 lines").await;
    person.presses("enter enter").await;
    person.rests().await;
    person.sees("2 lines are changed");
    let after = row(&desk, slow).await;
    assert_eq!(after.end, before.end + Duration::days(3));
    person.presses("u").await;
    person.sees("end 2026-08-04 00:00 UTC → 2026-08-01 00:00 UTC");
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    let back = row(&desk, slow).await;
    assert_eq!((back.end, back.budget), (before.end, before.budget));
    person.presses("J").await;
    person.sees("an undo");
    person.presses("j enter").await;
    person.sees("anna took it back already");
}

#[tokio::test]
async fn what_cannot_be_is_said_while_it_is_typed() {
    let (desk, ..) = midway().await;
    let mut person = sits(&desk, (140, 40)).await;
    person.presses("b").await;
    person.types("500").await;
    person.sees("only 3,387.56 of the budget can be taken away");
    person.presses("enter").await;
    person.sees("only 3,387.56 of the budget can be taken away");
    assert_eq!(person.orders, 0);
    person.presses("esc c").await;
    person.types("faster").await;
    person.sees("`faster` is not understood");
}

#[tokio::test]
async fn many_are_paused_by_their_number_and_go_on_again() {
    let (desk, tour, fair) = midway().await;
    let mut person = sits(&desk, (140, 40)).await;
    person.presses("a p").await;
    person.sees("Change 3 lines");
    person.sees("state running → paused");
    person.rests().await;
    person.types("3 lines").await;
    person.presses("enter enter").await;
    person.rests().await;
    person.sees("‖ paused");
    assert_eq!(person.orders, 1, "all of it is one command");
    assert!(look(&desk, &fair).await.buy.packages[0].paused);
    person.presses("p").await;
    person.sees("does not run");
    person.presses("g r").await;
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    let packages = look(&desk, &tour).await.buy.packages;
    let paused = packages.iter().filter(|one| one.paused).count();
    let whole = paused + usize::from(look(&desk, &fair).await.buy.packages[0].paused);
    assert_eq!(whole, 2, "one goes on");
}

#[tokio::test]
async fn what_changed_meanwhile_is_planned_again() {
    let (desk, tour, _) = midway().await;
    let slow = line(&desk, &tour, 0).await;
    let mut person = sits(&desk, (140, 40)).await;
    person.presses("c").await;
    person.types("+3d").await;
    person.presses("enter").await;
    person.rests().await;
    world::rebudget(&desk, &sofia(), &tour, 5_000).await;
    person.waits(10).await;
    person.sees("While you looked at this:");
    person.rests().await;
    person.presses("y").await;
    person.sees("has changed since you looked");
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    assert_eq!(row(&desk, slow).await.end, hour(744 + 72));
}

#[tokio::test]
async fn alerts_are_counted_on_the_tab_seen_to_and_put_off() {
    let (desk, tour, _) = midway().await;
    let slow = line(&desk, &tour, 0).await;
    until(&desk, 245).await;
    count(&desk, steady(slow, 241..=245, 806)).await;
    let mut person = sits(&desk, (160, 45)).await;
    person.sees("3 Pacing (2)");
    person.sees("CRIT_BEHIND");
    person.presses("A").await;
    person.types("new spot on Monday").await;
    person.presses("enter").await;
    person.sees("Acknowledge the alerts of 1 line");
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    person.sees("3 Pacing (1)");
    person.sees("anna sees to it: new spot on Monday");
    person.presses("A").await;
    person.sees("has no open alert");
    person.presses("G").await;
    person.rests().await;
    person.presses("k").await;
    person.rests().await;
    person.presses("Z j j enter").await;
    person.sees("They wait again from Jul 12 09:00 UTC on");
}

#[tokio::test]
async fn sums_are_of_orders_and_a_line_is_found_copied_and_exported() {
    let (desk, tour, fair) = midway().await;
    let mut person = sits(&desk, (140, 40)).await;
    person.presses("t").await;
    person.sees("USD: 3 lines");
    person.sees("Summer Tour of acme-foods: 2 lines");
    person.presses("esc /").await;
    person.types("buyer:zephyr").await;
    person.sees("Pacing · 1 of 3");
    person.presses("enter y").await;
    assert_eq!(person.copied, [line(&desk, &fair, 0).await.to_string()]);
    person.presses("esc e enter").await;
    let (name, text) = person.written.last().expect("a file");
    assert_eq!(name, "flightdeck-pacing.csv");
    assert!(text.contains("critical_behind"), "{text}");
    person.presses("g m").await;
    person.sees("Change 2 lines");
    person.presses("esc").await;
    assert_eq!(
        look(&desk, &tour).await.buy.packages[0].budget.minor(),
        420_000
    );
}

#[tokio::test]
async fn whoever_may_not_steer_looks_and_tends() {
    let (desk, ..) = midway().await;
    for (role, key, said) in [
        (Role::Viewer, "c", "may not: it takes pacing:steer"),
        (Role::Viewer, "A", "may not: it takes alerts:tend"),
        (Role::OnCall, "p", "may not: it takes pacing:steer"),
    ] {
        let mut person = Person::sits_down(&desk, caller("acme", role)).await;
        person.presses("3").await;
        person.rests().await;
        person.sees("far behind");
        person.presses(key).await;
        person.sees(said);
    }
    let mut person = Person::with(&desk, anna(), USUAL, true).await;
    person.presses("3 p").await;
    person.sees("this session is read only");
    // Trying changes sends nothing: that can be done, applying them cannot.
    person.rests().await;
    person.presses("c").await;
    person.types("+3d").await;
    person.sees("ends at 60 % of its goal → 66 %");
    person.presses("enter").await;
    person.rests().await;
    person.presses("y").await;
    person.sees("this session is read only");
    assert_eq!(person.orders, 0);
}

#[tokio::test]
async fn it_is_read_on_any_screen_and_without_colour() {
    let (desk, ..) = midway().await;
    let ascii = Look {
        theme: "contrast",
        depth: Depth::None,
        ascii: true,
    };
    let mut person = Person::with(&desk, anna(), ascii, false).await;
    person.presses("3").await;
    for size in [(80, 24), (40, 10), (200, 60)] {
        person.resizes(size.0, size.1);
        person.rests().await;
        if size.0 == 40 {
            // The sign of the state, and the money at risk in its currency.
            let rows = person.rows();
            let row = rows.iter().find(|row| row.contains("vv "));
            let row = row.expect("a sign");
            assert!(row.contains(',') && row.contains(" USD"), "{row}");
        } else {
            person.sees("vv far behind");
        }
        let plain = person.rows().concat();
        let odd = plain
            .chars()
            .find(|letter| !letter.is_ascii() && !"·…".contains(*letter));
        assert_eq!(odd, None, "{}", person.screen());
        person.presses("i").await;
        person.presses("esc w").await;
        person.presses("esc").await;
    }
    for size in [(1, 1), (39, 9), (41, 11)] {
        person.resizes(size.0, size.1);
    }
}

#[tokio::test]
async fn new_counts_show_by_themselves() {
    let (desk, tour, _) = midway().await;
    let slow = line(&desk, &tour, 0).await;
    let mut person = sits(&desk, (200, 50)).await;
    person.sees("193 k/1.00 M");
    desk.clock.advance(Duration::hours(1));
    count(&desk, steady(slow, 241..=241, 900)).await;
    person.rests().await;
    person.rests().await;
    person.sees("216 k/1.00 M");
}

/// What stands under the cursor of the list.
fn under_cursor(person: &mut Person<'_>) -> String {
    let rows = person.rows();
    let row = rows.iter().find(|row| row.starts_with("│▸"));
    row.expect("a cursor").chars().skip(3).take(30).collect()
}

#[tokio::test]
async fn the_wheel_steers_as_keys_do() {
    let (desk, ..) = midway().await;
    for wheel in [false, true] {
        let mut person = sits(&desk, (140, 40)).await;
        let worst = under_cursor(&mut person);
        if wheel {
            let turned = Event::Mouse(MouseKind::ScrollDown, 10, 10);
            person.happens(turned).await;
        } else {
            person.presses("j j").await;
        }
        person.rests().await;
        let chosen = under_cursor(&mut person);
        assert_ne!(chosen, worst);
        person.presses("1").await;
        person.rests().await;
        person.presses("3").await;
        person.rests().await;
        assert_eq!(
            under_cursor(&mut person),
            chosen,
            "it stays where the person went"
        );
    }
}

#[tokio::test]
async fn names_that_begin_alike_are_told_apart_by_their_ends() {
    let desk = world::empty().await;
    let buyer = buyer("acme-foods");
    for week in 1..=3 {
        let name = format!("Summer Tour of the northern provinces, week {week}");
        order(&desk, &buyer, &name, &[(OPEN, 4_200)]).await;
    }
    order(
        &desk,
        &buyer,
        "Summer Tour",
        &[("brand-hearth-native", 9_500), (OPEN, 4_200)],
    )
    .await;
    until(&desk, 240).await;
    for (width, height) in [(140, 40), (200, 50), (80, 24)] {
        let mut person = sits(&desk, (width, height)).await;
        person.rests().await;
        let room = if width == 80 { 14 } else { 24 };
        let name = |row: &String| row.chars().skip(19).take(room).collect::<String>();
        let rows = person.rows();
        let rows = rows.iter().filter(|row| row.contains("no data"));
        let names: BTreeSet<String> = rows.map(name).filter(|name| name.contains("Sum")).collect();
        assert_eq!(names.len(), 5, "{names:#?}\n{}", person.screen());
    }
}

#[tokio::test]
async fn why_a_line_is_short_tells_of_open_alerts_alone() {
    let (desk, tour, _) = midway().await;
    let slow = line(&desk, &tour, 0).await;
    until(&desk, 245).await;
    count(&desk, steady(slow, 241..=245, 806)).await;
    let mut person = sits(&desk, (160, 45)).await;
    person.presses("w").await;
    person.sees("CRIT_BEHIND");
    person.presses("esc").await;
    // It catches up, and what was open is over.
    until(&desk, 246).await;
    count(&desk, steady(slow, 246..=246, 1_345)).await;
    person.rests().await;
    person.presses("/").await;
    person.types("on_track acme-foods").await;
    person.presses("enter g").await;
    person.rests().await;
    person.rests().await;
    person.presses("w").await;
    person.sees("why");
    person.sees_no("CRIT_BEHIND");
    person.sees("earlier alerts are over");
}
