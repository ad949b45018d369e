//! Reads a question from JSON and says exactly what is wrong with it: where it stops being
//! JSON, or which field is not what it should be. Echoes next to nothing of what was sent.

mod missing;
mod words;

use schemars::JsonSchema;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::fault::{Fault, FaultKind};
use crate::domain::{
    problem::{Code, Problem},
    text,
};

/// How deeply a question may be nested.
const DEEPEST: usize = 64;
/// No word of any list: in its place a list says what it has.
const NO_WORD: &str = "\u{1}";

/// Reads a question: an object, with its fields by their names.
///
/// # Errors
/// When it is not JSON, nested too deeply, a list, or a field is wrong; of fields that are
/// missing in one object all are named.
pub fn read<T: DeserializeOwned + JsonSchema>(json: &[u8]) -> Result<T, Fault> {
    if json.trim_ascii_start().starts_with(b"[") {
        read_any::<IgnoredAny>(json)?;
        let message = "is a list, expected an object";
        return Err(Fault::field(Problem::new(
            "body",
            Code::new("INVALID_TYPE"),
            message,
        )));
    }
    parsed(json, Some(missing::shape::<T>))
}

/// Reads JSON of any shape.
///
/// # Errors
/// When it is not JSON, nested too deeply, or a field is wrong.
pub fn read_any<T: DeserializeOwned>(json: &[u8]) -> Result<T, Fault> {
    parsed(json, None)
}

fn parsed<T: DeserializeOwned>(json: &[u8], shape: Option<missing::Shape>) -> Result<T, Fault> {
    if json.trim_ascii().is_empty() {
        let message = "the body is empty, expected JSON";
        return Err(Fault::new(FaultKind::Malformed, "MALFORMED_JSON", message));
    }
    if nesting(json) > DEEPEST {
        let message = format!("the JSON is nested more than {DEEPEST} levels deep");
        return Err(Fault::new(FaultKind::Malformed, "TOO_DEEP", message));
    }
    // What is as it should be needs nobody to keep track of where it stands.
    if let Ok(question) = serde_json::from_slice(json) {
        return Ok(question);
    }
    let mut reader = serde_json::Deserializer::from_slice(json);
    let question = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let inner = error.inner();
        let broken = inner.is_syntax() || inner.is_eof() || inner.is_io();
        if broken && !(words::is_of_value(inner) && is_json(json)) {
            return not_json(inner);
        }
        explain::<T>(&error, serde_json::from_slice(json).ok().as_ref(), shape)
    })?;
    reader.end().map_err(|error| not_json(&error))?;
    Ok(question)
}

/// Reads a question from JSON that was read before.
///
/// # Errors
/// When a field is wrong; of fields that are missing in one object all are named.
pub fn read_value<T: DeserializeOwned + JsonSchema>(value: &Value) -> Result<T, Fault> {
    of_value(value, Some(missing::shape::<T>))
}

/// The same of what has no schema, where what is missing is named one by one.
///
/// # Errors
/// When a field is wrong.
pub fn read_part<T: DeserializeOwned>(value: &Value) -> Result<T, Fault> {
    of_value(value, None)
}

fn of_value<T: DeserializeOwned>(value: &Value, shape: Option<missing::Shape>) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| explain::<T>(&error, Some(value), shape))
}

fn is_json(json: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(json).is_ok()
}

/// Says which field is wrong, and how; `sent` is all of what was sent.
fn explain<T: DeserializeOwned>(
    error: &serde_path_to_error::Error<serde_json::Error>,
    sent: Option<&Value>,
    shape: Option<missing::Shape>,
) -> Fault {
    let path = error.path().to_string();
    let path = if path == "." {
        String::new()
    } else {
        text::echo(&path)
    };
    // What is missing or doubled is named by serde beside the path, not in it.
    let at = |named: Option<&str>| match (path.is_empty(), named) {
        (true, None) => "body".to_owned(),
        (false, None) => path.clone(),
        (true, Some(name)) => name.to_owned(),
        (false, Some(name)) => format!("{path}.{name}"),
    };
    if let Some(message) = no_word::<T>(error, sent) {
        return Fault::field(Problem::new(at(None), Code::new("INVALID_TYPE"), message));
    }
    let (mut code, named, message) = words::tidy(&error.inner().to_string());
    if path == "brief.budget" && code == Code::new("INVALID_VALUE") {
        code = Code::INVALID_BUDGET;
    }
    let mut problems = vec![Problem::new(
        at(named.as_deref()),
        code.clone(),
        message.clone(),
    )];
    let is_missing = code == words::MISSING;
    if let (true, Some(name), Some(sent), Some(shape)) = (is_missing, &named, sent, shape) {
        for other in missing::others(&shape(), sent, error.path(), name) {
            problems.push(Problem::new(
                at(Some(&other)),
                code.clone(),
                message.clone(),
            ));
        }
    }
    Fault::invalid(problems)
}

/// What is wrong where one word of a list belongs and no text stands.
fn no_word<T: DeserializeOwned>(
    error: &serde_path_to_error::Error<serde_json::Error>,
    sent: Option<&Value>,
) -> Option<String> {
    let wants = words::wants_a_word(error.inner())?;
    let mut probe = sent?.clone();
    let there = place(&mut probe, error.path())?;
    let found = words::found(there);
    *there = NO_WORD.into();
    match choices::<T>(&probe, error.path()) {
        Some(choices) => Some(format!("is {found}, expected {choices}")),
        None => wants.sure.then(|| format!("is {found}, expected text")),
    }
}

/// The words that may stand at a path, as their list names them when it is given none of them.
fn choices<T: DeserializeOwned>(probe: &Value, path: &Path) -> Option<String> {
    let read: Result<T, _> = serde_path_to_error::deserialize(probe);
    let error = read.err()?;
    let same = error.path().to_string() == path.to_string();
    let said = error.inner().to_string();
    same.then(|| words::of_list(&said)).flatten()
}

/// What stands at a path.
fn place<'a>(sent: &'a mut Value, path: &Path) -> Option<&'a mut Value> {
    path.iter().try_fold(sent, |at, segment| match segment {
        Segment::Seq { index } => at.get_mut(*index),
        Segment::Map { key } | Segment::Enum { variant: key } => at.get_mut(key.as_str()),
        Segment::Unknown => None,
    })
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

    #[derive(Debug, Deserialize, JsonSchema)]
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

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    enum Mood {
        Calm,
        Cross,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "what matters is whether it can be read")]
    struct Guest {
        name: String,
        mood: Mood,
        #[serde(default)]
        seats: Option<u32>,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "what matters is whether it can be read")]
    struct Party {
        host: Guest,
        #[serde(default)]
        guests: Vec<Guest>,
        place: String,
    }

    fn party(json: &str) -> Vec<(String, String)> {
        let of = |fault: Fault| {
            assert_eq!(fault.kind, FaultKind::Invalid, "{json}: {fault}");
            let each = fault.problems.into_iter();
            each.map(|one| (one.field, one.message)).collect::<Vec<_>>()
        };
        let read = |read: Result<Party, Fault>| of(read.map(drop).expect_err(json));
        let told = read(super::read(json.as_bytes()));
        let value: Value = serde_json::from_str(json).expect(json);
        assert_eq!(read(read_value(&value)), told, "{json}");
        told
    }

    #[test]
    fn all_that_is_missing_in_one_object_is_named_at_once() {
        let names = |json: &str| {
            let told = party(json).into_iter();
            told.inspect(|(_, said)| assert_eq!(said, "is missing"))
                .map(|(field, _)| field)
                .collect::<Vec<_>>()
        };
        assert_eq!(names("{}"), ["host", "place"]);
        assert_eq!(names(r#"{"host": {}}"#), ["host.name", "host.mood"]);
        let second = r#"{"host": {"name": "a", "mood": "calm"}, "guests": [{"seats": 2}]}"#;
        assert_eq!(names(second), ["guests[0].name", "guests[0].mood"]);
        // A name that the schema does not know may be another one of a field.
        assert_eq!(names(r#"{"venue": "hall"}"#), ["host"]);
    }

    #[test]
    fn what_is_no_word_of_a_list_is_told_the_list() {
        for (sent, is) in [
            ("null", "null"),
            ("5", "a number"),
            ("true", "true or false"),
            ("[]", "a list"),
            ("{}", "an object"),
        ] {
            let json = format!(r#"{{"host": {{"name": "a", "mood": {sent}}}, "place": "x"}}"#);
            let said = format!("is {is}, expected `calm` or `cross`");
            assert_eq!(party(&json), [("host.mood".to_owned(), said)]);
        }
    }

    #[test]
    fn a_number_that_is_too_large_is_told_how_far_they_go() {
        for (sent, is) in [
            ("-5", "out of range"),
            ("99999999999", "out of range"),
            ("99999999999999999999", "out of range"),
            ("1.5", "a number"),
        ] {
            let json = format!(r#"{{"host": {{"name": "a", "mood": "calm", "seats": {sent}}}}}"#);
            let said = format!("is {is}, expected a whole number from 0 to 4294967295");
            assert_eq!(party(&json), [("host.seats".to_owned(), said)]);
        }
        let huge = r#"{"host": {"name": "a", "mood": "calm", "seats": 1e400}}"#;
        let fault = read::<Party>(huge.as_bytes()).expect_err("too large");
        assert_eq!(fault.problems[0].field, "host.seats", "{fault}");
        assert!(fault.message.contains("larger than any"), "{fault}");
    }

    #[test]
    fn nothing_at_all_is_called_empty() {
        for nothing in ["", " \n"] {
            let fault = fault(nothing);
            assert_eq!(fault.kind, FaultKind::Malformed);
            assert_eq!(fault.message, "the body is empty, expected JSON");
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
