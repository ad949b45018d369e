//! An order that could not be carried out: kept, so that those who look after the seller hear of
//! it, with what went wrong and what to do. Refuses to keep what the buyer is told at once and can
//! mend alone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{media_buy::draft::BuyDraft, notify::failure::Failure, policy::Permission, text},
    engine::{
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        work::Work,
    },
};

/// The longest text that is kept of what went wrong.
const LONGEST: usize = 500;

/// Keeps that an order could not be carried out; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteFailure {
    /// Who ordered.
    pub owner: String,
    /// What was ordered.
    pub draft: Box<BuyDraft>,
    /// What went wrong, for programs.
    pub code: String,
    /// The same, for people.
    pub message: String,
    /// What to do about it.
    #[serde(default)]
    pub hint: Option<String>,
}

impl NoteFailure {
    /// What there is to keep of a fault; nothing where the buyer can mend it alone.
    #[must_use]
    pub fn of(owner: &str, draft: &BuyDraft, fault: &Fault) -> Option<Self> {
        let theirs = matches!(
            fault.kind,
            FaultKind::Invalid
                | FaultKind::Unauthenticated
                | FaultKind::Forbidden
                | FaultKind::Limited
                | FaultKind::NotFound
        );
        (!theirs).then(|| Self {
            owner: owner.to_owned(),
            draft: Box::new(draft.clone()),
            code: fault.code.clone(),
            message: fault.message.clone(),
            hint: fault.hint.as_ref().map(ToString::to_string),
        })
    }
}

impl Operation for NoteFailure {
    const NAME: &'static str = "notify.failed";
    const ABOUT: &'static str = "Keep that an order could not be carried out; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = ();

    async fn perform(self, work: &mut Work<'_>) -> Result<(), Fault> {
        let short = |text: &str| text::inert(text).chars().take(LONGEST).collect::<String>();
        let draft = &self.draft;
        let packages = draft.packages.iter().flatten();
        let total = draft.total_budget.as_ref();
        let failure = Failure {
            id: work.mint(),
            owner: self.owner.clone(),
            name: short(draft.name.as_deref().unwrap_or_default()),
            budget: total.map_or_else(String::new, |total| {
                format!("{} {}", total.currency, total.amount)
            }),
            products: packages
                .map(|one| short(one.product_id.as_str()))
                .take(20)
                .collect(),
            po_number: draft.particulars.po_number.as_deref().map(short),
            code: self.code,
            message: short(&self.message),
            hint: self.hint.as_deref().map(short),
        };
        work.create(&failure)?;
        let detail = format!("an order of {} failed: {}", failure.owner, failure.message);
        work.tell(
            "media_buys.failed",
            "failure",
            failure.id.to_string(),
            detail,
        );
        Ok(())
    }
}
