//! How large and how deep a map of free shape may be. Looks at sizes only and never at
//! meaning; refuses control characters, which no database and no screen should get.

use serde_json::{Map, Value};

use crate::domain::text::echo;

/// The most keys of one object.
const MOST_KEYS: usize = 64;
/// The deepest nesting, the outermost map being the first.
pub(super) const DEEPEST: usize = 8;
/// The most characters of one key or string.
const LONGEST: usize = 1_000;
/// The most entries of one array.
const MOST_ENTRIES: usize = 1_000;
/// The most values in the whole map.
const MOST_VALUES: usize = 10_000;

/// Says what is too large about a map, once for each kind of excess at most.
pub(super) fn excesses(map: &Map<String, Value>) -> Vec<String> {
    let mut found = Found::default();
    found.map(map, 1);
    if found.values > MOST_VALUES {
        found.say(format!("holds more than {MOST_VALUES} values"));
    }
    found.said
}

#[derive(Default)]
struct Found {
    values: usize,
    said: Vec<String>,
}

impl Found {
    fn say(&mut self, what: String) {
        if self.said.len() < 8 && !self.said.contains(&what) {
            self.said.push(what);
        }
    }

    fn map(&mut self, map: &Map<String, Value>, depth: usize) {
        if map.len() > MOST_KEYS {
            self.say(format!("has an object with more than {MOST_KEYS} keys"));
        }
        for (key, value) in map {
            self.text(key);
            self.value(value, depth);
        }
    }

    /// A value that stands inside `depth` containers.
    fn value(&mut self, value: &Value, depth: usize) {
        self.values += 1;
        let container = value.is_array() || value.is_object();
        if container && depth >= DEEPEST {
            return self.say(format!("is nested more than {DEEPEST} deep"));
        }
        match value {
            Value::String(text) => self.text(text),
            Value::Object(map) => self.map(map, depth + 1),
            Value::Array(entries) => {
                if entries.len() > MOST_ENTRIES {
                    self.say(format!("has a list with more than {MOST_ENTRIES} entries"));
                }
                for entry in entries {
                    self.value(entry, depth + 1);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&mut self, text: &str) {
        if text.chars().nth(LONGEST).is_some() {
            self.say(format!("has a text longer than {LONGEST} characters"));
        } else if text.chars().any(char::is_control) {
            self.say(format!("has a control character in \"{}\"", echo(text)));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(value: &Value) -> Vec<String> {
        excesses(value.as_object().expect("an object"))
    }

    fn nested(depth: usize) -> Value {
        (1..depth).fold(json!({}), |inner, _| json!({ "in": inner }))
    }

    #[test]
    fn each_limit_holds_exactly() {
        assert_eq!(said(&nested(DEEPEST)), Vec::<String>::new());
        assert_eq!(said(&nested(DEEPEST + 1)).len(), 1);
        let keys = |n: usize| Value::Object((0..n).map(|k| (k.to_string(), json!(1))).collect());
        assert!(said(&keys(64)).is_empty());
        assert_eq!(said(&keys(65)), ["has an object with more than 64 keys"]);
        assert!(said(&json!({ "a": vec![1; 1_000] })).is_empty());
        assert_eq!(said(&json!({ "a": vec![1; 1_001] })).len(), 1);
        assert!(said(&json!({ "a": "x".repeat(1_000) })).is_empty());
        assert_eq!(said(&json!({ "a": "x".repeat(1_001) })).len(), 1);
        assert_eq!(said(&json!({ "a\u{0}": 1 })).len(), 1);
    }

    #[test]
    fn many_small_lists_are_too_much_together() {
        let lists: Map<String, Value> = (0..11)
            .map(|k| (k.to_string(), json!(vec![0; 1_000])))
            .collect();
        assert_eq!(excesses(&lists), ["holds more than 10000 values"]);
    }
}
