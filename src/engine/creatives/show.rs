//! Which packages show what comes in: as the request assigns it, and those that waited for it.
//! Refuses creatives in formats that a package's product does not take.

use super::{
    fits::Formats,
    sync::{Assign, MOST_BUYS, SyncCreatives, Synced, Validation},
};
use crate::{
    domain::{
        ids::PackageId,
        media_buy::{buy::MediaBuy, creative::CreativeStatus, history::Done, package::Shown},
        opendirect::product::Product,
        problem::{Code, Problem},
        text,
    },
    engine::{
        fault::{Fault, FaultKind},
        media_buys::{hand, readiness, write},
        work::Work,
    },
    store::record::{Filter, Stored},
};

/// A creative that a package cannot show.
pub(super) struct Misfit {
    /// What of the request it is about.
    pub(super) of: Of,
    creative: String,
    package: PackageId,
    why: String,
}

/// What of a request a misfit is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// An assignment.
    Assignment(usize),
    /// A creative that a package waits for.
    Creative(usize),
}

impl Misfit {
    /// What is wrong, and where.
    pub(super) fn problem(&self) -> Problem {
        let field = match self.of {
            Of::Assignment(n) => format!("assignments[{n}]"),
            Of::Creative(n) => format!("creatives[{n}].format_id"),
        };
        Problem::new(field, Code::new("INVALID_REQUEST"), &self.why)
    }
}

impl SyncCreatives {
    /// The buys that may show what comes in.
    pub(super) async fn buys(
        &self,
        work: &Work<'_>,
        owner: &str,
    ) -> Result<Vec<Stored<MediaBuy>>, Fault> {
        let filter = Filter {
            parent: Some(owner.to_owned()),
            limit: MOST_BUYS,
            descending: true,
            ..Filter::default()
        };
        work.list::<MediaBuy>(&filter).await
    }

    /// Has packages show what they shall, and looks again at the buys that wait for creatives.
    pub(super) async fn show(
        &self,
        work: &mut Work<'_>,
        buys: &[Stored<MediaBuy>],
        misfits: &[Misfit],
        synced: &mut [Synced],
    ) -> Result<(), Fault> {
        let fresh: Vec<String> = synced
            .iter()
            .filter(|one| one.status == Some(CreativeStatus::Approved))
            .map(|one| one.creative_id.clone())
            .collect();
        if let (Validation::Strict, Some(first)) = (self.validation_mode, misfits.first()) {
            return Err(Fault::field(first.problem()));
        }
        for one in misfits {
            let own = synced.iter_mut().find(|it| it.creative_id == one.creative);
            if let Some(own) = own {
                own.unassigned.insert(one.package.clone(), one.why.clone());
            }
        }
        let fits = |assign: &&Assign| {
            let against = |one: &Misfit| {
                one.creative == assign.creative_id && one.package == assign.package_id
            };
            !misfits.iter().any(against)
        };
        let mut left: Vec<&Assign> = self.assignments.iter().filter(fits).collect();
        for stored in buys.iter().filter(|one| !one.record.status.is_final()) {
            let mut buy = stored.record.clone();
            left.retain(|assign| !assigned(&mut buy, assign, synced));
            settle(work, stored, buy, &fresh).await?;
        }
        match left.first() {
            None => Ok(()),
            Some(assign) => {
                let id = text::echo(assign.package_id.as_str());
                let message = format!("there is no package {id}");
                Err(
                    Fault::new(FaultKind::NotFound, "PACKAGE_NOT_FOUND", message)
                        .with("field", "assignments"),
                )
            }
        }
    }

    /// What is wrong with who shows what: assignments to packages whose product does not take the
    /// creative, and creatives that packages wait for and cannot show.
    pub(super) async fn misfits(
        &self,
        work: &Work<'_>,
        owner: &str,
        buys: &[Stored<MediaBuy>],
    ) -> Result<Vec<Misfit>, Fault> {
        let own = self.creatives.iter();
        let mut formats = Formats::of(own.map(|one| (one.creative_id.as_str(), &one.format_id)));
        let mut misfits = Vec::new();
        let living = buys.iter().filter(|buy| {
            // What lives elsewhere is shown what it shows there, and what is over shows nothing.
            buy.record.upstream.is_none() && !buy.record.status.is_final()
        });
        let packages = living.flat_map(|buy| &buy.record.packages);
        for package in packages.filter(|one| one.cancellation.is_none()) {
            let waits = |id: &str| package.creatives.iter().any(|one| one.creative_id == id);
            let assigned = self.assignments.iter().enumerate();
            let assigned = assigned.filter(|(_, one)| one.package_id == package.id);
            let assigned = assigned.map(|(n, one)| (Of::Assignment(n), &one.creative_id));
            let awaited = self.creatives.iter().enumerate();
            let awaited = awaited.filter(|(_, one)| waits(&one.creative_id));
            let awaited = awaited.map(|(n, one)| (Of::Creative(n), &one.creative_id));
            let all: Vec<(Of, &String)> = assigned.chain(awaited).collect();
            if all.is_empty() {
                continue;
            }
            let Some(product) = work.get::<Product>(package.product_id.as_str()).await? else {
                continue;
            };
            for (of, creative) in all {
                let found = formats.misfit(work, (owner, creative), &product.record);
                if let Some(why) = found.await? {
                    misfits.push(Misfit {
                        of,
                        creative: creative.clone(),
                        package: package.id.clone(),
                        why,
                    });
                }
            }
        }
        Ok(misfits)
    }
}

fn assigned(buy: &mut MediaBuy, assign: &Assign, synced: &mut [Synced]) -> bool {
    // What lives elsewhere is shown what it shows there.
    if buy.upstream.is_some() {
        return false;
    }
    let package = buy
        .packages
        .iter_mut()
        .find(|one| one.id == assign.package_id);
    let Some(package) = package.filter(|one| one.cancellation.is_none()) else {
        return false;
    };
    package
        .creatives
        .retain(|one| one.creative_id != assign.creative_id);
    package.creatives.push(Shown {
        creative_id: assign.creative_id.clone(),
        weight: assign.weight,
        placement_ids: assign.placement_ids.clone(),
    });
    for one in synced
        .iter_mut()
        .filter(|one| one.creative_id == assign.creative_id)
    {
        one.assigned_to.push(assign.package_id.clone());
    }
    true
}

async fn settle(
    work: &mut Work<'_>,
    stored: &Stored<MediaBuy>,
    mut buy: MediaBuy,
    fresh: &[String],
) -> Result<(), Fault> {
    let shows = buy.packages.iter().flat_map(|one| &one.creatives);
    let touched = shows.clone().any(|one| fresh.contains(&one.creative_id));
    if buy != stored.record {
        buy.note(hand(work), Done::UpdatedCreatives, "shows other creatives");
    } else if !touched {
        return Ok(());
    }
    readiness::settle(work, &mut buy, fresh).await?;
    if buy == stored.record {
        return Ok(());
    }
    write(work, stored, &buy, "media_buys.changed").await
}
