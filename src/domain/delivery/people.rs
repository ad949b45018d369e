//! How many people the ad server inside shows a product to, and how much a frequency cap lets
//! through: a model, and as simple as one can be.
//!
//! A product has so many people, by its seed, each of whom comes by two to six times a day on
//! average. How often somebody comes by in a while follows the geometric distribution: some come
//! all the time, many hardly ever. Of what comes by in a window in which each person does so
//! `v` times on average, a cap of `m` in that window lets through the part `1 - (v / (1 + v))^m`;
//! the `n` impressions of a line reach `people * n / (people + n)` of them, and never fewer than
//! `n / m` in each window. The busiest window that there can be is what `v` is taken of, so that
//! a cap holds in every window, wherever that begins.
//!
//! Refuses to be anybody's measurement: it says what the simulated traffic is like, and no more.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    chance::{ONE, part, power},
    traffic::{most_in_an_hour, scramble},
};
use crate::domain::{
    ids::ProductId, media_buy::package::Package, pacing::ratio::Ratio, when::Instant,
};

/// How often somebody comes by on a day, at least and at most, in hundredths.
const VISITS: (u64, u64) = (200, 600);
/// The seconds of a day.
const DAY: u64 = 86_400;
/// A chance that comes to nothing.
const NOTHING: u64 = 1_000;
/// By how much the busiest 24 hours can be busier than a day, in per cent.
const OVER: u64 = 13;

/// What a cap counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// People.
    Individuals,
    /// Those who live together: 40 to a hundred people.
    Households,
    /// What they watch on: 150 to a hundred people.
    Devices,
    /// Under which names: 80 to a hundred people.
    Accounts,
    /// What their browsers keep: 200 to a hundred people.
    Cookies,
    /// What the publisher counts; here people.
    Custom,
}

impl Per {
    const ALL: [(Self, &'static str, u64); 6] = [
        (Self::Individuals, "individuals", 100),
        (Self::Households, "households", 40),
        (Self::Devices, "devices", 150),
        (Self::Accounts, "accounts", 80),
        (Self::Cookies, "cookies", 200),
        (Self::Custom, "custom", 100),
    ];

    fn read(text: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|(_, name, _)| *name == text).map(|(one, ..)| one)
    }

    /// Its name in the protocol.
    #[must_use]
    pub fn name(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        all.find(|(one, ..)| *one == self).map_or("", |one| one.1)
    }

    /// How many there are to a hundred people.
    fn to_a_hundred(self) -> u64 {
        let mut all = Self::ALL.into_iter();
        all.find(|(one, ..)| *one == self).map_or(100, |one| one.2)
    }
}

/// For how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// So many seconds, wherever they begin.
    Seconds(u64),
    /// The whole flight.
    Flight,
}

/// So many in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limit {
    /// How many impressions.
    pub most: u64,
    /// In how long.
    pub within: Window,
}

impl Limit {
    /// For how many seconds it holds in a flight.
    fn window(self, flight: u64) -> u64 {
        match self.within {
            Window::Seconds(seconds) => seconds.max(1),
            Window::Flight => flight.max(1),
        }
    }

    fn words(self) -> String {
        let many = |seconds: u64| match seconds {
            s if s.is_multiple_of(DAY) => format!("{} d", s / DAY),
            s if s.is_multiple_of(3_600) => format!("{} h", s / 3_600),
            s if s.is_multiple_of(60) => format!("{} min", s / 60),
            s => format!("{s} s"),
        };
        match self.within {
            Window::Seconds(seconds) => format!("{} in {}", self.most, many(seconds)),
            Window::Flight => format!("{} in the whole flight", self.most),
        }
    }
}

/// A frequency cap: how often somebody may be shown a package. Where it says both, both hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cap {
    /// What it counts.
    pub per: Per,
    /// So many in a window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Limit>,
    /// And none soon after another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<Limit>,
}

/// What is wrong with a cap: the field of it, and why.
pub type Wrong = (&'static str, &'static str);

impl Cap {
    /// Reads the cap of a `targeting_overlay`; nothing where it has none.
    ///
    /// # Errors
    /// With the field that makes no sense.
    pub fn read(overlay: Option<&Value>) -> Result<Option<Self>, Wrong> {
        let said = match overlay.and_then(|overlay| overlay.get("frequency_cap")) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Object(said)) => said,
            Some(_) => return Err(("", "must be an object")),
        };
        let rest = rest(said)?.map(|within| Limit { most: 1, within });
        let Some(most) = said.get("max_impressions") else {
            let mut rests = ["suppress", "suppress_minutes"].into_iter();
            if !rests.any(|name| said.contains_key(name)) {
                let message = "must say suppress, suppress_minutes or max_impressions";
                return Err(("", message));
            }
            if said.contains_key("per") || said.contains_key("window") {
                return Err(("max_impressions", "is needed with per and window"));
            }
            let per = Per::Individuals;
            return Ok(rest.map(|rest| Self {
                per,
                window: None,
                rest: Some(rest),
            }));
        };
        let most = most.as_u64().filter(|most| *most > 0);
        let most = most.ok_or(("max_impressions", "must be a whole number above zero"))?;
        let per = said.get("per").and_then(Value::as_str).and_then(Per::read);
        let per = per.ok_or((
            "per",
            "must be individuals, households, devices, accounts, cookies or custom",
        ))?;
        let window = said
            .get("window")
            .ok_or(("window", "is needed with max_impressions"))?;
        let within = duration(window).ok_or(("window", DURATION))?;
        Ok(Some(Self {
            per,
            window: Some(Limit { most, within }),
            rest,
        }))
    }

    /// The cap of a package, where it has one that makes sense.
    #[must_use]
    pub fn of(package: &Package) -> Option<Self> {
        let overlay = package.asked.get("targeting_overlay")?;
        Self::read(Some(overlay)).ok().flatten()
    }

    fn limits(&self) -> impl Iterator<Item = Limit> {
        [self.window, self.rest].into_iter().flatten()
    }
}

/// What a time must be like.
const DURATION: &str =
    "must be an interval of 1 or more with a unit of seconds, minutes, hours, days or campaign";

/// For how long nobody is shown it again.
fn rest(said: &Map<String, Value>) -> Result<Option<Window>, Wrong> {
    if let Some(suppress) = said.get("suppress") {
        return duration(suppress).map(Some).ok_or(("suppress", DURATION));
    }
    let Some(minutes) = said.get("suppress_minutes") else {
        return Ok(None);
    };
    let seconds = minutes.as_f64().map(|minutes| minutes * 60.0);
    let time = seconds.and_then(|seconds| std::time::Duration::try_from_secs_f64(seconds).ok());
    let wrong = (
        "suppress_minutes",
        "must be a number of minutes, zero or more",
    );
    let seconds = time.ok_or(wrong)?.as_secs();
    Ok((seconds > 0).then_some(Window::Seconds(seconds)))
}

/// Reads a time.
fn duration(said: &Value) -> Option<Window> {
    let many = said.get("interval")?.as_u64().filter(|many| *many > 0)?;
    let unit = match said.get("unit")?.as_str()? {
        "seconds" => 1,
        "minutes" => 60,
        "hours" => 3_600,
        "days" => DAY,
        "campaign" if many == 1 => return Some(Window::Flight),
        _ => return None,
    };
    many.checked_mul(unit).map(Window::Seconds)
}

/// The people of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct People {
    /// How many there are.
    pub all: u64,
    /// How many impressions there are on a day at most.
    daily: u64,
}

/// What a cap lets through, with its sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Through {
    /// Of what comes by, in parts of [`ONE`].
    pub share: u64,
    /// How many impressions a day at most.
    pub daily: u64,
    /// How it comes to that.
    pub sum: String,
}

impl People {
    /// The people of a product that has so many impressions a day.
    #[must_use]
    pub fn of(seed: u64, product: &ProductId, daily: u64) -> Self {
        let name = product.as_str().bytes();
        let key = name.fold(scramble(&[seed, VISITS.0]), |key, byte| {
            scramble(&[key, u64::from(byte)])
        });
        let visits = VISITS.0 + key % (VISITS.1 - VISITS.0 + 1);
        let all = daily.saturating_mul(100) / visits;
        Self {
            all: all.max(1),
            daily,
        }
    }

    /// How many of what a cap counts there are.
    #[must_use]
    pub fn count(&self, per: Per) -> u64 {
        (self.all.saturating_mul(per.to_a_hundred()) / 100).max(1)
    }

    /// How many impressions there can be in a window at most.
    #[must_use]
    pub fn most(&self, seconds: u64) -> u64 {
        let hour = u128::from(most_in_an_hour(self.daily));
        let short = (hour * u128::from(seconds)).div_ceil(3_600);
        let days = u128::from(seconds.div_ceil(DAY)) * 100 + u128::from(OVER);
        let long = (u128::from(self.daily) * days).div_ceil(100);
        u64::try_from(short.min(long)).unwrap_or(u64::MAX)
    }

    /// What part of what comes by a limit lets through, rounded down.
    fn through(&self, per: Per, limit: Limit, flight: u64) -> u64 {
        let (all, there) = (self.count(per), self.most(limit.window(flight)));
        let again = ONE - part(all, all.saturating_add(there));
        // What cannot be told from everything is everything.
        match power(again, limit.most) {
            0..=NOTHING => ONE,
            kept_back => ONE - kept_back,
        }
    }

    /// What part of what comes by a cap lets through in a flight of so many seconds.
    #[must_use]
    pub fn share(&self, cap: &Cap, flight: u64) -> u64 {
        let shares = cap.limits().map(|one| self.through(cap.per, one, flight));
        shares.min().unwrap_or(ONE)
    }

    /// The same with its sum.
    #[must_use]
    pub fn explain(&self, cap: &Cap, flight: u64) -> Option<Through> {
        let of = |limit: Limit| (self.through(cap.per, limit, flight), limit);
        let (share, limit) = cap.limits().map(of).min_by_key(|(share, _)| *share)?;
        let daily = super::chance::of(share, self.daily);
        let (all, there) = (self.count(cap.per), self.most(limit.window(flight)));
        let percent = tenths(u128::from(share) * 1_000 / u128::from(ONE));
        let visits = tenths(u128::from(there) * 10 / u128::from(all));
        let shown = Ratio::count;
        let sum = format!(
            "the frequency cap of {} lets {percent} % through: {} {} come by up to {visits} times in \
             that time, so {} of {} impressions a day",
            limit.words(),
            shown(all),
            cap.per.name(),
            shown(daily),
            shown(self.daily),
        );
        Some(Through { share, daily, sum })
    }

    /// How many were reached by so many impressions within a cap, in so many seconds of a flight.
    #[must_use]
    pub fn reached(&self, cap: &Cap, impressions: u64, (lasted, flight): (u64, u64)) -> u64 {
        let all = self.count(cap.per);
        let exact = u128::from(all) * u128::from(impressions);
        let free = exact.div_ceil(u128::from(all) + u128::from(impressions));
        let free = u64::try_from(free).unwrap_or(all);
        let least = |limit: Limit| {
            let windows = lasted.div_ceil(limit.window(flight)).max(1);
            impressions.div_ceil(limit.most.saturating_mul(windows).max(1))
        };
        let least = cap.limits().map(least).max().unwrap_or(0);
        free.max(least).min(all).min(impressions)
    }
}

/// The length of a flight in seconds.
#[must_use]
pub fn length(starts: Instant, ends: Instant) -> u64 {
    u64::try_from((ends - starts).num_seconds()).unwrap_or(0)
}

/// A number of tenths, written out.
fn tenths(number: u128) -> String {
    format!("{}.{}", number / 10, number % 10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::domain::delivery::{
        running::{
            Running,
            tests::{at, running},
        },
        serve::serve,
        traffic::{Traffic, minute_of},
    };

    fn read(said: &Value) -> Result<Option<Cap>, Wrong> {
        Cap::read(Some(&json!({ "frequency_cap": said })))
    }

    fn limit(most: u64, within: Window) -> Limit {
        Limit { most, within }
    }

    fn cap(most: u64, seconds: u64) -> Cap {
        let within = Window::Seconds(seconds);
        Cap {
            per: Per::Individuals,
            window: Some(Limit { most, within }),
            rest: None,
        }
    }

    #[test]
    fn a_cap_is_read_whole_or_refused_by_its_field() {
        let days = json!({"interval": 7, "unit": "days"});
        let both = json!({"max_impressions": 3, "per": "households", "window": days,
            "suppress": {"interval": 90, "unit": "minutes"}});
        let both = read(&both).expect("read").expect("a cap");
        assert_eq!(both.per, Per::Households);
        assert_eq!(both.window, Some(limit(3, Window::Seconds(7 * DAY))));
        assert_eq!(both.rest, Some(limit(1, Window::Seconds(5_400))));
        let whole = read(&json!({"suppress": {"interval": 1, "unit": "campaign"}}));
        assert_eq!(
            whole.expect("read").expect("a cap").rest,
            Some(limit(1, Window::Flight))
        );
        assert_eq!(
            read(&json!({"suppress_minutes": 0})),
            Ok(None),
            "holds nothing back"
        );
        assert_eq!(Cap::read(Some(&json!({"geo_countries": ["US"]}))), Ok(None));
        for (said, field) in [
            (json!({}), ""),
            (json!("3"), ""),
            (json!({"suppress_minutes": -1}), "suppress_minutes"),
            (
                json!({"suppress": {"interval": 2, "unit": "campaign"}}),
                "suppress",
            ),
            (
                json!({"suppress_minutes": 5, "per": "devices"}),
                "max_impressions",
            ),
            (
                json!({"max_impressions": 0, "per": "devices", "window": days}),
                "max_impressions",
            ),
            (
                json!({"max_impressions": 1, "per": "people", "window": days}),
                "per",
            ),
            (json!({"max_impressions": 1, "per": "devices"}), "window"),
        ] {
            let wrong = read(&said).expect_err("refused");
            assert_eq!(wrong.0, field, "{said}");
        }
    }

    #[test]
    fn a_tight_cap_is_told_with_its_sum() {
        let people = People {
            all: 25_000,
            daily: 100_000,
        };
        let told = people.explain(&cap(2, DAY), 30 * DAY).expect("told");
        assert_eq!(
            told.sum,
            "the frequency cap of 2 in 1 d lets 32.9 % through: 25,000 individuals come by up to 4.5 \
             times in that time, so 32,950 of 100,000 impressions a day"
        );
        assert_eq!(told.share, people.share(&cap(2, DAY), 30 * DAY));
    }

    /// What a line with a cap shows in each hour of its ten days.
    fn shown(seed: u64, line: &Running) -> Vec<u64> {
        let told = serve(seed, std::slice::from_ref(line), at("2026-07-11T00:00:00Z"));
        let mut before = 0;
        let more = |now: u64| now - std::mem::replace(&mut before, now);
        told.iter()
            .map(|one| one.delivered.impressions)
            .map(more)
            .collect()
    }

    fn any_cap() -> impl Strategy<Value = Cap> {
        let pers = prop::sample::select(Per::ALL.map(|one| one.0).to_vec());
        let within = |seconds| Window::Seconds(seconds);
        let windows = [3_600, 6 * 3_600, DAY, 3 * DAY].map(within);
        let windows = prop::sample::select([windows.to_vec(), vec![Window::Flight]].concat());
        let rests = [
            None,
            Some(within(3_600)),
            Some(within(DAY)),
            Some(Window::Flight),
        ];
        let rests = prop::sample::select(rests.to_vec());
        (pers, 1u64..12, windows, rests).prop_map(|(per, most, within, rest)| Cap {
            per,
            window: Some(Limit { most, within }),
            rest: rest.map(|within| Limit { most: 1, within }),
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn nobody_is_shown_more_than_the_cap_in_any_window(cap in any_cap(), seed: u64, asap: bool) {
            let mut line = Running { cap: Some(cap), daily: 100_000, ..running(1) };
            line.quantity = 5_000_000;
            line.price.cost = crate::domain::money::Money::new(50_000_000, crate::domain::money::Currency::USD);
            if asap {
                line.spread = crate::domain::media_buy::terms::Spread::Asap;
            }
            let hours = shown(seed, &line);
            let people = People::of(seed, &line.product_id, line.daily);
            let all = people.count(cap.per);
            let mut traffic = Traffic::new(seed, &line.product_id, line.daily);
            let first = minute_of(line.starts) / 60;
            let there: Vec<u64> = (first..first + 240).map(|hour| traffic.hour(hour)).collect();
            let flight = length(line.starts, line.ends);
            for limit in cap.limits() {
                let window = usize::try_from(limit.window(flight) / 3_600).unwrap_or(240);
                for (shown, there) in hours.windows(window).zip(there.windows(window)) {
                    let (shown, there): (u64, u64) = (shown.iter().sum(), there.iter().sum());
                    // Those who come by at all in this window, each as often as may be.
                    let come = (u128::from(all) * u128::from(there)).div_ceil(u128::from(all + there));
                    prop_assert!(u128::from(shown) <= u128::from(limit.most) * come, "{shown} of {there}");
                    prop_assert!(there <= people.most(limit.window(flight)));
                }
            }
            let shown: u64 = hours.iter().sum();
            let reached = people.reached(&cap, shown, (flight, flight));
            prop_assert!(reached <= all && reached <= shown);
            for limit in cap.limits() {
                let windows = flight.div_ceil(limit.window(flight));
                prop_assert!(shown <= reached * limit.most * windows, "{shown} to {reached}");
            }
        }

        #[test]
        fn a_looser_cap_never_lets_less_through(
            per in prop::sample::select(Per::ALL.map(|one| one.0).to_vec()), most in 1u64..200, seconds in 60u64..40 * DAY, seed: u64, daily in 1u64..10_000_000,
        ) {
            let people = People::of(seed, &"ctv-prime".into(), daily);
            let flight = 30 * DAY;
            let share = |most, seconds| {
                let window = Some(limit(most, Window::Seconds(seconds)));
                people.share(&Cap { per, window, rest: None }, flight)
            };
            prop_assert!(share(most, seconds) <= share(most + 1, seconds));
            prop_assert!(share(most, seconds) >= share(most, seconds + 3_600));
            let (window, rest) = (limit(most, Window::Seconds(seconds)), limit(1, Window::Seconds(60)));
            let both = Cap { per, window: Some(window), rest: Some(rest) };
            prop_assert!(people.share(&both, flight) <= share(most, seconds));
        }

        #[test]
        fn without_a_cap_nothing_is_held_back(seed: u64) {
            let free = running(1);
            let loose = Running { cap: Some(cap(1_000_000, DAY)), ..running(1) };
            prop_assert_eq!(shown(seed, &free), shown(seed, &loose));
        }
    }
}
