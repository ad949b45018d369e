//! Changes as people type them: `+3d, goal +10%, shift 500 to B`. Refuses what it does not
//! know, and says what can be written.

use chrono::{Days, NaiveTime};

use super::Steer;
use crate::domain::{
    ids::LineId,
    media_buy::terms::Spread,
    money::Amount,
    pacing::ratio::Ratio,
    text::echo,
    when::{Instant, parse_day},
};

/// What can be written.
pub const KNOWN: &str = "+3d, -12h, end 2026-08-04, goal 500k, goal +10%, budget 9000, \
     budget -5%, shift 500 to LINE, even, asap, front, prio 6, pause, resume";

/// Reads changes, separated by commas. `find` says which line somebody means.
///
/// # Errors
/// With what is not understood, in a sentence.
pub fn read(text: &str, find: impl Fn(&str) -> Option<LineId>) -> Result<Vec<Steer>, String> {
    let parts = text.split([',', ';']).map(str::trim);
    let mut steers = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        steers.push(one(part, &find)?);
    }
    if steers.is_empty() {
        return Err(format!("write what to change: {KNOWN}"));
    }
    Ok(steers)
}

fn one(part: &str, find: impl Fn(&str) -> Option<LineId>) -> Result<Steer, String> {
    let unknown = || format!("`{}` is not understood; known are {KNOWN}", echo(part));
    let (word, rest) = match part.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim()),
        None => (part, ""),
    };
    let steer = match (word.to_lowercase().as_str(), rest) {
        ("pause", "") => Steer::Pause,
        ("resume", "") => Steer::Resume,
        ("even", "") => Steer::Pacing(Spread::Even),
        ("asap", "") => Steer::Pacing(Spread::Asap),
        ("front" | "front_loaded", "") => Steer::Pacing(Spread::FrontLoaded),
        ("prio" | "priority", place) => Steer::Priority(place.parse().map_err(|_| unknown())?),
        ("end", at) => Steer::EndAt(instant(at).ok_or_else(unknown)?),
        ("goal", goal) => match percent(goal) {
            Some(percent) => Steer::GoalPercent(percent),
            None => Steer::Goal(number(goal).ok_or_else(unknown)?),
        },
        ("budget", budget) => match percent(budget) {
            Some(percent) => Steer::BudgetPercent(percent),
            None => Steer::Budget(number(budget).ok_or_else(unknown)?),
        },
        ("shift", rest) => {
            let (amount, to) = rest.split_once(" to ").ok_or_else(unknown)?;
            let amount = number(amount.trim()).ok_or_else(unknown)?;
            let named = echo(to.trim());
            let to =
                find(to.trim()).ok_or_else(|| format!("there is no line `{named}` to shift to"))?;
            Steer::Shift { amount, to }
        }
        (span, "") => span_of(span).ok_or_else(unknown)?,
        _ => return Err(unknown()),
    };
    Ok(steer)
}

/// `+3d` or `-12h`.
fn span_of(text: &str) -> Option<Steer> {
    let (later, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (true, rest),
        ("-", rest) => (false, rest),
        _ => return None,
    };
    let number = |text: &str| text.parse::<Amount>().ok().map(Ratio::from);
    let days = match rest.strip_suffix('d') {
        Some(days) => number(days)?,
        None => number(rest.strip_suffix('h')?)?.over(Ratio::whole(24))?,
    };
    Some(if later {
        Steer::ExtendDays(days)
    } else {
        Steer::ShortenDays(days)
    })
}

/// `+10%` or `-5%`.
fn percent(text: &str) -> Option<Ratio> {
    let text = text.strip_suffix('%')?.trim_end();
    text.strip_prefix('+')
        .unwrap_or(text)
        .parse::<Amount>()
        .ok()
        .map(Ratio::from)
}

/// A number, with `k` for thousands and `M` for millions.
fn number(text: &str) -> Option<Ratio> {
    let (digits, by) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1_000),
        None => match text.strip_suffix('M') {
            Some(digits) => (digits, 1_000_000),
            None => (text, 1),
        },
    };
    let plain: String = digits.chars().filter(|c| *c != '_').collect();
    let number: Ratio = plain.parse::<Amount>().ok()?.into();
    number.times(Ratio::whole(by))
}

/// A day, at whose end it is over, or an instant.
fn instant(text: &str) -> Option<Instant> {
    if let Some(day) = parse_day(text) {
        let next = day.checked_add_days(Days::new(1))?;
        return Some(next.and_time(NaiveTime::MIN).and_utc());
    }
    let at = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    Some(crate::domain::when::stored(at.to_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Steer>, String> {
        let b: LineId = uuid::Uuid::from_u128(7).into();
        super::read(text, |name| (name == "B").then_some(b))
    }

    #[test]
    fn changes_are_read_as_people_write_them() {
        let days = |n| Ratio::whole(n);
        let half = Ratio::new(1, 2).expect("a half");
        let told = read("+3d, -12h; goal +10%, goal 500k, budget 9000.50").expect("read");
        assert_eq!(
            told,
            [
                Steer::ExtendDays(days(3)),
                Steer::ShortenDays(half),
                Steer::GoalPercent(days(10)),
                Steer::Goal(days(500_000)),
                Steer::Budget(Ratio::new(18_001, 2).expect("an amount")),
            ]
        );
        let end = "2026-08-05T00:00:00Z".parse().expect("an instant");
        assert_eq!(read("end 2026-08-04"), Ok(vec![Steer::EndAt(end)]));
        let b = uuid::Uuid::from_u128(7).into();
        let shift = Steer::Shift {
            amount: days(500),
            to: b,
        };
        assert_eq!(
            read("shift 500 to B, prio 6"),
            Ok(vec![shift, Steer::Priority(6)])
        );
        assert_eq!(
            read("Front, pause"),
            Ok(vec![Steer::Pacing(Spread::FrontLoaded), Steer::Pause])
        );
    }

    #[test]
    fn what_is_not_understood_says_what_is() {
        for bad in [
            "",
            "faster",
            "+3",
            "goal",
            "prio high",
            "shift 5 B",
            "+3d now",
        ] {
            assert!(read(bad).expect_err(bad).contains("goal +10%"), "{bad}");
        }
        let no = read("shift 5 to C").expect_err("no such line");
        assert_eq!(no, "there is no line `C` to shift to");
    }
}
