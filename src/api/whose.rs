//! For which tenant an operation is asked: that of the key, or, where the key has charge of all
//! tenants, the one that the request names. Refuses names of tenants that are not there.

use axum::http::HeaderMap;

use super::{App, door::Guest};
use crate::{
    domain::{
        ids::TenantId,
        tenant::{
            caller::{Caller, house},
            role::Role,
        },
    },
    engine::fault::Fault,
};

/// The header that names a tenant.
const NAMED: &str = "x-adcp-tenant";

/// Who asks, and for whom.
///
/// # Errors
/// When somebody with charge of all tenants names one that is not there.
pub async fn whose(app: &App, guest: &Guest, headers: &HeaderMap) -> Result<Caller, Fault> {
    let own = &guest.caller;
    let Some(named) = headers.get(NAMED).filter(|_| own.role == Role::Operator) else {
        return Ok(own.clone());
    };
    let named = named.to_str().unwrap_or_default();
    let Ok(tenant) = named.parse::<TenantId>() else {
        return Err(Fault::absent("tenant", named));
    };
    let door = &app.0.door;
    if tenant != house() && !door.lists(app.core(), &tenant, guest.at).await? {
        return Err(Fault::absent("tenant", named));
    }
    Ok(Caller {
        tenant,
        ..own.clone()
    })
}
