//! Carries what is to be done at a tenant-management server to its end: what its shape does not
//! offer is refused before anything leaves, what is sent is sent once, whether or not whoever asked
//! still waits, and what is told is what is shown there afterwards.

use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use tracing::Instrument as _;

use super::{
    act::{Acted, Outcome, ShownOnce},
    errands::{ReadServerErrand, ServerStep, TakeServerStep},
    place::ServerPlace,
    set_up, unreached,
};
use crate::{
    domain::{
        booking::upstream::differ::Disagreement,
        ids::ChangeId,
        tenant::{
            caller::{Caller, house},
            secret::Secret,
            server::{
                Act, Feature, Probed,
                errand::{ServerErrand, Way},
                shown::ServerTenant,
            },
        },
        when::Instant,
    },
    engine::{
        core::Core,
        fault::{Fault, FaultKind},
    },
    peers::upstream::{slots::Told, tenant_server::Answered},
};

/// Carries it to its end, or tells what came of it.
pub(super) async fn finished(core: &Core, mut output: Acted) -> Result<Acted, Fault> {
    let Ok(errand) = output.errand.parse::<ChangeId>() else {
        return Ok(output);
    };
    let on = On { core, errand };
    let (kept, act) = (on.read().await?, output.act.take());
    match (kept.state, act) {
        (Way::Kept, Some(act)) => on.carry(output, act).await,
        (Way::Kept, None) => told(core, output, on.withdrawn().await?),
        (state, _) => told(core, output, state),
    }
}

/// What came of it, for whoever asks again.
fn told(core: &Core, output: Acted, state: Way) -> Result<Acted, Fault> {
    let name = &set_up(core.desk())?.name;
    match state {
        Way::Kept => Err(withdrawn()),
        Way::Left { why, .. } => {
            let why = why.unwrap_or_else(|| "no answer came yet".to_owned());
            Err(unanswered(name, &why))
        }
        Way::Done { outcome } => {
            let kept: Acted = serde_json::from_value(outcome).map_err(Fault::broken)?;
            Ok(Acted {
                errand: output.errand,
                ..kept
            })
        }
        Way::Refused { fault } => Err(serde_json::from_value(fault).map_err(Fault::broken)?),
    }
}

/// It was not sent, and will not be.
fn withdrawn() -> Fault {
    let message = "it was asked again before it was sent, and was not sent at all";
    Fault::conflict("NOT_SENT", message).hint("ask again under a new key")
}

/// Nobody knows whether it was done.
fn unanswered(name: &str, why: &str) -> Fault {
    let message = format!("nobody knows whether {name} has done it ({why}); it is not sent again");
    Fault::new(FaultKind::Busy, "UPSTREAM_UNANSWERED", message)
        .hint("look there with tenants.upstream before you ask again")
}

/// Looks whether something that was never answered is shown there as it was sent, and keeps that it
/// was done if it is; when it was sent, where nobody knows still.
///
/// # Errors
/// When what is kept of it cannot be read or written.
pub async fn settle(core: &Core, errand: ChangeId) -> Result<Option<Instant>, Fault> {
    let on = On { core, errand };
    let kept = match on.read().await {
        Err(fault) if fault.kind == FaultKind::NotFound => return Ok(None),
        kept => kept?,
    };
    let (Way::Left { at, why }, Some(act)) = (&kept.state, &kept.act) else {
        return Ok(None);
    };
    let Ok(place) = set_up(core.desk()) else {
        return Ok(Some(*at));
    };
    let now = core.clock().now();
    let Ok(probed) = place.probed(now).await else {
        return Ok(Some(*at));
    };
    if place.resting(now).is_some() {
        return Ok(Some(*at));
    }
    let Ok(back) = back(place, &probed, act, None).await else {
        return Ok(Some(*at));
    };
    if !(back.shown && back.differs.is_empty() && tells(act, &back)) {
        return Ok(Some(*at));
    }
    let why = why.as_deref().unwrap_or("whoever sent it broke off");
    let seen = now.format("%Y-%m-%d %H:%M:%S UTC");
    let said = format!("its answer was lost ({why}); at {seen} it is shown there as it was sent");
    let output = Acted {
        errand: errand.to_string(),
        line: kept.line.clone(),
        ..Acted::default()
    };
    on.keep(&acted(output, back, said)).await;
    place.changed();
    Ok(None)
}

struct On<'a> {
    core: &'a Core,
    errand: ChangeId,
}

/// What was read back: the tenant, what is otherwise, and what is not shown at all.
#[derive(Default)]
struct Back {
    tenant: Option<ServerTenant>,
    differs: Vec<Disagreement>,
    unseen: Vec<String>,
    /// Whether anything there shows what came of it.
    shown: bool,
}

impl On<'_> {
    async fn read(&self) -> Result<ServerErrand, Fault> {
        let engine = Caller::engine(house());
        let read = ReadServerErrand {
            errand: self.errand,
        };
        Ok(self.core.ask(&engine, read).await?.errand)
    }

    async fn step(&self, step: ServerStep) -> Result<(), Fault> {
        let engine = Caller::engine(house());
        let take = TakeServerStep {
            errand: self.errand,
            step,
        };
        self.core.ask(&engine, take).await.map(drop)
    }

    /// Refuses what was sent, and has that kept for whoever asks again.
    async fn refuse(&self, fault: Fault) -> Fault {
        match self.step(ServerStep::Refused(written(&fault))).await {
            Ok(()) => fault,
            Err(other) => other,
        }
    }

    /// Refuses it before it is sent, and has that kept for whoever asks again.
    async fn not_sent(&self, fault: Fault) -> Fault {
        match self.step(ServerStep::NotSent(written(&fault))).await {
            Err(other) if other.code != "MOVED_ON" => other,
            // Another one asked meanwhile, and had it not sent either.
            _ => fault,
        }
    }

    /// Has it not sent any more, unless it has left: whoever asked first may be gone, and only
    /// they know what to send. Gives where it is.
    async fn withdrawn(&self) -> Result<Way, Fault> {
        let step = ServerStep::NotSent(written(&withdrawn()));
        match self.step(step).await {
            Err(fault) if fault.code != "MOVED_ON" => Err(fault),
            _ => Ok(self.read().await?.state),
        }
    }

    async fn carry(&self, output: Acted, act: Act) -> Result<Acted, Fault> {
        let place = set_up(self.core.desk())?;
        let now = self.core.clock().now();
        let probed = match place.probed(now).await {
            Ok(probed) => probed,
            Err(why) => return Err(self.not_sent(nothing_sent(&place.name, &why)).await),
        };
        let offer = probed.offers(act.feature());
        if !offer.offered {
            let message = format!(
                "{} does not offer this: to {} ({})",
                place.name, offer.words, offer.note
            );
            let fault = Fault::wrong_state("NOT_OFFERED", message);
            let fault = fault.hint("tenants.upstream lists what it offers");
            return Err(self.not_sent(fault).await);
        }
        if let Err(fault) = self.may_leave(place, &probed, &act).await {
            return Err(self.not_sent(fault).await);
        }
        let (core, errand) = (self.core.clone(), self.errand);
        // Whoever asked may go once it leaves: what came of it is seen to all the same.
        let sending: BoxFuture<'static, _> = Box::pin(async move {
            let on = On {
                core: &core,
                errand,
            };
            on.send(&probed, output, act).await
        });
        let sent = tokio::spawn(sending.in_current_span()).await;
        sent.unwrap_or_else(|_| Err(unanswered(&place.name, "this engine broke off")))
    }

    /// Sends it, if nobody had it withdrawn meanwhile, and sees what comes of it.
    async fn send(&self, probed: &Probed, output: Acted, act: Act) -> Result<Acted, Fault> {
        let place = set_up(self.core.desk())?;
        let now = self.core.clock().now();
        match self.step(ServerStep::Leaves).await {
            Err(fault) if fault.code == "MOVED_ON" => {
                return told(self.core, output, self.read().await?.state);
            }
            left => left?,
        }
        let mark = self.errand.to_string();
        let told = place.client.act(probed, &act, &mark).await;
        place.changed();
        match told {
            Told::Done(answered) => self.done(place, probed, (output, &act), answered).await,
            Told::Lost(why) => self.lost(place, probed, (output, &act), why).await,
            Told::NotDone(away) => {
                place.heed(&away, now);
                Err(self.refuse(nothing_sent(&place.name, &away.why)).await)
            }
            Told::Taken(taken) => {
                let message = format!("{} says: {}", place.name, taken.words);
                Err(self
                    .refuse(Fault::conflict("UPSTREAM_CONFLICT", message))
                    .await)
            }
            Told::Refused(409, why) => {
                let message = format!("{} refused it: {why}", place.name);
                Err(self
                    .refuse(Fault::conflict("UPSTREAM_CONFLICT", message))
                    .await)
            }
            Told::Refused(status, why) => {
                let message = format!("{} refused it: {why}", place.name);
                let fault = match status {
                    404 => Fault::new(FaultKind::NotFound, "UPSTREAM_NOT_FOUND", message),
                    _ => Fault::wrong_state("UPSTREAM_REFUSED", message),
                };
                Err(self.refuse(fault).await)
            }
        }
    }

    /// Looks whether what would be created is there already: not every server says so in time, and
    /// when an answer is lost only what is new was created by it.
    async fn may_leave(
        &self,
        place: &ServerPlace,
        probed: &Probed,
        act: &Act,
    ) -> Result<(), Fault> {
        if let Act::CreatePrincipal { tenant, fields } = act
            && probed.offers(Feature::ListPrincipals).offered
        {
            return no_twin(place, tenant, fields).await;
        }
        let Act::Create { fields } = act else {
            return Ok(());
        };
        let all = place.client.tenants(probed.shape).await;
        let all = all.map_err(|away| nothing_sent(&place.name, &away.why))?;
        let Some(subdomain) = text(fields, "subdomain") else {
            return Ok(());
        };
        if all.iter().any(|one| one.subdomain == subdomain) {
            let message = format!("a tenant of {} has this subdomain already", place.name);
            let fault = Fault::conflict("DUPLICATE_SUBDOMAIN", message);
            return Err(fault.with("field", "subdomain").hint("choose another"));
        }
        Ok(())
    }

    /// It answered that it is done: tells what is shown.
    async fn done(
        &self,
        place: &ServerPlace,
        probed: &Probed,
        (output, act): (Acted, &Act),
        answered: Answered,
    ) -> Result<Acted, Fault> {
        let back = back(place, probed, act, answered.tenant.as_deref()).await;
        let acted = match back {
            Ok(back) => acted(output, back, answered.said),
            Err(why) => Acted {
                outcome: Outcome::Taken,
                said: format!("{}; it does not show what came of it: {why}", answered.said),
                ..output
            },
        };
        self.keep(&acted).await;
        let secrets = answered.secrets.into_iter().map(|(name, value)| ShownOnce {
            name,
            value: Secret::new(value),
        });
        Ok(Acted {
            secrets: secrets.collect(),
            ..acted
        })
    }

    /// Its answer was lost: what is shown there tells, or nobody knows.
    async fn lost(
        &self,
        place: &ServerPlace,
        probed: &Probed,
        (output, act): (Acted, &Act),
        why: String,
    ) -> Result<Acted, Fault> {
        self.step(ServerStep::Lost(why.clone())).await?;
        let back = back(place, probed, act, None).await;
        match back {
            Ok(back) if back.shown && back.differs.is_empty() && tells(act, &back) => {
                let said = format!("its answer was lost ({why}); it is shown there as it was sent");
                let acted = acted(output, back, said);
                self.keep(&acted).await;
                Ok(acted)
            }
            _ => Err(unanswered(&place.name, &why)),
        }
    }

    /// Keeps what came of it. Where that fails it is told all the same: it was done, and what is
    /// shown once is shown by nobody else.
    async fn keep(&self, acted: &Acted) {
        let kept = match serde_json::to_value(acted) {
            Ok(kept) => self.step(ServerStep::Done(kept)).await,
            Err(error) => Err(Fault::broken(error)),
        };
        if let Err(fault) = kept {
            tracing::error!(errand = %self.errand, %fault, "what came of it could not be kept");
        }
    }
}

/// Whether what is shown tells that something was done: a change of which some cannot be seen may
/// have been there as far as it can.
fn tells(act: &Act, back: &Back) -> bool {
    match act {
        Act::Update { fields, .. } => {
            let all_is_seen = back.unseen.is_empty() && act.without_secrets() == *act;
            all_is_seen && !fields.is_empty()
        }
        _ => true,
    }
}

/// Refuses a principal whose name another one there has: by it alone is seen whether it was let in.
async fn no_twin(
    place: &ServerPlace,
    tenant: &str,
    fields: &Map<String, Value>,
) -> Result<(), Fault> {
    let all = place.client.principals(tenant).await;
    let all = all.map_err(|away| nothing_sent(&place.name, &away.why))?;
    let name = fields.get("name");
    if name.is_none() || !all.iter().any(|one| one.get("name") == name) {
        return Ok(());
    }
    let message = "a principal there has this name already";
    let fault = Fault::conflict("DUPLICATE_PRINCIPAL", message);
    Err(fault.with("field", "name").hint("choose another"))
}

/// A fault as it is kept.
fn written(fault: &Fault) -> Value {
    serde_json::to_value(fault).unwrap_or_else(|_| json!({}))
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str)
}

fn nothing_sent(name: &str, why: &str) -> Fault {
    let fault = unreached(name, why);
    let message = format!("{}; nothing was done there", fault.message);
    let fault = Fault { message, ..fault };
    fault.hint("ask again in a moment, under a new key: under this one it is over")
}

fn acted(output: Acted, back: Back, said: String) -> Acted {
    let outcome = match (back.shown, back.differs.is_empty()) {
        (false, _) => Outcome::Taken,
        (true, true) => Outcome::Applied,
        (true, false) => Outcome::NotApplied,
    };
    Acted {
        outcome,
        said,
        tenant: back.tenant,
        differs: back.differs,
        not_shown: back.unseen,
        ..output
    }
}

/// Reads back what came of something.
async fn back(
    place: &ServerPlace,
    probed: &Probed,
    act: &Act,
    named: Option<&str>,
) -> Result<Back, String> {
    let away = |away: crate::peers::upstream::slots::Away| away.why;
    let id = match (act.tenant().or(named), act) {
        (Some(id), _) => Some(id.to_owned()),
        (None, Act::Create { fields }) => {
            let all = place.client.tenants(probed.shape).await.map_err(away)?;
            let wanted = text(fields, "subdomain");
            let mut like = all.iter().filter(|one| wanted == Some(&*one.subdomain));
            like.next().map(|one| one.tenant_id.clone())
        }
        (None, _) => None,
    };
    let Some(id) = id else {
        return Ok(Back::default());
    };
    let Some(tenant) = place.client.tenant(&id).await.map_err(away)? else {
        let gone = matches!(act, Act::Deactivate { .. });
        let differs = Disagreement {
            about: "tenant".to_owned(),
            asked: "closed and kept".to_owned(),
            shown: "gone".to_owned(),
        };
        return Ok(Back {
            shown: gone,
            differs: if gone { vec![differs] } else { Vec::new() },
            ..Back::default()
        });
    };
    let state = |open: bool| Map::from_iter([("is_active".to_owned(), Value::Bool(open))]);
    let (sent, shown) = match act {
        Act::Create { fields } => {
            let mut fields = fields.clone();
            // What only says how it is created is shown nowhere.
            fields
                .retain(|name, _| !matches!(&**name, "create_default_principal" | "creator_email"));
            (fields, true)
        }
        Act::Update { fields, .. } => (fields.clone(), true),
        Act::Deactivate { .. } => (state(false), true),
        Act::Reactivate { .. } => (state(true), true),
        Act::CreatePrincipal { fields, .. } => {
            let there = probed.offers(Feature::ListPrincipals).offered;
            let listed = if there {
                place.client.principals(&id).await.map_err(away)?
            } else {
                Vec::new()
            };
            let name = fields.get("name");
            let found = listed.iter().any(|one| one.get("name") == name);
            return Ok(Back {
                shown: found,
                tenant: Some(tenant),
                ..Back::default()
            });
        }
        Act::SyncInventory { .. } | Act::SyncOrders { .. } => (Map::new(), false),
    };
    let (differs, unseen) = tenant.against(&sent);
    Ok(Back {
        tenant: Some(tenant),
        differs,
        unseen,
        shown,
    })
}
