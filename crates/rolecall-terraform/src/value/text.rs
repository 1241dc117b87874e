//! Texts of which some parts are not known: `arn:aws:iam::222222222222:role/⟨name⟩`.

use std::fmt;

use super::Unknown;
use crate::place::Place;

/// A text in pieces, each with its place.
#[derive(Clone, Debug, Default)]
pub struct Text {
    pieces: Vec<Piece>,
}

/// A piece of a text.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The text, or what is not known.
    pub content: Result<String, Unknown>,
    /// Where it was written. A text that has the length of its place stands there as it is.
    pub place: Option<Place>,
    /// Whether it must not be shown.
    pub is_sensitive: bool,
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self { pieces: vec![Piece { content: Ok(text), place: None, is_sensitive: false }] }
    }
}

impl FromIterator<Piece> for Text {
    fn from_iter<I: IntoIterator<Item = Piece>>(pieces: I) -> Self {
        Self { pieces: pieces.into_iter().collect() }
    }
}

impl Text {
    /// A text that is not known at all.
    pub fn hole(unknown: Unknown) -> Self {
        Self { pieces: vec![Piece { content: Err(unknown), place: None, is_sensitive: false }] }
    }

    /// A known text at its place.
    pub fn written(text: String, place: Place) -> Self {
        Self { pieces: vec![Piece { content: Ok(text), place: Some(place), is_sensitive: false }] }
    }

    /// Its pieces, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Adds another at the end.
    pub fn push(&mut self, other: Self) {
        self.pieces.extend(other.pieces);
    }

    /// Adds a known text at the end, which was written nowhere.
    pub fn push_str(&mut self, text: &str) {
        if let Some(Piece { content: Ok(last), place: None, is_sensitive: false }) = self.pieces.last_mut() {
            last.push_str(text);
        } else {
            self.push(Self::from(text));
        }
    }

    /// The whole of it, if it is known.
    pub fn as_known(&self) -> Option<String> {
        match self.pieces.as_slice() {
            [Piece { content: Ok(text), .. }] => Some(text.clone()),
            pieces => pieces.iter().map(|piece| piece.content.as_deref().ok()).collect(),
        }
    }

    /// About how many bytes it takes.
    pub(crate) fn length(&self) -> usize {
        let length = |piece: &Piece| 64 + piece.content.as_ref().map_or(0, String::len);
        self.pieces.iter().map(length).sum()
    }

    /// The first thing in it that is not known.
    pub fn first_unknown(&self) -> Option<&Unknown> {
        self.pieces.iter().find_map(|piece| piece.content.as_ref().err())
    }

    /// Whether a part of it is sensitive.
    pub fn has_sensitive(&self) -> bool {
        self.pieces.iter().any(|piece| piece.is_sensitive)
    }

    /// What it begins with that is known.
    pub fn known_prefix(&self) -> String {
        self.pieces.iter().map_while(|piece| piece.content.as_deref().ok()).collect()
    }

    /// Gives pieces that were written nowhere this place.
    pub fn place_if_missing(&mut self, place: Place) {
        for piece in &mut self.pieces {
            piece.place.get_or_insert(place);
        }
    }

    /// The same text, written nowhere.
    #[must_use]
    pub(crate) fn without_places(mut self) -> Self {
        self.pieces.iter_mut().for_each(|piece| piece.place = None);
        self
    }

    /// Marks all of it sensitive.
    pub fn sensitive_if(&mut self, is_sensitive: bool) {
        for piece in &mut self.pieces {
            piece.is_sensitive |= is_sensitive;
        }
    }

    /// Whether two texts are equal, as far as that is known: what is known at the beginning or at the end may differ
    /// already.
    pub fn is_equal(&self, other: &Self) -> Option<bool> {
        if let (Some(one), Some(other)) = (self.as_known(), other.as_known()) {
            return Some(one == other);
        }
        let (one, another) = (self.known_prefix(), other.known_prefix());
        if !one.starts_with(&another) && !another.starts_with(&one) {
            return Some(false);
        }
        let (one, another) = (self.known_suffix(), other.known_suffix());
        if !one.ends_with(&another) && !another.ends_with(&one) {
            return Some(false);
        }
        None
    }

    /// What it ends with that is known.
    pub fn known_suffix(&self) -> String {
        let mut tail: Vec<&str> =
            self.pieces.iter().rev().map_while(|piece| piece.content.as_deref().ok()).collect();
        tail.reverse();
        tail.concat()
    }

    /// Without its first bytes, which are known.
    #[must_use]
    pub(crate) fn without_first(mut self, mut bytes: usize) -> Self {
        for piece in &mut self.pieces {
            let Ok(text) = &mut piece.content else { break };
            let cut = bytes.min(text.len());
            *text = text.get(cut..).unwrap_or_default().to_owned();
            if let Some(place) = &mut piece.place {
                place.start =
                    place.start.saturating_add(u32::try_from(cut).unwrap_or_default()).min(place.end);
            }
            bytes -= cut;
        }
        self
    }

    /// With each `from` in what is known replaced.
    #[must_use]
    pub(crate) fn replaced(mut self, from: &str, to: &str) -> Self {
        for piece in &mut self.pieces {
            if let Ok(text) = &mut piece.content {
                *text = text.replace(from, to);
            }
        }
        self
    }

    /// With a mark for each part that is not known; `mark` makes it.
    pub fn marked(&self, mark: impl Fn(&Unknown) -> String) -> String {
        self.pieces
            .iter()
            .map(|piece| match &piece.content {
                Ok(text) => text.clone(),
                Err(unknown) => mark(unknown),
            })
            .collect()
    }
}

/// For a person: what is not known as `⟨name⟩`, what is sensitive as `(sensitive)`.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match &piece.content {
                _ if piece.is_sensitive => f.write_str("(sensitive)")?,
                Ok(text) => f.write_str(text)?,
                Err(unknown) => write!(f, "⟨{}⟩", unknown.0)?,
            }
        }
        Ok(())
    }
}
