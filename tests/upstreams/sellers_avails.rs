//! How many impressions sellers somewhere else have left: asked before anything is recommended, a
//! limit where it is told, and said where it is not. And catalogues that are read before anybody
//! wants them.

use std::{collections::BTreeMap, time::Duration};

use flightdeck::{
    domain::booking::asked::SellerKind,
    engine::{
        bookings::view::{JobView, RecommendationView},
        sellers::{list::ListSellers, outside::Keeping, set_up::SetUp},
    },
};
use serde_json::{Value, json};

use crate::{
    sellers_fake::{Fake, Mood, Sort, opendirect_product},
    sellers_ground::{Ground, seller},
};

fn of<'a>(job: &'a JobView, seller: &str) -> &'a RecommendationView {
    let mut all = job.recommendations.iter().flatten();
    all.find(|one| one.seller == seller).expect(seller)
}

fn why(job: &JobView, seller: &str) -> String {
    of(job, seller).rationale.clone().expect("a rationale")
}

async fn avails(ground: &Ground, seller: &str) -> Option<String> {
    let all = ground.ask(ListSellers { look: false }).await.sellers;
    let found = all.into_iter().find(|one| one.seller == seller);
    found.expect(seller).avails
}

#[tokio::test]
async fn what_a_seller_says_that_is_left_limits_what_is_recommended() {
    for ground in Ground::each("what_a_seller_says_that_is_left").await {
        let left = |n: u64| Some(BTreeMap::from([("prime".to_owned(), n)]));
        // The catalogue says 400,000.
        ground.north.world().avails = left(120_000);
        ground.south.world().avails = left(5_000_000);
        let job = ground.job(ground.brief(json!({})).await).await;
        assert!(job.errors.is_none(), "{:?}", job.errors);
        let north = of(&job, "north");
        assert_eq!(north.available, 120_000);
        assert!(north.impressions <= 120_000, "{}", north.impressions);
        let said = why(&job, "north");
        assert!(said.contains("north has 120000 of the "), "{said}");
        assert!(said.contains("Asked at 2026-06-01 12:00 UTC"), "{said}");
        let south = of(&job, "south");
        assert_eq!(south.unsaid, ["channel"], "it says how many there are now");
        assert!(!why(&job, "south").contains("does not say how many"));
        assert_eq!(avails(&ground, "north").await.as_deref(), Some("told"));
        let world = ground.north.world();
        assert_eq!(world.avails_asked.len(), 1, "once for the one product");
        let asked = &world.avails_asked[0];
        assert_eq!(asked["productid"], "prime", "their own id");
        assert_eq!(asked["startdate"], "2026-07-01T00:00:00Z");
        assert_eq!(asked["enddate"], "2026-07-31T23:59:59Z");
    }
}

#[tokio::test]
async fn what_is_sold_out_is_not_recommended() {
    let ground = Ground::open().await;
    ground.north.world().avails = Some(BTreeMap::from([("prime".to_owned(), 0)]));
    let job = ground.job(ground.brief(json!({})).await).await;
    let mut all = job.recommendations.iter().flatten();
    assert!(
        all.all(|one| one.seller != "north"),
        "{:?}",
        job.recommendations
    );
}

#[tokio::test]
async fn a_seller_without_avails_or_that_does_not_say_is_told_so() {
    let ground = Ground::open().await;
    let job = ground.job(ground.brief(json!({})).await).await;
    assert!(why(&job, "north").contains("north offers no avails"));
    assert_eq!(
        of(&job, "north").available,
        400_000,
        "as its catalogue says"
    );
    assert_eq!(
        avails(&ground, "north").await.as_deref(),
        Some("not offered")
    );
    for (mood, said) in [
        (Mood::Html(502), "it answered 502 with a web page"),
        (Mood::Cut, "it broke off"),
        (Mood::Silent, "in time"),
        (Mood::Json(200, json!({"status": "ok"})), "names no number"),
        (
            Mood::Json(422, json!({"detail": "no such fields"})),
            "no such fields",
        ),
        (Mood::Json(401, Value::Null), "does not take our key"),
    ] {
        let ground = Ground::open().await;
        ground.north.world().avails = Some(BTreeMap::new());
        ground
            .north
            .mood("POST /api/v2.1/products/avails", mood.clone());
        let job = ground.job(ground.brief(json!({})).await).await;
        assert_eq!(ground.north.world().fired.len(), 1, "{mood:?}");
        let told = why(&job, "north");
        assert!(
            told.contains("did not say") && told.contains(said),
            "{told}"
        );
        assert_eq!(of(&job, "north").available, 400_000, "{mood:?}");
    }
}

#[tokio::test]
async fn an_older_dialect_is_spoken_where_the_newer_is_not_known() {
    let products = vec![opendirect_product("prime", "ctv", 19.5, Some(900_000))];
    let east = Fake::open(Sort::OpenDirect, products).await;
    east.world().avails = Some(BTreeMap::from([("prime".to_owned(), 77_000)]));
    let set = SetUp {
        account: Some("acc-1".into()),
        brand: Some("acme".into()),
        ..seller("east", SellerKind::OpenDirect, &east)
    };
    let ground = Ground::among(vec![set]).await;
    let job = ground.job(ground.brief(json!({})).await).await;
    assert_eq!(of(&job, "east").available, 77_000);
    let world = east.world();
    let asked = &world.avails_asked;
    assert_eq!(asked[0]["productids"], json!(["prime"]));
    assert_eq!(asked[0]["advertiserbrandid"], "acme");
    assert_eq!(
        (asked.len(), asked[1]["productid"].as_str()),
        (2, Some("prime"))
    );
}

#[tokio::test]
async fn a_catalogue_is_read_before_anybody_wants_it() {
    let products = vec![opendirect_product("prime", "ctv", 19.5, Some(900_000))];
    let east = Fake::open(Sort::OpenDirect, products).await;
    let usual = seller("east", SellerKind::OpenDirect, &east);
    let set = SetUp {
        keeping: Keeping {
            ahead: true,
            patience: Duration::from_millis(300),
            ..usual.keeping
        },
        ..usual
    };
    let ground = Ground::among(vec![set]).await;
    ground.pass(1).await;
    assert_eq!(east.world().read, 1, "nobody has asked for anything");
    ground.brief(json!({})).await;
    assert_eq!(east.world().read, 1);
    // Twelve of fifteen minutes.
    ground.pass(11 * 60).await;
    assert_eq!(east.world().read, 1);
    ground.pass(62).await;
    assert_eq!(east.world().read, 2, "before it has grown old");
    for mood in [Mood::Silent, Mood::Html(500), Mood::Cut, Mood::Half] {
        east.mood("GET /api/v2.1/products", mood);
    }
    ground.pass(12 * 60 + 1).await;
    assert_eq!(east.world().fired.len(), 1);
    ground.pass(20).await;
    assert_eq!(east.world().fired.len(), 1, "it is left alone");
    for _ in 0..40 {
        ground.pass(10).await;
    }
    assert_eq!(east.world().fired.len(), 4, "less and less often");
    let known = ground.ask(ListSellers { look: false }).await.sellers;
    let known = known.iter().find(|one| one.seller == "east").expect("east");
    assert_eq!((known.products, known.trouble.clone()), (1, None));
    assert!(known.age_seconds.is_some_and(|age| age < 240), "{known:?}");
    let job = ground.job(ground.brief(json!({})).await).await;
    assert_eq!(of(&job, "east").seller, "east");
}
