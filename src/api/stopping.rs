//! Lets a handler know that the server is stopping, so that whoever would wait for long is
//! answered at once. Refuses to stop anything itself.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use tokio_util::sync::CancellationToken;

/// Whether the server is stopping; never where nobody said so.
#[derive(Debug, Clone, Default)]
pub struct Stopping(pub CancellationToken);

impl Stopping {
    /// Returns when it is.
    pub async fn told(&self) {
        self.0.cancelled().await;
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Stopping {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}
