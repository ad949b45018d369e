//! Who may do what: one table of permissions against roles. Everything that is not marked
//! here is refused.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::tenant::role::Role;

/// Something that a caller may or may not do. Its name is also the scope of a key.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Permission {
    /// See jobs and what became of them.
    #[serde(rename = "bookings:read")]
    ReadBookings,
    /// Send briefs.
    #[serde(rename = "bookings:write")]
    WriteBookings,
    /// Decide on recommendations, which spends money.
    #[serde(rename = "bookings:approve")]
    ApproveBookings,
    /// Cancel what has not booked, retry what failed.
    #[serde(rename = "bookings:recover")]
    RecoverBookings,
    /// See products and their availability.
    #[serde(rename = "catalogue:read")]
    ReadCatalogue,
    /// Change products and rate cards.
    #[serde(rename = "catalogue:write")]
    WriteCatalogue,
    /// See accounts, orders, lines and creatives.
    #[serde(rename = "orders:read")]
    ReadOrders,
    /// Place and change orders and lines.
    #[serde(rename = "orders:trade")]
    TradeOrders,
    /// See media buys: a buyer its own, everybody else all of the tenant.
    #[serde(rename = "buys:read")]
    ReadBuys,
    /// Order, change and call off media buys.
    #[serde(rename = "buys:trade")]
    TradeBuys,
    /// Agree to guaranteed orders, or not.
    #[serde(rename = "buys:approve")]
    ApproveBuys,
    /// Take in what ad servers counted.
    #[serde(rename = "delivery:record")]
    RecordDelivery,
    /// See to alerts, or put them off.
    #[serde(rename = "alerts:tend")]
    TendAlerts,
    /// Change how lines pace, and take that back.
    #[serde(rename = "pacing:steer")]
    SteerPacing,
    /// See events and background work.
    #[serde(rename = "activity:read")]
    ReadActivity,
    /// See the audit trail.
    #[serde(rename = "audit:read")]
    ReadAudit,
    /// Change a tenant's budget and settings.
    #[serde(rename = "tenant:manage")]
    ManageTenant,
    /// Open, change and close tenants.
    #[serde(rename = "tenants:manage")]
    ManageTenants,
    /// Hand out a tenant's keys and take them back, those of its principals too.
    #[serde(rename = "keys:manage")]
    ManageKeys,
    /// Have a tenant's ad server tested, and bring here what it has.
    #[serde(rename = "ad_server:manage")]
    ManageAdServer,
    /// Say who is told what happens, and see what they were told.
    #[serde(rename = "webhooks:manage")]
    ManageWebhooks,
    /// See what can be booked by the hour, when, and who has.
    #[serde(rename = "bookings.read")]
    ReadSlots,
    /// Book slots, hold them, move them and call them off.
    #[serde(rename = "bookings.manage")]
    ManageSlots,
    /// Say what can be booked, and when.
    #[serde(rename = "bookings.resources.manage")]
    ManageResources,
    /// The engine's own steps.
    #[serde(rename = "engine:run")]
    RunEngine,
}

use Permission as P;

/// The table. Columns: viewer, trafficker, approver, admin, on-call, engine, buyer,
/// operator.
const TABLE: [(Permission, &str, [bool; 8]); 25] = {
    const Y: bool = true;
    const N: bool = false;
    [
        (P::ReadBookings, "bookings:read", [Y, Y, Y, Y, Y, Y, N, N]),
        (P::WriteBookings, "bookings:write", [N, Y, Y, Y, N, N, N, N]),
        (
            P::ApproveBookings,
            "bookings:approve",
            [N, Y, Y, Y, N, N, N, N],
        ),
        (
            P::RecoverBookings,
            "bookings:recover",
            [N, Y, Y, Y, Y, N, N, N],
        ),
        (P::ReadCatalogue, "catalogue:read", [Y, Y, Y, Y, Y, Y, Y, N]),
        (
            P::WriteCatalogue,
            "catalogue:write",
            [N, N, N, Y, N, Y, N, N],
        ),
        (P::ReadOrders, "orders:read", [Y, Y, Y, Y, Y, Y, N, N]),
        (P::TradeOrders, "orders:trade", [N, Y, Y, Y, N, Y, N, N]),
        (P::ReadBuys, "buys:read", [Y, Y, Y, Y, Y, Y, Y, Y]),
        (P::TradeBuys, "buys:trade", [N, Y, Y, Y, N, Y, Y, N]),
        (P::ApproveBuys, "buys:approve", [N, N, N, Y, N, N, N, Y]),
        (
            P::RecordDelivery,
            "delivery:record",
            [N, N, N, Y, N, Y, N, N],
        ),
        (P::TendAlerts, "alerts:tend", [N, Y, Y, Y, Y, N, N, N]),
        (P::SteerPacing, "pacing:steer", [N, Y, Y, Y, N, N, N, N]),
        (P::ReadActivity, "activity:read", [Y, Y, Y, Y, Y, Y, N, Y]),
        (P::ReadAudit, "audit:read", [N, N, Y, Y, Y, Y, N, Y]),
        (P::ManageTenant, "tenant:manage", [N, N, N, Y, N, N, N, N]),
        (P::ManageTenants, "tenants:manage", [N, N, N, N, N, N, N, Y]),
        (P::ManageKeys, "keys:manage", [N, N, N, Y, N, N, N, Y]),
        (
            P::ManageAdServer,
            "ad_server:manage",
            [N, N, N, Y, N, N, N, Y],
        ),
        (
            P::ManageWebhooks,
            "webhooks:manage",
            [N, N, N, Y, N, N, N, Y],
        ),
        (P::ReadSlots, "bookings.read", [Y, Y, Y, Y, Y, Y, N, N]),
        (P::ManageSlots, "bookings.manage", [N, Y, Y, Y, N, Y, N, N]),
        (
            P::ManageResources,
            "bookings.resources.manage",
            [N, N, N, Y, N, N, N, N],
        ),
        (P::RunEngine, "engine:run", [N, N, N, N, N, Y, N, N]),
    ]
};

impl Permission {
    /// Every permission, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(permission, ..)| *permission)
    }

    /// The name on the wire, which is also the scope.
    #[must_use]
    pub fn name(self) -> &'static str {
        TABLE
            .iter()
            .find(|row| row.0 == self)
            .map_or("", |row| row.1)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// No scope that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a scope that is known here, such as bookings:read")]
pub struct UnknownScope;

impl FromStr for Permission {
    type Err = UnknownScope;
    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        TABLE
            .iter()
            .find(|row| row.1 == text)
            .map(|row| row.0)
            .ok_or(UnknownScope)
    }
}

/// Whether a role may do it.
#[must_use]
pub fn allows(role: Role, permission: Permission) -> bool {
    let row = TABLE.iter().find(|row| row.0 == permission);
    let column = Role::ALL.iter().position(|one| *one == role);
    row.zip(column).is_some_and(|(row, column)| row.2[column])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_one_row_and_its_wire_name() {
        for permission in Permission::all() {
            assert_eq!(TABLE.iter().filter(|row| row.0 == permission).count(), 1);
            let wire = serde_json::to_value(permission).expect("json");
            assert_eq!(wire, permission.name());
            assert_eq!(permission.name().parse(), Ok(permission));
        }
    }
}
