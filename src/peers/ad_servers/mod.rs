//! Ad servers of others, as a publisher's desk needs them beside their counts: what they have,
//! page by page, and orders that they are to deliver. One trait, one client, one file for each
//! make. Whoever implements it takes an order with the same name twice with the effect of once,
//! leaves nothing half ordered, and says of every failure which page or which call it was.

pub mod google;
pub mod http;
pub mod kevel;
pub mod triton;

use async_trait::async_trait;

use crate::domain::{
    inventory::{
        item::Item,
        kind::{ItemKind, What},
        order::{HeldOrder, NewOrder, Turn},
        trouble::Trouble,
    },
    when::Instant,
};

/// Which page is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Want<'a> {
    /// Of which kind of things.
    pub kind: ItemKind,
    /// Only those that have changed since; nothing where the server cannot tell.
    pub since: Option<Instant>,
    /// Where it begins; nothing for the first.
    pub token: Option<&'a str>,
    /// Its number from 1, for whoever reads of it.
    pub number: u32,
}

impl Want<'_> {
    /// What it is, for people.
    #[must_use]
    pub fn said(&self) -> String {
        format!("page {} of the {}", self.number, self.kind.plural())
    }
}

/// A page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// What is on it.
    pub items: Vec<Item>,
    /// Where the next one begins; nothing for the last.
    pub next: Option<String>,
}

/// What a connection that works leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The account, as the server names it.
    pub account: String,
    /// A sentence about it.
    pub said: String,
}

/// An ad server of somebody else.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// Which make and which account; what was brought from another one is no guide.
    fn source(&self) -> String;
    /// The kinds that it has, in the order in which they are brought, and whether it tells what
    /// has changed of each.
    fn kinds(&self, what: What) -> Vec<(ItemKind, bool)>;
    /// Sees whether we are let in.
    async fn test(&self) -> Result<Reached, Trouble>;
    /// Reads a page.
    async fn page(&self, want: Want<'_>) -> Result<Page, Trouble>;
    /// Orders, all of it or nothing, and reads back what came of it.
    async fn order(&self, order: &NewOrder) -> Result<HeldOrder, Trouble>;
    /// Holds an order and its lines, or has them delivered again, and reads back what came of it.
    async fn turn(&self, order: &str, turn: Turn) -> Result<HeldOrder, Trouble>;
    /// Reads an order and its lines.
    async fn read(&self, order: &str) -> Result<HeldOrder, Trouble>;
}
