//! What can be done to orders, as proposals: what exactly would happen, with numbers, pinned
//! to the revision that the person saw; and which guard stands in the way.

use std::{collections::BTreeMap, sync::Arc};

use super::{read, rows::OrderRow};
use crate::{
    domain::{
        ids::BuyId,
        media_buy::{
            action::{Guarded, OrderVerb, may_activate, may_approve, may_archive, may_submit},
            change::BuyChange,
            status::{BuyStatus, Step as Move},
        },
        money::Money,
        text::grouped,
    },
    engine::{
        fault::Fault,
        media_buys::{
            act::ActOnBuy,
            check::{BuyCheck, CheckBuy, Stock},
            decide::{DecideApproval, Say},
            update::UpdateBuy,
            view::Ordered,
        },
    },
    session::Session,
    tui::{
        clean::Clean,
        command::Action,
        consent::Consent,
        effect::{Done, Proposal, Renew, Step},
        theme::Role,
    },
};

/// How many orders are looked over before a question about them.
const LOOKED: usize = 50;

/// Something to do to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Agree to it.
    Approve,
    /// Refuse it.
    Reject,
    /// Have it changed first.
    SendBack,
    /// Lay it before the publisher.
    Submit,
    /// Start it.
    Activate,
    /// Stop it for a while.
    Pause,
    /// Let it go on.
    Resume,
    /// Put it away.
    Archive,
    /// Call it off.
    Cancel,
}

impl Verb {
    /// All of them, as they are listed.
    pub const ALL: [Self; 9] = [
        Self::Approve,
        Self::Reject,
        Self::SendBack,
        Self::Submit,
        Self::Activate,
        Self::Pause,
        Self::Resume,
        Self::Archive,
        Self::Cancel,
    ];

    /// The command for it.
    #[must_use]
    pub fn action(self) -> Action {
        match self {
            Self::Approve => Action::ApproveOrder,
            Self::Reject => Action::RejectOrder,
            Self::SendBack => Action::SendBack,
            Self::Submit => Action::SubmitOrder,
            Self::Activate => Action::ActivateOrder,
            Self::Pause => Action::PauseOrder,
            Self::Resume => Action::ResumeOrder,
            Self::Archive => Action::ArchiveOrder,
            Self::Cancel => Action::CancelOrder,
        }
    }

    /// What a command does to an order, if it does something.
    #[must_use]
    pub fn of(action: Action) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.action() == action)
    }

    /// Whether the person has to say why.
    #[must_use]
    pub fn needs_reason(self) -> bool {
        matches!(self, Self::Reject | Self::SendBack)
    }

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.action().command().title
    }

    fn title(self) -> &'static str {
        match self {
            Self::Approve => "Approve",
            Self::Reject => "Reject",
            Self::SendBack => "Send back",
            Self::Submit => "Submit",
            Self::Activate => "Activate",
            Self::Pause => "Pause",
            Self::Resume => "Resume",
            Self::Archive => "Archive",
            Self::Cancel => "Cancel",
        }
    }

    /// What it was done to: the order, or the change of it that is asked for.
    #[must_use]
    pub fn object(self, row: &OrderRow) -> Clean {
        let decides = matches!(self, Self::Approve | Self::Reject | Self::SendBack);
        let change = row.asked.as_ref().is_some_and(|asked| asked.change);
        if decides && change {
            return clean!("the change of {}", row.name);
        }
        Clean::new(&row.name)
    }

    /// Whether it books what the order needs.
    #[must_use]
    pub fn books(self) -> bool {
        matches!(self, Self::Approve | Self::Activate)
    }

    fn done(self) -> &'static str {
        match self {
            Self::Approve => "is approved",
            Self::Reject => "is rejected",
            Self::SendBack => "is sent back",
            Self::Submit => "waits for approval",
            Self::Activate => "is activated",
            Self::Pause => "is paused",
            Self::Resume => "goes on",
            Self::Archive => "is put away",
            Self::Cancel => "is called off",
        }
    }

    fn button(self) -> &'static str {
        match self {
            Self::Cancel => "call off for good",
            other => other.word(),
        }
    }

    /// What it means, in a sentence.
    fn sentence(self, rows: &[OrderRow]) -> &'static str {
        let change = |row: &OrderRow| row.asked.as_ref().is_some_and(|asked| asked.change);
        match self {
            Self::Approve if rows.iter().all(change) => {
                "What is asked for is carried out as a whole, or nothing is done:"
            }
            Self::Reject if rows.iter().all(change) => {
                "The order stays as it is, and the buyer reads your reason:"
            }
            Self::Approve => "Every package is booked and takes what it needs, or nothing is done:",
            Self::Reject => "What is asked for is refused, and the buyer reads your reason:",
            Self::SendBack => "The buyer reads your reason, may change it and ask again:",
            Self::Submit => "An admin of the publisher is asked to agree:",
            Self::Activate => "Every package is booked; nobody has to agree:",
            Self::Pause => "Nothing is delivered until it is resumed:",
            Self::Resume => "It is delivered again at once:",
            Self::Archive => "It leaves this list; nothing else changes:",
            Self::Cancel => {
                "It ends, and what it holds for days to come is given back. That cannot be undone:"
            }
        }
    }

    /// Whether it can be done to an order now.
    ///
    /// # Errors
    /// With the engine's own reason.
    pub fn may(self, row: &OrderRow) -> Result<(), Clean> {
        let (status, types) = (row.status, &row.types);
        let guard = |guarded: Result<(), Guarded>| guarded.map_err(Clean::of);
        let step = |step: Move| status.after(step).map(drop).map_err(Clean::of);
        let agreed = || clean!("{} is agreed to already: it is {status}", row.name);
        match self {
            Self::Approve if row.asked.is_some() => Ok(()),
            Self::Approve => guard(may_approve(true, status)),
            Self::Reject | Self::SendBack if row.waits() => Ok(()),
            Self::Reject | Self::SendBack => Err(Clean::of(Guarded::NothingAsked(status))),
            Self::Submit if status == BuyStatus::AwaitingApproval => {
                Err(clean!("{} waits for approval already", row.name))
            }
            Self::Submit => guard(may_submit(types, status)),
            Self::Activate => match may_activate(types, status) {
                Ok(()) if status.is_agreed() => Err(agreed()),
                may => guard(may),
            },
            Self::Pause => step(Move::Pause),
            Self::Resume => step(Move::Resume),
            Self::Cancel => step(Move::Cancel),
            Self::Archive => guard(may_archive(status)),
        }
    }

    fn step(self, row: &OrderRow, reason: Option<&str>) -> Step {
        let name = Clean::new(&row.name);
        let said = clean!("{} {}", self.object(row), self.done());
        let say = match self {
            Self::Approve if row.waits() => Say::Approve,
            Self::Reject => Say::Reject,
            Self::SendBack => Say::SendBack,
            Self::Cancel => {
                let cancel = UpdateBuy {
                    media_buy_id: row.id.clone(),
                    revision: Some(row.revision),
                    change: BuyChange {
                        canceled: Some(true),
                        ..BuyChange::default()
                    },
                    governed: None,
                };
                return Step::new(name, cancel, move |_| Done::said(said.clone()));
            }
            _ => return self.act(row, name, said),
        };
        let asked = row.asked.as_ref().map(|asked| asked.id);
        let decide = DecideApproval {
            approval_id: asked,
            media_buy_id: asked.is_none().then(|| row.id.clone()),
            say,
            reason: reason.map(str::to_owned),
            expected_revision: Some(row.seen),
        };
        Step::new(name, decide, move |_| Done::said(said.clone()))
    }

    fn act(self, row: &OrderRow, name: Clean, said: Clean) -> Step {
        let action = match self {
            Self::Submit => OrderVerb::SubmitForApproval,
            Self::Activate => OrderVerb::ActivateOrder,
            Self::Pause => OrderVerb::PauseMediaBuy,
            Self::Resume => OrderVerb::ResumeMediaBuy,
            Self::Archive => OrderVerb::ArchiveOrder,
            _ => OrderVerb::ApproveOrder,
        };
        let act = ActOnBuy {
            media_buy_id: row.id.clone(),
            action,
            package_id: None,
            budget: None,
            impressions: None,
            reason: None,
            expected_revision: Some(row.seen),
        };
        let back = match self {
            Self::Pause => Some(Self::Resume),
            Self::Resume => Some(Self::Pause),
            _ => None,
        };
        Step::new(name, act, move |ordered: Ordered| {
            let undo = |verb: Self| {
                let row = OrderRow::new(&ordered.buy, std::iter::empty());
                Arc::new(propose(verb, None, &[row], &[]))
            };
            Done {
                said: said.clone(),
                undo: back.map(undo),
                place: None,
                shown: None,
            }
        })
    }
}

fn noun(count: usize) -> Clean {
    match count {
        1 => "1 order".into(),
        count => clean!("{count} orders"),
    }
}

/// What is wanted of an order, with its numbers.
fn wanted(row: &OrderRow) -> Clean {
    match &row.asked {
        Some(asked) if asked.change => {
            let (now, then) = (row.total, asked.amount);
            clean!("{} asks for {then} instead of {now}", asked.by)
        }
        Some(asked) => clean!("{} asks for {}", asked.by, row.total),
        None => clean!("{}, {}", row.total, row.words()),
    }
}

/// The orders with their numbers; many in a line each.
fn listed(rows: &[OrderRow]) -> Vec<Clean> {
    if let [one] = rows {
        let what = clean!("  {}, {}", one.types(), one.flight());
        return vec![clean!("  {}", wanted(one)), what];
    }
    let line = |row: &OrderRow| {
        let what = wanted(row);
        clean!("  {}: {what}, {}, {}", row.name, row.types(), row.flight())
    };
    rows.iter().map(line).collect()
}

/// What all of them come to, by currency.
fn sums(rows: &[OrderRow]) -> Clean {
    let mut by_currency: BTreeMap<&str, Money> = BTreeMap::new();
    for row in rows {
        let amount = row.amount();
        let currency = amount.currency();
        let sum = by_currency
            .entry(currency.code())
            .or_insert(Money::zero(currency));
        *sum = sum.plus(amount).unwrap_or(*sum);
    }
    let sums: Vec<String> = by_currency.values().map(ToString::to_string).collect();
    clean!("{}, {}", noun(rows.len()), sums.join(" and "))
}

/// Why what books an order would be refused as things stand, by a look at it.
#[must_use]
pub fn short(check: &BuyCheck) -> Option<&str> {
    let packages = check.packages.iter();
    let mut problems = packages.filter_map(|one| one.problem.as_deref());
    check.problem.as_deref().or_else(|| problems.next())
}

/// The same for something that can be done to it; nothing where that books nothing.
#[must_use]
pub fn blocked(verb: Verb, check: &BuyCheck) -> Option<&str> {
    short(check).filter(|_| verb.books())
}

/// What would be refused as things stand.
fn refused(verb: Verb, rows: &[OrderRow], checks: &[BuyCheck]) -> Vec<(Clean, Role)> {
    let name = |check: &BuyCheck| {
        let row = rows.iter().find(|row| row.id == check.order.buy.id);
        row.map_or("", |row| &*row.name).to_owned()
    };
    let all: Vec<(String, &str)> = checks
        .iter()
        .filter_map(|check| Some((name(check), blocked(verb, check)?)))
        .collect();
    if all.is_empty() {
        return Vec::new();
    }
    if rows.len() == 1 {
        let said = "As things stand this will be refused:";
        return vec![(said.into(), Role::Bad)];
    }
    let said = clean!("As things stand {} of them will be refused:", all.len());
    let each = all.into_iter();
    let each = each.map(|(name, why)| (clean!("  ✗ {name}: {why}"), Role::Bad));
    std::iter::once((said, Role::Bad)).chain(each).collect()
}

/// What a look at the order has found: what would change, and what is short.
fn found(check: &BuyCheck) -> Vec<(Clean, Role)> {
    let mut lines: Vec<(Clean, Role)> = Vec::new();
    for one in &check.differences {
        lines.push((
            clean!("  {}: {} → {}", one.about, one.old, one.new),
            Role::Text,
        ));
    }
    for one in &check.packages {
        let (product, needs, free) = (&one.product, grouped(one.needs), grouped(one.free));
        lines.push(match one.stock() {
            Stock::Short(problem) => (clean!("  ✗ {problem}"), Role::Bad),
            Stock::Elsewhere => continue,
            Stock::Held => (clean!("  ✓ {product}: holds all {needs}"), Role::Good),
            Stock::Free => (
                clean!("  ✓ {product}: needs {needs}, {free} free"),
                Role::Good,
            ),
            Stock::Loose => (
                clean!("  {product}: needs {needs}, {free} free"),
                Role::Text,
            ),
            Stock::Over => (
                clean!("  {product}: needs {needs}, and is over"),
                Role::Muted,
            ),
        });
    }
    let problem = check.problem.iter();
    lines.extend(problem.map(|one| (clean!("  ✗ {one}"), Role::Bad)));
    lines
}

/// Proposes to do something to orders.
#[must_use]
pub fn propose(
    verb: Verb,
    reason: Option<&str>,
    rows: &[OrderRow],
    checks: &[BuyCheck],
) -> Proposal {
    let mut lines = refused(verb, rows, checks);
    lines.push((verb.sentence(rows).into(), Role::Text));
    lines.extend(listed(rows).into_iter().map(|one| (one, Role::Text)));
    if rows.len() > 1 {
        lines.push((clean!("  {} in all", sums(rows)), Role::Title));
    }
    if let ([_], [check]) = (rows, checks)
        && (verb.books() || verb == Verb::Submit)
    {
        lines.extend(found(check));
    }
    if let Some(reason) = reason {
        lines.push((clean!("Reason: {reason}"), Role::Text));
    }
    let typed = match rows {
        [one] => (verb == Verb::Cancel).then(|| Consent::name(&one.name, one.id.as_str())),
        many => Some(Consent::words(noun(many.len()))),
    };
    let typed = typed.map(|typed| match verb {
        Verb::Cancel => typed.or_keep(),
        _ => typed,
    });
    let title = match rows {
        [one] => clean!("{} {}", verb.title(), verb.object(one)),
        many => clean!("{} {}", verb.title(), noun(many.len())),
    };
    Proposal {
        title,
        lines,
        typed,
        button: verb.button(),
        steps: rows.iter().map(|row| verb.step(row, reason)).collect(),
        renew: Some(renewed(verb, reason, rows)),
    }
}

/// Reads the orders that have changed again, and proposes the same of what they are now, if
/// it still can be done.
fn renewed(verb: Verb, reason: Option<&str>, rows: &[OrderRow]) -> Renew {
    let all: Vec<BuyId> = rows.iter().map(|row| row.id.clone()).collect();
    let reason = reason.map(str::to_owned);
    Arc::new(move |session, late| {
        let late: Vec<BuyId> = late.iter().filter_map(|at| all.get(*at).cloned()).collect();
        let reason = reason.clone();
        Box::pin(async move { again(verb, reason.as_deref(), &session, late).await })
    })
}

/// Looks orders over; of one that cannot be looked at, nothing is known.
pub async fn looked(session: &Session, rows: &[OrderRow]) -> Vec<BuyCheck> {
    let mut checks = Vec::new();
    for row in rows.iter().take(LOOKED) {
        let media_buy_id = row.id.clone();
        checks.extend(session.ask(CheckBuy { media_buy_id }).await);
    }
    checks
}

async fn again(
    verb: Verb,
    reason: Option<&str>,
    session: &Session,
    late: Vec<BuyId>,
) -> Result<Proposal, Fault> {
    let found = read::few(session, late).await?;
    let mut refused: Vec<Clean> = Vec::new();
    let mut rows = Vec::new();
    for row in found.rows {
        match verb.may(&row) {
            Ok(()) => rows.push(row),
            Err(why) => refused.push(clean!("{}: {why}", row.name)),
        }
    }
    if rows.is_empty() {
        let why = refused.iter().map(Clean::as_str).collect::<Vec<_>>();
        let message = if why.is_empty() {
            "what has changed is no longer there".to_owned()
        } else {
            why.join("; ")
        };
        return Err(Fault::conflict("GONE", message));
    }
    let checks = looked(session, &rows).await;
    let mut proposal = propose(verb, reason, &rows, &checks);
    let refused = refused.into_iter().map(|why| (why, Role::Warn));
    proposal.lines.splice(0..0, refused);
    Ok(proposal)
}
