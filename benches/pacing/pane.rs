//! The pane of pacing with 10,000 lines: worked out, ranked and painted, as when new counts
//! come for all of them.

use flightdeck::{
    domain::{
        currency::Currency,
        ids::{LineId, OrderId},
        media_buy::{item_type::ItemType, terms::Spread},
        pacing::{
            figures::Figures,
            status::Bounds,
            terms::{Seen, Terms},
        },
        tenant::{caller::Caller, role::Role},
        zone::Zone,
    },
    engine::pacing::{
        list::PacePage,
        row::{Counts, PaceFigures, PaceRow},
    },
    tui::{
        console::{Console, Event, Identity},
        effect::Effect,
        keymap::{Keymap, Overrides},
        logbook::Logbook,
        paint::Notes,
        screen::Screen,
        theme::{Depth, Theme},
    },
};
use uuid::Uuid;

use super::now;

/// Works a line out as a row.
pub fn row((number, (terms, seen)): (u64, &(Terms, Seen)), bounds: &Bounds) -> PaceRow {
    let figures = Figures::of(terms, seen);
    let status = bounds.judge(terms, Some((seen, &figures)));
    let id = Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | number);
    PaceRow {
        line_id: LineId::from(id),
        line: format!("Summer Tour {number}").into(),
        order_id: OrderId::from(id),
        order: "Summer Tour".into(),
        owner: "acme-foods".into(),
        media_buy_id: None,
        package_id: None,
        product_id: "ctv-prime".into(),
        item_type: ItemType::Standard,
        priority: Some(8),
        revision: 1,
        status,
        chips: Vec::new(),
        counts: Counts::Impressions,
        goal: terms.goal.amount(),
        delivered: Some(seen.delivered),
        currency: Some(Currency::USD),
        own_currency: true,
        budget: terms.budget,
        spent: seen.spent,
        start: terms.clock.start(),
        end: terms.clock.end(),
        pacing: Spread::Even,
        figures: Some(PaceFigures::of(&figures, seen.rate_24h)),
        spark: vec![number % 90, 40, 70, 20, 90, 10, 30],
        ecpm: None,
        ctr: None,
        vcr: None,
        viewability: None,
        as_of: Some(seen.as_of),
        age_minutes: Some(0),
        upstream_index: None,
        alerts: 0,
        severity: None,
    }
}

/// A console with the pane in front.
pub struct Seat {
    console: Console,
    screen: Screen,
}

impl Seat {
    pub fn taken() -> Self {
        let tenant = "acme".parse().expect("a tenant");
        let identity = Identity {
            caller: Caller::new("anna", tenant, Role::Trafficker),
            engine: "embedded".into(),
            read_only: false,
            keeps_house: false,
            zone: Zone::UTC,
        };
        let keymap = Keymap::new(&Overrides::new()).expect("a keymap");
        let theme = Theme::named("dark", Depth::True, false).expect("a theme");
        let console = Console::new(identity, keymap, theme, Logbook::new(), now());
        let mut seat = Self {
            console,
            screen: Screen::new(200, 60),
        };
        let key = "3".parse().expect("a key");
        seat.console.take(Event::Opened, now());
        seat.console.take(Event::Key(key), now());
        seat
    }

    /// Takes all lines anew and paints them; gives how many bytes the terminal gets.
    pub fn takes(&mut self, lines: Vec<PaceRow>) -> usize {
        let total = lines.len();
        let key = "f5".parse().expect("a key");
        let asked = self.console.take(Event::Key(key), now());
        let asked = asked.into_iter().find_map(|effect| match effect {
            Effect::Ask(ask) => Some(ask.ticket),
            _ => None,
        });
        let page = PacePage {
            lines,
            total,
            sums: Vec::new(),
            orders: Vec::new(),
            next_cursor: None,
        };
        let ticket = asked.expect("the list is asked for");
        let reply = Event::Reply(ticket, Ok(Box::new(page)));
        self.console.take(reply, now());
        let mut notes = Notes::default();
        self.console.draw(self.screen.next(), &mut notes);
        let bytes = self.screen.finish(notes.scroll, notes.cursor).len();
        self.console.drawn(notes);
        bytes
    }
}
