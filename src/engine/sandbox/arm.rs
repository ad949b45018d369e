//! Chooses how a buyer's next order is answered, and ends tasks with a result that a tester
//! wrote. The order is placed all the same, and its question to the publisher is the task.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Controlled, Forced, absent, plays, wrong};
use crate::{
    domain::{
        adcp::error::Code,
        ids::ApprovalId,
        media_buy::approval::{Approval, Wanted},
        policy::Permission,
        sandbox::{Arm, Directive, NamedTask, Staged},
        text,
    },
    engine::{
        fault::Fault,
        media_buys::{approvals, decide, find},
        operation::{Kind, Operation},
        work::Work,
    },
};

/// The longest name of a task.
const LONGEST_TASK: usize = 128;
/// The longest message.
const LONGEST_MESSAGE: usize = 2_000;
/// The largest result, in bytes of JSON.
const LARGEST: usize = 256 << 10;

/// How the next order is to be answered.
#[derive(Deserialize)]
pub(super) struct OfArm {
    arm: Arm,
    #[serde(default)]
    task_id: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

/// A task, and what it shall end with.
#[derive(Deserialize)]
pub(super) struct OfTask {
    task_id: String,
    result: Map<String, Value>,
}

/// Writes down how the caller's next order is to be answered.
pub(super) async fn register(work: &mut Work<'_>, of: OfArm) -> Result<Controlled, Fault> {
    match (&of.task_id, of.arm) {
        (None, Arm::Submitted) => return Err(wrong("task_id", "is needed for a submitted order")),
        (Some(_), Arm::InputRequired) => {
            return Err(wrong("task_id", "goes with a submitted order alone"));
        }
        (Some(id), _) => text::check_line(id, LONGEST_TASK)
            .map_err(|problem| wrong("task_id", problem.to_string()))?,
        (None, _) => {}
    }
    let long = |said: &String| said.chars().count() > LONGEST_MESSAGE;
    if of.message.as_ref().is_some_and(long) {
        return Err(wrong("message", "has more than 2000 characters"));
    }
    let owner = work.caller().name.clone();
    if let Some(id) = &of.task_id
        && named(work, id).await?.is_some()
    {
        return Err(wrong("task_id", "is the name of a task that is there"));
    }
    let directive = Directive {
        owner: owner.clone(),
        arm: of.arm,
        task_id: of.task_id.clone(),
        message: of.message,
        used: false,
    };
    match work.get::<Directive>(&owner).await? {
        Some(was) => work.replace(&was, &directive)?,
        None => work.create(&directive)?,
    }
    Ok(Controlled::Armed {
        forced: Forced {
            arm: of.arm,
            task_id: of.task_id,
        },
        message: "your next order is answered so".to_owned(),
    })
}

/// Takes what was written down for the caller's order, if it is to become a task.
///
/// # Errors
/// When the store cannot be read.
pub(in crate::engine) async fn take(work: &mut Work<'_>) -> Result<Option<Staged>, Fault> {
    let taken = used(work, Arm::Submitted).await?;
    Ok(taken.map(|one| Staged {
        task_id: one.task_id,
        message: one.message,
        result: None,
    }))
}

/// Takes a directive, so that the order behind the next is answered as usual.
async fn used(work: &mut Work<'_>, arm: Arm) -> Result<Option<Directive>, Fault> {
    if !plays(work.desk().sandbox.as_ref(), work.caller()) {
        return Ok(None);
    }
    let found = work.get::<Directive>(&work.caller().name).await?;
    let Some(found) = found.filter(|one| !one.record.used && one.record.arm == arm) else {
        return Ok(None);
    };
    let used = Directive {
        used: true,
        ..found.record.clone()
    };
    work.replace(&found, &used)?;
    Ok(Some(used))
}

/// Takes what was written down for the caller's order, if it is to be answered with a question
/// back.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct TakeQuestion {}

/// What is asked back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AskedBack {
    /// The question, if there is one.
    pub question: Option<String>,
}

impl Operation for TakeQuestion {
    const NAME: &'static str = "sandbox.take_question";
    const ABOUT: &'static str =
        "Take the question that the next order is to be answered with; in a sandbox alone.";
    const KIND: Kind = Kind::Command(Permission::TradeBuys);
    type Output = AskedBack;

    async fn perform(self, work: &mut Work<'_>) -> Result<AskedBack, Fault> {
        work.about("sandbox/take_question");
        let taken = used(work, Arm::InputRequired).await?;
        let usual = || "somebody has to agree to the insertion order first".to_owned();
        Ok(AskedBack {
            question: taken.map(|one| one.message.unwrap_or_else(usual)),
        })
    }
}

/// A question back to a buyer as a refusal of its order.
#[must_use]
pub fn asked_back(question: String) -> Fault {
    Fault::adcp(Code::IoRequired, question).with("reason", "APPROVAL_REQUIRED")
}

/// Has a task go by the name that a tester gave it.
///
/// # Errors
/// When it cannot be written.
pub(in crate::engine) fn name(work: &mut Work<'_>, asked: &Approval) -> Result<(), Fault> {
    let Some(task_id) = asked.staged.as_ref().and_then(|one| one.task_id.clone()) else {
        return Ok(());
    };
    work.create(&NamedTask {
        owner: asked.asked_by.clone(),
        task_id,
        approval_id: asked.id,
    })
}

/// The task of the caller's that goes by a name that a tester gave it.
///
/// # Errors
/// When the store cannot be read.
pub(in crate::engine) async fn named(
    work: &Work<'_>,
    task_id: &str,
) -> Result<Option<ApprovalId>, Fault> {
    if !plays(work.desk().sandbox.as_ref(), work.caller()) {
        return Ok(None);
    }
    let key = NamedTask::key(&work.caller().name, task_id);
    let found = work.get::<NamedTask>(&key).await?;
    Ok(found.map(|one| one.record.approval_id))
}

/// Ends a task of the caller's: the publisher agrees, or refuses where the result says so, and
/// the result is told as it was written.
pub(super) async fn complete(work: &mut Work<'_>, of: OfTask) -> Result<Controlled, Fault> {
    let id = match of.task_id.parse::<ApprovalId>() {
        Ok(id) => Some(id),
        Err(_) => named(work, &of.task_id).await?,
    };
    let no_task = || absent("task", &of.task_id);
    let mut question = approvals::find(work, id).await.map_err(|_| no_task())?;
    let agreed = fits(&question.record.wanted, &of.result)?;
    let current = if agreed { "completed" } else { "rejected" };
    if let Some(made) = &question.record.decision {
        let told = question.record.staged.as_ref();
        if told.and_then(|one| one.result.as_ref()) == Some(&of.result) {
            return Ok(moved(&of.task_id, current, current));
        }
        let state = made.verdict.name();
        let message = format!("the task is over: it was {state}");
        return Err(Fault::wrong_state("INVALID_TRANSITION", message).with("state", state));
    }
    let say = if agreed {
        (decide::Say::Approve, None)
    } else {
        (decide::Say::Reject, Some(reason(&of.result)))
    };
    question.record.staged = Some(Staged {
        result: Some(of.result),
        ..question.record.staged.unwrap_or_default()
    });
    let stored = find(work, &question.record.buy_id).await?;
    decide::answer(work, stored, question, say).await?;
    Ok(moved(&of.task_id, "submitted", current))
}

fn moved(task: &str, from: &str, to: &str) -> Controlled {
    Controlled::Moved {
        previous_state: from.to_owned(),
        current_state: to.to_owned(),
        message: format!("{task} is {to}"),
    }
}

/// Whether a result says that a task succeeded; one that is no answer to it is refused.
fn fits(wanted: &Wanted, result: &Map<String, Value>) -> Result<bool, Fault> {
    let size = serde_json::to_string(result).map_or(usize::MAX, |text| text.len());
    if size > LARGEST {
        return Err(wrong("result", "is larger than 256 KB"));
    }
    if let Some(errors) = result.get("errors") {
        let some = errors.as_array().is_some_and(|all| !all.is_empty());
        let both = result.contains_key("media_buy_id") || result.contains_key("packages");
        if !some || both {
            return Err(wrong("result.errors", "must be a list, and stand alone"));
        }
        return Ok(false);
    }
    if !result.get("media_buy_id").is_some_and(Value::is_string) {
        return Err(wrong("result.media_buy_id", "is missing"));
    }
    let packages = result.get("packages");
    if *wanted == Wanted::Order && !packages.is_some_and(Value::is_array) {
        return Err(wrong("result.packages", "is missing"));
    }
    Ok(true)
}

fn reason(result: &Map<String, Value>) -> String {
    let first = result.get("errors").and_then(|all| all.get(0));
    let said = first.and_then(|one| one.get("message")?.as_str());
    text::inert(said.unwrap_or("the publisher said no"))
        .chars()
        .take(500)
        .collect()
}
