//! The one writer of a SQLite file: a thread of its own that commits together what arrives
//! together, so that one wait for the disk serves them all. What is against one change is not
//! against the others.

use std::{
    io, mem,
    path::{Path, PathBuf},
    thread,
};

use futures_util::FutureExt as _;
use tokio::sync::{mpsc, oneshot};

use super::conn::SqliteConn;
use crate::store::{
    batch::{CommitError, StoreError},
    open::Keeps,
    sql::Change,
};

/// How many changes share one wait for the disk.
const GROUP: usize = 128;
/// For how many groups, once a change was refused, refusals are expected.
const WARY: u32 = 16;
/// How many changes in one group are much work.
const MUCH: usize = 8;
/// After how many groups of little work the pages of much work are given back.
const REST: u32 = 256;
/// How many changes may wait for the writer before askers wait too.
const QUEUE: usize = 1024;

/// The way to the writer.
pub struct Pen(mpsc::Sender<Order>);

/// What the writer is told.
enum Order {
    Make(Box<dyn Pending>),
    Close(oneshot::Sender<()>),
}

impl Pen {
    /// Gives the writer this connection and lets it begin.
    pub fn new(path: &Path, conn: SqliteConn, keeps: Keeps) -> io::Result<Self> {
        let (orders, waiting) = mpsc::channel(QUEUE);
        let writer = Writer {
            path: path.to_owned(),
            keeps,
            conn: Some(conn),
            wary: 0,
            pages: 0,
        };
        thread::Builder::new()
            .name("store-writer".into())
            .spawn(|| writer.write(waiting))?;
        Ok(Self(orders))
    }

    /// Makes a change together with whatever else waits.
    pub async fn change<C: Change>(&self, change: C) -> Result<C::Answer, CommitError> {
        let gone = || StoreError::Unreachable("the writer has stopped".into());
        let (asker, answer) = oneshot::channel();
        let asked = Asked {
            change,
            outcome: None,
            asker,
        };
        let order = Order::Make(Box::new(asked));
        self.0.send(order).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Ends after what is being written.
    pub async fn close(&self) {
        let (done, over) = oneshot::channel();
        // Stopped before: there is nothing to wait for.
        if self.0.send(Order::Close(done)).await.is_ok() {
            drop(over.await);
        }
    }
}

/// What came of a change inside the transaction.
enum Verdict {
    /// It can be committed.
    Stands,
    /// Something is against it; nothing of it may stay.
    Refused,
    /// The database could not do it.
    Broken(StoreError),
}

/// A change that somebody waits for.
trait Pending: Send {
    /// Makes it, once more if it was made before.
    fn make(&mut self, conn: &mut SqliteConn) -> Verdict;
    /// Says what came of it; or, where there is one, the failure that took it back.
    fn answer(self: Box<Self>, failure: Option<StoreError>);
}

struct Asked<C: Change> {
    change: C,
    outcome: Option<Result<C::Answer, CommitError>>,
    asker: oneshot::Sender<Result<C::Answer, CommitError>>,
}

impl<C: Change> Pending for Asked<C> {
    fn make(&mut self, conn: &mut SqliteConn) -> Verdict {
        let waits = || StoreError::Unreachable("the change waits for something".into());
        let outcome = self.change.make(conn).now_or_never();
        let outcome = outcome.unwrap_or_else(|| Err(waits().into()));
        let verdict = match &outcome {
            Ok(_) => Verdict::Stands,
            Err(CommitError::Store(error)) => Verdict::Broken(error.clone()),
            Err(_) => Verdict::Refused,
        };
        self.outcome = Some(outcome);
        verdict
    }

    fn answer(self: Box<Self>, failure: Option<StoreError>) {
        let never = || StoreError::Unreachable("the writer left it out".into());
        let answer = match failure {
            Some(error) => Err(error.into()),
            None => self.outcome.unwrap_or_else(|| Err(never().into())),
        };
        // An asker that went away has nobody to tell; the commit stands.
        drop(self.asker.send(answer));
    }
}

/// Why a transaction was given up.
enum Broken {
    /// The database could not make one of its changes.
    Change(StoreError),
    /// It could not be begun or committed.
    Whole(StoreError),
}

struct Writer {
    path: PathBuf,
    keeps: Keeps,
    conn: Option<SqliteConn>,
    /// For how many more groups each change is made in a part of its own.
    wary: u32,
    /// For how many more groups of little work it keeps the pages of much work.
    pages: u32,
}

impl Writer {
    fn write(mut self, mut waiting: mpsc::Receiver<Order>) {
        let (mut orders, mut group) = (Vec::with_capacity(GROUP), Vec::with_capacity(GROUP));
        let mut closing = Vec::new();
        while waiting.blocking_recv_many(&mut orders, GROUP) > 0 {
            for order in orders.drain(..) {
                match order {
                    Order::Make(change) => group.push(change),
                    Order::Close(done) => {
                        waiting.close();
                        closing.push(done);
                    }
                }
            }
            self.together(&mut group);
        }
        if let Some(conn) = self.conn {
            conn.close();
        }
        for done in closing {
            // Nobody has to wait for it.
            done.send(()).ok();
        }
    }

    /// Makes changes in one transaction, or else each in one of its own: what the database
    /// cannot do for one of them, it may well do for the others.
    fn together(&mut self, group: &mut Vec<Box<dyn Pending>>) {
        let failure = match self.transaction(group) {
            Ok(()) => None,
            Err(Broken::Change(_)) if group.len() > 1 => return self.one_by_one(group),
            Err(Broken::Change(error) | Broken::Whole(error)) => Some(error),
        };
        for change in group.drain(..) {
            change.answer(failure.clone());
        }
    }

    fn one_by_one(&mut self, group: &mut Vec<Box<dyn Pending>>) {
        let mut down = None;
        for change in mem::take(group) {
            let mut alone = [change];
            let failure = match &down {
                Some(error) => Err(Broken::Change(StoreError::clone(error))),
                None => self.transaction(&mut alone),
            };
            let failure = match failure {
                Ok(()) => None,
                Err(Broken::Change(error)) => Some(error),
                // Nothing can be begun or kept: the rest need not wait for it too.
                Err(Broken::Whole(error)) => down.insert(error).clone().into(),
            };
            let [change] = alone;
            change.answer(failure);
        }
    }

    /// Makes changes in one transaction. After a failure nothing of it is there, and the
    /// connection is given up: what a broken disk was told is not told again over it.
    fn transaction(&mut self, group: &mut [Box<dyn Pending>]) -> Result<(), Broken> {
        if group.is_empty() {
            return Ok(());
        }
        let conn = self.conn.take().map_or_else(
            || {
                self.pages = 0;
                SqliteConn::to_write(&self.path, self.keeps)
            },
            Ok,
        );
        let mut conn = conn.map_err(Broken::Whole)?;
        let done = self.all_of(&mut conn, group);
        if done.is_ok() {
            self.keep(&conn, group.len());
            self.conn = Some(conn);
        } else if conn.is_in_transaction() {
            // Closing it would do the same.
            drop(conn.run("ROLLBACK"));
        }
        done
    }

    /// Keeps many pages at hand while there is much to do.
    fn keep(&mut self, conn: &SqliteConn, group: usize) {
        let before = self.pages;
        self.pages = if group >= MUCH {
            REST
        } else {
            before.saturating_sub(1)
        };
        if (before == 0) != (self.pages == 0) {
            conn.keep_much(before == 0);
        }
    }

    /// Makes changes in one transaction. Each is in a part of its own only where one of them is
    /// refused: that is seldom, and parts cost as much as a small change.
    fn all_of(
        &mut self,
        conn: &mut SqliteConn,
        group: &mut [Box<dyn Pending>],
    ) -> Result<(), Broken> {
        if group.len() > 1 && self.wary == 0 {
            run(conn, "BEGIN IMMEDIATE")?;
            if all_stand(conn, group)? {
                return run(conn, "COMMIT");
            }
            run(conn, "ROLLBACK")?;
            self.wary = WARY;
        }
        self.wary = self.wary.saturating_sub(1);
        in_parts(conn, group)
    }
}

fn run(conn: &mut SqliteConn, sql: &str) -> Result<(), Broken> {
    conn.run(sql).map(drop).map_err(Broken::Whole)
}

/// Makes changes one behind the other, until one is refused; whether none was.
fn all_stand(conn: &mut SqliteConn, group: &mut [Box<dyn Pending>]) -> Result<bool, Broken> {
    for change in group {
        match change.make(conn) {
            Verdict::Stands => {}
            Verdict::Refused => return Ok(false),
            Verdict::Broken(error) => return Err(Broken::Change(error)),
        }
    }
    Ok(true)
}

/// Makes changes in one transaction, each in a savepoint of its own unless it is alone.
fn in_parts(conn: &mut SqliteConn, group: &mut [Box<dyn Pending>]) -> Result<(), Broken> {
    let (is_alone, mut stands) = (group.len() == 1, false);
    run(conn, "BEGIN IMMEDIATE")?;
    for change in group {
        if !is_alone {
            run(conn, "SAVEPOINT part")?;
        }
        match change.make(conn) {
            Verdict::Stands => stands = true,
            Verdict::Refused if is_alone => {}
            Verdict::Refused => run(conn, "ROLLBACK TO part")?,
            Verdict::Broken(error) => return Err(Broken::Change(error)),
        }
        if !is_alone {
            run(conn, "RELEASE part")?;
        }
    }
    run(conn, if stands { "COMMIT" } else { "ROLLBACK" })
}
