//! Targeting as clients write it: an object of texts or lists of texts, or a list of
//! segments with a name and a value. Refuses deeper shapes, which would be lost.

use serde_json::Value;

use super::Reading;
use crate::domain::opendirect::Targeting;

/// Reads either shape; nothing is an empty targeting.
pub(super) fn read(reading: &mut Reading, value: Option<&Value>) -> Targeting {
    let mut found = Targeting::new();
    let fine = match value {
        None | Some(Value::Null) => true,
        Some(Value::Object(all)) => all.iter().all(|(name, values)| match values {
            Value::Array(values) => values.iter().all(|one| add(&mut found, name, one)),
            one => add(&mut found, name, one),
        }),
        Some(Value::Array(segments)) => segments.iter().all(|one| {
            let name = one.get("name").and_then(Value::as_str);
            let value = one.get("value");
            name.zip(value)
                .is_some_and(|(name, value)| add(&mut found, name, value))
        }),
        Some(_) => false,
    };
    if !fine {
        let message = "must be an object of texts or lists of texts, such as {\"geo\": [\"US\"]}";
        reading.problem("targeting", "INVALID_TARGETING", message);
    }
    found
}

fn add(found: &mut Targeting, name: &str, value: &Value) -> bool {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return false,
    };
    found.entry(name.to_owned()).or_default().push(text);
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(value: &Value) -> Result<Targeting, usize> {
        let mut reading = Reading::default();
        let found = read(&mut reading, Some(value));
        reading.done(Some(found)).map_err(|all| all.len())
    }

    #[test]
    fn both_shapes_mean_the_same() {
        let wanted: Targeting = [
            ("age".to_owned(), vec!["18-24".to_owned()]),
            ("geo".to_owned(), vec!["US".to_owned(), "CA".to_owned()]),
        ]
        .into();
        assert_eq!(
            of(&json!({"age": "18-24", "geo": ["US", "CA"]})),
            Ok(wanted.clone())
        );
        let segments = json!([
            {"name": "geo", "value": "US"},
            {"name": "age", "value": "18-24"},
            {"name": "geo", "value": "CA"},
        ]);
        assert_eq!(of(&segments), Ok(wanted));
        assert_eq!(of(&json!(null)), Ok(Targeting::new()));
    }

    #[test]
    fn what_would_be_lost_is_refused() {
        for bad in [
            json!("US"),
            json!({"demographics": {"age": "18-24"}}),
            json!({"geo": [["US"]]}),
            json!([{"name": "geo"}]),
            json!(["US"]),
        ] {
            assert_eq!(of(&bad), Err(1), "{bad}");
        }
    }
}
