//! What the ad server of a tenant has counted of the lines of an order there. Refuses to make up
//! what it was not told: a line of which nothing is said is not counted, and grows old.

use crate::{
    domain::{
        delivery::reading::Reading, inventory::trouble::Trouble, opendirect::stats::Delivered,
        when::Instant,
    },
    engine::delivery::running::Away,
    peers::ad_servers::Backend,
};

/// Asks for the totals of lines, all of one order there.
pub(in crate::engine) async fn readings(
    server: &dyn Backend,
    lines: &[Away],
    until: Instant,
) -> Result<Vec<Reading>, Trouble> {
    let Some(first) = lines.first() else {
        return Ok(Vec::new());
    };
    let since = lines.iter().map(|line| line.running.starts).min();
    let counts = server.counts(&first.order, since.unwrap_or(until)).await?;
    let told = lines.iter().filter_map(|line| {
        let count = counts.iter().find(|one| one.line == line.line)?;
        Some(Reading {
            line_id: line.running.line_id,
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
        })
    });
    Ok(told.collect())
}
