//! The controller of the sandbox: testers of buyers' agents force states, seed what they want
//! to find, and choose how the next order is answered. Everything goes through the state
//! machines and the books of the real thing. Refuses to exist for a tenant that is no sandbox,
//! and refuses keys that say they are live.

pub mod arm;
mod force;
pub(super) mod seed;
mod simulate;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    fault::{Fault, FaultKind},
    operation::{Kind, Operation},
    question,
    work::Work,
};
use crate::domain::{
    media_buy::{
        approval::Approval,
        draft::{BuyDraft, read_instant},
    },
    policy::Permission,
    problem::{Code, Problem},
    sandbox::{Arm, Scenario},
    tenant::caller::Caller,
    when::{LONGEST_FLIGHT, rfc3339},
};

/// What keys begin with that belong to a live account: they play like all others, and have no
/// hand on the controller.
const LIVE: &str = "demo-acme-outdoor-live-";

/// The kind of the reconciler that signs for the publisher.
pub const SIGN: &str = "sign_in_sandbox";
/// How long an order waits for its signature here, in seconds.
const SIGNED_AFTER: i64 = 3;

/// Asks the controller for a scenario.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Control {
    /// Which.
    pub scenario: String,
    /// What it needs.
    #[serde(default)]
    pub params: Map<String, Value>,
}

/// How an order will be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Forced {
    /// In which way.
    pub arm: Arm,
    /// What its task is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
}

/// What the controller did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Controlled {
    /// It said what there is.
    Known {
        /// The scenarios.
        scenarios: Vec<String>,
    },
    /// It moved something.
    Moved {
        /// From.
        previous_state: String,
        /// To.
        current_state: String,
        /// In a sentence.
        message: String,
    },
    /// It will answer an order in a certain way.
    Armed {
        /// How.
        forced: Forced,
        /// In a sentence.
        message: String,
    },
    /// It made delivery up.
    Simulated {
        /// What it made up.
        simulated: Map<String, Value>,
        /// What there is with it in all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cumulative: Option<Map<String, Value>>,
        /// In a sentence.
        message: String,
    },
    /// It put something there.
    Seeded {
        /// In a sentence.
        message: String,
    },
}

impl Operation for Control {
    const NAME: &'static str = "sandbox.control";
    const ABOUT: &'static str = "Force a state or seed a fixture; in a sandbox alone.";
    const KIND: Kind = Kind::Command(Permission::TradeBuys);
    type Output = Controlled;

    async fn perform(self, work: &mut Work<'_>) -> Result<Controlled, Fault> {
        admit(work)?;
        let scenario: Scenario = self.scenario.parse().map_err(|unknown| {
            Fault::new(FaultKind::Invalid, "UNKNOWN_SCENARIO", format!("{unknown}"))
        })?;
        work.about(format!("sandbox/{scenario}"));
        let params = Params(self.params);
        match scenario {
            Scenario::List => Ok(Controlled::Known {
                scenarios: Scenario::offered().map(str::to_owned).collect(),
            }),
            Scenario::ForceCreative => force::creative(work, params.read()?).await,
            Scenario::ForceAccount => force::account(work, params.read()?).await,
            Scenario::ForceBuy => force::buy(work, params.read()?).await,
            Scenario::ForceArm => arm::register(work, params.read()?).await,
            Scenario::ForceTask => arm::complete(work, params.read()?).await,
            Scenario::ForceSession => force::session(&params.read()?),
            Scenario::SimulateDelivery => simulate::delivery(work, params.read()?).await,
            Scenario::SimulateSpend => simulate::spend(work, params.read()?).await,
            Scenario::SeedProduct => seed::product(work, params.read()?).await,
            Scenario::SeedPrice => seed::price(work, params.read()?).await,
            Scenario::SeedCreative => seed::creative(work, params.read()?).await,
            Scenario::SeedPlan => seed::plan(work, params.read()?).await,
            Scenario::SeedBuy => seed::buy(work, params.read()?).await,
            Scenario::SeedFormat => seed::format(work, params.read()?).await,
        }
    }
}

/// Whether a caller plays in the sandbox, live key or not.
#[must_use]
pub fn plays(sandbox: Option<&crate::domain::ids::TenantId>, caller: &Caller) -> bool {
    sandbox == Some(&caller.tenant)
}

/// Has an order end while it can still be reckoned with: testers write ends that lie decades
/// off, and are told the end that they got. Outside of a sandbox such an order is refused.
pub(in crate::engine) fn shorten(work: &Work<'_>, draft: &mut BuyDraft) {
    if !plays(work.desk().sandbox.as_ref(), work.caller()) {
        return;
    }
    let now = work.now();
    let Ok(end) = read_instant("end_time", &draft.end_time) else {
        return;
    };
    let start = read_instant("start_time", &draft.start_time).unwrap_or(now);
    let last = start.max(now) + chrono::Duration::days(LONGEST_FLIGHT - 1);
    if end > last {
        draft.end_time = rfc3339(last);
    }
}

/// Has an order signed that waits for the publisher, unless a tester wants it to wait.
pub(in crate::engine) fn have_signed(work: &mut Work<'_>, asked: &Approval) {
    if asked.staged.is_none() && plays(work.desk().sandbox.as_ref(), work.caller()) {
        let at = work.now() + chrono::Duration::seconds(SIGNED_AFTER);
        work.wake(SIGN, asked.id.to_string(), at);
    }
}

/// Refuses everybody who has no hand on the controller.
fn admit(work: &Work<'_>) -> Result<(), Fault> {
    if !plays(work.desk().sandbox.as_ref(), work.caller()) {
        let message = "there is no sandbox here";
        return Err(Fault::new(FaultKind::NotFound, "NO_SANDBOX", message)
            .hint("serve with --sandbox to try agents out"));
    }
    if work.caller().name.starts_with(LIVE) {
        let message = "this key belongs to a live account; the controller is for the sandbox";
        return Err(Fault::new(FaultKind::Forbidden, "FORBIDDEN", message));
    }
    Ok(())
}

/// What a scenario was given.
struct Params(Map<String, Value>);

impl Params {
    /// Reads it as what the scenario needs.
    fn read<T: DeserializeOwned>(self) -> Result<T, Fault> {
        question::read_part(&Value::Object(self.0)).map_err(|mut fault| {
            for problem in &mut fault.problems {
                problem.field = format!("params.{}", problem.field);
            }
            Fault::invalid(fault.problems)
        })
    }
}

/// Something in the parameters is wrong.
fn wrong(field: &str, message: impl Into<String>) -> Fault {
    let field = format!("params.{field}");
    Fault::field(Problem::new(field, Code::new("INVALID_PARAMS"), message))
}

/// There is nothing of that name that belongs to the caller.
fn absent(what: &str, id: &str) -> Fault {
    let message = format!("there is no {what} {}", crate::domain::text::echo(id));
    Fault::new(FaultKind::NotFound, "NOT_FOUND", message)
}
