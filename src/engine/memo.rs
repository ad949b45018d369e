//! What this process has just written, so that the next step of it need not be read out of its
//! text again. Found only by the very text that the database holds now, whoever wrote that:
//! it can be forgotten, and never be old or somebody else's.

use std::{
    any::Any,
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    domain::ids::TenantId,
    store::{open::Keeps, record::Record},
};

/// Some objects with the texts that they were written as.
pub(super) struct Memo {
    shelf: Mutex<Shelf>,
    /// How much text is kept at most, in bytes.
    most: usize,
}

#[derive(Default)]
struct Shelf {
    kept: HashMap<String, Kept>,
    /// The names of what is kept, the oldest first.
    order: VecDeque<String>,
    size: usize,
}

struct Kept {
    text: String,
    record: Arc<dyn Any + Send + Sync>,
}

impl Memo {
    /// Nothing yet.
    pub(super) fn new(keeps: Keeps) -> Self {
        let most = match keeps {
            Keeps::Much => 1 << 20,
            Keeps::Little => 1 << 17,
        };
        Self {
            shelf: Mutex::default(),
            most,
        }
    }

    /// Keeps an object with its text, and forgets what was kept longest for it.
    pub(super) fn keep<R: Record>(&self, tenant: &TenantId, id: &str, text: &str, record: &R) {
        let kept = Kept {
            text: text.to_owned(),
            record: Arc::new(record.clone()),
        };
        let name = name::<R>(tenant, id);
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.size += text.len();
        match shelf.kept.insert(name.clone(), kept) {
            Some(before) => shelf.size -= before.text.len(),
            None => shelf.order.push_back(name),
        }
        while shelf.size > self.most {
            let Some(oldest) = shelf.order.pop_front() else {
                break;
            };
            if let Some(gone) = shelf.kept.remove(&oldest) {
                shelf.size -= gone.text.len();
            }
        }
    }

    /// The object that was written as exactly this text, if it is still kept.
    pub(super) fn find<R: Record>(&self, tenant: &TenantId, id: &str, text: &str) -> Option<R> {
        let name = name::<R>(tenant, id);
        let shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = shelf.kept.get(&name).filter(|kept| kept.text == text)?;
        let record = Arc::clone(&kept.record);
        drop(shelf);
        record.downcast_ref::<R>().cloned()
    }
}

fn name<R: Record>(tenant: &TenantId, id: &str) -> String {
    format!("{tenant}/{}/{id}", R::KIND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::records::Catalogue;

    fn tenant() -> TenantId {
        "main".parse().expect("a tenant")
    }

    #[test]
    fn an_object_is_found_by_its_text_alone() {
        let memo = Memo::new(Keeps::Little);
        let written = Catalogue { puts: 7 };
        memo.keep(&tenant(), "a", "seven", &written);
        let find = |id, text| memo.find::<Catalogue>(&tenant(), id, text);
        assert_eq!(find("a", "seven"), Some(written));
        assert_eq!(find("a", "eight"), None, "somebody has written it since");
        assert_eq!(find("b", "seven"), None);
        memo.keep(&tenant(), "a", "eight", &Catalogue { puts: 8 });
        assert_eq!(find("a", "seven"), None);
        assert_eq!(find("a", "eight"), Some(Catalogue { puts: 8 }));
    }

    #[test]
    fn the_oldest_is_forgotten_when_it_grows_too_large() {
        let memo = Memo::new(Keeps::Little);
        let text = "x".repeat(1 << 16);
        for id in ["a", "b", "c"] {
            memo.keep(&tenant(), id, &text, &Catalogue::default());
        }
        let is_kept = |id| memo.find::<Catalogue>(&tenant(), id, &text).is_some();
        assert_eq!(["a", "b", "c"].map(is_kept), [false, true, true]);
    }
}
