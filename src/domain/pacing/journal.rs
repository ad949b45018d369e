//! What was changed of lines so that they pace better, as one entry: each field from what it
//! was to what it became, so that it can be read, replayed and taken back. Refuses to be taken
//! back twice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ratio::Ratio;
use crate::domain::{
    ids::{BuyId, ChangeId, LineId, PackageId},
    media_buy::terms::Spread,
    money::Money,
    when::Instant,
};

/// The most lines of one entry.
pub const MOST_LINES: usize = 500;

/// What one field of a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// When it is over.
    End(Instant),
    /// How much it promises.
    Goal(u64),
    /// What it may cost.
    Budget(Money),
    /// How it is spread.
    Pacing(Spread),
    /// Where it stands in the queue; lower goes first.
    Priority(u8),
    /// Whether it is held back.
    Paused(bool),
}

impl Field {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::End(_) => "end",
            Self::Goal(_) => "goal",
            Self::Budget(_) => "budget",
            Self::Pacing(_) => "pacing",
            Self::Priority(_) => "priority",
            Self::Paused(_) => "state",
        }
    }

    /// What it is, for people.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::End(at) => at.format("%Y-%m-%d %H:%M UTC").to_string(),
            Self::Goal(goal) => Ratio::count(*goal).to_string(),
            Self::Budget(budget) => budget.to_string(),
            Self::Pacing(spread) => spread.name().replace('_', " "),
            Self::Priority(place) => place.to_string(),
            Self::Paused(true) => "paused".to_owned(),
            Self::Paused(false) => "running".to_owned(),
        }
    }
}

/// One field of one line, from what it was to what it became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// Which line.
    pub line_id: LineId,
    /// What the line is called.
    pub line: Box<str>,
    /// The media buy that it delivers a package of.
    pub media_buy_id: Option<BuyId>,
    /// That package.
    pub package_id: Option<PackageId>,
    /// What it was.
    pub before: Field,
    /// What it became.
    pub after: Field,
}

impl Changed {
    /// In a few words.
    #[must_use]
    pub fn words(&self) -> String {
        let (name, before, after) = (self.before.name(), self.before.words(), self.after.words());
        format!("{name} {before} → {after}")
    }
}

/// An object as the entry left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Left {
    /// Its kind: `media_buy` or `line`.
    pub kind: String,
    /// Which.
    pub id: String,
    /// Its revision.
    pub revision: i64,
}

/// That an entry was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Undone {
    /// When.
    pub at: Instant,
    /// By whom.
    pub by: String,
    /// By which entry.
    pub change_id: ChangeId,
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Journal {
    /// Its id.
    pub id: ChangeId,
    /// When.
    pub at: Instant,
    /// Who.
    pub by: String,
    /// Why, if they said.
    #[serde(default)]
    pub note: String,
    /// Everything that was changed.
    pub changes: Vec<Changed>,
    /// The media buys whose publisher has to agree first: nothing of them was changed yet.
    #[serde(default)]
    pub asked: Vec<BuyId>,
    /// What it changed, as it left it.
    #[serde(default)]
    pub left: Vec<Left>,
    /// The entry that it takes back.
    #[serde(default)]
    pub undoes: Option<ChangeId>,
    /// That it was taken back.
    #[serde(default)]
    pub undone: Option<Undone>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;

    #[test]
    fn a_change_reads_as_from_what_to_what() {
        let changed = Changed {
            line_id: uuid::Uuid::from_u128(1).into(),
            line: "Summer".into(),
            media_buy_id: None,
            package_id: None,
            before: Field::Budget(Money::new(744_000, Currency::USD)),
            after: Field::Budget(Money::new(967_200, Currency::USD)),
        };
        assert_eq!(changed.words(), "budget 7,440.00 USD → 9,672.00 USD");
        let text = serde_json::to_string(&changed).expect("json");
        assert_eq!(
            serde_json::from_str::<Changed>(&text).expect("back"),
            changed
        );
        let goal = Field::Goal(1_000_000);
        assert_eq!((goal.name(), goal.words().as_str()), ("goal", "1,000,000"));
    }
}
