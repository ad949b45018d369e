//! Files and other programs: the console's own state, exports, briefs that are read, and
//! the person's editor. Writes whole files or nothing, never over one that is there.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use tokio::process::Command;
use toml::Table;

/// The largest file that is read.
const LARGEST: u64 = 1 << 20;

/// What was kept last time; nothing where there is none or it cannot be read.
pub fn read_state(path: &Path) -> Table {
    let text = fs::read_to_string(path).unwrap_or_default();
    toml::from_str(&text).unwrap_or_else(|error| {
        tracing::warn!(%error, "the console's state cannot be read; it begins anew");
        Table::new()
    })
}

/// Keeps it for next time.
pub fn write_state(path: &Path, state: &Table) {
    let write = || {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let fresh = path.with_extension("toml-new");
        fs::write(&fresh, state.to_string())?;
        fs::rename(&fresh, path)
    };
    if let Err(error) = write() {
        tracing::warn!(%error, "the console's state cannot be kept");
    }
}

/// Writes a file that was not there before, beside others of its name if it must.
pub fn write_new(name: &str, text: &str) -> io::Result<PathBuf> {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "txt"));
    for number in 1..1000 {
        let name = match number {
            1 => format!("{stem}.{ending}"),
            _ => format!("{stem}-{number}.{ending}"),
        };
        match fs::File::create_new(&name) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                file.sync_all()?;
                return fs::canonicalize(name);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("there are a thousand of them already"))
}

/// Reads a text, or says what is wrong with it.
pub fn read_text(path: &Path) -> Result<String, String> {
    let told = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let whole = match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    };
    let about = fs::metadata(&whole).map_err(|error| told(&error))?;
    if !about.is_file() {
        return Err(told(&"is not a file"));
    }
    if about.len() > LARGEST {
        return Err(told(&"is larger than 1 MB"));
    }
    fs::read_to_string(&whole).map_err(|error| told(&error))
}

/// Lets the person edit a text in their own editor, in a file that only they can read. The editor
/// is not given what is set for this program alone.
pub async fn edit(text: &str, own: &[&str]) -> io::Result<String> {
    let dir = scratch()?;
    let path = dir.join("brief.json");
    let edited = async {
        fs::write(&path, text)?;
        let editor = ["VISUAL", "EDITOR"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
            .unwrap_or_else(|| "vi".to_owned());
        // As git does: an editor may carry arguments of its own.
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("{editor} \"$@\""));
        shell.arg("editor").arg(&path);
        for name in own {
            shell.env_remove(name);
        }
        let status = shell.status().await?;
        if !status.success() {
            let said = format!("{editor} ended with {status}; nothing was changed");
            return Err(io::Error::other(said));
        }
        fs::read_to_string(&path)
    }
    .await;
    // What cannot be cleared away is in a private place.
    drop(fs::remove_dir_all(&dir));
    edited
}

/// A directory that only the person can read.
fn scratch() -> io::Result<PathBuf> {
    let dir = std::env::temp_dir().join(format!("flightdeck-{}", uuid::Uuid::new_v4()));
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&dir)?;
    Ok(dir)
}
