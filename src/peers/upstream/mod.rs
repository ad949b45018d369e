//! Another company's system in which a desk's bookings live, as the desk needs one: what is
//! there, a brief that is sent, a decision that is told. Whoever implements it says of everything
//! that it sends whether it arrived, certainly did not, or may have: nothing here is sent twice
//! by itself.

pub mod buyer_agent;
pub mod call;
mod read;
pub mod sales_agent;
pub mod slot_service;
pub mod slots;
pub mod tenant_server;

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use crate::domain::{
    booking::upstream::{
        decided::Answer,
        shown::{ListedJobs, ShownJob},
    },
    ids::ProductId,
    media_buy::upstream::{
        deed::Deed,
        shown::{ListedBuy, Ordered, ShownBuy, ShownCount, ShownProduct, ShownTask},
    },
    when::Instant,
};

/// Why a system did not tell what it was asked, in a sentence without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Silent(pub String);

/// What came of something that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent<T> {
    /// It arrived, and this was answered.
    Done(T),
    /// It was read and refused for good: nothing was done.
    Refused(String),
    /// It certainly was not done; later it may be.
    NotDone(String),
    /// Nobody knows: the answer was lost or makes no sense.
    Lost(String),
}

/// What a system with bookings in it is asked.
#[async_trait]
pub trait Bookings: Send + Sync + 'static {
    /// Where it is, for people: no secrets in it.
    fn place(&self) -> &str;
    /// What it says of itself, if it can be reached.
    async fn health(&self) -> Result<String, Silent>;
    /// The newest jobs, at most so many, and how many there are in all.
    async fn list(&self, limit: u32) -> Result<ListedJobs, Silent>;
    /// A job in full; nothing when it is not known there, which one answer does not prove.
    async fn one(&self, id: &str) -> Result<Option<ShownJob>, Silent>;
    /// Sends a brief, and gives the job's id there.
    async fn submit(&self, brief: &Value) -> Sent<String>;
    /// Tells which products are approved; none is a decision too.
    async fn approve(&self, id: &str, products: &[ProductId]) -> Sent<Answer>;
    /// Tells that everything is approved.
    async fn approve_all(&self, id: &str) -> Sent<Answer>;
}

/// What was answered to something that was asked of a media buy. Not what came of it: that is
/// read back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The id of the media buy, where that is new.
    pub id: Option<String>,
    /// That it waits for a person there, as which task where that is said.
    pub held: Option<Option<String>>,
    /// What it said in words.
    pub said: Option<String>,
}

/// What a system with media buys in it is asked.
#[async_trait]
pub trait MediaBuys: Send + Sync + 'static {
    /// Where it is, for people: no secrets in it.
    fn place(&self) -> &str;
    /// Every media buy that it shows, in whichever state.
    async fn list(&self, now: Instant) -> Result<Vec<ListedBuy>, Silent>;
    /// What is counted of these, each by its id.
    async fn counts(
        &self,
        buys: &[ShownBuy],
        now: Instant,
    ) -> Result<Vec<(String, Vec<ShownCount>)>, Silent>;
    /// The questions that wait for a person there; nothing where it cannot say.
    async fn waiting(&self) -> Result<Option<Vec<ShownTask>>, Silent>;
    /// What a buy was ordered with, where the list does not say and it can be found.
    async fn ordered(&self, id: &str) -> Result<Option<Ordered>, Silent>;
    /// Whether there is a way on which questions can be decided.
    fn decides(&self) -> bool;
    /// Asks once for something; of a buy by its id, or for a new one.
    async fn ask(&self, id: Option<&str>, deed: &Deed) -> Sent<Told>;
    /// How its products are sold, of those that it tells it of; nothing where it cannot say.
    async fn products(&self) -> Result<Option<Vec<ShownProduct>>, Silent>;
    /// After what time it wants to be asked again, where it has said so since this was asked last.
    fn wants_rest(&self) -> Option<Duration>;
}
