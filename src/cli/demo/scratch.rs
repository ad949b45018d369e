//! A private directory in memory, where the machine has one, that is gone when its owner is.
//! What an owner that was killed left behind is taken away by the next one. Refuses to touch
//! a directory that is in use or somebody else's.

use std::{
    env, fs,
    fs::{DirBuilder, File},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
};

use uuid::Uuid;

/// How the names of all of them begin.
const NAME: &str = "flightdeck-demo-";
/// The file that is locked for as long as a directory is in use.
const LOCK: &str = "in-use";
/// Memory that is used like a disk.
const MEMORY: &str = "/dev/shm";

/// A directory of its own.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Makes one, in memory if possible, and takes away what others left behind.
    pub fn make() -> io::Result<Self> {
        Self::make_in(Path::new(MEMORY)).or_else(|_| Self::make_in(&env::temp_dir()))
    }

    fn make_in(room: &Path) -> io::Result<Self> {
        sweep(room);
        let path = room.join(format!("{NAME}{}", Uuid::new_v4().simple()));
        DirBuilder::new().mode(0o700).create(&path)?;
        let lock = lock(&path).inspect_err(|_| drop(fs::remove_dir_all(&path)))?;
        Ok(Self { path, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next one.
        drop(fs::remove_dir_all(&self.path));
    }
}

/// Locks a file before it gets the name under which others look for it.
fn lock(path: &Path) -> io::Result<File> {
    let fresh = path.join("in-use-soon");
    let file = File::create(&fresh)?;
    file.lock()?;
    fs::rename(&fresh, path.join(LOCK))?;
    Ok(file)
}

/// Takes away directories of ours that nobody uses any more.
fn sweep(room: &Path) {
    let us = rustix::process::geteuid().as_raw();
    for entry in fs::read_dir(room).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(NAME);
        let about = fs::symlink_metadata(entry.path());
        if !ours || !about.is_ok_and(|about| about.is_dir() && about.uid() == us) {
            continue;
        }
        let path = entry.path();
        let unused = File::open(path.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if unused {
            drop(fs::remove_dir_all(&path));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn it_is_private_and_gone_afterwards_and_leaves_others_alone() {
        let room = tempfile::tempdir().expect("a room");
        let make = || Scratch::make_in(room.path()).expect("a directory");
        let (one, other) = (make(), make());
        let mode = fs::metadata(one.path()).expect("is there").permissions();
        assert_eq!(mode.mode() & 0o777, 0o700);
        let path = one.path().to_owned();
        drop(one);
        assert!(!path.exists() && other.path().join(LOCK).exists());
        let abandoned = room.path().join(format!("{NAME}abandoned"));
        fs::create_dir(&abandoned).expect("a directory");
        let third = make();
        assert!(abandoned.exists(), "nobody locked it yet: it may be new");
        File::create(abandoned.join(LOCK)).expect("a file");
        drop((third, make()));
        assert!(!abandoned.exists() && other.path().exists());
    }

    #[test]
    fn it_is_gone_after_a_panic() {
        let room = tempfile::tempdir().expect("a room");
        let work = || {
            let _kept = Scratch::make_in(room.path()).expect("a directory");
            std::panic::resume_unwind(Box::new("the console fell over"));
        };
        assert!(std::panic::catch_unwind(work).is_err());
        assert_eq!(fs::read_dir(room.path()).expect("a room").count(), 0);
    }
}
