//! The JSON that `OpenDirect` clients speak: fields of the specification in small letters
//! (`accountid`), extensions in camel case (`estimatedCpm`). Requests may use snake case
//! too. Answers spell states in one way only (`Cancelled`, `Guaranteed`, `PMP`), requests
//! may spell them in any. Refuses fields that nobody defined.

mod avails;
mod creative;
mod days;
mod line;
mod order;
mod parties;
mod product;
mod stats;
mod targeting;

pub use avails::{Avails, AvailsCollection, AvailsRequest, AvailsResponse, Question};
pub use creative::{Assignment, Creative, NewAssignment, NewCreative};
pub use line::{Line, NewLine};
pub use order::{NewOrder, Order, OrderPatch};
pub use parties::{Account, NewAccount, NewOrganization, Organization};
pub use product::{MicrosPrice, Product};
pub use stats::LineStats;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::problem::{Code, Problem};

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident { $field:ident: $one:ident })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        pub struct $name {
            /// The page.
            pub $field: Vec<$one>,
            /// How many there are on all pages.
            pub total_count: u64,
            /// How many a page has at most.
            pub limit: u64,
            /// How many come before this page.
            pub offset: u64,
        }
    )*};
}

lists! {
    /// A page of products.
    ProductList { products: Product }
    /// A page of organizations.
    OrganizationList { organizations: Organization }
    /// A page of accounts.
    AccountList { accounts: Account }
    /// A page of orders.
    OrderList { orders: Order }
    /// A page of lines.
    LineList { lines: Line }
    /// A page of creatives.
    CreativeList { creatives: Creative }
    /// A page of assignments.
    AssignmentList { assignments: Assignment }
}

/// Our field names and theirs, where they differ.
const NAMES: &[(&str, &str)] = &[
    ("account_id", "accountid"),
    ("advertiser_id", "advertiserid"),
    ("asset", "creativeAsset"),
    ("brand_id", "brandId"),
    ("buyer_id", "buyerid"),
    ("click_url", "clickUrl"),
    ("creative_id", "creativeid"),
    ("end", "enddate"),
    ("impressions", "requestedImpressions"),
    ("kind", "type"),
    ("line_id", "lineId"),
    ("product_id", "productid"),
    ("product_ids", "productids"),
    ("publisher_id", "publisherid"),
    ("quantity", "qty"),
    ("rate_type", "ratetype"),
    ("start", "startdate"),
];

/// Gives problems the field names of this dialect.
#[must_use]
pub fn renamed(mut problems: Vec<Problem>) -> Vec<Problem> {
    for problem in &mut problems {
        if let Some((_, theirs)) = NAMES.iter().find(|(ours, _)| *ours == problem.field) {
            (*theirs).clone_into(&mut problem.field);
        }
    }
    problems
}

/// The problems found while reading one request.
#[derive(Debug, Default)]
struct Reading(Vec<Problem>);

impl Reading {
    fn problem(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.0.push(Problem::new(field, Code::new(code), message));
    }

    /// An id that only we give: absent, or the one that the path names already.
    fn own_id(&mut self, field: &str, sent: Option<&String>, own: Option<&str>) {
        let Some(sent) = sent else { return };
        match own {
            Some(own) if sent.eq_ignore_ascii_case(own) => {}
            Some(_) => self.problem(field, "MISMATCH", "is not the one that the path names"),
            None => self.problem(field, "READ_ONLY", "is given by us; leave it out"),
        }
    }

    /// A name of a closed set.
    fn one_of<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        field: &str,
        text: Option<&String>,
    ) -> Option<T> {
        match text?.parse() {
            Ok(found) => Some(found),
            Err(wrong) => {
                self.problem(field, "UNKNOWN_VALUE", format!("{wrong}"));
                None
            }
        }
    }

    /// What was read, or every problem with it.
    fn done<T>(self, read: Option<T>) -> Result<T, Vec<Problem>> {
        match read {
            Some(read) if self.0.is_empty() => Ok(read),
            _ => Err(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_name_the_fields_of_this_dialect() {
        let problem = |field| Problem::new(field, Code::new("X"), "is wrong");
        let all = renamed(vec![problem("quantity"), problem("name"), problem("start")]);
        let fields: Vec<&str> = all.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["qty", "name", "startdate"]);
    }

    #[test]
    fn a_page_says_where_it_stands() {
        let page = AccountList {
            accounts: vec![],
            total_count: 7,
            limit: 50,
            offset: 50,
        };
        let json = serde_json::to_value(page).expect("json");
        let wanted = serde_json::json!(
            {"accounts": [], "total_count": 7, "limit": 50, "offset": 50}
        );
        assert_eq!(json, wanted);
    }
}
