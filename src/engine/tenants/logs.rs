//! The audit trail with the newest line first: of the tenant that is asked for, or of all. Page
//! by page, by a cursor; each line with the hash that seals it, so that it can be checked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::page_size;
use crate::{
    domain::{
        audit::{Change, Outcome, Sealed},
        ids::TenantId,
        policy::Permission,
        tenant::{caller::house, role::Role},
        when::Instant,
    },
    engine::{
        cursor::Pages,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::Mark,
};

/// How many lines are given where nobody says.
const USUAL: u32 = 100;
/// How many lines are given at most.
const MOST: u32 = 1000;

/// A line of a trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogLine {
    /// Its name, of all trails: the tenant and its number there.
    pub log_id: String,
    /// Whose trail.
    pub tenant_id: TenantId,
    /// When.
    pub timestamp: Instant,
    /// What was asked, such as `media_buys.create`.
    pub operation: String,
    /// Who asked.
    pub principal_name: String,
    /// In which role.
    pub role: Role,
    /// Whether it was done.
    pub success: bool,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was not done.
    pub error_message: Option<String>,
    /// What it was done to, as `kind/id`.
    pub object: Option<String>,
    /// The object's revision before.
    pub revision_before: Option<i64>,
    /// The object's revision after.
    pub revision_after: Option<i64>,
    /// What it changed of the object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// The hash of the line, which seals those before it too.
    pub hash: String,
}

impl LogLine {
    fn of(tenant: TenantId, line: Sealed) -> Self {
        let entry = line.entry;
        let success = entry.outcome == Outcome::Done;
        let why = Some(entry.detail).filter(|said| !success && !said.is_empty());
        Self {
            log_id: format!("{tenant}:{}", line.seq),
            tenant_id: tenant,
            timestamp: entry.at,
            operation: entry.action,
            principal_name: entry.actor,
            role: entry.role,
            success,
            outcome: entry.outcome,
            error_message: why,
            object: entry.object,
            revision_before: entry.revision_before,
            revision_after: entry.revision_after,
            changes: entry.changes,
            hash: line.hash,
        }
    }
}

/// A page of lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogPage {
    /// The newest first.
    pub audit_logs: Vec<LogLine>,
    /// How many there are on this page.
    pub count: usize,
    /// Where the trail goes on, to what is older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Reads a page of one trail, or of all.
async fn page(
    work: &Work<'_>,
    of: Option<&TenantId>,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<LogPage, Fault> {
    let limit = page_size(limit, USUAL, MOST)?;
    let (whose, question) = match of {
        Some(tenant) => (tenant.clone(), "audit logs"),
        None => (house(), "audit logs of all"),
    };
    let pages = Pages::of(&work.desk().secret, &whose, question);
    let before = pages.after(cursor)?;
    let mut lines = work
        .store()
        .audit_before(of, before.as_ref(), limit + 1)
        .await?;
    let next_cursor = pages.cut(&mut lines, limit, |(tenant, last)| Mark {
        text: tenant.to_string(),
        number: last.entry.at.timestamp_micros(),
        id: last.seq.to_string(),
    })?;
    let lines = lines
        .into_iter()
        .map(|(tenant, line)| LogLine::of(tenant, line));
    let audit_logs: Vec<LogLine> = lines.collect();
    Ok(LogPage {
        count: audit_logs.len(),
        audit_logs,
        next_cursor,
    })
}

/// Reads the tenant's trail, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReadLogs {
    /// At most so many; 100 where it is not said, 1000 at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where an earlier answer ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl Operation for ReadLogs {
    const NAME: &'static str = "audit.logs";
    const ABOUT: &'static str = "Read the tenant's audit trail, the newest line first.";
    const KIND: Kind = Kind::Query(Permission::ReadAudit);
    type Output = LogPage;

    async fn perform(self, work: &mut Work<'_>) -> Result<LogPage, Fault> {
        page(
            work,
            Some(work.tenant()),
            self.limit,
            self.cursor.as_deref(),
        )
        .await
    }
}

/// Reads the trails of all tenants, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReadAllLogs {
    /// At most so many; 100 where it is not said, 1000 at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where an earlier answer ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl Operation for ReadAllLogs {
    const NAME: &'static str = "tenants.logs";
    const ABOUT: &'static str = "Read the audit trails of all tenants, the newest line first.";
    const KIND: Kind = Kind::Query(Permission::ManageTenants);
    type Output = LogPage;

    async fn perform(self, work: &mut Work<'_>) -> Result<LogPage, Fault> {
        page(work, None, self.limit, self.cursor.as_deref()).await
    }
}
