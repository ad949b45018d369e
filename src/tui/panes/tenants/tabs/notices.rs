//! What is told to others' addresses for a tenant: where it goes to. An address is shown
//! without its path, which is the secret of it.

use super::{Line, Page, shown, stamp};
use crate::tui::{panes::tenants::read::Seen, theme::Role};

/// The addresses with the names that people read.
const ADDRESSES: [(&str, &str); 3] = [
    ("slack_webhook_url", "Slack"),
    ("slack_audit_webhook_url", "Slack audit"),
    ("hitl_webhook_url", "review"),
];

/// The lines of it.
#[must_use]
pub fn lines(seen: &Seen, width: u16) -> Vec<Line> {
    let mut page = Page::new(width);
    page.heading("Addresses");
    for (name, label) in ADDRESSES {
        let address = shown(&seen.view.features, name);
        let (address, role) = match address.as_str() {
            "-" => ("not set up".into(), Role::Muted),
            _ => (address, Role::Text),
        };
        page.fact(label, address, role);
    }
    page.heading("Deliveries");
    let told = &seen.status.webhooks;
    page.fact("waiting", clean!("{}", told.waiting_count), Role::Text);
    let role = match told.failed_count {
        0 => Role::Text,
        _ => Role::Warn,
    };
    page.fact("given up", clean!("{}", told.failed_count), role);
    if let Some(at) = told.last_failure_at {
        page.fact("last given up", stamp(at), Role::Muted);
    }
    page.lines()
}
