//! `regex`, `regexall`, and `replace` with its `/…/`.
//!
//! Terraform has Go's RE2 syntax; what the crate `regex` reads otherwise is rewritten first (`syntax`).

mod syntax;

use regex::{Captures, Regex, RegexBuilder};

use super::{Call, LONGEST, Outcome, Stop, known_text, within};
use crate::value::Value;

fn compile(pattern: &str) -> Outcome<Regex> {
    /// What a compiled pattern may take.
    const LARGEST: usize = 1 << 20;
    let rewritten = syntax::rewritten(pattern)?;
    match RegexBuilder::new(&rewritten).size_limit(LARGEST).build() {
        Ok(regex) => Ok(regex),
        Err(regex::Error::CompiledTooBig(_)) => Err(Stop::Unknown),
        Err(_) => Err(format!("{pattern} is no regular expression").into()),
    }
}

/// <https://developer.hashicorp.com/terraform/language/functions/regex>
pub(super) fn regex(call: &Call<'_>) -> Outcome {
    let [pattern, text] = call.exactly()?;
    let regex = compile(&known_text(pattern)?)?;
    let shape = Shape::of(&regex)?;
    let text = known_text(text)?;
    let captures = regex.captures(&text).ok_or("the pattern is not found")?;
    Ok(shape.value(&regex, &captures))
}

/// <https://developer.hashicorp.com/terraform/language/functions/regexall>
pub(super) fn regexall(call: &Call<'_>) -> Outcome {
    let [pattern, text] = call.exactly()?;
    let regex = compile(&known_text(pattern)?)?;
    let shape = Shape::of(&regex)?;
    let text = known_text(text)?;
    Ok(Value::list(regex.captures_iter(&text).map(|captures| shape.value(&regex, &captures))))
}

/// What a match comes to.
enum Shape {
    /// Without groups: the text.
    Text,
    /// With groups: a list.
    List,
    /// With named groups: an object.
    Object,
}

impl Shape {
    fn of(regex: &Regex) -> Outcome<Self> {
        let groups = regex.captures_len() - 1;
        match (groups, regex.capture_names().flatten().count()) {
            (0, _) => Ok(Self::Text),
            (_, 0) => Ok(Self::List),
            (groups, named) if groups == named => Ok(Self::Object),
            _ => Err("some groups have names, and others do not".into()),
        }
    }

    fn value(&self, regex: &Regex, captures: &Captures<'_>) -> Value {
        let group = |index| captures.get(index).map_or_else(Value::null, |found| Value::from(found.as_str()));
        match self {
            Self::Text => group(0),
            Self::List => Value::list((1..captures.len()).map(group)),
            Self::Object => {
                let names = regex.capture_names().enumerate();
                Value::object(names.filter_map(|(index, name)| Some((name?.to_owned(), group(index)))))
            }
        }
    }
}

/// <https://developer.hashicorp.com/terraform/language/functions/replace>
pub(super) fn replace(call: &Call<'_>) -> Outcome {
    let [text, wanted, new] = call.exactly()?;
    let (text, wanted, new) = (known_text(text)?, known_text(wanted)?, known_text(new)?);
    let pattern = wanted.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let Some(pattern) = pattern else {
        let places = if wanted.is_empty() { text.len() + 1 } else { text.matches(&wanted).count() };
        within(places.saturating_mul(new.len()), LONGEST)?;
        return Ok(text.replace(&wanted, &new).into());
    };
    let regex = compile(pattern)?;
    let mut replaced = String::new();
    let mut from = 0;
    for captures in regex.captures_iter(&text) {
        let Some(found) = captures.get(0) else { continue };
        replaced.push_str(text.get(from..found.start()).unwrap_or_default());
        captures.expand(&new, &mut replaced);
        within(replaced.len(), LONGEST)?;
        from = found.end();
    }
    replaced.push_str(text.get(from..).unwrap_or_default());
    Ok(replaced.into())
}
