//! One research over the seller inside and two somewhere else, and what becomes of it when one of
//! them is slow, down, answers for people or breaks off: it fails alone, and says so.

use flightdeck::{
    domain::booking::{asked::SellerKind, job::JobStatus},
    engine::{
        bookings::view::JobView,
        sellers::list::{ListSellers, SellerView},
    },
};
use serde_json::json;

use crate::{
    sellers_fake::{KEY, Mood},
    sellers_ground::Ground,
};

/// Which sellers recommended something, in order.
fn sellers(job: &JobView) -> Vec<&str> {
    let all = job.recommendations.iter().flatten();
    let mut sellers: Vec<&str> = all.map(|one| &*one.seller).collect();
    sellers.sort_unstable();
    sellers
}

fn trouble<'a>(job: &'a JobView, seller: &str) -> Option<&'a str> {
    let mut all = job.sellers.iter();
    let found = all.find(|one| one.seller == seller).expect(seller);
    found.trouble.as_deref()
}

#[tokio::test]
async fn one_research_goes_over_all_sellers_and_their_ids_do_not_collide() {
    for ground in Ground::each("one_research_goes_over_all_sellers").await {
        let job_id = ground.brief(json!({})).await;
        let job = ground.job(job_id).await;
        assert_eq!(job.status, JobStatus::AwaitingApproval, "{:?}", job.errors);
        assert_eq!(sellers(&job), ["embedded", "north", "south"]);
        let all = || job.recommendations.iter().flatten();
        let mut ids: Vec<&str> = all().map(|one| one.product_id.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["north:prime", "prime", "south:prime"]);
        let of = |seller: &str| all().find(|one| one.seller == seller).expect(seller);
        // 20.125 is no price in cents, and neither is 19.995001: neither is rounded down.
        assert_eq!(of("north").cpm.to_string(), "20.13");
        assert_eq!(of("south").cpm.to_string(), "20.00");
        assert_eq!(of("north").available, 400_000);
        assert!(of("north").unsaid.is_empty());
        assert_eq!(of("south").unsaid, ["availability", "channel"]);
        assert_eq!(of("south").available, of("south").impressions);
        let why = of("south").rationale.clone().expect("a rationale");
        assert!(why.contains("does not say how many it has"), "{why}");
        assert!(job.errors.is_none(), "{:?}", job.errors);
        let asked: Vec<_> = job
            .sellers
            .iter()
            .map(|one| (&*one.seller, one.products))
            .collect();
        assert_eq!(asked, [("embedded", 1), ("north", 2), ("south", 1)]);
        let north = &job.sellers[1];
        assert_eq!(north.kind, SellerKind::OpenDirect);
        assert_eq!(north.place.as_deref(), Some(&*ground.north.url()));
        assert_eq!(
            north.left_out,
            ["1 product has no channel that can be told"]
        );
        assert_eq!(ground.north.world().read, 1, "both pages of it, once");
    }
}

#[tokio::test]
async fn a_seller_that_cannot_be_asked_fails_alone_and_says_why() {
    for (part, mood, said) in [
        (
            "GET /api/v2.1/products",
            Mood::Silent,
            "did not answer in time",
        ),
        ("GET /api/v2.1/products", Mood::Cut, "it broke off"),
        ("GET /api/v2.1/products", Mood::Half, "no JSON"),
        (
            "GET /api/v2.1/products",
            Mood::Html(502),
            "502 with a web page",
        ),
        (
            "GET /api/v2.1/products",
            Mood::Json(500, json!({"detail": "it is on fire"})),
            "it is on fire",
        ),
        // The second page: half a catalogue is none.
        ("offset=2", Mood::Html(200), "200 with a web page"),
        (
            "offset=2",
            Mood::Json(200, json!({"products": [], "total_count": 3})),
            "says that it has 3 products and gave 2",
        ),
        (
            "GET /api/v2.1/products",
            Mood::Json(200, json!({"status": "ok"})),
            "no products in it",
        ),
        (
            "GET /api/v2.1/products",
            Mood::Json(403, json!({"detail": KEY})),
            "does not take our key",
        ),
    ] {
        let ground = Ground::open().await;
        ground.north.mood(part, mood.clone());
        let job_id = ground.brief(json!({})).await;
        assert_eq!(ground.north.world().fired.len(), 1, "{mood:?} came to pass");
        let job = ground.job(job_id).await;
        assert_eq!(job.status, JobStatus::AwaitingApproval, "{mood:?}");
        assert_eq!(sellers(&job), ["embedded", "south"], "{mood:?}");
        let why = trouble(&job, "north").expect("a reason");
        assert!(why.contains(said), "{why}");
        assert_eq!(trouble(&job, "south"), None);
        let errors = job.errors.clone().expect("errors");
        assert!(
            errors[0].starts_with("The seller north could not be asked: "),
            "{errors:?}"
        );
        let events = ground.events(job_id).await;
        let searched = events
            .iter()
            .find(|(name, _)| name == "bookings.researched");
        let (_, detail) = searched.expect("researched");
        assert!(
            detail.contains("ctv: 2 recommended") && detail.contains(why),
            "{detail}"
        );
        assert!(!format!("{job:?}{events:?}").contains(KEY));
    }
}

#[tokio::test]
async fn when_all_of_them_are_down_the_seller_inside_is_still_there() {
    let ground = Ground::open().await;
    ground.north.mood("GET", Mood::Html(500));
    ground.south.mood("GET", Mood::Cut);
    let job = ground.job(ground.brief(json!({})).await).await;
    assert_eq!(
        (ground.north.fired("Html"), ground.south.fired("Cut")),
        (1, 1)
    );
    assert_eq!(sellers(&job), ["embedded"]);
    assert_eq!(job.errors.expect("errors").len(), 2);
}

#[tokio::test]
async fn a_catalogue_is_kept_read_again_when_it_is_old_and_counts_for_a_while() {
    let ground = Ground::open().await;
    ground.brief(json!({})).await;
    ground.brief(json!({})).await;
    assert_eq!(ground.north.world().read, 1, "it is fresh");
    ground.pass(16 * 60).await;
    ground.brief(json!({})).await;
    assert_eq!(ground.north.world().read, 2, "it had grown old");
    ground.pass(20 * 60).await;
    ground.north.mood("GET", Mood::Html(500));
    let job = ground.job(ground.brief(json!({})).await).await;
    assert_eq!(ground.north.fired("Html"), 1);
    assert_eq!(
        sellers(&job),
        ["embedded", "north", "south"],
        "what it had counts"
    );
    let errors = job.errors.expect("errors");
    assert!(
        errors[0].contains("What it had at 2026-06-01 12:"),
        "{errors:?}"
    );
    ground.pass(50 * 60).await;
    ground.north.mood("GET", Mood::Html(500));
    let job = ground.job(ground.brief(json!({})).await).await;
    assert_eq!(ground.north.fired("Html"), 2);
    assert_eq!(sellers(&job), ["embedded", "south"], "it counts no longer");
    let before = ground.north.world().read;
    ground.brief(json!({})).await;
    assert_eq!(
        ground.north.world().read,
        before,
        "it is left alone for a moment"
    );
    ground.pass(20).await;
    let job = ground.job(ground.brief(json!({})).await).await;
    assert_eq!(sellers(&job), ["embedded", "north", "south"]);
}

#[tokio::test]
async fn the_sellers_of_a_tenant_are_listed_with_how_they_are() {
    let ground = Ground::open().await;
    let known = ground.ask(ListSellers { look: false }).await.sellers;
    let ages: Vec<String> = known.iter().map(SellerView::age).collect();
    assert_eq!(ages, ["now", "not read", "not read"]);
    ground.south.mood("GET", Mood::Html(503));
    let looked = ground.ask(ListSellers { look: true }).await.sellers;
    assert_eq!(ground.south.fired("Html"), 1);
    let products: Vec<u32> = looked.iter().map(|one| one.products).collect();
    assert_eq!(products, [1, 2, 0]);
    assert_eq!(looked[1].age_seconds, Some(0));
    let why = looked[2].trouble.as_deref().expect("a reason");
    assert!(why.contains("503 with a web page"), "{why}");
    ground.pass(130).await;
    let known = ground.ask(ListSellers { look: false }).await.sellers;
    assert_eq!(known[1].age(), "2 min ago");
}
