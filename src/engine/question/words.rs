//! What serde says of a question that it cannot read, in our words. Refuses to repeat more than a
//! name of what was sent.

use serde_json::Value;

use crate::domain::{problem::Code, text};

/// A field is not there.
pub(super) const MISSING: Code = Code::new("MISSING_FIELD");

/// What begins what is wrong with a value of JSON that is as it should be, and what serde takes
/// for a mistake in the JSON.
const OF_VALUES: [&str; 2] = ["expected value", "number out of range"];
/// Beyond this no number that is written in digits is read as a whole one.
const WHOLE: f64 = 9e18;

/// Whether JSON may be as it should be although serde calls it broken.
pub(super) fn is_of_value(error: &serde_json::Error) -> bool {
    let said = error.to_string();
    OF_VALUES.iter().any(|begins| said.starts_with(begins))
}

/// Whether one word of a list was expected where no text is.
pub(super) fn wants_a_word(error: &serde_json::Error) -> Option<Wants> {
    let said = error.to_string();
    let said = without_place(&said);
    if said == OF_VALUES[0] {
        return Some(Wants { sure: true });
    }
    let one = ["string or map", "map with a single key"];
    let (_, wanted) = said.rsplit_once(", expected ")?;
    one.contains(&wanted).then_some(Wants { sure: false })
}

/// That one word of a list is wanted.
pub(super) struct Wants {
    /// Whether it is wanted in the very place that is named.
    pub(super) sure: bool,
}

/// The words of a list, from what it says of one that it does not have.
pub(super) fn of_list(said: &str) -> Option<String> {
    let rest = without_place(said).strip_prefix("unknown variant ")?;
    let (_, known) = rest.rsplit_once("`, expected ")?;
    Some(known.to_owned())
}

/// What was sent.
pub(super) fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn without_place(said: &str) -> &str {
    said.rfind(" at line ").map_or(said, |at| &said[..at])
}

/// Says what serde found in our words, with no more than a name of what was sent: the
/// rule, the field where serde names it, and the sentence.
pub(super) fn tidy(said: &str) -> (Code, Option<String>, String) {
    let said = without_place(said);
    let quoted = |text: &str| text.split('`').nth(1).map(text::echo).unwrap_or_default();
    // What was sent may look like serde's own words: these are the last ones.
    let known = |text: &str| {
        text.rsplit_once("`, ")
            .filter(|(_, known)| known.starts_with("there are no"))
            .or_else(|| text.rsplit_once("`, expected "))
            .map_or_else(String::new, |(_, known)| format!("known are {known}"))
    };
    if let Some(rest) = said.strip_prefix("unknown field ") {
        let message = format!(
            "`{}` is not a field that is known here; {}",
            quoted(rest),
            known(rest)
        );
        return (Code::new("UNKNOWN_FIELD"), None, message);
    }
    if let Some(rest) = said.strip_prefix("unknown variant ") {
        let message = format!("`{}` is not known here; {}", quoted(rest), known(rest));
        return (Code::new("INVALID_VALUE"), None, message);
    }
    if let Some(rest) = said.strip_prefix("missing field ") {
        return (MISSING, Some(quoted(rest)), "is missing".to_owned());
    }
    if let Some(rest) = said.strip_prefix("duplicate field ") {
        return (
            Code::new("DUPLICATE_FIELD"),
            Some(quoted(rest)),
            "stands there twice".to_owned(),
        );
    }
    if let Some((found, wanted)) = said.rsplit_once(", expected ") {
        return (
            Code::new("INVALID_TYPE"),
            None,
            format!("is {}, expected {}", sent(found, wanted), expected(wanted)),
        );
    }
    if said.starts_with(OF_VALUES[1]) {
        let message = "is a number that is larger than any that is read".to_owned();
        return (Code::new("INVALID_VALUE"), None, message);
    }
    (
        Code::new("INVALID_VALUE"),
        None,
        said.chars().take(200).collect(),
    )
}

/// What serde expected, without the names of our types.
fn expected(wanted: &str) -> String {
    if let Some((least, most)) = range(wanted) {
        return format!("a whole number from {least} to {most}");
    }
    match wanted {
        "a string" | "string or map" | "map with a single key" => "text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "unit" => "null",
        "f32" | "f64" => "a number",
        map if map == "a map" || map.starts_with("struct ") => "an object",
        tuple if tuple.starts_with("tuple ") => "a list",
        other => other,
    }
    .to_owned()
}

/// From where to where the whole numbers of a type go.
fn range(wanted: &str) -> Option<(i128, i128)> {
    let (above, name) = match wanted.strip_prefix("a nonzero ") {
        Some(name) => (true, name),
        None => (false, wanted),
    };
    let (least, most): (i128, i128) = match name {
        "i8" => (i8::MIN.into(), i8::MAX.into()),
        "i16" => (i16::MIN.into(), i16::MAX.into()),
        "i32" => (i32::MIN.into(), i32::MAX.into()),
        "i64" => (i64::MIN.into(), i64::MAX.into()),
        "u8" => (0, u8::MAX.into()),
        "u16" => (0, u16::MAX.into()),
        "u32" => (0, u32::MAX.into()),
        "u64" | "usize" => (0, u64::MAX.into()),
        _ => return None,
    };
    Some((if above && least == 0 { 1 } else { least }, most))
}

/// What was sent, by what serde found and expected.
fn sent<'a>(found: &'a str, wanted: &str) -> &'a str {
    let kind = found
        .trim_start_matches("invalid type: ")
        .trim_start_matches("invalid value: ");
    let kind = kind.split(['"', '`']).next().unwrap_or_default().trim();
    let digits = found.split('`').nth(1).unwrap_or_default();
    let beyond = match kind {
        "integer" => true,
        // What is too long for a whole number is read as another one.
        "floating point" => digits.parse::<f64>().is_ok_and(|it| it.abs() > WHOLE),
        _ => false,
    };
    match kind {
        _ if beyond && range(wanted).is_some() => "out of range",
        "string" => "text",
        "integer" | "floating point" => "a number",
        "boolean" => "true or false",
        "map" => "an object",
        "sequence" => "a list",
        other => other,
    }
}
