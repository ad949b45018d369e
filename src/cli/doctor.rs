//! Says what is wrong with a set-up and how to mend it. Looks only; mends nothing.

mod shared;

use std::{fs, path::Path};

use futures_util::future::join_all;
use serde_json::json;

use super::{Ended, console, engines, open, out};
use crate::{
    api::tls::Certificate,
    config::{self, Settings, Unusable},
    domain::{booking::asked::AskedSeller, ids::TenantId},
    engine::activity::anchor,
    store::{Keeping, open::Database},
};

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    state: State,
    said: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Fine,
    Warning,
    Wrong,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Warning => "warn",
            Self::Wrong => "FAIL",
        }
    }
}

/// Looks at everything and prints what was found.
pub async fn run(settings: &Settings, named: Option<&Path>, as_json: bool) -> Result<(), Ended> {
    let mut found = vec![settings_file(named)];
    found.extend(console::wrong(settings).map(|said| Finding {
        what: "console",
        state: State::Wrong,
        said,
    }));
    if let Some(named) = &settings.engine {
        found.push(elsewhere(settings, named).await?);
    } else {
        found.extend([keys(settings), address(settings)]);
        found.extend(shared::shared(settings));
        match missing(settings)? {
            Some(finding) => found.push(finding),
            None => found.extend(open_and_look(settings).await?),
        }
    }
    print(&found, as_json)
}

/// Says that the settings cannot be read, which is all there is to find then.
pub fn unread(wrong: &Unusable, as_json: bool) -> Result<(), Ended> {
    let finding = Finding {
        what: "settings",
        state: State::Wrong,
        said: wrong.to_string(),
    };
    print(&[finding], as_json)
}

fn print(found: &[Finding], as_json: bool) -> Result<(), Ended> {
    if as_json {
        let one = |finding: &Finding| json!({ "what": finding.what, "state": finding.state.name(), "said": finding.said });
        out::json(&found.iter().map(one).collect::<Vec<_>>())?;
    } else {
        for finding in found {
            let mut lines = finding.said.lines();
            out::line(&format!(
                "{:<5}{:<10}{}",
                finding.state.name(),
                finding.what,
                lines.next().unwrap_or_default()
            ))?;
            for line in lines {
                out::line(&format!("{:15}{line}", ""))?;
            }
        }
    }
    if found.iter().any(|finding| finding.state == State::Wrong) {
        Err(Ended::Code(6))
    } else {
        Ok(())
    }
}

/// Whether the engine somewhere else answers, and as whom it knows us; its database and its audit
/// trail are looked at where they are.
async fn elsewhere(settings: &Settings, named: &str) -> Result<Finding, Ended> {
    let (state, said) = match engines::open(settings, named).await {
        Ok(session) => {
            let caller = session.caller();
            let said = format!(
                "{} answers, and knows us as {}, {} of {}\nhint: its database and trail are looked at where it runs",
                engines::label(settings, named),
                caller.name,
                caller.role,
                caller.tenant
            );
            (State::Fine, said)
        }
        Err(Ended::Fault(fault)) => (State::Wrong, fault.to_string()),
        Err(other) => return Err(other),
    };
    Ok(Finding {
        what: "engine",
        state,
        said,
    })
}

/// A database file that is not there yet: opening it would make it.
fn missing(settings: &Settings) -> Result<Option<Finding>, Ended> {
    Ok(open::missing(settings)?.map(|database| Finding {
        what: "database",
        state: State::Fine,
        said: format!("none yet; the first start makes {database}"),
    }))
}

async fn open_and_look(settings: &Settings) -> Result<Vec<Finding>, Ended> {
    let wrong = |what, said: String| Finding {
        what,
        state: State::Wrong,
        said,
    };
    match open::open(settings).await {
        Ok(opened) => {
            let found = database(settings, &opened).await;
            opened.store.close().await;
            Ok(found)
        }
        Err(Ended::Database(error)) => Ok(vec![wrong("database", error.to_string())]),
        Err(Ended::Fault(fault)) => Ok(vec![wrong("engine", fault.to_string())]),
        Err(other) => Err(other),
    }
}

fn settings_file(named: Option<&Path>) -> Finding {
    let said = match (named, config::usual_file()) {
        (Some(path), _) => format!("the file is {}", path.display()),
        (None, Some(path)) if path.exists() => format!("the usual file is {}", path.display()),
        (None, Some(path)) => format!(
            "no file at {}: everything is as it comes\nhint: config.example.toml lists every setting",
            path.display()
        ),
        (None, None) => "this system names no home for settings; use --config".to_owned(),
    };
    Finding {
        what: "settings",
        state: State::Fine,
        said,
    }
}

fn keys(settings: &Settings) -> Finding {
    let said = match (settings.keys.len(), settings.server.open_as.as_str()) {
        (0, "none") => "no keys are set up, so `serve` answers nobody\nhint: make one with `flightdeck key NAME`".to_owned(),
        (0, role) => return Finding {
            what: "keys",
            state: State::Warning,
            said: format!("no keys are set up: everybody on this machine is a {role}\nhint: make one with `flightdeck key NAME`"),
        },
        (count, _) => format!("{count} set up"),
    };
    let state = if settings.keys.is_empty() {
        State::Wrong
    } else {
        State::Fine
    };
    Finding {
        what: "keys",
        state,
        said,
    }
}

fn address(settings: &Settings) -> Finding {
    let bind = &settings.server.bind;
    let local =
        bind.starts_with("127.") || bind.starts_with("localhost") || bind.starts_with("[::1]");
    if !settings.server.tls_cert.is_empty() {
        return certificate(settings);
    }
    match (local, settings.server.allow_plain_http) {
        (true, _) => Finding {
            what: "server",
            state: State::Fine,
            said: format!("would listen on {bind}, for this machine only"),
        },
        (false, true) => Finding {
            what: "server",
            state: State::Warning,
            said: format!(
                "would listen on {bind} in plain HTTP: put a proxy with TLS in front of it"
            ),
        },
        (false, false) => Finding {
            what: "server",
            state: State::Wrong,
            said: format!(
                "{bind} can be reached from elsewhere, and plain HTTP is not allowed there\nhint: bind 127.0.0.1, or set `server.allow_plain_http`"
            ),
        },
    }
}

/// Whether the certificate and its key can be used as they are in their files now: a server that
/// runs takes up what was renewed, and goes on with what it had where it cannot.
fn certificate(settings: &Settings) -> Finding {
    let server = &settings.server;
    let read = Certificate::read(server.tls_cert.as_ref(), server.tls_key.as_ref());
    let (state, said) = match read {
        Ok(_) => (
            State::Fine,
            format!(
                "would listen on {} in TLS, with {}",
                server.bind, server.tls_cert
            ),
        ),
        Err(why) => (
            State::Wrong,
            format!(
                "{why}\nhint: a server that runs goes on with the certificate that it had, and one that starts now does not: write both files anew, and neither in part"
            ),
        ),
    };
    Finding {
        what: "server",
        state,
        said,
    }
}

async fn database(settings: &Settings, opened: &open::Opened) -> Vec<Finding> {
    let place = settings.database().unwrap_or_default();
    let Ok(database) = place.parse::<Database>();
    let mut found = Vec::new();
    match opened.core.database().await {
        Ok(version) => found.push(Finding {
            what: "database",
            state: State::Fine,
            said: format!("{version} at {database}"),
        }),
        Err(fault) => found.push(Finding {
            what: "database",
            state: State::Wrong,
            said: fault.to_string(),
        }),
    }
    if let Database::File(path) = &database {
        found.extend(private(path));
    }
    found.extend(wall(opened).await);
    found.extend(keeping(opened).await);
    found.extend(sellers(opened).await);
    found.push(trail(opened).await);
    found
}

/// Whether each seller somewhere else shows what it has.
async fn sellers(opened: &open::Opened) -> Vec<Finding> {
    let all = &opened.core.desk().sellers;
    let now = opened.core.clock().now();
    let mut found = Vec::new();
    for tenant in all.tenants() {
        let looked = join_all(all.of(tenant).iter().map(|one| one.look(now))).await;
        found.extend(looked.into_iter().map(|one| seller(tenant, &one.asked)));
    }
    found
}

fn seller(tenant: &TenantId, asked: &AskedSeller) -> Finding {
    let (name, kind) = (&asked.seller, asked.kind.name());
    let place = asked.place.as_deref().unwrap_or_default();
    let who = format!("{name} of {tenant}, {kind} at {place}");
    let (state, said) = match (&asked.trouble, asked.products) {
        (Some(why), _) => (
            State::Warning,
            format!(
                "{who}: {why}\nhint: jobs are researched without it; see to its address and key in `desks.{tenant}.sellers`"
            ),
        ),
        (None, 0) => (
            State::Warning,
            format!(
                "{who}: it has no product that can be considered{}",
                left_out(asked)
            ),
        ),
        (None, n) => (
            State::Fine,
            format!("{who}: {n} products{}", left_out(asked)),
        ),
    };
    Finding {
        what: "seller",
        state,
        said,
    }
}

fn left_out(asked: &AskedSeller) -> String {
    let lines = asked.left_out.iter();
    lines.fold(String::new(), |said, why| said + "\nleft out: " + why)
}

/// A database that others can read is no private one.
fn private(path: &Path) -> Option<Finding> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).ok()?.permissions());
        (mode & 0o077 != 0).then(|| Finding {
            what: "database",
            state: State::Warning,
            said: format!(
                "{} can be read by others\nhint: chmod 600 it",
                path.display()
            ),
        })
    }
    #[cfg(not(unix))]
    None
}

/// Whether the database itself keeps tenants apart, where it can.
async fn wall(opened: &open::Opened) -> Option<Finding> {
    let finding = |state, said| Finding {
        what: "tenants",
        state,
        said,
    };
    let wall = match opened.core.wall().await {
        Ok(wall) => wall?,
        Err(fault) => return Some(finding(State::Wrong, fault.to_string())),
    };
    let user = &wall.user;
    Some(match (wall.passes.as_str(), wall.open.as_str()) {
        ("", "") => finding(
            State::Fine,
            format!("row-level security keeps them apart; questions are asked as {user}"),
        ),
        ("", open) => finding(
            State::Warning,
            format!(
                "row-level security does not bind {user} in {open}: only the questions keep tenants apart there\nhint: let the owner of these tables start this program once"
            ),
        ),
        (passes, _) => finding(
            State::Warning,
            format!(
                "row-level security binds nobody: {user} {passes}, and could not make or become the role flightdeck_tenants; only the questions keep tenants apart\nhint: as a superuser, `CREATE ROLE flightdeck_tenants NOLOGIN; GRANT flightdeck_tenants TO {user}`, or connect as an owner of the database that is neither superuser nor BYPASSRLS"
            ),
        ),
    })
}

/// Whether what was acknowledged outlives a failure of the database's machine.
async fn keeping(opened: &open::Opened) -> Option<Finding> {
    let (state, said) = match opened.core.keeping().await {
        Ok(keeping) => kept(&keeping?),
        Err(fault) => (
            State::Warning,
            format!(
                "the database does not say how it keeps what it has acknowledged: {fault}\nhint: make sure that it waits for its disk, and for a replica before you fail over to one"
            ),
        ),
    };
    Some(Finding {
        what: "keeping",
        state,
        said,
    })
}

/// What the settings of a server mean for what it has acknowledged.
fn kept(keeping: &Keeping) -> (State, String) {
    let Keeping {
        disk,
        commit,
        waited_for,
        replicas,
    } = keeping;
    if disk == "off" || commit == "off" {
        let which = if disk == "off" {
            "fsync"
        } else {
            "synchronous_commit"
        };
        let said = format!(
            "{which} is off: what was acknowledged last is lost when the database's machine stops\nhint: set {which} = on in postgresql.conf"
        );
        return (State::Warning, said);
    }
    let is_waited_for = !waited_for.is_empty() && commit != "local";
    match (replicas, is_waited_for) {
        (_, true) => (
            State::Fine,
            format!(
                "a commit waits for the disk and for replicas ({waited_for}); {replicas} follow"
            ),
        ),
        (0, false) => (
            State::Fine,
            "a commit waits for the disk; no replica follows".to_owned(),
        ),
        (_, false) => (
            State::Warning,
            format!(
                "{replicas} replicas follow, and no commit waits for any: what was acknowledged last is lost when one takes over\nhint: set synchronous_standby_names = 'ANY 1 (*)' and synchronous_commit = on"
            ),
        ),
    }
}

async fn trail(opened: &open::Opened) -> Finding {
    let finding = |state, said| Finding {
        what: "audit",
        state,
        said,
    };
    let anchors = match anchor::read(&opened.anchor) {
        Ok(anchors) => anchors,
        Err(error) => {
            return finding(
                State::Wrong,
                format!(
                    "the anchor {} cannot be read: {error}",
                    opened.anchor.display()
                ),
            );
        }
    };
    match anchor::verify(&opened.core, &anchors).await {
        Err(fault) => finding(State::Wrong, fault.to_string()),
        Ok(verdicts) => match verdicts
            .iter()
            .find_map(|verdict| verdict.found.as_ref().err().map(|why| (verdict, why)))
        {
            Some((verdict, why)) => finding(
                State::Wrong,
                format!("the trail of {} is broken: {why}", verdict.tenant),
            ),
            None if verdicts.iter().any(anchor::Verdict::is_unanchored) => finding(
                State::Warning,
                format!(
                    "a chain has no anchor in {}: a tail that was cut off would not show",
                    opened.anchor.display()
                ),
            ),
            None => finding(State::Fine, format!("{} chains, all whole", verdicts.len())),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(disk: &str, commit: &str, waited_for: &str, replicas: i64) -> (State, String) {
        kept(&Keeping {
            disk: disk.into(),
            commit: commit.into(),
            waited_for: waited_for.into(),
            replicas,
        })
    }

    #[test]
    fn what_a_takeover_would_lose_is_said() {
        let states = [
            (("on", "on", "", 0), State::Fine),
            (("on", "on", "ANY 1 (*)", 2), State::Fine),
            (("on", "remote_apply", "ANY 1 (*)", 2), State::Fine),
            (("on", "on", "", 2), State::Warning),
            (("on", "local", "ANY 1 (*)", 2), State::Warning),
            (("off", "on", "ANY 1 (*)", 2), State::Warning),
            (("on", "off", "", 0), State::Warning),
        ];
        for ((disk, commit, waited_for, replicas), state) in states {
            let (found, said) = server(disk, commit, waited_for, replicas);
            assert!(found == state, "{said}");
            assert_eq!(said.contains("hint: "), state != State::Fine, "{said}");
        }
        let (_, said) = server("on", "on", "", 2);
        assert!(said.starts_with("2 replicas follow"), "{said}");
    }
}
