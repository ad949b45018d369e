//! The brief forms of the pane: a new one, one from a file, one that begins as a copy of a
//! job. Keeps what was typed and not sent for the next one.

use crate::{
    domain::ids::JobId,
    engine::bookings::{get::GetJob, view::JobView},
    tui::{
        clean::Clean,
        effect::{Ctx, Effect, Reply, Ticket},
        live::{Live, Taken},
        overlays::brief::{BriefForm, Draft},
        theme::Role,
    },
};

/// Opens brief forms.
#[derive(Default)]
pub struct Forms {
    draft: Draft,
    /// The job that is read to be copied.
    copied: Live<JobView>,
}

impl Forms {
    /// Opens an empty form, or the one that was left.
    pub fn new_brief(&self, ctx: &mut Ctx<'_>) {
        let form = BriefForm::new(&self.draft, ctx);
        ctx.want(Effect::Open(Box::new(form)));
    }

    /// Opens a form and asks for the file to fill it from.
    pub fn load(&self, ctx: &mut Ctx<'_>) {
        let form = BriefForm::blank(&self.draft, ctx);
        ctx.want(Effect::Open(Box::new(form)));
        BriefForm::ask_file(ctx);
    }

    /// Opens a copy of a job's brief; the job is read first where it is not known.
    pub fn duplicate(&mut self, job_id: JobId, known: Option<&JobView>, ctx: &mut Ctx<'_>) {
        if let Some(job) = known.filter(|job| job.job_id == job_id) {
            return self.copy(job, ctx);
        }
        self.copied.forget();
        self.copied.ask(ctx, GetJob { job_id });
        ctx.toast("reading the brief of this job ...", Role::Muted);
    }

    fn copy(&self, job: &JobView, ctx: &mut Ctx<'_>) {
        let form = BriefForm::of(&job.brief, job.auto_approve, &self.draft, ctx);
        ctx.want(Effect::Open(Box::new(form)));
    }

    /// Takes an answer, if it is its own.
    pub fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) {
        if self.copied.take(ticket, reply, ctx.now) == Taken::Other {
            return;
        }
        match (self.copied.take_value(), self.copied.fault()) {
            (Some(job), _) => self.copy(&job, ctx),
            (None, Some(fault)) => ctx.toast(Clean::new(&fault.message), Role::Bad),
            (None, None) => {}
        }
    }
}
