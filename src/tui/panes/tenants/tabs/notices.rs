//! What is told to others' addresses for a tenant: where it goes to. An address is shown
//! without its path, which is the secret of it.

use super::{Line, Page, shown};
use crate::{engine::tenants::view::TenantView, tui::theme::Role};

/// The addresses with the names that people read.
const ADDRESSES: [(&str, &str); 3] = [
    ("slack_webhook_url", "Slack"),
    ("slack_audit_webhook_url", "Slack audit"),
    ("hitl_webhook_url", "review"),
];

/// The lines of it.
#[must_use]
pub fn lines(view: &TenantView, width: u16) -> Vec<Line> {
    let mut page = Page::new(width);
    page.heading("Addresses");
    for (name, label) in ADDRESSES {
        let address = shown(&view.features, name);
        let (address, role) = match address.as_str() {
            "-" => ("not set up".into(), Role::Muted),
            _ => (address, Role::Text),
        };
        page.fact(label, address, role);
    }
    page.lines()
}
