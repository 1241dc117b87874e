//! `format` and `formatlist`: verbs as Go has them.
//!
//! <https://developer.hashicorp.com/terraform/language/functions/format>

mod verb;

use self::verb::{Part, Verb};
use super::{Call, LONGEST, Outcome, Stop, bool_of, known_text, number_of, text_of, within};
use super::{json, ordered_elements_of};
use crate::value::{Kind, Text, Value};
use unicode_segmentation::UnicodeSegmentation as _;

/// <https://developer.hashicorp.com/terraform/language/functions/format>
pub(super) fn format(call: &Call<'_>) -> Outcome {
    let (pattern, arguments) = call.first()?;
    let parts = verb::read(&known_text(pattern)?)?;
    let text = formatted(&parts, &arguments.iter().collect::<Vec<_>>())?;
    Ok(Value::from(text).sensitive_if(pattern.has_sensitive()))
}

/// <https://developer.hashicorp.com/terraform/language/functions/formatlist>
pub(super) fn formatlist(call: &Call<'_>) -> Outcome {
    let (pattern, arguments) = call.first()?;
    let parts = verb::read(&known_text(pattern)?)?;
    let mut length = None;
    for argument in arguments {
        let this = match &argument.kind {
            Kind::List(_) | Kind::Set(_) => ordered_elements_of(argument)?.len(),
            // It may be a list.
            Kind::Unknown(_) => return Err(Stop::Unknown),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Object(_) => continue,
        };
        if length.is_some_and(|length| length != this) {
            return Err("the lists have different lengths".into());
        }
        length = Some(this);
    }
    let rows = (0..length.unwrap_or(1)).map(|row| {
        let mut is_sensitive = false;
        let arguments: Vec<&Value> = arguments
            .iter()
            .filter_map(|argument| {
                is_sensitive |= argument.is_sensitive;
                argument.elements().map_or(Some(argument), |elements| elements.get(row))
            })
            .collect();
        Ok(Value::from(formatted(&parts, &arguments)?).sensitive_if(is_sensitive))
    });
    Ok(Value::list(rows.collect::<Outcome<Vec<_>>>()?))
}

fn formatted(parts: &[Part], arguments: &[&Value]) -> Outcome<Text> {
    let mut text = Text::from("");
    let (mut next, mut used) = (0, 0);
    for part in parts {
        match part {
            Part::Text(literal) => text.push_str(literal),
            Part::Verb(verb) => {
                let index = verb.argument.unwrap_or(next);
                let argument = arguments.get(index).ok_or("there are fewer arguments than verbs")?;
                text.push(one(verb, argument)?);
                next = index + 1;
                used = used.max(next);
            }
        }
        let size = text.pieces().iter().map(|piece| piece.content.as_ref().map_or(0, String::len)).sum();
        within(size, LONGEST)?;
    }
    if used < arguments.len() {
        return Err(format!("there are {} arguments, and {used} are used", arguments.len()).into());
    }
    Ok(text)
}

fn one(verb: &Verb, argument: &Value) -> Outcome<Text> {
    let text = match verb.letter {
        'v' if verb.is_sharp => json::encoded(argument),
        'v' => match &argument.kind {
            Kind::Null => Text::from("null"),
            Kind::Number(number) => return Ok(number_text(verb, 'g', *number, argument)),
            Kind::Bool(_) | Kind::Text(_) | Kind::Unknown(_) => cut(verb, text_of(argument)?)?,
            Kind::List(_) | Kind::Set(_) | Kind::Object(_) => json::encoded(argument),
        },
        's' => cut(verb, text_of(argument)?)?,
        'q' => json::encoded(&Value::from(text_of(argument)?)),
        't' => {
            let mut text = Text::from(if bool_of(argument)? { "true" } else { "false" });
            text.sensitive_if(argument.has_sensitive());
            text
        }
        letter => {
            let number = number_of(argument)?;
            if matches!(letter, 'b' | 'd' | 'o' | 'x' | 'X') && number.fract() != 0.0 {
                return Err(format!("%{letter} takes a whole number").into());
            }
            return Ok(number_text(verb, letter, number, argument));
        }
    };
    pad(verb, text)
}

/// `%.3s`: no more than three characters.
fn cut(verb: &Verb, text: Text) -> Outcome<Text> {
    let Some(most) = verb.precision else { return Ok(text) };
    let known = text.as_known().ok_or(Stop::Unknown)?;
    let mut cut = Text::from(known.graphemes(true).take(most).collect::<String>());
    cut.sensitive_if(text.has_sensitive());
    Ok(cut)
}

/// To the width, if there is one.
fn pad(verb: &Verb, text: Text) -> Outcome<Text> {
    let Some(width) = verb.width else { return Ok(text) };
    let known = text.as_known().ok_or(Stop::Unknown)?;
    let missing = width.saturating_sub(known.graphemes(true).count());
    let mut padded = Text::default();
    if verb.is_left {
        padded.push(text);
        padded.push_str(&" ".repeat(missing));
    } else {
        padded.push_str(&(if verb.is_zero { "0" } else { " " }).repeat(missing));
        padded.push(text);
    }
    Ok(padded)
}

fn number_text(verb: &Verb, letter: char, number: f64, argument: &Value) -> Text {
    let mut text = Text::from(verb::number(verb, letter, number));
    text.sensitive_if(argument.has_sensitive());
    text
}
