//! What a list shows while there is nothing in it: why it could not be read, that it is still on
//! its way, or how something comes there. Refuses to know of what: each pane says how to begin.

use crate::{
    engine::fault::Fault,
    tui::{clean::Clean, paint::Canvas, theme::Role},
};

/// A line of it.
pub type Line = (Clean, Role);

/// The lines; `how` says how something comes there, once it is known that nothing is.
pub fn lines(fault: Option<&Fault>, loaded: bool, how: impl FnOnce() -> Vec<Line>) -> Vec<Line> {
    let Some(fault) = fault else {
        return if loaded {
            how()
        } else {
            vec![("loading ...".into(), Role::Muted)]
        };
    };
    let why = (Clean::new(&fault.message), Role::Bad);
    let hint = fault.hint.iter();
    let hint = hint.map(|hint| (clean!("hint: {hint}"), Role::Muted));
    std::iter::once(why).chain(hint).collect()
}

/// The same, no line wider than this.
pub fn wrapped(lines: Vec<Line>, width: u16) -> Vec<Line> {
    let parts = |(line, role): Line| line.wrap(width).into_iter().map(move |part| (part, role));
    lines.into_iter().flat_map(parts).collect()
}

/// Draws them one below the other.
pub fn draw(canvas: &mut Canvas<'_>, lines: Vec<Line>) {
    for (y, (line, role)) in (1u16..).zip(lines) {
        canvas.text(2, y, line, role);
    }
}
