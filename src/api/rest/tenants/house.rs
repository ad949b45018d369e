//! What is asked of the house itself: its first key, its health, its trails.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::{ConnectInfo, State},
    http::{Extensions, HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};

use super::{
    Desk, Refusal, doc,
    sent::{Initialized, WhichLogs},
};
use crate::{
    api::{App, body, rest::answered, route::Routes},
    domain::{
        ids::TenantId,
        tenant::caller::{Caller, house},
    },
    engine::{
        fault::{Fault, FaultKind},
        keys::open::{IsOpen, OpenHouse, opened},
        operation::Operation as _,
        tenants::{
            health::{Health, HouseHealth},
            logs::{LogPage, ReadAllLogs, ReadLogs},
        },
    },
};

pub(super) fn add(routes: Routes) -> Routes {
    routes
        .post(
            "/api/v1/tenant-management/init-api-key",
            doc("Make the first management key, once, from this machine alone.")
                .makes::<Initialized>(),
            init,
        )
        .get(
            "/api/v1/tenant-management/health",
            doc("Say how the house is, in numbers of all tenants.").gives::<Health>(),
            health,
        )
        .get(
            "/api/v1/tenant-management/audit-logs",
            doc("Read the audit trail of a tenant, or of all, the newest line first.")
                .asks::<WhichLogs>()
                .gives::<LogPage>(),
            logs,
        )
}

/// Headers that a proxy adds: whoever sends one asks for somebody who is elsewhere.
const FORWARDED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

async fn init(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    uri: Uri,
    sent: Body,
) -> Result<Response, Refusal> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    let is_here = peer.is_some_and(|ConnectInfo(peer)| peer.ip().is_loopback());
    let is_sent_on = FORWARDED.iter().any(|name| headers.contains_key(*name));
    if !is_here || is_sent_on || !app.setup().address.is_local(&uri, &headers) {
        let message = "the first management key is made on the machine itself";
        let fault = Fault::new(FaultKind::Forbidden, "LOOPBACK_ONLY", message);
        return Err(fault
            .hint("ask from there, or use `flightdeck keys init`")
            .into());
    }
    body::none(sent).await?;
    let engine = Caller::engine(house());
    // Looked at first, so that whoever asks again and again fills no trail.
    if app.core().ask(&engine, IsOpen {}).await?.open {
        return Err(opened().into());
    }
    let made = app.core().ask(&engine, OpenHouse {}).await?;
    let answer = Initialized {
        message: "Tenant management API key initialized",
        api_key: made.key,
        warning: "Save this key securely. It cannot be retrieved again.",
    };
    Ok((StatusCode::CREATED, answered(false, &answer)).into_response())
}

async fn health(desk: Desk) -> Result<Response, Refusal> {
    let health = desk.app.core().ask(desk.caller(), HouseHealth {}).await?;
    Ok(answered(false, &health))
}

async fn logs(desk: Desk, uri: Uri) -> Result<Response, Refusal> {
    let caller = desk.caller();
    if !caller.may(ReadAllLogs::KIND.permission()) {
        let permission = ReadAllLogs::KIND.permission();
        return Err(Fault::forbidden(caller, permission).into());
    }
    let WhichLogs {
        tenant_id,
        limit,
        cursor,
    } = body::query(&uri, &["limit"])?;
    let core = desk.app.core();
    let page = match tenant_id {
        None => core.ask(caller, ReadAllLogs { limit, cursor }).await?,
        Some(named) => {
            let tenant: Option<TenantId> = named.parse().ok();
            let tenant = tenant.ok_or_else(|| Fault::absent("tenant", &named))?;
            let own = tenant == house();
            if !own && !desk.app.0.door.lists(core, &tenant, desk.guest.at).await? {
                return Err(Fault::absent("tenant", &named).into());
            }
            let caller = Caller {
                tenant,
                ..caller.clone()
            };
            core.ask(&caller, ReadLogs { limit, cursor }).await?
        }
    };
    Ok(answered(false, &page))
}
