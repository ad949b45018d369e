//! What is shown: libraries, what waits for them, and who looks them over.

use flightdeck::{
    domain::media_buy::{creative::CreativeStatus, status::BuyStatus},
    engine::{
        creatives::{decide::DecideCreative, list::ListLibrary, sync::SyncCreatives},
        fault::Fault,
    },
};
use serde_json::{Value, json};

use crate::{
    desk::Desk,
    market::{NOON, admin, but, buyer, change, look, order, stock, wanted},
};

async fn sync(desk: &Desk, question: Value) -> Result<Vec<(String, String)>, Fault> {
    let sync: SyncCreatives = serde_json::from_value(question).expect("a question");
    let synced = desk.core.ask(&buyer("acme"), sync).await?;
    let told = synced.creatives.into_iter();
    Ok(told.map(|one| (one.creative_id, one.action)).collect())
}

fn creative(id: &str, name: &str) -> Value {
    json!({"creative_id": id, "name": name, "format_id": {"id": "video"}})
}

#[tokio::test]
async fn what_waits_for_a_creative_goes_on_when_it_comes() {
    for desk in Desk::each("what_waits_for_a_creative", NOON).await {
        stock(&desk).await;
        let acme = buyer("acme");
        let mut bare = but(wanted(&["open"]), json!({"start_time": "asap"}));
        bare["packages"][0]["creative_assignments"] = json!([{"creative_id": "late"}]);
        let view = order(&desk, &acme, bare).await.expect("ordered").buy;
        assert_eq!(view.buy.status, BuyStatus::PendingCreatives);
        let package = &view.buy.packages[0].id;
        // Made for the ears, and for a product that is seen.
        let mut late = json!({
            "creatives": [{"creative_id": "late", "name": "Late", "format_id": {"id": "audio_standard"}}],
            "assignments": [{"creative_id": "late", "package_id": package}],
            "validation_mode": "strict",
        });
        let no = sync(&desk, late.clone())
            .await
            .expect_err("heard, not seen");
        assert_eq!(no.problems[0].field, "creatives[0].format_id");
        assert!(no.message.contains("video_1920x1080"), "{}", no.message);
        let mut alone = late.clone();
        alone["assignments"] = json!([]);
        let no = sync(&desk, alone)
            .await
            .expect_err("a package waits for it");
        assert_eq!(no.problems[0].field, "creatives[0].format_id");
        late["validation_mode"] = json!("lenient");
        let told = sync(&desk, late.clone()).await.expect("answered");
        assert_eq!(told, [("late".to_owned(), "failed".to_owned())]);
        let seen = look(&desk, &acme, &view.buy.id).await.expect("there");
        assert_eq!(seen.buy.status, BuyStatus::PendingCreatives);
        late["creatives"][0]["format_id"] = json!({"id": "video_1920x1080"});
        sync(&desk, late).await.expect("shown");
        let view = look(&desk, &acme, &view.buy.id).await.expect("there");
        assert_eq!(view.buy.status, BuyStatus::Active);
        let unknown = json!({"packages": [{
            "package_id": package, "creative_assignments": [{"creative_id": "never"}],
        }]});
        let no = change(&desk, &acme, &view.buy.id, unknown).await;
        assert_eq!(no.expect_err("unknown").code, "CREATIVE_NOT_FOUND");
    }
}

#[tokio::test]
async fn what_was_called_off_stands_in_the_way_of_no_creative() {
    for desk in Desk::each("what_was_called_off", NOON).await {
        stock(&desk).await;
        let acme = buyer("acme");
        let asked = but(wanted(&["open"]), json!({"start_time": "asap"}));
        let view = order(&desk, &acme, asked).await.expect("ordered").buy;
        let heard = json!({"creatives": [
            {"creative_id": "spot", "name": "Spot", "format_id": {"id": "audio_standard"}},
        ]});
        let no = sync(&desk, heard.clone()).await.expect_err("it is shown");
        assert_eq!(no.problems[0].field, "creatives[0].format_id");
        let off = json!({"canceled": true});
        let gone = change(&desk, &acme, &view.buy.id, off).await;
        gone.expect("called off");
        let told = sync(&desk, heard).await.expect("nothing shows it");
        assert_eq!(told, [("spot".to_owned(), "updated".to_owned())]);
    }
}

#[tokio::test]
async fn creatives_that_come_with_a_package_are_in_the_library() {
    let desk = Desk::sqlite(NOON).await;
    stock(&desk).await;
    let acme = buyer("acme");
    let mut with = but(wanted(&["open", "open"]), json!({"start_time": "asap"}));
    for n in 0..2 {
        with["packages"][n]["creative_assignments"] = json!([]);
        with["packages"][n]["creatives"] = json!([creative("inside", "Inside")]);
    }
    let view = order(&desk, &acme, with).await.expect("ordered").buy;
    assert_eq!(view.buy.status, BuyStatus::Active);
    let shelf = desk
        .core
        .ask(&acme, ListLibrary::default())
        .await
        .expect("listed");
    let mut ids: Vec<_> = shelf
        .creatives
        .iter()
        .map(|one| one.creative.creative_id.as_str())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, ["inside", "spot"]);
    let others = desk.core.ask(&buyer("bolt"), ListLibrary::default()).await;
    assert_eq!(others.expect("listed").total, 1, "only its own");
}

#[tokio::test]
async fn a_library_is_filled_dry_strictly_and_leniently() {
    let desk = Desk::sqlite(NOON).await;
    stock(&desk).await;
    let one = |id: &str, action: &str| (id.to_owned(), action.to_owned());
    let dry = json!({"creatives": [creative("spot", "New"), creative("x", "X")], "dry_run": true});
    let told = sync(&desk, dry).await.expect("told");
    assert_eq!(told, [one("spot", "updated"), one("x", "created")]);
    let wrong = json!({"creatives": [creative("x", "X"), creative("y", "")]});
    let no = sync(&desk, wrong.clone()).await.expect_err("strict");
    assert_eq!(no.problems[0].field, "creatives[1].name");
    let told = sync(&desk, but(wrong, json!({"validation_mode": "lenient"}))).await;
    assert_eq!(
        told.expect("told"),
        [one("x", "created"), one("y", "failed")]
    );
    let rest = json!({"creatives": [creative("x", "X")], "delete_missing": true});
    let told = sync(&desk, rest).await.expect("told");
    assert_eq!(told, [one("x", "unchanged"), one("spot", "deleted")]);
}

#[tokio::test]
async fn where_somebody_looks_creatives_over_the_buy_waits_for_it() {
    let desk = Desk::sqlite_with(NOON, |desk| desk.review_creatives = true).await;
    stock(&desk).await;
    let acme = buyer("acme");
    let asap = but(wanted(&["open"]), json!({"start_time": "asap"}));
    let view = order(&desk, &acme, asap).await.expect("ordered").buy;
    assert_eq!(view.buy.status, BuyStatus::PendingCreatives);
    let decide = |status| DecideCreative {
        owner: "acme".to_owned(),
        creative_id: "spot".to_owned(),
        status,
        reason: None,
    };
    let no = desk.core.ask(&acme, decide(CreativeStatus::Approved)).await;
    assert_eq!(no.expect_err("no buyer").code, "FORBIDDEN");
    for (status, then) in [
        (CreativeStatus::Approved, BuyStatus::Active),
        (CreativeStatus::Rejected, BuyStatus::PendingCreatives),
    ] {
        desk.core
            .ask(&admin(), decide(status))
            .await
            .expect("decided");
        let view = look(&desk, &acme, &view.buy.id).await.expect("there");
        assert_eq!(view.buy.status, then);
    }
}
