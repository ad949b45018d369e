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
    if let Some(method) = method {
        let id = message.get("id");
        let is_id = |id: &Value| id.is_string() || id.is_i64() || id.is_u64();
        if !id.is_none_or(is_id) {
            let said = "the id of a request is a text or a whole number";
            return Err(refused(-32600, said));
        }
        if let Some(wrong) = wrong_params(method, message.get("params")) {
            return Err(answered(id.unwrap_or(&Value::Null), -32602, &wrong));
        }
    }
    Ok(sent)
}

/// What is wrong with the parameters of a method that is there; the protocol's kit would say that
/// it is not.
fn wrong_params(method: &str, params: Option<&Value>) -> Option<String> {
    let of = |name: &str| params.and_then(|params| params.get(name));
    match method {
        "tools/call" if !of("name").is_some_and(Value::is_string) => {
            Some(format!("`params.name` is the name of a tool: {LIKE}"))
        }
        "tools/call" if !of("arguments").is_none_or(Value::is_object) => {
            Some(format!("`params.arguments` is an object: {LIKE}"))
        }
        "initialize" => {
            let needed = ["protocolVersion", "capabilities", "clientInfo"];
            let missing = needed.into_iter().find(|name| of(name).is_none())?;
            Some(format!(
                "`params.{missing}` is missing: say protocolVersion, capabilities and clientInfo"
            ))
        }
        _ => None,
    }
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
    answered(&Value::Null, code, message)
}

fn answered(id: &Value, code: i32, message: &str) -> Response {
    let error = json!({"code": code, "message": message});
    let body = json!({"jsonrpc": "2.0", "id": id, "error": error});
    (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
}
