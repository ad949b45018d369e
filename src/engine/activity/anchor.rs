//! The anchor of the audit trail: a file outside the database that remembers how far each
//! tenant's chain reaches, so that a tail that was cut off shows. Only ever moves forward.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use crate::{
    domain::{
        audit::{Anchor, Broken, Outcome, Sealed, Verifier},
        ids::TenantId,
        tenant::caller::{ENGINE, house},
    },
    engine::{core::Core, fault::Fault, operation::Operation as _, tenants::delete::DeleteTenant},
};

/// How often the anchor follows the chains.
const EVERY: Duration = Duration::from_secs(1);
/// How many lines are read at a time.
const PAGE: u32 = 1000;

/// Where every chain was known to end.
pub type Anchors = BTreeMap<TenantId, Anchor>;

/// What was found of one tenant's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whose chain.
    pub tenant: TenantId,
    /// How many lines were anchored before.
    pub anchored: i64,
    /// Where it ends, or where it is broken.
    pub found: Result<Anchor, Broken>,
}

impl Verdict {
    /// Whether it has lines and no anchor, so that nobody knows what was cut off.
    #[must_use]
    pub fn is_unanchored(&self) -> bool {
        self.anchored == 0 && self.found.as_ref().is_ok_and(|end| end.seq > 0)
    }
}

/// Reads the anchors; none where there is no file yet.
///
/// # Errors
/// When the file cannot be read, or is no file of anchors.
pub fn read(path: &Path) -> io::Result<Anchors> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Anchors::new()),
        Err(error) => Err(error),
    }
}

/// Writes the anchors, whole or not at all.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, anchors: &Anchors) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let fresh = path.with_extension("anchor-new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(&serde_json::to_vec_pretty(anchors)?)?;
    file.sync_all()?;
    fs::rename(&fresh, path)
}

/// Moves the anchors forward to where the chains end now. A chain that ends before its
/// anchor, or does not hold the line that was anchored, leaves the anchor where it is.
///
/// # Errors
/// When database or file cannot be read or written.
pub async fn follow(core: &Core, path: &Path) -> Result<(), Fault> {
    let mut anchors = read(path).map_err(Fault::broken)?;
    let mut moved = false;
    for (tenant, _, head) in core.store().heads().await? {
        let known = anchors.get(&tenant).map_or(0, |anchor| anchor.seq);
        if head.seq <= known {
            continue;
        }
        if holds(core, &tenant, anchors.get(&tenant)).await? {
            anchors.insert(tenant, head);
            moved = true;
        } else {
            tracing::error!(%tenant, "the audit trail is not the one that was anchored");
        }
    }
    if moved {
        write(path, &anchors).map_err(Fault::broken)?;
    }
    Ok(())
}

/// Whether the line that was anchored still stands in the chain.
async fn holds(core: &Core, tenant: &TenantId, anchor: Option<&Anchor>) -> Result<bool, Fault> {
    let Some(anchor) = anchor else {
        return Ok(true);
    };
    let lines = core.store().audit(tenant, anchor.seq - 1, 1).await?;
    let same = |line: &Sealed| line.seq == anchor.seq && line.hash == anchor.hash;
    Ok(lines.first().is_some_and(same))
}

/// Follows until cancelled, and once more then.
pub async fn keep(core: Core, path: PathBuf, stop: CancellationToken) {
    let mut events = core.watch();
    let mut failed = false;
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => {}
            // Nothing is written while nothing happens.
            _ = events.recv() => {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(EVERY) => {}
                }
                while events.try_recv().is_ok() {}
            }
        }
        if let Err(fault) = follow(&core, &path).await
            && !failed
        {
            failed = true;
            tracing::error!(%fault, path = %path.display(), "the audit anchor cannot be written");
        }
    }
}

/// Reads every chain from its first line to its end.
///
/// # Errors
/// When the database cannot be read.
pub async fn verify(core: &Core, anchors: &Anchors) -> Result<Vec<Verdict>, Fault> {
    let store = core.store();
    let nothing = Anchor {
        seq: 0,
        hash: String::new(),
    };
    let heads = store.heads().await?;
    let mut heads: Anchors = heads
        .into_iter()
        .map(|(tenant, _, head)| (tenant, head))
        .collect();
    let deleted = deleted(core).await?;
    for tenant in anchors.keys().filter(|tenant| !deleted.contains(*tenant)) {
        heads
            .entry(tenant.clone())
            .or_insert_with(|| nothing.clone());
    }
    let mut verdicts = Vec::new();
    for (tenant, head) in heads {
        let anchor = anchors.get(&tenant).filter(|_| !deleted.contains(&tenant));
        let found = chain(core, &tenant, anchor).await?;
        let found = found.and_then(|end| end.reaches(&head));
        // A house in which nobody has done anything yet is not worth a word.
        let is_empty = found.as_ref().is_ok_and(|end| end.seq == 0);
        if tenant.as_str() == ENGINE && is_empty {
            continue;
        }
        verdicts.push(Verdict {
            anchored: anchor.map_or(0, |anchor| anchor.seq),
            found,
            tenant,
        });
    }
    Ok(verdicts)
}

/// Tenants that somebody had forgotten, as the trail of the house tells: their own went too.
async fn deleted(core: &Core) -> Result<BTreeSet<TenantId>, Fault> {
    let (mut gone, mut after) = (BTreeSet::new(), 0);
    loop {
        let lines = core.store().audit(&house(), after, PAGE).await?;
        let Some(last) = lines.last() else {
            return Ok(gone);
        };
        after = last.seq;
        let deeds = lines.into_iter().map(|line| line.entry);
        let deeds =
            deeds.filter(|deed| deed.action == DeleteTenant::NAME && deed.outcome == Outcome::Done);
        let named = deeds.filter_map(|deed| deed.object);
        gone.extend(named.filter_map(|it| it.split_once('/')?.1.parse().ok()));
    }
}

async fn chain(
    core: &Core,
    tenant: &TenantId,
    anchor: Option<&Anchor>,
) -> Result<Result<Anchor, Broken>, Fault> {
    let mut verifier = Verifier::new(tenant, anchor);
    let mut after = 0;
    loop {
        let lines = core.store().audit(tenant, after, PAGE).await?;
        let Some(last) = lines.last() else {
            return Ok(verifier.end());
        };
        after = last.seq;
        for line in &lines {
            if let Err(broken) = verifier.next(line) {
                return Ok(Err(broken));
            }
        }
    }
}
