//! What a person at the console sees of jobs that live elsewhere.

use crate::{
    buyer_agent::Mood,
    ground::{Ground, admin},
    person::Person,
};
use serde_json::json;

#[tokio::test]
async fn the_console_shows_where_a_job_lives_and_where_asked_and_shown_differ() {
    let ground = Ground::open().await;
    let job_id = ground.waiting(json!({})).await;
    ground.fake.mood("approve", Mood::WithoutEffect);
    ground.approve(job_id, None).await.expect("approved");
    ground.look(3).await;
    assert_eq!(ground.fake.fired("WithoutEffect"), 1);
    let mut person = Person::sits_down(&ground.desk, admin()).await;
    person.resizes(220, 60);
    person.presses("enter").await;
    person.rests().await;
    person.sees("lives in the iab-buyer-agent");
    person.sees("booked nothing");
    person.sees("booked: asked 2 lines, shown 0 lines");
    person.sees("Bookings live in the iab-buyer-agent");
}

#[tokio::test]
async fn the_console_asks_before_a_spend_that_the_ceiling_there_would_not_catch() {
    let ground = Ground::open().await;
    ground.brief(json!({})).await;
    ground.fake.research();
    ground.fake.world().jobs[0].allocations["ctv"]["budget"] = json!(4000);
    ground.look(2).await;
    let mut person = Person::sits_down(&ground.desk, admin()).await;
    person.resizes(220, 60);
    person.presses("r").await;
    person.rests().await;
    person.presses("A").await;
    person.sees("ctv was given 4,000.00 USD and this takes 10,000.00 USD");
    person.rests().await;
    person.types("Q3 Awareness Push").await;
    person.presses("enter enter").await;
    person.rests().await;
    ground.look(2).await;
    assert_eq!(
        (person.orders, ground.fake.approvals()),
        (1, 1),
        "agreed to, and sent once"
    );
}
