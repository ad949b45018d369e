//! Speaks the tools of the seller's agent over standard input and output, for agents that start
//! their tools themselves. Nothing but messages goes to standard output.

use tokio_util::sync::CancellationToken;

use super::{Ended, open};
use crate::{api::mcp, config::Settings, engine::activity::anchor};

/// Speaks until the other side closes.
pub async fn run(settings: &Settings) -> Result<(), Ended> {
    let opened = open::open(settings).await?;
    let caller = open::local_caller(settings)?;
    let stop = CancellationToken::new();
    let running = tokio::spawn(opened.runner.clone().run(stop.clone()));
    let spoken = mcp::speak(opened.core.clone(), caller).await;
    stop.cancel();
    // A panic in there was logged where it happened.
    drop(running.await);
    anchor::follow(&opened.core, &opened.anchor).await?;
    opened.store.close().await;
    spoken.map_err(|error| Ended::Usage(format!("the other side does not speak MCP: {error}")))
}
