//! What others call our status: the words and numbers of other systems. Folds, and never
//! invents: what has no index has none there either.

use super::{figures::Figures, ratio::Ratio, status::Status};

/// The status of a line in the words of `LineStats`, critical or not.
#[must_use]
pub fn line_stats(status: Status) -> &'static str {
    match status {
        Status::CriticalBehind | Status::Behind | Status::NotDelivering | Status::EndedShort => {
            "behind"
        }
        Status::CriticalAhead | Status::Ahead | Status::EndedOver => "ahead",
        Status::OnTrack | Status::AtRisk | Status::GoalMet | Status::EndedMet => "on_track",
        _ => "no_data",
    }
}

/// The pacing index of `AdCP`.
#[must_use]
pub fn adcp(figures: &Figures) -> Option<Ratio> {
    figures.index
}

/// Progress as Google Ad Manager shows it: per cent, rounded down; none without a goal.
#[must_use]
pub fn gam(figures: &Figures) -> Option<i128> {
    figures.osi_pct.map(Ratio::floor)
}

/// `delivery_status` of an `AdCP` package, where ours says as much.
#[must_use]
pub fn adcp_delivery(status: Status) -> Option<&'static str> {
    match status {
        Status::GoalMet | Status::EndedMet | Status::EndedOver => Some("goal_met"),
        Status::EndedShort => Some("flight_ended"),
        Status::NotDelivering => Some("not_delivering"),
        Status::CriticalBehind
        | Status::Behind
        | Status::OnTrack
        | Status::AtRisk
        | Status::Ahead
        | Status::CriticalAhead
        | Status::WarmingUp => Some("delivering"),
        _ => None,
    }
}
