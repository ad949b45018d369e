//! How a goal is spread over a flight: F, the share that is due when a share of the time is
//! over. Every curve starts at nothing, ends at all, and never falls. Refuses points that do
//! not.

use super::ratio::Ratio;

/// The most points of a curve of somebody's own.
pub const MOST_POINTS: usize = 1_000;

/// How a line is to be paced.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Pacing {
    /// The same every second.
    #[default]
    Even,
    /// A quarter more in the first half, a quarter less in the second.
    FrontLoaded,
    /// As fast as it goes: there is no plan to be held against.
    Asap,
    /// Along a curve of somebody's own.
    Custom(Curve),
}

impl Pacing {
    /// The name on the wire.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Even => "even",
            Self::FrontLoaded => "front_loaded",
            Self::Asap => "asap",
            Self::Custom(_) => "custom",
        }
    }

    /// What share of the goal is due when this share of the time is over; nothing when there is
    /// no plan.
    #[must_use]
    pub fn due(&self, progress: Ratio) -> Option<Ratio> {
        match self {
            Self::Even => Some(progress),
            Self::FrontLoaded => {
                let half = Ratio::percent(50);
                if progress <= half {
                    return progress.times(Ratio::percent(125));
                }
                let rest = progress.minus(half)?.times(Ratio::percent(75))?;
                rest.plus(Ratio::new(625, 1_000)?)
            }
            Self::Asap => None,
            Self::Custom(curve) => curve.at(progress),
        }
    }
}

/// Why points are not a curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotACurve {
    /// None at all.
    #[error("has no points")]
    Empty,
    /// More than [`MOST_POINTS`].
    #[error("has more than 1,000 points")]
    TooMany,
    /// A share below 0 or above 1.
    #[error("has a share that is not between 0 and 1, in point {0}")]
    OutOfRange(usize),
    /// The time does not go on.
    #[error("goes back in time, or stands still, at point {0}")]
    TimeGoesBack(usize),
    /// The goal's share falls.
    #[error("falls at point {0}: what was due cannot be due no more")]
    Falls(usize),
    /// Something is due at the start.
    #[error("does not start at 0")]
    Start,
    /// Not all is due at the end.
    #[error("does not end at 1")]
    End,
}

/// A curve through points, straight between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Curve(Vec<(Ratio, Ratio)>);

impl Curve {
    /// Joins points of (share of the time, share of the goal). The first, (0, 0), and the last,
    /// (1, 1), may be left out.
    ///
    /// # Errors
    /// When they do not climb from the one to the other.
    pub fn new(mut points: Vec<(Ratio, Ratio)>) -> Result<Self, NotACurve> {
        if points.is_empty() {
            return Err(NotACurve::Empty);
        }
        if points.len() > MOST_POINTS {
            return Err(NotACurve::TooMany);
        }
        let within = |share: Ratio| share >= Ratio::ZERO && share <= Ratio::ONE;
        for (at, (time, goal)) in points.iter().enumerate() {
            if !within(*time) || !within(*goal) {
                return Err(NotACurve::OutOfRange(at + 1));
            }
        }
        for (at, pair) in points.windows(2).enumerate() {
            if pair[1].0 <= pair[0].0 {
                return Err(NotACurve::TimeGoesBack(at + 2));
            }
            if pair[1].1 < pair[0].1 {
                return Err(NotACurve::Falls(at + 2));
            }
        }
        if let Some((time, goal)) = points.first() {
            if !time.is_zero() {
                points.insert(0, (Ratio::ZERO, Ratio::ZERO));
            } else if !goal.is_zero() {
                return Err(NotACurve::Start);
            }
        }
        if let Some((time, goal)) = points.last() {
            if *time != Ratio::ONE {
                points.push((Ratio::ONE, Ratio::ONE));
            } else if *goal != Ratio::ONE {
                return Err(NotACurve::End);
            }
        }
        Ok(Self(points))
    }

    /// Its points.
    #[must_use]
    pub fn points(&self) -> &[(Ratio, Ratio)] {
        &self.0
    }

    fn at(&self, progress: Ratio) -> Option<Ratio> {
        let next = self.0.partition_point(|(time, _)| *time <= progress);
        let (from, due) = *self.0.get(next.checked_sub(1)?)?;
        let Some((to, then)) = self.0.get(next) else {
            return Some(due);
        };
        let way = progress.minus(from)?.over(to.minus(from)?)?;
        due.plus(then.minus(due)?.times(way)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: &[(i64, i64)]) -> Result<Curve, NotACurve> {
        let share = |(time, goal): &(i64, i64)| (Ratio::percent(*time), Ratio::percent(*goal));
        Curve::new(points.iter().map(share).collect())
    }

    #[test]
    fn the_front_is_loaded_by_a_quarter() {
        let due = |percent| {
            Pacing::FrontLoaded
                .due(Ratio::percent(percent))
                .expect("a share")
        };
        assert_eq!(due(0), Ratio::ZERO);
        assert_eq!(due(40), Ratio::percent(50));
        assert_eq!(due(50).shown(4), "0.625");
        assert_eq!(due(75).shown(4), "0.8125");
        assert_eq!(due(100), Ratio::ONE);
        assert_eq!(Pacing::Asap.due(Ratio::ONE), None);
    }

    #[test]
    fn a_curve_of_ones_own_is_straight_between_its_points() {
        let steps = Pacing::Custom(curve(&[(25, 40), (75, 60)]).expect("a curve"));
        let due = |percent| {
            steps
                .due(Ratio::percent(percent))
                .expect("a share")
                .shown(4)
        };
        assert_eq!(
            [0, 10, 25, 50, 75, 90, 100].map(due),
            ["0", "0.16", "0.4", "0.5", "0.6", "0.84", "1"]
        );
        let flat = Pacing::Custom(curve(&[(0, 0), (50, 0), (100, 100)]).expect("a curve"));
        assert_eq!(flat.due(Ratio::percent(50)), Some(Ratio::ZERO));
    }

    #[test]
    fn what_does_not_climb_is_no_curve() {
        assert_eq!(curve(&[]), Err(NotACurve::Empty));
        assert_eq!(curve(&[(50, 60), (70, 50)]), Err(NotACurve::Falls(2)));
        assert_eq!(
            curve(&[(50, 60), (50, 70)]),
            Err(NotACurve::TimeGoesBack(2))
        );
        assert_eq!(curve(&[(50, 101)]), Err(NotACurve::OutOfRange(1)));
        assert_eq!(curve(&[(0, 10), (100, 100)]), Err(NotACurve::Start));
        assert_eq!(curve(&[(0, 0), (100, 90)]), Err(NotACurve::End));
    }
}
