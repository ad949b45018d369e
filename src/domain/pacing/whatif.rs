//! What if: a change of a line's terms, tried before anything is sent. Changes become edits,
//! each of one field from what it was to what it will be; edits apply only to what they were
//! made from, and turn round to be taken back. Refuses what cannot be.

use std::collections::BTreeMap;

use chrono::Duration;

use super::{
    clock::Clock,
    curve::Pacing,
    figures::Figures,
    ratio::Ratio,
    terms::{Goal, Lifecycle, MOST, Name, Pause, Rebase, Seen, Terms},
};
use crate::domain::when::{Instant, NotAFlight};

/// What somebody would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// End so many days later.
    Extend(Duration),
    /// End so much earlier.
    Shorten(Duration),
    /// Promise so much instead.
    Goal(Ratio),
    /// Promise this part of it more, or less.
    GoalBy(Ratio),
    /// Let it cost so much instead.
    Budget(Ratio),
    /// Move so much of the budget to another line; the sum stays.
    Shift(Ratio, Name),
    /// Pace otherwise.
    Pace(Pacing),
    /// Go before others, or after them.
    Priority(u8),
    /// Hold back.
    Pause,
    /// Let go on.
    Resume,
}

/// Why a change cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No such line.
    #[error("there is no line {0}")]
    NoLine(Name),
    /// It has ended, or never will run.
    #[error("the line {0} is over")]
    Over(Name),
    /// Its flight would be none.
    #[error("{0}")]
    Flight(#[from] NotAFlight),
    /// It would end before what was counted.
    #[error("it would end before {0}, until when it was counted")]
    Past(Instant),
    /// There is no goal to change.
    #[error("the line has no goal to change")]
    NoGoal,
    /// Not above zero, or larger than anything sold.
    #[error("{0} is not a goal")]
    NotAGoal(Ratio),
    /// Not above zero, or larger than anything sold.
    #[error("{0} is not a budget")]
    NotABudget(Ratio),
    /// There is no budget to move.
    #[error("the line {0} has no budget to move")]
    NoBudget(Name),
    /// To itself, backwards, or nothing.
    #[error("there is nothing to move")]
    Nothing,
    /// More than is left of it.
    #[error("only {left} of the budget can be taken away: {spent} is spent")]
    Spent {
        /// Whose.
        line: Name,
        /// What can be moved.
        left: Ratio,
        /// What cannot.
        spent: Ratio,
    },
    /// Two currencies.
    #[error("the budgets are in two currencies")]
    Mixed,
    /// No such priority.
    #[error("a priority is from 1 to 16")]
    Priority,
    /// It is already so.
    #[error("the line {0} is already so")]
    Already(Name),
    /// Somebody else changed it meanwhile.
    #[error("the line {0} has changed since")]
    Stale(Name),
    /// More digits than are kept.
    #[error("the numbers are too long for an exact answer")]
    TooLong,
}

/// What one field of a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// When it starts and ends.
    Flight(Instant, Instant),
    /// What it promises.
    Goal(Goal),
    /// What it may cost.
    Budget(Option<Ratio>),
    /// How it is paced.
    Pacing(Pacing),
    /// Which lines it goes before.
    Priority(Option<u8>),
    /// Whether it runs.
    Lifecycle(Lifecycle),
    /// When it was held back.
    Pauses(Vec<Pause>),
    /// When its plan was laid anew.
    Rebase(Option<Rebase>),
}

/// One field of one line, from what it was to what it will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Whose.
    pub line: Name,
    /// What it was.
    pub before: Field,
    /// What it will be.
    pub after: Field,
}

impl Edit {
    fn reversed(self) -> Self {
        Self {
            line: self.line,
            before: self.after,
            after: self.before,
        }
    }
}

/// A line: what it promised and what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it promised.
    pub terms: Terms,
    /// What was seen of it.
    pub seen: Seen,
}

/// Lines by name.
pub type Lines = BTreeMap<Name, Line>;

/// What a plan of changes comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diff(Vec<Edit>);

impl Diff {
    /// Makes the edits of changes, in order, each upon the one before.
    ///
    /// # Errors
    /// When one of them cannot be; then there is none.
    pub fn of(lines: &Lines, changes: &[(Name, Change)]) -> Result<Self, Refused> {
        // Only what is touched is copied.
        let mut touched = Lines::new();
        let mut edits = Vec::new();
        for (name, change) in changes {
            for name in [Some(name), change.other()].into_iter().flatten() {
                if !touched.contains_key(name) {
                    let line = lines
                        .get(name)
                        .ok_or_else(|| Refused::NoLine(name.clone()))?;
                    touched.insert(name.clone(), line.clone());
                }
            }
            let more = Self(change.edits(name, &touched)?);
            more.apply(&mut touched)?;
            edits.extend(more.0);
        }
        Ok(Self(edits))
    }

    /// Its edits in order.
    #[must_use]
    pub fn edits(&self) -> &[Edit] {
        &self.0
    }

    /// What takes it back.
    #[must_use]
    pub fn inverse(self) -> Self {
        Self(self.0.into_iter().rev().map(Edit::reversed).collect())
    }

    /// Edits the lines: all of it or nothing.
    ///
    /// # Errors
    /// When a field is no longer what it was when the edits were made.
    pub fn apply(&self, lines: &mut Lines) -> Result<(), Refused> {
        for (at, edit) in self.0.iter().enumerate() {
            if let Err(why) = step(lines, edit) {
                let done = Self(self.0[..at].to_vec()).inverse();
                done.0.iter().try_for_each(|edit| step(lines, edit))?;
                return Err(why);
            }
        }
        Ok(())
    }

    /// The figures of every line that it touches, before and after.
    ///
    /// # Errors
    /// As [`Diff::apply`].
    pub fn projected(&self, lines: &Lines) -> Result<BTreeMap<Name, (Figures, Figures)>, Refused> {
        let touched = self.0.iter().map(|edit| &edit.line);
        let before: Lines = touched
            .filter_map(|name| Some((name.clone(), lines.get(name)?.clone())))
            .collect();
        let mut after = before.clone();
        self.apply(&mut after)?;
        let figures = |line: &Line| Figures::of(&line.terms, &line.seen);
        let pairs = before.into_iter().zip(after.values());
        Ok(pairs
            .map(|((name, old), new)| (name, (figures(&old), figures(new))))
            .collect())
    }
}

fn step(lines: &mut Lines, edit: &Edit) -> Result<(), Refused> {
    let absent = || Refused::NoLine(edit.line.clone());
    let terms = &mut lines.get_mut(&edit.line).ok_or_else(absent)?.terms;
    if edit.before.same_of(terms) != edit.before {
        return Err(Refused::Stale(edit.line.clone()));
    }
    edit.after.clone().put(terms)
}

impl Field {
    /// The same field as it is in some terms.
    fn same_of(&self, terms: &Terms) -> Self {
        match self {
            Self::Flight(..) => Self::Flight(terms.clock.start(), terms.clock.end()),
            Self::Goal(_) => Self::Goal(terms.goal),
            Self::Budget(_) => Self::Budget(terms.budget),
            Self::Pacing(_) => Self::Pacing(terms.pacing.clone()),
            Self::Priority(_) => Self::Priority(terms.priority),
            Self::Lifecycle(_) => Self::Lifecycle(terms.lifecycle),
            Self::Pauses(_) => Self::Pauses(terms.pauses.clone()),
            Self::Rebase(_) => Self::Rebase(terms.rebase),
        }
    }

    fn put(self, terms: &mut Terms) -> Result<(), Refused> {
        match self {
            Self::Flight(start, end) => terms.clock = terms.clock.moved(start, end)?,
            Self::Goal(goal) => terms.goal = goal,
            Self::Budget(budget) => terms.budget = budget,
            Self::Pacing(pacing) => terms.pacing = pacing,
            Self::Priority(priority) => terms.priority = priority,
            Self::Lifecycle(lifecycle) => terms.lifecycle = lifecycle,
            Self::Pauses(pauses) => terms.pauses = pauses,
            Self::Rebase(rebase) => terms.rebase = rebase,
        }
        Ok(())
    }
}

impl Change {
    fn other(&self) -> Option<&Name> {
        match self {
            Self::Shift(_, to) => Some(to),
            _ => None,
        }
    }

    fn edits(&self, name: &Name, lines: &Lines) -> Result<Vec<Edit>, Refused> {
        let line = lines
            .get(name)
            .ok_or_else(|| Refused::NoLine(name.clone()))?;
        let ended = line.seen.as_of >= line.terms.clock.end() && !matches!(self, Self::Extend(_));
        let gone = matches!(
            line.terms.lifecycle,
            Lifecycle::Cancelled | Lifecycle::Rejected
        );
        if ended || gone {
            return Err(Refused::Over(name.clone()));
        }
        let fields = match self {
            Self::Extend(by) => end_at(line, line.terms.clock.end() + (*by).max(Duration::zero()))?,
            Self::Shorten(by) => {
                end_at(line, line.terms.clock.end() - (*by).max(Duration::zero()))?
            }
            Self::Goal(goal) => aim(line, *goal)?,
            Self::GoalBy(part) => {
                let goal = line.terms.goal.amount().ok_or(Refused::NoGoal)?;
                let factor = Ratio::ONE.plus(*part).ok_or(Refused::TooLong)?;
                aim(line, goal.times(factor).ok_or(Refused::TooLong)?)?
            }
            Self::Budget(budget) => fund(name, line, *budget)?,
            Self::Shift(amount, to) => return shift(name, to, *amount, lines),
            Self::Pace(pacing) => vec![Field::Pacing(pacing.clone())],
            Self::Priority(priority) if (1..=16).contains(priority) => {
                vec![Field::Priority(Some(*priority))]
            }
            Self::Priority(_) => return Err(Refused::Priority),
            Self::Pause => pause(name, line)?,
            Self::Resume => resume(name, line)?,
        };
        let edits: Vec<Edit> = fields
            .into_iter()
            .map(|after| Edit {
                line: name.clone(),
                before: after.same_of(&line.terms),
                after,
            })
            .filter(|edit| edit.before != edit.after)
            .collect();
        if edits.is_empty() {
            return Err(Refused::Already(name.clone()));
        }
        Ok(edits)
    }
}

/// The plan laid anew, when the flight has begun.
fn rebased(line: &Line) -> Option<Field> {
    let (at, clock) = (line.seen.as_of, &line.terms.clock);
    let rebase = Rebase {
        at,
        delivered: line.seen.delivered,
    };
    (at > clock.start() && at < clock.end()).then_some(Field::Rebase(Some(rebase)))
}

fn end_at(line: &Line, end: Instant) -> Result<Vec<Field>, Refused> {
    let clock: &Clock = &line.terms.clock;
    clock.moved(clock.start(), end)?;
    if end <= line.seen.as_of {
        return Err(Refused::Past(line.seen.as_of));
    }
    if end == clock.end() {
        return Ok(Vec::new());
    }
    let flight = Field::Flight(clock.start(), end);
    Ok([Some(flight), rebased(line)]
        .into_iter()
        .flatten()
        .collect())
}

fn aim(line: &Line, goal: Ratio) -> Result<Vec<Field>, Refused> {
    let unit = line.terms.goal.unit().ok_or(Refused::NoGoal)?;
    if !goal.is_positive() || goal > Ratio::whole(MOST) {
        return Err(Refused::NotAGoal(goal));
    }
    let aimed = Goal::Amount(unit, goal);
    if aimed == line.terms.goal {
        return Ok(Vec::new());
    }
    Ok([Some(Field::Goal(aimed)), rebased(line)]
        .into_iter()
        .flatten()
        .collect())
}

fn fund(name: &Name, line: &Line, budget: Ratio) -> Result<Vec<Field>, Refused> {
    let before = line.terms.budget;
    let before = before.ok_or_else(|| Refused::NoBudget(name.clone()))?;
    if !budget.is_positive() || budget > Ratio::whole(MOST) {
        return Err(Refused::NotABudget(budget));
    }
    let spent = line.seen.spent.unwrap_or(Ratio::ZERO);
    if budget < spent.min(before) {
        let left = before.minus(spent).ok_or(Refused::TooLong)?.or_zero();
        return Err(Refused::Spent {
            line: name.clone(),
            left,
            spent,
        });
    }
    Ok(vec![Field::Budget(Some(budget))])
}

fn pause(name: &Name, line: &Line) -> Result<Vec<Field>, Refused> {
    if line.terms.lifecycle != Lifecycle::Live {
        return Err(Refused::Already(name.clone()));
    }
    let mut pauses = line.terms.pauses.clone();
    pauses.push(Pause {
        from: line.seen.as_of,
        until: None,
    });
    Ok(vec![
        Field::Lifecycle(Lifecycle::Paused),
        Field::Pauses(pauses),
    ])
}

fn resume(name: &Name, line: &Line) -> Result<Vec<Field>, Refused> {
    if line.terms.lifecycle != Lifecycle::Paused {
        return Err(Refused::Already(name.clone()));
    }
    let mut pauses = line.terms.pauses.clone();
    if let Some(open) = pauses.last_mut().filter(|pause| pause.until.is_none()) {
        open.until = Some(line.seen.as_of);
    }
    Ok(vec![
        Field::Lifecycle(Lifecycle::Live),
        Field::Pauses(pauses),
    ])
}

fn shift(from: &Name, to: &Name, amount: Ratio, lines: &Lines) -> Result<Vec<Edit>, Refused> {
    if from == to || !amount.is_positive() {
        return Err(Refused::Nothing);
    }
    let find = |name: &Name| lines.get(name).ok_or_else(|| Refused::NoLine(name.clone()));
    let (giver, taker) = (find(from)?, find(to)?);
    if giver.terms.currency != taker.terms.currency {
        return Err(Refused::Mixed);
    }
    let budget = |name: &Name, line: &Line| {
        line.terms
            .budget
            .ok_or_else(|| Refused::NoBudget(name.clone()))
    };
    let (less, more) = (budget(from, giver)?, budget(to, taker)?);
    let spent = giver.seen.spent.unwrap_or(Ratio::ZERO);
    let left = less.minus(spent).ok_or(Refused::TooLong)?.or_zero();
    if amount > left {
        return Err(Refused::Spent {
            line: from.clone(),
            left,
            spent,
        });
    }
    let edit = |name: &Name, before: Ratio, after: Option<Ratio>| -> Result<Edit, Refused> {
        let after = after.ok_or(Refused::TooLong)?;
        Ok(Edit {
            line: name.clone(),
            before: Field::Budget(Some(before)),
            after: Field::Budget(Some(after)),
        })
    };
    Ok(vec![
        edit(from, less, less.minus(amount))?,
        edit(to, more, more.plus(amount))?,
    ])
}

#[cfg(test)]
mod tests;
