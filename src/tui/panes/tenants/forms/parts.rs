//! The fields of a tenant, as a table: what each is called on the wire and on the screen, how it
//! is sent, and for which ad server it is. Knows nothing of what stands in them.

use crate::{
    domain::tenant::ad_server::AdServerKind,
    tui::overlays::form::{Kind, Slot},
};

/// The ad servers by their names on the wire.
const SERVERS: &[&str] = &["mock", "google_ad_manager", "kevel", "triton_digital"];
/// What takes a kept secret away.
pub const AWAY: &str = "-";

/// How a field is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// As text.
    Text,
    /// As text that nobody reads along.
    Secret,
    /// As true or false.
    Switch,
    /// As a list of texts.
    List,
    /// As JSON: a number, or an object.
    Json,
}

/// A field: its name on the wire, its label, what goes into it, how it is sent, and for which
/// ad server it is, if for one alone.
pub struct Part(
    pub &'static str,
    pub &'static str,
    pub &'static str,
    pub Sort,
    pub Option<AdServerKind>,
);

const GAM: Option<AdServerKind> = Some(AdServerKind::GoogleAdManager);
const KEVEL: Option<AdServerKind> = Some(AdServerKind::Kevel);
const TRITON: Option<AdServerKind> = Some(AdServerKind::TritonDigital);
const MOCK: Option<AdServerKind> = Some(AdServerKind::Mock);
const KEEPS: &str = "empty keeps what is there, - takes it away; never shown";

/// What delivers for it.
const DELIVERY: &[Part] = &[
    Part(
        "mock_dry_run",
        "dry run",
        "only says what it would do",
        Sort::Switch,
        MOCK,
    ),
    Part(
        "gam_network_code",
        "network",
        "the number of the network",
        Sort::Text,
        GAM,
    ),
    Part(
        "gam_trafficker_id",
        "trafficker",
        "in whose name orders are placed",
        Sort::Text,
        GAM,
    ),
    Part(
        "gam_company_id",
        "company",
        "for whom orders are placed",
        Sort::Text,
        GAM,
    ),
    Part(
        "gam_refresh_token",
        "refresh token",
        KEEPS,
        Sort::Secret,
        GAM,
    ),
    Part(
        "gam_manual_approval_required",
        "people agree",
        "to every order there",
        Sort::Switch,
        GAM,
    ),
    Part(
        "kevel_network_id",
        "network",
        "the number of the network",
        Sort::Text,
        KEVEL,
    ),
    Part("kevel_api_key", "API key", KEEPS, Sort::Secret, KEVEL),
    Part(
        "kevel_manual_approval_required",
        "people agree",
        "to every order there",
        Sort::Switch,
        KEVEL,
    ),
    Part(
        "triton_station_id",
        "station",
        "the number of the station",
        Sort::Text,
        TRITON,
    ),
    Part("triton_api_key", "API key", KEEPS, Sort::Secret, TRITON),
];

/// What is switched on.
const FEATURES: &[Part] = &[
    Part(
        "max_daily_budget",
        "most per day",
        "in the tenant's currency; nothing means no limit",
        Sort::Json,
        None,
    ),
    Part(
        "human_review_required",
        "people review",
        "whether a person agrees to what buyers order",
        Sort::Switch,
        None,
    ),
    Part(
        "enable_axe_signals",
        "AXE signals",
        "whether signals of the exchange are used",
        Sort::Switch,
        None,
    ),
    Part(
        "auto_approve_formats",
        "formats approved",
        "those that nobody has to look at, with commas",
        Sort::List,
        None,
    ),
    Part(
        "policy_settings",
        "policy",
        "JSON: what is advertised here and what is not",
        Sort::Json,
        None,
    ),
    Part("slack_webhook_url", "Slack", KEEPS, Sort::Secret, None),
    Part(
        "slack_audit_webhook_url",
        "Slack audit",
        KEEPS,
        Sort::Secret,
        None,
    ),
    Part(
        "hitl_webhook_url",
        "review address",
        KEEPS,
        Sort::Secret,
        None,
    ),
];

/// Who may sign in, and who pays.
const PEOPLE: &[Part] = &[
    Part(
        "authorized_emails",
        "people",
        "addresses of mail, with commas",
        Sort::List,
        None,
    ),
    Part(
        "authorized_domains",
        "domains",
        "whose people may, with commas",
        Sort::List,
        None,
    ),
    Part(
        "billing_contact",
        "billing contact",
        "who is asked about that",
        Sort::Text,
        None,
    ),
];

/// What the house alone decides.
const HOUSE: &[Part] = &[
    Part(
        "subdomain",
        "subdomain",
        "a-z, 0-9 and -; the name before our own",
        Sort::Text,
        None,
    ),
    Part(
        "billing_plan",
        "billing plan",
        "what it pays by",
        Sort::Text,
        None,
    ),
    Part(
        "ad_server_base_url",
        "another address",
        "of the ad server; nothing means its usual one",
        Sort::Text,
        None,
    ),
];

/// All of them.
pub fn parts() -> impl Iterator<Item = &'static Part> {
    const NAMED: &[Part] = &[
        Part("name", "name", "what people call it", Sort::Text, None),
        Part(
            "ad_server",
            "ad server",
            "what delivers for it",
            Sort::Text,
            None,
        ),
    ];
    [NAMED, HOUSE, DELIVERY, FEATURES, PEOPLE]
        .into_iter()
        .flatten()
}

fn slot(part: &Part, text: &str) -> Slot {
    let Part(name, label, about, sort, _) = *part;
    match sort {
        Sort::Secret => Slot::hidden(name, label, about),
        Sort::Switch => Slot::switch(name, label, about, text == "yes"),
        Sort::Text | Sort::List | Sort::Json => Slot::line(name, label, about, text),
    }
}

/// The fields as they are filled at first; those of the house for those who look after it.
pub fn slots(keeps: bool, kind: &str, text: impl Fn(&str) -> String) -> Vec<Slot> {
    let all = |parts: &[Part]| -> Vec<Slot> {
        let parts = parts.iter();
        parts.map(|part| slot(part, &text(part.0))).collect()
    };
    let heading = |label: &'static str| Slot::new("", label, "", Kind::Heading, "");
    let mut slots = vec![Slot::line(
        "name",
        "name",
        "what people call it",
        &text("name"),
    )];
    if keeps {
        slots.extend(all(&HOUSE[..2]));
    }
    slots.push(heading("What delivers"));
    let about = "what opened the one opens no other";
    slots.push(Slot::new(
        "ad_server",
        "ad server",
        about,
        Kind::Choice(SERVERS),
        kind,
    ));
    slots.extend(all(DELIVERY));
    if keeps {
        slots.extend(all(&HOUSE[2..]));
    }
    slots.push(heading("Features"));
    slots.extend(all(FEATURES));
    slots.push(heading("People"));
    slots.extend(all(PEOPLE));
    slots
}
