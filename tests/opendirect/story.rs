//! One buyer's way from a search to a line that is called off again, over the wire.

use axum::{
    Router,
    http::{Method, StatusCode},
};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, send},
    market::{NOON, buyer, get, patch, post, product, publisher, put},
};

const API: &str = "/api/v2.1";

async fn open(routes: &Router) -> (String, String) {
    let account = json!({"advertiserid": "adv-1", "buyerid": "agency-1", "name": "Drinks"});
    let account = post(routes, &format!("{API}/accounts"), account).await;
    let account = account["id"].as_str().expect("an id").to_owned();
    let orders = format!("{API}/accounts/{account}/orders");
    let order = json!({
        "name": "Summer", "accountid": account, "currency": "USD", "budget": 1000.0,
        "startdate": "2026-07-01T00:00:00Z", "enddate": "2026-07-31T23:59:59Z",
        "orderstatus": "PENDING",
    });
    let order = post(routes, &orders, order).await;
    assert_eq!(order["orderstatus"], "APPROVED");
    let order = order["id"].as_str().expect("an id");
    (account, format!("{orders}/{order}"))
}

fn wanted() -> Value {
    json!({
        "productid": "ctv-prime", "name": "Prime", "startdate": "2026-07-01",
        "enddate": "2026-07-10", "ratetype": "CPM", "rate": 20.0, "qty": 5_000,
        "targeting": {"geo": ["us"]},
    })
}

#[tokio::test]
async fn a_buyer_searches_reserves_books_and_cancels() {
    for desk in Desk::each("a_buyer_searches_reserves_books_and_cancels", NOON).await {
        put(&desk.core, product()).await;
        let routes = desk.router(&buyer());
        let found = post(
            &routes,
            "/products/search",
            json!({"channel": "ctv", "max_price": 22}),
        )
        .await;
        assert_eq!(found["total"], 1);
        assert_eq!(found["results"][0]["product_id"], "ctv-prime");
        assert_eq!(found["results"][0]["available_impressions"], 30_000);
        let asked = json!({
            "productid": "ctv-prime", "startdate": "2026-07-01", "enddate": "2026-07-10",
            "requestedImpressions": 5_000,
        });
        let avails = post(&routes, &format!("{API}/products/avails"), asked.clone()).await;
        assert_eq!(avails["availableImpressions"], 5_000);
        assert_eq!(avails["totalCost"], 110.0);

        let (_, order) = open(&routes).await;
        let line = post(&routes, &format!("{order}/lines"), wanted()).await;
        assert_eq!(
            (&line["bookingstatus"], &line["cost"]),
            (&json!("Draft"), &json!(100.0))
        );
        let at = format!("{order}/lines/{}", line["id"].as_str().expect("an id"));
        let held = patch(&routes, &format!("{at}?action=reserve"), None).await;
        assert_eq!(held["bookingstatus"], "Reserved");
        assert_eq!(held["reservedexpirydate"], "2026-06-10T13:00:00.000000Z");
        // Lists say what is free in the same days as the search does.
        let found = post(&routes, "/products/search", json!({})).await;
        let free = &found["results"][0]["available_impressions"];
        assert!(free.as_u64().expect("a number") < 30_000, "{free}");
        let list = get(&routes, &format!("{API}/products")).await;
        assert_eq!(&list["products"][0]["availableImpressions"], free);
        let one = get(&routes, &format!("{API}/products/ctv-prime")).await;
        assert_eq!(&one["availableImpressions"], free);
        let left = post(
            &routes,
            &format!("{API}/products/avails"),
            json!({
                "productids": ["ctv-prime"], "accountid": "a", "advertiserbrandid": "b",
                "startdate": "2026-07-01", "enddate": "2026-07-10",
            }),
        )
        .await;
        assert_eq!(left["avails"][0]["availability"], 5_000);

        let booked = patch(&routes, &format!("{at}?action=book"), None).await;
        assert_eq!(booked["bookingstatus"], "Booked");
        let stats = get(&routes, &format!("{at}/stats")).await;
        assert_eq!(
            (&stats["targetImpressions"], &stats["pacingStatus"]),
            (&json!(5_000), &json!("no_data"))
        );
        let off = patch(&routes, &format!("{at}?action=cancel"), None).await;
        assert_eq!(off["bookingstatus"], "Cancelled");
        let again = post(&routes, &format!("{API}/products/avails"), asked).await;
        assert_eq!(again["availableImpressions"], 5_000);
        assert_eq!(get(&routes, &at).await["bookingstatus"], "Cancelled");
        assert_eq!(
            get(&routes, &format!("{order}/lines")).await["total_count"],
            1
        );
    }
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_done_once() {
    let desk = Desk::sqlite(NOON).await;
    put(&desk.core, product()).await;
    let routes = desk.router(&buyer());
    let (_, order) = open(&routes).await;
    let lines = format!("{order}/lines");
    let mut ids = Vec::new();
    for replayed in [false, true] {
        let sent = send(
            &routes,
            (Method::POST, &lines),
            Some("k-1"),
            Some(&wanted()),
        )
        .await;
        assert_eq!(
            (sent.status, sent.replayed),
            (StatusCode::CREATED, replayed)
        );
        ids.push(sent.body["id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
    assert_eq!(get(&routes, &lines).await["total_count"], 1);
    let at = format!("{lines}/{}?action=reserve", ids[0].as_str().expect("an id"));
    for replayed in [false, true] {
        let sent = send(&routes, (Method::PATCH, &at), Some("k-2"), None).await;
        assert_eq!((sent.status, sent.replayed), (StatusCode::OK, replayed));
    }
    let other = json!({"advertiserid": "a", "buyerid": "b", "name": "c"});
    let path = format!("{API}/accounts");
    let sent = send(&routes, (Method::POST, &path), Some("k-2"), Some(&other)).await;
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_creative_is_looked_at_and_runs_on_a_line() {
    let desk = Desk::sqlite(NOON).await;
    put(&desk.core, product()).await;
    let routes = desk.router(&buyer());
    let (account, order) = open(&routes).await;
    let line = post(&routes, &format!("{order}/lines"), wanted()).await;
    let creatives = format!("{API}/accounts/{account}/creatives");
    let spot = json!({"name": "Spot", "clickUrl": "https://example.com", "language": "en"});
    let spot = post(&routes, &creatives, spot).await;
    let spot_at = format!("{creatives}/{}", spot["id"].as_str().expect("an id"));
    let approvals = format!("{spot_at}/approvals");
    let yes = json!({"publisherid": "pub-1", "status": "APPROVED"});
    let own = send(&routes, (Method::POST, &approvals), None, Some(&yes)).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN, "buyers approve nothing");
    post(&desk.router(&publisher()), &approvals, yes).await;
    let shown = get(&routes, &spot_at).await;
    assert_eq!(shown["creativeapprovals"][0]["status"], "APPROVED");

    let assignments = format!("{API}/accounts/{account}/assignments");
    let joined = json!({"creativeid": spot["id"], "lineId": line["id"]});
    let joined = post(&routes, &assignments, joined).await;
    assert_eq!(joined["status"], "Active");
    let of_line = format!(
        "{assignments}?lineId={}",
        line["id"].as_str().expect("an id")
    );
    assert_eq!(get(&routes, &of_line).await["total_count"], 1);
    let at = format!("{assignments}/{}", joined["id"].as_str().expect("an id"));
    let off = patch(&routes, &at, Some(json!({"status": "Inactive"}))).await;
    assert_eq!(off["status"], "Inactive");
    let on = json!({"status": "Active"});
    let on = send(&routes, (Method::PATCH, &at), None, Some(&on)).await;
    assert_eq!(on.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn organizations_and_accounts_are_kept_in_pages() {
    let desk = Desk::sqlite(NOON).await;
    let routes = desk.router(&buyer());
    let organizations = format!("{API}/organizations");
    for name in ["First", "Second", "Third"] {
        // A list runs in the order of time; what was made at one instant has no order.
        desk.clock.advance(chrono::Duration::seconds(1));
        let one = json!({"name": name, "type": "agency"});
        post(&routes, &organizations, one).await;
    }
    let page = get(&routes, &format!("{organizations}?$skip=1&$top=1")).await;
    let names: Vec<&Value> = page["organizations"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(
        (names, &page["total_count"]),
        (vec![&json!("Second")], &json!(3))
    );
    let found = get(&routes, &format!("{organizations}?search=thi")).await;
    assert_eq!(
        (
            &found["total_count"],
            found["organizations"].as_array().map(Vec::len)
        ),
        (&json!(1), Some(1))
    );
    let at = format!(
        "{organizations}/{}",
        found["organizations"][0]["id"].as_str().expect("an id")
    );
    assert_eq!(get(&routes, &at).await["name"], "Third");
    let (account, _) = open(&routes).await;
    let accounts = get(&routes, &format!("{API}/accounts?limit=5&offset=0")).await;
    assert_eq!(accounts["accounts"][0]["id"], account.as_str());
    let none = get(&routes, &format!("{API}/accounts?$top=0")).await;
    assert_eq!(
        (&none["total_count"], &none["accounts"]),
        (&json!(1), &json!([]))
    );
}
