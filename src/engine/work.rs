//! What an operation works with: it reads through here and gathers here what shall change.
//! Has no public constructor, so that nothing reaches the store around the one door.

use std::{any::Any, collections::BTreeMap};

use serde::de::Error as _;
use uuid::{NoContext, Timestamp, Uuid};

use super::{desk::Desk, discovery::shelf::Shelves, fault::Fault, memo::Memo, notify};
use crate::{
    domain::{
        audit::change::{Change, Facts, between, few},
        ids::{Id, TenantId},
        tenant::caller::Caller,
        when::Instant,
    },
    store::{
        Since, Store,
        batch::{Batch, Claim, Expect, Happening, Put, Remove, Shown, Wake},
        record::{Filter, Record, Row, Stored},
        records::Told,
    },
};

mod house;

/// One operation at work.
pub struct Work<'a> {
    store: &'a dyn Store,
    memo: &'a Memo,
    shelves: &'a Shelves,
    desk: &'a Desk,
    caller: &'a Caller,
    now: Instant,
    pub(super) batch: Batch,
    pub(super) about: Option<About>,
}

/// What the audit line says of the object that a command is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct About {
    pub object: String,
    pub before: Option<i64>,
    pub after: Option<i64>,
    pub changes: Vec<Change>,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        (store, memo, shelves): (&'a dyn Store, &'a Memo, &'a Shelves),
        desk: &'a Desk,
        caller: &'a Caller,
        now: Instant,
    ) -> Self {
        let batch = Batch::new(caller.tenant.clone(), now);
        Self {
            store,
            memo,
            shelves,
            desk,
            caller,
            now,
            batch,
            about: None,
        }
    }

    /// Who asks.
    #[must_use]
    pub fn caller(&self) -> &'a Caller {
        self.caller
    }

    /// Whose things they are.
    #[must_use]
    pub fn tenant(&self) -> &'a TenantId {
        &self.caller.tenant
    }

    /// When this is, the same throughout.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// What the engine was set up with.
    #[must_use]
    pub fn desk(&self) -> &'a Desk {
        self.desk
    }

    /// The catalogues that are kept in memory.
    pub(super) fn shelves(&self) -> &'a Shelves {
        self.shelves
    }

    /// Mints an id.
    #[must_use]
    pub fn mint<I: Id>(&self) -> I {
        mint(self.now).into()
    }

    /// Reads an object.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn get<R: Record>(&self, id: &str) -> Result<Option<Stored<R>>, Fault> {
        let row = self.store.get(self.tenant(), R::KIND, id).await?;
        let read = |row: Row| match self.memo.find(self.tenant(), id, &row.body) {
            Some(record) => Ok(stored(row, record)),
            None => read(row),
        };
        row.map(read).transpose()
    }

    /// Reads the revision of an object, if it is there, and it as it is shown, if it is kept
    /// so of this revision and in this shape.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn shown<R: Record>(
        &self,
        id: &str,
        shape: &str,
    ) -> Result<Option<(i64, Option<String>)>, Fault> {
        let store = self.store;
        Ok(store.shown(self.tenant(), R::KIND, id, shape).await?)
    }

    /// How many commands of this tenant were written down: every commit that changes one of
    /// its objects adds one. Nothing before the first.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn changes(&self) -> Result<Option<i64>, Fault> {
        Ok(self.store.audited(self.tenant()).await?)
    }

    /// The number of the last thing that happened to the tenant.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn fed(&self) -> Result<i64, Fault> {
        Ok(self.store.fed(self.tenant()).await?.unwrap_or(0))
    }

    /// Reads an object that must be there.
    ///
    /// # Errors
    /// When there is none, or the store cannot.
    pub async fn find<R: Record, I: Id>(&self, id: I) -> Result<Stored<R>, Fault> {
        self.get(&id.to_string())
            .await?
            .ok_or_else(|| Fault::missing(id))
    }

    /// Reads a page of objects.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn list<R: Record>(&self, filter: &Filter) -> Result<Vec<Stored<R>>, Fault> {
        self.rows::<R>(filter)
            .await?
            .into_iter()
            .map(read)
            .collect()
    }

    /// Reads rows with bodies as objects.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn read_rows<R: Record>(&self, rows: Vec<Row>) -> Result<Vec<Stored<R>>, Fault> {
        rows.into_iter().map(read).collect()
    }

    /// Reads a page of objects as rows, with the bodies only if the filter wants them.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn rows<R: Record>(&self, filter: &Filter) -> Result<Vec<Row>, Fault> {
        Ok(self.store.list(self.tenant(), R::KIND, filter).await?)
    }

    /// Reads a page of objects as rows without their bodies, and how many there are in all.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn page<R: Record>(&self, filter: &Filter) -> Result<(Vec<Row>, i64), Fault> {
        Ok(self.store.page(self.tenant(), R::KIND, filter).await?)
    }

    /// Counts what a filter matches, from the kept counts where they can say it.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn count<R: Record>(&self, filter: &Filter) -> Result<i64, Fault> {
        if !filter.is_by_state() {
            return Ok(self.store.count(self.tenant(), R::KIND, filter).await?);
        }
        let wanted = |state: &str| filter.state.as_deref().is_none_or(|only| only == state);
        let tallies = self.tallies::<R>().await?;
        Ok(tallies
            .iter()
            .filter(|(state, _)| wanted(state))
            .map(|(_, n)| n)
            .sum())
    }

    /// Counts the objects of a kind by state.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn tallies<R: Record>(&self) -> Result<Vec<(String, i64)>, Fault> {
        Ok(self.store.tallies(self.tenant(), R::KIND).await?)
    }

    /// The database, for reading what is no object.
    #[must_use]
    pub(super) fn store(&self) -> &'a dyn Store {
        self.store
    }

    /// Reads what happened.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn events(&self, since: &Since) -> Result<Vec<super::events::Event>, Fault> {
        Ok(self
            .store
            .events(self.tenant(), since)
            .await?
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// Reads what is used of a limited amount, for the cells between two, both included, with
    /// what this operation has taken and given back itself.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn used(
        &self,
        space: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<(String, i64)>, Fault> {
        let used = self.store.used(self.tenant(), space, from, to).await?;
        let own = self.batch.claims.iter();
        let own = own.filter(|claim| claim.space == space && (from..=to).contains(&&*claim.cell));
        let mut cells: BTreeMap<String, i64> = used.into_iter().collect();
        for claim in own {
            let cell = cells.entry(claim.cell.clone()).or_default();
            *cell = cell.saturating_add(claim.amount);
        }
        Ok(cells.into_iter().collect())
    }

    /// Sums what is used of every space whose name begins so, over the cells between two,
    /// both included.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn used_sums(
        &self,
        prefix: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<(String, i64)>, Fault> {
        Ok(self
            .store
            .used_sums(self.tenant(), prefix, from, to)
            .await?)
    }

    /// Writes a new object.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn create<R: Record>(&mut self, record: &R) -> Result<(), Fault> {
        self.put(record, None, || few(record.notes()))
    }

    /// Writes an object over the one that was read; if that has changed meanwhile, the
    /// whole operation is run again.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn replace<R: Record, W: 'static>(
        &mut self,
        was: &Stored<W>,
        record: &R,
    ) -> Result<(), Fault> {
        let replaces = Some((was.revision, was.state.clone()));
        self.put(record, replaces, || changed(was, record))
    }

    /// Takes an object away that was read; if that has changed meanwhile, the whole operation
    /// is run again.
    pub fn remove<R: Record>(&mut self, was: &Stored<R>) {
        let id = was.record.id();
        self.about = Some(About {
            object: format!("{}/{id}", R::KIND),
            before: Some(was.revision),
            after: None,
            changes: between(&was.record.told(), &Facts::default()),
        });
        self.batch.removes.push(Remove {
            kind: R::KIND,
            id,
            replaces: (was.revision, was.state.clone()),
        });
    }

    fn put<R: Record>(
        &mut self,
        record: &R,
        replaces: Option<(i64, String)>,
        changes: impl FnOnce() -> Vec<Change>,
    ) -> Result<(), Fault> {
        let id = record.id();
        let before = replaces.as_ref().map(|(revision, _)| *revision);
        let object = format!("{}/{id}", R::KIND);
        let about = self.about.as_ref();
        if about.is_none_or(|about| about.object == object) {
            self.about = Some(About {
                object,
                before,
                after: Some(before.unwrap_or(0) + 1),
                changes: changes(),
            });
        }
        let written = written(record, replaces)?;
        if R::AT_HAND {
            self.memo.keep(self.tenant(), &id, &written.body, record);
        }
        self.batch.puts.push(written);
        Ok(())
    }

    /// Keeps what was written last also as it is shown.
    pub fn show(&mut self, shown: Shown) {
        if let Some(put) = self.batch.puts.last_mut() {
            put.shown = Some(shown);
        }
    }

    /// Requires that what was read has not changed when this commits.
    pub fn expect<R: Record>(&mut self, was: &Stored<R>) {
        let (id, revision) = (was.record.id(), was.revision);
        self.batch.expects.push(Expect {
            kind: R::KIND,
            id,
            revision,
        });
    }

    /// Says what the audit line is about, where nothing is written or something else is.
    pub fn about(&mut self, object: impl Into<String>) {
        self.about = Some(About {
            object: object.into(),
            before: None,
            after: None,
            changes: Vec::new(),
        });
    }

    /// Takes an amount from what a limit leaves, or gives it back.
    pub fn claim(
        &mut self,
        space: impl Into<String>,
        cell: impl Into<String>,
        amount: i64,
        limit: i64,
    ) {
        self.batch.claims.push(Claim {
            space: space.into(),
            cell: cell.into(),
            amount,
            limit,
        });
    }

    /// Starts background work in the same commit.
    pub fn wake(&mut self, kind: &'static str, object: impl Into<String>, at: Instant) {
        let id = mint(self.now).to_string();
        self.batch.wakes.push(Wake {
            id,
            kind,
            object: object.into(),
            at,
        });
    }

    /// Tells whoever watches.
    pub fn tell(
        &mut self,
        name: &'static str,
        kind: &'static str,
        object: impl Into<String>,
        detail: impl Into<String>,
    ) {
        let (object, detail) = (object.into(), detail.into());
        if notify::concerns(name) {
            self.wake(notify::NOTIFY, Told::ID, self.now);
        }
        self.batch.happenings.push(Happening {
            name,
            kind,
            object,
            detail,
        });
    }
}

/// What was changed of an object, where it is known as it was: some keep no more of what was read
/// than its revision.
fn changed<R: Record, W: 'static>(was: &Stored<W>, record: &R) -> Vec<Change> {
    let before = (&was.record as &dyn Any).downcast_ref::<R>();
    let changes = before.map(|before| between(&before.told(), &record.told()));
    changes.unwrap_or_default()
}

/// An object as it is to be written.
fn written<R: Record>(record: &R, replaces: Option<(i64, String)>) -> Result<Put, Fault> {
    Ok(Put {
        kind: R::KIND,
        id: record.id(),
        replaces,
        facets: record.facets(),
        body: serde_json::to_string(record).map_err(Fault::broken)?,
        glance: record.glance().map_err(Fault::broken)?,
        shown: None,
    })
}

/// Mints a `UUIDv7` for an instant.
pub(super) fn mint(now: Instant) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(
        NoContext,
        seconds,
        now.timestamp_subsec_nanos(),
    ))
}

fn read<R: Record>(row: Row) -> Result<Stored<R>, Fault> {
    let record = serde_json::from_str(&row.body).map_err(|error| {
        Fault::broken(serde_json::Error::custom(format!(
            "{} {}: {error}",
            R::KIND,
            row.id
        )))
    })?;
    Ok(stored(row, record))
}

fn stored<R>(row: Row, record: R) -> Stored<R> {
    Stored {
        record,
        revision: row.revision,
        state: row.facets.state,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
