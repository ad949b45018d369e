//! Keeps what buyers say of how well their media buys do, and tells it to those who look after
//! them. Nothing is changed by it: people decide what to make of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{find, only_of, update::no_package};
use crate::{
    domain::{
        ids::{BuyId, PackageId},
        media_buy::feedback::{Feedback, Metric, Period, Said, Source},
        policy::Permission,
    },
    engine::{
        creatives,
        creatives::decide::absent,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::Filter,
};

/// How many are listed at most.
const MOST: u32 = 500;

/// Says how well a media buy does.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GiveFeedback {
    /// Which.
    pub media_buy_id: BuyId,
    /// Over which time.
    pub measurement_period: Period,
    /// 0 is worthless, 1 as expected, above 1 better.
    pub performance_index: f64,
    /// Of one package alone.
    #[serde(default)]
    pub package_id: Option<PackageId>,
    /// Of one creative alone.
    #[serde(default)]
    pub creative_id: Option<String>,
    /// What was measured.
    #[serde(default)]
    pub metric_type: Metric,
    /// Who measured.
    #[serde(default)]
    pub feedback_source: Source,
    /// What only the buyer and its agents understand.
    #[serde(default)]
    pub ext: Option<Map<String, Value>>,
}

impl GiveFeedback {
    fn said(self) -> Said {
        Said {
            measurement_period: self.measurement_period,
            performance_index: self.performance_index,
            package_id: self.package_id,
            creative_id: self.creative_id,
            metric_type: self.metric_type,
            feedback_source: self.feedback_source,
            ext: self.ext,
        }
    }
}

impl Operation for GiveFeedback {
    const NAME: &'static str = "media_buys.give_feedback";
    const ABOUT: &'static str = "Say how well a media buy, a package or a creative does.";
    const KIND: Kind = Kind::Command(Permission::TradeBuys);
    type Output = Feedback;

    async fn perform(self, work: &mut Work<'_>) -> Result<Feedback, Fault> {
        work.about(format!("media_buy/{}", self.media_buy_id));
        let buy = find(work, &self.media_buy_id).await?.record;
        let media_buy_id = self.media_buy_id.clone();
        let said = self.said();
        let problems = said.problems(work.now());
        if !problems.is_empty() {
            return Err(Fault::invalid(problems));
        }
        if let Some(id) = &said.package_id
            && buy.package(id).is_none()
        {
            return Err(no_package(id).with("field", "package_id"));
        }
        if let Some(id) = &said.creative_id
            && creatives::read(work, &buy.owner, id).await?.is_none()
        {
            return Err(absent(id).with("field", "creative_id"));
        }
        let feedback = Feedback {
            id: work.mint(),
            media_buy_id,
            by: work.caller().name.clone(),
            at: work.now(),
            said,
        };
        work.create(&feedback)?;
        let detail = format!("{} at {}", buy.name, feedback.said.performance_index);
        work.tell(
            "media_buys.feedback",
            "media_buy",
            buy.id.to_string(),
            detail,
        );
        Ok(feedback)
    }
}

/// Tells what was said of a media buy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListFeedback {
    /// Which.
    pub media_buy_id: BuyId,
}

/// What was said of a media buy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AllFeedback {
    /// The newest first; 500 at most.
    pub feedback: Vec<Feedback>,
}

impl Operation for ListFeedback {
    const NAME: &'static str = "media_buys.feedback";
    const ABOUT: &'static str = "Tell what buyers said of how well a media buy does.";
    const KIND: Kind = Kind::Query(Permission::ReadBuys);
    type Output = AllFeedback;

    async fn perform(self, work: &mut Work<'_>) -> Result<AllFeedback, Fault> {
        let buy = find(work, &self.media_buy_id).await?.record;
        let filter = Filter {
            parent: Some(buy.id.to_string()),
            descending: true,
            limit: MOST,
            ..Filter::default()
        };
        let found = work.list::<Feedback>(&filter).await?;
        let own = only_of(work.caller());
        let found = found.into_iter().map(|one| one.record);
        Ok(AllFeedback {
            feedback: found
                .filter(|one| own.is_none_or(|own| own == one.by))
                .collect(),
        })
    }
}
