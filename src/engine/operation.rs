//! An operation is a type: its fields are the question, its `Output` is the answer, and
//! both cross the wire unchanged.

use std::future::Future;

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use super::{answers::Written, core::Core, fault::Fault, work::Work};
use crate::domain::{policy::Permission, tenant::caller::Caller};

/// Whether it changes anything, and what it takes to ask it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Changes nothing; leaves no trace.
    Query(Permission),
    /// Changes something, all or nothing; is written down whatever comes of it.
    Command(Permission),
}

impl Kind {
    /// What it takes to ask it.
    #[must_use]
    pub fn permission(self) -> Permission {
        match self {
            Self::Query(permission) | Self::Command(permission) => permission,
        }
    }

    /// Whether it may change something.
    #[must_use]
    pub fn is_command(self) -> bool {
        matches!(self, Self::Command(_))
    }
}

/// What is known of an answer before it is worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing.
    Nothing,
    /// A number that becomes another one in every commit that may make the answer another one.
    Stamp(i64),
    /// All of it, written out.
    Answer(Written),
}

/// Something that the engine can be asked.
pub trait Operation:
    Serialize + DeserializeOwned + JsonSchema + Clone + Send + Sync + 'static
{
    /// Its stable name: the RPC path, the `call` subcommand and the audit line.
    const NAME: &'static str;
    /// One sentence for people: verb first.
    const ABOUT: &'static str;
    /// Whether it changes anything, and what it takes to ask it.
    const KIND: Kind;
    /// Whether whoever was let in may ask it, whatever their key is narrowed to.
    const FOR_ALL: bool = false;
    /// The answer.
    type Output: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static;

    /// Reads, decides, and gathers what shall change. May be run again from the start when
    /// something that it read has changed meanwhile.
    fn perform(
        self,
        work: &mut Work<'_>,
    ) -> impl Future<Output = Result<Self::Output, Fault>> + Send;

    /// What is known of the answer for much less than it takes to work it out. Only for an
    /// answer that hangs on the tenant, the question and what is stored, and neither on who
    /// asks nor on the time.
    fn known(&self, _: &Work<'_>) -> impl Future<Output = Result<Known, Fault>> + Send {
        async { Ok(Known::Nothing) }
    }

    /// Commands of a tenant that name the same wait for each other on this node, where many are
    /// likely to want one thing at once; nothing for those that need not.
    #[must_use]
    fn queue(&self) -> Option<String> {
        None
    }

    /// What is answered of a command that goes on behind its commit, where another company's system
    /// does it: what was committed is carried to its end, as far as that can be waited for. Asked
    /// again under the same key it is not done again; what came of it is told.
    fn finished(
        _: &Core,
        _: &Caller,
        output: Self::Output,
    ) -> impl Future<Output = Result<Self::Output, Fault>> + Send {
        async { Ok(output) }
    }

    /// What is kept of the answer under an idempotency key, and given to whoever asks again:
    /// all of it, but for what is shown once.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    fn kept(output: &Self::Output) -> serde_json::Result<String> {
        serde_json::to_string(output)
    }

    /// The revision of the one object that an answer shows, if it shows one.
    #[must_use]
    fn revision(_: &Self::Output) -> Option<i64> {
        None
    }
}
