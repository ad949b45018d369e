//! Finds signals and makes them live. Refuses to tell one caller what another has activated.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    domain::{
        adcp::{
            error::Code,
            page::{CacheScope, Paged, Paging},
            product::Object,
            signal::{Activation, Signal, all, find, fit},
            words,
        },
        policy::Permission,
        problem::{self, Problem},
        text::echo,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        paging,
        work::Work,
    },
    store::record::Filter,
};

/// How many activations of one caller are looked at.
const MOST: u32 = 1_000;

/// The types that a signal can have.
const KINDS: [&str; 3] = ["audience", "contextual", "geo"];

/// Finds signals.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GetSignals {
    /// What is wanted, in everyday words.
    pub signal_spec: Option<String>,
    /// Just these: `{"source": "agent", "agent_url": .., "id": ..}`.
    pub signal_ids: Option<Vec<Value>>,
    /// Only those that can be made live there.
    pub destinations: Option<Vec<Value>>,
    /// Where they are used.
    pub countries: Option<Vec<String>>,
    /// Only those that pass: `catalog_types`, `data_providers`, `max_cpm`, `min_coverage_percentage`.
    pub filters: Option<Object>,
    /// The older words for `signal_spec`.
    pub query: Option<String>,
    /// The older filter: `audience`, `contextual` or `geo`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The older way to say how many.
    pub max_results: Option<u32>,
    /// Which page.
    pub pagination: Paging,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FoundSignals {
    /// Signals, the best first.
    pub signals: Vec<Object>,
    /// Which page it is.
    pub pagination: Paged,
    /// For whom it holds.
    #[serde(default)]
    pub cache_scope: CacheScope,
}

impl Operation for GetSignals {
    const NAME: &'static str = "adcp.get_signals";
    const ABOUT: &'static str =
        "Find audiences, contexts and places that campaigns can be aimed at.";
    const KIND: Kind = Kind::Query(Permission::ReadCatalogue);
    type Output = FoundSignals;

    async fn perform(self, work: &mut Work<'_>) -> Result<FoundSignals, Fault> {
        self.check_kind()?;
        let older = self.signal_spec.is_none() && self.signal_ids.is_none();
        let asked = Paging {
            max_results: self
                .pagination
                .max_results
                .or_else(|| self.max_results.map(|most| most.clamp(1, 100))),
            ..self.pagination.clone()
        };
        let found = self.found();
        let list = format!(
            "signals {:?} {:?} {:?} {:?} {:?}",
            self.signal_spec, self.signal_ids, self.filters, self.query, self.kind
        );
        let (page, pagination) = paging::cut(work, &list, &asked, found)?;
        let live = activations(work).await?;
        let agent_url = work.desk().agent_url.clone();
        let show = |signal: &&Signal| {
            if older {
                return signal.older();
            }
            let mine = live.iter().filter(|it| it.signal == signal.id);
            let mut deployments: Vec<Value> = mine.map(Activation::wire).collect();
            if deployments.is_empty() {
                let here = json!({ "type": "agent", "agent_url": agent_url, "is_live": false });
                deployments.push(here);
            }
            signal.wire(&agent_url, &deployments)
        };
        Ok(FoundSignals {
            signals: page.iter().map(show).collect(),
            pagination,
            cache_scope: CacheScope::Public,
        })
    }
}

impl GetSignals {
    /// Refuses a type that no signal can have: nothing would be found, and nobody told why.
    fn check_kind(&self) -> Result<(), Fault> {
        match self.kind.as_deref() {
            Some(kind) if !KINDS.contains(&kind) => {
                let message = format!("{} is not one of {}", echo(kind), KINDS.join(", "));
                Err(wrong("type", &message))
            }
            _ => Ok(()),
        }
    }

    fn found(&self) -> Vec<&'static Signal> {
        let spec = self.signal_spec.as_deref().or(self.query.as_deref());
        let wanted = spec.map(words::wanted).filter(|wanted| !wanted.is_empty());
        let named = |signal: &&Signal| {
            self.signal_ids
                .as_ref()
                .is_none_or(|ids| ids.iter().any(|id| id["id"] == signal.id.as_str()))
        };
        let number = |name: &str| self.filters.as_ref()?.get(name)?.as_f64();
        let types = self
            .filters
            .as_ref()
            .and_then(|filters| filters.get("catalog_types"));
        let types = types.and_then(Value::as_array);
        let mut found: Vec<(usize, &'static Signal)> = all()
            .iter()
            .filter(|signal| self.kind.as_ref().is_none_or(|only| *only == signal.kind))
            .filter(named)
            .filter(|signal| number("max_cpm").is_none_or(|most| signal.cpm <= most))
            .filter(|signal| {
                let least = number("min_coverage_percentage");
                least.is_none_or(|least| signal.coverage_percentage >= least)
            })
            .filter(|_| types.is_none_or(|types| types.contains(&json!("owned"))))
            .map(|signal| {
                (
                    wanted.as_ref().map_or(1, |wanted| fit(signal, wanted)),
                    signal,
                )
            })
            .filter(|(fit, _)| *fit > 0 || self.signal_ids.is_some())
            .collect();
        found.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.reach.cmp(&a.1.reach)));
        found.into_iter().map(|(_, signal)| signal).collect()
    }
}

/// What this caller has made live, or had.
async fn activations(work: &Work<'_>) -> Result<Vec<Activation>, Fault> {
    let filter = Filter {
        parent: Some(work.caller().name.clone()),
        limit: MOST,
        ..Filter::default()
    };
    let found = work.list::<Activation>(&filter).await?;
    Ok(found.into_iter().map(|found| found.record).collect())
}

/// Whether a signal shall be live.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// Live.
    #[default]
    Activate,
    /// Gone.
    Deactivate,
}

/// Makes a signal live somewhere, or takes it away.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ActivateSignal {
    /// Which, by its name with us.
    pub signal_agent_segment_id: String,
    /// Where: `{"type": "agent", "agent_url": ..}` or `{"type": "platform", "platform": ..}`.
    pub destinations: Vec<Value>,
    /// Whether it shall be live.
    #[serde(default)]
    pub action: Switch,
    /// At which of its prices.
    #[serde(default)]
    pub pricing_option_id: Option<String>,
    /// On which account.
    #[serde(default)]
    pub account: Option<Value>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ActivatedSignal {
    /// Where it is live, one for each destination.
    pub deployments: Vec<Value>,
}

impl Operation for ActivateSignal {
    const NAME: &'static str = "adcp.activate_signal";
    const ABOUT: &'static str = "Make a signal live for the caller's campaigns, or take it away.";
    const KIND: Kind = Kind::Command(Permission::TradeBuys);
    type Output = ActivatedSignal;

    async fn perform(self, work: &mut Work<'_>) -> Result<ActivatedSignal, Fault> {
        work.about("adcp_activation");
        let signal = find(&self.signal_agent_segment_id).ok_or_else(|| {
            let message = "there is no such signal";
            Fault::adcp(Code::SignalNotFound, message).with("field", "signal_agent_segment_id")
        })?;
        if self.destinations.is_empty() || self.destinations.len() > 100 {
            return Err(wrong("destinations", "is not 1 to 100 destinations"));
        }
        let mut deployments = Vec::new();
        for (at, sent) in self.destinations.iter().enumerate() {
            let activation = Activation {
                signal: signal.id.clone(),
                principal: work.caller().name.clone(),
                destination: destination(at, sent)?,
                is_live: self.action == Switch::Activate,
                at: work.now(),
                pricing_option_id: self.pricing_option_id.clone(),
            };
            match work.get::<Activation>(&activation.id()).await? {
                Some(was) if was.record.is_live == activation.is_live => {
                    deployments.push(was.record.wire());
                    continue;
                }
                Some(was) => work.replace(&was, &activation)?,
                None => work.create(&activation)?,
            }
            let state = if activation.is_live { "live" } else { "gone" };
            let detail = format!("{} is {state}", signal.name);
            work.tell("signals.switched", "adcp_activation", &signal.id, detail);
            deployments.push(activation.wire());
        }
        Ok(ActivatedSignal { deployments })
    }
}

/// The part of a destination that says where it is.
fn destination(at: usize, sent: &Value) -> Result<Value, Fault> {
    let name = match sent["type"].as_str() {
        Some("agent") => "agent_url",
        Some("platform") => "platform",
        _ => {
            let field = format!("destinations[{at}].type");
            return Err(wrong(&field, "is neither `agent` nor `platform`"));
        }
    };
    let Some(where_to) = sent[name]
        .as_str()
        .filter(|text| (1..=2_000).contains(&text.len()))
    else {
        return Err(wrong(&format!("destinations[{at}].{name}"), "is missing"));
    };
    let mut kept = json!({ "type": sent["type"], name: where_to });
    if let Some(account) = sent["account"].as_str() {
        kept["account"] = account.into();
    }
    Ok(kept)
}

fn wrong(field: &str, message: &str) -> Fault {
    let code = problem::Code::new(Code::InvalidRequest.name());
    Fault::field(Problem::new(field, code, message))
}
