//! Changes what was found before, one wish at a time, and says of each what became of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{found::Found, proposals, shelf::Shelf};
use crate::{
    domain::adcp::{
        proposal::Proposal,
        search::{Hit, order},
    },
    engine::{fault::Fault, work::Work},
};

/// How many products like another are shown.
const LIKE_IT: usize = 10;

/// What shall happen to a product.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfProduct {
    /// Shown again.
    #[default]
    Include,
    /// Left out.
    Omit,
    /// Shown with others like it.
    MoreLikeThis,
}

/// What shall happen to a proposal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfProposal {
    /// Shown again.
    #[default]
    Include,
    /// Left out.
    Omit,
    /// Held, at firm prices.
    Finalize,
}

/// A wish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum Refinement {
    /// About all of it.
    Request {
        /// In everyday words.
        ask: String,
    },
    /// About a product.
    Product {
        /// Which.
        product_id: String,
        /// What shall happen to it.
        #[serde(default)]
        action: OfProduct,
        /// In everyday words.
        #[serde(default)]
        ask: Option<String>,
    },
    /// About a proposal.
    Proposal {
        /// Which.
        proposal_id: String,
        /// What shall happen to it.
        #[serde(default)]
        action: OfProposal,
        /// In everyday words.
        #[serde(default)]
        ask: Option<String>,
    },
}

/// What became of a wish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Applied {
    /// `request`, `product` or `proposal`.
    pub scope: String,
    /// Of which product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// Of which proposal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal_id: Option<String>,
    /// `applied`, `partial` or `unable`.
    pub status: String,
    /// Why, or how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl Applied {
    fn new(scope: &str, status: &str, notes: Option<&str>) -> Self {
        Self {
            scope: scope.to_owned(),
            product_id: None,
            proposal_id: None,
            status: status.to_owned(),
            notes: notes.map(str::to_owned),
        }
    }
}

/// What there is after all wishes.
pub(super) struct Refined {
    pub found: Found,
    pub proposals: Vec<Proposal>,
    pub applied: Vec<Applied>,
}

/// Grants what can be granted.
pub(super) async fn refined(
    work: &Work<'_>,
    shelf: &Shelf,
    wishes: &[Refinement],
) -> Result<Refined, Fault> {
    let mut found = Found::default();
    let mut omitted = Vec::new();
    let mut proposals = Vec::new();
    let mut applied = Vec::new();
    let words = wishes.iter().filter_map(|wish| match wish {
        Refinement::Request { ask } => Some(ask.as_str()),
        _ => None,
    });
    let words = words.collect::<Vec<_>>().join(". ");
    for wish in wishes {
        applied.push(match wish {
            Refinement::Request { .. } => of_request(shelf, &words, &mut found),
            Refinement::Product {
                product_id,
                action,
                ask,
            } => {
                let at = shelf.place(product_id);
                if *action == OfProduct::Omit {
                    omitted.extend(at);
                }
                let told = of_product(shelf, at, *action, ask.as_deref(), &mut found);
                Applied {
                    product_id: Some(product_id.clone()),
                    ..told
                }
            }
            Refinement::Proposal {
                proposal_id,
                action,
                ask,
            } => {
                let kept = proposals::look(work, proposal_id).await?;
                let told = of_proposal(shelf, kept.as_ref(), *action, ask.as_deref(), &mut found);
                proposals.extend(kept.filter(|_| *action != OfProposal::Omit));
                Applied {
                    proposal_id: Some(proposal_id.clone()),
                    ..told
                }
            }
        });
    }
    found.hits.retain(|hit| !omitted.contains(&hit.at));
    if proposals.is_empty() && !words.is_empty() {
        proposals.extend(proposals::draft(work, shelf, &mut found)?);
    }
    Ok(Refined {
        found,
        proposals,
        applied,
    })
}

fn of_request(shelf: &Shelf, words: &str, found: &mut Found) -> Applied {
    let named = Found::for_words(shelf, words);
    let understood = !named.hits.is_empty();
    if understood {
        found.join(named);

        Applied::new("request", "applied", None)
    } else {
        found.join(Found::everything(shelf));
        let notes = "nothing that is sold here is named; everything is shown";
        Applied::new("request", "partial", Some(notes))
    }
}

fn of_product(
    shelf: &Shelf,
    at: Option<usize>,
    action: OfProduct,
    ask: Option<&str>,
    found: &mut Found,
) -> Applied {
    let Some(at) = at else {
        return Applied::new("product", "unable", Some("there is no such product"));
    };
    if action == OfProduct::Omit {
        return Applied::new("product", "applied", None);
    }
    // The first is what was asked for by its name.
    let asked_for = Hit { at, score: 1_000.0 };
    found.take(asked_for, "Asked for by its name".to_owned());
    if action == OfProduct::MoreLikeThis {
        let product = &shelf.products[at];
        let interests = product.targeting.get("interests");
        let like = [
            product.name.as_str(),
            &product.format,
            product.channel.name(),
            &interests.map(|all| all.join(" ")).unwrap_or_default(),
            ask.unwrap_or_default(),
        ];
        let mut alike = Found::for_words(shelf, &like.join(" "));
        order(&mut alike.hits, LIKE_IT);
        for hit in alike.hits.iter().take(LIKE_IT) {
            if !found.holds(hit.at) {
                found.take(*hit, alike.why(shelf, hit.at));
            }
        }
        return Applied::new("product", "applied", None);
    }
    if ask.is_none() {
        return Applied::new("product", "applied", None);
    }
    let notes = "products are sold as they stand; the product is shown as it is now";
    Applied::new("product", "partial", Some(notes))
}

fn of_proposal(
    shelf: &Shelf,
    kept: Option<&Proposal>,
    action: OfProposal,
    ask: Option<&str>,
    found: &mut Found,
) -> Applied {
    let Some(proposal) = kept else {
        return Applied::new("proposal", "unable", Some("there is no such proposal"));
    };
    if action == OfProposal::Omit {
        return Applied::new("proposal", "applied", None);
    }
    for part in &proposal.allocations {
        if let Some(at) = shelf.place(&part.product_id)
            && !found.holds(at)
        {
            let why = format!("Part of the proposal {}", proposal.name);
            found.take(Hit { at, score: 100.0 }, why);
        }
    }
    match (action, ask) {
        (OfProposal::Include, Some(_)) => {
            let notes = "the proposal is shown as it stands; send a brief for another one";
            Applied::new("proposal", "partial", Some(notes))
        }
        _ => Applied::new("proposal", "applied", None),
    }
}
