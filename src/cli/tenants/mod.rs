//! Tenants from the command line: listed, shown, opened, changed, closed and forgotten, with
//! their principals and how they are. Credentials come from a file or standard input, never
//! from the command line, which others can read.

mod principals;
mod show;
mod sync;
mod upstream;

use std::io::Read as _;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{
    Ended, Shown,
    open::Desktop,
    operator::{self, agreed, of_tenant, shown_once},
    out,
};
use crate::{
    config::Settings,
    domain::{
        tenant::{features::Sent, secret::Secret},
        text::echo,
    },
    engine::{
        question,
        tenants::{
            create::CreateTenant,
            delete::DeleteTenant,
            fields::TenantFields,
            get::GetTenant,
            list::ListTenants,
            status::GetStatus,
            update::{DeactivateTenant, ReactivateTenant, UpdateTenant},
        },
    },
    session::Session,
};

/// Look after the tenants.
#[derive(Debug, Subcommand)]
pub enum Tenants {
    /// List all tenants, newest first.
    List(List),
    /// Show a tenant.
    Show(Which),
    /// Open a tenant; the keys that it begins with are shown once.
    Create(Create),
    /// Change a tenant: what is said, and nothing else.
    Update(Update),
    /// Close a tenant: its keys open nothing until it is reactivated.
    Deactivate(Which),
    /// Open a tenant again.
    Reactivate(Which),
    /// Forget a tenant and everything that is kept of it.
    Delete(Delete),
    /// Say how a tenant is: its ad server, what waits, what runs, what could not be delivered.
    Status(Which),
    /// Bring here what a tenant's ad server has.
    Sync(sync::Sync),
    /// Tell how a tenant's copy of its ad server does, and list its last syncs.
    Syncs(sync::Syncs),
    /// Test the connection to a tenant's ad server.
    Test(sync::Test),
    /// Look after a tenant's principals.
    #[command(subcommand)]
    Principals(principals::Principals),
    /// Look at the tenant server of another house, and act on it.
    #[command(subcommand)]
    Upstream(upstream::Upstream),
}

/// Which tenants are listed.
#[derive(Debug, Args)]
pub struct List {
    /// Only those that are open.
    #[arg(long, conflicts_with = "inactive")]
    active: bool,
    /// Only those that are closed.
    #[arg(long)]
    inactive: bool,
    /// Only those whose name, subdomain or id contains this.
    #[arg(long)]
    search: Option<String>,
}

/// Which tenant.
#[derive(Debug, Args)]
pub struct Which {
    /// Its id or its subdomain.
    #[arg(value_name = "TENANT")]
    which: String,
}

/// What is set beside names.
#[derive(Debug, Default, Args)]
pub struct Set {
    /// `google_ad_manager`, `kevel`, `triton_digital` or `mock`.
    #[arg(long, value_name = "NAME")]
    ad_server: Option<String>,
    /// Switch a feature, such as `max_daily_budget=50000`; null takes it back. May be repeated.
    #[arg(long = "feature", value_name = "NAME=VALUE")]
    features: Vec<String>,
    /// A JSON object with whatever else is set, credentials too; - reads standard input.
    #[arg(long, value_name = "FILE")]
    from: Option<String>,
}

/// What is opened.
#[derive(Debug, Args)]
pub struct Create {
    /// What people call it.
    name: String,
    /// The name before our own under which it is asked.
    #[arg(long)]
    subdomain: String,
    /// Begin without a principal.
    #[arg(long)]
    no_principal: bool,
    #[command(flatten)]
    set: Set,
}

/// What is changed.
#[derive(Debug, Args)]
pub struct Update {
    #[command(flatten)]
    which: Which,
    /// What people call it.
    #[arg(long)]
    name: Option<String>,
    /// The name before our own under which it is asked.
    #[arg(long)]
    subdomain: Option<String>,
    #[command(flatten)]
    set: Set,
}

/// What is forgotten.
#[derive(Debug, Args)]
pub struct Delete {
    #[command(flatten)]
    which: Which,
    /// Its name, typed in advance by whoever agrees.
    #[arg(long, value_name = "NAME")]
    yes: Option<String>,
}

impl Set {
    /// What is set, on top of what a file says.
    fn fields(self) -> Result<TenantFields, Ended> {
        let mut fields: TenantFields = match self.from.as_deref() {
            None => TenantFields::default(),
            Some(from) => {
                let text = read(from)?;
                let told = |why| Ended::Usage(format!("{}: {why}", echo(from)));
                question::read(&text).map_err(told)?
            }
        };
        fields.ad_server = self.ad_server.or(fields.ad_server);
        for said in self.features {
            let (name, value) = said.split_once('=').ok_or_else(|| {
                let said = format!("--feature: {} is not NAME=VALUE", echo(&said));
                Ended::Usage(format!("{said}\nhint: such as max_daily_budget=50000"))
            })?;
            // What is no JSON is a word.
            let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
            let sent = fields.features.get_or_insert_with(Sent::default);
            sent.0.insert(name.to_owned(), value);
        }
        Ok(fields)
    }
}

fn read(from: &str) -> Result<Vec<u8>, Ended> {
    let mut text = Vec::new();
    let read = match from {
        "-" => std::io::stdin().lock().read_to_end(&mut text).map(drop),
        path => std::fs::read(path).map(|read| text = read),
    };
    read.map_err(|error| Ended::Usage(format!("{}: {error}", echo(from))))?;
    Ok(text)
}

/// Does it.
pub async fn run(settings: &Settings, tenants: Tenants, shown: Shown) -> Result<(), Ended> {
    let desktop = Desktop::open(settings, shown.demo).await?;
    let done = Box::pin(begin(&desktop.session, tenants, shown.as_json)).await;
    let closed = desktop.close().await;
    done?;
    Ok(closed?)
}

async fn begin(own: &Session, tenants: Tenants, as_json: bool) -> Result<(), Ended> {
    // Without a name it is the tenant of whoever sits here, who need not keep the house.
    let of = async |name: &Option<String>| -> Result<Session, Ended> {
        match name {
            None => Ok(own.clone()),
            Some(named) => Ok(of_tenant(&operator::of_house(own)?, named).await?),
        }
    };
    match tenants {
        Tenants::Sync(wanted) => sync::sync(&of(&wanted.name).await?, &wanted, as_json).await,
        Tenants::Syncs(wanted) => {
            let there = of(&wanted.name).await?;
            sync::syncs(&there, wanted.limit, as_json).await
        }
        Tenants::Test(wanted) => sync::test(&of(&wanted.name).await?, as_json).await,
        other => Box::pin(dispatch(&operator::of_house(own)?, other, as_json)).await,
    }
}

async fn dispatch(session: &Session, tenants: Tenants, as_json: bool) -> Result<(), Ended> {
    let of = async |which: &Which| of_tenant(session, &which.which).await;
    match tenants {
        Tenants::List(wanted) => list(session, wanted, as_json).await,
        Tenants::Show(which) => {
            let shown = of(&which).await?.ask(GetTenant {}).await?;
            if as_json {
                out::json(&shown)
            } else {
                show::tenant(&shown)
            }
        }
        Tenants::Create(wanted) => create(session, wanted, as_json).await,
        Tenants::Update(wanted) => {
            let there = of(&wanted.which).await?;
            let mut set = wanted.set.fields()?;
            set.name = wanted.name.or(set.name);
            set.subdomain = wanted.subdomain.or(set.subdomain);
            let question = UpdateTenant {
                set,
                expected_revision: None,
            };
            let shown = there.ask(question).await?;
            if as_json {
                out::json(&shown)
            } else {
                show::tenant(&shown)
            }
        }
        Tenants::Deactivate(which) => {
            let shown = of(&which).await?.ask(DeactivateTenant {}).await?;
            if as_json {
                out::json(&shown)
            } else {
                show::said(&shown)
            }
        }
        Tenants::Reactivate(which) => {
            let shown = of(&which).await?.ask(ReactivateTenant {}).await?;
            if as_json {
                out::json(&shown)
            } else {
                show::said(&shown)
            }
        }
        Tenants::Delete(wanted) => {
            delete(session, &of(&wanted.which).await?, wanted, as_json).await
        }
        Tenants::Status(which) => {
            let status = of(&which).await?.ask(GetStatus {}).await?;
            if as_json {
                out::json(&status)
            } else {
                show::status(&status)
            }
        }
        Tenants::Upstream(what) => upstream::run(session, what, as_json).await,
        Tenants::Principals(principals) => principals::run(session, principals, as_json).await,
        Tenants::Sync(_) | Tenants::Syncs(_) | Tenants::Test(_) => Ok(()),
    }
}

async fn list(session: &Session, wanted: List, as_json: bool) -> Result<(), Ended> {
    let active = (wanted.active || wanted.inactive).then_some(wanted.active);
    let mut question = ListTenants {
        active,
        search: wanted.search,
        ..ListTenants::default()
    };
    let mut all = session.ask(question.clone()).await?;
    while let Some(cursor) = all.next_cursor.take() {
        question.cursor = Some(cursor);
        let page = session.ask(question.clone()).await?;
        all.tenants.extend(page.tenants);
        all.next_cursor = page.next_cursor;
    }
    all.count = all.tenants.len();
    if as_json {
        out::json(&all)
    } else {
        show::list(&all.tenants)
    }
}

async fn create(session: &Session, wanted: Create, as_json: bool) -> Result<(), Ended> {
    let mut fields = wanted.set.fields()?;
    fields.name = Some(wanted.name);
    fields.subdomain = Some(wanted.subdomain);
    fields.ad_server = fields.ad_server.or_else(|| Some("mock".to_owned()));
    if wanted.no_principal {
        fields.create_default_principal = Some(false);
    }
    let made = session.ask(CreateTenant(fields)).await?;
    if as_json {
        return out::json(&made);
    }
    let tenant = &made.tenant;
    let said = format!(
        "{} is open as {}, under {}",
        tenant.name, tenant.tenant_id, tenant.subdomain
    );
    out::note(&said);
    shown_once(
        "The key of its admin",
        made.admin_token.as_ref().map(Secret::reveal),
    )?;
    let token = made.default_principal_token.as_ref().map(Secret::reveal);
    shown_once("The token of its first principal", token)
}

async fn delete(
    session: &Session,
    there: &Session,
    wanted: Delete,
    as_json: bool,
) -> Result<(), Ended> {
    let (shown, status) = (
        there.ask(GetTenant {}).await?,
        there.ask(GetStatus {}).await?,
    );
    let goes = format!(
        "{} ({}) goes with everything that is kept of it: {} principals, {} keys, {} running \
         media buys, its orders, its deliveries and its audit trail.",
        shown.row.name,
        shown.row.tenant_id,
        status.principals_count,
        status.keys_count,
        status.media_buys.active_count
    );
    agreed(&shown.row.name, wanted.yes.as_deref(), &goes)?;
    let tenant_id = shown.row.tenant_id;
    let gone = session.ask(DeleteTenant { tenant_id }).await?;
    if as_json {
        return out::json(&gone);
    }
    out::line(&format!(
        "{} is gone, and {} keys with it",
        gone.name, gone.keys
    ))
}
