//! The ad server of a tenant as one that counts lines: the orders of media buys there, each asked
//! for its totals. Refuses to make up what it was not told: a line of which nothing is said is not
//! counted, and grows old.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;

use crate::{
    domain::{
        delivery::{reading::Reading, running::Running},
        ids::LineId,
        opendirect::stats::Delivered,
        when::Instant,
    },
    engine::delivery::running::Away,
    peers::{
        ad_server::{AdServer, Silent},
        ad_servers::Backend,
    },
};

/// The ad server of a tenant, and where lines are in it.
pub struct Theirs {
    server: Arc<dyn Backend>,
    /// The order and the line there of each line.
    places: BTreeMap<LineId, (String, String)>,
}

impl Theirs {
    /// This one, with these lines in it.
    #[must_use]
    pub fn new(server: Arc<dyn Backend>, away: &[Away]) -> Self {
        let place = |one: &Away| (one.running.line_id, (one.order.clone(), one.line.clone()));
        Self {
            server,
            places: away.iter().map(place).collect(),
        }
    }
}

#[async_trait]
impl AdServer for Theirs {
    fn name(&self) -> &'static str {
        "the tenant's ad server"
    }

    async fn readings(&self, lines: &[Running], until: Instant) -> Result<Vec<Reading>, Silent> {
        let mut orders: BTreeMap<&str, Vec<(&Running, &str)>> = BTreeMap::new();
        for line in lines {
            if let Some((order, own)) = self.places.get(&line.line_id) {
                orders.entry(order).or_default().push((line, own));
            }
        }
        let mut told = Vec::new();
        for (order, lines) in orders {
            let since = lines.iter().map(|(line, _)| line.starts).min();
            let counts = self.server.counts(order, since.unwrap_or(until)).await;
            let counts = counts.map_err(|trouble| Silent(trouble.message))?;
            for (line, own) in lines {
                let Some(count) = counts.iter().find(|one| one.line == own) else {
                    continue;
                };
                told.push(Reading {
                    line_id: line.line_id,
                    delivered: Delivered {
                        impressions: count.impressions,
                        clicks: count.clicks,
                        starts: count.starts,
                        completes: count.completes,
                        measurable: None,
                        viewable: count.viewable,
                        spent: None,
                        as_of: until,
                    },
                    reported_index: None,
                });
            }
        }
        Ok(told)
    }
}
