//! What every call and every answer carries beside its own fields: the version that the asker
//! speaks, its context, its idempotency key, and how an answer or a failure is written. Refuses
//! to let any argument say who asks.

use rmcp::model::CallToolResult;
use serde_json::{Value, json};

use super::{
    refusal,
    tool::{Ask, Object, Tool},
};
use crate::{
    domain::{
        adcp::{
            capability::{MAJOR_VERSIONS, RELEASE},
            error::{Code, Error},
            jcs,
        },
        problem::{self, Problem},
        tenant::caller::Caller,
    },
    engine::{
        accounts::resolve::ResolveAccount,
        core::{Answer, Core, Payload, Terms},
        fault::Fault,
        question,
    },
};

/// What is the envelope's, and no argument of a tool.
const OURS: &[&str] = &[
    "context",
    "adcp_major_version",
    "adcp_version",
    "idempotency_key",
];

/// Calls a tool and writes what came of it.
pub async fn call(core: &Core, caller: &Caller, tool: &Tool, sent: Object) -> CallToolResult {
    match called(core, caller, tool, sent).await {
        (told, true) => CallToolResult::structured_error(told),
        (told, false) => CallToolResult::structured(told),
    }
}

/// Calls a tool: what came of it, and whether that is a failure.
async fn called(core: &Core, caller: &Caller, tool: &Tool, sent: Object) -> (Value, bool) {
    let context = sent.get("context").filter(|it| it.is_object()).cloned();
    let later = is_later(&sent);
    let answered = match open(core, caller, tool, sent).await {
        Ok(ask) if later => (tool.call)(ask).await.map(for_later),
        Ok(ask) => (tool.call)(ask).await,
        Err(fault) => Err(fault),
    };
    match answered {
        // An older caller reads that it failed in the answer itself; newer ones in its flag.
        Ok(answer) => {
            let failed = has_failed(&answer.output);
            (good(answer, context), failed)
        }
        Err(fault) => (bad(&refusal::of(&fault), context), true),
    }
}

/// An answer as it is sent.
pub struct Written {
    /// A JSON object.
    pub text: String,
    /// Whether it says that something went wrong.
    pub is_error: bool,
}

/// Calls a tool and writes down what came of it: the same as [`call`], as JSON.
pub async fn written(core: &Core, caller: &Caller, tool: &Tool, sent: Object) -> Written {
    let Some(write) = tool.write else {
        let (told, is_error) = called(core, caller, tool, sent).await;
        return Written {
            text: told.to_string(),
            is_error,
        };
    };
    let context = sent.get("context").filter(|it| it.is_object()).cloned();
    let answered = match open(core, caller, tool, sent).await {
        Ok(ask) => write(ask).await,
        Err(fault) => Err(fault),
    };
    match answered {
        Ok(answer) => {
            let nothing = Answer {
                output: Object::new(),
                replayed: answer.replayed,
            };
            Written {
                text: joined(answer.output, &good(nothing, context)),
                is_error: false,
            }
        }
        Err(fault) => Written {
            text: bad(&refusal::of(&fault), context).to_string(),
            is_error: true,
        },
    }
}

/// One object of the fields of two.
fn joined(mut written: String, more: &Value) -> String {
    let more = more.to_string();
    if written.pop() != Some('}') {
        return more;
    }
    if written.len() > 1 {
        written.push(',');
    }
    written.push_str(&more[1..]);
    written
}

/// Whether a caller speaks a release behind the first of ours.
fn is_later(sent: &Object) -> bool {
    let release = sent.get("adcp_version").and_then(Value::as_str);
    let minor = release.and_then(|text| text.split(['.', '-']).nth(1)?.parse::<u64>().ok());
    minor.is_some_and(|minor| minor > 0)
}

/// From the release behind ours on `status` is the task's alone; where a media buy stands is said
/// beside it, as always.
fn for_later(mut answer: Answer<Object>) -> Answer<Object> {
    let (of_task, of_buy) = ("status", "media_buy_status");
    let fields = &mut answer.output;
    if fields
        .get(of_buy)
        .is_some_and(|buy| fields.get(of_task) == Some(buy))
    {
        fields.insert(of_task.into(), "completed".into());
    }
    answer
}

/// Whether an answer says of itself that nothing was done.
fn has_failed(output: &Object) -> bool {
    output.contains_key("adcp_error") || output.get("success") == Some(&Value::Bool(false))
}

/// Takes the envelope off.
async fn open(core: &Core, caller: &Caller, tool: &Tool, mut sent: Object) -> Result<Ask, Fault> {
    version(&sent)?;
    let key = match sent.get("idempotency_key") {
        Some(key) if tool.changes => Some(key_of(key)?.to_owned()),
        None if tool.changes && !(tool.is_older)(&sent) => return Err(no_key("is missing")),
        _ => None,
    };
    let terms = match key {
        Some(key) => Terms::keyed(key).for_payload(payload(core, caller, &sent).await?),
        None => Terms::default(),
    };
    sent.retain(|name, _| !OURS.contains(&name.as_str()));
    Ok(Ask {
        core: core.clone(),
        caller: caller.clone(),
        arguments: sent,
        terms,
    })
}

/// Refuses versions that nobody here speaks.
fn version(sent: &Object) -> Result<(), Fault> {
    let major = match sent.get("adcp_major_version") {
        None | Some(Value::Null) => None,
        Some(version) => Some(version.as_u64().unwrap_or(0)),
    };
    // Of a release such as "3.1" the major part decides: minor ones are answered alike.
    let release = sent.get("adcp_version").and_then(Value::as_str);
    let release = release.map(|text| text.split('.').next().and_then(|it| it.parse().ok()));
    let spoken = |major: u64| MAJOR_VERSIONS.contains(&major);
    if major.is_none_or(spoken) && release.is_none_or(|major| major.is_some_and(spoken)) {
        return Ok(());
    }
    let message = "that version of the protocol is not spoken here";
    Err(Fault::adcp(Code::VersionUnsupported, message)
        .with("supported_major_versions", json!(MAJOR_VERSIONS))
        .with("supported_versions", json!([RELEASE])))
}

/// What a key stands for: the request as it was sent, for the account that it names.
async fn payload(core: &Core, caller: &Caller, sent: &Object) -> Result<Payload, Fault> {
    let scope = match sent.get("account") {
        Some(account) => scope(core, caller, account).await?,
        None => String::new(),
    };
    Ok(Payload {
        scope,
        digest: jcs::digest(sent),
        replay: core.desk().adcp_replay,
    })
}

/// The account that a request names, if it is there; else the words that name it.
async fn scope(core: &Core, caller: &Caller, account: &Value) -> Result<String, Fault> {
    let question = json!({ "account": account });
    let Ok(question) = question::read_value::<ResolveAccount>(&question) else {
        return Ok(hex::encode(jcs::write(account)));
    };
    let found = core.ask(caller, question).await?.account_id;
    Ok(found.unwrap_or_else(|| hex::encode(jcs::write(account))))
}

/// A key that can tell one request from all others.
fn key_of(sent: &Value) -> Result<&str, Fault> {
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"_.:-".contains(&c);
    let key = sent.as_str().ok_or_else(|| no_key("is no text"))?;
    if !(16..=255).contains(&key.len()) || !key.bytes().all(plain) {
        return Err(no_key("is not 16 to 255 of letters, digits and `_.:-`"));
    }
    Ok(key)
}

fn no_key(why: &'static str) -> Fault {
    let code = problem::Code::new(Code::InvalidRequest.name());
    let problem = Problem::new("idempotency_key", code, why);
    Fault::field(problem.hint("mint a UUID for each new request, and keep it for retries"))
}

fn good(answer: Answer<Object>, context: Option<Value>) -> Value {
    let mut fields = answer.output;
    fields
        .entry("status")
        .or_insert_with(|| Value::from("completed"));
    if answer.replayed {
        fields.insert("replayed".into(), true.into());
    }
    if let Some(context) = context {
        fields.insert("context".into(), context);
    }
    Value::Object(fields)
}

/// A failure in both layers: the protocol's own, and the list that answers of tasks carry.
fn bad(error: &Error, context: Option<Value>) -> Value {
    let mut fields = Object::from_iter([
        ("adcp_error".to_owned(), json!(error)),
        ("errors".to_owned(), json!([error])),
    ]);
    if let Some(context) = context {
        fields.insert("context".into(), context);
    }
    Value::Object(fields)
}
