//! What the pane does with the jobs that are meant, and what it says while there are none. Proposes
//! and wants things done; does none of it itself.

use super::{Jobs, orders};
use crate::{
    domain::booking::job::{ExecutionStatus, JobStatus},
    engine::bookings::{get::GetJob, rows::JobRow},
    tui::{
        command::Action,
        effect::{Ctx, Effect, PaneId, Place, Reply, Ticket},
        grid::Format,
        live::Taken,
        paint::{Canvas, Look},
        panes::{empty, split},
        theme::Role,
    },
};

/// How many jobs are read whole before they are tried again.
const READ: usize = 20;

impl Jobs {
    pub(super) fn review(&self, ctx: &mut Ctx<'_>) {
        let rows = self.grid.targets().into_iter();
        let ids = rows.filter(|row| can_review(row)).map(|row| row.job_id);
        let place = Place {
            pane: PaneId::Review,
            objects: ids.map(|id| id.to_string()).collect(),
        };
        ctx.want(Effect::Go(place));
    }

    pub(super) fn export(&self, ctx: &mut Ctx<'_>) {
        let files = [Format::Csv, Format::Json].map(|format| {
            let name = format!("flightdeck-jobs.{}", format.ending());
            (name, self.grid.export(format))
        });
        split::export(files, ctx);
    }

    /// Proposes to try failed jobs again; what was tried again already is told, and read for that
    /// where it is not known.
    pub(super) fn retry(&mut self, ctx: &mut Ctx<'_>) {
        let mut jobs = self.targets(can_retry);
        if let ([one], Some(job)) = (&mut jobs[..], self.detail.job())
            && one.id() == job.job_id
        {
            one.learn(job);
            return ctx.want(Effect::Propose(orders::retry(&jobs)));
        }
        self.retried.forget();
        self.retried.ask_with(ctx, async move |session| {
            for known in jobs.iter_mut().take(READ) {
                let job_id = known.id();
                if let Ok(job) = session.ask(GetJob { job_id }).await {
                    known.learn(&job);
                }
            }
            Ok(jobs)
        });
    }

    /// Takes what was read of jobs that are to be tried again, if it is that.
    pub(super) fn retry_known(
        &mut self,
        ticket: Ticket,
        reply: &mut Option<Reply>,
        ctx: &mut Ctx<'_>,
    ) {
        if self.retried.take(ticket, reply, ctx.now) != Taken::Other
            && let Some(jobs) = self.retried.take_value()
        {
            ctx.want(Effect::Propose(orders::retry(&jobs)));
        }
    }
}

pub(super) fn can_cancel(row: &JobRow) -> bool {
    let books = row.status == ExecutionStatus::ExecutingBookings;
    // What is gone where it lives can be closed here, whatever was decided.
    !row.status.is_final() && (!books || row.is_gone())
}

pub(super) fn can_retry(row: &JobRow) -> bool {
    row.status.outside() == JobStatus::Failed
}

pub(super) fn can_review(row: &JobRow) -> bool {
    row.status.outside() == JobStatus::AwaitingApproval
}

impl Jobs {
    /// What stands there while there is nothing: loading, a fault, or how to begin.
    pub(super) fn draw_empty(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let how = || {
            let key = look.keymap.key(Action::NewBrief);
            let key = key.map_or_else(|| "the palette".to_owned(), |key| key.to_string());
            let begin = clean!("Press {key} to write the first campaign brief.");
            let demo = "To look around first, start `flightdeck --demo`.";
            vec![
                ("There are no booking jobs yet.".into(), Role::Title),
                (begin, Role::Text),
                (demo.into(), Role::Muted),
            ]
        };
        empty::draw(canvas, empty::lines(self.pages.fault(), self.loaded, how));
    }
}
