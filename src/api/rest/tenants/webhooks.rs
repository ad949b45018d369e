//! Who of a tenant is told what happens: endpoints, what they were sent, and Slack.

use axum::{body::Body, http::Uri, response::Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Desk, Refusal, doc, made, read, told};
use crate::{
    api::{body, rest::answered, route::Routes},
    domain::{
        ids::EndpointId, notify::slack::Channel, tenant::secret::Secret,
        webhook::notice::NoticeStatus,
    },
    engine::{
        fault::Fault,
        notify::{
            endpoints::{
                ChangeEndpoint, Endpoints, ListEndpoints, MakeEndpoint, RemoveEndpoint,
                RotateEndpoint, Sent, TestEndpoint,
            },
            replay::{Replay, Replayed},
            slack::TestSlack,
            view::{EndpointView, MadeEndpoint},
        },
        webhooks::list::{ListNotices, Notices},
    },
};

pub(super) fn add(routes: Routes) -> Routes {
    let routes = endpoints(routes);
    routes
        .get(
            "/api/v1/tenant-management/tenants/{tenant_id}/webhooks/deliveries",
            doc("List what was sent, what waits and what was given up, the newest first.")
                .asks::<WhichDeliveries>()
                .gives::<Notices>(),
            deliveries,
        )
        .post(
            "/api/v1/tenant-management/tenants/{tenant_id}/webhooks/replay",
            doc("Send again what was given up: these, or all of an endpoint between two times.")
                .takes::<Replay>()
                .gives::<Replayed>(),
            replay,
        )
        .post(
            "/api/v1/tenant-management/tenants/{tenant_id}/slack/test",
            doc("Send Slack a message that means nothing.")
                .takes::<WhichChannel>()
                .gives::<Sent>(),
            test_slack,
        )
}

fn endpoints(routes: Routes) -> Routes {
    routes
        .get(
            "/api/v1/tenant-management/tenants/{tenant_id}/webhooks",
            doc("List the endpoints that are told what happens.").gives::<Endpoints>(),
            list,
        )
        .post(
            "/api/v1/tenant-management/tenants/{tenant_id}/webhooks",
            doc("Have an endpoint told what happens; its secret is shown once.")
                .takes::<MakeEndpoint>()
                .makes::<MadeEndpoint>(),
            make,
        )
        .patch(
            "/api/v1/tenant-management/tenants/{tenant_id}/webhooks/{endpoint_id}",
            doc("Change an endpoint; what is not said stays.")
                .takes::<Change>()
                .gives::<EndpointView>(),
            change,
        )
        .delete(
            "/api/v1/tenant-management/tenants/{tenant_id}/webhooks/{endpoint_id}",
            doc("Take an endpoint away.").gives::<EndpointView>(),
            remove,
        )
        .post(
            "/api/v1/tenant-management/tenants/{tenant_id}/webhooks/{endpoint_id}/rotate",
            doc("Give an endpoint another secret; both are good for a day.")
                .gives::<MadeEndpoint>(),
            rotate,
        )
        .post(
            "/api/v1/tenant-management/tenants/{tenant_id}/webhooks/{endpoint_id}/test",
            doc("Send an endpoint a message that means nothing.").gives::<Sent>(),
            test,
        )
}

/// Which deliveries are listed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct WhichDeliveries {
    /// Only in this state.
    status: Option<NoticeStatus>,
    /// Only about this.
    about: Option<String>,
    /// Only to this endpoint.
    endpoint_id: Option<EndpointId>,
    /// At most so many; 500 where it is not said and at most.
    limit: Option<u32>,
}

/// What is different of an endpoint.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Change {
    /// Where it is.
    url: Option<Secret>,
    /// What people call it.
    name: Option<String>,
    /// What it is told of; everything where the list is empty.
    events: Option<Vec<String>>,
    /// Whether it is told anything.
    is_active: Option<bool>,
}

/// Which channel of Slack.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct WhichChannel {
    /// `work` or `audit`; `work` where it is not said.
    channel: Option<Channel>,
}

fn endpoint(desk: &Desk) -> Result<EndpointId, Fault> {
    let named = desk.ids.text("endpoint_id");
    named.parse().map_err(|_| Fault::absent("endpoint", named))
}

async fn list(desk: Desk) -> Result<Response, Refusal> {
    let all = desk.ask(ListEndpoints {}).await?;
    Ok(answered(false, &all))
}

async fn make(desk: Desk, body: Body) -> Result<Response, Refusal> {
    let sent = read::<MakeEndpoint>(&desk.headers, body).await;
    Ok(made(&desk.command(sent).await?))
}

async fn change(desk: Desk, body: Body) -> Result<Response, Refusal> {
    let sent = read::<Change>(&desk.headers, body).await;
    let question = sent.and_then(|sent| {
        Ok(ChangeEndpoint {
            endpoint_id: endpoint(&desk)?,
            url: sent.url,
            name: sent.name,
            events: sent.events,
            is_active: sent.is_active,
        })
    });
    Ok(told(&desk.command(question).await?))
}

async fn remove(desk: Desk, sent: Body) -> Result<Response, Refusal> {
    let question = body::none(sent).await.and_then(|()| {
        let endpoint_id = endpoint(&desk)?;
        Ok(RemoveEndpoint { endpoint_id })
    });
    Ok(told(&desk.command(question).await?))
}

async fn rotate(desk: Desk, sent: Body) -> Result<Response, Refusal> {
    let question = body::none(sent).await.and_then(|()| {
        let endpoint_id = endpoint(&desk)?;
        Ok(RotateEndpoint { endpoint_id })
    });
    Ok(told(&desk.command(question).await?))
}

async fn test(desk: Desk, sent: Body) -> Result<Response, Refusal> {
    let question = body::none(sent).await.and_then(|()| {
        let endpoint_id = endpoint(&desk)?;
        Ok(TestEndpoint { endpoint_id })
    });
    Ok(told(&desk.command(question).await?))
}

async fn deliveries(desk: Desk, uri: Uri) -> Result<Response, Refusal> {
    let asked: WhichDeliveries = body::query(&uri, &["limit"])?;
    let question = ListNotices {
        status: asked.status,
        about: asked.about,
        endpoint_id: asked.endpoint_id,
        limit: asked.limit,
    };
    let all = desk.ask(question).await?;
    Ok(answered(false, &all))
}

async fn replay(desk: Desk, body: Body) -> Result<Response, Refusal> {
    let sent = read::<Replay>(&desk.headers, body).await;
    Ok(told(&desk.command(sent).await?))
}

async fn test_slack(desk: Desk, body: Body) -> Result<Response, Refusal> {
    let sent = body::maybe::<WhichChannel>(&desk.headers, body).await;
    let question = sent.map(|sent| TestSlack {
        channel: sent.channel.unwrap_or(Channel::Work),
    });
    Ok(told(&desk.command(question).await?))
}
