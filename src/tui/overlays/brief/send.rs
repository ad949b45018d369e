//! Sends the brief: shows with exact numbers what would be sent, and learns from the answer
//! whether the form has done its work. A brief that is asked about twice carries the same
//! key, so that it starts one job.

use super::{BriefForm, Stay, check::placed, filled::Talks};
use crate::{
    domain::booking::brief::{Brief, CampaignBrief},
    engine::{bookings::submit::SubmitBrief, fault::FaultKind},
    tui::{
        clean::Clean,
        consent::Consent,
        effect::{Ctx, Effect, Proposal, Step, StepReply, Ticket},
        panes::jobs::orders,
        theme::Role,
    },
};

/// What was proposed.
#[derive(Default)]
pub struct Sent {
    /// Answers with later numbers are to what this form proposed.
    since: Option<Ticket>,
    last: Option<(CampaignBrief, bool, Step)>,
}

impl BriefForm {
    /// Asks the person about it, or goes to the first field that is wrong.
    pub(super) fn send(&mut self, ctx: &mut Ctx<'_>) {
        self.pressed = true;
        self.settle(ctx);
        let wrong = self.found.problems.len();
        let Some(brief) = self.found.brief.as_ref().filter(|_| wrong == 0) else {
            if let Some((part, _)) = self.found.problems.first() {
                self.go(*part);
            }
            let noun = if wrong == 1 { "problem" } else { "problems" };
            ctx.toast(clean!("nothing was sent: {wrong} {noun}"), Role::Warn);
            return;
        };
        let auto = self.filled.auto_approve;
        let lines = self.numbers(brief);
        let name = Clean::new(&brief.name);
        let sent = self.found.sent.clone();
        let step = match &self.sent.last {
            Some((before, same, step)) if *before == sent && *same == auto => step.clone(),
            _ => orders::submit(SubmitBrief {
                brief: sent.clone(),
                auto_approve: auto,
            }),
        };
        self.sent.last = Some((sent, auto, step.clone()));
        let ticket = ctx.ticket();
        self.sent.since.get_or_insert(ticket);
        ctx.want(Effect::Propose(Proposal {
            title: "Send this brief".into(),
            lines,
            typed: auto.then(|| Consent::name(name.as_str(), "spend")),
            button: if auto { "send and spend" } else { "send" },
            steps: vec![step],
            renew: None,
        }));
    }

    /// What would be sent, with its numbers.
    fn numbers(&self, brief: &Brief) -> Vec<(Clean, Role)> {
        let days = brief.asked.length();
        let noun = if days == 1 { "day" } else { "days" };
        let channels: Vec<&str> = brief.channels.iter().map(|one| one.name()).collect();
        let channels = if channels.is_empty() {
            "any channel".to_owned()
        } else {
            channels.join(", ")
        };
        let mut lines = vec![
            (Clean::new(&brief.name), Role::Title),
            (clean!("budget    {}", brief.budget), Role::Text),
            (
                clean!(
                    "flight    {} to {}, {days} {noun}",
                    brief.asked.first(),
                    brief.asked.last()
                ),
                Role::Text,
            ),
            (
                clean!("for       {}", brief.objectives.join(", ")),
                Role::Text,
            ),
            (clean!("channels  {channels}"), Role::Text),
        ];
        let talks = match (self.filled.talks, &brief.negotiation) {
            (Talks::Usual, _) => "prices    as the desk usually does".into(),
            (_, None) => "prices    as listed".into(),
            (_, Some(how)) => clean!(
                "prices    talked about in at most {} offers, from {} % to {} % of the list",
                how.rounds,
                f64::from(how.opening_bp) / 100.0,
                f64::from(how.ceiling_bp) / 100.0
            ),
        };
        lines.push((talks, Role::Text));
        let notes = brief
            .notes
            .iter()
            .map(|note| (Clean::new(note), Role::Muted));
        lines.extend(notes);
        let (then, role) = if self.filled.auto_approve {
            let up_to = clean!(
                "Every recommendation will be booked without asking: up to {} is spent.",
                brief.budget
            );
            (up_to, Role::Warn)
        } else {
            let then = "A job begins; nothing is booked before somebody approves it.";
            (then.into(), Role::Muted)
        };
        lines.push((then, role));
        lines
    }

    /// Learns what came of it: closes when it was sent, shows beside the fields what was
    /// refused.
    pub(super) fn answered(
        &mut self,
        ticket: Ticket,
        reply: &StepReply,
        _ctx: &mut Ctx<'_>,
    ) -> Stay {
        if self.sent.since.is_none_or(|since| ticket <= since) {
            return Stay::Open;
        }
        match &reply.result {
            Ok(_) => {
                self.draft.keep(None);
                Stay::Closed
            }
            Err(fault) => {
                if fault.kind != FaultKind::Busy {
                    // It was answered: sent again, it is another attempt.
                    self.sent.last = None;
                }
                self.refused = placed(&self.filled, fault.problems.clone());
                if let Some((part, _)) = self.refused.first() {
                    self.go(*part);
                }
                self.notice = Some((clean!("not sent: {}", fault.message), Role::Bad));
                Stay::Open
            }
        }
    }
}
