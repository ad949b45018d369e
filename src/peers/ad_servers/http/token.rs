//! A token that is got for a refresh token (RFC 6749, section 6) and kept until shortly before
//! its end. Whoever finds it refused has it got once more; a refresh token that is refused
//! itself means that somebody must sign in again.

use std::fmt;

use chrono::Duration as Span;
use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::{Url, form_urlencoded};

use super::{Http, body};
use crate::domain::{inventory::trouble::Trouble, when::Instant};

/// How long before its end a token is taken for run out.
const EARLY: Span = Span::seconds(60);
/// How long a token is taken for good where its maker does not say.
const USUAL: i64 = 300;
/// How long a token is kept at most.
const LONGEST: i64 = 24 * 3600;
/// How large an answer may be.
const MOST: usize = 1 << 16;

/// What tokens are got for.
pub struct OAuth {
    /// Where.
    pub url: Url,
    /// By whom.
    pub client_id: String,
    /// Their secret.
    pub client_secret: SecretString,
    /// For what.
    pub refresh_token: SecretString,
    kept: Mutex<Option<(SecretString, Instant)>>,
}

impl fmt::Debug for OAuth {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("OAuth").finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    #[serde(default)]
    expires_in: Option<i64>,
}

#[derive(Deserialize)]
struct Denied {
    error: String,
}

impl OAuth {
    /// Nothing is got before it is needed.
    #[must_use]
    pub fn new(
        url: Url,
        (client_id, client_secret): (String, SecretString),
        refresh_token: SecretString,
    ) -> Self {
        Self {
            url,
            client_id,
            client_secret,
            refresh_token,
            kept: Mutex::default(),
        }
    }

    pub(super) fn secrets(&self) -> Vec<&SecretString> {
        vec![&self.client_secret, &self.refresh_token]
    }

    /// A token that has not run out.
    pub(super) async fn token(&self, http: &Http) -> Result<SecretString, Trouble> {
        let mut kept = self.kept.lock().await;
        let now = http.time.now();
        if let Some((token, until)) = &*kept
            && *until - EARLY > now
        {
            return Ok(token.clone());
        }
        let granted = self.ask(http).await?;
        let good = granted.expires_in.unwrap_or(USUAL).clamp(0, LONGEST);
        let token = granted.access_token;
        *kept = Some((token.clone(), now + Span::seconds(good)));
        Ok(token)
    }

    /// Has another one got than this, unless that was done already.
    pub(super) async fn forget(&self, refused: Option<&SecretString>) {
        let mut kept = self.kept.lock().await;
        let same = |one: &SecretString| {
            refused.is_some_and(|other| other.expose_secret() == one.expose_secret())
        };
        if kept.as_ref().is_some_and(|(token, _)| same(token)) {
            *kept = None;
        }
    }

    async fn ask(&self, http: &Http) -> Result<Granted, Trouble> {
        let name = http.name;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "refresh_token")
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.client_secret.expose_secret())
            .append_pair("refresh_token", self.refresh_token.expose_secret())
            .finish();
        let request = http
            .client
            .post(self.url.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let call = "a new token";
        let response = request.send().await;
        let response = response.map_err(|error| http.unreached(call, &error))?;
        let status = response.status();
        let told = body(response, MOST).await;
        let told = told.map_err(|error| http.unreached(call, &error))?;
        let told = told.unwrap_or_default();
        if status.is_success() {
            return serde_json::from_slice(&told).map_err(|_| {
                Trouble::transient(format!(
                    "{name} answered {call} with something that is none"
                ))
            });
        }
        let denied: Option<Denied> = serde_json::from_slice(&told).ok();
        let refused = status == StatusCode::BAD_REQUEST || status == StatusCode::UNAUTHORIZED;
        if !refused {
            let message = format!("{name} answered {} for {call}", status.as_u16());
            return Err(Trouble::transient(message));
        }
        let why = match denied.as_ref().map(|denied| denied.error.as_str()) {
            Some("invalid_grant") => "the refresh token has run out or was withdrawn",
            Some("invalid_client" | "unauthorized_client") => {
                "the client id or its secret is not known there"
            }
            _ => "the refresh token was refused",
        };
        Err(Trouble::auth(format!(
            "{name} gives no token: {why}; the connection must be renewed"
        )))
    }
}
