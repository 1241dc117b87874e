//! Tokens: values of the right form that Terraform is given for what nobody knows, each nobody else's.

use std::collections::BTreeMap;

use crate::value::{Piece, Text, Unknown};

/// Tokens, and what they stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct Tokens {
    by_token: BTreeMap<String, Unknown>,
    by_name: BTreeMap<Unknown, String>,
}

impl Tokens {
    /// A text for Terraform.
    pub(super) fn text(&mut self, text: &Text) -> String {
        let pieces = text.pieces().iter();
        let piece = |piece: &Piece| match &piece.content {
            Ok(text) => text.clone(),
            Err(unknown) => self.token(unknown),
        };
        pieces.map(piece).collect()
    }

    fn token(&mut self, unknown: &Unknown) -> String {
        if let Some(known) = self.by_name.get(unknown) {
            return known.clone();
        }
        let number = self.by_name.len();
        let token = if unknown.is_account() {
            format!("9990{number:08}")
        } else if unknown.0.starts_with("the Region of ") {
            // The provider takes what has the form of a Region's name.
            format!("zz-{}-1", letters(number))
        } else {
            format!("rolecalldoesnotknow{number:05}")
        };
        self.by_token.insert(token.clone(), unknown.clone());
        self.by_name.insert(unknown.clone(), token.clone());
        token
    }

    /// A text of Terraform's: what a token stands for is unknown again.
    pub(super) fn read(&self, text: &str) -> Text {
        let mut pieces = Vec::new();
        let piece = |content| Piece { content, place: None, is_sensitive: false };
        let mut rest = text;
        loop {
            let found = self
                .by_token
                .iter()
                .filter_map(|(token, unknown)| Some((rest.find(token.as_str())?, token, unknown)));
            let Some((at, token, unknown)) = found.min_by_key(|(at, ..)| *at) else { break };
            let (before, after) = (rest.get(..at), rest.get(at + token.len()..));
            pieces.extend(before.filter(|text| !text.is_empty()).map(|text| piece(Ok(text.to_owned()))));
            pieces.push(piece(Err(unknown.clone())));
            rest = after.unwrap_or_default();
        }
        if !rest.is_empty() || pieces.is_empty() {
            pieces.push(piece(Ok(rest.to_owned())));
        }
        pieces.into_iter().collect()
    }
}

fn letters(mut number: usize) -> String {
    let mut letters = String::from("rolecall");
    loop {
        let digit = u8::try_from(number % 26).unwrap_or_default();
        letters.push(char::from(b'a' + digit));
        number /= 26;
        if number == 0 {
            return letters;
        }
    }
}
