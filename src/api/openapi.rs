//! Describes what is served as OpenAPI 3.1, from the same table that serves it.

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::route::{Doc, Write};

/// The whole document.
pub fn document(routes: &[Doc]) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    let mut schemas = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for doc in routes {
        let described = operation(doc, &mut schemas);
        let path = paths.entry(doc.path).or_insert_with(|| json!({}));
        path[doc.method] = described;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Flightdeck",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Bookings from brief to booked lines, and everything around them."
        },
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer" },
                "key": { "type": "apiKey", "in": "header", "name": "X-API-Key" },
                "management": { "type": "apiKey", "in": "header", "name": "X-Tenant-Management-API-Key" }
            }
        },
        "security": [{}, { "bearer": [] }, { "key": [] }, { "management": [] }]
    })
}

fn operation(doc: &Doc, schemas: &mut SchemaGenerator) -> Value {
    let name: String = doc
        .path
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let mut described = json!({
        "operationId": format!("{}{name}", doc.method),
        "summary": doc.about,
        "tags": [doc.section],
        "parameters": parameters(doc, schemas),
        "responses": {
            doc.good(): answer(doc.response, schemas),
            "default": { "description": "What went wrong", "content": content(&failure()) }
        }
    });
    if doc.lasting {
        let mut later = answer(doc.response, schemas);
        later["description"] = "Done as far as it goes now; the work goes on".into();
        described["responses"]["202"] = later;
    }
    if let Some(request) = doc.request {
        let schema = request(schemas).to_value();
        described["requestBody"] = json!({ "required": true, "content": content(&schema) });
    }
    described
}

fn answer(response: Option<Write>, schemas: &mut SchemaGenerator) -> Value {
    match response {
        None => json!({ "description": "Done" }),
        Some(write) => {
            let schema = write(schemas).to_value();
            json!({ "description": "Done", "content": content(&schema) })
        }
    }
}

fn content(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}

fn failure() -> Value {
    json!({
        "type": "object",
        "required": ["error"],
        "properties": {
            "detail": { "type": "string" },
            "error": {
                "type": "object",
                "required": ["code", "message", "details"],
                "properties": {
                    "code": { "type": "string" },
                    "message": { "type": "string" },
                    "details": { "type": "object" }
                }
            }
        }
    })
}

fn parameters(doc: &Doc, schemas: &mut SchemaGenerator) -> Vec<Value> {
    let mut all = Vec::new();
    for part in doc
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{'))
    {
        let name = part.trim_end_matches('}');
        all.push(
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }),
        );
    }
    if let Some(query) = doc.query {
        let schema = query(schemas).to_value();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let about = property["description"].clone();
            all.push(json!({ "name": name, "in": "query", "required": false, "description": about, "schema": property }));
        }
    }
    if matches!(doc.method, "post" | "patch" | "put" | "delete") {
        all.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Minted once by the asker; asking again with it gets the first answer again.",
            "schema": { "type": "string", "maxLength": 255 }
        }));
    }
    all.extend(doc.told.iter().map(|(name, says, about)| {
        json!({
            "name": name, "in": "header", "required": false, "description": about,
            "schema": { "type": "string", "enum": [says] }
        })
    }));
    if doc.pinned {
        all.push(json!({
            "name": "If-Match", "in": "header", "required": false,
            "description": "The ETag of what was looked at; if it has changed since, nothing is done.",
            "schema": { "type": "string" }
        }));
    }
    all
}
