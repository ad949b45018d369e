//! Proposals: made for a brief without keeping anything, held when a buyer wants one. A draft's
//! name says what it holds and is signed by us, so that any node can read it back. Refuses
//! names that it did not sign.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{Duration, TimeZone as _, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use sha2::{Digest as _, Sha256};

use super::{
    found::Found,
    shelf::{Shelf, shelf},
};
use crate::{
    domain::{
        adcp::{
            error::Code,
            offer::{line_item_type, prices},
            proposal::{
                Allocation, InsertionOrder, KeptProposal, Proposal, ProposalStatus, spread,
            },
            search::order,
        },
        policy::Permission,
        when::Instant,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// How many products a proposal has at most.
const MOST: usize = 4;
/// For how many days a draft can be held.
const DRAFT_DAYS: i64 = 14;
/// For how many days a committed one can be bought.
const HELD_DAYS: i64 = 7;
/// How the names of drafts begin.
const PREFIX: &str = "prop_";
/// How many bytes of a product's digest stand in a name, and how many of the signature.
const DIGEST: usize = 6;
const SIGNATURE: usize = 8;

/// Makes a proposal of the best that was found; none where there is nothing.
pub(super) fn draft(
    work: &Work<'_>,
    shelf: &Shelf,
    found: &mut Found,
) -> Result<Option<Proposal>, Fault> {
    order(&mut found.hits, MOST);
    let best = &found.hits[..found.hits.len().min(MOST)];
    let weights: Vec<f32> = best.iter().map(|hit| hit.score.max(0.1)).collect();
    let parts: Vec<(usize, u32)> = best
        .iter()
        .map(|hit| hit.at)
        .zip(spread(&weights))
        .collect();
    if parts.is_empty() {
        return Ok(None);
    }
    let mut name = hour(work.now()).to_be_bytes().to_vec();
    for (at, part) in &parts {
        name.extend(digest(shelf.products[*at].id.as_str()));
        name.push(u8::try_from(*part).unwrap_or(100));
    }
    name.extend(signature(work, &name)?);
    let proposal_id = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(name));
    let mut proposal = drafted(shelf, proposal_id, &parts, work.now());
    proposal.brief_alignment = best.first().map(|hit| found.why(shelf, hit.at));
    Ok(Some(proposal))
}

fn drafted(shelf: &Shelf, proposal_id: String, parts: &[(usize, u32)], made: Instant) -> Proposal {
    let allocation = |(sequence, (at, part)): (u32, &(usize, u32))| {
        let product = &shelf.products[*at];
        Allocation {
            product_id: product.id.to_string(),
            allocation_percentage: *part,
            pricing_option_id: prices(product).first().map(|price| price.id.clone()),
            rationale: Some(format!("{} of {}", product.name, product.publisher)),
            sequence: Some(sequence),
        }
    };
    let first = parts
        .first()
        .map(|(at, _)| shelf.products[*at].name.clone());
    let name = match parts.len() {
        1 => first.unwrap_or_default(),
        n => format!("{} and {} more", first.unwrap_or_default(), n - 1),
    };
    Proposal {
        proposal_id,
        name,
        description: Some("The products that fit the brief best, by how well they fit.".into()),
        allocations: (1u32..).zip(parts).map(allocation).collect(),
        proposal_status: ProposalStatus::Draft,
        expires_at: Some(made + Duration::days(DRAFT_DAYS)),
        insertion_order: None,
        brief_alignment: None,
        total_budget_guidance: None,
    }
}

/// Looks for a proposal of the caller's: one that is kept, else a draft by its name.
///
/// # Errors
/// When the store cannot be read.
pub async fn look(work: &Work<'_>, proposal_id: &str) -> Result<Option<Proposal>, Fault> {
    if let Some(kept) = work.get::<KeptProposal>(proposal_id).await? {
        let KeptProposal {
            principal,
            proposal,
        } = kept.record;
        let ours = principal.is_none_or(|name| name == work.caller().name);
        return Ok(ours.then_some(proposal));
    }
    read_back(work, proposal_id).await
}

/// Finds a proposal that can be bought now.
///
/// # Errors
/// When there is none, it was never held, or its time is over.
pub async fn find_committed(work: &Work<'_>, proposal_id: &str) -> Result<Proposal, Fault> {
    let found = look(work, proposal_id).await?;
    let proposal = found.ok_or_else(absent)?;
    fresh(work, &proposal)?;
    match proposal.proposal_status {
        ProposalStatus::Committed => Ok(proposal),
        ProposalStatus::Draft => {
            let message = "this proposal is a draft";
            Err(Fault::adcp(Code::ProposalNotCommitted, message).with("field", "proposal_id"))
        }
    }
}

fn absent() -> Fault {
    Fault::adcp(Code::ReferenceNotFound, "there is no such proposal").with("field", "proposal_id")
}

fn fresh(work: &Work<'_>, proposal: &Proposal) -> Result<(), Fault> {
    if proposal.expires_at.is_none_or(|at| work.now() < at) {
        return Ok(());
    }
    let message = "the time of this proposal is over";
    Err(Fault::adcp(Code::ProposalExpired, message).with("field", "proposal_id"))
}

/// Reads what a draft's name says.
async fn read_back(work: &Work<'_>, proposal_id: &str) -> Result<Option<Proposal>, Fault> {
    let name = proposal_id
        .strip_prefix(PREFIX)
        .and_then(|name| BASE64_URL_SAFE_NO_PAD.decode(name).ok());
    let Some((name, signed)) = name
        .as_deref()
        .and_then(|name| name.split_at_checked(name.len().checked_sub(SIGNATURE)?))
    else {
        return Ok(None);
    };
    if signature(work, name)? != signed {
        return Ok(None);
    }
    let Some((made, rest)) = name.split_first_chunk::<4>() else {
        return Ok(None);
    };
    let shelf = shelf(work).await?;
    let mut parts = Vec::new();
    for part in rest.chunks_exact(DIGEST + 1) {
        let (wanted, part) = part.split_at(DIGEST);
        let mut products = shelf.products.iter();
        // What is no longer sold is left out: whoever finalizes is told.
        if let Some(at) = products.position(|it| digest(it.id.as_str()) == wanted) {
            parts.push((at, u32::from(part[0])));
        }
    }
    let made = Utc.timestamp_opt(i64::from(u32::from_be_bytes(*made)) * 3600, 0);
    let made = made.single().unwrap_or_else(|| work.now());
    Ok(Some(drafted(&shelf, proposal_id.to_owned(), &parts, made)))
}

fn hour(at: Instant) -> u32 {
    u32::try_from(at.timestamp() / 3600).unwrap_or(0)
}

fn digest(product_id: &str) -> Vec<u8> {
    Sha256::digest(product_id)[..DIGEST].to_vec()
}

fn signature(work: &Work<'_>, name: &[u8]) -> Result<Vec<u8>, Fault> {
    let what = format!("proposal {} {}", work.caller().name, hex::encode(name));
    let signed = work.desk().secret.name(work.tenant(), &what);
    let signed = signed.and_then(|signed| hex::decode(signed).ok());
    let signed = signed.ok_or_else(|| Fault::broken("a proposal could not be signed"))?;
    Ok(signed[..SIGNATURE].to_vec())
}

/// Holds a proposal at firm prices.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FinalizeProposal {
    /// Which.
    pub proposal_id: String,
}

impl Operation for FinalizeProposal {
    const NAME: &'static str = "adcp.finalize_proposal";
    const ABOUT: &'static str = "Hold a proposal at firm prices, so that it can be bought.";
    const KIND: Kind = Kind::Command(Permission::TradeBuys);
    type Output = Proposal;

    async fn perform(self, work: &mut Work<'_>) -> Result<Proposal, Fault> {
        work.about("adcp_proposal");
        let was = work.get::<KeptProposal>(&self.proposal_id).await?;
        let proposal = look(work, &self.proposal_id).await?.ok_or_else(absent)?;
        fresh(work, &proposal)?;
        if proposal.proposal_status == ProposalStatus::Committed {
            return Ok(proposal);
        }
        let shelf = shelf(work).await?;
        let whole: u32 = proposal
            .allocations
            .iter()
            .map(|it| it.allocation_percentage)
            .sum();
        let sold = |part: &Allocation| shelf.place(&part.product_id).is_some();
        if whole != 100 || !proposal.allocations.iter().all(sold) {
            let message = "a product of this proposal is no longer sold";
            return Err(Fault::adcp(Code::ProductUnavailable, message));
        }
        let committed = commit(work, &shelf, proposal);
        let kept = KeptProposal {
            principal: Some(work.caller().name.clone()),
            proposal: committed.clone(),
        };
        match &was {
            Some(was) => work.replace(was, &kept)?,
            None => work.create(&kept)?,
        }
        let detail = format!("{} is held", committed.name);
        work.tell(
            "proposals.held",
            "adcp_proposal",
            &committed.proposal_id,
            detail,
        );
        Ok(committed)
    }
}

/// Puts a proposal on the shelf for everybody of the tenant.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PutProposal(pub Proposal);

impl Operation for PutProposal {
    const NAME: &'static str = "adcp.put_proposal";
    const ABOUT: &'static str = "Put a proposal on the shelf for every buyer's agent.";
    const KIND: Kind = Kind::Command(Permission::WriteCatalogue);
    type Output = Proposal;

    async fn perform(self, work: &mut Work<'_>) -> Result<Proposal, Fault> {
        work.about("adcp_proposal");
        let kept = KeptProposal {
            principal: None,
            proposal: self.0.clone(),
        };
        match work.get::<KeptProposal>(&self.0.proposal_id).await? {
            Some(was) if was.record.principal.is_some() => {
                let message = "somebody holds a proposal of that name";
                return Err(Fault::adcp(Code::InvalidState, message));
            }
            Some(was) => work.replace(&was, &kept)?,
            None => work.create(&kept)?,
        }
        Ok(self.0)
    }
}

fn commit(work: &Work<'_>, shelf: &Shelf, draft: Proposal) -> Proposal {
    let expires = work.now() + Duration::days(HELD_DAYS);
    let promised = |part: &Allocation| {
        let at = shelf.place(&part.product_id);
        at.is_some_and(|at| line_item_type(&shelf.products[at]).is_guaranteed())
    };
    let guaranteed = draft.allocations.iter().any(promised);
    let terms = Map::from_iter([
        ("payment_terms".to_owned(), json!("net_30")),
        (
            "delivery".to_owned(),
            json!(if guaranteed {
                "guaranteed"
            } else {
                "non_guaranteed"
            }),
        ),
    ]);
    Proposal {
        proposal_status: ProposalStatus::Committed,
        expires_at: Some(expires),
        insertion_order: Some(InsertionOrder {
            io_id: format!(
                "io_{}",
                &hex::encode(Sha256::digest(&draft.proposal_id))[..16]
            ),
            requires_signature: false,
            terms,
        }),
        ..draft
    }
}
