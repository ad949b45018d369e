//! Checks what stands in the brief form as the engine will, and puts every problem beside
//! the field that it is about. Decides nothing by itself.

use chrono::NaiveDate;

use super::{filled::Filled, part::Part};
use crate::domain::{
    booking::brief::{Brief, CampaignBrief},
    money::Currency,
    problem::Problem,
};

/// What stands in the form, as it was found.
pub struct Checked {
    /// The brief as it would be sent.
    pub sent: CampaignBrief,
    /// What the engine would make of it, where nothing is wrong.
    pub brief: Option<Brief>,
    /// What is wrong, in the order of the fields.
    pub problems: Vec<(Part, Problem)>,
}

impl Checked {
    /// Checks it on a day, in the desk's currency.
    #[must_use]
    pub fn new(filled: &Filled, today: NaiveDate, currency: Currency) -> Self {
        let reading = filled.read();
        let checked = reading.brief.check(today, currency, None);
        let mut problems = reading.problems;
        let brief = match checked {
            Ok(brief) => problems.is_empty().then_some(brief),
            Err(more) => {
                // What could not be read has been said already.
                let new: Vec<Problem> = more
                    .into_iter()
                    .filter(|one| problems.iter().all(|known| known.field != one.field))
                    .collect();
                problems.extend(new);
                None
            }
        };
        Self {
            sent: reading.brief,
            brief,
            problems: placed(filled, problems),
        }
    }

    /// What is wrong with a field.
    pub fn of(&self, part: Part) -> impl Iterator<Item = &Problem> {
        let here = self.problems.iter().filter(move |(at, _)| *at == part);
        here.map(|(_, problem)| problem)
    }
}

/// Every problem with the field, among those that are there, that can mend it.
#[must_use]
pub fn placed(filled: &Filled, problems: Vec<Problem>) -> Vec<(Part, Problem)> {
    let parts = filled.parts();
    let mut placed: Vec<(Part, Problem)> = problems
        .into_iter()
        .map(|problem| {
            let part = Part::of(&problem.field).unwrap_or(Part::Name);
            let group = part.group();
            let part = if parts.contains(&part) {
                part
            } else {
                let near = parts.iter().copied().find(|one| one.group() == group);
                near.unwrap_or(part)
            };
            (part, problem)
        })
        .collect();
    placed.sort_by_key(|(part, _)| *part);
    placed
}
