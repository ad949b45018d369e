//! Who works at the demonstration's desk.

use crate::{
    domain::{
        ids::TenantId,
        tenant::{caller::Caller, role::Role},
    },
    engine::fault::Fault,
};

/// The tenant that everything happens in.
const TENANT: &str = "demo";
/// Whoever sits at the console.
const YOU: &str = "you@demo";

/// Everybody else, by name.
const PEOPLE: [(&str, Role); 10] = [
    ("mara", Role::Trafficker),
    ("jonas", Role::Trafficker),
    ("planner-bot", Role::Trafficker),
    ("priya", Role::Approver),
    ("sofia", Role::Admin),
    ("night-desk", Role::OnCall),
    ("rosa", Role::Operator),
    ("dana", Role::Viewer),
    ("lumen-cycles", Role::Buyer),
    ("northwind-foods", Role::Buyer),
];

/// The tenant.
///
/// # Errors
/// Never: it is a name that a tenant may have.
pub fn tenant() -> Result<TenantId, Fault> {
    TENANT.parse().map_err(Fault::broken)
}

/// Whoever sits at the console: may try everything.
///
/// # Errors
/// Never, as [`tenant`].
pub fn you() -> Result<Caller, Fault> {
    Ok(Caller::new(YOU, tenant()?, Role::Admin))
}

/// Somebody of the desk; a name that nobody has may look on.
///
/// # Errors
/// Never, as [`tenant`].
pub fn somebody(name: &str) -> Result<Caller, Fault> {
    let known = PEOPLE.iter().find(|(known, _)| *known == name);
    let role = known.map_or(Role::Viewer, |(_, role)| *role);
    Ok(Caller::new(name, tenant()?, role))
}
