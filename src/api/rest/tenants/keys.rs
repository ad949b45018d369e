//! Keys of a tenant: listed, made, rotated, taken back.

use axum::{body::Body, http::Uri, response::Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Desk, Refusal, doc, made, read,
    sent::{HowRotated, Switch},
    told,
};
use crate::{
    api::{body, rest::answered, route::Routes},
    domain::problem::{Code, Problem},
    engine::{
        fault::Fault,
        keys::{
            KeyView, MadeKey,
            list::{KeyList, ListKeys},
            make::MakeKey,
            revoke::RevokeKey,
            rotate::RotateKey,
        },
    },
};

pub(super) fn add(routes: Routes) -> Routes {
    routes
        .get(
            "/api/v1/tenant-management/tenants/{tenant_id}/keys",
            doc("List a tenant's keys, without what would open anything.")
                .asks::<WhichKeys>()
                .gives::<KeyList>(),
            list,
        )
        .post(
            "/api/v1/tenant-management/tenants/{tenant_id}/keys",
            doc("Make a key of a tenant; it is shown once.")
                .takes::<MakeKey>()
                .makes::<MadeKey>(),
            make,
        )
        .post(
            "/api/v1/tenant-management/tenants/{tenant_id}/keys/{key_id}/rotate",
            doc("Make the key that takes another's place; it is shown once.")
                .takes::<HowRotated>()
                .gives::<MadeKey>(),
            rotate,
        )
        .delete(
            "/api/v1/tenant-management/tenants/{tenant_id}/keys/{key_id}",
            doc("Take a key back.").gives::<KeyView>(),
            revoke,
        )
}

/// Which keys are listed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct WhichKeys {
    /// Those that were taken back too.
    revoked: Option<Switch>,
    /// Only those whose name, id or role contains this.
    search: Option<String>,
}

async fn list(desk: Desk, uri: Uri) -> Result<Response, Refusal> {
    let WhichKeys { revoked, search } = body::query(&uri, &[])?;
    let question = ListKeys {
        revoked: revoked == Some(Switch::True),
        search,
    };
    let keys = desk.ask(question).await?;
    Ok(answered(false, &keys))
}

async fn make(desk: Desk, body: Body) -> Result<Response, Refusal> {
    let sent = read::<MakeKey>(&desk.headers, body).await;
    let answer = desk.command(sent).await?;
    Ok(made(&answer))
}

async fn rotate(desk: Desk, body: Body) -> Result<Response, Refusal> {
    let sent = body::maybe::<HowRotated>(&desk.headers, body).await;
    let question = sent.and_then(|sent| {
        if sent.access_token.is_some() {
            let said = "is chosen for principals alone";
            let problem = Problem::new("access_token", Code::new("INVALID_TOKEN"), said);
            return Err(Fault::field(problem));
        }
        Ok(RotateKey {
            key_id: desk.ids.text("key_id").to_owned(),
            overlap_seconds: sent.overlap_seconds,
        })
    });
    let answer = desk.command(question).await?;
    Ok(told(&answer))
}

async fn revoke(desk: Desk, sent: Body) -> Result<Response, Refusal> {
    let question = body::none(sent).await.map(|()| RevokeKey {
        key_id: desk.ids.text("key_id").to_owned(),
    });
    let answer = desk.command(question).await?;
    Ok(told(&answer))
}
