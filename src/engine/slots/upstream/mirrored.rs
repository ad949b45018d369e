//! What is known here of what lives in a slot service, and everything that it shows, page by page:
//! for whoever compares the two.

use std::{collections::BTreeSet, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::places::Place;
use crate::{
    domain::{
        policy::Permission,
        slot::{
            booking::Booking,
            resource::Resource,
            upstream::{
                Mark,
                errand::{Errand, What},
                shown::{ShownBooking, ShownResource},
                state::Contact,
            },
        },
        when::Instant,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    peers::upstream::slots::{Away, Page, Place as Begin, Which},
    store::record::{Filter, Part, Row, Sort},
};

/// The most bookings of a slot service that are followed.
pub const MOST: usize = 20_000;
/// The most resources.
const MOST_RESOURCES: usize = 2_000;
/// The most pages that are read of anything.
const PAGES: usize = 1_000;
/// The longest that all pages of a list may take together.
const LONGEST: Duration = Duration::from_mins(2);
/// The most that is on its way that is looked at.
const MOST_ON_THEIR_WAY: u32 = 500;

/// What comes together page by page: every row once, however the other side counts.
struct Gathered<T> {
    rows: Vec<T>,
    seen: BTreeSet<String>,
    begin: Begin,
    pages: usize,
    most: usize,
    more: bool,
}

impl<T> Gathered<T> {
    fn new(most: usize) -> Self {
        Self {
            rows: Vec::new(),
            seen: BTreeSet::new(),
            begin: Begin::default(),
            pages: 0,
            most,
            more: false,
        }
    }

    /// Takes a page; whether there may be another one that is wanted.
    fn take(&mut self, page: Page<T>, id: impl Fn(&T) -> &str) -> bool {
        let before = self.rows.len();
        let read = page.rows.len();
        for row in page.rows {
            if self.seen.insert(id(&row).to_owned()) {
                self.rows.push(row);
            }
        }
        // Whoever takes no notice of where a page begins shows the first one again.
        let again = read > 0 && self.rows.len() == before;
        self.pages += 1;
        let length = u32::try_from(page.length).unwrap_or(u32::MAX);
        self.begin.offset = self.begin.offset.saturating_add(length);
        self.begin.cursor = page.cursor;
        let enough = self.rows.len() >= self.most || self.pages >= PAGES;
        let ends = page.last || again;
        self.more = enough && !ends;
        !(ends || enough)
    }

    /// The rows, and whether there are more than are wanted.
    fn done(mut self) -> (Vec<T>, bool) {
        let more = self.more || self.rows.len() > self.most;
        self.rows.truncate(self.most);
        (self.rows, more)
    }
}

/// Everything that can be booked there.
pub(in crate::engine) async fn resources(
    place: &Place,
) -> Result<(Vec<ShownResource>, bool), Away> {
    let mut all = Gathered::new(MOST_RESOURCES);
    in_time(async {
        loop {
            let page = place.client.resources(&all.begin).await?;
            if !all.take(page, |one: &ShownResource| &one.id) {
                return Ok(all.done());
            }
        }
    })
    .await
}

/// Everybody who has booked there.
pub(in crate::engine) async fn bookings(
    place: &Place,
    which: &Which,
) -> Result<(Vec<ShownBooking>, bool), Away> {
    let mut all = Gathered::new(MOST);
    in_time(async {
        loop {
            let page = place.client.bookings(which, &all.begin).await?;
            if !all.take(page, |one: &ShownBooking| &one.id) {
                return Ok(all.done());
            }
        }
    })
    .await
}

/// Waits for a whole list, and not for ever.
async fn in_time<T>(list: impl Future<Output = Result<T, Away>> + Send) -> Result<T, Away> {
    let read = tokio::time::timeout(LONGEST, list).await;
    read.unwrap_or_else(|_| {
        let why = format!("its list takes longer than {} s", LONGEST.as_secs());
        Err(Away { why, wait: None })
    })
}

/// Reads what is known of what lives in a slot service; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadMirroredSlots {
    /// Bookings that begin from then on.
    pub from: Instant,
    /// Bookings that begin until then.
    pub to: Instant,
}

/// Something that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its id here.
    pub id: String,
    /// What is known of it.
    pub mark: Mark,
}

/// What is known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MirroredSlots {
    /// What can be booked.
    #[schemars(with = "serde_json::Value")]
    pub resources: Vec<Known>,
    /// Who has booked.
    #[schemars(with = "serde_json::Value")]
    pub bookings: Vec<Known>,
    /// Which bookings may have arrived, and nobody knows under which ids: of what, when, for whom.
    #[schemars(with = "serde_json::Value")]
    pub expected: Vec<(String, i64, String)>,
    /// How the contact is, as it was last written down.
    #[schemars(with = "serde_json::Value")]
    pub contact: Option<Contact>,
}

/// What is known of rows of which some live elsewhere.
fn known(rows: Vec<Row>) -> Vec<Known> {
    let marked = rows.into_iter().filter_map(|row| {
        let mark = serde_json::from_str(&row.body).ok()?;
        Some(Known { id: row.id, mark })
    });
    marked.collect()
}

impl Operation for ReadMirroredSlots {
    const NAME: &'static str = "slots.mirrored";
    const ABOUT: &'static str =
        "Read what is known of what lives in a slot service; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = MirroredSlots;

    async fn perform(self, work: &mut Work<'_>) -> Result<MirroredSlots, Fault> {
        let resources = Filter {
            limit: u32::try_from(MOST_RESOURCES).unwrap_or(u32::MAX),
            part: Part::Glance,
            ..Filter::default()
        };
        let bookings = Filter {
            begins: Some((self.from, self.to)),
            sort: Sort::Begins,
            limit: u32::try_from(MOST).unwrap_or(u32::MAX),
            part: Part::Glance,
            ..Filter::default()
        };
        let contact = work.get::<Contact>(Contact::ID).await?;
        let expected = underway(work).await?.into_iter();
        let expected = expected.filter_map(|errand| match errand.what {
            What::Book(wish) => Some((wish.remote, wish.start, wish.guest.email)),
            _ => None,
        });
        Ok(MirroredSlots {
            expected: expected.collect(),
            resources: known(work.rows::<Resource>(&resources).await?),
            bookings: known(work.rows::<Booking>(&bookings).await?),
            contact: contact.map(|stored| stored.record),
        })
    }
}

/// What may have arrived there, and nobody knows yet.
pub(super) async fn underway(work: &Work<'_>) -> Result<Vec<Errand>, Fault> {
    let mut all = Vec::new();
    for state in ["left", "lost"] {
        let filter = Filter {
            state: Some(state.to_owned()),
            limit: MOST_ON_THEIR_WAY,
            ..Filter::default()
        };
        let found = work.list::<Errand>(&filter).await?;
        all.extend(found.into_iter().map(|stored| stored.record));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is gathered of these pages, at most three rows; and whether there is more.
    fn gathered(pages: &[(&[u8], bool)]) -> (Vec<String>, bool) {
        let mut all = Gathered::new(3);
        for (rows, last) in pages {
            let page = Page {
                rows: rows.iter().map(u8::to_string).collect(),
                length: rows.len(),
                cursor: None,
                last: *last,
            };
            if !all.take(page, |row: &String| row) {
                break;
            }
        }
        all.done()
    }

    #[test]
    fn a_list_that_is_not_read_to_its_end_says_so() {
        assert!(gathered(&[(&[1, 2], false), (&[3], false)]).1);
        assert!(gathered(&[(&[1, 2], false), (&[3, 4], true)]).1);
        assert!(!gathered(&[(&[1, 2], false), (&[3], true)]).1);
        assert!(!gathered(&[(&[1, 2], false), (&[1, 2], false)]).1);
    }
}
