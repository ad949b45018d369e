//! How a domain type stands in the store: its kind, its id, its columns. Refuses to know
//! what the type is for.

use serde::{Serialize, de::DeserializeOwned};

use super::batch::Facets;
use crate::domain::{
    audit::change::{Change, Facts},
    money::{Currency, Money},
    when::Instant,
};

/// Folds text so that a search does not tell upper from lower case. Letter by letter: folded
/// as a word, a sigma would turn out differently at the end of what is searched for.
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// A domain type that is stored as an object.
pub trait Record: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// Which table of the house it stands in.
    const KIND: &'static str;
    /// Whether whoever writes it reads it again in the next step.
    const AT_HAND: bool = true;
    /// Its id as text.
    fn id(&self) -> String;
    /// The columns that it is listed by.
    fn facets(&self) -> Facets;
    /// What a list shows of it beside its columns, as a few bytes of JSON; nothing where the
    /// columns are enough.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    fn glance(&self) -> serde_json::Result<Option<String>> {
        Ok(None)
    }
    /// What the audit trail tells of it, before and after it was changed. Secrets and what is
    /// known of private people have no place in it.
    fn told(&self) -> Facts {
        told(&self.facets())
    }
    /// What a new one says that was changed of others, where it is the note of that.
    fn notes(&self) -> Vec<Change> {
        Vec::new()
    }
}

/// What the columns alone tell.
#[must_use]
pub fn told(columns: &Facets) -> Facts {
    let facts = Facts::default()
        .and("state", &columns.state.replace('_', " "))
        .and("name", &columns.label);
    match columns.currency.parse::<Currency>() {
        Ok(currency) => facts.and("amount", &Money::new(columns.amount, currency)),
        Err(_) => facts,
    }
}

/// A stored object with what the store knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<R> {
    /// The object.
    pub record: R,
    /// How often it was written; the first is 1.
    pub revision: i64,
    /// The state that it was stored with.
    pub state: String,
    /// When it was first written.
    pub created_at: Instant,
    /// When it was last written.
    pub updated_at: Instant,
}

impl<R> Stored<R> {
    /// Takes the object out of what the store knows of it.
    #[must_use]
    pub fn part(self) -> (R, Stored<()>) {
        let known = Stored {
            record: (),
            revision: self.revision,
            state: self.state,
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        (self.record, known)
    }
}

/// A row of the object table, with as much of the object as was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The id.
    pub id: String,
    /// The revision.
    pub revision: i64,
    /// The columns.
    pub facets: Facets,
    /// When it was first written.
    pub created_at: Instant,
    /// When it was last written.
    pub updated_at: Instant,
    /// The object as JSON; or its glance, empty where none of this revision is kept; or empty.
    pub body: String,
}

/// What a list is sorted by; the id breaks ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// When it was first written.
    #[default]
    Created,
    /// When it was last written.
    Updated,
    /// Its name.
    Label,
    /// Its money.
    Amount,
    /// Its state.
    State,
    /// When it begins; those that stand in no calendar are left out.
    Begins,
}

/// Where a page ends: the sorted value and the id of its last row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The value of a text column, where the list is sorted by one.
    pub text: String,
    /// The value of a number column, where the list is sorted by one.
    pub number: i64,
    /// The id.
    pub id: String,
}

/// How much of each object is wanted beside its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// All of it.
    #[default]
    Whole,
    /// Its glance.
    Glance,
    /// Nothing.
    Nothing,
}

/// Which objects of a kind are wanted, and in which order.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<String>,
    /// Only these, by id.
    pub ids: Option<Vec<String>>,
    /// Only of this parent.
    pub parent: Option<String>,
    /// Only those whose search text contains this, taken literally.
    pub search: Option<String>,
    /// Only those that begin in this stretch of time, its end not included.
    pub begins: Option<(Instant, Instant)>,
    /// Sorted by.
    pub sort: Sort,
    /// Largest first.
    pub descending: bool,
    /// Only what comes behind this row.
    pub after: Option<Mark>,
    /// Only what comes behind so many rows.
    pub offset: u32,
    /// At most so many rows.
    pub limit: u32,
    /// With so much of each.
    pub part: Part,
}

impl Filter {
    /// Whether it tells objects by their state at most, so that the kept counts can count them.
    #[must_use]
    pub fn is_by_state(&self) -> bool {
        let narrow = self.search.is_some() || self.parent.is_some() || self.ids.is_some();
        !narrow && self.begins.is_none() && self.sort != Sort::Begins
    }
}

impl Row {
    /// Where a page that ends with this row goes on.
    #[must_use]
    pub fn mark(&self, sort: Sort) -> Mark {
        let (text, number) = match sort {
            Sort::Created => (String::new(), self.created_at.timestamp_micros()),
            Sort::Updated => (String::new(), self.updated_at.timestamp_micros()),
            Sort::Amount => (String::new(), self.facets.amount),
            Sort::Begins => (String::new(), self.facets.begins),
            Sort::Label => (self.facets.label.clone(), 0),
            Sort::State => (self.facets.state.clone(), 0),
        };
        Mark {
            text,
            number,
            id: self.id.clone(),
        }
    }
}
