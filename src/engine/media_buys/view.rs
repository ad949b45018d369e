//! What is told of a media buy: all but its secrets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    domain::{
        booking::upstream::differ::Disagreement,
        media_buy::{
            action::guaranteed, ad_order::AdOrder, approval::Approval, artifacts::Wish,
            buy::MediaBuy, change::BuyChange, item_type::ItemType,
        },
        money::Money,
        when::Instant,
    },
    store::record::Stored,
};

/// A media buy as it is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BuyView {
    /// The buy, without secrets.
    pub buy: MediaBuy,
    /// What its packages may cost together.
    pub total: Money,
    /// The types in it that somebody has to agree to.
    pub guaranteed: Vec<ItemType>,
    /// What its buyer may do with it now.
    pub valid_actions: Vec<String>,
    /// The revision to pin a decision to.
    pub seen: i64,
    /// When it was ordered.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// Where what was asked and what is shown are not the same, where it lives in another
    /// company's system.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disagreements: Vec<Disagreement>,
    /// Where it is in the tenant's own ad server, where it is to be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ad_order: Option<Box<AdOrder>>,
    /// Whether what it is shown beside is sent to its `artifact_webhook`.
    #[serde(default, skip_serializing_if = "is_not")]
    pub tells_artifacts: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_not(truth: &bool) -> bool {
    !truth
}

impl BuyView {
    /// Tells a buy.
    #[must_use]
    pub fn new(mut buy: MediaBuy, seen: i64, created_at: Instant, updated_at: Instant) -> Self {
        hush(&mut buy);
        Self {
            total: buy.total().unwrap_or(Money::zero(buy.currency)),
            guaranteed: guaranteed(buy.item_types()),
            disagreements: buy
                .upstream
                .as_ref()
                .map(|known| known.disagreements())
                .unwrap_or_default(),
            valid_actions: buy
                .status
                .valid_actions()
                .iter()
                .map(|&one| one.to_owned())
                .collect(),
            ad_order: None,
            tells_artifacts: false,
            buy,
            seen,
            created_at,
            updated_at,
        }
    }

    /// What becomes of its `artifact_webhook`, in a sentence; nothing where it has none.
    #[must_use]
    pub fn artifacts(&self) -> Option<String> {
        let said = self.buy.particulars.artifact_webhook.as_ref()?;
        let wish = Wish::read(said).filter(|_| self.tells_artifacts);
        Some(match wish {
            Some(wish) => format!(
                "what it is shown beside is sent to its buyer {}",
                wish.word()
            ),
            None => "artifact_webhook is kept and not called".to_owned(),
        })
    }

    /// Tells a buy as it is stored.
    #[must_use]
    pub fn of(stored: Stored<MediaBuy>) -> Self {
        let (seen, created, updated) = (stored.revision, stored.created_at, stored.updated_at);
        Self::new(stored.record, seen, created, updated)
    }
}

/// What came of an order or a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ordered {
    /// The buy as it is now.
    pub buy: BuyView,
    /// The question to the publisher, where somebody has to agree first.
    pub approval: Option<Approval>,
    /// The packages that are different now.
    pub affected: Vec<crate::domain::ids::PackageId>,
}

/// Takes secrets out: bank accounts, tokens, credentials.
fn hush(buy: &mut MediaBuy) {
    let said = &mut buy.particulars;
    if let Some(invoice) = &mut said.invoice_recipient {
        invoice.remove("bank");
    }
    let hooks = [
        &mut said.push_notification_config,
        &mut said.reporting_webhook,
        &mut said.artifact_webhook,
    ];
    hooks.into_iter().flatten().for_each(hush_hook);
}

/// Takes secrets out of a change that was asked for.
pub(super) fn hush_change(change: &mut BuyChange) {
    if let Some(invoice) = &mut change.invoice_recipient {
        invoice.remove("bank");
    }
    let hooks = [
        &mut change.push_notification_config,
        &mut change.reporting_webhook,
    ];
    hooks.into_iter().flatten().for_each(hush_hook);
}

fn hush_hook(hook: &mut Map<String, Value>) {
    hook.remove("token");
    if let Some(Value::Object(authentication)) = hook.get_mut("authentication") {
        authentication.remove("credentials");
    }
}
