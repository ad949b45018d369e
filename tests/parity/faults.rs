//! What happens where the line is bad: nothing is lost, nothing is done twice, and what is not
//! known is said so.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use chrono::TimeDelta;
use flightdeck::{
    engine::{
        activity::FeedEnd,
        bookings::rows::ListRows,
        fault::{Fault, FaultKind},
    },
    remote::{Place, Remote},
    session::{Seen, Session},
};
use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    authority::Authority,
    lines::{Line, Mood, Slow},
    people::submit,
    stage::{Stage, Way},
};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Anna, at the end of a line with moods.
async fn anna() -> (Stage, Line, Session) {
    let stage = Stage::open(Way::Http).await;
    let line = Line::open(stage.at).await;
    let anna = stage.session_at("anna", line.at).await.expect("anna");
    (stage, line, anna)
}

/// How many jobs there are, by what the engine itself says.
async fn jobs(stage: &Stage) -> usize {
    let anna = stage.session("anna").await;
    anna.ask(ListRows::default())
        .await
        .expect("rows")
        .rows
        .len()
}

#[tokio::test]
async fn a_command_whose_answer_is_lost_is_done_once() {
    let (stage, line, anna) = anna().await;
    for (at, mood) in [
        Mood::CutsQuestion,
        Mood::CutsAnswer,
        Mood::HalvesAnswer,
        Mood::Page,
        Mood::PageAfter,
    ]
    .into_iter()
    .enumerate()
    {
        line.will([mood, mood]);
        let done = anna.ask(submit(&format!("{mood:?}"))).await;
        done.unwrap_or_else(|fault| panic!("{mood:?}: {fault}"));
        assert_eq!(line.fired(), 2 * (at + 1), "{mood:?}");
        assert_eq!(jobs(&stage).await, at + 1, "{mood:?}");
    }
}

#[tokio::test]
async fn a_hundred_commands_over_a_bad_line_are_a_hundred() {
    let (stage, line, anna) = anna().await;
    let all = [
        Mood::Fine,
        Mood::CutsAnswer,
        Mood::HalvesAnswer,
        Mood::CutsQuestion,
        Mood::PageAfter,
        Mood::Fine,
        Mood::Page,
    ];
    line.will((0..600).map(|at| all[(at * at + at / 3) % all.len()]));
    for batch in 0..10 {
        let sends = (0..10).map(|at| anna.ask(submit(&format!("{batch}.{at}"))));
        for done in futures_util::future::join_all(sends).await {
            done.expect("done");
        }
    }
    assert!(line.fired() > 50, "{}", line.fired());
    assert_eq!(jobs(&stage).await, 100);
}

#[tokio::test]
async fn a_command_that_nobody_answers_is_asked_again() {
    let (stage, line, anna) = anna().await;
    line.will([Mood::Hangs]);
    anna.ask(submit("Hangs")).await.expect("done");
    assert_eq!((line.fired(), jobs(&stage).await), (1, 1));
}

#[tokio::test]
async fn what_is_not_known_is_said_so_and_can_be_asked_again() {
    let (stage, line, anna) = anna().await;
    line.will(std::iter::repeat_n(Mood::CutsAnswer, 500));
    let lost = anna.ask_keyed(submit("Lost"), "my-own-key".into()).await;
    let lost = lost.expect_err("nothing comes back");
    assert_eq!(
        (lost.kind, lost.code.as_str()),
        (FaultKind::Busy, "OUTCOME_UNKNOWN")
    );
    let said = lost.to_string();
    for words in [
        "whether bookings.submit was done is not known",
        "my-own-key",
    ] {
        assert!(said.contains(words), "{said}");
    }
    assert!(line.fired() > 5, "{}", line.fired());
    // Asked again by the same key, where the line is good, it is what it was.
    let here = stage.session("anna").await;
    here.ask_keyed(submit("Lost"), "my-own-key".into())
        .await
        .expect("done");
    assert_eq!(jobs(&stage).await, 1);
}

#[tokio::test]
async fn a_question_is_told_what_is_wrong_with_the_line() {
    let (_stage, line, anna) = anna().await;
    let ask = async || anna.ask(FeedEnd {}).await;
    line.will([Mood::CutsAnswer, Mood::Page]);
    ask().await.expect("asked again");
    assert_eq!(line.fired(), 2);
    for (mood, code, words) in [
        (
            Mood::Page,
            "ENGINE_AWAY",
            "it answers 502 Bad Gateway without JSON",
        ),
        (Mood::HalvesAnswer, "ANSWER_LOST", "broke off"),
        (Mood::CutsQuestion, "ANSWER_LOST", "broke off"),
    ] {
        let before = line.fired();
        // More than are tried before it gives up.
        line.will(std::iter::repeat_n(mood, 60));
        let fault = ask().await.expect_err("no answer");
        assert_eq!(
            (fault.kind, fault.code.as_str()),
            (FaultKind::Busy, code),
            "{mood:?}"
        );
        assert!(fault.message.contains(words), "{fault}");
        assert!(fault.message.contains("localhost:"), "{fault}");
        assert!(
            fault.hint.is_some() && !fault.to_string().contains("<html>"),
            "{fault}"
        );
        assert!(line.fired() > before + 2, "{mood:?}");
        // Once the line is well the next question is, at its first try.
        line.mends();
        let gave_up = line.fired();
        ask().await.expect("it is well again");
        assert_eq!(line.fired(), gave_up, "{mood:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_told_at_once_and_nothing_was_sent() {
    let stage = Stage::open(Way::Http).await;
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = gone.local_addr().expect("an address");
    drop(gone);
    let remote = stage.remote_at("anna", at);
    let fault = remote.meet().await.expect_err("nobody");
    assert_eq!(
        (fault.kind, fault.code.as_str()),
        (FaultKind::Busy, "ENGINE_UNREACHABLE")
    );
    assert!(fault.message.contains("nobody listens there"), "{fault}");
    let told = remote.ask(&submit("Never"), Some("a-key")).await;
    let told = told.expect_err("nobody");
    assert!(told.message.ends_with("nothing was sent"), "{told}");
}

#[tokio::test]
async fn a_cut_stream_goes_on_and_says_so() {
    let (_stage, line, anna) = anna().await;
    let mut watch = anna.watch();
    let mut seen: Vec<i64> = Vec::new();
    for round in 1..=3 {
        // The stream stands, or stands again.
        let mut missed = 0;
        let mut sent = 0;
        let event = loop {
            sent += 1;
            anna.ask(submit(&format!("{round}.{sent}")))
                .await
                .expect("a job");
            match tokio::time::timeout(Duration::from_millis(700), watch.next()).await {
                Ok(Some(Seen::Event(event))) => break event,
                Ok(Some(Seen::Missed)) => missed += 1,
                Ok(None) => panic!("it ends"),
                Err(_) => assert!(sent < 40, "nothing is told"),
            }
        };
        assert_eq!(
            missed,
            usize::from(round > 1),
            "told once, in round {round}"
        );
        seen.push(event.seq);
        let end = anna.ask(FeedEnd {}).await.expect("the end").seq;
        while seen.last().is_some_and(|last| *last < end) {
            let next = tokio::time::timeout(PATIENCE, watch.next()).await;
            match next.expect("in time") {
                Some(Seen::Event(event)) => seen.push(event.seq),
                other => panic!("{other:?}"),
            }
        }
        line.cut();
    }
    assert!(line.streams() >= 3, "{}", line.streams());
    let first = seen[0];
    let whole: Vec<i64> = (first..first + i64::try_from(seen.len()).expect("a few")).collect();
    assert_eq!(
        seen, whole,
        "nothing is lost with the line, and nothing told twice"
    );
}

#[tokio::test]
async fn only_who_is_vouched_for_is_asked() {
    let stage = Stage::open(Way::Tls).await;
    let another = Authority::new();
    let own = stage.place("anna", stage.at);
    for authority in [Some(another.pem()), None] {
        let place = Place {
            authority,
            ..own.clone()
        };
        let remote = Remote::new(&place).expect("ready");
        let fault = remote.meet().await.expect_err("nobody vouches");
        assert_eq!(
            (fault.kind, fault.code.as_str()),
            (FaultKind::Busy, "ENGINE_UNTRUSTED")
        );
        assert!(fault.message.contains("certificate"), "{fault}");
    }
    let fault = Remote::new(&Place {
        authority: Some(b"no certificate".to_vec()),
        ..own.clone()
    });
    assert!(fault.is_err_and(|fault| fault.message.contains("cannot be read")));
    let plain = Place {
        url: own.url.replacen("https", "http", 1),
        ..own
    };
    let fault = Remote::new(&plain).expect("ready").meet().await;
    assert_eq!(fault.expect_err("it speaks TLS").kind, FaultKind::Busy);
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_repeated_nowhere() {
    let stage = Stage::open(Way::Http).await;
    let place = Place {
        token: Some("fdk_canary".to_owned().into()),
        ..stage.place("anna", stage.at)
    };
    let fault = Remote::new(&place).expect("ready").meet().await;
    let fault = fault.expect_err("nobody knows it");
    assert_eq!(fault.kind, FaultKind::Unauthenticated);
    assert!(!format!("{fault:?}").contains("canary"), "{fault:?}");
}

/// Somebody who answers everything alike.
async fn answers(with: fn() -> Response) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("an address");
    let router = Router::new().fallback(move || async move { with() });
    tokio::spawn(async move { axum::serve(listener, router).await });
    at
}

async fn met(with: fn() -> Response) -> Fault {
    let at = answers(with).await;
    let place = Place {
        url: format!("http://{at}"),
        ..Place::default()
    };
    let remote = Remote::new(&place).expect("ready");
    remote
        .meet()
        .await
        .expect_err("no engine that we speak with")
}

#[tokio::test]
async fn another_version_is_told_in_one_line() {
    let older = met(|| {
        let error = json!({"error": {"code": "OPERATION_NOT_FOUND", "message": "none"}});
        (StatusCode::NOT_FOUND, axum::Json(error)).into_response()
    });
    let newer = met(|| {
        axum::Json(json!({
            "name": "anna", "tenant": "acme", "role": "admin", "keeps_house": false,
            "version": "9.9.9", "speaks": 99, "now": "2026-06-15T12:00:00Z",
        }))
        .into_response()
    });
    let odd = met(|| axum::Json(json!({"hello": 1})).into_response());
    for (fault, words) in [
        (older.await, "an older version of flightdeck"),
        (newer.await, "is flightdeck 9.9.9, which speaks otherwise"),
        (odd.await, "another version of flightdeck"),
    ] {
        assert_eq!(fault.code, "SPEAKS_OTHERWISE", "{fault}");
        assert!(fault.message.contains(words), "{fault}");
        assert_eq!(fault.message.lines().count(), 1, "{fault}");
    }
}

#[tokio::test]
async fn an_answer_without_an_end_is_not_read() {
    let fault = met(|| {
        let part = bytes_of(1 << 20);
        let endless = futures_util::stream::repeat_with(move || {
            Ok::<_, std::convert::Infallible>(part.clone())
        });
        let json = [(header::CONTENT_TYPE, "application/json")];
        (json, Body::from_stream(endless)).into_response()
    });
    let fault = fault.await;
    assert_eq!(fault.code, "ANSWER_TOO_LARGE", "{fault}");
}

fn bytes_of(count: usize) -> axum::body::Bytes {
    vec![b' '; count].into()
}

#[tokio::test]
async fn an_answer_is_small_on_the_wire() {
    let stage = Stage::open(Way::Http).await;
    let here = stage.session("anna").await;
    for at in 0..100 {
        here.ask(submit(&format!("Campaign {at}")))
            .await
            .expect("a job");
    }
    stage.desk.pass(TimeDelta::minutes(1)).await;
    let line = Slow::open(stage.at, Duration::from_millis(20), 100_000_000).await;
    let anna = stage.session_at("anna", line.at).await.expect("anna");
    let before = line.carried();
    let rows = anna.ask(ListRows::default()).await.expect("rows");
    let plain = serde_json::to_vec(&rows).expect("JSON").len() as u64;
    let moved = line.carried() - before;
    assert!(moved * 3 < plain, "{moved} bytes for {plain}");
}
