//! What comes into the brief form from outside: a file, and the person's own editor. A text
//! that is no brief is not taken, is said to be wrong and where, and stays to be mended.

use std::path::PathBuf;

use super::{BriefForm, filled::Filled};
use crate::{
    domain::booking::brief::CampaignBrief,
    engine::{bookings::submit::SubmitBrief, fault::Fault, question},
    tui::{
        clean::Clean,
        effect::{Ctx, Edit, Effect, Reply, Ticket},
        overlays::reader::Reader,
        theme::Role,
    },
};

/// What is on its way from outside.
#[derive(Debug, Default)]
pub struct Outside {
    editor: Option<Ticket>,
    file: Option<(Ticket, String)>,
    /// What came back from the editor and could not be read.
    edited: Option<String>,
}

impl Outside {
    /// Whether there is an edited text that is in no field.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.edited.is_some()
    }

    /// That text.
    #[must_use]
    pub fn edited(&self) -> Option<String> {
        self.edited.clone()
    }

    /// Takes such a text from an earlier form.
    pub fn keep(&mut self, edited: Option<String>) {
        self.edited = edited;
    }
}

/// Reads a brief, alone or with what is sent beside it.
fn read(text: &str) -> Result<(CampaignBrief, Option<bool>), Fault> {
    #[derive(serde::Deserialize)]
    struct Wrapped {
        #[serde(rename = "brief")]
        _brief: serde::de::IgnoredAny,
    }
    let text = text.trim_start_matches('\u{feff}').as_bytes();
    if question::read_any::<Wrapped>(text).is_ok() {
        let asked: SubmitBrief = question::read(text)?;
        return Ok((asked.brief, Some(asked.auto_approve)));
    }
    question::read(text).map(|brief| (brief, None))
}

/// What a person is told of a text that is no brief.
fn wrong(fault: &Fault) -> Clean {
    let said = fault.message.trim_start_matches("body: ");
    match &fault.hint {
        Some(hint) => clean!("{said} (hint: {hint})"),
        None => Clean::new(said),
    }
}

impl BriefForm {
    /// Shows all of the field in a text to be read; JSON is set out in lines.
    pub(super) fn read_whole(&self, ctx: &mut Ctx<'_>) {
        let text = self.filled.text(self.at);
        let json = serde_json::from_str::<serde_json::Value>(text);
        let set_out = json.and_then(|json| serde_json::to_string_pretty(&json));
        let text = set_out.unwrap_or_else(|_| text.to_owned());
        let lines = Clean::lines(&text).into_iter();
        let lines = lines.map(|line| (line, Role::Text)).collect();
        let reader = Reader::new(self.at.label(), lines);
        ctx.want(Effect::Open(Box::new(reader)));
    }

    /// Opens the whole brief in the person's editor, or what they wrote there before.
    pub(super) fn edit(&mut self, ctx: &mut Ctx<'_>) {
        let ticket = ctx.ticket();
        let text = self.outside.edited().unwrap_or_else(|| self.filled.json());
        self.outside.editor = Some(ticket);
        ctx.want(Effect::Edit(Edit { ticket, text }));
    }

    /// Reads a file into the form.
    pub(super) fn load(&mut self, typed: &str, ctx: &mut Ctx<'_>) {
        let typed = typed.trim();
        if typed.is_empty() {
            return;
        }
        let path = match typed.strip_prefix("~/") {
            Some(rest) => std::env::home_dir().unwrap_or_default().join(rest),
            None => PathBuf::from(typed),
        };
        let ticket = ctx.ticket();
        self.outside.file = Some((ticket, typed.to_owned()));
        ctx.want(Effect::Read(ticket, path));
    }

    /// Takes what came from the editor or from a file.
    pub(super) fn came_back(
        &mut self,
        ticket: Ticket,
        reply: &mut Option<Reply>,
        ctx: &mut Ctx<'_>,
    ) {
        if self.outside.editor == Some(ticket) {
            self.outside.editor = None;
            match text_of(reply.take()) {
                Ok(text) => self.take_edited(text, ctx),
                Err(fault) => {
                    let said = clean!("the editor: {}", wrong(&fault));
                    self.notice = Some((said, Role::Bad));
                }
            }
            return;
        }
        let asked = self.outside.file.as_ref();
        if asked.is_none_or(|(waits, _)| *waits != ticket) {
            return;
        }
        let name = self.outside.file.take().map(|(_, name)| name);
        let name = Clean::new(&name.unwrap_or_default());
        match text_of(reply.take()).and_then(|text| read(&text)) {
            Ok((brief, auto)) => {
                self.replace(&brief, auto, ctx);
                self.notice = Some((clean!("filled from {name}"), Role::Good));
            }
            Err(fault) => {
                let said = clean!("{name} was not taken: {}", wrong(&fault));
                self.notice = Some((said, Role::Bad));
            }
        }
    }

    fn take_edited(&mut self, text: String, ctx: &mut Ctx<'_>) {
        match read(&text) {
            Ok((brief, auto)) => {
                self.outside.edited = None;
                self.replace(&brief, auto, ctx);
                self.notice = None;
            }
            Err(fault) => {
                let said = clean!(
                    "what you edited was not taken: {}; it is kept, edit it again",
                    wrong(&fault)
                );
                self.notice = Some((said, Role::Bad));
                self.outside.edited = Some(text);
            }
        }
    }

    /// Another brief; what stood there can be brought back.
    fn replace(&mut self, brief: &CampaignBrief, auto: Option<bool>, ctx: &mut Ctx<'_>) {
        let auto = auto.unwrap_or(self.filled.auto_approve);
        let filled = Filled::of(brief, auto);
        if !self.filled.says(&Filled::empty()) && !self.filled.says(&filled) {
            self.spare = Some(self.filled.clone());
        }
        self.fill(filled, ctx);
    }
}

fn text_of(reply: Option<Reply>) -> Result<String, Fault> {
    let missing = || Fault::broken("an answer without a text");
    let answer = reply.ok_or_else(missing)??;
    answer
        .downcast::<String>()
        .map(|text| *text)
        .map_err(|_| missing())
}
