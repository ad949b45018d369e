//! The guards of orders, as their callers read them, and who may pass them.

use flightdeck::{
    domain::{
        media_buy::{
            approval::{Verdict, Wanted},
            status::BuyStatus,
        },
        tenant::role::Role,
    },
    engine::media_buys::{
        approvals::{GetApproval, ListApprovals},
        decide::Say,
    },
};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, caller},
    market::{NOON, act, admin, but, buyer, change, look, order, say, stock, wanted},
};

fn kept(products: &[&str]) -> Value {
    but(wanted(products), json!({"keep_draft": true}))
}

#[tokio::test]
async fn the_guards_say_their_sentences() {
    let desk = Desk::sqlite(NOON).await;
    stock(&desk).await;
    let acme = buyer("acme");
    let view = order(&desk, &acme, kept(&["standard"]))
        .await
        .expect("kept")
        .buy;
    let id = view.buy.id.clone();
    assert_eq!(view.buy.status, BuyStatus::Draft);
    let activate = json!({"action": "activate_order"});
    let no = act(&desk, &acme, &id, activate.clone())
        .await
        .expect_err("promised");
    assert_eq!(
        no.message,
        "Cannot auto-activate order with guaranteed line items (['STANDARD']). \
         Use submit_for_approval instead."
    );
    let archive = json!({"action": "archive_order"});
    let no = act(&desk, &acme, &id, archive.clone())
        .await
        .expect_err("not over");
    assert_eq!(
        no.message,
        "Order status is 'DRAFT'. Can only archive DELIVERED, COMPLETED, CANCELLED, or PAUSED orders"
    );
    let submit = json!({"action": "submit_for_approval"});
    let asked = act(&desk, &acme, &id, submit.clone()).await.expect("asked");
    assert!(asked.approval.is_some());
    let again = act(&desk, &acme, &id, submit).await.expect("asked before");
    assert_eq!(again.buy.buy.revision, asked.buy.buy.revision);
    let approve = json!({"action": "approve_order"});
    for who in [
        acme.clone(),
        caller("main", Role::Trafficker),
        caller("main", Role::Approver),
    ] {
        let no = act(&desk, &who, &id, approve.clone())
            .await
            .expect_err("no admin");
        assert_eq!(no.message, "Only admin users can approve orders");
    }
    let view = act(&desk, &admin(), &id, approve)
        .await
        .expect("agreed")
        .buy;
    assert_eq!(view.buy.status, BuyStatus::PendingStart);
    let waiting = desk
        .core
        .ask(&admin(), ListApprovals::default())
        .await
        .expect("listed");
    assert_eq!((waiting.waiting, waiting.approvals.len()), (0, 0));
    change(&desk, &acme, &id, json!({"canceled": true}))
        .await
        .expect("off");
    let view = act(&desk, &acme, &id, archive).await.expect("put away").buy;
    assert!(view.buy.archived_at.is_some());
}

#[tokio::test]
async fn a_free_order_activates_by_itself_and_again_is_no_news() {
    let desk = Desk::sqlite(NOON).await;
    stock(&desk).await;
    let acme = buyer("acme");
    let view = order(&desk, &acme, kept(&["open"]))
        .await
        .expect("ordered")
        .buy;
    assert_eq!(view.buy.status, BuyStatus::PendingStart);
    let activate = json!({"action": "activate_order"});
    let again = act(&desk, &acme, &view.buy.id, activate)
        .await
        .expect("fine")
        .buy;
    assert_eq!(again.buy.revision, view.buy.revision);
}

#[tokio::test]
async fn more_of_what_is_promised_is_asked_for_again() {
    for desk in Desk::each("more_of_what_is_promised", NOON).await {
        stock(&desk).await;
        let acme = buyer("acme");
        let asked = order(&desk, &acme, wanted(&["standard"]))
            .await
            .expect("asked");
        let id = asked.buy.buy.id.clone();
        let package = asked.buy.buy.packages[0].id.clone();
        say(&desk, &id, Say::Approve, None).await.expect("agreed");
        let more = json!({"packages": [{"package_id": package, "budget": 12_000}]});
        let asked = change(&desk, &acme, &id, more.clone())
            .await
            .expect("asked");
        let question = asked.approval.expect("a question");
        assert!(matches!(question.wanted, Wanted::Change { .. }));
        assert_eq!(question.amount.to_string(), "12,000.00 USD");
        assert_eq!(asked.buy.total.to_string(), "10,000.00 USD");
        let view = say(&desk, &id, Say::Approve, None).await.expect("agreed");
        assert_eq!(view.total.to_string(), "12,000.00 USD");
        let more = json!({"packages": [{"package_id": package, "budget": 15_000}]});
        change(&desk, &acme, &id, more).await.expect("asked");
        say(&desk, &id, Say::Reject, Some("sold out"))
            .await
            .expect("no");
        let view = look(&desk, &acme, &id).await.expect("there");
        assert_eq!(view.total.to_string(), "12,000.00 USD");
        assert_eq!(view.buy.status, BuyStatus::PendingStart);
        // An admin needs nobody.
        let more = json!({"packages": [{"package_id": package, "budget": 13_000}]});
        let done = change(&desk, &admin(), &id, more).await.expect("done");
        assert!(done.approval.is_none());
    }
}

#[tokio::test]
async fn what_is_promised_is_asked_for_also_where_it_comes_later() {
    for desk in Desk::each("promised_comes_later", NOON).await {
        stock(&desk).await;
        let acme = buyer("acme");
        let little = order(&desk, &acme, wanted(&["open"])).await;
        let little = little.expect("nobody has to agree").buy.buy;
        assert_eq!(little.status, BuyStatus::PendingStart);
        let package = |product: &str| wanted(&[product])["packages"][0].clone();
        let more = json!({"new_packages": [package("open")]});
        let done = change(&desk, &acme, &little.id, more).await.expect("done");
        assert!(done.approval.is_none(), "nothing of it is promised");
        let more = json!({"new_packages": [package("standard")]});
        let asked = change(&desk, &acme, &little.id, more).await.expect("asked");
        assert!(asked.approval.is_some());
        assert_eq!(asked.buy.buy.packages.len(), 2, "nothing is booked yet");
        let view = say(&desk, &little.id, Say::Approve, None).await;
        assert_eq!(view.expect("agreed").buy.packages.len(), 3);
    }
}

#[tokio::test]
async fn another_change_takes_the_place_of_the_one_that_waits() {
    for desk in Desk::each("another_change_takes_the_place", NOON).await {
        stock(&desk).await;
        let acme = buyer("acme");
        let asked = order(&desk, &acme, wanted(&["standard"])).await;
        let buy = asked.expect("asked").buy.buy;
        say(&desk, &buy.id, Say::Approve, None)
            .await
            .expect("agreed");
        let mut questions = Vec::new();
        for budget in [15_000, 12_000] {
            let more = json!({"packages": [{"package_id": buy.packages[0].id, "budget": budget}]});
            let asked = change(&desk, &acme, &buy.id, more).await.expect("asked");
            questions.push(asked.approval.expect("a question").id);
        }
        let first = GetApproval {
            approval_id: questions[0].to_string(),
        };
        let first = desk.core.ask(&admin(), first).await.expect("there");
        let decision = first.approval.decision.expect("decided");
        assert_eq!(decision.verdict, Verdict::Withdrawn);
        let view = say(&desk, &buy.id, Say::Approve, None).await;
        assert_eq!(view.expect("agreed").total.to_string(), "12,000.00 USD");
    }
}

#[tokio::test]
async fn only_orders_that_are_large_enough_wait() {
    let desk = Desk::sqlite_with(NOON, |desk| desk.sign_off_from = 50_000_u32.into()).await;
    stock(&desk).await;
    let acme = buyer("acme");
    let small = order(&desk, &acme, wanted(&["standard"]))
        .await
        .expect("ordered");
    assert_eq!(small.buy.buy.status, BuyStatus::PendingStart);
    let mut large = wanted(&["standard"]);
    large["packages"][0]["budget"] = json!(50_000);
    let large = order(&desk, &acme, large).await.expect("asked");
    assert!(large.approval.is_some());
}

#[tokio::test]
async fn two_admins_at_once_decide_once() {
    for desk in Desk::each("two_admins_at_once", NOON).await {
        stock(&desk).await;
        let asked = order(&desk, &buyer("acme"), wanted(&["standard"]))
            .await
            .expect("asked");
        let id = asked.buy.buy.id;
        let (yes, no) = tokio::join!(
            say(&desk, &id, Say::Approve, None),
            say(&desk, &id, Say::Reject, Some("no"))
        );
        assert!(yes.is_ok() != no.is_ok(), "{yes:?} {no:?}");
        let view = look(&desk, &admin(), &id).await.expect("there");
        let wanted = if yes.is_ok() {
            BuyStatus::PendingStart
        } else {
            BuyStatus::Rejected
        };
        assert_eq!(view.buy.status, wanted);
    }
}
