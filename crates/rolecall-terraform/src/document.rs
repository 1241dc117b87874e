//! Policy documents: a text with its places and holes, to what the engine reads, and back from a position in that to where
//! it was written.

use rolecall_iam::{Policy, unknown};

use crate::place::Place;
use crate::value::{Text, Unknown};

/// A policy document, and where each part of it was written.
#[derive(Clone, Debug)]
pub struct Document {
    /// As the engine reads it.
    pub policy: Policy,
    /// The argument it is the value of.
    pub place: Option<Place>,
    /// Where the pieces of the engine's text were written, by the offset at which each begins.
    pieces: Vec<(usize, usize, Option<Place>)>,
    /// Whether parts of it must not be shown.
    pub is_sensitive: bool,
}

/// Gives a name to what is not known: a value that stands for it, or nothing, where it may turn out to be anything.
pub(crate) type Stand<'a> = &'a dyn Fn(&Unknown) -> Option<String>;

/// What a document is attached to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Layer {
    /// A user, group or role.
    Identity,
    /// A resource, or a role as its trust policy.
    Resource,
}

impl Document {
    /// Makes a document of a text.
    pub(crate) fn new(text: &Text, place: Option<Place>, layer: Layer, stand: Stand<'_>) -> Self {
        let mut made = Made { json: String::new(), pieces: Vec::new(), state: State::default(), layer };
        for piece in text.pieces() {
            match &piece.content {
                Ok(text) => made.known(text, piece.place),
                Err(unknown) => made.hole(unknown, piece.place, stand),
            }
        }
        let policy = Policy::lenient(&made.json);
        // With a hole where it cannot be read with one, such as in the place of a member, nobody knows what it says.
        if let Some(unknown) = text.first_unknown()
            && policy.document().statements.iter().any(|statement| statement.broken)
        {
            return Self { is_sensitive: text.has_sensitive(), ..Self::unknown(unknown, place, layer) };
        }
        Self { policy, place, pieces: made.pieces, is_sensitive: text.has_sensitive() }
    }

    /// A document of which nothing is known.
    pub(crate) fn unknown(why: &Unknown, place: Option<Place>, layer: Layer) -> Self {
        let json = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, any_statement(&why.0, layer));
        Self { policy: Policy::lenient(&json), place, pieces: Vec::new(), is_sensitive: false }
    }

    /// Where the byte with this offset in the engine's text was written. Exact in texts that stand in a file as they are;
    /// elsewhere the value that the byte belongs to.
    pub fn place_of(&self, offset: usize) -> Option<Place> {
        self.piece_at(offset, offset + 1)
    }

    /// Where the piece that a byte is in was written: from that byte on, no further than to `end`.
    fn piece_at(&self, offset: usize, end: usize) -> Option<Place> {
        let index = self.pieces.partition_point(|(start, ..)| *start <= offset).checked_sub(1)?;
        let (start, length, place) = *self.pieces.get(index)?;
        let place = place.or(self.place)?;
        // A piece as long as its place stands there as it is.
        let is_verbatim = place.end.saturating_sub(place.start) as usize == length;
        let until = end.min(start + length).max(offset + 1);
        Some(if is_verbatim { place.part(offset - start, until - offset) } else { place })
    }

    /// Where in the engine's text the piece begins that a byte is in.
    pub(crate) fn piece_start(&self, offset: usize) -> Option<usize> {
        let index = self.pieces.partition_point(|(start, ..)| *start <= offset).checked_sub(1)?;
        self.pieces.get(index).map(|(start, ..)| *start)
    }

    /// Where a stretch of the engine's text was written, from its first byte on.
    pub fn place_between(&self, start: usize, end: usize) -> Option<Place> {
        let first = self.place_of(start)?;
        match self.place_of(end.checked_sub(1)?) {
            Some(last) if last.file == first.file && last.end > first.start => Some(first.to(last)),
            _ => self.piece_at(start, end),
        }
    }
}

struct Made {
    json: String,
    pieces: Vec<(usize, usize, Option<Place>)>,
    state: State,
    layer: Layer,
}

/// Where we are in the JSON.
#[derive(Default)]
struct State {
    in_string: bool,
    is_escaped: bool,
    /// Brackets that are open: whether each is the list of statements.
    open: Vec<bool>,
    /// The last whole string, which may be a key.
    last: String,
    key: String,
}

impl State {
    fn read(&mut self, c: char) {
        if self.in_string {
            match c {
                _ if self.is_escaped => self.is_escaped = false,
                '\\' => self.is_escaped = true,
                '"' => self.in_string = false,
                c => self.last.push(c),
            }
            return;
        }
        match c {
            '"' => {
                self.in_string = true;
                self.last.clear();
            }
            ':' => self.key = std::mem::take(&mut self.last),
            '[' => self.open.push(self.open.len() == 1 && self.key == "Statement"),
            '{' => self.open.push(false),
            ']' | '}' => {
                self.open.pop();
            }
            _ => {}
        }
    }

    /// Whether a value here is one statement of the list.
    fn is_in_statements(&self) -> bool {
        !self.in_string && self.open.last() == Some(&true)
    }

    /// Whether a value here is all of the statements.
    fn is_all_statements(&self) -> bool {
        !self.in_string && self.open.len() == 1 && self.key == "Statement"
    }
}

impl Made {
    fn known(&mut self, text: &str, place: Option<Place>) {
        self.pieces.push((self.json.len(), text.len(), place));
        text.chars().for_each(|c| self.state.read(c));
        self.json.push_str(text);
    }

    fn hole(&mut self, unknown: &Unknown, place: Option<Place>, stand: Stand<'_>) {
        let text = match stand(unknown) {
            Some(text) => text,
            None if self.state.is_in_statements() => any_statement(&unknown.0, self.layer),
            None if self.state.is_all_statements() => {
                format!("[{}]", any_statement(&unknown.0, self.layer))
            }
            None => self::unknown(&unknown.0),
        };
        let quoted =
            if self.state.in_string || text.starts_with(['{', '[']) { text } else { format!("\"{text}\"") };
        self.pieces.push((self.json.len(), quoted.len(), place));
        self.json.push_str(&quoted);
    }
}

/// Statements of which nobody knows what they say: they may allow, and they may deny.
fn any_statement(name: &str, layer: Layer) -> String {
    let mark = unknown(name);
    let principal = if layer == Layer::Resource { r#""Principal":"*","# } else { "" };
    let one =
        |effect: &str| format!(r#"{{"Effect":"{effect}",{principal}"Action":"{mark}","Resource":"{mark}"}}"#);
    format!("{},{}", one("Allow"), one("Deny"))
}

#[cfg(test)]
mod tests {
    use rolecall_iam::Effect;

    use super::*;

    /// A document with a hole at `_`; and how many of its statements may allow, and how many may deny.
    #[test]
    fn a_hole_may_be_anything_wherever_it_is() {
        let cases = [
            (r#"{"Version":"2012-10-17","Statement":_}"#, 1, 1),
            (r#"{"Version":"2012-10-17","Statement":[_]}"#, 1, 1),
            (
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*"},_]}"#,
                2,
                1,
            ),
            (r#"{"Version":"2012-10-17","Statement":[{"Effect":_,"Action":"a:b","Resource":"*"}]}"#, 1, 1),
            (
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":_,"Resource":_,"Condition":_}]}"#,
                1,
                0,
            ),
            (r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",_,"Resource":"*"}]}"#, 1, 1),
            (r#"{"Version":"2012-10-17",_}"#, 1, 1),
            (r#"{"Version":_,"Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*"}]}"#, 1, 1),
            ("_", 1, 1),
        ];
        for (written, allows, denies) in cases {
            let mut text = Text::default();
            for (index, part) in written.split('_').enumerate() {
                if index > 0 {
                    text.push(Text::hole(Unknown::new("var.v")));
                }
                text.push_str(part);
            }
            let document = Document::new(&text, None, Layer::Identity, &|_| None);
            let statements = &document.policy.document().statements;
            let count = |effect| statements.iter().filter(|it| it.effect == effect && !it.broken).count();
            assert_eq!((count(Effect::Allow), count(Effect::Deny)), (allows, denies), "{written}");
        }
    }
}
