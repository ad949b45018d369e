//! What keys do in the pane: ticks by row, channel, range or all, the order of the list, the
//! way back, ids for the clipboard, files, and finding a product by its name.

use super::{
    PRODUCT, Review,
    item::Item,
    list::Line,
    sheet::{Seen, Sheet},
};
use crate::{
    domain::ids::ProductId,
    tui::{
        command::Action,
        effect::{Ctx, Effect, PaneId, Place},
        filter::{Filter, haystack},
        grid::{Format, written},
        overlays::palette::{Found, Goal},
        panes::split,
    },
};

impl Review {
    pub(super) fn products(&self, places: impl IntoIterator<Item = usize>) -> Vec<ProductId> {
        let items = self.seen().map_or(&[][..], |seen| &seen.items);
        let known = places.into_iter().filter_map(|at| items.get(at));
        known.map(|item| item.product().clone()).collect()
    }

    /// The recommendations of a channel that are shown.
    pub(super) fn of_group(&self, group: usize) -> Vec<usize> {
        let Some(seen) = self.seen() else {
            return Vec::new();
        };
        let of_it = |at: &usize| seen.items.get(*at).is_some_and(|item| item.group == group);
        self.list.items().filter(of_it).collect()
    }

    /// Ticks all of some, or none when all of them are ticked already.
    pub(super) fn flip(&mut self, places: &[usize]) {
        let on = self.seen().is_some_and(|seen| {
            let open = |at: &usize| seen.items.get(*at).is_some_and(|item| !item.ticked);
            places.iter().any(open)
        });
        let products = self.products(places.iter().copied());
        if let Some(sheet) = self.pile.current_mut() {
            sheet.tick(products, on);
        }
    }

    pub(super) fn tick_here(&mut self, step: bool) {
        match self.list.here() {
            Some(Line::Group(group)) => self.flip(&self.of_group(group)),
            Some(Line::Item(at)) => {
                self.flip(&[at]);
                if step {
                    self.list.go(self.list.cursor() + 1);
                    self.moved();
                }
            }
            None => {}
        }
    }

    pub(super) fn change_ticks(&mut self, action: Action) {
        match action {
            Action::Tick | Action::Mark => self.tick_here(true),
            Action::TickGroup => {
                if let (Some(seen), Some(here)) = (self.seen(), self.list.here()) {
                    let group = match here {
                        Line::Group(at) => at,
                        Line::Item(at) => seen.items.get(at).map_or(0, |item| item.group),
                    };
                    self.flip(&self.of_group(group));
                }
            }
            Action::TickAll | Action::MarkAll => {
                let all: Vec<usize> = self.list.items().collect();
                self.flip(&all);
            }
            Action::Invert => {
                let products = self.products(self.list.items());
                if let Some(sheet) = self.pile.current_mut() {
                    sheet.invert(products);
                }
            }
            Action::Range => {
                let Some(seen) = self.pile.current().and_then(Sheet::seen) else {
                    return;
                };
                if let Some(places) = self.list.range(seen) {
                    let products = self.products(places);
                    if let Some(sheet) = self.pile.current_mut() {
                        sheet.tick(products, true);
                    }
                }
            }
            _ => {}
        }
        // A filter may look at ticks.
        self.refill();
    }

    pub(super) fn arrange(&mut self, action: Action) -> bool {
        match action {
            Action::Sort => self.list.sort_next(),
            Action::Reverse => self.list.sort_by(self.list.sorted().0),
            Action::Wider => self.list.widen(2),
            Action::Narrower => self.list.widen(-2),
            _ => return false,
        }
        self.refill();
        true
    }

    /// Goes back one step; false when there is none here.
    pub(super) fn back(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let mut split = self.split.get();
        if split.leave() {
            self.split.set(split);
            return true;
        }
        if self.list.drop_range() || self.pile.current_mut().is_some_and(Sheet::read) {
            return true;
        }
        if !self.list.filter().is_empty() {
            self.list.set_filter("");
            self.refill();
            return true;
        }
        // Whoever comes again finds everything that waits.
        if self.pile.choose_waiting(ctx) {
            self.turned();
        }
        false
    }

    pub(super) fn copy(&self, ctx: &mut Ctx<'_>) {
        let places = match self.list.here() {
            Some(Line::Item(at)) => vec![at],
            Some(Line::Group(group)) => self.of_group(group),
            None => return,
        };
        let products = self.products(places);
        let ids: Vec<&str> = products.iter().map(ProductId::as_str).collect();
        ctx.want(Effect::Copy(ids.join("\n")));
    }

    pub(super) fn export(&self, ctx: &mut Ctx<'_>) {
        let Some(seen) = self.seen() else { return };
        let shown = self.list.items().filter_map(|at| seen.items.get(at));
        let rows: Vec<&Item> = shown.collect();
        let files = [Format::Csv, Format::Json].map(|format| {
            let name = format!("flightdeck-review.{}", format.ending());
            (name, written(&rows, format))
        });
        split::export(files, ctx);
    }

    /// Puts the cursor on a product of the job that is looked at.
    pub(super) fn find_product(&mut self, product: &str) {
        let Some(seen) = self.seen() else { return };
        let item = seen
            .items
            .iter()
            .find(|item| item.product().as_str() == product);
        let Some(at) = item.map(|item| (item.group, Some(item.product().clone()))) else {
            return;
        };
        if !self.list.filter().is_empty() {
            self.list.set_filter("");
        }
        if let Some(sheet) = self.pile.current_mut() {
            sheet.cursor = Some(at);
        }
        self.refill();
    }

    /// Finds products of the jobs under review by their names.
    pub(super) fn find_products(&self, text: &str, most: usize) -> Vec<Found> {
        let filter = Filter::new(text, &[]);
        let seen = self.pile.sheets().filter_map(Sheet::seen);
        let all = seen.flat_map(|seen| seen.items.iter().map(move |item| (seen, item)));
        let fits = |(seen, item): &(&Seen, &Item)| {
            let (name, view) = (&seen.name, &item.view);
            let fields = [&view.product_name, &view.publisher, &view.channel];
            let fields = fields.map(|text| ("", text.as_str().into()));
            let job = ("", name.as_str().into());
            filter.matches(&haystack(fields.into_iter().chain([job])))
        };
        let found = all.filter(fits).take(most).map(|(seen, item)| Found {
            title: item.name(),
            about: clean!("{}, {} for {}", item.view.channel, item.cost, seen.name),
            side: "product".into(),
            goal: Goal::Go(Place {
                pane: PaneId::Review,
                objects: vec![
                    seen.job.job_id.to_string(),
                    format!("{PRODUCT}{}", item.product()),
                ],
            }),
        });
        found.collect()
    }
}
