//! Finds what an agent could buy: for a brief, the whole shelf, or step by step. Says of each
//! product why it was found, and of a brief how its money would best be spread. Sells nothing
//! and writes nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    proposals::draft,
    refine::{Applied, Refinement, refined},
    shelf::{Shelf, shelf},
};
use crate::{
    domain::{
        adcp::{
            account::{AccountRef, Brand},
            error::Code,
            page::{Paged, Paging},
            product::{Object, older},
            proposal::Proposal,
            search::Hit,
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
    pub products: Vec<Object>,
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
    /// Whether it is all make-believe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<bool>,
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
        let hits = match mode {
            BuyingMode::Wholesale => self.passing(&shelf, all(&shelf)),
            BuyingMode::Brief => {
                let brief = self.brief.as_deref().unwrap_or_default();
                let hits = self.passing(&shelf, found(&shelf, brief));
                proposals.extend(draft(work, &shelf, &hits)?);
                hits
            }
            BuyingMode::Refine => {
                let asked = self.refine.as_deref().unwrap_or_default();
                let changed = refined(work, &shelf, asked).await?;
                let hits = self.passing(&shelf, changed.hits);
                proposals = changed.proposals;
                applied = Some(changed.applied);
                hits
            }
        };
        let list = format!(
            "products {mode:?} {:?} {:?} {:?}",
            self.brief, self.filters, self.refine
        );
        let (page, pagination) = paging::cut(work, &list, &self.pagination, hits)?;
        let told = mode != BuyingMode::Wholesale;
        Ok(FoundProducts {
            products: page
                .iter()
                .map(|hit| self.show(&shelf, hit, told))
                .collect(),
            proposals,
            refinement_applied: applied,
            property_list_applied: self.property_list.as_ref().map(|_| false),
            catalog_applied: self.catalog.as_ref().map(|_| false),
            pagination,
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

    /// Those that pass the filters.
    fn passing(&self, shelf: &Shelf, hits: Vec<Hit>) -> Vec<Hit> {
        let category = self.category.as_deref().map(str::to_lowercase);
        let of_category = |hit: &Hit| {
            let Value::Object(wire) = &shelf.wires[hit.at] else {
                return false;
            };
            let product = &shelf.products[hit.at];
            category.as_ref().is_none_or(|only| {
                *only == product.format.to_lowercase()
                    || *only == product.channel.name()
                    || wire["channels"]
                        .as_array()
                        .is_some_and(|all| all.contains(&json!(only)))
            })
        };
        hits.into_iter()
            .filter(|hit| self.filters.pass(&shelf.products[hit.at]) && of_category(hit))
            .collect()
    }

    fn show(&self, shelf: &Shelf, hit: &Hit, told: bool) -> Object {
        let mut shown = match (&shelf.wires[hit.at], &self.fields) {
            (Value::Object(wire), None) => wire.clone(),
            (Value::Object(wire), Some(fields)) => wire
                .iter()
                .filter(|(name, _)| {
                    ["product_id", "name"].contains(&name.as_str()) || fields.contains(name)
                })
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            _ => Object::new(),
        };
        if told {
            shown.insert("brief_relevance".into(), hit.why.clone().into());
        }
        if self.buying_mode.is_none() {
            shown.extend(older(&shelf.products[hit.at]));
        }
        shown
    }
}

/// Everything, in the order of the catalogue.
fn all(shelf: &Shelf) -> Vec<Hit> {
    let hit = |at| Hit {
        at,
        score: 0.0,
        why: "Nothing in the brief names what is sold here; this is all there is".to_owned(),
    };
    (0..shelf.products.len()).map(hit).collect()
}

/// What fits a brief; everything where it names nothing that is sold.
pub(super) fn found(shelf: &Shelf, brief: &str) -> Vec<Hit> {
    let hits = shelf.index.find(brief);
    if hits.is_empty() { all(shelf) } else { hits }
}
