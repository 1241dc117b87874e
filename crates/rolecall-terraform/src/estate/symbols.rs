//! What stands in for accounts, names and ids that are not known before something is applied.
//!
//! Nobody else has them, so that a made-up one of the right form decides what a real one would. Values that may turn out
//! to be anything, such as variables, have no symbol: they are marks, and what hangs on them is undecided.

use std::collections::BTreeMap;

use crate::value::Unknown;

/// Made-up values, and what they stand for.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    by_name: BTreeMap<Unknown, String>,
    /// Accounts that were told by the ARNs nearby.
    told: BTreeMap<Unknown, String>,
}

impl Symbols {
    /// Takes note of what was told.
    pub(crate) fn told(&mut self, unknown: Unknown, value: String) {
        self.told.insert(unknown, value);
    }

    /// The value that stands for something unknown, if something can.
    pub(crate) fn stand_for(&mut self, unknown: &Unknown) -> Option<String> {
        if let Some(told) = self.told.get(unknown) {
            return Some(told.clone());
        }
        if let Some(known) = self.by_name.get(unknown) {
            return Some(known.clone());
        }
        let number = self.by_name.len() + 1;
        let made = if unknown.is_account() {
            // Twelve digits that are nobody's; the lowest ones stand for strangers.
            format!("{:012}", 1000 + number)
        } else if unknown.is_id() {
            format!("AROAROLECALL{number:09}")
        } else if unknown.is_unique() {
            format!("rolecall-made-up-{number}")
        } else {
            return None;
        };
        self.by_name.insert(unknown.clone(), made.clone());
        Some(made)
    }

    /// A text for a person: with `⟨the account of provider aws.target⟩` for what stands for it.
    pub fn shown(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        for (unknown, made) in &self.by_name {
            if shown.contains(made) {
                shown = shown.replace(made, &format!("⟨{}⟩", unknown.0));
            }
        }
        shown
    }

    /// What they stand for.
    pub fn names(&self) -> impl Iterator<Item = (&Unknown, &str)> {
        self.by_name.iter().map(|(unknown, made)| (unknown, made.as_str()))
    }
}
