//! Where somebody wants to be told, as they wrote it: an address, what to say back so that they
//! know it is us, and how to sign. Refuses secrets that anybody could guess.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::address;
use crate::domain::problem::{Code, Problem};

/// The shortest secret, in bytes.
const SHORTEST_SECRET: usize = 32;
/// The shortest token.
const SHORTEST_TOKEN: usize = 16;

/// How a buyer wants to know that it is us.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "scheme", content = "secret")]
pub enum Proof {
    /// By our own signature as the buyers' protocol writes it, to be checked with our public key.
    Signature,
    /// By our own signature as the standard of HTTP message signatures writes it.
    Message,
    /// By a secret in the header of the request.
    Bearer(String),
    /// By a digest that only those can make who know the secret.
    Hmac(String),
    /// By Standard Webhooks, with each of these secrets.
    Standard(Vec<String>),
    /// Not at all: the address is the secret.
    Nothing,
}

impl fmt::Debug for Proof {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Signature => "Signature",
            Self::Message => "Message",
            Self::Bearer(_) => "Bearer",
            Self::Hmac(_) => "Hmac",
            Self::Standard(_) => "Standard",
            Self::Nothing => "Nothing",
        })
    }
}

/// Where somebody wants to be told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hook {
    /// The address.
    pub url: String,
    /// How they know that it is us.
    pub proof: Proof,
    /// What they want to hear again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// What they call the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_id: Option<String>,
}

impl fmt::Debug for Hook {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may carry a secret of its own.
        out.debug_struct("Hook")
            .field("proof", &self.proof)
            .finish_non_exhaustive()
    }
}

impl Hook {
    /// Reads where somebody wants to be told.
    ///
    /// # Errors
    /// With the field that makes no sense, named from `at` on.
    pub fn read(said: &Map<String, Value>, at: &str, sandbox: bool) -> Result<Self, Problem> {
        let wrong = |field: &str, message: &str| {
            let code = Code::new("INVALID_REQUEST");
            Problem::new(format!("{at}.{field}"), code, message)
        };
        let text = |field: &str| match said.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(wrong(field, "must be text")),
        };
        let url = text("url")?.ok_or_else(|| wrong("url", "is missing"))?;
        address::read(&url, sandbox).map_err(|no| wrong("url", &no.to_string()))?;
        let token = text("token")?;
        if token.as_ref().is_some_and(|it| it.len() < SHORTEST_TOKEN) {
            return Err(wrong("token", "must have 16 characters at least"));
        }
        let proof = match said.get("authentication") {
            None | Some(Value::Null) => Proof::Signature,
            Some(Value::Object(said)) => proof(said, wrong)?,
            Some(_) => return Err(wrong("authentication", "must be an object")),
        };
        Ok(Self {
            url,
            proof,
            token,
            operation_id: text("operation_id")?,
        })
    }

    /// What the operation is called: as they say, or else by the end of their address.
    #[must_use]
    pub fn operation(&self) -> Option<String> {
        if let Some(said) = &self.operation_id {
            return Some(said.clone());
        }
        let path = self.url.split(['?', '#']).next().unwrap_or_default();
        let (_, path) = path.split_once("://")?;
        let (_, path) = path.split_once('/')?;
        let last = path.rsplit('/').find(|part| !part.is_empty())?;
        Some(last.to_owned())
    }
}

fn proof(
    said: &Map<String, Value>,
    wrong: impl Fn(&str, &str) -> Problem,
) -> Result<Proof, Problem> {
    let schemes = said.get("schemes").and_then(Value::as_array);
    let Some([Value::String(scheme)]) = schemes.map(Vec::as_slice) else {
        let message = "must name one of Bearer and HMAC-SHA256";
        return Err(wrong("authentication.schemes", message));
    };
    let secret = said.get("credentials").and_then(Value::as_str);
    let secret = secret.unwrap_or_default();
    let first = secret.chars().next().unwrap_or('\0');
    let dull = secret.chars().all(|c| c == first);
    if secret.len() < SHORTEST_SECRET {
        let message = "must be a secret of 32 bytes at least";
        return Err(wrong("authentication.credentials", message));
    }
    if dull {
        let message = "is one character again and again, which anybody guesses: make it at random";
        return Err(wrong("authentication.credentials", message));
    }
    let printable = secret.bytes().all(|c| c.is_ascii_graphic());
    match scheme.as_str() {
        "HMAC-SHA256" => Ok(Proof::Hmac(secret.to_owned())),
        "Bearer" if printable => Ok(Proof::Bearer(secret.to_owned())),
        "Bearer" => Err(wrong(
            "authentication.credentials",
            "must be visible ASCII to go into a header",
        )),
        _ => Err(wrong(
            "authentication.schemes",
            "must name one of Bearer and HMAC-SHA256",
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(said: Value) -> Result<Hook, Problem> {
        let said: Map<String, Value> = serde_json::from_value(said).expect("an object");
        Hook::read(&said, "hook", false)
    }

    #[test]
    fn a_hook_says_how_it_wants_to_know_us() {
        let url = "https://buyer.example/hooks/op_7?x=1";
        let plain = read(json!({ "url": url })).expect("a hook");
        assert_eq!(plain.proof, Proof::Signature);
        assert_eq!(plain.operation().as_deref(), Some("op_7"));
        let secret = "0123456789abcdef0123456789abcdef";
        let said = json!({"url": url, "operation_id": "op", "authentication":
            {"schemes": ["HMAC-SHA256"], "credentials": secret}});
        let hook = read(said).expect("a hook");
        assert_eq!(hook.proof, Proof::Hmac(secret.to_owned()));
        assert_eq!(hook.operation().as_deref(), Some("op"));
        let written = format!("{hook:?}");
        assert!(
            !written.contains(secret) && !written.contains("op_7"),
            "{written}"
        );
    }

    #[test]
    fn secrets_that_anybody_could_guess_are_refused() {
        let vectors: Value = serde_json::from_str(include_str!(
            "../../../tests/adcp/vectors/webhook-hmac-sha256.json"
        ))
        .expect("vectors");
        let refused = vectors["secret_rejection_vectors"].as_array();
        for vector in refused.expect("vectors") {
            let said = json!({"url": "https://buyer.example/", "authentication":
                {"schemes": ["HMAC-SHA256"], "credentials": vector["secret"]}});
            let problem = read(said).expect_err("a weak secret");
            assert_eq!(problem.field, "hook.authentication.credentials");
        }
        for (said, field) in [
            (json!({}), "hook.url"),
            (json!({"url": "https://10.0.0.1/"}), "hook.url"),
            (
                json!({"url": "https://b.example/", "token": "short"}),
                "hook.token",
            ),
            (
                json!({"url": "https://b.example/", "authentication": {"schemes": []}}),
                "hook.authentication.schemes",
            ),
        ] {
            assert_eq!(read(said).expect_err(field).field, field);
        }
    }
}
