//! Principals of a tenant: listed, added, shown, changed, removed, their tokens rotated.

use axum::{body::Body, http::Uri, response::Response};

use super::{
    Desk, Refusal, doc, made, read,
    sent::{HowRotated, PrincipalFields},
    told,
};
use crate::{
    api::{body, rest::answered, route::Routes},
    engine::tenants::principals::{
        PrincipalView, WithToken,
        change::{DeletePrincipal, DeletedPrincipal, UpdatePrincipal},
        create::CreatePrincipal,
        list::{GetPrincipal, ListPrincipals, PrincipalPage},
        rotate::RotateToken,
    },
};

pub(super) fn add(routes: Routes) -> Routes {
    let change = |about| {
        doc(about)
            .takes::<PrincipalFields>()
            .gives::<PrincipalView>()
    };
    let routes = routes
        .get(
            "/api/v1/tenant-management/tenants/{tenant_id}/principals",
            doc("List a tenant's principals, newest first.")
                .asks::<ListPrincipals>()
                .gives::<PrincipalPage>(),
            list,
        )
        .post(
            "/api/v1/tenant-management/tenants/{tenant_id}/principals",
            doc("Add a principal; its token is shown once.")
                .takes::<CreatePrincipal>()
                .makes::<WithToken>(),
            create,
        )
        .get(
            "/api/v1/tenant-management/tenants/{tenant_id}/principals/{principal_id}",
            doc("Show a principal.").gives::<PrincipalView>(),
            get,
        );
    routes
        .put(
            "/api/v1/tenant-management/tenants/{tenant_id}/principals/{principal_id}",
            change("Change a principal: what is sent, and nothing else."),
            update,
        )
        .patch(
            "/api/v1/tenant-management/tenants/{tenant_id}/principals/{principal_id}",
            change("The same, for those who write it so."),
            update,
        )
        .delete(
            "/api/v1/tenant-management/tenants/{tenant_id}/principals/{principal_id}",
            doc("Remove a principal and take its tokens back.").gives::<DeletedPrincipal>(),
            delete,
        )
        .post(
            "/api/v1/tenant-management/tenants/{tenant_id}/principals/{principal_id}/rotate-token",
            doc("Make a new token for a principal; it is shown once.")
                .takes::<HowRotated>()
                .gives::<WithToken>(),
            rotate,
        )
}

async fn list(desk: Desk, uri: Uri) -> Result<Response, Refusal> {
    let question: ListPrincipals = body::query(&uri, &["limit"])?;
    let page = desk.ask(question).await?;
    Ok(answered(false, &page))
}

async fn create(desk: Desk, body: Body) -> Result<Response, Refusal> {
    let sent = read::<CreatePrincipal>(&desk.headers, body).await;
    let answer = desk.command(sent).await?;
    Ok(made(&answer))
}

async fn get(desk: Desk) -> Result<Response, Refusal> {
    let principal_id = desk.ids.text("principal_id").to_owned();
    let shown = desk.ask(GetPrincipal { principal_id }).await?;
    Ok(answered(false, &shown))
}

async fn update(desk: Desk, body: Body) -> Result<Response, Refusal> {
    let sent = read::<PrincipalFields>(&desk.headers, body).await;
    let question = sent.map(|sent| UpdatePrincipal {
        principal_id: desk.ids.text("principal_id").to_owned(),
        name: sent.name,
        gam_advertiser_id: sent.gam_advertiser_id,
        platform_mappings: sent.platform_mappings,
        role: sent.role,
    });
    let answer = desk.command(question).await?;
    Ok(told(&answer))
}

async fn delete(desk: Desk, sent: Body) -> Result<Response, Refusal> {
    let question = body::none(sent).await.map(|()| DeletePrincipal {
        principal_id: desk.ids.text("principal_id").to_owned(),
    });
    let answer = desk.command(question).await?;
    Ok(told(&answer))
}

async fn rotate(desk: Desk, body: Body) -> Result<Response, Refusal> {
    let sent = body::maybe::<HowRotated>(&desk.headers, body).await;
    let question = sent.map(|sent| RotateToken {
        principal_id: desk.ids.text("principal_id").to_owned(),
        overlap_seconds: sent.overlap_seconds,
        access_token: sent.access_token,
    });
    let answer = desk.command(question).await?;
    Ok(told(&answer))
}
