//! What a process has spent of the processors and holds of the memory, as Linux counts it.

use std::{fs, path::PathBuf, time::Duration};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// A process that is looked at from outside.
#[derive(Debug, Clone)]
pub struct Process(PathBuf);

impl Process {
    /// The one with this id.
    pub fn new(id: u32) -> Self {
        Self(PathBuf::from(format!("/proc/{id}")))
    }

    /// Processor time of all threads that it has now, to the nanosecond.
    pub fn spent(&self) -> Duration {
        let threads = fs::read_dir(self.0.join("task")).expect("a process that lives");
        let nanos = |thread: fs::DirEntry| {
            let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        };
        Duration::from_nanos(threads.flatten().filter_map(nanos).sum())
    }

    /// Resident memory.
    pub fn resident_mib(&self) -> f64 {
        let status = fs::read_to_string(self.0.join("status")).expect("a process that lives");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u32>().ok());
        f64::from(kib.expect("a size")) / 1024.0
    }
}

/// Works on one core of the machine, and so does every process that is started meanwhile: what
/// asks and what answers take turns on it, and no time is counted for waking another core.
pub fn on_one_core<T>(work: impl FnOnce() -> T) -> T {
    let all = sched_getaffinity(None).expect("some cores");
    let last = (0..CpuSet::MAX_CPU).rfind(|core| all.is_set(*core));
    let mut one = CpuSet::new();
    one.set(last.expect("a core"));
    sched_setaffinity(None, &one).expect("a core of ours");
    let done = work();
    sched_setaffinity(None, &all).expect("our cores");
    done
}
