//! stub
use crate::tui::{
    command::{Action, Section},
    effect::{Ctx, PaneId, Reply, Ticket},
    overlays::palette::Found,
    paint::{Canvas, Look},
    panes::Pane,
};
#[derive(Default)]
pub struct Review;
impl Pane for Review {
    fn id(&self) -> PaneId {
        PaneId::Review
    }
    fn sections(&self) -> &'static [Section] {
        &[Section::Review, Section::List, Section::Global]
    }
    fn count(&self) -> usize {
        0
    }
    fn wake(&mut self, _: &mut Ctx<'_>) {}
    fn act(&mut self, _: Action, _: &mut Ctx<'_>) -> bool {
        false
    }
    fn reply(&mut self, _: Ticket, _: &mut Option<Reply>, _: &mut Ctx<'_>) {}
    fn go(&mut self, _: &[String], _: &mut Ctx<'_>) {}
    fn find(&self, _: &str, _: usize) -> Vec<Found> {
        Vec::new()
    }
    fn hints(&self) -> Vec<Action> {
        Vec::new()
    }
    fn save(&self) -> toml::Table {
        toml::Table::new()
    }
    fn restore(&mut self, _: &toml::Table) {}
    fn draw(&self, _: &mut Canvas<'_>, _: &Look<'_>) {}
}
