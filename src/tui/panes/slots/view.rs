//! Where the parts of the pane stand: calendar and agenda side by side, with the resources before
//! and the detail behind them where there is room, one alone where there is little. Which of them
//! has the keys.

use ratatui::layout::Rect;

use super::month;

/// From so many columns and rows on there is room for everything.
const WIDE: (u16, u16) = (170, 30);
/// From so many columns on the week is whole beside its agenda.
const BESIDE: u16 = 100;
/// From so many columns and rows on there is room for two parts.
const LEAST: (u16, u16) = (64, 8);
/// From so many rows on the detail is told below the agenda.
const TALL: u16 = 34;

/// Which part has the keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Focus {
    /// The calendar.
    #[default]
    Calendar,
    /// Who comes on the day.
    Agenda,
    /// What can be booked.
    Resources,
    /// One of those who come in full.
    Detail,
}

/// Where each part stands, if it is seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Areas {
    /// What can be booked.
    pub resources: Option<Rect>,
    /// The month.
    pub month: Option<Rect>,
    /// The calendar.
    pub calendar: Option<Rect>,
    /// Who comes on the day.
    pub agenda: Option<Rect>,
    /// One of them in full.
    pub detail: Option<Rect>,
}

/// What a person wants to see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct View {
    /// Which part has the keys.
    pub focus: Focus,
    /// Whether it has the whole screen.
    pub zoomed: bool,
    /// Whether all resources stand side by side.
    pub side: bool,
    /// Whether the detail is of a line of the agenda, and not of what is under the cursor of the
    /// calendar.
    pub of_line: bool,
}

impl View {
    /// Gives the keys to a part. The detail goes on telling of what it told of.
    pub fn give(&mut self, focus: Focus) {
        self.focus = focus;
        self.of_line = match focus {
            Focus::Agenda => true,
            Focus::Calendar | Focus::Resources => false,
            Focus::Detail => self.of_line,
        };
    }

    /// Where each part stands.
    #[must_use]
    pub fn areas(self, width: u16, height: u16) -> Areas {
        let whole = Rect::new(0, 0, width, height);
        if self.zoomed || width < LEAST.0 || height < LEAST.1 {
            return self.alone(whole);
        }
        if width >= WIDE.0 && height >= WIDE.1 {
            return wide(whole);
        }
        let left = if width >= BESIDE {
            width * 3 / 5
        } else {
            width * 2 / 5 + 2
        };
        let calendar = Rect::new(0, 0, left, height);
        let right = Rect::new(left, 0, width - left, height);
        let mut areas = Areas {
            calendar: Some(calendar),
            ..Areas::default()
        };
        if self.focus == Focus::Resources {
            areas.resources = Some(right);
            return areas;
        }
        if height >= TALL {
            let upper = height * 3 / 5;
            areas.agenda = Some(Rect {
                height: upper,
                ..right
            });
            areas.detail = Some(Rect {
                y: upper,
                height: height - upper,
                ..right
            });
        } else if self.focus == Focus::Detail {
            areas.detail = Some(right);
        } else {
            areas.agenda = Some(right);
        }
        areas
    }

    fn alone(self, whole: Rect) -> Areas {
        let mut areas = Areas::default();
        match self.focus {
            Focus::Calendar => areas.calendar = Some(whole),
            Focus::Agenda => areas.agenda = Some(whole),
            Focus::Resources => areas.resources = Some(whole),
            Focus::Detail => areas.detail = Some(whole),
        }
        areas
    }

    /// The part that gets the keys next, of those that are seen.
    #[must_use]
    pub fn next(self, areas: Areas) -> Focus {
        match self.focus {
            Focus::Calendar => Focus::Agenda,
            Focus::Agenda if areas.detail.is_some() => Focus::Detail,
            Focus::Agenda | Focus::Detail if areas.resources.is_some() => Focus::Resources,
            Focus::Agenda | Focus::Detail | Focus::Resources => Focus::Calendar,
        }
    }
}

fn wide(whole: Rect) -> Areas {
    let (left, right) = (46, 56);
    let middle = whole.width - left - right;
    let foot = month::SIZE.1 + 2;
    let upper = whole.height * 3 / 5;
    Areas {
        resources: Some(Rect::new(0, 0, left, whole.height - foot)),
        month: Some(Rect::new(0, whole.height - foot, left, foot)),
        calendar: Some(Rect::new(left, 0, middle, upper)),
        agenda: Some(Rect::new(left, upper, middle, whole.height - upper)),
        detail: Some(Rect::new(left + middle, 0, right, whole.height)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_size_what_has_the_keys_is_seen_and_nothing_lies_outside() {
        let all = [
            Focus::Calendar,
            Focus::Agenda,
            Focus::Resources,
            Focus::Detail,
        ];
        for focus in all {
            for (zoomed, side) in [(false, false), (true, true)] {
                for width in 0..300 {
                    for height in [0, 1, 5, 8, 22, 30, 34, 38, 58, 100] {
                        let view = View {
                            focus,
                            zoomed,
                            side,
                            of_line: false,
                        };
                        let areas = view.areas(width, height);
                        let seen = match focus {
                            Focus::Calendar => areas.calendar,
                            Focus::Agenda => areas.agenda,
                            Focus::Resources => areas.resources,
                            Focus::Detail => areas.detail,
                        };
                        assert!(seen.is_some(), "{view:?} {width}x{height}");
                        let all = [
                            areas.resources,
                            areas.month,
                            areas.calendar,
                            areas.agenda,
                            areas.detail,
                        ];
                        for area in all.into_iter().flatten() {
                            assert!(area.right() <= width && area.bottom() <= height);
                        }
                    }
                }
            }
        }
    }
}
