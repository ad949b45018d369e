//! Who is asking, and which engine answers: all that a console or a command ever holds.
//! The only place that knows whether the engine lives in this process or somewhere else.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::{
    runtime::Handle,
    sync::{
        broadcast::{self, error::RecvError},
        oneshot,
    },
};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use crate::{
    domain::{
        ids::{JobId, TenantId},
        policy::Permission,
        tenant::{caller::Caller, role::Role},
        when::Instant,
    },
    engine::{
        bookings::{get::GetJob, settled, view::JobView},
        catalogue::Entry,
        core::{Answer, Core, Terms},
        events::{Event, Noticed},
        fault::{Fault, FaultKind},
        operation::Operation,
        who::Met,
    },
    remote::{Heard, Remote, Watching},
};

/// How often whoever waits for a job somewhere else looks although nothing was told.
const LOOK: Duration = Duration::from_secs(1);

/// A caller with an engine.
#[derive(Clone)]
pub struct Session {
    engine: Engine,
    caller: Caller,
    read_only: bool,
    keeper: bool,
    apart: Option<Handle>,
}

/// What happens, as it happens.
pub struct Watch(Source);

/// Where it is told.
enum Source {
    /// In this process, of all tenants.
    Here(broadcast::Receiver<Noticed>, TenantId),
    /// Over the wire.
    There(Watching),
}

/// What a watcher learns.
#[derive(Debug, Clone)]
pub enum Seen {
    /// Something happened.
    Event(Event),
    /// More happened than could be told.
    Missed,
}

impl Watch {
    /// Waits for the next thing that happens; nothing more comes when the engine is gone.
    pub async fn next(&mut self) -> Option<Seen> {
        let (events, tenant) = match &mut self.0 {
            Source::Here(events, tenant) => (events, tenant),
            Source::There(watching) => {
                return Some(match watching.next().await? {
                    Heard::Event(event) => Seen::Event(event),
                    Heard::Missed => Seen::Missed,
                });
            }
        };
        loop {
            match events.recv().await {
                Ok(noticed) if noticed.tenant == *tenant => {
                    return Some(Seen::Event(noticed.event));
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return Some(Seen::Missed),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

/// Where the engine lives.
#[derive(Clone)]
enum Engine {
    /// In this process.
    Embedded(Core),
    /// Somewhere else.
    Remote(Remote),
}

/// Something that is done in the process of the engine alone.
fn elsewhere(remote: &Remote) -> Fault {
    let message = format!(
        "that is done where the database is, and the engine at {} is asked over the wire",
        remote.name()
    );
    Fault::new(FaultKind::Invalid, "NOT_OVER_THE_WIRE", message)
        .hint("do it there, without --engine")
}

impl Session {
    /// Asks an engine somewhere else, as whom it knows us.
    #[must_use]
    pub fn remote(remote: Remote, met: &Met) -> Self {
        Self {
            engine: Engine::Remote(remote),
            caller: met.caller(),
            read_only: false,
            keeper: met.keeps_house,
            apart: None,
        }
    }

    /// Whether the engine is somewhere else.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        matches!(self.engine, Engine::Remote(_))
    }

    /// Asks the engine in this process.
    #[must_use]
    pub fn embedded(core: Core, caller: Caller) -> Self {
        Self {
            engine: Engine::Embedded(core),
            caller,
            read_only: false,
            keeper: false,
            apart: None,
        }
    }

    /// The same, for somebody who owns the database and so looks after all of its tenants, as
    /// whoever has the management key does.
    #[must_use]
    pub fn keeping_house(self) -> Self {
        Self {
            keeper: true,
            ..self
        }
    }

    /// Whether the caller looks after all tenants.
    #[must_use]
    pub fn keeps_house(&self) -> bool {
        self.keeper || self.caller.role == Role::Operator
    }

    /// The same person with a tenant in their charge: its own people as who they are, whoever
    /// looks after all tenants as an operator, whose deeds stand in that tenant's trail.
    ///
    /// # Errors
    /// When it is another's tenant.
    pub fn for_tenant(&self, tenant: &TenantId) -> Result<Self, Fault> {
        if self.keeps_house() {
            let mut caller = Caller::new(self.caller.name.clone(), tenant.clone(), Role::Operator);
            let engine = match &self.engine {
                Engine::Embedded(core) => Engine::Embedded(core.clone()),
                Engine::Remote(remote) => {
                    // What our key is narrowed to it stays.
                    caller.scopes.clone_from(&self.caller.scopes);
                    Engine::Remote(remote.of(tenant.clone()))
                }
            };
            return Ok(Self {
                engine,
                caller,
                ..self.clone()
            });
        }
        if *tenant == self.caller.tenant {
            return Ok(self.clone());
        }
        Err(Fault::forbidden(&self.caller, Permission::ManageTenants))
    }

    /// The same, but its work is done by the threads of another runtime: whoever asks waits
    /// for answers and works for none.
    #[must_use]
    pub fn apart(self, engine: Handle) -> Self {
        Self {
            apart: Some(engine),
            ..self
        }
    }

    /// The same, but unable to send any command.
    #[must_use]
    pub fn read_only(self) -> Self {
        Self {
            read_only: true,
            ..self
        }
    }

    /// The same engine, asked by somebody else: for whoever has its database.
    ///
    /// # Errors
    /// When the engine is somewhere else, and knows us by our key.
    pub fn asking_as(&self, caller: Caller) -> Result<Self, Fault> {
        match &self.engine {
            Engine::Embedded(_) => Ok(Self {
                caller,
                ..self.clone()
            }),
            Engine::Remote(remote) => Err(elsewhere(remote)),
        }
    }

    /// What time it is for the engine.
    #[must_use]
    pub fn now(&self) -> Instant {
        match &self.engine {
            Engine::Embedded(core) => core.clock().now(),
            Engine::Remote(remote) => remote.now(),
        }
    }

    /// Watches what happens to the caller's tenant. Falling behind loses nothing but time:
    /// whoever misses something is told and reads again.
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch(match &self.engine {
            Engine::Embedded(core) => Source::Here(core.watch(), self.caller.tenant.clone()),
            Engine::Remote(remote) => {
                let on = self.apart.clone().unwrap_or_else(Handle::current);
                Source::There(remote.watch(&on))
            }
        })
    }

    /// Who asks.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Asks; a command carries a key minted here, so that a lost answer can be asked again.
    ///
    /// # Errors
    /// With the fault, when it was not done.
    pub async fn ask<O: Operation>(&self, operation: O) -> Result<O::Output, Fault> {
        if O::KIND.is_command() {
            return self.ask_keyed(operation, Uuid::new_v4().to_string()).await;
        }
        self.ask_on(operation, Terms::default()).await
    }

    /// Asks a command under a key that was minted before: asked again, it is done once.
    ///
    /// # Errors
    /// With the fault, when it was not done.
    pub async fn ask_keyed<O: Operation>(
        &self,
        operation: O,
        key: String,
    ) -> Result<O::Output, Fault> {
        self.ask_on(operation, Terms::keyed(key)).await
    }

    async fn ask_on<O: Operation>(&self, operation: O, terms: Terms) -> Result<O::Output, Fault> {
        if self.read_only && O::KIND.is_command() {
            let message = "this session is read only: it sends no commands";
            return Err(Fault::new(FaultKind::Forbidden, "READ_ONLY", message)
                .hint("start it without --read-only"));
        }
        match &self.engine {
            Engine::Embedded(core) => {
                let core = core.clone();
                let ask = async move |here: Self| core.ask_on(&here.caller, operation, terms).await;
                self.there(ask).await.map(|answer| answer.output)
            }
            Engine::Remote(remote) => {
                let remote = remote.clone();
                let ask = async move |_: Self| remote.ask(&operation, terms.key.as_deref()).await;
                self.there(ask).await
            }
        }
    }

    /// Has something asked, and what comes of it worked out, where the engine works; gives it
    /// up with the waiting for it.
    ///
    /// # Errors
    /// With its fault.
    pub async fn there<T, F, Fut>(&self, ask: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(Self) -> Fut,
        Fut: Future<Output = Result<T, Fault>> + Send + 'static,
    {
        let mut here = self.clone();
        let Some(engine) = here.apart.take() else {
            return ask(here).await;
        };
        // One type of task for all that is asked: the compiler builds a runtime's part for each.
        let (tell, told) = oneshot::channel();
        let asked = ask(here);
        let work: BoxFuture<'static, ()> = Box::pin(async move { drop(tell.send(asked.await)) });
        let working = AbortOnDropHandle::new(engine.spawn(work));
        match told.await {
            Ok(answer) => answer,
            Err(_) => Err(working.await.map_or_else(Fault::broken, |()| {
                Fault::broken("the engine gave no answer")
            })),
        }
    }

    /// Asks any operation of the catalogue, in JSON.
    ///
    /// # Errors
    /// With the fault, when it was not done.
    pub async fn call(
        &self,
        entry: &Entry,
        question: Vec<u8>,
        key: Option<String>,
    ) -> Result<Answer<String>, Fault> {
        match &self.engine {
            Engine::Embedded(core) => {
                let terms = Terms {
                    key,
                    ..Terms::default()
                };
                let core = core.clone();
                let ask = |here: Self| (entry.call)(core, here.caller, question, terms);
                self.there(ask).await
            }
            Engine::Remote(remote) => {
                // A lost answer is asked again, and what is done shall be done once.
                let minted = || entry.kind.is_command().then(|| Uuid::new_v4().to_string());
                let key = key.or_else(minted);
                let (remote, name) = (remote.clone(), entry.name);
                let ask = async move |_: Self| remote.call(name, &question, key.as_deref()).await;
                self.there(ask).await
            }
        }
    }

    /// Waits until a job is as wanted, at most so long; gives it as it is then.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub async fn wait_for_job(
        &self,
        job_id: JobId,
        most: Duration,
        wanted: impl Fn(&JobView) -> bool + Send,
    ) -> Result<JobView, Fault> {
        match &self.engine {
            Engine::Embedded(core) => settled::wait(core, &self.caller, job_id, most, wanted).await,
            Engine::Remote(_) => self.follow_job(job_id, most, wanted).await,
        }
    }

    /// Looks whenever something happens to the job, and once in a while.
    async fn follow_job(
        &self,
        job_id: JobId,
        most: Duration,
        wanted: impl Fn(&JobView) -> bool + Send,
    ) -> Result<JobView, Fault> {
        let mut watch = self.watch();
        let mut over = std::pin::pin!(tokio::time::sleep(most));
        let id = job_id.to_string();
        loop {
            let job = self.ask(GetJob { job_id }).await?;
            if wanted(&job) || over.is_elapsed() {
                return Ok(job);
            }
            let woken = async {
                loop {
                    match watch.next().await {
                        Some(Seen::Event(event)) if event.object != id => {}
                        Some(_) => return,
                        None => std::future::pending().await,
                    }
                }
            };
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep(LOOK) => {}
                () = &mut over => {}
            }
        }
    }
}
