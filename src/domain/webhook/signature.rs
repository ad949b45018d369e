//! Signs what is sent by HTTP Message Signatures (RFC 9421): Ed25519, always over method, address,
//! host, type and digest of the body. Whoever receives it checks it with our public key. For
//! buyers it is written as their protocol has it, for everybody else as the standard does; the two
//! spell bytes differently. Refuses to show the private key.

use std::fmt;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::{Position, Url};

/// By whose book a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The protocol's of buyers and sellers, which spells signatures as its keys are spelled.
    Adcp,
    /// The standard's own: any receiver that knows the standard can check it.
    Plain,
}

impl Profile {
    /// What a signature says it is for.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Adcp => "adcp/webhook-signing/v1",
            Self::Plain => "flightdeck/webhook/v1",
        }
    }

    /// The key and what it signs with, in the order that most libraries write again.
    fn names(self, key: &str) -> String {
        match self {
            Self::Adcp => format!("keyid=\"{key}\";alg=\"ed25519\""),
            Self::Plain => format!("alg=\"ed25519\";keyid=\"{key}\""),
        }
    }

    /// The address that is signed: as both sides of the protocol write it, else as it is sent.
    fn target(self, url: &Url) -> String {
        match self {
            Self::Adcp => target(url),
            Self::Plain => url[..Position::AfterQuery].to_owned(),
        }
    }

    fn spell(self, bytes: &[u8]) -> String {
        match self {
            Self::Adcp => URL_SAFE_NO_PAD.encode(bytes),
            Self::Plain => STANDARD.encode(bytes),
        }
    }
}

/// What is sent: the one type of body that there is.
pub const CONTENT_TYPE: &str = "application/json";
/// How long a signature is good, in seconds.
const GOOD: i64 = 300;
/// What is always signed.
const COVERED: &str = r#"("@method" "@target-uri" "@authority" "content-type" "content-digest")"#;

/// A key that signs.
#[derive(Clone)]
pub struct SigningKey {
    seed: [u8; 32],
    public: Vec<u8>,
    /// What others call it.
    pub id: String,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SigningKey({})", self.id)
    }
}

/// The headers that a signed request carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// `content-digest`.
    pub digest: String,
    /// `signature-input`.
    pub input: String,
    /// `signature`.
    pub signature: String,
}

impl SigningKey {
    /// Reads a key as it is kept: its seed in hexadecimal.
    #[must_use]
    pub fn read(kept: &str) -> Option<Self> {
        let seed: [u8; 32] = hex::decode(kept).ok()?.try_into().ok()?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?;
        let public = pair.public_key().as_ref().to_vec();
        let id = format!("webhook-{}", &hex::encode(Sha256::digest(&public))[..16]);
        Some(Self { seed, public, id })
    }

    /// The public key as others read it.
    #[must_use]
    pub fn jwk(&self) -> Value {
        json!({
            "kid": self.id, "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
            "key_ops": ["verify"], "adcp_use": "webhook-signing",
            "x": URL_SAFE_NO_PAD.encode(&self.public),
        })
    }

    /// Signs a body that is posted to an address, at a time in seconds since 1970. The nonce
    /// makes it one that was never sent before.
    #[must_use]
    pub fn sign(
        &self,
        profile: Profile,
        (url, body): (&Url, &[u8]),
        at: i64,
        nonce: [u8; 16],
    ) -> Option<Signed> {
        let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)));
        let key = profile.names(&self.id);
        let params = format!(
            "{COVERED};created={at};expires={};nonce=\"{}\";{key};tag=\"{}\"",
            at + GOOD,
            URL_SAFE_NO_PAD.encode(nonce),
            profile.tag(),
        );
        let base = base(&profile.target(url), (url, &digest), &params);
        let pair = Ed25519KeyPair::from_seed_unchecked(&self.seed).ok()?;
        let signature = profile.spell(pair.sign(base.as_bytes()).as_ref());
        Some(Signed {
            digest,
            input: format!("sig1={params}"),
            signature: format!("sig1=:{signature}:"),
        })
    }
}

/// What is signed, line by line.
fn base(target: &str, (url, digest): (&Url, &str), params: &str) -> String {
    let authority = &url[Position::BeforeHost..Position::AfterPort];
    format!(
        "\"@method\": POST\n\"@target-uri\": {target}\n\"@authority\": {authority}\n\
         \"content-type\": {CONTENT_TYPE}\n\"content-digest\": {digest}\n\
         \"@signature-params\": {params}"
    )
}

/// An address as both sides write it: parts in capitals where they are escaped, and nothing
/// escaped that need not be.
fn target(url: &Url) -> String {
    let whole = &url[..Position::AfterQuery];
    let mut written = String::with_capacity(whole.len());
    let mut rest = whole;
    while let Some(at) = rest.find('%') {
        let (plain, escaped) = rest.split_at(at);
        written.push_str(plain);
        let byte = escaped
            .get(1..3)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let Some(byte) = byte else {
            written.push('%');
            rest = &escaped[1..];
            continue;
        };
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            written.push(char::from(byte));
        } else {
            written.push_str(&escaped[..3].to_ascii_uppercase());
        }
        rest = &escaped[3..];
    }
    written.push_str(rest);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! vector {
        ($name:literal) => {
            include_str!(concat!(
                "../../../tests/adcp/vectors/webhook-signing/",
                $name,
                ".json"
            ))
        };
    }

    /// The protocol's own key; whoever reads the vectors knows its secret.
    fn known() -> SigningKey {
        let keys: Value = serde_json::from_str(vector!("keys")).expect("keys");
        let key = &keys["keys"][0];
        let secret = key["_private_d_for_test_only"].as_str().expect("a secret");
        let seed = URL_SAFE_NO_PAD.decode(secret).expect("base64");
        let read = SigningKey::read(&hex::encode(seed)).expect("a key");
        assert_eq!(read.jwk()["x"], key["x"], "the same public key");
        for field in ["kty", "crv", "alg", "use", "key_ops", "adcp_use"] {
            assert_eq!(read.jwk()[field], key[field], "{field}");
        }
        SigningKey {
            id: key["kid"].as_str().expect("a name").to_owned(),
            ..read
        }
    }

    #[test]
    fn the_vectors_of_the_protocol_come_out_to_the_byte() {
        let key = known();
        let nonce = URL_SAFE_NO_PAD.decode("KXYnfEfJ0PBRZXQyVXfVQA");
        let nonce: [u8; 16] = nonce.expect("base64").try_into().expect("16 bytes");
        for vector in [
            vector!("001-basic-post"),
            vector!("003-multiple-signature-labels"),
            vector!("004-default-port-stripped"),
            vector!("005-percent-encoded-path"),
            vector!("006-query-byte-preserved"),
            vector!("007-body-without-idempotency-key"),
        ] {
            let vector: Value = serde_json::from_str(vector).expect("a vector");
            let request = &vector["request"];
            let url: Url = request["url"].as_str().expect("url").parse().expect("url");
            let body = request["body"].as_str().expect("a body");
            let asked = (&url, body.as_bytes());
            let signed = key.sign(Profile::Adcp, asked, 1_776_520_800, nonce);
            let signed = signed.expect("signed");
            let wanted = &request["headers"];
            assert_eq!(
                signed.digest, wanted["Content-Digest"],
                "{}",
                vector["name"]
            );
            let input = wanted["Signature-Input"].as_str().expect("an input");
            assert!(input.starts_with(&signed.input), "{}", vector["name"]);
            assert_eq!(signed.signature, wanted["Signature"], "{}", vector["name"]);
            let params = signed.input.trim_start_matches("sig1=");
            let base = base(&target(&url), (&url, &signed.digest), params);
            assert_eq!(base, vector["expected_signature_base"]);
        }
    }

    #[test]
    fn an_address_is_written_one_way() {
        for (url, written) in [
            (
                "https://B.example:443/%7euser/a%2fb",
                "https://b.example/~user/a%2Fb",
            ),
            (
                "https://b.example:8443/?q=%zz&x=%41#part",
                "https://b.example:8443/?q=%zz&x=A",
            ),
        ] {
            assert_eq!(target(&url.parse().expect(url)), written);
        }
    }

    #[test]
    fn a_key_is_never_shown() {
        let key = SigningKey::read(&"ab".repeat(32)).expect("a key");
        assert!(!format!("{key:?}").contains("abab"));
        assert!(SigningKey::read("ab").is_none());
    }
}
