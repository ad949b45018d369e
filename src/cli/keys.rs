//! Keys that the house keeps, from the command line: made, listed, rotated, taken back; and the
//! first management key. A key for the settings file is `flightdeck key`.

use clap::{Args, Subcommand};

use super::{
    Ended,
    open::Desktop,
    operator::{of_house, of_tenant, seconds, shown_once},
    out,
};
use crate::{
    config::Settings,
    domain::tenant::{
        caller::{Caller, house},
        key::Standing,
        role::Role,
        secret::Secret,
    },
    engine::keys::{
        KeyView, MadeKey,
        list::{KeyList, ListKeys},
        make::MakeKey,
        open::OpenHouse,
        revoke::RevokeKey,
        rotate::RotateKey,
    },
    session::Session,
};

/// Hand out a tenant's keys and take them back.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make the first management key, once, and show it once.
    Init,
    /// Make a key of the tenant, and show it once.
    Make(Make),
    /// List the tenant's keys, without what would open anything.
    List(List),
    /// Take keys back: they open nothing any more.
    Revoke(These),
    /// Make the key that takes another's place; both open for a while.
    Rotate(Rotate),
}

/// Whose keys.
#[derive(Debug, Clone, Args)]
pub struct Whose {
    /// The house's own: management keys, which have charge of all tenants.
    #[arg(long)]
    house: bool,
}

/// Which key is made.
#[derive(Debug, Args)]
pub struct Make {
    /// Who it is for, as the audit trail names them.
    name: String,
    /// viewer, trafficker, approver, admin, on-call or buyer; or operator, for a management key.
    #[arg(long, default_value = "trafficker")]
    role: String,
    /// Narrow it to a scope, such as bookings:read; may be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// When its time is over, such as 12h or 90d; never where it is not said.
    #[arg(long, value_name = "SPAN")]
    expires_in: Option<String>,
}

/// Which keys are listed.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    whose: Whose,
    /// Those that were taken back too.
    #[arg(long)]
    revoked: bool,
    /// Only those whose name, id or role contains this.
    #[arg(long)]
    search: Option<String>,
}

/// Which keys.
#[derive(Debug, Args)]
pub struct These {
    /// Their readable parts, as `keys list` shows them.
    #[arg(required = true)]
    key_ids: Vec<String>,
    #[command(flatten)]
    whose: Whose,
}

/// Which key, and for how long both open.
#[derive(Debug, Args)]
pub struct Rotate {
    /// Its readable part, as `keys list` shows it.
    key_id: String,
    #[command(flatten)]
    whose: Whose,
    /// For how long the old one still opens, such as 30m; a day where it is not said and at most.
    #[arg(long, value_name = "SPAN")]
    overlap: Option<String>,
}

/// Does it.
pub async fn run(settings: &Settings, keys: Keys, as_json: bool) -> Result<(), Ended> {
    let desktop = Desktop::open(settings, false).await?;
    let (asked, named) = (&desktop.session, settings.in_passing);
    // Somewhere else an admin has a tenant of their own, and a manager says whose keys are meant.
    let session = if asked.is_remote() && (named || !asked.keeps_house()) {
        Ok(asked.clone())
    } else {
        of_house(asked)
    };
    let done = match session {
        Ok(session) => Box::pin(dispatch(settings, &session, keys, as_json)).await,
        Err(fault) => Err(fault.into()),
    };
    let closed = desktop.close().await;
    done?;
    Ok(closed?)
}

/// The session that asks for the keys that are meant.
async fn whose_keys(
    settings: &Settings,
    session: &Session,
    whose: &Whose,
) -> Result<Session, Ended> {
    if whose.house {
        return Ok(of_house(session)?);
    }
    if !session.is_remote() {
        return Ok(of_tenant(session, &settings.tenant).await?);
    }
    if session.caller().tenant == house() {
        let said = "whose keys?\nhint: name a tenant with --tenant, or say --house";
        return Err(Ended::Usage(said.into()));
    }
    Ok(session.clone())
}

async fn dispatch(
    settings: &Settings,
    session: &Session,
    keys: Keys,
    as_json: bool,
) -> Result<(), Ended> {
    let whose = async |whose: &Whose| whose_keys(settings, session, whose).await;
    match keys {
        Keys::Init => {
            let engine = session.asking_as(Caller::engine(house()))?;
            told(&engine.ask(OpenHouse {}).await?, as_json)
        }
        Keys::Make(make) => {
            let expires = make.expires_in.as_deref();
            let expires = expires
                .map(|span| seconds("--expires-in", span))
                .transpose()?;
            let of = Whose {
                house: make.role.parse() == Ok(Role::Operator),
            };
            let question = MakeKey {
                name: make.name,
                role: make.role,
                scopes: make.scopes,
                expires_in_seconds: expires,
            };
            told(&whose(&of).await?.ask(question).await?, as_json)
        }
        Keys::List(list) => {
            let question = ListKeys {
                revoked: list.revoked,
                search: list.search,
            };
            let found = whose(&list.whose).await?.ask(question).await?;
            if as_json {
                return out::json(&found);
            }
            table(&found)
        }
        Keys::Revoke(these) => {
            let session = whose(&these.whose).await?;
            let mut gone = Vec::new();
            for key_id in these.key_ids {
                let view = session.ask(RevokeKey { key_id }).await?;
                if !as_json {
                    out::line(&format!("{} opens nothing any more", named(&view)))?;
                }
                gone.push(view);
            }
            if as_json { out::json(&gone) } else { Ok(()) }
        }
        Keys::Rotate(rotate) => {
            let overlap = rotate.overlap.as_deref();
            let overlap = overlap.map(|span| seconds("--overlap", span)).transpose()?;
            let question = RotateKey {
                key_id: rotate.key_id,
                overlap_seconds: overlap,
            };
            told(&whose(&rotate.whose).await?.ask(question).await?, as_json)
        }
    }
}

/// A key by who it is and its readable part.
fn named(view: &KeyView) -> String {
    format!("{} {} of {}", view.key_id, view.name, view.tenant_id)
}

/// Shows a key that was just made.
fn told(made: &MadeKey, as_json: bool) -> Result<(), Ended> {
    if as_json {
        return out::json(made);
    }
    out::note(&format!("{}, {}", named(&made.view), made.view.role));
    shown_once("This key", made.key.as_ref().map(Secret::reveal))
}

fn table(found: &KeyList) -> Result<(), Ended> {
    let headings = [
        "KEY ID",
        "NAME",
        "ROLE",
        "STATE",
        "SCOPES",
        "PRINCIPAL",
        "MADE",
        "ENDS",
    ];
    let mut table = out::Table::new(&headings);
    for key in &found.keys {
        let state = match key.state {
            Standing::Active => "✓ active",
            Standing::Expired => "! expired",
            Standing::Revoked => "✗ revoked",
        };
        let scopes = key.scopes.as_ref().map_or_else(String::new, |scopes| {
            let names: Vec<&str> = scopes.iter().map(|one| one.name()).collect();
            names.join(" ")
        });
        let at = |at: crate::domain::when::Instant| at.format("%Y-%m-%d %H:%M").to_string();
        table.row(&[
            key.key_id.clone(),
            key.name.clone(),
            key.role.to_string(),
            state.to_owned(),
            scopes,
            key.principal_id.clone().unwrap_or_default(),
            at(key.created_at),
            key.expires_at.map_or_else(String::new, at),
        ]);
    }
    table.print_or("`flightdeck keys make` makes a key")
}
