//! What the audit trail tells of an object beyond its state, its name and its money. Refuses to
//! tell a secret, and whatever could find a private person: that is told by ids.

use crate::{
    domain::{
        audit::change::{Change, Facts},
        booking::job::Job,
        media_buy::{buy::MediaBuy, history::Done, package::Package},
        opendirect::{line::Line, product::Product},
        pacing::journal::Changed,
        tenant::{principal::Principal, publisher::Publisher},
        when::{Instant, rfc3339},
    },
    store::{
        batch::Facets,
        record::{Record, told},
    },
};

/// What the columns alone tell.
fn of(record: &impl Record) -> Facts {
    told(&record.facets())
}

fn flight(facts: Facts, what: &str, start: Option<Instant>, end: Option<Instant>) -> Facts {
    let time = |at: Option<Instant>| at.map_or_else(String::new, rfc3339);
    facts
        .and(format!("{what}start"), &time(start))
        .and(format!("{what}end"), &time(end))
}

fn yes_no(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

/// Of a job: where it is, what was decided, and what became of its lines.
pub fn of_job(job: &Job) -> Facts {
    let mut facts = of(job);
    if let Some(decision) = &job.approval {
        facts = facts
            .and("approved by", &decision.by)
            .and("approved lines", &decision.approved)
            .and("approved for", &decision.cost);
    }
    let booked = job.lines.iter().filter(|line| line.booked_at.is_some());
    let failed = job.lines.iter().filter(|line| line.failed.is_some());
    let some = |count: usize| match count {
        0 => String::new(),
        count => count.to_string(),
    };
    let again = job.retried_as.map(|id| id.to_string());
    facts
        .and("lines booked", &some(booked.count()))
        .and("lines failed", &some(failed.count()))
        .and("retried as", &again.unwrap_or_default())
}

/// Of a media buy: its flight, and each of its packages.
pub fn of_buy(buy: &MediaBuy) -> Facts {
    let facts = flight(of(buy), "", Some(buy.start), Some(buy.end));
    let facts = facts.and("decision", &decision(buy).unwrap_or_default());
    buy.packages.iter().fold(facts, of_package)
}

/// What the publisher last said to it, with the reason.
fn decision(buy: &MediaBuy) -> Option<&str> {
    let says = |done| matches!(done, Done::Approved | Done::Rejected | Done::SentBack);
    let last = buy.history.iter().rev().find(|entry| says(entry.done));
    last.map(|entry| &*entry.summary)
}

fn of_package(facts: Facts, package: &Package) -> Facts {
    let name = |what: &str| format!("{} {what}", package.id);
    let priority = package.priority.map(|place| place.to_string());
    let count = package.impressions.map(|count| count.to_string());
    let facts = facts
        .and(name("budget"), &package.budget)
        .and(name("rate"), &package.pricing.rate)
        .and(name("impressions"), &count.unwrap_or_default());
    flight(facts, &name(""), package.start, package.end)
        .and(name("pacing"), &package.spread.name().replace('_', " "))
        .and(name("priority"), &priority.unwrap_or_default())
        .and(name("paused"), &yes_no(package.paused))
        .and(name("called off"), &yes_no(package.cancellation.is_some()))
        .and(name("creatives"), &package.creatives.len())
}

/// Of a line: its days, its price and how much of it.
pub fn of_line(line: &Line) -> Facts {
    of(line)
        .and("first day", &line.flight.first())
        .and("last day", &line.flight.last())
        .and("rate", &line.rate)
        .and("quantity", &line.quantity)
}

/// One field of one line, as an entry of the journal keeps it.
pub fn noted(changed: &Changed) -> Change {
    Change {
        what: format!("{} {}", changed.line, changed.before.name()),
        before: Some(changed.before.words()),
        after: Some(changed.after.words()),
    }
}

/// Of a product: what it costs, and how much there is of it.
pub fn of_product(product: &Product) -> Facts {
    of(product)
        .and("floor", &product.floor_price)
        .and("delivery", &product.delivery_type.name())
        .and("impressions a day", &product.daily_impressions)
}

/// Of a tenant: what delivers for it and what is switched on; never where Slack listens.
pub fn of_publisher(publisher: &Publisher) -> Facts {
    let features = &publisher.features;
    let most = features.max_daily_budget.as_ref();
    of(publisher)
        .and("subdomain", &publisher.subdomain)
        .and("ad server", &publisher.ad_server.kind.name())
        .and(
            "network",
            &publisher.ad_server.network.as_deref().unwrap_or_default(),
        )
        .and("billing plan", &publisher.billing_plan)
        .and(
            "most a day",
            &most.map_or_else(String::new, ToString::to_string),
        )
        .and("exchange signals", &yes_no(features.enable_axe_signals))
        .and(
            "review by a person",
            &yes_no(features.human_review_required),
        )
        .and(
            "formats nobody looks at",
            &features.auto_approve_formats.join(", "),
        )
        .and("people who may sign in", &publisher.authorized_emails.len())
        .and(
            "domains that may sign in",
            &publisher.authorized_domains.join(", "),
        )
        .and("slack", &yes_no(features.slack_webhook_url.is_some()))
}

/// Of a principal: what it may do, and which key opens for it.
pub fn of_principal(principal: &Principal) -> Facts {
    of(principal)
        .and("role", &principal.role().name())
        .and("key", &principal.key_id)
}

/// Of a guest's booking: when it is, and nothing of the guest.
pub fn of_visit(columns: Facets, start: Instant, end: Instant) -> Facts {
    let nameless = Facets {
        label: String::new(),
        ..columns
    };
    flight(told(&nameless), "", Some(start), Some(end))
}
