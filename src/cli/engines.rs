//! Engines somewhere else: finds the one that is meant by its profile or its address, gets the
//! key to it from where the profile says, and opens a session there. Refuses to take a key from
//! the command line, where others could read it, and never says what a key is.

use std::{collections::BTreeMap, fs, path::Path, process::Stdio, time::Duration};

use secrecy::SecretString;
use tokio::{io::AsyncReadExt as _, process::Command};

use super::{Ended, process::with_its_own_heaps};
use crate::{
    config::{Engine, Settings, key_in},
    domain::{ids::TenantId, text::echo},
    engine::{fault::Fault, who::Met},
    remote::{Place, Remote},
    session::Session,
};

/// The name of the engine in this process.
pub const EMBEDDED: &str = "embedded";
/// The environment's word for which engine is meant.
pub const ENGINE: &str = "FLIGHTDECK_ENGINE";
/// The environment's key for an engine that no profile says more of.
const TOKEN: &str = "FLIGHTDECK_TOKEN";
/// How long a command may take to say a key.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest key, with what stands around it.
const LONGEST: u64 = 8 << 10;

/// Which engine is meant, if it is not the one in this process: what the command line says goes
/// before what the environment says.
pub fn chosen(said: Option<String>, environment: Option<String>) -> Option<String> {
    said.or(environment)
        .filter(|named| !named.is_empty() && named != EMBEDDED)
}

/// An engine somewhere else: where it is, with the key to it, and for which tenant it is asked.
#[derive(Clone)]
pub struct Afar {
    remote: Remote,
    tenant: Option<TenantId>,
}

impl Afar {
    /// Finds out where the engine is that is meant; calls nobody.
    pub async fn find(settings: &Settings, named: &str) -> Result<Self, Ended> {
        let (name, profile) = find(&settings.engines, named)?;
        let place = place(name, &profile).await?;
        let tenant = settings.in_passing.then(|| settings.default_tenant());
        Ok(Self {
            remote: Remote::new(&place)?,
            tenant: tenant.transpose()?,
        })
    }

    /// Opens a session there; asks once.
    pub async fn knock(&self) -> Result<Session, Fault> {
        self.session(&self.remote.knock().await?)
    }

    fn session(&self, met: &Met) -> Result<Session, Fault> {
        let session = Session::remote(self.remote.clone(), met);
        match &self.tenant {
            Some(tenant) => session.for_tenant(tenant),
            None => Ok(session),
        }
    }
}

/// Opens a session on the engine that is meant.
pub async fn open(settings: &Settings, named: &str) -> Result<Session, Ended> {
    let afar = Afar::find(settings, named).await?;
    let met = afar.remote.meet().await?;
    Ok(afar.session(&met)?)
}

/// What people call an engine: its profile, or where it is.
pub fn label(settings: &Settings, named: &str) -> String {
    if settings.engines.contains_key(named) {
        return named.to_owned();
    }
    let address = url::Url::parse(named).ok();
    let host = address.and_then(|it| {
        let port = it
            .port()
            .map_or_else(String::new, |port| format!(":{port}"));
        Some(format!("{}{port}", it.host_str()?))
    });
    host.unwrap_or_else(|| echo(named))
}

/// Finds a profile by its name or its address; an address alone is one too.
fn find<'a>(
    engines: &'a BTreeMap<String, Engine>,
    named: &'a str,
) -> Result<(&'a str, Engine), Ended> {
    if let Some(profile) = engines.get(named) {
        return Ok((named, profile.clone()));
    }
    if !named.contains("://") {
        let mut all: Vec<&str> = engines.keys().map(String::as_str).collect();
        all.push(EMBEDDED);
        return Err(Ended::Usage(format!(
            "{} is no engine that the settings know; they know {}\nhint: add [engines.NAME] with its `url` to the settings, or say its address",
            echo(named),
            all.join(", ")
        )));
    }
    let same = |url: &str| url.trim_end_matches('/') == named.trim_end_matches('/');
    let known = engines.iter().find(|(_, profile)| same(&profile.url));
    if let Some((name, profile)) = known {
        return Ok((name, profile.clone()));
    }
    let profile = Engine {
        url: named.to_owned(),
        ..Engine::default()
    };
    Ok((named, profile))
}

/// Where the engine of a profile is, with the key to it.
async fn place(name: &str, profile: &Engine) -> Result<Place, Ended> {
    let authority = match profile.ca_file.as_str() {
        "" => None,
        path => Some(fs::read(path).map_err(|error| {
            Ended::Usage(format!("setting `engines.{name}.ca_file`: {path}: {error}"))
        })?),
    };
    Ok(Place {
        url: profile.url.clone(),
        token: token(name, profile).await?,
        authority,
        insecure: profile.insecure,
    })
}

/// Gets a key from where the profile says it is.
async fn token(name: &str, profile: &Engine) -> Result<Option<SecretString>, Ended> {
    let wrong = |setting: &str, why: &str| {
        Ended::Usage(format!("setting `engines.{name}.{setting}`: {why}"))
    };
    let text = if !profile.token_env.is_empty() {
        let set = std::env::var(&profile.token_env).ok();
        let why = format!("{} is not set in the environment", profile.token_env);
        set.ok_or_else(|| wrong("token_env", &why))?
    } else if !profile.token_file.is_empty() {
        key_in(&home(&profile.token_file), LONGEST).map_err(|why| wrong("token_file", &why))?
    } else if !profile.token_command.is_empty() {
        let said = from_command(&profile.token_command).await;
        said.map_err(|why| wrong("token_command", &why))?
    } else {
        std::env::var(TOKEN).unwrap_or_default()
    };
    let text = text.lines().next().unwrap_or_default().trim();
    Ok((!text.is_empty()).then(|| text.to_owned().into()))
}

/// A path in which `~` is where the person lives.
fn home(path: &str) -> std::path::PathBuf {
    let rest = path.strip_prefix("~/").zip(std::env::var_os("HOME"));
    rest.map_or_else(|| path.into(), |(rest, home)| Path::new(&home).join(rest))
}

/// Has a command say a key; what it says is never repeated.
async fn from_command(command: &str) -> Result<String, String> {
    let mut shell = Command::new("sh");
    with_its_own_heaps(shell.as_std_mut());
    let mut child = shell
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("cannot be started: {error}"))?;
    let said = async {
        let mut text = String::new();
        if let Some(out) = child.stdout.take() {
            let read = out.take(LONGEST).read_to_string(&mut text).await;
            read.map_err(|error| format!("cannot be read: {error}"))?;
        }
        let ended = child.wait().await.map_err(|error| error.to_string())?;
        if !ended.success() {
            return Err(format!("ended with {ended}"));
        }
        Ok(text)
    };
    let said = tokio::time::timeout(PATIENCE, said).await;
    said.unwrap_or_else(|_| Err(format!("has not ended within {} s", PATIENCE.as_secs())))
}
