//! What the program takes of memory on the desk to look at, in a terminal of its own. Refuses to
//! count before all of its past is told and its lines have moved for a while.

use std::{thread, time::Duration};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::{
    cpu::Process,
    table::{Row, Table, Target},
    terminal::Terminal,
};

/// How long it moves before it is looked at.
const A_WHILE: Duration = Duration::from_secs(12);

/// Measures it.
pub fn measure(table: &mut Table) {
    let home = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a home");
    let path = home.path().to_str().expect("a path");
    let program = env!("CARGO_BIN_EXE_flightdeck");
    let size = (200, 50);
    let mut console = Terminal::start(program, &["--demo"], &[("HOME", path)], home.path(), size);
    console.wait_for_text("live demo");
    thread::sleep(A_WHILE);
    table.push(Row::figure(
        "resident memory of the program, --demo",
        Process::new(console.id()).resident_mib(),
        "MiB",
        Target::AtMost(20.0),
    ));
    console.signal(Signal::TERM);
    console.wait_for_end();
}
