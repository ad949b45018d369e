//! What can be booked: made, changed, listed and shown. A change of hours moves nothing that is
//! booked already; it only changes what is offered.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{
    bookings::page_of,
    resource,
    upstream::{begin, carry},
    view::ResourceView,
};
use crate::{
    domain::{
        ids::ResourceId,
        policy::Permission,
        problem::{Code, Problem},
        slot::{
            resource::{Card, Resource, ResourceType, slug_of},
            schedule::Schedule,
        },
        tenant::caller::Caller,
        when::stored,
    },
    engine::{
        core::Core,
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        question::read_value,
        work::Work,
    },
    store::record::{Filter, Sort},
};

/// How many are listed where nobody says.
const USUAL: u32 = 25;
/// How many are listed at most.
const MOST: u32 = 500;
/// Under which name resources are told.
const RESOURCE: &str = "resource";

/// The fields of a resource that can be set, as they are sent: what it is and where,
const CARD: [&str; 8] = [
    "type",
    "name",
    "slug",
    "description",
    "addressLine1",
    "city",
    "state",
    "postalCode",
];
/// what of it is on or off,
const SWITCHES: [&str; 2] = ["isActive", "published"];
/// and when and how it can be booked.
const SCHEDULE: [&str; 11] = [
    "timezone",
    "operatingHours",
    "dateOverrides",
    "closures",
    "defaultDurationMinutes",
    "slotStepMinutes",
    "bufferBeforeMinutes",
    "bufferAfterMinutes",
    "maxConcurrent",
    "minNoticeMinutes",
    "maxHorizonDays",
];

/// What is said of a resource: what is not said stays as it is, or as it usually is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Fields(Map<String, Value>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Map::deserialize(input).map(Self)
    }
}

/// All of a resource that can be set.
#[derive(Debug, Clone, Serialize)]
struct Whole {
    #[serde(flatten)]
    card: Card,
    #[serde(flatten)]
    schedule: Schedule,
    #[serde(flatten)]
    switches: Switches,
}

/// What of a resource is on or off.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Switches {
    #[serde(default = "yes")]
    is_active: bool,
    #[serde(default)]
    published: bool,
}

fn yes() -> bool {
    true
}

impl Whole {
    /// Reads it part by part, so that a mistake is named where it stands, with those of the others.
    fn read(known: &Map<String, Value>) -> Result<Self, Fault> {
        let part = |names: &[&str]| {
            let own = known.iter().filter(|(name, _)| names.contains(&&***name));
            let own = own.map(|(name, value)| (name.clone(), value.clone()));
            Value::Object(own.collect())
        };
        let card = read_value(&part(&CARD));
        let schedule = read_value(&part(&SCHEDULE));
        let switches = read_value(&part(&SWITCHES));
        match (card, schedule, switches) {
            (Ok(card), Ok(schedule), Ok(switches)) => Ok(Self {
                card,
                schedule,
                switches,
            }),
            (card, schedule, switches) => {
                let wrong = [card.err(), schedule.err(), switches.err()];
                let problems = wrong.into_iter().flatten().flat_map(|it| it.problems);
                Err(Fault::invalid(problems.collect()))
            }
        }
    }
}

impl Fields {
    /// These fields.
    #[must_use]
    pub fn of(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    /// Lays them over what is known, and reads the whole.
    fn over(self, mut known: Map<String, Value>) -> Result<Whole, Fault> {
        let all = [&CARD[..], &SWITCHES, &SCHEDULE].concat();
        let strange = self.0.keys().find(|name| !all.contains(&&***name));
        if let Some(name) = strange {
            let said = "is not a field of a resource that can be set";
            let field = crate::domain::text::echo(name);
            let problem = Problem::new(field, Code::new("UNKNOWN_FIELD"), said);
            return Err(Fault::field(
                problem.hint(format!("these can: {}", all.join(", "))),
            ));
        }
        known.extend(self.0);
        if !known.contains_key("slug") {
            let name = known
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default();
            known.insert("slug".to_owned(), slug_of(name).into());
        }
        known.retain(|_, value| !value.is_null());
        let mut whole = Whole::read(&known)?;
        whole.schedule.name_closures();
        let mut problems = whole.card.problems();
        problems.extend(whole.schedule.problems());
        if problems.is_empty() {
            return Ok(whole);
        }
        Err(Fault::invalid(problems))
    }
}

/// A resource, as it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shown {
    /// The resource.
    pub resource: ResourceView,
}

impl Shown {
    /// As it is once what is on its way to another company's system has come to its end.
    async fn carried(core: &Core, caller: &Caller, is: Self) -> Result<Self, Fault> {
        let known = is.resource.upstream.as_ref();
        let Some(errand) = known.and_then(|known| known.on_its_way.as_ref()) else {
            return Ok(is);
        };
        let errand = errand.parse().map_err(Fault::broken)?;
        let resource = carry::finished(core, &caller.tenant, errand).await?;
        let resource_id = resource.parse().map_err(Fault::broken)?;
        let engine = Caller::engine(caller.tenant.clone());
        core.ask(&engine, GetResource { resource_id }).await
    }
}

/// Adds something that can be booked.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct CreateResource {
    /// What is said of it: at least `type`, `name` and `timezone`.
    pub fields: Fields,
}

impl Operation for CreateResource {
    const NAME: &'static str = "slots.create_resource";
    const ABOUT: &'static str = "Add something that can be booked by the hour.";
    const KIND: Kind = Kind::Command(Permission::ManageResources);
    type Output = Shown;

    async fn finished(core: &Core, caller: &Caller, output: Shown) -> Result<Shown, Fault> {
        Shown::carried(core, caller, output).await
    }

    async fn perform(self, work: &mut Work<'_>) -> Result<Shown, Fault> {
        let sent = self.fields.0.clone();
        let whole = self.fields.over(Map::new())?;
        let now = stored(work.now());
        let resource = Resource {
            id: work.mint::<ResourceId>(),
            card: whole.card,
            schedule: whole.schedule,
            is_active: whole.switches.is_active,
            published: whole.switches.published,
            feed: 1,
            created_at: now,
            upstream: None,
        };
        if work.desk().slot_services.of(work.tenant()).is_some() {
            let view = ResourceView::with(&resource, 1, now);
            return Ok(Shown {
                resource: begin::resource(work, None, sent, view)?,
            });
        }
        work.create(&resource)?;
        let (id, name) = (resource.id.to_string(), resource.card.name.clone());
        work.tell("slots.resource_created", RESOURCE, id, name);
        Ok(Shown {
            resource: ResourceView::with(&resource, 1, now),
        })
    }
}

/// Changes something that can be booked: what is said, and nothing else.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateResource {
    /// Which.
    pub resource_id: ResourceId,
    /// What is said of it; nothing, in place of a value, takes that back.
    pub fields: Fields,
    /// The revision that the asker saw; what has changed since then is not written over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
}

impl Operation for UpdateResource {
    const NAME: &'static str = "slots.update_resource";
    const ABOUT: &'static str =
        "Change something that can be booked: what is said, and nothing else.";
    const KIND: Kind = Kind::Command(Permission::ManageResources);
    type Output = Shown;

    async fn finished(core: &Core, caller: &Caller, output: Shown) -> Result<Shown, Fault> {
        Shown::carried(core, caller, output).await
    }

    async fn perform(self, work: &mut Work<'_>) -> Result<Shown, Fault> {
        let was = resource(work, self.resource_id).await?;
        if self.revision.is_some_and(|seen| seen != was.revision) {
            let message = "the resource has changed since you looked";
            let fault = Fault::new(FaultKind::Stale, "STALE", message);
            return Err(fault.with("current_revision", was.revision));
        }
        let sent = self.fields.0.clone();
        let known = Whole {
            card: was.record.card.clone(),
            schedule: was.record.schedule.clone(),
            switches: Switches {
                is_active: was.record.is_active,
                published: was.record.published,
            },
        };
        let known = match serde_json::to_value(known).map_err(Fault::broken)? {
            Value::Object(known) => known,
            _ => Map::new(),
        };
        let whole = self.fields.over(known)?;
        let resource = Resource {
            card: whole.card,
            schedule: whole.schedule,
            is_active: whole.switches.is_active,
            published: whole.switches.published,
            ..was.record.clone()
        };
        if resource == was.record {
            return Ok(Shown {
                resource: ResourceView::of(&was),
            });
        }
        if let Some(known) = &was.record.upstream {
            let view = ResourceView::of(&was);
            let of = Some((resource.id, &**known));
            return Ok(Shown {
                resource: begin::resource(work, of, sent, view)?,
            });
        }
        work.replace(&was, &resource)?;
        let (id, name) = (resource.id.to_string(), resource.card.name.clone());
        work.tell("slots.resource_changed", RESOURCE, id, name);
        Ok(Shown {
            resource: ResourceView::with(&resource, was.revision + 1, stored(work.now())),
        })
    }
}

/// Lists what can be booked, by name.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ListResources {
    /// Only of this type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<ResourceType>,
    /// Only those in whose name this stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Those that cannot be booked now too.
    pub include_inactive: bool,
    /// At most so many; 25 where it is not said, and 500 at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Only what comes behind so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u32>,
}

/// What can be booked, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceList {
    /// The resources.
    pub data: Vec<ResourceView>,
    /// How many there are in all.
    pub total: i64,
    /// How many are listed at most.
    pub limit: u32,
    /// How many come before these.
    pub offset: u32,
}

impl Operation for ListResources {
    const NAME: &'static str = "slots.resources";
    const ABOUT: &'static str = "List what can be booked by the hour, by name.";
    const KIND: Kind = Kind::Query(Permission::ReadSlots);
    type Output = ResourceList;

    async fn perform(self, work: &mut Work<'_>) -> Result<ResourceList, Fault> {
        let limit = page_of(self.limit, USUAL, MOST)?;
        let offset = self.offset.unwrap_or(0);
        let filter = Filter {
            parent: self.kind.map(|kind| kind.name().to_owned()),
            state: (!self.include_inactive).then(|| "active".to_owned()),
            search: self.query,
            sort: Sort::Label,
            limit,
            offset,
            ..Filter::default()
        };
        let found = work.list::<Resource>(&filter).await?;
        Ok(ResourceList {
            data: found.iter().map(ResourceView::of).collect(),
            total: work.count::<Resource>(&filter).await?,
            limit,
            offset,
        })
    }
}

/// Shows something that can be booked.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetResource {
    /// Which.
    pub resource_id: ResourceId,
}

impl Operation for GetResource {
    const NAME: &'static str = "slots.resource";
    const ABOUT: &'static str = "Show something that can be booked.";
    const KIND: Kind = Kind::Query(Permission::ReadSlots);
    type Output = Shown;

    async fn perform(self, work: &mut Work<'_>) -> Result<Shown, Fault> {
        let found = resource(work, self.resource_id).await?;
        Ok(Shown {
            resource: ResourceView::of(&found),
        })
    }
}
