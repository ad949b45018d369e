//! An operation without its type, as the way through the door needs it: that way is the same for
//! all, so the compiler builds it once. Refuses to know what is asked or answered.

use std::any::Any;

use futures_util::future::BoxFuture;

use super::{Answer, Core};
use crate::{
    domain::tenant::caller::Caller,
    engine::{
        digest::digest,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// An answer without its type.
pub(super) type Output = Box<dyn Any + Send + Sync>;

/// What the door needs of an operation.
pub(super) trait Deed: Send + Sync {
    /// Its stable name.
    fn name(&self) -> &'static str;
    /// Whether it changes anything, and what it takes to ask it.
    fn kind(&self) -> Kind;
    /// Whether whoever was let in may ask it.
    fn for_all(&self) -> bool;
    /// What it waits for its turn in, if in anything.
    fn queue(&self) -> Option<String>;
    /// The digest of the question.
    fn digest(&self) -> Result<String, Fault>;
    /// Reads, decides and gathers; may be run again.
    fn perform<'w, 'a: 'w>(
        &'w self,
        work: &'w mut Work<'a>,
    ) -> BoxFuture<'w, Result<Output, Fault>>;
    /// What is answered of a command once what goes on behind its commit is done.
    fn finished<'c>(
        &'c self,
        core: &'c Core,
        caller: &'c Caller,
        output: Output,
    ) -> BoxFuture<'c, Result<Output, Fault>>;
    /// An answer as JSON.
    fn written(&self, output: &Output) -> Result<String, Fault>;
    /// What is kept of an answer.
    fn kept(&self, output: &Output) -> Result<String, Fault>;
    /// An answer that was kept.
    fn recalled(&self, kept: &str) -> Result<Output, Fault>;
}

impl<O: Operation> Deed for O {
    fn name(&self) -> &'static str {
        O::NAME
    }

    fn kind(&self) -> Kind {
        O::KIND
    }

    fn for_all(&self) -> bool {
        O::FOR_ALL
    }

    fn queue(&self) -> Option<String> {
        Operation::queue(self)
    }

    fn digest(&self) -> Result<String, Fault> {
        digest(self)
    }

    fn perform<'w, 'a: 'w>(
        &'w self,
        work: &'w mut Work<'a>,
    ) -> BoxFuture<'w, Result<Output, Fault>> {
        Box::pin(async move {
            let output = Operation::perform(self.clone(), work).await?;
            Ok(Box::new(output) as Output)
        })
    }

    fn finished<'c>(
        &'c self,
        core: &'c Core,
        caller: &'c Caller,
        output: Output,
    ) -> BoxFuture<'c, Result<Output, Fault>> {
        Box::pin(async move {
            let output = *output.downcast().map_err(|_| strange())?;
            let finished = O::finished(core, caller, output).await?;
            Ok(Box::new(finished) as Output)
        })
    }

    fn written(&self, output: &Output) -> Result<String, Fault> {
        let output: &O::Output = output.downcast_ref().ok_or_else(strange)?;
        serde_json::to_string(output).map_err(Fault::broken)
    }

    fn kept(&self, output: &Output) -> Result<String, Fault> {
        let output = output.downcast_ref().ok_or_else(strange)?;
        <O as Operation>::kept(output).map_err(Fault::broken)
    }

    fn recalled(&self, kept: &str) -> Result<Output, Fault> {
        let output: O::Output = serde_json::from_str(kept).map_err(Fault::broken)?;
        Ok(Box::new(output))
    }
}

/// An answer as what it is.
pub(super) fn typed<T: 'static>(answer: Answer<Output>) -> Result<Answer<T>, Fault> {
    let output = answer.output.downcast().map_err(|_| strange())?;
    Ok(Answer {
        output: *output,
        replayed: answer.replayed,
    })
}

fn strange() -> Fault {
    Fault::broken("an answer of another operation")
}
