//! The ad server inside: it shows lines to people that it makes up, by the traffic of their
//! products. Keeps nothing: what it counts follows from the lines, what was counted before,
//! and its seed.

use async_trait::async_trait;

use crate::{
    domain::{
        delivery::{reading::Reading, running::Running, serve::serve},
        when::Instant,
    },
    peers::ad_server::{AdServer, Silent},
};

/// The ad server inside.
pub struct Embedded {
    seed: u64,
}

impl Embedded {
    /// One whose people come by this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }
}

#[async_trait]
impl AdServer for Embedded {
    fn name(&self) -> &'static str {
        "the ad server inside"
    }

    async fn readings(&self, lines: &[Running], until: Instant) -> Result<Vec<Reading>, Silent> {
        let same = |a: &Running, b: &Running| a.product_id == b.product_id;
        let mut told = Vec::new();
        for lines in lines.chunk_by(same) {
            told.extend(serve(self.seed, lines, until));
        }
        Ok(told)
    }
}
