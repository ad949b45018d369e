//! Tells a publisher's own systems and its Slack what happens. What happened is read from the
//! feed, in order and once, after it was committed: nothing that happened is missed, and nothing
//! is told that did not. Buyers are told by [`crate::engine::webhooks`], which also delivers what
//! is written down here.

mod calendar;
pub mod dispatch;
pub mod endpoints;
pub mod failed;
pub mod replay;
pub mod slack;
mod subjects;
pub mod view;

use super::{fault::Fault, work::Work};
use crate::{
    domain::{
        notify::{endpoint::Endpoint, slack::Channel, topic::Topic},
        tenant::{publisher::Publisher, secret::Secret},
    },
    store::record::{Filter, Stored},
};

/// The kind of the reconciler that reads what happened.
pub const NOTIFY: &str = "notify";
/// The kind of the reconciler that speaks to Slack.
pub const SLACK: &str = "notify_slack";
/// How many endpoints a tenant may have.
pub const MOST_ENDPOINTS: u32 = 100;

/// Whether somebody may want to be told of an event.
#[must_use]
pub fn concerns(event: &str) -> bool {
    Topic::of_event(event).is_some() || subjects::is_kept_track_of(event)
}

/// All endpoints of the tenant.
pub(in crate::engine) async fn all_endpoints(
    work: &Work<'_>,
) -> Result<Vec<Stored<Endpoint>>, Fault> {
    let filter = Filter {
        limit: MOST_ENDPOINTS + 1,
        ..Filter::default()
    };
    work.list::<Endpoint>(&filter).await
}

/// The address of a channel, where there is one.
pub(in crate::engine) fn address(publisher: &Publisher, channel: Channel) -> Option<&str> {
    let features = &publisher.features;
    let url = match channel {
        Channel::Work => features.slack_webhook_url.as_ref(),
        Channel::Audit => features.slack_audit_webhook_url.as_ref(),
    };
    url.map(Secret::reveal)
}
