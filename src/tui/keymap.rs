//! Which key does what: read from `assets/keymap.toml` and overridden by the settings.
//! Refuses unknown names, and keys that would do two things in one place.

use std::collections::{BTreeMap, HashMap};

use super::{
    command::{Action, COMMANDS, Command, Section},
    input::Key,
};

/// The keys that come with the program.
const BUILT_IN: &str = include_str!("../../assets/keymap.toml");

/// What may be written in the settings: section, command, keys.
pub type Overrides = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// Sections that are in force together: the first that knows a key decides, and none may
/// hide a key of another without being the one that is meant.
const TOGETHER: &[&[Section]] = &[
    &[Section::Jobs, Section::List, Section::Global],
    &[Section::Review, Section::List, Section::Global],
    &[Section::Orders, Section::List, Section::Global],
    &[Section::Tenants, Section::List, Section::Global],
    &[Section::Slots, Section::List, Section::Global],
    &[Section::Activity, Section::List, Section::Global],
    &[Section::Form],
    &[Section::Confirm],
    &[Section::Prompt],
    &[Section::Reader, Section::List],
];

/// Why a keymap cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("setting `console.keys.{0}`: {1}")]
pub struct BadKeymap(String, String);

/// Keys and what they do.
#[derive(Debug, Clone)]
pub struct Keymap {
    keys: HashMap<(Section, Key), Action>,
    names: HashMap<Action, Vec<Key>>,
}

impl Keymap {
    /// The keys of the program with those of the settings over them.
    ///
    /// # Errors
    /// When the settings name what is not there, or give one key to two commands.
    pub fn new(overrides: &Overrides) -> Result<Self, BadKeymap> {
        let mut all: Overrides = toml::from_str(BUILT_IN)
            .map_err(|error| BadKeymap("assets".into(), error.to_string()))?;
        for (section, lines) in overrides {
            let known = all
                .get_mut(section)
                .ok_or_else(|| BadKeymap(section.clone(), "there is no such section".into()))?;
            for (name, keys) in lines {
                if !known.contains_key(name) {
                    let path = format!("{section}.{name}");
                    return Err(BadKeymap(path, "there is no such command".into()));
                }
                known.insert(name.clone(), keys.clone());
            }
        }
        let mut keymap = Self {
            keys: HashMap::new(),
            names: HashMap::new(),
        };
        for command in COMMANDS {
            keymap.bind(command, &all)?;
        }
        Ok(keymap)
    }

    fn bind(&mut self, command: &Command, all: &Overrides) -> Result<(), BadKeymap> {
        let bad = |why: String| BadKeymap(command.id(), why);
        let lines = all.get(command.section.name());
        let keys = lines
            .and_then(|lines| lines.get(command.name))
            .ok_or_else(|| bad("no key is given, not even an empty list".into()))?;
        for text in keys {
            let key: Key = text.parse().map_err(|why| bad(format!("{text}: {why}")))?;
            if let Some(other) = self.keys.insert((command.section, key), command.action) {
                let other = other.command().id();
                return Err(bad(format!("{text} is the key of {other} already")));
            }
            self.names.entry(command.action).or_default().push(key);
        }
        Ok(())
    }

    /// What a key does where these sections are in force; the first that knows it decides.
    #[must_use]
    pub fn action(&self, sections: &[Section], key: Key) -> Option<Action> {
        let find = |section: &Section| self.keys.get(&(*section, key)).copied();
        sections.iter().find_map(find)
    }

    /// The first key of a command, as it is written on a hint.
    #[must_use]
    pub fn key(&self, action: Action) -> Option<Key> {
        self.names.get(&action)?.first().copied()
    }

    /// All keys of a command.
    #[must_use]
    pub fn keys(&self, action: Action) -> &[Key] {
        self.names.get(&action).map_or(&[], Vec::as_slice)
    }

    /// The commands that have a key where these sections are in force, with their keys; what
    /// another section hides there is left out.
    pub fn help<'a>(
        &'a self,
        sections: &'a [Section],
    ) -> impl Iterator<Item = (&'static Command, Vec<Key>)> + 'a {
        sections.iter().flat_map(move |section| {
            let here = COMMANDS
                .iter()
                .filter(|command| command.section == *section);
            here.filter_map(move |command| {
                let works = |key: &&Key| self.action(sections, **key) == Some(command.action);
                let keys = self.keys(command.action).iter().filter(works).copied();
                let keys: Vec<Key> = keys.collect();
                (!keys.is_empty()).then_some((command, keys))
            })
        })
    }

    /// Every group of sections that can be in force together.
    #[must_use]
    pub fn together() -> &'static [&'static [Section]] {
        TOGETHER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overrides(text: &str) -> Result<Keymap, BadKeymap> {
        Keymap::new(&toml::from_str(text).expect("TOML"))
    }

    #[test]
    fn the_keymap_that_comes_with_the_program_names_every_command() {
        let keymap = Keymap::new(&Overrides::new()).expect("a keymap");
        for command in COMMANDS {
            assert!(keymap.key(command.action).is_some(), "{}", command.id());
        }
        let all: Overrides = toml::from_str(BUILT_IN).expect("TOML");
        let lines: usize = all.values().map(BTreeMap::len).sum();
        assert_eq!(lines, COMMANDS.len(), "a line that no command has");
    }

    #[test]
    fn nothing_that_changes_something_is_hidden_behind_a_key_that_moves() {
        let keymap = Keymap::new(&Overrides::new()).expect("a keymap");
        for sections in Keymap::together() {
            let hidden = sections.iter().skip(1).flat_map(|section| {
                let here = COMMANDS.iter().filter(|one| one.section == *section);
                here.filter(|one| {
                    let works = |key: &Key| keymap.action(sections, *key) == Some(one.action);
                    !keymap.keys(one.action).iter().any(works)
                })
            });
            // These are done by the pane's own command on the same key.
            let meant = [Action::Mark, Action::MarkAll, Action::Open, Action::Focus];
            for command in hidden {
                assert!(
                    meant.contains(&command.action),
                    "{sections:?}: {}",
                    command.id()
                );
            }
        }
    }

    #[test]
    fn help_lists_what_has_a_key() {
        let keymap = overrides("[list]\nwider = []").expect("a keymap");
        for sections in Keymap::together() {
            for (command, keys) in keymap.help(sections) {
                assert!(!keys.is_empty(), "{}", command.id());
                assert_ne!(command.action, Action::Wider);
            }
        }
    }

    #[test]
    fn settings_override_single_lines_and_say_what_is_wrong() {
        let keymap = overrides("[list]\ndown = [\"ctrl-n\"]").expect("a keymap");
        assert_eq!(keymap.keys(Action::Down).len(), 1);
        assert_eq!(keymap.keys(Action::Up).len(), 2);
        let none = overrides("[list]\ndown = []").expect("a keymap");
        assert_eq!(none.key(Action::Down), None);
        for (text, said) in [
            ("[lists]\na = []", "keys.lists"),
            ("[list]\nfly = []", "keys.list.fly"),
            ("[list]\ndown = [\"k\"]", "already"),
            (
                "[list]\ndown = [\"ctrl-alt-shift-nothing\"]",
                "keys.list.down",
            ),
        ] {
            let error = overrides(text).expect_err(text).to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
