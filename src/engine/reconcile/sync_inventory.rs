//! Brings here what ad servers have: asks for a page, has it kept in one commit, and goes on from
//! there. Killed anywhere, the next run of it begins at the last page that was kept. Trouble that
//! passes is waited out; any other ends the run with what helps.

use async_trait::async_trait;

use super::{GivenUp, Next, Reconciler};
use crate::{
    domain::{
        ids::SyncId,
        inventory::{
            connection::Connection,
            item::Item,
            run::{MOST_PAGES, Run, RunStatus, Step},
            trouble::Trouble,
        },
        tenant::caller::Caller,
    },
    engine::{
        core::{Core, Terms},
        fault::{Fault, FaultKind},
        sync::{
            SYNC_INVENTORY,
            read::GetSync,
            servers,
            take::{TakeSyncStep, Taken},
            test::{GetConnection, NoteTest},
        },
    },
    peers::ad_servers::{Backend, Want},
    store::Lease,
};

/// How many steps are taken before others get a turn, and before a node that stops has to wait.
const STEPS: u32 = 20;
/// What a client calls an answer that says that the question is none.
const REJECTED: &str = "AD_SERVER_REJECTED";

/// Brings here what ad servers have.
pub struct SyncInventory;

#[async_trait]
impl Reconciler for SyncInventory {
    fn kind(&self) -> &'static str {
        SYNC_INVENTORY
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        if lease.object == Connection::ID {
            test(core, lease).await?;
            return Ok(Next::Done);
        }
        let Some(mut run) = read(core, lease).await? else {
            return Ok(Next::Done);
        };
        let server = match servers::of(core, &lease.tenant).await {
            Ok(server) => server,
            Err(trouble) => {
                let run = take(core, lease, &run, Taken::Trouble(trouble)).await?;
                return Ok(next(core, &run));
            }
        };
        for _ in 0..STEPS {
            let now = core.clock().now();
            if !run.status.is_open() || run.next_at.is_some_and(|at| at > now) {
                break;
            }
            let taken = step(&*server, &run).await;
            run = take(core, lease, &run, taken).await?;
            tokio::task::yield_now().await;
        }
        Ok(next(core, &run))
    }

    async fn give_up(&self, core: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        let Some(run) = read(core, lease).await? else {
            return Ok(GivenUp::Over);
        };
        let taken = Taken::GivenUp(Trouble::permanent(fault.message.clone()));
        take(core, lease, &run, taken).await.map(|_| GivenUp::Over)
    }
}

/// When it is looked at again.
fn next(core: &Core, run: &Run) -> Next {
    if !run.status.is_open() {
        return Next::Done;
    }
    Next::At(run.next_at.unwrap_or_else(|| core.clock().now()))
}

/// The run that a lease is about, unless it has ended.
async fn read(core: &Core, lease: &Lease) -> Result<Option<Run>, Fault> {
    let Ok(sync_id) = lease.object.parse::<SyncId>() else {
        return Ok(None);
    };
    let engine = Caller::engine(lease.tenant.clone());
    match core.ask(&engine, GetSync { sync_id }).await {
        Ok(run) => Ok(Some(run).filter(|run| run.status.is_open())),
        Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Has a step kept under the lease.
async fn take(core: &Core, lease: &Lease, run: &Run, taken: Taken) -> Result<Run, Fault> {
    let engine = Caller::engine(lease.tenant.clone());
    let terms = Terms::under(lease.held.clone());
    let step = TakeSyncStep {
        sync_id: run.id,
        taken,
    };
    let answer = core.ask_on(&engine, step, terms).await?;
    Ok(answer.output)
}

/// Takes the next step outside of any commit: asks the ad server for what it needs.
async fn step(server: &dyn Backend, run: &Run) -> Taken {
    if run.status == RunStatus::Pending {
        return Taken::Begins {
            source: server.source(),
            kinds: server.kinds(run.what),
        };
    }
    if server.source() != run.source {
        let message = "the tenant has another ad server now: start the sync again";
        return Taken::GivenUp(Trouble::permanent(message));
    }
    let Some(stage) = run.stage() else {
        return Taken::Sweep;
    };
    if stage.step == Step::Sweeping {
        return Taken::Sweep;
    }
    let want = Want {
        kind: stage.kind,
        since: run.since.filter(|_| stage.by_change),
        token: stage.token.as_deref(),
        number: stage.pages + 1,
    };
    if want.number > MOST_PAGES {
        let message = format!(
            "there are more than {MOST_PAGES} pages of {}",
            stage.kind.plural()
        );
        return Taken::GivenUp(Trouble::unreadable(message));
    }
    let page = match server.page(want).await {
        Ok(page) => page,
        Err(trouble) if trouble.code == REJECTED && stage.token.is_some() => {
            return Taken::Forgotten;
        }
        Err(trouble) => return Taken::Trouble(trouble),
    };
    let items: Result<Vec<Item>, _> = page.items.into_iter().map(Item::tidied).collect();
    match items {
        Ok(items) => Taken::Page {
            kind: stage.kind,
            number: want.number,
            items,
            next: page.next,
        },
        Err(none) => {
            let message = format!("something on {} {none}", want.said());
            Taken::Trouble(Trouble::unreadable(message))
        }
    }
}

/// Tests the connection, and has kept what came of it.
async fn test(core: &Core, lease: &Lease) -> Result<(), Fault> {
    let engine = Caller::engine(lease.tenant.clone());
    let known = core.ask(&engine, GetConnection::default()).await?;
    let mut note = NoteTest {
        test: known.test,
        ..NoteTest::default()
    };
    match servers::of(core, &lease.tenant).await {
        Err(trouble) => note.trouble = Some(trouble),
        Ok(server) => {
            note.source = server.source();
            match server.test().await {
                Ok(reached) => note.said = reached.said,
                Err(trouble) => note.trouble = Some(trouble),
            }
        }
    }
    let terms = Terms::under(lease.held.clone());
    core.ask_on(&engine, note, terms).await.map(drop)
}
