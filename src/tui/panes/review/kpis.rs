//! How a choice stands against what its campaign is measured by, as far as that can be said
//! before anything is delivered. Compares exact amounts; refuses to guess rates.

use super::{figures, sheet::Seen};
use crate::{
    domain::money::Money,
    tui::{
        clean::Clean,
        panes::sums::{self, Sums},
        theme::Role,
    },
};

/// One sentence for each KPI; those that are missed stand first.
#[must_use]
pub fn fare(seen: &Seen, sums: &Sums) -> Vec<(Clean, Role)> {
    let kpis = &seen.kpis;
    let mut lines = Vec::new();
    if let Some(target) = kpis.target_cpm {
        lines.extend(target_cpm(target, sums));
    }
    if let Some(most) = kpis.max_cpm {
        lines.extend(max_cpm(most, seen));
    }
    if let Some(people) = kpis.reach {
        lines.push(reach(people, kpis.frequency_hundredths, sums.impressions));
    } else if let Some(times) = kpis.frequency_hundredths {
        let people = sums.impressions.saturating_mul(100) / u64::from(times.max(1));
        let (times, people) = (hundredths(times), sums::short(people));
        let said = clean!("frequency {times} reaches {people} people at most");
        lines.push((said, Role::Text));
    }
    lines.extend(rates(seen));
    lines.sort_by_key(|(_, role)| match role {
        Role::Bad | Role::Warn => 0,
        Role::Muted => 2,
        _ => 1,
    });
    lines
}

fn target_cpm(target: Money, sums: &Sums) -> Option<(Clean, Role)> {
    if sums.impressions == 0 {
        return None;
    }
    // Compared as products, so that nothing is rounded first.
    let paid = i128::from(sums.cost.minor()) * 1000;
    let aimed = i128::from(target.minor()) * i128::from(sums.impressions);
    let (ecpm, target) = (sums.ecpm(), figures::bare(target));
    Some(if paid > aimed {
        let said = clean!("eCPM {ecpm} over the target of {target}");
        (said, Role::Warn)
    } else {
        let said = clean!("eCPM {ecpm} within the target of {target}");
        (said, Role::Good)
    })
}

fn max_cpm(most: Money, seen: &Seen) -> Option<(Clean, Role)> {
    let ticked = || seen.items.iter().filter(|item| item.ticked);
    let dearest = ticked().map(|item| item.cpm.minor()).max()?;
    let above = ticked().filter(|item| item.cpm > most).count();
    let dearest = figures::bare(Money::new(dearest, most.currency()));
    let most = figures::bare(most);
    Some(match above {
        0 => {
            let said = clean!("dearest CPM {dearest} within the most of {most}");
            (said, Role::Good)
        }
        above => {
            let said = clean!("{above} above the most of {most} CPM, the dearest at {dearest}");
            (said, Role::Warn)
        }
    })
}

fn reach(people: u64, times: Option<u32>, impressions: u64) -> (Clean, Role) {
    let hundred = u64::from(times.unwrap_or(100));
    let needed = people.saturating_mul(hundred) / 100;
    let goal = match times {
        Some(times) => clean!(
            "reach {} at frequency {}",
            sums::short(people),
            hundredths(times)
        ),
        None => clean!("reach {}", sums::short(people)),
    };
    if impressions < needed {
        let short = sums::short(needed - impressions);
        let needed = sums::short(needed);
        let said = clean!("{goal} needs {needed} impressions: {short} short");
        return (said, Role::Warn);
    }
    let each = impressions.saturating_mul(100) / people.max(1);
    let each = hundredths(u32::try_from(each).unwrap_or(u32::MAX));
    let said = clean!("{goal} is possible: {each} impressions for each");
    (said, Role::Good)
}

/// What only delivery can show.
fn rates(seen: &Seen) -> Option<(Clean, Role)> {
    let kpis = &seen.kpis;
    let known = [
        ("CTR", kpis.ctr_bp),
        ("VCR", kpis.vcr_bp),
        ("viewability", kpis.viewability_bp),
    ];
    let named = known.iter().filter_map(|(name, bp)| {
        let bp = (*bp)?;
        Some(format!("{name} {}.{:02} %", bp / 100, bp % 100))
    });
    let mut named: Vec<String> = named.collect();
    named.extend(kpis.other.keys().cloned());
    if named.is_empty() {
        return None;
    }
    let said = clean!("only delivery can show {}", named.join(", "));
    Some((said, Role::Muted))
}

fn hundredths(value: u32) -> Clean {
    clean!("{}.{}", value / 100, value % 100 / 10)
}
