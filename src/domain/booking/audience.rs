//! Plans for an audience: what is wanted, which channels can be aimed at it, how much of
//! it they cover and what nobody can serve. Estimates only, from what products say.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    booking::{brief::Brief, look::Look, shelf::Shelf, wants::Kind},
    channel::Channel,
};

/// One thing that is wanted, how it was understood and who can serve it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Requirement {
    /// What it is about.
    pub kind: Kind,
    /// The value as written, safe to show.
    pub value: String,
    /// How it was understood.
    pub understood: String,
    /// The channels with a product that can be aimed at it.
    pub channels: Vec<Channel>,
}

/// What a catalogue can do for an audience.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AudiencePlan {
    /// Everything that is wanted.
    pub requirements: Vec<Requirement>,
    /// How much of the audience each channel covers, from 0 to 100, by impressions.
    pub coverage: BTreeMap<Channel, f64>,
    /// What no product in the channels considered can be aimed at, as sentences.
    pub gaps: Vec<String>,
    /// What was not planned for, as sentences.
    pub notes: Vec<String>,
}

impl AudiencePlan {
    /// Holds the wants of a brief against a catalogue, in the channels that it allows.
    #[must_use]
    pub fn draw(brief: &Brief, shelf: &Shelf) -> Self {
        let look = Look::new(shelf, brief);
        let mut plan = Self {
            notes: look.wants.notes.clone(),
            ..Self::default()
        };
        let mut served: Vec<(Channel, u64)> = Vec::new();
        for channel in Channel::ALL
            .into_iter()
            .filter(|channel| brief.allows(*channel))
        {
            let places = shelf.of_channel(channel);
            if places.is_empty() {
                continue;
            }
            let (bits, coverage) = survey(&look, shelf, places);
            served.push((channel, bits));
            plan.coverage.insert(channel, coverage);
        }
        for (at, want) in look.wants.wants.iter().enumerate() {
            let can =
                |(channel, bits): &(Channel, u64)| (bits & (1 << at) != 0).then_some(*channel);
            let channels: Vec<Channel> = served.iter().filter_map(can).collect();
            if channels.is_empty() {
                plan.gaps.push(gap(&want.understood(), &served));
            }
            plan.requirements.push(Requirement {
                kind: want.kind,
                value: want.value.clone(),
                understood: want.understood(),
                channels,
            });
        }
        plan
    }

    /// A channel's coverage in basis points; nothing when the channel has no product.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the percentage is held between 0 and 100 first"
    )]
    pub fn coverage_bp(&self, channel: Channel) -> u32 {
        let percent = self.coverage.get(&channel).copied().unwrap_or(0.0);
        (percent.clamp(0.0, 100.0) * 100.0).round() as u32
    }
}

/// What the products of one channel serve together, and how much of the audience they
/// cover, weighted by their daily impressions.
fn survey(look: &Look<'_>, shelf: &Shelf, places: impl Iterator<Item = usize>) -> (u64, f64) {
    let (mut bits, mut reached, mut all) = (0, 0u128, 0u128);
    for at in places {
        let item = shelf.item(at);
        let aim = look.aim(item);
        if !item.is_on_sale {
            continue;
        }
        let impressions = u128::from(item.daily);
        all += impressions;
        if !aim.elsewhere {
            bits |= aim.served;
            reached += impressions * u128::from(aim.audience_bp);
        }
    }
    let bp = reached.checked_div(all).unwrap_or(0);
    (bits, f64::from(u32::try_from(bp).unwrap_or(0)) / 100.0)
}

fn gap(understood: &str, considered: &[(Channel, u64)]) -> String {
    let names: Vec<&str> = considered
        .iter()
        .map(|(channel, _)| channel.name())
        .collect();
    match names.as_slice() {
        [] => format!("No product at all is offered, so nothing can be aimed at {understood}."),
        [one] => format!("No product in {one} can be aimed at {understood}."),
        many => format!(
            "No product in any of {} can be aimed at {understood}.",
            many.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::booking::samples::{brief, catalogue};

    #[test]
    fn a_plan_says_who_serves_what_and_what_nobody_can() {
        let shelf = Shelf::new(catalogue());
        let plan = AudiencePlan::draw(&brief(&json!({})), &shelf);
        let age = &plan.requirements[0];
        assert_eq!(age.understood, "ages 18 to 34");
        assert_eq!(
            age.channels,
            [Channel::Branding, Channel::Ctv, Channel::Performance]
        );
        assert_eq!(plan.gaps.len(), 1, "{:?}", plan.gaps);
        assert!(plan.gaps[0].contains("technology"), "{:?}", plan.gaps);
        assert_eq!(plan.coverage_bp(Channel::MobileApp), 2_500);
        assert_eq!(
            plan.coverage_bp(Channel::Ctv),
            3_333,
            "75, 25 and 0 percent by impressions"
        );
        assert_eq!(plan.coverage_bp(Channel::Social), 0);
        let text = serde_json::to_string(&plan).expect("json");
        assert_eq!(
            serde_json::from_str::<AudiencePlan>(&text).expect("read"),
            plan
        );
    }

    #[test]
    fn only_the_channels_that_were_asked_for_are_considered() {
        let shelf = Shelf::new(catalogue());
        let plan = AudiencePlan::draw(&brief(&json!({"channels": ["mobile"]})), &shelf);
        assert_eq!(
            plan.coverage.keys().collect::<Vec<_>>(),
            [&Channel::MobileApp]
        );
        assert_eq!(
            plan.gaps.len(),
            3,
            "an app for anyone serves nothing in particular"
        );
        let none = AudiencePlan::draw(&brief(&json!({"channels": ["social"]})), &shelf);
        assert!(none.coverage.is_empty() && none.gaps[0].starts_with("No product at all"));
    }

    #[test]
    fn strange_shapes_make_plans_too() {
        let shelf = Shelf::new(catalogue());
        for strange in [
            json!({"demographics": "18-34"}),
            json!({"demographics": [[["x"]], 3, null, true]}),
            json!({"": {"": ""}, "age": {"min": -1, "max": 1e300}}),
        ] {
            let plan = AudiencePlan::draw(&brief(&json!({"target_audience": strange})), &shelf);
            assert!(
                plan.coverage
                    .values()
                    .all(|share| (0.0..=100.0).contains(share))
            );
        }
    }
}
