//! The audit trail: one line for every command, chained by hash, so that an edit, a
//! deletion, an insertion and a swap show. A cut tail shows against an [`Anchor`] that is
//! kept elsewhere. Refuses to say "whole" of a chain that it has not read to its end.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::{ids::TenantId, tenant::role::Role, when::Instant};

pub mod change;
pub use change::Change;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused: not allowed, not valid, or not possible now.
    Refused,
    /// It was allowed and could not be done.
    Failed,
}

impl Outcome {
    /// The name as stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// Reads the name as stored.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        [Self::Done, Self::Refused, Self::Failed]
            .into_iter()
            .find(|one| one.name() == text)
    }
}

/// What is written down of a command, before it has its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: String,
    /// In which role.
    pub role: Role,
    /// The operation's name.
    pub action: String,
    /// What it was done to, as `kind/id`.
    pub object: Option<String>,
    /// The object's revision before.
    pub revision_before: Option<i64>,
    /// The object's revision after.
    pub revision_after: Option<i64>,
    /// How it ended.
    pub outcome: Outcome,
    /// What else is worth knowing: the reason of a refusal, the key that was used.
    pub detail: String,
    /// What it changed of the object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

/// An entry in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sealed {
    /// Its number in the tenant's chain, from 1.
    pub seq: i64,
    /// What was written down.
    #[serde(flatten)]
    pub entry: Entry,
    /// The hash of the line before; empty for the first.
    pub previous: String,
    /// The hash of this line.
    pub hash: String,
}

impl Entry {
    /// What is to be read of it: why it was not done, or what it changed and under which key.
    #[must_use]
    pub fn words(&self) -> String {
        let changes = self.changes.iter().map(ToString::to_string);
        let said = Some(self.detail.clone()).filter(|said| !said.is_empty());
        let all: Vec<String> = match self.outcome {
            Outcome::Done => {
                let key = said.map(|key| format!("key {key}"));
                changes.chain(key).collect()
            }
            Outcome::Refused | Outcome::Failed => said.into_iter().chain(changes).collect(),
        };
        all.join("; ")
    }

    /// Gives the entry its place behind the line whose hash is `previous`.
    #[must_use]
    pub fn seal(self, tenant: &TenantId, seq: i64, previous: String) -> Sealed {
        let hash = self.hash(tenant, seq, &previous);
        Sealed {
            seq,
            entry: self,
            previous,
            hash,
        }
    }

    fn hash(&self, tenant: &TenantId, seq: i64, previous: &str) -> String {
        let number = |of: Option<i64>| of.map_or_else(String::new, |n| n.to_string());
        // No object and an object without a name are two things.
        let object = self.object.as_ref().map(|object| format!("/{object}"));
        let object = object.unwrap_or_default();
        let fields = [
            tenant.as_str(),
            &seq.to_string(),
            previous,
            &self.at.timestamp_micros().to_string(),
            &self.actor,
            self.role.name(),
            &self.action,
            &object,
            &number(self.revision_before),
            &number(self.revision_after),
            self.outcome.name(),
            &self.detail,
        ];
        let mut digest = Sha256::new();
        let mut take = |field: &str| {
            digest.update((field.len() as u64).to_be_bytes());
            digest.update(field.as_bytes());
        };
        fields.into_iter().for_each(&mut take);
        // A line without any is sealed as it always was.
        for change in &self.changes {
            let told = |fact: &Option<String>| fact.as_ref().map(|fact| format!("/{fact}"));
            take(&change.what);
            take(&told(&change.before).unwrap_or_default());
            take(&told(&change.after).unwrap_or_default());
        }
        hex::encode(digest.finalize())
    }
}

/// How far a chain was known to reach, kept outside the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// The last line's number.
    pub seq: i64,
    /// The last line's hash.
    pub hash: String,
}

impl Anchor {
    /// Holds the end of a chain against its head, where the database said that it ends
    /// before its first line was read: what was written meanwhile may follow.
    ///
    /// # Errors
    /// When the head knows of more lines, or of another last one.
    pub fn reaches(self, head: &Self) -> Result<Self, Broken> {
        if head.seq > self.seq || (head.seq == self.seq && head.hash != self.hash) {
            return Err(Broken::NotItsHead {
                found: self.seq,
                head: head.seq,
            });
        }
        Ok(self)
    }
}

/// Where a chain is broken, and how.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A line is missing in front of this one, or this one was put in.
    #[error(
        "line {found} stands where line {expected} should: a line was deleted, inserted or moved"
    )]
    OutOfOrder {
        /// The number that should stand here.
        expected: i64,
        /// The number that does.
        found: i64,
    },
    /// The line does not follow from the one before.
    #[error("line {0} does not follow from the line before it: one of them was replaced or moved")]
    Unchained(i64),
    /// The line's content is not what was sealed.
    #[error("line {0} was edited after it was written")]
    Edited(i64),
    /// The chain ends before the anchor.
    #[error(
        "the chain ends at line {found}, but line {anchored} was written: its tail was cut off"
    )]
    CutTail {
        /// The last line that is there.
        found: i64,
        /// The last line that was known.
        anchored: i64,
    },
    /// The chain ends before its own head.
    #[error(
        "the chain ends at line {found}, but the database counts {head}: its tail was cut off or replaced"
    )]
    NotItsHead {
        /// The last line that is there.
        found: i64,
        /// The line that the database says is the last.
        head: i64,
    },
    /// The chain was rewritten as a whole.
    #[error("line {0} is not the line that was anchored: the chain was rewritten")]
    Rewritten(i64),
}

/// Checks a tenant's chain line by line.
#[derive(Debug)]
pub struct Verifier<'a> {
    tenant: &'a TenantId,
    anchor: Option<&'a Anchor>,
    seq: i64,
    hash: String,
}

impl<'a> Verifier<'a> {
    /// Begins before the first line.
    #[must_use]
    pub fn new(tenant: &'a TenantId, anchor: Option<&'a Anchor>) -> Self {
        Self {
            tenant,
            anchor,
            seq: 0,
            hash: String::new(),
        }
    }

    /// Takes the next line.
    ///
    /// # Errors
    /// When it is not what must stand here.
    pub fn next(&mut self, line: &Sealed) -> Result<(), Broken> {
        if line.seq != self.seq + 1 {
            return Err(Broken::OutOfOrder {
                expected: self.seq + 1,
                found: line.seq,
            });
        }
        if line.entry.hash(self.tenant, line.seq, &line.previous) != line.hash {
            return Err(Broken::Edited(line.seq));
        }
        if line.previous != self.hash {
            return Err(Broken::Unchained(line.seq));
        }
        if self
            .anchor
            .is_some_and(|anchor| anchor.seq == line.seq && anchor.hash != line.hash)
        {
            return Err(Broken::Rewritten(line.seq));
        }
        self.seq = line.seq;
        self.hash.clone_from(&line.hash);
        Ok(())
    }

    /// Ends, with where the chain ends.
    ///
    /// # Errors
    /// When the anchor knows of more lines.
    pub fn end(self) -> Result<Anchor, Broken> {
        match self.anchor {
            Some(anchor) if anchor.seq > self.seq => Err(Broken::CutTail {
                found: self.seq,
                anchored: anchor.seq,
            }),
            _ => Ok(Anchor {
                seq: self.seq,
                hash: self.hash,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(length: i64) -> (TenantId, Vec<Sealed>) {
        let tenant: TenantId = "main".parse().expect("tenant");
        let mut lines: Vec<Sealed> = Vec::new();
        for seq in 1..=length {
            let entry = Entry {
                at: Instant::from_timestamp_micros(1_000_000 * seq).expect("instant"),
                actor: "ana".into(),
                role: Role::Trafficker,
                action: "bookings.submit".into(),
                object: Some(format!("job/{seq}")),
                revision_before: None,
                revision_after: Some(1),
                outcome: Outcome::Done,
                detail: String::new(),
                changes: Vec::new(),
            };
            let previous = lines
                .last()
                .map(|line| line.hash.clone())
                .unwrap_or_default();
            lines.push(entry.seal(&tenant, seq, previous));
        }
        (tenant, lines)
    }

    fn verdict(
        tenant: &TenantId,
        lines: &[Sealed],
        anchor: Option<&Anchor>,
    ) -> Result<Anchor, Broken> {
        let mut verifier = Verifier::new(tenant, anchor);
        lines.iter().try_for_each(|line| verifier.next(line))?;
        verifier.end()
    }

    #[test]
    fn a_whole_chain_is_whole() {
        let (tenant, lines) = chain(9);
        let end = verdict(&tenant, &lines, None).expect("whole");
        assert_eq!(verdict(&tenant, &lines, Some(&end)), Ok(end));
    }

    #[test]
    fn every_kind_of_tampering_shows() {
        let (tenant, whole) = chain(9);
        let anchor = verdict(&tenant, &whole, None).expect("whole");
        for at in 0..9 {
            let mut edited = whole.clone();
            edited[at].entry.detail = "nothing to see".into();
            assert!(
                verdict(&tenant, &edited, Some(&anchor)).is_err(),
                "edit at {at}"
            );

            let mut deleted = whole.clone();
            deleted.remove(at);
            assert!(
                verdict(&tenant, &deleted, Some(&anchor)).is_err(),
                "deletion at {at}"
            );

            let mut inserted = whole.clone();
            inserted.insert(at, whole[at].clone());
            assert!(
                verdict(&tenant, &inserted, Some(&anchor)).is_err(),
                "insertion at {at}"
            );

            let mut swapped = whole.clone();
            swapped.swap(at, (at + 1) % 9);
            assert!(
                verdict(&tenant, &swapped, Some(&anchor)).is_err(),
                "swap at {at}"
            );

            let cut = &whole[..at];
            assert_eq!(
                verdict(&tenant, cut, None).map(|end| end.seq),
                Ok(i64::try_from(at).expect("small"))
            );
            assert!(
                verdict(&tenant, cut, Some(&anchor)).is_err(),
                "tail cut at {at}"
            );
        }
    }

    #[test]
    fn a_chain_that_was_rewritten_as_a_whole_misses_its_anchor() {
        let (tenant, whole) = chain(3);
        let anchor = verdict(&tenant, &whole, None).expect("whole");
        let mut forged: Vec<Sealed> = Vec::new();
        for line in whole {
            let mut entry = line.entry;
            entry.actor = "somebody else".into();
            let previous = forged
                .last()
                .map(|line| line.hash.clone())
                .unwrap_or_default();
            forged.push(entry.seal(&tenant, line.seq, previous));
        }
        assert_eq!(
            verdict(&tenant, &forged, Some(&anchor)),
            Err(Broken::Rewritten(3))
        );
    }
}
