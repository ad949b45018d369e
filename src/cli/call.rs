//! Asks any operation of the engine with a JSON object.

use std::io::Read as _;

use clap::Args;

use super::{Ended, Shown, open::Desktop, out};
use crate::{
    config::Settings,
    engine::catalogue::{self, CATALOGUE},
};

/// Ask any operation of the engine with a JSON object.
#[derive(Debug, Args)]
pub struct Call {
    /// The operation, such as bookings.list.
    #[arg(required_unless_present = "list")]
    operation: Option<String>,
    /// The question; `-` reads it from standard input.
    #[arg(default_value = "{}")]
    question: String,
    /// List every operation instead.
    #[arg(long)]
    list: bool,
    /// An idempotency key: asking again with it gets the first answer again.
    #[arg(long)]
    key: Option<String>,
}

/// Asks, and prints the answer as JSON.
pub async fn run(settings: &Settings, call: Call, shown: Shown) -> Result<(), Ended> {
    let Some(operation) = call.operation.filter(|_| !call.list) else {
        if shown.as_json {
            return out::json(&catalogue::describe(CATALOGUE));
        }
        let mut table = out::Table::new(&["OPERATION", "NEEDS", "ABOUT"]);
        for entry in CATALOGUE {
            table.row(&[
                entry.name.into(),
                entry.kind.permission().to_string(),
                entry.about.into(),
            ]);
        }
        return table.print();
    };
    let entry = catalogue::find(&operation)?;
    let mut question = call.question.into_bytes();
    if question == b"-" {
        question.clear();
        std::io::stdin().lock().read_to_end(&mut question)?;
    }
    let desktop = Desktop::open(settings, shown.demo).await?;
    let answer = desktop.session.call(entry, question, call.key).await;
    desktop.close().await?;
    out::raw(&(answer?.output + "\n"))
}
