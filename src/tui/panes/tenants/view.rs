//! What the pane gives away and shows beside its rows: ids to copy, files to write, the way back,
//! and why there is nothing. Gives away no secret: it has none.

use super::Tenants;
use crate::tui::{
    effect::Ctx,
    grid::Format,
    paint::Canvas,
    panes::{empty, split},
    theme::Role,
};

impl Tenants {
    pub(super) fn back(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let mut split = self.split.get();
        if split.in_detail()
            && let Some(sheet) = self.detail.sheet_mut()
            && !sheet.filter().is_empty()
        {
            sheet.set_filter("");
        } else if split.leave() {
            self.split.set(split);
        } else if !self.grid.clear_marks() {
            if self.grid.filter().is_empty() {
                return false;
            }
            self.grid.set_filter("");
            self.moved(ctx);
        }
        true
    }

    pub(super) fn copied(&self) -> String {
        let sheet = self.detail.sheet().filter(|_| self.in_detail());
        let ids = if let Some(sheet) = sheet {
            sheet.ids()
        } else {
            let rows = self.grid.targets().into_iter();
            rows.map(|row| row.id.to_string()).collect()
        };
        ids.join("\n")
    }

    pub(super) fn export(&self, ctx: &mut Ctx<'_>) {
        let sheet = self.detail.sheet().filter(|_| self.in_detail());
        let files = [Format::Csv, Format::Json].map(|format| {
            if let Some(sheet) = sheet {
                let what = self.detail.tab().name().replace(' ', "-");
                let name = format!("flightdeck-tenant-{what}.{}", format.ending());
                (name, sheet.export(format))
            } else {
                let name = format!("flightdeck-tenants.{}", format.ending());
                (name, self.grid.export(format))
            }
        });
        split::export(files, ctx);
    }

    /// What stands there while there is nothing: why, or that it is still on its way.
    pub(super) fn draw_empty(&self, canvas: &mut Canvas<'_>) {
        let how = || vec![("There is no tenant yet.".into(), Role::Title)];
        let loaded = self.directory.at().is_some();
        let lines = empty::lines(self.directory.fault(), loaded, how);
        let width = canvas.width().saturating_sub(4);
        empty::draw(canvas, empty::wrapped(lines, width));
    }
}
