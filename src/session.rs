//! Who is asking, and which engine answers: all that a console or a command ever holds.
//! The only place that knows where the engine lives.

use std::time::Duration;

use uuid::Uuid;

use crate::{
    domain::{ids::JobId, tenant::caller::Caller},
    engine::{
        bookings::{settled, view::JobView},
        catalogue::Entry,
        core::{Answer, Core, Terms},
        fault::Fault,
        operation::Operation,
    },
};

/// A caller with an engine.
#[derive(Clone)]
pub struct Session {
    engine: Engine,
    caller: Caller,
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
        let terms = if O::KIND.is_command() {
            Terms::keyed(Uuid::new_v4().to_string())
        } else {
            Terms::default()
        };
        match &self.engine {
            Engine::Embedded(core) => core
                .ask_on(&self.caller, operation, terms)
                .await
                .map(|answer| answer.output),
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
                let terms = Terms { key, held: None };
                (entry.call)(core.clone(), self.caller.clone(), question, terms).await
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
