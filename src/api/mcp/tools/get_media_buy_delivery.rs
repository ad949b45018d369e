//! `get_media_buy_delivery`: what media buys have delivered, for whoever ordered them. What is
//! not counted by place, device or audience is left out, as the protocol wants it.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::{
    api::mcp::tool::{Answering, Ask, Tool, named},
    domain::{
        adcp::account::AccountRef,
        ids::BuyId,
        media_buy::status::BuyStatus,
        problem::{Code, Problem},
        when::parse_day,
    },
    engine::{
        accounts::resolve::ResolveAccount,
        core::Answer,
        fault::Fault,
        media_buys::{delivered::told, delivery::GetDelivery},
    },
};

/// The fields that it reads.
const FIELDS: &[&str] = &[
    "account",
    "media_buy_ids",
    "status_filter",
    "start_date",
    "end_date",
    "include_package_daily_breakdown",
    "attribution_window",
    "reporting_dimensions",
];

/// The tool.
pub const TOOL: Tool = Tool::of::<GetDelivery>(
    "get_media_buy_delivery",
    "Tell what your media buys have delivered: impressions, spend, clicks, completed views and \
     pacing by package, in all or between two days (start_date, end_date: YYYY-MM-DD, both \
     included, UTC), day by day with include_package_daily_breakdown.",
)
.taking(|| named(FIELDS))
.called(call);

/// One state or several.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a status such as `active` or `completed`, or a list of them"
)]
enum Statuses {
    One(BuyStatus),
    Many(Vec<BuyStatus>),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    account: Option<AccountRef>,
    media_buy_ids: Option<Vec<BuyId>>,
    status_filter: Option<Statuses>,
    start_date: Option<String>,
    end_date: Option<String>,
    include_package_daily_breakdown: bool,
}

/// Reads a day, where there is one.
pub fn day(text: Option<&str>, field: &'static str) -> Result<Option<NaiveDate>, Fault> {
    let read = |text| {
        parse_day(text).ok_or_else(|| {
            let code = Code::new("INVALID_REQUEST");
            Fault::field(Problem::new(field, code, "is not a day such as 2026-07-01"))
        })
    };
    text.map(read).transpose()
}

fn call(mut ask: Ask) -> Answering {
    Box::pin(async move {
        let wanted: Wanted = ask.read()?;
        let account_id = match wanted.account {
            None => None,
            Some(account) => {
                let resolve = ResolveAccount { account };
                let found = ask.core.ask(&ask.caller, resolve).await?.account_id;
                // One that is not there has no media buys.
                Some(found.unwrap_or_default())
            }
        };
        let get = GetDelivery {
            media_buy_ids: wanted.media_buy_ids,
            status: wanted.status_filter.map(|statuses| match statuses {
                Statuses::One(one) => vec![one],
                Statuses::Many(many) => many,
            }),
            account_id,
            start_date: day(wanted.start_date.as_deref(), "start_date")?,
            end_date: day(wanted.end_date.as_deref(), "end_date")?,
            daily: wanted.include_package_daily_breakdown,
        };
        let deliveries = ask.core.ask(&ask.caller, get).await?;
        Ok(Answer {
            output: told(&deliveries),
            replayed: false,
        })
    })
}
