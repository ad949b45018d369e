//! What was posted, as a message of JSON-RPC. A tool that is called by its own name, as older
//! documents print it, is called all the same; what is no message is refused in a sentence that
//! says what one looks like.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{table::TOOLS, tool::Object};

/// What a call of a tool looks like.
const LIKE: &str = "send {\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"tools/call\", \"params\": \
    {\"name\": \"get_products\", \"arguments\": {}}}";

/// The message, as the protocol's kit reads it.
///
/// # Errors
/// With the refusal, where it is none.
pub fn read(sent: Vec<u8>) -> Result<Vec<u8>, Response> {
    let message = match serde_json::from_slice::<Value>(&sent) {
        Ok(Value::Object(message)) => message,
        Ok(_) => return Err(refused(-32600, &format!("one message at a time: {LIKE}"))),
        Err(error) => {
            let message = format!("not JSON at line {}", error.line());
            return Err(refused(-32700, &message));
        }
    };
    let method = message.get("method").and_then(Value::as_str);
    let called = method.filter(|method| TOOLS.iter().any(|tool| tool.name == *method));
    if let Some(tool) = called {
        return Ok(by_its_name(tool, &message));
    }
    let is_answer = message.contains_key("result") || message.contains_key("error");
    if message.get("jsonrpc") != Some(&json!("2.0")) || (method.is_none() && !is_answer) {
        return Err(refused(
            -32600,
            &format!("no message of JSON-RPC 2.0: {LIKE}"),
        ));
    }
    Ok(sent)
}

/// The call of a tool that was named as the method.
fn by_its_name(tool: &str, message: &Object) -> Vec<u8> {
    let id = message.get("id").filter(|id| !id.is_null());
    let arguments = message.get("params").filter(|params| params.is_object());
    let call = json!({
        "jsonrpc": "2.0",
        "id": id.cloned().unwrap_or_else(|| json!(1)),
        "method": "tools/call",
        "params": {"name": tool, "arguments": arguments.cloned().unwrap_or_else(|| json!({}))},
    });
    call.to_string().into_bytes()
}

fn refused(code: i32, message: &str) -> Response {
    let error = json!({"code": code, "message": message});
    let body = json!({"jsonrpc": "2.0", "id": null, "error": error});
    (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
}
