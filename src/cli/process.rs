//! This program, started once more: beside itself, or in its own place. Refuses to need either:
//! where it cannot be, it goes on as it is.

use std::{env, os::unix::process::CommandExt as _, path::PathBuf, process::Command};

/// How the C library is told how many heaps to keep.
const HEAPS: &str = "MALLOC_ARENA_MAX";
/// How it is told what else.
const TUNED: &str = "GLIBC_TUNABLES";
/// That threads set nothing aside of what they freed.
const NOTHING_ASIDE: &str = "glibc.malloc.tcache_count=0";

/// The file of this program, also where it was replaced meanwhile.
pub fn this_program() -> PathBuf {
    let file = env::current_exe().ok().filter(|file| file.exists());
    file.unwrap_or_else(|| "/proc/self/exe".into())
}

/// Goes on with one heap for all threads, which of a console take turns anyway: the C library
/// would give each its own, and keep in each what was freed there. It asks that of the
/// environment alone, and only as a program starts. None of them sets aside what it freed, either.
pub fn share_a_heap() {
    let is_gnu = cfg!(all(target_os = "linux", target_env = "gnu"));
    let mut arguments = env::args_os();
    let Some(name) = arguments.next().filter(|_| is_gnu) else {
        return;
    };
    if env::var_os(HEAPS).is_some() {
        return;
    }
    let mut again = Command::new(this_program());
    again.arg0(name).args(arguments).env(HEAPS, "1");
    if env::var_os(TUNED).is_none() {
        again.env(TUNED, NOTHING_ASIDE);
    }
    // It comes back only if it could not be started.
    let error = again.exec();
    tracing::debug!(%error, "every thread keeps a heap of its own");
}

/// The variables that were set for this program alone: another one has its heaps as it likes.
pub fn of_its_own() -> &'static [&'static str] {
    if env::var_os(TUNED).is_some_and(|tuned| tuned == *NOTHING_ASIDE) {
        return &[HEAPS, TUNED];
    }
    &[]
}

/// Lets a program that is started beside this one have its heaps as it likes.
pub fn with_its_own_heaps(command: &mut Command) {
    for name in of_its_own() {
        command.env_remove(name);
    }
}
