//! A job that lives in another company's system, as its clients see it: which one, its id there,
//! how old what is shown is, what it comes to, and every place where what was asked and what is
//! shown are not the same.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::JobView;
use crate::{
    domain::{
        booking::{
            glance::Glance,
            job::Job,
            recommendation::RecommendationStatus,
            upstream::{
                differ::{Disagreement, Health, disagreements, health},
                spend::{Pick, Spend},
            },
        },
        ids::ProductId,
        money::{Amount, Currency, Money},
        when::{Instant, rfc3339},
    },
    engine::upstream::second,
};

/// Where the truth about a job lives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Upstream")]
pub struct UpstreamView {
    /// The make of the system.
    pub kind: String,
    /// Its id there, once it is known.
    pub id: Option<String>,
    /// Whether its brief was sent from here.
    pub sent_from_here: bool,
    /// Its status there, in that system's word.
    pub status: String,
    /// What it comes to.
    pub health: Health,
    /// The same in words.
    pub health_words: String,
    /// What that system shows as its budget.
    pub budget: Option<Amount>,
    /// When what is shown here changed there last, as far as it was seen.
    pub seen_at: Option<String>,
    /// Since when that system does not show it any more.
    pub missing_since: Option<String>,
    /// When the decision was sent there.
    pub decision_sent_at: Option<String>,
    /// What that system answered to it.
    pub answer: Option<String>,
    /// Why its answer is not known.
    pub answer_lost: Option<String>,
    /// What keeps something from being sent now.
    pub trouble: Option<String>,
    /// What approving all of it would spend that the system's own ceiling does not catch.
    pub warnings: Vec<String>,
    /// Where what was asked and what is shown are not the same.
    pub disagreements: Vec<Disagreement>,
}

impl UpstreamView {
    /// Shows where a job lives, if that is elsewhere.
    #[must_use]
    pub fn of(job: &Job) -> Option<Self> {
        let known = job.upstream.as_deref()?;
        let health = health(job)?;
        let listed = known.listed.as_ref();
        let decision = known.decision.as_ref();
        let at = |instant: Option<Instant>| instant.map(rfc3339);
        let open = |status| status == RecommendationStatus::PendingApproval;
        Some(Self {
            kind: known.kind.name().to_owned(),
            id: known.id.clone(),
            sent_from_here: known.own,
            status: known.status.clone(),
            health,
            health_words: health.words().to_owned(),
            budget: listed.and_then(|listed| listed.budget).map(Money::amount),
            seen_at: at(known.seen_at),
            missing_since: at(known.missing_since),
            decision_sent_at: at(decision.and_then(|one| one.sent_at)),
            answer: decision.and_then(|one| one.answer.as_ref()).map(|answer| {
                let mut said = answer.status.clone();
                if let Some(booked) = answer.booked {
                    said = format!("{said}, {booked} booked");
                }
                answer
                    .said
                    .iter()
                    .fold(said, |all, one| format!("{all}; {one}"))
            }),
            answer_lost: decision.and_then(|one| one.lost.clone()),
            trouble: known.trouble.clone(),
            warnings: Spend::of(job, |one| open(one.status)).warnings(),
            disagreements: disagreements(job),
        })
    }

    /// What it comes to, and how often asked and shown disagree, in a few words.
    #[must_use]
    pub fn short(&self) -> String {
        short(self.health, self.disagreements.len())
    }

    /// Where it lives, in a line for people.
    #[must_use]
    pub fn line(&self) -> String {
        let id = self.id.as_deref().unwrap_or("no id there yet");
        format!("lives in the {}, {id}: {}", self.kind, self.health_words)
    }

    /// What people should know beside that, each in a line.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut said = Vec::new();
        if let Some(since) = &self.missing_since {
            let since = second(since);
            said.push(format!(
                "not shown there since {since}; kept here as it was last seen"
            ));
        }
        if let Some(at) = &self.decision_sent_at {
            said.push(format!("decision sent at {}", second(at)));
        }
        if let Some(answer) = &self.answer {
            said.push(format!("it answered: {answer}"));
        }
        if let Some(why) = &self.answer_lost {
            said.push(format!(
                "its answer was lost ({why}); nothing is sent again, what was booked is read there"
            ));
        }
        if let Some(why) = &self.trouble
            && self.answer_lost.is_none()
        {
            said.push(format!("held up: {why}"));
        }
        said
    }
}

/// What a job comes to where any of it lives elsewhere, in a few words.
#[must_use]
pub fn brief(glance: &Glance) -> Option<String> {
    let upstream = glance.upstream;
    let upstream = upstream.map(|(health, count)| short(health, count.into()));
    upstream.or(match glance.amiss {
        0 => None,
        1 => Some("1 line changed at its seller".into()),
        count => Some(format!("{count} lines changed at their sellers")),
    })
}

/// What a job comes to, and how often asked and shown disagree, in a few words.
#[must_use]
pub fn short(health: Health, disagreements: usize) -> String {
    let words = match health {
        Health::ResearchFailed => "research failed",
        Health::Gone => "gone there",
        Health::Deciding => "decided, not seen yet",
        Health::Partial => "booked in part",
        other => other.words(),
    };
    match disagreements {
        0 => words.to_owned(),
        1 => format!("{words}, 1 disagreement"),
        count => format!("{words}, {count} disagreements"),
    }
}

impl JobView {
    /// What approving some products would spend that the upstream's own ceiling does not catch;
    /// nothing for a job that lives here.
    #[must_use]
    pub fn spend_warnings(&self, chosen: impl Fn(&ProductId) -> bool) -> Vec<String> {
        let Some(upstream) = &self.upstream else {
            return Vec::new();
        };
        let currency: Currency = self.currency.parse().unwrap_or(Currency::USD);
        let money = |amount| Money::from_amount(amount, currency).unwrap_or(Money::zero(currency));
        let all = self.recommendations.iter().flatten();
        let picks = all.filter(|one| chosen(&one.product_id)).map(|one| Pick {
            channel: one.channel.clone(),
            product_id: one.product_id.to_string(),
            name: one.product_name.clone(),
            impressions: one.impressions,
            cpm: money(one.cpm),
            cost: money(one.cost),
        });
        let spend = Spend {
            budget: money(self.budget),
            listed: upstream.budget.map(money),
            allocations: self
                .budget_allocations
                .iter()
                .flatten()
                .map(|(name, one)| (name.clone(), money(one.budget)))
                .collect(),
            picks: picks.collect(),
        };
        spend.warnings()
    }
}
