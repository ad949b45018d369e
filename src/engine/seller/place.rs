//! Places a line for a booking job: one account for all jobs, one order for each job, one
//! line for each of its products. Their ids follow from the job, so that asked twice, by
//! whichever node, it is the same line.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{lines, orders};
use crate::{
    domain::{
        ids::{AccountId, JobId, LineId, OrderId, PartyId, ProductId},
        money::Money,
        opendirect::{
            Targeting,
            account::{Account, AccountDraft},
            line::Line,
            line_draft::LineDraft,
            order::{Order, OrderDraft},
            product::RateType,
        },
        policy::Permission,
        when::Flight,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// The account that jobs book in.
const ACCOUNT: &str = "Flightdeck bookings";

/// Places a line for a job; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceLine {
    /// For which job.
    pub job_id: JobId,
    /// What its campaign is called.
    pub campaign: String,
    /// What the campaign may cost in all.
    pub budget: Money,
    /// The product.
    pub product_id: ProductId,
    /// When it shall run.
    pub flight: Flight,
    /// How many impressions.
    pub impressions: u64,
    /// At which price per thousand.
    pub cpm: Money,
    /// What it is to be aimed at.
    #[serde(default)]
    pub targeting: Targeting,
}

impl Operation for PlaceLine {
    const NAME: &'static str = "opendirect.place_line";
    const ABOUT: &'static str = "Draft a line for a booking job; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Line;

    async fn perform(self, work: &mut Work<'_>) -> Result<Line, Fault> {
        let id = line_id(self.job_id, &self.product_id);
        work.about(format!("line/{id}"));
        if let Some(placed) = work.get::<Line>(&id.to_string()).await? {
            return Ok(placed.record);
        }
        let order = self.order(work).await?;
        let job = Some(self.job_id);
        lines::open(work, &order, self.line(), id, job).await
    }
}

impl PlaceLine {
    /// The job's order, opened where it is not there yet.
    async fn order(&self, work: &mut Work<'_>) -> Result<Order, Fault> {
        let id: OrderId = Uuid::new_v5(&self.job_id.into(), b"order").into();
        if let Some(stored) = work.get::<Order>(&id.to_string()).await? {
            work.expect(&stored);
            return Ok(stored.record);
        }
        let account = account(work).await?;
        let draft = OrderDraft {
            name: self.campaign.clone(),
            publisher_id: None,
            brand_id: None,
            currency: self.budget.currency(),
            budget: self.budget.amount(),
            start: self.flight.first(),
            end: self.flight.last(),
            ext: None,
        };
        orders::open(work, draft, id, account)
    }

    fn line(self) -> LineDraft {
        LineDraft {
            name: format!("{} · {}", self.campaign, self.product_id)
                .chars()
                .take(200)
                .collect(),
            product_id: self.product_id,
            start: self.flight.first(),
            end: self.flight.last(),
            rate_type: Some(RateType::Cpm),
            rate: Some(self.cpm.amount()),
            quantity: self.impressions,
            targeting: self.targeting,
            ext: None,
        }
    }
}

/// The line that a job has with a product.
#[must_use]
pub fn line_id(job: JobId, product: &ProductId) -> LineId {
    let name = format!("line/{product}");
    Uuid::new_v5(&job.into(), name.as_bytes()).into()
}

/// The account that all jobs book in, opened where it is not there yet.
async fn account(work: &mut Work<'_>) -> Result<AccountId, Fault> {
    let own = work.tenant().as_str().to_owned();
    account_named(work, ACCOUNT, &own, ACCOUNT).await
}

/// An account that the engine books in for one party, opened where it is not there yet. Its id
/// follows from its key.
pub(in crate::engine) async fn account_named(
    work: &mut Work<'_>,
    key: &str,
    party: &str,
    name: &str,
) -> Result<AccountId, Fault> {
    let id: AccountId = Uuid::new_v5(&Uuid::NAMESPACE_OID, key.as_bytes()).into();
    if work.get::<Account>(&id.to_string()).await?.is_none() {
        let party = PartyId::from(party);
        let draft = AccountDraft {
            advertiser_id: party.clone(),
            buyer_id: party,
            name: name.to_owned(),
            ext: None,
        };
        work.create(&draft.check(id).map_err(Fault::invalid)?)?;
    }
    Ok(id)
}
