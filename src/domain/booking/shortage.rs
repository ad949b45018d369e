//! Says why a brief can buy nothing at all: how many products were left out for which
//! reason, and the cheapest price among them. Refuses to guess: every product is counted
//! once, under the first reason that keeps it out.

use std::collections::BTreeMap;

use super::{
    allocation::FEWEST_IMPRESSIONS,
    brief::Brief,
    look::{Look, Unfit},
    shelf::{Listing, Shelf},
};
use crate::domain::{channel::Channel, money::Money};

/// The products that one reason keeps out.
#[derive(Default)]
struct Left {
    count: u32,
    cheapest: Option<Money>,
}

/// Counts what keeps every product out, in sentences. `available` says how many
/// impressions a listing still has over the flight.
#[must_use]
pub fn shortage(brief: &Brief, shelf: &Shelf, available: impl Fn(&Listing) -> u64) -> String {
    if shelf.is_empty() {
        return "The catalogue is empty.".to_owned();
    }
    let look = Look::new(shelf, brief);
    let mut reasons: BTreeMap<Option<Unfit>, Left> = BTreeMap::new();
    let mut seen = 0;
    let allowed = Channel::ALL.into_iter();
    for channel in allowed.filter(|channel| brief.allows(*channel)) {
        for at in shelf.of_channel(channel) {
            let item = shelf.item(at);
            let unfit = look.score(at).err();
            if unfit.is_none() && available(&item.listing) >= FEWEST_IMPRESSIONS {
                continue;
            }
            seen += 1;
            let left = reasons.entry(unfit).or_default();
            left.count += 1;
            left.cheapest = cheaper(left.cheapest, item.cpm);
        }
    }
    if seen == 0 {
        let names: Vec<&str> = brief.channels.iter().map(|one| one.name()).collect();
        return format!(
            "None of the {} products is in {}.",
            shelf.len(),
            names.join(", ")
        );
    }
    let said: Vec<String> = reasons
        .into_iter()
        .map(|(unfit, left)| phrase(brief, unfit, &left))
        .collect();
    format!("Of {seen} products: {}.", said.join(", "))
}

/// The lower of two prices of one currency; across currencies the first that was seen.
fn cheaper(so_far: Option<Money>, next: Option<Money>) -> Option<Money> {
    match (so_far, next) {
        (Some(one), Some(other)) if one.currency() == other.currency() => {
            Some(if other < one { other } else { one })
        }
        (one, other) => one.or(other),
    }
}

fn phrase(brief: &Brief, unfit: Option<Unfit>, left: &Left) -> String {
    let why = unfit.map_or("sold out over these days", Unfit::phrase);
    let limit = match (unfit, brief.kpis.max_cpm) {
        (Some(Unfit::TooDear), Some(most)) => format!(" of {most} CPM"),
        _ => String::new(),
    };
    let price = left
        .cheapest
        .map_or_else(String::new, |cpm| format!(" (from {cpm} CPM)"));
    format!("{} {why}{limit}{price}", left.count)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::booking::samples::{brief, catalogue};

    #[test]
    fn every_product_is_counted_under_one_reason() {
        let shelf = Shelf::new(catalogue());
        let dear = brief(&json!({"kpis": {"max_cpm": 1}, "channels": ["ctv", "performance"]}));
        let said = shortage(&dear, &shelf, |_| 1_000_000);
        assert_eq!(
            said,
            "Of 6 products: 1 not on sale (from 1.00 USD CPM), 1 not priced per thousand \
             impressions, 4 above the highest price allowed of 1.00 USD CPM (from 3.00 USD CPM)."
        );
        let gone = brief(&json!({"channels": ["branding"]}));
        let said = shortage(&gone, &shelf, |_| FEWEST_IMPRESSIONS - 1);
        let wanted = "Of 1 products: 1 sold out over these days (from 5.00 USD CPM).";
        assert_eq!(said, wanted);
        let nowhere = brief(&json!({"channels": ["social"]}));
        let said = shortage(&nowhere, &shelf, |_| 1_000_000);
        assert_eq!(said, "None of the 8 products is in social.");
        let said = shortage(&gone, &Shelf::default(), |_| 0);
        assert_eq!(said, "The catalogue is empty.");
    }
}
