//! Binds the SQL to connections: reads from a pool, writes through the writer of the
//! database at hand. Refuses to know how a database is opened.

use crate::{
    domain::{
        audit::{Anchor, Sealed},
        ids::TenantId,
        when::Instant,
    },
    store::{
        Ending, Happened, Lease, Since, Store, TaskRow,
        batch::{Batch, CommitError, Committed, Held, Remembered, StoreError},
        record::{Filter, Row},
    },
};
use async_trait::async_trait;

/// A database of one make.
pub struct Backend {
    /// The way to read.
    pub reader: super::super::Reader,
    /// The way to write.
    pub writer: super::super::Writer,
}

#[async_trait]
impl Store for Backend {
    async fn commit(&self, mut batch: Batch) -> Result<Committed, CommitError> {
        batch.in_lock_order();
        self.writer.commit(batch).await
    }

    async fn get(
        &self,
        tenant: &TenantId,
        kind: &str,
        id: &str,
    ) -> Result<Option<Row>, StoreError> {
        super::get(&mut *self.reader.connection().await?, tenant, kind, id).await
    }

    async fn list(
        &self,
        tenant: &TenantId,
        kind: &str,
        filter: &Filter,
    ) -> Result<Vec<Row>, StoreError> {
        super::list(&mut *self.reader.connection().await?, tenant, kind, filter).await
    }

    async fn page(
        &self,
        tenant: &TenantId,
        kind: &str,
        filter: &Filter,
    ) -> Result<(Vec<Row>, i64), StoreError> {
        super::page(&mut *self.reader.connection().await?, tenant, kind, filter).await
    }

    async fn count(
        &self,
        tenant: &TenantId,
        kind: &str,
        filter: &Filter,
    ) -> Result<i64, StoreError> {
        super::count(&mut *self.reader.connection().await?, tenant, kind, filter).await
    }

    async fn tallies(
        &self,
        tenant: &TenantId,
        kind: &str,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        super::tallies(&mut *self.reader.connection().await?, tenant, kind).await
    }

    async fn used(
        &self,
        tenant: &TenantId,
        space: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        super::used(
            &mut *self.reader.connection().await?,
            tenant,
            space,
            from,
            to,
        )
        .await
    }

    async fn used_sums(
        &self,
        tenant: &TenantId,
        prefix: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        super::used_sums(
            &mut *self.reader.connection().await?,
            tenant,
            prefix,
            from,
            to,
        )
        .await
    }

    async fn recall(
        &self,
        tenant: &TenantId,
        caller: &str,
        key: &str,
    ) -> Result<Option<Remembered>, StoreError> {
        super::recall(&mut *self.reader.connection().await?, tenant, caller, key).await
    }

    async fn events(&self, tenant: &TenantId, since: &Since) -> Result<Vec<Happened>, StoreError> {
        super::events(&mut *self.reader.connection().await?, tenant, since).await
    }

    async fn audit(
        &self,
        tenant: &TenantId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Sealed>, StoreError> {
        super::audit(&mut *self.reader.connection().await?, tenant, after, limit).await
    }

    async fn heads(&self) -> Result<Vec<(TenantId, i64, Anchor)>, StoreError> {
        super::heads(&mut *self.reader.connection().await?).await
    }

    async fn claim(
        &self,
        node: &str,
        kinds: &[&str],
        now: Instant,
        until: Instant,
        most: u32,
    ) -> Result<Vec<Lease>, StoreError> {
        super::claim(
            &mut *self.writer.connection().await?,
            node,
            kinds,
            now,
            until,
            most,
        )
        .await
    }

    async fn renew(&self, held: &Held, until: Instant) -> Result<bool, StoreError> {
        super::renew(&mut *self.writer.connection().await?, held, until).await
    }

    async fn end(&self, lease: &Lease, ending: &Ending, now: Instant) -> Result<bool, StoreError> {
        super::end(&mut *self.writer.connection().await?, lease, ending, now).await
    }

    async fn next_due(&self, kinds: &[&str]) -> Result<Option<Instant>, StoreError> {
        super::next_due(&mut *self.reader.connection().await?, kinds).await
    }

    async fn tasks(&self, tenant: &TenantId, limit: u32) -> Result<Vec<TaskRow>, StoreError> {
        super::tasks(&mut *self.reader.connection().await?, tenant, limit).await
    }

    async fn forget_answers(&self, before: Instant) -> Result<u64, StoreError> {
        super::forget_answers(&mut *self.writer.connection().await?, before).await
    }

    async fn forget_used(&self, prefix: &str, before: &str) -> Result<u64, StoreError> {
        super::forget_used(&mut *self.writer.connection().await?, prefix, before).await
    }

    async fn share(&self, name: &str, value: &str) -> Result<String, StoreError> {
        super::share(&mut *self.writer.connection().await?, name, value).await
    }

    async fn describe(&self) -> Result<String, StoreError> {
        super::super::describe(&mut *self.reader.connection().await?).await
    }

    async fn close(&self) {
        self.writer.close().await;
        self.reader.close().await;
    }
}
