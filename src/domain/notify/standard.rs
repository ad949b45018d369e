//! How endpoints know that it is us: by Standard Webhooks, a digest over id, time and body with
//! a secret that both sides know; with two secrets while one takes the place of the other.
//! Refuses secrets that are too short to be any.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header with the id of the message, the same at every try.
pub const ID: &str = "webhook-id";
/// The header with the time of the try, in seconds since 1970.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// The header with the signatures.
pub const SIGNATURE: &str = "webhook-signature";
/// What secrets begin with.
pub const PREFIX: &str = "whsec_";
/// How many bytes a secret has at least.
const SHORTEST: usize = 24;
/// And at most.
const LONGEST: usize = 64;

/// Writes a secret down as it is handed over.
#[must_use]
pub fn secret(bytes: &[u8]) -> String {
    format!("{PREFIX}{}", BASE64_STANDARD.encode(bytes))
}

/// The bytes of a secret; nothing where it is none.
#[must_use]
pub fn read(secret: &str) -> Option<Vec<u8>> {
    let text = secret.strip_prefix(PREFIX)?;
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    (SHORTEST..=LONGEST).contains(&bytes.len()).then_some(bytes)
}

/// Signs a message by each secret, the newest first; what is no secret signs nothing.
#[must_use]
pub fn sign(secrets: &[String], id: &str, timestamp: i64, body: &[u8]) -> String {
    let one = |secret: &String| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&read(secret)?).ok()?;
        mac.update(id.as_bytes());
        mac.update(b".");
        mac.update(timestamp.to_string().as_bytes());
        mac.update(b".");
        mac.update(body);
        Some(format!(
            "v1,{}",
            BASE64_STANDARD.encode(mac.finalize().into_bytes())
        ))
    };
    let all: Vec<String> = secrets.iter().filter_map(one).collect();
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_holds() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let body = br#"{"test": 2432232314}"#;
        let signed = sign(&[secret], id, 1_614_265_330, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn two_secrets_sign_twice_and_what_is_none_not_at_all() {
        let secrets = [secret(&[1; 32]), secret(&[2; 32]), "whsec_short".to_owned()];
        let signed = sign(&secrets, "msg_1", 1, b"{}");
        assert_eq!(signed.split(' ').count(), 2);
        assert_eq!(read(&secrets[0]).as_deref(), Some(&[1_u8; 32][..]));
        assert_eq!(read("whsec_short"), None);
        assert_eq!(read(&secret(&[1; 8])), None);
    }
}
