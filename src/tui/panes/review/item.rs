//! A recommendation as a row: its columns, what they sort by, what filters find and what
//! exports write.

use std::borrow::Cow;

use super::figures;
use crate::{
    domain::{
        ids::{JobId, ProductId},
        money::{Currency, Money},
        opendirect::booking_status::LineBookingStatus,
    },
    engine::bookings::view::{JobView, LineView, RecommendationView},
    tui::{
        clean::Clean,
        grid::column::{Column, Row, SortKey},
        theme::{Glyphs, Role},
    },
};

/// A recommendation under review.
#[derive(Debug, Clone)]
pub struct Item {
    /// As the engine shows it.
    pub view: RecommendationView,
    /// What it costs.
    pub cost: Money,
    /// The price per thousand.
    pub cpm: Money,
    /// Whether it is ticked.
    pub ticked: bool,
    /// Which of the job's channels it is in.
    pub group: usize,
    /// The line that it became, once it was approved.
    pub line: Option<LineView>,
    job: JobId,
    campaign: Box<str>,
}

/// Where the review of a line stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Waits for a decision.
    Open,
    /// Turned down.
    Rejected,
    /// Approved, and its turn has not come.
    Queued,
    /// Held by its seller.
    Reserved,
    /// Booked.
    Booked,
    /// Came to nothing.
    Failed,
    /// May have been booked, and nobody knows.
    Unclear,
}

impl Stage {
    /// Where a line is.
    #[must_use]
    pub fn of(line: &LineView) -> Self {
        if line.unclear.is_some() {
            return Self::Unclear;
        }
        if line.error.is_some() {
            return Self::Failed;
        }
        match line.booking_status {
            LineBookingStatus::Draft | LineBookingStatus::PendingReservation => Self::Queued,
            LineBookingStatus::Reserved | LineBookingStatus::PendingBooking => Self::Reserved,
            LineBookingStatus::Cancelled | LineBookingStatus::Expired => Self::Failed,
            _ => Self::Booked,
        }
    }

    /// In one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "pending",
            Self::Rejected => "rejected",
            Self::Queued => "approved",
            Self::Reserved => "reserved",
            Self::Booked => "booked",
            Self::Failed => "failed",
            Self::Unclear => "unclear",
        }
    }

    /// What that means.
    #[must_use]
    pub fn role(self) -> Role {
        match self {
            Self::Open => Role::Text,
            Self::Rejected => Role::Muted,
            Self::Queued | Self::Reserved => Role::Accent,
            Self::Booked => Role::Good,
            Self::Failed => Role::Bad,
            Self::Unclear => Role::Warn,
        }
    }

    /// Its sign.
    #[must_use]
    pub fn sign(self, glyphs: &Glyphs) -> &'static str {
        match self {
            Self::Open | Self::Rejected => glyphs.open,
            Self::Queued => glyphs.here,
            Self::Reserved => glyphs.busy,
            Self::Booked => glyphs.done,
            Self::Failed | Self::Unclear => glyphs.wrong,
        }
    }
}

impl Item {
    /// Every recommendation of a job; `group` says which channel one is in.
    pub fn all(
        job: &JobView,
        currency: Currency,
        group: impl Fn(&str) -> usize,
    ) -> impl Iterator<Item = Self> {
        job.recommendations.iter().flatten().map(move |view| {
            let of_it =
                |line: &&LineView| line.product_id == view.product_id && line.seller == view.seller;
            Self {
                cost: figures::money(view.cost, currency),
                cpm: figures::money(view.cpm, currency),
                ticked: false,
                group: group(&view.channel),
                line: job.booked_lines.iter().flatten().find(of_it).cloned(),
                job: job.job_id,
                campaign: job.campaign_name.as_str().into(),
                view: view.clone(),
            }
        })
    }

    /// Where it is.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match (&self.line, self.view.status.as_str()) {
            (Some(line), _) => Stage::of(line),
            (None, "rejected") => Stage::Rejected,
            (None, "approved") => Stage::Queued,
            (None, _) => Stage::Open,
        }
    }

    /// Whether both are the same offer, whatever has changed about it.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let key = |item: &Self| (item.view.product_id.clone(), item.view.seller.clone());
        key(self) == key(other) && self.view.channel == other.view.channel
    }

    /// The product.
    #[must_use]
    pub fn product(&self) -> &ProductId {
        &self.view.product_id
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> Clean {
        Clean::new(&self.view.product_name)
    }
}

/// How well it fits; a dash where whoever recommends it does not say.
fn fit(item: &Item) -> Clean {
    if item.view.fit.is_known() {
        figures::percent(item.view.fit.score_bp)
    } else {
        "-".into()
    }
}

impl Row for Item {
    type Id = ProductId;
    const COLUMNS: &'static [Column<Self>] = COLUMNS;
    const SORTED: (usize, bool) = (PRIORITY, false);

    fn id(&self) -> ProductId {
        self.view.product_id.clone()
    }

    fn stamp(&self) -> i64 {
        0
    }
}

/// Wider than any screen: for filters and exports only.
const NEVER: u16 = 20_000;

const PRIORITY: usize = 8;

/// What `s` goes through, with the direction in which each is read first: the columns by
/// their places.
pub const SORTS: [(usize, bool); 5] = [
    (PRIORITY, false),
    (3, false),
    (4, true),
    (2, true),
    (5, true),
];

const fn plain_column(
    id: &'static str,
    plain: for<'a> fn(&'a Item) -> Cow<'a, str>,
) -> Column<Item> {
    Column {
        id,
        title: "",
        width: NEVER,
        rank: u8::MAX,
        grows: false,
        right: false,
        text: |_, _| Clean::default(),
        role: |_| Role::Muted,
        plain,
        key: |_| SortKey::Number(0),
    }
}

const COLUMNS: &[Column<Item>] = &[
    Column {
        id: "product",
        title: "PRODUCT",
        width: 16,
        rank: 0,
        grows: true,
        right: false,
        text: |row, _| row.name(),
        role: |row| match row.stage() {
            Stage::Rejected => Role::Muted,
            _ => Role::Text,
        },
        plain: |row| Cow::Borrowed(&row.view.product_name),
        key: |row| SortKey::text(&row.view.product_name),
    },
    Column {
        id: "publisher",
        title: "PUBLISHER",
        width: 16,
        rank: 5,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.view.publisher),
        role: |_| Role::Muted,
        plain: |row| Cow::Borrowed(&row.view.publisher),
        key: |row| SortKey::text(&row.view.publisher),
    },
    Column {
        id: "impressions",
        title: "IMPRESSIONS",
        width: 13,
        rank: 3,
        grows: false,
        right: true,
        text: |row, _| figures::grouped(row.view.impressions),
        role: |_| Role::Text,
        plain: |row| row.view.impressions.to_string().into(),
        key: |row| SortKey::Number(row.view.impressions.into()),
    },
    Column {
        id: "cpm",
        title: "CPM",
        width: 8,
        rank: 2,
        grows: false,
        right: true,
        text: |row, _| figures::bare(row.cpm),
        role: |_| Role::Text,
        plain: |row| row.cpm.amount().to_string().into(),
        key: |row| SortKey::Number(row.cpm.minor().into()),
    },
    Column {
        id: "cost",
        title: "COST",
        width: 12,
        rank: 1,
        grows: false,
        right: true,
        text: |row, _| figures::bare(row.cost),
        role: |_| Role::Text,
        plain: |row| row.cost.amount().to_string().into(),
        key: |row| SortKey::Number(row.cost.minor().into()),
    },
    Column {
        id: "fit",
        title: "FIT",
        width: 7,
        rank: 4,
        grows: false,
        right: true,
        text: |row, _| fit(row),
        role: |_| Role::Text,
        plain: |row| fit(row).to_string().into(),
        key: |row| SortKey::Number(row.view.fit.score_bp.into()),
    },
    Column {
        id: "delivery",
        title: "DELIVERY",
        width: 10,
        rank: 7,
        grows: false,
        right: false,
        text: |row, _| Clean::new(&row.view.delivery_type),
        role: |_| Role::Muted,
        plain: |row| Cow::Borrowed(&row.view.delivery_type),
        key: |row| SortKey::text(&row.view.delivery_type),
    },
    Column {
        id: "status",
        title: "STATUS",
        width: 10,
        rank: 6,
        grows: false,
        right: false,
        text: |row, look| {
            let stage = row.stage();
            clean!("{} {}", stage.sign(look.glyphs), stage.word())
        },
        role: |row| row.stage().role(),
        plain: |row| row.stage().word().into(),
        key: |row| SortKey::Text(row.stage().word().into()),
    },
    Column {
        id: "priority",
        title: "NO",
        width: 4,
        rank: 8,
        grows: false,
        right: true,
        text: |row, _| Clean::of(row.view.priority),
        role: |_| Role::Muted,
        plain: |row| row.view.priority.to_string().into(),
        key: |row| SortKey::Number(row.view.priority.into()),
    },
    plain_column("ticked", |row| if row.ticked { "yes" } else { "no" }.into()),
    plain_column("channel", |row| Cow::Borrowed(&row.view.channel)),
    plain_column("format", |row| {
        Cow::Borrowed(row.view.format.as_deref().unwrap_or_default())
    }),
    plain_column("currency", |row| row.cost.currency().code().into()),
    plain_column("available", |row| row.view.available.to_string().into()),
    plain_column("seller", |row| Cow::Borrowed(&row.view.seller)),
    plain_column("id", |row| Cow::Borrowed(row.view.product_id.as_str())),
    plain_column("line", |row| id_of(row, |line| line.line_id.as_deref())),
    plain_column("order", |row| id_of(row, |line| line.order_id.as_deref())),
    plain_column("campaign", |row| Cow::Borrowed(&row.campaign)),
    plain_column("job", |row| row.job.to_string().into()),
];

fn id_of(row: &Item, pick: fn(&LineView) -> Option<&str>) -> Cow<'_, str> {
    row.line.as_ref().and_then(pick).unwrap_or_default().into()
}
