//! Where a media buy is in the ad server of its tenant: the order there with its lines, when it
//! was last looked at, and what is not there as it was sold. Believes nothing but what was read
//! back; the buy's own state stays where it is.

pub mod compare;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    booking::upstream::differ::Disagreement,
    ids::{BuyId, LineId, PackageId},
    inventory::{
        item::ItemStatus,
        order::{HeldOrder, NewOrder},
        trouble::{Category, NO_SUCH, Trouble},
    },
    media_buy::buy::MediaBuy,
    text,
    when::Instant,
};

/// The code of what the tenant's own set-up lacks: nothing is sent before it is there.
pub const NOT_MAPPED: &str = "NOT_MAPPED";
/// How long it waits after something went wrong; twice as long after each further time.
const FIRST_PAUSE: Duration = Duration::from_secs(15);
/// The longest that it waits, unless the server wants longer.
const LONGEST_PAUSE: Duration = Duration::from_mins(30);
/// The longest that a server is waited for because it says so.
const LONGEST_WAIT: Duration = Duration::from_hours(24);
/// How often an order that nothing was asked of is looked at.
const LOOK: Duration = Duration::from_mins(15);
/// How often it is looked again whether the set-up lacks something, or we are let in.
const AGAIN: Duration = Duration::from_mins(10);
/// How often in a row an answer may make no sense.
const MOST_UNREADABLE: u32 = 6;
/// The most that is kept of what differs.
const MOST_DIFFERENCES: usize = 50;
/// The longest name that is given to an order or a line, in characters.
const LONGEST_NAME: usize = 240;

/// How an order stands in the ad server against what was sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Something is asked for that was not read back yet.
    Waiting,
    /// It was read back as it was sold.
    Placed,
    /// It is there, and not as it was sold.
    Differs,
    /// The ad server, or what it takes to ask it, stands in the way.
    Refused,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Placed, Self::Differs, Self::Refused];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Placed => "placed",
            Self::Differs => "differs",
            Self::Refused => "refused",
        }
    }

    /// Whether somebody should look.
    #[must_use]
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Differs | Self::Refused)
    }
}

/// A package's line there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdLine {
    /// Of which package.
    pub package_id: PackageId,
    /// Our line.
    pub line_id: LineId,
    /// What it is called there.
    pub name: String,
    /// Its id there, once it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where it stood when it was last seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ItemStatus>,
}

/// A media buy in the ad server of its tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdOrder {
    /// Which buy.
    pub media_buy_id: BuyId,
    /// Which ad server, and which account of it.
    pub server: String,
    /// What the order is called there; looked for before anything is made.
    pub name: String,
    /// How it stands.
    pub standing: Standing,
    /// The revision of the buy that is to be there.
    pub asked: u64,
    /// The revision that was last taken there, whatever came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<u64>,
    /// The order's id there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// Where the order stood when it was last seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ItemStatus>,
    /// Its lines.
    #[serde(default)]
    pub lines: Vec<AdLine>,
    /// What is not there as it was sold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<Disagreement>,
    /// What stands in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
    /// How often in a row something went wrong.
    #[serde(default)]
    pub stumbles: u32,
    /// Not before then is the server asked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Instant>,
    /// Since when something of it may be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Instant>,
    /// Since when it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed_at: Option<Instant>,
    /// When it was last read there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<Instant>,
}

/// What came of going there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// Something is about to be sent.
    Leaves {
        /// Which ad server, and which account of it.
        server: String,
    },
    /// It was seen there; more is still to be done.
    Seen(HeldOrder),
    /// It was read there, after all that was asked for was sent where it was brought.
    Read {
        /// The order there.
        held: HeldOrder,
        /// What it is to be.
        wanted: NewOrder,
        /// Whether it was made so there, and not only looked at.
        brought: bool,
    },
    /// Something went wrong.
    Trouble(Trouble),
}

/// What an order of a buy is called there.
#[must_use]
pub fn order_name(buy: &MediaBuy) -> String {
    marked(&buy.name, buy.id.as_str())
}

/// A name with a mark of ours at its end.
#[must_use]
pub fn marked(name: &str, mark: &str) -> String {
    let room = LONGEST_NAME.saturating_sub(mark.chars().count() + 3);
    let name: String = text::inert(name).chars().take(room).collect();
    format!("{} · {mark}", name.trim())
}

impl AdOrder {
    /// That of a buy which is to be there.
    #[must_use]
    pub fn new(buy: &MediaBuy, server: String) -> Self {
        Self {
            media_buy_id: buy.id.clone(),
            server,
            name: order_name(buy),
            standing: Standing::Waiting,
            asked: buy.revision,
            carried: None,
            order_id: None,
            status: None,
            lines: Vec::new(),
            differs: Vec::new(),
            trouble: None,
            stumbles: 0,
            next_at: None,
            sent_at: None,
            placed_at: None,
            looked_at: None,
        }
    }

    /// The buy has changed: what is there is to follow. A server that wants to be left alone is.
    pub fn ask(&mut self, revision: u64) {
        self.asked = revision;
        self.standing = Standing::Waiting;
        self.stumbles = 0;
        let limited = self.trouble.as_ref().and_then(|one| one.wait).is_some();
        if !limited {
            self.next_at = None;
            self.trouble = None;
        }
    }

    /// Whether something is asked for that was not taken there yet.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.carried != Some(self.asked)
    }

    /// Whether anything of it is or may be there.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.order_id.is_some() || self.sent_at.is_some()
    }

    /// Takes note of what came of going there with a revision of the buy.
    pub fn came(&mut self, came: Came, revision: u64, now: Instant) {
        match came {
            Came::Leaves { server } => {
                self.server = server;
                self.sent_at = self.sent_at.or(Some(now));
            }
            Came::Seen(held) => self.saw(&held, now),
            Came::Read {
                held,
                wanted,
                brought,
            } => {
                self.saw(&held, now);
                let mut differs = compare::differences(&wanted, &held, self, now);
                differs.truncate(MOST_DIFFERENCES);
                self.differs = differs;
                self.read(brought, revision, now);
            }
            Came::Trouble(trouble) => self.stumble(trouble, revision, now),
        }
    }

    /// It was read, and what differs is known. A mere look carries nothing that was asked for
    /// meanwhile, and what was asked for meanwhile does not wait for the next look.
    fn read(&mut self, brought: bool, revision: u64, now: Instant) {
        let asked = self.is_asked();
        if brought || !asked {
            self.carried = Some(revision);
        }
        self.next_at = (!self.is_asked()).then(|| now + LOOK);
        // What was refused stays so until it is asked for again, or is there after all.
        let refused = self.standing == Standing::Refused && !asked;
        if refused && !self.differs.is_empty() {
            return;
        }
        (self.trouble, self.stumbles) = (None, 0);
        self.standing = match (self.is_asked(), self.differs.is_empty()) {
            (true, _) => Standing::Waiting,
            (false, true) => Standing::Placed,
            (false, false) => Standing::Differs,
        };
    }

    fn saw(&mut self, held: &HeldOrder, now: Instant) {
        self.order_id = Some(held.id.clone());
        self.status = Some(held.status);
        self.placed_at = self.placed_at.or(Some(now));
        self.looked_at = Some(now);
        for line in &mut self.lines {
            let found = held.line(line.id.as_deref(), &line.name);
            line.status = found.map(|one| one.status);
            if let Some(found) = found {
                line.id = Some(found.id.clone());
            }
        }
    }

    /// The server does not know the order any more. It is not made again: somebody took it away.
    fn vanish(&mut self, revision: u64, now: Instant) {
        self.carried = Some(revision);
        self.standing = Standing::Differs;
        self.looked_at = Some(now);
        self.differs = vec![compare::differs("order", "there", "gone")];
        (self.trouble, self.stumbles) = (None, 0);
        self.next_at = (!self.is_asked()).then(|| now + LOOK);
    }

    fn stumble(&mut self, trouble: Trouble, revision: u64, now: Instant) {
        if trouble.code == NO_SUCH && self.order_id.is_some() {
            return self.vanish(revision, now);
        }
        self.stumbles = self.stumbles.saturating_add(1);
        let unreadable = trouble.code == "AD_SERVER_UNREADABLE" && self.stumbles < MOST_UNREADABLE;
        let doublings = self.stumbles.saturating_sub(1).min(10);
        let own = (FIRST_PAUSE * 2u32.pow(doublings)).min(LONGEST_PAUSE);
        let wanted = Duration::from_secs(trouble.wait.unwrap_or(0).into()).min(LONGEST_WAIT);
        let (standing, pause) = match trouble.category {
            Category::Transient | Category::Stale => (Standing::Waiting, own.max(wanted)),
            Category::Auth => (Standing::Waiting, AGAIN),
            Category::Permanent if unreadable => (Standing::Waiting, own),
            Category::Permanent if trouble.code == NOT_MAPPED => (Standing::Refused, AGAIN),
            // What is refused is not asked for again until something changes, and what has changed
            // meanwhile is asked for at once.
            Category::Permanent => {
                self.carried = Some(revision);
                let pause = if revision == self.asked {
                    LOOK
                } else {
                    Duration::ZERO
                };
                (Standing::Refused, pause)
            }
        };
        // A look that fails makes nothing of what was read before untrue; it only grows old.
        if self.is_asked() || standing == Standing::Refused {
            self.standing = if revision == self.asked {
                standing
            } else {
                Standing::Waiting
            };
        }
        self.trouble = Some(trouble);
        self.next_at = Some(now + pause);
    }

    /// It as its buyer may see it: how it stands, and nothing of the publisher's account there.
    #[must_use]
    pub fn outward(self) -> Self {
        let make = self.server.split('/').next().unwrap_or_default().to_owned();
        Self {
            server: make,
            name: String::new(),
            order_id: None,
            lines: Vec::new(),
            differs: Vec::new(),
            trouble: None,
            next_at: None,
            ..self
        }
    }

    /// Where it is, in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let server = &self.server;
        let day = |at: Instant| at.format("%Y-%m-%d %H:%M").to_string();
        let since = self.placed_at.map(day).unwrap_or_default();
        let place = match &self.order_id {
            Some(id) => format!("order {} in {server} since {since}", text::echo(id)),
            None if self.sent_at.is_some() => format!("sent to {server}, not seen there yet"),
            None => format!("not in {server} yet"),
        };
        let looked = self.looked_at.map(day);
        let looked = looked.map_or_else(String::new, |at| format!(", last read {at}"));
        match self.standing {
            Standing::Placed => format!("{place}{looked}: as it was sold"),
            Standing::Differs => format!("{place}{looked}: not as it was sold"),
            Standing::Refused => format!("{place}: refused"),
            Standing::Waiting if self.order_id.is_some() => {
                format!("{place}: the last change is not confirmed there yet")
            }
            Standing::Waiting => place,
        }
    }

    /// What else is to be said of it: what stands in the way, and when it is tried again.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut all = Vec::new();
        if let Some(trouble) = &self.trouble {
            all.push(trouble.message.clone());
            let next = self.next_at.filter(|_| self.standing == Standing::Waiting);
            if let Some(at) = next {
                all.push(format!("tried again at {} UTC", at.format("%H:%M:%S")));
            }
            if trouble.category == Category::Auth {
                all.push("hint: sign in to the ad server again, then test the connection".into());
            }
        }
        all.extend(self.differs.iter().map(Disagreement::sentence));
        all
    }
}
