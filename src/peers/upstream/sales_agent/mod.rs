//! An `AdCP` sales agent by its tools, as the public one and its older versions really behave:
//! only active buys unless it is asked for all, no flight dates in lists, ids that do not join,
//! success without effect, words that only some versions know. Asks for what is not known once and
//! remembers; never asks for the list of tools, and never ticks a task in place of an approval.

pub mod admin;
mod wire;

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use self::{admin::Admin, wire::Shape};
use super::{MediaBuys, Sent, Silent, Told};
use crate::{
    domain::{
        media_buy::upstream::{
            deed::{Ask, Deed},
            shown::{ListedBuy, Ordered, ShownBuy, ShownCount, ShownProduct, ShownTask},
        },
        when::Instant,
    },
    peers::mcp::{self, Answer, Client, fault::Fault},
};

/// Every state that a buy can be listed in: without them only active ones are.
const STATES: [&str; 7] = [
    "pending_creatives",
    "pending_start",
    "active",
    "paused",
    "completed",
    "rejected",
    "canceled",
];
/// In which states a task waits for a person.
const WAITING: [&str; 2] = ["requires_approval", "pending_approval"];
/// The most pages of a list that are read.
const PAGES: usize = 50;
/// How many tasks are listed at once.
const TASKS: usize = 100;
/// How many buys are counted with one question.
const AT_ONCE: usize = 50;
/// How far back an account of delivery reaches where nobody says.
const USUAL_DAYS: i64 = 30;

type Object = Map<String, Value>;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// A question.
    pub read: Duration,
    /// Something that is asked for: it tells others before it answers.
    pub send: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            read: Duration::from_secs(20),
            send: Duration::from_mins(1),
        }
    }
}

/// What it takes to reach a sales agent.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its MCP server.
    pub mcp: mcp::Settings,
    /// The account that is named in what is asked, where it wants one.
    pub account: Option<String>,
    /// The pages on which its people decide, where they can be used.
    pub admin: Option<admin::Settings>,
    /// How long things may take.
    pub bounds: Bounds,
}

/// A sales agent.
pub struct SalesAgent {
    /// What looks.
    reads: Client,
    /// What asks for something: a slow answer keeps no look waiting.
    writes: Client,
    account: Option<String>,
    admin: Option<Admin>,
    bounds: Bounds,
    /// Whether it is so old that it has no list of buys.
    old: AtomicBool,
    /// Whether it has no tools for tasks.
    taskless: AtomicBool,
    /// After what time it wants to be asked again, as it said last.
    rest: Mutex<Option<Duration>>,
    /// Arguments that it has refused to know.
    strange: Mutex<Vec<&'static str>>,
}

impl SalesAgent {
    /// Gets ready; nothing is asked before somebody does.
    ///
    /// # Errors
    /// When it cannot be reached as it is set up.
    pub fn new(settings: Settings) -> Result<Self, Silent> {
        Ok(Self {
            reads: Client::new(settings.mcp.clone())?,
            writes: Client::new(settings.mcp)?,
            account: settings.account,
            admin: settings.admin.map(Admin::new).transpose()?,
            bounds: settings.bounds,
            old: AtomicBool::new(false),
            taskless: AtomicBool::new(false),
            rest: Mutex::default(),
            strange: Mutex::default(),
        })
    }

    async fn read(&self, tool: &str, arguments: Value) -> Result<Answer, Fault> {
        let arguments = match arguments {
            Value::Object(arguments) => arguments,
            _ => Object::new(),
        };
        let came = self.reads.call(tool, arguments, self.bounds.read).await;
        came.inspect_err(|fault| self.note(fault))
    }

    /// Remembers that it wants to be left alone.
    fn note(&self, fault: &Fault) {
        let Some(wait) = fault.retry_after else {
            return;
        };
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        *rest = Some(rest.map_or(wait, |known| known.max(wait)));
    }

    fn knows(&self, argument: &str) -> bool {
        let strange = self.strange.lock().unwrap_or_else(PoisonError::into_inner);
        !strange.contains(&argument)
    }

    /// Remembers that an argument is not known there; true when that is news.
    fn forget(&self, argument: &'static str) -> bool {
        let mut strange = self.strange.lock().unwrap_or_else(PoisonError::into_inner);
        let news = !strange.contains(&argument);
        if news {
            strange.push(argument);
        }
        news
    }

    /// Every page of the list of buys.
    async fn pages(&self, now: Instant) -> Result<Vec<ListedBuy>, Fault> {
        let mut found = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES {
            let mut asked = json!({ "status_filter": STATES });
            if self.knows("include_snapshot") {
                asked["include_snapshot"] = true.into();
            }
            if let Some(cursor) = &cursor {
                asked["pagination"] = json!({ "cursor": cursor });
            }
            let answer = match self.read("get_media_buys", asked).await {
                Err(fault) if strange(&fault, "include_snapshot") => {
                    self.forget("include_snapshot");
                    continue;
                }
                answer => answer?,
            };
            found.extend(wire::buys(&answer.body, now));
            let page = answer.body.get("pagination");
            let more = page.and_then(|page| page["has_more"].as_bool()) == Some(true);
            cursor = page
                .and_then(|page| page["cursor"].as_str())
                .map(str::to_owned);
            if !more || cursor.is_none() {
                return Ok(found);
            }
        }
        Err(Fault::too_much("its list of media buys does not end"))
    }

    /// The buys of a server that has no list of them: what it delivers is told of.
    async fn delivering(&self, now: Instant) -> Result<Vec<ListedBuy>, Fault> {
        let all = json!({ "status_filter": "all" });
        let answer = match self.read("get_media_buy_delivery", all).await {
            Err(fault) if fault.kind == mcp::fault::Kind::Refused && !fault.is_unknown_tool() => {
                self.read("get_media_buy_delivery", json!({})).await?
            }
            answer => answer?,
        };
        Ok(wire::buys(&answer.body, now))
    }

    async fn tasks(&self, status: &str) -> Result<Vec<ShownTask>, Fault> {
        let mut found = Vec::new();
        for page in 0..PAGES {
            let asked = json!({"status": status, "limit": TASKS, "offset": page * TASKS});
            let answer = self.read("list_tasks", asked).await?;
            found.extend(wire::tasks(&answer.body));
            let more = answer.body.get("has_more").and_then(Value::as_bool);
            if more != Some(true) {
                break;
            }
        }
        Ok(found)
    }

    /// Asks once, in the shapes that servers know: the next one only where the last was turned
    /// down for its words, so that nothing of it was done.
    async fn send(&self, tool: &str, shapes: Vec<Object>, key: &str) -> Sent<Told> {
        let mut last = None;
        for shape in shapes {
            loop {
                let mut asked = shape.clone();
                let extras = [
                    ("idempotency_key", Some(json!(key))),
                    (
                        "account",
                        self.account.as_ref().map(|id| json!({ "account_id": id })),
                    ),
                ];
                for (name, value) in extras {
                    if let Some(value) = value.filter(|_| self.knows(name)) {
                        asked.insert(name.to_owned(), value);
                    }
                }
                let came = self.writes.call(tool, asked, self.bounds.send).await;
                let fault = match came {
                    Ok(answer) => return Sent::Done(wire::told(&answer)),
                    Err(fault) => fault,
                };
                self.note(&fault);
                let extra = ["idempotency_key", "account"];
                let extra = extra.into_iter().find(|name| strange(&fault, name));
                if extra.is_some_and(|name| self.forget(name)) {
                    continue;
                }
                if !unexpected(&fault) {
                    return fault.sent();
                }
                last = Some(fault);
                break;
            }
        }
        let words = last.map_or_else(String::new, |fault| fault.sentence());
        Sent::Refused(format!("it does not offer that: {words}"))
    }
}

/// Whether something was turned down because an argument is not known.
fn unexpected(fault: &Fault) -> bool {
    let lower = fault.words.to_ascii_lowercase();
    let said = [
        "unexpected keyword",
        "unexpected_keyword",
        "extra inputs",
        "extra_forbidden",
        "unknown argument",
        "unknown field",
    ];
    fault.kind == mcp::fault::Kind::Refused && said.iter().any(|one| lower.contains(one))
}

/// Whether that argument is the one.
fn strange(fault: &Fault, argument: &str) -> bool {
    let named = match &fault.field {
        Some(field) => field == argument,
        None => fault.words.contains(argument),
    };
    named && unexpected(fault)
}

#[async_trait]
impl MediaBuys for SalesAgent {
    fn place(&self) -> &str {
        self.reads.place()
    }

    async fn list(&self, now: Instant) -> Result<Vec<ListedBuy>, Silent> {
        if !self.old.load(Ordering::Relaxed) {
            match self.pages(now).await {
                Err(fault) if fault.is_unknown_tool() => self.old.store(true, Ordering::Relaxed),
                found => return found.map_err(Fault::silent),
            }
        }
        let found = self.delivering(now).await;
        // A server that has become another one since is asked anew.
        if found.as_ref().is_err_and(Fault::is_unknown_tool) {
            self.old.store(false, Ordering::Relaxed);
        }
        found.map_err(Fault::silent)
    }

    async fn counts(
        &self,
        buys: &[ShownBuy],
        now: Instant,
    ) -> Result<Vec<(String, Vec<ShownCount>)>, Silent> {
        let mut found = Vec::new();
        for some in buys.chunks(AT_ONCE) {
            let ids: Vec<&str> = some.iter().map(|buy| buy.id.as_str()).collect();
            let mut asked = json!({ "media_buy_ids": ids });
            let first = some
                .iter()
                .filter_map(|buy| buy.start.or(buy.created_at))
                .min();
            let early = first.filter(|first| (now - first).num_days() >= USUAL_DAYS - 1);
            if let Some(first) = early.filter(|_| self.knows("start_date")) {
                asked["start_date"] = json!(first.date_naive().to_string());
                asked["end_date"] = json!((now.date_naive() + chrono::Days::new(1)).to_string());
            }
            let dated = asked.get("start_date").is_some();
            let answer = match self.read("get_media_buy_delivery", asked).await {
                Err(fault) if dated && fault.kind == mcp::fault::Kind::Refused => {
                    self.forget("start_date");
                    self.read("get_media_buy_delivery", json!({ "media_buy_ids": ids }))
                        .await
                }
                answer => answer,
            };
            let answer = answer.map_err(Fault::silent)?;
            found.extend(wire::counts(&answer.body, some, now));
        }
        Ok(found)
    }

    async fn waiting(&self) -> Result<Option<Vec<ShownTask>>, Silent> {
        if self.taskless.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let mut found = Vec::new();
        for status in WAITING {
            match self.tasks(status).await {
                Ok(some) => found.extend(some),
                Err(fault) if fault.is_unknown_tool() => {
                    self.taskless.store(true, Ordering::Relaxed);
                    return Ok(None);
                }
                Err(fault) => return Err(fault.silent()),
            }
        }
        Ok(Some(found))
    }

    async fn ordered(&self, id: &str) -> Result<Option<Ordered>, Silent> {
        if self.taskless.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let asked = json!({"object_type": "media_buy", "object_id": id, "limit": TASKS});
        let listed = match self.read("list_tasks", asked).await {
            Err(fault) if fault.kind == mcp::fault::Kind::Refused => return Ok(None),
            listed => listed.map_err(Fault::silent)?,
        };
        let Some(task) = wire::ordering_task(&listed.body) else {
            return Ok(None);
        };
        let told = self.read("get_task", json!({ "task_id": task })).await;
        Ok(wire::ordered(&told.map_err(Fault::silent)?.body))
    }

    fn decides(&self) -> bool {
        self.admin.is_some()
    }

    fn wants_rest(&self) -> Option<Duration> {
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        rest.take()
    }

    async fn products(&self) -> Result<Option<Vec<ShownProduct>>, Silent> {
        let brief = "Everything that can be bought";
        let questions = [
            json!({ "brief": brief }),
            // What the older ones want to be told before they show anything.
            json!({"brief": brief, "promoted_offering": "Campaigns"}),
        ];
        for asked in questions {
            match self.read("get_products", asked).await {
                Ok(answer) => return Ok(Some(wire::products(&answer.body))),
                Err(fault) if fault.kind == mcp::fault::Kind::Refused => {}
                Err(fault) => return Err(fault.silent()),
            }
        }
        Ok(None)
    }

    async fn ask(&self, id: Option<&str>, deed: &Deed) -> Sent<Told> {
        let named = id.unwrap_or_default();
        let tool = "update_media_buy";
        match &deed.ask {
            Ask::Create(draft) => {
                let shapes = vec![wire::create(draft)];
                let sent = self.send("create_media_buy", shapes, &deed.key).await;
                self.named(sent).await
            }
            Ask::Change(change) => {
                let mut shapes: Vec<Object> = Vec::new();
                for shape in Shape::ALL {
                    let asked = wire::change(named, change, shape);
                    if !shapes.contains(&asked) {
                        shapes.push(asked);
                    }
                }
                self.send(tool, shapes, &deed.key).await
            }
            Ask::Act(verb) => {
                let mut asked = Object::new();
                asked.insert("media_buy_id".into(), json!(named));
                asked.insert("action".into(), json!(verb.name()));
                self.send(tool, vec![asked], &deed.key).await
            }
            Ask::Decide(say) => match &self.admin {
                Some(admin) => admin.decide(named, say).await,
                None => Sent::Refused("its pages are not set up here".into()),
            },
        }
    }
}

impl SalesAgent {
    /// Finds the id of a buy that is held: the answer names only the task.
    async fn named(&self, sent: Sent<Told>) -> Sent<Told> {
        let Sent::Done(mut told) = sent else {
            return sent;
        };
        if let (None, Some(Some(task))) = (&told.id, &told.held) {
            let found = self.read("get_task", json!({ "task_id": task })).await;
            told.id = found.ok().and_then(|found| wire::buy_of_task(&found.body));
        }
        Sent::Done(told)
    }
}
