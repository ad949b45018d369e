//! What is wrong, since when, and who sees to it.

use chrono::Duration;
use flightdeck::{
    domain::{
        ids::LineId,
        pacing::alerts::{Rule, Severity, watch::State},
        tenant::{caller::Caller, role::Role},
    },
    engine::{
        fault::Fault,
        pacing::alerts::{
            Tended,
            acknowledge::AcknowledgeAlerts,
            list::{AlertList, AlertView, ListAlerts},
            snooze::SnoozeAlerts,
        },
    },
};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, caller},
    ground::{buy, count, hour, line, ready, row, steady, until},
    market::{NOON, admin},
};

fn on_call() -> Caller {
    caller("main", Role::OnCall)
}

async fn alerts(desk: &Desk, ask: Value) -> AlertList {
    let ask: ListAlerts = serde_json::from_value(ask).expect("a question");
    desk.core.ask(&on_call(), ask).await.expect("listed")
}

async fn of(desk: &Desk, line: LineId, rule: Rule) -> Option<AlertView> {
    let all = alerts(desk, json!({"line_id": line, "all": true})).await;
    let mut all = all.orders.into_iter().flat_map(|order| order.alerts);
    all.find(|alert| alert.rule == rule)
}

async fn acknowledge(desk: &Desk, who: &Caller, alerts: Value) -> Result<Tended, Fault> {
    let question = json!({"alerts": alerts, "note": "the buyer sends a new spot"});
    let question: AcknowledgeAlerts = serde_json::from_value(question).expect("a question");
    desk.core.ask(who, question).await
}

/// A line that runs at three fifths of its plan, counted every hour until then.
async fn short(desk: &Desk, hours: i64) -> LineId {
    ready(desk).await;
    let own = line(&buy(desk, "Summer", &[7_440]).await, 0);
    until(desk, hours).await;
    count(desk, steady(own, 1..=hours, 300)).await;
    own
}

#[tokio::test]
async fn what_holds_for_long_enough_opens_and_what_is_mended_resolves_itself() {
    for desk in Desk::each("what_holds_for_long_enough", NOON).await {
        let own = short(&desk, 100).await;
        assert_eq!(
            alerts(&desk, json!({})).await.open,
            0,
            "nothing held so far"
        );
        until(&desk, 104).await;
        count(&desk, steady(own, 101..=104, 300)).await;
        let list = alerts(&desk, json!({})).await;
        assert_eq!((list.open, list.critical), (1, 1));
        let alert = &list.orders[0].alerts[0];
        assert_eq!(
            (alert.rule, alert.severity),
            (Rule::CritBehind, Severity::Critical)
        );
        assert_eq!(alert.said, "-40 %: 31,200 of 52,000 expected");
        assert_eq!(list.orders[0].at_risk.shown(2), "2976");
        let listed = row(&desk, own).await;
        assert_eq!(
            (listed.alerts, listed.severity),
            (1, Some(Severity::Critical))
        );
        // It catches up.
        until(&desk, 105).await;
        count(&desk, vec![crate::ground::reading(own, 105, 52_500)]).await;
        assert_eq!(alerts(&desk, json!({})).await.open, 0);
        let over = of(&desk, own, Rule::CritBehind).await.expect("remembered");
        assert!(matches!(over.state, State::Resolved { .. }));
    }
}

#[tokio::test]
async fn whoever_sees_to_it_is_named_and_what_sleeps_wakes_up() {
    let desk = Desk::sqlite(NOON).await;
    let own = short(&desk, 100).await;
    until(&desk, 105).await;
    count(&desk, steady(own, 101..=105, 300)).await;
    let no = acknowledge(
        &desk,
        &caller("main", Role::Viewer),
        json!([{"line_id": own}]),
    )
    .await;
    assert_eq!(no.expect_err("looks only").code, "FORBIDDEN");
    let tended = acknowledge(
        &desk,
        &on_call(),
        json!([{"line_id": own, "rule": "CRIT_BEHIND"}]),
    )
    .await;
    assert_eq!(tended.expect("seen to").alerts, 1);
    assert_eq!(alerts(&desk, json!({})).await.open, 0);
    let alert = of(&desk, own, Rule::CritBehind).await.expect("known");
    let State::Acknowledged { by, note, .. } = alert.state else {
        panic!("{:?}", alert.state)
    };
    assert_eq!(
        (by.as_str(), note.as_str()),
        ("on_call", "the buyer sends a new spot")
    );
    let no = acknowledge(
        &desk,
        &on_call(),
        json!([{"line_id": own, "rule": "CRIT_BEHIND"}]),
    )
    .await;
    assert_eq!(no.expect_err("twice").code, "INVALID_STATE");
    let no = acknowledge(&desk, &on_call(), json!([{"line_id": own, "rule": "BURN"}])).await;
    assert_eq!(no.expect_err("none").code, "ALERT_NOT_FOUND");
    let snooze = SnoozeAlerts {
        alerts: serde_json::from_value(json!([{"line_id": own, "rule": "CRIT_BEHIND"}]))
            .expect("one"),
        until: Some(hour(110)),
    };
    desk.core
        .ask(&admin(), snooze.clone())
        .await
        .expect("put off");
    let state = async || of(&desk, own, Rule::CritBehind).await.expect("known").state;
    until(&desk, 109).await;
    assert!(matches!(state().await, State::Snoozed { .. }));
    until(&desk, 111).await;
    assert!(matches!(state().await, State::Open { .. }), "it is awake");
    let late = SnoozeAlerts {
        until: Some(hour(100)),
        ..snooze
    };
    assert!(desk.core.ask(&admin(), late).await.is_err());
}

#[tokio::test]
async fn a_line_that_should_have_started_and_has_not_is_told_without_any_count() {
    let desk = Desk::sqlite(NOON).await;
    ready(&desk).await;
    let own = line(&buy(&desk, "Summer", &[7_440]).await, 0);
    until(&desk, 3).await;
    desk.pass(Duration::minutes(15)).await;
    assert_eq!(alerts(&desk, json!({})).await.open, 0);
    for at in 4..=8 {
        until(&desk, at).await;
    }
    let alert = of(&desk, own, Rule::NotStarted).await.expect("told");
    assert_eq!(alert.severity, Severity::Critical);
    assert!(matches!(alert.state, State::Open { .. }));
    // A buy that is called off leaves nothing open.
    let view = row(&desk, own).await;
    let off = json!({"canceled": true});
    crate::market::change(&desk, &admin(), &view.media_buy_id.expect("a buy"), off)
        .await
        .expect("off");
    until(&desk, 9).await;
    assert_eq!(alerts(&desk, json!({})).await.open, 0);
}
