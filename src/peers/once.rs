//! What every call has in common of which it must be known whether it can have arrived: no
//! redirects, no second try, no connection that was used before, a bounded body, and our own key
//! taken out of it, for a server may send back what it was shown. Refuses to say what an answer means.

use std::time::Duration;

use memchr::memmem;
use reqwest::{Client, Response, header::HeaderValue, redirect::Policy};
use serde_json::Value;
use url::Url;

/// Keys shorter than this are no keys, and may stand in any text.
const SHORTEST_KEY: usize = 8;

/// Why nothing came, without the address: that may hold a secret.
pub(super) enum Cut {
    /// Nobody was there: nothing was sent.
    Unreached(&'static str),
    /// It broke off or took too long: what was sent may have arrived.
    Broken(&'static str),
}

impl Cut {
    /// What a failed call comes to.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        if error.is_connect() {
            Self::Unreached("it could not be reached")
        } else if error.is_timeout() {
            Self::Broken("it did not answer in time")
        } else {
            Self::Broken("it broke off")
        }
    }
}

/// A client that calls once and is connected within this time; or why there is none.
pub(super) fn client(connect: Duration) -> Result<Client, &'static str> {
    // A second one is refused, and the first is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder()
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(connect)
        .pool_max_idle_per_host(0)
        .no_proxy()
        .user_agent(concat!("flightdeck/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|_| "no client could be made on this machine")
}

/// The address that paths are put behind: without questions and places in it, and without names
/// and passwords, for who writes those there means the key.
pub(super) fn base(mut url: Url) -> Result<Url, &'static str> {
    let plain = url.set_username("").and_then(|()| url.set_password(None));
    if plain.is_err() || url.cannot_be_a_base() {
        return Err("its address is none of the web");
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

/// An address below another; each part is one part of it, whatever is in it.
pub(super) fn below(base: &Url, parts: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(parts);
    }
    url
}

/// Reads a body of at most so many bytes; nothing where there is more. Where it holds the key that
/// was shown in a header, stars stand in its place.
pub(super) async fn read(
    response: &mut Response,
    most: usize,
    shown: Option<&HeaderValue>,
) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut bytes = Vec::new();
    while let Some(part) = response.chunk().await? {
        if bytes.len() + part.len() > most {
            return Ok(None);
        }
        bytes.extend_from_slice(&part);
    }
    if let Some(shown) = shown {
        blank(&mut bytes, shown.as_bytes());
    }
    Ok(Some(bytes))
}

/// The JSON of a body, if there is any in it; else what it is instead.
pub(super) fn json(bytes: &[u8]) -> Result<Option<Value>, &'static str> {
    let begins = bytes.trim_ascii_start();
    if begins.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(begins).map(Some).map_err(|_| {
        if begins.starts_with(b"<") {
            "a web page"
        } else {
            "something that is no JSON"
        }
    })
}

fn blank(bytes: &mut [u8], shown: &[u8]) {
    let key = shown.rsplit(|byte| *byte == b' ').next().unwrap_or(shown);
    if key.len() < SHORTEST_KEY {
        return;
    }
    let found: Vec<usize> = memmem::find_iter(bytes, key).collect();
    for at in found {
        bytes[at..at + key.len()].fill(b'*');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_sent_back_is_blanked_wherever_it_stands() {
        let blanked = |text: &str, shown: &str| {
            let mut bytes = text.as_bytes().to_vec();
            blank(&mut bytes, shown.as_bytes());
            String::from_utf8(bytes).expect("text")
        };
        assert_eq!(
            blanked("no: sk-12345678, sk-12345678!", "Bearer sk-12345678"),
            "no: ***********, ***********!"
        );
        assert_eq!(blanked("abc", "abc"), "abc", "that is no key");
    }

    #[test]
    fn what_is_no_json_is_named() {
        assert_eq!(json(b" \n"), Ok(None));
        assert_eq!(json(b" {}"), Ok(Some(serde_json::json!({}))));
        assert_eq!(json(b"<html>"), Err("a web page"));
        assert_eq!(json(b"oops"), Err("something that is no JSON"));
    }
}
