//! Ad servers of others, as a publisher's desk needs them beside their counts: what they have,
//! page by page, and orders that they are to deliver. One trait, one client, one file for each
//! make. Whoever implements it takes an order with the same name twice with the effect of once,
//! leaves nothing half ordered, delivers nothing before it is told to, and says of every failure
//! which page or which call it was.

pub mod google;
pub mod http;
pub mod kevel;
pub mod triton;

use async_trait::async_trait;
use chrono::Duration;

use crate::domain::{
    inventory::{
        item::Item,
        kind::{ItemKind, What},
        order::{HeldOrder, LineCount, NewLine, NewOrder, Turn},
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
    /// How long before its flight begins a line must be there at the least.
    fn lead(&self) -> Duration {
        Duration::zero()
    }
    /// A line as this server can hold it: some know no hours.
    fn fit(&self, line: NewLine) -> NewLine {
        line
    }
    /// The id of the order of this name, where there is one.
    async fn find(&self, name: &str) -> Result<Option<String>, Trouble>;
    /// Orders, all of it or nothing, unless an order of this name is there, and reads back what
    /// came of it. Nothing of it delivers before the order is activated.
    async fn order(&self, order: &NewOrder) -> Result<HeldOrder, Trouble>;
    /// Adds the lines that are missing from an order, told by their names, to the one of this id.
    async fn fill(&self, id: &str, order: &NewOrder) -> Result<(), Trouble>;
    /// Changes dates, goal and price of a line.
    async fn set(&self, id: &str, line: &NewLine) -> Result<(), Trouble>;
    /// Activates, holds, or puts away a whole order.
    async fn turn(&self, order: &str, turn: Turn) -> Result<(), Trouble>;
    /// Holds lines of an order, or has them delivered again.
    async fn turn_lines(&self, order: &str, lines: &[String], turn: Turn) -> Result<(), Trouble>;
    /// Reads an order and its lines.
    async fn read(&self, order: &str) -> Result<HeldOrder, Trouble>;
    /// What was counted of the lines of an order since they began. A line that is not told of was
    /// not counted, which is not the same as nothing.
    async fn counts(&self, order: &str, since: Instant) -> Result<Vec<LineCount>, Trouble>;
}
