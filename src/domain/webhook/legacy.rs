//! The older way to sign what is sent: a digest over time and body with a secret that both sides
//! know. Taken where the receiver gave a secret.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header with the time, in seconds since 1970.
pub const TIMESTAMP: &str = "x-adcp-timestamp";
/// The header with the signature.
pub const SIGNATURE: &str = "x-adcp-signature";

/// Signs a body at a time; nothing without a secret.
#[must_use]
pub fn sign(secret: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(timestamp.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    let digest = mac.finalize().into_bytes();
    Some(format!("sha256={}", hex::encode(digest)))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_vectors_of_the_protocol_hold() {
        let all: Value = serde_json::from_str(include_str!(
            "../../../tests/adcp/vectors/webhook-hmac-sha256.json"
        ))
        .expect("vectors");
        let secret = all["secret"].as_str().expect("a secret");
        let vectors = all["vectors"].as_array().expect("vectors");
        assert_eq!(vectors.len(), 15);
        for vector in vectors {
            let at = vector["timestamp"].as_i64().expect("a time");
            let body = vector["raw_body"].as_str().expect("a body");
            let signed = sign(secret, at, body.as_bytes()).expect("signed");
            assert_eq!(signed, vector["expected_signature"], "{}", vector["id"]);
        }
    }
}
