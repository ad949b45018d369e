//! A job as its clients see it: the fields of the Bookings API first, then what else is
//! known. Amounts are exact JSON numbers in the job's currency.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        booking::{
            allocation::ChannelAllocation,
            audience::AudiencePlan,
            brief::CampaignBrief,
            fit::Fit,
            job::{ExecutionStatus, Job, JobStatus, Research},
            lines::LineWork,
            recommendation::{Recommendation, UNTOLD},
        },
        ids::{JobId, ProductId},
        money::{Amount, Money},
        opendirect::booking_status::LineBookingStatus,
        when::{Instant, rfc3339},
    },
    engine::sellers::list::SellerView,
    store::record::Stored,
};

use super::{elsewhere::UpstreamView, looked::LineThere, talks::NegotiationView};

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "BookingStatus")]
pub struct JobView {
    /// Its id.
    pub job_id: JobId,
    /// Where it is.
    pub status: JobStatus,
    /// How far it is, from 0 to 1.
    pub progress: f64,
    /// The budget by channel, once it is spread.
    pub budget_allocations: Option<BTreeMap<String, AllocationView>>,
    /// What is recommended, as it arrives.
    pub recommendations: Option<Vec<RecommendationView>>,
    /// The lines that were approved, once there are any.
    pub booked_lines: Option<Vec<LineView>>,
    /// What went wrong.
    pub errors: Option<Vec<String>>,
    /// When it was sent.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// Where it is, in the nine states of the engine.
    pub execution_status: ExecutionStatus,
    /// How often it was written; send it back to act on what was seen.
    pub revision: i64,
    /// The campaign's name.
    pub campaign_name: String,
    /// What may be spent.
    pub budget: Amount,
    /// The currency of all amounts here.
    pub currency: String,
    /// The first day that is planned for.
    pub start_date: String,
    /// The last day.
    pub end_date: String,
    /// The brief as it was sent.
    pub brief: CampaignBrief,
    /// Whether everything is approved in advance.
    pub auto_approve: bool,
    /// Who sent it.
    pub submitted_by: String,
    /// How the brief was read.
    pub notes: Vec<String>,
    /// The planned audience.
    pub audience_plan: Option<AudiencePlan>,
    /// How much of the audience each channel covers, from 0 to 100.
    pub audience_coverage_estimates: Option<BTreeMap<String, f64>>,
    /// What no product can fill.
    pub audience_gaps: Option<Vec<String>>,
    /// The decision, once there is one.
    pub approval: Option<ApprovalView>,
    /// What each seller said that was asked what it has, where any is somewhere else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sellers: Vec<SellerView>,
    /// The job that this one tries again.
    pub retry_of: Option<JobId>,
    /// The job that tries this one again.
    pub retried_as: Option<JobId>,
    /// Where its truth lives and how that agrees with what was asked; nothing where it lives here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<UpstreamView>,
}

/// What one channel gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ChannelAllocation")]
pub struct AllocationView {
    /// The channel.
    pub channel: String,
    /// How much.
    pub budget: Amount,
    /// The same in percent.
    pub percentage: f64,
    /// Why.
    pub rationale: String,
}

/// Something that could be booked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ProductRecommendation")]
pub struct RecommendationView {
    /// The product.
    pub product_id: ProductId,
    /// Its name.
    pub product_name: String,
    /// Who publishes it.
    pub publisher: String,
    /// Where it runs.
    pub channel: String,
    /// Its format.
    pub format: Option<String>,
    /// How many impressions.
    pub impressions: u64,
    /// The price per thousand.
    pub cpm: Amount,
    /// What it costs.
    pub cost: Amount,
    /// What it is aimed at.
    pub targeting: Option<BTreeMap<String, Vec<String>>>,
    /// 1 is the best of its channel.
    pub priority: u32,
    /// `pending`, `pending_approval`, `approved` or `rejected`.
    pub status: String,
    /// Why it is recommended, with its numbers.
    pub rationale: Option<String>,
    /// Who sells it.
    pub seller: String,
    /// How firmly it is delivered.
    pub delivery_type: String,
    /// How many impressions there were to buy.
    pub available: u64,
    /// How well it fits, part by part, from 0 to 10,000.
    pub fit: Fit,
    /// What was said about its price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negotiation: Option<NegotiationView>,
    /// What its seller does not say of it, such as `availability`; then `available` is what is
    /// recommended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsaid: Vec<String>,
}

/// A line that was approved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "BookedLine")]
pub struct LineView {
    /// The line's id at its seller.
    pub line_id: Option<String>,
    /// The order's id at its seller.
    pub order_id: Option<String>,
    /// The product.
    pub product_id: ProductId,
    /// Its name.
    pub product_name: String,
    /// Where it runs.
    pub channel: String,
    /// How many impressions.
    pub impressions: u64,
    /// What it costs.
    pub cost: Amount,
    /// The agreed price per thousand.
    pub cpm: Amount,
    /// `Booked`, or where it is on its way.
    pub booking_status: LineBookingStatus,
    /// When it was booked.
    pub booked_at: Option<String>,
    /// Who sells it.
    pub seller: String,
    /// Why it was not booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Why it is not known whether it was booked, when it may have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unclear: Option<String>,
    /// What its seller has shown of it since, where that is somewhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<LineThere>,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Approval")]
pub struct ApprovalView {
    /// Who decided.
    pub by: String,
    /// When.
    pub at: String,
    /// Whether it was decided in advance.
    pub automatic: bool,
    /// How many were approved.
    pub approved_count: u32,
    /// What they cost together.
    pub total_cost: Amount,
}

/// A job in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobSummary {
    /// Its id.
    pub job_id: JobId,
    /// Where it is.
    pub status: JobStatus,
    /// The campaign's name.
    pub campaign_name: String,
    /// What may be spent.
    pub budget: Amount,
    /// When it was sent.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// The currency of the budget.
    pub currency: String,
    /// How often it was written.
    pub revision: i64,
    /// Where it lives elsewhere: what it comes to, and how often asked and shown disagree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
}

impl JobView {
    /// Shows a stored job.
    #[must_use]
    pub fn of(stored: Stored<Job>) -> Self {
        let Stored {
            record,
            revision,
            created_at,
            updated_at,
            ..
        } = stored;
        Self::new(record, revision, created_at, updated_at)
    }

    /// Shows a job that is about to be written.
    #[must_use]
    pub fn new(job: Job, revision: i64, created_at: Instant, updated_at: Instant) -> Self {
        let upstream = UpstreamView::of(&job);
        let own = upstream.as_ref().is_none_or(|known| known.sent_from_here);
        // What was booked without a decision from here is shown all the same.
        let has_lines = job.approval.is_some() || !job.lines.is_empty();
        let day = |day: NaiveDate| if own { day.to_string() } else { String::new() };
        let brief = job.brief;
        let audience = job.audience.as_ref();
        let researched = !job.research.is_empty();
        let asked = job.asked.into_iter();
        let asked = asked.map(SellerView::then);
        let recommendations = job.research.into_values().flat_map(|found| match found {
            Research::Found(all) => all,
            Research::Failed(_) => Vec::new(),
        });
        Self {
            job_id: job.id,
            status: job.status.outside(),
            progress: f64::from(job.progress) / 1000.0,
            budget_allocations: allocations(job.allocations),
            recommendations: researched.then(|| recommendations.map(recommendation).collect()),
            booked_lines: has_lines.then(|| job.lines.iter().map(line).collect()),
            errors: (!job.errors.is_empty()).then_some(job.errors),
            created_at: rfc3339(created_at),
            updated_at: rfc3339(updated_at),
            execution_status: job.status,
            revision,
            campaign_name: brief.name,
            budget: brief.budget.amount(),
            currency: brief.budget.currency().code().to_owned(),
            start_date: day(brief.flight.first()),
            end_date: day(brief.flight.last()),
            brief: job.sent,
            auto_approve: job.auto_approve,
            submitted_by: job.submitted_by,
            notes: brief.notes,
            audience_coverage_estimates: audience.map(|plan| {
                plan.coverage
                    .iter()
                    .map(|(channel, percent)| (channel.name().to_owned(), *percent))
                    .collect()
            }),
            audience_gaps: audience.map(|plan| plan.gaps.clone()),
            audience_plan: job.audience,
            sellers: asked.collect(),
            approval: job.approval.map(|approval| ApprovalView {
                by: approval.by,
                at: rfc3339(approval.at),
                automatic: approval.automatic,
                approved_count: approval.approved,
                total_cost: approval.cost.amount(),
            }),
            retry_of: job.retry_of,
            retried_as: job.retried_as,
            upstream,
        }
    }

    /// What was booked: how many lines, how many impressions, what they cost.
    #[must_use]
    pub fn booked(&self) -> Totals {
        let booked = |line: &&LineView| {
            line.booked_at.is_some() && line.booking_status != LineBookingStatus::Cancelled
        };
        let lines = || self.booked_lines.iter().flatten().filter(booked);
        let currency = self
            .currency
            .parse()
            .unwrap_or(crate::domain::money::Currency::USD);
        let cost = |line: &LineView| Money::from_amount(line.cost, currency).ok();
        Totals {
            lines: lines().count(),
            impressions: lines().map(|line| line.impressions).sum(),
            cost: Money::sum(currency, lines().filter_map(cost)).unwrap_or(Money::zero(currency)),
        }
    }
}

/// Exact totals of what was booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// How many lines.
    pub lines: usize,
    /// How many impressions.
    pub impressions: u64,
    /// What they cost.
    pub cost: Money,
}

fn allocations(all: Vec<ChannelAllocation>) -> Option<BTreeMap<String, AllocationView>> {
    let one = |allocation: ChannelAllocation| {
        let channel = allocation.channel.name().to_owned();
        let view = AllocationView {
            channel: channel.clone(),
            budget: allocation.budget.amount(),
            percentage: f64::from(allocation.share_bp) / 100.0,
            rationale: allocation.rationale,
        };
        (channel, view)
    };
    (!all.is_empty()).then(|| all.into_iter().map(one).collect())
}

fn recommendation(from: Recommendation) -> RecommendationView {
    RecommendationView {
        product_id: from.product_id,
        product_name: from.product_name,
        publisher: from.publisher,
        channel: from.channel.name().to_owned(),
        format: Some(from.format),
        impressions: from.impressions,
        cpm: from.cpm.amount(),
        cost: from.cost.amount(),
        targeting: (!from.targeting.is_empty()).then_some(from.targeting),
        priority: from.priority,
        status: from.status.name().to_owned(),
        rationale: Some(from.rationale),
        seller: from.seller.to_string(),
        // Whoever does not say how well it fits does not say how firmly it is delivered either.
        delivery_type: if from.fit.is_known() {
            from.delivery_type.name().to_owned()
        } else {
            String::new()
        },
        available: match from.available {
            UNTOLD => from.impressions,
            known => known,
        },
        unsaid: from.unsaid,
        fit: from.fit,
        negotiation: from.negotiation.map(NegotiationView::of),
    }
}

fn line(from: &LineWork) -> LineView {
    LineView {
        line_id: from.placed.as_ref().map(|placed| placed.line_id.clone()),
        order_id: from.placed.as_ref().map(|placed| placed.order_id.clone()),
        product_id: from.product_id.clone(),
        product_name: from.product_name.clone(),
        channel: from.channel.name().to_owned(),
        impressions: from.impressions,
        cost: from.cost.amount(),
        cpm: from.cpm.amount(),
        booking_status: from.status(),
        booked_at: from.booked_at.map(rfc3339),
        seller: from.seller.to_string(),
        error: from.failed.clone(),
        unclear: from.unclear.clone(),
        there: LineThere::of(from),
    }
}
