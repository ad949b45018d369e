//! Makes a key for the server: the key is shown once, and what goes into the settings is
//! its digest.

use clap::Args;
use serde_json::json;

use super::{Ended, out};
use crate::{
    config::Settings,
    domain::{
        ids::TenantId,
        policy::Permission,
        tenant::{caller::is_reserved, key::Fresh, role::Role},
        text,
    },
};

/// Make a key for the server, and show it once.
#[derive(Debug, Args)]
pub struct Key {
    /// Who it is for, as the audit trail names them.
    name: String,
    /// viewer, trafficker, approver, admin or on-call.
    #[arg(long, default_value = "trafficker")]
    role: String,
    /// Narrow it to a scope, such as bookings:read; may be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
}

/// Makes it, and prints it with its settings.
pub fn run(settings: &Settings, key: &Key, as_json: bool) -> Result<(), Ended> {
    let usage = |what: &str, text: &str, why: &dyn std::fmt::Display| {
        Ended::Usage(format!("{what} `{}` {why}", text::echo(text)))
    };
    text::check_line(&key.name, 100).map_err(|why| usage("the name", &key.name, &why))?;
    if is_reserved(&key.name) {
        return Err(usage(
            "the name",
            &key.name,
            &"is the engine's own; choose another",
        ));
    }
    let role: Role = key
        .role
        .parse()
        .map_err(|why| usage("the role", &key.role, &why))?;
    for scope in &key.scopes {
        scope
            .parse::<Permission>()
            .map_err(|why| usage("the scope", scope, &why))?;
    }
    let tenant: TenantId = settings.default_tenant()?;
    let fresh = Fresh::make();
    if as_json {
        return out::json(&json!({
            "key": fresh.key, "id": fresh.id, "sha256": fresh.sha256, "name": key.name,
            "role": role, "tenant": tenant, "scopes": key.scopes,
        }));
    }
    out::note("This key is shown once. Keep it secret.");
    out::line(&fresh.key)?;
    out::note("Add this to the settings of the server:");
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let scopes: Vec<String> = key.scopes.iter().map(|scope| quoted(scope)).collect();
    out::note("");
    for (name, value) in [
        ("[[keys]]", String::new()),
        ("name   = ", quoted(&key.name)),
        ("id     = ", quoted(&fresh.id)),
        ("sha256 = ", quoted(&fresh.sha256)),
        ("role   = ", quoted(role.name())),
        ("tenant = ", quoted(tenant.as_str())),
        ("scopes = ", format!("[{}]", scopes.join(", "))),
    ] {
        out::note(&format!("{name}{value}"));
    }
    Ok(())
}
