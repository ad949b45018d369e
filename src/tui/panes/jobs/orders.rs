//! What can be done to jobs, as proposals: what exactly would happen, with numbers, pinned
//! to the revision that the person saw.

use std::sync::Arc;

use crate::{
    domain::ids::JobId,
    engine::{
        bookings::{
            cancel::CancelJob,
            retry::RetryJob,
            rows::{JobRow, ListRows},
            submit::{SubmitBrief, Submitted},
            view::JobView,
        },
        fault::Fault,
    },
    tui::{
        clean::Clean,
        consent::Consent,
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
    /// Whether it lives elsewhere and is gone there.
    gone: bool,
    /// As which job it was tried again already, where that is known.
    retried: Option<JobId>,
}

impl Known {
    /// Which job it is.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.id
    }

    /// Learns what only the whole job says.
    pub fn learn(&mut self, job: &JobView) {
        if job.job_id == self.id {
            self.retried = job.retried_as;
        }
    }
}

impl From<&JobRow> for Known {
    fn from(row: &JobRow) -> Self {
        let name = Clean::new(&row.campaign_name);
        Self {
            id: row.job_id,
            revision: row.revision,
            gone: row.is_gone(),
            retried: None,
            line: clean!("{name}, {}, {}", row.money(), row.status.outside().words()),
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

/// Reads the jobs that have changed again, and proposes the same of what they are now.
fn renewed(jobs: &[Known], make: fn(&[Known]) -> Proposal) -> Renew {
    let all: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
    Arc::new(move |session, late| {
        let late: Vec<JobId> = late.iter().filter_map(|at| all.get(*at).copied()).collect();
        Box::pin(async move {
            let question = ListRows {
                job_ids: Some(late.clone()),
                ..ListRows::default()
            };
            let mut rows = session.ask(question).await?.rows;
            rows.sort_by_key(|row| late.iter().position(|id| *id == row.job_id));
            if rows.is_empty() {
                let message = "what has changed is no longer there";
                return Err(Fault::conflict("GONE", message));
            }
            let jobs: Vec<Known> = rows.iter().map(Known::from).collect();
            Ok(make(&jobs))
        })
    })
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
        [one] => Consent::name(one.name.as_str(), &one.id.to_string()),
        many => Consent::words(noun(many.len())),
    };
    let mut lines = vec![(
        "These will end as failed, with your name as the reason. That cannot be undone:".into(),
        Role::Text,
    )];
    lines.extend(list(jobs));
    if jobs.iter().any(|job| job.gone) {
        let said = "What is gone where it lives is only closed here. If it was approved, what nobody saw booked of it is given back: ask its sellers.";
        lines.push((said.into(), Role::Warn));
    }
    if jobs.iter().any(|job| !job.gone) {
        lines.push((
            "Nothing of them has been booked, so nothing is released or refunded.".into(),
            Role::Muted,
        ));
    }
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
        typed: Some(typed.or_keep()),
        button: "cancel for good",
        steps: jobs.iter().map(step).collect(),
        renew: Some(renewed(jobs, cancel)),
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
    for job in jobs {
        if let Some(other) = job.retried {
            let name = &job.name;
            let said = clean!("! {name} was tried again already, as {other}: this is one more.");
            lines.push((said, Role::Warn));
        }
    }
    let typed = (jobs.len() > 1).then(|| Consent::words(noun(jobs.len())));
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
            shown: None,
        })
    };
    Proposal {
        title: clean!("Retry {}", noun(jobs.len())),
        lines,
        typed,
        button: "retry",
        steps: jobs.iter().map(step).collect(),
        renew: Some(renewed(jobs, retry)),
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
        shown: None,
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
