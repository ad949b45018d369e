//! What a spend would come to that the other side's own ceiling does not catch: it holds the sum
//! of one call against the budget and nothing else. Says; whoever asks decides.

use std::collections::BTreeMap;

use crate::domain::{
    booking::{job::Job, recommendation::Recommendation},
    money::Money,
};

/// What is about to be approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spend {
    /// What may be spent.
    pub budget: Money,
    /// What the other side shows as the budget, if it shows one.
    pub listed: Option<Money>,
    /// What each channel was given.
    pub allocations: Vec<(String, Money)>,
    /// What is chosen.
    pub picks: Vec<Pick>,
}

/// A recommendation that is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// Its channel.
    pub channel: String,
    /// The product.
    pub product_id: String,
    /// Its name.
    pub name: String,
    /// How many impressions.
    pub impressions: u64,
    /// The price per thousand.
    pub cpm: Money,
    /// What it is said to cost.
    pub cost: Money,
}

impl Spend {
    /// What approving some of a job's recommendations comes to.
    #[must_use]
    pub fn of(job: &Job, chosen: impl Fn(&Recommendation) -> bool) -> Self {
        let known = job.upstream.as_deref();
        let picks = job.recommendations().filter(|one| chosen(one));
        Self {
            budget: job.brief.budget,
            listed: known.and_then(|known| known.listed.as_ref()?.budget),
            allocations: job
                .allocations
                .iter()
                .map(|one| (one.channel.name().to_owned(), one.budget))
                .collect(),
            picks: picks
                .map(|one| Pick {
                    channel: one.channel.name().to_owned(),
                    product_id: one.product_id.to_string(),
                    name: one.product_name.clone(),
                    impressions: one.impressions,
                    cpm: one.cpm,
                    cost: one.cost,
                })
                .collect(),
        }
    }

    /// What whoever spends should know first, in sentences.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        if self.picks.is_empty() {
            return Vec::new();
        }
        let mut said = Vec::new();
        self.against_the_budget(&mut said);
        self.against_channels(&mut said);
        self.twice(&mut said);
        self.worth(&mut said);
        said
    }

    fn sum<'a>(&self, all: impl Iterator<Item = &'a Pick>) -> Money {
        let currency = self.budget.currency();
        Money::sum(currency, all.map(|one| one.cost)).unwrap_or(Money::zero(currency))
    }

    fn against_the_budget(&self, said: &mut Vec<String>) {
        let total = self.sum(self.picks.iter());
        if total > self.budget {
            said.push(format!(
                "this costs {total}, and the budget is {}",
                self.budget
            ));
        }
        if let Some(listed) = self
            .listed
            .filter(|listed| total > *listed && *listed != self.budget)
        {
            said.push(format!(
                "this costs {total}, and the upstream knows a budget of {listed}: it would turn all of it down and end the job"
            ));
        }
        let currency = self.budget.currency();
        let spread = Money::sum(currency, self.allocations.iter().map(|one| one.1));
        if let Ok(spread) = spread
            && spread > self.budget
        {
            said.push(format!(
                "the upstream has given its channels {spread} of a budget of {}",
                self.budget
            ));
        }
    }

    fn against_channels(&self, said: &mut Vec<String>) {
        for (channel, given) in &self.allocations {
            let cost = self.sum(self.picks.iter().filter(|one| one.channel == *channel));
            if cost > *given {
                said.push(format!(
                    "{channel} was given {given} and this takes {cost}: the upstream's ceiling counts the total alone"
                ));
            }
        }
    }

    fn twice(&self, said: &mut Vec<String>) {
        let mut seen: BTreeMap<&str, (u32, &str)> = BTreeMap::new();
        for one in &self.picks {
            seen.entry(&one.product_id).or_insert((0, &one.name)).0 += 1;
        }
        for (count, name) in seen.into_values().filter(|(count, _)| *count > 1) {
            said.push(format!(
                "{name} is recommended {count} times: the upstream approves all and books one, the one with most impressions"
            ));
        }
    }

    /// The other side cuts cost to what a channel has and leaves the impressions as they were.
    fn worth(&self, said: &mut Vec<String>) {
        for one in &self.picks {
            let Ok(worth) = one.cpm.cost_of(one.impressions) else {
                continue;
            };
            let slack = (one.cost.minor() / 100).max(100);
            if worth.minor() > one.cost.minor() + slack {
                said.push(format!(
                    "{}: {} impressions at {} come to {worth}, and {} is what counts against the ceiling",
                    one.name, one.impressions, one.cpm, one.cost
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::booking::samples::usd;

    fn pick(channel: &str, id: &str, cost: i64) -> Pick {
        Pick {
            channel: channel.into(),
            product_id: id.into(),
            name: id.into(),
            impressions: 100_000,
            cpm: usd(cost / 100),
            cost: usd(cost),
        }
    }

    fn spend(picks: Vec<Pick>) -> Spend {
        Spend {
            budget: usd(1_000_000),
            listed: Some(usd(1_000_000)),
            allocations: vec![
                ("ctv".into(), usd(400_000)),
                ("branding".into(), usd(600_000)),
            ],
            picks,
        }
    }

    #[test]
    fn what_fits_is_not_spoken_of() {
        assert!(
            spend(vec![
                pick("ctv", "a", 400_000),
                pick("branding", "b", 600_000)
            ])
            .warnings()
            .is_empty()
        );
        assert!(spend(Vec::new()).warnings().is_empty());
    }

    #[test]
    fn each_way_to_spend_too_much_is_said() {
        let over = spend(vec![pick("ctv", "a", 500_000)]).warnings();
        assert_eq!(over.len(), 1, "{over:?}");
        assert!(over[0].contains("ctv was given 4,000.00 USD"), "{over:?}");
        let twice = spend(vec![
            pick("ctv", "a", 100_000),
            pick("branding", "a", 100_000),
        ]);
        assert!(twice.warnings()[0].contains("recommended 2 times"));
        let mut cut = pick("ctv", "a", 300_000);
        cut.impressions *= 2;
        assert!(spend(vec![cut]).warnings()[0].contains("come to 6,000.00 USD"));
        let mut less = spend(vec![pick("ctv", "a", 300_000)]);
        less.listed = Some(usd(200_000));
        assert!(less.warnings()[0].contains("turn all of it down"));
        let mut more = spend(vec![pick("ctv", "a", 300_000)]);
        more.allocations[1].1 = usd(900_000);
        assert!(more.warnings()[0].contains("given its channels 13,000.00 USD"));
    }
}
