//! Who sits at the console, and what they may. Refuses nothing itself: the engine does.

use crate::{
    domain::{policy::Permission, tenant::caller::Caller, zone::Zone},
    tui::clean::Clean,
};

/// Who sits here and where the engine is.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The caller, with tenant and role.
    pub caller: Caller,
    /// The engine, such as `embedded`.
    pub engine: Clean,
    /// Whether no command may be sent at all.
    pub read_only: bool,
    /// Whether they look after all tenants, as whoever owns the database does.
    pub keeps_house: bool,
    /// Whose clock they go by themselves.
    pub zone: Zone,
}

impl Identity {
    /// Whether they may do it: as who they are, or as an operator of the house.
    pub(super) fn may(&self, permission: Permission) -> bool {
        let of_the_house = matches!(
            permission,
            Permission::ManageTenants
                | Permission::ManageTenant
                | Permission::ManageKeys
                | Permission::ManageAdServer
                | Permission::ManageWebhooks
        );
        self.caller.may(permission) || (self.keeps_house && of_the_house)
    }
}
