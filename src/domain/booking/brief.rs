//! A campaign brief: as it is sent, and as it is once it has been checked. Checking says
//! everything that is wrong at once and repairs nothing, except that a flight which has
//! begun is planned from today on.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{
    booking::{
        kpis::{KpiReading, Kpis},
        negotiation::{NegotiationAsk, Strategy, Talks},
        shape::excesses,
    },
    channel::Channel,
    money::{Amount, Currency, Money},
    object::object_or_null,
    problem::{Code, Problem},
    text::{check_line, echo},
    when::{Flight, parse_day},
};

/// The most characters of a name or an objective.
pub const LONGEST_NAME: usize = 100;
/// The most objectives of one brief.
pub const MOST_OBJECTIVES: usize = 20;
/// The most entries in the list of channels.
pub const MOST_CHANNELS: usize = 32;

/// A campaign brief as it is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignBrief {
    /// What the campaign is called, 1 to 100 characters.
    pub name: String,
    /// What it is for, such as `brand_awareness`, `reach` or `conversions`.
    pub objectives: Vec<String>,
    /// What may be spent in all.
    pub budget: Amount,
    /// ISO 4217 code of the budget; the desk's own currency when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The first day, `YYYY-MM-DD`.
    pub start_date: String,
    /// The last day, `YYYY-MM-DD`.
    pub end_date: String,
    /// Whom to reach, in any shape.
    pub target_audience: Map<String, Value>,
    /// What success is measured by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kpis: Option<Map<String, Value>>,
    /// Where to run; anywhere when left out or empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<String>>,
    /// Whether and how to talk about prices.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object_or_null"
    )]
    pub negotiation: Option<NegotiationAsk>,
}

/// A brief that has been checked, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Brief {
    /// What the campaign is called.
    pub name: String,
    /// What it is for, as written.
    pub objectives: Vec<String>,
    /// What may be spent in all.
    pub budget: Money,
    /// The days that are planned for: none of them is past.
    pub flight: Flight,
    /// The days that were asked for.
    pub asked: Flight,
    /// Whom to reach, as sent.
    pub audience: Map<String, Value>,
    /// What success is measured by.
    pub kpis: Kpis,
    /// Where to run, in order and once each; anywhere when empty.
    pub channels: Vec<Channel>,
    /// How to talk about prices, if at all.
    pub negotiation: Option<Strategy>,
    /// What whoever sent it should know about how it was read.
    pub notes: Vec<String>,
}

impl Brief {
    /// Whether a channel may be used at all.
    #[must_use]
    pub fn allows(&self, channel: Channel) -> bool {
        self.channels.is_empty() || self.channels.contains(&channel)
    }

    /// Takes the flight from `today` on and says so; false when it has ended.
    pub fn take_from(&mut self, today: NaiveDate) -> bool {
        let Some(left) = self.flight.from_today(today) else {
            return false;
        };
        if left != self.flight {
            let before = begun(self.flight, self.asked);
            self.notes.retain(|note| *note != before);
            self.notes.push(begun(left, self.asked));
            self.flight = left;
        }
        true
    }

    /// Whether a channel was asked for by name.
    #[must_use]
    pub fn names(&self, channel: Channel) -> bool {
        self.channels.contains(&channel)
    }
}

/// Says that a flight is taken from a later day than was asked for.
fn begun(flight: Flight, asked: Flight) -> String {
    format!(
        "The flight is planned from today, {}, because it began on {}.",
        flight.first(),
        asked.first()
    )
}

impl CampaignBrief {
    /// Checks everything and says everything that is wrong. `today` decides what is past;
    /// the defaults stand in for a currency and for price talks that were left out.
    ///
    /// # Errors
    /// With every problem that was found, in the order of the fields.
    pub fn check(
        &self,
        today: NaiveDate,
        default_currency: Currency,
        talks: &Talks,
    ) -> Result<Brief, Vec<Problem>> {
        let mut found = Found::default();
        found.line("brief.name", Code::INVALID_NAME, "the name", &self.name);
        found.objectives(&self.objectives);
        let currency = found.currency(self.currency.as_deref(), default_currency);
        let budget = found.budget(self.budget, currency);
        let flights = found.flights(&self.start_date, &self.end_date, today);
        found.sizes(
            "brief.target_audience",
            &Code::INVALID_AUDIENCE,
            &self.target_audience,
        );
        let kpis = found.kpis(self.kpis.as_ref(), currency);
        let channels = found.channels(self.channels.as_deref().unwrap_or_default());
        let negotiation = found.negotiation(self.negotiation.as_ref(), talks, currency);
        match (budget, flights) {
            (Some(budget), Some((asked, flight))) if found.problems.is_empty() => Ok(Brief {
                name: self.name.clone(),
                objectives: self.objectives.clone(),
                budget,
                flight,
                asked,
                audience: self.target_audience.clone(),
                kpis,
                channels,
                negotiation,
                notes: found.notes,
            }),
            _ => Err(found.problems),
        }
    }
}

/// What checking has found so far.
#[derive(Default)]
struct Found {
    problems: Vec<Problem>,
    notes: Vec<String>,
}

impl Found {
    fn line(&mut self, field: &str, code: Code, noun: &str, text: &str) {
        if let Err(why) = check_line(text, LONGEST_NAME) {
            let message = format!("{noun} \"{}\" {why}", echo(text));
            self.problems.push(Problem::new(field, code, message));
        }
    }

    fn objectives(&mut self, all: &[String]) {
        if all.is_empty() || all.len() > MOST_OBJECTIVES {
            self.problems.push(
                Problem::new(
                    "brief.objectives",
                    Code::INVALID_OBJECTIVE,
                    format!(
                        "a brief has from 1 to {MOST_OBJECTIVES} objectives, not {}",
                        all.len()
                    ),
                )
                .hint("for example brand_awareness, reach or conversions"),
            );
        }
        for (at, text) in all.iter().enumerate().take(MOST_OBJECTIVES) {
            let field = format!("brief.objectives[{at}]");
            self.line(&field, Code::INVALID_OBJECTIVE, "the objective", text);
        }
    }

    fn currency(&mut self, code: Option<&str>, default: Currency) -> Currency {
        let Some(code) = code else { return default };
        code.parse().unwrap_or_else(|why| {
            let message = format!("the currency \"{}\" {why}", echo(code));
            self.problems.push(
                Problem::new("brief.currency", Code::INVALID_CURRENCY, message)
                    .hint(format!("leave it out for {default}")),
            );
            default
        })
    }

    fn budget(&mut self, amount: Amount, currency: Currency) -> Option<Money> {
        let why = match Money::from_amount(amount, currency) {
            _ if !amount.is_positive() => "must be above zero".to_owned(),
            Ok(budget) => return Some(budget),
            Err(why) => why.to_string(),
        };
        let message = format!("the budget {why}");
        self.problems
            .push(Problem::new("brief.budget", Code::INVALID_BUDGET, message));
        None
    }

    fn day(&mut self, field: &str, text: &str) -> Option<NaiveDate> {
        let day = parse_day(text);
        if day.is_none() {
            let message = format!("\"{}\" is not a day of the calendar", echo(text));
            self.problems.push(
                Problem::new(field, Code::INVALID_DATE, message)
                    .hint("write it as YYYY-MM-DD, such as 2026-07-01"),
            );
        }
        day
    }

    /// The flight as asked and what is left of it.
    fn flights(&mut self, start: &str, end: &str, today: NaiveDate) -> Option<(Flight, Flight)> {
        let (first, last) = (
            self.day("brief.start_date", start),
            self.day("brief.end_date", end),
        );
        let asked = match Flight::new(first?, last?) {
            Ok(flight) => flight,
            Err(why) => {
                self.problems.push(Problem::new(
                    "brief.end_date",
                    Code::INVALID_FLIGHT,
                    why.to_string(),
                ));
                return None;
            }
        };
        let Some(flight) = asked.from_today(today) else {
            let message = format!(
                "the flight ended on {}, before today, {today}",
                asked.last()
            );
            self.problems.push(
                Problem::new("brief.end_date", Code::FLIGHT_ENDED, message)
                    .hint(format!("choose a last day from {today} on")),
            );
            return None;
        };
        if flight != asked {
            self.notes.push(begun(flight, asked));
        }
        Some((asked, flight))
    }

    fn sizes(&mut self, field: &str, code: &Code, map: &Map<String, Value>) -> bool {
        let excesses = excesses(map);
        let small = excesses.is_empty();
        let problems = excesses
            .into_iter()
            .map(|what| Problem::new(field, code.clone(), format!("it {what}")));
        self.problems.extend(problems);
        small
    }

    fn kpis(&mut self, map: Option<&Map<String, Value>>, currency: Currency) -> Kpis {
        let Some(map) = map else {
            return Kpis::default();
        };
        if !self.sizes("brief.kpis", &Code::INVALID_KPI, map) {
            return Kpis::default();
        }
        let reading = KpiReading::of(map, currency);
        self.problems.extend(reading.problems);
        self.notes.extend(reading.notes);
        reading.kpis
    }

    fn channels(&mut self, names: &[String]) -> Vec<Channel> {
        if names.len() > MOST_CHANNELS {
            let message = format!(
                "at most {MOST_CHANNELS} channels are read, not {}",
                names.len()
            );
            self.problems
                .push(Problem::new("brief.channels", Code::TOO_MANY, message));
        }
        let mut channels = BTreeSet::new();
        for (at, name) in names.iter().enumerate().take(MOST_CHANNELS) {
            match name.parse::<Channel>() {
                Ok(channel) => {
                    channels.insert(channel);
                }
                Err(why) => self.problems.push(Problem::new(
                    format!("brief.channels[{at}]"),
                    Code::UNKNOWN_CHANNEL,
                    format!("\"{}\" {why}", echo(name)),
                )),
            }
        }
        channels.into_iter().collect()
    }

    fn negotiation(
        &mut self,
        ask: Option<&NegotiationAsk>,
        talks: &Talks,
        currency: Currency,
    ) -> Option<Strategy> {
        let usual = &talks.strategy;
        let ask = match ask {
            Some(ask) => ask,
            None if talks.always => &NegotiationAsk::default(),
            None => return None,
        };
        let strategy = ask.check(currency, usual).unwrap_or_else(|problems| {
            self.problems.extend(problems);
            None
        });
        let foreign = usual.ceiling.filter(|most| most.currency() != currency);
        if let (Some(most), Some(_), None) = (foreign, &strategy, ask.ceiling_cpm) {
            self.notes.push(format!(
                "The usual ceiling of {most} for price talks does not count in {currency}."
            ));
        }
        strategy
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::{prelude::*, strategy::Strategy as Arbitrarily};
    use serde_json::json;

    use super::{Strategy, *};

    pub(in crate::domain::booking) const TODAY: &str = "2026-06-15";

    /// The brief that the bookings document gives as its example.
    pub(in crate::domain::booking) fn example() -> Value {
        json!({
            "name": "Q3 Awareness Push",
            "objectives": ["brand_awareness"],
            "budget": 25000,
            "start_date": "2026-07-01",
            "end_date": "2026-09-30",
            "target_audience": {
                "demographics": {"age": "18-34"},
                "interests": ["gaming", "technology"]
            },
            "kpis": {"target_cpm": 10}
        })
    }

    /// The example with some fields replaced.
    pub(in crate::domain::booking) fn with(changes: &Value) -> Value {
        let mut brief = example();
        for (key, value) in changes.as_object().expect("an object") {
            brief[key] = value.clone();
        }
        brief
    }

    pub(in crate::domain::booking) fn check(value: Value) -> Result<Brief, Vec<Problem>> {
        let brief: CampaignBrief = serde_json::from_value(value).expect("the shape of a brief");
        brief.check(
            parse_day(TODAY).expect("a day"),
            Currency::USD,
            &Talks::default(),
        )
    }

    fn codes(changes: &Value) -> Vec<(String, String)> {
        let problems = check(with(changes)).expect_err("problems");
        problems
            .into_iter()
            .map(|problem| (problem.field, problem.code.to_string()))
            .collect()
    }

    fn one(changes: &Value, field: &str, code: &str) {
        assert_eq!(
            codes(changes),
            [(field.to_owned(), code.to_owned())],
            "{changes}"
        );
    }

    #[test]
    fn the_example_is_a_brief_with_and_without_channels() {
        let brief = check(example()).expect("a brief");
        assert_eq!(brief.budget, Money::new(2_500_000, Currency::USD));
        assert_eq!(brief.flight.length(), 92);
        assert!(brief.channels.is_empty() && brief.notes.is_empty() && brief.negotiation.is_none());
        let brief = check(with(&json!({"channels": ["CTV", "display", "ctv"]}))).expect("a brief");
        assert_eq!(brief.channels, [Channel::Branding, Channel::Ctv]);
        for any in [json!(null), json!([])] {
            let brief = check(with(&json!({"channels": any, "kpis": null}))).expect("a brief");
            assert!(brief.channels.is_empty());
        }
    }

    #[test]
    fn a_brief_survives_its_store_and_its_wire() {
        let brief = check(with(
            &json!({"negotiation": {}, "kpis": {"max_cpm": 19.9, "x": [1]}}),
        ))
        .expect("a brief");
        let text = serde_json::to_string(&brief).expect("json");
        assert_eq!(serde_json::from_str::<Brief>(&text).expect("read"), brief);
        let sent: CampaignBrief = serde_json::from_value(example()).expect("a brief");
        assert_eq!(serde_json::to_value(&sent).expect("json"), example());
        assert!(serde_json::from_value::<CampaignBrief>(with(&json!({"constraints": 1}))).is_err());
    }

    #[test]
    fn each_rule_names_its_field() {
        one(&json!({"name": ""}), "brief.name", "INVALID_NAME");
        one(&json!({"name": "a\u{0}b"}), "brief.name", "INVALID_NAME");
        one(
            &json!({"name": "x".repeat(101)}),
            "brief.name",
            "INVALID_NAME",
        );
        one(
            &json!({"objectives": []}),
            "brief.objectives",
            "INVALID_OBJECTIVE",
        );
        one(
            &json!({"objectives": ["reach", " "]}),
            "brief.objectives[1]",
            "INVALID_OBJECTIVE",
        );
        one(
            &json!({"objectives": vec!["reach"; 21]}),
            "brief.objectives",
            "INVALID_OBJECTIVE",
        );
        one(
            &json!({"currency": "usd"}),
            "brief.currency",
            "INVALID_CURRENCY",
        );
        one(
            &json!({"end_date": "2026-06-30"}),
            "brief.end_date",
            "INVALID_FLIGHT",
        );
        one(
            &json!({"end_date": "2032-06-30"}),
            "brief.end_date",
            "INVALID_FLIGHT",
        );
        one(
            &json!({"start_date": "2026-02-30"}),
            "brief.start_date",
            "INVALID_DATE",
        );
        one(
            &json!({"channels": ["ctv", "billboards"]}),
            "brief.channels[1]",
            "UNKNOWN_CHANNEL",
        );
        one(
            &json!({"channels": vec!["ctv"; 33]}),
            "brief.channels",
            "TOO_MANY",
        );
        one(
            &json!({"kpis": {"ctr": "1%"}}),
            "brief.kpis.ctr",
            "INVALID_KPI",
        );
        one(
            &json!({"negotiation": {"rounds": 0}}),
            "brief.negotiation.rounds",
            "INVALID_NEGOTIATION",
        );
        one(
            &json!({"target_audience": {"a": "x\u{0}"}}),
            "brief.target_audience",
            "INVALID_AUDIENCE",
        );
    }

    #[test]
    fn a_budget_is_above_zero_exact_and_bounded() {
        for bad in [
            "0",
            "-0.0",
            "-1",
            "0.001",
            "1e-400",
            "9223372036854775807",
            "10000000000.01",
        ] {
            let text = example().to_string().replace("25000", bad);
            let brief: CampaignBrief = serde_json::from_str(&text).expect(bad);
            let problems = brief
                .check(
                    parse_day(TODAY).expect("a day"),
                    Currency::USD,
                    &Talks::default(),
                )
                .expect_err(bad);
            assert_eq!(problems[0].code, Code::INVALID_BUDGET, "{bad}");
        }
        one(
            &json!({"budget": 100.5, "currency": "JPY"}),
            "brief.budget",
            "INVALID_BUDGET",
        );
        assert!(check(with(&json!({"budget": 1.234, "currency": "KWD"}))).is_ok());
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let all = codes(&json!({
            "name": " ", "objectives": [""], "budget": 0, "start_date": "tomorrow", "channels": ["moon"],
        }));
        assert_eq!(all.len(), 5, "{all:?}");
    }

    #[test]
    fn what_is_past_is_refused_and_what_has_begun_starts_today() {
        let past = json!({"start_date": "2026-05-01", "end_date": "2026-06-14"});
        one(&past, "brief.end_date", "FLIGHT_ENDED");
        let begun = check(with(&json!({"start_date": "2026-06-01"}))).expect("a brief");
        assert_eq!(begun.flight.first().to_string(), TODAY);
        assert_eq!(begun.asked.first().to_string(), "2026-06-01");
        assert_eq!(begun.notes.len(), 1);
        let last_day = json!({"start_date": "2026-06-01", "end_date": TODAY});
        assert_eq!(check(with(&last_day)).expect("a brief").flight.length(), 1);
    }

    #[test]
    fn price_talks_are_off_unless_asked_for() {
        let today = parse_day(TODAY).expect("a day");
        let talks = |changes: &Value, usual: &Talks| {
            let brief: CampaignBrief = serde_json::from_value(with(changes)).expect("a brief");
            brief
                .check(today, Currency::USD, usual)
                .expect("checked")
                .negotiation
        };
        let strategy = Strategy {
            rounds: 7,
            ..Strategy::default()
        };
        let usual = |always| Talks {
            strategy: strategy.clone(),
            always,
        };
        let (asked, off) = (
            json!({"negotiation": {}}),
            json!({"negotiation": {"enabled": false}}),
        );
        assert_eq!(talks(&json!({}), &usual(false)), None);
        assert_eq!(talks(&json!({}), &usual(true)), Some(strategy.clone()));
        for always in [true, false] {
            assert_eq!(talks(&asked, &usual(always)), Some(strategy.clone()));
            assert_eq!(talks(&off, &usual(always)), None);
        }
        assert_eq!(talks(&asked, &Talks::default()), Some(Strategy::default()));
    }

    #[test]
    fn a_message_repeats_little_and_nothing_harmful() {
        let name = format!("\u{1b}]52;c;{}\u{7}", "A".repeat(10_000));
        let problems = check(with(&json!({"name": name}))).expect_err("a bad name");
        assert!(problems[0].message.chars().count() < 160);
        assert!(!problems[0].message.contains('\u{1b}'));
    }

    fn any_json() -> impl Arbitrarily<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[0-9]{0,3}[-+ ]{0,2}[0-9]{0,9}".prop_map(Value::from),
        ];
        leaf.prop_recursive(10, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec(("(age|min|max|ctr|max_cpm|[a-z]{1,4})", inner), 0..6)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn checking_anything_ends_in_a_brief_or_in_problems(
            fields in prop::collection::vec((0usize..10, any_json()), 0..6),
        ) {
            let keys = [
                "name", "objectives", "budget", "currency", "start_date", "end_date",
                "target_audience", "kpis", "channels", "negotiation",
            ];
            let mut value = example();
            for (at, field) in fields {
                value[keys[at]] = field;
            }
            if let Ok(sent) = serde_json::from_value::<CampaignBrief>(value) {
                let today = parse_day(TODAY).expect("a day");
                match sent.check(today, Currency::USD, &Talks::default()) {
                    Ok(brief) => prop_assert!(brief.budget.is_positive()),
                    Err(problems) => prop_assert!(!problems.is_empty()),
                }
            }
        }
    }
}
