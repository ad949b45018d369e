//! Sends the reports that a buyer wants of its media buy: what came in between two instants, in
//! the protocol's words, through the same outbox as everything that is sent. Waits for what is
//! not counted yet, says so when it takes long, and refuses to look twice at the same period.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    delivered,
    delivery::{BuyDelivery, Deliveries, GetDelivery, PackageDelivery},
    find,
};
use crate::{
    domain::{
        delivery::{mark::Mark, totals::Totals},
        ids::BuyId,
        media_buy::{
            buy::MediaBuy,
            reporting::{Frequency, Reporting, Step},
            status::BuyStatus,
        },
        policy::Permission,
        when::{Instant, rfc3339},
    },
    engine::{
        delivery::series::{Grain, marks},
        due::Due,
        fault::Fault,
        operation::{Kind, Operation},
        webhooks,
        work::Work,
    },
    store::record::Stored,
};

/// The kind of the reconciler that sends reports.
pub const REPORT_BUY: &str = "report_buy";

/// What a report tells only where it is asked for, or nothing is; impressions and spend it tells
/// always.
const METRICS: &[&str] = &[
    "clicks",
    "ctr",
    "completed_views",
    "completion_rate",
    "cost_per_click",
    "viewability",
    "effective_rate",
];

/// When the next report of a media buy is to be sent; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportDue {
    /// Which.
    pub media_buy_id: BuyId,
}

/// Sends the report of a media buy whose time has come; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendReport {
    /// Which.
    pub media_buy_id: BuyId,
}

/// A buy whose reports are wanted, and how far they have come.
struct Wanted {
    buy: MediaBuy,
    said: Map<String, Value>,
    kept: Option<Stored<Reporting>>,
    reporting: Reporting,
    told: Deliveries,
    step: Step,
}

impl Operation for ReportDue {
    const NAME: &'static str = "media_buys.report_due";
    const ABOUT: &'static str =
        "Say when the next report of a media buy is due; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = Due;

    async fn perform(self, work: &mut Work<'_>) -> Result<Due, Fault> {
        let at = match wanted(work, &self.media_buy_id).await? {
            None => None,
            Some(wanted) if wanted.kept.is_none() => Some(work.now()),
            Some(wanted) => due(wanted.step, work.now()),
        };
        Ok(Due { at })
    }
}

impl Operation for SendReport {
    const NAME: &'static str = "media_buys.send_report";
    const ABOUT: &'static str = "Send the report of a media buy that is due; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Due;

    async fn perform(self, work: &mut Work<'_>) -> Result<Due, Fault> {
        work.about(format!("media_buy/{}", self.media_buy_id));
        let Some(mut wanted) = wanted(work, &self.media_buy_id).await? else {
            return Ok(Due { at: None });
        };
        let next = match wanted.step {
            Step::Wait(_) | Step::Nothing => wanted.reporting.clone(),
            Step::Excuse { until } => {
                wanted.excuse(work, until).await?;
                wanted.reporting.excused()
            }
            Step::Send {
                until,
                partial,
                last,
            } => {
                wanted.send(work, until, (partial, last)).await?;
                wanted.reporting.told(until, last)
            }
        };
        match &wanted.kept {
            Some(was) if was.record != next => work.replace(was, &next)?,
            Some(_) => {}
            None => work.create(&next)?,
        }
        let (end, counted) = (wanted.end(), wanted.counted());
        Ok(Due {
            at: due(next.step(end, counted, work.now()), work.now()),
        })
    }
}

fn due(step: Step, now: Instant) -> Option<Instant> {
    match step {
        Step::Wait(at) => Some(at),
        Step::Send { .. } | Step::Excuse { .. } => Some(now),
        Step::Nothing => None,
    }
}

/// A buy whose reports are wanted; nothing where none are, or nobody has agreed to it.
async fn wanted(work: &mut Work<'_>, id: &BuyId) -> Result<Option<Wanted>, Fault> {
    let buy = find(work, id).await?.record;
    let Some(said) = buy.particulars.reporting_webhook.clone() else {
        return Ok(None);
    };
    let often = said.get("reporting_frequency").and_then(Value::as_str);
    let Some(frequency) = often.and_then(Frequency::read) else {
        return Ok(None);
    };
    if !buy.status.is_agreed() {
        return Ok(None);
    }
    let kept = work.get::<Reporting>(id.as_str()).await?;
    let reporting = if let Some(kept) = &kept {
        Reporting {
            frequency,
            ..kept.record.clone()
        }
    } else {
        let whose = (buy.id.clone(), buy.owner.clone());
        Reporting::new(whose, frequency, buy.start, work.now())
    };
    let look = GetDelivery {
        media_buy_ids: Some(vec![id.clone()]),
        ..GetDelivery::default()
    };
    let mut wanted = Wanted {
        told: look.perform(work).await?,
        step: Step::Nothing,
        buy,
        said,
        kept,
        reporting,
    };
    wanted.step = wanted
        .reporting
        .step(wanted.end(), wanted.counted(), work.now());
    Ok(Some(wanted))
}

impl Wanted {
    /// When the buy is over.
    fn end(&self) -> Instant {
        let off = self.buy.cancellation.as_ref().map(|off| off.at);
        off.map_or(self.buy.end, |at| at.min(self.buy.end))
    }

    /// Until when everything was counted that is still to be.
    fn counted(&self) -> Instant {
        let counting = matches!(
            self.buy.status,
            BuyStatus::PendingStart | BuyStatus::Active | BuyStatus::Completed
        );
        let packages = self.told.buys.iter().flat_map(|buy| &buy.packages);
        let waits = |one: &&PackageDelivery| {
            let done = one.delivery_status.as_deref();
            counting
                && !one.paused
                && !one.is_final
                && !matches!(done, Some("goal_met" | "budget_exhausted" | "completed"))
        };
        let counted = packages
            .filter(waits)
            .map(|one| one.as_of.unwrap_or(DateTime::<Utc>::MIN_UTC));
        counted.min().unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Tells what came in until then.
    async fn send(
        &mut self,
        work: &mut Work<'_>,
        until: Instant,
        (partial, last): (bool, bool),
    ) -> Result<(), Fault> {
        self.since_the_last(work, until).await?;
        let kind = if last { "final" } else { "scheduled" };
        let next = self.reporting.frequency.end(until).min(self.end());
        let payload = self.payload(kind, partial, (!last).then_some(next));
        self.post(work, kind, payload)
    }

    /// Leaves what came in since the last report, until then.
    async fn since_the_last(&mut self, work: &Work<'_>, until: Instant) -> Result<(), Fault> {
        let from = self.reporting.told_until;
        for buy in &mut self.told.buys {
            between(work, buy, (from, until), self.reporting.frequency).await?;
        }
        (self.told.start, self.told.end) = (from, until);
        Ok(())
    }

    /// Tells that the report comes later, and what is known of it by now.
    async fn excuse(&mut self, work: &mut Work<'_>, until: Instant) -> Result<(), Fault> {
        self.since_the_last(work, until).await?;
        let last_call = Reporting::last_call(until);
        let mut payload = self.payload("delayed", true, Some(last_call));
        let buys = payload
            .get_mut("media_buy_deliveries")
            .and_then(Value::as_array_mut);
        for buy in buys.into_iter().flatten() {
            buy["status"] = json!("reporting_delayed");
            buy["expected_availability"] = json!(rfc3339(last_call));
        }
        self.post(work, "delayed", payload)
    }

    fn payload(
        &self,
        kind: &'static str,
        partial: bool,
        next: Option<Instant>,
    ) -> Map<String, Value> {
        let mut told = delivered::told(&self.told);
        self.leave_out(&mut told);
        told.insert("notification_type".into(), kind.into());
        told.insert("sequence_number".into(), (self.reporting.sent + 1).into());
        told.insert("partial_data".into(), partial.into());
        if partial {
            told.insert("unavailable_count".into(), 1.into());
        }
        if let Some(next) = next {
            told.insert("next_expected_at".into(), rfc3339(next).into());
        }
        told
    }

    /// Leaves out what was not asked for.
    fn leave_out(&self, told: &mut Map<String, Value>) {
        let Some(Value::Array(asked)) = self.said.get("requested_metrics") else {
            return;
        };
        let asked: Vec<&str> = asked
            .iter()
            .filter_map(Value::as_str)
            .map(told_as)
            .collect();
        let unwanted = |name: &str| METRICS.contains(&name) && !asked.contains(&name);
        let strip = |metrics: Option<&mut Value>| {
            if let Some(Value::Object(metrics)) = metrics {
                metrics.retain(|name, _| !unwanted(name));
            }
        };
        strip(told.get_mut("aggregated_totals"));
        let buys = told.get_mut("media_buy_deliveries");
        for buy in buys.and_then(Value::as_array_mut).into_iter().flatten() {
            strip(buy.get_mut("totals"));
            let packages = buy.get_mut("by_package").and_then(Value::as_array_mut);
            packages
                .into_iter()
                .flatten()
                .for_each(|package| strip(Some(package)));
        }
    }

    fn post(
        &self,
        work: &mut Work<'_>,
        kind: &str,
        mut payload: Map<String, Value>,
    ) -> Result<(), Fault> {
        let hook = match webhooks::check(work, Some(&self.said), "reporting_webhook") {
            Ok(Some(hook)) => hook,
            Ok(None) => return Ok(()),
            Err(fault) => {
                // It was good when it was said; the report counts as sent, so that time goes on.
                tracing::warn!(%fault, "a report is not sent");
                return Ok(());
            }
        };
        if let Some(token) = &hook.token {
            payload.insert("token".into(), token.clone().into());
        }
        let what = format!("report {} {kind}", self.reporting.sent + 1);
        let about = (self.buy.id.to_string(), what);
        webhooks::send(work, &self.buy.owner, hook, about, Value::Object(payload))
    }
}

/// Under which name a metric is told; the protocol has two for completed views.
fn told_as(metric: &str) -> &str {
    match metric {
        "video_completions" => "completed_views",
        other => other,
    }
}

/// Leaves of what was delivered what came in between two instants.
async fn between(
    work: &Work<'_>,
    buy: &mut BuyDelivery,
    (from, until): (Instant, Instant),
    frequency: Frequency,
) -> Result<(), Fault> {
    let before = |at: Instant| at.date_naive().pred_opt().unwrap_or_default();
    for one in &mut buy.packages {
        let (last, all) = (until.date_naive(), before(buy.start));
        let mut known = marks(work, &one.line_id, Grain::Day, (all, last)).await?;
        if frequency == Frequency::Hourly {
            let hours = marks(work, &one.line_id, Grain::Hour, (before(from), last));
            known.extend(hours.await?);
        }
        // Who was reached is known of all that was shown, and not of a part.
        one.reach = None;
        let at = |instant: Instant| {
            let mark = known.iter().filter(|mark| mark.at <= instant);
            let mark = mark.max_by_key(|mark| mark.at)?;
            let latest = one.as_of == Some(mark.at);
            let spent = mark.spent.or(latest.then_some(one.totals.spent));
            Some(Totals::from(&Mark { spent, ..*mark }))
        };
        one.totals = match at(until) {
            Some(now) => now.since(at(from).unwrap_or_default()),
            None => Totals::default(),
        };
    }
    let totals = buy.packages.iter().map(|one| one.totals);
    buy.totals = totals.fold(Totals::default(), Totals::plus);
    Ok(())
}
