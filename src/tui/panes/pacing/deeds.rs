//! What the keys of the pane of pacing do beside moving about: changes that are tried first,
//! alerts, sums, the journal. Wants things done; does none of it itself.

use chrono::{Days, NaiveTime, TimeDelta};

use super::{Pacing, acts, detail::Mode, read};
use crate::{
    engine::pacing::{
        list::ListPacing,
        row::PaceRow,
        steer::{Steer, journal::ReadJournal, reallocate::Reallocate},
    },
    tui::{
        clean::Clean,
        command::Action,
        effect::{Ctx, Effect, PaneId, Place, Reply, Ticket},
        grid::Format,
        live::Taken,
        overlays::{
            menu::Menu,
            prompt::{Prompt, Purpose},
        },
        panes::split,
        theme::Role,
    },
};

impl Pacing {
    /// Does what is done to lines; false when it is something else.
    pub(super) fn steer(&mut self, action: Action, ctx: &mut Ctx<'_>) -> bool {
        match action {
            Action::WhatIf => self.open_form("", ctx),
            Action::LineGoal => self.open_form("goal ", ctx),
            Action::LineBudget => self.open_form("budget ", ctx),
            Action::PauseLine => {
                let changes = acts::changes(&self.pausable(true), &[Steer::Pause]);
                self.propose(changes, ctx);
            }
            Action::ResumeLine => {
                let changes = acts::changes(&self.pausable(false), &[Steer::Resume]);
                self.propose(changes, ctx);
            }
            Action::MoveBudgets => {
                let buy = self
                    .grid
                    .selected()
                    .and_then(|row| row.media_buy_id.clone());
                if let Some(media_buy_id) = buy {
                    self.moves.forget();
                    self.moves.ask(ctx, Reallocate { media_buy_id });
                }
            }
            Action::AcknowledgeAlerts => {
                self.notes = Some(self.alerted());
                let label = "what is done about it (may be empty): ";
                let prompt = Prompt::new(Purpose::Reason, label, "");
                ctx.want(Effect::Open(Box::new(prompt)));
            }
            Action::SnoozeAlerts => snooze(self.alerted(), ctx),
            _ => return false,
        }
        true
    }

    /// Tells what is asked for beside the list; false when it is something else.
    pub(super) fn tell(&mut self, action: Action, ctx: &mut Ctx<'_>) -> bool {
        match action {
            Action::Arithmetic => self.turn(Mode::Sums),
            Action::Why => self.turn(Mode::Why),
            Action::Totals => {
                self.totals.forget();
                let ask = ListPacing {
                    by_order: true,
                    limit: Some(1),
                    ..ListPacing::default()
                };
                self.totals.ask(ctx, ask);
            }
            Action::Changes => {
                self.journal.forget();
                self.journal.ask(ctx, ReadJournal::default());
            }
            Action::Trail => {
                let Some(row) = self.grid.selected() else {
                    return false;
                };
                ctx.want(Effect::Go(Place {
                    pane: PaneId::Activity,
                    objects: vec![row.line_id.to_string()],
                }));
            }
            Action::Copy => {
                let ids = self.grid.targets();
                let ids: Vec<String> = ids.iter().map(|row| row.line_id.to_string()).collect();
                ctx.want(Effect::Copy(ids.join("\n")));
            }
            Action::Export => {
                let files = [Format::Csv, Format::Json].map(|format| {
                    let name = format!("flightdeck-pacing.{}", format.ending());
                    (name, self.grid.export(format))
                });
                split::export(files, ctx);
            }
            _ => return false,
        }
        true
    }

    /// Takes the answers that become questions to the person.
    pub(super) fn answered(
        &mut self,
        ticket: Ticket,
        reply: &mut Option<Reply>,
        ctx: &mut Ctx<'_>,
    ) {
        if self.trial.take(ticket, reply, ctx.now) != Taken::Other {
            if let Some((changes, tried)) = self.trial.take_value() {
                ctx.want(Effect::Propose(acts::apply(changes, &tried)));
            } else if let Some(fault) = self.trial.fault() {
                ctx.toast(Clean::new(&fault.message), Role::Warn);
            }
        }
        if self.totals.take(ticket, reply, ctx.now) != Taken::Other {
            match (self.totals.take_value(), self.totals.fault()) {
                (Some(page), _) => ctx.want(Effect::Open(Box::new(read::totals(&page)))),
                (None, Some(fault)) => ctx.toast(Clean::new(&fault.message), Role::Warn),
                (None, None) => {}
            }
        }
        if self.journal.take(ticket, reply, ctx.now) != Taken::Other
            && let Some(page) = self.journal.take_value()
        {
            read::journal(page, ctx);
        }
        if self.moves.take(ticket, reply, ctx.now) != Taken::Other
            && let Some(found) = self.moves.take_value()
        {
            if found.changes.is_empty() {
                let said = "no package could spend what another one will not";
                ctx.toast(said, Role::Muted);
            } else {
                self.propose(found.changes, ctx);
            }
        }
    }
}

/// Asks until when, and proposes to put alerts off.
fn snooze(rows: Vec<PaceRow>, ctx: &mut Ctx<'_>) {
    let now = ctx.now;
    let morning = |days: u64| {
        let day = now.date_naive().checked_add_days(Days::new(days));
        let nine = NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default();
        day.map_or(now + TimeDelta::days(1), |day| day.and_time(nine).and_utc())
    };
    let times = [
        ("for an hour", now + TimeDelta::hours(1)),
        ("for four hours", now + TimeDelta::hours(4)),
        ("until tomorrow, 09:00 UTC", morning(1)),
        ("for three days, until 09:00 UTC", morning(3)),
        ("for a week, until 09:00 UTC", morning(7)),
    ];
    let items = times.iter().map(|(name, _)| Clean::from(*name)).collect();
    let menu = Menu::new("Put off", items, move |at, ctx| {
        if let Some((_, until)) = times.get(at) {
            ctx.want(Effect::Propose(acts::snooze(&rows, *until)));
        }
    });
    ctx.want(Effect::Open(Box::new(menu)));
}
