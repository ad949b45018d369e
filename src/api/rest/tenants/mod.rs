//! The Tenant Management API: tenants, their principals, keys and workflows, the health of the
//! house and its trails, for whoever holds the management key. Failures are `error` alone.

mod directory;
mod house;
mod keys;
mod principals;
mod sent;
mod syncs;
mod webhooks;
mod workflows;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use super::{answered, done, path::Ids};
use crate::{
    api::{
        App,
        auth::{carries_key, unknown},
        door::Guest,
        rejection::{Rejection, Shape, respond},
        route::{Doc, Routes},
    },
    domain::{
        ids::TenantId,
        tenant::{
            caller::{Caller, house},
            role::Role,
        },
    },
    engine::{core::Answer, fault::Fault, operation::Operation},
};

const SECTION: &str = "Tenant management";

/// Adds the routes.
pub fn add(routes: Routes) -> Routes {
    let routes = house::add(routes);
    let routes = directory::add(routes);
    let routes = principals::add(routes);
    let routes = keys::add(routes);
    let routes = webhooks::add(routes);
    let routes = workflows::add(routes);
    syncs::add(routes)
}

fn doc(about: &'static str) -> Doc {
    Doc::about(SECTION, about)
}

/// A failure as this API writes it.
pub(super) struct Refusal(Fault);

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self(rejection.0)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        respond(&self.0, Shape::Bare)
    }
}

/// Whoever asks, with the ids of the path and how they ask.
pub(super) struct Desk {
    app: App,
    guest: Arc<Guest>,
    ids: Ids,
    headers: HeaderMap,
}

impl FromRequestParts<App> for Desk {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let guest = parts.extensions.get::<Arc<Guest>>().cloned();
        let guest = guest.ok_or_else(|| Fault::broken("a handler behind no gate"))?;
        // Whoever sits at a machine that is open to everybody needs a key all the same, unless
        // they look after its tenant anyway.
        let in_charge = matches!(guest.caller.role, Role::Admin | Role::Operator);
        if !in_charge && !carries_key(&parts.headers) {
            return Err(unknown().into());
        }
        Ok(Self {
            app: app.clone(),
            guest,
            ids: Ids::from_request_parts(parts, app).await?,
            headers: parts.headers.clone(),
        })
    }
}

impl Desk {
    fn caller(&self) -> &Caller {
        &self.guest.caller
    }

    /// Who asks for the tenant of the path. Whoever may not ask this at all is told so before
    /// anything is said of any tenant.
    async fn of_tenant<O: Operation>(&self) -> Result<Caller, Refusal> {
        let (own, named) = (self.caller(), self.ids.text("tenant_id"));
        if !own.may(O::KIND.permission()) {
            return Err(Refusal(Fault::forbidden(own, O::KIND.permission())));
        }
        let of_another = own.role == Role::Operator;
        let tenant = named.parse::<TenantId>().ok();
        let tenant = tenant.filter(|it| of_another || *it == own.tenant);
        let there = match &tenant {
            Some(_) if !of_another => true,
            Some(tenant) if *tenant != house() => {
                let (door, core) = (&self.app.0.door, self.app.core());
                door.lists(core, tenant, self.guest.at).await?
            }
            _ => false,
        };
        match tenant.filter(|_| there) {
            Some(tenant) => Ok(Caller {
                tenant,
                ..own.clone()
            }),
            None => Err(Refusal(Fault::absent("tenant", named))),
        }
    }

    /// Asks something about the tenant of the path.
    async fn ask<O: Operation>(&self, question: O) -> Result<O::Output, Refusal> {
        let caller = self.of_tenant::<O>().await?;
        Ok(self.app.core().ask(&caller, question).await?)
    }

    /// The same, with the answer written out.
    async fn ask_written<O: Operation>(&self, question: O) -> Result<Response, Refusal> {
        let caller = self.of_tenant::<O>().await?;
        let written = self.app.core().ask_written(&caller, question).await?;
        Ok(super::given(written))
    }

    /// Has something done to the tenant of the path; what cannot even be asked is written down
    /// with whoever asked.
    async fn command<O: Operation>(
        &self,
        read: Result<O, Fault>,
    ) -> Result<Answer<O::Output>, Refusal> {
        let caller = match self.of_tenant::<O>().await {
            Ok(caller) => caller,
            Err(refusal) => {
                return Err(super::refuse::<O>(&self.app, self.caller(), refusal.0)
                    .await
                    .into());
            }
        };
        Ok(done(&self.app, (&caller, &self.headers), read).await?)
    }

    /// Has something done in the house.
    async fn command_in_house<O: Operation>(
        &self,
        read: Result<O, Fault>,
    ) -> Result<Answer<O::Output>, Refusal> {
        Ok(done(&self.app, (self.caller(), &self.headers), read).await?)
    }
}

/// Reads a body of JSON.
async fn read<T: DeserializeOwned + JsonSchema>(
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Fault> {
    super::sent(headers, body).await
}

/// Says that something was made.
fn made<T: Serialize>(answer: &Answer<T>) -> Response {
    (
        StatusCode::CREATED,
        answered(answer.replayed, &answer.output),
    )
        .into_response()
}

/// Says what came of a command.
fn told<T: Serialize>(answer: &Answer<T>) -> Response {
    answered(answer.replayed, &answer.output)
}
