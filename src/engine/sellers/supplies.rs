//! What sellers somewhere else say that is left of what would be recommended: asked once it is
//! known which products those are, bounded in rounds and products, and never twice for the same.
//! What a seller says limits what is recommended of it; what it does not say is told.

use std::collections::HashMap;

use futures_util::future::join_all;

use super::{Sellers, outside::Supply};
use crate::domain::{
    booking::{
        allocation::ChannelAllocation,
        brief::Brief,
        recommendation::{Recommendation, UNTOLD},
        shelf::Listing,
    },
    ids::{ProductId, SellerId, TenantId},
    when::Instant,
};

/// What was asked of one product, and what came of it.
struct Asked {
    /// The most that a channel's budget buys of it.
    most: u64,
    supply: Supply,
    at: Instant,
}

/// What was said so far.
#[derive(Default)]
pub(super) struct Supplies(HashMap<(SellerId, ProductId), Asked>);

impl Supplies {
    /// How many impressions there are to buy, where its catalogue says so many.
    pub(super) fn left(&self, listing: &Listing, catalogue: u64) -> u64 {
        let key = (listing.seller.clone(), listing.product.id.clone());
        match self.0.get(&key) {
            // All that can be bought can be had: how much more there is does not matter.
            Some(Asked {
                most,
                supply: Supply::Told(count),
                ..
            }) if count >= most => match catalogue {
                UNTOLD => *count,
                known => known.max(*count),
            },
            Some(Asked {
                supply: Supply::Told(count),
                ..
            }) => *count,
            _ => catalogue,
        }
    }

    fn of(&self, one: &Recommendation) -> Option<&Asked> {
        let key = (one.seller.clone(), one.product_id.clone());
        self.0.get(&key)
    }

    /// Whether the seller of this one said how many there are.
    pub(super) fn is_told(&self, one: &Recommendation) -> bool {
        self.of(one)
            .is_some_and(|asked| matches!(asked.supply, Supply::Told(_)))
    }

    /// Says behind a recommendation's reasons what its seller said of how many there are.
    pub(super) fn tell(&self, one: &mut Recommendation) {
        let Some(asked) = self.of(one) else {
            return;
        };
        let seller = &one.seller;
        let said = match &asked.supply {
            Supply::Told(count) => format!(
                "Asked at {}, {seller} has {} of the {} impressions that this channel's budget would buy.",
                asked.at.format("%Y-%m-%d %H:%M UTC"),
                count.min(&asked.most),
                asked.most,
            ),
            Supply::NotOffered => {
                format!("{seller} offers no avails: nobody could ask how many are left.")
            }
            Supply::Unsaid(why) => {
                format!("{seller} was asked how many are left and did not say: {why}.")
            }
        };
        one.rationale = format!("{} {said}", one.rationale);
    }
}

impl Sellers {
    /// Asks for what nobody has asked yet of what would be recommended; whether anything was
    /// learned that may change it.
    pub(super) async fn ask_supplies(
        &self,
        tenant: &TenantId,
        (brief, allocation, now): (&Brief, &ChannelAllocation, Instant),
        found: &[Recommendation],
        known: &mut Supplies,
    ) -> bool {
        let mut open: HashMap<&SellerId, Vec<(ProductId, u64)>> = HashMap::new();
        for one in found.iter().filter(|one| known.of(one).is_none()) {
            if self.outside(tenant, &one.seller).is_some() {
                let most = allocation.budget.buys_at(one.cpm).max(one.impressions);
                let products = open.entry(&one.seller).or_default();
                products.push((one.product_id.clone(), most));
            }
        }
        let each = open.into_iter().filter_map(|(id, products)| {
            let seller = self.outside(tenant, id)?;
            Some(async move {
                let mut told = seller.supply(brief.flight, &products, now).await;
                let of = products.into_iter().filter_map(move |(product, most)| {
                    let supply = told.remove(&product)?;
                    let asked = Asked {
                        most,
                        supply,
                        at: now,
                    };
                    Some(((id.clone(), product), asked))
                });
                of.collect::<Vec<_>>()
            })
        });
        let told: Vec<_> = join_all(each).await.into_iter().flatten().collect();
        let learned = told
            .iter()
            .any(|(_, asked)| matches!(asked.supply, Supply::Told(_)));
        known.0.extend(told);
        learned
    }
}
