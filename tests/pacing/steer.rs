//! Changes: tried, made as one, taken back, and what they may not do.

use flightdeck::{
    domain::{
        ids::LineId,
        pacing::{journal::Changed, status::Status},
        tenant::{caller::Caller, role::Role},
    },
    engine::{
        fault::Fault,
        media_buys::view::BuyView,
        pacing::steer::{
            Projection,
            apply::{Applied, ApplyChanges},
            journal::{JournalPage, ReadJournal},
            reallocate::{Reallocate, Reallocation},
            undo::UndoChanges,
            whatif::WhatIf,
        },
    },
};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, caller},
    ground::{buy, count, line, ready, row, steady, until},
    market::{NOON, act, admin, but, buyer, look, order, say, wanted},
};

fn anna() -> Caller {
    caller("main", Role::Trafficker)
}

async fn try_out(desk: &Desk, changes: Value) -> Result<Projection, Fault> {
    let ask = serde_json::from_value::<WhatIf>(json!({ "changes": changes }));
    desk.core.ask(&anna(), ask.expect("a question")).await
}

async fn apply(desk: &Desk, who: &Caller, changes: Value) -> Result<Applied, Fault> {
    let ask = serde_json::from_value::<ApplyChanges>(json!({ "changes": changes }));
    desk.core.ask(who, ask.expect("a question")).await
}

async fn undo(desk: &Desk, applied: &Applied) -> Result<Applied, Fault> {
    let change_id = applied.change_id;
    desk.core.ask(&anna(), UndoChanges { change_id }).await
}

async fn journal(desk: &Desk) -> JournalPage {
    let all = desk.core.ask(&anna(), ReadJournal::default()).await;
    all.expect("a journal")
}

fn words(projection: &Projection) -> Vec<String> {
    let changes = projection.lines.iter().flat_map(|line| &line.changes);
    changes.map(Changed::words).collect()
}

fn share(projection: &Projection, n: usize) -> (String, String) {
    let line = &projection.lines[n];
    let of = |share: Option<flightdeck::domain::pacing::ratio::Ratio>| {
        share.expect("a projection").shown(4)
    };
    (
        of(line.before.projected_share),
        of(line.after.projected_share),
    )
}

/// A buy of two packages, ten days into its flight: the first at three fifths of its plan, the
/// second at twice its own, half of it by now.
async fn ten_days(desk: &Desk) -> (BuyView, LineId, LineId) {
    ready(desk).await;
    let view = buy(desk, "Summer", &[7_440, 7_440]).await;
    let (slow, fast) = (line(&view, 0), line(&view, 1));
    until(desk, 240).await;
    let all = [steady(slow, 1..=240, 300), steady(fast, 1..=240, 800)].concat();
    count(desk, all).await;
    (view, slow, fast)
}

#[tokio::test]
async fn what_is_tried_is_what_is_made_and_what_is_taken_back() {
    for desk in Desk::each("what_is_tried_is_what", NOON).await {
        let (view, slow, fast) = ten_days(&desk).await;
        let seen = row(&desk, slow).await;
        let changes = json!([
            {"line_id": slow, "steer": {"extend_days": 3}, "revision": seen.revision},
            {"line_id": slow, "steer": {"shift": {"amount": 1_000, "to": fast}}},
            {"line_id": fast, "steer": {"pacing": "front_loaded"}},
            {"line_id": fast, "steer": {"priority": 6}},
        ]);
        let tried = try_out(&desk, changes.clone()).await.expect("possible");
        let told = [
            "end 2026-08-01 00:00 UTC → 2026-08-04 00:00 UTC",
            "goal 372,000 → 322,000",
            "budget 7,440.00 USD → 6,440.00 USD",
            "goal 372,000 → 422,000",
            "budget 7,440.00 USD → 8,440.00 USD",
            "pacing even → front loaded",
            "priority 12 → 6",
        ];
        assert_eq!(words(&tried), told);
        // Its speed fills 72,000 + 7,200 × 24 of 322,000 instead of 223,200 of 372,000.
        assert_eq!(share(&tried, 0), ("0.6".to_owned(), "0.7602".to_owned()));
        assert_eq!(row(&desk, slow).await, seen, "nothing is stored");
        assert!(journal(&desk).await.entries.is_empty());
        let made = apply(&desk, &anna(), changes.clone()).await.expect("made");
        assert_eq!(made.projection, tried);
        let after = row(&desk, slow).await;
        let figures = after.figures.as_ref().expect("figures");
        assert_eq!(figures.projected_share.expect("a share").shown(4), "0.7602");
        let packages = look(&desk, &admin(), &view.buy.id)
            .await
            .expect("there")
            .buy
            .packages;
        let budgets: Vec<String> = packages.iter().map(|one| one.budget.to_string()).collect();
        assert_eq!(budgets, ["6,440.00 USD", "8,440.00 USD"]);
        let no = apply(&desk, &anna(), changes)
            .await
            .expect_err("seen before");
        assert_eq!(no.code, "STALE_REVISION");
        desk.pass(chrono::Duration::minutes(1)).await;
        let back = undo(&desk, &made).await.expect("taken back");
        assert_eq!(back.projection.lines.len(), 2);
        let (one, other) = (row(&desk, slow).await, row(&desk, fast).await);
        assert_eq!(
            (one.goal, one.budget, one.end),
            (seen.goal, seen.budget, seen.end)
        );
        assert_eq!((other.priority, other.budget), (Some(12), seen.budget));
        let twice = undo(&desk, &made).await.expect_err("taken back already");
        assert_eq!(twice.code, "ALREADY_UNDONE");
        let entries = journal(&desk).await.entries;
        assert_eq!((entries.len(), entries[1].entry.changes.len()), (2, 7));
        assert_eq!(entries[0].entry.undoes, Some(made.change_id));
        let why = entries[1].kept.as_deref();
        assert_eq!(why, Some("trafficker took it back already"));
    }
}

#[tokio::test]
async fn all_of_it_is_made_or_nothing() {
    let desk = Desk::sqlite(NOON).await;
    let (_, slow, fast) = ten_days(&desk).await;
    let before = (row(&desk, slow).await, row(&desk, fast).await);
    for (changes, code, said) in [
        (
            // 192,000 at 20.00 a thousand are spent of 7,440.
            json!([{"line_id": slow, "steer": "pause"}, {"line_id": fast, "steer": {"budget": 3_800}}]),
            "REFUSED",
            "only 3,600 of the budget can be taken away: 3,840 is spent",
        ),
        (
            json!([{"line_id": slow, "steer": {"shorten_days": 21}}]),
            "REFUSED",
            "it would end before 2026-07-11 00:00:00 UTC, until when it was counted",
        ),
        (
            json!([{"line_id": slow, "steer": "resume"}]),
            "REFUSED",
            "the line Summer · Prime open is already so",
        ),
        (
            json!([{"line_id": slow, "steer": {"shift": {"amount": 6_000.01, "to": fast}}}]),
            "REFUSED",
            "only 6,000 of the budget can be taken away: 1,440 is spent",
        ),
        (
            json!([{"line_id": slow, "steer": "pause"}, {"line_id": "00000000-0000-7000-8000-000000000000", "steer": "pause"}]),
            "LINE_NOT_FOUND",
            "Line not found",
        ),
    ] {
        let no = apply(&desk, &anna(), changes.clone())
            .await
            .expect_err(said);
        assert_eq!((no.code.as_str(), no.message.as_str()), (code, said));
        let no = try_out(&desk, changes).await.expect_err(said);
        assert_eq!(no.code, code);
    }
    assert_eq!((row(&desk, slow).await, row(&desk, fast).await), before);
    assert!(journal(&desk).await.entries.is_empty());
}

#[tokio::test]
async fn what_changed_since_is_not_taken_back() {
    let desk = Desk::sqlite(NOON).await;
    let (view, slow, fast) = ten_days(&desk).await;
    let both = json!([{"line_id": slow, "steer": "pause"}, {"line_id": fast, "steer": "pause"}]);
    let paused = apply(&desk, &anna(), both).await.expect("paused");
    assert_eq!(words(&paused.projection), ["state running → paused"; 2]);
    let resume = json!({"action": "resume_package", "package_id": view.buy.packages[0].id});
    act(&desk, &admin(), &view.buy.id, resume)
        .await
        .expect("resumed");
    let no = undo(&desk, &paused).await.expect_err("changed since");
    assert_eq!(no.code, "CHANGED_SINCE");
    assert!(
        no.details["what_happened"]
            .as_array()
            .is_some_and(|all| !all.is_empty())
    );
}

#[tokio::test]
async fn a_package_of_a_paused_buy_goes_on_alone() {
    let desk = Desk::sqlite(NOON).await;
    let (view, slow, fast) = ten_days(&desk).await;
    let pause = json!({"action": "pause_media_buy"});
    act(&desk, &admin(), &view.buy.id, pause)
        .await
        .expect("paused");
    let resumed = apply(
        &desk,
        &anna(),
        json!([{"line_id": slow, "steer": "resume"}]),
    )
    .await;
    assert_eq!(
        words(&resumed.expect("resumed").projection),
        ["state paused → running"]
    );
    assert_eq!(row(&desk, fast).await.status, Status::Paused);
    assert_ne!(row(&desk, slow).await.status, Status::Paused);
}

#[tokio::test]
async fn more_of_what_is_promised_is_asked_for_again() {
    for desk in Desk::each("more_of_what_is_promised", NOON).await {
        ready(&desk).await;
        let whole = but(wanted(&["standard"]), json!({"name": "Summer"}));
        let view = order(&desk, &buyer("acme"), whole)
            .await
            .expect("asked")
            .buy;
        say(
            &desk,
            &view.buy.id,
            flightdeck::engine::media_buys::decide::Say::Approve,
            None,
        )
        .await
        .expect("agreed");
        let own = line(&view, 0);
        until(&desk, 240).await;
        count(&desk, steady(own, 1..=240, 300)).await;
        let more = json!([{"line_id": own, "steer": {"budget_percent": 20}}]);
        let tried = try_out(&desk, more.clone()).await.expect("possible");
        assert_eq!(tried.asked, std::slice::from_ref(&view.buy.id));
        let asked = apply(&desk, &anna(), more.clone()).await.expect("asked");
        assert!(asked.projection.lines[0].asks);
        let budget = |view: BuyView| view.buy.packages[0].budget.to_string();
        let now = look(&desk, &admin(), &view.buy.id).await.expect("there");
        assert_eq!(budget(now), "10,000.00 USD");
        let no = undo(&desk, &asked).await.expect_err("nothing was changed");
        assert_eq!(no.code, "ASKED");
        // An admin of the publisher need not ask.
        let made = apply(&desk, &admin(), more).await.expect("made");
        assert_eq!(made.projection.asked, []);
        let now = look(&desk, &admin(), &view.buy.id).await.expect("there");
        assert_eq!(budget(now), "12,000.00 USD");
    }
}

#[tokio::test]
async fn a_proposal_to_move_budgets_sums_to_zero_and_can_be_applied() {
    let desk = Desk::sqlite(NOON).await;
    let (view, slow, fast) = ten_days(&desk).await;
    let ask = Reallocate {
        media_buy_id: view.buy.id.clone(),
    };
    let Reallocation { moves, changes } = desk.core.ask(&anna(), ask).await.expect("a proposal");
    let told = moves.iter().map(|one| (one.line_id, one.after.to_string()));
    let told: std::collections::BTreeMap<LineId, String> = told.collect();
    // The slow one will spend 4,464 of 7,440; the fast one could spend 11,904.
    let wanted = [
        (slow, "4,464.00 USD".to_owned()),
        (fast, "10,416.00 USD".to_owned()),
    ];
    assert_eq!(told, wanted.into());
    let made = apply(&desk, &anna(), serde_json::to_value(changes).expect("json")).await;
    let after = made.expect("made").projection;
    let of = |line: LineId| {
        after
            .lines
            .iter()
            .find(|one| one.line_id == line)
            .expect("changed")
    };
    assert_eq!(of(slow).after.at_risk.expect("a risk").shown(2), "0");
}
