//! Reads the directory, and what belongs to one tenant. Whoever looks after the house reads
//! all of it as an operator; everybody else reads their own tenant and no other.

use super::listeners::{self, Listener};
use crate::{
    domain::{audit::Sealed, ids::TenantId, tenant::caller::house},
    engine::{
        activity::{FeedEnd, ReadAudit},
        fault::{Fault, FaultKind},
        keys::{KeyView, list::ListKeys},
        notify::endpoints::ListEndpoints,
        sync::{
            status::{CopyHealth, SyncHealth},
            test::{ConnectionView, GetConnection},
        },
        tenants::{
            get::GetTenant,
            list::ListTenants,
            own::{GetOwn, GetOwnStatus},
            principals::{PrincipalView, list::ListPrincipals},
            status::{GetStatus, TenantStatus},
            view::{TenantRow, TenantView},
        },
        webhooks::list::ListNotices,
    },
    session::Session,
    tui::panes::sent,
};

/// How many pages of anything are read at most.
const PAGES: usize = 20;
/// How many of the newest lines of the trail are read.
const LINES: i64 = 500;

/// The tenants that somebody sees.
#[derive(Debug)]
pub struct Directory {
    /// All of them.
    pub tenants: Vec<TenantRow>,
    /// How many there are beyond those.
    pub more: i64,
    /// Whether whoever reads looks after all tenants.
    pub keeps: bool,
}

/// Reads every tenant that somebody sees.
///
/// # Errors
/// When they cannot be read.
pub async fn directory(session: Session) -> Result<Directory, Fault> {
    if !session.keeps_house() {
        let own = session.ask(GetOwn {}).await?;
        return Ok(Directory {
            tenants: vec![own.row],
            more: 0,
            keeps: false,
        });
    }
    let in_house = session.for_tenant(&house())?;
    let mut tenants: Vec<TenantRow> = Vec::new();
    let mut cursor = None;
    for _ in 0..PAGES {
        let list = ListTenants {
            cursor: cursor.take(),
            ..ListTenants::default()
        };
        let page = in_house.ask(list).await?;
        tenants.extend(page.tenants);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(Directory {
                tenants,
                more: 0,
                keeps: true,
            });
        }
    }
    let known = i64::try_from(tenants.len()).unwrap_or(i64::MAX);
    let total = in_house.ask(ListTenants::default()).await?.total;
    Ok(Directory {
        more: (total - known).max(0),
        tenants,
        keeps: true,
    })
}

/// One tenant in full.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What is kept of it.
    pub view: TenantView,
    /// How it is.
    pub status: TenantStatus,
}

/// Reads one tenant in full.
///
/// # Errors
/// When it cannot be read.
pub async fn tenant(session: Session, id: TenantId) -> Result<Seen, Fault> {
    let view = view(&session, &id).await?;
    let there = session.for_tenant(&id)?;
    let status = if there.keeps_house() {
        there.ask(GetStatus {}).await?
    } else {
        there.ask(GetOwnStatus {}).await?
    };
    Ok(Seen { view, status })
}

/// What was brought here from a tenant's ad server, and what is known of the way there.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// What was brought, and what is on its way.
    pub copy: CopyHealth,
    /// Whether we are let in.
    pub connection: ConnectionView,
}

impl Fetched {
    /// Whether something is on its way.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        let moves = |run: &crate::domain::inventory::run::Run| run.status.is_open();
        let mut runs = self.copy.syncs.iter().filter_map(|one| one.last.as_ref());
        self.connection.testing || runs.any(moves)
    }
}

/// Reads what was brought here from a tenant's ad server.
///
/// # Errors
/// When it cannot be read.
pub async fn fetched(session: Session, id: TenantId) -> Result<Fetched, Fault> {
    let there = session.for_tenant(&id)?;
    Ok(Fetched {
        copy: there.ask(SyncHealth {}).await?,
        connection: there.ask(GetConnection {}).await?,
    })
}

/// Reads who is told what happens in a tenant, with what was sent there lately.
///
/// # Errors
/// When it cannot be read.
pub async fn listeners(session: Session, id: TenantId) -> Result<Vec<Listener>, Fault> {
    let view = view(&session, &id).await?;
    let there = session.for_tenant(&id)?;
    let endpoints = there.ask(ListEndpoints {}).await?.webhooks;
    let mut told = sent::read(&there).await?;
    for endpoint in endpoints.iter().filter(|one| one.last_try_at.is_some()) {
        let owner = endpoint.endpoint_id.to_string();
        // What was sent there may be older than all that others were told since.
        if told
            .iter()
            .any(|one| sent::endpoint(&one.owner) == Some(owner.as_str()))
        {
            continue;
        }
        let own = ListNotices {
            endpoint_id: Some(endpoint.endpoint_id),
            limit: Some(listeners::LATEST),
            ..ListNotices::default()
        };
        told.extend(there.ask(own).await?.webhooks);
    }
    Ok(listeners::sorted(&view, endpoints, told))
}

async fn view(session: &Session, id: &TenantId) -> Result<TenantView, Fault> {
    let there = session.for_tenant(id)?;
    if there.keeps_house() {
        there.ask(GetTenant {}).await
    } else {
        there.ask(GetOwn {}).await
    }
}

/// Reads how these tenants are; one that is gone meanwhile is left out.
///
/// # Errors
/// When they cannot be read.
pub async fn statuses(session: Session, ids: Vec<TenantId>) -> Result<Vec<TenantStatus>, Fault> {
    let mut all = Vec::new();
    for id in ids {
        match tenant(session.clone(), id).await {
            Ok(seen) => all.push(seen.status),
            Err(fault) if fault.kind == FaultKind::NotFound => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(all)
}

/// Reads the principals of a tenant.
///
/// # Errors
/// When they cannot be read.
pub async fn principals(session: Session, id: TenantId) -> Result<Vec<PrincipalView>, Fault> {
    let there = session.for_tenant(&id)?;
    let mut all = Vec::new();
    let mut cursor = None;
    for _ in 0..PAGES {
        let list = ListPrincipals {
            cursor: cursor.take(),
            ..ListPrincipals::default()
        };
        let page = there.ask(list).await?;
        all.extend(page.principals);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    Ok(all)
}

/// Reads the keys of a tenant, those that open nothing any more too.
///
/// # Errors
/// When they cannot be read.
pub async fn keys(session: Session, id: TenantId) -> Result<Vec<KeyView>, Fault> {
    let list = ListKeys {
        revoked: true,
        search: None,
    };
    Ok(session.for_tenant(&id)?.ask(list).await?.keys)
}

/// Reads the newest lines of a tenant's trail.
///
/// # Errors
/// When they cannot be read.
pub async fn trail(session: Session, id: TenantId) -> Result<Vec<Sealed>, Fault> {
    let there = session.for_tenant(&id)?;
    let end = there.ask(FeedEnd {}).await?.audit;
    let read = ReadAudit {
        after: (end - LINES).max(0),
        limit: u32::try_from(LINES).ok(),
        object: None,
    };
    Ok(there.ask(read).await?.lines)
}
