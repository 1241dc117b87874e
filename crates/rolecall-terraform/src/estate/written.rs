//! Secrets as files have them written, whatever becomes of them: literals beside a name such as `external_id` or
//! `sts:ExternalId`, and the defaults of sensitive variables. Nothing is parsed, as much of it may be none: one token
//! after the other is looked at.

use std::collections::BTreeSet;

use super::Secrets;
use crate::hcl;

/// Texts in texts, such as a policy in a string, are looked into so deep.
const DEEPEST: usize = 3;

/// A name leads to a value through so many others.
const LONGEST_WAY: usize = 5;

/// Names that are only of an external id are short.
const LONGEST_NAME: usize = 64;

/// What is given to external ids by name, to be looked for in all files.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Names {
    variables: BTreeSet<String>,
    locals: BTreeSet<String>,
}

impl Names {
    /// Whether a variable is one, or is of its name.
    pub(crate) fn has(&self, variable: &str) -> bool {
        is_external_id(variable) || self.variables.contains(variable)
    }
}

/// Adds what is written in these texts.
pub(crate) fn add<'t>(texts: &(impl Iterator<Item = &'t str> + Clone), secrets: &mut Secrets) -> Names {
    let mut names = Names::default();
    for _ in 0..LONGEST_WAY {
        let before = names.clone();
        for text in texts.clone().filter(|text| may_hold_one(text) || before != Names::default()) {
            scan(text, 0, secrets, &mut names);
        }
        if names == before {
            break;
        }
    }
    names
}

/// Whether no line of a file may be shown: it cannot be read, so nobody knows where in it a secret ends.
pub(crate) fn hides_source(path: &std::path::Path, text: &str) -> bool {
    let is_json = path.extension().is_some_and(|it| it == "json") || text.trim_start().starts_with('{');
    let is_broken = || match is_json {
        true => serde_json::from_str::<serde_json::Value>(text).is_err(),
        false => !hcl::body(text, 0).1.is_empty(),
    };
    may_hold_one(text) && is_broken()
}

fn may_hold_one(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["externalid", "external_id", "external-id", "sensitive"].iter().any(|word| text.contains(word))
}

fn is_external_id(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['_', '-'], "");
    name.len() <= LONGEST_NAME && name.contains("externalid")
}

/// What a text is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Token<'t> {
    /// A name, with what it is of: `var.x`; or a number.
    Word(&'t str),
    /// Between quotes, or from a quote to the end of the line.
    Quoted(&'t str),
    /// The lines of a heredoc that belongs to what was asked for.
    Lines(&'t str),
    Sign(char),
}

impl<'t> Token<'t> {
    fn name(self) -> Option<&'t str> {
        match self {
            Self::Word(name) | Self::Quoted(name) => Some(name),
            Self::Lines(_) | Self::Sign(_) => None,
        }
    }
}

/// Heredocs are read as tokens too, as policies are in them, and their text comes before that.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' => {
                let (inside, length) = quoted(rest);
                tokens.push(Token::Quoted(inside));
                length
            }
            '<' if rest.starts_with("<<") => {
                tokens.extend(heredoc(rest).map(Token::Lines));
                2
            }
            '\n' => {
                tokens.push(Token::Sign(c));
                1
            }
            c if c.is_whitespace() => c.len_utf8(),
            c if is_word(c) => {
                let end = rest.find(|c| !is_word(c) && c != '.').unwrap_or(rest.len());
                tokens.extend(rest.get(..end).map(Token::Word));
                end
            }
            c => {
                tokens.push(Token::Sign(c));
                c.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

/// What is in quotes at the beginning of a text, and how long that is with them.
fn quoted(text: &str) -> (&str, usize) {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return (text.get(1..at).unwrap_or_default(), at),
            '"' if !is_escaped => return (text.get(1..at).unwrap_or_default(), at + 1),
            _ => is_escaped = c == '\\' && !is_escaped,
        }
    }
    (text.get(1..).unwrap_or_default(), text.len())
}

/// The lines of a heredoc: <https://developer.hashicorp.com/terraform/language/expressions/strings#heredoc-strings>
fn heredoc(text: &str) -> Option<&str> {
    let (first, lines) = text.split_once('\n')?;
    let tag = first.trim_start_matches(['<', '-']).trim();
    if tag.is_empty() || !tag.chars().all(is_word) {
        return None;
    }
    let mut end = 0;
    for line in lines.split_inclusive('\n') {
        if line.trim() == tag {
            break;
        }
        end += line.len();
    }
    lines.get(..end)
}

/// Goes through a text.
fn scan(text: &str, depth: usize, secrets: &mut Secrets, names: &mut Names) {
    let tokens = tokens(text);
    let mut scan = Scan { tokens: &tokens, secrets, names, blocks: Vec::new(), done: BTreeSet::new() };
    let mut at = 0;
    while let Some(token) = scan.at(at) {
        at = scan.token(token, at);
        if let Token::Quoted(inside) = token
            && depth < DEEPEST
            && inside.contains('\\')
            && may_hold_one(inside)
        {
            let inside = inside.replace("\\\"", "\"").replace("\\\\", "\\").replace("\\n", "\n");
            self::scan(&inside, depth + 1, scan.secrets, scan.names);
        }
    }
}

struct Scan<'s, 't> {
    tokens: &'s [Token<'t>],
    secrets: &'s mut Secrets,
    names: &'s mut Names,
    /// Where the blocks begin that are open.
    blocks: Vec<usize>,
    /// Blocks that were looked through.
    done: BTreeSet<usize>,
}

impl<'t> Scan<'_, 't> {
    fn at(&self, at: usize) -> Option<Token<'t>> {
        self.tokens.get(at).copied()
    }

    fn before(&self, at: usize, back: usize) -> Option<Token<'t>> {
        at.checked_sub(back).and_then(|at| self.at(at))
    }

    /// Looks at one, and gives the number of the next to look at.
    fn token(&mut self, token: Token<'t>, at: usize) -> usize {
        match token {
            Token::Sign('{') => self.blocks.push(at),
            Token::Sign('}') => {
                self.blocks.pop();
            }
            Token::Sign(_) | Token::Lines(_) => {}
            Token::Word(name) | Token::Quoted(name) => {
                let value = self.value_after(at);
                let labels_a_variable = self.before(at, 1) == Some(Token::Word("variable"));
                if labels_a_variable && self.names.has(name) {
                    if let Some(block) = (at..at + 4).find(|at| self.at(*at) == Some(Token::Sign('{'))) {
                        self.block(block, "default");
                    }
                } else if let Some(value) = value
                    && (is_external_id(name) || self.is_local(name))
                {
                    return self.value(value);
                } else if is_external_id(name) && self.is_variable_of_condition(at) {
                    self.blocks.last().copied().into_iter().for_each(|block| self.block(block, "values"));
                } else if name == "sensitive"
                    && let Some(value) = value
                    && self.at(value) != Some(Token::Word("false"))
                {
                    self.blocks.last().copied().into_iter().for_each(|block| self.block(block, "default"));
                }
            }
        }
        at + 1
    }

    /// Where the value begins that the name at `at` is given.
    fn value_after(&self, at: usize) -> Option<usize> {
        let mut sign = at + 1;
        while matches!(self.at(sign), Some(Token::Sign(')' | ']'))) {
            sign += 1;
        }
        let is_given = matches!(self.at(sign), Some(Token::Sign('=' | ':')));
        let mut value = sign + 1;
        while self.at(value) == Some(Token::Sign('\n')) {
            value += 1;
        }
        (is_given && self.at(value) != Some(Token::Sign('='))).then_some(value)
    }

    /// A name that leads to an external id, where it is given its value.
    fn is_local(&self, name: &str) -> bool {
        let [block] = self.blocks.as_slice() else { return false };
        self.names.locals.contains(name) && self.before(*block, 1) == Some(Token::Word("locals"))
    }

    /// `variable = "sts:ExternalId"`
    fn is_variable_of_condition(&self, at: usize) -> bool {
        let sign = self.before(at, 1);
        let name = self.before(at, 2).and_then(Token::name);
        matches!(sign, Some(Token::Sign('=' | ':'))) && name == Some("variable")
    }

    /// What the attributes of this name have in a block.
    fn block(&mut self, start: usize, name: &str) {
        if !self.done.insert(start) {
            return;
        }
        let (mut depth, mut at) = (0, start);
        while let Some(token) = self.at(at) {
            at += 1;
            match token {
                Token::Sign('{') => depth += 1,
                Token::Sign('}') if depth == 1 => return,
                Token::Sign('}') => depth -= 1,
                Token::Word(it) | Token::Quoted(it) if it == name => {
                    if let Some(value) = self.value_after(at - 1) {
                        at = self.value(value);
                    }
                }
                Token::Word(_) | Token::Quoted(_) | Token::Lines(_) | Token::Sign(_) => {}
            }
        }
    }

    /// The literals of a value, and what it refers to; gives where it ends.
    fn value(&mut self, start: usize) -> usize {
        // A variable as JSON declares it.
        let declares = |name: &str| matches!(name, "type" | "description" | "default");
        let is_declaration = self.at(start) == Some(Token::Sign('{'))
            && self.at(start + 1).and_then(Token::name).is_some_and(declares);
        if is_declaration {
            self.block(start, "default");
            return start + 1;
        }
        let (mut depth, mut at) = (0, start);
        while let Some(token) = self.at(at) {
            match token {
                Token::Sign('(' | '[' | '{') => depth += 1,
                Token::Sign(')' | ']' | '}' | '\n' | ',') if depth == 0 => return at,
                Token::Sign(')' | ']' | '}') => depth -= 1,
                Token::Sign(_) => {}
                Token::Lines(lines) => self.secrets.add(lines.trim_end()),
                Token::Quoted(text) => {
                    let is_key = depth > 0 && self.value_after(at).is_some();
                    if !is_key {
                        self.literal(text);
                    }
                }
                Token::Word(word) => {
                    self.reference(word);
                    if word.len() > 2 && word.chars().all(|c| c.is_ascii_digit()) {
                        self.secrets.add(word);
                    }
                }
            }
            at += 1;
        }
        at
    }

    /// A text between quotes: as it is, and what stands around what is filled in.
    fn literal(&mut self, text: &str) {
        self.secrets.add(text);
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            self.secrets.add(before);
            let (inside, after) = after.split_once('}').unwrap_or((after, ""));
            inside.split(|c| !is_word(c) && c != '.').for_each(|word| self.reference(word));
            rest = after;
        }
        if rest.len() < text.len() {
            self.secrets.add(rest);
        }
    }

    fn reference(&mut self, word: &str) {
        let name = |rest: &str| rest.split('.').next().unwrap_or_default().to_owned();
        if let Some(rest) = word.strip_prefix("var.") {
            self.names.variables.insert(name(rest));
        } else if let Some(rest) = word.strip_prefix("local.") {
            self.names.locals.insert(name(rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of files, and what is hidden of `one-secret other-secret 1234567 plain`.
    #[test]
    fn what_is_found() {
        let all = "one-secret other-secret 1234567 plain";
        let cases: [(&str, &str); 16] = [
            ("external_id = \"one-secret\"", "one"),
            (r#"{"sts:ExternalId": ["one-secret", "other-secret"]} oops"#, "one other"),
            (
                "Condition = { StringEquals = { \"sts:ExternalId\" = \"one-secret\", \"sts:ExternalId\" = \"other-secret\" } }",
                "one other",
            ),
            (
                "condition {\n test = \"plain\"\n values = [\"one-secret\", local.nope]\n variable = \"sts:ExternalId\"\n}",
                "one",
            ),
            (r#"{"variable": "sts:ExternalId", "test": "plain", "values": "one-secret"}"#, "one"),
            ("assume_role = [{ role_arn = \"plain\", external_id = \"one-secret\" }]", "one"),
            ("variable \"t\" { sensitive = true, default = \"one-secret\" }", "one"),
            ("variable \"t\" {\n default = \"one-secret\n sensitive = true\n}", "one"),
            (r#"{"variable":{"t":{"sensitive":true,"default":"one-secret"}} oops"#, "one"),
            ("variable \"t\" {\n default = \"plain\"\n sensitive = false\n}", ""),
            ("variable \"external_id\" {\n description = \"plain\"\n default = 1234567\n}", "number"),
            (r#"{"variable": {"external_id": {"description": "plain", "default": "one-secret"}}}"#, "one"),
            ("p = \"{\\\"sts:ExternalId\\\":\\\"one-secret\\\"}\"", "one"),
            ("variable \"t\" {\n sensitive = true\n default = <<-E\n  one-secret\n  E\n}", "one"),
            (
                "external_id = var.a\nlocals {\n b = \"one-secret\"\n c = \"plain\"\n}\nvariable \"a\" {\n default = local.b\n}",
                "one",
            ),
            ("enabled = var.external_id == \"plain\"\n\"sts:ExternalId\" = \"${var.x}-secret\"", "ends"),
        ];
        for (text, hidden) in cases {
            let mut secrets = Secrets::default();
            add(&[text].into_iter(), &mut secrets);
            let expected = match hidden {
                "one" => "(sensitive) other-secret 1234567 plain",
                "one other" => "(sensitive) (sensitive) 1234567 plain",
                "number" => "one-secret other-secret (sensitive) plain",
                "ends" => "one(sensitive) other(sensitive) 1234567 plain",
                _ => all,
            };
            assert_eq!(secrets.hide(all), expected, "{text}");
        }
    }

    #[test]
    fn no_line_of_a_broken_file_that_may_hold_one() {
        let hides = |path: &str, text: &str| hides_source(std::path::Path::new(path), text);
        assert!(hides("a.tf", "variable \"t\" {\n sensitive = true\n default = \"x"));
        assert!(hides("a.tf.json", "{\"sensitive\": true"));
        assert!(hides("t.json", "{\"sts:ExternalId\": \"x\" oops }"));
        assert!(!hides("a.tf", "variable \"t\" {\n sensitive = true\n}\n"));
        assert!(!hides("a.tf", "variable \"t\" {"));
    }
}
