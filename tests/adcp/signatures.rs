//! Message signatures by the standard of the web, held against somebody else's implementation of
//! it: what we send is taken, and nothing that differs by a bit.

use axum::{
    body::Bytes,
    http::{Method, Request},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chrono::Duration;
use flightdeck::{
    domain::{
        tenant::secret::Secret,
        webhook::signature::{CONTENT_TYPE, Profile, Signed, SigningKey},
    },
    engine::notify::endpoints::MakeEndpoint,
};
use http_body_util::Full;
use httpsig_hyper::{
    MessageSignatureReq as _, RequestContentDigest as _,
    prelude::{AlgorithmName, PublicKey, VerifyingKey as _},
};
use serde_json::Value;

use crate::{
    agent::House,
    notify::{PEOPLE, boss, order},
    receiver::{Came, Receiver},
};

/// What came, as a request that others' libraries read.
fn request(url: &str, came: &Came, body: Vec<u8>) -> Request<Full<Bytes>> {
    let mut request = Request::post(url);
    for (name, value) in &came.headers {
        request = request.header(name, value);
    }
    request
        .body(Full::new(Bytes::from(body)))
        .expect("a request")
}

#[tokio::test]
async fn whoever_knows_the_standard_of_message_signatures_can_check_that_it_is_us() {
    for house in House::sandboxes("notify_signed", PEOPLE).await {
        house.sells_both().await;
        let desk = Receiver::answering(&[]).await;
        let url = format!("{}/hooks/mine?as=sent", desk.url);
        let make = MakeEndpoint {
            url: Secret::new(url.clone()),
            name: None,
            events: Vec::new(),
            signing: Some("rfc9421".to_owned()),
        };
        house.core.ask(&boss(), make).await.expect("an endpoint");
        order(&house, "1", "open", "Summer").await;
        house.pass(Duration::seconds(1)).await;
        house.pass(Duration::seconds(1)).await;
        let came = desk.came().remove(0);

        let agent = house.agent(0).at("/.well-known/jwks.json");
        let (_, _, keys) = agent.without("authorization").raw(Method::GET, "").await;
        let keys: Value = serde_json::from_slice(&keys).expect("JSON");
        let key = URL_SAFE_NO_PAD.decode(keys["keys"][0]["x"].as_str().expect("x"));
        let key = PublicKey::from_bytes(&AlgorithmName::Ed25519, &key.expect("base64"));
        let key = key.expect("a key");

        let sent = request(&url, &came, came.body.clone());
        let signed = sent.extract_signatures().expect("signatures");
        let (base, header) = &signed["sig1"];
        assert_eq!(base.keyid(), keys["keys"][0]["kid"].as_str());
        let bytes = header.signature_header_value();
        let bytes = bytes.trim_start_matches("sig1=:").trim_end_matches(':');
        let bytes = STANDARD
            .decode(bytes)
            .expect("bytes as the standard spells them");
        key.verify(&base.as_bytes(), &bytes).expect("it is us");
        for bit in 0..bytes.len() * 8 {
            let mut other = bytes.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(key.verify(&base.as_bytes(), &other).is_err(), "bit {bit}");
        }
        // The time of the story is not the reader's: to the reader it has run out.
        let late = sent.verify_message_signature(&key, None).await;
        assert!(late.is_err(), "five minutes, and no longer");
        sent.verify_content_digest().await.expect("what was sent");
        let mut body = came.body.clone();
        body[0] ^= 1;
        let changed = request(&url, &came, body).verify_content_digest().await;
        assert!(changed.is_err(), "something else than was sent");
    }
}

#[tokio::test]
async fn a_fresh_signature_is_taken_by_somebody_elses_library_and_no_other_is() {
    let key = SigningKey::read(&"5a".repeat(32)).expect("a key");
    let public = URL_SAFE_NO_PAD.decode(key.jwk()["x"].as_str().expect("x"));
    let public = PublicKey::from_bytes(&AlgorithmName::Ed25519, &public.expect("base64"));
    let public = public.expect("a key");
    let url = "https://desk.example/hooks/a%20b?x=%7E";
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = i64::try_from(now.expect("after 1970").as_secs()).expect("soon enough");
    let takes = async |url: &str, signed: Signed| {
        let sent = Request::post(url)
            .header("content-type", CONTENT_TYPE)
            .header("content-digest", signed.digest)
            .header("signature-input", signed.input)
            .header("signature", signed.signature)
            .body(Full::new(Bytes::from_static(b"{}")));
        let sent = sent.expect("a request");
        sent.verify_message_signature(&public, None).await.is_ok()
    };
    let sign = |at| {
        key.sign(
            Profile::Plain,
            (&url.parse().expect("url"), b"{}"),
            at,
            [7; 16],
        )
    };
    let sign = |at| sign(at).expect("signed");
    assert!(takes(url, sign(now)).await);
    assert!(
        !takes("https://desk.example/hooks/b", sign(now)).await,
        "address"
    );
    assert!(!takes(url, sign(now - 3_600)).await, "time");
    let mut later = sign(now);
    later.input = later
        .input
        .replace(&now.to_string(), &(now + 1).to_string());
    assert!(!takes(url, later).await, "another time than was signed");
    let mut other = sign(now);
    other.digest = other.digest.replace('=', "");
    assert!(!takes(url, other).await, "digest");
}
