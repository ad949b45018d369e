//! How much of something is taken at every moment: bookings and holds with their buffers, swept
//! into steps. Counts what overlaps at once, not what overlaps at all.

use super::span::Span;

/// Time that is taken, by so many seats, without its buffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// When.
    pub span: Span,
    /// How many seats.
    pub seats: u32,
}

/// From each second on, how many seats are taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Load {
    steps: Vec<(i64, i64)>,
}

impl Load {
    /// What is taken, each with so much kept free before and behind it.
    #[must_use]
    pub fn of(taken: impl IntoIterator<Item = Taken>, (before, after): (i64, i64)) -> Self {
        let mut turns: Vec<(i64, i64)> = Vec::new();
        for one in taken {
            let span = one.span.padded(before, after);
            turns.push((span.start, i64::from(one.seats)));
            turns.push((span.end, -i64::from(one.seats)));
        }
        turns.sort_unstable();
        let mut steps: Vec<(i64, i64)> = Vec::with_capacity(turns.len());
        let mut level = 0;
        for (at, by) in turns {
            level += by;
            match steps.last_mut() {
                Some(last) if last.0 == at => last.1 = level,
                _ => steps.push((at, level)),
            }
        }
        Self { steps }
    }

    /// The most seats that are taken at once in a stretch of time.
    #[must_use]
    pub fn peak(&self, span: Span) -> u32 {
        let from = self.steps.partition_point(|step| step.0 <= span.start);
        self.peak_from(from.saturating_sub(1), span)
    }

    fn peak_from(&self, from: usize, span: Span) -> u32 {
        let steps = self.steps[from..].iter();
        let steps = steps.take_while(|step| step.0 < span.end);
        let inside = steps.filter(|step| step.0 > span.start);
        let before = self.steps.get(from).filter(|step| step.0 <= span.start);
        let most = inside.chain(before).map(|step| step.1).max();
        u32::try_from(most.unwrap_or(0)).unwrap_or(0)
    }
}

/// Peaks of one stretch of time after the other, none of which begins before the last one did.
#[derive(Debug)]
pub struct Sweep<'a> {
    load: &'a Load,
    at: usize,
}

impl<'a> Sweep<'a> {
    /// From the beginning on.
    #[must_use]
    pub fn over(load: &'a Load) -> Self {
        Self { load, at: 0 }
    }

    /// The most seats that are taken at once.
    pub fn peak(&mut self, span: Span) -> u32 {
        let steps = &self.load.steps;
        while steps
            .get(self.at + 1)
            .is_some_and(|step| step.0 <= span.start)
        {
            self.at += 1;
        }
        self.load.peak_from(self.at.min(steps.len()), span)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn taken(start: i64, end: i64, seats: u32) -> Taken {
        let span = Span::new(start, end).expect("time");
        Taken { span, seats }
    }

    fn span(start: i64, end: i64) -> Span {
        Span::new(start, end).expect("time")
    }

    #[test]
    fn what_follows_each_other_is_never_there_at_once() {
        let load = Load::of(
            [taken(0, 10, 1), taken(10, 20, 1), taken(12, 14, 2)],
            (0, 0),
        );
        assert_eq!(load.peak(span(0, 20)), 3);
        assert_eq!(load.peak(span(0, 12)), 1);
        assert_eq!(load.peak(span(14, 30)), 1);
        assert_eq!(load.peak(span(20, 30)), 0);
        assert_eq!(
            load.peak(span(13, 14)),
            3,
            "wholly inside of what is asked, and around it"
        );
    }

    #[test]
    fn buffers_lie_on_both_sides_of_both() {
        let load = Load::of([taken(100, 200, 1)], (15, 30));
        assert_eq!(load.peak(span(230, 300)), 0);
        assert_eq!(load.peak(span(229, 300)), 1);
        assert_eq!(load.peak(span(50, 85)), 0);
        assert_eq!(load.peak(span(50, 86)), 1);
    }

    proptest! {
        /// Counted second by second it comes to the same, however it is asked for.
        #[test]
        fn it_is_what_one_would_count(
            bookings in prop::collection::vec((0_i64..60, 1_i64..20, 1_u32..4), 0..12),
            mut asked in prop::collection::vec((0_i64..80, 1_i64..20), 1..8),
        ) {
            let all: Vec<_> = bookings.iter().map(|(at, long, seats)| taken(*at, at + long, *seats)).collect();
            let load = Load::of(all.iter().copied(), (0, 0));
            let mut sweep = Sweep::over(&load);
            asked.sort_unstable();
            for (at, long) in asked {
                let within = span(at, at + long);
                let count = |second: i64| all.iter()
                    .filter(|one| one.span.start <= second && second < one.span.end)
                    .map(|one| one.seats).sum::<u32>();
                let most = (at..at + long).map(count).max().unwrap_or(0);
                prop_assert_eq!(load.peak(within), most);
                prop_assert_eq!(sweep.peak(within), most);
            }
        }
    }
}
