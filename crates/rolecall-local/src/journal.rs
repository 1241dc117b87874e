//! Who asked for what, and what was answered: the last requests, for whoever wants to see them.

use std::collections::VecDeque;
use std::sync::Mutex;

use serde::Serialize;

/// One request that was answered.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Its number, from 1 since the start.
    pub number: u64,
    /// When, in this AWS's time: seconds since 1970.
    pub time: i64,
    /// `service:Operation`.
    pub action: String,
    /// The caller's ARN; none where the caller was not let in.
    pub caller: Option<String>,
    /// The caller's account.
    pub account: Option<String>,
    /// The resource it was about, where it had one.
    pub resource: Option<String>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The error code; none where it was carried out.
    pub code: Option<String>,
    /// The error text, as the client got it.
    pub message: Option<String>,
    /// Whether the authoriser refused it.
    pub refused: bool,
    /// The sentence and the checks that led to the decision: for a refusal always, otherwise where
    /// [`crate::Settings::explain_all`] asks for it.
    pub explanation: Option<String>,
    /// The request id, as the client got it.
    pub request_id: String,
}

/// The last requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<(u64, VecDeque<Entry>)>);

const KEPT: usize = 1000;

/// Texts longer than this, in bytes, are cut: they may be as long as a request, which anybody can send.
const LONGEST: usize = 2048;

/// As [`LONGEST`]; the checks of many policies take more.
const LONGEST_EXPLANATION: usize = 64 * 1024;

/// Cuts a text that is too long, between two characters, and says so.
fn shorten(text: &mut String, most: usize) {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.push('…');
        text.shrink_to_fit();
    }
}

impl Journal {
    pub(crate) fn add(&self, mut entry: Entry) {
        let mut held = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        held.0 += 1;
        entry.number = held.0;
        let texts = [Some(&mut entry.action), entry.resource.as_mut(), entry.message.as_mut()];
        texts.into_iter().flatten().for_each(|text| shorten(text, LONGEST));
        if let Some(text) = &mut entry.explanation {
            shorten(text, LONGEST_EXPLANATION);
        }
        if held.1.len() == KEPT {
            held.1.pop_front();
        }
        held.1.push_back(entry);
    }

    /// The entries after the one with this number.
    pub(crate) fn after(&self, number: u64) -> Vec<Entry> {
        let held = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        held.1.iter().filter(|entry| entry.number > number).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anybody_can_send_is_not_kept_whole() {
        let long = "é".repeat(1_000_000);
        let journal = Journal::default();
        journal.add(Entry {
            number: 0,
            time: 0,
            action: long.clone(),
            caller: None,
            account: None,
            resource: Some(long.clone()),
            status: 403,
            code: None,
            message: Some(long),
            refused: false,
            explanation: Some("é".repeat(1_000_000)),
            request_id: String::new(),
        });
        let entry = journal.after(0).remove(0);
        assert_eq!(entry.explanation.unwrap().len(), LONGEST_EXPLANATION + 3);
        for text in [entry.action, entry.resource.unwrap(), entry.message.unwrap()] {
            assert_eq!((text.len(), text.chars().last()), (LONGEST + 3, Some('…')));
        }
    }
}
