//! Signals: whom and what a campaign can be aimed at beside a product's own audience. Refuses
//! to tell one caller what another has activated.

use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::words;

/// The signals, as they are kept with the program.
const SIGNALS: &str = include_str!("../../../assets/adcp/signals.json");

/// A signal.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Signal {
    /// Its name with us.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `audience`, `contextual` or `geo`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Who or what it is.
    pub description: String,
    /// How many people it reaches.
    pub reach: u64,
    /// How much of everything it covers, in percent.
    pub coverage_percentage: f64,
    /// What it adds to the price of a thousand impressions, in US dollars.
    pub cpm: f64,
}

/// Every signal.
pub fn all() -> &'static [Signal] {
    static ALL: OnceLock<Vec<Signal>> = OnceLock::new();
    ALL.get_or_init(|| serde_json::from_str(SIGNALS).unwrap_or_default())
}

/// Finds a signal by its name with us.
#[must_use]
pub fn find(id: &str) -> Option<&'static Signal> {
    all().iter().find(|signal| signal.id == id)
}

/// How well a signal fits some words; zero for not at all.
#[must_use]
pub fn fit(signal: &Signal, wanted: &[words::Want]) -> usize {
    let text = format!("{} {} {}", signal.name, signal.kind, signal.description);
    let stems: Vec<String> = words::split(&text).map(|word| words::stem(&word)).collect();
    let has = |want: &&words::Want| want.words.iter().any(|(word, _)| stems.contains(word));
    wanted
        .iter()
        .filter(|want| !want.unwanted)
        .filter(has)
        .count()
}

impl Signal {
    /// As agents read it, with where it is live for this caller.
    #[must_use]
    pub fn wire(&self, agent_url: &str, deployments: &[Value]) -> Map<String, Value> {
        let Value::Object(wire) = json!({
            "signal_id": { "source": "agent", "agent_url": agent_url, "id": self.id },
            "signal_agent_segment_id": self.id,
            "name": self.name,
            "description": self.description,
            "value_type": "binary",
            "signal_type": "owned",
            "data_provider": "The publisher",
            "coverage_percentage": self.coverage_percentage,
            "deployments": deployments,
            "pricing_options": [{
                "pricing_option_id": "cpm_usd", "model": "cpm", "cpm": self.cpm, "currency": "USD"
            }]
        }) else {
            return Map::new();
        };
        wire
    }

    /// As older agents read it.
    #[must_use]
    pub fn older(&self) -> Map<String, Value> {
        let Value::Object(wire) = json!({
            "signal_id": self.id,
            "name": self.name,
            "type": self.kind,
            "description": self.description,
            "reach": self.reach
        }) else {
            return Map::new();
        };
        wire
    }
}

/// Where a signal was made live for somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Activation {
    /// The signal's name with us.
    pub signal: String,
    /// Whose agent asked for it.
    pub principal: String,
    /// Where: `{"type": "agent", "agent_url": ..}` or `{"type": "platform", "platform": ..}`.
    pub destination: Value,
    /// Whether it is live there now.
    pub is_live: bool,
    /// When it was last changed.
    pub at: crate::domain::when::Instant,
    /// At which price.
    #[serde(default)]
    pub pricing_option_id: Option<String>,
}

impl Activation {
    /// What tells one activation from all others.
    #[must_use]
    pub fn id(&self) -> String {
        let destination = super::jcs::write(&self.destination);
        format!("{}/{}/{}", self.principal, self.signal, destination)
    }

    /// As agents read it.
    #[must_use]
    pub fn wire(&self) -> Value {
        let mut wire = self.destination.clone();
        if let Some(fields) = wire.as_object_mut() {
            fields.insert("is_live".into(), self.is_live.into());
            if self.is_live {
                let key = json!({ "type": "segment_id", "segment_id": self.signal });
                fields.insert("activation_key".into(), key);
                let at = crate::domain::when::rfc3339(self.at);
                fields.insert("deployed_at".into(), at.into());
            }
        }
        wire
    }
}
