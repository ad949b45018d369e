//! What the calculator is asked, read from JSON. Refuses what it does not know, naming the
//! field and saying what to write instead.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    cli::Ended,
    domain::{
        pacing::{
            clock::{Clock, NotATime, read_end, read_start},
            curve::{Curve, NotACurve, Pacing},
            hours::Hours,
            ratio::Ratio,
            terms::{Goal, MOST, Seen, Terms, Unit},
        },
        text::echo,
        when::{Instant, NotAFlight},
        zone::Zone,
    },
    engine::question,
};

/// The object as it is typed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    goal: Ratio,
    delivered: Ratio,
    start: String,
    end: String,
    asof: String,
    #[serde(default)]
    pacing: Option<String>,
    #[serde(default)]
    curve: Option<Vec<(Ratio, Ratio)>>,
    #[serde(default)]
    timezone: Option<String>,
    #[serde(default)]
    rate_24h: Option<Ratio>,
    #[serde(default)]
    budget: Option<Ratio>,
    #[serde(default)]
    spent: Option<Ratio>,
    #[serde(default)]
    active_hours: Option<Value>,
}

/// A line, from the JSON of its object.
pub fn read(json: &[u8]) -> Result<(Terms, Seen), Ended> {
    let asked: Asked = question::read(json).map_err(|fault| match fault.problems.first() {
        Some(problem) => wrong(&problem.field, &problem.message),
        None => Ended::Usage(format!("{}\nhint: {WHOLE}", fault.message)),
    })?;
    asked.amounts()?;
    let zone = asked.zone()?;
    let mut terms = Terms::new(
        Goal::Amount(Unit::Impressions, asked.goal),
        asked.clock(zone)?,
    );
    terms.pacing = asked.plan()?;
    terms.budget = asked.budget;
    let seen = Seen {
        spent: asked.spent,
        rate_24h: asked.rate_24h,
        ..Seen::new(asked.delivered, at("asof", read_start(&asked.asof, zone))?)
    };
    Ok((terms, seen))
}

impl Asked {
    fn amounts(&self) -> Result<(), Ended> {
        let amounts = [
            ("goal", Some(self.goal)),
            ("delivered", Some(self.delivered)),
            ("rate_24h", self.rate_24h),
            ("budget", self.budget),
            ("spent", self.spent),
        ];
        for (field, amount) in amounts {
            let Some(amount) = amount else { continue };
            if amount < Ratio::ZERO {
                return Err(wrong(field, "is below zero"));
            }
            if amount > Ratio::whole(MOST) {
                return Err(wrong(field, "is larger than anything that is sold"));
            }
        }
        Ok(())
    }

    fn zone(&self) -> Result<Zone, Ended> {
        let name = self.timezone.as_deref().unwrap_or("UTC");
        let said = || wrong("timezone", &format!("`{}` is not a time zone", echo(name)));
        name.parse().map_err(|_| said())
    }

    fn clock(&self, zone: Zone) -> Result<Clock, Ended> {
        let start = at("start", read_start(&self.start, zone))?;
        let end = at("end", read_end(&self.end, zone))?;
        let clock = Clock::new(start, end, zone).map_err(|why| match why {
            NotAFlight::Backwards => wrong("end", "does not come after the start"),
            NotAFlight::TooLong => wrong("end", "is more than five years after the start"),
        })?;
        match &self.active_hours {
            None | Some(Value::Null) => Ok(clock),
            Some(hours) => match active(hours) {
                Ok(hours) => Ok(clock.only_in(hours)),
                Err(why) => Err(wrong("active_hours", &why)),
            },
        }
    }

    fn plan(&self) -> Result<Pacing, Ended> {
        let pacing = match self.pacing.as_deref() {
            None | Some("even") => Pacing::Even,
            Some("front_loaded") => Pacing::FrontLoaded,
            Some("asap") => Pacing::Asap,
            Some(other) => {
                let said = format!("`{}` is not a way to pace", echo(other));
                return Err(wrong("pacing", &said));
            }
        };
        match (&self.curve, pacing) {
            (None, pacing) => Ok(pacing),
            (Some(points), Pacing::Even) => Curve::new(points.clone())
                .map(Pacing::Custom)
                .map_err(|why: NotACurve| wrong("curve", &why.to_string())),
            (Some(_), pacing) => {
                let said = format!("does not go with pacing {}", pacing.name());
                Err(wrong("curve", &said))
            }
        }
    }
}

fn at(field: &str, read: Result<Instant, NotATime>) -> Result<Instant, Ended> {
    read.map_err(|why| wrong(field, &why.to_string()))
}

/// The hours in which a line may run, in any of the three ways to write them.
fn active(value: &Value) -> Result<Hours, String> {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let made = match value {
        Value::Array(list) => Hours::daily(&hours(list)?),
        Value::Object(days) => {
            if let Some(day) = days.keys().find(|day| !DAYS.contains(&day.as_str())) {
                return Err(format!("`{}` is not a day of the week", echo(day)));
            }
            let mut week: [Vec<u8>; 7] = std::array::from_fn(|_| Vec::new());
            for (at, day) in DAYS.iter().enumerate() {
                week[at] = match days.get(*day) {
                    None => Vec::new(),
                    Some(Value::Array(list)) => hours(list)?,
                    Some(_) => return Err(format!("has no list of hours for `{day}`")),
                };
            }
            Hours::weekly(&std::array::from_fn(|at| week[at].as_slice()))
        }
        _ => return Err("is not a list of hours".into()),
    };
    made.map_err(|why| why.to_string())
}

/// A list of hours, or of spans from one hour to before another.
fn hours(list: &[Value]) -> Result<Vec<u8>, String> {
    let hour = |value: &Value, most: u64| {
        let hour = value.as_u64().filter(|hour| *hour <= most);
        let hour = hour.and_then(|hour| u8::try_from(hour).ok());
        hour.ok_or_else(|| format!("has an hour that is not a whole number from 0 to {most}"))
    };
    let mut all = Vec::new();
    for one in list {
        match one {
            Value::Array(span) => {
                let [from, to] = span.as_slice() else {
                    return Err("has a span that is not [from, to]".into());
                };
                let (from, to) = (hour(from, 23)?, hour(to, 24)?);
                if to <= from {
                    return Err("has a span that ends before it starts".into());
                }
                all.extend(from..to);
            }
            one => all.push(hour(one, 23)?),
        }
    }
    Ok(all)
}

const WHOLE: &str = r#"send one object, such as {"goal": 1000000, "delivered": 280000, "start": "2026-07-01", "end": "2026-07-30", "asof": "2026-07-13"}"#;

/// Says what is wrong with a field and what to write instead.
fn wrong(field: &str, message: &str) -> Ended {
    let top = field.split(['.', '[']).next().unwrap_or(field);
    let hint = match top {
        "goal" | "delivered" | "rate_24h" | "budget" | "spent" => {
            "write a number of zero or more, such as 25000 or 19.90"
        }
        "start" | "end" | "asof" => {
            "write a day such as 2026-07-01, or a time with its offset such as 2026-07-01T06:00:00Z"
        }
        "pacing" => "write even, front_loaded or asap; give any other plan as `curve`",
        "curve" => {
            "write points that climb from 0 to 1 and leave `pacing` out, such as [[0.25, 0.4], [0.75, 0.9]]"
        }
        "timezone" => "write an IANA name such as Europe/Berlin or America/New_York",
        "active_hours" => {
            r#"write hours such as [9, 10, 11], spans such as [[9, 17]], or days such as {"mon": [[9, 17]]}"#
        }
        "body" => WHOLE,
        _ => {
            "known are goal, delivered, start, end, asof, pacing, curve, timezone, rate_24h, budget, spent, active_hours"
        }
    };
    let message = match top {
        "curve" if message.contains("invalid length") => "has a point that is no pair",
        _ => message,
    };
    // What is known stands in the hint.
    let message = message.split("; known are ").next().unwrap_or(message);
    Ended::Usage(format!("{field}: {message}\nhint: {hint}"))
}
