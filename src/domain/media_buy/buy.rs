//! A media buy: what a buyer's agent ordered, and every step of its life. Each change makes
//! one revision with one entry of history. Refuses what its state does not allow.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    history::{Done, Entry, MOST_ENTRIES},
    item_type::ItemType,
    package::Package,
    status::{BuyStatus, Ready, Step},
    terms::Cancellation,
};
use crate::domain::{
    adcp::governance::Verdict,
    ids::{ApprovalId, BuyId, OrderId, PackageId},
    money::{Currency, Money, NotMoney},
    opendirect::refusal::Refusal,
    when::Instant,
};

/// Who does something, and when.
#[derive(Debug, Clone, Copy)]
pub struct Hand<'a> {
    /// Who.
    pub by: &'a str,
    /// When.
    pub at: Instant,
}

/// What the buyer said beside dates, packages and money, kept as it came.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Particulars {
    /// Who advertises.
    pub brand: Option<Map<String, Value>>,
    /// The proposal that it carries out.
    pub proposal_id: Option<String>,
    /// The plan that it is governed by.
    pub plan_id: Option<String>,
    /// What whoever governs it wants to hear again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub governance_context: Option<String>,
    /// What those said who govern it, the last at the end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub governance: Vec<Verdict>,
    /// The number that the buyer's books know it under.
    pub po_number: Option<String>,
    /// The agency's number for it.
    pub agency_estimate_number: Option<String>,
    /// What the advertiser does.
    pub advertiser_industry: Option<String>,
    /// Who is sent the invoice, bank details included: those are never told back.
    pub invoice_recipient: Option<Map<String, Value>>,
    /// Who accepted which insertion order.
    pub io_acceptance: Option<Map<String, Value>>,
    /// Where to tell what becomes of it.
    pub push_notification_config: Option<Map<String, Value>>,
    /// Where to send reports.
    pub reporting_webhook: Option<Map<String, Value>>,
    /// Where to send what was shown beside what.
    pub artifact_webhook: Option<Map<String, Value>>,
    /// What only the buyer and its agents understand.
    pub ext: Option<Map<String, Value>>,
}

/// How many verdicts of those who govern a buy are kept.
const MOST_VERDICTS: usize = 20;

impl Particulars {
    /// Keeps what those said who govern it.
    pub fn governed(&mut self, verdicts: Vec<Verdict>) {
        self.governance.extend(verdicts);
        let over = self.governance.len().saturating_sub(MOST_VERDICTS);
        self.governance.drain(..over);
    }
}

/// What a buyer's agent ordered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MediaBuy {
    /// Its id.
    pub id: BuyId,
    /// Who ordered it: the principal that all of it belongs to.
    pub owner: String,
    /// The account that pays for it, where there is one.
    pub account_id: Option<String>,
    /// The order whose lines deliver it.
    pub order_id: OrderId,
    /// What it is called.
    pub name: String,
    /// What all of it is paid in.
    pub currency: Currency,
    /// When it begins.
    pub start: Instant,
    /// When it is over.
    pub end: Instant,
    /// Where it stands.
    pub status: BuyStatus,
    /// Whether it is simulated.
    #[serde(default)]
    pub sandbox: bool,
    /// Its packages.
    pub packages: Vec<Package>,
    /// What else was said of it.
    #[serde(default)]
    pub particulars: Particulars,
    /// How often it was changed; the first is 1.
    pub revision: u64,
    /// Since when the publisher has agreed.
    pub confirmed_at: Option<Instant>,
    /// Until when creatives are taken.
    pub creative_deadline: Option<Instant>,
    /// That it was called off.
    pub cancellation: Option<Cancellation>,
    /// Why the publisher said no.
    pub rejection: Option<String>,
    /// The question to the publisher that is open or was last decided.
    pub approval_id: Option<ApprovalId>,
    /// Since when it is put away.
    pub archived_at: Option<Instant>,
    /// What happened to it.
    pub history: Vec<Entry>,
    /// What is known of it in the system that it lives in, where that is another company's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Box<super::upstream::Upstream>>,
}

impl MediaBuy {
    /// Whether it lives in another company's system, which does not show when it runs.
    #[must_use]
    pub fn is_undated(&self) -> bool {
        let shown = self
            .upstream
            .as_ref()
            .and_then(|known| known.shown.as_ref());
        shown.is_some_and(|shown| shown.start.is_none() || shown.end.is_none())
    }

    /// The types of what it delivers, called off ones left out.
    #[must_use]
    pub fn item_types(&self) -> Vec<ItemType> {
        let living = self
            .packages
            .iter()
            .filter(|one| one.cancellation.is_none());
        living.map(|one| one.item_type).collect()
    }

    /// What its packages may cost together, called off ones left out.
    ///
    /// # Errors
    /// When that is more than is ever accepted.
    pub fn total(&self) -> Result<Money, NotMoney> {
        let living = self
            .packages
            .iter()
            .filter(|one| one.cancellation.is_none());
        Money::sum(self.currency, living.map(|one| one.budget))
    }

    /// A package by its id.
    #[must_use]
    pub fn package(&self, id: &PackageId) -> Option<&Package> {
        self.packages.iter().find(|one| one.id == *id)
    }

    /// What it is ready for at this moment, with these creatives approved: a package that has
    /// nothing to show keeps it from beginning.
    #[must_use]
    pub fn ready(&self, at: Instant, approved: &BTreeSet<String>) -> Ready {
        let mut living = self
            .packages
            .iter()
            .filter(|one| one.cancellation.is_none());
        let bare = |one: &Package| {
            let mut shown = one.creatives.iter();
            !shown.any(|shown| approved.contains(&shown.creative_id))
        };
        if living.any(bare) {
            Ready::Creatives
        } else if at < self.start {
            Ready::Start
        } else {
            Ready::Run
        }
    }

    /// When time alone will change it, and how: its flight begins, or is over.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        // What lives elsewhere is moved there.
        if self.upstream.is_some() {
            return None;
        }
        match self.status {
            BuyStatus::PendingStart => Some(self.start),
            BuyStatus::PendingCreatives | BuyStatus::Active | BuyStatus::Paused => Some(self.end),
            _ => None,
        }
    }

    /// Writes down that something was done, which makes a revision.
    pub fn note(&mut self, hand: Hand<'_>, done: Done, summary: impl Into<String>) {
        self.note_of(hand, done, summary, None);
    }

    /// Writes down that something was done to one package.
    pub fn note_of(
        &mut self,
        hand: Hand<'_>,
        done: Done,
        summary: impl Into<String>,
        package: Option<PackageId>,
    ) {
        self.revision += 1;
        if self.history.len() >= MOST_ENTRIES {
            self.history.remove(0);
        }
        self.history.push(Entry {
            revision: self.revision,
            at: hand.at,
            by: hand.by.to_owned(),
            done,
            summary: summary.into(),
            package_id: package,
        });
    }

    fn step(&mut self, step: Step) -> Result<(), Refusal> {
        self.status = self.status.after(step)?;
        Ok(())
    }

    /// Lays it before the publisher.
    ///
    /// # Errors
    /// When it is past that.
    pub fn submit(&mut self, hand: Hand<'_>, approval: ApprovalId) -> Result<(), Refusal> {
        self.step(Step::Submit)?;
        self.approval_id = Some(approval);
        self.note(hand, Done::Submitted, "waits for the publisher's approval");
        Ok(())
    }

    /// The publisher agrees, or nobody has to: from now on it runs as soon as it can.
    ///
    /// # Errors
    /// When it is past that.
    pub fn agree(&mut self, hand: Hand<'_>, ready: Ready, summary: &str) -> Result<(), Refusal> {
        self.step(Step::Agree)?;
        self.step(Step::Settle(ready))?;
        self.confirmed_at = Some(hand.at);
        let done = if self.approval_id.is_some() {
            Done::Approved
        } else {
            Done::Activated
        };
        self.note(hand, done, summary);
        Ok(())
    }

    /// The publisher says no.
    ///
    /// # Errors
    /// When it already runs, or is over.
    pub fn reject(&mut self, hand: Hand<'_>, reason: &str) -> Result<(), Refusal> {
        self.step(Step::Reject)?;
        self.rejection = Some(reason.to_owned());
        self.note(hand, Done::Rejected, format!("rejected: {reason}"));
        Ok(())
    }

    /// The publisher wants it changed first.
    ///
    /// # Errors
    /// When it does not wait for the publisher.
    pub fn send_back(&mut self, hand: Hand<'_>, reason: &str) -> Result<(), Refusal> {
        self.step(Step::SendBack)?;
        self.note(hand, Done::SentBack, format!("sent back: {reason}"));
        Ok(())
    }

    /// Looks again whether it can run; nothing where that has not changed.
    ///
    /// # Errors
    /// When it is in no state that this could change.
    pub fn settle(&mut self, hand: Hand<'_>, ready: Ready) -> Result<bool, Refusal> {
        let was = self.status;
        self.step(Step::Settle(ready))?;
        if self.status == was {
            return Ok(false);
        }
        let summary = match self.status {
            BuyStatus::Active => "runs",
            BuyStatus::PendingStart => "waits for its flight to begin",
            _ => "waits for creatives",
        };
        self.note(hand, Done::Activated, summary);
        Ok(true)
    }

    /// Stops all of it for a while.
    ///
    /// # Errors
    /// When it does not run.
    pub fn pause(&mut self, hand: Hand<'_>, reason: Option<&str>) -> Result<(), Refusal> {
        self.step(Step::Pause)?;
        let summary = reason.map_or_else(|| "paused".to_owned(), |why| format!("paused: {why}"));
        self.note(hand, Done::Paused, summary);
        Ok(())
    }

    /// Lets it go on. It is active at once, whatever it lacks: that is the protocol's word.
    ///
    /// # Errors
    /// When it is not paused.
    pub fn resume(&mut self, hand: Hand<'_>) -> Result<(), Refusal> {
        self.step(Step::Resume)?;
        self.note(hand, Done::Resumed, "resumed");
        Ok(())
    }

    /// Calls all of it off.
    ///
    /// # Errors
    /// When it is over already.
    pub fn cancel(
        &mut self,
        hand: Hand<'_>,
        by_buyer: bool,
        reason: Option<String>,
    ) -> Result<(), Refusal> {
        self.step(Step::Cancel)?;
        let summary = reason
            .as_ref()
            .map_or_else(|| "canceled".to_owned(), |why| format!("canceled: {why}"));
        self.cancellation = Some(Cancellation {
            at: hand.at,
            by_buyer,
            reason,
        });
        for package in &mut self.packages {
            package.creatives.clear();
        }
        self.note(hand, Done::Canceled, summary);
        Ok(())
    }

    /// Its flight is over.
    ///
    /// # Errors
    /// When it never ran, or is over already.
    pub fn complete(&mut self, hand: Hand<'_>) -> Result<(), Refusal> {
        self.step(Step::Complete)?;
        self.note(hand, Done::Completed, "its flight is over");
        Ok(())
    }

    /// Takes the one step that leads to a state; nothing where it is there already. For those
    /// who try things out: everything else is done for a reason.
    ///
    /// # Errors
    /// When no step leads there.
    pub fn go_to(
        &mut self,
        hand: Hand<'_>,
        to: BuyStatus,
        reason: Option<&str>,
    ) -> Result<(), Refusal> {
        if self.status == to {
            return Ok(());
        }
        let ready = match to {
            BuyStatus::PendingCreatives => Some(Ready::Creatives),
            BuyStatus::PendingStart => Some(Ready::Start),
            BuyStatus::Active if self.status != BuyStatus::Paused => Some(Ready::Run),
            _ => None,
        };
        match (ready, to) {
            (Some(ready), _) => self.settle(hand, ready).map(drop),
            (None, BuyStatus::Active) => self.resume(hand),
            (None, BuyStatus::Paused) => self.pause(hand, reason),
            (None, BuyStatus::Completed) => self.complete(hand),
            (None, BuyStatus::Rejected) => self.reject(hand, reason.unwrap_or("rejected")),
            (None, BuyStatus::Canceled) => self.cancel(hand, false, reason.map(str::to_owned)),
            (None, _) => self.step(Step::SendBack),
        }
    }

    /// Puts it away; nothing where it was put away before.
    pub fn archive(&mut self, hand: Hand<'_>) {
        if self.archived_at.is_none() {
            self.archived_at = Some(hand.at);
            self.note(hand, Done::Archived, "archived");
        }
    }
}

#[cfg(test)]
pub(in crate::domain) mod tests {
    use super::*;
    use crate::domain::media_buy::{
        package::Shown,
        terms::{Pricing, PricingModel, Spread},
    };

    pub(crate) fn at(text: &str) -> Instant {
        text.parse().expect(text)
    }

    pub(crate) fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    pub(crate) fn package(n: u128, item_type: ItemType, budget: i64) -> Package {
        let pricing = Pricing {
            option_id: "cpm_usd".to_owned(),
            model: PricingModel::Cpm,
            rate: usd(2_000),
            fixed: true,
        };
        Package {
            id: format!("pkg_{n}").into(),
            line_id: uuid::Uuid::from_u128(n).into(),
            product_id: "ctv-prime".into(),
            item_type,
            budget: usd(budget),
            quantity: pricing.units(usd(budget)),
            pricing,
            impressions: None,
            start: None,
            end: None,
            spread: Spread::Even,
            priority: None,
            paused: false,
            cancellation: None,
            creatives: Vec::new(),
            asked: Map::new(),
        }
    }

    pub(crate) fn buy() -> MediaBuy {
        MediaBuy {
            id: "mb_1".into(),
            owner: "acme".to_owned(),
            account_id: None,
            order_id: uuid::Uuid::from_u128(5).into(),
            name: "Summer".to_owned(),
            currency: Currency::USD,
            start: at("2026-07-01T00:00:00Z"),
            end: at("2026-07-31T00:00:00Z"),
            status: BuyStatus::Draft,
            sandbox: false,
            packages: vec![
                package(1, ItemType::Standard, 3_000_000),
                package(2, ItemType::PricePriority, 1_000_000),
            ],
            particulars: Particulars::default(),
            revision: 1,
            confirmed_at: None,
            creative_deadline: None,
            cancellation: None,
            rejection: None,
            approval_id: None,
            archived_at: None,
            history: Vec::new(),
            upstream: None,
        }
    }

    fn hand(text: &str) -> Hand<'static> {
        Hand {
            by: "ann",
            at: at(text),
        }
    }

    fn ready(buy: &MediaBuy, hand: Hand<'_>) -> Ready {
        buy.ready(hand.at, &["spot".to_owned()].into())
    }

    #[test]
    fn a_buy_waits_is_agreed_lacks_creatives_begins_and_ends() {
        let mut buy = buy();
        let june = hand("2026-06-01T00:00:00Z");
        buy.submit(june, uuid::Uuid::from_u128(9).into())
            .expect("asked");
        assert!(!buy.status.is_agreed());
        buy.agree(june, ready(&buy, june), "approved by ann")
            .expect("agreed");
        assert_eq!(buy.status, BuyStatus::PendingCreatives);
        assert_eq!(buy.confirmed_at, Some(june.at));
        for package in &mut buy.packages {
            package.creatives.push(Shown {
                creative_id: "spot".to_owned(),
                weight: None,
                placement_ids: None,
            });
        }
        assert_eq!(buy.settle(june, ready(&buy, june)), Ok(true));
        assert_eq!(buy.settle(june, ready(&buy, june)), Ok(false));
        assert_eq!(
            (buy.status, buy.next()),
            (BuyStatus::PendingStart, Some(buy.start))
        );
        let july = hand("2026-07-01T00:00:00Z");
        assert_eq!(buy.settle(july, ready(&buy, july)), Ok(true));
        buy.pause(july, Some("wrong spot")).expect("paused");
        buy.resume(july).expect("goes on");
        buy.complete(hand("2026-07-31T00:00:00Z")).expect("over");
        let done: Vec<_> = buy.history.iter().map(|entry| entry.done.name()).collect();
        assert_eq!(
            done.join(" "),
            "submitted approved activated activated paused resumed completed"
        );
        let revisions: Vec<_> = buy.history.iter().map(|entry| entry.revision).collect();
        assert_eq!(revisions, [2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(buy.revision, 8);
        assert!(buy.cancel(july, true, None).is_err());
    }

    #[test]
    fn what_is_called_off_lets_its_creatives_go_and_costs_nothing_more() {
        let mut one = buy();
        one.packages[1].cancellation = Some(Cancellation {
            at: one.start,
            by_buyer: true,
            reason: None,
        });
        assert_eq!(one.total(), Ok(usd(3_000_000)));
        assert_eq!(one.item_types(), [ItemType::Standard]);
        one.cancel(hand("2026-06-01T00:00:00Z"), true, Some("late".to_owned()))
            .expect("called off");
        assert!(
            one.packages
                .iter()
                .all(|package| package.creatives.is_empty())
        );
        assert_eq!(one.status.valid_actions(), <[&str; 0]>::default());
    }

    #[test]
    fn history_keeps_the_newest() {
        let mut one = buy();
        for _ in 0..MOST_ENTRIES + 5 {
            one.note(hand("2026-06-01T00:00:00Z"), Done::UpdatedPackages, "again");
        }
        assert_eq!(one.history.len(), MOST_ENTRIES);
        assert_eq!(one.history[MOST_ENTRIES - 1].revision, one.revision);
    }
}
