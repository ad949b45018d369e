//! The opaque name of a slot: which resource, when and how long, sealed so that only we can make
//! one. It proves that we offered it once, never that it is still free. There is one spelling of
//! each, and every failure to read one looks the same.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

use super::span::Span;
use crate::domain::ids::ResourceId;

/// What every name begins with.
const PREFIX: &str = "slot_";
/// The layout, should there ever be another one.
const VERSION: u8 = 1;
/// What is signed is for this, and nothing else.
const PURPOSE: &[u8] = b"slot-id/v1\0";
/// The bytes that say what is meant, and those that prove it.
const BODY: usize = 32;
const SEAL: usize = 16;

/// A secret under which slots are named, with the number that it goes by.
#[derive(Clone, PartialEq, Eq)]
pub struct SlotKey {
    /// Its number.
    pub id: u8,
    /// The secret.
    pub secret: [u8; 32],
}

impl fmt::Debug for SlotKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SlotKey({})", self.id)
    }
}

impl SlotKey {
    /// A seal with nothing under it yet: made once for many names.
    fn blank(&self) -> Option<Hmac<Sha256>> {
        let mut seal = Hmac::<Sha256>::new_from_slice(&self.secret).ok()?;
        seal.update(PURPOSE);
        Some(seal)
    }
}

/// What the name of a slot says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotId {
    /// Of what.
    pub resource: ResourceId,
    /// When it begins, in seconds.
    pub start: i64,
    /// How many minutes it lasts.
    pub minutes: u16,
    /// The resource's revision when it was offered, cut to what is kept.
    pub revision: u32,
}

impl SlotId {
    /// The time of the slot.
    #[must_use]
    pub fn span(&self) -> Span {
        Span::lasting(self.start, u32::from(self.minutes))
    }

    fn bytes(&self, key: u8) -> [u8; BODY] {
        let mut bytes = [0; BODY];
        bytes[0] = VERSION;
        bytes[1] = key;
        bytes[2..18].copy_from_slice(Uuid::from(self.resource).as_bytes());
        bytes[18..26].copy_from_slice(&self.start.to_be_bytes());
        bytes[26..28].copy_from_slice(&self.minutes.to_be_bytes());
        bytes[28..32].copy_from_slice(&self.revision.to_be_bytes());
        bytes
    }

    /// Reads a name that was made under one of these keys; anything else is nothing.
    #[must_use]
    pub fn open(text: &str, keys: &[SlotKey]) -> Option<Self> {
        let sealed = text.strip_prefix(PREFIX)?;
        let bytes: [u8; BODY + SEAL] = URL_SAFE_NO_PAD.decode(sealed).ok()?.try_into().ok()?;
        let (body, seal) = bytes.split_at(BODY);
        let key = keys.iter().find(|key| key.id == body[1])?;
        let expected = key.blank()?.chain_update(body);
        expected.verify_truncated_left(seal).ok()?;
        if body[0] != VERSION {
            return None;
        }
        Some(Self {
            resource: Uuid::from_slice(&body[2..18]).ok()?.into(),
            start: i64::from_be_bytes(body[18..26].try_into().ok()?),
            minutes: u16::from_be_bytes(body[26..28].try_into().ok()?),
            revision: u32::from_be_bytes(body[28..32].try_into().ok()?),
        })
    }
}

/// Names slots under one key.
#[derive(Clone)]
pub struct Sealer {
    key: u8,
    blank: Hmac<Sha256>,
}

impl Sealer {
    /// Under a key.
    #[must_use]
    pub fn new(key: &SlotKey) -> Option<Self> {
        let blank = key.blank()?;
        Some(Self { key: key.id, blank })
    }

    /// Names a slot.
    #[must_use]
    pub fn seal(&self, slot: &SlotId) -> String {
        let body = slot.bytes(self.key);
        let seal = self.blank.clone().chain_update(body).finalize();
        let mut bytes = [0; BODY + SEAL];
        bytes[..BODY].copy_from_slice(&body);
        bytes[BODY..].copy_from_slice(&seal.into_bytes()[..SEAL]);
        let mut text = String::with_capacity(PREFIX.len() + 64);
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: u8) -> SlotKey {
        let secret = std::array::from_fn(|at| u8::try_from(at).unwrap_or_default());
        SlotKey { id, secret }
    }

    fn slot() -> SlotId {
        let resource = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
        SlotId {
            resource: resource.parse().expect("an id"),
            start: 1_781_539_200,
            minutes: 60,
            revision: 7,
        }
    }

    const NAME: &str = "slot_AQA_JQTgT4lB05oMAwXoLDMBAAAAAGowIYAAPAAAAAcS-96T52d_RYOa6FAq8TNf";

    #[test]
    fn a_name_is_always_the_same_and_reads_back() {
        let sealer = Sealer::new(&key(0)).expect("a sealer");
        assert_eq!(sealer.seal(&slot()), NAME);
        assert_eq!(SlotId::open(NAME, &[key(3), key(0)]), Some(slot()));
    }

    #[test]
    fn nothing_but_that_spelling_is_read() {
        let keys = [key(0)];
        let sealed = NAME.strip_prefix(PREFIX).expect("a name");
        let bytes = URL_SAFE_NO_PAD.decode(sealed).expect("base64");
        for bit in 0..bytes.len() * 8 {
            let mut bent = bytes.clone();
            bent[bit / 8] ^= 1 << (bit % 8);
            let name = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&bent));
            assert_eq!(SlotId::open(&name, &keys), None, "bit {bit}");
        }
        let standard = sealed.replace('-', "+").replace('_', "/");
        for bad in [
            "",
            "slot_",
            sealed,
            &NAME[..NAME.len() - 1],
            &format!("{NAME}A"),
            &format!("{NAME}="),
            &format!("{PREFIX}{standard}"),
            &NAME.to_lowercase(),
            &format!(" {NAME}"),
        ] {
            assert_eq!(SlotId::open(bad, &keys), None, "{bad}");
        }
        let mut other = key(0);
        other.secret[31] ^= 1;
        assert_eq!(SlotId::open(NAME, &[other]), None, "of another tenant");
        assert_eq!(
            SlotId::open(NAME, &[key(1)]),
            None,
            "under a key that is gone"
        );
    }
}
