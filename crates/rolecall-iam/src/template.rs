//! Texts of a policy that may hold wildcards and policy variables.
//!
//! `${aws:username}` is replaced by the request's value, taken literally; `${key, 'default'}` falls back;
//! `${*}`, `${?}` and `${$}` are the characters themselves. Only in policies of version 2012-10-17.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use std::borrow::Cow;

use crate::context::{Context, Found};
use crate::document::Version;
use crate::pattern::{self, Pattern, Token};
use crate::unknown;

/// A text of a policy, compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    /// As the author wrote it.
    pub(crate) pattern: Pattern,
    /// Its parts; empty where the text has no `${…}` and stands for itself.
    parts: Vec<Part>,
    /// Its shape as an ARN; the colons of variables do not count.
    pub(crate) arn: ArnShape,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// Text as written; its `*` and `?` are wildcards where the operator has wildcards.
    Text(String),
    /// `${*}`, `${?}` or `${$}`: that character.
    Literal(&'static str),
    /// A policy variable. The key is in lower case.
    Variable { key: String, default: Option<String> },
    /// A value that is not known yet, by its name.
    Unknown(String),
}

/// What an ARN pattern looks like before its variables are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ArnShape {
    /// How many parts it has, at most six: the first five colons part it.
    pub(crate) parts: usize,
    /// A variable stands before the fifth colon.
    pub(crate) variable_before_resource: bool,
    /// A `?`, or a `*` that does not end its part, stands before the fifth colon: where the parts of an ARN lie
    /// matters to it.
    pub(crate) wildcard_inside_part: bool,
}

/// A template in a request: its variables have values.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Resolved<'a> {
    /// A text, wildcards and all.
    Text(Text<'a>),
    /// A text of which a part is not known: what it does not match, whatever that part is, it does not match.
    Partly(Text<'a>),
    /// A variable has no value in this request.
    NoValue,
}

/// A template whose variables all have values, known or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    template: &'a Template,
    context: &'a Context,
}

/// A place in a [`Text`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// What is left of the part.
    rest: &'a [u8],
    /// What its characters are.
    kind: Kind,
    /// The index of the part after it.
    next: usize,
}

/// What the characters of a part are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Themselves.
    Literal,
    /// Themselves, but for `*` and `?`.
    Wild,
    /// Not known: a single character stands for them.
    Hole,
}

impl Template {
    pub(crate) fn new(text: &str, version: Version) -> Self {
        let has_variables = (version == Version::V2012 && text.contains("${")) || unknown::is_in(text);
        let parts = if has_variables { split(text, version) } else { Vec::new() };
        let arn = ArnShape::of(text, &parts);
        Self { pattern: Pattern::new(text), parts, arn }
    }

    /// As the author wrote it.
    #[inline]
    pub(crate) fn text(&self) -> &str {
        &self.pattern.text
    }

    /// Whether it holds neither a variable nor an escape.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.parts.is_empty()
    }

    /// Replaces its variables by the request's values.
    #[inline]
    pub(crate) fn resolve<'a>(&'a self, context: &'a Context) -> Resolved<'a> {
        let mut unknown = false;
        for part in &self.parts {
            let (key, default) = match part {
                Part::Variable { key, default } => (key, default),
                Part::Unknown(_) => {
                    unknown = true;
                    continue;
                }
                Part::Text(_) | Part::Literal(_) => continue,
            };
            match context.find(key) {
                // "You cannot use a multivalued context key as a policy variable." Assumption (AWS does not say what
                // happens if one does): nobody knows.
                Found::Unknown | Found::Many(_) => unknown = true,
                Found::Absent if default.is_none() => return Resolved::NoValue,
                Found::One(_) | Found::Absent => {}
            }
        }
        let text = Text { template: self, context };
        if unknown { Resolved::Partly(text) } else { Resolved::Text(text) }
    }

    /// The names of what in it is not known in this request: marks, and the keys of variables.
    pub(crate) fn unknowns(&self, context: &Context) -> Vec<String> {
        let name = |part: &Part| match part {
            Part::Unknown(name) => Some(name.clone()),
            Part::Variable { key, .. } => {
                matches!(context.find(key), Found::Unknown | Found::Many(_)).then(|| key.clone())
            }
            Part::Text(_) | Part::Literal(_) => None,
        };
        self.parts.iter().filter_map(name).collect()
    }
}

impl ArnShape {
    fn of(text: &str, parts: &[Part]) -> Self {
        let mut shape = Self { parts: 1, variable_before_resource: false, wildcard_inside_part: false };
        if parts.is_empty() {
            shape.add(text, true);
        }
        for (index, part) in parts.iter().enumerate() {
            match part {
                Part::Text(text) => shape.add(text, index + 1 == parts.len()),
                Part::Literal(_) => {}
                Part::Variable { .. } | Part::Unknown(_) => shape.variable_before_resource |= shape.parts < 6,
            }
        }
        shape
    }

    /// `last`: nothing follows this text.
    fn add(&mut self, text: &str, last: bool) {
        let bytes = text.as_bytes();
        for (index, byte) in bytes.iter().enumerate() {
            if self.parts == 6 {
                return;
            }
            match byte {
                b':' => self.parts += 1,
                b'?' => self.wildcard_inside_part = true,
                b'*' => {
                    let ends_part = bytes.get(index + 1).map_or(last, |next| *next == b':');
                    self.wildcard_inside_part |= !ends_part;
                }
                _ => {}
            }
        }
    }
}

impl<'a> Text<'a> {
    /// Whether it matches `text`, wildcards included.
    #[inline]
    pub(crate) fn like(self, text: &str) -> bool {
        if self.template.is_plain() {
            return self.template.pattern.matches(text);
        }
        pattern::tokens_match(self.start(), |place| self.next(place), text)
    }

    /// Whether it is `text`, its wildcards taken as the characters they are; what is not known may be anything.
    #[inline]
    pub(crate) fn is(self, text: &str) -> bool {
        if self.template.is_plain() {
            return self.template.text() == text;
        }
        let literal = |(token, place): (Token, Place<'a>)| match token {
            Token::Hole => (token, place),
            Token::Byte(_) | Token::One | Token::Any => (Token::Byte(token.byte()), place),
        };
        pattern::tokens_match(self.start(), |place| self.next(place).map(literal), text)
    }

    /// The text, where it has no variables: its `*` and `?` are wildcards.
    #[inline]
    pub(crate) fn plain(self) -> Option<&'a str> {
        self.template.is_plain().then(|| self.template.text())
    }

    /// The text itself, wildcards taken as the characters they are.
    #[inline]
    pub(crate) fn literal(self) -> Cow<'a, str> {
        if self.template.is_plain() {
            return Cow::Borrowed(self.template.text());
        }
        let bytes = self.tokens().map(Token::byte).collect();
        Cow::Owned(String::from_utf8(bytes).unwrap_or_default())
    }

    /// Its tokens, one after the other.
    pub(crate) fn tokens(self) -> impl Iterator<Item = Token> {
        let mut place = self.start();
        std::iter::from_fn(move || {
            let (token, after) = self.next(place)?;
            place = after;
            Some(token)
        })
    }

    /// The place before its first token.
    pub(crate) fn start(self) -> Place<'a> {
        if self.template.is_plain() {
            return Place { rest: self.template.text().as_bytes(), kind: Kind::Wild, next: 0 };
        }
        Place { rest: &[], kind: Kind::Literal, next: 0 }
    }

    /// The token at a place, and the place after it.
    pub(crate) fn next(self, mut place: Place<'a>) -> Option<(Token, Place<'a>)> {
        loop {
            if let Some((byte, rest)) = place.rest.split_first() {
                let token = match place.kind {
                    Kind::Literal => Token::Byte(*byte),
                    Kind::Wild => Token::of(*byte),
                    Kind::Hole => Token::Hole,
                };
                return Some((token, Place { rest, ..place }));
            }
            let part = self.template.parts.get(place.next)?;
            let (text, kind) = match part {
                Part::Text(text) => (text.as_str(), Kind::Wild),
                Part::Literal(character) => (*character, Kind::Literal),
                Part::Unknown(_) => ("*", Kind::Hole),
                Part::Variable { key, default } => match self.context.find(key) {
                    Found::One(value) => (value.as_str(), Kind::Literal),
                    Found::Unknown | Found::Many(_) => ("*", Kind::Hole),
                    Found::Absent => (default.as_deref().unwrap_or_default(), Kind::Literal),
                },
            };
            place = Place { rest: text.as_bytes(), kind, next: place.next + 1 };
        }
    }
}

/// Cuts a text at its `${…}`. In a policy of 2008 variables are text. Assumption (IAM refuses to save such a policy):
/// where a variable is not well formed, nobody knows what the text is.
fn split(text: &str, version: Version) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        plain.push_str(before);
        let Some((inside, after)) = after.split_once('}') else {
            if version == Version::V2012 {
                return vec![Part::Unknown(text.to_owned())];
            }
            // None of those that follow closes, either.
            plain.push_str("${");
            rest = after;
            break;
        };
        let unknown = unknown::name_of(inside);
        if version == Version::V2008 && unknown.is_none() {
            plain.push_str("${");
            plain.push_str(inside);
            plain.push('}');
            rest = after;
            continue;
        }
        if !plain.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut plain)));
        }
        parts.push(match inside {
            _ if unknown.is_some() => Part::Unknown(unknown.unwrap_or_default().to_owned()),
            "*" => Part::Literal("*"),
            "?" => Part::Literal("?"),
            "$" => Part::Literal("$"),
            variable => match variable_part(variable) {
                Some(part) => part,
                None => return vec![Part::Unknown(text.to_owned())],
            },
        });
        rest = after;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    parts
}

/// `key` or `key, 'default'`.
fn variable_part(inside: &str) -> Option<Part> {
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => {
            let quoted = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
            (key.trim(), Some(quoted.to_owned()))
        }
        None => (inside.trim(), None),
    };
    let sound = !key.is_empty() && !inside.contains("${");
    sound.then(|| Part::Variable { key: key.to_ascii_lowercase(), default })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(pattern: &str, text: &str) -> bool {
        let mut context = Context::new();
        context.insert("aws:username", "a*b");
        resolved_like(&Template::new(pattern, Version::V2012), &context, text)
    }

    fn resolved_like(template: &Template, context: &Context, text: &str) -> bool {
        matches!(template.resolve(context), Resolved::Text(resolved) if resolved.like(text))
    }

    /// reference_policies_variables: values are literal, escapes are characters, defaults fill in.
    #[test]
    fn variables_escapes_and_defaults() {
        for (pattern, text, expected) in [
            ("home/${aws:username}/*", "home/a*b/x", true),
            ("home/${aws:username}/*", "home/axb/x", false),
            ("${AWS:UserName}", "a*b", true),
            ("${*}", "*", true),
            ("${*}", "x", false),
            ("${?}${$}", "?$", true),
            ("${aws:PrincipalTag/team, 'none'}", "none", true),
            ("${aws:PrincipalTag/team}", "", false),
        ] {
            assert_eq!(like(pattern, text), expected, "`{pattern}` on `{text}`");
        }
    }

    #[test]
    fn a_2008_policy_has_no_variables() {
        let template = Template::new("${aws:username}", Version::V2008);
        assert!(resolved_like(&template, &Context::new(), "${aws:username}"));
    }
}
