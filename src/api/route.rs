//! A route together with what its readers should know of it, so that nothing is served
//! that is not described and nothing is described that is not served.

use axum::{
    Router,
    handler::Handler,
    routing::{MethodFilter, on},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::App;

/// Writes a type's schema.
pub type Write = fn(&mut SchemaGenerator) -> Schema;

/// What the readers of a route should know.
#[derive(Debug, Clone, Default)]
pub struct Doc {
    /// The method, in lower case.
    pub method: &'static str,
    /// The path.
    pub path: &'static str,
    /// The section it is listed in.
    pub section: &'static str,
    /// One sentence: verb first.
    pub about: &'static str,
    /// The body that is sent.
    pub request: Option<Write>,
    /// The body of a good answer.
    pub response: Option<Write>,
    /// Whether a good answer says that something was made: 201 in place of 200.
    pub makes: bool,
    /// The parameters of the query.
    pub query: Option<Write>,
    /// Whether it obeys the revision in `If-Match`.
    pub pinned: bool,
    /// What it can be told in further headers: their names, what they say, and what that means.
    pub told: &'static [(&'static str, &'static str, &'static str)],
    /// Whether it may answer, with 202, that the work goes on.
    pub lasting: bool,
}

impl Doc {
    /// Describes a route by its one sentence.
    pub fn about(section: &'static str, about: &'static str) -> Self {
        Self {
            section,
            about,
            ..Self::default()
        }
    }

    /// What is sent.
    pub fn takes<T: JsonSchema>(self) -> Self {
        Self {
            request: Some(SchemaGenerator::subschema_for::<T>),
            ..self
        }
    }

    /// What comes back.
    pub fn gives<T: JsonSchema>(self) -> Self {
        Self {
            response: Some(SchemaGenerator::subschema_for::<T>),
            ..self
        }
    }

    /// Obeys the revision in `If-Match`.
    pub fn pinned(self) -> Self {
        Self {
            pinned: true,
            ..self
        }
    }

    /// Can be told this in further headers.
    pub fn told(self, told: &'static [(&'static str, &'static str, &'static str)]) -> Self {
        Self { told, ..self }
    }

    /// May answer that the work goes on.
    pub fn lasting(self) -> Self {
        Self {
            lasting: true,
            ..self
        }
    }

    /// What is made, and comes back.
    pub fn makes<T: JsonSchema>(self) -> Self {
        Self {
            makes: true,
            ..self.gives::<T>()
        }
    }

    /// The status of a good answer.
    pub fn good(&self) -> &'static str {
        if self.makes { "201" } else { "200" }
    }

    /// Which parameters the query has.
    pub fn asks<T: JsonSchema>(self) -> Self {
        Self {
            query: Some(|schemas| T::json_schema(schemas)),
            ..self
        }
    }
}

/// Routes with their descriptions.
pub struct Routes {
    /// What answers.
    pub router: Router<App>,
    /// What is said about it.
    pub docs: Vec<Doc>,
}

impl Routes {
    /// None yet.
    pub fn new() -> Self {
        Self {
            router: Router::new(),
            docs: Vec::new(),
        }
    }

    /// Adds a route for GET.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, doc: Doc, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("get", MethodFilter::GET, path, doc, handler)
    }

    /// Adds a route for POST.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, doc: Doc, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("post", MethodFilter::POST, path, doc, handler)
    }

    /// Adds a route for PATCH.
    #[must_use]
    pub fn patch<H, T>(self, path: &'static str, doc: Doc, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("patch", MethodFilter::PATCH, path, doc, handler)
    }

    /// Adds a route for PUT.
    #[must_use]
    pub fn put<H, T>(self, path: &'static str, doc: Doc, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("put", MethodFilter::PUT, path, doc, handler)
    }

    /// Adds a route for DELETE.
    #[must_use]
    pub fn delete<H, T>(self, path: &'static str, doc: Doc, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("delete", MethodFilter::DELETE, path, doc, handler)
    }

    fn add<H, T>(
        mut self,
        method: &'static str,
        filter: MethodFilter,
        path: &'static str,
        doc: Doc,
        handler: H,
    ) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let mut doc = doc;
        (doc.method, doc.path) = (method, path);
        self.docs.push(doc);
        self.router = self.router.route(path, on(filter, handler));
        self
    }
}
