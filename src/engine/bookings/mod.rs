//! Booking jobs: from a brief to booked lines. One file an operation; the steps between a
//! brief and its end are the engine's own.

pub mod approve;
pub mod budget;
pub mod cancel;
pub mod elsewhere;
pub mod get;
pub mod history;
mod kept;
pub mod list;
pub mod looked;
pub mod moved;
pub mod retry;
pub mod rows;
pub(super) mod seen;
pub mod settled;
pub mod steps;
pub mod submit;
pub mod talks;
pub mod upstream;
pub mod view;

use crate::{
    domain::booking::job::{Job, Refusal},
    engine::{fault::Fault, work::Work},
};

/// The kind of the reconciler that runs jobs.
pub const RUN_JOB: &str = "run_job";

/// Tells whoever watches what happened to a job.
fn tell(work: &mut Work<'_>, job: &Job, name: &'static str, detail: impl Into<String>) {
    work.tell(name, "job", job.id.to_string(), detail);
}

/// Says why a job refused a step, in the words of the border.
fn refused(refusal: Refusal) -> Fault {
    match refusal {
        Refusal::WrongState(why) => Fault::wrong_state("INVALID_STATUS", why),
        Refusal::Unknown(ids) => {
            let shown: Vec<String> = ids
                .iter()
                .take(20)
                .map(|id| crate::domain::text::echo(id))
                .collect();
            let message = format!(
                "{} of the ids are not recommended in this job: nothing was approved",
                ids.len()
            );
            let problem = crate::domain::problem::Problem::new(
                "approved_product_ids",
                crate::domain::problem::Code::new("UNKNOWN_PRODUCT"),
                message,
            );
            Fault::field(problem.hint("take the ids from `recommendations` of this job"))
                .with("unknown", shown)
        }
        Refusal::OverBudget { cost, budget, over } => {
            let message = format!(
                "the chosen lines cost {cost}, {over} more than the budget of {budget}: nothing was approved"
            );
            let problem = crate::domain::problem::Problem::new(
                "approved_product_ids",
                crate::domain::problem::Code::new("OVER_BUDGET"),
                message,
            );
            Fault::field(problem.hint("choose fewer"))
        }
        Refusal::Money(why) => Fault::broken(why),
    }
}
