//! Takes one creative in for one media buy, as the older callers send it: an address, a format,
//! and the buy that shall show it. The same sent again is the same creative.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    list::CreativeView,
    read,
    sync::{Assign, CreativeDraft, SyncCreatives, Validation},
};
use crate::{
    domain::{
        adcp::format::all,
        ids::BuyId,
        media_buy::{buy::MediaBuy, creative::CreativeStatus},
        policy::Permission,
        problem::{Code, Problem},
        text,
        webhook::address,
    },
    engine::{
        creatives::decide::absent,
        fault::Fault,
        media_buys::find,
        operation::{Kind, Operation},
        sandbox,
        work::Work,
    },
};

/// The longest address of a creative.
const LONGEST_URL: usize = 2_048;

/// Takes a creative in for a media buy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadCreative {
    /// Which media buy shall show it.
    pub media_buy_id: BuyId,
    /// Where it lies.
    pub creative_url: String,
    /// In which format it is.
    pub format: String,
    /// What else is said of it; `name` is what it is called.
    #[serde(default)]
    pub metadata: Map<String, Value>,
}

/// A creative that was taken in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Uploaded {
    /// Which media buy shows it.
    pub media_buy_id: BuyId,
    /// Its id.
    pub creative_id: String,
    /// Where it stands.
    pub status: CreativeStatus,
    /// Which packages show it.
    pub package_ids: Vec<String>,
}

impl Operation for UploadCreative {
    const NAME: &'static str = "creatives.upload";
    const ABOUT: &'static str = "Take one creative in for one media buy.";
    const KIND: Kind = Kind::Command(Permission::TradeBuys);
    type Output = Uploaded;

    async fn perform(self, work: &mut Work<'_>) -> Result<Uploaded, Fault> {
        self.check(work).await?;
        let buy = find(work, &self.media_buy_id).await?.record;
        if buy.owner != work.caller().name {
            let message = format!(
                "the media buy is {}'s; its creatives are its own",
                buy.owner
            );
            return Err(Fault::wrong_state("INVALID_STATE", message));
        }
        if buy.status.is_final() {
            let message = format!(
                "the media buy is {}, and shows nothing any more",
                buy.status
            );
            return Err(Fault::wrong_state("INVALID_STATE", message));
        }
        let draft = self.draft(&work.desk().agent_url);
        let creative_id = draft.creative_id.clone();
        let living = buy.packages.iter().filter(|one| one.cancellation.is_none());
        let assignments = living.map(|one| Assign {
            creative_id: creative_id.clone(),
            package_id: one.id.clone(),
            weight: None,
            placement_ids: None,
        });
        let sync = SyncCreatives {
            creatives: vec![draft],
            assignments: assignments.collect(),
            creative_ids: None,
            delete_missing: false,
            dry_run: false,
            validation_mode: Validation::Strict,
            push_notification_config: None,
        };
        let library = sync.perform(work).await.map_err(|fault| {
            // The one creative goes to all packages of the buy.
            let own = |field: &str| match field.split_once('[') {
                Some(("assignments", _)) => "format".to_owned(),
                _ => field.to_owned(),
            };
            fault.renamed(own)
        })?;
        let one = library.creatives.into_iter().next();
        let one = one.ok_or_else(|| Fault::broken("a creative was taken in and is not there"))?;
        Ok(Uploaded {
            media_buy_id: buy.id,
            creative_id,
            status: one.status.unwrap_or(CreativeStatus::Processing),
            package_ids: one.assigned_to.iter().map(ToString::to_string).collect(),
        })
    }
}

impl UploadCreative {
    async fn check(&self, work: &Work<'_>) -> Result<(), Fault> {
        let wrong = |field: &str, message: String| {
            Fault::field(Problem::new(field, Code::new("INVALID_REQUEST"), message))
        };
        text::check_line(&self.creative_url, LONGEST_URL)
            .map_err(|no| wrong("creative_url", no.to_string()))?;
        let plays = work.desk().sandbox.as_ref() == Some(work.tenant());
        address::read(&self.creative_url, plays)
            .map_err(|no| wrong("creative_url", no.to_string()))?;
        let (seeded, implied) = sandbox::seed::formats(work).await?;
        let mut every = all().iter().chain(&seeded).chain(&implied);
        if every.any(|one| one.id == self.format) {
            return Ok(());
        }
        let message = format!("there is no format {}", text::echo(&self.format));
        let code = Code::new("INVALID_REQUEST");
        let problem = Problem::new("format", code, message);
        Err(Fault::field(
            problem.hint("list_creative_formats names them"),
        ))
    }

    fn draft(self, agent_url: &str) -> CreativeDraft {
        let Self {
            media_buy_id,
            creative_url,
            format,
            metadata,
        } = self;
        let whole = format!("{media_buy_id}\n{creative_url}\n{format}");
        let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, whole.as_bytes());
        let last = creative_url.rsplit('/').find(|part| !part.is_empty());
        let said = metadata.get("name").and_then(Value::as_str);
        let name = said.or(last).unwrap_or("creative");
        let name: String = text::inert(name).chars().take(255).collect();
        let asset = json!({ "main": { "url": creative_url } });
        CreativeDraft {
            creative_id: format!("cr_{}", id.simple()),
            name,
            format_id: Map::from_iter([
                ("agent_url".to_owned(), json!(agent_url)),
                ("id".to_owned(), json!(format)),
            ]),
            assets: asset.as_object().cloned().unwrap_or_default(),
            tags: Vec::new(),
            rest: Map::from_iter([("metadata".to_owned(), metadata.into())]),
        }
    }
}

/// Says where the creatives of a media buy stand.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreativesOfBuy {
    /// Of which media buy.
    pub media_buy_id: BuyId,
    /// Only this one.
    #[serde(default)]
    pub creative_id: Option<String>,
}

/// A creative of a media buy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OfBuy {
    /// The creative.
    pub creative: CreativeView,
    /// Which packages show it.
    pub package_ids: Vec<String>,
}

/// The creatives of a media buy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShownCreatives {
    /// Each once.
    pub creatives: Vec<OfBuy>,
}

impl Operation for CreativesOfBuy {
    const NAME: &'static str = "creatives.of_buy";
    const ABOUT: &'static str = "Say where the creatives of a media buy stand.";
    const KIND: Kind = Kind::Query(Permission::ReadBuys);
    type Output = ShownCreatives;

    async fn perform(self, work: &mut Work<'_>) -> Result<ShownCreatives, Fault> {
        let buy = find(work, &self.media_buy_id).await?.record;
        let mut creatives: Vec<OfBuy> = Vec::new();
        for (id, package_ids) in shown(&buy) {
            if self.creative_id.as_ref().is_some_and(|only| *only != id) {
                continue;
            }
            if let Some(found) = read(work, &buy.owner, &id).await? {
                creatives.push(OfBuy {
                    creative: found.into(),
                    package_ids,
                });
            }
        }
        match &self.creative_id {
            Some(id) if creatives.is_empty() => Err(absent(id)),
            _ => Ok(ShownCreatives { creatives }),
        }
    }
}

/// The creatives that a buy shows, each with its packages.
fn shown(buy: &MediaBuy) -> Vec<(String, Vec<String>)> {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for package in &buy.packages {
        for one in &package.creatives {
            match all.iter_mut().find(|(id, _)| *id == one.creative_id) {
                Some((_, packages)) => packages.push(package.id.to_string()),
                None => all.push((one.creative_id.clone(), vec![package.id.to_string()])),
            }
        }
    }
    all
}
