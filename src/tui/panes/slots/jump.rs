//! What people type to go to a day: `+3d`, `next fri`, `w27`, `2026-11-01`, `now`. Says what can
//! be written where it understands nothing, and never guesses.

use chrono::{Datelike as _, Duration, Months, NaiveDate, NaiveTime, Timelike as _, Weekday};

/// What can be written.
pub const EXAMPLES: &str = "+3d, -2w, next fri, w27, 2026-11-01, 14:30, today or now";
/// The farthest that somebody goes at once, in days.
const FARTHEST: i64 = 36_600;

/// Where to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jump {
    /// To the moment that it is.
    Now,
    /// To a day, at the time of the day where the cursor is.
    Day(NaiveDate),
    /// To a day and a time.
    At(NaiveDate, NaiveTime),
}

/// Reads where to go: `here` is the day of the cursor, `today` is today.
#[must_use]
pub fn read(text: &str, here: NaiveDate, today: NaiveDate) -> Option<Jump> {
    let text = text.trim().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        ["now"] => Some(Jump::Now),
        ["next", day] => after(today, weekday(day)?, 1),
        ["last" | "previous", day] => after(today, weekday(day)?, -1),
        [day, time] => {
            let Jump::Day(day) = one(day, here, today)? else {
                return None;
            };
            Some(Jump::At(day, clock(time)?))
        }
        [word] => match clock(word) {
            Some(time) => Some(Jump::At(here, time)),
            None => one(word, here, today),
        },
        _ => None,
    }
}

/// One word that names a day.
fn one(word: &str, here: NaiveDate, today: NaiveDate) -> Option<Jump> {
    let day = match word {
        "today" | "tod" => today,
        "tomorrow" | "tom" => today + Duration::days(1),
        "yesterday" => today - Duration::days(1),
        _ => {
            if let Some(day) = weekday(word) {
                return Some(this_week(today, day));
            }
            return stepped(word, here)
                .or_else(|| numbered(word, here))
                .or_else(|| dated(word, here))
                .map(Jump::Day);
        }
    };
    Some(Jump::Day(day))
}

/// `+3d`, `-2w`, `+1m`, `+7`: from where the cursor is.
fn stepped(word: &str, here: NaiveDate) -> Option<NaiveDate> {
    let (forward, rest) = match (word.strip_prefix('+'), word.strip_prefix('-')) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return None,
    };
    let digits = rest.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let count: u32 = digits.parse().ok()?;
    let days = match &rest[digits.len()..] {
        "" | "d" => i64::from(count),
        "w" => i64::from(count) * 7,
        unit @ ("m" | "y") => {
            let months = Months::new(count.checked_mul(if unit == "y" { 12 } else { 1 })?);
            let there = if forward {
                here.checked_add_months(months)
            } else {
                here.checked_sub_months(months)
            };
            return there.filter(|there| (*there - here).num_days().abs() <= FARTHEST);
        }
        _ => return None,
    };
    let days = if forward { days } else { -days };
    (days.abs() <= FARTHEST).then(|| here + Duration::days(days))
}

/// `w27`, or `2027-w03`: the Monday of a week.
fn numbered(word: &str, here: NaiveDate) -> Option<NaiveDate> {
    let (year, week) = match word.split_once("-w") {
        Some((year, week)) => (year.parse().ok()?, week),
        None => (here.iso_week().year(), word.strip_prefix('w')?),
    };
    NaiveDate::from_isoywd_opt(year, week.parse().ok()?, Weekday::Mon)
}

/// `2026-11-01`, `11-01`, or `1`: a day of the month.
fn dated(word: &str, here: NaiveDate) -> Option<NaiveDate> {
    if let Ok(day) = NaiveDate::parse_from_str(word, "%Y-%m-%d") {
        let far = (day - here).num_days().abs();
        return (far <= FARTHEST).then_some(day);
    }
    if let Some((month, day)) = word.split_once('-') {
        return NaiveDate::from_ymd_opt(here.year(), month.parse().ok()?, day.parse().ok()?);
    }
    NaiveDate::from_ymd_opt(here.year(), here.month(), word.parse().ok()?)
}

/// `14:30`, or `9:00`.
fn clock(word: &str) -> Option<NaiveTime> {
    let (hour, minute) = word.split_once(':')?;
    let time = NaiveTime::from_hms_opt(hour.parse().ok()?, minute.parse().ok()?, 0)?;
    (minute.len() == 2).then_some(time.with_second(0)?)
}

fn weekday(word: &str) -> Option<Weekday> {
    (word.len() >= 3).then(|| word.parse().ok())?
}

/// That day of this week.
fn this_week(today: NaiveDate, day: Weekday) -> Jump {
    let by =
        i64::from(day.num_days_from_monday()) - i64::from(today.weekday().num_days_from_monday());
    Jump::Day(today + Duration::days(by))
}

/// The next such day behind today, or the last one before it.
fn after(today: NaiveDate, day: Weekday, step: i64) -> Option<Jump> {
    let mut days = (1..=7).map(|by| today + Duration::days(by * step));
    days.find(|one| one.weekday() == day).map(Jump::Day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn whatever_people_write_for_a_day_is_that_day() {
        // A Monday; the cursor is on a Wednesday two weeks later.
        let (today, here) = (day("2026-06-15"), day("2026-07-01"));
        for (text, there) in [
            ("today", "2026-06-15"),
            ("Tomorrow", "2026-06-16"),
            ("yesterday", "2026-06-14"),
            ("+3d", "2026-07-04"),
            ("+3", "2026-07-04"),
            (" -2w ", "2026-06-17"),
            ("+1m", "2026-08-01"),
            ("-1y", "2025-07-01"),
            ("next fri", "2026-06-19"),
            ("next mon", "2026-06-22"),
            ("last friday", "2026-06-12"),
            ("fri", "2026-06-19"),
            ("w27", "2026-06-29"),
            ("2027-w03", "2027-01-18"),
            ("2026-11-01", "2026-11-01"),
            ("11-01", "2026-11-01"),
            ("9", "2026-07-09"),
        ] {
            assert_eq!(
                read(text, here, today),
                Some(Jump::Day(day(there))),
                "{text}"
            );
        }
        assert_eq!(read("now", here, today), Some(Jump::Now));
        let half_past = NaiveTime::from_hms_opt(14, 30, 0).expect("a time");
        assert_eq!(read("14:30", here, today), Some(Jump::At(here, half_past)));
        let there = Jump::At(day("2026-06-19"), half_past);
        assert_eq!(read("fri 14:30", here, today), Some(there));
    }

    #[test]
    fn what_is_no_day_goes_nowhere() {
        let here = day("2026-06-15");
        for text in [
            "",
            "soon",
            "+",
            "+d",
            "+3x",
            "w0",
            "w54",
            "2026-02-30",
            "31-31",
            "0",
            "32",
            "25:00",
            "9:5",
            "next",
            "next week",
            "+99999999d",
            "9999-12-31",
            "--",
            "+3d +3d",
            "1 2 3",
            "+4294967295y",
            "é",
            "wé",
            "-5000000000",
        ] {
            assert_eq!(read(text, here, here), None, "{text}");
        }
    }
}
