//! What can be done to a tenant, its principals and its keys, as proposals: what exactly would
//! happen, in whose trail it is written down, and what is shown once of it.

use std::sync::Arc;

use super::{lists::beginning, read, rows::TenantEntry};
use crate::{
    domain::{
        ids::TenantId,
        tenant::{caller::house, secret::Secret},
    },
    engine::{
        fault::Fault,
        keys::{KeyView, MadeKey, revoke::RevokeKey, rotate::RotateKey},
        operation::Operation,
        tenants::{
            delete::{DeleteTenant, DeletedTenant},
            principals::{PrincipalView, WithToken, change::DeletePrincipal, rotate::RotateToken},
            update::{DeactivateTenant, ReactivateTenant},
        },
    },
    session::Session,
    tui::{
        clean::Clean,
        consent::Consent,
        effect::{Done, PaneId, Place, Proposal, Step},
        overlays::once::Shown,
        theme::Role,
    },
};

/// How long what is replaced still opens, as it is offered.
pub const OVERLAPS: [(&str, u32); 4] = [
    (
        "for another day, so that nobody has to stand still",
        24 * 60 * 60,
    ),
    ("for another hour", 60 * 60),
    ("for another five minutes", 5 * 60),
    ("not at all: it was lost or stolen", 0),
];

/// The tenant whose things are changed.
#[derive(Debug, Clone)]
pub struct Whose {
    /// Which.
    pub tenant: TenantId,
    /// What people call it.
    pub name: Clean,
    /// Whether whoever changes them looks after all tenants.
    pub keeps: bool,
}

impl Whose {
    /// A step that is asked for this tenant, and so written down in its own trail.
    pub fn step<O: Operation>(
        &self,
        about: Clean,
        operation: O,
        tell: impl Fn(O::Output) -> Done + Clone + Send + Sync + 'static,
    ) -> Step {
        let tenant = self.tenant.clone();
        let door =
            move |session: Session| -> Result<Session, Fault> { session.for_tenant(&tenant) };
        Step::by(about, door, operation, tell)
    }

    /// Where to look at it afterwards; the principal or key there, if it is one.
    pub fn place(&self, object: Option<&str>) -> Place {
        let mut objects = vec![self.tenant.to_string()];
        objects.extend(object.map(str::to_owned));
        Place {
            pane: PaneId::Tenants,
            objects,
        }
    }

    fn line(&self) -> (Clean, Role) {
        (clean!("of {} ({})", self.name, self.tenant), Role::Muted)
    }
}

fn text(text: &'static str) -> (Clean, Role) {
    (text.into(), Role::Text)
}

/// What is told where a secret was shown to an asker who is gone.
fn unseen(what: &Clean) -> Clean {
    clean!("{what}, but what it opens with was shown before: rotate it to see another")
}

/// What came of something that shows a secret once.
pub fn once(said: Clean, what: Clean, secret: Option<Secret>, more: Vec<Clean>) -> Done {
    let Some(secret) = secret else {
        return Done::said(unseen(&said));
    };
    let shown = Shown {
        title: said.clone(),
        secrets: vec![(what, secret)],
        lines: more,
    };
    Done {
        shown: Some(shown),
        ..Done::said(said)
    }
}

fn whose(entry: &TenantEntry, keeps: bool) -> Whose {
    Whose {
        tenant: entry.id.clone(),
        name: Clean::new(&entry.name),
        keeps,
    }
}

/// Proposes to close a tenant.
#[must_use]
pub fn close(entry: &TenantEntry) -> Proposal {
    let (of, reopened) = (whose(entry, true), entry.clone());
    let (name, place) = (of.name.clone(), of.place(None));
    let said = clean!("{name} is closed");
    let step = of.step(name.clone(), DeactivateTenant {}, move |_| Done {
        undo: Some(Arc::new(reopen(&reopened))),
        place: Some(place.clone()),
        ..Done::said(said.clone())
    });
    let mut lines = vec![
        text("Its keys open nothing any more, on this server at once and on others in a second."),
        text("Nothing of it is lost, and what runs goes on."),
    ];
    if entry.own {
        let said = "This is the tenant that you sit in: you stay, whoever has a key does not.";
        lines.push((said.into(), Role::Warn));
    }
    lines.push(of.line());
    Proposal {
        title: clean!("Close {name}"),
        lines,
        typed: None,
        button: "close it",
        steps: vec![step],
        renew: None,
    }
}

/// Proposes to open a tenant again.
#[must_use]
pub fn reopen(entry: &TenantEntry) -> Proposal {
    let of = whose(entry, true);
    let (name, place) = (of.name.clone(), of.place(None));
    let said = clean!("{name} is open again");
    let step = of.step(name.clone(), ReactivateTenant {}, move |_| Done {
        place: Some(place.clone()),
        ..Done::said(said.clone())
    });
    Proposal {
        title: clean!("Open {name} again"),
        lines: vec![
            text("Its keys open what they did before it was closed."),
            of.line(),
        ],
        typed: None,
        button: "open it",
        steps: vec![step],
        renew: None,
    }
}

/// How long the old one goes on, as a line.
fn goes_on(seconds: u32) -> (Clean, Role) {
    match seconds {
        0 => (
            "The old one opens nothing from that moment on.".into(),
            Role::Warn,
        ),
        3600 => text("The old one opens for another hour beside it."),
        some if some < 3600 => (
            clean!(
                "The old one opens for another {} minutes beside it.",
                some / 60
            ),
            Role::Text,
        ),
        some => (
            clean!(
                "The old one opens for another {} hours beside it.",
                some / 3600
            ),
            Role::Text,
        ),
    }
}

/// Proposes a new token for a principal.
#[must_use]
pub fn rotate_token(of: &Whose, row: &PrincipalView, overlap: u32) -> Proposal {
    let name = Clean::new(&row.name);
    let place = of.place(Some(&row.principal_id));
    let said = clean!("{name} has a new token");
    let what = clean!("token of {name}");
    let operation = RotateToken {
        principal_id: row.principal_id.clone(),
        overlap_seconds: Some(overlap),
        access_token: None,
    };
    let step = of.step(name.clone(), operation, move |made: WithToken| {
        let ends = made.old_token_ends.map(|at| {
            clean!(
                "The old one opens until {} UTC.",
                at.format("%Y-%m-%d %H:%M")
            )
        });
        let more = ends.into_iter().collect();
        Done {
            place: Some(place.clone()),
            ..once(said.clone(), what.clone(), made.access_token, more)
        }
    });
    Proposal {
        title: clean!("A new token for {name}"),
        lines: vec![
            text("A token is made and shown once."),
            goes_on(overlap),
            of.line(),
        ],
        typed: None,
        button: "rotate",
        steps: vec![step],
        renew: None,
    }
}

/// Proposes a key that takes another's place.
#[must_use]
pub fn rotate_key(of: &Whose, row: &KeyView, overlap: u32) -> Proposal {
    let name = Clean::new(&row.name);
    let place = of.place(None);
    let said = clean!("{name} has a new key");
    let what = clean!("key of {name}, {}", row.role);
    let operation = RotateKey {
        key_id: row.key_id.clone(),
        overlap_seconds: Some(overlap),
    };
    let step = of.step(name.clone(), operation, move |made: MadeKey| Done {
        place: Some(place.clone()),
        ..once(said.clone(), what.clone(), made.key, Vec::new())
    });
    Proposal {
        title: clean!("A new key for {name}"),
        lines: vec![
            (
                clean!(
                    "It takes the place of {} and is shown once.",
                    beginning(&row.key_id, row.role)
                ),
                Role::Text,
            ),
            goes_on(overlap),
            of.line(),
        ],
        typed: None,
        button: "rotate",
        steps: vec![step],
        renew: None,
    }
}

/// Proposes to take a key back.
#[must_use]
pub fn revoke(of: &Whose, row: &KeyView) -> Proposal {
    let name = Clean::new(&row.name);
    let key = beginning(&row.key_id, row.role);
    let (place, said) = (of.place(None), clean!("the key of {name} is taken back"));
    let operation = RevokeKey {
        key_id: row.key_id.clone(),
    };
    let step = of.step(name.clone(), operation, move |_| Done {
        place: Some(place.clone()),
        ..Done::said(said.clone())
    });
    let mut lines = vec![
        (clean!("{key}, {}", row.role), Role::Text),
        text("It opens nothing any more: here at once, on other servers in a second."),
        text("That cannot be undone; a new key can be made."),
    ];
    if let Some(principal) = &row.principal_id {
        let said = clean!("It is the token of {principal}, who is locked out until it is rotated.");
        lines.push((said, Role::Warn));
    }
    lines.push(of.line());
    Proposal {
        title: clean!("Take the key of {name} back"),
        lines,
        typed: Some(Consent::name(&row.name, &row.key_id).or_keep()),
        button: "take back",
        steps: vec![step],
        renew: None,
    }
}

/// Proposes to remove a principal.
#[must_use]
pub fn remove(of: &Whose, row: &PrincipalView) -> Proposal {
    let name = Clean::new(&row.name);
    let place = of.place(None);
    let said = clean!("{name} is removed");
    let operation = DeletePrincipal {
        principal_id: row.principal_id.clone(),
    };
    let step = of.step(name.clone(), operation, move |_| Done {
        place: Some(place.clone()),
        ..Done::said(said.clone())
    });
    Proposal {
        title: clean!("Remove {name}"),
        lines: vec![
            (
                clean!("{} asks as {}", row.role, row.principal_id),
                Role::Text,
            ),
            text("Its tokens open nothing any more. What it has bought stays."),
            text("That cannot be undone."),
            of.line(),
        ],
        typed: Some(Consent::name(&row.name, row.principal_id.as_str()).or_keep()),
        button: "remove",
        steps: vec![step],
        renew: None,
    }
}

/// Looks over what would go with a tenant, and proposes to delete it.
///
/// # Errors
/// When it cannot be looked at.
pub async fn delete(session: Session, entry: TenantEntry) -> Result<Proposal, Fault> {
    let seen = read::tenant(session, entry.id.clone()).await?;
    let status = &seen.status;
    let name = Clean::new(&entry.name);
    let buys = &status.media_buys;
    let goes = [
        (status.principals_count, "principals, with what they bought"),
        (status.keys_count, "keys that open something now"),
        (buys.active_count, "media buys that run"),
        (buys.paused_count, "media buys that are paused"),
        (
            status.workflows.open_count,
            "questions that wait for somebody",
        ),
        (status.webhooks.waiting_count, "notifications on their way"),
    ];
    let mut lines = vec![text("Everything that is kept of it goes in one piece:")];
    for (count, what) in goes {
        let role = if count > 0 { Role::Warn } else { Role::Muted };
        lines.push((clean!("  {count} {what}"), role));
    }
    lines.push(text("  its settings, and its audit trail with them"));
    lines.push(text(
        "That cannot be undone. One line in the trail of the house says who did it.",
    ));
    if entry.active {
        let said = "It is open: closing it first shows whether somebody still needs it.";
        lines.push((said.into(), Role::Warn));
    }
    let operation = DeleteTenant {
        tenant_id: entry.id.clone(),
    };
    let door = |session: Session| session.for_tenant(&house());
    let step = Step::by(name.clone(), door, operation, |gone: DeletedTenant| Done {
        place: Some(Place {
            pane: PaneId::Tenants,
            objects: Vec::new(),
        }),
        ..Done::said(clean!("{} is deleted, with {} keys", gone.name, gone.keys))
    });
    Ok(Proposal {
        title: clean!("Delete {name}"),
        lines,
        typed: Some(Consent::name(name.as_str(), entry.id.as_str()).or_keep()),
        button: "delete it for good",
        steps: vec![step],
        renew: None,
    })
}
