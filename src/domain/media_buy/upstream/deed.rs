//! Something that is asked of a media buy that lives in a sales agent: kept before it leaves, sent
//! once, and judged by what is shown afterwards, never by what was answered. Refuses to call
//! applied what is not shown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shown::{ShownBuy, ShownPackage};
use crate::domain::{
    booking::upstream::differ::Disagreement,
    media_buy::{
        action::OrderVerb,
        change::{BuyChange, PackageChange},
        draft::BuyDraft,
    },
    money::{Currency, Money},
    when::{Instant, rfc3339},
};

/// In how many looks something that was accepted may show no effect.
pub const LOOKS: u32 = 2;
/// How long something whose answer was lost may still show its effect.
pub const LONGEST_WAIT: chrono::Duration = chrono::Duration::minutes(10);

/// What is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Order it.
    Create(Box<BuyDraft>),
    /// Change it.
    Change(Box<BuyChange>),
    /// One of the actions on its order.
    Act(OrderVerb),
    /// Decide for the publisher on what waits there.
    Decide(Say),
}

/// What is decided for the publisher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub struct Say {
    /// Yes, or no.
    pub yes: bool,
    /// Why.
    pub reason: Option<String>,
    /// Whether that is about a change, and not about the whole buy.
    pub change: bool,
    /// The question there.
    pub task_id: String,
    /// What the question belongs to there.
    pub context_id: Option<String>,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It has yet to be sent.
    Kept,
    /// It has left and is not answered.
    Out,
    /// It was accepted; what came of it is not seen yet.
    Answered,
    /// It waits for a person there.
    Held,
    /// Its answer was lost: only looking tells.
    Lost,
    /// It is shown as it was asked for.
    Applied,
    /// It was accepted, and is not shown as it was asked for.
    NotApplied,
    /// It was turned down.
    Refused,
}

impl Stage {
    /// In words, for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Kept => "not sent yet",
            Self::Out => "sent, not answered yet",
            Self::Answered => "accepted, not seen yet",
            Self::Held => "held there until somebody approves it",
            Self::Lost => "its answer was lost; not sent again",
            Self::Applied => "applied",
            Self::NotApplied => "accepted but not applied",
            Self::Refused => "refused",
        }
    }

    /// The name in lists and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Out => "out",
            Self::Answered => "answered",
            Self::Held => "held",
            Self::Lost => "lost",
            Self::Applied => "applied",
            Self::NotApplied => "not_applied",
            Self::Refused => "refused",
        }
    }
}

/// What is looked at to see whether it was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Whether all of it runs.
    Runs,
    /// Whether it was called off.
    Canceled,
    /// When it begins.
    Start,
    /// When it is over.
    End,
    /// Whether it is agreed to.
    Agreed,
    /// Whether a package runs.
    PackageRuns(String),
    /// Whether a package was called off.
    PackageCanceled(String),
    /// What a package may cost.
    PackageBudget(String),
    /// How many impressions a package has.
    PackageImpressions(String),
    /// How a package is spread.
    PackageSpread(String),
    /// Something that is never shown there.
    Unseen(String),
}

/// One thing that shall be different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Effect {
    /// What is looked at.
    pub field: Field,
    /// The same in words.
    pub about: String,
    /// What it was.
    pub was: Option<String>,
    /// What it shall be.
    pub asked: String,
    /// What is shown; nothing where it is not shown at all.
    pub shown: Option<String>,
}

impl Effect {
    fn new(shown: Option<&ShownBuy>, field: Field, about: String, asked: String) -> Self {
        let was = shown.and_then(|shown| value(shown, Some(false), &field));
        Self {
            field,
            about,
            shown: was.clone(),
            was,
            asked,
        }
    }

    /// What is asked, in words.
    fn words(&self) -> String {
        let verb = match self.asked.as_str() {
            "paused" => "pause",
            "running" => "resume",
            _ => "cancel",
        };
        match &self.field {
            Field::Runs | Field::Canceled => verb.to_owned(),
            Field::PackageRuns(_) | Field::PackageCanceled(_) => format!("{verb} {}", self.about),
            _ => format!("set {} to {}", self.about, self.asked),
        }
    }

    fn is_done(&self) -> bool {
        self.shown.as_deref() == Some(&*self.asked)
    }
}

/// Something that is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Deed {
    /// Its mark, and the key by which the other side knows it again.
    pub key: String,
    /// What is asked.
    pub ask: Ask,
    /// The same in words.
    pub words: String,
    /// Who asked.
    pub by: String,
    /// When.
    pub at: Instant,
    /// How far it has come.
    pub stage: Stage,
    /// When it left, if it may have arrived.
    pub sent_at: Option<Instant>,
    /// How often it was tried in vain.
    pub tries: u32,
    /// What was answered, or why it was not done.
    pub said: Option<String>,
    /// The question that it waits for there.
    pub task_id: Option<String>,
    /// In how many looks it has shown no effect.
    pub looks: u32,
    /// Since when nothing more is expected of it.
    pub ended_at: Option<Instant>,
    /// What shall be different.
    pub effects: Vec<Effect>,
}

impl Deed {
    /// Something that is to be asked.
    #[must_use]
    pub fn new(key: String, ask: Ask, (by, at): (&str, Instant), shown: Option<&ShownBuy>) -> Self {
        let effects = effects(&ask, shown);
        let words = match &ask {
            Ask::Create(_) => "order it".to_owned(),
            Ask::Act(verb) => verb.name().replace('_', " "),
            Ask::Decide(say) if say.yes => "approve".to_owned(),
            Ask::Decide(_) => "reject".to_owned(),
            Ask::Change(_) => {
                let each: Vec<String> = effects.iter().map(Effect::words).collect();
                each.join(", ")
            }
        };
        Self {
            key,
            ask,
            words,
            by: by.to_owned(),
            at,
            stage: Stage::Kept,
            sent_at: None,
            tries: 0,
            said: None,
            task_id: None,
            looks: 0,
            ended_at: None,
            effects,
        }
    }

    /// Whether something more is expected of it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none()
    }

    /// Whether nothing else may be asked before it has ended. What waits for a person there may
    /// wait for days, and keeps nothing else.
    #[must_use]
    pub fn is_in_the_way(&self) -> bool {
        self.is_open() && self.stage != Stage::Held
    }

    /// Ends it.
    pub fn end(&mut self, stage: Stage, at: Instant) {
        self.stage = stage;
        self.ended_at = Some(at);
    }

    /// Judges it by what is shown now. `waiting` are the questions that wait there, where that is
    /// known; true when it has ended with that.
    pub fn judge(&mut self, shown: &ShownBuy, waiting: Option<&[&str]>, now: Instant) -> bool {
        if !self.is_open() || matches!(self.stage, Stage::Kept | Stage::Out) {
            return false;
        }
        let held = waiting.map(|all| !all.is_empty());
        for effect in &mut self.effects {
            effect.shown = value(shown, held, &effect.field);
        }
        if self.effects.iter().all(Effect::is_done) {
            self.end(Stage::Applied, now);
            return true;
        }
        let own = self.task_id.as_deref();
        match self.stage {
            Stage::Lost => {
                let over = self.sent_at.is_none_or(|at| now - at > LONGEST_WAIT);
                if over {
                    self.end(Stage::Lost, now);
                }
                return over;
            }
            // As long as it waits there, or nobody can say.
            Stage::Held if waiting.is_none_or(|all| own.is_none_or(|own| all.contains(&own))) => {
                return false;
            }
            _ => {}
        }
        self.looks += 1;
        if self.looks < LOOKS {
            return false;
        }
        if self.stage == Stage::Held {
            self.said = Some("the question there was closed and nothing changed".to_owned());
        }
        self.end(Stage::NotApplied, now);
        true
    }

    /// What is not shown as it was asked for, by what is shown now.
    pub fn differences<'a>(
        &'a self,
        shown: Option<&'a ShownBuy>,
        held: bool,
    ) -> impl Iterator<Item = (&'a Field, Disagreement)> {
        let ended = !self.is_open() && matches!(self.stage, Stage::NotApplied | Stage::Lost);
        let all = self.effects.iter().filter(move |_| ended);
        all.filter_map(move |one| {
            let now = shown.and_then(|shown| value(shown, Some(held), &one.field));
            if now.as_deref() == Some(&*one.asked) {
                return None;
            }
            let differs = Disagreement {
                about: one.about.clone(),
                asked: one.asked.clone(),
                shown: now.unwrap_or_else(|| "nothing of it".to_owned()),
            };
            Some((&one.field, differs))
        })
    }

    /// What came of it, in a line.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = format!("{}: {}", self.words, self.stage.words());
        if let Some(said) = &self.said {
            line = format!("{line} ({said})");
        }
        line
    }
}

/// What is shown of a field, in the words in which it is asked for.
fn value(shown: &ShownBuy, held: Option<bool>, field: &Field) -> Option<String> {
    let package = |id: &str| shown.package(id);
    let runs = |paused: bool| if paused { "paused" } else { "running" };
    Some(match field {
        Field::Runs | Field::Canceled => status(shown).to_owned(),
        Field::Start => rfc3339(shown.start?),
        Field::End => rfc3339(shown.end?),
        Field::Agreed => match status(shown) {
            "rejected" => "rejected",
            "awaiting approval" => "waits",
            word if word.starts_with("pending_") => match held {
                Some(true) => "waits",
                Some(false) => "approved",
                // What waits for its approval is shown as if it waited for its flight.
                None => return None,
            },
            _ if held == Some(true) => "waits",
            _ => "approved",
        }
        .to_owned(),
        Field::PackageRuns(id) => runs(package(id)?.paused?).to_owned(),
        Field::PackageCanceled(id) => {
            let off = package(id).is_none_or(|one| one.canceled);
            if off { "canceled" } else { "there" }.to_owned()
        }
        Field::PackageBudget(id) => package(id)?.budget?.to_string(),
        Field::PackageImpressions(id) => package(id)?.impressions?.to_string(),
        Field::PackageSpread(id) => package(id)?.spread?.name().to_owned(),
        Field::Unseen(_) => return None,
    })
}

/// A status there in the words in which it is asked for.
fn status(shown: &ShownBuy) -> &str {
    match shown.status.as_str() {
        "active" | "delivering" | "reporting_delayed" => "running",
        "cancelled" => "canceled",
        "pending_approval" | "pending_manual" | "input-required" | "submitted" => {
            "awaiting approval"
        }
        "failed" => "rejected",
        other => other,
    }
}

fn effects(ask: &Ask, shown: Option<&ShownBuy>) -> Vec<Effect> {
    let one = |field: Field, about: &str, asked: &str| {
        vec![Effect::new(
            shown,
            field,
            about.to_owned(),
            asked.to_owned(),
        )]
    };
    match ask {
        Ask::Decide(say) => {
            let asked = if say.yes { "approved" } else { "rejected" };
            one(Field::Agreed, "approval", asked)
        }
        Ask::Act(OrderVerb::PauseMediaBuy) => one(Field::Runs, "status", "paused"),
        Ask::Act(OrderVerb::ResumeMediaBuy) => one(Field::Runs, "status", "running"),
        Ask::Act(OrderVerb::ActivateOrder | OrderVerb::ApproveOrder) => {
            one(Field::Agreed, "approval", "approved")
        }
        Ask::Act(OrderVerb::SubmitForApproval) => one(Field::Agreed, "approval", "waits"),
        Ask::Change(change) => of_change(change, shown),
        // Nothing is shown of that, wherever it is done.
        Ask::Create(_) | Ask::Act(_) => Vec::new(),
    }
}

fn of_change(change: &BuyChange, shown: Option<&ShownBuy>) -> Vec<Effect> {
    let mut all = Vec::new();
    let mut put = |field: Field, about: String, asked: String| {
        all.push(Effect::new(shown, field, about, asked));
    };
    if change.canceled == Some(true) {
        put(Field::Canceled, "status".into(), "canceled".into());
        return all;
    }
    if let Some(paused) = change.paused {
        let asked = if paused { "paused" } else { "running" };
        put(Field::Runs, "status".into(), asked.into());
    }
    if let Some(start) = &change.start_time {
        let exact = start
            .parse::<Instant>()
            .map_or_else(|_| start.clone(), rfc3339);
        put(Field::Start, "start".into(), exact);
    }
    if let Some(end) = change.end_time {
        put(Field::End, "end".into(), rfc3339(end));
    }
    let currency = shown.map_or(Currency::USD, |shown| shown.currency);
    for one in change.packages.iter().flatten() {
        let known = shown.and_then(|shown| shown.package(one.package_id.as_str()));
        of_package(one, known, currency, &mut put);
    }
    if change.new_packages.is_some() {
        put(
            Field::Unseen("new packages".into()),
            "packages".into(),
            "new ones".into(),
        );
    }
    all
}

fn of_package(
    one: &PackageChange,
    known: Option<&ShownPackage>,
    currency: Currency,
    put: &mut impl FnMut(Field, String, String),
) {
    let id = one.package_id.as_str().to_owned();
    let name = known.map_or(&*id, |known| &*known.product_id).to_owned();
    if one.canceled == Some(true) {
        put(Field::PackageCanceled(id), name, "canceled".into());
        return;
    }
    if let Some(paused) = one.paused {
        let asked = if paused { "paused" } else { "running" };
        put(Field::PackageRuns(id.clone()), name.clone(), asked.into());
    }
    if let Some(budget) = one.budget {
        let asked = Money::from_amount(budget, currency)
            .map_or_else(|_| budget.to_string(), |money| money.to_string());
        let about = format!("budget of {name}");
        put(Field::PackageBudget(id.clone()), about, asked);
    }
    if let Some(impressions) = one.impressions {
        let about = format!("impressions of {name}");
        put(
            Field::PackageImpressions(id.clone()),
            about,
            impressions.to_string(),
        );
    }
    if let Some(spread) = one.pacing {
        let about = format!("pacing of {name}");
        put(
            Field::PackageSpread(id.clone()),
            about,
            spread.name().into(),
        );
    }
    let mut unseen = |what: &str, asked: String| {
        let about = format!("{what} of {name}");
        put(Field::Unseen(about.clone()), about, asked);
    };
    if let Some(bid) = one.bid_price {
        unseen("bid", bid.to_string());
    }
    if let Some(start) = one.start_time {
        unseen("start", rfc3339(start));
    }
    if let Some(end) = one.end_time {
        unseen("end", rfc3339(end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().expect(text)
    }

    fn shown(status: &str, budget: i64) -> ShownBuy {
        ShownBuy {
            id: "mb_1".into(),
            status: status.into(),
            name: None,
            po_number: None,
            currency: Currency::USD,
            total: None,
            start: None,
            end: None,
            created_at: None,
            reason: None,
            packages: vec![ShownPackage {
                id: "pkg_1".into(),
                product_id: "ctv".into(),
                paused: Some(false),
                budget: Some(Money::new(budget, Currency::USD)),
                ..ShownPackage::default()
            }],
        }
    }

    fn answered(ask: Ask, before: &ShownBuy) -> Deed {
        let now = at("2026-06-01T12:00:00Z");
        let mut deed = Deed::new("k".into(), ask, ("ann", now), Some(before));
        (deed.stage, deed.sent_at) = (Stage::Answered, Some(now));
        deed
    }

    fn pause() -> Ask {
        Ask::Change(Box::new(BuyChange {
            paused: Some(true),
            ..BuyChange::default()
        }))
    }

    #[test]
    fn what_is_shown_as_it_was_asked_is_applied() {
        let before = shown("active", 100);
        let mut deed = answered(pause(), &before);
        let now = at("2026-06-01T12:00:15Z");
        assert!(deed.judge(&shown("paused", 100), None, now));
        assert_eq!(deed.stage, Stage::Applied);
        assert_eq!(deed.effects[0].was.as_deref(), Some("running"));
    }

    #[test]
    fn success_without_effect_is_told_field_by_field() {
        let before = shown("active", 100);
        let mut change = PackageChange::of("pkg_1".into());
        change.budget = Some(5u32.into());
        change.impressions = Some(7);
        let change = BuyChange {
            packages: Some(vec![change]),
            ..BuyChange::default()
        };
        let mut deed = answered(Ask::Change(Box::new(change)), &before);
        let now = at("2026-06-01T12:00:15Z");
        assert!(
            !deed.judge(&before, None, now),
            "the first look may be too early"
        );
        assert!(deed.judge(&before, None, now));
        assert_eq!(deed.stage, Stage::NotApplied);
        let told: Vec<String> = deed
            .differences(Some(&before), false)
            .map(|(_, one)| one.sentence())
            .collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("budget of ctv: asked "), "{told:?}");
        assert!(told[1].ends_with("shown nothing of it"), "{told:?}");
        assert_eq!(
            deed.differences(Some(&shown("active", 500)), false).count(),
            1
        );
    }

    #[test]
    fn what_is_held_waits_as_long_as_its_question() {
        let before = shown("active", 100);
        let mut deed = answered(pause(), &before);
        (deed.stage, deed.task_id) = (Stage::Held, Some("step_1".into()));
        let later = at("2026-06-04T12:00:00Z");
        assert!(!deed.judge(&before, Some(&["step_1"]), later));
        assert!(!deed.judge(&before, None, later), "nobody can say");
        assert!(!deed.judge(&before, Some(&[]), later));
        assert!(deed.judge(&before, Some(&[]), later));
        assert_eq!(deed.stage, Stage::NotApplied);
    }

    #[test]
    fn what_was_lost_is_looked_for_and_then_left() {
        let before = shown("active", 100);
        let mut deed = answered(pause(), &before);
        deed.stage = Stage::Lost;
        assert!(!deed.judge(&before, None, at("2026-06-01T12:09:00Z")));
        assert!(deed.judge(&before, None, at("2026-06-01T12:11:00Z")));
        assert_eq!((deed.stage, deed.is_open()), (Stage::Lost, false));
    }
}
