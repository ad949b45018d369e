//! Who is told what happens, from the command line: endpoints, what they were sent, what is sent
//! again, and Slack. A secret is printed once, when it is made.

use clap::{Args, Subcommand};

use super::{Ended, Shown, open::Desktop, out};
use crate::{
    config::Settings,
    domain::{
        ids::{EndpointId, NoticeId},
        notify::slack::Channel,
        tenant::secret::Secret,
        text::echo,
        webhook::notice::NoticeStatus,
        when::rfc3339,
    },
    engine::{
        notify::{
            endpoints::{
                ChangeEndpoint, ListEndpoints, MakeEndpoint, RemoveEndpoint, RotateEndpoint,
                TestEndpoint,
            },
            replay::Replay,
            slack::TestSlack,
            view::{EndpointView, MadeEndpoint},
        },
        webhooks::list::{ListNotices, NoticeView},
    },
    session::Session,
};

/// Say who is told what happens, and see what they were told.
#[derive(Debug, Subcommand)]
pub enum Webhooks {
    /// List endpoints.
    List,
    /// Have an endpoint told what happens.
    Add(Add),
    /// Switch an endpoint on again.
    On(One),
    /// Switch an endpoint off.
    Off(One),
    /// Give an endpoint another secret.
    Rotate(One),
    /// Take an endpoint away.
    Remove(One),
    /// Send an endpoint a test.
    Test(One),
    /// List what was sent, what waits and what was given up.
    Deliveries(Deliveries),
    /// Send again what was given up.
    Replay(Again),
    /// Send Slack a test.
    Slack(Slack),
}

/// A new endpoint.
#[derive(Debug, Args)]
pub struct Add {
    /// Where it is.
    url: String,
    /// What people call it.
    #[arg(long)]
    name: Option<String>,
    /// What it is told of, by the name of the event; may be repeated; everything otherwise.
    #[arg(long = "event", value_name = "EVENT")]
    events: Vec<String>,
    /// standard (Standard Webhooks) or rfc9421 (HTTP message signatures).
    #[arg(long)]
    signing: Option<String>,
}

/// An endpoint.
#[derive(Debug, Args)]
pub struct One {
    /// Its id.
    endpoint_id: String,
}

/// Which deliveries.
#[derive(Debug, Args)]
pub struct Deliveries {
    /// Only to this endpoint.
    #[arg(long)]
    endpoint: Option<String>,
    /// Only those that were given up.
    #[arg(long)]
    dead: bool,
}

/// What is sent again.
#[derive(Debug, Args)]
pub struct Again {
    /// The ids of the deliveries.
    delivery_ids: Vec<String>,
    /// All that this endpoint did not get.
    #[arg(long, conflicts_with = "delivery_ids")]
    endpoint: Option<String>,
}

/// Which channel.
#[derive(Debug, Args)]
pub struct Slack {
    /// The channel for those who keep track.
    #[arg(long)]
    audit: bool,
}

/// Does it.
pub async fn run(settings: &Settings, webhooks: Webhooks, shown: Shown) -> Result<(), Ended> {
    let desktop = Desktop::open(settings, shown.demo).await?;
    let done = Box::pin(dispatch(&desktop.session, webhooks, shown.as_json)).await;
    let closed = desktop.close().await;
    done?;
    Ok(closed?)
}

fn endpoint(text: &str) -> Result<EndpointId, Ended> {
    let said = || Ended::Usage(format!("`{}` is not the id of an endpoint", echo(text)));
    text.parse().map_err(|_| said())
}

async fn dispatch(session: &Session, webhooks: Webhooks, as_json: bool) -> Result<(), Ended> {
    let changed = |one: &One, is_active| {
        Ok::<_, Ended>(ChangeEndpoint {
            endpoint_id: endpoint(&one.endpoint_id)?,
            url: None,
            name: None,
            events: None,
            is_active: Some(is_active),
        })
    };
    match webhooks {
        Webhooks::List => {
            let all = session.ask(ListEndpoints {}).await?;
            if as_json {
                return out::json(&all);
            }
            endpoints(&all.webhooks)
        }
        Webhooks::Add(add) => {
            let ask = MakeEndpoint {
                url: Secret::new(add.url),
                name: add.name,
                events: add.events,
                signing: add.signing,
            };
            made(&session.ask(ask).await?, as_json)
        }
        Webhooks::On(one) => shown(&session.ask(changed(&one, true)?).await?, as_json),
        Webhooks::Off(one) => shown(&session.ask(changed(&one, false)?).await?, as_json),
        Webhooks::Rotate(one) => {
            let endpoint_id = endpoint(&one.endpoint_id)?;
            made(&session.ask(RotateEndpoint { endpoint_id }).await?, as_json)
        }
        Webhooks::Remove(one) => {
            let endpoint_id = endpoint(&one.endpoint_id)?;
            shown(&session.ask(RemoveEndpoint { endpoint_id }).await?, as_json)
        }
        Webhooks::Test(one) => {
            let endpoint_id = endpoint(&one.endpoint_id)?;
            let sent = session.ask(TestEndpoint { endpoint_id }).await?;
            out::line(&sent.delivery_id.to_string())
        }
        Webhooks::Slack(slack) => {
            let channel = if slack.audit {
                Channel::Audit
            } else {
                Channel::Work
            };
            let sent = session.ask(TestSlack { channel }).await?;
            out::line(&sent.delivery_id.to_string())
        }
        Webhooks::Deliveries(which) => deliveries(session, which, as_json).await,
        Webhooks::Replay(again) => replay(session, again, as_json).await,
    }
}

/// Lists deliveries.
pub(super) async fn deliveries(
    session: &Session,
    which: Deliveries,
    as_json: bool,
) -> Result<(), Ended> {
    let ask = ListNotices {
        status: which.dead.then_some(NoticeStatus::Dead),
        about: None,
        endpoint_id: which.endpoint.as_deref().map(endpoint).transpose()?,
        limit: None,
    };
    let found = session.ask(ask).await?;
    if as_json {
        return out::json(&found);
    }
    let row = |one: &NoticeView| {
        let last = one.last.as_ref();
        let error = last.and_then(|last| last.error.clone());
        vec![
            one.id.to_string(),
            one.what.clone(),
            one.status.name().to_owned(),
            one.tries.to_string(),
            one.host.clone(),
            rfc3339(one.created_at),
            error.unwrap_or_default(),
        ]
    };
    let headings = ["ID", "WHAT", "STATUS", "TRIES", "HOST", "SINCE", "TROUBLE"];
    let mut table = out::Table::new(&headings).right(&[3]);
    for one in &found.webhooks {
        table.row(&row(one));
    }
    table.print_or("nothing was sent yet, or a filter hides it")
}

async fn replay(session: &Session, again: Again, as_json: bool) -> Result<(), Ended> {
    let read = |text: &String| {
        let said = || Ended::Usage(format!("`{}` is not the id of a delivery", echo(text)));
        text.parse::<NoticeId>().map_err(|_| said())
    };
    let ask = Replay {
        delivery_ids: again
            .delivery_ids
            .iter()
            .map(read)
            .collect::<Result<_, _>>()?,
        endpoint_id: again.endpoint.as_deref().map(endpoint).transpose()?,
        since: None,
        until: None,
    };
    let done = session.ask(ask).await?;
    if as_json {
        return out::json(&done);
    }
    let more = if done.more {
        ", and there are more"
    } else {
        ""
    };
    out::line(&format!("{} are sent again{more}", done.delivery_ids.len()))
}

fn endpoints(all: &[EndpointView]) -> Result<(), Ended> {
    let row = |one: &EndpointView| {
        let events: Vec<&str> = one.events.iter().map(|topic| topic.name()).collect();
        let state = match (&one.disabled_because, one.is_active) {
            (_, true) => "on".to_owned(),
            (Some(why), false) => format!("off: {why}"),
            (None, false) => "off".to_owned(),
        };
        vec![
            one.endpoint_id.to_string(),
            one.name.clone(),
            one.host.clone(),
            one.signing.clone(),
            state,
            if events.is_empty() {
                "everything".to_owned()
            } else {
                events.join(" ")
            },
        ]
    };
    let mut table = out::Table::new(&["ID", "NAME", "HOST", "SIGNING", "STATE", "EVENTS"]);
    for one in all {
        table.row(&row(one));
    }
    table.print_or("`flightdeck webhooks add` names who is told what happens")
}

fn shown(one: &EndpointView, as_json: bool) -> Result<(), Ended> {
    if as_json {
        return out::json(one);
    }
    endpoints(std::slice::from_ref(one))
}

fn made(one: &MadeEndpoint, as_json: bool) -> Result<(), Ended> {
    if as_json {
        return out::json(one);
    }
    endpoints(std::slice::from_ref(&one.view))?;
    if let Some(secret) = &one.secret {
        out::note("This secret is shown once. Keep it where messages are checked.");
        out::line(secret.reveal())?;
    }
    Ok(())
}
