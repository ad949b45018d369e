//! Asks one operation: what goes out, what comes back, and the same fault that the engine there
//! has. A command whose answer was lost is asked again under its key, within a bound; only then it
//! is said that nobody knows whether it was done.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use reqwest::{
    Method, Response,
    header::{CONTENT_TYPE, HeaderValue},
};
use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::{Remote, lost::Lost};
use crate::{
    domain::problem::Problem,
    engine::{
        clock::Clock as _,
        core::Answer,
        fault::{Fault, FaultKind},
        operation::Operation,
    },
};

/// How long one try may take from beginning to end.
const ONE: Duration = Duration::from_secs(10);
/// How long a question is asked again and again.
const QUESTION: Duration = Duration::from_secs(2);
/// How long a command is.
const COMMAND: Duration = Duration::from_secs(30);
/// The first pause before something is asked again, and the longest.
const PAUSE: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(1)];
/// The most that is read of an answer.
const MOST: usize = 32 << 20;

/// The pauses between tries, longer and longer, without end.
pub(super) fn pauses() -> impl Iterator<Item = Duration> + Send {
    ExponentialBuilder::default()
        .with_min_delay(PAUSE[0])
        .with_max_delay(PAUSE[1])
        .with_jitter()
        .without_max_times()
        .build()
}

/// What is asked.
#[derive(Clone, Copy)]
struct Question<'a> {
    name: &'a str,
    json: &'a [u8],
    key: Option<&'a str>,
}

impl Remote {
    /// Asks; a command under its key.
    ///
    /// # Errors
    /// With the fault of the engine there, or with why it has not answered.
    pub async fn ask<O: Operation>(
        &self,
        operation: &O,
        key: Option<&str>,
    ) -> Result<O::Output, Fault> {
        let json = serde_json::to_vec(operation).map_err(Fault::broken)?;
        let question = Question {
            name: O::NAME,
            json: &json,
            key,
        };
        let answer = self.within(question, O::KIND.is_command()).await?;
        self.understood::<O>(&answer)
    }

    /// Asks a question once, for whoever sees to it themselves that it is asked again.
    ///
    /// # Errors
    /// With the fault of the engine there, or with why it has not answered.
    pub(super) async fn ask_once<O: Operation>(&self, operation: &O) -> Result<O::Output, Fault> {
        let json = serde_json::to_vec(operation).map_err(Fault::broken)?;
        let question = Question {
            name: O::NAME,
            json: &json,
            key: None,
        };
        let answer = self.once(question).await;
        let answer = answer.unwrap_or_else(|lost| Err(lost.fault(self)))?;
        self.understood::<O>(&answer)
    }

    fn understood<O: Operation>(&self, answer: &Answer<String>) -> Result<O::Output, Fault> {
        serde_json::from_str(&answer.output).map_err(|error| {
            tracing::warn!(%error, operation = O::NAME, "an answer of another shape");
            self.otherwise("another version of flightdeck")
        })
    }

    /// Asks any operation, in JSON.
    ///
    /// # Errors
    /// With the fault of the engine there, or with why it has not answered.
    pub async fn call(
        &self,
        name: &str,
        json: &[u8],
        key: Option<&str>,
    ) -> Result<Answer<String>, Fault> {
        let question = Question { name, json, key };
        self.within(question, key.is_some()).await
    }

    /// Asks again and again, as long as there is no answer and hope for one.
    async fn within(
        &self,
        question: Question<'_>,
        is_command: bool,
    ) -> Result<Answer<String>, Fault> {
        let most = if is_command { COMMAND } else { QUESTION + ONE };
        let mut last = Lost::Silent;
        // Whether a try is under way, and whether one before it may have been heard.
        let (mut flies, mut begun) = (false, false);
        let asked = async {
            let mut waited = Duration::ZERO;
            for pause in pauses() {
                flies = true;
                let lost = match self.once(question).await {
                    Ok(answer) => return Some(answer),
                    Err(lost) => lost,
                };
                flies = false;
                tracing::debug!(?lost, operation = question.name, "no answer");
                begun |= lost.may_be_done();
                let enough = waited > QUESTION || lost == Lost::Silent;
                let gives_up = !lost.passes() || (!is_command && enough);
                last = lost;
                if gives_up {
                    break;
                }
                tokio::time::sleep(pause).await;
                waited += pause;
            }
            None
        };
        match tokio::time::timeout(most, asked).await {
            Ok(Some(answer)) => answer,
            _ => Err(self.unknown(question, begun || flies, &last)),
        }
    }

    /// Why a question has no answer; of a command, whether it may have been done.
    fn unknown(&self, question: Question<'_>, begun: bool, last: &Lost) -> Fault {
        let fault = last.fault(self);
        let Some(key) = question.key else {
            return fault;
        };
        let (message, name) = (&fault.message, question.name);
        if !begun {
            let message = format!("{message}; nothing was sent");
            return Fault { message, ..fault };
        }
        let message = format!("{message}: whether {name} was done is not known");
        Fault::new(FaultKind::Busy, "OUTCOME_UNKNOWN", message)
            .hint(format!(
                "ask again under the same key, {key}: what was done once is not done twice"
            ))
            .with("idempotency_key", key)
    }

    /// Tries once.
    async fn once(&self, question: Question<'_>) -> Result<Result<Answer<String>, Fault>, Lost> {
        let request = self.request(Method::POST, &format!("rpc/{}", question.name));
        let request = match request {
            Ok(request) => request,
            Err(fault) => return Ok(Err(fault)),
        };
        let mut request = request
            .header(CONTENT_TYPE, "application/json")
            .body(question.json.to_vec())
            .timeout(ONE);
        if let Some(key) = question.key {
            let Ok(key) = HeaderValue::try_from(format!("\"{key}\"")) else {
                let message = "the idempotency key is not readable";
                let code = "INVALID_IDEMPOTENCY_KEY";
                return Ok(Err(Fault::new(FaultKind::Malformed, code, message)));
            };
            request = request.header("idempotency-key", key);
        }
        let sent = self.inner.clock.now();
        let response = request.send().await.map_err(|error| Lost::of(&error))?;
        let came = self.inner.clock.now();
        let there = header(&response, "flightdeck-time").and_then(|it| it.parse().ok());
        if let Some(there) = there {
            self.learn(there, (sent, came));
        }
        let (status, kind) = (response.status(), header(&response, "content-type"));
        let is_json = kind.is_some_and(|kind| kind.starts_with("application/"));
        let replayed = header(&response, "idempotency-replayed").is_some();
        if !is_json {
            let said = format!("it answers {status} without JSON");
            let away = matches!(status.as_u16(), 502..=504);
            return Err(if away {
                Lost::Away(said)
            } else {
                Lost::Strange(said)
            });
        }
        let body = read(response).await?;
        if status.is_success() {
            return match String::from_utf8(body) {
                Ok(output) => Ok(Ok(Answer { output, replayed })),
                Err(_) => Err(Lost::Strange("its answer is no text".into())),
            };
        }
        let fault = fault(status.as_u16(), &body);
        fault
            .map(Err)
            .ok_or_else(|| Lost::Strange(format!("it answers {status} in other words")))
    }
}

pub(super) fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// Reads an answer to its end, or to where it has none.
pub(super) async fn read(mut response: Response) -> Result<Vec<u8>, Lost> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| Lost::of(&error))? {
        if body.len() + part.len() > MOST {
            return Err(Lost::Endless);
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

/// Reads a fault back; nothing where no engine of ours wrote it.
pub(super) fn fault(status: u16, body: &[u8]) -> Option<Fault> {
    let mut whole: Value = serde_json::from_slice(body).ok()?;
    let error = whole.get_mut("error")?;
    let kind = match error.get("kind") {
        Some(kind) => FaultKind::deserialize(kind).ok()?,
        None => kind_of(status),
    };
    let text = |name: &str| Some(error.get(name)?.as_str()?.to_owned());
    let (code, message) = (text("code")?, text("message")?);
    let mut details: Map<String, Value> = match error.get_mut("details") {
        Some(Value::Object(details)) => std::mem::take(details),
        _ => Map::new(),
    };
    let hint = match details.remove("hint") {
        Some(Value::String(hint)) => Some(hint),
        _ => None,
    };
    let problems: Vec<Problem> = details
        .remove("problems")
        .and_then(|problems| serde_json::from_value(problems).ok())
        .unwrap_or_default();
    if !problems.is_empty() {
        details.remove("field");
    }
    Some(Fault {
        kind,
        code,
        message,
        hint,
        problems,
        details,
    })
}

/// The kind of a failure that does not say it: of the gate, or of another version.
fn kind_of(status: u16) -> FaultKind {
    match status {
        401 => FaultKind::Unauthenticated,
        403 => FaultKind::Forbidden,
        404 => FaultKind::NotFound,
        409 => FaultKind::WrongState,
        421 => FaultKind::Misdirected,
        429 => FaultKind::Limited,
        400..=499 => FaultKind::Invalid,
        _ => FaultKind::Busy,
    }
}
