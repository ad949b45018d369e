//! The Bookings API: send a brief, follow the job, decide on what is recommended.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{answered, command, given, read, refuse};
use crate::{
    api::{
        App, body,
        gate::Asker,
        rejection::Rejection,
        route::{Doc, Routes},
        stopping::Stopping,
    },
    domain::{
        booking::job::JobStatus,
        ids::{JobId, ProductId},
        money::Amount,
        tenant::caller::Caller,
    },
    engine::{
        bookings::{
            approve::ApproveJob,
            cancel::CancelJob,
            get::GetJob,
            history::{Events, JobHistory},
            list::{JobPage, ListJobs},
            retry::RetryJob,
            settled,
            submit::{SubmitBrief, Submitted},
            view::JobView,
        },
        fault::{Fault, FaultKind},
        operation::Operation,
    },
};

const SECTION: &str = "Bookings";

/// Adds the routes.
pub fn add(routes: Routes) -> Routes {
    let doc = |about| Doc::about(SECTION, about);
    routes
        .post(
            "/bookings",
            doc("Start a booking job from a campaign brief.")
                .takes::<SubmitBrief>()
                .gives::<Submitted>(),
            submit,
        )
        .get(
            "/bookings",
            doc("List booking jobs, newest first.")
                .asks::<ListJobs>()
                .gives::<JobPage>(),
            list,
        )
        .get(
            "/bookings/{job_id}",
            doc("Show a booking job.").gives::<JobView>(),
            get,
        )
        .post(
            "/bookings/{job_id}/approve",
            doc("Approve some, all or none of the recommendations.")
                .takes::<ApprovalRequest>()
                .gives::<Approved>()
                .pinned()
                .told(MEANT)
                .lasting(),
            approve,
        )
        .post(
            "/bookings/{job_id}/approve-all",
            doc("Approve all recommendations.")
                .gives::<ApprovedAll>()
                .pinned()
                .told(MEANT)
                .lasting(),
            approve_all,
        )
        .post(
            "/bookings/{job_id}/cancel",
            doc("Cancel a job that has not booked.")
                .gives::<JobView>()
                .pinned(),
            cancel,
        )
        .post(
            "/bookings/{job_id}/retry",
            doc("Start a failed job's brief again, as a new job.")
                .gives::<Submitted>()
                .pinned(),
            retry,
        )
        .get(
            "/bookings/{job_id}/events",
            doc("Show what happened to a job, in order.")
                .asks::<Window>()
                .gives::<Events>(),
            history,
        )
}

/// How whoever approves says that a spend is meant.
const MEANT: &[(&str, &str, &str)] = &[(
    "despite-warnings",
    "yes",
    "Says that a spend is meant although an upstream's own ceiling would not catch it; without it such an approval is refused with the warnings.",
)];

/// Which products are approved.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ApprovalRequest {
    /// The products; an empty list approves none and completes the job.
    approved_product_ids: Vec<ProductId>,
}

/// What came of an approval.
#[expect(
    clippy::struct_field_names,
    reason = "the names are those of the Bookings API"
)]
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Approved {
    /// `success` or `failed`.
    status: &'static str,
    /// How many products were approved.
    approved_count: u32,
    /// How many lines are booked.
    booked: usize,
    /// What the booked lines cost.
    total_cost: Amount,
    /// What did not become a line, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    failed: Vec<FailedLine>,
    /// What to do next, if there is more to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// What came of approving everything.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct ApprovedAll {
    /// `success` or `failed`.
    status: &'static str,
    /// How many lines are booked.
    booked: usize,
    /// How many impressions they have.
    total_impressions: u64,
    /// What they cost.
    total_cost: Amount,
    /// What did not become a line, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    failed: Vec<FailedLine>,
    /// What to do next, if there is more to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// A line that came to nothing.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct FailedLine {
    /// The product.
    product_id: String,
    /// Why.
    error: String,
}

/// Which events are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Window {
    /// Only what came behind this number.
    after: i64,
    /// At most so many.
    limit: Option<u32>,
}

async fn submit(
    State(app): State<App>,
    Asker(caller): Asker,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    let brief: SubmitBrief = read::<SubmitBrief, _>(&app, &caller, &headers, body).await?;
    let answer = command(&app, &caller, &headers, brief).await?;
    let mut response = answered(answer.replayed, &answer.output);
    if let Ok(location) = HeaderValue::from_str(&format!("/bookings/{}", answer.output.job_id)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

async fn list(
    State(app): State<App>,
    Asker(caller): Asker,
    uri: Uri,
) -> Result<Response, Rejection> {
    let question: ListJobs = body::query(&uri, &["limit"])?;
    Ok(given(app.core().ask_written(&caller, question).await?))
}

async fn get(
    State(app): State<App>,
    Asker(caller): Asker,
    id: JobPath,
) -> Result<Response, Rejection> {
    let job_id = id.parse()?;
    let question = GetJob { job_id };
    Ok(given(app.core().ask_written(&caller, question).await?))
}

async fn approve(
    State(app): State<App>,
    Asker(caller): Asker,
    id: JobPath,
    stopping: Stopping,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    let job_id = id.command::<ApproveJob>(&app, &caller).await?;
    let wanted: ApprovalRequest = read::<ApproveJob, _>(&app, &caller, &headers, body).await?;
    let (replayed, job) = decide(
        &app,
        &caller,
        &headers,
        job_id,
        Some(wanted.approved_product_ids),
        &stopping,
    )
    .await?;
    let booked = job.booked();
    let approved = Approved {
        status: verdict(&job),
        approved_count: job
            .approval
            .as_ref()
            .map_or(0, |approval| approval.approved_count),
        booked: booked.lines,
        total_cost: booked.cost.amount(),
        failed: failed(&job),
        message: unfinished(&job),
    };
    Ok(settle(replayed, &job, &approved))
}

async fn approve_all(
    State(app): State<App>,
    Asker(caller): Asker,
    id: JobPath,
    stopping: Stopping,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    let job_id = id.command::<ApproveJob>(&app, &caller).await?;
    if let Err(fault) = body::none(body).await {
        return Err(refuse::<ApproveJob>(&app, &caller, fault).await);
    }
    let (replayed, job) = decide(&app, &caller, &headers, job_id, None, &stopping).await?;
    let booked = job.booked();
    let approved = ApprovedAll {
        status: verdict(&job),
        booked: booked.lines,
        total_impressions: booked.impressions,
        total_cost: booked.cost.amount(),
        failed: failed(&job),
        message: unfinished(&job),
    };
    Ok(settle(replayed, &job, &approved))
}

/// Takes the decision and waits for what comes of it, unless the server is stopping.
async fn decide(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    job_id: JobId,
    approved_product_ids: Option<Vec<ProductId>>,
    stopping: &Stopping,
) -> Result<(bool, JobView), Rejection> {
    let expected_revision = expected::<ApproveJob>(app, caller, headers).await?;
    let operation = ApproveJob {
        job_id,
        approved_product_ids,
        expected_revision,
        despite_warnings: despite(headers),
    };
    let answer = command(app, caller, headers, operation).await?;
    let done = |job: &JobView| job.execution_status.is_final();
    // Whoever may decide may learn what came of it, whatever the key is narrowed to.
    let witness = Caller {
        scopes: None,
        ..caller.clone()
    };
    let most = app.setup().approve_wait;
    let job = tokio::select! {
        job = settled::wait(app.core(), &witness, job_id, most, done) => job?,
        () = stopping.told() => app.core().ask(&witness, GetJob { job_id }).await?,
    };
    Ok((answer.replayed, job))
}

/// Whether the asker says that a spend is meant although there are warnings about it.
fn despite(headers: &HeaderMap) -> bool {
    let said = headers.get("despite-warnings");
    said.is_some_and(|said| said.as_bytes().eq_ignore_ascii_case(b"yes"))
}

/// The revision that the asker saw, for a command.
async fn expected<O: Operation>(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
) -> Result<Option<i64>, Rejection> {
    match seen(headers) {
        Ok(seen) => Ok(seen),
        Err(fault) => Err(refuse::<O>(app, caller, fault).await),
    }
}

/// The revision that the asker saw, from `If-Match`.
pub(super) fn seen(headers: &HeaderMap) -> Result<Option<i64>, Fault> {
    let Some(tag) = headers.get(header::IF_MATCH) else {
        return Ok(None);
    };
    let text = tag.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let revision = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .and_then(|text| text.parse().ok());
    revision.map(Some).ok_or_else(|| {
        Fault::new(
            FaultKind::Stale,
            "INVALID_IF_MATCH",
            "If-Match is not an ETag that was given for this job",
        )
        .hint("take it from the ETag of GET /bookings/{job_id}")
    })
}

fn verdict(job: &JobView) -> &'static str {
    if job.status == JobStatus::Failed {
        "failed"
    } else {
        "success"
    }
}

fn failed(job: &JobView) -> Vec<FailedLine> {
    let one = |line: &crate::engine::bookings::view::LineView| {
        line.error.clone().map(|error| FailedLine {
            product_id: line.product_id.to_string(),
            error,
        })
    };
    job.booked_lines.iter().flatten().filter_map(one).collect()
}

fn unfinished(job: &JobView) -> Option<String> {
    if job.execution_status.is_final() {
        return None;
    }
    Some(format!(
        "Approved; booking goes on. Use GET /bookings/{} to follow it.",
        job.job_id
    ))
}

/// Answers with 202 while booking goes on.
fn settle<T: Serialize>(replayed: bool, job: &JobView, output: &T) -> Response {
    let response = answered(replayed, output);
    if job.execution_status.is_final() {
        response
    } else {
        (StatusCode::ACCEPTED, response).into_response()
    }
}

async fn cancel(
    State(app): State<App>,
    Asker(caller): Asker,
    id: JobPath,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    let job_id = id.command::<CancelJob>(&app, &caller).await?;
    if let Err(fault) = body::none(body).await {
        return Err(refuse::<CancelJob>(&app, &caller, fault).await);
    }
    let expected_revision = expected::<CancelJob>(&app, &caller, &headers).await?;
    let operation = CancelJob {
        job_id,
        expected_revision,
    };
    let answer = command(&app, &caller, &headers, operation).await?;
    Ok(answered(answer.replayed, &answer.output))
}

async fn retry(
    State(app): State<App>,
    Asker(caller): Asker,
    id: JobPath,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    let job_id = id.command::<RetryJob>(&app, &caller).await?;
    if let Err(fault) = body::none(body).await {
        return Err(refuse::<RetryJob>(&app, &caller, fault).await);
    }
    let expected_revision = expected::<RetryJob>(&app, &caller, &headers).await?;
    let operation = RetryJob {
        job_id,
        expected_revision,
    };
    let answer = command(&app, &caller, &headers, operation).await?;
    Ok(answered(answer.replayed, &answer.output))
}

async fn history(
    State(app): State<App>,
    Asker(caller): Asker,
    id: JobPath,
    uri: Uri,
) -> Result<Response, Rejection> {
    let Window { after, limit } = body::query(&uri, &["after", "limit"])?;
    let question = JobHistory {
        job_id: id.parse()?,
        after,
        limit,
    };
    Ok(answered(false, &app.core().ask(&caller, question).await?))
}

/// The id in the path, as it was sent.
struct JobPath(String);

impl JobPath {
    /// Whatever is no id of ours is no job of ours.
    fn parse(&self) -> Result<JobId, Fault> {
        self.0.parse().map_err(|_| Fault::absent("job", &self.0))
    }

    /// The same for a command, which is written down also when it is refused.
    async fn command<O: Operation>(&self, app: &App, caller: &Caller) -> Result<JobId, Rejection> {
        match self.parse() {
            Ok(id) => Ok(id),
            Err(fault) => Err(refuse::<O>(app, caller, fault).await),
        }
    }
}

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for JobPath {
    type Rejection = Rejection;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        state: &S,
    ) -> Result<Self, Rejection> {
        // What cannot be read names no job either; who asks for it decides what is written down.
        let path = Path::<String>::from_request_parts(parts, state).await;
        Ok(path.map_or_else(|_| Self(String::new()), |Path(id)| Self(id)))
    }
}
