//! What lies over the panes: questions, help, palette, forms, texts. A stack: only the top
//! one gets keys, and closing it gives them back to what lies below.

pub mod brief;
pub mod confirm;
pub mod form;
pub mod help;
pub mod menu;
pub mod once;
pub mod palette;
pub mod prompt;
pub mod reader;
mod told;
pub mod ways;

use ratatui::layout::Rect;

use self::{palette::Found, prompt::Purpose};
use super::{
    clean::Clean,
    command::{Action, Section},
    effect::{Ctx, Reply, StepReply, Ticket},
    input::Key,
    paint::{Canvas, Look, Spot},
};
use crate::engine::events::Event;

/// Whether an overlay stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stay {
    /// It stays.
    Open,
    /// It goes.
    Closed,
}

/// Something over the panes.
pub trait Overlay: Send {
    /// Which keys work in it.
    fn sections(&self) -> &'static [Section];

    /// Whether letters are typed into it; its keys come first then, letters after.
    fn types(&self) -> bool {
        false
    }

    /// Does a command.
    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> Stay;

    /// Takes a key that is no command.
    fn key(&mut self, _key: Key, _ctx: &mut Ctx<'_>) -> Stay {
        Stay::Open
    }

    /// Takes a text that was pasted; it never presses a key.
    fn paste(&mut self, _text: &str, _ctx: &mut Ctx<'_>) -> Stay {
        Stay::Open
    }

    /// Takes a click.
    fn click(&mut self, spot: Spot, ctx: &mut Ctx<'_>) -> Stay {
        match spot {
            Spot::Do(action) => self.act(action, ctx),
            _ => Stay::Open,
        }
    }

    /// Takes an answer, if it is its own.
    fn reply(&mut self, _ticket: Ticket, _reply: &mut Option<Reply>, _ctx: &mut Ctx<'_>) -> Stay {
        Stay::Open
    }

    /// Takes what came of a step of an order, if it is its own.
    fn stepped(&mut self, _ticket: Ticket, _reply: &StepReply, _ctx: &mut Ctx<'_>) -> Stay {
        Stay::Open
    }

    /// Hears what happened in the engine while it lies there.
    fn happened(&mut self, _event: &Event, _ctx: &mut Ctx<'_>) {}

    /// Whether lines that are typed over it are meant for it.
    fn is_form(&self) -> bool {
        false
    }

    /// What would be lost with it by leaving the console now.
    fn loses(&self) -> Option<&'static str> {
        None
    }

    /// Whether it is the question whether to leave.
    fn asks_to_leave(&self) -> bool {
        false
    }

    /// Whether it stands in the place of the hint bar.
    fn is_foot(&self) -> bool {
        false
    }

    /// Takes a line that was typed over it.
    fn typed(&mut self, _purpose: Purpose, _text: &str, _ctx: &mut Ctx<'_>) {}

    /// Takes the objects that were found for what is typed in it.
    fn found(&mut self, _objects: Vec<Found>) {}

    /// What the hint bar says of it.
    fn hints(&self) -> Vec<Action>;

    /// Why a command cannot be done in it now.
    ///
    /// # Errors
    /// With the reason.
    fn may(&self, _action: Action) -> Result<(), Clean> {
        Ok(())
    }

    /// Draws it over the whole screen.
    fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>);
}

/// Where a window of that size stands in the middle.
#[must_use]
pub fn centred(canvas: &Canvas<'_>, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(canvas.width()), height.min(canvas.height()));
    Rect::new(
        (canvas.width() - width) / 2,
        (canvas.height() - height) / 3,
        width,
        height,
    )
}
