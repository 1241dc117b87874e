//! Tokens of an expression.

use super::invalid;
use crate::fault::Fault;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, a keyword or a function.
    Word,
    /// `#name`
    Name,
    /// `:value`
    Value,
    /// Digits, as in an index.
    Number,
    /// `= <> < <= > >=`
    Comparison,
    /// `+` or `-`
    Sign,
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    Dot,
    Comma,
    /// A character that is in no expression.
    Stray,
}

/// A token and the text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// Where it starts, in bytes.
    pub(super) at: usize,
}

/// Splits an expression. Stray characters are tokens too: where they stand decides the error.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::with_capacity(16);
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|character: char| character.is_ascii_whitespace());
        let Some(first) = rest.chars().next() else { return tokens };
        let (kind, length) = match first {
            '#' | ':' if run(rest, 1) > 1 => {
                (if first == '#' { Kind::Name } else { Kind::Value }, run(rest, 1))
            }
            'a'..='z' | 'A'..='Z' | '_' => (Kind::Word, run(rest, 0)),
            // A number that starts with 0 is the 0.
            '0' => (Kind::Number, 1),
            '1'..='9' => (Kind::Number, rest.bytes().take_while(u8::is_ascii_digit).count()),
            '<' if rest.starts_with("<>") || rest.starts_with("<=") => (Kind::Comparison, 2),
            '>' if rest.starts_with(">=") => (Kind::Comparison, 2),
            '=' | '<' | '>' => (Kind::Comparison, 1),
            '+' | '-' => (Kind::Sign, 1),
            '(' => (Kind::Open, 1),
            ')' => (Kind::Close, 1),
            '[' => (Kind::OpenBracket, 1),
            ']' => (Kind::CloseBracket, 1),
            '.' => (Kind::Dot, 1),
            ',' => (Kind::Comma, 1),
            other => (Kind::Stray, other.len_utf8()),
        };
        let Some((token, after)) = rest.split_at_checked(length) else { return tokens };
        tokens.push(Token { kind, text: token, at: text.len() - rest.len() });
        rest = after;
    }
}

/// How many bytes of `text` are of a name, from `from`.
fn run(text: &str, from: usize) -> usize {
    let name = text.bytes().skip(from).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    from + name.count()
}

/// A syntax error at the token with this index: the token, and the text from the one before to the one after.
pub(super) fn syntax_error(member: &str, text: &str, tokens: &[Token<'_>], index: usize) -> Fault {
    let end_of = |token: &Token<'_>| token.at + token.text.len();
    let Some(token) = tokens.get(index) else {
        let near = tokens.last().map_or(text, |last| last.text);
        return invalid(member, &format!("Syntax error; token: \"<EOF>\", near: \"{near}\""));
    };
    let before = index.checked_sub(1).and_then(|before| tokens.get(before));
    let from = before.unwrap_or(token).at;
    let to = end_of(tokens.get(index + 1).unwrap_or(token));
    let near = text.get(from..to).unwrap_or_default();
    invalid(member, &format!("Syntax error; token: \"{}\", near: \"{near}\"", token.text))
}
