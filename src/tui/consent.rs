//! What a person types to agree to something that cannot be taken back: a name, or a number of
//! things. Asks for nothing that a keyboard may not have; takes the whole name as well, however
//! it was brought there.

use crate::{domain::text::typeable, tui::clean::Clean};

/// What has to be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    whole: Clean,
    form: String,
    /// Whether it is the end of an id, because too little of the name can be typed.
    is_id: bool,
    ends: bool,
}

impl Consent {
    /// The name of something that is known by an id.
    #[must_use]
    pub fn name(name: &str, id: &str) -> Self {
        let whole = Clean::new(name);
        let (form, is_id) = typeable(whole.as_str(), id);
        Self {
            whole,
            form,
            is_id,
            ends: false,
        }
    }

    /// A few of our own words, such as how many things it is about.
    #[must_use]
    pub fn words(words: impl Into<Clean>) -> Self {
        let whole = words.into();
        Self {
            form: whole.to_string(),
            whole,
            is_id: false,
            ends: false,
        }
    }

    /// The same, for something that ends with it and can be kept instead.
    #[must_use]
    pub fn or_keep(mut self) -> Self {
        self.ends = true;
        self
    }

    /// What is to be typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.form
    }

    /// The line that asks for it.
    #[must_use]
    pub fn prompt(&self) -> Clean {
        let form = &self.form;
        if self.is_id {
            return clean!("Type {form}, the end of its id, to agree:");
        }
        clean!("Type {form} to agree:")
    }

    /// The button that leaves everything as it is.
    #[must_use]
    pub fn no(&self) -> &'static str {
        if self.ends { "keep it" } else { "cancel" }
    }

    /// Whether that was typed.
    #[must_use]
    pub fn is(&self, typed: &str) -> bool {
        let words: Vec<&str> = typed.split_whitespace().collect();
        words.join(" ") == self.form || Clean::new(typed.trim()) == self.whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_form_and_the_whole_name_both_agree() {
        let ramen = Consent::name("Kitsune Ramen 🍜 opening", "0197-c0de42");
        assert_eq!(
            ramen.prompt().as_str(),
            "Type Kitsune Ramen opening to agree:"
        );
        for typed in [
            "Kitsune Ramen opening",
            " Kitsune  Ramen opening ",
            "Kitsune Ramen 🍜 opening",
        ] {
            assert!(ramen.is(typed), "{typed}");
        }
        for typed in ["", "kitsune ramen opening", "Kitsune Ramen"] {
            assert!(!ramen.is(typed), "{typed}");
        }
        let summer = Consent::name("夏祭り", "0197-c0de42");
        assert!(summer.is("c0de42") && summer.is("夏祭り") && !summer.is(""));
        assert_eq!(
            summer.prompt().as_str(),
            "Type c0de42, the end of its id, to agree:"
        );
        assert_eq!(summer.no(), "cancel");
        assert_eq!(summer.or_keep().no(), "keep it");
    }
}
