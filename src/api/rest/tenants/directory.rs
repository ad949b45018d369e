//! The directory: tenants listed, opened, shown, changed, closed and forgotten.

use axum::{body::Body, http::Uri, response::Response};

use super::{
    Desk, Refusal, doc, made, read,
    sent::{HowDeleted, HowDeletedQuery, Switch, TenantGone, WhichTenants},
    told,
};
use crate::{
    api::{
        body,
        rest::{answered, bookings::seen, given},
        route::Routes,
    },
    domain::{ids::TenantId, tenant::role::Role},
    engine::{
        core::Answer,
        fault::Fault,
        tenants::{
            create::{CreateTenant, CreatedTenant},
            delete::DeleteTenant,
            fields::TenantFields,
            get::GetTenant,
            list::{ListTenants, TenantPage},
            status::{GetStatus, TenantStatus},
            update::{DeactivateTenant, ReactivateTenant, UpdateTenant},
            view::TenantView,
        },
    },
};

pub(super) fn add(routes: Routes) -> Routes {
    let change = |about| {
        doc(about)
            .takes::<TenantFields>()
            .gives::<TenantView>()
            .pinned()
    };
    let routes = routes
        .get(
            "/api/v1/tenant-management/tenants",
            doc("List all tenants, newest first.")
                .asks::<WhichTenants>()
                .gives::<TenantPage>(),
            list,
        )
        .post(
            "/api/v1/tenant-management/tenants",
            doc("Open a tenant; the keys that it begins with are shown once.")
                .takes::<CreateTenant>()
                .makes::<CreatedTenant>(),
            create,
        )
        .get(
            "/api/v1/tenant-management/tenants/{tenant_id}",
            doc("Show a tenant.").gives::<TenantView>(),
            get,
        )
        .put(
            "/api/v1/tenant-management/tenants/{tenant_id}",
            change("Change a tenant: what is sent, and nothing else."),
            update,
        )
        .patch(
            "/api/v1/tenant-management/tenants/{tenant_id}",
            change("The same, for those who write it so."),
            update,
        );
    routes
        .delete(
            "/api/v1/tenant-management/tenants/{tenant_id}",
            doc("Close a tenant, or forget everything of it.")
                .asks::<HowDeletedQuery>()
                .gives::<TenantGone>(),
            delete,
        )
        .post(
            "/api/v1/tenant-management/tenants/{tenant_id}/deactivate",
            doc("Close a tenant: its keys open nothing until it is reactivated.")
                .gives::<TenantView>(),
            deactivate,
        )
        .post(
            "/api/v1/tenant-management/tenants/{tenant_id}/reactivate",
            doc("Open a tenant again.").gives::<TenantView>(),
            reactivate,
        )
        .get(
            "/api/v1/tenant-management/tenants/{tenant_id}/status",
            doc("Say how a tenant is, in one answer.").gives::<TenantStatus>(),
            status,
        )
}

async fn list(desk: Desk, uri: Uri) -> Result<Response, Refusal> {
    let asked: WhichTenants = body::query(&uri, &["limit"])?;
    let question = ListTenants {
        active: asked.is_active.map(|it| it == Switch::True),
        search: asked.search,
        limit: asked.limit,
        cursor: asked.cursor,
    };
    let written = desk.app.core().ask_written(desk.caller(), question).await?;
    Ok(given(written))
}

async fn create(desk: Desk, body: Body) -> Result<Response, Refusal> {
    let sent = read::<CreateTenant>(&desk.headers, body).await;
    let answer = desk.command_in_house(sent).await?;
    Ok(made(&answer))
}

async fn get(desk: Desk) -> Result<Response, Refusal> {
    desk.ask_written(GetTenant {}).await
}

async fn update(desk: Desk, body: Body) -> Result<Response, Refusal> {
    let sent = async {
        let set: TenantFields = read(&desk.headers, body).await?;
        Ok(UpdateTenant {
            set,
            expected_revision: seen(&desk.headers)?,
        })
    };
    let answer = desk.command(sent.await).await?;
    Ok(told(&answer))
}

async fn delete(desk: Desk, uri: Uri, body: Body) -> Result<Response, Refusal> {
    let sent = async {
        let HowDeletedQuery { hard_delete } = body::query(&uri, &[])?;
        let body = body::maybe::<HowDeleted>(&desk.headers, body).await?;
        Ok(hard_delete == Some(Switch::True) || body.hard_delete)
    };
    let hard: Result<bool, Fault> = sent.await;
    let named = desk.ids.text("tenant_id").to_owned();
    if desk.caller().role != Role::Operator || !matches!(hard, Ok(true)) {
        let answer = desk.command(hard.map(|_| DeactivateTenant {})).await?;
        let gone = TenantGone {
            message: "Tenant deactivated successfully",
            tenant_id: answer.output.row.tenant_id,
        };
        return Ok(answered(answer.replayed, &gone));
    }
    let tenant: Result<TenantId, Fault> =
        named.parse().map_err(|_| Fault::absent("tenant", &named));
    let question = tenant.map(|tenant_id| DeleteTenant { tenant_id });
    let Answer { output, replayed } = desk.command_in_house(question).await?;
    let gone = TenantGone {
        message: "Tenant and all related data permanently deleted",
        tenant_id: output.tenant_id,
    };
    Ok(answered(replayed, &gone))
}

async fn deactivate(desk: Desk, sent: Body) -> Result<Response, Refusal> {
    let none = body::none(sent).await;
    let answer = desk.command(none.map(|()| DeactivateTenant {})).await?;
    Ok(told(&answer))
}

async fn reactivate(desk: Desk, sent: Body) -> Result<Response, Refusal> {
    let none = body::none(sent).await;
    let answer = desk.command(none.map(|()| ReactivateTenant {})).await?;
    Ok(told(&answer))
}

async fn status(desk: Desk) -> Result<Response, Refusal> {
    let status = desk.ask(GetStatus {}).await?;
    Ok(answered(false, &status))
}
