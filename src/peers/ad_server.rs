//! An ad server, as whoever sold the lines needs one: it shows them and counts. Whoever
//! implements it must tell totals, and the same for the same time however often it is asked.

use async_trait::async_trait;

use crate::domain::{
    delivery::{reading::Reading, running::Running},
    when::Instant,
};

/// Why an ad server did not tell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Silent(pub String);

/// Shows lines and counts.
#[async_trait]
pub trait AdServer: Send + Sync + 'static {
    /// What people call it.
    fn name(&self) -> &str;
    /// What was counted of lines since each was counted last: of each line in the order of
    /// time, at most one reading an hour, and none behind the instant. All lines that compete
    /// with one of them are among them.
    async fn readings(&self, lines: &[Running], until: Instant) -> Result<Vec<Reading>, Silent>;
}
