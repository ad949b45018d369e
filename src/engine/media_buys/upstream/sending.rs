//! The steps of what is asked of a sales agent, one commit each: it leaves, it was answered, it
//! certainly did not arrive, it was refused, or nobody knows. The engine's own. A mark is kept
//! before anything leaves, so that whoever goes on after a crash asks nothing twice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DESK, FOLLOW, known, link};
use crate::{
    domain::{
        ids::BuyId,
        media_buy::{
            action::OrderVerb,
            buy::MediaBuy,
            status::BuyStatus,
            upstream::{
                deed::{Ask, Deed, Stage},
                link::{BuyLink, Standing},
            },
        },
        policy::Permission,
    },
    engine::{
        fault::Fault,
        media_buys::absent,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Takes a step of something that is asked of a sales agent; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeDeedStep {
    /// Of which media buy.
    pub media_buy_id: BuyId,
    /// Of which thing that is asked, by its mark.
    pub key: String,
    /// Which step.
    #[schemars(with = "serde_json::Value")]
    pub step: DeedStep,
}

/// A step.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeedStep {
    /// It is about to be sent.
    Leaves,
    /// It was accepted.
    Answered {
        /// The id of the media buy there, where that is new.
        id: Option<String>,
        /// That it waits for a person there, as which task where that is said.
        held: Option<Option<String>>,
        /// What was said.
        said: Option<String>,
    },
    /// It certainly did not arrive.
    Waits(String),
    /// Nobody knows whether it was done.
    Lost(String),
    /// It was refused, and nothing was done.
    Refused(String),
    /// It was never seen there.
    Lapsed,
}

/// The media buy after a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeedStepped {
    /// How far what was asked has come.
    pub stage: Stage,
}

impl Operation for TakeDeedStep {
    const NAME: &'static str = "media_buys.send_step";
    const ABOUT: &'static str = "Take a step of asking a sales agent; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = DeedStepped;

    async fn perform(self, work: &mut Work<'_>) -> Result<DeedStepped, Fault> {
        work.about(format!("media_buy/{}", self.media_buy_id));
        let stored = work.get::<MediaBuy>(self.media_buy_id.as_str()).await?;
        let stored = stored.ok_or_else(|| absent(&self.media_buy_id))?;
        let mut buy = stored.record.clone();
        let before = known(&mut buy)?.clone();
        let late = || Fault::conflict("MOVED_ON", "what was asked has moved on");
        let deeds = &mut known(&mut buy)?.deeds;
        let deed = deeds.iter_mut().find(|one| one.key == self.key);
        let deed = deed.filter(|one| one.is_open()).ok_or_else(late)?;
        let leaves = matches!(self.step, DeedStep::Leaves);
        let fits = match self.step {
            DeedStep::Leaves => deed.stage == Stage::Kept,
            DeedStep::Lapsed => matches!(deed.stage, Stage::Lost | Stage::Answered),
            DeedStep::Refused(_) => matches!(deed.stage, Stage::Kept | Stage::Out),
            _ => matches!(deed.stage, Stage::Out | Stage::Lost),
        };
        if !fits {
            return Err(late());
        }
        let remote = take(deed, self.step, work);
        let deed = deed.clone();
        after(work, &mut buy, &deed, remote).await?;
        if buy.upstream.as_deref() != Some(&before) || buy != stored.record {
            work.replace(&stored, &buy)?;
            link(work, &buy, None).await?;
        }
        if !leaves {
            tell_of(work, &buy, &deed);
            let seen_there = matches!(deed.stage, Stage::Answered | Stage::Held | Stage::Lost);
            if seen_there && deed.is_open() {
                work.wake(FOLLOW, DESK, work.now());
            }
        }
        Ok(DeedStepped { stage: deed.stage })
    }
}

/// Takes the step; the id of a new media buy, where that was told.
fn take(deed: &mut Deed, step: DeedStep, work: &Work<'_>) -> Option<String> {
    let now = work.now();
    match step {
        DeedStep::Leaves => {
            (deed.stage, deed.sent_at) = (Stage::Out, Some(now));
        }
        DeedStep::Answered { id, held, said } => {
            deed.said = said;
            deed.stage = Stage::Answered;
            if let Some(task) = held {
                deed.stage = Stage::Held;
                deed.task_id = task;
            }
            return id;
        }
        DeedStep::Waits(why) => {
            (deed.stage, deed.sent_at) = (Stage::Kept, None);
            deed.tries += 1;
            deed.said = Some(why);
        }
        DeedStep::Lost(why) => {
            deed.stage = Stage::Lost;
            deed.said = Some(why);
        }
        DeedStep::Refused(why) => {
            deed.said = Some(why);
            deed.end(Stage::Refused, now);
        }
        DeedStep::Lapsed => {
            let stage = match deed.stage {
                Stage::Lost => Stage::Lost,
                _ => Stage::NotApplied,
            };
            deed.end(stage, now);
        }
    }
    None
}

/// What a step means for the media buy itself.
async fn after(
    work: &mut Work<'_>,
    buy: &mut MediaBuy,
    deed: &Deed,
    remote: Option<String>,
) -> Result<(), Fault> {
    match (&deed.ask, deed.stage) {
        (Ask::Create(_), Stage::Refused) => {
            buy.status = BuyStatus::Rejected;
            buy.rejection.clone_from(&deed.said);
        }
        (Ask::Create(_), Stage::Answered | Stage::Held) => {
            let Some(remote) = remote else { return Ok(()) };
            if work.get::<BuyLink>(&remote).await?.is_none() {
                work.create(&BuyLink {
                    remote,
                    buy_id: buy.id.clone(),
                    digest: String::new(),
                    standing: Standing::Open,
                })?;
            }
        }
        // Nothing is shown of that there; here it is put away as well.
        (Ask::Act(OrderVerb::ArchiveOrder), Stage::Answered) => {
            buy.archived_at = Some(work.now());
        }
        _ => {}
    }
    Ok(())
}

fn tell_of(work: &mut Work<'_>, buy: &MediaBuy, deed: &Deed) {
    let name = match deed.stage {
        Stage::Refused => "media_buys.upstream_refused",
        Stage::Lost => "media_buys.upstream_unanswered",
        Stage::Held => "media_buys.upstream_held",
        Stage::Kept => "media_buys.upstream_waits",
        _ => "media_buys.upstream_accepted",
    };
    let detail = format!("{}: {}", buy.name, deed.line());
    work.tell(name, "media_buy", buy.id.to_string(), detail);
}
