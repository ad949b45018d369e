//! Every failure of the engine in the words of the protocol: the one place where the two are
//! told from each other. Refuses to tell more than the protocol allows.

use serde_json::Value;

use crate::{
    domain::{
        adcp::error::{Code, Error, Issue, pointer},
        problem::Problem,
    },
    engine::fault::{Fault, FaultKind},
};

/// What the reader of questions says where JSON Schema would have refused.
const OF_THE_SCHEMA: &[(&str, &str)] = &[
    ("MISSING_FIELD", "required"),
    ("INVALID_TYPE", "type"),
    ("INVALID_VALUE", "enum"),
    ("UNKNOWN_FIELD", "additionalProperties"),
    ("DUPLICATE_FIELD", "uniqueItems"),
    ("INVALID_REQUEST", "pattern"),
];

/// Writes a failure by the book.
pub fn of(fault: &Fault) -> Error {
    let code = code_of(fault);
    if code == Code::IdempotencyConflict {
        // Whoever guesses keys shall learn nothing from it.
        return Error {
            recovery: None,
            suggestion: None,
            ..Error::new(code, "this idempotency_key was used for another request")
        };
    }
    let mut error = Error::new(code, fault.message.clone());
    if let Some(hint) = &fault.hint {
        error.suggestion = Some(hint.clone());
    }
    error.field = fault.problems.first().map(|first| first.field.clone());
    error.issues = fault.problems.iter().map(issue).collect();
    error.details.clone_from(&fault.details);
    let after = error
        .details
        .remove("retry_after")
        .and_then(|it| it.as_u64());
    error.retry_after = after.or(match code {
        Code::RateLimited => Some(60),
        Code::ServiceUnavailable => Some(1),
        _ => None,
    });
    if let Some(Value::String(field)) = error.details.remove("field") {
        error.field.get_or_insert(field);
    }
    error
}

fn code_of(fault: &Fault) -> Code {
    if let Ok(code) = fault.code.parse() {
        return code;
    }
    if fault.code == "START_IN_THE_PAST" {
        return Code::InvalidRequest;
    }
    match fault.kind {
        FaultKind::Invalid if keyword(&fault.code).is_none() => Code::ValidationError,
        FaultKind::Malformed
        | FaultKind::Invalid
        | FaultKind::TooLarge
        | FaultKind::UnsupportedMedia
        | FaultKind::MethodNotAllowed
        | FaultKind::Misdirected => Code::InvalidRequest,
        FaultKind::Unauthenticated => Code::AuthRequired,
        FaultKind::Forbidden => Code::PermissionDenied,
        FaultKind::NotFound => Code::ReferenceNotFound,
        FaultKind::WrongState => Code::InvalidState,
        FaultKind::Conflict | FaultKind::Gone | FaultKind::Stale => Code::Conflict,
        FaultKind::KeyReused => Code::IdempotencyConflict,
        FaultKind::Limited => Code::RateLimited,
        FaultKind::Busy | FaultKind::Storage | FaultKind::Broken => Code::ServiceUnavailable,
    }
}

fn keyword(code: &str) -> Option<&'static str> {
    let mut known = OF_THE_SCHEMA.iter();
    known.find(|(of, _)| *of == code).map(|(_, word)| *word)
}

fn issue(problem: &Problem) -> Issue {
    Issue {
        pointer: pointer(&problem.field),
        message: problem.message.clone(),
        keyword: keyword(problem.code.as_str()).unwrap_or("const").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::problem;

    #[test]
    fn a_failure_of_any_kind_becomes_a_standard_code() {
        for (kind, code, wanted) in [
            (
                FaultKind::NotFound,
                "PRODUCT_NOT_FOUND",
                "PRODUCT_NOT_FOUND",
            ),
            (
                FaultKind::NotFound,
                "ORDER_NOT_FOUND",
                "REFERENCE_NOT_FOUND",
            ),
            (
                FaultKind::Busy,
                "DATABASE_UNREACHABLE",
                "SERVICE_UNAVAILABLE",
            ),
            (FaultKind::Forbidden, "FORBIDDEN", "PERMISSION_DENIED"),
            (FaultKind::Conflict, "LEASE_LOST", "CONFLICT"),
            (FaultKind::Invalid, "INVALID_FLIGHT", "VALIDATION_ERROR"),
            (FaultKind::Invalid, "MISSING_FIELD", "INVALID_REQUEST"),
        ] {
            assert_eq!(of(&Fault::new(kind, code, "so")).code, wanted);
        }
    }

    #[test]
    fn the_field_is_named_in_both_spellings() {
        let code = problem::Code::new("MISSING_FIELD");
        let fault = Fault::field(Problem::new("packages[1].budget", code, "is missing"));
        let error = of(&fault);
        assert_eq!(error.field.as_deref(), Some("packages[1].budget"));
        assert_eq!(error.issues[0].pointer, "/packages/1/budget");
        assert_eq!(error.issues[0].keyword, "required");
    }

    #[test]
    fn a_reused_key_tells_nothing() {
        let fault = Fault::new(FaultKind::KeyReused, "IDEMPOTENCY_CONFLICT", "was x")
            .with("operation", "secret");
        let written = serde_json::to_value(of(&fault)).expect("json");
        let fields: Vec<&String> = written.as_object().expect("an object").keys().collect();
        assert_eq!(fields, ["code", "message"]);
    }
}
