//! Media buys that live in another company's sales agent: which tenants have such a desk, what is
//! known of the buys there, and the commits by which that is kept and told. Everything else of a
//! desk is the same wherever its buys live; what the other side cannot do is refused in words.

pub mod contact;
pub mod counts;
pub mod desk;
pub mod desks;
pub mod keep;
pub mod mirror;
pub mod mirrored;
mod placed;
pub mod sending;

use sha2::{Digest as _, Sha256};

use crate::{
    domain::media_buy::{
        buy::MediaBuy,
        upstream::{
            Upstream,
            link::{BuyLink, Standing},
            shown::{ShownBuy, ShownTask},
        },
    },
    engine::{fault::Fault, work::Work},
};

/// The kind of the reconciler that follows what is there.
pub const FOLLOW: &str = "mirror_buys";
/// The kind of the reconciler that asks for what was kept.
pub const SEND: &str = "send_deed";
/// What the follower's task of a tenant is about.
pub const DESK: &str = "media_buys";

/// What is known of a buy there, where it lives there.
fn known(buy: &mut MediaBuy) -> Result<&mut Upstream, Fault> {
    let none = || Fault::wrong_state("NOT_AT_UPSTREAM", "the media buy lives here");
    buy.upstream.as_deref_mut().ok_or_else(none)
}

/// A digest of what is shown of a buy.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn digest(shown: &ShownBuy) -> Result<String, Fault> {
    let written = serde_json::to_vec(shown).map_err(Fault::broken)?;
    let mut digest = hex::encode(Sha256::digest(written));
    digest.truncate(32);
    Ok(digest)
}

/// The same with the question that waits about it, if any.
#[must_use]
pub fn marked(digest: &str, held: Option<&ShownTask>) -> String {
    format!("{digest}:{}", held.map_or("-", |held| &held.id))
}

/// Writes which buy here stands for which one there, and where that is; only what has changed.
async fn link(work: &mut Work<'_>, buy: &MediaBuy, digest: Option<String>) -> Result<(), Fault> {
    let Some((known, remote)) = buy
        .upstream
        .as_deref()
        .and_then(|known| Some((known, known.id()?)))
    else {
        return Ok(());
    };
    let was = work.get::<BuyLink>(remote).await?;
    let kept = was.as_ref().map(|was| was.record.digest.clone());
    let digest = digest.map(|digest| marked(&digest, known.held.as_ref()));
    let next = BuyLink {
        remote: remote.to_owned(),
        buy_id: buy.id.clone(),
        digest: digest.or(kept).unwrap_or_default(),
        standing: Standing::of(buy, known),
    };
    match was {
        Some(was) if was.record == next => Ok(()),
        Some(was) => work.replace(&was, &next),
        None => work.create(&next),
    }
}
