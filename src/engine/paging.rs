//! Pages as agents ask for them: at most a hundred, by a cursor that is ours. Refuses cursors
//! of other lists and sizes that nobody may ask for.

use std::ops::Range;

use super::{fault::Fault, work::Work};
use crate::{
    domain::{
        adcp::{
            error::Code,
            page::{MOST, Paged, Paging, USUAL},
        },
        problem::{self, Problem},
    },
    store::record::{Filter, Mark, Record, Sort, Stored},
};

/// How many are wanted.
///
/// # Errors
/// When it is none, or more than are given.
pub fn size(asked: &Paging) -> Result<usize, Fault> {
    let wanted = asked.max_results.unwrap_or(USUAL);
    if (1..=MOST).contains(&wanted) {
        return Ok(wanted as usize);
    }
    let message = format!("is not between 1 and {MOST}");
    Err(wrong("pagination.max_results", message))
}

fn wrong(field: &str, message: impl Into<String>) -> Fault {
    let code = problem::Code::new(Code::InvalidRequest.name());
    Fault::field(Problem::new(field, code, message))
}

fn opened(work: &Work<'_>, list: &str, asked: &Paging) -> Result<Option<Mark>, Fault> {
    let Some(cursor) = &asked.cursor else {
        return Ok(None);
    };
    let mark = work.desk().secret.open(work.tenant(), list, cursor);
    mark.map(Some)
        .map_err(|_| wrong("pagination.cursor", "is not a cursor of this list"))
}

/// A page of what is listed in memory. `list` names the list and what it was filtered by.
///
/// # Errors
/// When the size or the cursor is wrong.
pub fn cut<T>(
    work: &Work<'_>,
    list: &str,
    asked: &Paging,
    mut all: Vec<T>,
) -> Result<(Vec<T>, Paged), Fault> {
    let (page, paged) = window(work, list, asked, all.len())?;
    Ok((all.drain(page).collect(), paged))
}

/// Which of so many are on a page. `list` names the list and what it was filtered by.
///
/// # Errors
/// When the size or the cursor is wrong.
pub fn window(
    work: &Work<'_>,
    list: &str,
    asked: &Paging,
    total: usize,
) -> Result<(Range<usize>, Paged), Fault> {
    let size = size(asked)?;
    let mark = opened(work, list, asked)?;
    let from = mark.map_or(0, |mark| usize::try_from(mark.number).unwrap_or(0));
    let to = from.saturating_add(size).min(total);
    let cursor = (to < total).then(|| {
        let mark = Mark {
            text: String::new(),
            number: i64::try_from(to).unwrap_or(i64::MAX),
            id: String::new(),
        };
        work.desk().secret.seal(work.tenant(), list, &mark)
    });
    Ok((from.min(to)..to, paged(cursor.transpose()?, total)))
}

/// A page of what is stored, in the order in which it was written. `list` names the list and
/// what it is filtered by.
///
/// # Errors
/// When the size or the cursor is wrong, or the store cannot.
pub async fn read<R: Record>(
    work: &Work<'_>,
    list: &str,
    asked: &Paging,
    filter: Filter,
) -> Result<(Vec<Stored<R>>, Paged), Fault> {
    let size = size(asked)?;
    let total = work.count::<R>(&filter).await?;
    let filter = Filter {
        after: opened(work, list, asked)?,
        limit: u32::try_from(size).unwrap_or(MOST) + 1,
        ..filter
    };
    let mut found = work.list::<R>(&filter).await?;
    let more = found.len() > size;
    found.truncate(size);
    let cursor = found.last().filter(|_| more).map(|last| {
        let mark = Mark {
            text: String::new(),
            number: last.created_at.timestamp_micros(),
            id: last.record.id(),
        };
        work.desk().secret.seal(work.tenant(), list, &mark)
    });
    debug_assert_eq!(filter.sort, Sort::Created);
    Ok((
        found,
        paged(cursor.transpose()?, usize::try_from(total).unwrap_or(0)),
    ))
}

fn paged(cursor: Option<String>, total: usize) -> Paged {
    Paged {
        has_more: cursor.is_some(),
        cursor,
        total_count: u64::try_from(total).ok(),
    }
}
