//! A slot service of another company, as the desk needs one: what can be booked there, when, who
//! has, and the few things that can be asked of it. Whoever implements it says of everything that
//! it sends whether it arrived, certainly did not, or may have: nothing is sent twice by itself.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::domain::{
    slot::{
        guest::Guest,
        upstream::shown::{ShownBooking, ShownResource, ShownSlot},
    },
    when::Instant,
};

/// Why it did not tell what it was asked, in a sentence without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Away {
    /// Why.
    pub why: String,
    /// How long it wants to be left alone, where it says so.
    pub wait: Option<Duration>,
}

/// A page of what there is.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// What can be read of it.
    pub rows: Vec<T>,
    /// How many rows it had, read or not.
    pub length: usize,
    /// Whether it says that nothing comes behind it.
    pub last: bool,
    /// What the next page is asked with, where it counts by that.
    pub cursor: Option<String>,
}

/// Where a page begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Behind so many.
    pub offset: u32,
    /// Or what the page before said.
    pub cursor: Option<String>,
}

/// Somebody else has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Taken {
    /// What it says.
    pub words: String,
    /// Its name for the reason, where it has one.
    pub code: Option<String>,
    /// What it offers instead.
    pub alternatives: Vec<ShownSlot>,
}

/// What came of something that was sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Told<T> {
    /// It arrived, and this was answered. What it did is read back.
    Done(T),
    /// Somebody else has it.
    Taken(Taken),
    /// It was read and refused for good: nothing was done.
    Refused(u16, String),
    /// It certainly was not done; later it may be.
    NotDone(Away),
    /// Nobody knows: the answer was lost or makes no sense.
    Lost(String),
}

/// Which bookings are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Which {
    /// Only of this resource there.
    pub resource: Option<String>,
    /// Only those that begin from then on.
    pub from: Instant,
    /// Only those that begin until then.
    pub to: Instant,
}

/// What a slot service is asked.
#[async_trait]
pub trait SlotService: Send + Sync + 'static {
    /// Where it is, for people: no secrets in it.
    fn place(&self) -> &str;
    /// What can be booked, also what cannot be booked now.
    async fn resources(&self, place: &Place) -> Result<Page<ShownResource>, Away>;
    /// Who has booked.
    async fn bookings(&self, which: &Which, place: &Place) -> Result<Page<ShownBooking>, Away>;
    /// A booking; nothing when it is not known there.
    async fn booking(&self, id: &str) -> Result<Option<ShownBooking>, Away>;
    /// The slots of a resource that can be booked.
    async fn availability(
        &self,
        resource: &str,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<ShownSlot>, Away>;
    /// Books a slot; the mark is the same whenever the same is meant.
    async fn book(&self, slot: &str, guest: &Guest, mark: &str) -> Told<ShownBooking>;
    /// Calls a booking off.
    async fn cancel(&self, id: &str) -> Told<()>;
    /// Makes a resource, or changes the one of this id; gives the id there.
    async fn write_resource(
        &self,
        id: Option<&str>,
        fields: &Map<String, Value>,
        mark: &str,
    ) -> Told<String>;
}
