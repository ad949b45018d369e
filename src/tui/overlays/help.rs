//! Help, made from the keymap that is in force: what works here, with the keys of now.

use super::reader::Reader;
use crate::tui::{
    clean::Clean,
    command::{Action, Command, Section},
    keymap::Keymap,
    theme::Role,
};

/// Every command of these sections that has a key; `fields` are those that a filter may name, and
/// `may` says why a command cannot be done now.
#[must_use]
pub fn help(
    keymap: &Keymap,
    sections: &[Section],
    fields: &[&str],
    may: impl Fn(Action) -> Result<(), Clean>,
) -> Reader {
    let mut lines: Vec<(Clean, Role)> = Vec::new();
    let mut section = None;
    for (command, keys) in keymap.help(sections) {
        if section != Some(command.section) {
            if section.is_some() {
                lines.push(("".into(), Role::Text));
            }
            lines.push((Clean::from(heading(command.section)), Role::Title));
            section = Some(command.section);
        }
        lines.push(line(command, &keys, may(command.action)));
    }
    lines.push(("".into(), Role::Text));
    if sections.contains(&Section::Form) {
        let form = "Letters are typed where text goes; there f1 is help. esc closes the form.";
        lines.push((form.into(), Role::Muted));
    }
    let filter = "Filter: words match anywhere or by the beginnings of words; !not, =whole, \
        field:word, \"two words\", =\"a whole name\".";
    if sections.contains(&Section::List) {
        lines.push((filter.into(), Role::Muted));
        if !fields.is_empty() {
            let said = clean!("Fields of this list: {}.", fields.join(", "));
            lines.push((said, Role::Muted));
        }
    }
    let keys = "Every key can be changed in the settings file under [console.keys.SECTION].";
    lines.push((keys.into(), Role::Muted));
    Reader::new("Keys that work here", lines)
}

fn line(
    command: &Command,
    keys: &[crate::tui::input::Key],
    may: Result<(), Clean>,
) -> (Clean, Role) {
    let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
    let keys = keys.join(" ");
    match may {
        Ok(()) => (clean!("{keys:<16} {}", command.about), Role::Text),
        Err(why) => (
            clean!("{keys:<16} {} Not now: {why}", command.about),
            Role::Muted,
        ),
    }
}

fn heading(section: Section) -> &'static str {
    match section {
        Section::Global => "Everywhere",
        Section::List => "In every list",
        Section::Jobs => "Jobs",
        Section::Review => "Review",
        Section::Pacing => "In the lines that run",
        Section::Orders => "Orders",
        Section::Tenants => "Tenants",
        Section::Slots => "Slots",
        Section::Activity => "Activity",
        Section::Form => "In this form",
        Section::Confirm => "In this question",
        Section::Prompt => "In this line",
        Section::Reader => "In this text",
    }
}
