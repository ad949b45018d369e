//! A product as an agent reads it: written out once for everybody, with what is said to this
//! one alone beside it. Refuses to be taken apart where it is only passed on.

use std::{borrow::Cow, fmt::Write as _, sync::Arc};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use crate::domain::adcp::product::Object;

/// A product as an agent reads it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// A JSON object, as it is for everybody.
    written: Arc<str>,
    /// Why it is shown.
    why: Option<String>,
}

impl Shown {
    /// What is written, with the reason why it is shown.
    #[must_use]
    pub fn new(written: Arc<str>, why: Option<String>) -> Self {
        Self { written, why }
    }

    /// Its fields.
    ///
    /// # Errors
    /// When what is written is no object.
    pub fn fields(&self) -> serde_json::Result<Object> {
        let mut fields: Object = serde_json::from_str(&self.written)?;
        if let Some(why) = &self.why {
            fields.insert("brief_relevance".into(), why.clone().into());
        }
        Ok(fields)
    }

    /// How many bytes it is at least, written down.
    #[must_use]
    pub fn size(&self) -> usize {
        self.written.len() + self.why.as_ref().map_or(0, |why| why.len() + 24)
    }

    /// Writes it down.
    pub fn write(&self, into: &mut String) {
        let Some(why) = &self.why else {
            into.push_str(&self.written);
            return;
        };
        let open = self.written.strip_suffix('}').unwrap_or_default();
        let comma = if open.len() > 1 { "," } else { "" };
        let why = serde_json::Value::from(why.as_str());
        // Writing to a string cannot fail.
        let _ = write!(into, "{open}{comma}\"brief_relevance\":{why}}}");
    }
}

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        matches!((self.fields(), other.fields()), (Ok(ours), Ok(theirs)) if ours == theirs)
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.fields().map_err(ser::Error::custom)?.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fields = Object::deserialize(from)?;
        let written = serde_json::to_string(&fields).map_err(de::Error::custom)?;
        Ok(Self::new(written.into(), None))
    }
}

impl JsonSchema for Shown {
    fn schema_name() -> Cow<'static, str> {
        Object::schema_name()
    }

    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        Object::json_schema(schemas)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_says_the_same_as_its_fields() {
        for written in ["{}", r#"{"product_id":"a","n":[1,{"b":"}"}]}"#] {
            for why in [None, Some("says \"so\"\n in the brief".to_owned())] {
                let shown = Shown::new(written.into(), why);
                let mut text = String::new();
                shown.write(&mut text);
                let fields: Object = serde_json::from_str(&text).expect("JSON");
                assert_eq!(fields, shown.fields().expect("an object"));
                let again: Shown = serde_json::from_str(&text).expect("a product");
                assert_eq!(again, shown);
            }
        }
    }
}
