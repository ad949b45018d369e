//! Orders of an account.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};

use super::{Paging, ask, created, doc, trade};
use crate::{
    api::{
        App,
        gate::Asker,
        rejection::Rejection,
        rest::{answered, path::Ids, sent},
        route::Routes,
    },
    domain::opendirect::wire::{NewOrder, Order, OrderList, OrderPatch},
    engine::{
        fault::Fault,
        seller::orders::{
            change::ChangeOrder, create::CreateOrder, get::GetOrder, list::ListOrders,
        },
    },
};

pub(super) fn add(routes: Routes) -> Routes {
    routes
        .post(
            "/api/v2.1/accounts/{account_id}/orders",
            doc("Place an order.").takes::<NewOrder>().makes::<Order>(),
            create,
        )
        .get(
            "/api/v2.1/accounts/{account_id}/orders",
            doc("List the orders of an account.")
                .asks::<Paging>()
                .gives::<OrderList>(),
            list,
        )
        .get(
            "/api/v2.1/accounts/{account_id}/orders/{order_id}",
            doc("Show an order.").gives::<Order>(),
            get,
        )
        .patch(
            "/api/v2.1/accounts/{account_id}/orders/{order_id}",
            doc("Change an order, or decide on it as its publisher.")
                .takes::<OrderPatch>()
                .gives::<Order>(),
            change,
        )
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
        let sent: NewOrder = sent(&headers, body).await?;
        let order = sent.draft(account_id).map_err(Fault::invalid)?;
        Ok(CreateOrder { account_id, order })
    }
    .await;
    let answer = trade(&app, &caller, &headers, read).await?;
    let made = Order::from(&answer.output);
    let at = format!("accounts/{}/orders/{}", made.accountid, made.id);
    Ok(created(answer.replayed, &at, &made))
}

async fn list(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    uri: Uri,
) -> Result<Response, Rejection> {
    let paging = Paging::read(&uri)?;
    let question = ListOrders {
        account_id: Some(ids.id("account_id")?),
        status: None,
        limit: paging.limit(),
        offset: paging.offset(),
        search: paging.search,
    };
    let page = ask(&app, &caller, question).await?;
    let list = OrderList {
        orders: page.items.iter().map(Order::from).collect(),
        total_count: page.total,
        limit: page.limit.into(),
        offset: page.offset.into(),
    };
    Ok(answered(false, &list))
}

fn wanted(ids: &Ids) -> Result<GetOrder, Fault> {
    Ok(GetOrder {
        account_id: Some(ids.id("account_id")?),
        order_id: ids.id("order_id")?,
    })
}

async fn get(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
) -> Result<Response, Rejection> {
    let order = ask(&app, &caller, wanted(&ids)?).await?;
    Ok(answered(false, &Order::from(&order)))
}

/// A whole order may be sent back; what is in it already is no change and no decision.
async fn change(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    let read: Result<_, Fault> = async {
        let question = wanted(&ids)?;
        let patch: OrderPatch = sent(&headers, body).await?;
        let order = app.core().ask(&caller, question).await?;
        let (change, decision) = patch.read(&order).map_err(Fault::invalid)?;
        Ok(ChangeOrder {
            account_id: Some(order.account_id),
            order_id: order.id,
            change,
            decision,
        })
    }
    .await;
    let answer = trade(&app, &caller, &headers, read).await?;
    Ok(answered(answer.replayed, &Order::from(&answer.output)))
}
