//! What happens, as it happens: server-sent events of the asker's own tenant. Whoever falls
//! behind is told to read again, and is given what it missed from the feed.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::Arc,
    time::{self, Duration},
};

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, Uri},
    response::{
        IntoResponse, Response,
        sse::{Event as Sse, KeepAlive, Sse as Stream},
    },
};
use futures_util::{StreamExt as _, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use super::{
    App, body,
    door::Guest,
    rejection::Rejection,
    route::{Doc, Routes},
    stopping::Stopping,
    whose::whose,
};
use crate::{
    domain::tenant::caller::Caller,
    engine::{
        activity::{FeedEnd, ReadFeed},
        events::{Event, Noticed},
        fault::Fault,
    },
};

/// How many events are read at a time.
const PAGE: u32 = 200;
/// How often the feed is read although nothing woke us, and whether the key still opens: other
/// nodes write and take back too. With what the door remembers it stays below a second.
const LOOK: Duration = Duration::from_millis(450);

/// Adds the route.
pub fn add(routes: Routes) -> Routes {
    let doc = Doc::about("Events", "Stream what happens, as server-sent events.").asks::<From>();
    routes.get("/events", doc, stream_events)
}

/// Where the stream begins.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct From {
    /// Only what came behind this number; from now on where it is not said.
    after: Option<i64>,
}

async fn stream_events(
    State(app): State<App>,
    Extension(guest): Extension<Arc<Guest>>,
    stopping: Stopping,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Rejection> {
    let From { after } = body::query(&uri, &["after"])?;
    let caller = whose(&app, &guest, &headers).await?;
    let resumed = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok()?.parse().ok());
    let wake = app.core().watch();
    // Asked also where it is known, so that whoever may not listen is told now.
    let end = app.core().ask(&caller, FeedEnd {}).await?.seq;
    // A number that is still to come is of another feed.
    let resumed = resumed.map(|id: i64| id.min(end));
    let after = resumed.or(after).unwrap_or(end);
    let feed = Feed {
        app,
        guest,
        caller,
        wake,
        after,
        waiting: VecDeque::new(),
    };
    let events = stream::unfold(feed, |mut feed| async move {
        let event = feed.next().await?;
        Some((Ok::<_, Infallible>(event), feed))
    })
    .take_until(async move { stopping.told().await });
    Ok(Stream::new(events)
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
        .into_response())
}

struct Feed {
    app: App,
    guest: Arc<Guest>,
    caller: Caller,
    wake: broadcast::Receiver<Noticed>,
    after: i64,
    waiting: VecDeque<Event>,
}

impl Feed {
    /// The next event; ends when the feed cannot be read any more, or the key opens nothing
    /// any more.
    async fn next(&mut self) -> Option<Sse> {
        while self.waiting.is_empty() {
            let door = &self.app.0.door;
            if !door
                .still(self.app.core(), &self.guest, time::Instant::now())
                .await
            {
                return None;
            }
            match self.read().await {
                Ok(events) if events.is_empty() => self.woken().await,
                Ok(events) => self.waiting.extend(events),
                Err(fault) => {
                    tracing::warn!(%fault, "an event stream ends");
                    return None;
                }
            }
        }
        let event = self.waiting.pop_front()?;
        self.after = event.seq;
        let data = serde_json::to_string(&event).ok()?;
        Some(
            Sse::default()
                .id(event.seq.to_string())
                .event(event.event)
                .data(data),
        )
    }

    async fn read(&self) -> Result<Vec<Event>, Fault> {
        let question = ReadFeed {
            after: self.after,
            limit: Some(PAGE),
            object: None,
        };
        Ok(self.app.core().ask(&self.caller, question).await?.events)
    }

    /// Waits for something of this tenant, or for the next look.
    async fn woken(&mut self) {
        let tenant = self.caller.tenant.clone();
        let mine = async {
            loop {
                match self.wake.recv().await {
                    Ok(noticed) if noticed.tenant == tenant => return,
                    Ok(_) => {}
                    Err(_) => return,
                }
            }
        };
        // Woken or not, the feed is read again.
        drop(tokio::time::timeout(LOOK, mine).await);
    }
}
