//! A page of a list, by offset as `OpenDirect` has it. Refuses pages that nobody reads and
//! offsets that nobody reaches.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::problem::{Code, Problem},
    engine::{fault::Fault, work::Work},
    store::record::{Filter, Record, Stored},
};

/// How many are listed where nobody says.
pub const USUAL: u32 = 50;
/// How many are listed at most.
pub const MOST: u32 = 1_000;
/// How far an offset reaches.
pub const FURTHEST: u32 = 1_000_000;
/// The longest text that is searched for, in bytes.
const LONGEST_SEARCH: usize = 200;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: u64,
    /// How many a page has at most.
    pub limit: u32,
    /// How many come before this page.
    pub offset: u32,
}

/// Which page is asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// At most so many.
    pub limit: Option<u32>,
    /// Behind so many.
    pub offset: u32,
    /// Only those that contain this.
    pub search: Option<String>,
}

/// Reads a page of what a filter matches, in the order in which it was written.
pub(super) async fn page<R: Record>(
    work: &Work<'_>,
    asked: Asked,
    filter: Filter,
) -> Result<Page<R>, Fault> {
    let limit = asked.limit.unwrap_or(USUAL);
    bounded("limit", limit, MOST)?;
    bounded("offset", asked.offset, FURTHEST)?;
    let filter = Filter {
        search: searched(asked.search)?.or(filter.search),
        limit,
        offset: asked.offset,
        ..filter
    };
    let total = work.count::<R>(&filter).await?;
    let found = if limit == 0 {
        Vec::new()
    } else {
        work.list::<R>(&filter).await?
    };
    let record = |stored: Stored<R>| stored.record;
    Ok(Page {
        items: found.into_iter().map(record).collect(),
        total: u64::try_from(total).unwrap_or(0),
        limit,
        offset: asked.offset,
    })
}

fn bounded(field: &str, sent: u32, most: u32) -> Result<(), Fault> {
    if sent <= most {
        return Ok(());
    }
    let message = format!("is more than {most}");
    let problem = Problem::new(field, Code::new("INVALID_PARAMETER"), message);
    Err(Fault::field(problem.hint("page on with offset, or search")))
}

fn searched(sent: Option<String>) -> Result<Option<String>, Fault> {
    let sent = sent.map(|text| text.trim().to_owned());
    match sent.filter(|text| !text.is_empty()) {
        Some(text) if text.len() > LONGEST_SEARCH || text.contains('\0') => {
            let message = format!("is longer than {LONGEST_SEARCH} bytes or holds a NUL");
            let problem = Problem::new("search", Code::new("INVALID_PARAMETER"), message);
            Err(Fault::field(problem.hint("search for less")))
        }
        fine => Ok(fine),
    }
}
