//! Who is asking, and which engine answers: all that a console or a command ever holds.
//! The only place that knows where the engine lives.

use std::time::Duration;

use tokio::{
    runtime::Handle,
    sync::broadcast::{self, error::RecvError},
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
        bookings::{settled, view::JobView},
        catalogue::Entry,
        core::{Answer, Core, Terms},
        events::{Event, Noticed},
        fault::{Fault, FaultKind},
        operation::Operation,
    },
};

/// A caller with an engine.
#[derive(Clone)]
pub struct Session {
    engine: Engine,
    caller: Caller,
    read_only: bool,
    apart: Option<Handle>,
}

/// What happens, as it happens.
pub struct Watch {
    events: broadcast::Receiver<Noticed>,
    tenant: TenantId,
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
        loop {
            match self.events.recv().await {
                Ok(noticed) if noticed.tenant == self.tenant => {
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
}

impl Session {
    /// Asks the engine in this process.
    #[must_use]
    pub fn embedded(core: Core, caller: Caller) -> Self {
        Self {
            engine: Engine::Embedded(core),
            caller,
            read_only: false,
            apart: None,
        }
    }

    /// The same person with another tenant in their charge: an admin who can open the database
    /// looks after all of them, as an operator.
    ///
    /// # Errors
    /// When the caller looks after their own tenant alone.
    pub fn for_tenant(&self, tenant: &TenantId) -> Result<Self, Fault> {
        if *tenant == self.caller.tenant {
            return Ok(self.clone());
        }
        if !matches!(self.caller.role, Role::Admin | Role::Operator) {
            let role = self.caller.role;
            return Err(Fault::forbidden(role, Permission::ManageTenants));
        }
        let caller = Caller::new(self.caller.name.clone(), tenant.clone(), Role::Operator);
        Ok(Self {
            caller,
            ..self.clone()
        })
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

    /// What time it is for the engine.
    #[must_use]
    pub fn now(&self) -> Instant {
        match &self.engine {
            Engine::Embedded(core) => core.clock().now(),
        }
    }

    /// Watches what happens to the caller's tenant. Falling behind loses nothing but time:
    /// whoever misses something is told and reads again.
    #[must_use]
    pub fn watch(&self) -> Watch {
        match &self.engine {
            Engine::Embedded(core) => Watch {
                events: core.watch(),
                tenant: self.caller.tenant.clone(),
            },
        }
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
        let answer = AbortOnDropHandle::new(engine.spawn(ask(here))).await;
        answer.unwrap_or_else(|error| Err(Fault::broken(error)))
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
        }
    }
}
