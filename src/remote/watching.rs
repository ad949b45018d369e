//! Hears what happens there, as server-sent events: goes on behind the last one that was heard,
//! comes back by itself when the line is cut or falls silent, and says that something may have
//! been missed whenever it does.

use std::time::Duration;

use reqwest::{Method, Response};
use tokio::{runtime::Handle, sync::mpsc};
use tokio_util::task::AbortOnDropHandle;

use super::{
    Remote,
    asking::{fault, header, pauses, read},
    lost::Lost,
};
use crate::engine::events::Event;

/// How long the line may be silent: the engine gives a sign of life every fifteen seconds.
const SILENCE: Duration = Duration::from_secs(20);
/// How long it may take until the stream begins.
const BEGIN: Duration = Duration::from_secs(10);
/// How long it is waited where we may not listen at all.
const REFUSED: Duration = Duration::from_secs(30);
/// How much of a stream may come without a whole event in it.
const MOST: usize = 1 << 20;
/// How many events may wait to be taken.
const QUEUE: usize = 256;

/// What is heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Something happened.
    Event(Event),
    /// The line was cut: something may have been missed.
    Missed,
}

/// Somebody who listens; stops when it is dropped.
pub struct Watching {
    heard: mpsc::Receiver<Heard>,
    _listens: AbortOnDropHandle<()>,
}

impl Watching {
    /// Waits for the next thing.
    pub async fn next(&mut self) -> Option<Heard> {
        self.heard.recv().await
    }
}

impl Remote {
    /// Listens, with the threads of this runtime.
    #[must_use]
    pub fn watch(&self, on: &Handle) -> Watching {
        let (tell, heard) = mpsc::channel(QUEUE);
        let listener = Listener {
            remote: self.clone(),
            tell,
            last: None,
        };
        Watching {
            heard,
            _listens: AbortOnDropHandle::new(on.spawn(listener.run())),
        }
    }
}

/// Nobody takes what is heard any more.
struct Gone;

struct Listener {
    remote: Remote,
    tell: mpsc::Sender<Heard>,
    /// The number of the last event.
    last: Option<String>,
}

impl Listener {
    async fn run(mut self) {
        let mut heard_before = false;
        loop {
            let mut waits = pauses();
            let stream = loop {
                match self.begin().await {
                    Ok(stream) => break stream,
                    Err(Some(lost)) => {
                        tracing::debug!(?lost, "the events are not heard");
                        tokio::time::sleep(waits.next().unwrap_or(REFUSED)).await;
                    }
                    Err(None) => tokio::time::sleep(REFUSED).await,
                }
                if self.tell.is_closed() {
                    return;
                }
            };
            if heard_before && self.tell.send(Heard::Missed).await.is_err() {
                return;
            }
            heard_before = true;
            if self.listen(stream).await.is_err() {
                return;
            }
            // A line that is cut as soon as it stands must not keep us busy.
            tokio::time::sleep(waits.next().unwrap_or(REFUSED)).await;
        }
    }

    /// Opens the stream; nothing where it is refused.
    async fn begin(&self) -> Result<Response, Option<Lost>> {
        let request = self.remote.request(Method::GET, "events");
        let mut request = request.map_err(|_| None)?;
        request = request.header("accept", "text/event-stream");
        if let Some(last) = &self.last {
            request = request.header("last-event-id", last);
        }
        let answer = tokio::time::timeout(BEGIN, request.send()).await;
        let answer = answer.map_err(|_| Lost::Silent)?;
        let response = answer.map_err(|error| Lost::of(&error))?;
        let status = response.status();
        let kind = header(&response, "content-type").unwrap_or_default();
        if status.is_success() && kind.starts_with("text/event-stream") {
            return Ok(response);
        }
        let body = read(response).await?;
        match fault(status.as_u16(), &body) {
            Some(fault) if status.is_client_error() => {
                tracing::warn!(%fault, "the events cannot be heard");
                Err(None)
            }
            _ => Err(Some(Lost::Strange(format!("it answers {status}")))),
        }
    }

    /// Hears what comes until the line is cut or silent.
    async fn listen(&mut self, mut stream: Response) -> Result<(), Gone> {
        let mut lines = Lines::default();
        loop {
            let part = tokio::select! {
                part = tokio::time::timeout(SILENCE, stream.chunk()) => part,
                () = self.tell.closed() => return Err(Gone),
            };
            let Ok(Ok(Some(part))) = part else {
                return Ok(());
            };
            for told in lines.take(&part) {
                if let Some(id) = told.id {
                    self.last = Some(id);
                }
                match serde_json::from_str::<Event>(&told.data) {
                    Ok(event) => {
                        let sent = self.tell.send(Heard::Event(event)).await;
                        sent.map_err(|_| Gone)?;
                    }
                    Err(error) => {
                        tracing::warn!(%error, "an event of another shape");
                        let sent = self.tell.send(Heard::Missed).await;
                        sent.map_err(|_| Gone)?;
                    }
                }
            }
            if lines.is_too_much() {
                tracing::warn!("an event without an end");
                return Ok(());
            }
        }
    }
}

/// One event as it was sent.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    id: Option<String>,
    data: String,
}

/// Cuts a stream into events, wherever its parts begin and end.
#[derive(Debug, Default)]
struct Lines {
    rest: Vec<u8>,
    now: Told,
    has_data: bool,
}

impl Lines {
    /// Takes a part, and gives the events that are whole with it.
    fn take(&mut self, part: &[u8]) -> Vec<Told> {
        let mut whole = Vec::new();
        self.rest.extend_from_slice(part);
        let mut from = 0;
        while let Some(at) = self.rest[from..].iter().position(|byte| *byte == b'\n') {
            let line = String::from_utf8_lossy(&self.rest[from..from + at]);
            let line = line.trim_end_matches('\r').to_owned();
            from += at + 1;
            whole.extend(self.line(&line));
        }
        self.rest.drain(..from);
        whole
    }

    fn line(&mut self, line: &str) -> Option<Told> {
        if line.is_empty() {
            let told = std::mem::take(&mut self.now);
            return std::mem::take(&mut self.has_data).then_some(told);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.has_data {
                    self.now.data.push('\n');
                }
                self.now.data.push_str(value);
                self.has_data = true;
            }
            "id" if !value.contains('\0') => self.now.id = Some(value.to_owned()),
            // A comment is a sign of life.
            _ => {}
        }
        None
    }

    /// Whether more has come without an end than any event has.
    fn is_too_much(&self) -> bool {
        self.rest.len() + self.now.data.len() > MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_cut_out_of_a_stream_wherever_it_breaks() {
        let stream = ": hello\n\nid: 7\nevent: a.b\ndata: {\"x\":\ndata: 1}\r\n\r\n:\n\nid:8\ndata:é\n\nid: 9\ndata: never whole\n";
        let expected = [("7", "{\"x\":\n1}"), ("8", "é")].map(|(id, data)| Told {
            id: Some(id.into()),
            data: data.into(),
        });
        for size in 1..stream.len() {
            let mut lines = Lines::default();
            let parts = stream.as_bytes().chunks(size);
            let told: Vec<Told> = parts.flat_map(|part| lines.take(part)).collect();
            assert_eq!(told, expected, "in parts of {size}");
        }
    }

    #[test]
    fn an_event_without_an_end_is_given_up() {
        let mut lines = Lines::default();
        assert!(lines.take(&vec![b'x'; MOST]).is_empty());
        assert!(!lines.is_too_much());
        assert!(lines.take(b"xy").is_empty());
        assert!(lines.is_too_much());
    }
}
