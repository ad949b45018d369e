//! What the pane does on its own keys: opens a form, or proposes. What a key is about follows
//! from the tab: a principal where principals are shown, a key where keys are.

use super::{
    Tenants,
    acts::{self, OVERLAPS, Whose},
    fetch, forms,
    read::Seen,
    rows::TenantEntry,
    tabs::Tab,
    tell,
};
use crate::domain::inventory::run::Mode;
use crate::tui::{
    clean::Clean,
    command::{Action, Section},
    effect::{Ctx, Effect},
    overlays::{form::Form, menu::Menu},
};

impl Tenants {
    /// Whose things are changed: those of the tenant under the cursor.
    fn whose(&self) -> Option<Whose> {
        let row = self.grid.selected()?;
        Some(Whose {
            tenant: row.id.clone(),
            name: Clean::new(&row.name),
            keeps: self.keeps,
        })
    }

    /// Why a command cannot be done now.
    pub(super) fn may_do(&self, action: Action) -> Result<(), Clean> {
        let about_one = action.command().section == Section::Tenants
            && !matches!(
                action,
                Action::NextTab | Action::PreviousTab | Action::NewTenant | Action::Elsewhere
            );
        let about_one = about_one || matches!(action, Action::Copy | Action::Trail);
        let Some(row) = self.grid.selected() else {
            return if about_one {
                Err("there is no tenant here".into())
            } else {
                Ok(())
            };
        };
        let name = Clean::new(&row.name);
        match action {
            Action::ChangeTenant if self.seen_of(row).is_none() => Err(being_read(&name)),
            Action::CloseTenant if !row.active => Err(clean!("{name} is closed already")),
            Action::ReopenTenant if row.active => Err(clean!("{name} is open")),
            Action::DeleteTenant if row.own => {
                Err("this is the tenant that you sit in: it is deleted from another".into())
            }
            Action::ChangePrincipal if self.detail.principal().is_none() => {
                Err("go to a principal first: they are a tab of their own".into())
            }
            Action::Rotate | Action::Revoke => self.may_end(),
            Action::SyncChanged | Action::SyncAll => {
                fetch::may_sync(self.seen_of(row).ok_or_else(|| being_read(&name))?)
            }
            Action::TestServer => {
                fetch::may_ask(self.seen_of(row).ok_or_else(|| being_read(&name))?)
            }
            Action::TestListener => match self.detail.listener() {
                Some(listener) => tell::may_test(listener),
                None => Err(NO_LISTENER.into()),
            },
            Action::ReplayTold => match self.detail.listener() {
                Some(listener) if listener.dead().is_empty() => {
                    let name = listener.name();
                    Err(clean!("nothing was given up of what {name} is told"))
                }
                Some(_) => Ok(()),
                None => Err(NO_LISTENER.into()),
            },
            _ => Ok(()),
        }
    }

    /// The tenant under the cursor in full, once it is read.
    fn seen_of(&self, row: &TenantEntry) -> Option<&Seen> {
        let seen = self.detail.seen();
        seen.filter(|seen| seen.view.row.tenant_id == row.id)
    }

    /// Whether there is a principal or a key under the cursor whose secret can be ended.
    fn may_end(&self) -> Result<(), Clean> {
        if self.detail.principal().is_some() {
            return Ok(());
        }
        match self.detail.key() {
            Some(key) if key.state == crate::domain::tenant::key::Standing::Active => Ok(()),
            Some(_) => Err("this key opens nothing any more".into()),
            None => Err("go to a principal or a key first: each are a tab of their own".into()),
        }
    }

    /// Does a command of its own; false when it knows none like that.
    pub(super) fn deed(&mut self, action: Action, ctx: &mut Ctx<'_>) -> bool {
        if action == Action::Elsewhere {
            self.ask_server(ctx);
            return true;
        }
        if action == Action::NewTenant {
            open(forms::tenant::fresh(ctx.now), ctx);
            return true;
        }
        let Some((row, of)) = self.grid.selected().zip(self.whose()) else {
            return false;
        };
        match action {
            Action::ChangeTenant => {
                if let Some(view) = self.detail.view().cloned() {
                    open(forms::tenant::change(of, view, ctx.now), ctx);
                }
            }
            Action::CloseTenant => ctx.want(Effect::Propose(acts::close(row))),
            Action::ReopenTenant => ctx.want(Effect::Propose(acts::reopen(row))),
            Action::DeleteTenant => {
                let row = row.clone();
                self.leaving.forget();
                self.leaving
                    .ask_with(ctx, async move |session| acts::delete(session, row).await);
            }
            Action::AddPrincipal => {
                self.detail.turn(Tab::Principals, ctx);
                open(forms::principal::fresh(of), ctx);
            }
            Action::ChangePrincipal => {
                if let Some(row) = self.detail.principal().cloned() {
                    open(forms::principal::change(of, row), ctx);
                }
            }
            Action::MakeKey => {
                self.detail.turn(Tab::Keys, ctx);
                open(forms::key::form(of), ctx);
            }
            Action::Rotate => self.rotate(of, ctx),
            Action::Revoke => self.revoke(&of, ctx),
            Action::SyncChanged | Action::SyncAll | Action::TestServer => {
                self.fetch(of, action, ctx);
            }
            Action::TestListener => {
                let listener = self.detail.listener();
                if let Some(proposal) = listener.and_then(|row| tell::test(&of, row)) {
                    ctx.want(Effect::Propose(proposal));
                }
            }
            Action::ReplayTold => {
                if let Some(listener) = self.detail.listener() {
                    tell::replay(&of, listener, ctx);
                }
            }
            _ => return false,
        }
        true
    }

    /// Turns to the ad server, and proposes to ask it for something.
    fn fetch(&mut self, of: Whose, action: Action, ctx: &mut Ctx<'_>) {
        if self.detail.tab() != Tab::AdServer {
            self.detail.turn(Tab::AdServer, ctx);
        }
        let Some(seen) = self.detail.seen() else {
            return;
        };
        match action {
            Action::SyncAll => fetch::sync(of, seen, Mode::Full, ctx),
            Action::SyncChanged => fetch::sync(of, seen, Mode::Incremental, ctx),
            _ => ctx.want(Effect::Propose(fetch::test(&of, seen))),
        }
    }

    /// Asks how long the old one goes on, then proposes.
    fn rotate(&self, of: Whose, ctx: &mut Ctx<'_>) {
        let (principal, key) = (self.detail.principal().cloned(), self.detail.key().cloned());
        let items = OVERLAPS
            .iter()
            .map(|(said, _)| Clean::from(*said))
            .collect();
        let title = "How long does the old one still open?";
        let menu = Menu::new(title, items, move |at, ctx| {
            let overlap = OVERLAPS.get(at).map_or(0, |(_, seconds)| *seconds);
            let proposal = match (&principal, &key) {
                (Some(row), _) => acts::rotate_token(&of, row, overlap),
                (None, Some(row)) => acts::rotate_key(&of, row, overlap),
                (None, None) => return,
            };
            ctx.want(Effect::Propose(proposal));
        });
        ctx.want(Effect::Open(Box::new(menu)));
    }

    fn revoke(&self, of: &Whose, ctx: &mut Ctx<'_>) {
        let proposal = match (self.detail.principal(), self.detail.key()) {
            (Some(row), _) => acts::remove(of, row),
            (None, Some(row)) => acts::revoke(of, row),
            (None, None) => return,
        };
        ctx.want(Effect::Propose(proposal));
    }

    /// What is most useful here, for the hint bar.
    pub(super) fn useful(&self) -> Vec<Action> {
        let Some(row) = self.grid.selected() else {
            return vec![Action::NewTenant];
        };
        let mut hints = match self.detail.tab() {
            Tab::Principals => vec![
                Action::AddPrincipal,
                Action::ChangePrincipal,
                Action::Rotate,
                Action::Revoke,
            ],
            Tab::Keys => vec![Action::MakeKey, Action::Rotate, Action::Revoke],
            Tab::AdServer => vec![
                Action::SyncChanged,
                Action::SyncAll,
                Action::TestServer,
                Action::ChangeTenant,
            ],
            Tab::Notices => vec![Action::TestListener, Action::ReplayTold],
            _ => vec![Action::ChangeTenant],
        };
        hints.insert(0, Action::NextTab);
        if self.keeps {
            hints.push(Action::NewTenant);
            hints.push(if row.active {
                Action::CloseTenant
            } else {
                Action::ReopenTenant
            });
        }
        hints
    }
}

/// What is said where nobody who is told stands under the cursor.
const NO_LISTENER: &str = "go to who is told first: the notifications are a tab of their own";

fn being_read(name: &Clean) -> Clean {
    clean!("{name} is still being read")
}

fn open(form: Form, ctx: &mut Ctx<'_>) {
    ctx.want(Effect::Open(Box::new(form)));
}
