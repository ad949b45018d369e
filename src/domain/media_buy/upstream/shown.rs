//! What a sales agent shows of media buys, once it is read: its own words, exact money, instants
//! in UTC. What it leaves out stays empty; nothing is worked out here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    media_buy::terms::Spread,
    money::{Currency, Money},
    when::Instant,
};

/// A media buy as it is shown there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShownBuy {
    /// Its id.
    pub id: String,
    /// Its status, in that side's word.
    pub status: String,
    /// What it is called, where that is shown.
    pub name: Option<String>,
    /// The number that its buyer's books know it under.
    pub po_number: Option<String>,
    /// What it is paid in.
    pub currency: Currency,
    /// What all of it may cost.
    pub total: Option<Money>,
    /// When it begins.
    pub start: Option<Instant>,
    /// When it is over.
    pub end: Option<Instant>,
    /// When it was ordered.
    pub created_at: Option<Instant>,
    /// Why it was turned down or called off.
    pub reason: Option<String>,
    /// Its packages, in their order there.
    pub packages: Vec<ShownPackage>,
}

/// A package as it is shown there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShownPackage {
    /// Its id.
    pub id: String,
    /// The product.
    pub product_id: String,
    /// Whether it is stopped.
    pub paused: Option<bool>,
    /// Whether it was called off.
    pub canceled: bool,
    /// For how much.
    pub budget: Option<Money>,
    /// How many impressions were asked for.
    pub impressions: Option<u64>,
    /// What a thousand impressions cost.
    pub cpm: Option<Money>,
    /// When it begins.
    pub start: Option<Instant>,
    /// When it is over.
    pub end: Option<Instant>,
    /// How it is spread.
    pub spread: Option<Spread>,
    /// What it shows.
    #[serde(default)]
    pub creatives: Vec<String>,
    /// By which of its product's prices it is sold, where that is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option: Option<String>,
    /// How its price is meant, in that side's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether its delivery is promised, as its product says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guaranteed: Option<bool>,
}

/// How a product is sold there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShownProduct {
    /// Its id.
    pub id: String,
    /// Whether delivery is promised, where that is said.
    pub guaranteed: Option<bool>,
    /// Its prices.
    pub options: Vec<ShownPrice>,
}

/// A price of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShownPrice {
    /// By which name it is known.
    pub id: Option<String>,
    /// How it is meant, in that side's word.
    pub model: String,
    /// How much it is, where it is not bid for.
    pub fixed: Option<Money>,
}

impl ShownPackage {
    /// Fills in what only its product tells: whether delivery is promised, and its price where it
    /// is known which one that is.
    pub fn sold_as(&mut self, product: &ShownProduct) {
        self.guaranteed = product.guaranteed;
        let named = self.option.as_ref();
        let named = named.and_then(|id| {
            let mut own = product.options.iter();
            own.find(|option| option.id.as_ref() == Some(id))
        });
        let only = match &product.options[..] {
            [only] if self.option.is_none() => Some(only),
            _ => None,
        };
        let Some(option) = named.or(only) else {
            return;
        };
        self.model.get_or_insert_with(|| option.model.clone());
        if self.model.as_deref() == Some("cpm") {
            self.cpm = self.cpm.or(option.fixed);
        }
    }
}

/// What is counted there of a package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShownCount {
    /// Of which package.
    pub package_id: String,
    /// Until when it was counted; when it was told, where that is not said.
    pub as_of: Instant,
    /// Impressions shown.
    pub impressions: u64,
    /// Clicks on them, where they are counted.
    pub clicks: Option<u64>,
    /// What was spent.
    pub spent: Option<Money>,
    /// How it says itself that the package keeps up.
    pub index: Option<f64>,
}

/// What a media buy was ordered with, where only the task that ordered it tells.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ordered {
    /// When it begins.
    pub start: Option<Instant>,
    /// When it is over.
    pub end: Option<Instant>,
    /// The number that its buyer's books know it under.
    pub po_number: Option<String>,
    /// What its packages were ordered with, in their order.
    pub packages: Vec<ShownPackage>,
}

/// A media buy with what is counted of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ListedBuy {
    /// The buy.
    pub buy: ShownBuy,
    /// What is counted of its packages, where the list tells.
    pub counts: Vec<ShownCount>,
}

/// A question that waits for a person there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShownTask {
    /// Its id.
    pub id: String,
    /// What it belongs to, for the route on which it is decided.
    pub context_id: Option<String>,
    /// About which media buy.
    pub buy_id: String,
    /// Whether it is about a change, and not about the whole buy.
    pub change: bool,
    /// Since when it waits.
    pub created_at: Option<Instant>,
}

impl ShownBuy {
    /// A package by its id.
    #[must_use]
    pub fn package(&self, id: &str) -> Option<&ShownPackage> {
        self.packages.iter().find(|one| one.id == id)
    }

    /// Fills in what only the task that ordered it tells.
    pub fn complete(&mut self, ordered: &Ordered) {
        self.start = self.start.or(ordered.start);
        self.end = self.end.or(ordered.end);
        if self.po_number.is_none() {
            self.po_number.clone_from(&ordered.po_number);
        }
        let both = self.packages.iter_mut().zip(&ordered.packages);
        for (one, asked) in both.filter(|(one, asked)| one.product_id == asked.product_id) {
            one.cpm = one.cpm.or(asked.cpm);
            one.spread = one.spread.or(asked.spread);
            one.start = one.start.or(asked.start);
            one.end = one.end.or(asked.end);
        }
    }
}
