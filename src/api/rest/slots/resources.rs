//! What can be booked, over the wire: made, changed, listed, its slots, why a time is not offered,
//! and its feed.

use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderMap, Uri},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Answered, ICS, ask, calendar, doc, done, made, told};
use crate::{
    api::{
        App, body,
        gate::{Arrived, Asker},
        rest::{path::Ids, sent},
        route::Routes,
    },
    domain::{
        ids::ResourceId,
        problem::{Code, Problem},
        slot::resource::ResourceType,
        tenant::{
            caller::{Caller, house},
            role::Role,
        },
    },
    engine::{
        fault::Fault,
        slots::{
            availability::{ListSlots, SlotList},
            calendar::{Feed, FeedAddress, ReadFeed, RotateFeed},
            explain::{ExplainSlot, Explained},
            resources::{
                CreateResource, Fields, GetResource, ListResources, ResourceList, Shown,
                UpdateResource,
            },
            waiting::{ListWaiting, WaitingList},
        },
    },
};

pub(super) fn add(routes: Routes) -> Routes {
    let routes = routes
        .get(
            "/api/bookings/resources",
            doc("List what can be booked, by name.")
                .asks::<ResourceQuery>()
                .gives::<ResourceList>(),
            list_resources,
        )
        .post(
            "/api/bookings/resources",
            doc("Add something that can be booked.")
                .takes::<Fields>()
                .makes::<Shown>(),
            create_resource,
        )
        .get(
            "/api/bookings/resources/{resource_id}",
            doc("Show something that can be booked.").gives::<Shown>(),
            get_resource,
        )
        .patch(
            "/api/bookings/resources/{resource_id}",
            doc("Change something that can be booked: what is sent, and nothing else.")
                .takes::<Fields>()
                .gives::<Shown>(),
            update_resource,
        )
        .put(
            "/api/bookings/resources/{resource_id}",
            doc("The same as PATCH.").takes::<Fields>().gives::<Shown>(),
            update_resource,
        );
    times(routes)
}

/// When a resource can be booked, who waits, and where its bookings are read.
fn times(routes: Routes) -> Routes {
    let routes = routes
        .get(
            "/api/bookings/resources/{resource_id}/availability",
            doc("List the slots of a resource that can be booked.")
                .asks::<SlotQuery>()
                .gives::<SlotList>(),
            availability,
        )
        .get(
            "/api/bookings/resources/{resource_id}/explain",
            doc("Say why a time is not offered, or that it is.")
                .asks::<TimeQuery>()
                .gives::<Explained>(),
            explain,
        )
        .get(
            "/api/bookings/resources/{resource_id}/waitlist",
            doc("List who waits for slots of a resource.").gives::<WaitingList>(),
            waitlist,
        )
        .get(
            "/api/bookings/resources/{resource_id}/feed",
            doc("Say where other people's calendars find the bookings of a resource.")
                .gives::<Feed>(),
            feed_address,
        )
        .post(
            "/api/bookings/resources/{resource_id}/feed/rotate",
            doc("Give the feed of a resource another address; the one before ends.")
                .gives::<Feed>(),
            rotate_feed,
        );
    routes.get(
        "/api/bookings/feeds/{tenant_id}/{resource_id}/{token}",
        doc("Read the bookings of a resource as a calendar, by an address that nobody can guess."),
        feed,
    )
}

/// Which resources are listed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct ResourceQuery {
    /// Only of this type.
    #[serde(rename = "type")]
    kind: Option<ResourceType>,
    /// Only those in whose name this stands.
    query: Option<String>,
    /// `true` lists those too that cannot be booked now.
    include_inactive: Option<String>,
    /// At most so many.
    limit: Option<u32>,
    /// Only what comes behind so many.
    offset: Option<u32>,
}

/// Which slots are listed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct SlotQuery {
    /// From when: a day or an instant; from now where it is not said.
    from: Option<String>,
    /// Until when; a day is part of it. A week where it is not said.
    to: Option<String>,
    /// `true` lists those too that nobody can book any more.
    include_full: Option<String>,
    /// Only those that so many can still book together.
    party_size: Option<u32>,
}

/// Which time is asked about.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TimeQuery {
    /// An instant, or what the clock of the place shows.
    at: String,
    /// How many come together.
    #[serde(default)]
    party_size: Option<u32>,
}

/// Reads a switch of a query.
fn is_on(field: &str, switch: Option<&str>) -> Result<bool, Fault> {
    match switch {
        None | Some("false" | "0" | "") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => {
            let problem = Problem::new(
                field,
                Code::new("INVALID_TYPE"),
                "is neither true nor false",
            );
            Err(Fault::field(problem))
        }
    }
}

async fn list_resources(State(app): State<App>, Asker(caller): Asker, uri: Uri) -> Answered {
    let read = || {
        let sent: ResourceQuery = body::query(&uri, &["limit", "offset"])?;
        Ok(ListResources {
            kind: sent.kind,
            query: sent.query,
            include_inactive: is_on("includeInactive", sent.include_inactive.as_deref())?,
            limit: sent.limit,
            offset: sent.offset,
        })
    };
    ask(&app, &caller, read).await
}

async fn create_resource(
    State(app): State<App>,
    Asker(caller): Asker,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    let read = sent::<Map<String, Value>>(&headers, body).await;
    let read = read.map(|fields| CreateResource {
        fields: Fields::of(fields),
    });
    Ok(made(&done(&app, (&caller, &headers), read).await?))
}

async fn get_resource(State(app): State<App>, Asker(caller): Asker, ids: Ids) -> Answered {
    let read = || {
        let resource_id = ids.id("resource_id")?;
        Ok(GetResource { resource_id })
    };
    ask(&app, &caller, read).await
}

async fn update_resource(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    let read = async {
        let resource_id = ids.id("resource_id")?;
        let mut fields = sent::<Map<String, Value>>(&headers, body).await?;
        let revision = fields.remove("revision").as_ref().and_then(Value::as_i64);
        Ok(UpdateResource {
            resource_id,
            fields: Fields::of(fields),
            revision,
        })
    }
    .await;
    Ok(told(&done(&app, (&caller, &headers), read).await?))
}

async fn availability(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    uri: Uri,
) -> Answered {
    let read = || {
        let sent: SlotQuery = body::query(&uri, &["partySize"])?;
        Ok(ListSlots {
            resource_id: ids.id("resource_id")?,
            from: sent.from,
            to: sent.to,
            include_full: is_on("includeFull", sent.include_full.as_deref())?,
            party_size: sent.party_size,
        })
    };
    ask(&app, &caller, read).await
}

async fn explain(State(app): State<App>, Asker(caller): Asker, ids: Ids, uri: Uri) -> Answered {
    let read = || {
        let sent: TimeQuery = body::query(&uri, &["partySize"])?;
        Ok(ExplainSlot {
            resource_id: ids.id("resource_id")?,
            at: sent.at,
            party_size: sent.party_size,
        })
    };
    ask(&app, &caller, read).await
}

async fn waitlist(State(app): State<App>, Asker(caller): Asker, ids: Ids) -> Answered {
    let read = || {
        let resource_id = ids.id("resource_id")?;
        Ok(ListWaiting { resource_id })
    };
    ask(&app, &caller, read).await
}

async fn feed_address(State(app): State<App>, Asker(caller): Asker, ids: Ids) -> Answered {
    let read = || {
        let resource_id = ids.id("resource_id")?;
        Ok(FeedAddress { resource_id })
    };
    ask(&app, &caller, read).await
}

async fn rotate_feed(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    let read = async {
        body::none(body).await?;
        let resource_id = ids.id("resource_id")?;
        Ok(RotateFeed { resource_id })
    }
    .await;
    Ok(told(&done(&app, (&caller, &headers), read).await?))
}

/// A feed is for calendars, which carry no key: its address is one. Whatever is wrong with it,
/// there is no such feed.
async fn feed(
    State(app): State<App>,
    Extension(Arrived(at)): Extension<Arrived>,
    ids: Ids,
    headers: HeaderMap,
) -> Answered {
    let missing = || Fault::absent("feed", "");
    let token = ids.text("token").strip_suffix(ICS).ok_or_else(missing)?;
    let tenant = ids.text("tenant_id").parse().map_err(|_| missing())?;
    let resource_id = ids.text("resource_id").parse::<ResourceId>();
    let there = tenant != house() && app.0.door.lists(app.core(), &tenant, at).await?;
    if !there {
        return Err(missing().into());
    }
    let caller = Caller::new("feed", tenant, Role::Viewer);
    let question = ReadFeed {
        resource_id: resource_id.map_err(|_| missing())?,
        token: token.to_owned(),
    };
    let written = app.core().ask(&caller, question).await?;
    Ok(calendar(&headers, written.ics))
}
