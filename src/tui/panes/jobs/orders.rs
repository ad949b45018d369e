//! What can be done to jobs, as proposals: what exactly would happen, with numbers, pinned
//! to the revision that the person saw.

use std::sync::Arc;

use crate::{
    domain::ids::JobId,
    engine::bookings::{
        cancel::CancelJob,
        get::GetJob,
        retry::RetryJob,
        rows::JobRow,
        submit::{SubmitBrief, Submitted},
        view::JobView,
    },
    tui::{
        clean::Clean,
        effect::{Done, PaneId, Place, Proposal, Renew, Step},
        theme::Role,
    },
};

/// What a proposal has to know of a job.
#[derive(Debug, Clone)]
pub struct Known {
    id: JobId,
    name: Clean,
    revision: i64,
    line: Clean,
}

impl From<&JobRow> for Known {
    fn from(row: &JobRow) -> Self {
        let name = Clean::new(&row.campaign_name);
        Self {
            id: row.job_id,
            revision: row.revision,
            line: clean!("{name}, {}, {}", row.money(), row.status.outside().words()),
            name,
        }
    }
}

impl From<&JobView> for Known {
    fn from(job: &JobView) -> Self {
        let name = Clean::new(&job.campaign_name);
        Self {
            id: job.job_id,
            revision: job.revision,
            line: clean!(
                "{name}, {} {}, {}",
                job.budget,
                job.currency,
                job.status.words()
            ),
            name,
        }
    }
}

/// The job as a place.
fn place(id: JobId) -> Place {
    Place {
        pane: PaneId::Jobs,
        objects: vec![id.to_string()],
    }
}

fn list(jobs: &[Known]) -> Vec<(Clean, Role)> {
    let line = |job: &Known| (clean!("  {}", job.line), Role::Text);
    jobs.iter().map(line).collect()
}

fn renewed(id: JobId, make: fn(&[Known]) -> Proposal) -> Renew {
    Arc::new(move |session| {
        Box::pin(async move {
            let job = session.ask(GetJob { job_id: id }).await?;
            Ok(make(&[Known::from(&job)]))
        })
    })
}

/// One job is renewed when it has changed; of many each says so in its own line.
fn renew_one(jobs: &[Known], make: fn(&[Known]) -> Proposal) -> Option<Renew> {
    match jobs {
        [one] => Some(renewed(one.id, make)),
        _ => None,
    }
}

fn noun(count: usize) -> Clean {
    match count {
        1 => "1 job".into(),
        count => clean!("{count} jobs"),
    }
}

/// Cancels jobs for good: the name of the one, or the number of many, must be typed.
#[must_use]
pub fn cancel(jobs: &[Known]) -> Proposal {
    let typed = match jobs {
        [one] => one.name.clone(),
        many => noun(many.len()),
    };
    let mut lines = vec![(
        "These will end as failed, with your name as the reason. That cannot be undone:".into(),
        Role::Text,
    )];
    lines.extend(list(jobs));
    lines.push((
        "Nothing of them has been booked, so nothing is released or refunded.".into(),
        Role::Muted,
    ));
    let step = |job: &Known| {
        let operation = CancelJob {
            job_id: job.id,
            expected_revision: Some(job.revision),
        };
        let name = job.name.clone();
        Step::new(name.clone(), operation, move |_| {
            Done::said(clean!("{name} is cancelled"))
        })
    };
    Proposal {
        title: clean!("Cancel {}", noun(jobs.len())),
        lines,
        typed: Some(typed),
        button: "cancel for good",
        steps: jobs.iter().map(step).collect(),
        renew: renew_one(jobs, cancel),
    }
}

/// Starts the briefs of failed jobs again.
#[must_use]
pub fn retry(jobs: &[Known]) -> Proposal {
    let mut lines = vec![(
        "A new job begins with the same brief; the failed one stays as it is:".into(),
        Role::Text,
    )];
    lines.extend(list(jobs));
    let typed = (jobs.len() > 1).then(|| noun(jobs.len()));
    let step = |job: &Known| {
        let operation = RetryJob {
            job_id: job.id,
            expected_revision: Some(job.revision),
        };
        let name = job.name.clone();
        Step::new(name.clone(), operation, move |started: Submitted| Done {
            said: clean!("{name} has begun again"),
            undo: Some(undo_submit(&started, &name)),
            place: Some(place(started.job_id)),
        })
    };
    Proposal {
        title: clean!("Retry {}", noun(jobs.len())),
        lines,
        typed,
        button: "retry",
        steps: jobs.iter().map(step).collect(),
        renew: renew_one(jobs, retry),
    }
}

/// Sends a brief. Its form has shown everything and is its own question.
#[must_use]
pub fn submit(operation: SubmitBrief) -> Step {
    let name = Clean::new(&operation.brief.name);
    Step::new(name.clone(), operation, move |started: Submitted| Done {
        said: clean!("{name} is on its way"),
        undo: Some(undo_submit(&started, &name)),
        place: Some(place(started.job_id)),
    })
}

/// Taking a brief back is cancelling its job, as long as it has not booked.
fn undo_submit(started: &Submitted, name: &Clean) -> Arc<Proposal> {
    let operation = CancelJob {
        job_id: started.job_id,
        expected_revision: None,
    };
    let said = clean!("{name} is taken back");
    let step = Step::new(name.clone(), operation, move |_| Done::said(said.clone()));
    Arc::new(Proposal {
        title: clean!("Take back {name}"),
        lines: vec![(
            "The job that was begun will be cancelled, unless it has booked already.".into(),
            Role::Text,
        )],
        typed: None,
        button: "take back",
        steps: vec![step],
        renew: None,
    })
}
