//! Lines with their figures, the worst first, and one of them in full.

use flightdeck::{
    domain::{ids::LineId, pacing::status::Status},
    engine::pacing::get::{GetPacing, Pace},
};
use serde_json::json;

use crate::{
    desk::Desk,
    ground::{buy, buy_in, count, hour, line, list, reading, ready, row, steady, until},
    market::{NOON, act, admin, buyer, change},
};

async fn get(desk: &Desk, line_id: LineId, ask: serde_json::Value) -> Pace {
    let mut question = json!({"line_id": line_id});
    question
        .as_object_mut()
        .expect("an object")
        .extend(ask.as_object().expect("an object").clone());
    let question: GetPacing = serde_json::from_value(question).expect("a question");
    desk.core.ask(&admin(), question).await.expect("a pace")
}

#[tokio::test]
async fn the_line_with_most_money_at_risk_stands_first_and_sums_are_sums() {
    for desk in Desk::each("the_line_with_most_money", NOON).await {
        ready(&desk).await;
        // 31 days: 372,000 impressions each, 500 an hour.
        let view = buy(&desk, "Summer", &[7_440, 7_440]).await;
        let other = buy(&desk, "Autumn", &[74_400]).await;
        let (good, bad, large) = (line(&view, 0), line(&view, 1), line(&other, 0));
        let early = list(&desk, json!({})).await;
        assert!(
            early
                .lines
                .iter()
                .all(|row| row.status == Status::NotStarted)
        );
        until(&desk, 240).await;
        let told = |line, each| steady(line, 1..=240, each);
        let all = [told(good, 500), told(bad, 300), told(large, 4_500)].concat();
        count(&desk, all).await;
        let page = list(&desk, json!({"by_order": true})).await;
        let order: Vec<LineId> = page.lines.iter().map(|row| row.line_id).collect();
        // A tenth of 74,400 is more than two fifths of 7,440.
        assert_eq!(order, [large, bad, good]);
        let [first, second, third] = &page.lines[..] else {
            panic!("three lines")
        };
        let risk = |row: &flightdeck::engine::pacing::row::PaceRow| {
            row.figures
                .as_ref()
                .expect("figures")
                .at_risk
                .expect("a risk")
                .shown(2)
        };
        assert_eq!(
            (risk(first), risk(second), risk(third)),
            ("7440".into(), "2976".into(), "0".into())
        );
        let states = [first, second, third].map(|row| row.status);
        assert_eq!(
            states,
            [Status::AtRisk, Status::CriticalBehind, Status::OnTrack]
        );
        let figures = second.figures.as_ref().expect("figures");
        assert_eq!(figures.index.expect("an index").shown(4), "0.6");
        assert_eq!(figures.days_left.shown(4), "21");
        assert_eq!(second.ctr.expect("a rate").shown(2), "0.2");
        assert_eq!(second.ecpm.expect("a price").shown(2), "20");
        assert_eq!(second.spark, [7_200; 10]);
        let usd = &page.sums[0];
        assert_eq!((usd.lines, usd.at_risk.shown(2)), (3, "10416".to_owned()));
        let names: Vec<&str> = page.orders.iter().map(|one| &*one.order).collect();
        assert_eq!(names, ["Autumn", "Summer"]);
        let summer = &page.orders[1].sums[0];
        // 500 and 300 of 500 and 500, not the mean of anything else.
        assert_eq!(summer.index.expect("an index").shown(4), "0.8");
        let found = list(&desk, json!({"search": "AUTUMN"})).await;
        assert_eq!((found.total, found.sums[0].lines), (1, 1));
        let behind = list(&desk, json!({"status": ["critical_behind"]})).await;
        assert_eq!(behind.lines[0].line_id, bad);
        let some = list(&desk, json!({"limit": 2})).await;
        let rest = list(&desk, json!({"limit": 2, "cursor": some.next_cursor})).await;
        assert_eq!((rest.lines[0].line_id, rest.total), (good, 3));
    }
}

#[tokio::test]
async fn every_number_tells_its_sum_and_a_short_line_its_reasons() {
    let desk = Desk::sqlite(NOON).await;
    ready(&desk).await;
    let view = buy(&desk, "Summer", &[7_440]).await;
    let (id, own) = (view.buy.id.clone(), line(&view, 0));
    until(&desk, 48).await;
    act(
        &desk,
        &buyer("acme"),
        &id,
        json!({"action": "pause_media_buy"}),
    )
    .await
    .expect("paused");
    until(&desk, 120).await;
    act(
        &desk,
        &buyer("acme"),
        &id,
        json!({"action": "resume_media_buy"}),
    )
    .await
    .expect("resumed");
    until(&desk, 240).await;
    count(&desk, steady(own, 1..=48, 500)).await;
    let after = (121..=240).map(|at| {
        reading(
            own,
            at,
            24_000 + 500 * u64::try_from(at - 120).expect("later"),
        )
    });
    count(&desk, after.collect()).await;
    let pace = get(&desk, own, json!({})).await;
    assert_eq!(pace.row.status, Status::CriticalBehind);
    assert_eq!(pace.row.chips, ["paused 3 d, cost 30 points"]);
    let sum = |name: &str| {
        let told = pace.figures.iter().find(|one| one.name == name);
        told.expect(name).sum.clone()
    };
    assert_eq!(sum("index"), "0.7 = 84,000 / 120,000");
    assert_eq!(sum("expected"), "120,000 = 372,000 × 10 d / 31 d");
    assert_eq!(pace.reasons[0].evidence, "paused 3 d, cost 30 points");
    assert_eq!(pace.pauses, [(hour(48), Some(hour(120)))]);
    assert_eq!(pace.plan.first().map(|point| point.at), Some(hour(0)));
    assert_eq!(pace.plan.last().expect("an end").value.shown(0), "372000");
    assert_eq!(
        pace.delivered.last().expect("counted").value.shown(0),
        "84000"
    );
    // What did we know when the client was told?
    let then = get(&desk, own, json!({"as_of": hour(50)})).await;
    assert_eq!(then.row.delivered.expect("counted").shown(0), "24000");
    let listed = list(&desk, json!({"as_of": hour(50)})).await;
    assert_eq!(listed.lines[0].delivered, then.row.delivered);
}

#[tokio::test]
async fn a_goal_changed_in_flight_keeps_two_indexes() {
    let desk = Desk::sqlite(NOON).await;
    ready(&desk).await;
    let view = buy(&desk, "Summer", &[7_440]).await;
    let own = line(&view, 0);
    until(&desk, 240).await;
    count(&desk, steady(own, 1..=240, 500)).await;
    let package = &view.buy.packages[0].id;
    let more = json!({"packages": [{"package_id": package, "budget": 9_672}]});
    change(&desk, &admin(), &view.buy.id, more)
        .await
        .expect("more");
    let figures = row(&desk, own).await.figures.expect("figures");
    // 120,000 of 483,600 × 10/31 by the contract; by the plan it begins anew.
    assert_eq!(figures.index.expect("contract").shown(4), "0.7692");
    assert_eq!(figures.plan_index.expect("plan").shown(4), "1");
}

#[tokio::test]
async fn what_nobody_counted_is_not_made_up() {
    let desk = Desk::sqlite(NOON).await;
    ready(&desk).await;
    let view = buy(&desk, "Summer", &[7_440]).await;
    until(&desk, 24).await;
    let row = row(&desk, line(&view, 0)).await;
    assert_eq!(row.status, Status::NoData);
    assert_eq!((row.delivered, row.figures, row.as_of), (None, None, None));
}

#[tokio::test]
async fn money_is_ranked_by_currency_and_the_desks_own_stands_first() {
    for desk in Desk::each("the_desks_own_stands_first", NOON).await {
        ready(&desk).await;
        let mut lines = Vec::new();
        for (currency, budgets) in [
            ("EUR", &[74_400][..]),
            ("AUD", &[37_200, 74_400]),
            ("USD", &[7_440, 14_880]),
        ] {
            let view = buy_in(&desk, currency, budgets).await;
            lines.extend((0..budgets.len()).map(|n| (line(&view, n), currency, budgets[n])));
        }
        until(&desk, 240).await;
        let told = lines.iter().map(|(line, currency, _)| {
            let mut told = steady(*line, 1..=240, 100);
            for reading in &mut told {
                reading["delivered"]["spent"]["currency"] = json!(currency);
            }
            told
        });
        count(&desk, told.collect::<Vec<_>>().concat()).await;
        let page = list(&desk, json!({"by_order": true})).await;
        let of = |row: &flightdeck::engine::pacing::row::PaceRow| {
            let known = lines.iter().find(|(line, ..)| *line == row.line_id);
            let (_, currency, budget) = known.expect("one of these");
            (*currency, *budget)
        };
        let order: Vec<(&str, u32)> = page.lines.iter().map(of).collect();
        let wanted = [
            ("USD", 14_880),
            ("USD", 7_440),
            ("AUD", 74_400),
            ("AUD", 37_200),
            ("EUR", 74_400),
        ];
        assert_eq!(order, wanted, "the own one, then by their codes");
        let own: Vec<bool> = page.lines.iter().map(|row| row.own_currency).collect();
        assert_eq!(own, [true, true, false, false, false]);
        let code = |currency: Option<flightdeck::domain::currency::Currency>| {
            currency.map(flightdeck::domain::currency::Currency::code)
        };
        let sums: Vec<_> = page.sums.iter().map(|one| code(one.currency)).collect();
        assert_eq!(sums, [Some("USD"), Some("AUD"), Some("EUR")]);
        let orders: Vec<_> = page.orders.iter().map(|one| code(one.currency)).collect();
        assert_eq!(orders, [Some("USD"), Some("AUD"), Some("EUR")]);
    }
}
