//! Texts of a policy that may hold wildcards and policy variables.
//!
//! `${aws:username}` is replaced by the request's value, taken literally; `${key, 'default'}` falls back;
//! `${*}`, `${?}` and `${$}` are the characters themselves. Only in policies of version 2012-10-17.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use crate::context::{Context, Found};
use crate::document::Version;
use crate::pattern::{self, Token};

/// A text of a policy, compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    /// As the author wrote it.
    pub(crate) text: String,
    /// Its parts; empty where the text has no `${…}` and stands for itself.
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// Text as written; its `*` and `?` are wildcards where the operator has wildcards.
    Text(String),
    /// `${*}`, `${?}` or `${$}`: that character.
    Literal(u8),
    /// A policy variable. The key is in lower case.
    Variable { key: String, default: Option<String> },
}

/// What an ARN pattern looks like before its variables are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ArnShape {
    /// How many parts it has, at most six: the first five colons part it.
    pub(crate) parts: usize,
    /// A variable stands before the fifth colon.
    pub(crate) variable_before_resource: bool,
}

/// A template with its variables replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resolved<'a> {
    /// No variable in it: the text as written.
    Plain(&'a str),
    /// Variables replaced; what is a wildcard is marked.
    Tokens(Vec<Token>),
    /// A variable has no value in this request.
    NoValue,
    /// A variable's value is not known.
    Unknown,
}

impl Template {
    pub(crate) fn new(text: &str, version: Version) -> Self {
        let has_variables = version == Version::V2012 && text.contains("${");
        Self { text: text.to_owned(), parts: if has_variables { split(text) } else { Vec::new() } }
    }

    /// Whether it holds a variable or an escape.
    pub(crate) fn is_plain(&self) -> bool {
        self.parts.is_empty()
    }

    /// Its shape as an ARN; the colons of variables do not count.
    pub(crate) fn arn_shape(&self) -> ArnShape {
        let colons = |text: &str| text.bytes().filter(|byte| *byte == b':').take(5).count();
        if self.is_plain() {
            return ArnShape { parts: 1 + colons(&self.text), variable_before_resource: false };
        }
        let mut shape = ArnShape { parts: 1, variable_before_resource: false };
        for part in &self.parts {
            match part {
                Part::Text(text) => shape.parts = (shape.parts + colons(text)).min(6),
                Part::Literal(_) => {}
                Part::Variable { .. } => shape.variable_before_resource |= shape.parts < 6,
            }
        }
        shape
    }

    /// Replaces its variables by the request's values.
    pub(crate) fn resolve(&self, context: &Context) -> Resolved<'_> {
        if self.is_plain() {
            return Resolved::Plain(&self.text);
        }
        let mut tokens = Vec::with_capacity(self.text.len());
        for part in &self.parts {
            match part {
                Part::Text(text) => tokens.extend(text.bytes().map(Token::of)),
                Part::Literal(byte) => tokens.push(Token::Byte(*byte)),
                Part::Variable { key, default } => match (context.find(key), default) {
                    (Found::Unknown, _) => return Resolved::Unknown,
                    // "You cannot use a multivalued context key as a policy variable." Assumption (AWS does not say
                    // what happens if one does): it is as one without a value.
                    (Found::One(value), _) => tokens.extend(value.bytes().map(Token::Byte)),
                    (Found::Many(_) | Found::Absent, Some(value)) => {
                        tokens.extend(value.bytes().map(Token::Byte));
                    }
                    (Found::Many(_) | Found::Absent, None) => return Resolved::NoValue,
                },
            }
        }
        Resolved::Tokens(tokens)
    }
}

impl Resolved<'_> {
    /// Whether it matches `text`, wildcards included.
    pub(crate) fn like(&self, text: &str) -> bool {
        match self {
            Self::Plain(pattern) => pattern::matches(pattern, text),
            Self::Tokens(tokens) => pattern::tokens_match(tokens, text),
            Self::NoValue | Self::Unknown => false,
        }
    }

    /// The text itself, wildcards taken as the characters they are.
    pub(crate) fn literal(&self) -> Option<String> {
        match self {
            Self::Plain(text) => Some((*text).to_owned()),
            Self::Tokens(tokens) => {
                let bytes = tokens.iter().map(|token| match token {
                    Token::Byte(byte) => *byte,
                    Token::One => b'?',
                    Token::Any => b'*',
                });
                String::from_utf8(bytes.collect()).ok()
            }
            Self::NoValue | Self::Unknown => None,
        }
    }

    /// Its tokens.
    pub(crate) fn tokens(&self) -> Option<Vec<Token>> {
        match self {
            Self::Plain(text) => Some(text.bytes().map(Token::of).collect()),
            Self::Tokens(tokens) => Some(tokens.clone()),
            Self::NoValue | Self::Unknown => None,
        }
    }
}

/// Cuts a text at its `${…}`. What does not close, or is empty, is text.
fn split(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        plain.push_str(before);
        let Some((inside, after)) = after.split_once('}') else {
            plain.push_str("${");
            rest = after;
            continue;
        };
        if !plain.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut plain)));
        }
        parts.push(match inside {
            "*" => Part::Literal(b'*'),
            "?" => Part::Literal(b'?'),
            "$" => Part::Literal(b'$'),
            variable => variable_part(variable),
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
fn variable_part(inside: &str) -> Part {
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => {
            let default = default.trim();
            let quoted = default.strip_prefix('\'').and_then(|d| d.strip_suffix('\''));
            (key, Some(quoted.unwrap_or(default).to_owned()))
        }
        None => (inside, None),
    };
    Part::Variable { key: key.trim().to_ascii_lowercase(), default }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(pattern: &str, text: &str) -> bool {
        let mut context = Context::new();
        context.insert("aws:username", "a*b");
        Template::new(pattern, Version::V2012).resolve(&context).like(text)
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
            ("${open", "${open", true),
        ] {
            assert_eq!(like(pattern, text), expected, "`{pattern}` on `{text}`");
        }
    }

    #[test]
    fn a_2008_policy_has_no_variables() {
        let template = Template::new("${aws:username}", Version::V2008);
        assert!(template.resolve(&Context::new()).like("${aws:username}"));
    }
}
