//! The ids in a path, as they were sent. Whatever is no id of ours names nothing of ours.

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};

use crate::{api::rejection::Rejection, domain::ids::Id, engine::fault::Fault};

/// Every parameter of the path, by name.
pub struct Ids(Vec<(String, String)>);

impl Ids {
    /// A parameter as it stands there.
    pub fn text(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map_or("", |(_, value)| value)
    }

    /// A parameter as an id; anything else is not found.
    ///
    /// # Errors
    /// When it is no id of ours.
    pub fn id<I: Id + FromStr>(&self, name: &str) -> Result<I, Fault> {
        let text = self.text(name);
        text.parse().map_err(|_| Fault::absent(I::NOUN, text))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        // What cannot be read names nothing of ours either.
        let found = RawPathParams::from_request_parts(parts, state).await;
        Ok(Self(found.map_or_else(
            |_| Vec::new(),
            |found| found.iter().map(own).collect(),
        )))
    }
}
