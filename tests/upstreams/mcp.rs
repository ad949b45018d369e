//! The client of MCP servers against servers that misbehave: sessions that are lost, answers in
//! both forms, errors in each of their shapes, and of every call whether it can have been done.

use std::time::Duration;

use flightdeck::peers::{
    mcp::{Client, Settings, fault::Kind},
    upstream::Sent,
};
use serde_json::{Map, Value, json};

use crate::sales_agent::{Age, Mood, SalesAgent, TENANT, TOKEN};

const PATIENCE: Duration = Duration::from_millis(800);

fn client(fake: &SalesAgent) -> Client {
    let url = fake.url().parse().expect("an address");
    Client::new(Settings {
        key: Some(TOKEN.into()),
        tenant: Some(TENANT.into()),
        ..Settings::new(url)
    })
    .expect("a client")
}

fn nothing() -> Map<String, Value> {
    Map::new()
}

async fn list(client: &Client) -> Result<usize, flightdeck::peers::mcp::fault::Fault> {
    let answer = client.call("get_media_buys", nothing(), PATIENCE).await?;
    Ok(answer.body["media_buys"].as_array().map_or(0, Vec::len))
}

#[tokio::test]
async fn servers_with_sessions_and_streams_and_servers_with_neither_are_the_same() {
    for age in [Age::Public, Age::Faithful] {
        let fake = SalesAgent::open(age).await;
        fake.sells("mb_1", "active");
        let client = client(&fake);
        let server = client.server().await.expect("a server");
        assert_eq!(server.name, "AdCPSalesAgent");
        assert_eq!(server.keeps_sessions, age == Age::Public);
        for _ in 0..3 {
            assert_eq!(list(&client).await.expect("a list"), 1);
        }
        let world = fake.world();
        assert_eq!((world.begun, world.listed_tools, world.keyless), (1, 0, 0));
    }
}

#[tokio::test]
async fn a_session_that_the_server_forgot_is_begun_again_and_the_call_is_made_once() {
    let fake = SalesAgent::open(Age::Public).await;
    fake.sells("mb_1", "active");
    let client = client(&fake);
    list(&client).await.expect("a list");
    fake.restart();
    assert_eq!(list(&client).await.expect("a list"), 1);
    let world = fake.world();
    assert_eq!((world.begun, world.unknown), (2, 1));
    assert_eq!(world.hits["get_media_buys"], 2);
}

#[tokio::test]
async fn each_fault_says_whether_the_call_can_have_been_done() {
    let fake = SalesAgent::open(Age::Public).await;
    let client = client(&fake);
    let auth = "Authentication token is invalid for tenant 'sports'.";
    let cases: Vec<(Mood, Kind, &str)> = vec![
        (Mood::DoneThenCut, Kind::Lost, "broke off"),
        (Mood::DoneThenSilent, Kind::Lost, "in time"),
        (Mood::Cut, Kind::Lost, "broke off"),
        (
            Mood::Text(502, "<html>Bad Gateway</html>"),
            Kind::Lost,
            "502 with a web page",
        ),
        (
            Mood::Text(200, "<html>Sign in</html>"),
            Kind::Lost,
            "200 with a web page",
        ),
        (
            Mood::Text(401, "{}"),
            Kind::Refused,
            "does not take our key",
        ),
        (Mood::Busy(7), Kind::Passing, "429"),
        (
            Mood::Rpc(-32602, "Invalid params"),
            Kind::Refused,
            "Invalid params",
        ),
        (
            Mood::Rpc(-32603, "Internal error"),
            Kind::Lost,
            "Internal error",
        ),
        (Mood::Rpc(-32029, "slow down"), Kind::Passing, "slow down"),
        (Mood::Words(auth), Kind::Refused, "Authentication token"),
        (
            Mood::Words("Error calling tool 'x': boom"),
            Kind::Lost,
            "boom",
        ),
        (
            Mood::Json(json!({"code": "BUDGET_TOO_LOW", "message": "too low", "field": "budget"})),
            Kind::Refused,
            "budget: too low",
        ),
        (
            Mood::Json(
                json!({"code": "SERVICE_UNAVAILABLE", "message": "later", "recovery": "transient"}),
            ),
            Kind::Passing,
            "later",
        ),
        (
            Mood::Json(
                json!({"code": "INTERNAL_ERROR", "message": "broke", "recovery": "transient"}),
            ),
            Kind::Lost,
            "broke",
        ),
        (
            Mood::Says(
                json!({"media_buys": [], "errors": [{"code": "AUTH_REQUIRED", "message": "Principal ID not found in context"}]}),
            ),
            Kind::Refused,
            "Principal ID not found",
        ),
    ];
    for (mood, kind, words) in cases {
        let named = format!("{mood:?}");
        fake.mood("get_media_buys", mood);
        let fault = list(&client).await.expect_err(&named);
        assert_eq!(fault.kind, kind, "{named}: {fault}");
        assert!(
            fault.sentence().contains(words),
            "{named}: {}",
            fault.sentence()
        );
        assert_eq!(fake.fired(&named), 1, "{named} came to pass");
    }
    fake.mood("get_media_buys", Mood::Busy(7));
    let fault = list(&client).await.expect_err("busy");
    assert_eq!(fault.retry_after, Some(Duration::from_secs(7)));
    let hits = fake.hits("get_media_buys");
    assert_eq!(hits, 17, "nothing was called twice");
    let unknown = client.call("no_such_tool", nothing(), PATIENCE).await;
    assert!(unknown.expect_err("unknown").is_unknown_tool());
}

#[tokio::test]
async fn a_server_that_is_not_there_was_certainly_not_asked() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("an address");
    drop(listener);
    let url = format!("http://{at}/mcp").parse().expect("an address");
    let client = Client::new(Settings::new(url)).expect("a client");
    let fault = list(&client).await.expect_err("nobody is there");
    assert_eq!(fault.kind, Kind::Passing);
    assert!(matches!(fault.sent::<()>(), Sent::NotDone(_)));
    let url = "http://no-such-host.invalid/mcp"
        .parse()
        .expect("an address");
    let client = Client::new(Settings::new(url)).expect("a client");
    assert_eq!(
        list(&client).await.expect_err("no such host").kind,
        Kind::Passing
    );
}

#[tokio::test]
async fn what_would_take_the_place_of_the_key_is_never_sent() {
    let fake = SalesAgent::open(Age::Faithful).await;
    let mut arguments = nothing();
    arguments.insert("identity".into(), json!({"tenant": "other"}));
    let fault = client(&fake).call("list_tasks", arguments, PATIENCE).await;
    assert_eq!(fault.expect_err("refused").kind, Kind::Refused);
    assert_eq!(fake.hits("list_tasks"), 0);
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let fake = SalesAgent::open(Age::Faithful).await;
    for n in 0..200 {
        fake.sells(&format!("mb_{n}"), "active");
    }
    let url = fake.url().parse().expect("an address");
    let small = Client::new(Settings {
        most: 4_096,
        ..Settings::new(url)
    });
    let fault = list(&small.expect("a client")).await.expect_err("too much");
    assert!(fault.words.contains("more than anybody reads"), "{fault}");
}
