//! What a sales agent says beside its media buys: that it wants to be left alone, how its products
//! are sold, and that a person has to sign in anew.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::Duration;
use flightdeck::{
    domain::media_buy::{
        item_type::ItemType, status::BuyStatus, terms::PricingModel, upstream::deed::Stage,
    },
    engine::media_buys::decide::Say,
    peers::upstream::sales_agent::admin::Session,
};
use serde_json::json;

use crate::{
    market::Market,
    sales_agent::{Age, COOKIE, Mood},
};

const DISPLAY: &str = "pkg_display_084aa92d_1";

async fn passes(market: &Market, seconds: i64) {
    market.desk.pass(Duration::seconds(seconds)).await;
}

#[tokio::test]
async fn it_is_left_alone_for_as_long_as_it_asks() {
    let market = Market::open(Age::Public).await;
    market.fake.sells("mb_1", "active");
    market.look(1).await;
    let looks = market.fake.hits("get_media_buys");
    market.fake.mood("get_media_buys", Mood::Busy(100));
    passes(&market, 15).await;
    assert_eq!(
        (
            market.fake.fired("Busy"),
            market.fake.hits("get_media_buys")
        ),
        (1, looks + 1)
    );
    // What is asked of it meanwhile waits as well, and wakes nobody.
    market
        .budget("mb_1", DISPLAY, 4_000, None)
        .await
        .expect("kept");
    for _ in 0..9 {
        passes(&market, 10).await;
    }
    assert_eq!(market.fake.hits("get_media_buys"), looks + 1);
    assert_eq!(market.fake.hits("update_media_buy"), 0);
    assert_eq!(market.stage("mb_1").await, Stage::Kept);
    passes(&market, 11).await;
    passes(&market, 15).await;
    assert!(market.fake.hits("get_media_buys") > looks + 1);
    assert_eq!(market.fake.hits("update_media_buy"), 1);
    assert_eq!(market.stage("mb_1").await, Stage::Applied);

    market.fake.mood("update_media_buy", Mood::Busy(60));
    market
        .budget("mb_1", DISPLAY, 4_200, None)
        .await
        .expect("kept");
    let looks = market.fake.hits("get_media_buys");
    for _ in 0..5 {
        passes(&market, 11).await;
    }
    assert_eq!(market.fake.fired("Busy"), 2);
    assert_eq!(
        market.fake.hits("update_media_buy"),
        2,
        "sent once and not again yet"
    );
    assert_eq!(
        market.fake.hits("get_media_buys"),
        looks,
        "and nobody looked"
    );
    passes(&market, 11).await;
    passes(&market, 15).await;
    assert_eq!(market.fake.hits("update_media_buy"), 3);
    assert_eq!(market.stage("mb_1").await, Stage::Applied);
}

#[tokio::test]
async fn packages_are_shown_as_their_products_are_sold() {
    for market in Market::each("packages_are_shown_as_their_products", Age::Public).await {
        market.fake.world().products = Some(json!([
            {"product_id": "display", "delivery_type": "non_guaranteed", "pricing_options": [
                {"pricing_option_id": "cpm_usd_fixed", "pricing_model": "cpm", "currency": "USD", "fixed_price": 12.5}]},
            {"product_id": "video", "delivery_type": "guaranteed", "pricing_options": [
                {"pricing_option_id": "a", "pricing_model": "cpm", "currency": "USD", "fixed_price": 30.0},
                {"pricing_option_id": "b", "pricing_model": "cpm", "currency": "USD", "floor_price": 9.0}]},
            {"name": "without an id"},
        ]));
        market.fake.sells("mb_1", "active");
        market.look(1).await;
        let buy = market.buy("mb_1").await.buy;
        let [display, video] = &buy.packages[..] else {
            panic!("two packages: {buy:?}");
        };
        assert_eq!(display.item_type, ItemType::PricePriority);
        assert_eq!(display.pricing.model, PricingModel::Cpm);
        assert_eq!(
            display.pricing.rate.to_string(),
            "12.50 USD",
            "its only price"
        );
        assert_eq!(video.item_type, ItemType::Standard);
        assert_ne!(
            video.pricing.rate.to_string(),
            "30.00 USD",
            "nobody says that it is that one"
        );
        market.look(8).await;
        assert_eq!(
            market.fake.hits("get_products"),
            1,
            "asked once for all of them"
        );
        // What is not known of is asked for after a while.
        market.fake.world().buys[0].packages[1].product = "audio".into();
        market.look(34).await;
        assert_eq!(market.fake.hits("get_products"), 2);
        market.look(41).await;
        assert_eq!(market.fake.hits("get_products"), 3);
        // An agent that does not say now takes nothing back.
        market.fake.world().products = None;
        market.look(250).await;
        assert!(market.fake.hits("get_products") > 4);
        let buy = market.buy("mb_1").await.buy;
        assert_eq!(buy.packages[0].item_type, ItemType::PricePriority);
    }
}

#[tokio::test]
async fn a_person_who_signs_in_anew_is_taken_for_signed_in() {
    let cookie = Arc::new(Mutex::new(Err("the file is not there".to_owned())));
    let kept = Arc::clone(&cookie);
    let put = |text: Result<&str, &str>| {
        let text = text.map(str::to_owned).map_err(str::to_owned);
        *cookie.lock().unwrap_or_else(PoisonError::into_inner) = text;
    };
    let read = move || {
        let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clone().map(Into::into)
    };
    put(Ok("session=over"));
    let market = Market::signed_in(Age::Public, Some(Session::new(read))).await;
    market.fake.holds("mb_1");
    market.look(1).await;
    market
        .decide("mb_1", Say::Approve, None)
        .await
        .expect("kept");
    market.look(1).await;
    assert_eq!(market.fake.fired("sign in"), 1);
    let deed = market.deed("mb_1").await;
    assert_eq!(deed.stage, Stage::Refused);
    assert!(
        deed.said
            .expect("why")
            .contains("it is read again each time")
    );

    put(Err("the file is not there"));
    market
        .decide("mb_1", Say::Approve, None)
        .await
        .expect("kept");
    passes(&market, 1).await;
    let deed = market.deed("mb_1").await;
    assert_eq!(deed.stage, Stage::Kept, "{deed:?}");
    assert!(
        deed.said
            .expect("why")
            .contains("nobody is signed in to its pages: the file")
    );
    put(Ok(COOKIE));
    market.look(3).await;
    assert_eq!(market.buy("mb_1").await.buy.status, BuyStatus::Active);
    assert_eq!(market.fake.world().decided.len(), 1);
}

#[tokio::test]
async fn an_approval_that_was_only_ticked_off_is_told() {
    let market = Market::open(Age::Public).await;
    market.fake.holds("mb_1");
    market.look(1).await;
    assert_eq!(
        market.buy("mb_1").await.buy.status,
        BuyStatus::AwaitingApproval
    );
    // As its tool for tasks does it: the step is done, and the buy is left as it was.
    for task in &mut market.fake.world().tasks {
        task.status = "completed".into();
    }
    market.look(2).await;
    let told = market.known("mb_1").await.remarks().join("\n");
    assert!(told.contains("only ticked off as a task"), "{told}");
    market.fake.world().buys[0].status = "active".into();
    market.look(1).await;
    let told = market.known("mb_1").await.remarks().join("\n");
    assert!(!told.contains("ticked off"), "{told}");
}
