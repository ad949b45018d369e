//! What was known of a line's counts at an earlier time, from its marks by the hour. Refuses to
//! know more than was counted by then.

use crate::{
    domain::{
        delivery::{mark::Mark, reading::Reading, track::Track},
        ids::LineId,
        money::Money,
        opendirect::stats::Delivered,
        pacing::counted::Counted,
        when::Instant,
    },
    engine::{
        delivery::series::{Grain, marks},
        fault::Fault,
        work::Work,
    },
};

/// What had been counted of a line at an earlier time.
pub(super) async fn rewound(
    work: &Work<'_>,
    line: LineId,
    at: Instant,
) -> Result<Option<Counted>, Fault> {
    let Some(track) = work.get::<Track>(&line.to_string()).await? else {
        return Ok(None);
    };
    let (track, _) = track.part();
    if track.latest.as_of <= at {
        return Ok(Some(Counted::of(&track)));
    }
    let from = track.first.date_naive();
    let days = (from.pred_opt().unwrap_or(from), at.date_naive());
    let then = marks(work, &line, Grain::Hour, days).await?;
    let currency = track.currency();
    let reading = |mark: &Mark| Reading {
        line_id: line,
        delivered: Delivered {
            impressions: mark.impressions,
            clicks: mark.clicks,
            starts: mark.starts,
            completes: mark.completes,
            measurable: mark.measurable,
            viewable: mark.viewable,
            spent: mark
                .spent
                .zip(currency)
                .map(|(minor, currency)| Money::new(minor, currency)),
            as_of: mark.at,
        },
        reported_index: None,
    };
    let mut told: Option<Track> = None;
    for mark in then.iter().filter(|mark| mark.at <= at) {
        match &mut told {
            None => told = Some(Track::begin(reading(mark))),
            // A mark that is no newer tells nothing.
            Some(track) => drop(track.take(reading(mark))),
        }
    }
    Ok(told.as_ref().map(Counted::of))
}
