//! What a person sees of sellers somewhere else: who was asked and what each said, where a product
//! is from and what is not said of it, and a line of which nobody knows.

use serde_json::json;

use crate::{ground::admin, person::Person, sellers_fake::Mood, sellers_ground::Ground};

#[tokio::test]
async fn the_console_shows_who_was_asked_and_where_a_product_is_from() {
    let ground = Ground::open().await;
    ground.north.mood("GET", Mood::Html(500));
    ground.brief(json!({})).await;
    assert_eq!(ground.north.fired("Html"), 1);
    let mut person = Person::sits_down(&ground.desk, admin()).await;
    person.resizes(220, 60);
    person.rests().await;
    person.sees("The seller north could not be asked");
    person.sees("north, opendirect at http://127.0.0.1");
    person.sees("south, iab-seller-agent at http://127.0.0.1");
    person.presses("r").await;
    person.rests().await;
    for _ in 0..4 {
        if person.screen().contains("south, iab-seller-agent") {
            break;
        }
        person.presses("down").await;
    }
    person.sees("south, iab-seller-agent at http://127.0.0.1");
    person.sees("not said by the seller");
}

#[tokio::test]
async fn the_console_says_that_a_line_may_have_been_booked() {
    let ground = Ground::open().await;
    let job_id = ground.brief(json!({})).await;
    ground.north.mood("action=book", Mood::DoneThenForgotten);
    ground.approve(job_id, &["north", "south"]).await;
    ground.tried_to_the_end().await;
    assert_eq!(ground.north.fired("DoneThenForgotten"), 1);
    let mut person = Person::sits_down(&ground.desk, admin()).await;
    person.resizes(220, 70);
    person.presses("enter").await;
    person.rests().await;
    person.sees("North prime may have been booked at north");
    person.sees("1 of 2 lines booked");
    person.sees("PendingBooking");
}
