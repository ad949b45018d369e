//! Orders for Kevel: a campaign that is off, then its flights one by one. Looks first whether the
//! campaign is there already; what could not be ordered whole is deleted again. What was counted
//! comes as a report that takes its time.

use std::time::Duration;

use reqwest::Method;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value, json};

use super::{Kevel, MOST_PAGES, NAME, PAGE, Thing};
use crate::{
    domain::{
        inventory::{
            kind::ItemKind,
            order::{HeldLine, HeldOrder, LineCount, NewLine, NewOrder, Will},
            trouble::Trouble,
        },
        opendirect::product::RateType,
        text,
        when::{Instant, rfc3339},
    },
    peers::ad_servers::http::Ask,
};

/// How often it is asked whether a report is ready.
const MOST_POLLS: u32 = 8;
/// How long it is waited before each time.
const POLL: Duration = Duration::from_secs(2);

/// A report, or that it is not ready.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Report {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    status: Option<i64>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    result: Option<Told>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    #[serde(default)]
    records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Detail {
    #[serde(default)]
    grouping: Map<String, Value>,
    #[serde(default)]
    impressions: u64,
    #[serde(default)]
    clicks: u64,
}

impl Detail {
    /// The flight that it is about.
    fn flight(&self) -> Option<String> {
        let is = |name: &str| ["optionid", "flightid"].contains(&name.to_lowercase().as_str());
        let (_, id) = self.grouping.iter().find(|(name, _)| is(name))?;
        id.as_i64()
            .map(|id| id.to_string())
            .or_else(|| id.as_str().map(str::to_owned))
    }
}

#[derive(Debug, Deserialize)]
struct Priorities {
    #[serde(default)]
    items: Vec<Priority>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Priority {
    id: i64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    is_deleted: bool,
}

impl Kevel {
    /// Orders, unless a campaign of this name is there.
    pub(super) async fn place(&self, order: &NewOrder) -> Result<HeldOrder, Trouble> {
        fits(order)?;
        let (campaign, fresh) = match self.find_campaign(&order.name).await? {
            Some(found) => (found, false),
            None => (self.create(order).await?, true),
        };
        if let Err(trouble) = self.add_all(campaign, order).await {
            if !fresh || trouble.is_passing() {
                return Err(trouble);
            }
            let gone = [("IsDeleted", true.into())];
            let deleted = self.change(("campaign", campaign), &gone).await;
            return Err(match deleted {
                Ok(()) => trouble,
                Err(other) => Trouble {
                    message: format!(
                        "{trouble}; campaign {campaign} is left there, inactive, because it could not be deleted: {other}"
                    ),
                    ..trouble
                },
            });
        }
        self.held(campaign).await
    }

    /// The campaign of a name that is not deleted, if there is one.
    pub(super) async fn find_campaign(&self, name: &str) -> Result<Option<i64>, Trouble> {
        let mut before = None;
        for page in 1..=MOST_PAGES {
            let said = format!("page {page} of the campaigns");
            let listed = self.list("campaign", page, said).await?;
            let first = listed.items.first().map(|one| one.id);
            let again = first.is_some() && first == before;
            let last = listed.items.is_empty() || listed.total_pages.is_some_and(|all| page >= all);
            let same =
                |one: &Thing| one.name.as_deref() == Some(name) && one.is_deleted != Some(true);
            if let Some(found) = listed.items.iter().find(|one| same(one)) {
                return Ok(Some(found.id));
            }
            if last || again {
                return Ok(None);
            }
            before = first;
        }
        // Who cannot see all of them cannot say that it is not there.
        let message = format!("{NAME} has more campaigns than are looked through for one by name");
        Err(Trouble::permanent(message))
    }

    async fn create(&self, order: &NewOrder) -> Result<i64, Trouble> {
        let advertiser: i64 = order.advertiser.parse().map_err(|_| {
            Trouble::permanent("an advertiser of Kevel is a number: see the principal's mapping")
        })?;
        let body = json!({"AdvertiserId": advertiser, "Name": order.name, "IsActive": false});
        let ask = Ask::send(Method::POST, self.url("campaign")?, body, "a new campaign");
        let created: Thing = self.http.ask(ask).await?;
        Ok(created.id)
    }

    /// The priority of a flight: the one that is set, that is called as its type is, or the only one.
    async fn priority_of(&self, line: &NewLine) -> Result<i64, Trouble> {
        if let Some(set) = self.priority {
            return Ok(set);
        }
        let ask = Ask::get(self.url("priority")?, "the priorities");
        let found: Priorities = self.http.ask(ask).await?;
        let mut all = found.items.into_iter().filter(|one| !one.is_deleted);
        let all: Vec<Priority> = all.by_ref().collect();
        let called = line.item_type.name().replace('_', " ");
        let same = all
            .iter()
            .find(|one| one.name.trim().eq_ignore_ascii_case(&called));
        match (same, all.as_slice()) {
            (Some(one), _) => Ok(one.id),
            (None, [only]) => Ok(only.id),
            (None, all) => {
                let names: Vec<String> = all.iter().map(|one| text::echo(&one.name)).collect();
                Err(Trouble::permanent(format!(
                    "{NAME} wants a priority for each flight, and none there is called {called}: \
                     name one so; there are: {}",
                    names.join(", ")
                )))
            }
        }
    }

    async fn add(&self, campaign: i64, line: &NewLine) -> Result<(), Trouble> {
        let priority = self.priority_of(line).await?;
        let sites = line
            .units
            .iter()
            .filter_map(|unit| unit.parse::<i64>().ok());
        let sites = sites.map(|site| json!({"SiteId": site}));
        let zones = line.placements.iter().filter_map(|zone| {
            let (site, zone) = zone.split_once('/')?;
            let (site, zone): (i64, i64) = (site.parse().ok()?, zone.parse().ok()?);
            Some(json!({"SiteId": site, "ZoneId": zone}))
        });
        let places: Vec<Value> = sites.chain(zones).collect();
        if places.is_empty() {
            let message = format!(
                "{NAME} has no site or zone for {}: it is not placed everywhere",
                line.mark
            );
            return Err(Trouble::permanent(message));
        }
        let (rate, goal) = paid(line)?;
        let body = json!({
            "Name": line.name,
            "CampaignId": campaign,
            "PriorityId": priority,
            "StartDateISO": rfc3339(line.starts),
            "EndDateISO": rfc3339(line.ends),
            "GoalType": goal,
            "Impressions": line.goal,
            "RateType": rate,
            "Price": price(line),
            "IsActive": line.will == Will::Deliver,
            "SiteZoneTargeting": places,
        });
        let ask = Ask::send(Method::POST, self.url("flight")?, body, "a new flight");
        self.http.ask::<Thing>(ask).await.map(drop)
    }

    /// Adds the flights that are not there.
    pub(super) async fn add_all(&self, campaign: i64, order: &NewOrder) -> Result<(), Trouble> {
        let held = self.flights(campaign).await?;
        for line in &order.lines {
            if !held.iter().any(|held| held.name == line.name) {
                self.add(campaign, line).await?;
            }
        }
        Ok(())
    }

    /// Changes dates, goal and price of a flight; one that has begun begins when it did.
    pub(super) async fn set_flight(&self, flight: i64, line: &NewLine) -> Result<(), Trouble> {
        let mut fields = vec![
            ("EndDateISO", rfc3339(line.ends).into()),
            ("Impressions", line.goal.into()),
            ("Price", price(line)),
        ];
        if line.starts > self.http.now() {
            fields.push(("StartDateISO", rfc3339(line.starts).into()));
        }
        self.change(("flight", flight), &fields).await
    }

    /// Changes a campaign or a flight: reads all of it, and sends all of it back.
    pub(super) async fn change(
        &self,
        (list, id): (&str, i64),
        fields: &[(&str, Value)],
    ) -> Result<(), Trouble> {
        let url = self.url(&format!("{list}/{id}"))?;
        let ask = Ask::get(url.clone(), format!("the {list}"));
        let mut whole: Value = self.http.ask(ask).await?;
        let Some(held) = whole.as_object_mut() else {
            let message = format!("{NAME} answered the {list} in another shape than it should");
            return Err(Trouble::unreadable(message));
        };
        held.remove("Flights");
        for (field, to) in fields {
            held.insert((*field).to_owned(), to.clone());
        }
        let ask = Ask::send(Method::PUT, url, whole, format!("changing the {list}"));
        self.http.ask::<IgnoredAny>(ask).await.map(drop)
    }

    /// Reads a campaign and its flights.
    pub(super) async fn held(&self, campaign: i64) -> Result<HeldOrder, Trouble> {
        let url = self.url(&format!("campaign/{campaign}"))?;
        let found: Thing = self.http.ask(Ask::get(url, "the campaign")).await?;
        Ok(HeldOrder {
            id: found.id.to_string(),
            status: found.status(ItemKind::Order),
            name: found.called(),
            lines: self.flights(campaign).await?,
        })
    }

    async fn flights(&self, campaign: i64) -> Result<Vec<HeldLine>, Trouble> {
        let mut lines: Vec<HeldLine> = Vec::new();
        for page in 1..=MOST_PAGES {
            let said = format!("page {page} of the campaign's flights");
            let rest = format!("campaign/{campaign}/flight");
            let listed = self.list(&rest, page, said).await?;
            let few = listed.items.len() < PAGE;
            let live = |one: &Thing| one.is_deleted != Some(true);
            let found = listed.items.into_iter().filter(live).map(Thing::held);
            let known = lines.len();
            for line in found {
                if !lines.iter().take(known).any(|one| one.id == line.id) {
                    lines.push(line);
                }
            }
            if few || lines.len() == known {
                break;
            }
        }
        Ok(lines)
    }

    /// What was counted of the flights of a campaign: asks for a report, and for it until it is
    /// there.
    pub(super) async fn counted(
        &self,
        campaign: i64,
        since: Instant,
    ) -> Result<Vec<LineCount>, Trouble> {
        let body = json!({
            "StartDateISO": midnight(since),
            "EndDateISO": midnight(self.http.now() + chrono::Duration::days(1)),
            "GroupBy": ["optionId"],
            "Parameters": [{"campaignId": campaign}],
        });
        let url = self.url("report/queue")?;
        let ask = Ask::send(Method::POST, url, body, "a report").harmless();
        let queued: Report = self.http.ask(ask).await?;
        let id = queued.id.unwrap_or_default();
        let plain = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
        if id.is_empty() || !id.bytes().all(plain) {
            let message = format!("{NAME} took a report and did not say which it is");
            return Err(Trouble::unreadable(message));
        }
        for _ in 0..MOST_POLLS {
            let url = self.url(&format!("report/queue/{id}"))?;
            let report: Report = self.http.ask(Ask::get(url, "the report")).await?;
            match (report.status, report.result) {
                (Some(2), Some(told)) => return Ok(totals(told)),
                (Some(1) | None, _) => self.http.pause(POLL).await,
                (Some(_), _) => {
                    let why = text::echo(&report.message.unwrap_or_default());
                    let message = format!("{NAME} could not make the report: {why}");
                    return Err(Trouble::transient(message));
                }
            }
        }
        let message = format!("{NAME} is still at work on the report");
        Err(Trouble::transient(message))
    }
}

/// The totals of each flight: a report has a record for each price that it was at.
fn totals(told: Told) -> Vec<LineCount> {
    let mut all: Vec<LineCount> = Vec::new();
    let details = told.records.into_iter().flat_map(|one| one.details);
    for detail in details {
        let Some(line) = detail.flight() else {
            continue;
        };
        match all.iter_mut().find(|one| one.line == line) {
            Some(one) => {
                one.impressions = one.impressions.saturating_add(detail.impressions);
                one.clicks = Some(one.clicks.unwrap_or(0).saturating_add(detail.clicks));
            }
            None => all.push(LineCount {
                line,
                impressions: detail.impressions,
                clicks: Some(detail.clicks),
                ..LineCount::default()
            }),
        }
    }
    all
}

/// The midnight before an instant, as reports are asked for.
fn midnight(at: Instant) -> String {
    format!("{}T00:00:00Z", at.date_naive())
}

/// How Kevel writes what is paid for, and what the goal counts.
fn paid(line: &NewLine) -> Result<(u8, u8), Trouble> {
    match line.priced {
        RateType::FlatRate => Ok((1, 1)),
        RateType::Cpm => Ok((2, 1)),
        RateType::Cpc => Ok((3, 3)),
        RateType::Cpmv | RateType::Cpd => {
            let what = line.priced.name();
            Err(Trouble::permanent(format!(
                "{NAME} has no flights that are paid by {what}: {}",
                line.mark
            )))
        }
    }
}

fn price(line: &NewLine) -> Value {
    let price = line.rate.amount().to_string();
    serde_json::from_str(&price).unwrap_or(Value::Null)
}

/// Says what cannot be ordered before anything is.
pub(super) fn fits(order: &NewOrder) -> Result<(), Trouble> {
    if order.lines.is_empty() {
        return Err(Trouble::permanent("an order without lines is none"));
    }
    order.lines.iter().try_for_each(|line| paid(line).map(drop))
}
