//! Forces states: the one step that leads there is taken as it would be for a reason, with
//! everything that hangs on it. Refuses steps that nobody could take.

use serde::Deserialize;

use super::{Controlled, absent};
use crate::{
    domain::{
        adcp::account::{Account, AccountStatus},
        ids::BuyId,
        media_buy::{buy::MediaBuy, creative::CreativeStatus, status::BuyStatus},
    },
    engine::{
        accounts::status::SetAccountStatus,
        creatives::{self, decide::DecideCreative},
        fault::Fault,
        media_buys::{carry, decide, find, hand, open_question, refused, write},
        operation::Operation as _,
        work::Work,
    },
};

/// A creative, and where it shall stand.
#[derive(Deserialize)]
pub(super) struct OfCreative {
    creative_id: String,
    status: CreativeStatus,
    #[serde(default)]
    rejection_reason: Option<String>,
}

/// An account, and where it shall stand.
#[derive(Deserialize)]
pub(super) struct OfAccount {
    account_id: String,
    status: AccountStatus,
}

/// A media buy, and where it shall stand.
#[derive(Deserialize)]
pub(super) struct OfBuy {
    media_buy_id: BuyId,
    status: Agreed,
    #[serde(default)]
    rejection_reason: Option<String>,
}

/// Where a media buy may stand for its buyer.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Agreed {
    PendingCreatives,
    PendingStart,
    Active,
    Paused,
    Completed,
    Rejected,
    Canceled,
}

impl From<Agreed> for BuyStatus {
    fn from(agreed: Agreed) -> Self {
        match agreed {
            Agreed::PendingCreatives => Self::PendingCreatives,
            Agreed::PendingStart => Self::PendingStart,
            Agreed::Active => Self::Active,
            Agreed::Paused => Self::Paused,
            Agreed::Completed => Self::Completed,
            Agreed::Rejected => Self::Rejected,
            Agreed::Canceled => Self::Canceled,
        }
    }
}

/// A conversation, and where it shall stand.
#[derive(Deserialize)]
pub(super) struct OfSession {
    session_id: String,
    #[serde(rename = "status")]
    _status: Ended,
}

/// How a conversation ends.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ended {
    Complete,
    Terminated,
}

fn moved(what: &str, from: &str, to: &str) -> Controlled {
    Controlled::Moved {
        previous_state: from.to_owned(),
        current_state: to.to_owned(),
        message: format!("{what} went from {from} to {to}"),
    }
}

/// Moves a creative of the caller's.
pub(super) async fn creative(work: &mut Work<'_>, of: OfCreative) -> Result<Controlled, Fault> {
    let owner = work.caller().name.clone();
    let stored = creatives::read(work, &owner, &of.creative_id).await?;
    let was = stored.ok_or_else(|| absent("creative", &of.creative_id))?;
    let (from, to) = (was.record.status, of.status);
    if from != to {
        let decide = DecideCreative {
            owner,
            creative_id: of.creative_id.clone(),
            status: to,
            reason: of.rejection_reason,
        };
        decide.perform(work).await?;
    }
    Ok(moved(&of.creative_id, from.name(), to.name()))
}

/// Moves an account of the caller's.
pub(super) async fn account(work: &mut Work<'_>, of: OfAccount) -> Result<Controlled, Fault> {
    let found = work.get::<Account>(&of.account_id).await?;
    let was = found
        .filter(|one| one.record.principal == work.caller().name)
        .ok_or_else(|| absent("account", &of.account_id))?;
    let set = SetAccountStatus {
        account_id: of.account_id.clone(),
        status: of.status,
    };
    set.perform(work).await?;
    let from = was.record.status.name();
    Ok(moved(&of.account_id, from, of.status.name()))
}

/// Moves a media buy of the caller's, its order and its lines.
pub(super) async fn buy(work: &mut Work<'_>, of: OfBuy) -> Result<Controlled, Fault> {
    let id = &of.media_buy_id;
    let stored = find(work, id).await?;
    let to = BuyStatus::from(of.status);
    let from = stored.record.status;
    let reason = of.rejection_reason.as_deref();
    if to == BuyStatus::Rejected
        && let Some(question) = open_question(work, &stored.record).await?
    {
        let why = reason.unwrap_or("rejected").to_owned();
        decide::answer(work, stored, question, (decide::Say::Reject, Some(why))).await?;
        return Ok(moved(id.as_str(), from.name(), to.name()));
    }
    let mut buy = stored.record.clone();
    buy.go_to(hand(work), to, reason).map_err(refused)?;
    if buy != stored.record {
        follow(work, &buy).await?;
        write(work, &stored, &buy, "media_buys.changed").await?;
    }
    Ok(moved(id.as_str(), from.name(), to.name()))
}

/// Has the lines of a buy do as it does.
async fn follow(work: &mut Work<'_>, buy: &MediaBuy) -> Result<(), Fault> {
    match buy.status {
        BuyStatus::Rejected | BuyStatus::Canceled => carry::let_go(work, buy).await,
        status => carry::hold(work, buy, status == BuyStatus::Paused).await,
    }
}

/// There are no conversations here, so none can be ended.
pub(super) fn session(of: &OfSession) -> Result<Controlled, Fault> {
    Err(absent("session", &of.session_id))
}
