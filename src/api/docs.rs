//! Describes what is served as one page for people, which fetches nothing from anywhere.

use std::fmt::Write as _;

use serde_json::Value;

use super::{openapi, route::Doc};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;\
color:#1c2430;background:#fff}h1{margin-bottom:0}h2{margin-top:2.5rem;border-bottom:1px solid #ccd3dd}\
code{font:14px/1.4 ui-monospace,monospace;background:#f2f4f8;padding:.1em .3em;border-radius:3px}\
table{border-collapse:collapse;width:100%;margin:.5rem 0}td,th{border:1px solid #ccd3dd;padding:.25rem .5rem;\
text-align:left;vertical-align:top;font-size:14px}.m{font-weight:700;text-transform:uppercase;color:#0b5cad}\
@media(prefers-color-scheme:dark){body{color:#dfe6f0;background:#12161c}code{background:#1e2530}\
h2,td,th{border-color:#3a4454}.m{color:#74b3ff}}";

/// The page.
pub fn page(routes: &[Doc]) -> String {
    let document = openapi::document(routes);
    let mut html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Flightdeck API</title>\
         <meta name=viewport content=\"width=device-width\"><style>{STYLE}</style><h1>Flightdeck API</h1>\
         <p>Version {}. The same as <a href=/openapi.json>OpenAPI</a>. Send a key as <code>Authorization: Bearer \
         KEY</code> or <code>X-API-Key: KEY</code>, where keys are set up. Errors are <code>{{\"detail\", \"error\": \
         {{\"code\", \"message\", \"details\"}}}}</code>.</p>",
        env!("CARGO_PKG_VERSION")
    );
    let mut section = "";
    for doc in routes {
        if doc.section != section {
            section = doc.section;
            put(&mut html, format_args!("<h2>{section}</h2>"));
        }
        let described = &document["paths"][doc.path][doc.method];
        put(
            &mut html,
            format_args!(
                "<h3><span class=m>{}</span> <code>{}</code></h3>",
                doc.method, doc.path
            ),
        );
        put(&mut html, format_args!("<p>{}</p>", escape(doc.about)));
        parameters(&mut html, &described["parameters"]);
        fields(
            &mut html,
            &document,
            "Body",
            &described["requestBody"]["content"]["application/json"]["schema"],
        );
        fields(
            &mut html,
            &document,
            "Answer",
            &described["responses"][doc.good()]["content"]["application/json"]["schema"],
        );
    }
    html
}

fn put(html: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    html.write_fmt(what).unwrap_or_default();
}

fn parameters(html: &mut String, all: &Value) {
    let wanted = |one: &&Value| one["in"] == "query";
    let rows: Vec<&Value> = all
        .as_array()
        .into_iter()
        .flatten()
        .filter(wanted)
        .collect();
    if rows.is_empty() {
        return;
    }
    put(
        html,
        format_args!("<table><tr><th>Parameter<th>Meaning</tr>"),
    );
    for row in rows {
        let (name, about) = (text(&row["name"]), text(&row["description"]));
        put(
            html,
            format_args!("<tr><td><code>{name}</code><td>{about}</tr>"),
        );
    }
    put(html, format_args!("</table>"));
}

fn fields(html: &mut String, document: &Value, title: &str, schema: &Value) {
    let schema = resolve(document, schema);
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    let required = |name: &str| {
        schema["required"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one == name))
    };
    put(
        html,
        format_args!("<table><tr><th>{title}<th>Type<th>Meaning</tr>"),
    );
    for (name, property) in properties {
        let star = if required(name) { "" } else { " (optional)" };
        let kind = kind(document, property);
        let about = text(&property["description"]);
        put(
            html,
            format_args!(
                "<tr><td><code>{}</code>{star}<td>{kind}<td>{about}</tr>",
                escape(name)
            ),
        );
    }
    put(html, format_args!("</table>"));
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = schema["$ref"]
        .as_str()
        .and_then(|path| path.strip_prefix('#'));
    pointer
        .and_then(|pointer| document.pointer(pointer))
        .unwrap_or(schema)
}

fn kind(document: &Value, schema: &Value) -> String {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next())
    {
        let inner = resolve(document, schema);
        return inner["type"]
            .as_str()
            .filter(|kind| *kind != "object")
            .map_or_else(|| escape(name), str::to_owned);
    }
    match &schema["type"] {
        Value::String(one) if one == "array" => {
            format!("list of {}", kind(document, &schema["items"]))
        }
        Value::String(one) => one.clone(),
        Value::Array(several) => several.iter().map(text).collect::<Vec<_>>().join(" or "),
        _ => schema["anyOf"]
            .as_array()
            .map_or_else(String::new, |several| {
                several
                    .iter()
                    .map(|one| kind(document, one))
                    .collect::<Vec<_>>()
                    .join(" or ")
            }),
    }
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
