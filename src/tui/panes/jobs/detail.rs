//! One job in full: its steps, its money by channel, what is recommended, what was booked,
//! and what went wrong with what to do next.

mod money;

use ratatui::layout::Rect;

use self::money::{allocations, booked, recommended};
use super::rows;
use crate::{
    domain::{
        booking::job::{ExecutionStatus, JobStatus},
        ids::JobId,
        money::{Amount, Currency, Money},
    },
    engine::bookings::{
        get::GetJob,
        looked::{GetLinesAge, LinesAge},
        upstream::desk::{BookingsDesk, GetBookingsDesk},
        view::JobView,
    },
    tui::{
        clean::Clean,
        command::Action,
        effect::{Ctx, Reply, Ticket},
        live::{Live, Taken},
        paint::{Canvas, Look, Spot},
        panes::scroll::Scroll,
        theme::{Glyphs, Role},
    },
};

/// The detail of the job under the cursor.
#[derive(Default)]
pub struct Detail {
    id: Option<JobId>,
    job: Live<JobView>,
    /// Where it lives, if that is elsewhere.
    desk: Live<BookingsDesk>,
    /// How old what is known of its lines elsewhere is, if it has any.
    age: Live<LinesAge>,
    blank: bool,
    scroll: Scroll,
}

/// A line of it: pieces one behind the other, and a bar where there is one.
struct Line {
    pieces: Vec<(Clean, Role)>,
    /// In which column a bar begins, and how full it is.
    bar: Option<(u16, f64)>,
}

impl From<Vec<(Clean, Role)>> for Line {
    fn from(pieces: Vec<(Clean, Role)>) -> Self {
        Self { pieces, bar: None }
    }
}

fn text(text: impl Into<Clean>, role: Role) -> Line {
    Line::from(vec![(text.into(), role)])
}

impl Detail {
    /// Which job it shows.
    #[must_use]
    pub fn id(&self) -> Option<JobId> {
        self.id.filter(|_| !self.blank)
    }

    /// The job, once it was read.
    #[must_use]
    pub fn job(&self) -> Option<&JobView> {
        self.job.value()
    }

    /// Shows nothing until it is told what to look at.
    pub fn blank(&mut self) {
        self.blank = true;
    }

    /// Looks at another job.
    pub fn look_at(&mut self, id: Option<JobId>, ctx: &mut Ctx<'_>) {
        self.blank = false;
        if self.id != id {
            self.id = id;
            self.scroll.home();
            self.job.forget();
            self.age.forget();
        }
        self.again(ctx);
    }

    /// Reads the job again.
    pub fn again(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(job_id) = self.id {
            self.job.ask(ctx, GetJob { job_id });
        }
        self.whereabouts(ctx);
    }

    /// Asks how old what is shown is, where it or its lines live elsewhere.
    fn whereabouts(&mut self, ctx: &mut Ctx<'_>) {
        let Some(job) = self.job.value() else { return };
        if job.upstream.is_some() {
            self.desk.ask(ctx, GetBookingsDesk::default());
        }
        if has_lines_there(job) {
            let job_id = job.job_id;
            self.age.ask(ctx, GetLinesAge { job_id });
        }
    }

    /// Whether all is known that there is to know.
    fn is_whole(&self) -> bool {
        let job = self.job.value();
        let lives = job.is_some_and(|job| job.upstream.is_some());
        let sold = job.is_some_and(has_lines_there);
        (!lives || self.desk.value().is_some()) && (!sold || self.age.value().is_some())
    }

    /// Takes an answer, if it is its own.
    pub fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) {
        match self.job.take(ticket, reply, ctx.now) {
            Taken::AskAgain => return self.again(ctx),
            Taken::Mine if self.is_whole() => return,
            // The first answer says whether there is more to ask.
            Taken::Mine => {}
            Taken::Other => {
                let mut taken = self.desk.take(ticket, reply, ctx.now);
                if taken == Taken::Other {
                    taken = self.age.take(ticket, reply, ctx.now);
                }
                if taken != Taken::AskAgain {
                    return;
                }
            }
        }
        self.whereabouts(ctx);
    }

    /// Scrolls.
    pub fn act(&mut self, action: Action) -> bool {
        self.scroll.act(action)
    }

    /// Draws it in its frame.
    pub fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>, focused: bool) {
        let job = self.job.value().filter(|_| !self.blank);
        let title = match job {
            Some(job) => {
                let name = Clean::new(&job.campaign_name).cut(canvas.width().saturating_sub(26));
                vec![
                    (name, Role::Title),
                    (
                        clean!(" {} {}", look.glyphs.dot, job.status.words()),
                        rows::role(job.status),
                    ),
                ]
            }
            None => Vec::new(),
        };
        let mut inside = canvas.frame(&title, focused);
        let (width, height) = (inside.width(), inside.height());
        inside.spot(Rect::new(0, 0, width, height), Spot::Panel(1));
        self.scroll.fit(usize::from(height));
        if self.blank {
            return;
        }
        let lines = match (job, self.job.fault()) {
            (Some(job), _) => {
                let desk = self.desk.value().filter(|_| job.upstream.is_some());
                let age = self.age.value().and_then(LinesAge::sentence);
                describe(job, (desk, age), width.saturating_sub(2), look)
            }
            (None, Some(fault)) => vec![text(Clean::new(&fault.message), Role::Bad)],
            (None, None) => Vec::new(),
        };
        let skip = self.scroll.first(lines.len());
        for (y, line) in (0..height).zip(lines.iter().skip(skip)) {
            inside.line(1, y, &line.pieces);
            if let Some((x, share)) = line.bar {
                let columns = width.saturating_sub(x + 2).min(24);
                inside.bar(x + 1, y, columns, share, Role::Accent);
            }
        }
        self.scroll.tell(canvas, lines.len());
    }
}

/// The steps of a job, each with the status at which it is reached.
const STEPS: [(&str, ExecutionStatus); 6] = [
    ("brief", ExecutionStatus::BriefReceived),
    ("allocated", ExecutionStatus::BudgetAllocated),
    ("researched", ExecutionStatus::AwaitingApproval),
    ("approval", ExecutionStatus::ExecutingBookings),
    ("booking", ExecutionStatus::Completed),
    ("done", ExecutionStatus::Completed),
];

/// How many steps are behind it.
fn reached(job: &JobView) -> usize {
    match job.execution_status {
        ExecutionStatus::Initialized => 0,
        ExecutionStatus::BriefReceived => 1,
        ExecutionStatus::BudgetAllocated | ExecutionStatus::Researching => 2,
        ExecutionStatus::AwaitingApproval => 3,
        ExecutionStatus::ExecutingBookings => 4,
        ExecutionStatus::Completed => STEPS.len(),
        ExecutionStatus::ValidationFailed | ExecutionStatus::Failed => {
            match (&job.approval, &job.recommendations, &job.budget_allocations) {
                (Some(_), ..) => 4,
                (None, Some(_), _) => 3,
                (None, None, Some(_)) => 2,
                (None, None, None) => 1,
            }
        }
    }
}

fn steps(job: &JobView, width: u16, glyphs: &Glyphs) -> Vec<Line> {
    let reached = reached(job);
    let failed = job.status == JobStatus::Failed;
    let mut lines: Vec<Vec<(Clean, Role)>> = vec![Vec::new()];
    let mut used = 0;
    for (at, (name, _)) in STEPS.iter().enumerate() {
        let (sign, role) = match at {
            at if at < reached => (glyphs.done, Role::Good),
            at if at == reached && failed => (glyphs.wrong, Role::Bad),
            at if at == reached => (glyphs.here, Role::Accent),
            _ => (glyphs.open, Role::Muted),
        };
        let step = clean!("{name} {sign} ");
        // What stands apart from the next is no part of it.
        if used > 0 && used + step.width() > width + 1 {
            lines.push(Vec::new());
            used = 0;
        }
        used += step.width();
        if let Some(line) = lines.last_mut() {
            line.push((step, role));
        }
    }
    lines.into_iter().map(Line::from).collect()
}

/// Whether anything is known of lines at sellers somewhere else.
fn has_lines_there(job: &JobView) -> bool {
    let mut lines = job.booked_lines.iter().flatten();
    lines.any(|line| line.there.is_some())
}

fn describe(
    job: &JobView,
    (desk, age): (Option<&BookingsDesk>, Option<String>),
    width: u16,
    look: &Look<'_>,
) -> Vec<Line> {
    let mut lines = steps(job, width, look.glyphs);
    let dot = look.glyphs.dot;
    let progress = job.progress * 100.0;
    let sums = clean!("{} {dot} {} {dot} {progress:.0} %", money(job), days(job));
    wrapped(&mut lines, &sums, Role::Text, width);
    let by = clean!("by {} {dot} {}", job.submitted_by, short(&job.created_at));
    wrapped(&mut lines, &by, Role::Muted, width);
    elsewhere(job, desk, width, &mut lines);
    failures(job, width, &mut lines);
    sellers(job, width, &mut lines, look);
    allocations(job, &mut lines);
    recommended(job, width, &mut lines, look);
    booked(job, width, &mut lines, look);
    if let Some(age) = age {
        wrapped(&mut lines, &Clean::from(age), Role::Muted, width);
    }
    notes(job, width, &mut lines);
    lines.push(text("", Role::Text));
    let own = clean!("job {}", job.job_id);
    let before = job.retry_of.map(|other| clean!("tries {other} again"));
    let after = job.retried_as.map(|other| clean!("tried again as {other}"));
    for said in [Some(own), before, after].into_iter().flatten() {
        wrapped(&mut lines, &said, Role::Muted, width);
    }
    lines
}

fn wrapped(lines: &mut Vec<Line>, what: &Clean, role: Role, width: u16) {
    let parts = what.wrap(width).into_iter();
    lines.extend(parts.map(|part| text(part, role)));
}

/// Where its truth lives, and where what was asked and what is shown are not the same.
fn elsewhere(job: &JobView, desk: Option<&BookingsDesk>, width: u16, lines: &mut Vec<Line>) {
    let Some(upstream) = &job.upstream else {
        return;
    };
    let role = if upstream.health.is_bad() {
        Role::Warn
    } else {
        Role::Muted
    };
    wrapped(lines, &Clean::from(upstream.line()), role, width);
    for one in upstream.remarks() {
        wrapped(lines, &clean!("  {one}"), Role::Muted, width);
    }
    for one in &upstream.disagreements {
        wrapped(lines, &clean!("≠ {}", one.sentence()), Role::Warn, width);
    }
    for one in &upstream.warnings {
        wrapped(lines, &clean!("! {one}"), Role::Warn, width);
    }
    if let Some(desk) = desk {
        let role = match desk.trouble {
            Some(_) => Role::Bad,
            None => Role::Muted,
        };
        wrapped(lines, &Clean::from(desk.sentence()), role, width);
    }
}

/// Failures in full, with what to do next.
fn failures(job: &JobView, width: u16, lines: &mut Vec<Line>) {
    let Some(errors) = &job.errors else { return };
    lines.push(text("", Role::Text));
    for error in errors {
        wrapped(lines, &clean!("✗ {error}"), Role::Bad, width);
    }
    let next = match (job.status, job.retried_as) {
        (JobStatus::Failed, Some(_)) => "hint: it was tried again already, as the job named below",
        (JobStatus::Failed, None) if job.execution_status == ExecutionStatus::ValidationFailed => {
            "hint: duplicate it and mend the brief"
        }
        (JobStatus::Failed, None) => "hint: retry it, or duplicate it and change the brief",
        (JobStatus::AwaitingApproval, _) => "hint: the other channels can be reviewed all the same",
        _ => return,
    };
    wrapped(lines, &next.into(), Role::Muted, width);
}

/// Which sellers were asked what they have, and what each said.
fn sellers(job: &JobView, width: u16, lines: &mut Vec<Line>, look: &Look<'_>) {
    if job.sellers.is_empty() {
        return;
    }
    lines.push(text("", Role::Text));
    let glyphs = look.glyphs;
    for one in &job.sellers {
        let place = one.whereabouts();
        let (sign, said, role) = match &one.trouble {
            Some(why) => (glyphs.wrong, clean!("{place}: {why}"), Role::Warn),
            None => (
                glyphs.done,
                clean!("{place}: {} products", one.products),
                Role::Muted,
            ),
        };
        wrapped(lines, &clean!("{sign} {said}"), role, width);
    }
}

fn notes(job: &JobView, width: u16, lines: &mut Vec<Line>) {
    let gaps = job.audience_gaps.iter().flatten();
    let gaps: Vec<Clean> = gaps.map(|gap| clean!("gap: {gap}")).collect();
    let notes = job.notes.iter().map(|note| clean!("note: {note}"));
    let all: Vec<Clean> = notes.chain(gaps).collect();
    if !all.is_empty() {
        lines.push(text("", Role::Text));
    }
    for one in all {
        wrapped(lines, &one, Role::Muted, width);
    }
}

/// The days of its flight, where they are known.
fn days(job: &JobView) -> Clean {
    match &*job.start_date {
        "" => "days not known here".into(),
        first => clean!("{first} to {}", job.end_date),
    }
}

/// The budget, for people.
fn money(job: &JobView) -> Money {
    in_its(job, job.budget)
}

/// An amount of a job, in its currency.
fn in_its(job: &JobView, amount: Amount) -> Money {
    let currency = job.currency.parse().unwrap_or(Currency::USD);
    Money::from_amount(amount, currency).unwrap_or(Money::zero(currency))
}

/// An instant to the minute.
fn short(instant: &str) -> Clean {
    Clean::new(&instant.get(..16).unwrap_or(instant).replace('T', " "))
}
