//! Answers as they were last written out, so that what is asked again and again is not read,
//! worked out and written out each time. Found only under the stamp that the database has
//! now: an answer can be forgotten, and never be old or of another tenant.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use tracing::Instrument as _;

use super::{
    core::{Core, check_permission, count, seen},
    fault::Fault,
    operation::{Known, Operation},
};
use crate::domain::tenant::caller::Caller;

/// How much is kept at most, in bytes.
const MOST: usize = 4 << 20;
/// What an answer takes beside its text and its name.
const AROUND: usize = 256;

/// An answer, written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// As JSON.
    pub json: Arc<[u8]>,
    /// The revision of the one object that it shows, if it shows one.
    pub revision: Option<i64>,
}

impl Written {
    fn out<O: Operation>(output: &O::Output) -> Result<Self, Fault> {
        let mut json = Vec::with_capacity(1 << 10);
        serde_json::to_writer(&mut json, output).map_err(Fault::broken)?;
        Ok(Self {
            json: json.into(),
            revision: O::revision(output),
        })
    }
}

impl Core {
    /// Asks, and gives the answer alone, written out. One that the database has as it is to be
    /// given is given so; one that has a stamp is kept, and given again for as long as the
    /// database still has that stamp.
    ///
    /// # Errors
    /// With the fault, when it was not done.
    pub async fn ask_written<O: Operation>(
        &self,
        caller: &Caller,
        operation: O,
    ) -> Result<Written, Fault> {
        if O::KIND.is_command() {
            return Written::out::<O>(&self.ask(caller, operation).await?);
        }
        let (span, since) = seen(O::NAME, caller);
        let result = self.again(caller, operation).instrument(span).await;
        count(O::NAME, since, result.as_ref().err());
        result
    }

    async fn again<O: Operation>(&self, caller: &Caller, operation: O) -> Result<Written, Fault> {
        check_permission(caller, O::KIND, O::FOR_ALL)?;
        let mut work = self.work(caller);
        // Read before the answer: one that is newer than its stamp is never found again, one
        // that is older cannot come of it.
        let stamp = match operation.known(&work).await? {
            Known::Answer(written) => return Ok(written),
            Known::Stamp(stamp) => stamp,
            Known::Nothing => return Written::out::<O>(&operation.perform(&mut work).await?),
        };
        let question = serde_json::to_string(&operation).map_err(Fault::broken)?;
        let asked = format!("{} {} {question}", caller.tenant, O::NAME);
        if let Some(written) = self.answers().find(&asked, stamp) {
            return Ok(written);
        }
        let written = Written::out::<O>(&operation.perform(&mut work).await?)?;
        self.answers().keep(&asked, stamp, &written);
        Ok(written)
    }
}

/// Some answers by what was asked, each with the stamp that it was given under.
#[derive(Default)]
pub(super) struct Answers(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    kept: HashMap<Arc<str>, (i64, Written)>,
    /// What was asked, the oldest first.
    order: VecDeque<Arc<str>>,
    size: usize,
}

fn size(asked: &str, written: &Written) -> usize {
    asked.len() + written.json.len() + AROUND
}

impl Answers {
    /// Keeps an answer, and forgets what was kept longest for it.
    pub(super) fn keep(&self, asked: &str, stamp: i64, written: &Written) {
        let asked: Arc<str> = asked.into();
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.size += size(&asked, written);
        let before = shelf
            .kept
            .insert(Arc::clone(&asked), (stamp, written.clone()));
        match before {
            Some((_, before)) => shelf.size -= size(&asked, &before),
            None => shelf.order.push_back(asked),
        }
        while shelf.size > MOST {
            let Some(oldest) = shelf.order.pop_front() else {
                break;
            };
            if let Some((_, gone)) = shelf.kept.remove(&oldest) {
                shelf.size -= size(&oldest, &gone);
            }
        }
    }

    /// The answer to this, if it was kept under this very stamp.
    pub(super) fn find(&self, asked: &str, stamp: i64) -> Option<Written> {
        let shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (under, written) = shelf.kept.get(asked)?;
        (*under == stamp).then(|| written.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(length: usize) -> Written {
        Written {
            json: vec![b'x'; length].into(),
            revision: Some(1),
        }
    }

    #[test]
    fn an_answer_is_found_under_its_stamp_alone() {
        let answers = Answers::default();
        answers.keep("main get a", 4, &written(4));
        assert_eq!(answers.find("main get a", 4), Some(written(4)));
        assert_eq!(answers.find("main get a", 5), None, "it has changed since");
        assert_eq!(answers.find("main get a", 3), None);
        assert_eq!(answers.find("acme get a", 4), None);
        answers.keep("main get a", 5, &written(5));
        assert_eq!(answers.find("main get a", 4), None);
        assert_eq!(answers.find("main get a", 5), Some(written(5)));
    }

    #[test]
    fn the_oldest_is_forgotten_when_it_grows_too_large() {
        let answers = Answers::default();
        for asked in ["a", "b", "a", "c"] {
            answers.keep(asked, 1, &written(MOST / 2 - 2 * AROUND));
        }
        let is_kept = |asked| answers.find(asked, 1).is_some();
        assert_eq!(["a", "b", "c"].map(is_kept), [false, true, true]);
        answers.keep("d", 1, &written(MOST));
        assert_eq!(["a", "b", "c", "d"].map(is_kept), [false; 4]);
        answers.keep("e", 1, &written(9));
        assert!(is_kept("e"));
    }
}
