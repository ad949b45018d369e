//! What a tenant-management server shows, once it is read: the few names that all shapes have, and
//! whatever else it says, without what is secret.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::booking::upstream::differ::Disagreement;

/// In which parts of a tenant its fields stand.
const PARTS: [&str; 4] = ["settings", "features", "adapter_config", "config"];

/// A tenant there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerTenant {
    /// Its id there.
    pub tenant_id: String,
    /// What people call it.
    pub name: String,
    /// The name before the server's own under which it is asked.
    pub subdomain: String,
    /// Whether it is open, where that is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// What delivers for it.
    #[serde(default)]
    pub ad_server: String,
    /// Since when it is there, in that server's words.
    #[serde(default)]
    pub created_at: String,
    /// Whatever else is shown, without secrets.
    #[serde(default)]
    pub more: Map<String, Value>,
}

impl ServerTenant {
    /// In a word whether it is open.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match self.is_active {
            Some(true) => "open",
            Some(false) => "closed",
            None => "?",
        }
    }

    /// A field by its name, wherever it stands.
    fn field(&self, name: &str) -> Option<Value> {
        let own = match name {
            "name" => Some(Value::from(self.name.clone())),
            "subdomain" => Some(Value::from(self.subdomain.clone())),
            "ad_server" => Some(Value::from(self.ad_server.clone())),
            "is_active" => self.is_active.map(Value::from),
            _ => None,
        };
        let below = || {
            let mut parts = PARTS.iter().filter_map(|part| self.more.get(*part));
            parts.find_map(|part| part.get(name).cloned())
        };
        own.or_else(|| self.more.get(name).cloned()).or_else(below)
    }

    /// Where what was sent and what is shown are not the same, and of what nothing is shown.
    #[must_use]
    pub fn against(&self, sent: &Map<String, Value>) -> (Vec<Disagreement>, Vec<String>) {
        let (mut differs, mut unseen) = (Vec::new(), Vec::new());
        let inner = sent.iter().flat_map(|(name, value)| match value {
            Value::Object(inner) if name == "features" => inner.iter().collect::<Vec<_>>(),
            _ => vec![(name, value)],
        });
        for (name, value) in inner {
            if is_secret(name) {
                continue;
            }
            // Also what stands deep inside is told to nobody; it is never shown to compare with.
            let value = without_secrets(value.clone());
            match self.field(name).map(without_secrets) {
                None => unseen.push(name.clone()),
                Some(shown) if same(&value, &shown) => {}
                Some(shown) => differs.push(Disagreement {
                    about: name.clone(),
                    asked: plain(&value),
                    shown: plain(&shown),
                }),
            }
        }
        (differs, unseen)
    }
}

/// Whether two values mean the same: 50000 and 50000.0 do.
fn same(asked: &Value, shown: &Value) -> bool {
    match (asked.as_f64(), shown.as_f64()) {
        (Some(asked), Some(shown)) => (asked - shown).abs() < 1e-9,
        _ => asked == shown,
    }
}

fn plain(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    crate::domain::text::echo(&text)
}

/// What is in the name of a field that nobody is to see, in small letters and nothing else.
const SECRETS: [&str; 12] = [
    "token",
    "secret",
    "password",
    "apikey",
    "webhookurl",
    "privatekey",
    "accesskey",
    "adminkey",
    "serviceaccountjson",
    "credential",
    "cookie",
    "refresh",
];

/// Whether a field of that name holds something that nobody is to see, however it is spelt.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let letters: String = name.chars().filter(|one| !"_-".contains(*one)).collect();
    !name.starts_with("has_") && SECRETS.iter().any(|part| letters.contains(part))
}

/// A value without what is secret in it.
#[must_use]
pub fn without_secrets(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().map(|(name, value)| {
                let hidden = is_secret(&name) && !value.is_null() && !value.is_boolean();
                let value = if hidden {
                    Value::from("(kept there)")
                } else {
                    without_secrets(value)
                };
                (name, value)
            });
            Value::Object(kept.collect())
        }
        Value::Array(all) => all.into_iter().map(without_secrets).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).expect("an object")
    }

    #[test]
    fn what_was_sent_is_found_wherever_it_is_shown() {
        let tenant = ServerTenant {
            name: "Sports".into(),
            is_active: Some(true),
            more: map(json!({"settings": {"enable_axe_signals": true}, "max_daily_budget": 5})),
            ..ServerTenant::default()
        };
        let sent = json!({"name": "Sport", "features": {"max_daily_budget": 5.0,
            "enable_axe_signals": true, "other": 1}, "gam_refresh_token": "x"});
        let (differs, unseen) = tenant.against(&map(sent));
        assert_eq!(differs.len(), 1);
        assert_eq!((&*differs[0].about, &*differs[0].shown), ("name", "Sports"));
        assert_eq!(unseen, ["other"]);
    }

    #[test]
    fn what_is_secret_inside_an_object_is_in_no_disagreement() {
        let tenant = ServerTenant {
            more: map(without_secrets(
                json!({"adapter_config": {"serviceAccountJson": "there",
                "network": 1}, "gam": {"API-Key": "there", "network": 1}}),
            )),
            ..ServerTenant::default()
        };
        let sent = json!({"adapter_config": {"serviceAccountJson": "canary", "network": 2},
            "gam": {"API-Key": "canary", "network": 1}});
        let (differs, unseen) = tenant.against(&map(sent));
        assert_eq!((differs.len(), unseen.len()), (1, 0), "{differs:?}");
        assert!(differs[0].asked.contains('2') && !differs[0].asked.contains("canary"));
        for name in ["Set-Cookie", "accessKey", "admin_key", "gam_credentials"] {
            assert!(is_secret(name), "{name}");
        }
        assert!(!is_secret("name") && !is_secret("has_refresh_token"));
    }

    #[test]
    fn nothing_secret_is_shown() {
        let shown = without_secrets(json!({"admin_token": "a", "has_refresh_token": true,
            "settings": {"slack_webhook_url": "https://x", "hitl_webhook_url": null},
            "principals": [{"access_token": "b", "name": "Acme"}]}));
        let text = shown.to_string();
        assert!(!text.contains("\"a\"") && !text.contains("https://x") && !text.contains("\"b\""));
        assert!(text.contains("Acme") && text.contains("null"));
    }
}
