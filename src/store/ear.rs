//! How a process learns that others have written to the same database: a hint and no more,
//! which may come late, twice or never. Refuses to say what was written: whoever hears it reads.

use async_trait::async_trait;

use super::batch::StoreError;

/// Listens at a database.
#[async_trait]
pub trait Ear: Send {
    /// Waits until something may have been written, by whomever. Given up and asked again, it
    /// has missed nothing.
    ///
    /// # Errors
    /// When nothing can be heard with it any more; another one may.
    async fn stirred(&mut self) -> Result<(), StoreError>;
}
