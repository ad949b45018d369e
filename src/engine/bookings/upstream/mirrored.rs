//! What is known here of the jobs at an upstream, for whoever compares it with what is there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        booking::{
            job::{Job, JobStatus},
            upstream::{contact::Contact, link::Link},
        },
        money::Money,
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Part, Row},
};

/// The most jobs of an upstream that are followed.
pub const MOST: u32 = 20_000;
/// The most briefs on their way that are looked at.
const MOST_SENT: u32 = 1_000;

/// Reads what is known of the jobs at an upstream; for the engine only.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReadMirrored {}

/// What is known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Mirrored {
    /// Every job that is followed.
    #[schemars(with = "serde_json::Value")]
    pub links: Vec<Link>,
    /// Names and budgets of briefs that may have arrived, and whose ids nobody knows yet.
    #[schemars(with = "serde_json::Value")]
    pub expected: Vec<(String, Money)>,
    /// How the contact is, as it was last written down.
    #[schemars(with = "serde_json::Value")]
    pub contact: Option<Contact>,
}

impl Operation for ReadMirrored {
    const NAME: &'static str = "bookings.mirrored";
    const ABOUT: &'static str = "Read what is known of jobs at an upstream; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = Mirrored;

    async fn perform(self, work: &mut Work<'_>) -> Result<Mirrored, Fault> {
        let every = Filter {
            limit: MOST,
            part: Part::Nothing,
            ..Filter::default()
        };
        let rows = work.rows::<Link>(&every).await?;
        let sent = Filter {
            state: Some(JobStatus::Pending.name().to_owned()),
            limit: MOST_SENT,
            ..Filter::default()
        };
        let sent = work.list::<Job>(&sent).await?;
        let expected = sent.into_iter().map(|stored| stored.record).filter(|job| {
            let known = job.upstream.as_deref();
            known.is_some_and(crate::domain::booking::upstream::Upstream::is_on_its_way)
        });
        let contact = work.get::<Contact>(Contact::ID).await?;
        Ok(Mirrored {
            links: rows.iter().map(link).collect::<Result<_, _>>()?,
            expected: expected
                .map(|job| (job.brief.name, job.brief.budget))
                .collect(),
            contact: contact.map(|stored| stored.record),
        })
    }
}

/// A link by its columns alone.
fn link(row: &Row) -> Result<Link, Fault> {
    Ok(Link {
        remote: row.id.clone(),
        job_id: row.facets.parent.parse().map_err(Fault::broken)?,
        status: row.facets.label.clone(),
        open: row.facets.state == "open",
        gone: row.facets.state == "gone",
    })
}
