//! How what buyers' agents left with us stands in the object table: accounts, proposals that are
//! held, signals that are live.

use super::{
    batch::Facets,
    record::{Record, fold},
};
use crate::domain::adcp;

/// Joins what a search shall look through, folded to lower case.
fn searchable(parts: &[&str]) -> String {
    fold(&parts.join(" "))
}

impl Record for adcp::account::Account {
    const KIND: &'static str = "adcp_account";
    fn id(&self) -> String {
        self.account_id.clone()
    }
    fn facets(&self) -> Facets {
        let sandbox = format!("sandbox:{}", self.sandbox);
        Facets {
            parent: self.principal.clone(),
            state: self.status.name().into(),
            label: self.name.clone(),
            search: searchable(&[&self.name, &self.operator, &self.account_id, &sandbox]),
            ..Facets::default()
        }
    }
}

impl Record for adcp::proposal::KeptProposal {
    const KIND: &'static str = "adcp_proposal";
    fn id(&self) -> String {
        self.proposal.proposal_id.clone()
    }
    fn facets(&self) -> Facets {
        let committed = self.proposal.proposal_status == adcp::proposal::ProposalStatus::Committed;
        Facets {
            parent: self.principal.clone().unwrap_or_default(),
            state: if committed { "committed" } else { "draft" }.into(),
            label: self.proposal.name.clone(),
            search: searchable(&[&self.proposal.name, &self.proposal.proposal_id]),
            ..Facets::default()
        }
    }
}

impl Record for adcp::signal::Activation {
    const KIND: &'static str = "adcp_activation";
    fn id(&self) -> String {
        adcp::signal::Activation::id(self)
    }
    fn facets(&self) -> Facets {
        Facets {
            parent: self.principal.clone(),
            state: if self.is_live { "live" } else { "gone" }.into(),
            label: self.signal.clone(),
            search: searchable(&[&self.signal]),
            ..Facets::default()
        }
    }
}
