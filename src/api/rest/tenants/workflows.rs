//! What waits for a tenant's publisher: listed, shown, agreed to, refused.

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
        tenants::workflows::{GetWorkflow, ListWorkflows, Workflow, WorkflowPage},
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
        .get(
            "/api/v1/tenant-management/tenants/{tenant_id}/workflows/{workflow_id}",
            doc("Show one thing that waits for the publisher, or was decided.").gives::<Workflow>(),
            show,
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

async fn show(desk: Desk) -> Result<Response, Refusal> {
    let workflow_id = match named(&desk) {
        Ok(id) => id,
        Err(fault) => {
            // Whoever may not see it learns nothing of its id.
            desk.of_tenant::<GetWorkflow>().await?;
            return Err(fault.into());
        }
    };
    let found = desk.ask(GetWorkflow { workflow_id }).await?;
    Ok(super::super::answered(false, &found))
}

/// The id in the path.
fn named(desk: &Desk) -> Result<ApprovalId, Fault> {
    let named = desk.ids.text("workflow_id");
    named.parse().map_err(|_| Fault::absent("workflow", named))
}

async fn approve(desk: Desk, body: Body) -> Result<Response, Refusal> {
    decide(desk, body, Say::Approve).await
}

async fn reject(desk: Desk, body: Body) -> Result<Response, Refusal> {
    decide(desk, body, Say::Reject).await
}

async fn decide(desk: Desk, body: Body, say: Say) -> Result<Response, Refusal> {
    let sent = body::maybe::<Notes>(&desk.headers, body).await;
    let id = named(&desk);
    let question = sent.and_then(|sent| {
        let id = id?;
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
