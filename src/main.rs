//! The program: parses, loads the settings, chooses what to do, and ends with a code.

use std::process::ExitCode;

fn main() -> color_eyre::Result<ExitCode> {
    color_eyre::config::HookBuilder::default()
        .display_env_section(false)
        .install()?;
    // The one crypto provider; installed twice only if something in this process was first.
    drop(rustls::crypto::ring::default_provider().install_default());
    flightdeck::cli::run()
}
