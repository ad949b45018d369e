//! Proposes to move budgets within a media buy, from packages that will not spend theirs to
//! those that could spend more. The sum is zero, and nobody falls below what is spent. Changes
//! nothing: what it proposes can be tried and applied.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LineChange, Steer};
use crate::{
    domain::{
        ids::{BuyId, LineId},
        media_buy::buy::MediaBuy,
        money::Money,
        pacing::{
            ratio::Ratio,
            reallocate::{Package, in_money, propose},
            terms::Lifecycle,
        },
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        pacing::book::{Weighed, Which, weighed},
        work::Work,
    },
};

/// Proposes to move budgets within a media buy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reallocate {
    /// Which.
    pub media_buy_id: BuyId,
}

/// Budgets that could be moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reallocation {
    /// What each line would give or take; empty where nothing should be moved.
    pub moves: Vec<BudgetMove>,
    /// The same as changes, pinned to what was seen.
    pub changes: Vec<LineChange>,
}

/// What one line would give or take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BudgetMove {
    /// Which.
    pub line_id: LineId,
    /// What it is called.
    pub line: Box<str>,
    /// From what.
    pub before: Money,
    /// To what.
    pub after: Money,
}

impl Operation for Reallocate {
    const NAME: &'static str = "pacing.reallocate";
    const ABOUT: &'static str = "Propose to move budgets within a media buy, with a sum of zero.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = Reallocation;

    async fn perform(self, work: &mut Work<'_>) -> Result<Reallocation, Fault> {
        let id = &self.media_buy_id;
        let stored = work.get::<MediaBuy>(id.as_str()).await?;
        let stored = stored.ok_or_else(|| Fault::absent("media_buy", id.as_str()))?;
        let lines = weighed(work, Which::Of(stored.record.order_id), None).await?;
        let packages: Vec<Package> = lines.iter().filter_map(package).collect();
        let mut moves = Vec::new();
        let mut changes = Vec::new();
        for one in propose(&packages) {
            let is = |line: &&Weighed| line.entry.line.to_string() == one.name.as_str();
            let Some(line) = lines.iter().find(is) else {
                continue;
            };
            moves.push(BudgetMove {
                line_id: line.entry.line,
                line: line.entry.name.clone(),
                before: one.before,
                after: one.after,
            });
            changes.push(LineChange {
                line_id: line.entry.line,
                steer: Steer::Budget(one.after.into()),
                revision: Some(line.entry.pin()),
            });
        }
        Ok(Reallocation { moves, changes })
    }
}

/// A line that may give or take.
fn package(one: &Weighed) -> Option<Package> {
    let (figures, seen) = (one.figures.as_ref()?, one.seen.as_ref()?);
    let (budget, currency) = (one.terms.budget?, one.terms.currency?);
    let end = figures.recent().or(figures.projected_plan)?;
    let share = end.over(one.terms.goal.amount()?)?;
    let money = |amount: Ratio| in_money(amount, currency);
    let over = seen.as_of >= one.terms.clock.end();
    Some(Package {
        name: one.entry.line.to_string().as_str().into(),
        budget: money(budget)?,
        spent: money(seen.spent.unwrap_or(Ratio::ZERO))?,
        projected: money(budget.times(share)?)?,
        is_fixed: over || one.terms.lifecycle != Lifecycle::Live,
    })
}
