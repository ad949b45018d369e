//! Fills a buyer's library: new creatives come in, known ones are replaced, and packages are
//! told to show them. Each creative is answered for itself; one that is wrong stops no other,
//! unless the buyer says that all shall be right.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{hooks, read, show::Of};
use crate::{
    domain::{
        ids::PackageId,
        media_buy::{
            creative::{CreativeStatus, LibraryCreative},
            package::Shown,
        },
        policy::Permission,
        problem::{Code, Problem},
        text,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        webhooks,
        work::Work,
    },
    store::record::Filter,
};

/// How many creatives come at once.
pub const MOST: usize = 100;
/// The longest name and the longest id.
const LONGEST: usize = 255;
/// How many living buys of one owner are looked through.
pub(super) const MOST_BUYS: u32 = 1_000;

/// A creative as it is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreativeDraft {
    /// Its id, which its owner made.
    pub creative_id: String,
    /// What it is called.
    pub name: String,
    /// In which format it is.
    pub format_id: Map<String, Value>,
    /// What it is made of.
    #[serde(default)]
    pub assets: Map<String, Value>,
    /// What it is found by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What else is said of it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Which package shall show which creative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Assign {
    /// Which creative.
    pub creative_id: String,
    /// Which package.
    pub package_id: PackageId,
    /// How often against the others.
    #[serde(default)]
    pub weight: Option<f64>,
    /// Only in these placements.
    #[serde(default)]
    pub placement_ids: Option<Vec<String>>,
}

/// How strictly a batch is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Validation {
    /// All of it or nothing.
    #[default]
    Strict,
    /// What is right of it.
    Lenient,
}

/// Fills a library.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SyncCreatives {
    /// The creatives.
    pub creatives: Vec<CreativeDraft>,
    /// What shows them.
    #[serde(default)]
    pub assignments: Vec<Assign>,
    /// Only these of the creatives.
    #[serde(default)]
    pub creative_ids: Option<Vec<String>>,
    /// Take those out that are not named.
    #[serde(default)]
    pub delete_missing: bool,
    /// Only say what would be done.
    #[serde(default)]
    pub dry_run: bool,
    /// How strictly it is taken.
    #[serde(default)]
    pub validation_mode: Validation,
    /// Where to tell what became of them.
    #[serde(default)]
    pub push_notification_config: Option<Map<String, Value>>,
}

/// What became of one creative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Synced {
    /// Which.
    pub creative_id: String,
    /// `created`, `updated`, `unchanged`, `failed` or `deleted`.
    pub action: String,
    /// Where it stands now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<CreativeStatus>,
    /// What was different.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// What was wrong with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Problem>,
    /// What shows it now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assigned_to: Vec<PackageId>,
    /// What does not show it, each with why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unassigned: BTreeMap<PackageId, String>,
}

/// What became of all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Library {
    /// Creative by creative.
    pub creatives: Vec<Synced>,
    /// Whether nothing was done.
    pub dry_run: bool,
}

impl Operation for SyncCreatives {
    const NAME: &'static str = "creatives.sync";
    const ABOUT: &'static str = "Fill a creative library and say which packages show what.";
    const KIND: Kind = Kind::Command(Permission::TradeBuys);
    type Output = Library;

    async fn perform(self, work: &mut Work<'_>) -> Result<Library, Fault> {
        self.check()?;
        let hook = self.push_notification_config.as_ref();
        webhooks::check(work, hook, "push_notification_config")?;
        let owner = work.caller().name.clone();
        let only = self.creative_ids.as_ref();
        let wanted = |id: &str| only.is_none_or(|only| only.iter().any(|one| one == id));
        let buys = self.buys(work, &owner).await?;
        let misfits = self.misfits(work, &owner, &buys).await?;
        let mut all = Vec::new();
        for (n, draft) in self.creatives.iter().enumerate() {
            let against = misfits.iter().find(|it| it.of == Of::Creative(n));
            match against {
                _ if !wanted(&draft.creative_id) => {}
                Some(misfit) => all.push(failed(draft, vec![misfit.problem()])),
                None => all.push(one(work, &owner, n, draft, self.dry_run).await?),
            }
        }
        let failed: Vec<Problem> = all.iter().flat_map(|one| one.errors.clone()).collect();
        if !failed.is_empty() && self.validation_mode == Validation::Strict {
            return Err(Fault::invalid(failed));
        }
        if self.delete_missing {
            all.extend(archived(work, &owner, &self.creatives, self.dry_run).await?);
        }
        if !self.dry_run {
            approved(work, &owner, &all);
            self.show(work, &buys, &misfits, &mut all).await?;
            work.tell(
                "creatives.synced",
                "creative",
                owner.clone(),
                format!("{} creatives", all.len()),
            );
        }
        let library = Library {
            creatives: all,
            dry_run: self.dry_run,
        };
        webhooks::tasks::synced(work, &owner, hook, &library).await?;
        Ok(library)
    }
}

impl SyncCreatives {
    fn check(&self) -> Result<(), Fault> {
        let wrong = |field: &str, message: String| {
            Err(Fault::field(Problem::new(
                field,
                Code::new("INVALID_REQUEST"),
                message,
            )))
        };
        if self.creatives.is_empty() || self.creatives.len() > MOST {
            return wrong("creatives", format!("must be 1 to {MOST}"));
        }
        let mut ids: Vec<&str> = self
            .creatives
            .iter()
            .map(|one| one.creative_id.as_str())
            .collect();
        ids.sort_unstable();
        match ids.windows(2).find(|two| two[0] == two[1]) {
            Some(twice) => wrong("creatives", format!("name {} twice", text::echo(twice[0]))),
            None => Ok(()),
        }
    }
}

fn problems(draft: &CreativeDraft, n: usize) -> Vec<Problem> {
    let mut found = Vec::new();
    for (field, text) in [("creative_id", &draft.creative_id), ("name", &draft.name)] {
        if let Err(wrong) = text::check_line(text, LONGEST) {
            let field = format!("creatives[{n}].{field}");
            found.push(Problem::new(
                field,
                Code::new("INVALID_TEXT"),
                wrong.to_string(),
            ));
        }
    }
    if !draft.format_id.get("id").is_some_and(Value::is_string) {
        let field = format!("creatives[{n}].format_id.id");
        found.push(Problem::new(
            field,
            Code::new("INVALID_REQUEST"),
            "is missing",
        ));
    }
    found
}

async fn one(
    work: &mut Work<'_>,
    owner: &str,
    n: usize,
    draft: &CreativeDraft,
    dry: bool,
) -> Result<Synced, Fault> {
    let told = |action: &str, status, changes| Synced {
        creative_id: draft.creative_id.clone(),
        action: action.to_owned(),
        status,
        changes,
        errors: Vec::new(),
        assigned_to: Vec::new(),
        unassigned: BTreeMap::new(),
    };
    let errors = problems(draft, n);
    if !errors.is_empty() {
        return Ok(failed(draft, errors));
    }
    let status = if work.desk().review_creatives {
        CreativeStatus::PendingReview
    } else {
        CreativeStatus::Approved
    };
    let fresh = LibraryCreative {
        creative_id: draft.creative_id.clone(),
        owner: owner.to_owned(),
        name: draft.name.clone(),
        format_id: draft.format_id.clone(),
        assets: draft.assets.clone(),
        tags: draft.tags.clone(),
        status,
        rejection_reason: None,
        rest: draft.rest.clone(),
    };
    let Some(stored) = read(work, owner, &draft.creative_id).await? else {
        if !dry {
            work.create(&fresh)?;
        }
        return Ok(told("created", Some(status), Vec::new()));
    };
    let changes = differences(&stored.record, &fresh);
    if changes.is_empty() {
        return Ok(told("unchanged", Some(stored.record.status), changes));
    }
    if !dry {
        work.replace(&stored, &fresh)?;
    }
    Ok(told("updated", Some(status), changes))
}

/// Takes creatives in that came with a package, each once, and says what the package shows.
/// `taken` are those that came in before in the same commit.
///
/// # Errors
/// When one of them is wrong.
pub(in crate::engine) async fn inline(
    work: &mut Work<'_>,
    owner: &str,
    drafts: Vec<Map<String, Value>>,
    at: &str,
    taken: &mut Vec<String>,
) -> Result<Vec<Shown>, Fault> {
    let mut shown = Vec::new();
    for (n, draft) in drafts.into_iter().enumerate() {
        let draft: CreativeDraft =
            serde_json::from_value(Value::Object(draft)).map_err(|wrong| {
                let code = Code::new("INVALID_REQUEST");
                Fault::field(Problem::new(
                    format!("{at}.creatives[{n}]"),
                    code,
                    wrong.to_string(),
                ))
            })?;
        if !taken.contains(&draft.creative_id) {
            let synced = one(work, owner, n, &draft, false).await?;
            if !synced.errors.is_empty() {
                let problems = synced.errors.into_iter().map(|one| Problem {
                    field: format!("{at}.{}", one.field),
                    ..one
                });
                return Err(Fault::invalid(problems.collect()));
            }
            if synced.status == Some(CreativeStatus::Approved) {
                taken.push(draft.creative_id.clone());
            }
        }
        shown.push(Shown {
            creative_id: draft.creative_id,
            weight: None,
            placement_ids: None,
        });
    }
    Ok(shown)
}

fn differences(was: &LibraryCreative, is: &LibraryCreative) -> Vec<String> {
    let all = [
        ("name", was.name != is.name),
        ("format_id", was.format_id != is.format_id),
        ("assets", was.assets != is.assets),
        ("tags", was.tags != is.tags),
        ("ext", was.rest != is.rest),
        ("status", was.status == CreativeStatus::Archived),
    ];
    let changed = all.into_iter().filter(|(_, changed)| *changed);
    changed.map(|(name, _)| name.to_owned()).collect()
}

async fn archived(
    work: &mut Work<'_>,
    owner: &str,
    named: &[CreativeDraft],
    dry: bool,
) -> Result<Vec<Synced>, Fault> {
    let filter = Filter {
        parent: Some(owner.to_owned()),
        limit: MOST_BUYS,
        ..Filter::default()
    };
    let mut gone = Vec::new();
    for stored in work.list::<LibraryCreative>(&filter).await? {
        let id = &stored.record.creative_id;
        let named = named.iter().any(|one| one.creative_id == *id);
        if named || stored.record.status == CreativeStatus::Archived {
            continue;
        }
        gone.push(Synced {
            creative_id: id.clone(),
            action: "deleted".to_owned(),
            status: None,
            changes: Vec::new(),
            errors: Vec::new(),
            assigned_to: Vec::new(),
            unassigned: BTreeMap::new(),
        });
        if !dry {
            let archived = LibraryCreative {
                status: CreativeStatus::Archived,
                ..stored.record.clone()
            };
            work.replace(&stored, &archived)?;
            hooks::drop(work, owner, id).await?;
        }
    }
    Ok(gone)
}

/// A creative that did not come in.
fn failed(draft: &CreativeDraft, errors: Vec<Problem>) -> Synced {
    Synced {
        creative_id: draft.creative_id.clone(),
        action: "failed".to_owned(),
        status: None,
        changes: Vec::new(),
        errors,
        assigned_to: Vec::new(),
        unassigned: BTreeMap::new(),
    }
}

/// Tells of what came in and may be shown at once.
fn approved(work: &mut Work<'_>, owner: &str, all: &[Synced]) {
    let fresh = all
        .iter()
        .filter(|one| one.status == Some(CreativeStatus::Approved) && one.action != "unchanged");
    for one in fresh {
        let key = LibraryCreative::key(owner, &one.creative_id);
        let detail = format!("{} may be shown", one.creative_id);
        work.tell("creatives.approved", "creative", key, detail);
    }
}
