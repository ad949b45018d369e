//! The tabs of the panes in as much room as there is: with their names, with the beginnings of
//! all but the one in front, with the name of the one in front alone, by their numbers. Number and count of each are
//! never given up for a name; the count is, where there is no room for all numbers.

use crate::tui::{clean::Clean, theme::Role};

/// A tab.
#[derive(Debug, Clone, Copy)]
pub struct Tab {
    /// The digit that goes there.
    pub digit: u8,
    /// Its name.
    pub title: &'static str,
    /// The beginning of its name.
    pub short: &'static str,
    /// How many things in it wait for somebody.
    pub count: usize,
    /// Whether its pane is in front.
    pub front: bool,
}

/// How shortly tabs are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// With all names.
    Whole,
    /// With the name of the one in front, and the beginnings of all others.
    Short,
    /// With the name of the one in front alone.
    Front,
    /// By their numbers alone.
    Numbers,
    /// The same, without counts.
    Digits,
}

/// Tabs as they are drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What stands on each.
    pub tabs: Vec<(Clean, Role)>,
    /// How many columns are between two of them.
    pub gap: u16,
}

impl Row {
    /// How many columns it takes.
    #[must_use]
    pub fn width(&self) -> u16 {
        let between = u16::try_from(self.tabs.len().saturating_sub(1)).unwrap_or(0);
        let texts: u16 = self.tabs.iter().map(|(text, _)| text.width()).sum();
        texts + self.gap * between
    }

    fn of(all: &[Tab], how: How) -> Self {
        let gap = match how {
            How::Whole | How::Short | How::Front => 2,
            How::Numbers | How::Digits => 1,
        };
        let tabs = all.iter().map(|tab| tab.said(how)).collect();
        Self { tabs, gap }
    }
}

impl Tab {
    fn said(&self, how: How) -> (Clean, Role) {
        let name = match how {
            How::Whole => self.title,
            How::Short | How::Front if self.front => self.title,
            How::Short => self.short,
            How::Front | How::Numbers | How::Digits => "",
        };
        let space = if name.is_empty() { "" } else { " " };
        let count = match self.count {
            0 => String::new(),
            _ if how == How::Digits => String::new(),
            count => format!("{space}({count})"),
        };
        let digit = self.digit;
        if self.front {
            return (clean!("[{digit}{space}{name}{count}]"), Role::Focus);
        }
        (clean!("{digit}{space}{name}{count}"), Role::Text)
    }
}

/// The tabs with all that is said of them where there is room for it.
#[must_use]
pub fn whole(all: &[Tab]) -> Row {
    Row::of(all, How::Whole)
}

/// The tabs with as much of their names as there is room for beside something, of so many columns;
/// whether that has room too. Names are shortened for it, but the one in front is never given up.
#[must_use]
pub fn fit(all: &[Tab], room: u16, beside: u16) -> (Row, bool) {
    let (most, named) = (
        room.saturating_sub(beside),
        [How::Whole, How::Short, How::Front],
    );
    for (room, is_beside) in [(most, true), (room, false)] {
        for how in named {
            let row = Row::of(all, how);
            if row.width() <= room {
                return (row, is_beside);
            }
        }
    }
    (Row::of(all, How::Numbers), false)
}

/// The tabs in so much room where there is none even for all their numbers and counts: what is
/// never given up is which one is in front.
#[must_use]
pub fn least(all: &[Tab], room: u16) -> Row {
    let row = Row::of(all, How::Numbers);
    if row.width() <= room {
        return row;
    }
    Row::of(all, How::Digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seven(front: u8, counts: [usize; 7]) -> Vec<Tab> {
        let names = [
            ("Jobs", "Jobs"),
            ("Review", "Rev"),
            ("Pacing", "Pace"),
            ("Orders", "Ord"),
            ("Tenants", "Ten"),
            ("Slots", "Slot"),
            ("Activity", "Act"),
        ];
        let all = (1..).zip(names).zip(counts);
        all.map(|((digit, (title, short)), count)| Tab {
            digit,
            title,
            short,
            count,
            front: digit == front,
        })
        .collect()
    }

    fn text(row: &Row) -> String {
        let texts: Vec<&str> = row.tabs.iter().map(|(text, _)| text.as_str()).collect();
        texts.join(&" ".repeat(row.gap.into()))
    }

    #[test]
    fn names_go_before_numbers_and_counts_do() {
        let all = seven(2, [3, 36, 0, 12, 1, 0, 2]);
        for (room, wanted) in [
            (
                92,
                "1 Jobs (3)  [2 Review (36)]  3 Pacing  4 Orders (12)  5 Tenants (1)  6 Slots  7 Activity (2)",
            ),
            (
                77,
                "1 Jobs (3)  [2 Review (36)]  3 Pace  4 Ord (12)  5 Ten (1)  6 Slot  7 Act (2)",
            ),
            (52, "1(3)  [2 Review (36)]  3  4(12)  5(1)  6  7(2)"),
            (36, "1(3) [2(36)] 3 4(12) 5(1) 6 7(2)"),
        ] {
            let (row, _) = fit(&all, room, 0);
            assert_eq!(text(&row), wanted);
            assert_eq!(usize::from(row.width()), wanted.len());
        }
    }

    #[test]
    fn the_one_in_front_is_marked_in_the_least_room() {
        let all = seven(2, [3, 36, 0, 12, 1, 0, 2]);
        assert_eq!(text(&least(&all, 32)), "1(3) [2(36)] 3 4(12) 5(1) 6 7(2)");
        assert_eq!(text(&least(&all, 31)), "1 [2] 3 4 5 6 7");
    }

    #[test]
    fn names_are_shortened_before_the_clock_goes() {
        let all = seven(2, [3, 36, 0, 12, 1, 0, 2]);
        for (room, wanted, clock) in [
            (103, 92, true),
            (102, 77, true),
            (88, 77, true),
            (87, 46, true),
            (57, 46, true),
            (56, 46, false),
            (46, 46, false),
            (45, 32, false),
        ] {
            let (row, is_there) = fit(&all, room, 11);
            let columns = text(&row).len();
            assert!(
                columns == wanted && is_there == clock,
                "{room}: {}",
                text(&row)
            );
            assert!(columns + usize::from(clock) * 11 <= usize::from(room));
        }
    }

    #[test]
    fn seven_tabs_with_counts_of_three_digits_are_there_on_eighty_columns() {
        // What stands before them: tenant, freshness, the longest role.
        let room = 80 - 28;
        for front in 1..=7 {
            let all = seven(front, [128, 36, 9, 12, 7, 3, 110]);
            let (row, _) = fit(&all, room, 11);
            assert!(row.width() <= room, "{}", text(&row));
            for (at, tab) in all.iter().enumerate() {
                let said = row.tabs[at].0.as_str();
                assert!(said.contains(&tab.digit.to_string()), "{said}");
                assert!(said.contains(&format!("({})", tab.count)), "{said}");
            }
        }
    }
}
