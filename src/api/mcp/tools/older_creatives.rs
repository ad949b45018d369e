//! `upload_creative` and `get_creative_status`: one creative of one media buy, in the older
//! shape that knows no library.

use serde_json::{Value, json};

use crate::{
    api::mcp::tool::{Answering, Ask, Object, Tool},
    domain::{media_buy::creative::CreativeStatus, when::rfc3339},
    engine::{
        core::Answer,
        creatives::upload::{CreativesOfBuy, OfBuy, UploadCreative},
    },
};

/// Takes a creative in.
pub const UPLOAD: Tool = Tool::of::<UploadCreative>(
    "upload_creative",
    "Upload one creative for a media buy: its address and its format. All packages of the buy \
     show it once it is approved. For many at once take sync_creatives.",
)
.older(|_| true)
.called(upload);

/// Says where creatives stand.
pub const STATUS: Tool = Tool::of::<CreativesOfBuy>(
    "get_creative_status",
    "Say where the creatives of a media buy stand: pending_review, approved or rejected with the \
     reason.",
)
.called(status);

fn upload(ask: Ask) -> Answering {
    Box::pin(async move {
        let Answer { output, replayed } = ask.reading::<UploadCreative>().await?;
        let told = json!({
            "media_buy_id": output.media_buy_id,
            "creative_id": output.creative_id,
            "status": output.status,
            "package_ids": output.package_ids,
            "message": said(output.status),
        });
        Ok(Answer {
            output: told.as_object().cloned().unwrap_or_default(),
            replayed,
        })
    })
}

fn status(ask: Ask) -> Answering {
    Box::pin(async move {
        let media_buy_id = ask.arguments.get("media_buy_id").cloned();
        let Answer { output, replayed } = ask.reading::<CreativesOfBuy>().await?;
        let creatives: Vec<Value> = output.creatives.iter().map(shown).collect();
        Ok(Answer {
            output: Object::from_iter([
                ("media_buy_id".to_owned(), media_buy_id.into()),
                ("creatives".to_owned(), creatives.into()),
            ]),
            replayed,
        })
    })
}

fn shown(of: &OfBuy) -> Value {
    let one = &of.creative.creative;
    let mut told = json!({
        "creative_id": one.creative_id,
        "name": one.name,
        "format": one.format_id.get("id"),
        "status": one.status,
        "package_ids": of.package_ids,
        "updated_at": rfc3339(of.creative.updated_at),
    });
    if let Some(reason) = &one.rejection_reason {
        told["rejection_reason"] = json!(reason);
    }
    told
}

fn said(status: CreativeStatus) -> &'static str {
    match status {
        CreativeStatus::Approved => "it is approved and can be shown",
        CreativeStatus::Rejected => "it may not be shown; get_creative_status says why",
        _ => "it is looked over first; get_creative_status says what comes of it",
    }
}
