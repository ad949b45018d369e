//! Sellers that are somewhere else, as a desk needs one: its whole catalogue, a line that is held
//! and then booked, and where that line stands. Whoever implements it reads back what it was told
//! is done before it says so, looks before it sends again, and says of what cannot be found out
//! that it is unclear. Nothing here keeps anything.

pub mod adcp;
mod avails;
pub mod http;
pub mod offered;
pub mod opendirect;
pub mod pages;
pub mod reading;
pub mod seller_agent;

use std::collections::HashMap;

use async_trait::async_trait;
use uuid::Uuid;

use self::offered::Offered;
use super::seller::SellerFault;
use crate::domain::{
    booking::{
        lines::{Booked, Placed},
        there::Shown,
    },
    channel::Channel,
    ids::JobId,
    money::{Currency, Money},
    opendirect::{
        Targeting,
        product::{DeliveryType, RateType},
    },
    when::{Flight, Instant},
};

/// Why a seller did not tell what it was asked, in a sentence without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Silent(pub String);

/// How the products of a seller are read that do not say everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usual {
    /// The currency of prices that name none.
    pub currency: Currency,
    /// The channel of products that name none.
    pub channel: Option<Channel>,
    /// Who publishes what names no publisher.
    pub publisher: String,
}

/// All that a seller offers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalogue {
    /// What can be considered.
    pub offered: Vec<Offered>,
    /// How many products cannot, by why.
    pub left_out: std::collections::BTreeMap<String, u32>,
}

/// What is wanted of one product of a seller, with everything that may be told there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// For which job: job and product always mean the same line.
    pub job: JobId,
    /// What the campaign is called.
    pub campaign: String,
    /// What all lines of the job at this seller cost together.
    pub budget: Money,
    /// The product, by its seller's id.
    pub product: String,
    /// Where it runs.
    pub channel: Channel,
    /// How firmly it is delivered.
    pub delivery: DeliveryType,
    /// How its price is meant.
    pub rate: RateType,
    /// By which name its price is known there, where prices have names.
    pub price: Option<String>,
    /// When it shall run.
    pub flight: Flight,
    /// How many impressions.
    pub impressions: u64,
    /// At which price per thousand.
    pub cpm: Money,
    /// What may be spent on it.
    pub cost: Money,
    /// What it is to be aimed at.
    pub targeting: Targeting,
    /// When this is.
    pub now: Instant,
    /// When its seller was asked before to book it, if it may have been.
    pub asked_at: Option<Instant>,
}

impl Wanted {
    /// By which reference the line is found again there.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("fd-{}", self.named("line").simple())
    }

    /// By which reference the order is found again there: one for each job.
    #[must_use]
    pub fn order_reference(&self) -> String {
        let id = Uuid::new_v5(&self.job.into(), b"order");
        format!("fd-{}", id.simple())
    }

    /// A key under which something that is sent again is the same thing.
    #[must_use]
    pub fn key(&self, what: &str) -> String {
        self.named(what).to_string()
    }

    fn named(&self, what: &str) -> Uuid {
        let name = format!("{what}/{}", self.product);
        Uuid::new_v5(&self.job.into(), name.as_bytes())
    }
}

/// Where a line stands at its seller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is booked.
    Booked(Booked),
    /// It is there, and not booked.
    Open,
    /// It is not there, or was called off.
    Nothing,
}

/// A seller that is somewhere else.
#[async_trait]
pub trait Market: Send + Sync + 'static {
    /// Where it is, for people: no secrets in it.
    fn place(&self) -> &str;
    /// All that it offers, whole or not at all.
    async fn catalogue(&self) -> Result<Catalogue, Silent>;
    /// Holds what is wanted, as far as it holds anything: asked twice it is the same line.
    async fn reserve(&self, wanted: &Wanted) -> Result<Placed, SellerFault>;
    /// Books what was reserved: asked twice it is booked once.
    async fn book(&self, wanted: &Wanted, placed: &Placed) -> Result<Booked, SellerFault>;
    /// Gives back what was reserved.
    async fn release(&self, wanted: &Wanted, placed: &Placed) -> Result<(), SellerFault>;
    /// Looks by our reference for what it may hold although that was never heard; nothing where it
    /// holds nothing that could be found so.
    async fn find(&self, wanted: &Wanted) -> Result<Option<Placed>, Silent> {
        let _ = wanted;
        Ok(None)
    }
    /// Looks where a line stands, and changes nothing.
    async fn standing(&self, wanted: &Wanted, placed: &Placed) -> Result<Standing, Silent>;
    /// Looks what became of a line that was booked, held against what was booked; nothing when it
    /// is not shown, which one answer does not prove.
    async fn follow(&self, wanted: &Wanted, placed: &Placed) -> Result<Option<Shown>, Silent>;
    /// How many of these impressions of its products can be had; [`Avails::NotOffered`] where it
    /// has no way to be asked.
    async fn avails(&self, asked: &Asked) -> Result<Avails, Silent> {
        let _ = asked;
        Ok(Avails::NotOffered)
    }
}

/// How many impressions of which products could be bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// When they are to run.
    pub flight: Flight,
    /// The products, by their seller's ids, and how many impressions of each would be the most.
    pub products: Vec<(String, u64)>,
}

/// What a seller says of how many impressions there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Avails {
    /// It has no way to be asked.
    NotOffered,
    /// How many of what was asked can be had, of those products that it answered for.
    Told(HashMap<String, u64>),
}
