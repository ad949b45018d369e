//! Texts that people type, and texts that attackers do: what is no readable line is refused, and
//! everything else is taken literally, in lists, searches and answers.

use serde_json::{Value, json};

use crate::{
    house::{House, booking, get, post},
    postgres::or_skip,
};

#[tokio::test]
async fn a_name_is_one_readable_line() {
    let house = House::open().await;
    let long = "x".repeat(101);
    let accents = "e\u{301}".repeat(101);
    let zalgo = format!("a{}", "\u{301}".repeat(500));
    let small_zalgo = format!("Nike a{}", "\u{301}".repeat(9));
    let bytes = "👨‍👩‍👧‍👦".repeat(20);
    let bad = [
        "",
        " ",
        "   ",
        "\u{3000}",
        "\u{3164}",
        "\u{200b}",
        "\u{200b}\u{200c}\u{200d}",
        "\u{2800}",
        "\u{301}\u{302}",
        "\u{feff}",
        "\u{ad}",
        "Nike\u{0}",
        "\u{0}",
        "Nike\nApproved by CFO",
        "Nike\r",
        "Nike\tApproved",
        "Nike\u{b}",
        "Nike\u{1b}[31m",
        "Nike\u{7f}",
        "Nike\u{85}",
        "Nike\u{9b}31m",
        "Nike\u{2028}",
        "Nike\u{2029}",
        "Nike\u{202e}evil",
        "Nike\u{2066}x",
        "Ni\u{200d}ke",
        "Nike\u{e0041}",
        "\u{180e}Nike",
        &long,
        &accents,
        &zalgo,
        &small_zalgo,
        &bytes,
    ];
    for name in bad {
        let body = booking(&json!({"name": name}));
        let reply = house
            .refused(post("/bookings", &body), 400, "INVALID_NAME")
            .await;
        assert_eq!(reply.field(), "brief.name", "{name:?}");
    }
    for odd in [json!(7), json!([]), json!({}), json!(true)] {
        let reply = house
            .refused(
                post("/bookings", &booking(&json!({"name": odd}))),
                400,
                "INVALID_TYPE",
            )
            .await;
        assert_eq!(reply.field(), "brief.name");
    }
}

fn good_names() -> Vec<String> {
    vec![
        "x".into(),
        "x".repeat(100),
        "é".repeat(100),
        "e\u{301}".repeat(100),
        "🎯".repeat(100),
        format!("a{}", "\u{301}".repeat(8)),
        " spaced ".into(),
        "夏のキャンペーン".into(),
        "حملة الصيف".into(),
        "👨‍👩‍👧‍👦 family ❤️‍🔥".into(),
        "Robert'); DROP TABLE object;--".into(),
        "100 %_\\\"'`$".into(),
        "{{7*7}} ${jndi:ldap://x} %s%n".into(),
        "<script>alert(1)</script>".into(),
        "../../etc/passwd".into(),
        "NULL".into(),
    ]
}

#[tokio::test]
async fn every_readable_name_comes_back_as_it_was_sent() {
    let house = House::open().await;
    for name in good_names() {
        let id = house.send(&json!({"name": name})).await;
        let job = house.job(&id).await;
        assert_eq!(
            (&job["campaign_name"], &job["brief"]["name"]),
            (&json!(name), &json!(name))
        );
        let list = house.ask(get("/bookings?limit=1")).await.ok();
        assert_eq!(list["jobs"][0]["campaign_name"], *name);
        house.clock.advance(chrono::Duration::seconds(1));
    }
}

async fn search_is_literal(house: House) {
    for name in [
        "100 % cotton",
        "100 percent",
        "snake_case",
        "snakeXcase",
        "back\\slash",
        "it's \"quoted\"",
        "Größe",
        "semi;colon -- /* x */",
    ] {
        house.send(&json!({"name": name})).await;
    }
    let encode = |text: &str| -> String {
        let bytes: Vec<String> = text.bytes().map(|c| format!("%{c:02X}")).collect();
        bytes.concat()
    };
    for (search, found) in [
        ("%", 1),
        ("_", 1),
        ("\\", 1),
        ("'", 1),
        ("\"", 1),
        ("100 %", 1),
        ("100 p", 1),
        ("e_c", 1),
        ("%%", 0),
        ("__", 0),
        ("' OR '1'='1", 0),
        ("SNAKE", 2),
        ("größe", 1),
        (";", 1),
        ("--", 1),
        ("/*", 1),
        ("anybody", 8),
        ("*", 1),
        ("?", 0),
        ("\"quoted\" OR", 0),
        ("NEAR(", 0),
        ("  snake_case  ", 1),
        ("\u{202e}", 0),
        ("\u{1f600}", 0),
    ] {
        let page = house
            .ask(get(&format!("/bookings?search={}", encode(search))))
            .await
            .ok();
        assert_eq!(page["total"], found, "{search}: {page}");
        assert_eq!(
            page["jobs"].as_array().map(Vec::len),
            Some(found),
            "{search}"
        );
    }
    let lossy = house.ask(get("/bookings?search=%ff%fe")).await;
    assert!([200, 400].contains(&lossy.status), "{lossy:?}");
}

#[tokio::test]
async fn a_search_is_taken_literally() {
    search_is_literal(House::open().await).await;
}

#[tokio::test]
async fn a_search_is_taken_literally_on_postgres() {
    if let Some(url) = or_skip("a_search_is_taken_literally_on_postgres") {
        search_is_literal(House::on(url).await).await;
    }
}

/// What only PostgreSQL cannot keep must be refused in front of every database, and be written
/// down on every one.
#[tokio::test]
async fn refusals_can_be_written_down_on_postgres() {
    let Some(url) = or_skip("refusals_can_be_written_down_on_postgres") else {
        return;
    };
    let house = House::on(url).await;
    for (changes, code) in [
        (json!({"name": "Nike\u{0}"}), "INVALID_NAME"),
        (json!({"objectives": ["\u{0}"]}), "INVALID_OBJECTIVE"),
        (json!({"currency": "\u{0}"}), "INVALID_CURRENCY"),
        (json!({"start_date": "\u{0}"}), "INVALID_DATE"),
        (json!({"channels": ["\u{0}"]}), "UNKNOWN_CHANNEL"),
        (json!({"target_audience": {"\u{0}": 1}}), "INVALID_AUDIENCE"),
        (json!({"kpis": {"a": "\u{0}"}}), "INVALID_KPI"),
        (json!({"\u{0}": 1}), "UNKNOWN_FIELD"),
        (json!({"a, \u{0}": 1}), "UNKNOWN_FIELD"),
        (json!({"objectives": "a, expected \u{0}"}), "INVALID_TYPE"),
        (json!({"budget": "\u{0}"}), "INVALID_BUDGET"),
        (json!({"negotiation": {"x, \u{0}": 1}}), "UNKNOWN_FIELD"),
    ] {
        house
            .refused(post("/bookings", &booking(&changes)), 400, code)
            .await;
    }
    let id = house
        .send_and_settle(&json!({"name": "🎯 夏のキャンペーン"}))
        .await;
    let unknown = json!({"approved_product_ids": ["\u{0}"]});
    let approve = post(&format!("/bookings/{id}/approve"), &unknown);
    house.refused(approve, 400, "UNKNOWN_PRODUCT").await;
    let path = "/bookings/%00/cancel";
    house
        .refused(
            post(path, &Value::Object(serde_json::Map::new())),
            404,
            "JOB_NOT_FOUND",
        )
        .await;
}
