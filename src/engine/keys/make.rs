//! Makes a key of the tenant that is asked for.

use std::collections::BTreeSet;

use chrono::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{KeyView, MadeKey, Wanted, check_gift, check_name, mint};
use crate::{
    domain::{
        policy::Permission,
        problem::{Code, Problem},
        tenant::{caller::house, role::Role},
        text::echo,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// The longest life of a key that ends, in seconds: ten years.
const LONGEST_LIFE: u32 = 10 * 366 * 24 * 60 * 60;

/// Makes a key.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeKey {
    /// Who it is for, as the audit trail names them.
    pub name: String,
    /// viewer, trafficker, approver, admin, on-call or buyer; operator in the house alone.
    pub role: String,
    /// What it is narrowed to; none means everything that the role may.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// After how many seconds its time is over; never where it is not said.
    #[serde(default)]
    pub expires_in_seconds: Option<u32>,
}

impl MakeKey {
    fn wanted(self, work: &Work<'_>) -> Result<Wanted, Fault> {
        let wrong = |field: &str, said: String| {
            Fault::field(Problem::new(field, Code::new("INVALID_VALUE"), said))
        };
        check_name(&self.name)?;
        let role: Role = self
            .role
            .parse()
            .map_err(|why| wrong("role", format!("{} {why}", echo(&self.role))))?;
        if (role == Role::Operator) != (*work.tenant() == house()) {
            let said = "operators belong to the house, and everybody else to a tenant";
            return Err(wrong("role", said.into()));
        }
        let scope = |scope: &String| {
            let read = scope.parse::<Permission>();
            read.map_err(|why| wrong("scopes", format!("{} {why}", echo(scope))))
        };
        let scopes: BTreeSet<Permission> =
            self.scopes.iter().map(scope).collect::<Result<_, _>>()?;
        let scopes = (!scopes.is_empty()).then_some(scopes);
        check_gift(work.caller(), role, scopes.as_ref())?;
        let expires_at = match self.expires_in_seconds {
            None => None,
            Some(life) if (1..=LONGEST_LIFE).contains(&life) => {
                Some(work.now() + Duration::seconds(life.into()))
            }
            Some(_) => {
                let said = format!("is not from 1 to {LONGEST_LIFE}");
                return Err(wrong("expires_in_seconds", said));
            }
        };
        Ok(Wanted {
            scopes,
            expires_at,
            ..Wanted::new(work.tenant(), self.name, role)
        })
    }
}

impl Operation for MakeKey {
    const NAME: &'static str = "keys.make";
    const ABOUT: &'static str = "Make a key of the tenant, and show it once.";
    const KIND: Kind = Kind::Command(Permission::ManageKeys);
    type Output = MadeKey;

    async fn perform(self, work: &mut Work<'_>) -> Result<MadeKey, Fault> {
        let wanted = self.wanted(work)?;
        let (key, secret) = mint(work, wanted)?;
        work.about(format!("key/{}", key.id));
        Ok(MadeKey {
            key: Some(secret),
            view: KeyView::of(key, work.now()),
        })
    }

    fn kept(output: &MadeKey) -> serde_json::Result<String> {
        output.kept()
    }
}
