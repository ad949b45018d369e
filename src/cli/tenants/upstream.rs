//! The tenant-management server of another house from the command line: what it is and offers, its
//! tenants, and what can be done to them there. What is not offered there is said, not tried.

use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use super::read;
use crate::{
    cli::{Ended, out},
    domain::{
        tenant::server::{Act, Feature, shown::ServerTenant},
        text::echo,
    },
    engine::{
        question,
        tenants::upstream::{
            act::{ActOnServer, Acted},
            view::{ServerTenantView, ServerView, ShowServer, ShowServerTenant},
        },
    },
    session::Session,
};

/// Look at the tenant server of another house, and act on it.
#[derive(Debug, Subcommand)]
pub enum Upstream {
    /// List its tenants, and say what it is.
    List,
    /// Say what it offers, and what it does not.
    Offers,
    /// Show one of its tenants in full.
    Show(Show),
    /// Open a tenant there; what it opens with is shown once.
    Create(Fields),
    /// Change a tenant there: what is said, and nothing else.
    Update(Change),
    /// Close a tenant there.
    Deactivate(Which),
    /// Open a tenant there again.
    Reactivate(Which),
    /// Let somebody buy from a tenant there; the token is shown once.
    Principal(Change),
    /// Have the inventory of a tenant brought there from its ad server.
    SyncInventory(Which),
    /// Have the orders of a tenant brought there from its ad server.
    SyncOrders(Which),
}

/// Which tenant there.
#[derive(Debug, Args)]
pub struct Which {
    /// Its id there.
    #[arg(id = "there", value_name = "TENANT")]
    tenant: String,
}

/// Which tenant there, and what of it.
#[derive(Debug, Args)]
pub struct Show {
    /// Its id there.
    #[arg(id = "there", value_name = "TENANT")]
    tenant: String,
    /// So many lines of its audit log too.
    #[arg(long, value_name = "N", default_value_t = 0)]
    audit: u32,
}

/// What is said.
#[derive(Debug, Args)]
pub struct Fields {
    /// A field, such as `subdomain=sports`; what is JSON is taken as that. May be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// A JSON object with the fields, credentials too; - reads standard input.
    #[arg(long, value_name = "FILE")]
    from: Option<String>,
}

/// What is said of which tenant there.
#[derive(Debug, Args)]
pub struct Change {
    /// Its id there.
    #[arg(id = "there", value_name = "TENANT")]
    tenant: String,
    #[command(flatten)]
    fields: Fields,
}

impl Fields {
    fn read(self) -> Result<Map<String, Value>, Ended> {
        let mut fields: Map<String, Value> = match self.from.as_deref() {
            None => Map::new(),
            Some(from) => {
                let told = |why| Ended::Usage(format!("{}: {why}", echo(from)));
                question::read_any(&read(from)?).map_err(told)?
            }
        };
        for said in self.set {
            let (name, value) = said.split_once('=').ok_or_else(|| {
                let said = format!("--set: {} is not NAME=VALUE", echo(&said));
                Ended::Usage(format!("{said}\nhint: such as subdomain=sports"))
            })?;
            // What is no JSON is a word.
            let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
            fields.insert(name.to_owned(), value);
        }
        Ok(fields)
    }
}

/// Does it.
pub(super) async fn run(session: &Session, what: Upstream, as_json: bool) -> Result<(), Ended> {
    let act = match what {
        Upstream::List => return list(&session.ask(ShowServer::default()).await?, as_json),
        Upstream::Offers => {
            let view = session.ask(ShowServer { anew: true }).await?;
            return offers(&view, as_json);
        }
        Upstream::Show(Show { tenant, audit }) => {
            let view = session.ask(ShowServerTenant { tenant, audit }).await?;
            return show(&view, as_json);
        }
        Upstream::Create(fields) => Act::Create {
            fields: fields.read()?,
        },
        Upstream::Update(Change { tenant, fields }) => Act::Update {
            tenant,
            fields: fields.read()?,
        },
        Upstream::Principal(Change { tenant, fields }) => Act::CreatePrincipal {
            tenant,
            fields: fields.read()?,
        },
        Upstream::Deactivate(Which { tenant }) => Act::Deactivate { tenant },
        Upstream::Reactivate(Which { tenant }) => Act::Reactivate { tenant },
        Upstream::SyncInventory(Which { tenant }) => Act::SyncInventory { tenant },
        Upstream::SyncOrders(Which { tenant }) => Act::SyncOrders { tenant },
    };
    acted(&session.ask(ActOnServer(act)).await?, as_json)
}

fn list(view: &ServerView, as_json: bool) -> Result<(), Ended> {
    if as_json {
        return out::json(view);
    }
    let mut table = out::Table::new(&["ID", "NAME", "SUBDOMAIN", "STATE", "AD SERVER"]);
    for one in &view.tenants {
        table.row(&row(one));
    }
    table.print()?;
    out::note(&view.sentence());
    Ok(())
}

fn row(one: &ServerTenant) -> [String; 5] {
    [
        one.tenant_id.clone(),
        one.name.clone(),
        one.subdomain.clone(),
        one.state().to_owned(),
        one.ad_server.clone(),
    ]
}

fn offers(view: &ServerView, as_json: bool) -> Result<(), Ended> {
    if as_json {
        return out::json(view);
    }
    let mut table = out::Table::new(&["TO", "OFFERED", "NOTE"]);
    for offer in &view.offers {
        let is = if offer.offered { "yes" } else { "not offered" };
        table.row(&[offer.words.clone(), is.to_owned(), offer.note.clone()]);
    }
    table.print()?;
    for (name, value) in &view.health {
        out::note(&format!("health: {name} {value}"));
    }
    out::note(&view.sentence());
    Ok(())
}

fn show(view: &ServerTenantView, as_json: bool) -> Result<(), Ended> {
    if as_json {
        return out::json(view);
    }
    let one = &view.tenant;
    let names = ["id", "name", "subdomain", "state", "ad server"];
    for (name, value) in names.iter().zip(row(one)) {
        out::line(&format!("{name:<12} {value}"))?;
    }
    for (name, value) in &one.more {
        out::line(&format!("{name:<12} {value}"))?;
    }
    for principal in view.principals.iter().flatten() {
        out::line(&format!("principal    {principal}"))?;
    }
    for (name, value) in view.status.iter().flatten() {
        out::line(&format!("status       {name} {value}"))?;
    }
    for line in view.audit.iter().flatten() {
        out::line(&format!("audit        {line}"))?;
    }
    let hidden = |feature| matches!(feature, Feature::Status);
    for offer in view.not_offered.iter().filter(|it| !hidden(it.feature)) {
        out::note(&format!(
            "not offered there: {} ({})",
            offer.words, offer.note
        ));
    }
    Ok(())
}

fn acted(acted: &Acted, as_json: bool) -> Result<(), Ended> {
    if as_json {
        return out::json(acted);
    }
    out::line(&format!("{}: {}", acted.line, acted.outcome.words()))?;
    if !acted.said.is_empty() {
        out::note(&format!("it says: {}", acted.said));
    }
    for one in &acted.differs {
        out::note(&format!("disagrees: {}", one.sentence()));
    }
    if !acted.not_shown.is_empty() {
        let names = acted.not_shown.join(", ");
        out::note(&format!("it does not show: {names}"));
    }
    if let Some(tenant) = &acted.tenant {
        out::line(&row(tenant).join("  "))?;
    }
    for secret in &acted.secrets {
        super::shown_once(&secret.name, Some(secret.value.reveal()))?;
    }
    Ok(())
}
