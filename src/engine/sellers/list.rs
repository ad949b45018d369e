//! Lists a tenant's sellers: the one inside and those somewhere else, with how old what is known
//! of each catalogue is, how many products stand in it, and what is wrong.

use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        booking::asked::{AskedSeller, SellerKind},
        opendirect::product::Product,
        policy::Permission,
        when::{Instant, rfc3339},
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        seller::embedded::EMBEDDED,
        upstream::ago,
        work::Work,
    },
    store::record::Filter,
};

/// Lists a tenant's sellers.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListSellers {
    /// Ask those whose catalogue is old or was never read, for some seconds at most.
    pub look: bool,
}

/// A tenant's sellers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SellerList {
    /// The one inside first, then those somewhere else, as they are set up.
    pub sellers: Vec<SellerView>,
}

/// A seller as clients see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Seller")]
pub struct SellerView {
    /// What it is called here.
    pub seller: String,
    /// `embedded`, `opendirect`, `iab-seller-agent` or `adcp`.
    pub kind: SellerKind,
    /// Where it is, for one that is somewhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// How many of its products are considered.
    pub products: u32,
    /// What it has that is not considered, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// When its catalogue was read; nothing for the one inside, or when it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<String>,
    /// How many seconds ago that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
    /// Why it could not be asked, when it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What it said when it was last asked how many impressions there are: `told`, `not offered`,
    /// or why not; nothing where it was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avails: Option<String>,
}

impl SellerView {
    /// Shows what a seller said, as it is at a time.
    #[must_use]
    pub fn of(asked: AskedSeller, now: Instant) -> Self {
        let age = asked.read_at.map(|at| (now - at).num_seconds().max(0));
        Self {
            seller: asked.seller.to_string(),
            kind: asked.kind,
            place: asked.place,
            products: asked.products,
            left_out: asked.left_out,
            read_at: asked.read_at.map(rfc3339),
            age_seconds: age,
            trouble: asked.trouble,
            avails: asked.avails,
        }
    }

    /// Shows what a seller said then, however long ago that is.
    #[must_use]
    pub fn then(asked: AskedSeller) -> Self {
        let at = asked.read_at.unwrap_or_default();
        Self {
            age_seconds: None,
            ..Self::of(asked, at)
        }
    }

    /// Its name and where it is.
    #[must_use]
    pub fn whereabouts(&self) -> String {
        match &self.place {
            Some(place) => format!("{}, {} at {place}", self.seller, self.kind.name()),
            None => format!("{}, in this engine", self.seller),
        }
    }

    /// How old what is known of it is.
    #[must_use]
    pub fn age(&self) -> String {
        match (self.kind, self.age_seconds) {
            (SellerKind::Embedded, _) => "now".into(),
            (_, Some(age)) => ago(age),
            (_, None) => "not read".into(),
        }
    }
}

impl Operation for ListSellers {
    const NAME: &'static str = "sellers.list";
    const ABOUT: &'static str =
        "List the sellers that jobs are researched and booked with, and what is wrong with them.";
    const KIND: Kind = Kind::Query(Permission::ReadBookings);
    type Output = SellerList;

    async fn perform(self, work: &mut Work<'_>) -> Result<SellerList, Fault> {
        let now = work.now();
        let outside = work.desk().sellers.of(work.tenant());
        let looked = if self.look {
            join_all(outside.iter().map(|one| one.look(now))).await
        } else {
            outside.iter().map(|one| one.known(now)).collect()
        };
        let on_sale = Filter {
            state: Some("active".to_owned()),
            ..Filter::default()
        };
        let products = work.count::<Product>(&on_sale).await?;
        let inside = AskedSeller {
            seller: EMBEDDED.into(),
            kind: SellerKind::Embedded,
            place: None,
            products: u32::try_from(products).unwrap_or(u32::MAX),
            left_out: Vec::new(),
            read_at: None,
            trouble: None,
            avails: None,
        };
        let all = std::iter::once(inside).chain(looked.into_iter().map(|one| one.asked));
        Ok(SellerList {
            sellers: all.map(|one| SellerView::of(one, now)).collect(),
        })
    }
}
