//! Takes in what a sales agent counts of media buys: by its ids there, as the totals of the lines
//! that stand for its packages here, where pacing reads them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        delivery::reading::Reading,
        media_buy::{
            buy::MediaBuy,
            upstream::{link::BuyLink, shown::ShownCount},
        },
        opendirect::stats::Delivered,
        policy::Permission,
    },
    engine::{
        delivery::record::{RecordReadings, Recorded},
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Takes in what is counted there; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MirrorCounts {
    /// What is counted of each media buy, by its id there.
    #[schemars(with = "serde_json::Value")]
    pub counts: Vec<(String, Vec<ShownCount>)>,
}

impl Operation for MirrorCounts {
    const NAME: &'static str = "media_buys.mirror_counts";
    const ABOUT: &'static str =
        "Take in what a sales agent counts of media buys; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Recorded;

    async fn perform(self, work: &mut Work<'_>) -> Result<Recorded, Fault> {
        let mut readings: Vec<Reading> = Vec::new();
        for (remote, counts) in self.counts {
            let Some(link) = work.get::<BuyLink>(&remote).await? else {
                continue;
            };
            let id = link.record.buy_id;
            let Some(stored) = work.get::<MediaBuy>(id.as_str()).await? else {
                continue;
            };
            let buy = stored.record;
            for count in counts {
                let Some(package) = buy.package(&count.package_id.as_str().into()) else {
                    continue;
                };
                readings.push(Reading {
                    line_id: package.line_id,
                    delivered: Delivered {
                        impressions: count.impressions,
                        clicks: count.clicks,
                        starts: None,
                        completes: None,
                        measurable: None,
                        viewable: None,
                        spent: count.spent.filter(|it| it.currency() == buy.currency),
                        as_of: count.as_of,
                    },
                    reported_index: count.index,
                });
            }
        }
        if readings.is_empty() {
            return Ok(Recorded::default());
        }
        RecordReadings { readings }.perform(work).await
    }
}
