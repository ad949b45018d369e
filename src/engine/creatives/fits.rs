//! Whether a product shows a creative: it must be in a format that the product takes. Refuses to
//! judge formats that are neither ours nor named by the product: whoever defined them knows them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::read;
use crate::{
    domain::{
        adcp::{format, offer::formats},
        media_buy::{aim, package::Shown},
        opendirect::product::Product,
        problem::{Code, Problem},
        text::echo,
    },
    engine::{fault::Fault, work::Work},
};

/// Whether a product takes creatives of a format.
fn takes(product: &Product, format: &str) -> bool {
    let own = format::all().iter().any(|one| one.id == format);
    formats(product).contains(&format) || !own
}

/// What is wrong with a format, for people.
fn misfit(product: &Product, format: &str) -> String {
    let taken = formats(product).join(", ");
    let format = echo(format);
    format!(
        "{format} is no format of {}, which takes {taken}",
        product.id
    )
}

/// The name of a format.
fn id(format: &Map<String, Value>) -> Option<&str> {
    format.get("id")?.as_str()
}

fn problem(field: String, message: String) -> Fault {
    Fault::field(Problem::new(field, Code::new("INVALID_REQUEST"), message))
}

/// What is said of a package that its product cannot be sold with: formats that it does not take,
/// and an aim that it does not reach.
///
/// # Errors
/// With the field, named from `at` on.
pub(in crate::engine) fn said(
    work: &Work<'_>,
    product: &Product,
    said: &Map<String, Value>,
    at: &str,
) -> Result<(), Fault> {
    let plain = |url: &str| url.trim_end_matches('/').to_owned();
    let ours = plain(&work.desk().agent_url);
    let named = said.get("format_ids").and_then(Value::as_array);
    for (n, one) in named.into_iter().flatten().enumerate() {
        let agent = one.get("agent_url").and_then(Value::as_str);
        let id = one.get("id").or(Some(one)).and_then(Value::as_str);
        let Some(id) = id else { continue };
        let is_ours = agent.is_none_or(|url| plain(url) == ours);
        let fits = if is_ours {
            formats(product).contains(&id)
        } else {
            takes(product, id)
        };
        if !fits {
            return Err(problem(
                format!("{at}.format_ids[{n}]"),
                misfit(product, id),
            ));
        }
    }
    match said.get(aim::OVERLAY) {
        None | Some(Value::Null) => Ok(()),
        Some(overlay) => aim::check(overlay, product).map_err(|told| {
            let field = format!("{at}.{}", told.place());
            Fault::field(Problem::new(
                field,
                Code::new("INVALID_TARGETING"),
                told.message,
            ))
        }),
    }
}

/// Refuses creatives that come with a package in a format that its product does not take.
///
/// # Errors
/// With the first, named from `at` on.
pub(in crate::engine) fn drafted(
    product: &Product,
    drafts: &[Map<String, Value>],
    at: &str,
) -> Result<(), Fault> {
    for (n, draft) in drafts.iter().enumerate() {
        let format = draft.get("format_id").and_then(Value::as_object);
        let format = format.and_then(id);
        if let Some(format) = format.filter(|format| !takes(product, format)) {
            let field = format!("{at}.creatives[{n}].format_id");
            return Err(problem(field, misfit(product, format)));
        }
    }
    Ok(())
}

/// Refuses to show what is in the library in a format that the product does not take. What is not
/// there yet is waited for.
///
/// # Errors
/// With the first, named from `at` on.
pub(in crate::engine) async fn shown(
    work: &Work<'_>,
    (owner, product): (&str, &Product),
    shown: &[Shown],
    at: &str,
) -> Result<(), Fault> {
    let mut formats = Formats::default();
    for (n, one) in shown.iter().enumerate() {
        let whose = (owner, one.creative_id.as_str());
        if let Some(why) = formats.misfit(work, whose, product).await? {
            let field = format!("{at}.creative_assignments[{n}].creative_id");
            return Err(problem(field, why));
        }
    }
    Ok(())
}

/// The formats of creatives, each read once.
#[derive(Default)]
pub(super) struct Formats(BTreeMap<String, Option<String>>);

impl Formats {
    /// Those that are known already.
    pub(super) fn of<'a>(known: impl Iterator<Item = (&'a str, &'a Map<String, Value>)>) -> Self {
        let owned = |(creative, format): (&str, &Map<String, Value>)| {
            (creative.to_owned(), id(format).map(str::to_owned))
        };
        Self(known.map(owned).collect())
    }

    /// What stands against a product showing a creative.
    pub(super) async fn misfit(
        &mut self,
        work: &Work<'_>,
        (owner, creative): (&str, &str),
        product: &Product,
    ) -> Result<Option<String>, Fault> {
        if !self.0.contains_key(creative) {
            let known = read(work, owner, creative).await?;
            let format = known.as_ref().and_then(|one| id(&one.record.format_id));
            let format = format.map(str::to_owned);
            self.0.insert(creative.to_owned(), format);
        }
        let format = self.0.get(creative).and_then(Option::as_deref);
        let against = format.filter(|format| !takes(product, format));
        Ok(against.map(|format| misfit(product, format)))
    }
}
