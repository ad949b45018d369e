//! The sections of the settings, with what they are where nobody says otherwise.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{
    booking::negotiation::{Strategy, Talks},
    tenant::secret::Secret,
};

/// What is logged.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// A level or a filter of `tracing`, such as `info,flightdeck=debug`.
    pub level: String,
    /// `text` or `json`.
    pub format: String,
}

/// The levels, from the quietest on.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

impl Log {
    /// Whether the level is one, or a filter: `tracing` itself takes any word for the name of
    /// a part of the program, and then logs nothing that was meant.
    ///
    /// # Errors
    /// With what is wrong, to be said behind the level.
    pub fn fits(&self) -> Result<(), String> {
        let known = |word: &str| LEVELS.contains(&word.trim().to_ascii_lowercase().as_str());
        for part in self.level.split(',') {
            let level = part.rsplit_once('=').map_or(part, |(_, level)| level);
            if !known(level) {
                let all = LEVELS.join(", ");
                return Err(format!(
                    "is no level: say {all}, or a filter such as warn,flightdeck=debug"
                ));
            }
        }
        Ok(())
    }
}

/// Who the command line is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Local {
    /// The name in the audit trail; empty means the user of the system.
    pub name: String,
    /// The role.
    pub role: String,
}

/// The server.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address and port.
    pub bind: String,
    /// The role of callers without a key while no keys are set up; `none` refuses them.
    pub open_as: String,
    /// Serve beyond this machine without TLS, behind a proxy that has it.
    pub allow_plain_http: bool,
    /// Names under which the server may be asked, beside its address and `localhost`.
    pub hosts: Vec<String>,
    /// Origins of web pages that may ask; none by default.
    pub origins: Vec<String>,
    /// Under which address others reach us, such as `https://ads.example`; empty means the
    /// address that is listened on.
    pub public_url: String,
    /// How many requests one key may send in any minute; 0 means no limit.
    pub requests_per_minute: u32,
    /// The same for agents, over MCP.
    pub mcp_requests_per_minute: u32,
    /// The same for management keys, at tenant management.
    pub admin_requests_per_minute: u32,
    /// How many connections are held at once.
    pub max_connections: u32,
    /// How long an approval waits for its bookings before it answers that they go on.
    pub approve_wait_seconds: u32,
    /// The file of the certificate, in PEM, with those that lead to its authority; empty means
    /// plain HTTP.
    pub tls_cert: String,
    /// The file of its key, in PEM.
    pub tls_key: String,
}

/// An engine somewhere else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Engine {
    /// Its address, such as `https://ads.example`.
    pub url: String,
    /// The variable of the environment that holds our key.
    pub token_env: String,
    /// The file that holds it instead.
    pub token_file: String,
    /// The command that says it instead.
    pub token_command: String,
    /// The file of the only authority that is trusted there, in PEM; those of the system where
    /// it is not said.
    pub ca_file: String,
    /// Whether our key may go to another machine in the clear.
    pub insecure: bool,
}

impl Engine {
    /// Whether it can be meant.
    pub(super) fn fits(&self, name: &str) -> Result<(), String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.len() > 40 || !name.chars().all(plain) {
            return Err("is no name: say 1 to 40 of a-z, 0-9, '-', '_' and '.'".into());
        }
        if name == "embedded" {
            return Err("is the name of the engine in this process".into());
        }
        let url = url::Url::parse(&self.url).ok();
        if !url.is_some_and(|url| matches!(url.scheme(), "http" | "https")) {
            return Err("has no `url`, such as https://ads.example".into());
        }
        let sources = [&self.token_env, &self.token_file, &self.token_command];
        if sources.iter().filter(|one| !one.is_empty()).count() > 1 {
            return Err("says more than once where its key is".into());
        }
        Ok(())
    }
}

/// The booking workflow.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Booking {
    /// How long a reservation holds before it lapses.
    pub hold_minutes: u32,
    /// How prices are negotiated.
    pub negotiation: Negotiation,
}

/// How prices are negotiated where the brief does not say.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Negotiation {
    /// Negotiate also for briefs that do not ask for it.
    pub always: bool,
    /// The first offer, in percent of the listed price.
    pub opening_percent: u32,
    /// How much each further offer adds, in percent of the listed price.
    pub step_percent: u32,
    /// The most that is ever offered, in percent of the listed price.
    pub ceiling_percent: u32,
    /// How many offers are made at most.
    pub rounds: u8,
}

/// The seller inside.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Seller {
    /// What an empty catalogue is filled with: `demo`, `none`, or a JSON file of products.
    pub catalogue: String,
    /// Approve orders when they are created; otherwise an admin approves each.
    pub approve_orders: bool,
    /// Guaranteed media buys of at least so much, in the units of their currency, need a
    /// person's approval; 0 means all of them.
    pub sign_off_from: u32,
    /// Whether somebody looks creatives of buyers over before they are shown.
    pub review_creatives: bool,
}

/// The audit trail.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// The file that remembers how far each chain reaches; empty means one in `data_dir`.
    pub anchor: String,
}

/// The console.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Console {
    /// The theme; empty means the one of last time.
    pub theme: String,
    /// How many colours: `auto`, `none`, `16`, `256` or `true`.
    pub colors: String,
    /// Draw with ASCII alone, whatever the terminal can.
    pub ascii: bool,
    /// Let the mouse work.
    pub mouse: bool,
    /// Send no commands at all.
    pub read_only: bool,
    /// The time zone of whoever sits there, beside that of what is booked.
    pub timezone: String,
    /// Keys in place of those of the program, by section and command.
    pub keys: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

/// The clock.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClockSettings {
    /// Rehearse another day: the instant at which the program believes it starts.
    pub starts_at: String,
    /// Whether an admin may turn the clock forward.
    pub turnable: bool,
}

/// The ad server inside.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdServer {
    /// Whether booked lines are delivered by it.
    pub enabled: bool,
    /// After how many minutes it is asked again how far lines have got.
    pub sample_every_minutes: u32,
    /// What its traffic follows from.
    pub seed: u32,
}

impl Default for AdServer {
    fn default() -> Self {
        Self {
            enabled: true,
            sample_every_minutes: 15,
            seed: 1,
        }
    }
}

/// Where the ad servers of others are, and how we are known to them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdServers {
    /// The id of our application at Google.
    pub google_client_id: String,
    /// Its secret.
    pub google_client_secret: Secret,
    /// Where Google Ad Manager is; empty means its usual address, as with all of these.
    pub google_api: String,
    /// Where its tokens are got.
    pub google_tokens: String,
    /// Where Kevel is.
    pub kevel_api: String,
    /// Where Triton Digital's booking API is.
    pub triton_api: String,
    /// Where its stations are told.
    pub triton_hierarchy: String,
}

impl AdServers {
    /// The addresses, by their settings.
    pub(super) fn addresses(&self) -> [(&'static str, &str); 5] {
        [
            ("ad_servers.google_api", &self.google_api),
            ("ad_servers.google_tokens", &self.google_tokens),
            ("ad_servers.kevel_api", &self.kevel_api),
            ("ad_servers.triton_api", &self.triton_api),
            ("ad_servers.triton_hierarchy", &self.triton_hierarchy),
        ]
    }
}

impl Default for AdServers {
    fn default() -> Self {
        Self {
            google_client_id: String::new(),
            google_client_secret: Secret::new(String::new()),
            google_api: String::new(),
            google_tokens: String::new(),
            kevel_api: String::new(),
            triton_api: String::new(),
            triton_hierarchy: String::new(),
        }
    }
}

/// A key: who it is, and the digest of its secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The name in the audit trail.
    pub name: String,
    /// The readable part of the key, by which it is found.
    pub id: String,
    /// SHA-256 of the whole key, in hex.
    pub sha256: String,
    /// The role.
    pub role: String,
    /// Whose things it sees; the default tenant where it is not said.
    #[serde(default)]
    pub tenant: String,
    /// What it is narrowed to; none means everything that the role may.
    #[serde(default)]
    pub scopes: Vec<String>,
}

impl Default for Console {
    fn default() -> Self {
        Self {
            theme: String::new(),
            colors: "auto".into(),
            ascii: false,
            mouse: true,
            read_only: false,
            timezone: "UTC".into(),
            keys: BTreeMap::new(),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: "warn,flightdeck=info".into(),
            format: "text".into(),
        }
    }
}

impl Default for Local {
    fn default() -> Self {
        Self {
            name: String::new(),
            role: "admin".into(),
        }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            bind: "127.0.0.1:8001".into(),
            open_as: "trafficker".into(),
            allow_plain_http: false,
            hosts: Vec::new(),
            origins: Vec::new(),
            requests_per_minute: 6000,
            mcp_requests_per_minute: 1000,
            admin_requests_per_minute: 100,
            public_url: String::new(),
            max_connections: 512,
            approve_wait_seconds: 30,
            tls_cert: String::new(),
            tls_key: String::new(),
        }
    }
}

impl Default for Booking {
    fn default() -> Self {
        Self {
            hold_minutes: 60,
            negotiation: Negotiation::default(),
        }
    }
}

impl Default for Negotiation {
    fn default() -> Self {
        let Talks { strategy, always } = Talks::default();
        let percent = |bp: u32| bp / 100;
        Self {
            always,
            opening_percent: percent(strategy.opening_bp),
            step_percent: percent(strategy.step_bp),
            ceiling_percent: percent(strategy.ceiling_bp),
            rounds: strategy.rounds,
        }
    }
}

impl Negotiation {
    /// As the rules of price talks read it.
    #[must_use]
    pub fn talks(&self) -> Talks {
        let share = |percent: u32| percent * 100;
        Talks {
            strategy: Strategy {
                opening_bp: share(self.opening_percent),
                step_bp: share(self.step_percent),
                ceiling_bp: share(self.ceiling_percent),
                ceiling: None,
                rounds: self.rounds,
            },
            always: self.always,
        }
    }
}

impl Default for Seller {
    fn default() -> Self {
        Self {
            catalogue: "demo".into(),
            approve_orders: true,
            sign_off_from: 0,
            review_creatives: false,
        }
    }
}
