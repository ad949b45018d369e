//! What the database says of itself: which one it is, how it keeps tenants apart, how it keeps
//! what it has acknowledged. For those who look after it; nothing is decided by it.

use super::Core;
use crate::{
    engine::fault::Fault,
    store::{Keeping, Wall},
};

impl Core {
    /// Which database this is, if it answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn database(&self) -> Result<String, Fault> {
        Ok(self.0.store.describe().await?)
    }

    /// How the database's own wall between tenants stands; nothing where it can have none.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn wall(&self) -> Result<Option<Wall>, Fault> {
        Ok(self.0.store.wall().await?)
    }

    /// How the database keeps what it has acknowledged; nothing where it is a file of ours.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn keeping(&self) -> Result<Option<Keeping>, Fault> {
        Ok(self.0.store.keeping().await?)
    }
}
