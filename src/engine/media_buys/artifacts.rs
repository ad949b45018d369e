//! Sends what a media buy was shown beside to its `artifact_webhook`, through the same outbox as
//! everything that is sent: each message is written down in the commit that remembers how far it
//! tells, so that it is sent once, with the same bytes however often it takes. Refuses to tell of
//! what another ad server shows: only the one inside says beside which content it did.

use chrono::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{find, view::BuyView};
use crate::{
    domain::{
        delivery::{
            content::{Content, Place, hours},
            mark::Mark,
            running::line_key,
            track::Track,
        },
        ids::BuyId,
        media_buy::{
            artifacts::{Artifacts, Counted, MOST, Open, Reached, Step, Wish, later},
            buy::MediaBuy,
            package::Package,
        },
        opendirect::product::Product,
        policy::Permission,
        when::{Instant, rfc3339},
    },
    engine::{
        ad_orders,
        delivery::series::{Grain, marks},
        desk::Serving,
        due::Due,
        fault::Fault,
        operation::{Kind, Operation},
        webhooks,
        work::Work,
    },
    store::record::Stored,
};

/// The kind of the reconciler that tells what was shown beside what.
pub const ARTIFACTS: &str = "tell_artifacts";

/// When there is something to tell of what a media buy was shown beside; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArtifactsDue {
    /// Which.
    pub media_buy_id: BuyId,
}

/// Sends the next message of what a media buy was shown beside; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendArtifacts {
    /// Which.
    pub media_buy_id: BuyId,
}

/// Whether what a buy is shown beside is told where its buyer wants it, unless it is in another ad
/// server.
pub(in crate::engine) fn is_ours(work: &Work<'_>, buy: &MediaBuy) -> bool {
    buy.particulars.artifact_webhook.is_some()
        && buy.upstream.is_none()
        && work.desk().inside().is_some()
}

/// Whether what a buy is shown beside is told where its buyer wants it.
///
/// # Errors
/// When the store cannot.
async fn is_told(work: &Work<'_>, buy: &MediaBuy) -> Result<bool, Fault> {
    Ok(is_ours(work, buy) && !ad_orders::is_there(work, &buy.id).await?)
}

/// Tells beside a buy whether what it is shown beside is told where its buyer wants it.
///
/// # Errors
/// When the store cannot.
pub(in crate::engine) async fn beside(work: &Work<'_>, view: &mut BuyView) -> Result<(), Fault> {
    view.tells_artifacts = is_told(work, &view.buy).await?;
    Ok(())
}

/// Has what a buy is shown beside told from now on, where its buyer wants it.
pub(super) fn follow(work: &mut Work<'_>, buy: &MediaBuy) {
    if is_ours(work, buy) && buy.status.is_agreed() {
        work.wake(ARTIFACTS, buy.id.to_string(), work.now());
    }
}

impl Operation for ArtifactsDue {
    const NAME: &'static str = "media_buys.artifacts_due";
    const ABOUT: &'static str = "Say when there is something to tell of what a media buy was shown beside; for the engine \
         only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = Due;

    async fn perform(self, work: &mut Work<'_>) -> Result<Due, Fault> {
        let Some(wanted) = wanted(work, &self.media_buy_id).await? else {
            return Ok(Due { at: None });
        };
        if wanted.kept.is_none() {
            return Ok(Due {
                at: Some(work.now()),
            });
        }
        let at = match wanted.step {
            Step::Wait(at) => Some(at),
            Step::Nothing => None,
            Step::Tell { until, last } => {
                // What is told of nothing is written down once a day: hours are not kept for ever.
                let soon = until - wanted.told.told_until < Duration::days(1);
                let quiet = wanted.wish.often.is_none() && !last && soon;
                if quiet && wanted.batch(work, until, last).await?.all.is_empty() {
                    Some(later(until, wanted.every, work.now()))
                } else {
                    Some(work.now())
                }
            }
        };
        Ok(Due { at })
    }
}

impl Operation for SendArtifacts {
    const NAME: &'static str = "media_buys.send_artifacts";
    const ABOUT: &'static str =
        "Send the next message of what a media buy was shown beside; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Due;

    async fn perform(self, work: &mut Work<'_>) -> Result<Due, Fault> {
        work.about(format!("media_buy/{}", self.media_buy_id));
        let Some(wanted) = wanted(work, &self.media_buy_id).await? else {
            return Ok(Due { at: None });
        };
        let next = match wanted.step {
            Step::Wait(_) | Step::Nothing => wanted.told.clone(),
            Step::Tell { until, last } => {
                let batch = wanted.batch(work, until, last).await?;
                wanted.send(work, batch)?
            }
        };
        match &wanted.kept {
            Some(was) if was.record != next => work.replace(was, &next)?,
            Some(_) => {}
            None => work.create(&next)?,
        }
        let now = work.now();
        let at = match next.step(
            wanted.wish,
            (wanted.end(), wanted.every),
            &wanted.counted(),
            now,
        ) {
            Step::Wait(at) => Some(at),
            Step::Tell { .. } => Some(now),
            Step::Nothing => None,
        };
        Ok(Due { at })
    }
}

/// A buy whose buyer wants to know what it was shown beside, and how far that was told.
struct Wanted {
    buy: MediaBuy,
    said: Map<String, Value>,
    wish: Wish,
    seed: u64,
    every: Duration,
    kept: Option<Stored<Artifacts>>,
    told: Artifacts,
    /// What was counted of each package, in their order.
    tracks: Vec<Option<Mark>>,
    step: Step,
}

/// What is told together.
struct Batch {
    until: Instant,
    last: bool,
    /// How far each package will have been told.
    reached: Vec<Reached>,
    /// What is told, the earliest hour first.
    all: Vec<Entry>,
    /// Where each package is shown; nothing where its product is gone.
    places: Vec<Option<Place>>,
}

/// A piece of content that a package was shown beside in an hour.
struct Entry {
    hour: i64,
    package: usize,
    content: Content,
}

/// A buy whose buyer wants to know what it was shown beside; nothing where nobody does, nobody
/// has agreed to it, or another system shows it.
async fn wanted(work: &Work<'_>, id: &BuyId) -> Result<Option<Wanted>, Fault> {
    let buy = find(work, id).await?.record;
    let Some(Serving { every, seed }) = work.desk().inside() else {
        return Ok(None);
    };
    let said = buy.particulars.artifact_webhook.clone();
    let wish = said.as_ref().and_then(Wish::read);
    let (Some(said), Some(wish)) = (said, wish) else {
        return Ok(None);
    };
    if !buy.status.is_agreed() || !is_told(work, &buy).await? {
        return Ok(None);
    }
    let kept = work.get::<Artifacts>(id.as_str()).await?;
    let told = if let Some(kept) = &kept {
        kept.record.clone()
    } else {
        let whose = (buy.id.clone(), buy.owner.clone());
        Artifacts::new(whose, wish, buy.start, work.now())
    };
    let mut tracks = Vec::with_capacity(buy.packages.len());
    for package in &buy.packages {
        let track = work.get::<Track>(&package.line_id.to_string()).await?;
        tracks.push(track.map(|stored| Mark::from(&stored.record.latest)));
    }
    let mut wanted = Wanted {
        every: Duration::from_std(every).unwrap_or(Duration::minutes(15)),
        step: Step::Nothing,
        buy,
        said,
        wish,
        seed,
        kept,
        told,
        tracks,
    };
    let terms = (wanted.end(), wanted.every);
    let counted = wanted.counted();
    wanted.step = wanted.told.step(wish, terms, &counted, work.now());
    Ok(Some(wanted))
}

impl Wanted {
    /// When the buy is over.
    fn end(&self) -> Instant {
        let off = self.buy.cancellation.as_ref().map(|off| off.at);
        off.map_or(self.buy.end, |at| at.min(self.buy.end))
    }

    /// How far each package was counted.
    fn counted(&self) -> Vec<Counted> {
        let of = |(package, latest): (&Package, &Option<Mark>)| {
            let (starts, ends) = package.flight(self.buy.start, self.buy.end);
            let off = package.cancellation.as_ref().map(|off| off.at);
            Counted {
                starts,
                ends: off.map_or(ends, |at| at.min(ends)).min(self.end()),
                as_of: latest.as_ref().map(|mark| mark.at),
            }
        };
        self.buy.packages.iter().zip(&self.tracks).map(of).collect()
    }

    /// What is to be told until an instant: the same whenever it is asked for.
    async fn batch(&self, work: &Work<'_>, until: Instant, last: bool) -> Result<Batch, Fault> {
        let (mut all, mut reached) = (Vec::new(), Vec::new());
        let mut places = Vec::with_capacity(self.buy.packages.len());
        for (nth, package) in self.buy.packages.iter().enumerate() {
            let product = work.get::<Product>(package.product_id.as_str()).await?;
            let at = |product: &Product| Place::of(product, self.seed, &work.desk().agent_url);
            places.push(product.map(|stored| at(&stored.record)));
            let known = self.marks(work, package, until).await?;
            let from = self.from(package, &known);
            let to = self.to(nth, package, (until, last), &known);
            let Some((place, to)) = places.last().and_then(Option::as_ref).zip(to) else {
                continue;
            };
            let to = (to.until.max(from.0), to.impressions.max(from.1));
            for hour in hours(&known, from, to) {
                let told = place.told(line_key(package.line_id), self.wish.sampling, hour);
                all.extend(told.into_iter().map(|content| Entry {
                    hour: hour.hour,
                    package: nth,
                    content,
                }));
            }
            reached.push(Reached {
                package_id: package.id.clone(),
                until: to.0,
                impressions: to.1,
            });
        }
        all.sort_by_key(|one| (one.hour, one.package));
        Ok(Batch {
            until,
            last,
            reached,
            all,
            places,
        })
    }

    /// The counts of a package by hour, from before what was told last.
    async fn marks(
        &self,
        work: &Work<'_>,
        package: &Package,
        until: Instant,
    ) -> Result<Vec<Mark>, Fault> {
        let from = self.told.reached(&package.id).map(|one| one.until);
        let from = from.unwrap_or(self.told.began).date_naive();
        let days = (from.pred_opt().unwrap_or(from), until.date_naive());
        marks(work, &package.line_id, Grain::Hour, days).await
    }

    /// Until when a package was told, and how much it had shown by then.
    fn from(&self, package: &Package, known: &[Mark]) -> (Instant, u64) {
        if let Some(one) = self.told.reached(&package.id) {
            return (one.until, one.impressions);
        }
        let began = self.told.began;
        (began, by(known, began).map_or(0, |mark| mark.impressions))
    }

    /// Until when a package is told now.
    fn to(
        &self,
        nth: usize,
        package: &Package,
        (until, last): (Instant, bool),
        known: &[Mark],
    ) -> Option<Reached> {
        let id = &package.id;
        if let Some(open) = &self.told.open {
            return open
                .reached
                .iter()
                .find(|one| one.package_id == *id)
                .cloned();
        }
        let latest = self.tracks.get(nth)?.as_ref()?;
        let all = last || self.wish.often.is_none() || latest.at <= until;
        let mark = if all { latest } else { by(known, until)? };
        Some(Reached {
            package_id: id.clone(),
            until: mark.at,
            impressions: mark.impressions,
        })
    }

    /// Writes the next message of a batch down, and says how far is told with it.
    fn send(&self, work: &mut Work<'_>, batch: Batch) -> Result<Artifacts, Fault> {
        let sent = self.told.open.as_ref().map_or(0, |open| open.sent);
        let messages = batch.all.len().div_ceil(MOST);
        if let Some(some) = batch.all.chunks(MOST).nth(sent) {
            self.post(work, &batch, some, (sent + 1, messages))?;
        }
        let Batch {
            until,
            last,
            reached,
            ..
        } = batch;
        Ok(if sent + 1 < messages {
            self.told.opened(Open {
                until,
                last,
                sent: sent + 1,
                reached,
            })
        } else {
            // What was not counted until now is told from where it was told before.
            let mut all = self.told.packages.clone();
            all.retain(|one| !reached.iter().any(|now| now.package_id == one.package_id));
            all.extend(reached);
            self.told.told(until, last, all, messages > 0)
        })
    }

    fn post(
        &self,
        work: &mut Work<'_>,
        batch: &Batch,
        some: &[Entry],
        (number, messages): (usize, usize),
    ) -> Result<(), Fault> {
        let hook = match webhooks::check(work, Some(&self.said), "artifact_webhook") {
            Ok(Some(hook)) => hook,
            Ok(None) => return Ok(()),
            Err(fault) => {
                // It was good when it was said; the batch counts as sent, so that time goes on.
                tracing::warn!(%fault, "what was shown beside what is not told");
                return Ok(());
            }
        };
        let nth = self.told.batches + 1;
        let entries = some.iter().filter_map(|one| self.entry(one, batch));
        let mut payload = json!({
            "media_buy_id": self.buy.id,
            "batch_id": format!("{}.{}", self.buy.id, batch.until.format("%Y%m%dT%H%M%SZ")),
            "timestamp": rfc3339(work.now()),
            "artifacts": entries.collect::<Vec<_>>(),
        });
        let mut what = format!("artifacts {nth}");
        if messages > 1 {
            what = format!("{what} ({number} of {messages})");
            payload["pagination"] = json!({
                "total_artifacts": batch.all.len(), "batch_number": number,
                "total_batches": messages,
            });
        }
        if let Some(token) = &hook.token {
            payload["token"] = json!(token);
        }
        let about = (self.buy.id.to_string(), what);
        webhooks::send(work, &self.buy.owner, hook, about, payload)
    }

    fn entry(&self, one: &Entry, batch: &Batch) -> Option<Value> {
        let package = self.buy.packages.get(one.package)?;
        let place = batch.places.get(one.package)?.as_ref()?;
        let (starts, _) = package.flight(self.buy.start, self.buy.end);
        let hour = Instant::from_timestamp(one.hour * 3_600, 0)?;
        Some(json!({
            "artifact": place.artifact(one.content),
            "delivered_at": rfc3339(hour.max(starts)),
            "package_id": package.id,
        }))
    }
}

/// The last count by an instant.
fn by(known: &[Mark], until: Instant) -> Option<&Mark> {
    known.iter().rfind(|mark| mark.at <= until)
}
