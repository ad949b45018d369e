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
        media_buys::{approvals::ListApprovals, decide::DecideApproval},
        seller::{
            lines::list::ListLines, parties::accounts::CreateAccount, products::stock::stock,
        },
        sellers::{list::ListSellers, set_up::SetUp},
    },
};
use serde_json::json;

use crate::{
    desk::{Desk, caller},
    ground::{NOW, admin},
    sellers_ground::{Ground, line, own},
};

/// Another house, and where it is served.
async fn house(served_to: Role) -> (Desk, SocketAddr) {
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
    let router = house.router(&caller("main", served_to));
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
    let (house, at) = house(Role::Admin).await;
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
    let told = ground.ask(ListSellers { look: false }).await.sellers;
    let cousin = told.iter().find(|one| one.seller == "cousin");
    let cousin = cousin.expect("cousin");
    assert_eq!(cousin.avails.as_deref(), Some("told"), "it was asked");
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
    ground.pass(301).await;
    let job = ground.job(job_id).await;
    let there = line(&job, "cousin").there.clone().expect("looked at");
    assert_eq!(there.status, "Booked");
    assert!(there.remarks.is_empty(), "{there:?}");
}

#[tokio::test]
async fn our_own_sales_agent_is_bought_from_once_its_publisher_has_signed() {
    let (house, at) = house(Role::Buyer).await;
    let seller = SetUp {
        brand: Some("acme.example".into()),
        ..SetUp::new("cousin", SellerKind::Adcp, format!("http://{at}/mcp"))
    };
    let ground = Ground::among(vec![seller]).await;
    let job_id = ground.brief(json!({})).await;
    let job = ground.job(job_id).await;
    assert!(job.errors.is_none(), "{:?}", job.errors);
    let job = ground.approve(job_id, &["cousin"]).await;
    assert_eq!(job.booked().lines, 0, "{:?}", job.errors);
    assert!(job.errors.is_none(), "it waits: {:?}", job.errors);
    let waiting = house.core.ask(&admin(), ListApprovals::default()).await;
    let waiting = waiting.expect("questions");
    assert_eq!(waiting.waiting, 1, "it was asked for once");
    let question = waiting.approvals[0].approval.id;
    let say = json!({"approval_id": question, "say": "approve"});
    let say: DecideApproval = serde_json::from_value(say).expect("a decision");
    house.core.ask(&admin(), say).await.expect("decided");
    ground.pass(31).await;
    let job = ground.job(job_id).await;
    assert_eq!(job.status, JobStatus::Completed, "{:?}", job.errors);
    assert_eq!(job.booked().lines, 1);
    let ours = line(&job, "cousin");
    assert_eq!(job.booked().cost.amount(), ours.cost);
    assert_eq!(ground.committed().await, ours.cost.to_string());
}
