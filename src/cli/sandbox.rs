//! A tenant to play in, for those who try their agents on us: stocked from files that come with
//! the program. Refuses to be there unless the command line asks for it.

use crate::{
    domain::{
        adcp::proposal::Proposal, ids::TenantId, opendirect::product::Product,
        tenant::caller::Caller,
    },
    engine::{
        core::Core, discovery::proposals::PutProposal, fault::Fault, question,
        seller::products::stock::stock,
    },
};

/// Guaranteed orders from here on wait for a person in a sandbox too, in units of their currency.
pub const SIGN_OFF_FROM: u32 = 50_000;

/// Its name.
const TENANT: &str = "sandbox";
/// What it sells.
const PRODUCTS: &str = include_str!("../../assets/sandbox/catalogue.json");
/// What it proposes.
const PROPOSALS: &str = include_str!("../../assets/sandbox/proposals.json");

/// The tenant.
pub fn tenant() -> Result<TenantId, Fault> {
    TENANT.parse().map_err(Fault::broken)
}

/// Puts what it sells on its shelf, if that is empty.
pub async fn fill(core: &Core) -> Result<(), Fault> {
    let tenant = tenant()?;
    let products: Vec<Product> = question::read_any(PRODUCTS.as_bytes())?;
    let proposals: Vec<Proposal> = question::read_any(PROPOSALS.as_bytes())?;
    if stock(core, &tenant, products).await? > 0 {
        for proposal in proposals {
            let engine = Caller::engine(tenant.clone());
            core.ask(&engine, PutProposal(proposal)).await?;
        }
    }
    Ok(())
}
