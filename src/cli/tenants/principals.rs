//! A tenant's principals from the command line.

use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use super::{Which, show};
use crate::{
    cli::{
        Ended,
        operator::{agreed, of_tenant, seconds, shown_once},
        out,
    },
    domain::tenant::secret::Secret,
    engine::{
        fault::Fault,
        tenants::principals::{
            WithToken,
            change::{DeletePrincipal, UpdatePrincipal},
            create::CreatePrincipal,
            list::{GetPrincipal, ListPrincipals},
            rotate::RotateToken,
        },
    },
    session::Session,
};

/// Look after a tenant's principals.
#[derive(Debug, Subcommand)]
pub enum Principals {
    /// List a tenant's principals, newest first.
    List(Which),
    /// Show a principal.
    Show(One),
    /// Add a principal; its token is shown once.
    Create(Create),
    /// Change a principal: what is said, and nothing else.
    Update(Update),
    /// Make a new token for a principal; the old one opens for a while beside it.
    Rotate(Rotate),
    /// Remove a principal and take its tokens back.
    Delete(Delete),
}

/// Which principal.
#[derive(Debug, Args)]
pub struct One {
    #[command(flatten)]
    which: Which,
    /// Its id.
    principal: String,
}

/// What is added.
#[derive(Debug, Args)]
pub struct Create {
    #[command(flatten)]
    which: Which,
    /// What people call it.
    name: String,
    /// The name under which it asks; made of the other where it is not said.
    #[arg(long)]
    id: Option<String>,
    /// What Google Ad Manager calls it.
    #[arg(long, value_name = "ID")]
    gam_advertiser_id: Option<String>,
    /// Let it decide for the publisher.
    #[arg(long)]
    admin: bool,
}

/// What is changed.
#[derive(Debug, Args)]
pub struct Update {
    #[command(flatten)]
    one: One,
    /// What people call it.
    #[arg(long)]
    name: Option<String>,
    /// What Google Ad Manager calls it.
    #[arg(long, value_name = "ID")]
    gam_advertiser_id: Option<String>,
    /// buyer or admin.
    #[arg(long)]
    role: Option<String>,
}

/// Whose token.
#[derive(Debug, Args)]
pub struct Rotate {
    #[command(flatten)]
    one: One,
    /// For how long the old one still opens, such as 30m; a day where it is not said and at most.
    #[arg(long, value_name = "SPAN")]
    overlap: Option<String>,
}

/// Who is removed.
#[derive(Debug, Args)]
pub struct Delete {
    #[command(flatten)]
    one: One,
    /// Its id, typed in advance by whoever agrees.
    #[arg(long, value_name = "ID")]
    yes: Option<String>,
}

/// Does it.
pub async fn run(session: &Session, asked: Principals, as_json: bool) -> Result<(), Ended> {
    match asked {
        Principals::List(which) => {
            let page = of(session, &which)
                .await?
                .ask(ListPrincipals::default())
                .await?;
            if as_json {
                out::json(&page)
            } else {
                show::principals(&page.principals)
            }
        }
        Principals::Show(one) => {
            let principal_id = one.principal;
            let shown = of(session, &one.which)
                .await?
                .ask(GetPrincipal { principal_id })
                .await?;
            if as_json {
                out::json(&shown)
            } else {
                show::principals(&[shown])
            }
        }
        Principals::Create(wanted) => create(session, wanted, as_json).await,
        Principals::Update(wanted) => {
            let question = UpdatePrincipal {
                principal_id: wanted.one.principal,
                name: wanted.name,
                gam_advertiser_id: wanted.gam_advertiser_id.map(Value::from),
                platform_mappings: None,
                role: wanted.role,
            };
            let shown = of(session, &wanted.one.which).await?.ask(question).await?;
            if as_json {
                out::json(&shown)
            } else {
                show::principals(&[shown])
            }
        }
        Principals::Rotate(wanted) => {
            let overlap = wanted.overlap.as_deref();
            let question = RotateToken {
                principal_id: wanted.one.principal,
                overlap_seconds: overlap.map(|span| seconds("--overlap", span)).transpose()?,
                access_token: None,
            };
            told(
                &of(session, &wanted.one.which).await?.ask(question).await?,
                as_json,
            )
        }
        Principals::Delete(wanted) => delete(session, wanted, as_json).await,
    }
}

/// The session, asking for one tenant.
async fn of(session: &Session, which: &Which) -> Result<Session, Fault> {
    of_tenant(session, &which.which).await
}

async fn create(session: &Session, wanted: Create, as_json: bool) -> Result<(), Ended> {
    let question = CreatePrincipal {
        name: wanted.name,
        principal_id: wanted.id,
        gam_advertiser_id: wanted.gam_advertiser_id.map(Value::from),
        platform_mappings: Map::new(),
        role: wanted.admin.then(|| "admin".to_owned()),
        access_token: None,
    };
    let there = of(session, &wanted.which).await?;
    told(&there.ask(question).await?, as_json)
}

async fn delete(session: &Session, wanted: Delete, as_json: bool) -> Result<(), Ended> {
    let there = of(session, &wanted.one.which).await?;
    let principal_id = wanted.one.principal;
    let shown = there.ask(GetPrincipal { principal_id }).await?;
    let goes = format!(
        "{} ({}) goes, and its tokens open nothing any more.",
        shown.name, shown.principal_id
    );
    agreed(&shown.principal_id, wanted.yes.as_deref(), &goes)?;
    let principal_id = shown.principal_id;
    let gone = there.ask(DeletePrincipal { principal_id }).await?;
    if as_json {
        return out::json(&gone);
    }
    out::line(&format!(
        "{} is gone, and {} keys with it",
        gone.principal_id, gone.keys_revoked
    ))
}

/// Shows a token that was just made.
fn told(made: &WithToken, as_json: bool) -> Result<(), Ended> {
    if as_json {
        return out::json(made);
    }
    let one = &made.principal;
    out::note(&format!(
        "{} ({}), {}",
        one.name, one.principal_id, one.role
    ));
    shown_once("Its token", made.access_token.as_ref().map(Secret::reveal))
}
