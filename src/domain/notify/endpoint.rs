//! An address of a publisher's own system that is told what happens: of what, and how it knows
//! that it is us. Prints none of its secrets, and is switched off when it says that it is gone.

use std::collections::BTreeSet;

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::topic::Topic;
use crate::domain::{ids::EndpointId, tenant::secret::Secret, when::Instant};

/// For how long both secrets are good when one takes the place of the other.
pub const OVERLAP: Duration = Duration::hours(24);
/// After how long of failing alone an endpoint is switched off.
const PATIENCE: Duration = Duration::hours(120);
/// For how long the same result is not written down again.
const MOMENT: Duration = Duration::seconds(1);

/// How an endpoint knows that it is us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "scheme")]
pub enum Signing {
    /// By Standard Webhooks.
    Standard {
        /// The secret.
        secret: Secret,
        /// The one before it, and until when it is good.
        before: Option<(Secret, Instant)>,
    },
    /// By HTTP message signatures with our own key, which anybody can read.
    Signature,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// What people call it.
    pub name: String,
    /// Where it is; the path may be a secret.
    pub url: Secret,
    /// What it is told of; everything where nothing is named.
    pub topics: BTreeSet<Topic>,
    /// How it knows that it is us.
    pub signing: Signing,
    /// Whether it is told anything.
    pub active: bool,
    /// Why it was switched off by itself.
    pub disabled: Option<String>,
    /// Since when it takes nothing.
    pub failing_since: Option<Instant>,
    /// What came of the last try: its status, or that there was no answer.
    pub last: Option<(Instant, Option<u16>)>,
    /// The last event that had happened when it was made: it is told of later ones.
    pub since: i64,
    /// When it was made.
    pub created_at: Instant,
}

impl Endpoint {
    /// Whether it wants to be told of something.
    #[must_use]
    pub fn wants(&self, topic: Topic) -> bool {
        self.active && (self.topics.is_empty() || self.topics.contains(&topic))
    }

    /// The secrets that are good now, the newest first.
    #[must_use]
    pub fn secrets(&self, now: Instant) -> Vec<String> {
        match &self.signing {
            Signing::Signature => Vec::new(),
            Signing::Standard { secret, before } => {
                let old = before.iter().filter(|(_, until)| now < *until);
                let all = std::iter::once(secret).chain(old.map(|(secret, _)| secret));
                all.map(|secret| secret.reveal().to_owned()).collect()
            }
        }
    }

    /// Puts a secret in the place of the one that it has.
    pub fn rotate(&mut self, fresh: Secret, now: Instant) {
        if let Signing::Standard { secret, before } = &mut self.signing {
            let old = std::mem::replace(secret, fresh);
            *before = Some((old, now + OVERLAP));
        }
    }

    /// Whether what came of a try was noted of another one a moment ago. Many are made at once, and
    /// need not wait for each other to write down the same.
    #[must_use]
    pub fn knows(&self, status: Option<u16>, delivered: bool, now: Instant) -> bool {
        let last = self.last.filter(|(at, _)| now - *at < MOMENT);
        let same = last.is_some_and(|(_, before)| before == status);
        same && delivered == self.failing_since.is_none() && status != Some(410)
    }

    /// Notes what came of a try; one that is gone, or has failed for five days, is switched off.
    pub fn tried(&mut self, status: Option<u16>, delivered: bool, now: Instant) {
        self.last = Some((now, status));
        if delivered {
            self.failing_since = None;
            return;
        }
        let since = *self.failing_since.get_or_insert(now);
        if status == Some(410) {
            self.switch_off("it answered 410, gone");
        } else if now - since >= PATIENCE {
            self.switch_off("it has taken nothing for five days");
        }
    }

    fn switch_off(&mut self, why: &str) {
        self.active = false;
        self.disabled = Some(why.to_owned());
    }

    /// Lets it be told again.
    pub fn switch_on(&mut self) {
        self.active = true;
        self.disabled = None;
        self.failing_since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint() -> Endpoint {
        Endpoint {
            id: EndpointId::from(uuid::Uuid::nil()),
            name: "desk".into(),
            url: Secret::new("https://desk.example/hook"),
            topics: BTreeSet::new(),
            signing: Signing::Standard {
                secret: Secret::new("new"),
                before: None,
            },
            active: true,
            disabled: None,
            failing_since: None,
            last: None,
            since: 0,
            created_at: Instant::default(),
        }
    }

    #[test]
    fn both_secrets_are_good_for_a_day_after_a_rotation() {
        let (mut one, now) = (endpoint(), Instant::default());
        one.rotate(Secret::new("newer"), now);
        assert_eq!(one.secrets(now), ["newer", "new"]);
        assert_eq!(one.secrets(now + OVERLAP), ["newer"]);
    }

    #[test]
    fn what_was_noted_a_moment_ago_is_known() {
        let now = Instant::default();
        let mut one = endpoint();
        assert!(!one.knows(Some(200), true, now), "it was never tried");
        one.tried(Some(200), true, now);
        assert!(one.knows(Some(200), true, now));
        assert!(!one.knows(Some(200), true, now + MOMENT), "long ago");
        assert!(!one.knows(Some(500), false, now), "that is news");
        one.tried(Some(500), false, now);
        assert!(one.knows(Some(500), false, now));
        assert!(!one.knows(Some(200), true, now), "it is well again");
        one.tried(Some(410), false, now);
        assert!(!one.knows(Some(410), false, now), "that switches it off");
    }

    #[test]
    fn one_that_is_gone_or_fails_for_five_days_is_switched_off() {
        let now = Instant::default();
        let mut gone = endpoint();
        gone.tried(Some(410), false, now);
        assert!(!gone.active && gone.disabled.is_some());
        let mut dead = endpoint();
        dead.tried(None, false, now);
        dead.tried(Some(500), false, now + Duration::hours(119));
        assert!(dead.active);
        dead.tried(None, false, now + Duration::hours(120));
        assert!(!dead.active);
        dead.switch_on();
        dead.tried(Some(200), true, now);
        assert!(dead.active && dead.failing_since.is_none());
        assert!(dead.wants(Topic::BuyCreated));
        dead.topics.insert(Topic::SyncFailed);
        assert!(!dead.wants(Topic::BuyCreated));
    }
}
