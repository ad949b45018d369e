//! How fast jobs go: a rest before each step. Usually there is none; a desk that is shown to
//! people brings a pace of its own, so that they can see a job step. Refuses to decide
//! anything: a job that rested longer ends up where it would have anyway.

use async_trait::async_trait;

use crate::{
    domain::ids::JobId,
    engine::fault::{Fault, FaultKind},
};

/// The code of a fault that hands work back because this node stops.
pub(super) const STOPPING: &str = "STOPPING";

/// What a job is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// To be taken up.
    Receive,
    /// To have its budget spread.
    Allocate,
    /// To have a channel searched, by its place among those that are searched side by side.
    Research(usize),
    /// To have its channels put together.
    Consolidate,
    /// To have a line reserved, by its place among the lines.
    Reserve(usize),
    /// To have a line booked, by its place among the lines.
    Book(usize),
}

/// Whoever rests was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

impl From<Stopped> for Fault {
    fn from(_: Stopped) -> Self {
        Self::new(FaultKind::Busy, STOPPING, "this node stops")
    }
}

/// Lets jobs rest.
#[async_trait]
pub trait Pace: Send + Sync + 'static {
    /// Returns when the job may go on, or when it must be left to the next run.
    async fn rest(&self, job: JobId, before: Moment) -> Result<(), Stopped>;
}

/// No rest at all.
pub struct AtOnce;

#[async_trait]
impl Pace for AtOnce {
    async fn rest(&self, _: JobId, _: Moment) -> Result<(), Stopped> {
        Ok(())
    }
}
