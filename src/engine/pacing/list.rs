//! Lists how all live lines pace: those with money at risk first, each currency by itself, and
//! the sums of orders and currencies. A status or a search leaves lines out of the list and out of its
//! sums alike.

use std::{collections::HashMap, mem};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    book::{Weighed, Which, weighed},
    row::{Open, PaceRow},
    sums::{OrderPace, PaceSums, by_order, purse, sums},
};
use crate::{
    domain::{
        currency::Currency,
        ids::{BuyId, LineId, OrderId},
        media_buy::buy::MediaBuy,
        pacing::{alerts::rank::worst_first, ratio::Ratio, status::Status},
        policy::Permission,
        problem::{Code, Problem},
        when::Instant,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Mark, fold},
};

/// How many lines are listed at most, and where nobody says.
pub const MOST: u32 = 10_000;

/// Lists how lines pace.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListPacing {
    /// Only in one of these states.
    pub status: Option<Vec<Status>>,
    /// Only those whose line, order, owner, product or id contains this.
    pub search: Option<String>,
    /// Only of this media buy.
    pub media_buy_id: Option<BuyId>,
    /// Only of this order.
    pub order_id: Option<OrderId>,
    /// Only these, whatever became of them.
    pub line_ids: Option<Vec<LineId>>,
    /// With those that are over.
    pub ended: bool,
    /// With the sums of every order.
    pub by_order: bool,
    /// As it was known at that time.
    pub as_of: Option<Instant>,
    /// At most so many; 10,000 where it is not said and at most.
    pub limit: Option<u32>,
    /// Where an earlier answer ended.
    pub cursor: Option<String>,
}

/// How lines pace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PacePage {
    /// The lines: by currency, the desk's own first, those with most at risk on top.
    pub lines: Vec<PaceRow>,
    /// How many there are in all.
    pub total: usize,
    /// All of them by what they count and in which currency.
    pub sums: Vec<PaceSums>,
    /// Their orders, those with most at risk first; empty where nobody asked for them.
    pub orders: Vec<OrderPace>,
    /// Where the list goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl Operation for ListPacing {
    const NAME: &'static str = "pacing.list";
    const ABOUT: &'static str = "List how lines pace, those with most money at risk first.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = PacePage;

    async fn perform(self, work: &mut Work<'_>) -> Result<PacePage, Fault> {
        let limit = self.limit.unwrap_or(MOST);
        if !(1..=MOST).contains(&limit) {
            let code = Code::new("INVALID_PARAMETER");
            let message = format!("is not between 1 and {MOST}");
            return Err(Fault::field(Problem::new("limit", code, message)));
        }
        let from = self.from(work)?;
        let now = self.as_of.unwrap_or_else(|| work.now());
        let mut all = weighed(work, self.which(work).await?, self.as_of).await?;
        let search = self.search.as_deref().map(fold);
        all.retain(|one| self.wants(one, search.as_deref()));
        let own = work.desk().currency;
        let all = ranked(all, own);
        let alerts = super::alerts::open(work).await?;
        let open = |one: &Weighed| alerts.get(&one.entry.line).copied().unwrap_or_default();
        let size = limit as usize;
        let page = all.iter().skip(from).take(size);
        let lines = page
            .map(|one| PaceRow::of(one, now, open(one), own))
            .collect();
        let next_cursor = self.next(work, from.saturating_add(size), all.len())?;
        let orders = if self.by_order {
            by_order(&all, own, |one| (open(one).count, open(one).worst))
        } else {
            Vec::new()
        };
        Ok(PacePage {
            lines,
            total: all.len(),
            sums: sums(all.iter(), own),
            orders,
            next_cursor,
        })
    }
}

/// The open alerts by their line.
pub(in crate::engine) type Alerts = HashMap<LineId, Open>;

/// Where something is at risk comes first, each currency by itself and most at risk on top; then
/// those where nothing is, then those that cannot tell. Amounts of different currencies are not
/// compared: the desk's own comes first, and the others by their codes.
pub(in crate::engine) fn ranked(mut all: Vec<Weighed>, own: Currency) -> Vec<Weighed> {
    let group = |one: &Weighed| {
        let risk = one.at_risk().map(Ratio::is_positive);
        let place = risk.map_or(2, |any| u8::from(!any));
        (place, purse(one.terms.currency, own))
    };
    let mut grouped: Vec<usize> = (0..all.len()).collect();
    grouped.sort_by_cached_key(|at| group(&all[*at]));
    let mut places: Vec<usize> = Vec::with_capacity(all.len());
    for some in grouped.chunk_by(|one, other| group(&all[*one]) == group(&all[*other])) {
        let order = worst_first(some.iter().map(|at| all[*at].at_risk()));
        places.extend(order.into_iter().map(|at| some[at]));
    }
    arrange(&mut all, places);
    all
}

/// Puts each where it belongs, without room for a second of any: what comes at `at` lies at
/// `from[at]` now. Each is moved once.
fn arrange<T>(all: &mut [T], mut from: Vec<usize>) {
    for start in 0..all.len() {
        let mut at = start;
        loop {
            let lies = mem::replace(&mut from[at], at);
            if lies == start {
                break;
            }
            all.swap(at, lies);
            at = lies;
        }
    }
}

impl ListPacing {
    async fn which(&self, work: &Work<'_>) -> Result<Which, Fault> {
        if let Some(ids) = &self.line_ids {
            return Ok(Which::These(ids.clone()));
        }
        if let Some(id) = &self.media_buy_id {
            let stored = work.get::<MediaBuy>(id.as_str()).await?;
            let stored = stored.ok_or_else(|| Fault::absent("media_buy", id.as_str()))?;
            return Ok(Which::Of(stored.record.order_id));
        }
        Ok(match self.order_id {
            Some(order) => Which::Of(order),
            None => Which::Live { ended: self.ended },
        })
    }

    fn wants(&self, one: &Weighed, search: Option<&str>) -> bool {
        let status = self.status.as_ref();
        if status.is_some_and(|only| !only.contains(&one.status)) {
            return false;
        }
        let Some(search) = search else { return true };
        let (entry, id) = (&one.entry, one.entry.line.to_string());
        let buy = entry.buy.as_ref().map_or("", |buy| buy.id.as_str());
        let parts = [
            &*entry.name,
            entry.order(),
            entry.owner(),
            entry.booked.product_id.as_str(),
            &id,
            buy,
        ];
        parts.iter().any(|part| fold(part).contains(search))
    }

    /// What a cursor of this list is for.
    fn question(&self) -> String {
        format!(
            "pacing {:?} {:?} {:?} {:?} {}",
            self.status, self.search, self.media_buy_id, self.order_id, self.ended
        )
    }

    fn from(&self, work: &Work<'_>) -> Result<usize, Fault> {
        let Some(cursor) = &self.cursor else {
            return Ok(0);
        };
        let secret = &work.desk().secret;
        let mark = secret.open(work.tenant(), &self.question(), cursor)?;
        Ok(usize::try_from(mark.number).unwrap_or(0))
    }

    fn next(&self, work: &Work<'_>, to: usize, total: usize) -> Result<Option<String>, Fault> {
        if to >= total {
            return Ok(None);
        }
        let mark = Mark {
            text: String::new(),
            number: i64::try_from(to).unwrap_or(i64::MAX),
            id: String::new(),
        };
        let secret = &work.desk().secret;
        secret
            .seal(work.tenant(), &self.question(), &mark)
            .map(Some)
    }
}

/// What is at risk of lines, by currency, for whoever asks whether it is too much.
#[must_use]
pub fn at_risk(page: &PacePage) -> Vec<(String, Ratio)> {
    let mut sums: Vec<(String, Ratio)> = Vec::new();
    for one in &page.sums {
        let code = one.currency.map_or("-", |currency| currency.code());
        match sums.iter_mut().find(|(known, _)| known == code) {
            Some((_, sum)) => *sum = sum.and(one.at_risk),
            None => sums.push((code.to_owned(), one.at_risk)),
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::arrange;

    proptest! {
        #[test]
        fn each_comes_where_it_belongs(from in Just((0..40).collect::<Vec<usize>>()).prop_shuffle()) {
            let mut all: Vec<usize> = (0..from.len()).collect();
            arrange(&mut all, from.clone());
            prop_assert_eq!(all, from);
        }
    }
}
