//! Finds tenants whose desks live in the same place at another company: each of them mirrors all
//! that is there, because no such system says which of it is whose. Asks nobody.

use std::collections::BTreeMap;

use super::{Finding, State};
use crate::config::Settings;

/// What two tenants share.
pub(super) fn shared(settings: &Settings) -> Vec<Finding> {
    let mut jobs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut buys: BTreeMap<(&str, &str, &str), Vec<&str>> = BTreeMap::new();
    for (tenant, desks) in &settings.desks {
        if let Some(set) = &desks.bookings {
            let url = set.url.trim_end_matches('/');
            jobs.entry(url).or_default().push(tenant);
        }
        if let Some(set) = &desks.media_buys {
            let url = set.url.trim_end_matches('/');
            // Whoever shows another token is shown other buys.
            let token = if set.key_env.is_empty() {
                &set.key_file
            } else {
                &set.key_env
            };
            let place = (url, set.tenant.as_str(), token.as_str());
            buys.entry(place).or_default().push(tenant);
        }
    }
    let jobs = jobs.into_iter().map(|(url, of)| ("bookings", url, of));
    let buys = buys
        .into_iter()
        .map(|((url, ..), of)| ("media_buys", url, of));
    let all = jobs.chain(buys).filter(|(.., of)| of.len() > 1);
    all.map(|(desk, url, of)| Finding {
        what: "desks",
        state: State::Warning,
        said: format!(
            "the {desk} of {} all live at {url}: each of them sees and decides on all that is there\nhint: such a system does not say what is whose; give each tenant one, or a token, of its own",
            of.join(", ")
        ),
    })
    .collect()
}
