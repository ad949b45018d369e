//! Looks what became of something that was sent to a slot service, and takes it as it is shown. It
//! never sends; what is not shown yet is waited for until its time is over.

use serde_json::{Map, Value};

use super::{
    carry::{On, WAIT},
    errands::Step,
    mirrored::{bookings, resources},
    places::Place,
};
use crate::{
    domain::{
        slot::{
            booking::Status,
            upstream::{
                errand::{Errand, SEARCH, What, Wish},
                resource_id,
                shown::ShownResource,
            },
        },
        when::Instant,
    },
    engine::{fault::Fault, slots::resources::GetResource},
    peers::upstream::slots::Which,
};

/// How far the other side's clock may be behind ours.
const SKEW: chrono::Duration = chrono::Duration::minutes(10);

impl On<'_> {
    pub(super) async fn written(
        &self,
        place: &Place,
        left: Errand,
        id: &str,
    ) -> Result<Errand, Fault> {
        let found = tokio::time::timeout(WAIT, resources(place)).await;
        let found = found.ok().and_then(Result::ok);
        let found = found.and_then(|(all, _)| all.into_iter().find(|one| one.id == id));
        if let Some(shown) = found {
            return self.as_shown(place, left, shown).await;
        }
        let why = "it answered that it is done, and does not show it".to_owned();
        self.step(&left, Step::Lost(why)).await
    }

    /// Takes a resource as it is shown, and says what of it is not as it was sent.
    async fn as_shown(
        &self,
        place: &Place,
        left: Errand,
        shown: ShownResource,
    ) -> Result<Errand, Fault> {
        let What::Resource { fields, .. } = &left.what else {
            return Ok(left);
        };
        place.forget(&shown.id);
        let wrong = unlike(fields, &shown);
        if wrong.is_empty() {
            return self.step(&left, Step::Written(Box::new(shown))).await;
        }
        let message = format!(
            "{} answered that it is done, and shows {} as it was",
            place.name,
            wrong.join(", ")
        );
        let fault = Fault::conflict("NOT_APPLIED", message);
        let fault = fault.hint("it takes no notice of what it does not know");
        self.refuse(&left, &fault).await
    }

    /// Looks for what may have arrived.
    pub async fn look_for(&self, errand: Errand) -> Result<Errand, Fault> {
        let (Some(at), Some(place)) = (errand.sent_at(), self.place()) else {
            return Ok(errand);
        };
        let over = self.now() - at >= SEARCH;
        match errand.what.clone() {
            What::Book(wish) => self.find(place, errand, (&wish, at, over)).await,
            What::Cancel { remote, .. } => {
                let shown = place.client.booking(&remote).await.ok().flatten();
                match shown {
                    Some(shown) if shown.status == Status::Cancelled || over => {
                        self.step(&errand, Step::Cancelled(Box::new(shown))).await
                    }
                    _ => self.wait(&place.name, errand, over).await,
                }
            }
            What::Resource { remote, fields, .. } => {
                let all = resources(place).await.map(|(all, _)| all);
                let name = fields.get("name").and_then(Value::as_str);
                let like = |one: &ShownResource| match &remote {
                    Some(id) => one.id == *id,
                    None => name == Some(&*one.card.name),
                };
                let mut found = all.unwrap_or_default().into_iter().filter(like);
                match found.next() {
                    // What was sent may still be on its way to it.
                    Some(shown)
                        if remote.is_some() && !over && !unlike(&fields, &shown).is_empty() =>
                    {
                        Ok(errand)
                    }
                    Some(shown) if remote.is_some() || self.is_new(&shown).await => {
                        self.as_shown(place, errand, shown).await
                    }
                    _ => self.wait(&place.name, errand, over).await,
                }
            }
        }
    }

    /// Whether nothing here stands for a resource yet.
    async fn is_new(&self, shown: &ShownResource) -> bool {
        let resource_id = resource_id(self.tenant, &shown.id);
        let engine = self.engine();
        let known = self.core.ask(&engine, GetResource { resource_id }).await;
        known.is_err()
    }

    /// Looks for a booking by its guest and its beginning.
    async fn find(
        &self,
        place: &Place,
        errand: Errand,
        (wish, at, over): (&Wish, Instant, bool),
    ) -> Result<Errand, Fault> {
        let day = chrono::Duration::days(1);
        let start = crate::domain::slot::span::instant(wish.start);
        let which = Which {
            resource: Some(wish.remote.clone()),
            from: start - day,
            to: start + day,
        };
        let found = match bookings(place, &which).await {
            Ok((found, _)) => found,
            Err(away) => {
                place.heed(&away, self.now());
                return Ok(errand);
            }
        };
        let after = |made: Option<Instant>| made.is_none_or(|made| made >= at - SKEW);
        let like = found.into_iter().filter(|one| {
            one.is_for(&wish.remote, wish.start, &wish.guest.email)
                && one.status == Status::Confirmed
                && after(one.created_at)
        });
        for shown in like {
            let shown = Box::new(shown);
            let step = Step::Booked { shown, found: true };
            match self.step(&errand, step).await {
                Err(fault) if fault.code == "LINKED" => {}
                taken => return taken,
            }
        }
        self.wait(&place.name, errand, over).await
    }

    /// Goes on waiting, or says that it was not done.
    async fn wait(&self, name: &str, errand: Errand, over: bool) -> Result<Errand, Fault> {
        if !over {
            return Ok(errand);
        }
        let message = format!(
            "{name} lost it: its answer never came, and it has not shown it in {} minutes; it was sent once, and not again",
            SEARCH.num_minutes()
        );
        let fault = Fault::conflict("UPSTREAM_LOST", message);
        self.refuse(&errand, &fault).await
    }
}

/// Which fields of a resource are not shown as they were sent.
fn unlike(fields: &Map<String, Value>, shown: &ShownResource) -> Vec<String> {
    let mut is = serde_json::to_value(&shown.schedule).unwrap_or_default();
    let card = serde_json::to_value(&shown.card).unwrap_or_default();
    for (name, value) in card.as_object().into_iter().flatten() {
        is[name] = value.clone();
    }
    is["isActive"] = shown.is_active.into();
    is["published"] = shown.published.into();
    let differs = |(name, value): &(&String, &Value)| {
        is.get(name.as_str()).cloned().unwrap_or_default() != **value
    };
    let wrong = fields.iter().filter(differs);
    wrong.map(|(name, _)| name.clone()).collect()
}
