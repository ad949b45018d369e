//! A media buy that lives in another company's sales agent: what is shown of it there, kept beside
//! the buy here, and what was asked of it. What it means is worked out from these facts each time.
//! Refuses to guess: what the other side does not show stays empty.

pub mod contact;
pub mod deed;
pub mod link;
pub mod mirror;
pub mod shown;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::{
    deed::{Ask, Deed, Field, Stage},
    shown::{Ordered, ShownBuy, ShownTask},
};
use crate::domain::{booking::upstream::differ::Disagreement, when::Instant};

/// How many of the things that were asked of one buy are kept.
pub const MOST_DEEDS: usize = 20;
/// The most disagreements that are told of one buy.
const MOST: usize = 50;

/// The make of another company's system with media buys in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum AgentKind {
    /// An `AdCP` sales agent, by its tools.
    #[serde(rename = "adcp")]
    Adcp,
}

impl AgentKind {
    /// The name in settings and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Adcp => "adcp",
        }
    }

    /// As it stands in a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Adcp => "the AdCP sales agent",
        }
    }
}

/// What is known of a media buy in the system that it lives in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Upstream {
    /// Which make.
    pub kind: AgentKind,
    /// What is shown of it there; nothing before it was seen.
    pub shown: Option<Box<ShownBuy>>,
    /// When what is shown there changed last, as far as it was seen.
    pub seen_at: Option<Instant>,
    /// Since when the other side has not shown it any more.
    pub missing_since: Option<Instant>,
    /// The question about it that waits for a person there.
    pub held: Option<ShownTask>,
    /// Since when that question is gone without a decision from here, while the buy is shown as
    /// waiting still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticked: Option<Instant>,
    /// What it was ordered with, where only the task that ordered it tells.
    #[serde(default)]
    pub ordered: Option<Box<Ordered>>,
    /// What was asked of it from here, the newest last.
    #[serde(default)]
    pub deeds: Vec<Deed>,
}

impl Upstream {
    /// One of which nothing is known yet.
    #[must_use]
    pub fn new(kind: AgentKind) -> Self {
        Self {
            kind,
            shown: None,
            seen_at: None,
            missing_since: None,
            held: None,
            ticked: None,
            ordered: None,
            deeds: Vec::new(),
        }
    }

    /// Its id there, once it is known.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.shown.as_ref().map(|shown| shown.id.as_str())
    }

    /// Keeps something that is to be asked.
    pub fn keep(&mut self, deed: Deed) {
        if self.deeds.len() >= MOST_DEEDS {
            let over = self.deeds.iter().position(|one| !one.is_open());
            self.deeds.remove(over.unwrap_or(0));
        }
        self.deeds.push(deed);
    }

    /// Takes over which questions wait there. One that is gone although nobody decided from here and
    /// the buy is shown as waiting still was perhaps ticked off as a task and no more.
    pub fn waits(&mut self, waiting: &[ShownTask], status: &str, now: Instant) {
        let had = self.held.as_ref().is_some_and(|held| !held.change);
        self.held = waiting.first().cloned();
        let pending = matches!(status, "pending_start" | "pending_approval" | "pending");
        let decided = self.deeds.iter().any(|deed| {
            let whole = matches!(&deed.ask, Ask::Decide(say) if !say.change);
            whole && deed.stage != Stage::Refused
        });
        if self.held.is_some() || !pending || decided {
            self.ticked = None;
        } else if had {
            self.ticked.get_or_insert(now);
        }
    }

    /// What must have ended before anything else is asked.
    #[must_use]
    pub fn in_the_way(&self) -> Option<&Deed> {
        self.deeds.iter().find(|one| one.is_in_the_way())
    }

    /// What is yet to be sent, or has left and is not answered.
    #[must_use]
    pub fn to_send(&self) -> Option<&Deed> {
        let mut all = self.deeds.iter();
        all.find(|one| one.is_open() && matches!(one.stage, Stage::Kept | Stage::Out))
    }

    /// How many things are asked of which more is expected.
    #[must_use]
    pub fn open(&self) -> usize {
        self.deeds.iter().filter(|one| one.is_open()).count()
    }

    /// Judges everything that was asked by what is shown now; those that have ended with that.
    pub fn judge(&mut self, waiting: Option<&[&str]>, now: Instant) -> Vec<Deed> {
        let Some(shown) = self.shown.as_deref() else {
            return Vec::new();
        };
        let all = self.deeds.iter_mut();
        all.filter_map(|one| one.judge(shown, waiting, now).then(|| one.clone()))
            .collect()
    }

    /// Where what was asked and what is shown are not the same: of each thing what was asked last.
    #[must_use]
    pub fn disagreements(&self) -> Vec<Disagreement> {
        let mut seen: Vec<&Field> = Vec::new();
        let mut found = Vec::new();
        for deed in self.deeds.iter().rev() {
            for (field, differs) in deed.differences(self.shown.as_deref(), self.held.is_some()) {
                if !seen.contains(&field) {
                    found.push(differs);
                }
            }
            if deed.stage != Stage::Refused {
                seen.extend(deed.effects.iter().map(|one| &one.field));
            }
        }
        let on_its_way = self.deeds.iter().filter(|one| one.is_open());
        if self.missing_since.is_some() {
            for deed in on_its_way {
                found.push(Disagreement {
                    about: "media buy".into(),
                    asked: deed.words.clone(),
                    shown: "nothing: it is gone there".into(),
                });
            }
        }
        found.truncate(MOST);
        found
    }

    /// What it comes to, in a few words; nothing where all is as it was asked for.
    #[must_use]
    pub fn short(&self) -> String {
        if self.missing_since.is_some() {
            return "gone there".into();
        }
        let disagreements = match self.disagreements().len() {
            0 => None,
            1 => Some("1 disagreement".to_owned()),
            count => Some(format!("{count} disagreements")),
        };
        let open = self.deeds.iter().rev().find(|one| one.is_open());
        let open = open.map(|one| match one.stage {
            Stage::Held => "change held there".to_owned(),
            Stage::Lost => "answer lost, being looked for".to_owned(),
            _ => "change on its way".to_owned(),
        });
        let all: Vec<String> = [open, disagreements].into_iter().flatten().collect();
        all.join(", ")
    }

    /// Where it lives, in a line for people.
    #[must_use]
    pub fn line(&self) -> String {
        let words = self.kind.words();
        match self.shown.as_deref() {
            None => format!("lives in {words}; not seen there yet"),
            Some(shown) => {
                let (id, status) = (&shown.id, &shown.status);
                format!("lives in {words}, {id}: {status}")
            }
        }
    }

    /// What people should know beside that, each in a line.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let second = |at: Instant| at.format("%Y-%m-%d %H:%M:%S UTC");
        let mut said = Vec::new();
        if let Some(since) = self.missing_since {
            let since = second(since);
            said.push(format!(
                "not shown there since {since}; kept here as it was last seen"
            ));
        }
        if let Some(held) = &self.held {
            let what = if held.change { "a change of it" } else { "it" };
            said.push(format!("{what} waits for a person there, as {}", held.id));
        }
        if let Some(at) = self.ticked {
            let at = second(at);
            said.push(format!(
                "the question about it is gone there since {at}, not decided from here, and it is shown as waiting still: if it does not run from its first day, its approval was only ticked off as a task, and it has to be ordered anew"
            ));
        }
        let undated = self.shown.as_ref().is_some_and(|shown| shown.end.is_none());
        if undated {
            said.push("no flight dates: they are not shown there, so nothing is paced".into());
        }
        let newest = self.deeds.iter().rev().take(5);
        said.extend(newest.map(|deed| {
            let at = deed.at.format("%b %d %H:%M");
            format!("{at}, {} asked to {}", deed.by, deed.line())
        }));
        said
    }
}
