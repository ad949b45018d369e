//! A client of governance agents: asks `check_governance` over MCP, with as little of that
//! protocol as it takes. Reads plain JSON and streams of events; says hello first only to those
//! who insist. Refuses to take anything but a clear answer for one.

use serde_json::{Map, Value, json};

use super::outside::{Call, NoReply, Outside, Post as _, Reply};
use crate::domain::webhook::{
    hook::{Hook, Proof},
    legacy,
};

/// How much of an answer is read.
const MOST: usize = 1 << 20;
/// The version of MCP that is spoken.
const VERSION: &str = "2025-06-18";

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// It was not reached.
    #[error(transparent)]
    NoReply(#[from] NoReply),
    /// It answered with this status.
    #[error("it answered {0}")]
    Status(u16),
    /// What it answered makes no sense.
    #[error("its answer is none")]
    Unreadable,
    /// It said that it cannot, by the code of the protocol.
    #[error("it answered {0}")]
    Failed(String),
}

/// Asks governance agents.
#[derive(Debug, Clone, Copy, Default)]
pub struct Governance {
    outside: Outside,
}

impl Governance {
    /// Gets ready to ask.
    #[must_use]
    pub fn new() -> Self {
        Self {
            outside: Outside::new(),
        }
    }

    /// Asks an agent, at a time in seconds since 1970.
    ///
    /// # Errors
    /// When there is no clear answer.
    pub async fn check(
        &self,
        agent: &Hook,
        question: &Map<String, Value>,
        (at, sandbox): (i64, bool),
    ) -> Result<Value, NoAnswer> {
        let params = json!({"name": "check_governance", "arguments": question});
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let asked = Asked { agent, at, sandbox };
        let first = self.post(asked, &call, None).await?;
        if first.status == 200 {
            return read(&first);
        }
        if !(400..=422).contains(&first.status) || [401, 403].contains(&first.status) {
            return Err(NoAnswer::Status(first.status));
        }
        let us = json!({"name": "flightdeck", "version": env!("CARGO_PKG_VERSION")});
        let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": VERSION, "capabilities": {}, "clientInfo": us}});
        let hello = self.post(asked, &hello, None).await?;
        let session = hello.session.as_deref();
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        self.post(asked, &ready, session).await?;
        let second = self.post(asked, &call, session).await?;
        match second.status {
            200 => read(&second),
            status => Err(NoAnswer::Status(status)),
        }
    }

    async fn post(
        &self,
        asked: Asked<'_>,
        message: &Value,
        session: Option<&str>,
    ) -> Result<Reply, NoReply> {
        let body = message.to_string().into_bytes();
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            ("accept", "application/json, text/event-stream".to_owned()),
            ("mcp-protocol-version", VERSION.to_owned()),
        ];
        if let Some(session) = session {
            headers.push(("mcp-session-id", session.to_owned()));
        }
        match &asked.agent.proof {
            Proof::Bearer(secret) => headers.push(("authorization", format!("Bearer {secret}"))),
            Proof::Hmac(secret) => {
                headers.push((legacy::TIMESTAMP, asked.at.to_string()));
                if let Some(signature) = legacy::sign(secret, asked.at, &body) {
                    headers.push((legacy::SIGNATURE, signature));
                }
            }
            Proof::Signature | Proof::Message | Proof::Standard(_) | Proof::Nothing => {}
        }
        let call = Call {
            url: &asked.agent.url,
            headers,
            body,
            sandbox: asked.sandbox,
            most: MOST,
        };
        self.outside.post(call).await
    }
}

/// Whom to ask, and when.
#[derive(Clone, Copy)]
struct Asked<'a> {
    agent: &'a Hook,
    at: i64,
    sandbox: bool,
}

/// Takes the answer of the tool out of what came back.
fn read(reply: &Reply) -> Result<Value, NoAnswer> {
    if !reply.whole {
        return Err(NoAnswer::Unreadable);
    }
    let text = std::str::from_utf8(&reply.body).map_err(|_| NoAnswer::Unreadable)?;
    let message: Value = if reply.streamed {
        let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
        let mut messages = data.filter_map(|data| serde_json::from_str::<Value>(data).ok());
        let answer = messages.find(|message| message.get("id").is_some());
        answer.ok_or(NoAnswer::Unreadable)?
    } else {
        serde_json::from_str(text).map_err(|_| NoAnswer::Unreadable)?
    };
    let result = message.get("result").ok_or(NoAnswer::Unreadable)?;
    let written = || {
        let text = result.get("content")?.get(0)?.get("text")?.as_str()?;
        serde_json::from_str::<Value>(text).ok()
    };
    let told = result.get("structuredContent").cloned();
    let told = told.or_else(written).ok_or(NoAnswer::Unreadable)?;
    let code = told
        .pointer("/adcp_error/code")
        .or(told.pointer("/errors/0/code"));
    if let Some(code) = code.and_then(Value::as_str) {
        return Err(NoAnswer::Failed(code.chars().take(64).collect()));
    }
    if result.get("isError") == Some(&Value::Bool(true)) {
        return Err(NoAnswer::Unreadable);
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(streamed: bool, body: &str) -> Reply {
        Reply {
            status: 200,
            streamed,
            body: body.as_bytes().to_vec(),
            whole: true,
            session: None,
            retry_after: None,
        }
    }

    #[test]
    fn an_answer_is_read_from_json_from_text_and_from_a_stream() {
        let plain = r#"{"id":1,"result":{"structuredContent":{"status":"approved"}}}"#;
        let text =
            r#"{"id":1,"result":{"content":[{"type":"text","text":"{\"status\":\"approved\"}"}]}}"#;
        let stream = format!("event: message\ndata: {{\"method\":\"x\"}}\n\ndata: {plain}\n\n");
        for reply in [
            reply(false, plain),
            reply(false, text),
            reply(true, &stream),
        ] {
            assert_eq!(read(&reply), Ok(json!({"status": "approved"})));
        }
        let failed = r#"{"result":{"isError":true,"structuredContent":{"adcp_error":{"code":"PLAN_NOT_FOUND"}}}}"#;
        assert_eq!(
            read(&reply(false, failed)),
            Err(NoAnswer::Failed("PLAN_NOT_FOUND".to_owned()))
        );
        for nothing in [
            "",
            "{}",
            r#"{"error":{}}"#,
            r#"{"result":{"isError":true,"structuredContent":{}}}"#,
        ] {
            assert_eq!(
                read(&reply(false, nothing)),
                Err(NoAnswer::Unreadable),
                "{nothing}"
            );
        }
    }
}
