//! Settings: a file, then the environment, checked once, then plain data. Refuses unknown
//! settings, with the line; refuses secrets in a file that others can read.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use chrono::Datelike as _;
use etcetera::BaseStrategy as _;
use serde::{Deserialize, Serialize};
use toml::Table;

mod desks;
mod kept;
mod overlay;
mod sections;
mod upstream;

pub use desks::{BookingsUpstream, Desks, MediaBuysUpstream, OutsideSeller, SlotsUpstream};
pub use kept::key_in;
use overlay::{leaves, overlay};
pub use sections::{
    AdServer, AdServers, Audit, Booking, ClockSettings, Console, Engine, Key, Local, Log,
    Negotiation, Seller, Server,
};
pub use upstream::{TenantsUpstream, Upstream};

use crate::domain::{
    booking::negotiation::MOST_ROUNDS,
    ids::TenantId,
    money::Currency,
    policy::Permission,
    tenant::{
        caller::{ENGINE, is_reserved},
        role::Role,
    },
    when::Instant,
};

/// The largest settings file that is read, in bytes.
const LARGEST: u64 = 1 << 20;
/// Every setting.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// A `postgres://` URL or the path of a file; empty means a file in `data_dir`.
    pub database: String,
    /// Where files of ours are kept; empty means where the platform keeps them.
    pub data_dir: String,
    /// The tenant of the command line and of callers whose key names none.
    pub tenant: String,
    /// Whether that is said for one command only, and by no settings.
    #[serde(skip)]
    pub in_passing: bool,
    /// The currency of briefs that name none.
    pub currency: String,
    /// What is logged.
    pub log: Log,
    /// Who the command line is.
    pub local: Local,
    /// The server.
    pub server: Server,
    /// The booking workflow.
    pub booking: Booking,
    /// The seller inside.
    pub seller: Seller,
    /// The ad server inside.
    pub ad_server: AdServer,
    /// The ad servers of others.
    pub ad_servers: AdServers,
    /// Which desks live in another company's system, by tenant.
    pub desks: BTreeMap<String, Desks>,
    /// What the house itself has at others'.
    pub upstream: Upstream,
    /// The audit trail.
    pub audit: Audit,
    /// The console.
    pub console: Console,
    /// The clock.
    pub clock: ClockSettings,
    /// Engines somewhere else, by their names.
    pub engines: BTreeMap<String, Engine>,
    /// Which of them is asked; the one in this process where it is not said.
    #[serde(skip)]
    pub engine: Option<String>,
    /// Who may ask the server.
    pub keys: Vec<Key>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database: String::new(),
            data_dir: String::new(),
            tenant: "main".into(),
            in_passing: false,
            currency: "USD".into(),
            log: Log::default(),
            local: Local::default(),
            server: Server::default(),
            booking: Booking::default(),
            seller: Seller::default(),
            ad_server: AdServer::default(),
            ad_servers: AdServers::default(),
            desks: BTreeMap::new(),
            upstream: Upstream::default(),
            audit: Audit::default(),
            console: Console::default(),
            clock: ClockSettings::default(),
            engines: BTreeMap::new(),
            engine: None,
            keys: Vec::new(),
        }
    }
}

/// Settings that cannot be used, in one line and a hint.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(String);

fn unusable(said: impl fmt::Display) -> Unusable {
    Unusable(said.to_string())
}

impl Settings {
    /// Reads the file that is named, or the one in the usual place if there is one, and
    /// then the environment.
    ///
    /// # Errors
    /// With what is wrong, and where.
    pub fn load(
        named: Option<&Path>,
        environment: impl IntoIterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
    ) -> Result<Self, Unusable> {
        let usual = usual_file();
        let text = match (named, &usual) {
            (Some(path), _) => Some((path.to_owned(), read(path)?)),
            (None, Some(path)) if path.exists() => Some((path.clone(), read(path)?)),
            _ => None,
        };
        let table = match &text {
            None => Table::new(),
            Some((path, text)) => {
                let told =
                    |error: toml::de::Error| unusable(format_args!("{}: {error}", path.display()));
                let settings: Self = toml::from_str(text).map_err(told)?;
                settings.guard_secrets(path)?;
                toml::from_str(text).map_err(told)?
            }
        };
        let settings = overlay(table, environment)?;
        settings.check()?;
        Ok(settings)
    }

    /// The names of all settings, as `section.name`.
    ///
    /// # Panics
    /// Never: the defaults can be written as TOML.
    #[must_use]
    pub fn names() -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let defaults = Table::try_from(Self::default()).unwrap_or_default();
        leaves(&defaults, "", &mut |name, _| {
            names.insert(name.to_owned());
        });
        names
    }

    fn check(&self) -> Result<(), Unusable> {
        let told = |setting: &str, text: &str, error: &dyn fmt::Display| {
            unusable(format_args!(
                "setting `{setting}`: {} {error}",
                crate::domain::text::echo(text)
            ))
        };
        let in_role = |setting: &str, text: &str| {
            text.parse::<Role>()
                .map(drop)
                .map_err(|error| told(setting, text, &error))
        };
        self.default_tenant()?;
        unreserved("local.name", &self.local.name)?;
        self.currency
            .parse::<Currency>()
            .map_err(|error| told("currency", &self.currency, &error))?;
        in_role("local.role", &self.local.role)?;
        if self.server.open_as != "none" {
            in_role("server.open_as", &self.server.open_as)?;
        }
        if self.server.open_as.parse() == Ok(Role::Operator) {
            let said = &"has charge of all tenants, and takes a key";
            return Err(told("server.open_as", &self.server.open_as, said));
        }
        if !matches!(self.log.format.as_str(), "text" | "json") {
            return Err(told(
                "log.format",
                &self.log.format,
                &"is neither `text` nor `json`",
            ));
        }
        self.log
            .fits()
            .map_err(|why| told("log.level", &self.log.level, &why))?;
        self.starts_at()?;
        if !(1..=1_440).contains(&self.ad_server.sample_every_minutes) {
            let minutes = self.ad_server.sample_every_minutes.to_string();
            let said = &"is not from a minute to a day of 1440";
            return Err(told("ad_server.sample_every_minutes", &minutes, said));
        }
        self.check_addresses(&told)?;
        if self.server.tls_cert.is_empty() != self.server.tls_key.is_empty() {
            let said = &"and `server.tls_key` go together";
            return Err(told("server.tls_cert", &self.server.tls_cert, said));
        }
        for (name, engine) in &self.engines {
            let setting = format!("engines.{name}");
            engine
                .fits(name)
                .map_err(|why| unusable(format_args!("setting `{setting}` {why}")))?;
        }
        desks::check(&self.desks)?;
        self.upstream.check()?;
        self.check_negotiation()?;
        self.check_keys(&told)
    }

    /// Addresses that nobody could call, and names that nothing would ever match.
    fn check_addresses(
        &self,
        told: &impl Fn(&str, &str, &dyn fmt::Display) -> Unusable,
    ) -> Result<(), Unusable> {
        let of_the_web = |text: &str| {
            url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
        };
        let server = &self.server;
        let ours = ("server.public_url", server.public_url.as_str());
        for (setting, address) in self.ad_servers.addresses().into_iter().chain([ours]) {
            if !address.is_empty() && !of_the_web(address) {
                return Err(told(setting, address, &"is no address of the web"));
            }
        }
        if let Some(origin) = server.origins.iter().find(|origin| !of_the_web(origin)) {
            let said = &"is no origin; write it as https://desk.example";
            return Err(told("server.origins", origin, said));
        }
        if let Some(host) = server.hosts.iter().find(|host| host.contains('/')) {
            let said = &"is no name of a host; write it as desk.example";
            return Err(told("server.hosts", host, said));
        }
        Ok(())
    }

    fn check_keys(
        &self,
        told: &impl Fn(&str, &str, &dyn fmt::Display) -> Unusable,
    ) -> Result<(), Unusable> {
        let mut ids = BTreeSet::new();
        for key in &self.keys {
            if key.id.is_empty() || key.id.contains('_') || !ids.insert(&key.id) {
                return Err(told(
                    "keys.id",
                    &key.id,
                    &"is no part of a key, or of two; `flightdeck key` makes a key",
                ));
            }
            unreserved("keys.name", &key.name)?;
            unreserved("keys.tenant", &key.tenant)?;
            key.role
                .parse::<Role>()
                .map_err(|error| told("keys.role", &key.role, &error))?;
            for scope in &key.scopes {
                scope
                    .parse::<Permission>()
                    .map_err(|error| told("keys.scopes", scope, &error))?;
            }
            if key.sha256.len() != 64 || hex::decode(&key.sha256).is_err() {
                return Err(told(
                    "keys.sha256",
                    &key.name,
                    &"has no 64 hex digits; `flightdeck key` makes a key",
                ));
            }
            if !key.tenant.is_empty() {
                key.tenant
                    .parse::<TenantId>()
                    .map_err(|_| told("keys.tenant", &key.tenant, &"is not a tenant's name"))?;
            }
        }
        Ok(())
    }

    fn check_negotiation(&self) -> Result<(), Unusable> {
        let Negotiation {
            opening_percent,
            step_percent,
            ceiling_percent,
            rounds,
            ..
        } = self.booking.negotiation;
        let share = |percent: u32| (1..=100).contains(&percent);
        let fits = share(opening_percent) && share(step_percent) && share(ceiling_percent);
        if fits && opening_percent <= ceiling_percent && (1..=MOST_ROUNDS).contains(&rounds) {
            return Ok(());
        }
        Err(unusable(format_args!(
            "settings `booking.negotiation`: percents are from 1 to 100, the opening not above the ceiling, rounds from 1 to {MOST_ROUNDS}"
        )))
    }

    /// A password in a file that others can read is no secret.
    fn guard_secrets(&self, path: &Path) -> Result<(), Unusable> {
        let has_password = self.database.split_once("://").is_some_and(|(_, rest)| {
            let before_host = rest.split_once('@').map_or("", |(user, _)| user);
            before_host.contains(':') || rest.contains("password=")
        });
        let has_secret = !self.ad_servers.google_client_secret.reveal().is_empty();
        #[cfg(unix)]
        if has_password || has_secret {
            let mode = fs::metadata(path)
                .map(|about| std::os::unix::fs::PermissionsExt::mode(&about.permissions()));
            if mode.is_ok_and(|mode| mode & 0o077 != 0) {
                return Err(unusable(format_args!(
                    "{} holds a password and can be read by others\nhint: chmod 600 {0}, or put it into the environment, such as FLIGHTDECK_DATABASE",
                    path.display()
                )));
            }
        }
        #[cfg(not(unix))]
        let _ = (has_password, has_secret, path);
        Ok(())
    }

    /// The default tenant.
    ///
    /// # Errors
    /// When its name is not one.
    pub fn default_tenant(&self) -> Result<TenantId, Unusable> {
        unreserved("tenant", &self.tenant)?;
        self.tenant.parse().map_err(|_| {
            unusable("setting `tenant`: a tenant is named by 1 to 63 of a-z, 0-9, '-' and '_'")
        })
    }

    /// When the clock starts, if not now.
    ///
    /// # Errors
    /// When it is no instant.
    pub fn starts_at(&self) -> Result<Option<Instant>, Unusable> {
        let text = self.clock.starts_at.as_str();
        if text.is_empty() {
            return Ok(None);
        }
        let in_reach = |at: &Instant| (2000..=9998).contains(&at.year());
        let start = text.parse::<Instant>().ok().filter(in_reach);
        start.map(Some).ok_or_else(|| {
            unusable("setting `clock.starts_at`: write an instant such as 2026-06-15T12:00:00Z")
        })
    }

    /// Where files of ours are kept.
    ///
    /// # Errors
    /// When the platform has no home for them.
    pub fn data_dir(&self) -> Result<PathBuf, Unusable> {
        if !self.data_dir.is_empty() {
            return Ok(PathBuf::from(&self.data_dir));
        }
        let base = etcetera::choose_base_strategy().map_err(|_| {
            unusable(
                "this system names no home directory\nhint: set `data_dir` or FLIGHTDECK_DATA_DIR",
            )
        })?;
        Ok(base.data_dir().join("flightdeck"))
    }

    /// Which database is meant, as a URL or a path.
    ///
    /// # Errors
    /// When the platform has no home for it.
    pub fn database(&self) -> Result<String, Unusable> {
        if !self.database.is_empty() {
            return Ok(self.database.clone());
        }
        Ok(self.data_dir()?.join("flightdeck.db").display().to_string())
    }

    /// The file that remembers how far each audit chain reaches.
    ///
    /// # Errors
    /// When the platform has no home for it.
    pub fn anchor(&self) -> Result<PathBuf, Unusable> {
        if !self.audit.anchor.is_empty() {
            return Ok(PathBuf::from(&self.audit.anchor));
        }
        let database = self.database()?;
        if database.contains("://") {
            return Ok(self.data_dir()?.join("audit.anchor"));
        }
        Ok(Path::new(&database).with_extension("anchor"))
    }
}

/// Refuses a name that the engine keeps for itself.
fn unreserved(setting: &str, name: &str) -> Result<(), Unusable> {
    if is_reserved(name) {
        return Err(unusable(format_args!(
            "setting `{setting}`: the name `{ENGINE}` is the engine's own; choose another"
        )));
    }
    Ok(())
}

/// Where the settings file usually is.
#[must_use]
pub fn usual_file() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.config_dir().join("flightdeck").join("config.toml"))
}

fn read(path: &Path) -> Result<String, Unusable> {
    let told = |error: std::io::Error| {
        let hint = if error.kind() == ErrorKind::NotFound {
            "\nhint: copy config.example.toml there"
        } else {
            ""
        };
        unusable(format_args!("{}: {error}{hint}", path.display()))
    };
    let size = fs::metadata(path).map_err(told)?.len();
    if size > LARGEST {
        return Err(unusable(format_args!(
            "{} is larger than any settings file ({size} bytes)",
            path.display()
        )));
    }
    fs::read_to_string(path).map_err(told)
}
