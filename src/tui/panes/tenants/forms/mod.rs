//! The forms of the pane: a tenant, a principal, a key. Each checks with the engine's own rules
//! while it is typed, and makes a proposal; none of them sends anything.

pub mod elsewhere;
pub mod key;
mod parts;
pub mod principal;
pub mod tenant;

use crate::tui::{clean::Clean, overlays::form::Wrong};

/// What is wrong with one field.
fn wrong(field: &str, said: impl std::fmt::Display) -> Wrong {
    (field.to_owned(), clean!("{said}"))
}

/// The entries of a list that was typed with commas between them.
fn entries(text: &str) -> Vec<String> {
    let parts = text.split(',').map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A label and what stands beside it.
fn fact(label: &str, value: &Clean) -> Clean {
    clean!("{label:<18} {value}")
}
