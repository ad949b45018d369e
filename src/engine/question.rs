//! Reads a question from JSON and says exactly what is wrong with it: where it stops being
//! JSON, or which field is not what it should be. Echoes next to nothing of what was sent.

use serde::de::{DeserializeOwned, IgnoredAny};

use super::fault::{Fault, FaultKind};
use crate::domain::{
    problem::{Code, Problem},
    text,
};

/// How deeply a question may be nested.
const DEEPEST: usize = 64;

/// Reads a question: an object, with its fields by their names.
///
/// # Errors
/// When it is not JSON, nested too deeply, a list, or a field is wrong.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, Fault> {
    if json.trim_ascii_start().starts_with(b"[") {
        read_any::<IgnoredAny>(json)?;
        let message = "is a list, expected an object";
        return Err(Fault::field(Problem::new(
            "body",
            Code::new("INVALID_TYPE"),
            message,
        )));
    }
    read_any(json)
}

/// Reads JSON of any shape.
///
/// # Errors
/// When it is not JSON, nested too deeply, or a field is wrong.
pub fn read_any<T: DeserializeOwned>(json: &[u8]) -> Result<T, Fault> {
    if nesting(json) > DEEPEST {
        let message = format!("the JSON is nested more than {DEEPEST} levels deep");
        return Err(Fault::new(FaultKind::Malformed, "TOO_DEEP", message));
    }
    // What is as it should be needs nobody to keep track of where it stands.
    if let Ok(question) = serde_json::from_slice(json) {
        return Ok(question);
    }
    let mut reader = serde_json::Deserializer::from_slice(json);
    let question =
        serde_path_to_error::deserialize(&mut reader).map_err(|error| explain(&error))?;
    reader.end().map_err(|error| not_json(&error))?;
    Ok(question)
}

/// Reads a question from JSON that was read before.
///
/// # Errors
/// When a field is wrong.
pub fn read_value<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value).map_err(|error| explain(&error))
}

fn explain(error: &serde_path_to_error::Error<serde_json::Error>) -> Fault {
    let inner = error.inner();
    if inner.is_syntax() || inner.is_eof() || inner.is_io() {
        return not_json(inner);
    }
    let path = error.path().to_string();
    let path = if path == "." {
        String::new()
    } else {
        text::echo(&path)
    };
    let (mut code, named, message) = tidy(&inner.to_string());
    if path == "brief.budget" && code == Code::new("INVALID_VALUE") {
        code = Code::INVALID_BUDGET;
    }
    // What is missing or doubled is named by serde beside the path, not in it.
    let field = match (path.is_empty(), named) {
        (true, None) => "body".to_owned(),
        (false, None) => path,
        (true, Some(name)) => name,
        (false, Some(name)) => format!("{path}.{name}"),
    };
    Fault::field(Problem::new(field, code, message))
}

fn not_json(error: &serde_json::Error) -> Fault {
    let place = format!("line {}, column {}", error.line(), error.column());
    Fault::new(
        FaultKind::Malformed,
        "MALFORMED_JSON",
        format!("the body is not valid JSON at {place}"),
    )
    .with("line", error.line())
    .with("column", error.column())
}

/// Says what serde found in our words, with no more than a name of what was sent: the
/// rule, the field where serde names it, and the sentence.
fn tidy(said: &str) -> (Code, Option<String>, String) {
    let said = said.rfind(" at line ").map_or(said, |at| &said[..at]);
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
        return (
            Code::new("MISSING_FIELD"),
            Some(quoted(rest)),
            "is missing".to_owned(),
        );
    }
    if let Some(rest) = said.strip_prefix("duplicate field ") {
        return (
            Code::new("DUPLICATE_FIELD"),
            Some(quoted(rest)),
            "stands there twice".to_owned(),
        );
    }
    if let Some((found, wanted)) = said.rsplit_once(", expected ") {
        let found = found
            .trim_start_matches("invalid type: ")
            .trim_start_matches("invalid value: ");
        let found = found.split(['"', '`']).next().unwrap_or_default().trim();
        return (
            Code::new("INVALID_TYPE"),
            None,
            format!("is {}, expected {}", named(found), expected(wanted)),
        );
    }
    (
        Code::new("INVALID_VALUE"),
        None,
        said.chars().take(200).collect(),
    )
}

/// What serde expected, without the names of our types.
fn expected(wanted: &str) -> &str {
    match wanted {
        "a string" => "text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "f32" | "f64" => "a number",
        map if map == "a map" || map.starts_with("struct ") => "an object",
        tuple if tuple.starts_with("tuple ") => "a list",
        other => other,
    }
}

fn named(found: &str) -> &str {
    match found {
        "string" => "text",
        "integer" | "floating point" => "a number",
        "boolean" => "true or false",
        "map" => "an object",
        "sequence" => "a list",
        other => other,
    }
}

/// How deeply brackets nest, outside of text; cheap enough to run over everything.
fn nesting(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0usize, 0usize, false, false);
    for c in json {
        match c {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::domain::money::Amount;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Brief {
        budget: Amount,
        #[serde(default)]
        names: Vec<String>,
    }

    fn fault(json: &str) -> Fault {
        read::<Brief>(json.as_bytes())
            .map(|brief| (brief.budget, brief.names))
            .expect_err(json)
    }

    #[test]
    fn the_wrong_field_is_named() {
        let cases = [
            (r#"{"budget": "12.5"}"#, "budget", "INVALID_VALUE"),
            (r#"{"budget": 1, "names": [7]}"#, "names[0]", "INVALID_TYPE"),
            (
                r#"{"budget": 1, "is_admin": true}"#,
                "is_admin",
                "UNKNOWN_FIELD",
            ),
            (r#"{"names": []}"#, "budget", "MISSING_FIELD"),
            (r#"{"budget": 1, "budget": 2}"#, "budget", "DUPLICATE_FIELD"),
            (r#""brief""#, "body", "INVALID_TYPE"),
            ("[1, []]", "body", "INVALID_TYPE"),
            ("[]", "body", "INVALID_TYPE"),
            ("7", "body", "INVALID_TYPE"),
        ];
        for (json, field, code) in cases {
            let fault = fault(json);
            assert_eq!(fault.kind, FaultKind::Invalid, "{json}");
            assert_eq!(fault.problems[0].field, field, "{json}: {fault}");
            assert_eq!(fault.code, code, "{json}: {fault}");
            assert!(!fault.to_string().contains("struct"), "{fault}");
        }
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for json in [
            "",
            "{",
            r#"{"budget": 1}{}"#,
            "\u{feff}{}",
            r#"{"budget": NaN}"#,
            r#"{"budget": 00012}"#,
            &deep,
        ] {
            assert_eq!(fault(json).kind, FaultKind::Malformed, "{json:.20}");
        }
        assert_eq!(
            read::<Brief>(b"{\"budget\": \xff}")
                .expect_err("not UTF-8")
                .kind,
            FaultKind::Malformed
        );
    }

    #[test]
    fn next_to_nothing_is_echoed() {
        let long = format!(r#"{{"budget": 1, "{}": 1}}"#, "x".repeat(10_000));
        assert!(fault(&long).to_string().len() < 400, "{}", fault(&long));
        let wrong = format!(
            r#"{{"budget": 1, "names": [{{"{}": 1}}]}}"#,
            "y".repeat(10_000)
        );
        assert!(fault(&wrong).to_string().len() < 400);
        let junk = "z".repeat(10_000);
        for lure in [
            format!(r#"{{"budget": 1, "a, {junk}": 1}}"#),
            format!(r#"{{"budget": 1, "a`, expected {junk}": 1}}"#),
            format!(r#"{{"budget": 1, "names": "a, expected {junk}"}}"#),
        ] {
            let said = fault(&lure).to_string();
            assert!(said.len() < 400 && !said.contains(&junk[..65]), "{said}");
        }
    }
}
