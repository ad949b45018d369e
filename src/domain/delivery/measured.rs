//! What others counted of a line: the buyer's ad server, or whoever measures for the contract.
//! Keeps the newest count of each, beside what we had counted by then, so that like is held
//! against like although such counts come a day late. Refuses to be what is delivered: that is
//! the ad server's to say.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::mark::Mark;
use crate::domain::{
    ids::LineId,
    pacing::{
        quality::{Counts, discrepancy},
        ratio::Ratio,
        status::SAME_COUNT,
    },
    when::Instant,
};

/// How many may count one line.
pub const SOURCES: usize = 8;
/// How far our last count may be behind theirs and still be what we had counted by then.
const BEHIND: chrono::Duration = chrono::Duration::hours(1);

/// What others counted of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Which line.
    pub line_id: LineId,
    /// The newest count of each who counts, in the order of their names.
    pub counts: Vec<Count>,
}

/// What somebody else counted of a line until some time: totals since it began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Count {
    /// Who counted: a name or a domain.
    pub source: Box<str>,
    /// Until when.
    pub until: Instant,
    /// Impressions.
    pub impressions: u64,
    /// Impressions whose viewability could be measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measurable: Option<u64>,
    /// Impressions that were in view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewable: Option<u64>,
    /// Videos seen to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completes: Option<u64>,
    /// Impressions that we had counted by then; missing where we had not counted so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ours: Option<u64>,
}

impl Measured {
    /// Takes a count in; false where it is no newer than what its source said before, and tells
    /// nothing more of ours.
    pub fn take(&mut self, count: Count) -> bool {
        let same = self
            .counts
            .iter_mut()
            .find(|one| one.source == count.source);
        match same {
            Some(known) if known.until > count.until => return false,
            Some(known) if known.until == count.until && known.tells_all_of(&count) => {
                return false;
            }
            Some(known) => *known = count,
            None => {
                self.counts.push(count);
                self.counts.sort_by(|one, two| one.source.cmp(&two.source));
            }
        }
        true
    }

    /// The count that is farthest from ours.
    #[must_use]
    pub fn farthest(&self) -> Option<&Count> {
        let apart = |count: &&Count| count.discrepancy();
        let known = self.counts.iter().filter(|count| apart(count).is_some());
        known.max_by_key(apart)
    }
}

impl Count {
    /// Whether another count of the same time has nothing new: ours may not have been known.
    fn tells_all_of(&self, other: &Self) -> bool {
        self.ours.is_some() || other.ours.is_none()
    }

    /// By how many per cent of ours it differs.
    #[must_use]
    pub fn discrepancy(&self) -> Option<Ratio> {
        discrepancy(Ratio::count(self.ours?), Ratio::count(self.impressions))
    }

    /// Whether it differs by more than counts of the same usually do.
    #[must_use]
    pub fn is_apart(&self) -> bool {
        self.discrepancy()
            .is_some_and(|percent| percent > SAME_COUNT)
    }

    /// By how many per cent of ours it is lower, where it is.
    #[must_use]
    pub fn below(&self) -> Option<Ratio> {
        self.discrepancy()
            .filter(|_| self.ours.is_some_and(|ours| self.impressions < ours))
    }

    /// As rates are told from it.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let count = |count: Option<u64>| count.map(Ratio::count);
        Counts {
            impressions: Some(Ratio::count(self.impressions)),
            completes: count(self.completes),
            eligible: Some(Ratio::count(self.impressions)),
            measurable: count(self.measurable),
            viewable: count(self.viewable),
            ..Counts::default()
        }
    }

    /// Why it cannot be one, where it cannot: parts are no more than what they are parts of.
    #[must_use]
    pub fn wrong(&self) -> Option<&'static str> {
        let more = |part: Option<u64>, whole: Option<u64>| {
            part.zip(whole).is_some_and(|(part, whole)| part > whole)
        };
        let all = Some(self.impressions);
        if more(self.measurable, all) {
            Some("measurable: more than impressions")
        } else if more(self.viewable, self.measurable.or(all)) {
            Some("viewable: more than could be measured")
        } else if more(self.completes, all) {
            Some("completes: more than impressions")
        } else {
            None
        }
    }
}

/// What we had counted at a time, from marks around it: on the straight line between the two, and
/// what was counted last where that is hardly older. Nothing where we had not counted so far.
#[must_use]
pub fn ours(marks: &[Mark], until: Instant) -> Option<u64> {
    let behind = marks.partition_point(|mark| mark.at <= until);
    let before = marks.get(behind.checked_sub(1)?)?;
    let Some(next) = marks.get(behind) else {
        return (until - before.at <= BEHIND).then_some(before.impressions);
    };
    let whole = u128::try_from((next.at - before.at).num_seconds()).ok()?;
    let gone = u128::try_from((until - before.at).num_seconds()).ok()?;
    let more = next.impressions.saturating_sub(before.impressions);
    let more = (u128::from(more) * gone).checked_div(whole)?;
    Some(before.impressions + u64::try_from(more).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Instant {
        let start: Instant = "2026-07-01T00:00:00Z".parse().expect("a time");
        start + chrono::Duration::hours(hour)
    }

    fn mark(hour: i64, impressions: u64) -> Mark {
        Mark {
            at: at(hour),
            impressions,
            clicks: None,
            starts: None,
            completes: None,
            measurable: None,
            viewable: None,
            spent: None,
        }
    }

    fn count(source: &str, hour: i64, (theirs, ours): (u64, Option<u64>)) -> Count {
        Count {
            source: source.into(),
            until: at(hour),
            impressions: theirs,
            measurable: None,
            viewable: None,
            completes: None,
            ours,
        }
    }

    #[test]
    fn like_is_held_against_like() {
        let marks = [mark(0, 0), mark(10, 1_000), mark(20, 3_000)];
        assert_eq!(ours(&marks, at(5)), Some(500));
        assert_eq!(ours(&marks, at(10)), Some(1_000));
        assert_eq!(ours(&marks, at(15)), Some(2_000));
        assert_eq!(ours(&marks, at(21)), Some(3_000));
        assert_eq!(ours(&marks, at(22)), None, "we had not counted so far");
        assert_eq!(ours(&marks, at(-1)), None);
    }

    #[test]
    fn each_source_has_its_newest_count_and_the_farthest_is_told() {
        let line_id = uuid::Uuid::from_u128(1).into();
        let counts = Vec::new();
        let mut measured = Measured { line_id, counts };
        assert!(measured.take(count("near", 10, (990, Some(1_000)))));
        assert!(measured.take(count("far", 10, (850, Some(1_000)))));
        assert!(measured.take(count("blind", 30, (10, None))));
        assert!(
            !measured.take(count("blind", 30, (10, None))),
            "told before"
        );
        let known = count("blind", 30, (10, Some(10)));
        assert!(measured.take(known), "ours is known now");
        assert!(
            !measured.take(count("far", 10, (999, Some(1_000)))),
            "told before"
        );
        let farthest = measured.farthest().expect("one");
        assert_eq!(&*farthest.source, "far");
        assert_eq!(farthest.discrepancy(), Some(Ratio::whole(15)));
        assert!(measured.take(count("far", 20, (3_300, Some(3_000)))));
        let farthest = measured.farthest().expect("one");
        assert_eq!(
            (farthest.discrepancy(), farthest.below()),
            (Some(Ratio::whole(10)), None)
        );
    }

    #[test]
    fn a_part_is_no_more_than_its_whole() {
        let mut one = count("dv", 10, (1_000, None));
        assert_eq!(one.wrong(), None);
        (one.measurable, one.viewable) = (Some(500), Some(501));
        assert_eq!(one.wrong(), Some("viewable: more than could be measured"));
        one.viewable = Some(350);
        assert_eq!(one.wrong(), None);
        assert_eq!(one.counts().measured_rate(), Some(Ratio::whole(50)));
        assert_eq!(one.counts().viewable_rate(), Some(Ratio::whole(70)));
    }
}
