//! Prints completions for a shell, and the manual page.

use clap::{Args, Command};
use clap_complete::Shell;

use super::{Ended, out};

/// Print completions for a shell.
#[derive(Debug, Args)]
pub struct Completions {
    /// Which shell.
    shell: Shell,
}

/// Prints the completions.
pub fn completions(wanted: &Completions, command: &mut Command) -> Result<(), Ended> {
    let mut text = Vec::new();
    clap_complete::generate(wanted.shell, command, "flightdeck", &mut text);
    out::raw(&String::from_utf8_lossy(&text))
}

/// Prints the manual page, with a section for each subcommand.
pub fn man(command: &Command) -> Result<(), Ended> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    out::raw(&String::from_utf8_lossy(&text))
}
