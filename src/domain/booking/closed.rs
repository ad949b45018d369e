//! Closing a job that lives elsewhere and cannot be reached there: gone, or with nobody set up to
//! ask. Refuses to say what was booked of it, because nobody has seen that.

use super::{
    job::{ExecutionStatus, Job, Refusal},
    recommendation::RecommendationStatus,
};
use crate::domain::money::Money;

impl Job {
    /// Is closed by a person although it lives elsewhere: it is not shown there any more, or nobody
    /// can ask there. What it held of the tenant's money.
    ///
    /// # Errors
    /// When it has ended.
    pub fn close(&mut self, by: &str, why: &str) -> Result<Option<Money>, Refusal> {
        if self.status.is_final() {
            let status = self.status.outside().words();
            return Err(Refusal::WrongState(format!(
                "a job that is {status} cannot be closed: it has ended"
            )));
        }
        let decided = self.status == ExecutionStatus::ExecutingBookings;
        let held = self.approval.as_ref().filter(|_| decided);
        let booked = self.lines.iter().filter(|line| line.is_booked());
        let booked: Vec<Money> = booked.map(|line| line.cost).collect();
        // What was seen booked stays committed.
        let held = held.map(|approval| {
            let booked = Money::sum(approval.cost.currency(), booked);
            let rest = booked.and_then(|booked| approval.cost.minus(booked));
            rest.unwrap_or(approval.cost)
        });
        let money = match held {
            Some(cost) => format!(
                " Of what was approved nobody saw {cost} booked: that is given back here, so ask its sellers."
            ),
            None => String::new(),
        };
        let said = format!("Closed here by {by}: {why}.{money}");
        if let Some(known) = &mut self.upstream {
            known.said.push(said.clone());
        }
        if !decided {
            for one in self.recommendations_mut() {
                one.status = RecommendationStatus::Rejected;
            }
        }
        // Shown again, it waits for a person.
        self.auto_approve = false;
        self.fail(said);
        Ok(held)
    }
}
