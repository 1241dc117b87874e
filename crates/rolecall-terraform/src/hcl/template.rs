//! Templates: text with `${…}` and `%{…}`, in quotes, in heredocs, or a file of its own.

use super::scan::Scan;
use super::tree::{Expression, Part};
use super::{Problem, expression};
use crate::place::Place;

/// What ends a template, and which escapes it knows.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Within {
    Quotes,
    /// Up to this offset.
    Lines(usize),
}

/// A template before its directives are matched.
enum Token {
    /// Text, to the end of its line at most.
    Text(String, Place),
    Value(Expression),
    If(Expression),
    Else,
    EndIf,
    For {
        key: Option<String>,
        value: String,
        collection: Expression,
    },
    EndFor,
}

/// `"…"`
pub(super) fn quoted(scan: &mut Scan<'_>) -> Result<Vec<Part>, Problem> {
    if scan.is_json {
        return json_string(scan);
    }
    scan.advance(1);
    let tokens = tokens(scan, Within::Quotes)?;
    scan.advance(1);
    assemble(scan, tokens)
}

/// A string of JSON, as plain text.
fn json_string(scan: &mut Scan<'_>) -> Result<Vec<Part>, Problem> {
    let start = scan.at();
    let mut strings = serde_json::Deserializer::from_str(scan.rest()).into_iter::<String>();
    let Some(Ok(text)) = strings.next() else { return Err(scan.problem("this is no string of JSON")) };
    let length = strings.byte_offset();
    scan.advance(length);
    if text.is_empty() {
        return Ok(Vec::new());
    }
    // Without escapes everything in it stands where it seems to.
    let quotes = usize::from(text.len() + 2 == length);
    Ok(vec![Part::Text(text, scan.place(start + quotes, start + length - quotes))])
}

/// `"…"` without anything to fill in: a label.
pub(super) fn literal(scan: &mut Scan<'_>) -> Result<String, Problem> {
    let problem = scan.problem("a label is plain text");
    let mut text = String::new();
    for part in quoted(scan)? {
        match part {
            Part::Text(part, _) => text.push_str(&part),
            Part::Value(_) | Part::If { .. } | Part::For { .. } => return Err(problem),
        }
    }
    Ok(text)
}

/// The whole of a text.
pub(super) fn whole(scan: &mut Scan<'_>) -> Result<Vec<Part>, Problem> {
    let end = scan.at() + scan.rest().len();
    let tokens = tokens(scan, Within::Lines(end))?;
    assemble(scan, tokens)
}

/// `<<EOT` or `<<-EOT`, up to the word that ends it.
pub(super) fn heredoc(scan: &mut Scan<'_>) -> Result<Vec<Part>, Problem> {
    let start = scan.place(scan.at(), scan.at() + 2);
    scan.advance(2);
    let is_flush = scan.take("-");
    let word = scan.name().ok_or_else(|| scan.problem("expected the word that ends the heredoc"))?;
    let first = scan.rest();
    let header = first.trim_start_matches([' ', '\t', '\r']);
    if !header.starts_with('\n') {
        return Err(scan.problem("expected a new line after the word of the heredoc"));
    }
    scan.advance(first.len() - header.len() + 1);
    let text = scan.rest();
    let mut length = 0;
    let end = text.split_inclusive('\n').find_map(|line| {
        let here = length;
        length += line.len();
        (line.trim() == word).then_some((here, here + line.trim_end().len()))
    });
    let Some((content, after)) = end else {
        let message = format!("this heredoc has no end: a line with `{word}` alone");
        return Err(Problem { message, place: start });
    };
    let from = scan.at();
    let mut tokens = tokens(scan, Within::Lines(from + content))?;
    if is_flush {
        flush(&mut tokens);
    }
    scan.go_back(from + after);
    assemble(scan, tokens)
}

/// `<<-`: takes away the space that all lines begin with.
fn flush(tokens: &mut [Token]) {
    let spaces = |text: &str| text.chars().take_while(|c| c.is_whitespace()).count();
    let mut least = usize::MAX;
    let mut starts_line = true;
    let mut first_of_line = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let begins = std::mem::replace(&mut starts_line, false);
        let Token::Text(text, _) = token else {
            if begins {
                least = 0;
            }
            continue;
        };
        starts_line = text.ends_with('\n');
        // A line of nothing but space says nothing.
        if begins && !(text.trim().is_empty() && starts_line) {
            least = least.min(spaces(text));
            first_of_line.push(index);
        }
    }
    for index in first_of_line {
        let Some(Token::Text(text, place)) = tokens.get_mut(index) else { continue };
        let cut: usize = text.chars().take(least).map(char::len_utf8).sum();
        *place = Place { start: place.start + u32::try_from(cut).unwrap_or_default(), ..*place };
        text.drain(..cut);
    }
}

fn tokens(scan: &mut Scan<'_>, within: Within) -> Result<Vec<Token>, Problem> {
    let opened = scan.at();
    let mut tokens = Vec::new();
    let mut trims_next = false;
    loop {
        let start = scan.at();
        let text = text(scan, within)?;
        if scan.at() > start {
            let trims = std::mem::replace(&mut trims_next, false);
            let kept = if trims { text.trim_start() } else { &text };
            let gone = text.len() - kept.len();
            // What is trimmed has no escapes.
            tokens.push(Token::Text(kept.to_owned(), scan.place_from(start + gone)));
        }
        match within {
            Within::Lines(end) if scan.at() >= end => return Ok(tokens),
            Within::Quotes if scan.starts_with("\"") => return Ok(tokens),
            Within::Quotes if scan.is_at_end() || scan.starts_with("\n") => {
                let place = scan.place(opened - 1, opened);
                return Err(Problem { message: "this `\"` is not closed on its line".to_owned(), place });
            }
            Within::Quotes | Within::Lines(_) => {}
        }
        if !(scan.starts_with("${") || scan.starts_with("%{")) {
            continue;
        }
        let is_value = scan.starts_with("${");
        scan.advance(2);
        if scan.take("~") {
            trim_last(&mut tokens);
        }
        let (token, trims) = scan.ignore_newlines(|scan| {
            let token = scan.nested(|scan| {
                if is_value { expression::expression(scan).map(Token::Value) } else { directive(scan) }
            })?;
            let trims = scan.take_mark("~");
            scan.expect("}", "`}`")?;
            Ok((token, trims))
        })?;
        trims_next = trims;
        tokens.push(token);
    }
}

fn trim_last(tokens: &mut [Token]) {
    if let Some(Token::Text(text, place)) = tokens.last_mut() {
        let gone = text.len() - text.trim_end().len();
        text.truncate(text.len() - gone);
        place.end = place.end.saturating_sub(u32::try_from(gone).unwrap_or_default());
    }
}

/// Text up to what is to be filled in, the end, or in a heredoc the end of the line.
fn text(scan: &mut Scan<'_>, within: Within) -> Result<String, Problem> {
    let mut text = String::new();
    loop {
        if let Within::Lines(end) = within
            && (scan.at() >= end || text.ends_with('\n'))
        {
            return Ok(text);
        }
        if scan.take("$${") {
            text.push_str("${");
            continue;
        }
        if scan.take("%%{") {
            text.push_str("%{");
            continue;
        }
        if scan.starts_with("${") || scan.starts_with("%{") {
            return Ok(text);
        }
        let Some(c) = scan.peek() else { return Ok(text) };
        match (within, c) {
            (Within::Quotes, '"' | '\n') => return Ok(text),
            (Within::Quotes, '\\') => text.push(escape(scan)?),
            (Within::Quotes | Within::Lines(_), c) => {
                scan.advance(c.len_utf8());
                text.push(c);
            }
        }
    }
}

fn escape(scan: &mut Scan<'_>) -> Result<char, Problem> {
    let problem = scan
        .problem("this is no escape: `\\n`, `\\r`, `\\t`, `\\\"`, `\\\\`, `\\uNNNN` and `\\UNNNNNNNN` are");
    scan.advance(1);
    let length = match scan.peek() {
        Some('u') => 4,
        Some('U') => 8,
        other => {
            let c = match other {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('"') => '"',
                Some('\\') => '\\',
                _ => return Err(problem),
            };
            scan.advance(1);
            return Ok(c);
        }
    };
    scan.advance(1);
    let code = scan.rest().get(..length).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    scan.advance(length);
    code.and_then(char::from_u32).ok_or(problem)
}

/// After `%{`.
fn directive(scan: &mut Scan<'_>) -> Result<Token, Problem> {
    scan.skip();
    let word = scan.name();
    match word {
        Some("if") => expression::expression(scan).map(Token::If),
        Some("else") => Ok(Token::Else),
        Some("endif") => Ok(Token::EndIf),
        Some("endfor") => Ok(Token::EndFor),
        Some("for") => {
            let name = |scan: &mut Scan<'_>| {
                scan.skip();
                scan.name().map(str::to_owned).ok_or_else(|| scan.problem("expected a name after `for`"))
            };
            let first = name(scan)?;
            let second = if scan.take_mark(",") { Some(name(scan)?) } else { None };
            if !scan.take_word("in") {
                return Err(scan.problem("expected `in`"));
            }
            let collection = expression::expression(scan)?;
            let (key, value) = match second {
                Some(second) => (Some(first), second),
                None => (None, first),
            };
            Ok(Token::For { key, value, collection })
        }
        _ => Err(scan.problem("expected `if`, `else`, `endif`, `for` or `endfor`")),
    }
}

/// Matches the directives.
fn assemble(scan: &mut Scan<'_>, tokens: Vec<Token>) -> Result<Vec<Part>, Problem> {
    let mut tokens = tokens.into_iter();
    let (parts, end) = parts(scan, &mut tokens)?;
    match end {
        None => Ok(parts),
        Some(_) => Err(scan.problem("a directive of this template ends what was not begun")),
    }
}

type Tokens = std::vec::IntoIter<Token>;

/// Parts up to the end, or up to the directive that ends them.
fn parts(scan: &mut Scan<'_>, tokens: &mut Tokens) -> Result<(Vec<Part>, Option<Token>), Problem> {
    let mut parts: Vec<Part> = Vec::new();
    while let Some(token) = tokens.next() {
        let part = match token {
            Token::Text(text, _) if text.is_empty() => continue,
            Token::Text(text, place) => Part::Text(text, place),
            Token::Value(value) => Part::Value(value),
            Token::If(condition) => if_directive(scan, condition, tokens)?,
            Token::For { key, value, collection } => {
                let (body, end) = scan.nested(|scan| self::parts(scan, tokens))?;
                if !matches!(end, Some(Token::EndFor)) {
                    return Err(scan.problem("a `for` of this template has no `endfor`"));
                }
                Part::For { key, value, collection, body }
            }
            Token::Else | Token::EndIf | Token::EndFor => return Ok((parts, Some(token))),
        };
        parts.push(part);
    }
    Ok((parts, None))
}

fn if_directive(scan: &mut Scan<'_>, condition: Expression, tokens: &mut Tokens) -> Result<Part, Problem> {
    let (then, mut end) = scan.nested(|scan| parts(scan, tokens))?;
    let mut otherwise = Vec::new();
    if matches!(end, Some(Token::Else)) {
        (otherwise, end) = scan.nested(|scan| parts(scan, tokens))?;
    }
    match end {
        Some(Token::EndIf) => Ok(Part::If { condition, then, otherwise }),
        _ => Err(scan.problem("an `if` of this template has no `endif`")),
    }
}
