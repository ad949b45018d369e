//! Everything that stands in the brief form: filled from a brief, and read back as one.
//! What nobody edited is read back exactly as it came; what cannot be read is a problem
//! beside its field and never lost.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    map::{Split, listed},
    part::{Group, Part},
};
use crate::{
    domain::{
        booking::{brief::CampaignBrief, negotiation::NegotiationAsk},
        channel::Channel,
        money::{Amount, Currency, Money},
        problem::{Code, Problem},
    },
    engine::question,
    tui::field::Field,
};

/// Whether prices are talked about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Talks {
    /// As the desk usually does.
    #[default]
    Usual,
    /// Yes, with these bounds.
    On,
    /// No.
    Off,
}

/// What stands in the form.
#[derive(Debug, Clone, Default)]
pub struct Filled {
    texts: BTreeMap<Part, Field>,
    objectives: (String, Vec<String>),
    /// Each box with its name, the known ones first.
    pub ticks: Vec<(String, bool)>,
    /// The channels as they came, and the boxes as they were ticked then.
    channels: Option<(Vec<String>, Vec<bool>)>,
    audience: Split,
    kpis: Split,
    had_kpis: bool,
    /// What is edited as JSON.
    raw: BTreeSet<Group>,
    /// Whether prices are talked about.
    pub talks: Talks,
    said_on: bool,
    /// Whether everything is approved in advance.
    pub auto_approve: bool,
}

/// A brief that was read from the form, with what could not be read.
pub struct Reading {
    /// The brief; where something could not be read, something harmless stands in.
    pub brief: CampaignBrief,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

impl Filled {
    /// Nothing yet.
    #[must_use]
    pub fn empty() -> Self {
        let ticks = Channel::ALL.into_iter();
        Self {
            ticks: ticks.map(|one| (one.name().to_owned(), false)).collect(),
            ..Self::default()
        }
    }

    /// A brief, in its fields.
    #[must_use]
    pub fn of(brief: &CampaignBrief, auto_approve: bool) -> Self {
        let mut filled = Self::empty();
        filled.auto_approve = auto_approve;
        filled.set(Part::Name, &brief.name);
        filled.objectives = (brief.objectives.join(", "), brief.objectives.clone());
        let objectives = filled.objectives.0.clone();
        filled.set(Part::Objectives, &objectives);
        if brief.budget.is_positive() || brief.budget.is_negative() {
            filled.set(Part::Budget, &brief.budget.to_string());
        }
        filled.set(Part::Currency, brief.currency.as_deref().unwrap_or(""));
        filled.set(Part::Start, &brief.start_date);
        filled.set(Part::End, &brief.end_date);
        filled.tick(brief.channels.as_ref());
        filled.split(Group::Audience, &brief.target_audience);
        filled.had_kpis = brief.kpis.is_some();
        filled.split(Group::Kpis, &brief.kpis.clone().unwrap_or_default());
        filled.talk(brief.negotiation.as_ref());
        filled
    }

    fn tick(&mut self, sent: Option<&Vec<String>>) {
        let Some(sent) = sent else { return };
        for name in sent {
            let known = name.parse::<Channel>().map(Channel::name);
            let name = known.unwrap_or(name);
            match self.ticks.iter_mut().find(|(one, _)| one == name) {
                Some((_, on)) => *on = true,
                None => self.ticks.push((name.to_owned(), true)),
            }
        }
        let now = self.ticks.iter().map(|(_, on)| *on).collect();
        self.channels = Some((sent.clone(), now));
    }

    fn talk(&mut self, ask: Option<&NegotiationAsk>) {
        let Some(ask) = ask else { return };
        self.talks = match ask.enabled {
            Some(false) => Talks::Off,
            _ => Talks::On,
        };
        self.said_on = ask.enabled == Some(true);
        for (part, sent) in [
            (Part::Opening, ask.opening_percent),
            (Part::Step, ask.step_percent),
            (Part::Ceiling, ask.ceiling_percent),
            (Part::CeilingCpm, ask.ceiling_cpm),
        ] {
            let text = sent.map_or_else(String::new, |sent| sent.to_string());
            self.set(part, &text);
        }
        let rounds = ask.rounds.map_or_else(String::new, |n| n.to_string());
        self.set(Part::Rounds, &rounds);
    }

    /// Takes a map apart into its fields.
    fn split(&mut self, group: Group, map: &Map<String, Value>) {
        for part in Part::all().filter(|part| part.group() == group) {
            self.texts.remove(&part);
        }
        let (split, texts) = Split::of(group, map);
        for (part, text) in texts {
            self.set(part, &text);
        }
        match group {
            Group::Audience => self.audience = split,
            _ => self.kpis = split,
        }
    }

    /// What stands in a field.
    #[must_use]
    pub fn text(&self, part: Part) -> &str {
        self.texts.get(&part).map_or("", Field::text)
    }

    /// The line of a field.
    pub fn field(&mut self, part: Part) -> &mut Field {
        self.texts.entry(part).or_default()
    }

    /// The line of a field, to draw it.
    #[must_use]
    pub fn seen(&self, part: Part) -> Option<&Field> {
        self.texts.get(&part)
    }

    fn set(&mut self, part: Part, text: &str) {
        self.texts.insert(part, Field::new(text));
    }

    /// Whether it says the same as another one.
    #[must_use]
    pub fn says(&self, other: &Self) -> bool {
        let same = |part| match part {
            Part::Channels => self.ticks == other.ticks,
            Part::Talks => self.talks == other.talks,
            Part::AutoApprove => self.auto_approve == other.auto_approve,
            part => self.text(part) == other.text(part),
        };
        let raw = self.raw == other.raw;
        let kept = self.audience == other.audience && self.kpis == other.kpis;
        raw && kept && Part::all().all(same)
    }

    /// Whether a group is edited as JSON.
    #[must_use]
    pub fn is_raw(&self, group: Group) -> bool {
        self.raw.contains(&group)
    }

    /// The fields that are there now, in order.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let shown = |part: &Part| {
            let group = part.group();
            match group.raw() {
                Some(raw) => self.is_raw(group) == (*part == raw),
                None if group == Group::Talks && *part != Part::Talks => {
                    self.talks == Talks::On
                        || (self.talks == Talks::Off && !self.text(*part).trim().is_empty())
                }
                None => true,
            }
        };
        Part::all().filter(shown).collect()
    }

    /// What no field of a group shows, and is kept.
    #[must_use]
    pub fn kept(&self, group: Group) -> Vec<String> {
        let split = match group {
            Group::Audience if !self.is_raw(group) => &self.audience,
            Group::Kpis if !self.is_raw(group) => &self.kpis,
            _ => return Vec::new(),
        };
        split.kept().map(str::to_owned).collect()
    }

    /// A group as a map.
    ///
    /// # Errors
    /// When it is edited as JSON and is none, with what is wrong.
    pub fn map(&self, group: Group) -> Result<Map<String, Value>, Problem> {
        let (split, raw) = match group {
            Group::Audience => (&self.audience, Part::Audience),
            _ => (&self.kpis, Part::Kpis),
        };
        if !self.is_raw(group) {
            return Ok(split.map(group, |part| self.text(part)));
        }
        let text = self.text(raw).trim();
        if text.is_empty() {
            return Ok(Map::new());
        }
        question::read::<Map<String, Value>>(text.as_bytes()).map_err(|fault| {
            let said = fault.message.trim_start_matches("body: ");
            let said = said.trim_start_matches("the body ");
            Problem::new(
                format!("brief.{}", raw.wire()),
                Code::new("MALFORMED_JSON"),
                format!("it {said}"),
            )
            .hint("write a JSON object, such as {\"key\": \"value\"}")
        })
    }

    /// Goes from fields to JSON and back.
    ///
    /// # Errors
    /// When the JSON cannot be read, with what is wrong.
    pub fn turn(&mut self, group: Group) -> Result<(), Problem> {
        let Some(raw) = group.raw() else {
            return Ok(());
        };
        let map = self.map(group)?;
        let now = !self.is_raw(group);
        if now {
            let text = Value::Object(map).to_string();
            self.set(raw, &text);
        } else {
            self.split(group, &map);
        }
        if now {
            self.raw.insert(group);
        } else {
            self.raw.remove(&group);
        }
        Ok(())
    }

    /// Takes what was pasted into a field; JSON of many lines becomes one. Says how many
    /// characters had no room.
    pub fn paste(&mut self, part: Part, text: &str) -> usize {
        let raw = matches!(part, Part::Audience | Part::Kpis);
        let whole = matches!(self.text(part).trim(), "" | "{}");
        if raw && whole {
            if let Ok(map) = question::read::<Map<String, Value>>(text.trim().as_bytes()) {
                let compact = Value::Object(map).to_string();
                self.set(part, "");
                return self.field(part).paste(&compact);
            }
            self.set(part, "");
        }
        self.field(part).paste(text)
    }

    fn objectives(&self) -> Vec<String> {
        let text = self.text(Part::Objectives);
        let (shown, came) = &self.objectives;
        if text == shown {
            return came.clone();
        }
        listed(text)
    }

    fn channels(&self) -> Option<Vec<String>> {
        let now: Vec<bool> = self.ticks.iter().map(|(_, on)| *on).collect();
        if let Some((sent, before)) = &self.channels
            && *before == now
        {
            return Some(sent.clone());
        }
        let on = self.ticks.iter().filter(|(_, on)| *on);
        let names: Vec<String> = on.map(|(name, _)| name.clone()).collect();
        (!names.is_empty()).then_some(names)
    }

    fn number(&self, part: Part, problems: &mut Vec<Problem>) -> Option<Amount> {
        let text = self.text(part).trim();
        if text.is_empty() {
            return None;
        }
        let read = text.parse::<Amount>();
        if let Err(why) = &read {
            let field = format!("brief.negotiation.{}", part.wire());
            let message = format!("{}: {why}", part.wire());
            problems.push(Problem::new(field, Code::INVALID_NEGOTIATION, message));
        }
        read.ok()
    }

    fn talks(&self, problems: &mut Vec<Problem>) -> Option<NegotiationAsk> {
        let enabled = match self.talks {
            Talks::Usual => return None,
            Talks::On => self.said_on.then_some(true),
            Talks::Off => Some(false),
        };
        let rounds = self.text(Part::Rounds).trim();
        let read = (!rounds.is_empty()).then(|| rounds.parse::<u32>());
        if let Some(Err(_)) = read {
            let message = "rounds must be a whole number from 1 to 10";
            problems.push(Problem::new(
                "brief.negotiation.rounds",
                Code::INVALID_NEGOTIATION,
                message,
            ));
        }
        Some(NegotiationAsk {
            enabled,
            opening_percent: self.number(Part::Opening, problems),
            step_percent: self.number(Part::Step, problems),
            ceiling_percent: self.number(Part::Ceiling, problems),
            ceiling_cpm: self.number(Part::CeilingCpm, problems),
            rounds: read.and_then(Result::ok),
        })
    }

    fn budget(&self, problems: &mut Vec<Problem>) -> Option<Amount> {
        let text = self.text(Part::Budget).trim();
        let problem = |message| Problem::new("brief.budget", Code::INVALID_BUDGET, message);
        if text.is_empty() {
            let problem = problem("a campaign has a budget".to_owned());
            problems.push(problem.hint("write an amount, such as 25000 or 19.90"));
            return None;
        }
        let read = Amount::typed(text);
        if let Err(why) = &read {
            let problem = problem(format!("the budget {why}"));
            problems.push(problem.hint("write an amount, such as 25,000 or 19.90"));
        }
        read.ok()
    }

    /// Reads the brief that stands there.
    #[must_use]
    pub fn read(&self) -> Reading {
        let mut problems = Vec::new();
        let budget = self.budget(&mut problems);
        let mut group = |group| {
            self.map(group).unwrap_or_else(|problem| {
                problems.push(problem);
                Map::new()
            })
        };
        let audience = group(Group::Audience);
        let kpis = group(Group::Kpis);
        let currency = self.text(Part::Currency).trim();
        let brief = CampaignBrief {
            name: self.text(Part::Name).to_owned(),
            objectives: self.objectives(),
            budget: budget.or_else(|| "1".parse().ok()).unwrap_or_else(nothing),
            currency: (!currency.is_empty()).then(|| currency.to_ascii_uppercase()),
            start_date: self.text(Part::Start).trim().to_owned(),
            end_date: self.text(Part::End).trim().to_owned(),
            target_audience: audience,
            kpis: (self.had_kpis || !kpis.is_empty()).then_some(kpis),
            channels: self.channels(),
            negotiation: self.talks(&mut problems),
        };
        Reading { brief, problems }
    }

    /// The whole brief as JSON for people. What cannot be read stands in it as it was typed.
    #[must_use]
    pub fn json(&self) -> String {
        let mut brief = self.read().brief;
        let budget = self.text(Part::Budget).trim();
        let unread = Amount::typed(budget).is_err();
        if unread {
            brief.budget = nothing();
        }
        let mut text = serde_json::to_string_pretty(&brief).unwrap_or_default();
        if unread && !budget.is_empty() {
            let quoted = Value::from(budget).to_string();
            text = text.replacen("\"budget\": 0", &format!("\"budget\": {quoted}"), 1);
        }
        for group in [Group::Audience, Group::Kpis] {
            if let (Err(_), Some(raw)) = (self.map(group), group.raw()) {
                let empty = format!("\"{}\": {{}}", raw.wire());
                let typed = format!("\"{}\": {}", raw.wire(), self.text(raw));
                text = match (text.contains(&empty), raw) {
                    (true, _) => text.replacen(&empty, &typed, 1),
                    (false, _) => text.replacen("\n}", &format!(",\n  {typed}\n}}"), 1),
                };
            }
        }
        text.push('\n');
        text
    }
}

/// No money at all.
fn nothing() -> Amount {
    let zero = Money::zero(Currency::USD).amount();
    "0".parse().unwrap_or(zero)
}
