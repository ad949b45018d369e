//! The columns of a list, as data: what stands in them, what they sort by, how wide they
//! are, and which go first when there is little room.

use std::{
    borrow::Cow,
    cmp::Ordering,
    fmt::Debug,
    hash::{DefaultHasher, Hash, Hasher as _},
};

use crate::tui::{clean::Clean, paint::Look, theme::Role};

/// What a column sorts by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey<'a> {
    /// A number, smallest first.
    Number(i128),
    /// A text, in the order of its lower-case letters.
    Text(Cow<'a, str>),
}

impl<'a> SortKey<'a> {
    /// Sorts by a text whatever its case.
    #[must_use]
    pub fn text(text: &'a str) -> Self {
        if text
            .bytes()
            .any(|byte| !byte.is_ascii() || byte.is_ascii_uppercase())
        {
            return Self::Text(Cow::Owned(text.to_lowercase()));
        }
        Self::Text(Cow::Borrowed(text))
    }
}

/// A column of rows.
pub struct Column<R: 'static> {
    /// Its name in filters, exports and settings.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// How wide it likes to be.
    pub width: u16,
    /// Which columns stay when there is little room: the smallest.
    pub rank: u8,
    /// Whether it takes what room is left.
    pub grows: bool,
    /// Whether it stands at the right of its room.
    pub right: bool,
    /// What it shows.
    pub text: fn(&R, &Look<'_>) -> Clean,
    /// What that means.
    pub role: fn(&R) -> Role,
    /// What filters and exports see.
    pub plain: for<'a> fn(&'a R) -> Cow<'a, str>,
    /// What it sorts by.
    pub key: for<'a> fn(&'a R) -> SortKey<'a>,
}

/// Something that filters and exports see of a row: its name, and what stands there.
pub type Field<R> = (&'static str, for<'a> fn(&'a R) -> Cow<'a, str>);

/// What filters and exports see of rows, by their names.
pub fn fields<R: Row>() -> impl Iterator<Item = Field<R>> {
    let columns = R::COLUMNS.iter();
    let columns = columns.map(|column| (column.id, column.plain));
    columns.chain(R::BESIDE.iter().copied())
}

/// Something that stands in a list.
pub trait Row: Sized + Send + 'static {
    /// What it is known by, whatever else changes.
    type Id: Clone + Eq + Hash + Ord + Debug + ToString + Send;
    /// The columns.
    const COLUMNS: &'static [Column<Self>];
    /// The column that it is sorted by at first, and whether downwards.
    const SORTED: (usize, bool);
    /// Whether filters read a row only when one is set: for rows that often change all at once.
    const LAZY: bool = false;
    /// Whether the column that grows holds names, which often differ at their end alone.
    const NAMED: bool = false;

    /// The column that begins with a sign, which alone says enough where there is little room.
    const SIGNED: Option<usize> = None;
    /// What filters and exports see besides the columns.
    const BESIDE: &'static [Field<Self>] = &[];

    /// What it is known by.
    fn id(&self) -> Self::Id;

    /// Changes whenever the row does.
    fn stamp(&self) -> i64;
}

/// A number that is another one when the thing is, for rows that carry none of their own.
pub fn stamp(of: impl Hash) -> i64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish().cast_signed()
}

/// The order of two rows by a column, then by their ids.
pub fn compare<R: Row>(a: &R, b: &R, column: usize, down: bool) -> Ordering {
    let key = R::COLUMNS[column].key;
    in_order((&key(a), a), (&key(b), b), down)
}

/// The order of two rows by what they sort by, then by their ids.
pub fn in_order<R: Row>(
    (key, a): (&SortKey<'_>, &R),
    (other, b): (&SortKey<'_>, &R),
    down: bool,
) -> Ordering {
    let order = key.cmp(other);
    let order = if down { order.reverse() } else { order };
    order.then_with(|| a.id().cmp(&b.id()))
}

/// How wide names become before columns from this rank on are shown.
const NAME: u16 = 24;
const BESIDE: u8 = 4;

/// How wide a sign is.
pub const SIGN: u16 = 2;
/// How narrow a column that grows becomes for the sake of a sign.
const SQUEEZED: u16 = 8;

/// Which columns are shown in so much room, and how wide each is.
#[must_use]
pub fn layout<R: Row>(room: u16, widths: &[u16]) -> Vec<(usize, u16)> {
    let mut by_rank: Vec<usize> = (0..R::COLUMNS.len()).collect();
    by_rank.sort_by_key(|at| R::COLUMNS[*at].rank);
    let mut shown: Vec<(usize, u16)> = Vec::new();
    let mut left = room;
    for at in by_rank {
        let column = &R::COLUMNS[at];
        let wanted = widths[at];
        if R::NAMED && column.rank >= BESIDE {
            left -= widen::<R>(&mut shown, NAME, left);
        }
        let gap = u16::from(!shown.is_empty());
        // One that grows is worth showing even when it is squeezed, and so is the second most
        // wanted, which says what the first is about.
        let least = match (column.grows, &shown[..]) {
            (true, _) => wanted.min(8),
            (false, [(first, _)]) if !R::COLUMNS[*first].grows => wanted * 2 / 3,
            _ => wanted,
        };
        if left >= least + gap {
            let width = wanted.min(left - gap);
            left -= width + gap;
            shown.push((at, width));
        } else if shown.is_empty() && left > 0 {
            shown.push((at, left));
            left = 0;
        }
    }
    left = left.saturating_sub(sign::<R>(&mut shown, left));
    shown.sort_unstable();
    widen::<R>(&mut shown, u16::MAX, left);
    shown
}

/// Shows the sign of a column that had no room, at the cost of the column that grows; says how
/// much of what is left it took.
fn sign<R: Row>(shown: &mut Vec<(usize, u16)>, left: u16) -> u16 {
    let Some(at) = R::SIGNED.filter(|at| shown.iter().all(|(one, _)| one != at)) else {
        return 0;
    };
    let needed = SIGN + u16::from(!shown.is_empty());
    let missing = needed.saturating_sub(left);
    if missing > 0 {
        let mut grows = shown.iter_mut().filter(|(at, _)| R::COLUMNS[*at].grows);
        match grows.next() {
            Some((_, width)) if *width >= SQUEEZED + missing => *width -= missing,
            _ => return 0,
        }
    }
    shown.push((at, SIGN));
    needed - missing
}

/// Gives the column that grows of what is left, up to a width; says how much it took.
fn widen<R: Row>(shown: &mut [(usize, u16)], to: u16, left: u16) -> u16 {
    let mut grows = shown.iter_mut().filter(|(at, _)| R::COLUMNS[*at].grows);
    let Some((_, width)) = grows.next() else {
        return 0;
    };
    let more = to.saturating_sub(*width).min(left);
    *width += more;
    more
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing(i64);

    const fn column(id: &'static str, width: u16, rank: u8) -> Column<Thing> {
        Column {
            id,
            title: "",
            width,
            rank,
            grows: rank == 0,
            right: false,
            text: |_, _| Clean::default(),
            role: |_| Role::Text,
            plain: |_| Cow::Borrowed(""),
            key: |row| SortKey::Number(row.0.into()),
        }
    }

    impl Row for Thing {
        type Id = i64;
        const COLUMNS: &'static [Column<Self>] = &[
            column("status", 19, 1),
            column("name", 18, 0),
            column("money", 15, 2),
        ];
        const SORTED: (usize, bool) = (0, false);
        const SIGNED: Option<usize> = Some(0);

        fn id(&self) -> i64 {
            self.0
        }

        fn stamp(&self) -> i64 {
            0
        }
    }

    #[test]
    fn where_a_state_has_no_room_its_sign_has() {
        let widths = [19, 18, 15];
        for (room, wanted) in [
            (54, &[(0, 19), (1, 18), (2, 15)][..]),
            (38, &[(0, 19), (1, 18)]),
            (35, &[(0, 2), (1, 16), (2, 15)]),
            (21, &[(0, 2), (1, 18)]),
            (9, &[(1, 9)]),
        ] {
            let shown = layout::<Thing>(room, &widths);
            assert_eq!(shown, wanted, "{room}");
            let all: u16 = shown.iter().map(|(_, width)| width + 1).sum();
            assert!(all <= room + 1, "{room}");
        }
    }
}
