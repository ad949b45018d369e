//! Finds what an agent could buy: for a brief, the whole shelf, or step by step. Says of each
//! product why it was found, and of a brief how its money would best be spread. Sells nothing
//! and writes nothing.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    found::Found,
    proposals::draft,
    refine::{Applied, Refinement, refined},
    shelf::{Shelf, shelf},
    shown::Shown,
};
use crate::{
    domain::{
        adcp::{
            account::{AccountRef, Brand},
            error::Code,
            page::{CacheScope, Paged, Paging},
            product::{Object, channels, older},
            proposal::Proposal,
            search::{Hit, order},
            wanted::ProductFilters,
        },
        policy::Permission,
        problem::{self, Problem},
    },
    engine::{
        accounts,
        fault::Fault,
        operation::{Kind, Operation},
        paging,
        work::Work,
    },
};

/// The longest brief, in bytes.
const LONGEST_BRIEF: usize = 20_000;

/// How products are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuyingMode {
    /// For a brief in everyday words.
    Brief,
    /// Everything that passes the filters.
    Wholesale,
    /// What was found before, changed.
    Refine,
}

/// Finds products.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GetProducts {
    /// How: for a brief, the whole shelf, or step by step. Where it is not said, a brief makes
    /// it a brief, and entries are in the older shape too.
    pub buying_mode: Option<BuyingMode>,
    /// What is wanted, in everyday words.
    pub brief: Option<String>,
    /// What shall be different from the answer before, entry by entry.
    pub refine: Option<Vec<Refinement>>,
    /// Only of this channel or format: the older way to filter.
    pub category: Option<String>,
    /// For which brand.
    pub brand: Option<Brand>,
    /// For which account.
    pub account: Option<AccountRef>,
    /// Only those that pass.
    pub filters: ProductFilters,
    /// Only these fields of each product.
    pub fields: Option<Vec<String>>,
    /// Only on these properties; not looked at here.
    pub property_list: Option<Value>,
    /// For these things of the buyer's; not looked at here.
    pub catalog: Option<Value>,
    /// Which page.
    pub pagination: Paging,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FoundProducts {
    /// The products, the best first.
    pub products: Vec<Shown>,
    /// How the money would best be spread.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proposals: Vec<Proposal>,
    /// What became of each change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refinement_applied: Option<Vec<Applied>>,
    /// Whether the list of properties was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property_list_applied: Option<bool>,
    /// Whether the buyer's things were looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalog_applied: Option<bool>,
    /// Which page it is.
    pub pagination: Paged,
    /// For whom it holds.
    #[serde(default)]
    pub cache_scope: CacheScope,
    /// Whether it is all make-believe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<bool>,
}

impl FoundProducts {
    /// Writes it down as JSON, each product as it was written once for everybody.
    ///
    /// # Errors
    /// When something else cannot be written.
    pub fn write(mut self) -> serde_json::Result<String> {
        const NONE: &str = r#"{"products":["#;
        let products = std::mem::take(&mut self.products);
        let beside = serde_json::to_string(&self)?;
        let size: usize = products.iter().map(|one| one.size() + 1).sum();
        let mut written = String::with_capacity(size + beside.len());
        written.push_str(NONE);
        for (at, product) in products.iter().enumerate() {
            if at > 0 {
                written.push(',');
            }
            product.write(&mut written);
        }
        written.push_str(beside.strip_prefix(NONE).unwrap_or("]}"));
        Ok(written)
    }
}

impl Operation for GetProducts {
    const NAME: &'static str = "adcp.get_products";
    const ABOUT: &'static str = "Find products for a buyer's brief, and say why each was found.";
    const KIND: Kind = Kind::Query(Permission::ReadCatalogue);
    type Output = FoundProducts;

    async fn perform(self, work: &mut Work<'_>) -> Result<FoundProducts, Fault> {
        let mode = self.mode()?;
        paging::size(&self.pagination)?;
        let sandbox = match &self.account {
            Some(account) => self.is_sandbox(work, account).await?,
            None => None,
        };
        let shelf = shelf(work).await?;
        let mut proposals = Vec::new();
        let mut applied = None;
        let mut found = match mode {
            BuyingMode::Wholesale => Found::everything(&shelf),
            BuyingMode::Brief => {
                let brief = self.brief.as_deref().unwrap_or_default();
                Found::for_brief(&shelf, brief)
            }
            BuyingMode::Refine => {
                let asked = self.refine.as_deref().unwrap_or_default();
                let changed = refined(work, &shelf, asked).await?;
                proposals = changed.proposals;
                applied = Some(changed.applied);
                changed.found
            }
        };
        self.filter(&shelf, &mut found.hits);
        if mode == BuyingMode::Brief {
            proposals.extend(draft(work, &shelf, &mut found)?);
        }
        let list = format!(
            "products {mode:?} {:?} {:?} {:?}",
            self.brief, self.filters, self.refine
        );
        let total = found.hits.len();
        let (page, pagination) = paging::window(work, &list, &self.pagination, total)?;
        order(&mut found.hits, page.end);
        let told = mode != BuyingMode::Wholesale;
        Ok(FoundProducts {
            products: found.hits[page]
                .iter()
                .map(|hit| self.show(&shelf, hit.at, told.then(|| found.why(&shelf, hit.at))))
                .collect::<Result<_, Fault>>()?,
            proposals,
            refinement_applied: applied,
            property_list_applied: self.property_list.as_ref().map(|_| false),
            catalog_applied: self.catalog.as_ref().map(|_| false),
            pagination,
            cache_scope: CacheScope::Public,
            sandbox,
        })
    }
}

impl GetProducts {
    /// How it is asked, if that makes sense.
    fn mode(&self) -> Result<BuyingMode, Fault> {
        let wrong = |field: &str, message: &str| {
            let code = problem::Code::new(Code::InvalidRequest.name());
            Err(Fault::field(Problem::new(field, code, message)))
        };
        let brief = self
            .brief
            .as_deref()
            .filter(|brief| !brief.trim().is_empty());
        if brief.is_some_and(|brief| brief.len() > LONGEST_BRIEF) {
            return wrong("brief", "is longer than 20,000 bytes");
        }
        match self.buying_mode {
            None if self.refine.is_some() => {
                wrong("buying_mode", "is missing: refine goes with refine")
            }
            None if brief.is_some() => Ok(BuyingMode::Brief),
            None => Ok(BuyingMode::Wholesale),
            Some(BuyingMode::Brief) if brief.is_none() => {
                wrong("brief", "is missing: buying_mode brief takes one")
            }
            Some(BuyingMode::Wholesale | BuyingMode::Refine) if brief.is_some() => {
                wrong("brief", "goes with buying_mode brief alone")
            }
            Some(BuyingMode::Refine) if self.refine.as_ref().is_none_or(Vec::is_empty) => wrong(
                "refine",
                "is missing: buying_mode refine takes one change at least",
            ),
            Some(BuyingMode::Brief | BuyingMode::Wholesale) if self.refine.is_some() => {
                wrong("refine", "goes with buying_mode refine alone")
            }
            Some(mode) => Ok(mode),
        }
    }

    /// Whether the account that is named is one to play with; nothing where it is not.
    async fn is_sandbox(
        &self,
        work: &Work<'_>,
        account: &AccountRef,
    ) -> Result<Option<bool>, Fault> {
        let sandbox = match account {
            AccountRef::Key { sandbox, .. } => *sandbox,
            AccountRef::Id { .. } => accounts::find(work, account).await?.record.sandbox,
        };
        Ok(sandbox.then_some(true))
    }

    /// Leaves those that pass the filters.
    fn filter(&self, shelf: &Shelf, hits: &mut Vec<Hit>) {
        if let Some(category) = self.category.as_deref().map(str::to_lowercase) {
            hits.retain(|hit| {
                let product = &shelf.products[hit.at];
                category == product.format.to_lowercase()
                    || category == product.channel.name()
                    || channels(product).contains(&category.as_str())
            });
        }
        if self.filters != ProductFilters::default() {
            hits.retain(|hit| self.filters.pass(&shelf.products[hit.at]));
        }
    }

    fn show(&self, shelf: &Shelf, at: usize, why: Option<String>) -> Result<Shown, Fault> {
        let written = &shelf.wires[at];
        if self.fields.is_none() && self.buying_mode.is_some() {
            return Ok(Shown::new(Arc::clone(written), why));
        }
        let mut shown: Object = serde_json::from_str(written).map_err(Fault::broken)?;
        if let Some(fields) = &self.fields {
            shown.retain(|name, _| {
                ["product_id", "name"].contains(&name.as_str()) || fields.contains(name)
            });
        }
        if self.buying_mode.is_none() {
            shown.extend(older(&shelf.products[at]));
        }
        let written = serde_json::to_string(&shown).map_err(Fault::broken)?;
        Ok(Shown::new(written.into(), why))
    }
}
