//! Reports of a media buy that its buyer wants to be sent: one for each hour, day or month of
//! its flight, numbered from 1, the last when it is over. Refuses to skip a period or to tell
//! one twice as final.

use chrono::{DateTime, Datelike as _, Days, Duration, Months, NaiveTime, Timelike as _, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{ids::BuyId, when::Instant};

/// For how long a report waits for what its ad servers have not counted yet.
const PATIENCE: Duration = Duration::hours(4);
/// How long after its period a report is sent with what there is.
const LAST_CALL: Duration = Duration::hours(48);

/// How often reports are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// At each full hour.
    Hourly,
    /// At each midnight, in UTC.
    Daily,
    /// At the first of each month, in UTC.
    Monthly,
}

impl Frequency {
    /// Reads how often; nothing where it is none of them.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        match text {
            "hourly" => Some(Self::Hourly),
            "daily" => Some(Self::Daily),
            "monthly" => Some(Self::Monthly),
            _ => None,
        }
    }

    /// When the period began that an instant is in.
    #[must_use]
    pub fn begin(self, at: Instant) -> Instant {
        let midnight = at.date_naive().and_time(NaiveTime::MIN).and_utc();
        match self {
            Self::Hourly => midnight + Duration::hours(i64::from(at.hour())),
            Self::Daily => midnight,
            Self::Monthly => midnight - Duration::days(i64::from(at.day0())),
        }
    }

    /// When the period is over that an instant is in.
    #[must_use]
    pub fn end(self, at: Instant) -> Instant {
        let begin = self.begin(at);
        let end = match self {
            Self::Hourly => begin.checked_add_signed(Duration::hours(1)),
            Self::Daily => begin.checked_add_days(Days::new(1)),
            Self::Monthly => begin.checked_add_months(Months::new(1)),
        };
        end.unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// How far the reports of a media buy have come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reporting {
    /// Of which.
    pub media_buy_id: BuyId,
    /// Whose it is.
    pub owner: String,
    /// How often they are wanted.
    pub frequency: Frequency,
    /// Until when is told.
    pub told_until: Instant,
    /// How many were sent.
    pub sent: u64,
    /// Whether the buyer knows that the next one is late.
    pub late: bool,
    /// Whether the last one was sent.
    pub over: bool,
}

/// What is to be done about the next report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing before then.
    Wait(Instant),
    /// Send it; whether all of it is there, and whether it is the last.
    Send {
        /// Until when it tells.
        until: Instant,
        /// Whether something was still not counted.
        partial: bool,
        /// Whether it is the last.
        last: bool,
    },
    /// Say that it comes later.
    Excuse {
        /// Until when it will tell.
        until: Instant,
    },
    /// Nothing any more.
    Nothing,
}

impl Reporting {
    /// Begins with the flight; with the period that it is now where that began long ago, because
    /// reports were not wanted before.
    #[must_use]
    pub fn new(
        (media_buy_id, owner): (BuyId, String),
        frequency: Frequency,
        start: Instant,
        now: Instant,
    ) -> Self {
        let told_until = if now - start > LAST_CALL {
            frequency.begin(now)
        } else {
            start
        };
        Self {
            media_buy_id,
            owner,
            frequency,
            told_until,
            sent: 0,
            late: false,
            over: false,
        }
    }

    /// What is to be done now about a buy that is over at `end`, when everything was counted
    /// until `counted`.
    #[must_use]
    pub fn step(&self, end: Instant, counted: Instant, now: Instant) -> Step {
        if self.over {
            return Step::Nothing;
        }
        let until = self.frequency.end(self.told_until).min(end);
        let last = until >= end;
        let all = counted >= until;
        if now < until {
            return Step::Wait(until);
        }
        if all || now >= until + LAST_CALL {
            let partial = !all;
            return Step::Send {
                until,
                partial,
                last,
            };
        }
        if self.late {
            return Step::Wait((now + Duration::minutes(15)).min(until + LAST_CALL));
        }
        if now >= until + PATIENCE {
            return Step::Excuse { until };
        }
        Step::Wait((now + Duration::minutes(5)).min(until + PATIENCE))
    }

    /// When a report that tells until then is sent, whatever is missing.
    #[must_use]
    pub fn last_call(until: Instant) -> Instant {
        until + LAST_CALL
    }

    /// After a report that tells until then.
    #[must_use]
    pub fn told(&self, until: Instant, last: bool) -> Self {
        Self {
            told_until: until,
            sent: self.sent + 1,
            late: false,
            over: last,
            ..self.clone()
        }
    }

    /// After the buyer was told that the next one is late.
    #[must_use]
    pub fn excused(&self) -> Self {
        Self {
            sent: self.sent + 1,
            late: true,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().expect("an instant")
    }

    fn daily() -> Reporting {
        let whose = (BuyId::from("mb_1"), "acme".to_owned());
        let start = at("2026-07-01T09:00:00Z");
        Reporting::new(whose, Frequency::Daily, start, at("2026-06-20T00:00:00Z"))
    }

    #[test]
    fn periods_end_at_full_hours_midnights_and_firsts() {
        for (frequency, begin, end) in [
            (
                Frequency::Hourly,
                "2026-12-31T23:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
            (
                Frequency::Daily,
                "2026-12-31T00:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
            (
                Frequency::Monthly,
                "2026-12-01T00:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
        ] {
            let now = at("2026-12-31T23:30:00Z");
            assert_eq!(frequency.begin(now), at(begin));
            assert_eq!(frequency.end(now), at(end));
            assert_eq!(
                frequency.end(at(end)),
                frequency.end(at(end) + Duration::minutes(1))
            );
        }
    }

    #[test]
    fn reports_that_are_wanted_late_begin_with_the_day_that_it_is() {
        let (start, late) = (at("2026-07-01T09:00:00Z"), at("2026-07-20T15:00:00Z"));
        let begun = |now| {
            let whose = (BuyId::from("mb_1"), "acme".to_owned());
            Reporting::new(whose, Frequency::Daily, start, now).told_until
        };
        assert_eq!(begun(start - Duration::days(9)), start);
        assert_eq!(begun(start + Duration::days(1)), start);
        assert_eq!(begun(late), at("2026-07-20T00:00:00Z"));
    }

    #[test]
    fn a_flight_of_three_days_gets_a_report_for_each_and_the_last_is_final() {
        let end = at("2026-07-03T18:00:00Z");
        let mut reporting = daily();
        let mut told = Vec::new();
        let mut now = at("2026-07-01T09:00:00Z");
        loop {
            match reporting.step(end, now, now) {
                Step::Wait(next) => now = next,
                Step::Send {
                    until,
                    partial,
                    last,
                } => {
                    assert!(!partial);
                    told.push((until, last));
                    reporting = reporting.told(until, last);
                }
                Step::Excuse { .. } => panic!("everything was counted"),
                Step::Nothing => break,
            }
        }
        let expected = [
            (at("2026-07-02T00:00:00Z"), false),
            (at("2026-07-03T00:00:00Z"), false),
            (end, true),
        ];
        assert_eq!(told, expected);
        assert_eq!(reporting.sent, 3);
    }

    #[test]
    fn what_is_not_counted_is_waited_for_then_excused_then_sent_as_it_is() {
        let end = at("2026-07-09T00:00:00Z");
        let (until, counted) = (at("2026-07-02T00:00:00Z"), at("2026-07-01T20:00:00Z"));
        let reporting = daily();
        let early = until + Duration::hours(3);
        assert!(matches!(reporting.step(end, counted, early), Step::Wait(next) if next > early));
        let late = until + Duration::hours(4);
        assert_eq!(reporting.step(end, counted, late), Step::Excuse { until });
        let reporting = reporting.excused();
        assert!(matches!(reporting.step(end, counted, late), Step::Wait(next) if next > late));
        let whole = Step::Send {
            until,
            partial: false,
            last: false,
        };
        assert_eq!(reporting.step(end, until, late), whole);
        let given_up = Step::Send {
            until,
            partial: true,
            last: false,
        };
        assert_eq!(
            reporting.step(end, counted, until + Duration::hours(48)),
            given_up
        );
    }
}
