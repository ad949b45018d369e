//! The least that a schema lets through: every field that is required, with the first thing that
//! fits. What the schema does not say, such as that a day must come before another, is not met.

use serde_json::{Map, Value, json};

/// An id that nothing has.
pub const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

/// Makes a value for a schema; references lead into `root`.
pub fn sample(root: &Value, schema: &Value) -> Value {
    if let Some(to) = schema["$ref"].as_str().and_then(|to| to.strip_prefix('#')) {
        return sample(root, root.pointer(to).expect("a reference leads somewhere"));
    }
    if let Some(only) = schema.get("const") {
        return only.clone();
    }
    for several in ["enum", "oneOf", "anyOf", "allOf"] {
        if let Some(first) = schema[several].get(0) {
            return if several == "enum" {
                first.clone()
            } else {
                sample(root, first)
            };
        }
    }
    let kind = schema["type"]
        .as_str()
        .or_else(|| schema["type"][0].as_str());
    match kind.unwrap_or("object") {
        "string" => json!(text(schema)),
        "integer" | "number" => json!(1),
        "boolean" => json!(false),
        "array" => {
            let least = schema["minItems"].as_u64().unwrap_or(0);
            let items = schema["prefixItems"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let of_items = (0..least).map(|n| {
                let n = usize::try_from(n).expect("small");
                sample(root, items.get(n).unwrap_or(&schema["items"]))
            });
            Value::Array(of_items.collect())
        }
        "null" => Value::Null,
        _ => {
            let required = schema["required"].as_array().into_iter().flatten();
            let names = required.map(|name| name.as_str().expect("a name"));
            let field = |name: &str| (name.to_owned(), sample(root, &schema["properties"][name]));
            Value::Object(names.map(field).collect::<Map<_, _>>())
        }
    }
}

fn text(schema: &Value) -> &str {
    match (schema["format"].as_str(), schema["pattern"].as_str()) {
        (Some("uuid"), _) => NOBODY,
        (Some("date"), _) => "2026-07-01",
        (Some("date-time"), _) => "2026-07-01T00:00:00Z",
        (_, Some("^[A-Z]{3}$")) => "USD",
        _ => "x",
    }
}
