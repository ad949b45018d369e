//! What nodes tell each other of the requests that they let through. No operation: nobody asks
//! for it, and it leaves no trace that outlives a minute.

use super::{core::Core, fault::Fault};

/// How long it counts, in milliseconds.
const WINDOW: i64 = 60_000;

/// What another node let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Whose requests.
    pub who: String,
    /// How long ago, in milliseconds.
    pub age: u32,
    /// How many.
    pub n: u32,
}

impl Core {
    /// Whether other nodes can be on the same database.
    pub async fn is_shared(&self) -> bool {
        self.database()
            .await
            .is_ok_and(|it| it.starts_with("PostgreSQL"))
    }

    /// Tells what this node let through, and says what the others did.
    ///
    /// # Errors
    /// When the store cannot be written or read.
    pub async fn share_counts(
        &self,
        node: &str,
        own: Vec<(String, u32)>,
    ) -> Result<Vec<Told>, Fault> {
        let own = own
            .into_iter()
            .map(|(who, n)| (who, i64::from(n)))
            .collect();
        let others = self.store().share_counts(node, own, WINDOW).await?;
        let told = others.into_iter().map(|(who, age, n)| Told {
            who,
            age: u32::try_from(age.max(0)).unwrap_or(u32::MAX),
            n: u32::try_from(n.max(0)).unwrap_or(u32::MAX),
        });
        Ok(told.collect())
    }
}
