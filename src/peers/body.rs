//! The body of another's answer: read as far as it is bounded, with our own key taken out of it,
//! for a server may send back what it was shown. Refuses to say what an answer means.

use memchr::memmem;
use reqwest::{Response, header::HeaderValue};
use serde_json::Value;

/// Keys shorter than this are no keys, and may stand in any text.
const SHORTEST_KEY: usize = 8;

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
