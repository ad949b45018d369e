//! The description of what is served: whole, true, and readable without fetching anything.

use serde_json::{Map, Value};

use crate::house::{House, get};

fn walk(value: &Value, visit: &mut impl FnMut(&Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            visit(map);
            map.values().for_each(|one| walk(one, visit));
        }
        Value::Array(all) => all.iter().for_each(|one| walk(one, visit)),
        _ => {}
    }
}

/// Every route as method, path and description.
pub fn routes(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let of_path = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().expect("methods").clone();
        let path = path.clone();
        methods
            .into_iter()
            .map(move |(method, about)| (method, path.clone(), about))
    };
    paths.iter().flat_map(of_path).collect()
}

#[tokio::test]
async fn the_document_is_whole() {
    let house = House::open().await;
    let document = house.ask(get("/openapi.json")).await.ok();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let mut refs = 0;
    walk(&document, &mut |map| {
        if let Some(Value::String(to)) = map.get("$ref") {
            let pointer = to.strip_prefix('#').expect("nothing elsewhere");
            assert!(document.pointer(pointer).is_some(), "{to} leads nowhere");
            refs += 1;
        }
        for dead in ["$defs", "definitions", "nullable"] {
            assert!(!map.contains_key(dead), "{dead} in {map:?}");
        }
    });
    assert!(refs > 10, "only {refs} references");
    for name in [
        "BookingRequest",
        "CampaignBrief",
        "BookingResponse",
        "BookingStatus",
        "ApprovalRequest",
        "ChannelAllocation",
        "ProductRecommendation",
        "BookedLine",
    ] {
        let schema = &document["components"]["schemas"][name];
        assert!(schema["properties"].is_object(), "{name}: {schema}");
    }
    let mut names = Vec::new();
    for (method, path, about) in routes(&document) {
        let at = format!("{method} {path}");
        assert!(
            ["get", "post", "patch", "put", "delete"].contains(&method.as_str()),
            "{at}"
        );
        assert!(
            about["summary"]
                .as_str()
                .is_some_and(|it| it.ends_with('.')),
            "{at}"
        );
        names.push(about["operationId"].as_str().expect("a name").to_owned());
        let good = ["200", "201"].map(|status| &about["responses"][status]);
        let done = good
            .into_iter()
            .find(|it| it.is_object())
            .expect("a good answer");
        assert!(
            done["description"].is_string() && about["responses"]["default"].is_object(),
            "{at}"
        );
        let schema = |of: &Value| of["content"]["application/json"]["schema"].clone();
        if !about["requestBody"].is_null() {
            assert!(
                schema(&about["requestBody"]).is_object(),
                "{at} takes anything"
            );
            assert!(schema(done).is_object(), "{at} answers anything");
        }
        let parameters = about["parameters"].as_array().expect("a list");
        let in_path: Vec<_> = parameters
            .iter()
            .filter(|it| it["in"] == "path")
            .map(|it| it["name"].clone())
            .collect();
        let wanted: Vec<_> = path
            .split('/')
            .filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        assert_eq!(in_path, wanted, "{at}");
        for one in parameters {
            assert!(one["schema"].is_object(), "{at}: {one}");
        }
    }
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "names are not unique");
    for (method, path) in [
        ("post", "/bookings"),
        ("get", "/bookings"),
        ("post", "/rpc/{operation}"),
    ] {
        assert!(
            document["paths"][path][method].is_object(),
            "{method} {path}"
        );
    }
    assert!(
        document["paths"]["/rpc/{operation}"]["post"]["requestBody"].is_object(),
        "a question is sent"
    );
}

#[tokio::test]
async fn a_decision_describes_its_terms() {
    let house = House::open().await;
    let document = house.ask(get("/openapi.json")).await.ok();
    for path in [
        "/bookings/{job_id}/approve",
        "/bookings/{job_id}/approve-all",
        "/bookings/{job_id}/cancel",
        "/bookings/{job_id}/retry",
    ] {
        let about = &document["paths"][path]["post"];
        let header = |name: &str| {
            about["parameters"].as_array().is_some_and(|all| {
                all.iter()
                    .any(|it| it["in"] == "header" && it["name"] == name)
            })
        };
        assert!(header("If-Match") && header("Idempotency-Key"), "{path}");
    }
    for path in [
        "/bookings/{job_id}/approve",
        "/bookings/{job_id}/approve-all",
    ] {
        let later = &document["paths"][path]["post"]["responses"]["202"];
        assert!(
            later["content"]["application/json"]["schema"].is_object(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_page_shows_everything_and_fetches_nothing() {
    let house = House::open().await;
    let document = house.ask(get("/openapi.json")).await.ok();
    let reply = house.ask(get("/docs")).await;
    assert_eq!(reply.status, 200);
    assert!(reply.header("content-type").starts_with("text/html"));
    assert!(
        reply
            .header("content-security-policy")
            .contains("default-src 'none'")
    );
    let page = reply.text();
    for (method, path, about) in routes(&document) {
        let heading = format!("<span class=m>{method}</span> <code>{path}</code>");
        assert!(page.contains(&heading), "{method} {path} is not shown");
        assert!(
            page.contains(about["summary"].as_str().expect("text")),
            "{path}"
        );
    }
    let lower = page.to_lowercase();
    for word in [
        "http://",
        "https://",
        "<script",
        "<img",
        "<link",
        "<iframe",
        "javascript:",
        " src=",
        "@import",
        "url(",
        " onload",
        "\"//",
    ] {
        assert!(!lower.contains(word), "{word}");
    }
    for field in [
        "approved_product_ids",
        "auto_approve",
        "budget_allocations",
        "next_cursor",
    ] {
        assert!(page.contains(&format!("<code>{field}</code>")), "{field}");
    }
}

#[tokio::test]
async fn what_can_be_meant_in_spite_of_warnings_is_described() {
    let house = House::open().await;
    let document = house.ask(get("/openapi.json")).await.ok();
    for (path, there) in [
        ("/bookings/{job_id}/approve", true),
        ("/bookings/{job_id}/approve-all", true),
        ("/bookings/{job_id}/cancel", false),
    ] {
        let parameters = document["paths"][path]["post"]["parameters"].as_array();
        let mut all = parameters.expect("parameters").iter();
        let told = all.any(|one| one["name"] == "despite-warnings" && one["in"] == "header");
        assert_eq!(told, there, "{path}");
    }
}
