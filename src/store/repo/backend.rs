//! Binds the SQL to a database of either make: reads over its lanes, writes as changes that
//! it makes. Refuses to know how a database is opened.

use async_trait::async_trait;

use super::{
    changes::{
        Apply, ClaimWork, End, ForgetAnswers, ForgetHours, ForgetObjects, ForgetUsed, Renew, Share,
        ShareCounts,
    },
    delivery, feed, inventory, objects, tasks,
};
use crate::{
    domain::{
        audit::{Anchor, Sealed},
        ids::TenantId,
        when::Instant,
    },
    store::{
        Ending, Happened, Keeping, Lease, Since, Store, TaskRow, Wall,
        batch::{Batch, CommitError, Committed, Day, Held, Remembered, StoreError, Thing},
        ear::Ear,
        inventory::{Counted, Listing},
        record::{Filter, Mark, Row, Sort},
        sql::{
            Change, Make,
            Scope::{All, Nobody, Of},
            Weight::{self, Heavy, Light},
        },
    },
};

/// The most rows that a light question reads.
const FEW: u32 = 200;

/// A database of one make.
pub struct Backend<M>(pub M);

impl<M: Make> Backend<M> {
    async fn change<C: Change>(&self, change: C) -> Result<C::Answer, StoreError> {
        self.0.change(change).await.map_err(|error| match error {
            CommitError::Store(error) => error,
            refused => StoreError::Unreachable(refused.to_string()),
        })
    }
}

fn by_filter(filter: &Filter) -> Weight {
    let by_index = filter.sort == Sort::Created && filter.search.is_none();
    if by_index && filter.offset <= FEW {
        let named = filter.ids.as_ref().map(|ids| u32::try_from(ids.len()));
        let most = named.map_or(u32::MAX, |named| named.unwrap_or(u32::MAX));
        by_rows(filter.limit.min(most))
    } else {
        Heavy
    }
}

fn by_rows(limit: u32) -> Weight {
    if limit <= FEW { Light } else { Heavy }
}

#[async_trait]
impl<M: Make> Store for Backend<M> {
    async fn commit(&self, mut batch: Batch) -> Result<Committed, CommitError> {
        batch.in_lock_order();
        self.0.change(Apply(batch)).await
    }

    async fn get(
        &self,
        tenant: &TenantId,
        kind: &str,
        id: &str,
    ) -> Result<Option<Row>, StoreError> {
        objects::get(
            &mut *self.0.lane(Light, Of(tenant)).await?,
            tenant,
            kind,
            id,
        )
        .await
    }

    async fn shown(
        &self,
        tenant: &TenantId,
        kind: &str,
        id: &str,
        shape: &str,
    ) -> Result<Option<(i64, Option<String>)>, StoreError> {
        objects::shown(
            &mut *self.0.lane(Light, Of(tenant)).await?,
            tenant,
            kind,
            id,
            shape,
        )
        .await
    }

    async fn audited(&self, tenant: &TenantId) -> Result<Option<i64>, StoreError> {
        feed::audited(&mut *self.0.lane(Light, Of(tenant)).await?, tenant).await
    }

    async fn fed(&self, tenant: &TenantId) -> Result<Option<i64>, StoreError> {
        feed::fed(&mut *self.0.lane(Light, Of(tenant)).await?, tenant).await
    }

    async fn list(
        &self,
        tenant: &TenantId,
        kind: &str,
        filter: &Filter,
    ) -> Result<Vec<Row>, StoreError> {
        let mut lane = self.0.lane(by_filter(filter), Of(tenant)).await?;
        objects::list(&mut *lane, tenant, kind, filter).await
    }

    async fn page(
        &self,
        tenant: &TenantId,
        kind: &str,
        filter: &Filter,
    ) -> Result<(Vec<Row>, i64), StoreError> {
        let mut lane = self.0.lane(by_filter(filter), Of(tenant)).await?;
        objects::page(&mut *lane, tenant, kind, filter).await
    }

    async fn count(
        &self,
        tenant: &TenantId,
        kind: &str,
        filter: &Filter,
    ) -> Result<i64, StoreError> {
        objects::count(
            &mut *self.0.lane(Heavy, Of(tenant)).await?,
            tenant,
            kind,
            filter,
        )
        .await
    }

    async fn tallies(
        &self,
        tenant: &TenantId,
        kind: &str,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        objects::tallies(&mut *self.0.lane(Light, Of(tenant)).await?, tenant, kind).await
    }

    async fn used(
        &self,
        tenant: &TenantId,
        space: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        objects::used(
            &mut *self.0.lane(Light, Of(tenant)).await?,
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
        objects::used_sums(
            &mut *self.0.lane(Heavy, Of(tenant)).await?,
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
        feed::recall(
            &mut *self.0.lane(Light, Of(tenant)).await?,
            tenant,
            caller,
            key,
        )
        .await
    }

    async fn events(&self, tenant: &TenantId, since: &Since) -> Result<Vec<Happened>, StoreError> {
        feed::events(
            &mut *self.0.lane(by_rows(since.limit), Of(tenant)).await?,
            tenant,
            since,
        )
        .await
    }

    async fn audit(
        &self,
        tenant: &TenantId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Sealed>, StoreError> {
        feed::audit(
            &mut *self.0.lane(by_rows(limit), Of(tenant)).await?,
            tenant,
            after,
            limit,
        )
        .await
    }

    async fn audit_before(
        &self,
        tenant: Option<&TenantId>,
        before: Option<&Mark>,
        limit: u32,
    ) -> Result<Vec<(TenantId, Sealed)>, StoreError> {
        let mut lane = self.0.lane(by_rows(limit), tenant.map_or(All, Of)).await?;
        feed::audit_before(&mut *lane, tenant, before, limit).await
    }

    async fn tallies_of_all(&self, kind: &str) -> Result<Vec<(TenantId, String, i64)>, StoreError> {
        objects::tallies_of_all(&mut *self.0.lane(Heavy, All).await?, kind).await
    }

    async fn heads(&self) -> Result<Vec<(TenantId, i64, Anchor)>, StoreError> {
        feed::heads(&mut *self.0.lane(Heavy, All).await?).await
    }

    async fn claim(
        &self,
        node: &str,
        kinds: &[&str],
        now: Instant,
        until: Instant,
        most: u32,
    ) -> Result<Vec<Lease>, StoreError> {
        let claim = ClaimWork {
            node: node.to_owned(),
            kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            now,
            until,
            most,
        };
        self.change(claim).await
    }

    async fn renew(&self, held: &Held, until: Instant) -> Result<bool, StoreError> {
        self.change(Renew(held.clone(), until)).await
    }

    async fn end(&self, lease: &Lease, ending: &Ending, now: Instant) -> Result<bool, StoreError> {
        self.change(End(lease.clone(), ending.clone(), now)).await
    }

    async fn next_due(&self, kinds: &[&str]) -> Result<Option<Instant>, StoreError> {
        tasks::next_due(&mut *self.0.lane(Light, All).await?, kinds).await
    }

    async fn tasks(&self, tenant: &TenantId, limit: u32) -> Result<Vec<TaskRow>, StoreError> {
        tasks::tasks(&mut *self.0.lane(Heavy, Of(tenant)).await?, tenant, limit).await
    }

    async fn forget_answers(&self, before: Instant) -> Result<u64, StoreError> {
        self.change(ForgetAnswers(before)).await
    }

    async fn forget_used(&self, prefix: &str, before: &str) -> Result<u64, StoreError> {
        let change = ForgetUsed(prefix.to_owned(), before.to_owned());
        self.change(change).await
    }

    async fn forget_objects(
        &self,
        tenant: &TenantId,
        kind: &str,
        state: &str,
        before: Instant,
        most: u32,
    ) -> Result<u64, StoreError> {
        let change = ForgetObjects {
            tenant: tenant.clone(),
            kind: kind.to_owned(),
            state: state.to_owned(),
            before,
            most,
        };
        self.change(change).await
    }

    async fn days(
        &self,
        tenant: &TenantId,
        line: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<Day>, StoreError> {
        delivery::days(
            &mut *self.0.lane(Light, Of(tenant)).await?,
            tenant,
            line,
            (from, to),
        )
        .await
    }

    async fn forget_hours(&self, before: &str) -> Result<u64, StoreError> {
        self.change(ForgetHours(before.to_owned())).await
    }

    async fn things(
        &self,
        tenant: &TenantId,
        kind: &str,
        ids: &[String],
    ) -> Result<Vec<Thing>, StoreError> {
        inventory::things(
            &mut *self.0.lane(Heavy, Of(tenant)).await?,
            tenant,
            kind,
            ids,
        )
        .await
    }

    async fn unmet(
        &self,
        tenant: &TenantId,
        kind: &str,
        run: i64,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        inventory::unmet(
            &mut *self.0.lane(Heavy, Of(tenant)).await?,
            tenant,
            kind,
            (run, limit),
        )
        .await
    }

    async fn inventory(
        &self,
        tenant: &TenantId,
        listing: &Listing,
    ) -> Result<(Vec<Thing>, i64), StoreError> {
        inventory::list(&mut *self.0.lane(Heavy, Of(tenant)).await?, tenant, listing).await
    }

    async fn inventory_counts(&self, tenant: &TenantId) -> Result<Vec<Counted>, StoreError> {
        inventory::counts(&mut *self.0.lane(Heavy, Of(tenant)).await?, tenant).await
    }

    async fn share(&self, name: &str, value: &str) -> Result<String, StoreError> {
        self.change(Share(name.to_owned(), value.to_owned())).await
    }

    async fn share_counts(
        &self,
        node: &str,
        own: Vec<(String, i64)>,
        window: i64,
    ) -> Result<Vec<(String, i64, i64)>, StoreError> {
        let node = node.to_owned();
        self.change(ShareCounts { node, own, window }).await
    }

    async fn ear(&self) -> Result<Box<dyn Ear>, StoreError> {
        self.0.ear().await
    }

    async fn call_out(&self) -> Result<(), StoreError> {
        self.0.call_out().await
    }

    async fn wall(&self) -> Result<Option<Wall>, StoreError> {
        feed::wall(&mut *self.0.lane(Light, Nobody).await?).await
    }

    async fn keeping(&self) -> Result<Option<Keeping>, StoreError> {
        feed::keeping(&mut *self.0.lane(Light, Nobody).await?).await
    }

    async fn describe(&self) -> Result<String, StoreError> {
        feed::describe(&mut *self.0.lane(Light, Nobody).await?).await
    }

    async fn close(&self) {
        self.0.close().await;
    }
}
