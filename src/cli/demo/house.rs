//! What the story tells of the house: tenants that are opened and closed, principals, keys. Each
//! is a question to the engine in JSON, asked by its name; keys that are made are seen by nobody.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::people;
use crate::{
    domain::{
        ids::TenantId,
        tenant::{
            caller::{Caller, house},
            role::Role,
        },
    },
    engine::{
        catalogue::find,
        core::{Core, Terms},
        fault::Fault,
    },
};

/// Something that is asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Which operation.
    ask: String,
    /// Of which tenant; of none where it is not said.
    #[serde(default)]
    of: Option<String>,
    /// What the story calls what was made.
    #[serde(default, rename = "as")]
    name: Option<String>,
    /// The question; a text that begins with `@` is what the story calls something.
    #[serde(default)]
    with: Value,
}

/// What the story has called things so far.
#[derive(Default)]
pub struct House(HashMap<String, String>);

impl House {
    /// Asks it.
    ///
    /// # Errors
    /// When it was not done, or the story knows no such thing.
    pub async fn ask(&mut self, core: &Core, by: &Caller, asked: &Asked) -> Result<(), Fault> {
        let caller = match by.role {
            Role::Operator => Caller::new(by.name.clone(), self.tenant(asked)?, by.role),
            _ => by.clone(),
        };
        let question = serde_json::to_vec(&self.named(&asked.with)?).map_err(Fault::broken)?;
        let entry = find(&asked.ask)?;
        let answer = (entry.call)(core.clone(), caller, question, Terms::default()).await?;
        let Some(name) = &asked.name else {
            return Ok(());
        };
        let answer: Value = serde_json::from_str(&answer.output).map_err(Fault::broken)?;
        let id = match asked.ask.split('.').next() {
            Some("tenants") => "tenant_id",
            Some("principals") => "principal_id",
            _ => "key_id",
        };
        let id = answer.get(id).and_then(Value::as_str);
        let id = id.ok_or_else(|| Fault::broken(format!("{} made nothing", asked.ask)))?;
        self.0.insert(name.clone(), id.to_owned());
        Ok(())
    }

    fn tenant(&self, asked: &Asked) -> Result<TenantId, Fault> {
        match &asked.of {
            None => Ok(house()),
            Some(name) if name == "demo" => people::tenant(),
            Some(name) => self.known(name)?.parse().map_err(Fault::broken),
        }
    }

    fn known(&self, name: &str) -> Result<&str, Fault> {
        let known = self.0.get(name).map(String::as_str);
        known.ok_or_else(|| Fault::broken(format!("the story has nothing called {name}")))
    }

    /// A question with what the story calls things replaced by what they are.
    fn named(&self, with: &Value) -> Result<Value, Fault> {
        Ok(match with {
            Value::Null => Value::Object(serde_json::Map::new()),
            Value::Object(fields) => {
                let mut named = serde_json::Map::new();
                for (name, value) in fields {
                    named.insert(name.clone(), self.named(value)?);
                }
                Value::Object(named)
            }
            Value::String(text) => match text.strip_prefix('@') {
                Some(name) => Value::String(self.known(name)?.to_owned()),
                None => with.clone(),
            },
            other => other.clone(),
        })
    }
}
