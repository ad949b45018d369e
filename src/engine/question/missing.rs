//! What else is missing where serde names the first field that is: by the schema of the question,
//! in the object that it stands in. Where the schema does not know a field that was sent there, it
//! may be another name of one that would be called missing, and nothing more is said.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};

/// How deeply a schema may refer to others in one place.
const DEEPEST: usize = 8;

/// The schema of a question, once it is needed.
pub(super) type Shape = fn() -> Value;

/// The schema of a type.
pub(super) fn shape<T: JsonSchema>() -> Value {
    let schemas = SchemaSettings::draft2020_12().into_generator();
    schemas.into_root_schema_for::<T>().to_value()
}

/// The other fields that are missing beside the one that is named, in their own order.
pub(super) fn others(schema: &Value, sent: &Value, path: &Path, named: &str) -> Vec<String> {
    let Some((all, sent)) = there(schema, sent, path) else {
        return Vec::new();
    };
    let wanting = |form: &&Value| required(form).any(|name| name == named) && fits(form, sent);
    let mut forms = all.into_iter().filter(wanting);
    let (Some(form), None) = (forms.next(), forms.next()) else {
        return Vec::new();
    };
    if !sent.keys().all(|name| knows(form, name)) {
        return Vec::new();
    }
    let others = required(form).filter(|name| *name != named && !sent.contains_key(*name));
    others.map(str::to_owned).collect()
}

/// Every form that may stand at a path, and what does.
fn there<'a, 'b>(
    schema: &'a Value,
    mut sent: &'b Value,
    path: &Path,
) -> Option<(Vec<&'a Value>, &'b Map<String, Value>)> {
    let mut at = Vec::new();
    forms(schema, schema, DEEPEST, &mut at);
    for segment in path {
        let below = |form: &&'a Value| -> Option<&'a Value> {
            match segment {
                Segment::Seq { .. } => form.get("items"),
                Segment::Map { key } | Segment::Enum { variant: key } => {
                    let own = form.get("properties").and_then(|all| all.get(key.as_str()));
                    own.or(form.get("additionalProperties"))
                }
                Segment::Unknown => None,
            }
        };
        let mut next = Vec::new();
        for form in at.iter().filter_map(below) {
            forms(schema, form, DEEPEST, &mut next);
        }
        at = next;
        sent = match segment {
            Segment::Seq { index } => sent.get(*index)?,
            Segment::Map { key } | Segment::Enum { variant: key } => sent.get(key.as_str())?,
            Segment::Unknown => return None,
        };
    }
    Some((at, sent.as_object()?))
}

/// Every form that a schema lets through, itself and all that it refers to.
fn forms<'a>(root: &'a Value, schema: &'a Value, deep: usize, into: &mut Vec<&'a Value>) {
    let Some(deeper) = deep.checked_sub(1) else {
        return;
    };
    let told = ["properties", "items", "additionalProperties"];
    if told.iter().any(|name| schema.get(*name).is_some()) {
        into.push(schema);
    }
    let refers = schema.get("$ref").and_then(Value::as_str);
    if let Some(to) = refers.and_then(|to| root.pointer(to.strip_prefix('#')?)) {
        forms(root, to, deeper, into);
    }
    for several in ["anyOf", "oneOf", "allOf"] {
        for one in schema
            .get(several)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            forms(root, one, deeper, into);
        }
    }
}

/// The fields that a form cannot do without.
fn required(form: &Value) -> impl Iterator<Item = &str> {
    let names = form.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str)
}

/// Whether what was sent is of this form, as far as a form is told by words that are its own.
fn fits(form: &Value, sent: &Map<String, Value>) -> bool {
    let fields = form.get("properties").and_then(Value::as_object);
    fields.into_iter().flatten().all(|(name, schema)| {
        let (own, sent) = (schema.get("const"), sent.get(name));
        own.is_none() || sent.is_none() || own == sent
    })
}

/// Whether a form has a field of this name, or takes any.
fn knows(form: &Value, name: &str) -> bool {
    let own = form.get("properties").and_then(|all| all.get(name));
    let any = form.get("additionalProperties");
    own.is_some() || any.is_some_and(|any| *any != Value::Bool(false))
}
