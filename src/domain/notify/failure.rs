//! An order that could not be carried out, as those hear of it who look after the seller.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::slack::{Kind, Message};
use crate::domain::ids::NoticeId;

/// An order that could not be carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// Its id.
    pub id: NoticeId,
    /// Who ordered.
    pub owner: String,
    /// What it was to be called.
    pub name: String,
    /// For how much, where one sum was named.
    pub budget: String,
    /// What was ordered.
    pub products: Vec<String>,
    /// The number in the buyer's books.
    pub po_number: Option<String>,
    /// What went wrong, for programs.
    pub code: String,
    /// The same, for people.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Failure {
    /// As endpoints are told.
    #[must_use]
    pub fn data(&self) -> Map<String, Value> {
        let told = json!({
            "principal_id": self.owner,
            "name": self.name,
            "product_ids": self.products,
            "po_number": self.po_number,
            "error": {"code": self.code, "message": self.message, "suggestion": self.hint},
        });
        match told {
            Value::Object(told) => told,
            _ => Map::new(),
        }
    }

    /// As people are told.
    #[must_use]
    pub fn message(&self, footer: String) -> Message {
        let hint = self.hint.as_deref().unwrap_or_default();
        Message {
            kind: Kind::Failed,
            subject: if self.name.is_empty() {
                format!("An order of {}", self.owner)
            } else {
                self.name.clone()
            },
            facts: vec![
                ("Principal", self.owner.clone()),
                ("Budget", self.budget.clone()),
                ("PO number", self.po_number.clone().unwrap_or_default()),
                ("Products", self.products.join(", ")),
                ("Code", self.code.clone()),
            ],
            trouble: Some(format!("{} {hint}", self.message).trim_end().to_owned()),
            link: None,
            command: None,
            footer,
        }
    }
}
