//! What is made up in a sandbox: scenarios that a tester may ask for, orders that shall be
//! answered in a certain way, and things that are only there to be found. Nothing of it exists
//! for a tenant that is no sandbox.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::ApprovalId;

/// What a tester may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scenario {
    /// Which scenarios there are.
    List,
    /// Move a creative.
    ForceCreative,
    /// Move an account.
    ForceAccount,
    /// Move a media buy.
    ForceBuy,
    /// Answer the next order in a certain way.
    ForceArm,
    /// End a task.
    ForceTask,
    /// End a conversation.
    ForceSession,
    /// Deliver for a media buy.
    SimulateDelivery,
    /// Spend of a budget.
    SimulateSpend,
    /// Put a product on sale.
    SeedProduct,
    /// Give a product a price.
    SeedPrice,
    /// Put a creative into the library.
    SeedCreative,
    /// Keep a plan of a governance agent.
    SeedPlan,
    /// Order a media buy under a given id.
    SeedBuy,
    /// Take a further creative format.
    SeedFormat,
}

impl Scenario {
    /// All of them, with their names on the wire.
    pub const ALL: [(Self, &'static str); 15] = [
        (Self::List, "list_scenarios"),
        (Self::ForceCreative, "force_creative_status"),
        (Self::ForceAccount, "force_account_status"),
        (Self::ForceBuy, "force_media_buy_status"),
        (Self::ForceArm, "force_create_media_buy_arm"),
        (Self::ForceTask, "force_task_completion"),
        (Self::ForceSession, "force_session_status"),
        (Self::SimulateDelivery, "simulate_delivery"),
        (Self::SimulateSpend, "simulate_budget_spend"),
        (Self::SeedProduct, "seed_product"),
        (Self::SeedPrice, "seed_pricing_option"),
        (Self::SeedCreative, "seed_creative"),
        (Self::SeedPlan, "seed_plan"),
        (Self::SeedBuy, "seed_media_buy"),
        (Self::SeedFormat, "seed_creative_format"),
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        let own = Self::ALL.iter().find(|(one, _)| *one == self);
        own.map_or("", |(_, name)| name)
    }

    /// Those that have something to work on here: nobody holds conversations.
    pub fn offered() -> impl Iterator<Item = &'static str> {
        let idle = [Self::List, Self::ForceSession];
        let offered = Self::ALL.iter().filter(move |(one, _)| !idle.contains(one));
        offered.map(|(_, name)| *name)
    }

    /// Those that a seller may say it has before anybody asks the controller.
    pub fn claimed() -> impl Iterator<Item = &'static str> {
        let known = [
            "force_creative_status",
            "force_account_status",
            "force_media_buy_status",
            "simulate_delivery",
            "simulate_budget_spend",
        ];
        Self::offered().filter(move |name| known.contains(name))
    }
}

/// No scenario that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such scenario; list_scenarios names them")]
pub struct UnknownScenario;

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(text: &str) -> Result<Self, UnknownScenario> {
        let found = Self::ALL.iter().find(|(_, name)| *name == text);
        found.map(|(one, _)| *one).ok_or(UnknownScenario)
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// How an order is to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Arm {
    /// As a task that waits for the publisher.
    Submitted,
    /// With a question back.
    InputRequired,
}

/// That a buyer's next order is to be answered in a certain way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directive {
    /// Whose order.
    pub owner: String,
    /// How.
    pub arm: Arm,
    /// What the task is to be called.
    pub task_id: Option<String>,
    /// What is to be said.
    pub message: Option<String>,
    /// Whether an order was answered so.
    pub used: bool,
}

/// What a tester wants told of a task.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Staged {
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    /// What is said while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What it ended with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Map<String, Value>>,
}

/// The task that goes by a name that a tester gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedTask {
    /// Whose.
    pub owner: String,
    /// The name.
    pub task_id: String,
    /// The question to the publisher that it is.
    pub approval_id: ApprovalId,
}

impl NamedTask {
    /// Under which name it is kept.
    #[must_use]
    pub fn key(owner: &str, task_id: &str) -> String {
        // The owner's length stands first, so that no two pairs make one name.
        format!("{}:{owner}/{task_id}", owner.len())
    }
}

/// Something that is only there to be found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fixture {
    /// What it is: `plan`, `creative_format` or `implied_format`.
    pub kind: String,
    /// Its id among those.
    pub id: String,
    /// What was said of it.
    pub body: Map<String, Value>,
}

impl Fixture {
    /// What formats are called.
    pub const FORMAT: &'static str = "creative_format";
    /// What formats are called that came with a product.
    pub const IMPLIED_FORMAT: &'static str = "implied_format";
    /// What plans are called.
    pub const PLAN: &'static str = "plan";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_reads_its_own_name_and_only_what_works_is_offered() {
        for (one, name) in Scenario::ALL {
            assert_eq!(name.parse(), Ok(one));
            assert_eq!(one.to_string(), name);
        }
        assert_eq!("explode".parse::<Scenario>(), Err(UnknownScenario));
        let offered: Vec<_> = Scenario::offered().collect();
        assert!(!offered.contains(&"force_session_status"));
        assert!(Scenario::claimed().all(|name| offered.contains(&name)));
    }
}
