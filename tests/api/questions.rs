//! Questions that are JSON and wrong: every field of a brief and of a decision, fields that
//! nobody knows, cursors, and the parameters of lists.

use serde_json::{Value, json};

use crate::{
    fake_seller::{FakeSeller, catalogue},
    house::{House, Plan, booking, get, key, now, post, post_nothing, post_raw, seed},
};
use flightdeck::{api::auth::Keys, domain::tenant::role::Role};

/// Briefs with one field replaced by JSON as it is written, and what they are refused with.
async fn refused_as(house: &House, field: &str, cases: &[(&str, &str)]) {
    for (value, code) in cases {
        let body = booking(&json!({field: "%%"}))
            .to_string()
            .replace("\"%%\"", value);
        let reply = house.refused(post_raw("/bookings", body), 400, code).await;
        let named = reply.field();
        let whole = format!("brief.{field}");
        assert!(named.starts_with(&whole), "{field} {value}: {named}");
        let said = reply.json()["detail"].as_str().expect("text").to_owned();
        assert!(said.starts_with(&named), "{said} names {named}");
    }
}

#[tokio::test]
async fn a_budget_is_a_positive_amount_of_its_currency() {
    let house = House::open().await;
    let long = "9".repeat(40);
    let fine = format!("0.{}1", "0".repeat(40));
    let cases = [
        ("0", "INVALID_BUDGET"),
        ("-0", "INVALID_BUDGET"),
        ("-0.0", "INVALID_BUDGET"),
        ("0e10", "INVALID_BUDGET"),
        ("-1", "INVALID_BUDGET"),
        ("-25000.00", "INVALID_BUDGET"),
        ("1e-400", "INVALID_BUDGET"),
        ("0.001", "INVALID_BUDGET"),
        ("25000.005", "INVALID_BUDGET"),
        ("10000000000.01", "INVALID_BUDGET"),
        ("9223372036854775807", "INVALID_BUDGET"),
        ("9223372036854775808", "INVALID_BUDGET"),
        ("1e10000", "INVALID_BUDGET"),
        ("1e-70000", "INVALID_BUDGET"),
        ("1e-2147483648", "INVALID_BUDGET"),
        ("0e-2147483648", "INVALID_BUDGET"),
        ("1e999999999999", "INVALID_BUDGET"),
        (&long, "INVALID_BUDGET"),
        (&fine, "INVALID_BUDGET"),
        ("\"25000\"", "INVALID_BUDGET"),
        ("\"\"", "INVALID_BUDGET"),
        ("true", "INVALID_BUDGET"),
        ("[25000]", "INVALID_BUDGET"),
        ("{\"amount\": 25000}", "INVALID_BUDGET"),
        ("null", "INVALID_BUDGET"),
    ];
    refused_as(&house, "budget", &cases).await;
    let sizes = [
        ("100.5", "JPY", "INVALID_BUDGET"),
        ("1.2345", "KWD", "INVALID_BUDGET"),
        ("100", "XXX", "INVALID_CURRENCY"),
        ("100", "usd", "INVALID_CURRENCY"),
        ("100", "US", "INVALID_CURRENCY"),
        ("100", "", "INVALID_CURRENCY"),
        ("100", "USD ", "INVALID_CURRENCY"),
        ("100", "U\\u0000D", "INVALID_CURRENCY"),
    ];
    for (budget, currency, code) in sizes {
        let body = booking(&json!({"budget": "%%", "currency": "%c"})).to_string();
        let body = body.replace("\"%%\"", budget).replace("%c", currency);
        house.refused(post_raw("/bookings", body), 400, code).await;
    }
    for (budget, currency, shown) in [
        ("1.234", "KWD", "1.234"),
        ("100", "JPY", "100"),
        ("0.01", "USD", "0.01"),
        ("10000000000", "USD", "10000000000"),
        ("2.5e4", "USD", "25000"),
        ("25000.000", "USD", "25000.000"),
        ("19.90", "EUR", "19.90"),
        ("0.1", "USD", "0.1"),
    ] {
        let body = booking(&json!({"budget": "%%", "currency": currency})).to_string();
        let reply = house
            .ask(post_raw("/bookings", body.replace("\"%%\"", budget)))
            .await
            .ok();
        let job = format!("/bookings/{}", reply["job_id"].as_str().expect("an id"));
        let text = house.ask(get(&job)).await.text();
        assert!(
            text.contains(&format!("\"budget\":{shown},\"currency\":\"{currency}\"")),
            "{budget}: {text}"
        );
    }
}

#[tokio::test]
async fn days_are_written_one_way_and_make_a_flight() {
    let house = House::open().await;
    let bad = [
        "2026-02-30",
        "2026-13-01",
        "2026-00-10",
        "2026-07-00",
        "0000-01-01",
        "1999-12-31",
        "9999-12-31",
        "2026-7-1",
        " 2026-07-01",
        "2026-07-01 ",
        "2026-07-01T00:00:00Z",
        "20260701",
        "01-07-2026",
        "07/01/2026",
        "2026-W27-3",
        "+2026-07-01",
        "-2026-07-01",
        "2026-07-0١",
        "２０２６-07-01",
        "tomorrow",
        "",
        "2027-02-29",
        "2100-02-29",
        "2026-06-31",
        "2026-07-01\\u0000",
        "2026\\u201007\\u201001",
    ];
    for field in ["start_date", "end_date"] {
        let cases: Vec<_> = bad.iter().map(|day| format!("\"{day}\"")).collect();
        let cases: Vec<_> = cases
            .iter()
            .map(|day| (day.as_str(), "INVALID_DATE"))
            .collect();
        refused_as(&house, field, &cases).await;
        for odd in ["null", "20260701", "[]", "{}"] {
            refused_as(&house, field, &[(odd, "INVALID_TYPE")]).await;
        }
    }
    for (first, last, code) in [
        ("2026-06-01", "2026-06-14", "FLIGHT_ENDED"),
        ("2020-01-01", "2020-12-31", "FLIGHT_ENDED"),
        ("2026-07-02", "2026-07-01", "INVALID_FLIGHT"),
        ("2026-07-01", "2031-07-05", "INVALID_FLIGHT"),
        ("2020-01-01", "2031-07-05", "INVALID_FLIGHT"),
    ] {
        let body = booking(&json!({"start_date": first, "end_date": last}));
        let reply = house.refused(post("/bookings", &body), 400, code).await;
        assert_eq!(reply.field(), "brief.end_date", "{first} to {last}");
    }
    for (first, last) in [
        ("2026-06-15", "2026-06-15"),
        ("2026-06-01", "2026-06-15"),
        ("2028-02-29", "2028-02-29"),
        ("2026-07-01", "2031-07-04"),
        ("9998-12-30", "9998-12-31"),
    ] {
        house
            .send(&json!({"start_date": first, "end_date": last}))
            .await;
    }
}

#[tokio::test]
async fn objectives_and_channels_have_their_limits() {
    let house = House::open().await;
    let many = |n: usize, one: &str| format!("[{}]", vec![one; n].join(","));
    let (objectives, channels) = (many(21, "\"reach\""), many(33, "\"ctv\""));
    let crowd = many(100_000, "0");
    let crowd_of_texts = many(50_000, "\"\"");
    refused_as(
        &house,
        "objectives",
        &[
            ("[]", "INVALID_OBJECTIVE"),
            ("[\"\"]", "INVALID_OBJECTIVE"),
            ("[\"reach\", \" \"]", "INVALID_OBJECTIVE"),
            ("[\"reach\\nreach\"]", "INVALID_OBJECTIVE"),
            (&objectives, "INVALID_OBJECTIVE"),
            (&crowd_of_texts, "INVALID_OBJECTIVE"),
            (&crowd, "INVALID_TYPE"),
            ("[null]", "INVALID_TYPE"),
            ("[[\"reach\"]]", "INVALID_TYPE"),
            ("\"reach\"", "INVALID_TYPE"),
            ("{}", "INVALID_TYPE"),
            ("null", "INVALID_TYPE"),
        ],
    )
    .await;
    refused_as(
        &house,
        "channels",
        &[
            ("[\"billboards\"]", "UNKNOWN_CHANNEL"),
            ("[\"\"]", "UNKNOWN_CHANNEL"),
            ("[\"ctv\\u0000\"]", "UNKNOWN_CHANNEL"),
            ("[\"ctv\\u200b\"]", "UNKNOWN_CHANNEL"),
            (&channels, "TOO_MANY"),
            ("[1]", "INVALID_TYPE"),
            ("\"ctv\"", "INVALID_TYPE"),
        ],
    )
    .await;
}

#[tokio::test]
async fn audience_and_kpis_have_their_limits() {
    let house = House::open().await;
    let many = |n: usize, one: &str| format!("[{}]", vec![one; n].join(","));
    let long = format!("{{\"a\": \"{}\"}}", "x".repeat(1_001));
    let wide = format!(
        "{{{}}}",
        (0..65)
            .map(|k| format!("\"k{k}\": 1"))
            .collect::<Vec<_>>()
            .join(",")
    );
    let entries = format!("{{\"a\": {}}}", many(1_001, "1"));
    refused_as(
        &house,
        "target_audience",
        &[
            (&long, "INVALID_AUDIENCE"),
            (&wide, "INVALID_AUDIENCE"),
            (&entries, "INVALID_AUDIENCE"),
            ("{\"a\": [[[[[[[[1]]]]]]]]}", "INVALID_AUDIENCE"),
            ("{\"a\\u0000\": 1}", "INVALID_AUDIENCE"),
            ("{\"a\": \"b\\u0000\"}", "INVALID_AUDIENCE"),
            ("{\"a\": \"b\\u001b[31m\"}", "INVALID_AUDIENCE"),
            ("[]", "INVALID_TYPE"),
            ("null", "INVALID_TYPE"),
            ("\"everybody\"", "INVALID_TYPE"),
        ],
    )
    .await;
    refused_as(
        &house,
        "kpis",
        &[
            ("{\"target_cpm\": 0}", "INVALID_KPI"),
            ("{\"target_cpm\": -1}", "INVALID_KPI"),
            ("{\"target_cpm\": \"10\"}", "INVALID_KPI"),
            ("{\"target_cpm\": 10.001}", "INVALID_KPI"),
            ("{\"target_cpm\": 1e300}", "INVALID_KPI"),
            ("{\"max_cpm\": 9223372036854775808}", "INVALID_KPI"),
            ("{\"target_cpm\": 20, \"max_cpm\": 10}", "INVALID_KPI"),
            ("{\"ctr\": 101}", "INVALID_KPI"),
            ("{\"vcr\": -0.1}", "INVALID_KPI"),
            ("{\"reach\": 1.5}", "INVALID_KPI"),
            ("{\"reach\": 0}", "INVALID_KPI"),
            ("{\"frequency\": 100000}", "INVALID_KPI"),
            ("[10]", "INVALID_TYPE"),
            ("10", "INVALID_TYPE"),
        ],
    )
    .await;
}

#[tokio::test]
async fn price_talks_have_their_limits() {
    let house = House::open().await;
    refused_as(
        &house,
        "negotiation",
        &[
            ("{\"rounds\": 0}", "INVALID_NEGOTIATION"),
            ("{\"rounds\": 11}", "INVALID_NEGOTIATION"),
            ("{\"opening_percent\": 0}", "INVALID_NEGOTIATION"),
            ("{\"opening_percent\": 101}", "INVALID_NEGOTIATION"),
            (
                "{\"opening_percent\": 90, \"ceiling_percent\": 80}",
                "INVALID_NEGOTIATION",
            ),
            ("{\"ceiling_cpm\": 0}", "INVALID_NEGOTIATION"),
            ("{\"ceiling_cpm\": 1e-400}", "INVALID_NEGOTIATION"),
            ("{\"rounds\": -1}", "INVALID_TYPE"),
            ("{\"rounds\": 1.5}", "INVALID_TYPE"),
            ("{\"enabled\": \"yes\"}", "INVALID_TYPE"),
            ("{\"floor\": 1}", "UNKNOWN_FIELD"),
        ],
    )
    .await;
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let house = House::open().await;
    let body = booking(
        &json!({"name": "", "budget": 0, "start_date": "soon", "objectives": [], "channels": ["x"]}),
    );
    let reply = house
        .refused(post("/bookings", &body), 400, "INVALID_NAME")
        .await;
    let problems = reply.json()["error"]["details"]["problems"].clone();
    let fields: Vec<_> = problems
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| it["field"].clone())
        .collect();
    assert_eq!(
        fields,
        [
            "brief.name",
            "brief.objectives",
            "brief.budget",
            "brief.start_date",
            "brief.channels[0]"
        ]
    );
}

#[tokio::test]
async fn all_fields_that_are_missing_are_named_at_once() {
    let house = House::open().await;
    let bare = json!({"brief": {"name": "x"}});
    let reply = house
        .refused(post("/bookings", &bare), 400, "MISSING_FIELD")
        .await;
    let told = reply.json();
    let problems = told["error"]["details"]["problems"].as_array();
    let fields: Vec<_> = problems
        .expect("problems")
        .iter()
        .map(|one| one["field"].as_str().expect("a field"))
        .collect();
    assert_eq!(
        fields,
        [
            "brief.objectives",
            "brief.budget",
            "brief.start_date",
            "brief.end_date",
            "brief.target_audience"
        ]
    );
}

#[tokio::test]
async fn what_may_stand_there_is_told_with_what_may_not() {
    let house = House::open().await;
    for sent in [json!(5), json!([]), json!(true)] {
        let asked = post("/rpc/media_buys.list", &json!({ "status": sent }));
        let reply = house.ask(asked).await;
        let told = (reply.status, reply.code(), reply.field());
        assert_eq!(
            told,
            (400, "INVALID_TYPE".into(), "status".into()),
            "{sent}"
        );
        assert!(reply.text().contains("expected one of `"), "{reply:?}");
    }
    let large = booking(&json!({"budget": 20_000_000_000_u64, "currency": "IDR"}));
    let reply = house
        .refused(post("/bookings", &large), 400, "INVALID_BUDGET")
        .await;
    assert!(
        reply.text().contains("larger than 10,000,000,000.00 IDR"),
        "{reply:?}"
    );
}

#[tokio::test]
async fn fields_are_there_once_and_known() {
    let house = House::open().await;
    for name in [
        "name",
        "objectives",
        "budget",
        "start_date",
        "end_date",
        "target_audience",
    ] {
        let reply = house
            .refused(
                post("/bookings", &booking(&json!({name: null}))),
                400,
                "MISSING_FIELD",
            )
            .await;
        assert_eq!(reply.field(), format!("brief.{name}"));
    }
    for (from, to, field) in [
        (
            "\"budget\":25000",
            "\"budget\":25000,\"budget\":1",
            "brief.budget",
        ),
        (
            "\"auto_approve\":false",
            "\"auto_approve\":false,\"auto_approve\":true",
            "auto_approve",
        ),
    ] {
        let body = seed().to_string().replace(from, to);
        let reply = house
            .refused(post_raw("/bookings", body), 400, "DUPLICATE_FIELD")
            .await;
        assert_eq!(reply.field(), field);
    }
    for odd in [json!("true"), json!(1), json!(null), json!([])] {
        let mut body = seed();
        body["auto_approve"] = odd;
        let reply = house
            .refused(post("/bookings", &body), 400, "INVALID_TYPE")
            .await;
        assert_eq!(reply.field(), "auto_approve");
    }
    house
        .ask(post("/bookings", &booking(&json!({"kpis": null}))))
        .await
        .ok();
}

/// What somebody might hope to set along.
const MASS: &[&str] = &[
    "status",
    "tenant_id",
    "tenant",
    "is_admin",
    "role",
    "revision",
    "job_id",
    "approved_by",
    "submitted_by",
    "created_at",
    "progress",
    "booked_lines",
    "__proto__",
    "constructor",
    "",
];

#[tokio::test]
async fn nothing_can_be_set_that_is_not_asked_for() {
    let house = House::open().await;
    let id = house.send_and_settle(&json!({})).await;
    for name in MASS {
        let mut body = seed();
        body[*name] = json!("completed");
        let reply = house
            .refused(post("/bookings", &body), 400, "UNKNOWN_FIELD")
            .await;
        if !name.is_empty() {
            assert_eq!(reply.field(), *name);
        }
        let mut body = seed();
        body["brief"][*name] = json!(true);
        let reply = house
            .refused(post("/bookings", &body), 400, "UNKNOWN_FIELD")
            .await;
        assert!(reply.field().starts_with("brief"), "{name}");
        let mut body = json!({"approved_product_ids": []});
        body[*name] = json!(1);
        let approve = post(&format!("/bookings/{id}/approve"), &body);
        house.refused(approve, 400, "UNKNOWN_FIELD").await;
        for what in ["approve-all", "cancel", "retry"] {
            let ask = post(&format!("/bookings/{id}/{what}"), &json!({*name: 1}));
            house.refused(ask, 400, "UNEXPECTED_BODY").await;
        }
        if ["job_id", "tenant_id"].contains(name) {
            continue;
        }
        for (operation, question) in [
            ("bookings.cancel", json!({"job_id": id})),
            ("bookings.retry", json!({"job_id": id})),
            ("bookings.approve", json!({"job_id": id})),
            ("tenant.set_budget", json!({"limit": 5})),
        ] {
            let mut question = question;
            question[*name] = json!(1);
            let ask = post(&format!("/rpc/{operation}"), &question);
            house.refused(ask, 400, "UNKNOWN_FIELD").await;
        }
    }
    let job = house.job(&id).await;
    assert_eq!(
        (job["status"].clone(), job["submitted_by"].clone()),
        (json!("awaiting_approval"), json!("anybody"))
    );
}

#[tokio::test]
async fn next_to_nothing_of_a_question_is_repeated() {
    let house = House::open().await;
    let junk = "J".repeat(5_000);
    let lure = format!("a, expected {junk}");
    let hidden = format!("a`, expected one of `{junk}\u{202e}\u{0}");
    for name in [
        &junk,
        &lure,
        &hidden,
        &format!("x, {junk}\n"),
        &format!("x at line {junk}"),
    ] {
        let mut body = seed();
        body[name.as_str()] = json!(1);
        house
            .refused(post("/bookings", &body), 400, "UNKNOWN_FIELD")
            .await;
        let mut body = seed();
        body["brief"][name.as_str()] = json!(1);
        house
            .refused(post("/bookings", &body), 400, "UNKNOWN_FIELD")
            .await;
        let wrong = booking(&json!({"objectives": name}));
        house
            .refused(post("/bookings", &wrong), 400, "INVALID_TYPE")
            .await;
        let wrong = booking(&json!({"budget": name}));
        house
            .refused(post("/bookings", &wrong), 400, "INVALID_BUDGET")
            .await;
        for field in ["name", "currency", "start_date"] {
            let reply = house
                .ask(post("/bookings", &booking(&json!({field: name}))))
                .await;
            assert_eq!(reply.status, 400);
            reply.is_a_failure(name.as_bytes(), field);
        }
        let channels = booking(&json!({"channels": [name], "kpis": {name.as_str(): "x"}}));
        house
            .refused(
                post("/bookings", &channels),
                400,
                "INVALID_AUDIENCE".replace("AUDIENCE", "KPI").as_str(),
            )
            .await;
        let rpc = post("/rpc/bookings.cancel", &json!({"job_id": name}));
        house.refused(rpc, 400, "INVALID_VALUE").await;
    }
}

#[tokio::test]
async fn a_decision_names_recommended_products_all_or_nothing() {
    let house = House::open().await;
    let id = house.send_and_settle(&json!({})).await;
    let other = house
        .send_and_settle(&json!({"channels": ["mobile_app"]}))
        .await;
    let path = format!("/bookings/{id}/approve");
    let known = house.job(&other).await["recommendations"][0]["product_id"].clone();
    let only_there = house.send_and_settle(&json!({"channels": ["ctv"]})).await;
    let foreign = format!("/bookings/{only_there}/approve");
    let many: Vec<String> = (0..10_000).map(|n| format!("p{n}")).collect();
    let just_too_many = vec!["prod_001"; 1_001];
    for (path, ids, code) in [
        (&path, json!(["prod_001", "nobody"]), "UNKNOWN_PRODUCT"),
        (&path, json!(["PROD_001"]), "UNKNOWN_PRODUCT"),
        (&path, json!([" prod_001"]), "UNKNOWN_PRODUCT"),
        (&path, json!([""]), "UNKNOWN_PRODUCT"),
        (&path, json!(["prod_001\u{0}"]), "UNKNOWN_PRODUCT"),
        (&path, json!(["%", "_", "' OR 1=1"]), "UNKNOWN_PRODUCT"),
        (&path, json!(["x".repeat(10_000)]), "UNKNOWN_PRODUCT"),
        (&foreign, json!([known, "prod_001"]), "UNKNOWN_PRODUCT"),
        (&path, json!(many), "TOO_MANY"),
        (&path, json!(just_too_many), "TOO_MANY"),
        (&path, json!(null), "INVALID_TYPE"),
        (&path, json!("prod_001"), "INVALID_TYPE"),
        (&path, json!([1]), "INVALID_TYPE"),
        (&path, json!([null]), "INVALID_TYPE"),
        (&path, json!([["prod_001"]]), "INVALID_TYPE"),
        (&path, json!({"prod_001": true}), "INVALID_TYPE"),
    ] {
        let ask = post(path, &json!({"approved_product_ids": ids}));
        let reply = house.refused(ask, 400, code).await;
        assert!(reply.field().starts_with("approved_product_ids"), "{ids}");
    }
    let reply = house
        .refused(post(&path, &json!({})), 400, "MISSING_FIELD")
        .await;
    assert_eq!(reply.field(), "approved_product_ids");
    let job = house.job(&id).await;
    assert_eq!(
        (job["status"].clone(), job["revision"].clone()),
        (
            json!("awaiting_approval"),
            house.job(&id).await["revision"].clone()
        )
    );
    assert!(job["approval"].is_null() && house.committed().await == 0);

    let twice = json!({"approved_product_ids": vec!["prod_001"; 1_000]});
    let answer = house.ask(post(&path, &twice)).await.is(202);
    assert_eq!(
        answer["approved_count"], 1,
        "named a thousand times, approved once"
    );
    house.settle().await;
    assert_eq!(
        house.job(&id).await["booked_lines"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn parameters_of_lists_are_read_strictly() {
    let house = House::open().await;
    let id = house.send(&json!({})).await;
    let events = format!("/bookings/{id}/events");
    for (path, query, code, field) in [
        ("/bookings", "limit=-1", "INVALID_PARAMETER", "limit"),
        ("/bookings", "limit=abc", "INVALID_PARAMETER", "limit"),
        ("/bookings", "limit=", "INVALID_PARAMETER", "limit"),
        ("/bookings", "limit=1e9", "INVALID_PARAMETER", "limit"),
        ("/bookings", "limit=1.0", "INVALID_PARAMETER", "limit"),
        ("/bookings", "limit=%201", "INVALID_PARAMETER", "limit"),
        ("/bookings", "limit=0x10", "INVALID_PARAMETER", "limit"),
        ("/bookings", "limit=1001", "INVALID_PARAMETER", "limit"),
        ("/bookings", "limit=4294967296", "INVALID_TYPE", "limit"),
        (
            "/bookings",
            "limit=9223372036854775808",
            "INVALID_PARAMETER",
            "limit",
        ),
        ("/bookings", "limit=1&limit=1", "INVALID_PARAMETER", "limit"),
        (
            "/bookings",
            "limit=1&%6cimit=2",
            "INVALID_PARAMETER",
            "limit",
        ),
        ("/bookings", "limit[]=1", "UNKNOWN_FIELD", "limit[]"),
        ("/bookings", "Limit=1", "UNKNOWN_FIELD", "Limit"),
        ("/bookings", "offset=1", "UNKNOWN_FIELD", "offset"),
        ("/bookings", "tenant_id=other", "UNKNOWN_FIELD", "tenant_id"),
        (
            "/bookings",
            "status=Completed",
            "INVALID_PARAMETER",
            "status",
        ),
        ("/bookings", "status=booked", "INVALID_PARAMETER", "status"),
        (
            "/bookings",
            "status=failed%00",
            "INVALID_PARAMETER",
            "status",
        ),
        (
            "/bookings",
            "status=failed&status=failed",
            "INVALID_PARAMETER",
            "status",
        ),
        ("/bookings", "sort=id;drop", "INVALID_VALUE", "sort"),
        ("/bookings", "sort=created_at", "INVALID_VALUE", "sort"),
        ("/bookings", "order=up", "INVALID_VALUE", "order"),
        ("/bookings", "search=%00", "INVALID_PARAMETER", "search"),
        (&events, "after=-1", "INVALID_PARAMETER", "after"),
        (&events, "after=x", "INVALID_PARAMETER", "after"),
        (&events, "limit=1001", "INVALID_PARAMETER", "limit"),
        (
            &events,
            "after=99999999999999999999",
            "INVALID_PARAMETER",
            "after",
        ),
        (&events, "job_id=x", "UNKNOWN_FIELD", "job_id"),
    ] {
        let reply = house.ask(get(&format!("{path}?{query}"))).await;
        assert_eq!(
            (reply.status, reply.code(), reply.field()),
            (400, code.into(), field.into()),
            "{query}: {reply:?}"
        );
        reply.is_a_failure(query.as_bytes(), query);
    }
    let long = get(&format!("/bookings?search={}", "x".repeat(201)));
    assert_eq!(house.ask(long).await.field(), "search");
    for fine in [
        "",
        "status=",
        "limit=0",
        "limit=1000",
        "search=",
        "limit=007",
        "status=pending&limit=3&sort=name&order=asc",
    ] {
        house.ask(get(&format!("/bookings?{fine}"))).await.ok();
    }
    let after = house
        .ask(get(&format!("{events}?after=9223372036854775807")))
        .await
        .ok();
    assert_eq!(after["events"], json!([]));
}

#[tokio::test]
async fn a_cursor_is_good_for_its_list_alone() {
    let mut keys = Keys::default();
    let ours = key(&mut keys, "main", "ours", Role::Admin, &[]);
    let theirs = key(&mut keys, "other", "theirs", Role::Admin, &[]);
    let seller = FakeSeller::new("fake", &catalogue(), now());
    let house = House::build(Plan {
        keys,
        sellers: vec![seller],
        ..Plan::default()
    })
    .await;
    for key in [&ours, &ours, &ours, &theirs, &theirs, &theirs] {
        house.ask(post("/bookings", &seed()).key(key)).await.ok();
    }
    let page = house.ask(get("/bookings?limit=1").key(&ours)).await.ok();
    let cursor = page["next_cursor"]
        .as_str()
        .expect("there is more")
        .to_owned();
    let (place, tag) = cursor.split_once('.').expect("a place and a tag");
    house
        .ask(get(&format!("/bookings?limit=2&cursor={cursor}")).key(&ours))
        .await
        .ok();
    let flipped = |text: &str| -> String {
        let last = if text.ends_with('0') { '1' } else { '0' };
        format!("{}{last}", &text[..text.len() - 1])
    };
    let forged = [
        String::new(),
        "x".into(),
        ".".into(),
        place.into(),
        format!("{place}."),
        format!(".{tag}"),
        format!("{place}.{}", &tag[..30]),
        format!("{place}.{}", flipped(tag)),
        format!("{}.{tag}", flipped(place)),
        format!("{cursor}.{tag}"),
        format!("{cursor}00"),
        format!("{tag}.{place}"),
        format!("5b5d.{tag}"),
        format!("%00{cursor}"),
        "0".repeat(7_000),
        "%F0%9F%98%80.%F0%9F%98%80".into(),
    ];
    let asks = forged
        .iter()
        .map(|one| get(&format!("/bookings?cursor={one}")).key(&ours));
    let elsewhere = [
        get(&format!("/bookings?cursor={cursor}")).key(&theirs),
        get(&format!("/bookings?status=pending&cursor={cursor}")).key(&ours),
        get(&format!("/bookings?search=x&cursor={cursor}")).key(&ours),
        get(&format!("/bookings?sort=name&cursor={cursor}")).key(&ours),
        get(&format!("/bookings?order=asc&cursor={cursor}")).key(&ours),
    ];
    let mut bodies = Vec::new();
    for ask in asks.chain(elsewhere) {
        let reply = house.ask(ask).await;
        assert_eq!(
            (reply.status, reply.code(), reply.field()),
            (400, "INVALID_CURSOR".into(), "cursor".into())
        );
        bodies.push(reply.json());
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "what was wrong is not told");
}

#[tokio::test]
async fn rpc_reads_as_strictly() {
    let house = House::open().await;
    let id = house.send(&json!({})).await;
    for (operation, question, code) in [
        ("bookings.submit", json!([]), "INVALID_TYPE"),
        ("bookings.approve", json!({"job_id": 7}), "INVALID_TYPE"),
        (
            "bookings.approve",
            json!({"job_id": id, "expected_revision": "1"}),
            "INVALID_TYPE",
        ),
        (
            "bookings.approve",
            json!({"job_id": id, "approved_product_ids": "all"}),
            "INVALID_TYPE",
        ),
        (
            "bookings.cancel",
            json!({"job_id": format!("{{{id}}}")}),
            "INVALID_VALUE",
        ),
        ("bookings.cancel", json!({}), "MISSING_FIELD"),
        ("tenant.set_budget", json!({"limit": -1}), "INVALID_BUDGET"),
        (
            "tenant.set_budget",
            json!({"limit": 0.001}),
            "INVALID_BUDGET",
        ),
        (
            "tenant.set_budget",
            json!({"limit": 1e300}),
            "INVALID_VALUE",
        ),
        ("tenant.set_budget", json!({"limit": "5"}), "INVALID_VALUE"),
        (
            "tenant.set_budget",
            json!({"limit": 5, "currency": "usd"}),
            "INVALID_CURRENCY",
        ),
        (
            "tenant.set_budget",
            json!({"limit": 5, "currency": "U\u{0}D"}),
            "INVALID_CURRENCY",
        ),
    ] {
        house
            .refused(post(&format!("/rpc/{operation}"), &question), 400, code)
            .await;
    }
    house
        .refused(
            post_nothing("/rpc/bookings.cancel"),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        )
        .await;
    for (operation, question) in [
        ("bookings.get", json!({"job_id": "\u{0}"})),
        ("bookings.list", json!({"search": "\u{0}"})),
        ("bookings.list", json!({"limit": -1})),
        ("bookings.list", json!({"limit": 5_000})),
        ("bookings.list", json!({"cursor": "\u{0}"})),
        ("activity.feed", json!({"limit": 1_001})),
        ("activity.feed", json!({"after": 1.5})),
        ("audit.read", json!({"limit": 4_294_967_296_u64})),
        ("activity.tasks", json!({"limit": 1_001})),
        ("tenant.get_budget", json!({"currency": "\u{0}"})),
    ] {
        let reply = house
            .ask(post(&format!("/rpc/{operation}"), &question))
            .await;
        assert_eq!(reply.status, 400, "{operation} {question}: {reply:?}");
        reply.is_a_failure(b"", operation);
    }
    for after in [Value::from(i64::MIN), Value::from(i64::MAX)] {
        house
            .ask(post("/rpc/activity.feed", &json!({"after": after})))
            .await
            .ok();
        house
            .ask(post("/rpc/audit.read", &json!({"after": after})))
            .await
            .ok();
    }
}

#[tokio::test]
async fn no_price_is_above_the_most_and_below_the_least() {
    let house = House::open().await;
    let search = |min: f64, max: f64| {
        let body = json!({"min_price": min, "max_price": max});
        house.ask(post("/products/search", &body))
    };
    search(10.0, 10.0).await.ok();
    let reply = search(10.01, 10.0).await;
    assert_eq!(
        (reply.status, reply.code(), reply.field()),
        (400, "INVALID_PARAMETER".into(), "min_price".into())
    );
}
