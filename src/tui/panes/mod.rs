//! The panes. Each is state, `act` and `draw`: it does nothing by itself, it wants things
//! done. One line here, one file or folder beside it, one section in the keymap.

pub mod activity;
mod empty;
pub mod jobs;
pub mod orders;
pub mod pacing;
mod rest;
pub mod review;
mod scroll;
mod sent;
pub mod slots;
pub mod split;
pub mod sums;
pub mod tenants;

use crate::{
    domain::when::Instant,
    engine::events::Event,
    tui::{
        clean::Clean,
        command::{Action, Section},
        effect::{Ctx, PaneId, Reply, Ticket},
        overlays::{palette::Found, prompt::Purpose},
        paint::{Canvas, Look, Spot},
    },
};

/// A pane.
pub trait Pane: Send {
    /// Which one it is.
    fn id(&self) -> PaneId;

    /// Which keys work in it, its own first.
    fn sections(&self) -> &'static [Section];

    /// How many things in it wait for somebody.
    fn count(&self) -> usize;

    /// Asks for everything anew: at the start, when told to, and when something happened
    /// that nobody told it.
    fn wake(&mut self, ctx: &mut Ctx<'_>);

    /// Learns that it is seen, or no longer.
    fn show(&mut self, _shown: bool, _ctx: &mut Ctx<'_>) {}

    /// Does a command; false when it knows none like that now.
    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> bool;

    /// Why a command cannot be done now.
    ///
    /// # Errors
    /// With the reason.
    fn may(&self, _action: Action) -> Result<(), Clean> {
        Ok(())
    }

    /// Takes an answer, if it is its own.
    fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>);

    /// Learns what happened.
    fn happened(&mut self, _event: &Event, _ctx: &mut Ctx<'_>) {}

    /// Takes a line that was typed over it.
    fn typed(&mut self, _purpose: Purpose, _text: &str, _ctx: &mut Ctx<'_>) {}

    /// Takes the marks of its list away.
    fn unmark(&mut self) {}

    /// Takes a click.
    fn click(&mut self, _spot: Spot, _ctx: &mut Ctx<'_>) {}

    /// Takes the wheel of the mouse.
    fn scroll(&mut self, _by: isize, _ctx: &mut Ctx<'_>) {}

    /// Shows objects by their ids.
    fn go(&mut self, objects: &[String], ctx: &mut Ctx<'_>);

    /// Finds objects for the palette, at most so many.
    fn find(&self, text: &str, most: usize) -> Vec<Found>;

    /// What the filter of its list is, where it has one.
    fn filter(&self) -> Option<&str> {
        None
    }

    /// The fields that its filter may name.
    fn fields(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// When it wants to look again although nothing happened.
    fn due(&self) -> Option<Instant> {
        None
    }

    /// That time has come, or another.
    fn tick(&mut self, _ctx: &mut Ctx<'_>) {}

    /// What the hint bar says of it, most useful first.
    fn hints(&self) -> Vec<Action>;

    /// What a person set, to keep it until next time.
    fn save(&self) -> toml::Table;

    /// Sets what a person set last time.
    fn restore(&mut self, table: &toml::Table);

    /// Draws it.
    fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>);
}
