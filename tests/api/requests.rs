//! Requests that are wrong before anybody reads their fields: hosts, pages, methods, paths,
//! content types, sizes, and bodies that are no JSON.

use serde_json::{Value, json};

use crate::house::{House, ask, booking, get, post, post_nothing, post_raw, seed};

#[tokio::test]
async fn only_our_own_name_is_answered() {
    let house = House::open().await;
    let evil = get("/health").header("host", "evil.example");
    let none = get("/health").without("host");
    let two = get("/health").also("host", "localhost");
    for (ask, status, code) in [
        (evil, 421, "UNKNOWN_HOST"),
        (none, 400, "BAD_HOST"),
        (two, 400, "BAD_HOST"),
        (get("/health").header("host", ""), 421, "UNKNOWN_HOST"),
        (
            get("/health").header("host", "localhost.evil"),
            421,
            "UNKNOWN_HOST",
        ),
        (get("/health").header("host", b"\xff"), 400, "BAD_HOST"),
    ] {
        let reply = house.ask(ask).await;
        assert_eq!((reply.status, reply.code()), (status, code.to_owned()));
        reply.is_a_failure(b"", code);
    }
}

#[tokio::test]
async fn pages_of_elsewhere_may_not_ask() {
    let house = House::open().await;
    let jobs = house.jobs("main").await;
    for origin in [
        "null",
        "http://evil.example",
        "http://localhost.evil",
        "https://localhost:9",
        "",
    ] {
        let reply = house
            .ask(post("/bookings", &seed()).header("origin", origin))
            .await;
        assert_eq!(
            (reply.status, reply.code()),
            (403, "UNKNOWN_ORIGIN".into()),
            "{origin}"
        );
    }
    assert_eq!(house.jobs("main").await, jobs);
    house
        .ask(get("/bookings").header("origin", "http://localhost"))
        .await
        .ok();
}

#[tokio::test]
async fn only_described_methods_are_served() {
    let house = House::open().await;
    let id = house.send(&json!({})).await;
    let (job, approve) = (format!("/bookings/{id}"), format!("/bookings/{id}/approve"));
    for method in [
        "TRACE", "PROPFIND", "PUT", "DELETE", "PATCH", "CONNECT", "OPTIONS", "get",
    ] {
        for path in ["/bookings", &job, &approve, "/health"] {
            let reply = house.ask(ask(method, path)).await;
            assert_eq!(
                (reply.status, reply.code()),
                (405, "METHOD_NOT_ALLOWED".into()),
                "{method} {path}"
            );
            assert!(
                reply
                    .header("allow")
                    .contains(if path == approve { "POST" } else { "GET" }),
                "{method} {path}"
            );
        }
    }
    for header in [
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
    ] {
        let reply = house.ask(get(&job).header(header, "DELETE")).await.ok();
        assert_eq!(reply["status"], "pending", "{header}");
        house
            .ask(ask("DELETE", &job).header(header, "GET"))
            .await
            .is(405);
    }
    let head = house.ask(ask("HEAD", &job)).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[tokio::test]
async fn unknown_paths_are_not_found() {
    let house = House::open().await;
    for path in [
        "/",
        "/booking",
        "/bookings/",
        "//bookings",
        "/Bookings",
        "/bookings/a/b/c",
        "/api",
        "/.env",
        "/rpc/",
    ] {
        let reply = house.ask(get(path)).await;
        assert_eq!(
            (reply.status, reply.code()),
            (404, "NOT_FOUND".into()),
            "{path}"
        );
        reply.is_a_failure(path.as_bytes(), path);
    }
    let reply = house.ask(post("/rpc/bookings.explode", &json!({}))).await;
    assert_eq!(
        (reply.status, reply.code()),
        (404, "OPERATION_NOT_FOUND".into())
    );
}

#[tokio::test]
async fn job_ids_in_strange_forms_are_no_jobs() {
    let house = House::open().await;
    let id = house.send(&json!({})).await;
    let upper = house.job(&id.to_uppercase()).await;
    assert_eq!(upper["job_id"], id, "either case is read, one is written");
    let long = "a".repeat(10_000);
    let strange = [
        format!("%7B{id}%7D"),
        id.replace('-', ""),
        format!("urn:uuid:{id}"),
        "00000000-0000-0000-0000-000000000000".into(),
        "ffffffff-ffff-ffff-ffff-ffffffffffff".into(),
        "c232ab00-9414-11ec-b3c8-9f6bdeced846".into(),
        id[..35].into(),
        format!("{id}0"),
        format!("{id}%00"),
        format!("%00{id}"),
        format!("%20{id}"),
        "%00".into(),
        "%ff%fe".into(),
        "..%2f..%2fetc%2fpasswd".into(),
        "..%5c..%5c".into(),
        "%27%20OR%201=1--".into(),
        "%F0%9F%98%80".into(),
        "%E2%80%AE".into(),
        "null".into(),
        "-1".into(),
        long,
    ];
    for one in &strange {
        let reply = house.ask(get(&format!("/bookings/{one}"))).await;
        assert_eq!(
            (reply.status, reply.code()),
            (404, "JOB_NOT_FOUND".into()),
            "{one}"
        );
        reply.is_a_failure(one.as_bytes(), one);
        let reply = house.ask(get(&format!("/bookings/{one}/events"))).await;
        assert_eq!(reply.status, 404, "{one}");
        for what in ["approve-all", "cancel", "retry"] {
            let ask = post_nothing(&format!("/bookings/{one}/{what}"));
            house.refused(ask, 404, "JOB_NOT_FOUND").await;
        }
        let none = post(
            &format!("/bookings/{one}/approve"),
            &json!({"approved_product_ids": []}),
        );
        house.refused(none, 404, "JOB_NOT_FOUND").await;
    }
    assert_eq!(house.job(&id).await["revision"], 1);
}

#[tokio::test]
async fn only_json_is_read() {
    let house = House::open().await;
    let text = seed().to_string();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/json",
        "application/jsonp",
        "application/xml",
        "",
        "json",
        "application/+jsonx",
    ] {
        let ask = post_raw("/bookings", text.clone()).header("content-type", kind);
        house.refused(ask, 415, "UNSUPPORTED_MEDIA_TYPE").await;
    }
    house
        .refused(
            post_raw("/bookings", text.clone()).without("content-type"),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        )
        .await;
    house
        .refused(
            post_raw("/bookings", text.clone()).header("content-type", b"\xff"),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        )
        .await;
    for kind in [
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/vnd.api+json",
    ] {
        house
            .ask(post_raw("/bookings", text.clone()).header("content-type", kind))
            .await
            .ok();
    }
}

#[tokio::test]
async fn what_is_too_large_is_not_read() {
    let house = House::open().await;
    let mut padded = seed().to_string();
    padded.push_str(&" ".repeat((256 << 10) - padded.len()));
    house.ask(post_raw("/bookings", padded.clone())).await.ok();
    padded.push(' ');
    house
        .refused(post_raw("/bookings", padded), 413, "TOO_LARGE")
        .await;
    house
        .refused(post_raw("/bookings", vec![b'['; 2 << 20]), 413, "TOO_LARGE")
        .await;
    let many = format!("[{}{{}}]", "{},".repeat(200_000));
    let many = seed().to_string().replace("[\"brand_awareness\"]", &many);
    house
        .refused(post_raw("/bookings", many), 413, "TOO_LARGE")
        .await;
    let reply = house
        .ask(get(&format!("/bookings?search={}", "x".repeat(9 << 10))))
        .await;
    assert_eq!((reply.status, reply.code()), (413, "URL_TOO_LONG".into()));
}

#[tokio::test]
async fn what_is_no_json_is_malformed() {
    let house = House::open().await;
    let text = seed().to_string();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut not_utf8 = text.clone().into_bytes();
    let at = text.find("Awareness").expect("a name");
    not_utf8[at] = 0xff;
    let mut overlong = text.clone().into_bytes();
    overlong.splice(at..=at, [0xc0, 0x80]);
    let swapped = |from: &str, to: &str| text.replace(from, to).into_bytes();
    let bodies: Vec<Vec<u8>> = vec![
        Vec::new(),
        b" ".to_vec(),
        b"{".to_vec(),
        text[..text.len() - 1].into(),
        format!("{text}{{}}").into(),
        format!("{text}]").into(),
        format!("{text}\0").into(),
        format!("\u{feff}{text}").into(),
        utf16,
        not_utf8,
        overlong,
        swapped("25000", "NaN"),
        swapped("25000", "Infinity"),
        swapped("25000", "-Infinity"),
        swapped("25000", "00012"),
        swapped("25000", ".5"),
        swapped("25000", "5."),
        swapped("25000", "+5"),
        swapped("25000", "0x10"),
        swapped("25000", "1_000"),
        swapped("25000", "1e"),
        swapped("25000", "-"),
        swapped("false", "False"),
        swapped("false", "/* no */ false"),
        swapped("\"brief\"", "'brief'"),
        swapped("\"brief\"", "brief"),
        swapped("Awareness", "Aware\nness"),
        swapped("Awareness", "\\ud800"),
        swapped("Awareness", "\\x41"),
        format!("{},}}", &text[..text.len() - 1]).into(),
        b"<brief/>".to_vec(),
    ];
    for body in bodies {
        house
            .refused(post_raw("/bookings", body), 400, "MALFORMED_JSON")
            .await;
    }
    for (depth, code) in [
        (64, "INVALID_AUDIENCE"),
        (65, "TOO_DEEP"),
        (128, "TOO_DEEP"),
        (100_000, "TOO_DEEP"),
    ] {
        // Two levels are the request's own.
        let nested = format!(
            "{{\"a\":{}{}}}",
            "[".repeat(depth - 3),
            "]".repeat(depth - 3)
        );
        let body = booking(&json!({"target_audience": "%"}))
            .to_string()
            .replace("\"%\"", &nested);
        house.refused(post_raw("/bookings", body), 400, code).await;
    }
    for open in ["[", "{\"a\":"] {
        house
            .refused(post_raw("/bookings", open.repeat(40_000)), 400, "TOO_DEEP")
            .await;
    }
}

#[tokio::test]
async fn what_is_json_but_no_question_names_the_body() {
    let house = House::open().await;
    let as_list = json!([seed()["brief"], false]);
    for body in [
        json!(null),
        json!(7),
        json!("brief"),
        json!(true),
        json!([]),
        as_list,
    ] {
        let reply = house
            .refused(post("/bookings", &body), 400, "INVALID_TYPE")
            .await;
        assert_eq!(reply.field(), "body");
        assert!(!reply.text().contains("struct"), "{reply:?}");
    }
    let brief = json!({"brief": ["A", ["reach"], 100, null, "2026-07-01", "2026-07-02", {}, null, null, null]});
    let reply = house
        .refused(post("/bookings", &brief), 400, "INVALID_TYPE")
        .await;
    assert_eq!(reply.field(), "brief");
    let talks = booking(&json!({"negotiation": [true]}));
    let reply = house
        .refused(post("/bookings", &talks), 400, "INVALID_TYPE")
        .await;
    assert_eq!(reply.field(), "brief.negotiation");
    let reply = house
        .refused(post("/bookings", &json!({})), 400, "MISSING_FIELD")
        .await;
    assert_eq!(reply.field(), "brief");
}

#[tokio::test]
async fn where_nothing_is_wanted_nothing_may_be_sent() {
    let house = House::open().await;
    let id = house.send_and_settle(&json!({})).await;
    for what in ["approve-all", "cancel", "retry"] {
        let path = format!("/bookings/{id}/{what}");
        for body in [
            json!({"approved_product_ids": []}),
            json!({"status": "completed"}),
            json!([]),
            json!(0),
            Value::Null,
        ] {
            let reply = house
                .refused(post(&path, &body), 400, "UNEXPECTED_BODY")
                .await;
            assert_eq!(reply.field(), "body");
        }
        house
            .refused(post_raw(&path, "{}{}"), 400, "UNEXPECTED_BODY")
            .await;
    }
    assert_eq!(house.job(&id).await["status"], "awaiting_approval");
    house
        .ask(post_raw(&format!("/bookings/{id}/approve-all"), " {} "))
        .await
        .is(202);
}
