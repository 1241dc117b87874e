//! What stands in for accounts, names and ids that are not known before something is applied.
//!
//! Nobody else has them, so that a made-up one of the right form decides what a real one would. Values that may turn out
//! to be anything, such as variables, have no symbol: they are marks, and what hangs on them is undecided.

use std::collections::{BTreeMap, HashMap};

use crate::value::Unknown;

/// Made-up values, and what they stand for.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    by_name: BTreeMap<Unknown, String>,
    /// The other way round.
    by_made: HashMap<String, Unknown>,
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
        let is_free = |made: &String| !self.by_made.contains_key(made);
        let made = (0..16).filter_map(|attempt| made_up(unknown, attempt)).find(is_free)?;
        self.by_name.insert(unknown.clone(), made.clone());
        self.by_made.insert(made.clone(), unknown.clone());
        Some(made)
    }

    /// A text for a person: with `⟨the account of provider aws.target⟩` for what stands for it.
    pub fn shown(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let made = candidate(rest).and_then(|made| self.by_made.get_key_value(made));
            let length = match made {
                Some((made, unknown)) => {
                    shown.push_str(&format!("⟨{}⟩", unknown.0));
                    made.len()
                }
                None => {
                    shown.push(first);
                    first.len_utf8()
                }
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        shown
    }

    /// What a made-up value stands for.
    pub fn meant_by(&self, made: &str) -> Option<&Unknown> {
        self.by_made.get(made)
    }

    /// Whether there is a made-up value in a text.
    pub fn is_in(&self, text: &str) -> bool {
        let mut candidates = text.char_indices().filter_map(|(at, _)| candidate(text.get(at..)?));
        candidates.any(|made| self.by_made.contains_key(made))
    }

    /// What they stand for.
    pub fn names(&self) -> impl Iterator<Item = (&Unknown, &str)> {
        self.by_name.iter().map(|(unknown, made)| (unknown, made.as_str()))
    }
}

/// What made-up ids and names begin with, and how long they are; and the digits of an account.
const ID: (&str, usize) = ("AROAROLECALL", 21);
const UNIQUE: (&str, usize) = ("rolecall-made-up-", 25);
const ACCOUNT: usize = 12;

/// What may be a made-up value at the beginning of a text.
fn candidate(text: &str) -> Option<&str> {
    let length = match [ID, UNIQUE].into_iter().find(|(start, _)| text.starts_with(start)) {
        Some((_, length)) => length,
        None if text.starts_with(|c: char| c.is_ascii_digit()) => ACCOUNT,
        None => return None,
    };
    text.get(..length)
}

/// A value of the right form for it: the same from run to run, so that two runs can be compared.
fn made_up(unknown: &Unknown, attempt: u64) -> Option<String> {
    let number = hash(&unknown.0).wrapping_add(attempt);
    if unknown.is_account() {
        // Twelve digits that are hardly anybody's; the lowest ones stand for strangers.
        Some(format!("{:012}", 1000 + number % 99_999_998_000))
    } else if unknown.is_id() {
        Some(format!("{}{:09}", ID.0, number % 1_000_000_000))
    } else if unknown.is_unique() {
        Some(format!("{}{:08x}", UNIQUE.0, number % 0x1_0000_0000))
    } else {
        None
    }
}

/// FNV-1a: <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unique_stands_for_itself() {
        let mut symbols = Symbols::default();
        let account = symbols.stand_for(&Unknown::account_of("aws")).unwrap();
        assert!(account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()), "{account}");
        assert_eq!(symbols.stand_for(&Unknown::account_of("aws")), Some(account.clone()));
        assert_ne!(symbols.stand_for(&Unknown::account_of("aws.target")), Some(account.clone()));
        let role = Unknown::new("aws_iam_role.task");
        let name = symbols.stand_for(&Unknown::name_of(&role)).unwrap();
        let id = symbols.stand_for(&Unknown::id_of(&role)).unwrap();
        assert!(id.len() == 21 && id.starts_with("AROA"), "{id}");
        assert_eq!(symbols.stand_for(&Unknown::new("var.name")), None);
        let shown = symbols.shown(&format!("arn:aws:iam::{account}:role/{name}"));
        assert_eq!(shown, "arn:aws:iam::⟨the account of provider aws⟩:role/⟨the name of aws_iam_role.task⟩");
    }
}
