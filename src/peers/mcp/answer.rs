//! Reads what a tool answered: structured, as JSON in a text, or as plain words, and errors in
//! whichever of three shapes they come. Refuses to take an answer for a success because it does
//! not call itself an error.

use serde_json::{Map, Value};

use super::fault::{AUTH_REQUIRED, Fault, UNREADABLE, few};

type Object = Map<String, Value>;

/// What stands around an answer and says nothing of what came of it.
const AROUND: [&str; 16] = [
    "adcp_error",
    "adcp_version",
    "context",
    "context_id",
    "currency",
    "errors",
    "ext",
    "limit",
    "message",
    "offset",
    "pagination",
    "replayed",
    "sandbox",
    "status",
    "success",
    "total",
];

/// What a tool answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Its fields; empty where it answered in plain words.
    pub body: Object,
    /// What it said in words.
    pub text: String,
    /// What it complains of although it answered.
    pub errors: Vec<Fault>,
}

impl Answer {
    /// A field that is a text and not empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        let text = self.body.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    }
}

/// Reads the result of a call.
pub(super) fn read(result: &Object) -> Result<Answer, Fault> {
    let text = words(result);
    let mut body = match result.get("structuredContent") {
        Some(Value::Object(body)) => body.clone(),
        _ => match serde_json::from_str(&text) {
            Ok(Value::Object(body)) => body,
            _ => Object::new(),
        },
    };
    // What is no object is wrapped by some servers, and so are some objects.
    if body.len() == 1
        && body.get("result").is_some_and(Value::is_object)
        && let Some(Value::Object(inner)) = body.remove("result")
    {
        body = inner;
    }
    let is_error = result.get("isError") == Some(&Value::Bool(true));
    let listed = body.get("errors").and_then(Value::as_array);
    let listed: Vec<Fault> = listed
        .into_iter()
        .flatten()
        .filter_map(Fault::of_adcp)
        .collect();
    let named = body.get("adcp_error").and_then(Fault::of_adcp);
    if is_error {
        let told = named.or_else(|| listed.into_iter().next());
        return Err(told
            .or_else(|| said(&body))
            .unwrap_or_else(|| Fault::of_words(&text)));
    }
    if let Some(fault) = named {
        return Err(fault);
    }
    let failed = matches!(
        body.get("status").and_then(Value::as_str),
        Some("failed" | "rejected")
    );
    if let Some(first) = listed.first() {
        let locked = |one: &&Fault| {
            one.code.eq_ignore_ascii_case(AUTH_REQUIRED)
                || one.code.starts_with("AUTH_")
                || one.code == "authentication_error"
        };
        let locked = listed.iter().find(locked);
        if locked.is_some() || failed || body.iter().all(says_nothing) {
            return Err(locked.unwrap_or(first).clone());
        }
    }
    let off = body.get("success") == Some(&Value::Bool(false));
    if (off || (failed && body.contains_key("reason")))
        && let Some(fault) = said(&body)
    {
        return Err(fault);
    }
    if body.is_empty() && text.is_empty() {
        return Err(Fault::new(
            super::fault::Kind::Lost,
            UNREADABLE,
            "it answered nothing",
        ));
    }
    Ok(Answer {
        body,
        text: few(&text),
        errors: listed,
    })
}

/// Whether a field of an answer with errors says nothing of what was done.
fn says_nothing((name, value): (&String, &Value)) -> bool {
    AROUND.contains(&name.as_str())
        || match value {
            Value::Null => true,
            Value::Bool(_) => false,
            Value::Number(number) => number.as_f64() == Some(0.0),
            Value::String(text) => text.is_empty(),
            Value::Array(all) => all.is_empty(),
            Value::Object(all) => all.is_empty(),
        }
}

/// An error that is told beside the protocol's shapes.
fn said(body: &Object) -> Option<Fault> {
    if let Some(fault) = body.get("error").and_then(Fault::of_adcp) {
        return Some(fault);
    }
    let names = ["reason", "error_detail", "message", "detail"];
    let mut told = names.iter().filter_map(|name| body.get(*name)?.as_str());
    told.find(|text| !text.trim().is_empty())
        .map(Fault::of_words)
}

/// The first text of a result.
fn words(result: &Object) -> String {
    let all = result.get("content").and_then(Value::as_array);
    let mut texts = all
        .into_iter()
        .flatten()
        .filter_map(|one| one.get("text")?.as_str());
    texts.next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::fault::Kind, *};

    fn of(result: Value) -> Result<Answer, Fault> {
        let result: Object = serde_json::from_value(result).expect("an object");
        read(&result)
    }

    fn structured(body: Value) -> Result<Answer, Fault> {
        let fields = [("content", json!([])), ("structuredContent", body)];
        of(fields.into_iter().collect())
    }

    #[test]
    fn an_answer_is_read_from_wherever_it_stands() {
        let text = json!({"media_buys": [1]}).to_string();
        let plain = of(json!({"content": [{"type": "text", "text": text}]})).expect("read");
        assert_eq!(plain.body["media_buys"], json!([1]));
        let wrapped = structured(json!({"result": {"a": 1}})).expect("read");
        assert_eq!(wrapped.body["a"], json!(1));
        let words = of(json!({"content": [{"type": "text", "text": "fine"}]})).expect("read");
        assert_eq!(words.text, "fine");
    }

    #[test]
    fn all_three_shapes_of_error_are_errors() {
        let inside = json!({"adcp_error": {"code": "BUDGET_TOO_LOW", "message": "low", "field": "budget", "suggestion": "more"}, "errors": []});
        let text = inside.to_string();
        let first = of(json!({"isError": true, "content": [{"type": "text", "text": text}]}));
        let first = first.expect_err("refused");
        assert_eq!(
            (first.kind, &*first.code),
            (Kind::Refused, "BUDGET_TOO_LOW")
        );
        assert_eq!(first.sentence(), "budget: low (more)");
        let token = "Authentication token is invalid for tenant 'x'.";
        let second = of(json!({"isError": true, "content": [{"type": "text", "text": token}]}));
        assert_eq!(second.expect_err("refused").code, AUTH_REQUIRED);
        let third = structured(
            json!({"media_buys": [], "errors": [{"code": "AUTH_REQUIRED", "message": "Principal ID not found in context"}], "context": null}),
        );
        assert_eq!(third.expect_err("refused").code, AUTH_REQUIRED);
    }

    #[test]
    fn a_complaint_beside_an_answer_leaves_it_one() {
        let some = structured(json!({
            "media_buy_deliveries": [{"media_buy_id": "a"}],
            "errors": [{"code": "MEDIA_BUY_NOT_FOUND", "message": "Media buy nope not found"}],
        }))
        .expect("an answer");
        assert_eq!(some.errors.len(), 1);
        let held = json!({"task_id": "step_1", "status": "submitted", "errors": [{"code": "X", "message": "advice"}]});
        assert_eq!(structured(held).expect("an answer").errors.len(), 1);
    }

    #[test]
    fn the_older_failures_are_failures() {
        let create = json!({"media_buy_id": "", "status": "failed", "errors": [{"code": "validation_error", "message": "no"}]});
        assert_eq!(structured(create).expect_err("failed").words, "no");
        let update = json!({"status": "failed", "reason": "No line items were updated"});
        let update = structured(update).expect_err("failed");
        assert_eq!(update.words, "No line items were updated");
        // A task that failed is a task, and no failure of the question.
        let task = json!({"task_id": "step_1", "status": "failed", "error_message": "no"});
        assert!(structured(task).is_ok());
    }
}
