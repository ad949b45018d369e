//! Decides for the publisher: agrees to an order or a change of one, refuses it, or sends it
//! back. Whatever is decided, the buy, its order and its lines move with it; decided the same
//! way twice, the second is no news.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    approvals::find as find_question, carry, decide, find, hand, refused, update, upstream,
    view::BuyView, write,
};
use crate::{
    domain::{
        ids::{ApprovalId, BuyId},
        media_buy::{
            action::Guarded,
            approval::{Approval, Verdict, Wanted},
            buy::MediaBuy,
            history::Done,
        },
        policy::Permission,
        problem::{Code, Problem},
        text,
    },
    engine::{
        ad_orders,
        bookings::seen::latest,
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        webhooks,
        work::Work,
    },
    store::record::Stored,
};

/// The longest reason.
const LONGEST_REASON: usize = 500;

/// What a person at the publisher says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Say {
    /// Yes.
    Approve,
    /// No.
    Reject,
    /// Not so; change it and ask again.
    SendBack,
}

/// Decides on a question to the publisher.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideApproval {
    /// Which question.
    #[serde(default)]
    pub approval_id: Option<ApprovalId>,
    /// Or the order whose question it is.
    #[serde(default)]
    pub media_buy_id: Option<BuyId>,
    /// What is decided.
    pub say: Say,
    /// Why; needed for anything but yes.
    #[serde(default)]
    pub reason: Option<String>,
    /// The revision of the order that was looked at; if it has changed, it is left alone.
    #[serde(default)]
    pub expected_revision: Option<i64>,
}

impl Operation for DecideApproval {
    const NAME: &'static str = "media_buys.decide";
    const ABOUT: &'static str =
        "Approve, reject or send back an order that waits for the publisher.";
    const KIND: Kind = Kind::Command(Permission::ApproveBuys);
    type Output = BuyView;

    async fn perform(self, work: &mut Work<'_>) -> Result<BuyView, Fault> {
        let reason = self.reason()?;
        let (stored, question) = self.found(work).await?;
        seen(work, &stored, self.expected_revision).await?;
        let mut view = answer(work, stored, question, (self.say, reason)).await?;
        ad_orders::beside(work, &mut view).await?;
        Ok(view)
    }
}

/// Answers a question to the publisher, and moves what it is about.
///
/// # Errors
/// When it was answered another way, or what it is about cannot move so.
pub(in crate::engine) async fn answer(
    work: &mut Work<'_>,
    stored: Stored<MediaBuy>,
    question: Stored<Approval>,
    (say, reason): (Say, Option<String>),
) -> Result<BuyView, Fault> {
    if stored.record.upstream.is_some() {
        return upstream::keep::decide(work, stored, &question.record, (say, reason)).await;
    }
    let verdict = match say {
        Say::Approve => Verdict::Approved,
        Say::Reject => Verdict::Rejected,
        Say::SendBack => Verdict::SentBack,
    };
    let Some(decided) = decide(work, &question, verdict, reason.clone())? else {
        return Ok(BuyView::of(stored));
    };
    let mut buy = stored.record.clone();
    let by = format!("{verdict} by {}", work.caller().name);
    let why = reason.unwrap_or_default();
    let happened = move_on(work, &mut buy, question.record.wanted, (say, &by, &why)).await?;
    write(work, &stored, &buy, happened).await?;
    webhooks::tasks::decided(work, &decided, &buy).await?;
    let (seen, now) = (stored.revision + 1, work.now());
    Ok(BuyView::new(buy, seen, stored.created_at, now))
}

impl DecideApproval {
    /// The order and the question about it.
    async fn found(
        &self,
        work: &mut Work<'_>,
    ) -> Result<(Stored<MediaBuy>, Stored<Approval>), Fault> {
        if let Some(id) = self.approval_id {
            let question = find_question(work, Some(id)).await?;
            work.about(format!("media_buy/{}", question.record.buy_id));
            let stored = find(work, &question.record.buy_id).await?;
            return Ok((stored, question));
        }
        let Some(id) = &self.media_buy_id else {
            return Err(which());
        };
        work.about(format!("media_buy/{id}"));
        let stored = find(work, id).await?;
        let Some(asked) = stored.record.approval_id else {
            return Err(nothing_asked(&stored.record));
        };
        let question = find_question(work, Some(asked)).await?;
        Ok((stored, question))
    }

    fn reason(&self) -> Result<Option<String>, Fault> {
        let said = self
            .reason
            .as_deref()
            .map(str::trim)
            .filter(|said| !said.is_empty());
        match said {
            None if self.say == Say::Approve => Ok(None),
            None => {
                let message = "is needed, so that the buyer knows what to change";
                Err(Fault::field(Problem::new(
                    "reason",
                    Code::new("MISSING"),
                    message,
                )))
            }
            Some(said) => match text::check_line(said, LONGEST_REASON) {
                Ok(()) => Ok(Some(said.to_owned())),
                Err(wrong) => {
                    let code = Code::new("INVALID_TEXT");
                    Err(Fault::field(Problem::new(
                        "reason",
                        code,
                        wrong.to_string(),
                    )))
                }
            },
        }
    }
}

/// Moves the buy, its order and its lines as it was decided, and names what happened.
async fn move_on(
    work: &mut Work<'_>,
    buy: &mut MediaBuy,
    wanted: Wanted,
    (say, by, why): (Say, &str, &str),
) -> Result<&'static str, Fault> {
    Ok(match (wanted, say) {
        (Wanted::Order, Say::Approve) => {
            carry::agree(work, buy, by).await?;
            "media_buys.changed"
        }
        (Wanted::Order, Say::Reject) => {
            buy.reject(hand(work), why).map_err(refused)?;
            carry::let_go(work, buy).await?;
            "media_buys.rejected"
        }
        (Wanted::Order, Say::SendBack) => {
            buy.send_back(hand(work), why).map_err(refused)?;
            "media_buys.sent_back"
        }
        (Wanted::Change { change }, Say::Approve) => {
            update::apply(work, buy, *change).await?;
            "media_buys.changed"
        }
        (Wanted::Change { .. }, say) => {
            let word = if say == Say::Reject {
                "rejected"
            } else {
                "sent back"
            };
            let done = if say == Say::Reject {
                Done::Rejected
            } else {
                Done::SentBack
            };
            buy.note(hand(work), done, format!("change {word}: {why}"));
            "media_buys.changed"
        }
    })
}

fn which() -> Fault {
    let message = "is needed, or a media_buy_id";
    Fault::field(Problem::new("approval_id", Code::new("MISSING"), message))
}

fn nothing_asked(buy: &MediaBuy) -> Fault {
    let message = Guarded::NothingAsked(buy.status).to_string();
    Fault::wrong_state("INVALID_STATE", message).with("state", buy.status.name())
}

/// Refuses to act on anything but what was seen, and says what happened since.
pub(super) async fn seen(
    work: &Work<'_>,
    stored: &Stored<MediaBuy>,
    expected: Option<i64>,
) -> Result<(), Fault> {
    let now = stored.revision;
    let Some(expected) = expected.filter(|expected| *expected != now) else {
        return Ok(());
    };
    let latest = latest(work, "media_buy", stored.record.id.to_string()).await?;
    let message = format!(
        "the media buy has changed since you looked: you saw revision {expected}, it is {now} now"
    );
    Err(Fault::new(FaultKind::Stale, "STALE_REVISION", message)
        .hint("look at it again, then decide")
        .with("expected_revision", expected)
        .with("current_revision", now)
        .with("status", stored.record.status.name())
        .with("what_happened", latest))
}
