//! Where a list goes on: opaque to its reader, signed by us, bound to the tenant and the
//! question that it came from. Anything else is refused, without saying what was wrong.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::fault::Fault;
use crate::{
    domain::{
        ids::TenantId,
        problem::{Code, Problem},
    },
    store::record::Mark,
};

/// A secret that all nodes on one database share.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Secret")
    }
}

/// A list that is read page by page: whose cursors are good for this tenant and this question
/// alone.
pub struct Pages<'a> {
    secret: &'a Secret,
    tenant: &'a TenantId,
    question: &'a str,
}

impl<'a> Pages<'a> {
    /// Of a tenant's answers to a question.
    #[must_use]
    pub fn of(secret: &'a Secret, tenant: &'a TenantId, question: &'a str) -> Self {
        Self {
            secret,
            tenant,
            question,
        }
    }

    /// Where an earlier page ended, if the asker says so.
    ///
    /// # Errors
    /// When the cursor is of another list.
    pub fn after(&self, cursor: Option<&str>) -> Result<Option<Mark>, Fault> {
        let open = |cursor| self.secret.open(self.tenant, self.question, cursor);
        cursor.map(open).transpose()
    }

    /// Leaves of what was found as many as were wanted; where there were more, says where the
    /// list goes on.
    ///
    /// # Errors
    /// Never in practice.
    pub fn cut<T>(
        &self,
        found: &mut Vec<T>,
        wanted: u32,
        mark: impl FnOnce(&T) -> Mark,
    ) -> Result<Option<String>, Fault> {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let more = found.len() > wanted;
        found.truncate(wanted);
        let last = found.last().filter(|_| more);
        let seal = |last| self.secret.seal(self.tenant, self.question, &mark(last));
        last.map(seal).transpose()
    }
}

#[derive(Serialize, Deserialize)]
struct Place(String, i64, String);

impl Secret {
    /// Makes one, for a database that has none yet.
    #[must_use]
    pub fn fresh() -> String {
        let half = || uuid::Uuid::new_v4().simple().to_string();
        half() + &half()
    }

    /// Reads one as it is kept.
    #[must_use]
    pub fn read(kept: &str) -> Option<Self> {
        let bytes = hex::decode(kept).ok()?;
        bytes.try_into().ok().map(Self)
    }

    fn tag(&self, tenant: &TenantId, question: &str, place: &str) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        for part in [tenant.as_str(), question, place] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Some(mac)
    }

    /// A name that is always the same for the same thing of a tenant, and that nobody can guess.
    #[must_use]
    pub fn name(&self, tenant: &TenantId, what: &str) -> Option<String> {
        let tag = self.tag(tenant, "name", what)?;
        Some(hex::encode(&tag.finalize().into_bytes()[..16]))
    }

    /// A secret of a tenant for one purpose, always the same.
    #[must_use]
    pub fn key(&self, tenant: &TenantId, what: &str) -> Option<[u8; 32]> {
        let tag = self.tag(tenant, "key", what)?;
        Some(tag.finalize().into_bytes().into())
    }

    /// Writes a cursor.
    ///
    /// # Errors
    /// Never in practice.
    pub fn seal(&self, tenant: &TenantId, question: &str, mark: &Mark) -> Result<String, Fault> {
        let place = serde_json::to_string(&Place(mark.text.clone(), mark.number, mark.id.clone()))
            .map_err(Fault::broken)?;
        let tag = self
            .tag(tenant, question, &place)
            .ok_or_else(|| Fault::broken("a cursor could not be signed"))?;
        Ok(format!(
            "{}.{}",
            hex::encode(&place),
            hex::encode(&tag.finalize().into_bytes()[..16])
        ))
    }

    /// Reads a cursor that this tenant got for this question.
    ///
    /// # Errors
    /// When it is any other.
    pub fn open(&self, tenant: &TenantId, question: &str, cursor: &str) -> Result<Mark, Fault> {
        let read = || {
            let (place, tag) = cursor.split_once('.')?;
            let place = String::from_utf8(hex::decode(place).ok()?).ok()?;
            let tag = hex::decode(tag).ok().filter(|tag| tag.len() == 16)?;
            self.tag(tenant, question, &place)?
                .verify_truncated_left(&tag)
                .ok()?;
            let Place(text, number, id) = serde_json::from_str(&place).ok()?;
            Some(Mark { text, number, id })
        };
        read().ok_or_else(|| {
            let message = "is not a cursor of this list";
            Fault::field(
                Problem::new("cursor", Code::new("INVALID_CURSOR"), message)
                    .hint("take it from next_cursor of the same list, with the same filters"),
            )
        })
    }
}
