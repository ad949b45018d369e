//! Media buys that live in a sales agent: mirrored with what they deliver, asked for changes once,
//! and every outcome told by what is shown there afterwards.

use axum::http::Method;
use chrono::Duration;
use flightdeck::{
    domain::{
        booking::upstream::differ::Disagreement,
        media_buy::{
            action::OrderVerb, change::BuyChange, status::BuyStatus, upstream::deed::Stage,
        },
    },
    engine::{media_buys::decide::Say, pacing::list::ListPacing},
};
use serde_json::json;

use crate::{
    desk::send,
    ground::admin,
    market::Market,
    person::Person,
    sales_agent::{Age, Mood},
};

const DISPLAY: &str = "pkg_display_084aa92d_1";

#[tokio::test]
async fn buys_there_appear_with_their_pacing() {
    for age in [Age::Public, Age::Faithful] {
        for market in Market::each("buys_there_appear", age).await {
            market.fake.sells("mb_1", "active");
            market.fake.sells("mb_2", "paused");
            market.look(2).await;
            let buys = market.buys().await;
            assert_eq!(buys.len(), 2, "not only the active ones");
            let one = market.buy("mb_1").await;
            assert_eq!(
                (one.buy.status, one.buy.owner.as_str()),
                (BuyStatus::Active, "acme")
            );
            assert_eq!(one.total.to_string(), "5,000.00 USD");
            assert!(!one.buy.is_undated(), "found in the task that ordered it");
            assert_eq!(one.buy.end.to_rfc3339(), "2026-07-01T00:00:00+00:00");
            let delivered = market.delivered("mb_1").await;
            assert_eq!(delivered.totals.impressions, 300_000);
            let display = &delivered.packages[0];
            // 150,000 of 300,000 after 15.5 of 30 days; it says 1.0 of itself.
            let index = display.pacing_index.expect("an index");
            assert!((index - 0.97).abs() < 0.01, "{index}");
            let paced = market.ask(ListPacing::default()).await;
            assert!(paced.lines.len() >= 2, "{paced:?}");
            let (listed, keyless) = market.fake.misuse();
            assert_eq!((listed, keyless), (0, 0));
            let told = format!("{:?}", market.known("mb_1").await);
            assert!(
                !told.contains("SECRET-OF-THE-BUYER"),
                "secrets are left there"
            );
        }
    }
}

#[tokio::test]
async fn it_is_asked_no_oftener_than_it_bears() {
    let market = Market::open(Age::Public).await;
    market.fake.world().snapshots = false;
    market.fake.sells("mb_1", "active");
    for _ in 0..60 {
        market.desk.pass(Duration::seconds(1)).await;
    }
    let looks = market.fake.hits("get_media_buys");
    assert!((3..=5).contains(&looks), "{looks} in a minute");
    let counts = market.fake.hits("get_media_buy_delivery");
    assert!((1..=2).contains(&counts), "{counts} in a minute");
    assert_eq!(
        market.delivered("mb_1").await.totals.impressions,
        300_000,
        "joined by product"
    );
    assert_eq!(market.fake.world().listed_tools, 0);
}

#[tokio::test]
async fn a_pause_is_applied_once_it_is_seen() {
    for market in Market::each("a_pause_is_applied", Age::Faithful).await {
        market.fake.sells("mb_1", "active");
        market.look(1).await;
        let asked = market
            .act("mb_1", OrderVerb::PauseMediaBuy)
            .await
            .expect("kept");
        assert_eq!(
            asked.buy.status,
            BuyStatus::Active,
            "not told before it is seen"
        );
        let again = market.act("mb_1", OrderVerb::ResumeMediaBuy).await;
        assert_eq!(again.expect_err("in the way").code, "ON_ITS_WAY");
        market.look(1).await;
        assert_eq!(market.stage("mb_1").await, Stage::Applied);
        assert_eq!(market.buy("mb_1").await.buy.status, BuyStatus::Paused);
        assert_eq!(market.fake.hits("update_media_buy"), 1);
        market
            .act("mb_1", OrderVerb::ResumeMediaBuy)
            .await
            .expect("kept");
        market.look(1).await;
        assert_eq!(market.buy("mb_1").await.buy.status, BuyStatus::Active);
        let cancel = BuyChange {
            canceled: Some(true),
            ..BuyChange::default()
        };
        market.change("mb_1", cancel.clone()).await.expect("kept");
        market.look(1).await;
        assert_eq!(market.buy("mb_1").await.buy.status, BuyStatus::Canceled);
        let over = market.change("mb_1", cancel).await.expect_err("it is over");
        assert_eq!(over.code, "NOT_CANCELLABLE");
    }
}

#[tokio::test]
async fn success_without_effect_is_told_field_by_field() {
    for market in Market::each("success_without_effect", Age::Public).await {
        market.fake.sells("mb_1", "active");
        market.look(1).await;
        let asked = market.budget("mb_1", DISPLAY, 4_000, Some(500_000)).await;
        asked.expect("kept");
        market.look(4).await;
        let deed = market.deed("mb_1").await;
        assert_eq!(deed.stage, Stage::NotApplied, "{deed:?}");
        let buy = market.buy("mb_1").await;
        assert_eq!(buy.buy.packages[0].budget.to_string(), "4,000.00 USD");
        let told: Vec<String> = buy
            .disagreements
            .iter()
            .map(Disagreement::sentence)
            .collect();
        assert_eq!(
            told,
            ["impressions of display: asked 500000, shown nothing of it"]
        );

        market.fake.world().without_effect.insert("budget");
        market
            .budget("mb_1", DISPLAY, 4_500, None)
            .await
            .expect("kept");
        market.look(4).await;
        let buy = market.buy("mb_1").await;
        let told: Vec<String> = buy
            .disagreements
            .iter()
            .map(Disagreement::sentence)
            .collect();
        assert!(
            told.contains(&"budget of display: asked 4,500.00 USD, shown 4,000.00 USD".to_owned()),
            "{told:?}"
        );
        assert_eq!(
            market.fake.hits("update_media_buy"),
            2,
            "each was asked once"
        );
        let desk = market.whereabouts().await;
        assert_eq!((desk.differs, desk.open), (1, 0));
        assert!(
            desk.sentence()
                .contains("1 media buy is not as was asked for"),
            "{}",
            desk.sentence()
        );

        // Once it is shown as it was asked for, they agree.
        market.fake.world().buys[0].packages[0].budget = 4_500.0;
        market.look(2).await;
        let told = market.buy("mb_1").await.disagreements;
        assert_eq!(told.len(), 1, "{told:?}");
    }
}

#[tokio::test]
async fn a_pause_that_the_public_server_only_says_it_did_is_no_pause() {
    let market = Market::open(Age::Public).await;
    market.fake.sells("mb_1", "active");
    market.look(1).await;
    market
        .act("mb_1", OrderVerb::PauseMediaBuy)
        .await
        .expect("kept");
    market.look(3).await;
    assert_eq!(market.stage("mb_1").await, Stage::NotApplied);
    assert_eq!(market.buy("mb_1").await.buy.status, BuyStatus::Active);
    market
        .act("mb_1", OrderVerb::ResumeMediaBuy)
        .await
        .expect("kept");
    market.look(1).await;
    let deed = market.deed("mb_1").await;
    assert_eq!(deed.stage, Stage::Refused, "{deed:?}");
    assert!(
        deed.said
            .expect("why")
            .contains("not allowed in status 'active'")
    );
}

#[tokio::test]
async fn what_is_refused_is_refused_in_its_words() {
    let market = Market::open(Age::Public).await;
    market.fake.sells("mb_1", "active");
    market.look(1).await;
    market.budget("mb_1", DISPLAY, 5, None).await.expect("kept");
    market.look(1).await;
    let deed = market.deed("mb_1").await;
    assert_eq!(deed.stage, Stage::Refused);
    let said = deed.said.expect("why");
    assert!(
        said.contains("below the minimum") && said.contains("raise it"),
        "{said}"
    );
    // Words that it does not know: it cannot be asked for that at all.
    for (verb, word) in [
        (OrderVerb::ArchiveOrder, "does not offer"),
        (OrderVerb::ActivateOrder, "does not offer"),
    ] {
        market.act("mb_1", verb).await.expect("kept");
        market.look(1).await;
        let deed = market.deed("mb_1").await;
        assert_eq!(deed.stage, Stage::Refused, "{deed:?}");
        assert!(deed.said.expect("why").contains(word));
    }
    assert!(
        market.buy("mb_1").await.disagreements.is_empty(),
        "nothing was promised"
    );
}

#[tokio::test]
async fn nothing_whose_answer_was_lost_is_sent_again() {
    for market in Market::each("nothing_whose_answer_was_lost", Age::Faithful).await {
        market.fake.sells("mb_1", "active");
        market.look(1).await;
        let mut asked = 0;
        for (mood, budget) in [(Mood::DoneThenCut, 4_000), (Mood::DoneThenSilent, 4_100)] {
            let named = format!("{mood:?}");
            market.fake.mood("update_media_buy", mood);
            market
                .budget("mb_1", DISPLAY, budget, None)
                .await
                .expect("kept");
            market.look(2).await;
            asked += 1;
            assert_eq!(market.fake.fired(&named), 1, "{named} came to pass");
            assert_eq!(
                market.fake.hits("update_media_buy"),
                asked,
                "it was sent once"
            );
            assert_eq!(
                market.stage("mb_1").await,
                Stage::Applied,
                "it was seen there"
            );
        }
        for mood in [Mood::Cut, Mood::Text(502, "<html>Bad Gateway</html>")] {
            let named = format!("{mood:?}");
            market.fake.mood("update_media_buy", mood);
            market
                .budget("mb_1", DISPLAY, 9_000, None)
                .await
                .expect("kept");
            market.look(4).await;
            asked += 1;
            assert_eq!(market.fake.fired(&named), 1, "{named} came to pass");
            let known = market.known("mb_1").await;
            assert_eq!(known.short(), "answer lost, being looked for");
            market.look(45).await;
            let deed = market.deed("mb_1").await;
            assert_eq!((deed.stage, deed.is_open()), (Stage::Lost, false));
            assert_eq!(
                market.fake.hits("update_media_buy"),
                asked,
                "it was sent once"
            );
            let told = market.buy("mb_1").await.disagreements;
            assert_eq!(told.len(), 1, "{told:?}");
        }
    }
}

#[tokio::test]
async fn what_certainly_did_not_arrive_is_sent_again_and_then_given_up() {
    let market = Market::open(Age::Public).await;
    market.fake.sells("mb_1", "active");
    market.look(1).await;
    market.fake.mood("update_media_buy", Mood::Busy(1));
    market
        .budget("mb_1", DISPLAY, 4_000, None)
        .await
        .expect("kept");
    market.look(3).await;
    assert_eq!(market.fake.fired("Busy"), 1);
    assert_eq!(market.stage("mb_1").await, Stage::Applied);
    for _ in 0..6 {
        market.fake.mood("update_media_buy", Mood::Busy(1));
    }
    market
        .budget("mb_1", DISPLAY, 4_200, None)
        .await
        .expect("kept");
    market.look(12).await;
    assert_eq!(market.fake.fired("Busy"), 7);
    let deed = market.deed("mb_1").await;
    assert_eq!(deed.stage, Stage::Refused, "{deed:?}");
}

#[tokio::test]
async fn an_order_that_waits_there_is_approved_on_the_route_that_works() {
    for market in Market::each("an_order_that_waits_there", Age::Public).await {
        market.fake.holds("mb_1");
        market.look(1).await;
        let waiting = market.buy("mb_1").await;
        assert_eq!(
            waiting.buy.status,
            BuyStatus::AwaitingApproval,
            "told from one that waits for its flight"
        );
        assert_eq!(market.questions().await.len(), 1);
        market
            .decide("mb_1", Say::Approve, None)
            .await
            .expect("kept");
        assert_eq!(
            market.buy("mb_1").await.buy.status,
            BuyStatus::AwaitingApproval
        );
        market.look(2).await;
        assert_eq!(market.stage("mb_1").await, Stage::Applied);
        assert_eq!(market.buy("mb_1").await.buy.status, BuyStatus::Active);
        assert!(market.questions().await.is_empty());
        let decided = market.fake.world().decided.clone();
        assert_eq!(decided.len(), 1);
        assert_eq!(decided[0].0, "tenant_1/media-buy/mb_1/approve");
        assert_eq!(
            market.fake.hits("complete_task"),
            0,
            "a task is never ticked"
        );

        market.fake.holds("mb_2");
        market.look(1).await;
        let back = market.decide("mb_2", Say::SendBack, Some("later")).await;
        assert_eq!(back.expect_err("refused").code, "NOT_AT_UPSTREAM");
        market
            .decide("mb_2", Say::Reject, Some("no such brand"))
            .await
            .expect("kept");
        market.look(2).await;
        assert_eq!(market.buy("mb_2").await.buy.status, BuyStatus::Rejected);
        assert!(market.fake.world().decided[1].1.contains("no+such+brand"));
    }
}

#[tokio::test]
async fn without_its_pages_an_approval_is_refused_in_words() {
    let market = Market::with_cookie(Age::Public, "").await;
    market.fake.holds("mb_1");
    market.look(1).await;
    let fault = market
        .decide("mb_1", Say::Approve, None)
        .await
        .expect_err("refused");
    assert_eq!(fault.code, "NOT_AT_UPSTREAM");
    assert!(fault.message.contains("its own pages"), "{fault}");

    let stale = Market::with_cookie(Age::Public, "session=over").await;
    stale.fake.holds("mb_1");
    stale.look(1).await;
    stale
        .decide("mb_1", Say::Approve, None)
        .await
        .expect("kept");
    stale.look(1).await;
    assert_eq!(stale.fake.fired("sign in"), 1);
    let deed = stale.deed("mb_1").await;
    assert_eq!(deed.stage, Stage::Refused);
    assert!(deed.said.expect("why").contains("sign in"));
}

#[tokio::test]
async fn a_change_that_is_held_there_is_told_as_held_and_then_as_applied() {
    let market = Market::open(Age::Public).await;
    market.fake.sells("mb_1", "active");
    market.fake.world().holds = true;
    market.look(1).await;
    market
        .budget("mb_1", DISPLAY, 4_000, None)
        .await
        .expect("kept");
    market.look(6).await;
    assert_eq!(market.stage("mb_1").await, Stage::Held);
    let buy = market.buy("mb_1").await;
    assert_eq!(buy.buy.packages[0].budget.to_string(), "3,000.00 USD");
    assert_eq!(
        buy.buy.upstream.expect("elsewhere").short(),
        "change held there"
    );
    let questions = market.questions().await;
    assert_eq!(questions.len(), 1);
    market
        .decide("mb_1", Say::Approve, None)
        .await
        .expect("kept");
    market.look(3).await;
    let known = market.known("mb_1").await;
    let stages: Vec<Stage> = known.deeds.iter().map(|one| one.stage).collect();
    assert_eq!(stages, [Stage::Applied, Stage::Applied], "{known:?}");
    assert_eq!(
        market.buy("mb_1").await.buy.packages[0].budget.to_string(),
        "4,000.00 USD"
    );
    assert!(market.questions().await.is_empty());
    let decided = market.fake.world().decided.clone();
    assert!(
        decided[0]
            .0
            .contains("/workflows/ctx_step_1/steps/step_1/approve"),
        "{decided:?}"
    );
}

#[tokio::test]
async fn an_older_server_is_followed_and_asked_in_its_own_words() {
    let market = Market::open(Age::Older).await;
    market.fake.sells("mb_1", "active");
    market.look(2).await;
    let one = market.buy("mb_1").await;
    assert!(one.buy.is_undated(), "it shows no days");
    let delivered = market.delivered("mb_1").await;
    assert_eq!(delivered.totals.impressions, 300_000);
    assert_eq!(
        delivered.packages[0].pacing_index, None,
        "and nothing is paced without"
    );
    assert_eq!(
        market.fake.hits("get_media_buys"),
        1,
        "it is asked once whether it has that"
    );
    market
        .act("mb_1", OrderVerb::PauseMediaBuy)
        .await
        .expect("kept");
    market.look(2).await;
    assert_eq!(market.stage("mb_1").await, Stage::Applied);
    assert_eq!(market.buy("mb_1").await.buy.status, BuyStatus::Paused);
    let asked = market.fake.world().asked.clone();
    let (_, last) = asked
        .iter()
        .rfind(|(tool, _)| tool == "update_media_buy")
        .expect("asked");
    assert_eq!(*last, json!({"media_buy_id": "mb_1", "active": false}));
}

#[tokio::test]
async fn an_order_goes_out_once_and_is_known_again_there() {
    for (holds, mood) in [
        (false, None),
        (true, None),
        (false, Some(Mood::DoneThenCut)),
        (true, Some(Mood::DoneThenCut)),
    ] {
        let market = Market::open(Age::Public).await;
        market.look(1).await;
        market.fake.world().holds = holds;
        if let Some(mood) = mood {
            market.fake.mood("create_media_buy", mood);
        }
        let draft = json!({"draft": {"start_time": "2026-07-01T00:00:00Z", "end_time": "2026-08-01T00:00:00Z",
            "brand": {"domain": "acme.example"}, "po_number": "PO-77",
            "packages": [{"product_id": "display", "budget": 3000, "pricing_option_id": "cpm_usd_fixed"}]}});
        let create: flightdeck::engine::media_buys::create::CreateBuy =
            serde_json::from_value(draft).expect("an order");
        let ordered = market.ask(create).await;
        let id = ordered.buy.buy.id.to_string();
        assert_eq!(ordered.buy.buy.status, BuyStatus::Draft);
        market.look(4).await;
        assert_eq!(
            market.fake.hits("create_media_buy"),
            1,
            "a spend is sent once"
        );
        let buys = market.buys().await;
        assert_eq!(buys.len(), 1, "it is known again: {buys:?}");
        let buy = market.buy(&id).await;
        let wanted = if holds {
            BuyStatus::AwaitingApproval
        } else {
            BuyStatus::PendingCreatives
        };
        assert_eq!(buy.buy.status, wanted);
        assert_eq!(buy.total.to_string(), "3,000.00 USD");
        assert_eq!(buy.buy.end.to_rfc3339(), "2026-08-01T00:00:00+00:00");
    }
}

#[tokio::test]
async fn a_restart_there_and_here_loses_nothing() {
    for market in Market::each("a_restart_there_and_here", Age::Public).await {
        market.fake.sells("mb_1", "active");
        market.look(1).await;
        market.fake.restart();
        market.look(1).await;
        assert!(market.fake.world().unknown > 0, "the session was forgotten");
        market
            .budget("mb_1", DISPLAY, 4_000, None)
            .await
            .expect("kept");
        // Kept and not sent: another process does it.
        let desk = market.started_again().await;
        for _ in 0..3 {
            desk.pass(Duration::seconds(15)).await;
        }
        assert_eq!(market.fake.fired("restart"), 1);
        assert_eq!(market.fake.hits("update_media_buy"), 1);
        assert_eq!(market.stage("mb_1").await, Stage::Applied);
        assert_eq!(market.buys().await.len(), 1);
    }
}

#[tokio::test]
async fn what_is_not_shown_any_more_is_kept_and_what_cannot_be_reached_is_said() {
    let market = Market::open(Age::Public).await;
    market.fake.sells("mb_1", "active");
    market.look(1).await;
    market.fake.world().hides = true;
    market.look(4).await;
    assert!(
        market.known("mb_1").await.missing_since.is_none(),
        "a minute proves nothing"
    );
    market.look(24).await;
    let known = market.known("mb_1").await;
    assert!(known.missing_since.is_some());
    assert_eq!(market.whereabouts().await.gone, 1);
    let fault = market
        .act("mb_1", OrderVerb::PauseMediaBuy)
        .await
        .expect_err("gone");
    assert_eq!(fault.code, "GONE_AT_UPSTREAM");
    market.fake.world().hides = false;
    market.look(1).await;
    assert!(
        market.known("mb_1").await.missing_since.is_none(),
        "it is shown again"
    );

    for mood in [
        Mood::Text(502, "<html>Bad Gateway</html>"),
        Mood::Words("Error calling tool"),
    ] {
        market.fake.mood("get_media_buys", mood);
    }
    market.look(1).await;
    let desk = market.whereabouts().await;
    assert!(
        desk.trouble
            .as_deref()
            .is_some_and(|why| why.contains("502 with a web page")),
        "{desk:?}"
    );
    assert!(
        desk.sentence()
            .contains("What is shown is what was seen last")
    );
    assert!(desk.age_seconds.expect("an age") >= 15);
    market.look(4).await;
    let desk = market.whereabouts().await;
    assert_eq!(desk.trouble, None, "{desk:?}");
    assert_eq!(market.fake.fired("Text(502"), 1);
    assert_eq!(market.buys().await.len(), 1);
}

#[tokio::test]
async fn the_console_shows_where_a_buy_lives_and_where_asked_and_shown_differ() {
    let market = Market::open(Age::Public).await;
    market.fake.sells("mb_1", "active");
    market.look(1).await;
    let asked = market.budget("mb_1", DISPLAY, 4_000, Some(500_000)).await;
    asked.expect("kept");
    market.look(3).await;
    let mut person = Person::sits_down(&market.desk, admin()).await;
    person.resizes(220, 60);
    person.presses("4").await;
    person.rests().await;
    person.sees("PO-mb_1 ≠ 1 disagreement");
    person.sees("lives in the AdCP sales agent, mb_1: active");
    person.sees("impressions of display: asked 500000, shown nothing of it");
    person.sees("accepted but not applied");
    person.sees("Media buys live in the AdCP sales agent at http://127.0.0.1");
    person.sees("delivery heard");
    person.presses("3").await;
    person.rests().await;
    person.sees("PO-mb_1");
}

#[tokio::test]
async fn an_order_that_never_arrived_is_not_sent_again_and_is_let_go() {
    let market = Market::open(Age::Public).await;
    market.look(1).await;
    market.fake.mood("create_media_buy", Mood::Cut);
    let draft = json!({"draft": {"start_time": "2026-07-01T00:00:00Z", "end_time": "2026-08-01T00:00:00Z",
        "brand": {"domain": "acme.example"}, "po_number": "PO-78",
        "packages": [{"product_id": "display", "budget": 3000, "pricing_option_id": "cpm_usd_fixed"}]}});
    let create: flightdeck::engine::media_buys::create::CreateBuy =
        serde_json::from_value(draft).expect("an order");
    let id = market.ask(create).await.buy.buy.id.to_string();
    market.look(60).await;
    assert_eq!(market.fake.fired("Cut"), 1);
    assert_eq!(
        market.fake.hits("create_media_buy"),
        1,
        "a spend is sent once"
    );
    let deed = market.deed(&id).await;
    assert_eq!((deed.stage, deed.is_open()), (Stage::Lost, false));
    assert_eq!(market.buy(&id).await.buy.status, BuyStatus::Draft);
}

/// Orders something there while its list is empty.
async fn orders_unseen(market: &Market) -> String {
    market.look(1).await;
    market.fake.world().hides = true;
    let draft = json!({"draft": {"start_time": "2026-07-01T00:00:00Z", "end_time": "2026-08-01T00:00:00Z",
        "brand": {"domain": "acme.example"}, "po_number": "PO-79",
        "packages": [{"product_id": "display", "budget": 3000, "pricing_option_id": "cpm_usd_fixed"}]}});
    let create: flightdeck::engine::media_buys::create::CreateBuy =
        serde_json::from_value(draft).expect("an order");
    let id = market.ask(create).await.buy.buy.id.to_string();
    market.look(1).await;
    assert_eq!(market.fake.hits("create_media_buy"), 1);
    id
}

#[tokio::test]
async fn two_that_fit_one_order_do_not_stop_the_mirror() {
    let market = Market::open(Age::Public).await;
    market.fake.mood("create_media_buy", Mood::DoneThenCut);
    let id = orders_unseen(&market).await;
    assert_eq!(market.fake.fired("DoneThenCut"), 1);
    assert_eq!(market.stage(&id).await, Stage::Lost);
    {
        let mut world = market.fake.world();
        let mut twin = world.buys[0].clone();
        twin.id = "twin".into();
        world.buys.push(twin);
        world.hides = false;
    }
    market.look(3).await;
    assert_eq!(market.buys().await.len(), 2, "each is kept once");
    assert_eq!(market.known(&id).await.id(), Some("buy_PO-79"));
    assert_eq!(market.known("twin").await.id(), Some("twin"));
    market.fake.world().buys[1].packages[0].budget = 3_500.0;
    market.look(2).await;
    let twin = market.buy("twin").await;
    assert_eq!(twin.total.to_string(), "3,500.00 USD", "the mirror goes on");
}

#[tokio::test]
async fn an_order_whose_id_is_known_takes_no_stranger() {
    let market = Market::open(Age::Public).await;
    let id = orders_unseen(&market).await;
    let real = {
        let mut world = market.fake.world();
        let real = world.buys.pop().expect("made");
        let mut stranger = real.clone();
        stranger.id = "stranger".into();
        world.buys.push(stranger);
        world.hides = false;
        real
    };
    market.look(2).await;
    assert_eq!(market.known(&id).await.id(), None, "it is not that one");
    assert_eq!(market.known("stranger").await.id(), Some("stranger"));
    market.fake.world().buys.push(real);
    market.look(2).await;
    assert_eq!(market.known(&id).await.id(), Some("buy_PO-79"));
    assert_eq!(market.buys().await.len(), 2);
}

#[tokio::test]
async fn nothing_is_written_while_nothing_changes() {
    let market = Market::open(Age::Public).await;
    market.fake.sells("mb_1", "active");
    market.fake.holds("mb_2");
    market.fake.world().holds = true;
    market.look(2).await;
    market
        .budget("mb_1", DISPLAY, 4_000, None)
        .await
        .expect("kept");
    market.look(3).await;
    assert_eq!(market.stage("mb_1").await, Stage::Held);
    let before = (market.buy("mb_1").await.seen, market.buy("mb_2").await.seen);
    let trail = market.trail().await;
    assert!(trail > 0, "the mirror was written");
    market.look(20).await;
    let after = (market.buy("mb_1").await.seen, market.buy("mb_2").await.seen);
    assert_eq!(after, before);
    assert_eq!(
        market.trail().await,
        trail,
        "what is held is not judged at each look"
    );
    market.fake.world().buys[0].packages[0].budget = 3_500.0;
    market.look(1).await;
    assert_eq!(
        market.buy("mb_1").await.buy.packages[0].budget.to_string(),
        "3,500.00 USD"
    );
}

#[tokio::test]
async fn agents_here_are_not_told_that_it_is_done_before_it_is_seen() {
    let market = Market::open(Age::Faithful).await;
    market.fake.sells("mb_1", "active");
    market.look(1).await;
    let router = market.desk.router(&admin());
    let call = async |tool: &str, arguments: serde_json::Value| {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}});
        let reply = send(&router, (Method::POST, "/mcp"), None, Some(&body)).await;
        reply.body["result"]["structuredContent"].clone()
    };
    let paused = call("pause_media_buy", json!({"media_buy_id": "mb_1"})).await;
    assert_eq!(paused["status"], "submitted", "{paused}");
    assert_eq!(paused["implementation_date"], json!(null), "{paused}");
    market.look(1).await;
    let listed = call("get_media_buys", json!({"media_buy_ids": ["mb_1"]})).await;
    assert_eq!(listed["media_buys"][0]["status"], "paused", "{listed}");
}
