//! What waits for a tenant's publisher: listed, agreed to, refused.

use axum::{body::Body, http::Uri, response::Response};

use super::{Desk, Refusal, doc, sent::Notes, told};
use crate::{
    api::{body, route::Routes},
    domain::ids::ApprovalId,
    engine::{
        fault::Fault,
        media_buys::{
            decide::{DecideApproval, Say},
            view::BuyView,
        },
        tenants::workflows::{ListWorkflows, WorkflowPage},
    },
};

pub(super) fn add(routes: Routes) -> Routes {
    routes
        .get(
            "/api/v1/tenant-management/tenants/{tenant_id}/workflows",
            doc("List what waits for the publisher, the longest waiting first.")
                .asks::<ListWorkflows>()
                .gives::<WorkflowPage>(),
            list,
        )
        .post(
            "/api/v1/tenant-management/tenants/{tenant_id}/workflows/{workflow_id}/approve",
            doc("Agree to what waits for the publisher.")
                .takes::<Notes>()
                .gives::<BuyView>(),
            approve,
        )
        .post(
            "/api/v1/tenant-management/tenants/{tenant_id}/workflows/{workflow_id}/reject",
            doc("Refuse what waits for the publisher.")
                .takes::<Notes>()
                .gives::<BuyView>(),
            reject,
        )
}

async fn list(desk: Desk, uri: Uri) -> Result<Response, Refusal> {
    let question: ListWorkflows = body::query(&uri, &["limit"])?;
    let page = desk.ask(question).await?;
    Ok(super::super::answered(false, &page))
}

async fn approve(desk: Desk, body: Body) -> Result<Response, Refusal> {
    decide(desk, body, Say::Approve).await
}

async fn reject(desk: Desk, body: Body) -> Result<Response, Refusal> {
    decide(desk, body, Say::Reject).await
}

async fn decide(desk: Desk, body: Body, say: Say) -> Result<Response, Refusal> {
    let sent = body::maybe::<Notes>(&desk.headers, body).await;
    let named = desk.ids.text("workflow_id");
    let question = sent.and_then(|sent| {
        let id: Result<ApprovalId, _> = named.parse();
        let id = id.map_err(|_| Fault::absent("workflow", named))?;
        Ok(DecideApproval {
            approval_id: Some(id),
            media_buy_id: None,
            say,
            reason: sent.notes,
            expected_revision: None,
        })
    });
    let answer = desk.command(question).await?;
    Ok(told(&answer))
}
