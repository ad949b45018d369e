//! Writes down what was seen of media buys at a sales agent: new ones, changed ones, those that are
//! gone, the questions that wait there, and what came of what was asked. The engine's own; whoever
//! asks has looked first, so what has not changed is not written.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{desks::Place, digest, link, placed};
use crate::{
    domain::{
        ids::{AccountId, BuyId, OrderId},
        media_buy::{
            approval::{Approval, Decision, Verdict, Wanted},
            buy::MediaBuy,
            history::{Done, Entry},
            status::BuyStatus,
            upstream::{
                Upstream,
                deed::{Ask, Deed, Stage},
                link::BuyLink,
                mirror::{self, THERE},
                shown::{ListedBuy, Ordered, ShownBuy, ShownTask},
            },
        },
        policy::Permission,
        when::Instant,
    },
    engine::{
        fault::Fault,
        media_buys::{open_question, place::account, tell},
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Stored},
};

/// How many changes are written at once.
pub const MOST: usize = 50;
/// The most orders on their way that are looked through for one that was found.
const MOST_SENT: u32 = 200;

/// Writes down what was seen at a sales agent; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MirrorBuys {
    /// What has changed.
    #[schemars(with = "serde_json::Value")]
    pub changes: Vec<Change>,
}

/// Something that has changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A media buy is shown otherwise than it was, or for the first time.
    Seen {
        /// As it is listed.
        listed: Box<ListedBuy>,
        /// The questions about it that wait there, where that is known.
        waiting: Option<Vec<ShownTask>>,
        /// What it was ordered with, where that was just found.
        ordered: Option<Box<Ordered>>,
    },
    /// A media buy is not shown any more.
    Missing {
        /// Which.
        buy_id: BuyId,
        /// Since when.
        since: Instant,
    },
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WroteBuys {
    /// How many media buys.
    pub media_buys: u32,
}

impl Operation for MirrorBuys {
    const NAME: &'static str = "media_buys.mirror";
    const ABOUT: &'static str = "Write down what was seen at a sales agent; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = WroteBuys;

    async fn perform(self, work: &mut Work<'_>) -> Result<WroteBuys, Fault> {
        let mut media_buys = 0;
        let mut written = BTreeSet::new();
        let Some(place) = work.desk().agents.of(work.tenant()).cloned() else {
            return Ok(WroteBuys { media_buys });
        };
        // Once for all of them: none sees what another one writes.
        let account = account(work, &place.principal).await?;
        for change in self.changes.into_iter().take(MOST) {
            let wrote = match change {
                Change::Missing { buy_id, since } => {
                    written.insert(buy_id.clone()) && missing(work, &buy_id, since).await?
                }
                Change::Seen {
                    listed,
                    waiting,
                    ordered,
                } => {
                    let seen = Seen {
                        listed: *listed,
                        waiting,
                        ordered,
                    };
                    seen.write(work, &place, account, &mut written).await?
                }
            };
            media_buys += u32::from(wrote);
        }
        Ok(WroteBuys { media_buys })
    }
}

/// The buy that stands for one there.
enum Stands {
    /// It is known here.
    Known(Box<Stored<MediaBuy>>),
    /// It is new here.
    New(Box<MediaBuy>),
}

/// What was seen of one buy.
struct Seen {
    listed: ListedBuy,
    waiting: Option<Vec<ShownTask>>,
    ordered: Option<Box<Ordered>>,
}

impl Seen {
    async fn write(
        self,
        work: &mut Work<'_>,
        place: &Place,
        account: AccountId,
        written: &mut BTreeSet<BuyId>,
    ) -> Result<bool, Fault> {
        let digest = digest(&self.listed.buy)?;
        let now = work.now();
        let (stored, mut buy) = match self.stands(work, place).await? {
            Stands::Known(stored) => {
                let buy = stored.record.clone();
                (Some(stored), buy)
            }
            Stands::New(buy) => (None, *buy),
        };
        // One of another id there has just taken it: the next look knows that.
        if !written.insert(buy.id.clone()) {
            return Ok(false);
        }
        work.about(format!("media_buy/{}", buy.id));
        let ended = self.take_over(work, &mut buy);
        questions(work, &mut buy, &ended).await?;
        for deed in &ended {
            tell_of(work, &buy, deed);
        }
        placed::place(work, &buy, account).await?;
        let mut changed = true;
        match &stored {
            None => {
                buy.history = vec![found(&buy, now)];
                work.create(&buy)?;
                tell(work, &buy, "media_buys.found");
            }
            Some(stored) if stored.record == buy => changed = false,
            Some(stored) => {
                work.replace(stored, &buy)?;
                tell(work, &buy, "media_buys.changed");
            }
        }
        link(work, &buy, Some(digest)).await?;
        Ok(changed)
    }

    /// Makes a buy what is shown, and judges what was asked of it.
    fn take_over(&self, work: &Work<'_>, buy: &mut MediaBuy) -> Vec<Deed> {
        let now = work.now();
        let mut shown = self.listed.buy.clone();
        let before = buy.upstream.as_ref().and_then(|known| known.shown.clone());
        if let Some(known) = buy.upstream.as_deref_mut() {
            if let Some(waiting) = &self.waiting {
                known.waits(waiting, &shown.status, now);
            }
            if self.ordered.is_some() {
                known.ordered.clone_from(&self.ordered);
            }
            if let Some(ordered) = &known.ordered {
                shown.complete(ordered);
            }
            complete(&mut shown, known);
        }
        mirror::take(buy, shown, &self.listed.counts, now, &mut || work.mint());
        let Some(known) = buy.upstream.as_deref_mut() else {
            return Vec::new();
        };
        if known.shown != before {
            known.seen_at = Some(now);
        }
        let tasks = self.waiting.as_ref();
        let tasks: Option<Vec<&str>> =
            tasks.map(|all| all.iter().map(|one| one.id.as_str()).collect());
        known.judge(tasks.as_deref(), now)
    }

    async fn stands(&self, work: &Work<'_>, place: &Place) -> Result<Stands, Fault> {
        let shown = &self.listed.buy;
        if let Some(link) = work.get::<BuyLink>(&shown.id).await? {
            let id = link.record.buy_id;
            if let Some(stored) = work.get::<MediaBuy>(id.as_str()).await? {
                return Ok(Stands::Known(Box::new(stored)));
            }
        }
        if let Some(stored) = expected(work, shown).await? {
            return Ok(Stands::Known(Box::new(stored)));
        }
        // Its own id, so that people find it by the one that they know.
        let order_id: OrderId = work.mint();
        let free = work.get::<MediaBuy>(&shown.id).await?.is_none();
        let id = if free {
            shown.id.clone()
        } else {
            format!("mb_{order_id}")
        };
        let upstream = Upstream::new(place.kind);
        let buy = mirror::empty(&id, &place.principal, upstream, order_id, work.now());
        Ok(Stands::New(Box::new(buy)))
    }
}

/// Fills in what was ordered from here, where the list does not say.
fn complete(shown: &mut ShownBuy, known: &Upstream) {
    let draft = known.deeds.iter().find_map(|deed| match &deed.ask {
        Ask::Create(draft) => Some(draft),
        _ => None,
    });
    let Some(draft) = draft else { return };
    shown.start = shown.start.or(draft.start_time.parse().ok());
    shown.end = shown.end.or(draft.end_time.parse().ok());
    if shown.po_number.is_none() {
        shown.po_number.clone_from(&draft.particulars.po_number);
    }
}

/// The first entry of a buy's history.
fn found(buy: &MediaBuy, now: Instant) -> Entry {
    Entry {
        revision: 1,
        at: now,
        by: THERE.to_owned(),
        done: Done::Created,
        summary: format!("found there as {}", buy.status.name().replace('_', " ")),
        package_id: None,
    }
}

/// An order that was sent from here and whose id nobody knows, if it is this one: by products and
/// money, and only if no other fits. One of which an id is known already is another.
async fn expected(work: &Work<'_>, shown: &ShownBuy) -> Result<Option<Stored<MediaBuy>>, Fault> {
    let sent = Filter {
        state: Some(BuyStatus::Draft.name().to_owned()),
        limit: MOST_SENT,
        ..Filter::default()
    };
    let mut fit = work.list::<MediaBuy>(&sent).await?;
    fit.retain(|stored| {
        let known = stored.record.upstream.as_deref();
        known.is_some_and(|known| known.shown.is_none() && fits(known, shown))
    });
    let mut free = Vec::new();
    for stored in fit {
        let of_it = Filter {
            parent: Some(stored.record.id.to_string()),
            limit: 1,
            ..Filter::default()
        };
        if work.list::<BuyLink>(&of_it).await?.is_empty() {
            free.push(stored);
        }
    }
    let only = free.len() == 1;
    Ok(free.pop().filter(|_| only))
}

fn fits(known: &Upstream, shown: &ShownBuy) -> bool {
    let open = known.deeds.iter().filter(|one| one.is_open());
    let mut sent = open.filter(|one| one.sent_at.is_some());
    sent.any(|deed| {
        let Ask::Create(draft) = &deed.ask else {
            return false;
        };
        let packages = draft.packages.as_deref().unwrap_or_default();
        let mut asked: Vec<&str> = packages.iter().map(|one| one.product_id.as_str()).collect();
        let mut told: Vec<&str> = shown.packages.iter().map(|one| &*one.product_id).collect();
        asked.sort_unstable();
        told.sort_unstable();
        let number = draft.particulars.po_number.as_ref();
        let other = number
            .zip(shown.po_number.as_ref())
            .is_some_and(|(a, b)| a != b);
        let young = shown.created_at.zip(deed.sent_at);
        let young = young.is_none_or(|(there, here)| here - there < chrono::Duration::minutes(10));
        asked == told && !other && young
    })
}

/// Tells what came of something that was asked.
fn tell_of(work: &mut Work<'_>, buy: &MediaBuy, deed: &Deed) {
    let name = match deed.stage {
        Stage::Applied => "media_buys.applied",
        Stage::Lost => "media_buys.answer_lost",
        _ => "media_buys.not_applied",
    };
    let detail = format!("{}: {}", buy.name, deed.line());
    work.tell(name, "media_buy", buy.id.to_string(), detail);
}

/// Keeps the question to the publisher as it is there: asked while it waits, decided when it has
/// been.
async fn questions(work: &mut Work<'_>, buy: &mut MediaBuy, ended: &[Deed]) -> Result<(), Fault> {
    let open = open_question(work, buy).await?;
    let held = buy.upstream.as_ref().and_then(|known| known.held.clone());
    match (held, open) {
        (Some(held), None) => ask(work, buy, &held),
        (None, Some(open)) => {
            let by_us = ended
                .iter()
                .find(|one| matches!(one.ask, Ask::Decide(_)) && one.stage == Stage::Applied);
            let decision = Decision {
                verdict: match buy.status {
                    BuyStatus::Rejected => Verdict::Rejected,
                    status if status.is_agreed() => Verdict::Approved,
                    _ => Verdict::Withdrawn,
                },
                by: by_us.map_or_else(|| THERE.to_owned(), |deed| deed.by.clone()),
                at: work.now(),
                reason: buy.rejection.clone(),
            };
            let detail = format!("{} by {}", decision.verdict, decision.by);
            let decided = open.record.decide(decision);
            if let Ok(Some(decided)) = decided {
                work.replace(&open, &decided)?;
                let id = decided.id.to_string();
                work.tell("approvals.decided", "approval", id, detail);
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn ask(work: &mut Work<'_>, buy: &mut MediaBuy, held: &ShownTask) -> Result<(), Fault> {
    let known = buy.upstream.as_deref();
    let mut deeds = known.into_iter().flat_map(|known| known.deeds.iter().rev());
    let asked = deeds.find_map(|deed| match (&deed.ask, deed.stage) {
        (Ask::Change(change), Stage::Held) => Some((change.clone(), deed.by.clone())),
        _ => None,
    });
    let (change, by) = asked.unwrap_or_else(|| (Box::default(), buy.owner.clone()));
    let question = Approval {
        id: work.mint(),
        buy_id: buy.id.clone(),
        name: buy.name.clone(),
        wanted: if held.change {
            Wanted::Change { change }
        } else {
            Wanted::Order
        },
        amount: buy.total().map_err(Fault::broken)?,
        asked_by: by,
        asked_at: held.created_at.unwrap_or(work.now()).min(work.now()),
        decision: None,
        staged: None,
    };
    buy.approval_id = Some(question.id);
    work.create(&question)?;
    let detail = format!("{} waits for approval at the sales agent", buy.name);
    let id = question.id.to_string();
    work.tell("approvals.asked", "approval", id, detail);
    Ok(())
}

async fn missing(work: &mut Work<'_>, buy_id: &BuyId, since: Instant) -> Result<bool, Fault> {
    let Some(stored) = work.get::<MediaBuy>(buy_id.as_str()).await? else {
        return Ok(false);
    };
    work.about(format!("media_buy/{buy_id}"));
    let mut buy = stored.record.clone();
    let known = super::known(&mut buy)?;
    if known.missing_since.is_some() {
        return Ok(false);
    }
    known.missing_since = Some(since);
    known.held = None;
    work.replace(&stored, &buy)?;
    tell(work, &buy, "media_buys.gone_upstream");
    link(work, &buy, None).await?;
    Ok(true)
}
