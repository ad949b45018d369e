//! Opens a database, or says in one line why not. Looks before it touches: a directory, a
//! foreign file, a newer schema and a read-only disk are refused with the file untouched.

use std::{
    fmt,
    fs::{self, OpenOptions},
    io::ErrorKind,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use sqlx::migrate::MigrateError;

use super::{Shared, header, migrations, postgres, sqlite};

/// Which database is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file.
    File(PathBuf),
    /// PostgreSQL, by its URL.
    Postgres(String),
}

impl FromStr for Database {
    type Err = std::convert::Infallible;
    /// Takes a `postgres://` URL, or else the path of a file.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
        Ok(if is_url {
            Self::Postgres(text.to_owned())
        } else {
            Self::File(text.into())
        })
    }
}

impl fmt::Display for Database {
    /// For people; a URL without what stands before its host and behind its path.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(out),
            Self::Postgres(url) => {
                let rest = url.split_once("://").map_or("", |(_, rest)| rest);
                let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
                let host = host.split_once('?').map_or(host, |(host, _)| host);
                write!(out, "postgres://{host}")
            }
        }
    }
}

/// How much is kept in memory of what is read and written again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keeps {
    /// As much as helps where many ask.
    #[default]
    Much,
    /// As little as does for one person.
    Little,
}

/// Why a database was not opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A directory stands where the file should.
    #[error(
        "{0} is a directory, not a database file\nhint: name a file inside it, such as {0}/flightdeck.db"
    )]
    Directory(String),
    /// A file or database of somebody else.
    #[error(
        "{0} holds something else than a Flightdeck database; it was left as it is\nhint: choose another `database` in the settings"
    )]
    Foreign(String),
    /// Shaped by a newer program.
    #[error(
        "{what} was written by a newer Flightdeck (schema {found}, this one knows {known}); it was left as it is\nhint: update this program, or choose another `database`"
    )]
    Newer {
        /// Which database.
        what: String,
        /// Its schema.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// It cannot be written there.
    #[error(
        "{0} cannot be written: {1}\nhint: check the rights and the free space, or choose another `database`"
    )]
    Unwritable(String, String),
    /// Anything else that the database says.
    #[error("{0} cannot be opened: {1}")]
    Sql(String, String),
}

impl OpenError {
    pub(super) fn migration(what: impl fmt::Display, error: &MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(found) if *found > migrations::NEWEST => Self::Newer {
                what: what.to_string(),
                found: *found,
                known: migrations::NEWEST,
            },
            MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) => {
                Self::Foreign(what.to_string())
            }
            other => Self::Sql(what.to_string(), other.to_string()),
        }
    }
}

/// Opens it, creates it where there is none, and brings it to this program's shape.
///
/// # Errors
/// When it is not ours, newer, or cannot be read and written.
pub async fn open(database: &Database) -> Result<Shared, OpenError> {
    open_for(database, Keeps::default()).await
}

/// The same, where more or fewer ask. Of PostgreSQL nothing is kept here.
///
/// # Errors
/// As [`open`].
pub async fn open_for(database: &Database, keeps: Keeps) -> Result<Shared, OpenError> {
    match database {
        Database::Postgres(url) => Ok(Arc::new(postgres::open(url).await?)),
        Database::File(path) => {
            look(path)?;
            Ok(Arc::new(sqlite::open(path, keeps)?))
        }
    }
}

/// Looks at what is there without changing a byte of it.
fn look(path: &Path) -> Result<(), OpenError> {
    let name = path.display().to_string();
    let refused = |error: std::io::Error| OpenError::Unwritable(name.clone(), error.to_string());
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return make_room(path),
        Err(error) => return Err(refused(error)),
        Ok(about) if about.is_dir() => return Err(OpenError::Directory(name)),
        Ok(about) if !about.is_file() => return Err(OpenError::Foreign(name)),
        Ok(_) => {}
    }
    judge(&header::read(path).map_err(refused)?, &name)?;
    OpenOptions::new().write(true).open(path).map_err(refused)?;
    Ok(())
}

/// Says from its header whose file it is: ours, nobody's yet, or somebody else's.
fn judge(head: &[u8], name: &str) -> Result<(), OpenError> {
    if head.is_empty() {
        return Ok(());
    }
    let [pages, version, owner] = [28, 60, 68].map(|at| header::number(head, at));
    let blank = owner == 0 && pages <= 1;
    if !head.starts_with(header::MAGIC) || (owner != migrations::APPLICATION_ID && !blank) {
        return Err(OpenError::Foreign(name.to_owned()));
    }
    let found = i64::from(version);
    if found > migrations::NEWEST {
        return Err(OpenError::Newer {
            what: name.to_owned(),
            found,
            known: migrations::NEWEST,
        });
    }
    Ok(())
}

/// Makes the directory for a file that is not there yet, for its owner alone, and an empty
/// file in it that only its owner can read.
fn make_room(path: &Path) -> Result<(), OpenError> {
    let refused = |error: std::io::Error| {
        OpenError::Unwritable(path.display().to_string(), error.to_string())
    };
    if let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(parent).map_err(refused)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(refused)?;
    Ok(())
}
