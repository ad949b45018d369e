//! What was seen of a line at a seller somewhere else, since it was booked there: written into its
//! job, told, and its money given back where it never ran. And how old that is, for whoever asks.
//! Refuses to look itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{budget, tell};
use crate::{
    domain::{
        booking::{job::Job, lines::LineWork, there::Look},
        ids::{JobId, ProductId},
        opendirect::booking_status::LineBookingStatus,
        policy::Permission,
        when::{Instant, rfc3339},
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        upstream::{ago, looked},
        work::Work,
    },
};

/// The kind of the reconciler that looks.
pub const FOLLOW_SOLD: &str = "follow_sold";

/// Has the lines of a job looked at from now on, if this one is somewhere else.
pub(super) fn follow(work: &mut Work<'_>, job: &Job, line: &LineWork) {
    let outside = work.desk().sellers.of(work.tenant());
    let seller = outside.iter().find(|one| *one.id() == line.seller);
    let after = seller.map(|seller| seller.follow());
    if let Some(after) = after.filter(|_| line.is_to_look_at()) {
        // It was read back just now.
        work.wake(FOLLOW_SOLD, job.id.to_string(), work.now() + after);
    }
}

/// Writes down what was seen of a line.
pub(super) fn see(work: &mut Work<'_>, job: &mut Job, product: &ProductId, look: Look) {
    let now = work.now();
    let Some((before, after)) = job.looked(product, look, now) else {
        return;
    };
    budget::correct(work, before.owed(), after.owed());
    if let Some((name, detail)) = news(&before, &after) {
        tell(work, job, name, detail);
    }
}

/// What is worth telling of it.
fn news(before: &LineWork, after: &LineWork) -> Option<(&'static str, String)> {
    let name = &after.product_name;
    let seller = after.seller.as_str();
    let there = after.there.as_ref()?;
    let known = before.there.as_ref();
    if let Some(why) = &after.failed {
        return Some(("bookings.line_failed", format!("{name}: {why}")));
    }
    if before.unclear.is_some() && after.is_booked() {
        let detail = format!("{name}: {seller} shows it as booked after all");
        return Some(("bookings.line_booked", detail));
    }
    let amiss = there.remarks(seller);
    let was_amiss = known.map(|known| known.remarks(seller)).unwrap_or_default();
    if amiss != was_amiss {
        let mut new = amiss.iter().filter(|one| !was_amiss.contains(one));
        let event = match (there.off_since, there.missing_since) {
            (Some(_), _) => "bookings.line_cancelled",
            (None, Some(_)) => "bookings.line_missing",
            (None, None) if amiss.is_empty() => "bookings.line_agrees",
            (None, None) => "bookings.line_differs",
        };
        let detail = new.next().or(amiss.first()).cloned();
        let detail = detail.unwrap_or_else(|| format!("{seller} shows it as it was booked"));
        return Some((event, format!("{name}: {detail}")));
    }
    if before.status() == after.status() {
        return None;
    }
    let event = match after.status() {
        LineBookingStatus::Finished => "bookings.line_finished",
        LineBookingStatus::InFlight => "bookings.line_started",
        _ => "bookings.line_moved",
    };
    Some((event, format!("{name}: {} at {seller}", there.word)))
}

/// What is known of a line at its seller, as clients see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LineThere")]
pub struct LineThere {
    /// Where it stands, in the seller's own word; empty until it was shown.
    pub status: String,
    /// Since when it is known to be so.
    pub seen_at: String,
    /// Where it is not what was booked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
    /// Since when it is not shown there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_since: Option<String>,
    /// Since when nobody could look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen_since: Option<String>,
    /// Since when it is known that it was called off there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_since: Option<String>,
    /// Whether its money was given back.
    #[serde(default)]
    pub given_back: bool,
    /// All that is amiss, in sentences for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

impl LineThere {
    /// Shows what is known of a line.
    #[must_use]
    pub fn of(line: &LineWork) -> Option<Self> {
        let there = line.there.as_ref()?;
        let at = |at: Option<Instant>| at.map(rfc3339);
        Some(Self {
            status: there.word.clone(),
            seen_at: rfc3339(there.seen_at),
            differs: there.differs.clone(),
            missing_since: at(there.missing_since),
            unseen_since: at(there.unseen.as_ref().map(|(since, _)| *since)),
            off_since: at(there.off_since),
            given_back: there.given_back,
            remarks: there.remarks(line.seller.as_str()),
        })
    }
}

/// Tells how old what is known of a job's lines at sellers somewhere else is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetLinesAge {
    /// Which job.
    pub job_id: JobId,
}

/// How old what is known of a job's lines elsewhere is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinesAge {
    /// When somebody looked last; nothing when that is not known, or nobody looks any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<String>,
    /// How many seconds ago that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
}

impl LinesAge {
    /// In a sentence, for people; nothing where nothing is known.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let age = ago(self.age_seconds?);
        Some(format!("Lines at sellers elsewhere were looked at {age}."))
    }
}

impl Operation for GetLinesAge {
    const NAME: &'static str = "bookings.lines_age";
    const ABOUT: &'static str =
        "Tell when a job's lines at sellers somewhere else were last looked at.";
    const KIND: Kind = Kind::Query(Permission::ReadBookings);
    type Output = LinesAge;

    async fn perform(self, work: &mut Work<'_>) -> Result<LinesAge, Fault> {
        let sellers = &work.desk().sellers;
        let poll = sellers.of(work.tenant()).iter().map(|one| one.follow());
        let poll = poll.min().unwrap_or_default();
        let here = sellers.looked(work.tenant(), self.job_id);
        let object = self.job_id.to_string();
        let follower = ((FOLLOW_SOLD, &*object), poll);
        let job = work.find::<Job, _>(self.job_id).await?.record;
        let unseen = job.lines.iter().filter_map(LineWork::unseen_since).min();
        let contact = unseen.map_or((false, work.now()), |since| (true, since));
        let here = here.filter(|here| unseen.is_none_or(|since| *here < since));
        let at = looked(work, here, Some(contact), follower).await?;
        Ok(LinesAge {
            age_seconds: at.map(|at| (work.now() - at).num_seconds().max(0)),
            looked_at: at.map(rfc3339),
        })
    }
}
