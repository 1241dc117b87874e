//! Texts with wildcards, as the second interpreter reads them.

use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Char {
    Is(char),
    One,
    Any,
}

impl Char {
    pub(super) fn literal(self) -> char {
        match self {
            Self::Is(it) => it,
            Self::One => '?',
            Self::Any => '*',
        }
    }
}

pub(super) fn plain(text: &str) -> Vec<Char> {
    let wild = |it| match it {
        '*' => Char::Any,
        '?' => Char::One,
        it => Char::Is(it),
    };
    text.chars().map(wild).collect()
}

pub(super) fn without_variables(pattern: &str, variables: bool) -> String {
    match pattern.split_once("${").filter(|_| variables) {
        Some((before, rest)) => {
            let after = rest.split_once('}').map_or("", |(_, after)| after);
            before.to_owned() + &without_variables(after, variables)
        }
        None => pattern.to_owned(),
    }
}

pub(super) fn glob(pattern: &[Char], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    Glob { pattern, text: &text, walls: 0, takes_star: true, seen: HashMap::new() }.from(0, 0)
}

/// As a glob, but a `*` stays left of the first five colons unless it ends its part.
pub(super) fn arn_glob(pattern: &[Char], text: &str, takes_star: bool) -> bool {
    let text: Vec<char> = text.chars().collect();
    if text == ['*'] {
        return pattern.iter().all(|it| *it == Char::Any);
    }
    let colons: Vec<usize> = (0..text.len()).filter(|at| text[*at] == ':').collect();
    let walls = colons.get(4).map_or(text.len(), |at| at + 1);
    Glob { pattern, text: &text, walls, takes_star, seen: HashMap::new() }.from(0, 0)
}

struct Glob<'a> {
    pattern: &'a [Char],
    text: &'a [char],
    /// Colons before here are not crossed.
    walls: usize,
    takes_star: bool,
    seen: HashMap<(usize, usize), bool>,
}

impl Glob<'_> {
    fn from(&mut self, p: usize, t: usize) -> bool {
        if let Some(known) = self.seen.get(&(p, t)) {
            return *known;
        }
        let at_wall = self.text.get(t) == Some(&':') && t < self.walls;
        let found = match (self.pattern.get(p), self.text.get(t)) {
            (None, rest) => rest.is_none(),
            (Some(Char::Any), rest) => {
                let ends_part = matches!(self.pattern.get(p + 1), None | Some(Char::Is(':')));
                self.from(p + 1, t) || (rest.is_some() && (ends_part || !at_wall) && self.from(p, t + 1))
            }
            (Some(Char::One), Some(it)) => {
                !at_wall && (*it != '*' || self.takes_star) && self.from(p + 1, t + 1)
            }
            (Some(Char::Is(wanted)), Some(it)) => wanted == it && self.from(p + 1, t + 1),
            (Some(_), None) => false,
        };
        self.seen.insert((p, t), found);
        found
    }
}
