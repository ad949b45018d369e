//! What is kept of a tenant beside its name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    ids::TenantId,
    money::{Currency, Money},
};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// Its short name.
    pub id: TenantId,
    /// The most that may be committed in all, one amount for each currency; a currency
    /// that is not named has no limit.
    #[serde(default)]
    pub limits: Vec<Money>,
}

impl Profile {
    /// A tenant without limits.
    #[must_use]
    pub fn new(id: TenantId) -> Self {
        Self {
            id,
            limits: Vec::new(),
        }
    }

    /// The limit in a currency, if there is one.
    #[must_use]
    pub fn limit(&self, currency: Currency) -> Option<Money> {
        self.limits
            .iter()
            .copied()
            .find(|limit| limit.currency() == currency)
    }

    /// Sets the limit in the amount's currency.
    pub fn set_limit(&mut self, limit: Money) {
        self.limits.retain(|one| one.currency() != limit.currency());
        self.limits.push(limit);
    }
}
