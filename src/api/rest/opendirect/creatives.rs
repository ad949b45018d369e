//! Creatives of an account, what publishers think of them, and where they run.

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
    domain::{
        ids::LineId,
        opendirect::{
            assignment::{AssignmentAction, AssignmentStatus},
            creative::{ApprovalAction, ApprovalStatus},
            wire::{
                Assignment, AssignmentList, Creative, CreativeList, NewAssignment, NewCreative,
            },
        },
    },
    engine::{
        fault::Fault,
        seller::creatives::{
            assignments::{ChangeAssignment, CreateAssignment, GetAssignment, ListAssignments},
            decide::DecideCreative,
            library::{CreateCreative, GetCreative, ListCreatives},
        },
    },
};

pub(super) fn add(routes: Routes) -> Routes {
    let routes = routes
        .post(
            "/api/v2.1/accounts/{account_id}/creatives",
            doc("Send a creative in.")
                .takes::<NewCreative>()
                .makes::<Creative>(),
            create,
        )
        .get(
            "/api/v2.1/accounts/{account_id}/creatives",
            doc("List the creatives of an account.")
                .asks::<Paging>()
                .gives::<CreativeList>(),
            list,
        )
        .get(
            "/api/v2.1/accounts/{account_id}/creatives/{creative_id}",
            doc("Show a creative.").gives::<Creative>(),
            get,
        )
        .post(
            "/api/v2.1/accounts/{account_id}/creatives/{creative_id}/approvals",
            doc("Approve or reject a creative as a publisher, or send it to one again.")
                .takes::<Approval>()
                .gives::<Creative>(),
            decide,
        );
    routes
        .post(
            "/api/v2.1/accounts/{account_id}/assignments",
            doc("Put a creative on a line.")
                .takes::<NewAssignment>()
                .makes::<Assignment>(),
            assign,
        )
        .get(
            "/api/v2.1/accounts/{account_id}/assignments",
            doc("List the assignments of an account.")
                .asks::<Window>()
                .gives::<AssignmentList>(),
            assignments,
        )
        .get(
            "/api/v2.1/accounts/{account_id}/assignments/{assignment_id}",
            doc("Show an assignment.").gives::<Assignment>(),
            assignment,
        )
        .patch(
            "/api/v2.1/accounts/{account_id}/assignments/{assignment_id}",
            doc("Switch an assignment off.")
                .takes::<Switch>()
                .gives::<Assignment>(),
            switch,
        )
}

/// What is decided on a creative.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Approval {
    /// For which publisher.
    #[serde(alias = "publisher_id")]
    publisherid: String,
    /// `APPROVED` or `REJECTED`; `PENDING` sends it to the publisher again.
    status: ApprovalStatus,
    /// Why.
    #[serde(default)]
    reason: Option<String>,
}

/// What an assignment shall be.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Switch {
    /// `Inactive`.
    status: AssignmentStatus,
}

/// Which assignments are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Window {
    /// Only on this line.
    #[serde(rename = "lineId", alias = "line_id")]
    line_id: Option<LineId>,
    /// At most so many; 50 where it is not said, 1000 at most.
    limit: Option<u32>,
    /// Behind so many.
    offset: u32,
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
        let sent: NewCreative = sent(&headers, body).await?;
        let creative = sent.draft(account_id).map_err(Fault::invalid)?;
        Ok(CreateCreative {
            account_id,
            creative,
        })
    }
    .await;
    let answer = trade(&app, &caller, &headers, read).await?;
    let made = Creative::from(&answer.output);
    let at = format!("accounts/{}/creatives/{}", made.accountid, made.id);
    Ok(created(answer.replayed, &at, &made))
}

async fn list(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    uri: Uri,
) -> Result<Response, Rejection> {
    let paging = Paging::read(&uri)?;
    let question = ListCreatives {
        account_id: ids.id("account_id")?,
        limit: paging.limit(),
        offset: paging.offset(),
        search: paging.search,
    };
    let page = ask(&app, &caller, question).await?;
    let list = CreativeList {
        creatives: page.items.iter().map(Creative::from).collect(),
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
    let question = GetCreative {
        account_id: ids.id("account_id")?,
        creative_id: ids.id("creative_id")?,
    };
    let found = ask(&app, &caller, question).await?;
    Ok(answered(false, &Creative::from(&found)))
}

async fn decide(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    let read: Result<_, Fault> = async {
        let (account_id, creative_id) = (ids.id("account_id")?, ids.id("creative_id")?);
        let sent: Approval = sent(&headers, body).await?;
        Ok(DecideCreative {
            account_id,
            creative_id,
            publisher_id: sent.publisherid,
            action: match sent.status {
                ApprovalStatus::Approved => ApprovalAction::Approve,
                ApprovalStatus::Rejected => ApprovalAction::Reject,
                ApprovalStatus::Pending => ApprovalAction::Resubmit,
            },
            reason: sent.reason,
        })
    }
    .await;
    let answer = trade(&app, &caller, &headers, read).await?;
    Ok(answered(answer.replayed, &Creative::from(&answer.output)))
}

async fn assign(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    let read: Result<_, Fault> = async {
        let account_id = ids.id("account_id")?;
        let sent: NewAssignment = sent(&headers, body).await?;
        let (creative_id, line_id, ext) = sent.read().map_err(Fault::invalid)?;
        Ok(CreateAssignment {
            account_id,
            creative_id,
            line_id,
            ext,
        })
    }
    .await;
    let answer = trade(&app, &caller, &headers, read).await?;
    let made = Assignment::from(&answer.output);
    let account = answer.output.account_id;
    let at = format!("accounts/{account}/assignments/{}", made.id);
    Ok(created(answer.replayed, &at, &made))
}

async fn assignments(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    uri: Uri,
) -> Result<Response, Rejection> {
    let window: Window = body::query(&uri, &["limit", "offset"])?;
    let question = ListAssignments {
        account_id: ids.id("account_id")?,
        line_id: window.line_id,
        limit: window.limit,
        offset: window.offset,
    };
    let page = ask(&app, &caller, question).await?;
    let list = AssignmentList {
        assignments: page.items.iter().map(Assignment::from).collect(),
        total_count: page.total,
        limit: page.limit.into(),
        offset: page.offset.into(),
    };
    Ok(answered(false, &list))
}

async fn assignment(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
) -> Result<Response, Rejection> {
    let question = GetAssignment {
        account_id: ids.id("account_id")?,
        assignment_id: ids.id("assignment_id")?,
    };
    let found = ask(&app, &caller, question).await?;
    Ok(answered(false, &Assignment::from(&found)))
}

async fn switch(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    let read: Result<_, Fault> = async {
        let (account_id, assignment_id) = (ids.id("account_id")?, ids.id("assignment_id")?);
        let sent: Switch = sent(&headers, body).await?;
        Ok(ChangeAssignment {
            account_id,
            assignment_id,
            action: match sent.status {
                AssignmentStatus::Active => AssignmentAction::Activate,
                AssignmentStatus::Inactive => AssignmentAction::Deactivate,
            },
        })
    }
    .await;
    let answer = trade(&app, &caller, &headers, read).await?;
    Ok(answered(answer.replayed, &Assignment::from(&answer.output)))
}
