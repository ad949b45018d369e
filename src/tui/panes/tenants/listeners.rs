//! Who is told what happens, as rows: the endpoints of a tenant, its Slack, and its buyers, each
//! with what was sent there lately. An address is shown by its host: the rest may be a secret.

use crate::{
    domain::{notify::slack::Channel, webhook::notice::NoticeStatus},
    engine::{notify::view::EndpointView, tenants::view::TenantView, webhooks::list::NoticeView},
    tui::{
        clean::Clean,
        grid::column::{self, Column, Row, SortKey},
        paint::Look,
        panes::{
            activity::work::off,
            sent,
            tenants::tabs::{Line, Page, shown, stamp},
        },
        theme::{Glyphs, Role},
    },
};

/// How many of the newest deliveries are told of each.
pub const LATEST: u32 = 20;

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// An address of the publisher's own systems.
    Endpoint(Box<EndpointView>),
    /// A channel of its Slack, with the host where one is set up.
    Slack(Channel, Option<Box<str>>),
    /// Buyers, each where it said.
    Buyers,
}

/// Somebody who is told, with what was sent there lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Who.
    pub to: To,
    /// The newest first.
    pub sent: Vec<NoticeView>,
}

/// How somebody who is told takes it, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Takes {
    /// Nothing is sent there any more.
    Off,
    /// What was sent last was not taken.
    Failing,
    /// What was sent last was taken.
    Well,
    /// Nothing was sent there yet.
    Untried,
    /// There is no address.
    NotSetUp,
}

/// Sorts what was sent to whom it went; those that nothing was sent to are there as well.
#[must_use]
pub fn sorted(
    view: &TenantView,
    endpoints: Vec<EndpointView>,
    sent: Vec<NoticeView>,
) -> Vec<Listener> {
    let mut all: Vec<Listener> = Vec::new();
    for channel in Channel::ALL {
        let name = match channel {
            Channel::Work => "slack_webhook_url",
            Channel::Audit => "slack_audit_webhook_url",
        };
        let address = shown(&view.features, name);
        let address = Some(address.as_str()).filter(|address| *address != "-");
        all.push(Listener::new(To::Slack(channel, address.map(Into::into))));
    }
    let endpoints = endpoints.into_iter();
    all.extend(endpoints.map(|one| Listener::new(To::Endpoint(Box::new(one)))));
    let mut buyers = Listener::new(To::Buyers);
    for one in sent {
        let whose = all.iter_mut().find(|listener| listener.owns(&one.owner));
        match whose {
            Some(listener) => listener.sent.push(one),
            None if sent::endpoint(&one.owner).is_some() => {}
            None => buyers.sent.push(one),
        }
    }
    if !buyers.sent.is_empty() {
        all.push(buyers);
    }
    for listener in &mut all {
        listener
            .sent
            .sort_by_key(|one| std::cmp::Reverse(one.created_at));
    }
    all
}

impl Listener {
    fn new(to: To) -> Self {
        Self {
            to,
            sent: Vec::new(),
        }
    }

    fn owns(&self, owner: &str) -> bool {
        match &self.to {
            To::Endpoint(view) => {
                sent::endpoint(owner).is_some_and(|id| id == view.endpoint_id.to_string())
            }
            To::Slack(channel, _) => sent::channel(owner) == Some(*channel),
            To::Buyers => false,
        }
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> Clean {
        match &self.to {
            To::Endpoint(view) => Clean::new(&view.name),
            To::Slack(channel, _) => sent::called(*channel).into(),
            To::Buyers => "buyers".into(),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn host(&self) -> Clean {
        match &self.to {
            To::Endpoint(view) => Clean::new(&view.host),
            To::Slack(_, Some(address)) => Clean::new(address),
            To::Slack(_, None) => "-".into(),
            To::Buyers => "where each said".into(),
        }
    }

    /// What was given up of what was sent there.
    #[must_use]
    pub fn dead(&self) -> Vec<NoticeView> {
        let dead = self.sent.iter().filter(|one| sent::is_dead(one));
        dead.cloned().collect()
    }

    fn waiting(&self) -> usize {
        let waits = |one: &&NoticeView| one.status == NoticeStatus::Waiting;
        self.sent.iter().filter(waits).count()
    }

    /// The delivery that was tried last.
    fn last(&self) -> Option<&NoticeView> {
        let tried = self.sent.iter().filter(|one| one.last.is_some());
        tried.max_by_key(|one| one.last.as_ref().map(|last| last.at))
    }

    /// How it takes what is sent there.
    #[must_use]
    pub fn takes(&self) -> Takes {
        match &self.to {
            To::Endpoint(view) if !view.is_active => return Takes::Off,
            To::Endpoint(view) if view.failing_since.is_some() => return Takes::Failing,
            To::Slack(_, None) => return Takes::NotSetUp,
            _ => {}
        }
        match self.last().map(|one| one.status) {
            None => Takes::Untried,
            Some(NoticeStatus::Delivered) => Takes::Well,
            Some(NoticeStatus::Waiting | NoticeStatus::Dead) => Takes::Failing,
        }
    }

    fn words(&self) -> &'static str {
        match self.takes() {
            Takes::Off => "switched off",
            Takes::Failing => "takes nothing",
            Takes::Well => "takes it",
            Takes::Untried => "nothing sent",
            Takes::NotSetUp => "not set up",
        }
    }

    fn role(&self) -> Role {
        match self.takes() {
            Takes::Off | Takes::Failing => Role::Bad,
            Takes::Well => Role::Good,
            Takes::Untried | Takes::NotSetUp => Role::Muted,
        }
    }

    fn sign(&self, glyphs: &Glyphs) -> &'static str {
        match self.takes() {
            Takes::Off | Takes::Failing => glyphs.wrong,
            Takes::Well => glyphs.done,
            Takes::Untried | Takes::NotSetUp => glyphs.open,
        }
    }
}

impl Row for Listener {
    type Id = String;
    const COLUMNS: &'static [Column<Self>] = COLUMNS;
    const SORTED: (usize, bool) = (0, false);

    fn id(&self) -> String {
        match &self.to {
            To::Endpoint(view) => view.endpoint_id.to_string(),
            To::Slack(channel, _) => format!("slack/{}", channel.name()),
            To::Buyers => "buyers".to_owned(),
        }
    }

    fn stamp(&self) -> i64 {
        let last = self.last().and_then(|one| one.last.as_ref());
        let counts = (self.sent.len(), self.dead().len(), self.waiting());
        column::stamp((self.takes(), counts, last.map(|last| last.at)))
    }
}

const COLUMNS: &[Column<Listener>] = &[
    Column {
        id: "state",
        title: "STATE",
        width: 15,
        rank: 1,
        grows: false,
        right: false,
        text: |row, look| clean!("{} {}", row.sign(look.glyphs), row.words()),
        role: Listener::role,
        plain: |row| row.words().into(),
        key: |row| SortKey::Number(row.takes() as i128),
    },
    Column {
        id: "name",
        title: "TOLD",
        width: 14,
        rank: 0,
        grows: true,
        right: false,
        text: |row, _| row.name(),
        role: |_| Role::Text,
        plain: |row| row.name().as_str().to_owned().into(),
        key: |row| SortKey::Text(row.name().as_str().to_lowercase().into()),
    },
    Column {
        id: "waiting",
        title: "WAIT",
        width: 4,
        rank: 3,
        grows: false,
        right: true,
        text: |row, _| Clean::of(row.waiting()),
        role: |_| Role::Muted,
        plain: |row| row.waiting().to_string().into(),
        key: |row| SortKey::Number(i128::try_from(row.waiting()).unwrap_or(0)),
    },
    Column {
        id: "dead",
        title: "GIVEN UP",
        width: 8,
        rank: 2,
        grows: false,
        right: true,
        text: |row, _| Clean::of(row.dead().len()),
        role: |row| {
            if row.dead().is_empty() {
                Role::Muted
            } else {
                Role::Bad
            }
        },
        plain: |row| row.dead().len().to_string().into(),
        key: |row| SortKey::Number(i128::try_from(row.dead().len()).unwrap_or(0)),
    },
    Column {
        id: "host",
        title: "WHERE",
        width: 24,
        rank: 4,
        grows: false,
        right: false,
        text: |row, _| row.host(),
        role: |_| Role::Muted,
        plain: |row| row.host().as_str().to_owned().into(),
        key: |row| SortKey::Text(row.host().as_str().to_owned().into()),
    },
];

/// One of them in full, with what was sent there lately.
#[must_use]
pub fn lines(row: &Listener, width: u16, look: &Look<'_>) -> Vec<Line> {
    let mut page = Page::new(width);
    page.fact("told", row.name(), Role::Accent);
    page.fact("where", row.host(), Role::Text);
    if let To::Endpoint(view) = &row.to {
        let topics: Vec<&str> = view.events.iter().map(|topic| topic.name()).collect();
        let topics = match &topics[..] {
            [] => "everything".into(),
            some => clean!("{}", some.join(", ")),
        };
        page.fact("of", topics, Role::Text);
        if let Some(why) = &view.disabled_because {
            page.fact("switched off", Clean::new(why), Role::Bad);
        }
        if let Some(since) = view.failing_since {
            page.fact("failing since", stamp(since), Role::Bad);
        }
    }
    page.heading("Latest deliveries");
    if row.sent.is_empty() {
        page.say("Nothing was sent there yet.", Role::Muted);
    }
    for one in row.sent.iter().take(LATEST as usize) {
        let state = clean!("{} {:<10}", sent::sign(one, look.glyphs), sent::words(one));
        let what = clean!("{:<22} ", one.what);
        let mut said = format!("{}, {}", sent::tries(one), sent::answer(one));
        if one.status == NoticeStatus::Waiting
            && let Some(next) = one.next
        {
            said = format!("{said}, next {}", off(next, look.now));
        }
        page.pieces(vec![
            (state, sent::meaning(one)),
            (what, Role::Text),
            (clean!("{said}"), Role::Muted),
        ]);
    }
    page.lines()
}
