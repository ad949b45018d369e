//! Lists what was brought here from the ad server: by kind and name, with filters, search and
//! cursor. What is there no more is listed only for whoever asks for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::history::size;
use crate::{
    domain::{
        inventory::{item::Item, kind::ItemKind},
        policy::Permission,
        problem::{Code, Problem},
    },
    engine::{
        cursor::Pages,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::{
        batch::Thing,
        inventory::{Last, Listing},
        record::Mark,
    },
};

/// The longest text that is searched for, in bytes.
const LONGEST_SEARCH: usize = 200;
/// The states that a thing can be in.
const STATES: [&str; 8] = [
    "active", "paused", "waiting", "ended", "inactive", "archived", "unknown", "gone",
];

/// Lists what an ad server has.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListInventory {
    /// Only of this kind.
    pub kind: Option<ItemKind>,
    /// Only in this state, such as `active` or `gone`; all but `gone` where it is not said.
    pub status: Option<String>,
    /// Only of this parent, by its id.
    pub parent: Option<String>,
    /// Only those whose name, id or code contains this.
    pub search: Option<String>,
    /// At most so many; 50 where it is not said, 500 at most.
    pub limit: Option<u32>,
    /// Where an earlier answer ended.
    pub cursor: Option<String>,
}

/// A thing, and whether it is still there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListedItem {
    /// The thing, as it was last met.
    #[serde(flatten)]
    pub item: Item,
    /// Whether the last full run did not meet it.
    pub gone: bool,
}

/// A page of what an ad server has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InventoryPage {
    /// The things, by kind and then by name.
    pub items: Vec<ListedItem>,
    /// How many there are in all.
    pub total: i64,
    /// Where the list goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

fn wrong(field: &'static str, message: String) -> Fault {
    Fault::field(Problem::new(field, Code::new("INVALID_VALUE"), message))
}

impl ListInventory {
    fn check(&self) -> Result<(), Fault> {
        let known = |state: &String| STATES.contains(&state.as_str());
        if !self.status.iter().all(known) {
            let message = format!("is no state; known are {}", STATES.join(", "));
            return Err(wrong("status", message));
        }
        let fits = |text: &String| text.len() <= LONGEST_SEARCH && !text.contains('\0');
        for (field, text) in [("search", &self.search), ("parent", &self.parent)] {
            if !text.iter().all(fits) {
                let message = format!("is longer than {LONGEST_SEARCH} bytes or holds a NUL");
                return Err(wrong(field, message));
            }
        }
        Ok(())
    }
}

impl Operation for ListInventory {
    const NAME: &'static str = "inventory.list";
    const ABOUT: &'static str = "List what was brought here from the ad server, by kind and name.";
    const KIND: Kind = Kind::Query(Permission::ReadActivity);
    type Output = InventoryPage;

    async fn perform(self, work: &mut Work<'_>) -> Result<InventoryPage, Fault> {
        let limit = size(self.limit)?;
        self.check()?;
        let question = format!(
            "inventory.list {:?} {:?} {:?} {:?}",
            self.kind, self.status, self.parent, self.search
        );
        let pages = Pages::of(&work.desk().secret, work.tenant(), &question);
        let after = pages.after(self.cursor.as_deref())?;
        let listing = Listing {
            kind: self.kind.map(|kind| kind.name().to_owned()),
            state: self.status,
            parent: self.parent,
            search: self.search.filter(|text| !text.trim().is_empty()),
            after: after.as_ref().and_then(last),
            limit: limit + 1,
        };
        let (mut things, total) = work.store().inventory(work.tenant(), &listing).await?;
        let next_cursor = pages.cut(&mut things, limit, mark)?;
        let read = |thing: Thing| {
            let item = serde_json::from_str(&thing.body).map_err(Fault::broken)?;
            Ok(ListedItem {
                item,
                gone: thing.is_gone(),
            })
        };
        Ok(InventoryPage {
            items: things.into_iter().map(read).collect::<Result<_, Fault>>()?,
            total,
            next_cursor,
        })
    }
}

fn mark(thing: &Thing) -> Mark {
    Mark {
        text: thing.name.clone(),
        number: 0,
        id: format!("{}/{}", thing.kind, thing.id),
    }
}

fn last(mark: &Mark) -> Option<Last> {
    let (kind, id) = mark.id.split_once('/')?;
    Some(Last {
        kind: kind.to_owned(),
        name: mark.text.clone(),
        id: id.to_owned(),
    })
}
