//! Sellers from the command line: who they are, where, and what is known of what they have.

use clap::{Args, Subcommand};

use super::{Ended, Shown, open::Desktop, out};
use crate::{
    config::Settings,
    engine::sellers::list::{ListSellers, SellerList},
};

/// Look at the sellers that jobs are researched and booked with.
#[derive(Debug, Subcommand)]
pub enum Sellers {
    /// List them, with how old their catalogues are, how many products, and what is wrong.
    List(List),
}

/// How they are listed.
#[derive(Debug, Args)]
pub struct List {
    /// Say what is known, and ask none of them.
    #[arg(long)]
    known: bool,
}

/// Does it.
pub async fn run(settings: &Settings, sellers: Sellers, shown: Shown) -> Result<(), Ended> {
    let Sellers::List(how) = sellers;
    let desktop = Desktop::open(settings, shown.demo).await?;
    let look = !how.known;
    let found = desktop.session.ask(ListSellers { look }).await;
    desktop.close().await?;
    let found = found?;
    if shown.as_json {
        return out::json(&found);
    }
    list(&found)
}

fn list(found: &SellerList) -> Result<(), Ended> {
    let headings = [
        "SELLER",
        "KIND",
        "PRODUCTS",
        "CATALOGUE",
        "AVAILS",
        "WHERE",
        "TROUBLE",
    ];
    let mut table = out::Table::new(&headings).right(&[2]);
    for one in &found.sellers {
        table.row(&[
            one.seller.clone(),
            one.kind.name().to_owned(),
            one.products.to_string(),
            one.age(),
            one.avails.clone().unwrap_or_else(|| "-".into()),
            one.place.clone().unwrap_or_else(|| "in this engine".into()),
            one.trouble.clone().unwrap_or_default(),
        ]);
    }
    table.print()?;
    for one in &found.sellers {
        for left_out in &one.left_out {
            out::note(&format!("{}: left out: {left_out}", one.seller));
        }
    }
    Ok(())
}
