//! What a tool is: a name, a sentence for the agent that reads it, a schema, and an operation
//! of the engine that answers. Refuses to decide anything: that is the operation's.

use futures_util::future::BoxFuture;
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::{
    domain::tenant::caller::Caller,
    engine::{
        core::{Answer, Core, Terms},
        fault::Fault,
        operation::{Kind, Operation},
        question, sandbox,
    },
};

/// A JSON object.
pub type Object = Map<String, Value>;
/// An answer on its way.
pub type Answering = BoxFuture<'static, Result<Answer<Object>, Fault>>;

/// The same, written as JSON.
pub type Writing = BoxFuture<'static, Result<Answer<String>, Fault>>;

/// Something that an agent can call.
#[derive(Clone, Copy)]
pub struct Tool {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it does, for the agent that chooses among tools.
    pub about: &'static str,
    /// Whether it changes anything; then it takes an idempotency key.
    pub changes: bool,
    /// The schema of its own arguments.
    pub input: fn() -> Object,
    /// Whether arguments are in the older shape that knows no idempotency key.
    pub is_older: fn(&Object) -> bool,
    /// Whether it is there for those alone who play in a sandbox.
    pub sandbox: bool,
    /// Whether it says who governs accounts, which a sandbox may do without.
    pub governs: bool,
    /// Answers.
    pub call: fn(Ask) -> Answering,
    /// Answers with the same, already written as JSON, where that is cheaper.
    pub write: Option<fn(Ask) -> Writing>,
}

impl Tool {
    /// A tool that is one operation, argument by argument.
    #[must_use]
    pub const fn of<O: Operation>(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            about,
            changes: matches!(O::KIND, Kind::Command(_)),
            input: schema::<O>,
            is_older: |_| false,
            sandbox: false,
            governs: false,
            call: |ask| Box::pin(ask.operation::<O>()),
            write: None,
        }
    }

    /// Answers in another way where the arguments say so.
    #[must_use]
    pub const fn called(self, call: fn(Ask) -> Answering) -> Self {
        Self { call, ..self }
    }

    /// Answers also with what is written already.
    #[must_use]
    pub const fn written(self, write: fn(Ask) -> Writing) -> Self {
        let write = Some(write);
        Self { write, ..self }
    }

    /// Knows an older shape of its arguments.
    #[must_use]
    pub const fn older(self, is_older: fn(&Object) -> bool) -> Self {
        Self { is_older, ..self }
    }

    /// Is there for those alone who play in a sandbox.
    #[must_use]
    pub const fn in_sandbox(self) -> Self {
        Self {
            sandbox: true,
            ..self
        }
    }

    /// Says who governs accounts.
    #[must_use]
    pub const fn governing(self) -> Self {
        Self {
            governs: true,
            ..self
        }
    }

    /// Whether it is there for a caller.
    #[must_use]
    pub fn is_for(&self, core: &Core, caller: &Caller) -> bool {
        let desk = core.desk();
        let plays = sandbox::plays(desk.sandbox.as_ref(), caller);
        let governs = desk.sandbox_governance || !plays;
        (!self.sandbox || plays) && (!self.governs || governs)
    }

    /// Shows a schema of its own.
    #[must_use]
    pub const fn taking(self, input: fn() -> Object) -> Self {
        Self { input, ..self }
    }
}

/// A call of a tool, without what is the envelope's.
pub struct Ask {
    /// The engine.
    pub core: Core,
    /// Who asks.
    pub caller: Caller,
    /// The tool's own arguments.
    pub arguments: Object,
    /// How it is asked.
    pub terms: Terms,
}

impl Ask {
    /// The same door once more, under no key.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            core: self.core.clone(),
            caller: self.caller.clone(),
            arguments: Object::new(),
            terms: Terms::default(),
        }
    }

    /// The same, with other arguments.
    #[must_use]
    pub fn with(self, arguments: Object) -> Self {
        Self { arguments, ..self }
    }

    /// Reads the arguments as an operation, asks it, and gives its answer as it is.
    ///
    /// # Errors
    /// When the arguments are wrong, or it was not done.
    pub fn reading<O: Operation>(mut self) -> BoxFuture<'static, Result<Answer<O::Output>, Fault>> {
        Box::pin(async move {
            let operation = self.parsed::<O>().await?;
            self.core.ask_on(&self.caller, operation, self.terms).await
        })
    }

    /// Reads the arguments as an operation; what cannot be read is written down as refused.
    ///
    /// # Errors
    /// When the arguments are wrong.
    pub async fn parsed<O: Operation>(&mut self) -> Result<O, Fault> {
        let read = self.whole::<O>();
        if let (Err(fault), true) = (&read, O::KIND.is_command()) {
            self.core.refuse(&self.caller, O::NAME, fault).await;
        }
        read
    }

    /// Reads the arguments.
    ///
    /// # Errors
    /// When one is missing or is not what it should be.
    pub fn read<T: DeserializeOwned>(&mut self) -> Result<T, Fault> {
        question::read_part(&Value::Object(std::mem::take(&mut self.arguments)))
    }

    /// Reads the arguments as an operation, which says all that is missing at once.
    fn whole<O: Operation>(&mut self) -> Result<O, Fault> {
        question::read_value(&Value::Object(std::mem::take(&mut self.arguments)))
    }

    /// Reads the arguments as an operation, asks it, and gives its answer field by field.
    ///
    /// # Errors
    /// When the arguments are wrong, or it was not done.
    pub async fn operation<O: Operation>(mut self) -> Result<Answer<Object>, Fault> {
        match self.whole::<O>() {
            Ok(operation) => self.asked(operation).await,
            Err(fault) => {
                if O::KIND.is_command() {
                    self.core.refuse(&self.caller, O::NAME, &fault).await;
                }
                Err(fault)
            }
        }
    }

    /// Asks an operation, and gives its answer field by field.
    ///
    /// # Errors
    /// When it was not done.
    pub async fn asked<O: Operation>(self, operation: O) -> Result<Answer<Object>, Fault> {
        let answer = self
            .core
            .ask_on(&self.caller, operation, self.terms)
            .await?;
        Ok(Answer {
            output: fields(&answer.output)?,
            replayed: answer.replayed,
        })
    }
}

/// An answer field by field.
///
/// # Errors
/// When it is no object.
pub fn fields(output: &impl serde::Serialize) -> Result<Object, Fault> {
    match serde_json::to_value(output).map_err(Fault::broken)? {
        Value::Object(fields) => Ok(fields),
        _ => Err(Fault::broken("the answer of a tool is no object")),
    }
}

/// A schema that names its fields and says what they are: an agent's client sends what is named,
/// and the engine says what is wrong with it.
#[must_use]
pub fn named(fields: &[&str]) -> Object {
    let fields = fields
        .iter()
        .map(|name| ((*name).to_owned(), super::fields::kind(name)));
    Object::from_iter([
        ("type".to_owned(), json!("object")),
        ("properties".to_owned(), Value::Object(fields.collect())),
    ])
}

/// The schema of a type's fields, with everything that it refers to written out.
pub fn schema<T: schemars::JsonSchema>() -> Object {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    let mut schemas: SchemaGenerator = settings.into_generator();
    let mut schema = match schemas.root_schema_for::<T>().to_value() {
        Value::Object(schema) => schema,
        _ => Object::new(),
    };
    schema.remove("title");
    schema.remove("description");
    schema.insert("type".into(), json!("object"));
    schema
}
