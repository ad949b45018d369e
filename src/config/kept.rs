//! Keys that settings name and do not hold: reads them from the files in which they are kept.
//! Refuses a file that others can read, and never repeats what stands in one.

use std::{fmt::Display, fs, path::Path};

/// Reads a key from a file of at most so many bytes.
///
/// # Errors
/// In words, when it is not there, is larger, or can be read by others.
pub fn key_in(path: &Path, most: u64) -> Result<String, String> {
    let named = path.display();
    let told = |why: &dyn Display| format!("{named}: {why}");
    let about = fs::metadata(path).map_err(|error| told(&error))?;
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0 {
        return Err(format!(
            "{named} holds a key and can be read by others\nhint: chmod 600 {named}"
        ));
    }
    if about.len() > most {
        return Err(format!("{named} is larger than any key"));
    }
    fs::read_to_string(path).map_err(|error| told(&error))
}
