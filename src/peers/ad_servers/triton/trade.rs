//! Orders for Triton Digital: a campaign that is off, then its flights one by one. Looks first
//! whether they are there already. Refuses what it cannot be told how to pay or where to run.

use chrono::NaiveDate;
use reqwest::Method;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::{MOST_PAGES, NAME, Thing, Triton, plain};
use crate::{
    domain::{
        inventory::{
            kind::ItemKind,
            order::{HeldLine, HeldOrder, NewLine, NewOrder, Will},
            trouble::Trouble,
        },
        media_buy::package,
        opendirect::product::RateType,
        when::Instant,
    },
    peers::ad_servers::http::Ask,
};

impl Triton {
    pub(super) async fn find_campaign(&self, name: &str) -> Result<Option<String>, Trouble> {
        let mut token: Option<String> = None;
        for page in 1..=MOST_PAGES {
            let said = format!("page {page} of the campaigns");
            let read = self.at(ItemKind::Order, token.as_deref(), said).await?;
            if let Some(found) = read.items.into_iter().find(|item| item.name == name) {
                return Ok(Some(found.id));
            }
            match read.next {
                None => return Ok(None),
                next => token = next,
            }
        }
        // Who cannot see all of them cannot say that it is not there.
        let message = format!("{NAME} has more campaigns than are looked through for one by name");
        Err(Trouble::permanent(message))
    }

    pub(super) async fn create(&self, order: &NewOrder) -> Result<String, Trouble> {
        let starts = order.lines.iter().map(|line| line.starts).min();
        let ends = order.lines.iter().map(|line| line.ends).max();
        let (Some(starts), Some(ends)) = (starts, ends) else {
            return Err(Trouble::permanent("an order without lines is none"));
        };
        let (first, last) = days(starts, ends);
        let body = json!({
            "advertiserId": order.advertiser,
            "name": order.name,
            "startDate": first,
            "endDate": last,
            "active": false,
        });
        let ask = Ask::send(Method::POST, self.url("campaigns")?, body, "a new campaign");
        let created: Thing = self.http.ask(ask).await?;
        Ok(created.id.into())
    }

    async fn add(&self, campaign: &str, line: &NewLine) -> Result<(), Trouble> {
        let (first, last) = days(line.starts, line.ends);
        let body = json!({
            "name": line.name,
            "campaignId": campaign,
            "type": "STANDARD",
            "goal": {"type": "IMPRESSIONS", "value": line.goal},
            "rate": rate(line),
            "rateType": "CPM",
            "startDate": first,
            "endDate": last,
            "stationIds": line.units,
            "active": line.will == Will::Deliver,
        });
        let ask = Ask::send(Method::POST, self.url("flights")?, body, "a new flight");
        self.http.ask::<Thing>(ask).await.map(drop)
    }

    /// Changes some fields of a campaign or a flight.
    pub(super) async fn change(&self, list: &str, id: &str, fields: Value) -> Result<(), Trouble> {
        let url = self.url(&format!("{list}/{}", plain(id)?))?;
        let said = format!("changing one of the {list}");
        let ask = Ask::send(Method::PUT, url, fields, said);
        self.http.ask::<IgnoredAny>(ask).await.map(drop)
    }

    pub(super) async fn flights_of(&self, campaign: &str) -> Result<Vec<Thing>, Trouble> {
        let mut url = self.url("flights")?;
        url.query_pairs_mut().append_pair("campaignId", campaign);
        self.things(url, "the campaign's flights".into()).await
    }

    async fn flights(&self, campaign: &str) -> Result<Vec<HeldLine>, Trouble> {
        let things = self.flights_of(campaign).await?;
        Ok(things.into_iter().map(Thing::held).collect())
    }

    pub(super) async fn held(&self, campaign: &str) -> Result<HeldOrder, Trouble> {
        let url = self.url(&format!("campaigns/{campaign}"))?;
        let found: Thing = self.http.ask(Ask::get(url, "the campaign")).await?;
        let status = found.status();
        Ok(HeldOrder {
            id: found.id.into(),
            status,
            name: found.name,
            lines: self.flights(campaign).await?,
        })
    }

    pub(super) async fn add_all(&self, campaign: &str, order: &NewOrder) -> Result<(), Trouble> {
        let held = self.flights(campaign).await?;
        for line in &order.lines {
            if !held.iter().any(|held| held.name == line.name) {
                self.add(campaign, line).await?;
            }
        }
        Ok(())
    }
}

/// The days of a flight; an end at midnight is the end of the day before.
pub(super) fn days(starts: Instant, ends: Instant) -> (NaiveDate, NaiveDate) {
    package::days(starts, ends)
}

pub(super) fn rate(line: &NewLine) -> Value {
    let rate = line.rate.amount().to_string();
    serde_json::from_str(&rate).unwrap_or(Value::Null)
}

/// Says what cannot be ordered before anything is.
pub(super) fn fits(order: &NewOrder) -> Result<(), Trouble> {
    for line in &order.lines {
        if line.priced != RateType::Cpm {
            let (what, mark) = (line.priced.name(), &line.mark);
            let message = format!("{NAME} takes flights that are paid by CPM, not {what}: {mark}");
            return Err(Trouble::permanent(message));
        }
        if line.units.is_empty() {
            let mark = &line.mark;
            let message = format!("{NAME} has no station for {mark}: it is not placed everywhere");
            return Err(Trouble::permanent(message));
        }
    }
    Ok(())
}
