//! Where the engine is and who we are there: what it says of us when it is met, which others can
//! be chosen, and how everything begins anew with another one. Asks nothing itself.

use super::{Console, Identity, pulse::Pulse};
use crate::{
    domain::{tenant::caller::Caller, when::Instant},
    tui::{
        clean::Clean,
        effect::{Effect, PaneId},
        logbook::Logbook,
        overlays::menu::Menu,
        panes::{
            Pane, activity::Activity, jobs::Jobs, orders::Orders, pacing::Pacing, review::Review,
            slots::Slots, tenants::Tenants,
        },
        theme::Role,
    },
};

/// The engines that can be chosen.
#[derive(Debug, Default)]
pub(super) struct Engines {
    names: Vec<Clean>,
    at: usize,
    /// Whether the one that is asked has yet to say who we are there.
    pub(super) unmet: bool,
}

impl Engines {
    /// Whether there is more than one to choose from.
    pub(super) fn are_many(&self) -> bool {
        self.names.len() > 1
    }
}

/// All panes, with nothing in them.
pub(super) fn panes(identity: &Identity, logbook: &Logbook, now: Instant) -> Vec<Box<dyn Pane>> {
    vec![
        Box::new(Jobs::default()),
        Box::new(Review::default()),
        Box::new(Pacing::default()),
        Box::new(Orders::default()),
        Box::new(Tenants::new(identity.caller.tenant.clone())),
        Box::new(Slots::new(now, identity.zone)),
        Box::new(Activity::new(logbook.clone())),
    ]
}

impl Console {
    /// Offers engines to choose from, by their names; the one at `at` is asked.
    pub fn offers(&mut self, names: Vec<Clean>, at: usize) {
        self.engines.names = names;
        self.engines.at = at;
    }

    /// The engine will say who we are there; until then nobody knows.
    pub fn awaits(&mut self) {
        self.engines.unmet = true;
    }

    /// The engine has said who we are there.
    pub fn meets(&mut self, caller: &Caller, keeps_house: bool) {
        self.engines.unmet = false;
        let identity = &mut self.identity;
        let moved = identity.caller.tenant != caller.tenant;
        identity.caller = caller.clone();
        identity.keeps_house = keeps_house;
        let pane = self.panes.iter_mut();
        if let Some(pane) = pane.filter(|_| moved).find(|it| it.id() == PaneId::Tenants) {
            let kept = pane.save();
            *pane = Box::new(Tenants::new(caller.tenant.clone()));
            pane.restore(&kept);
        }
    }

    /// Begins anew with another engine: nothing that the last one said is left.
    pub fn moves(&mut self, at: usize, identity: Identity) {
        self.panes = panes(&identity, &self.logbook, self.now);
        self.identity = identity;
        self.engines.at = at;
        self.engines.unmet = false;
        self.overlays.clear();
        self.undos.clear();
        self.wakes.clear();
        self.pulse = Pulse::Opening;
    }

    /// Who sits here.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(super) fn open_engines(&mut self) {
        let Engines { names, at, .. } = &self.engines;
        if names.len() < 2 {
            let text = "no other engine is known here: add [engines.NAME] to the settings";
            return self.say(text.into(), Role::Muted);
        }
        let at = *at;
        let items = names.iter().enumerate().map(|(this, name)| {
            if this == at {
                clean!("{name}  (this one)")
            } else {
                name.clone()
            }
        });
        let menu = Menu::new("Which engine is asked", items.collect(), move |to, ctx| {
            if to != at {
                ctx.want(Effect::Switch(to));
            }
        });
        self.overlays.push(Box::new(menu));
    }
}
