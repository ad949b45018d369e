//! What an operation reads and changes in the house beside the tenant that it is asked for: the
//! directory of tenants, and keys. Everything else of other tenants is out of its reach, but for
//! what the house itself does to a tenant as a whole.

use super::{Work, changed, read, written};
use crate::{
    domain::{ids::TenantId, tenant::caller::house},
    engine::{core::DOORS, fault::Fault},
    store::{
        batch::{Happening, Remove},
        record::{Filter, Record, Row, Stored},
    },
};

impl Work<'_> {
    /// Reads an object of the house.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn get_in_house<R: Record>(&self, id: &str) -> Result<Option<Stored<R>>, Fault> {
        let row = self.store.get(&house(), R::KIND, id).await?;
        row.map(read).transpose()
    }

    /// Reads a page of objects of the house as rows.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn rows_in_house<R: Record>(&self, filter: &Filter) -> Result<Vec<Row>, Fault> {
        Ok(self.store.list(&house(), R::KIND, filter).await?)
    }

    /// Reads a page of objects of the house.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn list_in_house<R: Record>(&self, filter: &Filter) -> Result<Vec<Stored<R>>, Fault> {
        let rows = self.rows_in_house::<R>(filter).await?;
        self.read_rows(rows)
    }

    /// Counts the objects of the house by state.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn tallies_in_house<R: Record>(&self) -> Result<Vec<(String, i64)>, Fault> {
        Ok(self.store.tallies(&house(), R::KIND).await?)
    }

    /// Counts the objects of the house that a filter matches.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn count_in_house<R: Record>(&self, filter: &Filter) -> Result<i64, Fault> {
        Ok(self.store.count(&house(), R::KIND, filter).await?)
    }

    /// Writes a new object of the house; if there is one already, the whole operation is run
    /// again.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn create_in_house<R: Record>(&mut self, record: &R) -> Result<(), Fault> {
        let put = written(record, None)?;
        self.batch.beside(&house()).puts.push(put);
        Ok(())
    }

    /// Writes an object of the house over the one that was read.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn replace_in_house<R: Record, W: 'static>(
        &mut self,
        was: &Stored<W>,
        record: &R,
    ) -> Result<(), Fault> {
        let object = format!("{}/{}", R::KIND, record.id());
        if let Some(about) = self.about.as_mut().filter(|about| about.object == object) {
            about.before = Some(was.revision);
            about.after = Some(was.revision + 1);
            about.changes = changed(was, record);
        }
        let put = written(record, Some((was.revision, was.state.clone())))?;
        self.batch.beside(&house()).puts.push(put);
        Ok(())
    }

    /// Takes an object of the house away that was read.
    pub fn remove_in_house<R: Record>(&mut self, was: &Stored<R>) {
        let gone = Remove {
            kind: R::KIND,
            id: was.record.id(),
            replaces: (was.revision, was.state.clone()),
        };
        self.batch.beside(&house()).removes.push(gone);
    }

    /// Tells whoever watches the house, and every door: something of the directory or of its
    /// keys has changed.
    pub fn tell_house(
        &mut self,
        name: &'static str,
        object: impl Into<String>,
        detail: impl Into<String>,
    ) {
        let happening = Happening {
            name,
            kind: DOORS,
            object: object.into(),
            detail: detail.into(),
        };
        self.batch.beside(&house()).happenings.push(happening);
    }

    /// The number of the last thing that happened in the house: every change of the directory
    /// or of a key makes it another one.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn house_changes(&self) -> Result<i64, Fault> {
        Ok(self.store.fed(&house()).await?.unwrap_or(0))
    }

    /// Writes a new object of a tenant that is being opened.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn create_for<R: Record>(&mut self, tenant: &TenantId, record: &R) -> Result<(), Fault> {
        let put = written(record, None)?;
        self.batch.beside(tenant).puts.push(put);
        Ok(())
    }

    /// Has everything of a tenant forgotten in this commit.
    pub fn forget(&mut self, tenant: &TenantId) {
        self.batch.forgets.push(tenant.clone());
    }
}
