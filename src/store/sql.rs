//! The few words in which a database is asked: SQL with numbered places (`?1`), values that go
//! in, rows that come out. Refuses to know which database answers.

use std::{borrow::Cow, mem, ops::DerefMut};

use super::{
    batch::{CommitError, StoreError},
    ear::Ear,
};
use crate::domain::ids::TenantId;

/// A value that is put into a place of the SQL.
#[derive(Debug, Clone)]
pub enum Arg<'a> {
    /// A number, or nothing where a number could stand.
    Int(Option<i64>),
    /// A text, or nothing where a text could stand.
    Text(Option<Cow<'a, str>>),
}

impl From<i64> for Arg<'_> {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<Option<i64>> for Arg<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl<'a> From<&'a Option<String>> for Arg<'a> {
    fn from(text: &'a Option<String>) -> Self {
        Self::Text(text.as_ref().map(Into::into))
    }
}

/// Makes the values for one question, in the order of their places.
macro_rules! args {
    ($($arg:expr),* $(,)?) => { &[$($crate::store::sql::Arg::from($arg)),*] };
}
pub(super) use args;

/// A value that comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Nothing,
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
}

/// A row that comes out, column by column.
#[derive(Debug)]
pub struct Values(pub Vec<Value>);

impl Values {
    /// Takes a column; texts are there once.
    ///
    /// # Errors
    /// When it holds something else.
    pub fn take<T: Column>(&mut self, at: usize) -> Result<T, StoreError> {
        let value = self.0.get_mut(at);
        value
            .and_then(|value| T::of(mem::replace(value, Value::Nothing)))
            .ok_or_else(|| StoreError::Unreadable(format!("column {at} of a row")))
    }
}

/// What a column can be read as.
pub trait Column: Sized {
    /// Reads it; nothing when it is something else.
    fn of(value: Value) -> Option<Self>;
}

impl Column for i64 {
    fn of(value: Value) -> Option<Self> {
        match value {
            Value::Int(number) => Some(number),
            _ => None,
        }
    }
}

impl Column for String {
    fn of(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<T: Column> Column for Option<T> {
    fn of(value: Value) -> Option<Self> {
        match value {
            Value::Nothing => Some(None),
            value => T::of(value).map(Some),
        }
    }
}

/// A question that is put together piece by piece.
#[derive(Debug, Default)]
pub struct Sql<'a> {
    /// The words.
    pub text: String,
    /// The values.
    pub args: Vec<Arg<'a>>,
}

impl<'a> Sql<'a> {
    /// Begins with these words.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            args: Vec::new(),
        }
    }

    /// Goes on with these words.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Goes on with a place for this value.
    pub fn bind(&mut self, arg: impl Into<Arg<'a>>) -> &mut Self {
        self.args.push(arg.into());
        self.text.push('?');
        self.text.push_str(&self.args.len().to_string());
        self
    }

    /// Goes on with places for these values, between commas.
    pub fn bind_all(&mut self, args: impl IntoIterator<Item = Arg<'a>>) -> &mut Self {
        for (nth, arg) in args.into_iter().enumerate() {
            self.push(if nth == 0 { "" } else { ", " }).bind(arg);
        }
        self
    }

    /// Goes on with the rows of an `INSERT`.
    pub fn values<const N: usize>(
        &mut self,
        rows: impl IntoIterator<Item = [Arg<'a>; N]>,
    ) -> &mut Self {
        for (nth, row) in rows.into_iter().enumerate() {
            self.push(if nth == 0 { "VALUES (" } else { ", (" });
            self.bind_all(row).push(")");
        }
        self
    }
}

/// Whose things a question is about: what the database itself lets it see and change, where it
/// can tell tenants apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope<'a> {
    /// Those of one tenant.
    Of(&'a TenantId),
    /// Those of all: for what the house does by itself, such as looking what is due.
    All,
    /// Nobody's.
    Nobody,
}

impl Scope<'_> {
    /// Its word for the database.
    pub fn word(&self) -> &str {
        match self {
            Self::Of(tenant) => tenant.as_str(),
            // No tenant's name.
            Self::All => "*",
            Self::Nobody => "",
        }
    }
}

/// How a database says what the others say differently.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// Locks what is read until the end of the transaction.
    pub lock_read: &'static str,
    /// Locks what is read and passes over what others have locked.
    pub skip_locked: &'static str,
    /// Names the database's make.
    pub make: &'static str,
    /// The time by its clock, in milliseconds since 1970.
    pub clock: &'static str,
    /// Asks for its version.
    pub version: &'static str,
    /// Asks whom its own wall between tenants does not bind, where it can have one.
    pub wall: Option<&'static str>,
    /// Asks how it keeps what it has acknowledged, where that is not ours to say.
    pub keeping: Option<&'static str>,
}

/// A connection. What a connection to SQLite is asked is answered before the future is
/// first looked at again: it never waits for another thread.
pub trait Conn: Send {
    /// What is said differently here.
    const DIALECT: Dialect;
    /// Goes on with other things than before. Where the database cannot tell tenants apart, the
    /// questions themselves have to.
    fn enter(&mut self, _: Scope<'_>) -> impl Future<Output = Result<(), StoreError>> + Send {
        async { Ok(()) }
    }
    /// Changes something; says how many rows.
    fn execute(
        &mut self,
        sql: &str,
        args: &[Arg<'_>],
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;
    /// Asks for rows.
    fn rows(
        &mut self,
        sql: &str,
        args: &[Arg<'_>],
    ) -> impl Future<Output = Result<Vec<Values>, StoreError>> + Send;
    /// Asks for one row at most.
    fn row(
        &mut self,
        sql: &str,
        args: &[Arg<'_>],
    ) -> impl Future<Output = Result<Option<Values>, StoreError>> + Send {
        async { Ok(self.rows(sql, args).await?.pop()) }
    }
    /// Asks for the one row that there always is.
    fn one(
        &mut self,
        sql: &str,
        args: &[Arg<'_>],
    ) -> impl Future<Output = Result<Values, StoreError>> + Send {
        async {
            let row = self.row(sql, args).await?;
            row.ok_or_else(|| StoreError::Unreadable("no row where one has to be".into()))
        }
    }
}

/// Something to be done to a database: whole or not at all, and again from the start if it must.
pub trait Change: Send + Sync + 'static {
    /// What comes of it.
    type Answer: Send + 'static;
    /// Whose things it changes.
    fn scope(&self) -> Scope<'_>;
    /// Does it inside a transaction that the caller holds.
    fn make<C: Conn>(
        &self,
        conn: &mut C,
    ) -> impl Future<Output = Result<Self::Answer, CommitError>> + Send;
}

/// How much there may be to read for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// A few rows, found by an index.
    Light,
    /// Perhaps a whole table.
    Heavy,
}

/// A database of one make.
pub trait Make: Send + Sync + 'static {
    /// Its connections.
    type Conn: Conn;
    /// A connection that is in use.
    type Lane: DerefMut<Target = Self::Conn> + Send;
    /// Takes a connection for a question about somebody's things.
    fn lane(
        &self,
        weight: Weight,
        scope: Scope<'_>,
    ) -> impl Future<Output = Result<Self::Lane, StoreError>> + Send;
    /// Makes a change.
    fn change<C: Change>(
        &self,
        change: C,
    ) -> impl Future<Output = Result<C::Answer, CommitError>> + Send;
    /// Begins to listen for what others write.
    fn ear(&self) -> impl Future<Output = Result<Box<dyn Ear>, StoreError>> + Send;
    /// Tells others that something was written, where they would not notice by themselves.
    fn call_out(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Finishes writing and closes.
    fn close(&self) -> impl Future<Output = ()> + Send;
}
