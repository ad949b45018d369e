//! Another house of ours as a seller somewhere else: its OpenDirect and its sales agent are servers
//! that nobody wrote for these stories.

use std::net::SocketAddr;

use flightdeck::{
    domain::{
        booking::{asked::SellerKind, job::JobStatus},
        ids::AccountId,
        opendirect::booking_status::LineBookingStatus,
        tenant::role::Role,
    },
    engine::{
        seller::{
            lines::list::ListLines, parties::accounts::CreateAccount, products::stock::stock,
        },
        sellers::set_up::SetUp,
    },
};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, caller},
    ground::{NOW, admin},
    sellers_ground::{Ground, line, own},
};

/// Another house, and where it is served.
async fn house() -> (Desk, SocketAddr) {
    let house = Desk::sqlite(NOW).await;
    let products = vec![own("prime", "ctv", 1_950)];
    let products = products.into_iter().map(serde_json::from_value);
    let products = products.collect::<Result<Vec<_>, _>>().expect("products");
    stock(&house.core, &admin().tenant, products)
        .await
        .expect("stocked");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let at = listener.local_addr().expect("an address");
    let router = house.router(&caller("main", Role::Admin));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (house, at)
}

async fn account(house: &Desk) -> AccountId {
    let draft = json!({"advertiser_id": "acme", "buyer_id": "desk", "name": "The desk"});
    let made: CreateAccount = serde_json::from_value(draft).expect("an account");
    let made = house.core.ask(&admin(), made).await.expect("an account");
    made.id
}

#[tokio::test]
async fn our_own_opendirect_is_bought_from_as_any_other() {
    let (house, at) = house().await;
    let account = account(&house).await;
    let url = format!("http://{at}/api/v2.1");
    let seller = SetUp {
        account: Some(account.to_string()),
        ..SetUp::new("cousin", SellerKind::OpenDirect, url)
    };
    let ground = Ground::among(vec![seller]).await;
    let job_id = ground.brief(json!({})).await;
    let job = ground.job(job_id).await;
    assert!(job.errors.is_none(), "{:?}", job.errors);
    let job = ground.approve(job_id, &["cousin"]).await;
    assert_eq!(job.status, JobStatus::Completed, "{:?}", job.errors);
    let ours = line(&job, "cousin");
    let lines: ListLines = serde_json::from_value(json!({})).expect("a question");
    let theirs = house.core.ask(&admin(), lines).await.expect("lines").items;
    assert_eq!(theirs.len(), 1);
    assert_eq!(theirs[0].status, LineBookingStatus::Booked);
    assert_eq!(ours.line_id, Some(theirs[0].id.to_string()));
    assert_eq!(theirs[0].cost.amount(), ours.cost);
    assert_eq!(theirs[0].quantity, ours.impressions);
    assert_eq!(job.booked().cost.amount(), ours.cost);
}
