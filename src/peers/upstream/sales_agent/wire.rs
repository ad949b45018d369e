//! Reads what a sales agent shows and writes what is asked of it, in the shapes that servers of
//! three ages speak. Takes ids and packages as they come; joins what is counted to packages by id,
//! and where ids do not join, by product and position.

use serde_json::{Map, Value, json};

use super::super::{
    Told,
    read::{clip, instant, money, text, whole},
};
use crate::{
    domain::{
        media_buy::{
            change::{BuyChange, PackageChange},
            draft::BuyDraft,
            terms::Spread,
            upstream::{
                link::LONGEST_ID,
                shown::{
                    ListedBuy, Ordered, ShownBuy, ShownCount, ShownPackage, ShownPrice,
                    ShownProduct, ShownTask,
                },
            },
        },
        money::Currency,
        when::{Instant, rfc3339},
    },
    peers::mcp::Answer,
};

/// The most entries of a list that are read.
const MOST: usize = 5_000;

type Object = Map<String, Value>;

fn entries<'a>(body: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let list = body.get(name).and_then(Value::as_array);
    list.into_iter().flatten().take(MOST)
}

/// A text that is not empty.
fn some(body: &Value, name: &str) -> Option<String> {
    Some(text(body, name)).filter(|text| !text.is_empty())
}

fn id(body: &Value, name: &str) -> Option<String> {
    some(body, name).filter(|id| id.len() <= LONGEST_ID)
}

fn currency(body: &Value, or: Currency) -> Currency {
    let told = body.get("currency").and_then(Value::as_str);
    told.and_then(|code| code.parse().ok()).unwrap_or(or)
}

fn spread(body: &Value) -> Option<Spread> {
    let all = [Spread::Even, Spread::Asap, Spread::FrontLoaded];
    let told = body.get("pacing")?.as_str()?;
    all.into_iter().find(|one| one.name() == told)
}

/// A day, or an instant, that something ends on or at.
fn ends(body: &Value) -> Option<Instant> {
    ["end_time", "flight_end_date", "end_date"]
        .iter()
        .find_map(|name| {
            let value = body.get(name)?;
            instant(Some(value)).or_else(|| {
                let day: chrono::NaiveDate = value.as_str()?.parse().ok()?;
                // A day that something ends on belongs to it.
                day.succ_opt()?.and_hms_opt(0, 0, 0).map(|at| at.and_utc())
            })
        })
}

fn starts(body: &Value) -> Option<Instant> {
    ["start_time", "flight_start_date", "start_date"]
        .iter()
        .find_map(|name| {
            let value = body.get(name)?;
            instant(Some(value)).or_else(|| {
                let day: chrono::NaiveDate = value.as_str()?.parse().ok()?;
                day.and_hms_opt(0, 0, 0).map(|at| at.and_utc())
            })
        })
}

/// The media buys of a list, however it is called.
pub(super) fn buys(body: &Object, now: Instant) -> Vec<ListedBuy> {
    let body = Value::Object(body.clone());
    let name = ["media_buys", "media_buy_deliveries", "deliveries"];
    let name = name
        .iter()
        .find(|name| body.get(**name).is_some_and(Value::is_array));
    let Some(name) = name else {
        return Vec::new();
    };
    let usual = currency(&body, Currency::USD);
    entries(&body, name)
        .filter_map(|one| buy(one, usual, now))
        .collect()
}

fn buy(one: &Value, usual: Currency, now: Instant) -> Option<ListedBuy> {
    let currency = currency(one, usual);
    let named = ["packages", "by_package"];
    let named = named
        .iter()
        .find(|name| one.get(**name).is_some_and(Value::is_array));
    let packages = named
        .map(|name| entries(one, name).collect::<Vec<_>>())
        .unwrap_or_default();
    let mut counts = Vec::new();
    let mut shown = Vec::new();
    for told in packages {
        let Some(package) = package(told, currency) else {
            continue;
        };
        let from = told.get("snapshot").filter(|one| one.is_object());
        // A list that is an account of delivery counts in its entries.
        let from = from.or_else(|| {
            told.get("impressions")
                .filter(|_| *named.unwrap_or(&"") == "by_package")
                .map(|_| told)
        });
        counts.extend(from.and_then(|from| count(from, &package.id, currency, now)));
        shown.push(package);
    }
    let cancellation = one.get("cancellation");
    let reason = cancellation.and_then(|off| some(off, "reason"));
    Some(ListedBuy {
        counts,
        buy: ShownBuy {
            id: id(one, "media_buy_id")?,
            status: some(one, "media_buy_status").or_else(|| some(one, "status"))?,
            name: ["name", "order_name", "campaign_name", "buyer_ref"]
                .iter()
                .find_map(|name| some(one, name)),
            po_number: some(one, "po_number"),
            currency,
            total: ["total_budget", "budget"]
                .iter()
                .find_map(|name| money(one.get(name), currency)),
            start: starts(one),
            end: ends(one),
            created_at: instant(one.get("created_at")),
            reason: reason.or_else(|| some(one, "rejection_reason")),
            packages: shown,
        },
    })
}

fn package(told: &Value, currency: Currency) -> Option<ShownPackage> {
    let id = id(told, "package_id")?;
    let active = told.get("active").and_then(Value::as_bool);
    let paused = told.get("paused").and_then(Value::as_bool);
    let creatives =
        entries(told, "creative_approvals").chain(entries(told, "creative_assignments"));
    let mut creatives: Vec<String> = creatives
        .filter_map(|one| some(one, "creative_id"))
        .collect();
    creatives.sort();
    creatives.dedup();
    let is_cpm = some(told, "pricing_model").is_none_or(|model| model == "cpm");
    let cpm = ["rate", "cpm", "bid_price"]
        .iter()
        .find_map(|name| money(told.get(name).filter(|_| is_cpm), currency));
    // What an account of delivery calls impressions is what was shown, not what was asked for.
    let counts = told.get("spend").is_some();
    Some(ShownPackage {
        product_id: some(told, "product_id").unwrap_or_else(|| product_of(&id)),
        id,
        paused: paused.or(active.map(|active| !active)),
        canceled: told.get("canceled").and_then(Value::as_bool) == Some(true),
        budget: money(told.get("budget"), currency),
        impressions: told
            .get("impressions")
            .filter(|_| !counts)
            .and_then(whole)
            .filter(|n| *n > 0),
        cpm,
        start: starts(told),
        end: ends(told),
        spread: spread(told),
        creatives,
        option: some(told, "pricing_option_id").filter(|id| id.len() <= LONGEST_ID),
        model: some(told, "pricing_model"),
        guaranteed: None,
    })
}

fn count(told: &Value, package_id: &str, currency: Currency, now: Instant) -> Option<ShownCount> {
    let as_of = instant(told.get("as_of")).unwrap_or(now);
    Some(ShownCount {
        package_id: package_id.to_owned(),
        as_of: as_of.min(now),
        impressions: whole(told.get("impressions")?)?,
        // Nothing counts them, and it says zero.
        clicks: told
            .get("clicks")
            .and_then(whole)
            .filter(|clicks| *clicks > 0),
        spent: money(told.get("spend"), currency),
        index: told.get("pacing_index").and_then(Value::as_f64),
    })
}

/// The product in a package's id, as accounts of delivery name them: `pkg_PRODUCT_0`.
fn product_of(id: &str) -> String {
    let inner = id.strip_prefix("pkg_").unwrap_or(id);
    match inner.rsplit_once('_') {
        Some((product, n)) if n.bytes().all(|byte| byte.is_ascii_digit()) => product.to_owned(),
        _ => inner.to_owned(),
    }
}

/// What an account of delivery counts of each buy.
pub(super) fn counts(
    body: &Object,
    known: &[ShownBuy],
    now: Instant,
) -> Vec<(String, Vec<ShownCount>)> {
    let body = Value::Object(body.clone());
    let all = entries(&body, "media_buy_deliveries").chain(entries(&body, "deliveries"));
    all.filter_map(|one| {
        let id = id(one, "media_buy_id")?;
        let buy = known.iter().find(|buy| buy.id == id)?;
        Some((id, of_buy(one, buy, now)))
    })
    .collect()
}

fn of_buy(one: &Value, buy: &ShownBuy, now: Instant) -> Vec<ShownCount> {
    let told: Vec<&Value> = entries(one, "by_package").collect();
    let mut found: Vec<ShownCount> = Vec::new();
    for (n, entry) in told.iter().enumerate() {
        let Some(id) = id(entry, "package_id") else {
            continue;
        };
        let Some(package) = joined(&id, n, told.len(), buy) else {
            continue;
        };
        let twice = found.iter().any(|one| one.package_id == package.id);
        if !twice {
            found.extend(count(entry, &package.id, buy.currency, now));
        }
    }
    let whole = one.get("totals").filter(|_| told.is_empty());
    if let (Some(totals), [only]) = (whole, buy.packages.as_slice()) {
        found.extend(count(totals, &only.id, buy.currency, now));
    }
    found
}

/// Which package an entry counts: the one of that id, or that of its product, by position where
/// there are several.
fn joined<'a>(id: &str, n: usize, of: usize, buy: &'a ShownBuy) -> Option<&'a ShownPackage> {
    if let Some(same) = buy.package(id) {
        return Some(same);
    }
    let product = product_of(id);
    let mut own = buy.packages.iter().filter(|one| one.product_id == product);
    let at = buy
        .packages
        .get(n)
        .filter(|one| of == buy.packages.len() && one.product_id == product);
    match (own.next(), own.next()) {
        (Some(only), None) => Some(only),
        _ => at,
    }
}

/// The questions that wait there.
pub(super) fn tasks(body: &Object) -> Vec<ShownTask> {
    let body = Value::Object(body.clone());
    entries(&body, "tasks")
        .filter_map(|task| {
            let mut about = entries(task, "associated_objects");
            let about = about.find(|one| one.get("type") == Some(&json!("media_buy")))?;
            let change = about.get("action").and_then(Value::as_str) == Some("update")
                || task.get("tool_name") == Some(&json!("update_media_buy"));
            Some(ShownTask {
                id: id(task, "task_id")?,
                context_id: id(task, "context_id"),
                buy_id: id(about, "id")?,
                change,
                created_at: instant(task.get("created_at")),
            })
        })
        .collect()
}

/// The task in a list by which a buy was ordered.
pub(super) fn ordering_task(body: &Object) -> Option<String> {
    let body = Value::Object(body.clone());
    let ordered = |task: &&Value| {
        let tool = text(task, "tool_name");
        let kind = text(task, "type");
        tool == "create_media_buy" || kind == "media_buy_creation"
    };
    let task = entries(&body, "tasks").find(ordered)?;
    id(task, "task_id")
}

/// What a buy was ordered with. The rest of the request holds secrets and is left alone.
pub(super) fn ordered(body: &Object) -> Option<Ordered> {
    let request = body.get("request_data").filter(|one| one.is_object())?;
    let request = request
        .get("request")
        .filter(|one| one.is_object())
        .unwrap_or(request);
    let usual = currency(request, Currency::USD);
    let packages = entries(request, "packages").map(|one| ShownPackage {
        product_id: text(one, "product_id"),
        cpm: money(one.get("bid_price").or_else(|| one.get("cpm")), usual),
        spread: spread(one),
        start: starts(one),
        end: ends(one),
        ..ShownPackage::default()
    });
    Some(Ordered {
        start: starts(request),
        end: ends(request),
        po_number: some(request, "po_number"),
        packages: packages.collect(),
    })
}

/// The media buy that a task is about.
pub(super) fn buy_of_task(body: &Object) -> Option<String> {
    let body = Value::Object(body.clone());
    let mut about = entries(&body, "associated_objects");
    let about = about.find(|one| one.get("type") == Some(&json!("media_buy")))?;
    id(about, "id")
}

/// How products are sold.
pub(super) fn products(body: &Object) -> Vec<ShownProduct> {
    let body = Value::Object(body.clone());
    entries(&body, "products")
        .filter_map(|one| {
            let guaranteed = match text(one, "delivery_type").as_str() {
                "guaranteed" => Some(true),
                "non_guaranteed" => Some(false),
                _ => one.get("is_guaranteed").and_then(Value::as_bool),
            };
            let currency = currency(one, Currency::USD);
            let options: Vec<ShownPrice> = entries(one, "pricing_options")
                .filter_map(|option| price(option, currency))
                .collect();
            Some(ShownProduct {
                id: id(one, "product_id")?,
                guaranteed,
                options,
            })
        })
        .collect()
}

fn price(option: &Value, usual: Currency) -> Option<ShownPrice> {
    let model = some(option, "pricing_model")?.to_ascii_lowercase();
    let currency = currency(option, usual);
    let fixed = ["fixed_price", "rate"];
    let is_fixed = option.get("is_fixed").and_then(Value::as_bool) != Some(false);
    let fixed = fixed
        .iter()
        .find_map(|name| money(option.get(name).filter(|_| is_fixed), currency));
    Some(ShownPrice {
        id: id(option, "pricing_option_id"),
        model,
        fixed,
    })
}

/// What was answered to something that was asked.
pub(super) fn told(answer: &Answer) -> Told {
    let body = Value::Object(answer.body.clone());
    let word = |name: &str| some(&body, name).unwrap_or_default();
    let waits = |word: &str| {
        matches!(
            word,
            "submitted" | "input-required" | "pending_manual" | "pending_approval"
        )
    };
    let held = waits(&word("status")) || waits(&word("task_status"));
    let said = ["message", "detail", "reason"]
        .iter()
        .find_map(|name| some(&body, name));
    let said = said.or_else(|| Some(answer.text.clone()).filter(|_| answer.body.is_empty()));
    let task = ["task_id", "workflow_step_id"]
        .iter()
        .find_map(|name| id(&body, name));
    Told {
        // What is held has an id of its own in the older servers, and another one afterwards.
        id: id(&body, "media_buy_id").filter(|id| !(held && id.starts_with("pending_"))),
        held: held.then_some(task),
        said: said.map(|text| clip(&text)),
    }
}

/// The shapes in which servers of three ages are asked to change a buy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `paused`.
    Paused,
    /// `active`, the older word.
    Active,
}

impl Shape {
    pub(super) const ALL: [Self; 2] = [Self::Paused, Self::Active];

    fn stop(self, into: &mut Object, paused: bool) {
        match self {
            Self::Paused => into.insert("paused".into(), paused.into()),
            Self::Active => into.insert("active".into(), (!paused).into()),
        };
    }
}

/// A change as it is asked for.
pub(super) fn change(id: &str, change: &BuyChange, shape: Shape) -> Object {
    let mut asked = Object::from_iter([("media_buy_id".to_owned(), json!(id))]);
    if change.canceled == Some(true) {
        asked.insert("canceled".into(), true.into());
        if let Some(reason) = &change.cancellation_reason {
            asked.insert("cancellation_reason".into(), json!(reason));
        }
        return asked;
    }
    if let Some(paused) = change.paused {
        shape.stop(&mut asked, paused);
    }
    if let Some(start) = &change.start_time {
        asked.insert("start_time".into(), json!(start));
    }
    if let Some(end) = change.end_time {
        asked.insert("end_time".into(), json!(rfc3339(end)));
    }
    let packages = change.packages.iter().flatten();
    let packages: Vec<Value> = packages.map(|one| of_package(one, shape).into()).collect();
    if !packages.is_empty() {
        asked.insert("packages".into(), packages.into());
    }
    if let Some(fresh) = &change.new_packages {
        asked.insert("new_packages".into(), json!(fresh));
    }
    asked
}

fn of_package(one: &PackageChange, shape: Shape) -> Object {
    let mut asked = Object::from_iter([("package_id".to_owned(), json!(one.package_id))]);
    if one.canceled == Some(true) {
        asked.insert("canceled".into(), true.into());
        return asked;
    }
    if let Some(paused) = one.paused {
        shape.stop(&mut asked, paused);
    }
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            asked.insert(name.to_owned(), value);
        }
    };
    put("budget", one.budget.map(|budget| json!(budget)));
    put("impressions", one.impressions.map(Value::from));
    put("pacing", one.pacing.map(|spread| spread.name().into()));
    put("bid_price", one.bid_price.map(|bid| json!(bid)));
    put("start_time", one.start_time.map(|at| rfc3339(at).into()));
    put("end_time", one.end_time.map(|at| rfc3339(at).into()));
    asked
}

/// An order as it is asked for.
pub(super) fn create(draft: &BuyDraft) -> Object {
    let Value::Object(mut asked) = json!(draft) else {
        return Object::new();
    };
    clean(&mut asked);
    for package in asked
        .get_mut("packages")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Value::Object(package) = package {
            clean(package);
        }
    }
    asked
}

/// Leaves out what says nothing.
fn clean(object: &mut Object) {
    object.retain(|_, value| match value {
        Value::Null => false,
        Value::Array(all) => !all.is_empty(),
        _ => true,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Object {
        match value {
            Value::Object(object) => object,
            other => Object::from_iter([("it".to_owned(), other)]),
        }
    }

    fn now() -> Instant {
        "2026-06-10T12:00:00Z".parse().expect("an instant")
    }

    #[test]
    fn a_list_is_read_as_the_public_server_shows_it() {
        let body = object(json!({"media_buys": [{
            "media_buy_id": "buy_PO-1", "status": "active", "currency": "USD", "total_budget": 5000.0,
            "packages": [{"package_id": "pkg_display_084aa92d_1", "product_id": "display",
                "paused": false, "budget": 3000.0,
                "snapshot": {"as_of": "2026-06-10T11:45:00Z", "impressions": 1200, "spend": 12.34,
                    "staleness_seconds": 900, "clicks": 0, "pacing_index": 1}}],
            "created_at": "2026-06-01T00:00:00+00:00"}], "errors": null}));
        let all = buys(&body, now());
        let one = &all[0];
        assert_eq!(one.buy.packages[0].product_id, "display");
        assert_eq!(
            one.counts[0].spent.map(crate::domain::money::Money::minor),
            Some(1_234)
        );
        assert_eq!(one.counts[0].clicks, None);
        assert_eq!((one.buy.start, one.buy.end), (None, None));
        assert_eq!(one.buy.packages[0].impressions, None);
    }

    #[test]
    fn what_is_counted_is_joined_by_product_where_ids_do_not_join() {
        let list = object(
            json!({"media_buys": [{"media_buy_id": "m", "status": "active",
            "packages": [{"package_id": "pkg_a_084_1", "product_id": "a"},
                {"package_id": "pkg_b_1f2_2", "product_id": "b"}, {"package_id": "pkg_b_77_3", "product_id": "b"}]}]}),
        );
        let known: Vec<ShownBuy> = buys(&list, now()).into_iter().map(|one| one.buy).collect();
        let body = object(
            json!({"media_buy_deliveries": [{"media_buy_id": "m", "by_package": [
            {"package_id": "pkg_a_0", "impressions": 1, "spend": 0.01},
            {"package_id": "pkg_b_1", "impressions": 2.0, "spend": 0.02},
            {"package_id": "pkg_b_2", "impressions": 3, "spend": 0.03}]}]}),
        );
        let found = counts(&body, &known, now());
        let told: Vec<(&str, u64)> = found[0]
            .1
            .iter()
            .map(|one| (&*one.package_id, one.impressions))
            .collect();
        assert_eq!(
            told,
            [("pkg_a_084_1", 1), ("pkg_b_1f2_2", 2), ("pkg_b_77_3", 3)]
        );
    }

    #[test]
    fn an_older_server_lists_by_what_was_delivered() {
        let body = object(
            json!({"currency": "USD", "deliveries": [{"media_buy_id": "m", "buyer_ref": "ref",
            "status": "active", "by_package": [{"package_id": "pkg_a_0", "impressions": 10, "spend": 1.0}]}]}),
        );
        let all = buys(&body, now());
        assert_eq!(all[0].buy.name.as_deref(), Some("ref"));
        assert_eq!(all[0].buy.packages[0].product_id, "a");
        assert_eq!(all[0].counts[0].impressions, 10);
    }

    #[test]
    fn what_is_held_is_told_from_what_was_accepted() {
        let of = |body: Value| {
            told(&Answer {
                body: object(body),
                ..Answer::default()
            })
        };
        let held = of(json!({"status": "submitted", "task_id": "step_1"}));
        assert_eq!(held.held, Some(Some("step_1".into())));
        let old = of(
            json!({"media_buy_id": "pending_12345678", "status": "input-required", "detail": "Manual approval required."}),
        );
        assert_eq!((old.id, old.held), (None, Some(None)));
        let done =
            of(json!({"media_buy_id": "m", "status": "completed", "media_buy_status": "active"}));
        assert_eq!((done.id.as_deref(), done.held), (Some("m"), None));
    }

    #[test]
    fn what_was_ordered_is_read_without_its_secrets() {
        let body = object(
            json!({"task_id": "s", "request_data": {"po_number": "PO-1", "start_time": "2026-06-01T00:00:00Z",
            "end_date": "2026-06-30", "packages": [{"product_id": "a", "budget": 1, "pacing": "asap"}],
            "push_notification_config": {"authentication": {"credentials": "SECRET"}}}}),
        );
        let ordered = ordered(&body).expect("read");
        assert_eq!(
            ordered.end.map(rfc3339).as_deref(),
            Some("2026-07-01T00:00:00.000000Z")
        );
        assert!(!format!("{ordered:?}").contains("SECRET"));
    }
}
