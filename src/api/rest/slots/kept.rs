//! Slots that are kept for somebody, those who wait for one, and the key that names them all.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Uri},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, Success, ask, doc, done, made, success, told};
use crate::{
    api::{
        App, body,
        gate::Asker,
        rest::{path::Ids, sent},
        route::Routes,
    },
    engine::slots::{
        hold::{ExtendHold, Held, HoldList, HoldSlot, ListHolds, ReleaseHold},
        keys::{RotateSlotKey, Rotated},
        waiting::{StopWaiting, WaitForSlot, Waits},
    },
};

pub(super) fn add(routes: Routes) -> Routes {
    routes
        .get(
            "/api/bookings/holds",
            doc("List the slots that are held now.")
                .asks::<ListHolds>()
                .gives::<HoldList>(),
            holds,
        )
        .post(
            "/api/bookings/holds",
            doc("Keep a slot for somebody for some minutes.")
                .takes::<HoldSlot>()
                .makes::<Held>(),
            hold,
        )
        .post(
            "/api/bookings/holds/{hold_id}/extend",
            doc("Keep a slot longer; once.")
                .takes::<Longer>()
                .gives::<Held>(),
            extend,
        )
        .delete(
            "/api/bookings/holds/{hold_id}",
            doc("Give back a slot that was held.").gives::<Success>(),
            release,
        )
        .post(
            "/api/bookings/waitlist",
            doc("Put a guest on the list of those who wait for a slot that is taken.")
                .takes::<WaitForSlot>()
                .makes::<Waits>(),
            wait,
        )
        .delete(
            "/api/bookings/waitlist/{waiting_id}",
            doc("Take a guest off the list of those who wait.").gives::<Success>(),
            stop_waiting,
        )
        .post(
            "/api/bookings/keys/rotate",
            doc("Give the ids of slots another key; those before the last end.").gives::<Rotated>(),
            rotate_key,
        )
}

/// How much longer a slot is kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Longer {
    /// For how many seconds from now.
    ttl_seconds: Option<u32>,
}

async fn holds(State(app): State<App>, Asker(caller): Asker, uri: Uri) -> Answered {
    let read = || body::query::<ListHolds>(&uri, &[]);
    ask(&app, &caller, read).await
}

async fn hold(
    State(app): State<App>,
    Asker(caller): Asker,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    let read = sent::<HoldSlot>(&headers, body).await;
    Ok(made(&done(&app, (&caller, &headers), read).await?))
}

async fn extend(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    let read = async {
        let hold_id = ids.id("hold_id")?;
        let Longer { ttl_seconds } = body::maybe(&headers, body).await?;
        Ok(ExtendHold {
            hold_id,
            ttl_seconds,
        })
    }
    .await;
    Ok(told(&done(&app, (&caller, &headers), read).await?))
}

async fn release(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    headers: HeaderMap,
) -> Answered {
    let read = ids.id("hold_id").map(|hold_id| ReleaseHold { hold_id });
    let answer = done(&app, (&caller, &headers), read).await?;
    Ok(success(answer.replayed))
}

async fn wait(
    State(app): State<App>,
    Asker(caller): Asker,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    let read = sent::<WaitForSlot>(&headers, body).await;
    Ok(made(&done(&app, (&caller, &headers), read).await?))
}

async fn stop_waiting(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    headers: HeaderMap,
) -> Answered {
    let read = ids
        .id("waiting_id")
        .map(|waiting_id| StopWaiting { waiting_id });
    let answer = done(&app, (&caller, &headers), read).await?;
    Ok(success(answer.replayed))
}

async fn rotate_key(
    State(app): State<App>,
    Asker(caller): Asker,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    let read = body::none(body).await.map(|()| RotateSlotKey {});
    Ok(told(&done(&app, (&caller, &headers), read).await?))
}
