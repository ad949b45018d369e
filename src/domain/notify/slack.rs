//! What Slack is told: a message with all that somebody needs who decides, and one for several
//! when they come at once. Refuses to let a text of others be more than text.

use serde_json::{Value, json};

/// The longest text of a field.
const LONGEST: usize = 1_500;
/// The longest heading.
const LONGEST_HEADING: usize = 150;
/// How many of several messages are named in one.
const NAMED: usize = 10;

/// Which of a tenant's channels.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Where people work.
    Work,
    /// Where it is kept what was done.
    Audit,
}

impl Channel {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Work, Self::Audit];

    /// Its name as it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Audit => "audit",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// What happened, as people in Slack are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A person has to agree: what is ordered is promised.
    ApprovalRequired,
    /// A person has to agree: the tenant wants it so.
    ConfigApprovalRequired,
    /// A media buy was made.
    Created,
    /// A media buy could not be made.
    Failed,
    /// A campaign has gone live.
    Activated,
    /// Something was decided or done, for those who keep track.
    Done,
    /// Somebody tries whether Slack hears us.
    Test,
}

impl Kind {
    fn heading(self) -> &'static str {
        match self {
            Self::ApprovalRequired => "🔔 Media buy needs approval",
            Self::ConfigApprovalRequired => "⚙️ Media buy needs approval by configuration",
            Self::Created => "🎉 Media buy created",
            Self::Failed => "❌ Media buy failed",
            Self::Activated => "🚀 Campaign is live",
            Self::Done => "📝 Done",
            Self::Test => "👋 Flightdeck is here",
        }
    }

    /// The name that a message of several counts them by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ApprovalRequired => "approval_required",
            Self::ConfigApprovalRequired => "config_approval_required",
            Self::Created => "created",
            Self::Failed => "failed",
            Self::Activated => "activated",
            Self::Done => "done",
            Self::Test => "test",
        }
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// What happened.
    pub kind: Kind,
    /// To what, in a few words.
    pub subject: String,
    /// What else there is to know, by name; empty ones are left out.
    pub facts: Vec<(&'static str, String)>,
    /// What went wrong, and what to do about it.
    pub trouble: Option<String>,
    /// Where to act.
    pub link: Option<(&'static str, String)>,
    /// What to type to act.
    pub command: Option<String>,
    /// The small print: ids and time.
    pub footer: String,
}

/// Text of others as text: what Slack reads as marks is written out, what breaks lines is not
/// let through.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    for letter in text.chars().take(LONGEST) {
        match letter {
            '&' => told.push_str("&amp;"),
            '<' => told.push_str("&lt;"),
            '>' => told.push_str("&gt;"),
            // Marks of bold, code and the like are only told from text by a letter in between.
            '*' | '_' | '~' | '`' => {
                told.push('\u{200b}');
                told.push(letter);
            }
            letter if letter.is_control() => told.push(' '),
            letter => told.push(letter),
        }
    }
    told
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

impl Message {
    /// Writes it as Slack takes it.
    #[must_use]
    pub fn write(&self) -> Value {
        let subject = plain(&self.subject);
        let mut blocks = vec![json!({
            "type": "header",
            "text": {
                "type": "plain_text",
                "text": cut(self.kind.heading(), LONGEST_HEADING), "emoji": true,
            },
        })];
        blocks.push(section(&format!("*{subject}*")));
        let facts: Vec<Value> = self
            .facts
            .iter()
            .filter(|(_, fact)| !fact.is_empty())
            .map(|(name, fact)| json!({"type": "mrkdwn", "text": format!("*{name}*\n{}", plain(fact))}))
            .collect();
        // Slack takes ten fields in a section.
        for some in facts.chunks(10) {
            blocks.push(json!({"type": "section", "fields": some}));
        }
        if let Some(trouble) = &self.trouble {
            blocks.push(section(&format!("*What went wrong*\n{}", plain(trouble))));
        }
        if let Some((label, url)) = &self.link {
            let text = json!({"type": "plain_text", "text": label});
            let button = json!({"type": "button", "text": text, "url": url});
            blocks.push(json!({"type": "actions", "elements": [button]}));
        }
        if let Some(command) = &self.command {
            blocks.push(section(&format!("Or type `{}`", command.replace('`', " "))));
        }
        let footer = json!({"type": "mrkdwn", "text": plain(&self.footer)});
        blocks.push(json!({"type": "context", "elements": [footer]}));
        json!({
            "text": format!("{}: {subject}", self.kind.heading()),
            "blocks": blocks,
        })
    }
}

fn section(text: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": text}})
}

/// One message in the place of several that were written before.
#[must_use]
pub fn together(messages: &[Value]) -> Value {
    if let [one] = messages {
        return one.clone();
    }
    let texts: Vec<&str> = messages
        .iter()
        .filter_map(|message| message["text"].as_str())
        .collect();
    let mut lines: Vec<String> = texts
        .iter()
        .take(NAMED)
        .map(|text| format!("• {}", cut(text, 200)))
        .collect();
    if texts.len() > NAMED {
        lines.push(format!("… and {} more", texts.len() - NAMED));
    }
    let heading = format!("{} things happened", texts.len());
    json!({
        "text": format!("{heading}: {}", texts.first().copied().unwrap_or_default()),
        "blocks": [
            {
                "type": "header",
                "text": {"type": "plain_text", "text": heading},
            },
            section(&lines.join("\n")),
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        Message {
            kind: Kind::ApprovalRequired,
            subject: "<!channel> *Summer* & <https://evil.example|free>".into(),
            facts: vec![
                ("Principal", "Acme".into()),
                ("PO number", String::new()),
                ("Budget", "USD 12,000.00".into()),
            ],
            trouble: Some("line\nbreak".into()),
            link: Some(("Review", "https://ads.example/w/1".into())),
            command: Some("flightdeck orders approve 1".into()),
            footer: "step 1".into(),
        }
    }

    #[test]
    fn text_of_others_neither_calls_nor_links_nor_marks() {
        let told = message().write().to_string();
        assert!(
            !told.contains("<!channel>") && !told.contains("<https://evil"),
            "{told}"
        );
        assert!(told.contains("&lt;!channel&gt;"), "{told}");
        assert!(!told.contains(" *Summer*"), "{told}");
        assert!(told.contains("line break"), "{told}");
    }

    #[test]
    fn what_is_empty_is_left_out_and_the_button_leads_where_it_should() {
        let told = message().write();
        let text = told.to_string();
        assert!(!text.contains("PO number"), "{text}");
        assert!(text.contains("*Budget*"), "{text}");
        let blocks = told["blocks"].as_array().expect("blocks");
        let button = blocks.iter().find(|block| block["type"] == "actions");
        assert_eq!(
            button.expect("a button")["elements"][0]["url"],
            "https://ads.example/w/1"
        );
    }

    #[test]
    fn several_are_told_in_one_and_one_as_it_is() {
        let one = message().write();
        assert_eq!(together(std::slice::from_ref(&one)), one);
        let many = vec![one; 14];
        let told = together(&many);
        assert!(
            told["text"]
                .as_str()
                .expect("text")
                .starts_with("14 things")
        );
        assert!(told.to_string().contains("and 4 more"));
    }
}
