//! Lines of an order. A line moves by actions, which stand in the query and have no body.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Paging, ask, created, doc, trade};
use crate::{
    api::{
        App, body,
        gate::Asker,
        rejection::Rejection,
        rest::{answered, path::Ids, sent},
        route::Routes,
    },
    domain::opendirect::wire::{Line, LineList, LineStats, NewLine},
    engine::{
        fault::Fault,
        seller::lines::{
            act::{ActOnLine, BuyerAction},
            create::CreateLine,
            get::GetLine,
            list::ListLines,
            stats::GetLineStats,
        },
    },
};

pub(super) fn add(routes: Routes) -> Routes {
    routes
        .post(
            "/api/v2.1/accounts/{account_id}/orders/{order_id}/lines",
            doc("Draft a line of an order.")
                .takes::<NewLine>()
                .makes::<Line>(),
            create,
        )
        .get(
            "/api/v2.1/accounts/{account_id}/orders/{order_id}/lines",
            doc("List the lines of an order.")
                .asks::<Paging>()
                .gives::<LineList>(),
            list,
        )
        .get(
            "/api/v2.1/accounts/{account_id}/orders/{order_id}/lines/{line_id}",
            doc("Show a line.").gives::<Line>(),
            get,
        )
        .patch(
            "/api/v2.1/accounts/{account_id}/orders/{order_id}/lines/{line_id}",
            doc("Reserve, book or cancel a line.")
                .asks::<Action>()
                .gives::<Line>(),
            act,
        )
        .get(
            "/api/v2.1/accounts/{account_id}/orders/{order_id}/lines/{line_id}/stats",
            doc("Say how a line does.").gives::<LineStats>(),
            stats,
        )
}

/// What is to be done with a line.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Action {
    /// `reserve`, `book` or `cancel`.
    action: BuyerAction,
}

async fn create(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    let read: Result<_, Fault> = async {
        let account_id = ids.id("account_id")?;
        let order_id = ids.id("order_id")?;
        let sent: NewLine = sent(&headers, body).await?;
        Ok(CreateLine {
            account_id: Some(account_id),
            order_id,
            line: sent.draft(order_id).map_err(Fault::invalid)?,
        })
    }
    .await;
    let answer = trade(&app, &caller, &headers, read).await?;
    let made = Line::from(&answer.output);
    let (account, order) = (ids.text("account_id"), &made.orderid);
    let at = format!("accounts/{account}/orders/{order}/lines/{}", made.id);
    Ok(created(answer.replayed, &at, &made))
}

async fn list(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    uri: Uri,
) -> Result<Response, Rejection> {
    let paging = Paging::read(&uri)?;
    let question = ListLines {
        account_id: Some(ids.id("account_id")?),
        order_id: Some(ids.id("order_id")?),
        status: None,
        limit: paging.limit(),
        offset: paging.offset(),
        search: paging.search,
    };
    let page = ask(&app, &caller, question).await?;
    let list = LineList {
        lines: page.items.iter().map(Line::from).collect(),
        total_count: page.total,
        limit: page.limit.into(),
        offset: page.offset.into(),
    };
    Ok(answered(false, &list))
}

async fn get(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
) -> Result<Response, Rejection> {
    let question = GetLine {
        account_id: Some(ids.id("account_id")?),
        order_id: Some(ids.id("order_id")?),
        line_id: ids.id("line_id")?,
    };
    let line = ask(&app, &caller, question).await?;
    Ok(answered(false, &Line::from(&line)))
}

async fn act(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    uri: Uri,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response, Rejection> {
    let read: Result<_, Fault> = async {
        let (account_id, order_id) = (ids.id("account_id")?, ids.id("order_id")?);
        let line_id = ids.id("line_id")?;
        let Action { action } = body::query(&uri, &[])?;
        body::none(sent).await?;
        Ok(ActOnLine {
            account_id: Some(account_id),
            order_id: Some(order_id),
            line_id,
            action,
        })
    }
    .await;
    let answer = trade(&app, &caller, &headers, read).await?;
    Ok(answered(answer.replayed, &Line::from(&answer.output)))
}

async fn stats(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
) -> Result<Response, Rejection> {
    let question = GetLineStats {
        account_id: Some(ids.id("account_id")?),
        order_id: Some(ids.id("order_id")?),
        line_id: ids.id("line_id")?,
    };
    let stats = ask(&app, &caller, question).await?;
    Ok(answered(false, &LineStats::from(&stats)))
}
