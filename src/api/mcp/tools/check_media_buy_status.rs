//! `check_media_buy_status`: where a media buy stands, in the older shape.

use serde::Deserialize;
use serde_json::json;

use crate::{
    api::mcp::tool::{Answering, Ask, Tool, fields, named},
    domain::{delivery::totals::Totals, ids::BuyId, pacing::ratio::Ratio},
    engine::{
        core::Answer,
        media_buys::{
            delivered::{amount, fraction},
            delivery::GetDelivery,
            get::GetBuy,
        },
    },
};

/// The fields that it reads.
const FIELDS: &[&str] = &["media_buy_id"];

/// Which media buy is asked about.
#[derive(Deserialize)]
struct Wanted {
    media_buy_id: BuyId,
}

/// The tool.
pub const TOOL: Tool = Tool::of::<GetBuy>(
    "check_media_buy_status",
    "Say where a media buy stands: status, progress of its flight, spend and performance.",
)
.taking(|| named(FIELDS))
.called(call);

fn call(mut ask: Ask) -> Answering {
    Box::pin(async move {
        let Wanted { media_buy_id } = ask.read()?;
        let get = GetBuy { media_buy_id };
        let buy = ask.core.ask(&ask.caller, get).await?.buy;
        let get = GetDelivery {
            media_buy_ids: Some(vec![buy.id.clone()]),
            ..GetDelivery::default()
        };
        let told = ask.core.ask(&ask.caller, get).await?.buys;
        // One that nobody has agreed to has delivered nothing.
        let totals = told.first().map_or_else(Totals::default, |one| one.totals);
        let whole = (buy.end - buy.start).num_seconds().max(1);
        let gone = (ask.core.clock().now() - buy.start)
            .num_seconds()
            .clamp(0, whole);
        // Whole thousandths: nobody reads more of it, and it prints the same everywhere.
        let progress = Ratio::new(i128::from(gone) * 1_000 / i128::from(whole), 1_000);
        let output = json!({
            "media_buy_id": buy.id,
            "status": buy.status.name(),
            "flight_progress": fraction(progress),
            "budget_spent": amount(totals.spent, buy.currency),
            "impressions_delivered": totals.impressions,
            "performance": {
                "ctr": fraction(totals.ctr()),
                "viewability": fraction(totals.viewability()),
                "completion_rate": fraction(totals.completion()),
            },
        });
        Ok(Answer {
            output: fields(&output)?,
            replayed: false,
        })
    })
}
