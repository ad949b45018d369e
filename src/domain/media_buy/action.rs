//! The ten actions on an order and the guards before them. Says no in the sentences that
//! its callers know; decides nothing about what comes after.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{item_type::ItemType, status::BuyStatus};

/// What can be asked of an order, as one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderVerb {
    /// Stop the whole campaign for a while.
    PauseMediaBuy,
    /// Let the whole campaign go on.
    ResumeMediaBuy,
    /// Stop one package for a while.
    PausePackage,
    /// Let one package go on.
    ResumePackage,
    /// Give one package another budget.
    UpdatePackageBudget,
    /// Give one package another goal.
    UpdatePackageImpressions,
    /// Start an order that nobody has to agree to.
    ActivateOrder,
    /// Ask an admin to agree to an order.
    SubmitForApproval,
    /// Agree to an order, as an admin.
    ApproveOrder,
    /// Put an order away that is over.
    ArchiveOrder,
}

impl OrderVerb {
    /// All of them, as they are listed.
    pub const ALL: [Self; 10] = [
        Self::PauseMediaBuy,
        Self::ResumeMediaBuy,
        Self::PausePackage,
        Self::ResumePackage,
        Self::UpdatePackageBudget,
        Self::UpdatePackageImpressions,
        Self::ActivateOrder,
        Self::SubmitForApproval,
        Self::ApproveOrder,
        Self::ArchiveOrder,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PauseMediaBuy => "pause_media_buy",
            Self::ResumeMediaBuy => "resume_media_buy",
            Self::PausePackage => "pause_package",
            Self::ResumePackage => "resume_package",
            Self::UpdatePackageBudget => "update_package_budget",
            Self::UpdatePackageImpressions => "update_package_impressions",
            Self::ActivateOrder => "activate_order",
            Self::SubmitForApproval => "submit_for_approval",
            Self::ApproveOrder => "approve_order",
            Self::ArchiveOrder => "archive_order",
        }
    }

    /// Whether it moves the order itself on, and changes nothing of what is bought.
    #[must_use]
    pub fn is_of_the_order(self) -> bool {
        matches!(
            self,
            Self::ActivateOrder | Self::SubmitForApproval | Self::ApproveOrder | Self::ArchiveOrder
        )
    }

    /// Whether it is about one package.
    #[must_use]
    pub fn is_about_a_package(self) -> bool {
        matches!(
            self,
            Self::PausePackage
                | Self::ResumePackage
                | Self::UpdatePackageBudget
                | Self::UpdatePackageImpressions
        )
    }
}

impl fmt::Display for OrderVerb {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// No action on an order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Action '{0}' not supported. Supported actions: [{all}]", all = quoted(OrderVerb::ALL.map(OrderVerb::name)))]
pub struct UnknownVerb(pub String);

impl FromStr for OrderVerb {
    type Err = UnknownVerb;

    fn from_str(text: &str) -> Result<Self, UnknownVerb> {
        Self::ALL
            .into_iter()
            .find(|one| one.name() == text)
            .ok_or_else(|| UnknownVerb(text.to_owned()))
    }
}

fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("'{name}'")).collect();
    quoted.join(", ")
}

/// Why an order's guard says no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Guarded {
    /// Its delivery is promised: a person has to agree.
    #[error(
        "Cannot auto-activate order with guaranteed line items ([{}]). Use submit_for_approval instead.",
        quoted(.0.iter().map(|one| one.name()))
    )]
    Guaranteed(Vec<ItemType>),
    /// Nobody has to agree to it.
    #[error("Order has no guaranteed line items. Use activate_order instead.")]
    NotGuaranteed,
    /// Only admins agree to orders.
    #[error("Only admin users can approve orders")]
    NotAdmin,
    /// It is not there to be agreed to.
    #[error(
        "Order status is '{}'. Can only approve orders in PENDING_APPROVAL or DRAFT status",
        .0.order_name()
    )]
    NotToApprove(BuyStatus),
    /// It is past being submitted.
    #[error("Order status is '{}'. Can only submit orders in DRAFT status", .0.order_name())]
    NotToSubmit(BuyStatus),
    /// It is past being activated.
    #[error("Order status is '{}'. Can only activate orders in DRAFT status", .0.order_name())]
    NotToActivate(BuyStatus),
    /// It is not over.
    #[error(
        "Order status is '{}'. Can only archive DELIVERED, COMPLETED, CANCELLED, or PAUSED orders",
        .0.order_name()
    )]
    NotToArchive(BuyStatus),
    /// There is nothing to decide on.
    #[error("nobody asks for anything: the media buy is {0}")]
    NothingAsked(BuyStatus),
}

impl Guarded {
    /// What to do instead, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Guaranteed(_) => Some("ask for submit_for_approval"),
            Self::NotGuaranteed => Some("ask for activate_order"),
            Self::NotAdmin => Some("ask an admin of the publisher"),
            Self::NotToArchive(_) => Some("pause or cancel it first"),
            _ => None,
        }
    }
}

/// The guaranteed types among an order's items, each once.
#[must_use]
pub fn guaranteed(items: impl IntoIterator<Item = ItemType>) -> Vec<ItemType> {
    let mut all: Vec<_> = items
        .into_iter()
        .filter(|one| one.is_guaranteed())
        .collect();
    all.sort_by_key(|one| one.name());
    all.dedup();
    all
}

/// Whether an order may start without anybody agreeing.
///
/// # Errors
/// When something in it is guaranteed, or it is past that.
pub fn may_activate(items: &[ItemType], status: BuyStatus) -> Result<(), Guarded> {
    let promised = guaranteed(items.iter().copied());
    match status {
        _ if !promised.is_empty() => Err(Guarded::Guaranteed(promised)),
        BuyStatus::Paused | BuyStatus::Completed | BuyStatus::Rejected | BuyStatus::Canceled => {
            Err(Guarded::NotToActivate(status))
        }
        // Asked again, it is what was asked for.
        _ => Ok(()),
    }
}

/// Whether an order may be laid before an admin.
///
/// # Errors
/// When nobody has to agree to it, or somebody has.
pub fn may_submit(items: &[ItemType], status: BuyStatus) -> Result<(), Guarded> {
    match status {
        _ if guaranteed(items.iter().copied()).is_empty() => Err(Guarded::NotGuaranteed),
        BuyStatus::Draft | BuyStatus::AwaitingApproval => Ok(()),
        status => Err(Guarded::NotToSubmit(status)),
    }
}

/// Whether somebody may agree to an order.
///
/// # Errors
/// When they are no admin, or the order does not wait for it.
pub fn may_approve(is_admin: bool, status: BuyStatus) -> Result<(), Guarded> {
    match status {
        _ if !is_admin => Err(Guarded::NotAdmin),
        BuyStatus::Draft | BuyStatus::AwaitingApproval => Ok(()),
        status => Err(Guarded::NotToApprove(status)),
    }
}

/// Whether an order may be put away.
///
/// # Errors
/// When it is not over.
pub fn may_archive(status: BuyStatus) -> Result<(), Guarded> {
    match status {
        BuyStatus::Completed | BuyStatus::Canceled | BuyStatus::Paused => Ok(()),
        status => Err(Guarded::NotToArchive(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_promised_does_not_start_by_itself() {
        let both = [ItemType::House, ItemType::Standard, ItemType::Standard];
        let no = may_activate(&both, BuyStatus::Draft).expect_err("refused");
        assert_eq!(
            no.to_string(),
            "Cannot auto-activate order with guaranteed line items (['STANDARD']). \
             Use submit_for_approval instead."
        );
        for free in [
            ItemType::Network,
            ItemType::Bulk,
            ItemType::PricePriority,
            ItemType::House,
        ] {
            assert_eq!(may_activate(&[free], BuyStatus::Draft), Ok(()));
            assert_eq!(
                may_submit(&[free], BuyStatus::Draft),
                Err(Guarded::NotGuaranteed)
            );
        }
    }

    #[test]
    fn only_admins_approve_and_only_what_waits() {
        let no = may_approve(false, BuyStatus::AwaitingApproval).expect_err("refused");
        assert_eq!(no.to_string(), "Only admin users can approve orders");
        assert_eq!(may_approve(true, BuyStatus::Draft), Ok(()));
        let no = may_approve(true, BuyStatus::Active).expect_err("refused");
        assert_eq!(
            no.to_string(),
            "Order status is 'DELIVERING'. Can only approve orders in PENDING_APPROVAL or DRAFT status"
        );
    }

    #[test]
    fn only_what_is_over_is_put_away() {
        let may: Vec<_> = BuyStatus::ALL
            .into_iter()
            .filter(|status| may_archive(*status).is_ok())
            .map(BuyStatus::order_name)
            .collect();
        assert_eq!(may, ["PAUSED", "COMPLETED", "CANCELLED"]);
        let no = may_archive(BuyStatus::Active).expect_err("refused");
        assert_eq!(
            no.to_string(),
            "Order status is 'DELIVERING'. Can only archive DELIVERED, COMPLETED, CANCELLED, or PAUSED orders"
        );
    }

    #[test]
    fn an_unknown_action_is_told_the_known_ones() {
        let no = "explode".parse::<OrderVerb>().expect_err("unknown");
        assert!(no.to_string().starts_with(
            "Action 'explode' not supported. Supported actions: ['pause_media_buy', 'resume_media_buy',"
        ));
        for verb in OrderVerb::ALL {
            assert_eq!(verb.name().parse(), Ok(verb));
        }
    }
}
