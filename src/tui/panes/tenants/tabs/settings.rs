//! What is set for a tenant and what is switched on, as the engine shows it: without what would
//! open anything.

use super::{Line, Page, shown};
use crate::{
    domain::tenant::features::KNOWN,
    engine::tenants::view::TenantView,
    tui::{clean::Clean, theme::Role},
};

/// The features with the names that people read.
pub const FEATURES: [(&str, &str); 8] = [
    ("max_daily_budget", "most per day"),
    ("human_review_required", "people review"),
    ("enable_axe_signals", "AXE signals"),
    ("auto_approve_formats", "formats approved"),
    ("policy_settings", "policy"),
    ("slack_webhook_url", "Slack"),
    ("slack_audit_webhook_url", "Slack audit"),
    ("hitl_webhook_url", "review address"),
];

/// The lines of it.
#[must_use]
pub fn lines(view: &TenantView, width: u16) -> Vec<Line> {
    let mut page = Page::new(width);
    page.heading("Features");
    for (name, label) in FEATURES {
        page.fact(label, shown(&view.features, name), Role::Text);
    }
    let others = view.features.iter();
    let others: Vec<_> = others
        .filter(|(name, _)| !KNOWN.contains(&name.as_str()))
        .collect();
    if !others.is_empty() {
        page.heading("Kept for others");
        for (name, _) in others {
            let value = shown(&view.features, name);
            page.say(clean!("{name}  {value}"), Role::Muted);
        }
    }
    page.heading("Who may sign in");
    for (name, label) in [
        ("authorized_emails", "people"),
        ("authorized_domains", "domains"),
    ] {
        page.fact(label, shown(&view.settings, name), Role::Text);
    }
    page.heading("Billing");
    page.fact("plan", Clean::new(&view.row.billing_plan), Role::Text);
    let contact = view.billing_contact.as_deref().unwrap_or("-");
    page.fact("contact", Clean::new(contact), Role::Text);
    page.lines()
}
