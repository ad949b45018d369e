//! Jobs as tables for people.

use super::{Ended, out};
use crate::{
    domain::booking::job::JobStatus,
    engine::{
        bookings::{list::JobPage, upstream::desk::BookingsDesk, view::JobView},
        upstream::second,
    },
};

/// A list of jobs.
pub fn list(page: &JobPage, desk: &BookingsDesk) -> Result<(), Ended> {
    let mut headings = vec!["JOB", "STATUS", "CAMPAIGN", "BUDGET", "", "CREATED"];
    // Of a job that lives here, its lines at sellers may live elsewhere.
    let elsewhere = !desk.is_embedded() || page.jobs.iter().any(|job| job.upstream.is_some());
    if elsewhere {
        headings.push("UPSTREAM");
    }
    let mut table = out::Table::new(&headings).right(&[3]);
    for job in &page.jobs {
        let mut cells = vec![
            job.job_id.to_string(),
            sign(job.status),
            job.campaign_name.clone(),
            job.budget.to_string(),
            job.currency.clone(),
            second(&job.created_at),
        ];
        if elsewhere {
            cells.push(job.upstream.clone().unwrap_or_else(|| "lives here".into()));
        }
        table.row(&cells);
    }
    table.print_or("`flightdeck jobs new` sends a brief, and a filter may hide jobs")?;
    if !desk.is_embedded() {
        out::note(&desk.sentence());
    }
    if let Some(cursor) = &page.next_cursor {
        out::note(&format!(
            "{} of {}; go on with --cursor {cursor}",
            page.jobs.len(),
            page.total
        ));
    }
    Ok(())
}

fn sign(status: JobStatus) -> String {
    let sign = match status {
        JobStatus::Pending => "○",
        JobStatus::Running => "◐",
        JobStatus::AwaitingApproval => "◆",
        JobStatus::Completed => "✓",
        JobStatus::Failed => "✗",
    };
    format!("{sign} {}", status.words())
}

/// A job whole.
pub fn job(job: &JobView) -> Result<(), Ended> {
    out::line(&format!(
        "{}  {}  {:.0} %",
        job.campaign_name,
        sign(job.status),
        job.progress * 100.0
    ))?;
    out::line(&format!("job {}, revision {}", job.job_id, job.revision))?;
    let flight = match &*job.start_date {
        "" => "days not known here".to_owned(),
        first => format!("{first} to {}", job.end_date),
    };
    out::line(&format!(
        "{} {}, {flight}, sent by {} at {}",
        job.budget,
        job.currency,
        job.submitted_by,
        second(&job.created_at)
    ))?;
    if let Some(upstream) = &job.upstream {
        out::line(&upstream.line())?;
        for one in upstream.remarks() {
            out::line(&format!("  {one}"))?;
        }
        for one in &upstream.disagreements {
            out::line(&format!("disagrees: {}", one.sentence()))?;
        }
        for one in &upstream.warnings {
            out::line(&format!("warning: {one}"))?;
        }
    }
    for note in &job.notes {
        out::line(&format!("note: {note}"))?;
    }
    for gap in job.audience_gaps.iter().flatten() {
        out::line(&format!("gap: {gap}"))?;
    }
    for error in job.errors.iter().flatten() {
        out::line(&format!("error: {error}"))?;
    }
    for one in &job.sellers {
        out::line(&format!(
            "seller: {}: {} products{}",
            one.whereabouts(),
            one.products,
            one.trouble
                .as_ref()
                .map_or_else(String::new, |why| format!(", could not be asked: {why}"))
        ))?;
    }
    allocations(job)?;
    recommendations(job)?;
    lines(job)
}

fn allocations(job: &JobView) -> Result<(), Ended> {
    let Some(allocations) = &job.budget_allocations else {
        return Ok(());
    };
    out::line("")?;
    let mut table = out::Table::new(&["CHANNEL", "BUDGET", "SHARE", "WHY"]).right(&[1, 2]);
    for one in allocations.values() {
        table.row(&[
            one.channel.clone(),
            one.budget.to_string(),
            format!("{:.1} %", one.percentage),
            one.rationale.clone(),
        ]);
    }
    table.print()
}

fn recommendations(job: &JobView) -> Result<(), Ended> {
    let Some(recommendations) = &job.recommendations else {
        return Ok(());
    };
    out::line("")?;
    let headings = [
        "PRODUCT",
        "CHANNEL",
        "NAME",
        "PUBLISHER",
        "IMPRESSIONS",
        "CPM",
        "COST",
        "FIT",
        "STATUS",
    ];
    let mut table = out::Table::new(&headings).right(&[4, 5, 6, 7]);
    for one in recommendations {
        let fit = if one.fit.is_known() {
            format!("{} %", one.fit.score_bp / 100)
        } else {
            "-".to_owned()
        };
        table.row(&[
            one.product_id.to_string(),
            one.channel.clone(),
            one.product_name.clone(),
            one.publisher.clone(),
            one.impressions.to_string(),
            one.cpm.to_string(),
            one.cost.to_string(),
            fit,
            one.status.clone(),
        ]);
    }
    table.print()
}

fn lines(job: &JobView) -> Result<(), Ended> {
    let Some(lines) = job.booked_lines.as_ref().filter(|lines| !lines.is_empty()) else {
        return Ok(());
    };
    out::line("")?;
    let headings = [
        "LINE",
        "ORDER",
        "PRODUCT",
        "IMPRESSIONS",
        "COST",
        "STATUS",
        "WHAT HAPPENED",
    ];
    let mut table = out::Table::new(&headings).right(&[3, 4]);
    for one in lines {
        let unclear = one.unclear.as_ref();
        let unclear = unclear.map(|why| format!("may have been booked: {why}"));
        let happened = one.error.clone().or(unclear).or_else(|| {
            one.booked_at
                .as_deref()
                .map(|at| format!("booked {}", second(at)))
        });
        table.row(&[
            one.line_id.clone().unwrap_or_else(|| "-".into()),
            one.order_id.clone().unwrap_or_else(|| "-".into()),
            one.product_id.to_string(),
            one.impressions.to_string(),
            one.cost.to_string(),
            one.booking_status.name().to_owned(),
            happened.unwrap_or_default(),
        ]);
    }
    table.print()?;
    for one in lines {
        for said in one.there.iter().flat_map(|there| &there.remarks) {
            out::line(&format!("{}: {said}", one.product_name))?;
        }
    }
    let booked = job.booked();
    out::line(&format!(
        "{} booked, {} impressions, {}",
        booked.lines, booked.impressions, booked.cost
    ))
}
