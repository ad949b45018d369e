//! Work that goes wrong here again and again: what somebody waits for is over and says so; what goes
//! on for ever rests, and is taken up again by itself.

use chrono::Duration;
use flightdeck::{
    domain::{notify::endpoint::Endpoint, webhook::notice::NoticeStatus},
    engine::{
        activity::{ListTasks, ReadFeed, TaskView},
        notify::{endpoints::TestEndpoint, replay::Replay},
        webhooks::list::{ListNotices, NoticeView},
    },
    store::{
        batch::{Batch, Put},
        record::Record as _,
    },
};

use crate::{
    agent::House,
    notify::{PEOPLE, boss, endpoint, order},
    receiver::{Came, Receiver},
};

/// Writes over what is kept of an endpoint; gives what was there.
async fn scrawl(house: &House, id: &str, body: &str) -> String {
    let (tenant, now) = (boss().tenant, house.core.clock().now());
    let kept = house.store.get(&tenant, Endpoint::KIND, id).await;
    let row = kept.expect("a look").expect("an endpoint");
    let mut batch = Batch::new(tenant, now);
    batch.puts.push(Put {
        kind: Endpoint::KIND,
        id: id.to_owned(),
        replaces: Some((row.revision, row.facets.state.clone())),
        facets: row.facets,
        body: body.to_owned(),
        glance: None,
        shown: None,
    });
    house.store.commit(batch).await.expect("kept");
    row.body
}

/// The work of a kind, as people see it.
async fn work(house: &House, kind: &str) -> Vec<TaskView> {
    let all = house.core.ask(&boss(), ListTasks::default()).await;
    let all = all.expect("a list").tasks.into_iter();
    all.filter(|task| task.kind == kind).collect()
}

async fn sent(house: &House) -> Vec<NoticeView> {
    let all = house.core.ask(&boss(), ListNotices::default()).await;
    all.expect("a list").webhooks
}

#[tokio::test]
async fn what_is_given_up_is_over_or_rests_and_nothing_waits_for_ever() {
    for house in House::sandboxes("given_up", PEOPLE).await {
        house.sells_both().await;
        let desk = Receiver::answering(&[]).await;
        let made = endpoint(&house, &desk.url, &[]).await;
        let endpoint_id = made.view.endpoint_id;
        let test = TestEndpoint { endpoint_id };
        house.core.ask(&boss(), test).await.expect("written down");
        let bought = order(&house, "1", "open", "Summer").await;
        let whole = scrawl(&house, &endpoint_id.to_string(), "{\"scrawled\": 1}").await;
        for _ in 0..14 {
            house.pass(Duration::minutes(1)).await;
        }
        assert!(desk.came().is_empty(), "nobody was called");
        // What one message waits for is over: it says so, and can be sent again.
        let deliver = work(&house, "deliver_webhook").await;
        assert_eq!(deliver.len(), 1, "{deliver:?}");
        assert_eq!((&*deliver[0].state, deliver[0].attempts), ("dead", 12));
        // Telling what happens goes on for ever: it rests.
        let notify = work(&house, "notify").await;
        assert_eq!(notify.len(), 1, "{notify:?}");
        assert_eq!(notify[0].state, "resting", "{notify:?}");
        let due = notify[0].run_at - house.core.clock().now();
        assert!(
            due > Duration::zero() && due <= Duration::minutes(15),
            "{due}"
        );
        assert!(notify[0].last_error.is_some());

        scrawl(&house, &endpoint_id.to_string(), &whole).await;
        let all = sent(&house).await;
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(all[0].status, NoticeStatus::Dead, "{all:?}");
        let last = all[0].last.as_ref().and_then(|last| last.error.as_deref());
        assert!(last.is_some_and(|why| !why.is_empty()), "{all:?}");
        let feed = ReadFeed {
            after: 0,
            limit: Some(1000),
            object: None,
        };
        let feed = house.core.ask(&boss(), feed).await.expect("a feed");
        let dead = feed.events.iter().filter(|it| it.event == "webhooks.dead");
        assert_eq!(dead.count(), 1);
        // Each has a history of its own, found by its id alone.
        let own = ReadFeed {
            object: bought["media_buy_id"].as_str().map(str::to_owned),
            ..ReadFeed::default()
        };
        let own = house
            .core
            .ask(&boss(), own)
            .await
            .expect("a history")
            .events;
        assert!(
            own.iter().any(|it| it.event == "media_buys.created"),
            "{own:?}"
        );
        assert!(own.iter().all(|it| it.kind == "media_buy"), "{own:?}");
        house.pass(Duration::minutes(15)).await;
        house.pass(Duration::seconds(1)).await;
        let mut told: Vec<_> = desk.came().iter().map(Came::json).collect();
        // Two calls may overtake each other; each says its place.
        told.sort_by_key(|one| one["data"]["event"].as_i64());
        let types: Vec<_> = told.iter().map(|one| &one["type"]).collect();
        assert_eq!(
            types,
            ["media_buy.created", "media_buy.approved"],
            "{told:?}"
        );
        assert!(work(&house, "notify").await.is_empty(), "it is well again");
        // What was given up goes out when somebody says so.
        let replay = Replay {
            delivery_ids: vec![all[0].id],
            ..Replay::default()
        };
        house.core.ask(&boss(), replay).await.expect("sent again");
        house.pass(Duration::seconds(1)).await;
        assert_eq!(desk.came().len(), 3);
        assert!(work(&house, "deliver_webhook").await.is_empty());
    }
}
