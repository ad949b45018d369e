//! What is sent of a tenant: flat as older servers take it, features nested as the document
//! writes them, or both. What is not sent stays as it is.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::domain::{
    problem::{Code, Problem},
    tenant::{
        ad_server::{AdServerKind, AdServerSettings},
        features::Sent,
        publisher::Publisher,
        secret::Secret,
    },
    text,
    webhook::address,
};

/// The longest name.
const LONGEST_NAME: usize = 100;
/// How many people or domains may sign in.
const MOST_PEOPLE: usize = 200;
/// The longest credential.
const LONGEST_SECRET: usize = 4 << 10;

/// What is sent of a tenant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TenantFields {
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name before our own under which it is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subdomain: Option<String>,
    /// `google_ad_manager`, `kevel`, `triton_digital` or `mock`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_server: Option<String>,
    /// What is switched on for it, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Sent>,
    /// Whether its keys open anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// What it pays by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_plan: Option<String>,
    /// Who is asked about that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_contact: Option<String>,
    /// People who may sign in for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorized_emails: Option<Vec<String>>,
    /// Domains whose people may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorized_domains: Option<Vec<String>>,
    /// One more person who may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creator_email: Option<String>,
    /// Whether it begins with a principal of its own; it does where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_default_principal: Option<bool>,
    /// A feature, flat.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub max_daily_budget: Option<Value>,
    /// A feature, flat.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub enable_axe_signals: Option<Value>,
    /// A feature, flat.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub slack_webhook_url: Option<Value>,
    /// A feature, flat.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub slack_audit_webhook_url: Option<Value>,
    /// A feature, flat.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub hitl_webhook_url: Option<Value>,
    /// A feature, flat.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub human_review_required: Option<Value>,
    /// A feature, flat.
    #[serde(
        alias = "auto_approve_format_ids",
        deserialize_with = "said",
        skip_serializing_if = "Option::is_none"
    )]
    pub auto_approve_formats: Option<Value>,
    /// A feature, flat.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub policy_settings: Option<Value>,
    /// The network at Google Ad Manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gam_network_code: Option<String>,
    /// What opens it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gam_refresh_token: Option<Secret>,
    /// The person there in whose name orders are placed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gam_trafficker_id: Option<String>,
    /// The company there that orders are placed for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gam_company_id: Option<String>,
    /// Whether a person agrees to every order there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gam_manual_approval_required: Option<bool>,
    /// The network at Kevel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kevel_network_id: Option<String>,
    /// What opens it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kevel_api_key: Option<Secret>,
    /// Whether a person agrees to every order there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kevel_manual_approval_required: Option<bool>,
    /// The station at Triton Digital.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triton_station_id: Option<String>,
    /// What opens it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triton_api_key: Option<Secret>,
    /// Whether the ad server inside only says what it would do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mock_dry_run: Option<bool>,
    /// Another address of the ad server than its usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_server_base_url: Option<String>,
}

/// Tells null from nothing.
fn said<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(input).map(Some)
}

fn wrong(field: &str, code: &'static str, message: impl Into<String>) -> Problem {
    Problem::new(field, Code::new(code), message)
}

/// Sets a short text; an empty one takes it away.
fn line(field: &str, sent: Option<&String>, into: &mut Option<String>) -> Result<(), Problem> {
    match sent.map(|text| text.trim()) {
        None => {}
        Some("") => *into = None,
        Some(text) => {
            text::check_line(text, LONGEST_NAME)
                .map_err(|why| wrong(field, "INVALID_TEXT", why.to_string()))?;
            *into = Some(text.to_owned());
        }
    }
    Ok(())
}

/// Sets a credential; an empty one takes it away. Nothing of it is ever said.
fn secret(field: &str, sent: Option<&Secret>, into: &mut Option<Secret>) -> Result<(), Problem> {
    match sent.map(Secret::reveal) {
        None => {}
        Some("") => *into = None,
        Some(text)
            if text.len() <= LONGEST_SECRET && text.bytes().all(|c| c.is_ascii_graphic()) =>
        {
            *into = sent.cloned();
        }
        Some(_) => {
            let message = format!("is not at most {LONGEST_SECRET} visible ASCII characters");
            return Err(wrong(field, "INVALID_SECRET", message));
        }
    }
    Ok(())
}

fn people(field: &str, sent: Option<&Vec<String>>, into: &mut Vec<String>) -> Result<(), Problem> {
    let Some(sent) = sent else {
        return Ok(());
    };
    if sent.len() > MOST_PEOPLE {
        return Err(wrong(
            field,
            "TOO_MANY",
            format!("has more than {MOST_PEOPLE} entries"),
        ));
    }
    for one in sent {
        text::check_line(one, LONGEST_NAME)
            .map_err(|why| wrong(field, "INVALID_TEXT", format!("has an entry that {why}")))?;
    }
    into.clone_from(sent);
    Ok(())
}

impl TenantFields {
    /// Sets what was sent, but for the subdomain, which is not this tenant's alone to take.
    ///
    /// # Errors
    /// With everything that is wrong with it.
    pub fn apply(&self, to: &mut Publisher) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        let mut check = |result: Result<(), Problem>| problems.extend(result.err());
        if let Some(name) = &self.name {
            let name = name.trim();
            match text::check_line(name, LONGEST_NAME) {
                Ok(()) => name.clone_into(&mut to.name),
                Err(why) => check(Err(Problem::new(
                    "name",
                    Code::INVALID_NAME,
                    why.to_string(),
                ))),
            }
        }
        if let Some(active) = self.is_active {
            to.active = active;
        }
        let mut plan = Some(to.billing_plan.clone());
        check(line("billing_plan", self.billing_plan.as_ref(), &mut plan));
        if let Some(plan) = plan {
            to.billing_plan = plan;
        }
        let contact = self.billing_contact.as_ref();
        check(line("billing_contact", contact, &mut to.billing_contact));
        let emails = self.authorized_emails.as_ref();
        check(people(
            "authorized_emails",
            emails,
            &mut to.authorized_emails,
        ));
        let domains = self.authorized_domains.as_ref();
        check(people(
            "authorized_domains",
            domains,
            &mut to.authorized_domains,
        ));
        if let Some(one) = &self.creator_email {
            let mut all = to.authorized_emails.clone();
            all.push(one.clone());
            all.dedup();
            check(people(
                "creator_email",
                Some(&all),
                &mut to.authorized_emails,
            ));
        }
        for (name, value) in self.features() {
            check(to.features.set(name, value));
        }
        match self.ad_server() {
            Ok(Some(kind)) if kind != to.ad_server.kind => {
                // What opened the one opens no other.
                to.ad_server = AdServerSettings {
                    kind,
                    ..AdServerSettings::default()
                };
            }
            Ok(_) => {}
            Err(problem) => check(Err(problem)),
        }
        self.apply_ad_server(&mut to.ad_server, &mut check);
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    /// The ad server that is named.
    fn ad_server(&self) -> Result<Option<AdServerKind>, Problem> {
        let Some(named) = &self.ad_server else {
            return Ok(None);
        };
        named.parse().map(Some).map_err(|why| {
            let message = format!("{} {why}", text::echo(named));
            wrong("ad_server", "INVALID_AD_SERVER", message)
        })
    }

    fn apply_ad_server(
        &self,
        to: &mut AdServerSettings,
        check: &mut impl FnMut(Result<(), Problem>),
    ) {
        let (networks, secrets) = match to.kind {
            AdServerKind::Mock => (None, None),
            AdServerKind::GoogleAdManager => (
                Some(("gam_network_code", &self.gam_network_code)),
                Some(("gam_refresh_token", &self.gam_refresh_token)),
            ),
            AdServerKind::Kevel => (
                Some(("kevel_network_id", &self.kevel_network_id)),
                Some(("kevel_api_key", &self.kevel_api_key)),
            ),
            AdServerKind::TritonDigital => (
                Some(("triton_station_id", &self.triton_station_id)),
                Some(("triton_api_key", &self.triton_api_key)),
            ),
        };
        if let Some((field, sent)) = networks {
            check(line(field, sent.as_ref(), &mut to.network));
        }
        if let Some((field, sent)) = secrets {
            check(secret(field, sent.as_ref(), &mut to.credential));
        }
        let manual = match to.kind {
            AdServerKind::GoogleAdManager => {
                let trafficker = self.gam_trafficker_id.as_ref();
                check(line("gam_trafficker_id", trafficker, &mut to.trafficker));
                check(line(
                    "gam_company_id",
                    self.gam_company_id.as_ref(),
                    &mut to.company,
                ));
                self.gam_manual_approval_required
            }
            AdServerKind::Kevel => self.kevel_manual_approval_required,
            AdServerKind::Mock | AdServerKind::TritonDigital => None,
        };
        to.manual_approval = manual.unwrap_or(to.manual_approval);
        to.dry_run = self.mock_dry_run.unwrap_or(to.dry_run);
        match self.ad_server_base_url.as_deref() {
            None => {}
            Some("") => to.base_url = None,
            Some(url) => match address::read(url, true) {
                Ok(_) => to.base_url = Some(url.to_owned()),
                Err(why) => {
                    let why = why.to_string();
                    check(Err(wrong("ad_server_base_url", "INVALID_URL", why)));
                }
            },
        }
    }

    /// Every feature that was sent, the nested ones first.
    fn features(&self) -> impl Iterator<Item = (&str, &Value)> {
        let flat = [
            ("max_daily_budget", &self.max_daily_budget),
            ("enable_axe_signals", &self.enable_axe_signals),
            ("slack_webhook_url", &self.slack_webhook_url),
            ("slack_audit_webhook_url", &self.slack_audit_webhook_url),
            ("hitl_webhook_url", &self.hitl_webhook_url),
            ("human_review_required", &self.human_review_required),
            ("auto_approve_formats", &self.auto_approve_formats),
            ("policy_settings", &self.policy_settings),
        ];
        let flat = flat.into_iter();
        let flat = flat.filter_map(|(name, sent)| sent.as_ref().map(|value| (name, value)));
        let nested = self.features.iter().flat_map(|sent| &sent.0);
        nested
            .map(|(name, value)| (name.as_str(), value))
            .chain(flat)
    }
}
