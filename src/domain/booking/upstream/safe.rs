//! A brief made safe for a system that reads less than it takes: what it would trip over is put
//! in the shape that it survives, what it would ignore is said, what it cannot do is refused.

use serde_json::{Map, Value, json};

use crate::domain::{
    booking::brief::Brief,
    channel::Channel,
    money::Currency,
    problem::{Code, Problem},
};

/// The channels that the IAB buyer agent spreads money over.
const CHANNELS: [Channel; 5] = [
    Channel::Branding,
    Channel::Ctv,
    Channel::MobileApp,
    Channel::Performance,
    Channel::Social,
];

/// Says what of a brief the IAB buyer agent cannot do, and what it would not heed.
///
/// # Errors
/// When it would do something else than what was asked.
pub fn check(brief: &Brief, talks_asked: bool) -> Result<Vec<String>, Vec<Problem>> {
    let mut problems = Vec::new();
    let currency = brief.budget.currency();
    if currency != Currency::USD {
        let message =
            format!("the IAB buyer agent counts in US dollars and cannot be told of {currency}");
        problems.push(
            Problem::new("brief.currency", Code::INVALID_CURRENCY, message)
                .hint("write the budget in USD"),
        );
    }
    if talks_asked {
        let message = "the IAB buyer agent does not let its desk say how prices are talked about";
        problems.push(
            Problem::new("brief.negotiation", Code::new("NOT_AT_UPSTREAM"), message).hint(
                "leave it out; it opens at kpis.target_cpm and goes no higher than kpis.max_cpm",
            ),
        );
    }
    let known: Vec<Channel> = channels(brief).collect();
    if known.is_empty() && !brief.channels.is_empty() {
        let message = "the IAB buyer agent has none of these channels, and would take any instead";
        problems.push(
            Problem::new("brief.channels", Code::UNKNOWN_CHANNEL, message)
                .hint("it has branding, ctv, mobile_app, performance and social"),
        );
    }
    if problems.is_empty() {
        Ok(ignored(brief))
    } else {
        Err(problems)
    }
}

fn channels(brief: &Brief) -> impl Iterator<Item = Channel> {
    let wanted = brief.channels.iter().copied();
    wanted.filter(|channel| CHANNELS.contains(channel))
}

/// What it takes and does not heed.
fn ignored(brief: &Brief) -> Vec<String> {
    let mut notes = Vec::new();
    for channel in &brief.channels {
        if !CHANNELS.contains(channel) {
            notes.push(format!(
                "{channel} is no channel of the IAB buyer agent and was left out."
            ));
        }
    }
    let kpis = &brief.kpis;
    let measured = [
        ("ctr", kpis.ctr_bp.is_some()),
        ("vcr", kpis.vcr_bp.is_some()),
        ("viewability", kpis.viewability_bp.is_some()),
        ("reach", kpis.reach.is_some()),
        ("frequency", kpis.frequency_hundredths.is_some()),
    ];
    let unread: Vec<&str> = measured
        .iter()
        .filter_map(|(name, there)| there.then_some(*name))
        .collect();
    if !unread.is_empty() {
        notes.push(format!(
            "The IAB buyer agent heeds no KPI but the two prices: {} is not read there.",
            unread.join(", ")
        ));
    }
    if brief
        .audience
        .get("demographics")
        .is_some_and(|said| !said.is_object())
    {
        notes.push(
            "The IAB buyer agent reads demographics as an object: they were put into one.".into(),
        );
    }
    notes
}

/// The brief as it is sent: channels always a list, prices by the names that are read, and
/// nothing approved in advance, because that desk would book before anybody here has looked.
#[must_use]
pub fn body(brief: &Brief, sent_kpis: Option<&Map<String, Value>>) -> Value {
    let channels: Vec<&str> = channels(brief).map(Channel::name).collect();
    let mut audience = brief.audience.clone();
    if let Some(said) = audience.get_mut("demographics")
        && !said.is_object()
    {
        *said = json!({ "described": said.take() });
    }
    json!({
        "brief": {
            "name": brief.name,
            "objectives": brief.objectives,
            "budget": brief.budget.amount(),
            "start_date": brief.flight.first().to_string(),
            "end_date": brief.flight.last().to_string(),
            "target_audience": audience,
            "kpis": kpis(brief, sent_kpis),
            "channels": channels,
        },
        "auto_approve": false,
    })
}

/// Measures as they were sent, with the prices by the names that are read there.
fn kpis(brief: &Brief, sent: Option<&Map<String, Value>>) -> Map<String, Value> {
    let mut kpis = sent.cloned().unwrap_or_default();
    for (ours, theirs, price) in [
        ("target_cpm", "target_cpm_usd", brief.kpis.target_cpm),
        ("max_cpm", "max_cpm_usd", brief.kpis.max_cpm),
    ] {
        kpis.remove(ours);
        kpis.remove(theirs);
        if let Some(price) = price {
            let amount = serde_json::to_value(price.amount());
            kpis.insert(theirs.to_owned(), amount.unwrap_or_default());
        }
    }
    kpis
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::booking::samples::brief;

    #[test]
    fn channels_are_always_a_list_and_prices_have_the_names_that_are_read() {
        let plain = brief(
            &json!({"channels": null, "kpis": {"target_cpm": 10, "max_cpm": 12.5, "ctr": 0.02}}),
        );
        let sent = json!({"target_cpm": 10, "max_cpm": 12.5, "ctr": 0.02});
        let body = body(&plain, sent.as_object());
        assert_eq!(body["brief"]["channels"], json!([]));
        assert_eq!(body["auto_approve"], json!(false));
        let kpis = &body["brief"]["kpis"];
        assert_eq!(kpis["target_cpm_usd"], json!(10.0));
        assert_eq!(kpis["max_cpm_usd"], json!(12.5));
        assert!(kpis.get("target_cpm").is_none() && kpis.get("max_cpm").is_none());
        let notes = check(&plain, false).expect("safe");
        assert!(
            notes.iter().any(|note| note.contains("ctr is not read")),
            "{notes:?}"
        );
    }

    #[test]
    fn what_it_would_take_for_something_else_is_refused() {
        let tv = brief(&json!({"channels": ["linear_tv"]}));
        assert_eq!(check(&tv, true).expect_err("refused").len(), 2);
        let both = brief(&json!({"channels": ["linear_tv", "ctv"]}));
        let notes = check(&both, false).expect("safe");
        assert!(notes[0].starts_with("linear_tv is no channel"), "{notes:?}");
        assert_eq!(body(&both, None)["brief"]["channels"], json!(["ctv"]));
        let euros = brief(&json!({"currency": "EUR"}));
        assert_eq!(check(&euros, false).expect_err("refused").len(), 1);
    }
}
