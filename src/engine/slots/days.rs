//! The diaries of the days around a slot: read together, changed together and all written,
//! changed or not. Whoever else has looked at one of them meanwhile has to look again.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::{
    domain::{
        ids::{HoldId, ResourceId},
        slot::{diary::Diary, load::Taken, resource::Resource, schedule::Schedule, span::Span},
        when::Instant,
    },
    engine::{fault::Fault, work::Work},
    store::record::{Filter, Stored},
};

/// The most diaries that one question to the store names.
const MOST: usize = 10_000;

/// The diaries of some days of a resource.
pub struct Days {
    kept: Vec<(Option<Stored<()>>, Diary)>,
}

/// The days that bear on a stretch of time: whatever is kept free around one slot may reach into
/// what is kept free around the next.
fn bearing(schedule: &Schedule, span: Span) -> impl Iterator<Item = NaiveDate> {
    let (before, after) = schedule.buffers();
    let reach = before + after;
    Diary::each(Diary::days(span.padded(reach, reach)))
}

impl Days {
    /// The days around some slots, to change them.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn around(
        work: &Work<'_>,
        resource: &Resource,
        spans: &[Span],
    ) -> Result<Self, Fault> {
        let mut days = Self { kept: Vec::new() };
        for span in spans {
            days.reach(work, resource, *span).await?;
        }
        Ok(days)
    }

    /// Goes on to the days around another slot.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn reach(
        &mut self,
        work: &Work<'_>,
        resource: &Resource,
        span: Span,
    ) -> Result<(), Fault> {
        for day in bearing(&resource.schedule, span) {
            if self.kept.iter().any(|(_, diary)| diary.day == day) {
                continue;
            }
            let found = work.get::<Diary>(&Diary::name(resource.id, day)).await?;
            self.kept.push(match found.map(Stored::part) {
                Some((diary, was)) => (Some(was), diary),
                None => (None, Diary::new(resource.id, day)),
            });
        }
        Ok(())
    }

    /// What is taken on them.
    #[must_use]
    pub fn taken(&self, now: Instant) -> Vec<Taken> {
        Diary::taken(self.kept.iter().map(|(_, diary)| diary), now)
    }

    fn each(&mut self, change: impl Fn(&mut Diary)) {
        self.kept.iter_mut().for_each(|(_, diary)| change(diary));
    }

    /// Adds a booking.
    pub fn book(&mut self, span: Span, seats: u32) {
        self.each(|diary| diary.book(span, seats));
    }

    /// Takes a booking out.
    pub fn leave(&mut self, span: Span, seats: u32) {
        self.each(|diary| diary.leave(span, seats));
    }

    /// Adds a hold, or says until when it is kept now.
    pub fn hold(&mut self, span: Span, seats: u32, hold: HoldId, until: Instant) {
        self.each(|diary| diary.hold(span, seats, hold, until));
    }

    /// Takes a hold out.
    pub fn release(&mut self, hold: HoldId) {
        self.each(|diary| diary.release(hold));
    }

    /// Has all of them written in the commit.
    ///
    /// # Errors
    /// When one cannot be written as JSON.
    pub fn keep(self, work: &mut Work<'_>) -> Result<(), Fault> {
        for (was, diary) in self.kept {
            match was {
                Some(was) => work.replace(&was, &diary)?,
                None => work.create(&diary)?,
            }
        }
        Ok(())
    }
}

/// What is taken of a resource in a stretch of time, to look at.
///
/// # Errors
/// When the store cannot.
pub async fn taken(
    work: &Work<'_>,
    (resource, schedule): (ResourceId, &Schedule),
    span: Span,
) -> Result<Vec<Taken>, Fault> {
    let all = taken_of(work, &[(resource, schedule, span)]).await?;
    Ok(all.into_iter().next().unwrap_or_default())
}

/// What is taken of some resources, each in a stretch of time of its own, in their order. The
/// store is asked once for all of them, unless that were more than a question can name.
///
/// # Errors
/// When the store cannot.
pub async fn taken_of(
    work: &Work<'_>,
    all: &[(ResourceId, &Schedule, Span)],
) -> Result<Vec<Vec<Taken>>, Fault> {
    let names = all.iter().flat_map(|(resource, schedule, span)| {
        bearing(schedule, *span).map(|day| Diary::name(*resource, day))
    });
    let names: Vec<String> = names.collect();
    let mut diaries: HashMap<ResourceId, Vec<Diary>> = HashMap::new();
    for names in names.chunks(MOST) {
        let filter = Filter {
            limit: u32::try_from(names.len()).unwrap_or(u32::MAX),
            ids: Some(names.to_vec()),
            ..Filter::default()
        };
        for found in work.list::<Diary>(&filter).await? {
            let of = found.record.resource;
            diaries.entry(of).or_default().push(found.record);
        }
    }
    let of = |(resource, ..): &(ResourceId, &Schedule, Span)| {
        let here = diaries.get(resource).map(Vec::as_slice);
        Diary::taken(here.unwrap_or_default(), work.now())
    };
    Ok(all.iter().map(of).collect())
}
