//! A tenant's ad server: its connection tested, what it has brought here, and how that goes.

use axum::{
    body::Body,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};

use super::{Desk, Refusal, doc, sent::HowSynced, told};
use crate::{
    api::{
        body,
        rest::answered,
        route::{Doc, Routes},
    },
    domain::{ids::SyncId, inventory::kind::What, inventory::run::Run},
    engine::{
        fault::Fault,
        sync::{
            history::{ListSyncs, SyncPage},
            list::{InventoryPage, ListInventory},
            read::GetSync,
            start::StartSync,
            status::{CopyHealth, SyncHealth},
            test::{self, ConnectionView, TestConnection},
        },
    },
};

pub(super) fn add(routes: Routes) -> Routes {
    let starts = |about| -> Doc { doc(about).takes::<HowSynced>().gives::<Run>().lasting() };
    let routes = routes
        .post(
            "/api/v1/tenant-management/tenants/{tenant_id}/sync-inventory",
            starts("Start to bring here the inventory of the tenant's ad server."),
            inventory,
        )
        .post(
            "/api/v1/tenant-management/tenants/{tenant_id}/sync-orders",
            starts("Start to bring here the orders and line items of the tenant's ad server."),
            orders,
        )
        .get(
            "/api/v1/tenant-management/tenants/{tenant_id}/sync-status",
            doc("Say how the copy of the tenant's ad server does.").gives::<CopyHealth>(),
            status,
        )
        .get(
            "/api/v1/tenant-management/tenants/{tenant_id}/sync-history",
            doc("List the syncs of the tenant, the newest first.")
                .asks::<ListSyncs>()
                .gives::<SyncPage>(),
            history,
        );
    routes
        .get(
            "/api/v1/tenant-management/tenants/{tenant_id}/syncs/{sync_id}",
            doc("Show how far one sync has got.").gives::<Run>(),
            one,
        )
        .get(
            "/api/v1/tenant-management/tenants/{tenant_id}/inventory",
            doc("List what was brought here from the tenant's ad server.")
                .asks::<ListInventory>()
                .gives::<InventoryPage>(),
            list,
        )
        .post(
            "/api/v1/tenant-management/tenants/{tenant_id}/test-connection",
            doc("Test the connection to the tenant's ad server.")
                .gives::<ConnectionView>()
                .lasting(),
            test_connection,
        )
}

async fn inventory(desk: Desk, body: Body) -> Result<Response, Refusal> {
    start(desk, What::Inventory, body).await
}

async fn orders(desk: Desk, body: Body) -> Result<Response, Refusal> {
    start(desk, What::Orders, body).await
}

/// Answers with 202: the work goes on.
async fn start(desk: Desk, what: What, body: Body) -> Result<Response, Refusal> {
    let sent = body::maybe::<HowSynced>(&desk.headers, body).await;
    let wanted = sent.map(|sent| StartSync {
        what,
        mode: sent.mode,
    });
    let answer = desk.command(wanted).await?;
    Ok((StatusCode::ACCEPTED, told(&answer)).into_response())
}

async fn status(desk: Desk) -> Result<Response, Refusal> {
    let health = desk.ask(SyncHealth {}).await?;
    Ok(answered(false, &health))
}

async fn history(desk: Desk, uri: Uri) -> Result<Response, Refusal> {
    let question: ListSyncs = body::query(&uri, &["limit"])?;
    let page = desk.ask(question).await?;
    Ok(answered(false, &page))
}

async fn one(desk: Desk) -> Result<Response, Refusal> {
    let named = desk.ids.text("sync_id");
    let sync_id: Result<SyncId, _> = named.parse();
    let sync_id = sync_id.map_err(|_| Fault::absent("sync", named));
    // Whoever may not see it learns nothing of its id.
    let question = match sync_id {
        Ok(sync_id) => GetSync { sync_id },
        Err(fault) => {
            desk.of_tenant::<GetSync>().await?;
            return Err(fault.into());
        }
    };
    let run = desk.ask(question).await?;
    Ok(answered(false, &run))
}

async fn list(desk: Desk, uri: Uri) -> Result<Response, Refusal> {
    let question: ListInventory = body::query(&uri, &["limit"])?;
    let page = desk.ask(question).await?;
    Ok(answered(false, &page))
}

/// Answers with 202 where the ad server has not answered yet.
async fn test_connection(desk: Desk, sent: Body) -> Result<Response, Refusal> {
    let sent = body::none(sent).await;
    let wanted = sent.map(|()| TestConnection::default());
    let answer = desk.command(wanted).await?;
    let caller = desk.of_tenant::<TestConnection>().await?;
    let (core, wait) = (desk.app.core(), desk.app.setup().approve_wait);
    let known = test::wait(core, &caller.tenant, wait).await?;
    let response = answered(answer.replayed, &known);
    if known.testing {
        return Ok((StatusCode::ACCEPTED, response).into_response());
    }
    Ok(response)
}
