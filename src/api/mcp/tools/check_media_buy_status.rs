//! `check_media_buy_status`: where a media buy stands, in the older shape.

use serde_json::{Value, json};

use crate::{
    api::mcp::tool::{Answering, Ask, Tool, fields, named},
    domain::ids::BuyId,
    engine::{core::Answer, media_buys::get::GetBuy},
};

/// The fields that it reads.
const FIELDS: &[&str] = &["media_buy_id"];

/// The tool.
pub const TOOL: Tool = Tool::of::<GetBuy>(
    "check_media_buy_status",
    "Say where a media buy stands: status, progress of its flight, spend and performance.",
)
.taking(|| named(FIELDS))
.called(call);

fn call(mut ask: Ask) -> Answering {
    Box::pin(async move {
        let sent = std::mem::take(&mut ask.arguments);
        let id = sent
            .get("media_buy_id")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let get = GetBuy {
            media_buy_id: BuyId::from(id),
        };
        let view = ask.core.ask(&ask.caller, get).await?;
        let buy = &view.buy;
        let whole = (buy.end - buy.start).num_seconds().max(1);
        let gone = (ask.core.clock().now() - buy.start)
            .num_seconds()
            .clamp(0, whole);
        // Whole thousandths: nobody reads more of it, and it prints the same everywhere.
        let thousandths = i128::from(gone) * 1_000 / i128::from(whole);
        let progress = serde_json::Number::from_f64(
            f64::from(i32::try_from(thousandths).unwrap_or(0)) / 1_000.0,
        );
        let output = json!({
            "media_buy_id": buy.id,
            "status": buy.status.name(),
            "flight_progress": progress,
            // No ad server reports to this seller yet, and nothing is made up.
            "budget_spent": 0,
            "impressions_delivered": 0,
            "performance": {"ctr": null, "viewability": null, "completion_rate": null},
        });
        Ok(Answer {
            output: fields(&output)?,
            replayed: false,
        })
    })
}
