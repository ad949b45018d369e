//! What the pane does with its five views: asks for what they show, follows the newest line,
//! narrows them to one object. Asks only what changes nothing; what would is proposed.

use super::{Activity, View, refused};
use crate::{
    domain::{ids::JobId, when::Instant},
    engine::{
        activity::{ListTasks, TaskView},
        fault::Fault,
        webhooks::list::NoticeView,
    },
    tui::{
        clean::Clean,
        command::Action,
        effect::{Ctx, Effect, PaneId, Place},
        grid::Format,
        paint::Look,
        panes::{sent, split},
        theme::Role,
    },
};

impl Activity {
    /// Asks for what the view shows, unless it was refused for good.
    pub(super) fn ask(&mut self, ctx: &mut Ctx<'_>) {
        self.asked = ctx.now;
        match self.view {
            View::Events => self.events.ask(ctx),
            View::Audit if self.audit.fault().is_some_and(refused) => {}
            View::Audit => self.audit.ask(ctx),
            View::Sent if self.deliveries.fault().is_some_and(refused) => {}
            View::Sent => self.ask_sent(ctx),
            View::Work => self.tasks.ask(ctx, ListTasks { limit: Some(1000) }),
            View::Log => self.read_log(ctx.now),
        }
    }

    pub(super) fn ask_sent(&mut self, ctx: &mut Ctx<'_>) {
        self.deliveries
            .ask_with(ctx, async move |session| sent::read(&session).await);
    }

    /// Asks how many deliveries were given up, unless it was refused for good.
    pub(super) fn count_given_up(&mut self, ctx: &mut Ctx<'_>) {
        if !self.given_up.fault().is_some_and(refused) {
            self.given_up
                .ask_with(ctx, async move |session| sent::given_up(&session).await);
        }
    }

    pub(super) fn read_log(&mut self, now: Instant) {
        let count = self.logbook.count();
        if count == self.logged && self.logged > 0 {
            return;
        }
        self.logged = count;
        self.log.set(self.logbook.lines(), now);
        if !self.log_rests {
            self.log_to_newest();
        }
    }

    pub(super) fn log_to_newest(&mut self) {
        if let Some(newest) = self.log.rows().map(|line| line.seq).max() {
            self.log.select(&newest);
        }
    }

    pub(super) fn show_tasks(&mut self, now: Instant) {
        let Some(tasks) = self.tasks.value() else {
            return;
        };
        let only = self.only.as_deref();
        let fits = |task: &&TaskView| only.is_none_or(|only| task.object.contains(only));
        let rows = tasks.tasks.iter().filter(fits).cloned().collect();
        self.work.set(rows, now);
    }

    pub(super) fn show_sent(&mut self, now: Instant) {
        let Some(all) = self.deliveries.value() else {
            return;
        };
        let only = self.only.as_deref();
        let fits = |one: &&NoticeView| {
            only.is_none_or(|only| one.about.contains(only) || one.id.to_string() == only)
        };
        let rows = all.iter().filter(fits).cloned().collect();
        self.sent.set(rows, now);
    }

    /// The deliveries that are meant and were given up, or why there is none.
    pub(super) fn dead(&self) -> Result<Vec<NoticeView>, Clean> {
        if self.view != View::Sent {
            return Err("go to a delivery first: they are a view of their own".into());
        }
        let meant = self.sent.targets();
        let dead = meant.iter().filter(|row| sent::is_dead(row));
        let dead: Vec<NoticeView> = dead.map(|row| (*row).clone()).collect();
        match (meant.len(), dead.is_empty()) {
            (0, _) => Err("there is no delivery here".into()),
            (1, true) => Err(clean!(
                "it is {}: only what was given up is sent again",
                sent::words(meant[0])
            )),
            (_, true) => Err("none of them was given up".into()),
            (_, false) => Ok(dead),
        }
    }

    /// Proposes to send again what was given up.
    pub(super) fn replay(&self, ctx: &mut Ctx<'_>) {
        if let Ok(dead) = self.dead() {
            ctx.want(Effect::Propose(sent::again(&dead, None, None)));
        }
    }

    pub(super) fn look(&mut self, view: View, ctx: &mut Ctx<'_>) {
        self.view = view;
        self.offset.set(0);
        self.ask(ctx);
        self.search(ctx);
    }

    /// Filters the view that is seen, in all that was ever written of it.
    pub(super) fn set_filter(&mut self, text: &str, ctx: &mut Ctx<'_>) {
        match self.view {
            View::Events => self.events.set_filter(text, ctx),
            View::Audit => self.audit.set_filter(text, ctx),
            View::Sent | View::Work | View::Log => self.sheet_mut().set_filter(text),
        }
    }

    /// Searches for the filter of the view that is seen.
    pub(super) fn search(&mut self, ctx: &mut Ctx<'_>) {
        match self.view {
            View::Events => self.events.search(ctx),
            View::Audit => self.audit.search(ctx),
            View::Sent | View::Work | View::Log => {}
        }
    }

    /// How far back the filter of the view that is seen was looked for.
    pub(super) fn searched(&self, look: &Look<'_>) -> Option<Clean> {
        match self.view {
            View::Events => self.events.searched(look),
            View::Audit => self.audit.searched(look),
            View::Sent | View::Work | View::Log => None,
        }
    }

    /// Looks at one object, or at all.
    pub(super) fn only(&mut self, object: Option<String>, ctx: &mut Ctx<'_>) {
        self.events.only(object.clone(), ctx);
        self.audit.only(object.clone(), ctx);
        self.only = object;
        self.visits = false;
        self.show_tasks(ctx.now);
        self.show_sent(ctx.now);
        self.offset.set(0);
    }

    /// The id of the object that the cursor's line is about, and whether it is a job.
    pub(super) fn object(&self) -> Option<(String, bool)> {
        match self.view {
            View::Events => {
                let event = self.events.grid.selected()?;
                Some((event.object.clone(), event.kind == "job"))
            }
            View::Audit => {
                let object = self.audit.grid.selected()?.entry.object.clone()?;
                Some(match object.split_once('/') {
                    Some((kind, id)) => (id.to_owned(), kind == "job"),
                    None => (object, false),
                })
            }
            View::Sent => Some((self.sent.selected()?.id.to_string(), false)),
            View::Work => {
                let object = self.work.selected()?.object.clone();
                let is_job = object.parse::<JobId>().is_ok();
                Some((object, is_job))
            }
            View::Log => None,
        }
    }

    pub(super) fn follow(&mut self, ctx: &mut Ctx<'_>) {
        let on = match self.view {
            View::Events => {
                self.events.follow(!self.events.follows);
                self.events.follows
            }
            View::Audit => {
                self.audit.follow(!self.audit.follows);
                self.audit.follows
            }
            View::Log => {
                self.log_rests = !self.log_rests;
                if !self.log_rests {
                    self.log_to_newest();
                }
                !self.log_rests
            }
            View::Sent | View::Work => {
                ctx.toast("there is no newest line to follow here", Role::Muted);
                return;
            }
        };
        let said = if on {
            "follows the newest line"
        } else {
            "stays where it is"
        };
        ctx.toast(said, Role::Muted);
    }

    pub(super) fn follows(&self) -> bool {
        match self.view {
            View::Events => self.events.follows,
            View::Audit => self.audit.follows,
            View::Log => !self.log_rests,
            View::Sent | View::Work => false,
        }
    }

    /// A key has moved the cursor.
    pub(super) fn moved(&mut self, action: Action, ctx: &mut Ctx<'_>) {
        self.offset.set(0);
        match self.view {
            View::Events => self.events.moved(action, ctx),
            View::Audit => self.audit.moved(action, ctx),
            View::Log => {
                let newest = self.log.rows().map(|line| line.seq).max();
                self.log_rests = self.log.selected().map(|line| line.seq) != newest;
            }
            View::Sent | View::Work => {}
        }
    }

    pub(super) fn back(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let mut split = self.split.get();
        if split.leave() {
            self.split.set(split);
            return true;
        }
        if self.sheet_mut().clear_marks() {
            return true;
        }
        if !self.sheet().filter().is_empty() {
            self.set_filter("", ctx);
        } else if self.only.is_some() {
            let visits = self.visits;
            self.only(None, ctx);
            return !visits;
        } else {
            return false;
        }
        true
    }

    pub(super) fn open(&mut self, ctx: &mut Ctx<'_>) {
        if let Some((id, true)) = self.object() {
            ctx.want(Effect::Go(Place {
                pane: PaneId::Jobs,
                objects: vec![id],
            }));
            return;
        }
        let mut split = self.split.get();
        split.enter();
        self.split.set(split);
    }

    pub(super) fn in_detail(&self, action: Action) -> bool {
        let at = self.offset.get();
        let to = match action {
            Action::Down => at + 1,
            Action::Up => at.saturating_sub(1),
            Action::PageDown => at + 8,
            Action::PageUp => at.saturating_sub(8),
            Action::Top => 0,
            _ => return false,
        };
        self.offset.set(to);
        true
    }

    pub(super) fn export(&self, ctx: &mut Ctx<'_>) {
        let files = [Format::Csv, Format::Json].map(|format| {
            let view = self.view.name().replace(' ', "-");
            let name = format!("flightdeck-{view}.{}", format.ending());
            (name, self.sheet().export(format))
        });
        split::export(files, ctx);
    }

    pub(super) fn fault(&self) -> Option<&Fault> {
        match self.view {
            View::Events => self.events.fault(),
            View::Audit => self.audit.fault(),
            View::Sent => self.deliveries.fault(),
            View::Work => self.tasks.fault(),
            View::Log => None,
        }
    }
}
