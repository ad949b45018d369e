//! Finds the answer in what a server sends: one JSON message, or a stream of events of which one
//! holds it. Skips what is told on the way; refuses messages that answer something else.

use serde_json::{Map, Value};

type Object = Map<String, Value>;

/// Whether a message answers the call with this number.
fn answers(message: &Object, id: u64) -> bool {
    let ends = message.contains_key("result") || message.contains_key("error");
    let named = match message.get("id") {
        Some(Value::Number(number)) => number.as_u64() == Some(id),
        // So servers answer what they could not read, or for whom there is no session.
        None | Some(Value::Null | Value::String(_)) => message.contains_key("error"),
        Some(_) => false,
    };
    ends && named
}

/// The answer in one body.
pub(super) fn whole(bytes: &[u8], id: u64) -> Option<Object> {
    match serde_json::from_slice(bytes).ok()? {
        Value::Object(message) => Some(message).filter(|message| answers(message, id)),
        Value::Array(all) => all.into_iter().find_map(|one| match one {
            Value::Object(message) => Some(message).filter(|message| answers(message, id)),
            _ => None,
        }),
        _ => None,
    }
}

/// Reads a stream of events as it comes.
#[derive(Debug, Default)]
pub(super) struct Events {
    rest: Vec<u8>,
    data: Vec<u8>,
}

impl Events {
    /// Takes what came, and gives the answer once it is there.
    pub(super) fn take(&mut self, part: &[u8], id: u64) -> Option<Object> {
        self.rest.extend_from_slice(part);
        let mut from = 0;
        let mut found = None;
        while let Some(length) = self.rest[from..].iter().position(|byte| *byte == b'\n') {
            let line = &self.rest[from..from + length];
            from += length + 1;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                found = whole(&std::mem::take(&mut self.data), id);
            } else if let Some(data) = line.strip_prefix(b"data:") {
                if !self.data.is_empty() {
                    self.data.push(b'\n');
                }
                self.data
                    .extend_from_slice(data.strip_prefix(b" ").unwrap_or(data));
            }
            if found.is_some() {
                break;
            }
        }
        self.rest.drain(..from);
        found
    }

    /// The answer in what has not been ended by an empty line.
    pub(super) fn end(mut self, id: u64) -> Option<Object> {
        self.take(b"\n\n", id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = ": hello\r\n\r\nevent: message\r\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{}}\r\n\r\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\ndata: \"id\":7,\"result\":{\"a\":\"\u{e4}\"}}\n\n";

    #[test]
    fn an_answer_is_found_however_it_is_cut() {
        let bytes = STREAM.as_bytes();
        for size in [1, 2, 3, 7, 64, bytes.len()] {
            let mut events = Events::default();
            let found = bytes.chunks(size).find_map(|part| events.take(part, 7));
            let found = found.expect("an answer");
            assert_eq!(found["result"]["a"], "\u{e4}", "{size}");
        }
    }

    #[test]
    fn the_answer_to_something_else_is_none() {
        let mut events = Events::default();
        assert_eq!(events.take(STREAM.as_bytes(), 8), None);
        assert_eq!(whole(br#"{"id":7,"method":"ping"}"#, 7), None);
        let refused =
            br#"{"id":"server-error","error":{"code":-32600,"message":"Missing session ID"}}"#;
        assert!(whole(refused, 7).is_some());
    }

    #[test]
    fn a_stream_that_ends_without_an_empty_line_counts() {
        let mut events = Events::default();
        assert_eq!(events.take(b"data: {\"id\":1,\"result\":{}}", 1), None);
        assert!(events.end(1).is_some());
    }
}
