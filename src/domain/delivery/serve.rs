//! What lines that compete for one product deliver, minute by minute, as the ad server inside
//! decides it. Deterministic: the same lines, seed and time give the same counts, however the
//! time is cut. Refuses to show more than there is, more than was bought, to anybody more often
//! than a frequency cap allows, and anything on a line that may not run.

use super::{
    people::{People, length},
    reading::Reading,
    running::Running,
    traffic::{HOUR, Traffic, begin_of, minute_of},
};
use crate::domain::{
    media_buy::terms::Spread,
    opendirect::{product::RateType, stats::Delivered},
    when::Instant,
};

/// How fast a line is delivered, in per cent of what its plan wants of what is left: so little
/// more that it is done in time, and nobody is told that it burns.
const SPEED: u128 = 101;
/// How many of what is played begin, in basis points of what is shown.
const BEGUN: u64 = 9_800;
/// How many of what is shown can be measured, in basis points.
const MEASURED: u64 = 9_300;
/// All, in basis points.
const ALL: u64 = 10_000;

/// Counts what every line delivers until an instant, hour by hour: one count at the end of
/// each hour, and one at the last whole minute. All lines are of one product.
#[must_use]
pub fn serve(seed: u64, lines: &[Running], until: Instant) -> Vec<Reading> {
    let Some(first) = lines.first() else {
        return Vec::new();
    };
    let mut traffic = Traffic::new(seed, &first.product_id, first.daily);
    let last = minute_of(until);
    let mut slots: Vec<Slot<'_>> = lines
        .iter()
        .filter_map(|line| Slot::of(line, seed, last))
        .collect();
    slots.sort_by_key(|slot| (slot.line.priority, slot.line.line_id));
    let since = slots.iter().map(|slot| slot.from).min().unwrap_or(last);
    let mut told = Vec::new();
    let mut minute = since;
    while minute < last {
        let end = last.min((minute.div_euclid(HOUR) + 1) * HOUR);
        for minute in minute..end {
            one_minute(&mut slots, &mut traffic, minute);
        }
        let counted = slots.iter().filter(|slot| slot.from < end);
        told.extend(counted.filter_map(|slot| slot.told(minute, end)));
        minute = end;
    }
    told
}

/// A line at work.
struct Slot<'a> {
    line: &'a Running,
    key: u64,
    /// The first minute that is not counted yet.
    from: i64,
    /// The first minute that no longer belongs to it.
    end: i64,
    /// How much of the product's usual week is over when it begins, and when it is over.
    usual: Option<(u64, u64)>,
    goal: u64,
    /// What part of each hour its frequency cap lets through, where it has one.
    share: Option<u64>,
    counts: Counts,
    /// What it wants of this minute.
    wants: u64,
    /// What it gets of it.
    gets: u64,
}

/// A minute, what there is in it, and how much of the product's usual week is over when it
/// begins and when it is over.
#[derive(Clone, Copy)]
struct Now {
    minute: i64,
    there: u64,
    usual: (u64, u64),
}

/// What was counted of a line.
#[derive(Clone, Copy, Default)]
struct Counts {
    impressions: u64,
    clicks: u64,
    starts: u64,
    completes: u64,
    measurable: u64,
    viewable: u64,
}

impl<'a> Slot<'a> {
    /// A line that there is something to count of before a minute.
    fn of(line: &'a Running, seed: u64, last: i64) -> Option<Self> {
        let from = ceiling(line.since()?);
        let share = line.cap.as_ref().map(|cap| {
            let people = People::of(seed, &line.product_id, line.daily);
            people.share(cap, length(line.starts, line.ends))
        });
        let so_far = line.so_far.as_ref();
        let count = |of: fn(&Delivered) -> Option<u64>| so_far.and_then(of).unwrap_or(0);
        let counts = Counts {
            impressions: count(|one| Some(one.impressions)),
            clicks: count(|one| one.clicks),
            starts: count(|one| one.starts),
            completes: count(|one| one.completes),
            measurable: count(|one| one.measurable),
            viewable: count(|one| one.viewable),
        };
        (from < last).then(|| Self {
            line,
            key: line.key(),
            from,
            end: ceiling(line.ends),
            usual: None,
            goal: line.goal(),
            share,
            counts,
            wants: 0,
            gets: 0,
        })
    }

    /// How many units of what is paid for are still to be delivered.
    fn left(&self) -> u64 {
        let done = match self.line.price.rate_type {
            RateType::Cpc => self.counts.clicks,
            RateType::Cpmv => self.counts.viewable,
            _ => self.counts.impressions,
        };
        self.goal.saturating_sub(done)
    }

    /// How many impressions it takes to deliver what is left.
    fn left_in_impressions(&self) -> u64 {
        let reaches = self.line.reaches;
        let left = u128::from(self.left());
        let all = u128::from(ALL);
        let of = |share: u128| {
            left.checked_mul(all * all)
                .map(|n| n.div_ceil(share.max(1)))
        };
        let needed = match self.line.price.rate_type {
            RateType::Cpc => of(u128::from(reaches.ctr) * all),
            RateType::Cpmv => of(u128::from(reaches.viewability) * u128::from(MEASURED)),
            _ => Some(left),
        };
        needed
            .and_then(|needed| u64::try_from(needed).ok())
            .unwrap_or(u64::MAX)
    }

    /// How many impressions it wants of a minute, of those that its frequency cap lets through.
    fn want(&mut self, traffic: &Traffic, now: Now) -> u64 {
        let wanted = self.would_show(traffic, now);
        match self.share {
            Some(share) if wanted > 0 => wanted.min(traffic.part_of(now.minute, share)),
            _ => wanted,
        }
    }

    /// How many impressions it wants of a minute that has so many.
    fn would_show(&mut self, traffic: &Traffic, now: Now) -> u64 {
        let Now {
            minute,
            there,
            usual,
        } = now;
        let runs = minute >= self.from && minute < self.end && self.line.may_show(begin_of(minute));
        if !runs {
            return 0;
        }
        if self.line.is_share() {
            return there;
        }
        let left = self.left_in_impressions();
        if left == 0 || self.line.spread == Spread::Asap {
            return left.min(there);
        }
        let (begin, end) = *self.usual.get_or_insert_with(|| {
            let begin = minute_of(self.line.starts);
            (traffic.usual_until(begin), traffic.usual_until(self.end))
        });
        let gone = |usual: u64| u128::from(usual.clamp(begin, end) - begin);
        let (from, until) = (gone(usual.0), gone(usual.1));
        let plan = plan(self.line.spread, from, until, u128::from(end - begin));
        let chance = traffic.chance(self.key, minute, 0);
        share(left, plan, chance).min(left).min(there)
    }

    /// Shows so many impressions and counts what comes of them, never more of what is paid for
    /// than was bought.
    fn show(&mut self, traffic: &Traffic, minute: i64) {
        let shown = self.gets;
        if shown == 0 {
            return;
        }
        let chance = |what: u64| traffic.chance(self.key, minute, what);
        let of = |all: u64, bp: u64, what: u64| share(all, (bp.into(), ALL.into()), chance(what));
        let reaches = self.line.reaches;
        let left = self.left();
        let most = |of: RateType| {
            let bound = self.line.price.rate_type == of;
            if bound { left } else { u64::MAX }
        };
        let clicks = of(shown, reaches.ctr, 1).min(most(RateType::Cpc));
        let measurable = of(shown, MEASURED, 2);
        let viewable = of(measurable, reaches.viewability, 3).min(most(RateType::Cpmv));
        let starts = reaches.vcr.map_or(0, |_| of(shown, BEGUN, 4));
        let completes = reaches.vcr.map_or(0, |vcr| of(starts, vcr, 5));
        self.counts = Counts {
            impressions: self.counts.impressions + shown,
            clicks: self.counts.clicks + clicks,
            starts: self.counts.starts + starts,
            completes: self.counts.completes + completes,
            measurable: self.counts.measurable + measurable,
            viewable: self.counts.viewable + viewable,
        };
    }

    /// What was counted by the end of an hour that began with a minute; nothing when it was
    /// counted to its end before.
    fn told(&self, begun: i64, end: i64) -> Option<Reading> {
        if self.end <= begun {
            return None;
        }
        let at = begin_of(end.min(self.end));
        let plays = self.line.reaches.vcr.is_some();
        let counts = self.counts;
        let delivered = Delivered {
            impressions: counts.impressions,
            clicks: Some(counts.clicks),
            starts: plays.then_some(counts.starts),
            completes: plays.then_some(counts.completes),
            measurable: Some(counts.measurable),
            viewable: Some(counts.viewable),
            spent: None,
            as_of: at,
        };
        let spent = Some(self.line.price.spent(&delivered));
        Some(Reading {
            line_id: self.line.line_id,
            delivered: Delivered { spent, ..delivered },
            reported_index: None,
        })
    }
}

/// The first whole minute at or after an instant.
fn ceiling(at: Instant) -> i64 {
    let minute = minute_of(at);
    if begin_of(minute) < at {
        minute + 1
    } else {
        minute
    }
}

/// Shares out the impressions of a minute: who goes first takes what it wants, and those of one
/// rank that want more than there is get parts of what they want.
fn one_minute(slots: &mut [Slot<'_>], traffic: &mut Traffic, minute: i64) {
    let mut there = traffic.minute(minute);
    let now = Now {
        minute,
        there,
        usual: (traffic.usual_until(minute), traffic.usual_until(minute + 1)),
    };
    for slot in slots.iter_mut() {
        slot.wants = slot.want(traffic, now);
        slot.gets = 0;
    }
    let alike = |a: &Slot<'_>, b: &Slot<'_>| a.line.priority == b.line.priority;
    for rank in slots.chunk_by_mut(alike) {
        there -= share_out(rank, there, minute);
        for slot in rank {
            slot.show(traffic, minute);
        }
    }
}

/// Gives to each of one rank; says how many in all.
fn share_out(rank: &mut [Slot<'_>], there: u64, minute: i64) -> u64 {
    let wanted: u128 = rank.iter().map(|slot| u128::from(slot.wants)).sum();
    if wanted <= u128::from(there) {
        for slot in rank.iter_mut() {
            slot.gets = slot.wants;
        }
        return u64::try_from(wanted).unwrap_or(there);
    }
    let mut left = there;
    for slot in rank.iter_mut() {
        let part = u128::from(slot.wants) * u128::from(there) / wanted;
        slot.gets = u64::try_from(part).unwrap_or(0);
        left -= slot.gets;
    }
    // The odd ones go round among those that want any.
    let many = rank.iter().filter(|slot| slot.wants > 0).count();
    let turn = usize::try_from(minute.rem_euclid(1 << 20)).unwrap_or(0) % many.max(1);
    let wanting = |rank: &mut [Slot<'_>], nth: usize, left: &mut u64| {
        let mut those = rank.iter_mut().filter(|slot| slot.wants > 0);
        if let Some(slot) = those.nth(nth).filter(|slot| slot.gets < slot.wants) {
            slot.gets += 1;
            *left -= 1;
        }
    };
    for nth in 0..many {
        if left == 0 {
            break;
        }
        wanting(rank, (nth + turn) % many, &mut left);
    }
    there - left
}

/// What part of what is left is due in a step of a plan, from so much of the whole to so much.
fn plan(spread: Spread, from: u128, until: u128, whole: u128) -> (u128, u128) {
    let part = |due: u128, left: u128| match left {
        0 => (1, 1),
        left => (due * SPEED, left * 100),
    };
    match spread {
        Spread::FrontLoaded => {
            // In eighths: a quarter more in the first half, a quarter less in the second.
            let due = |gone: u128| {
                if gone * 2 <= whole {
                    gone * 10
                } else {
                    whole * 2 + gone * 6
                }
            };
            part(due(until) - due(from), whole * 8 - due(from))
        }
        Spread::Even | Spread::Asap => part(until - from, whole - from),
    }
}

/// A part of a number in whole ones; what is left over becomes one more as often as it should.
fn share(of: u64, (part, whole): (u128, u128), chance: u64) -> u64 {
    let whole = whole.max(1);
    let exact = u128::from(of).checked_mul(part);
    let rounded = exact.map(|exact| (exact + u128::from(chance) % whole) / whole);
    rounded
        .and_then(|rounded| u64::try_from(rounded).ok())
        .unwrap_or(of)
        .min(of)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        delivery::running::{
            Span,
            tests::{at, running},
        },
        ids::LineId,
        media_buy::item_type::ItemType,
        money::{Currency, Money},
    };

    const SEED: u64 = 42;

    /// What was counted last of each line.
    fn last(told: Vec<Reading>) -> BTreeMap<LineId, Delivered> {
        let pair = |one: Reading| (one.line_id, one.delivered);
        told.into_iter().map(pair).collect()
    }

    fn sole(line: Running, until: &str) -> Delivered {
        let id = line.line_id;
        let mut told = last(serve(SEED, &[line], at(until)));
        told.remove(&id).expect("counted")
    }

    #[test]
    fn an_even_line_keeps_to_its_plan_and_ends_with_all_of_it() {
        let half = sole(running(1), "2026-07-06T00:00:00Z");
        assert!((250_000..270_000).contains(&half.impressions), "{half:?}");
        assert_eq!(half.as_of, at("2026-07-06T00:00:00Z"));
        let done = sole(running(1), "2026-08-01T00:00:00Z");
        assert_eq!(done.impressions, 500_000);
        assert_eq!(done.as_of, running(1).ends);
        assert_eq!(done.spent, Some(running(1).price.cost));
        let rates = |part: Option<u64>, all: Option<u64>| {
            part.zip(all).map_or(0, |(part, all)| part * 10_000 / all)
        };
        assert!((10..=14).contains(&rates(done.clicks, Some(done.impressions))));
        assert!((7_700..=7_900).contains(&rates(done.completes, done.starts)));
        assert!((6_700..=6_900).contains(&rates(done.viewable, done.measurable)));
    }

    #[test]
    fn front_loaded_comes_first_and_asap_before_it() {
        let spread = |spread| {
            let line = Running {
                spread,
                ..running(1)
            };
            sole(line, "2026-07-04T12:00:00Z").impressions
        };
        let (even, front, asap) = (
            spread(Spread::Even),
            spread(Spread::FrontLoaded),
            spread(Spread::Asap),
        );
        assert!(
            even * 115 / 100 < front && front < asap,
            "{even} {front} {asap}"
        );
        assert!((210_000..235_000).contains(&front), "{front}");
    }

    #[test]
    fn a_line_that_is_paused_shows_nothing_and_makes_up_for_it() {
        let paused = Running {
            spans: vec![
                Span {
                    from: at("2026-07-01T00:00:00Z"),
                    until: Some(at("2026-07-03T00:00:00Z")),
                },
                Span {
                    from: at("2026-07-05T00:00:00Z"),
                    until: None,
                },
            ],
            ..running(1)
        };
        let before = sole(paused.clone(), "2026-07-03T00:00:00Z");
        let after = sole(paused.clone(), "2026-07-05T00:00:00Z");
        assert_eq!(before.impressions, after.impressions);
        assert!(before.as_of < after.as_of, "it is counted all the same");
        let done = sole(paused, "2026-07-11T00:00:00Z");
        assert!(done.impressions > 499_000, "{done:?}");
    }

    #[test]
    fn who_goes_first_is_served_first_and_equals_share() {
        let rank = |n, item_type: ItemType| Running {
            priority: item_type.priority(),
            daily: 60_000,
            spread: Spread::Asap,
            ..running(n)
        };
        let lines = [
            rank(1, ItemType::House),
            rank(2, ItemType::Standard),
            rank(3, ItemType::Standard),
        ];
        let told = last(serve(SEED, &lines, at("2026-07-03T00:00:00Z")));
        let shown: Vec<u64> = told.values().map(|one| one.impressions).collect();
        assert_eq!(shown[0], 0, "nothing is left for the house");
        assert!(shown[1].abs_diff(shown[2]) <= 2_880, "{shown:?}");
        assert!(
            (105_000..=120_000).contains(&(shown[1] + shown[2])),
            "{shown:?}"
        );
    }

    #[test]
    fn clicks_views_and_days_are_what_is_sold() {
        let of = |rate_type, quantity, cost| {
            let line = running(1);
            let rate = Money::new(2_000, Currency::USD);
            let cost = Money::new(cost, Currency::USD);
            let price = crate::domain::opendirect::stats::Price {
                rate_type,
                rate,
                cost,
                ..line.price
            };
            let line = Running {
                quantity,
                price,
                ..line
            };
            sole(line, "2026-07-11T00:00:00Z")
        };
        let clicks = of(RateType::Cpc, 300, 600_000);
        assert_eq!(
            (clicks.clicks, clicks.spent.map(Money::minor)),
            (Some(300), Some(600_000))
        );
        let seen = of(RateType::Cpmv, 100_000, 200_000);
        let (views, spent) = (seen.viewable.unwrap_or(0), seen.spent.map(Money::minor));
        assert!((99_990..=100_000).contains(&views), "{seen:?}");
        assert_eq!(spent, i64::try_from(views * 2).ok());
        let days = of(RateType::Cpd, 1, 20_000);
        assert!(days.impressions > 850_000, "all that there is: {days:?}");
        assert_eq!(days.spent.map(Money::minor), Some(20_000));
    }

    fn any_line(n: u128) -> impl Strategy<Value = Running> {
        let types = prop::sample::select(ItemType::ALL.to_vec());
        let spreads = prop::sample::select(vec![Spread::Even, Spread::Asap, Spread::FrontLoaded]);
        let rates = prop::sample::select(RateType::ALL.to_vec());
        (
            types,
            spreads,
            rates,
            1u64..400_000,
            0i64..80,
            1i64..200,
            any::<bool>(),
        )
            .prop_map(
                move |(item_type, spread, rate_type, quantity, begins, hours, paused)| {
                    let mut line = running(n);
                    line.starts += chrono::Duration::minutes(begins * 37);
                    line.ends = line.starts + chrono::Duration::hours(hours);
                    line.spans = vec![Span {
                        from: line.starts,
                        until: paused.then(|| line.starts + chrono::Duration::minutes(hours * 11)),
                    }];
                    line.price.rate_type = rate_type;
                    line.price.cost = Money::new(1_000_000, Currency::USD);
                    Running {
                        priority: item_type.priority(),
                        spread,
                        quantity,
                        ..line
                    }
                },
            )
    }

    fn any_lines() -> impl Strategy<Value = Vec<Running>> {
        (any_line(1), any_line(2), any_line(3)).prop_map(|(a, b, c)| vec![a, b, c])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn an_hour_is_never_sold_twice_and_nothing_goes_beyond_its_goal(
            lines in any_lines(), daily in 0u64..200_000, seed: u64,
        ) {
            let lines: Vec<Running> = lines.into_iter().map(|line| Running { daily, ..line }).collect();
            let told = serve(seed, &lines, at("2026-07-05T00:00:00Z"));
            let mut traffic = Traffic::new(seed, &lines[0].product_id, daily);
            let mut before: BTreeMap<LineId, Delivered> = BTreeMap::new();
            let mut hours: BTreeMap<i64, u64> = BTreeMap::new();
            for Reading { line_id: id, delivered: now, .. } in told {
                let line = lines.iter().find(|line| line.line_id == id).expect("one of them");
                let was = before.get(&id).map_or(0, |one| one.impressions);
                // What is counted until a full hour belongs to the hour before it.
                let hour = (minute_of(now.as_of) - 1).div_euclid(HOUR);
                *hours.entry(hour).or_default() += now.impressions - was;
                prop_assert!(now.clicks <= Some(now.impressions));
                prop_assert!(now.completes <= now.starts && now.starts <= Some(now.impressions));
                prop_assert!(now.viewable <= now.measurable && now.measurable <= Some(now.impressions));
                prop_assert!(now.spent <= Some(line.price.cost));
                prop_assert!(line.is_share() || line.price.units(&now) <= line.quantity);
                let open = line.spans[0].until.is_none_or(|until| was == 0 || now.as_of < until
                    || now.impressions == was || now.as_of - until < chrono::Duration::hours(1));
                prop_assert!(open, "shown while it was paused");
                before.insert(id, now);
            }
            for (hour, sold) in hours {
                prop_assert!(sold <= traffic.hour(hour), "hour {hour}: {sold}");
            }
        }

        #[test]
        fn however_the_time_is_cut_the_counts_are_the_same(
            lines in any_lines(), cut in 1i64..5_000, seed: u64,
        ) {
            let end = at("2026-07-05T00:00:00Z");
            let whole = last(serve(seed, &lines, end));
            let half = last(serve(seed, &lines, at("2026-07-01T00:00:00Z") + chrono::Duration::minutes(cut)));
            let rest: Vec<Running> = lines.iter().map(|line| Running {
                so_far: half.get(&line.line_id).cloned(),
                ..line.clone()
            }).collect();
            let mut twice = half;
            twice.extend(last(serve(seed, &rest, end)));
            prop_assert_eq!(whole, twice);
        }

        #[test]
        fn as_fast_as_it_goes_is_never_slower(line in any_line(1), other in any_line(2), hours in 1i64..96) {
            let until = at("2026-07-01T00:00:00Z") + chrono::Duration::hours(hours);
            let other = Running { priority: ItemType::House.priority(), ..other };
            let line = Running { priority: ItemType::Standard.priority(), ..line };
            let shown = |spread| {
                let lines = [Running { spread, ..line.clone() }, other.clone()];
                let told = last(serve(SEED, &lines, until));
                told.get(&line.line_id).map_or(0, |one| line.price.units(one))
            };
            prop_assert!(shown(Spread::Asap) >= shown(Spread::Even));
        }
    }
}
