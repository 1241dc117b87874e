//! Texts: `join`, `split`, `lower`, `trim…`, `substr`, …
//!
//! A hole may hold anything, also what is looked for: what hangs on it is unknown. What is cut out of a text keeps its
//! place.

use unicode_segmentation::UnicodeSegmentation as _;

use super::{Call, LONGEST, Outcome, Stop, known_text, ordered_elements_of, text_of, whole_of, within};
use crate::place::Place;
use crate::value::{Piece, Text, Unknown, Value};

/// <https://developer.hashicorp.com/terraform/language/functions/join>
pub(super) fn join(call: &Call<'_>) -> Outcome {
    let (separator, lists) = call.first()?;
    if lists.is_empty() {
        return Err("join takes a separator and a list".into());
    }
    let separator = text_of(separator)?;
    let mut joined = Text::from("");
    let (mut is_first, mut size) = (true, 0);
    for list in lists {
        for element in ordered_elements_of(list)? {
            let element = text_of(element)?;
            size += length(&separator) + length(&element);
            within(size, LONGEST)?;
            if !is_first {
                joined.push(separator.clone());
            }
            joined.push(element);
            is_first = false;
        }
    }
    Ok(joined.into())
}

fn length(text: &Text) -> usize {
    text.pieces().iter().map(|piece| piece.content.as_ref().map_or(0, String::len)).sum()
}

/// <https://developer.hashicorp.com/terraform/language/functions/split>
pub(super) fn split(call: &Call<'_>) -> Outcome {
    let [separator, text] = call.exactly()?;
    let (separator, text) = (known_text(separator)?, text_of(text)?);
    let known = text.as_known().ok_or(Stop::Unknown)?;
    let mut parts = Vec::new();
    let mut from = 0;
    if separator.is_empty() {
        for character in known.chars() {
            parts.push(part(&text, from, from + character.len_utf8()));
            from += character.len_utf8();
        }
    } else {
        for (at, _) in known.match_indices(&separator) {
            parts.push(part(&text, from, at));
            from = at + separator.len();
        }
        parts.push(part(&text, from, known.len()));
    }
    Ok(Value::list(parts.into_iter().map(Value::from)))
}

/// Where a part of a text stands, as exactly as that is known. Bytes are counted in what is known.
pub(super) fn place_of(text: &Text, from: usize, to: usize) -> Option<Place> {
    let mut at = 0;
    for piece in text.pieces() {
        let length = piece.content.as_ref().map_or(0, String::len);
        if from < at + length {
            return cut(piece, from.saturating_sub(at), to.clamp(at, at + length) - at).place;
        }
        at += length;
    }
    None
}

/// Whether a part of a text is sensitive. Bytes are counted in what is known.
pub(super) fn is_sensitive(text: &Text, from: usize, to: usize) -> bool {
    let mut at = 0;
    text.pieces().iter().any(|piece| {
        let start = at;
        at += piece.content.as_ref().map_or(0, String::len);
        piece.is_sensitive && start < to && from < at
    })
}

/// A part of a known text, from byte to byte, with its places.
pub(super) fn part(text: &Text, from: usize, to: usize) -> Text {
    let mut at = 0;
    let mut pieces = Vec::new();
    for piece in text.pieces() {
        let length = piece.content.as_ref().map_or(0, String::len);
        let (start, end) = (from.clamp(at, at + length) - at, to.clamp(at, at + length) - at);
        if start < end {
            pieces.push(cut(piece, start, end));
        }
        at += length;
    }
    if pieces.is_empty() { Text::from("") } else { pieces.into_iter().collect() }
}

/// A part of a known piece.
fn cut(piece: &Piece, start: usize, end: usize) -> Piece {
    let Ok(text) = &piece.content else { return piece.clone() };
    let place = piece.place.map(|place| {
        let is_verbatim = usize::try_from(place.end - place.start).is_ok_and(|length| length == text.len());
        if is_verbatim { place.part(start, end - start) } else { place }
    });
    let content = text.get(start..end).unwrap_or_default().to_owned();
    Piece { content: Ok(content), place, is_sensitive: piece.is_sensitive }
}

/// The same done to each piece, for what can be done character by character.
fn each_piece(call: &Call<'_>, change: fn(char) -> char) -> Outcome {
    let [text] = call.exactly()?;
    let text = text_of(text)?;
    let changed = text.pieces().iter().map(|piece| {
        let content = match &piece.content {
            Ok(text) => Ok(text.chars().map(change).collect()),
            Err(unknown) => Err(Unknown::new(format!("{}({})", call.name, unknown.0))),
        };
        Piece { content, place: piece.place, is_sensitive: piece.is_sensitive }
    });
    Ok(changed.collect::<Text>().into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/lower>
pub(super) fn lower(call: &Call<'_>) -> Outcome {
    each_piece(call, |character| character.to_lowercase().next().unwrap_or(character))
}

/// <https://developer.hashicorp.com/terraform/language/functions/upper>
pub(super) fn upper(call: &Call<'_>) -> Outcome {
    each_piece(call, upper_character)
}

/// One character stays one: ß has no capital here.
fn upper_character(character: char) -> char {
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(upper), None) => upper,
        _ => character,
    }
}

/// <https://developer.hashicorp.com/terraform/language/functions/title>
pub(super) fn title(call: &Call<'_>) -> Outcome {
    let [text] = call.exactly()?;
    let mut is_start = true;
    let titled: String = known_text(text)?
        .chars()
        .map(|character| {
            let titled = if is_start { upper_character(character) } else { character };
            is_start = !(character.is_alphanumeric() || character == '_')
                && (character.is_ascii() || character.is_whitespace());
            titled
        })
        .collect();
    Ok(titled.into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/indent>
pub(super) fn indent(call: &Call<'_>) -> Outcome {
    let [spaces, text] = call.exactly()?;
    let spaces = usize::try_from(whole_of(spaces)?).map_err(|_| "the number of spaces is negative")?;
    let text = text_of(text)?;
    let lines: usize = text
        .pieces()
        .iter()
        .map(|piece| piece.content.as_ref().map_or(0, |text| text.matches('\n').count()))
        .sum();
    within(lines.saturating_mul(spaces), LONGEST)?;
    let newline = format!("\n{}", " ".repeat(if lines == 0 { 0 } else { spaces }));
    let indented = text.pieces().iter().map(|piece| {
        let content = piece.content.as_ref().map_err(|_| Stop::Unknown)?;
        Ok(Piece { content: Ok(content.replace('\n', &newline)), ..piece.clone() })
    });
    Ok(indented.collect::<Outcome<Text>>()?.into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/chomp>
pub(super) fn chomp(call: &Call<'_>) -> Outcome {
    let [text] = call.exactly()?;
    trim_end(&text_of(text)?, |character| matches!(character, '\n' | '\r')).map(Value::from)
}

/// <https://developer.hashicorp.com/terraform/language/functions/trimspace>
pub(super) fn trimspace(call: &Call<'_>) -> Outcome {
    let [text] = call.exactly()?;
    let text = trim_start(&text_of(text)?, char::is_whitespace)?;
    trim_end(&text, char::is_whitespace).map(Value::from)
}

/// <https://developer.hashicorp.com/terraform/language/functions/trim>
pub(super) fn trim(call: &Call<'_>) -> Outcome {
    let [text, characters] = call.exactly()?;
    let (text, characters) = (text_of(text)?, known_text(characters)?);
    let text = trim_start(&text, |character| characters.contains(character))?;
    trim_end(&text, |character| characters.contains(character)).map(Value::from)
}

fn trim_start(text: &Text, is_cut: impl Fn(char) -> bool) -> Outcome<Text> {
    let mut pieces = text.pieces().iter();
    while let Some(piece) = pieces.next() {
        let known = piece.content.as_deref().map_err(|_| Stop::Unknown)?;
        let kept = known.trim_start_matches(&is_cut).len();
        if kept > 0 {
            let first = cut(piece, known.len() - kept, known.len());
            return Ok([first].into_iter().chain(pieces.cloned()).collect());
        }
    }
    Ok(Text::from(""))
}

fn trim_end(text: &Text, is_cut: impl Fn(char) -> bool) -> Outcome<Text> {
    let mut pieces = text.pieces().iter();
    while let Some(piece) = pieces.next_back() {
        let known = piece.content.as_deref().map_err(|_| Stop::Unknown)?;
        let kept = known.trim_end_matches(&is_cut).len();
        if kept > 0 {
            return Ok(pieces.cloned().chain([cut(piece, 0, kept)]).collect());
        }
    }
    Ok(Text::from(""))
}

/// <https://developer.hashicorp.com/terraform/language/functions/trimprefix>
pub(super) fn trimprefix(call: &Call<'_>) -> Outcome {
    let [text, prefix] = call.exactly()?;
    let (text, prefix) = (text_of(text)?, known_text(prefix)?);
    if !starts_with(&text, &prefix)? {
        return Ok(text.into());
    }
    let mut left = prefix.len();
    let pieces = text.pieces().iter().map(|piece| {
        let length = piece.content.as_ref().map_or(0, String::len);
        let dropped = left.min(length);
        left -= dropped;
        cut(piece, dropped, length)
    });
    Ok(pieces.collect::<Text>().into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/trimsuffix>
pub(super) fn trimsuffix(call: &Call<'_>) -> Outcome {
    let [text, suffix] = call.exactly()?;
    let (text, suffix) = (text_of(text)?, known_text(suffix)?);
    if !ends_with(&text, &suffix)? {
        return Ok(text.into());
    }
    let mut left = suffix.len();
    let mut pieces: Vec<Piece> = text
        .pieces()
        .iter()
        .rev()
        .map(|piece| {
            let length = piece.content.as_ref().map_or(0, String::len);
            let dropped = left.min(length);
            left -= dropped;
            cut(piece, 0, length - dropped)
        })
        .collect();
    pieces.reverse();
    Ok(pieces.into_iter().collect::<Text>().into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/startswith>
pub(super) fn startswith(call: &Call<'_>) -> Outcome {
    let [text, prefix] = call.exactly()?;
    starts_with(&text_of(text)?, &known_text(prefix)?).map(Value::from)
}

/// <https://developer.hashicorp.com/terraform/language/functions/endswith>
pub(super) fn endswith(call: &Call<'_>) -> Outcome {
    let [text, suffix] = call.exactly()?;
    ends_with(&text_of(text)?, &known_text(suffix)?).map(Value::from)
}

fn starts_with(text: &Text, prefix: &str) -> Outcome<bool> {
    let known = text.known_prefix();
    let has_hole = text.first_unknown().is_some();
    if has_hole && known.len() < prefix.len() && prefix.starts_with(&known) {
        return Err(Stop::Unknown);
    }
    Ok(known.starts_with(prefix))
}

fn ends_with(text: &Text, suffix: &str) -> Outcome<bool> {
    let known = text.known_suffix();
    let has_hole = text.first_unknown().is_some();
    if has_hole && known.len() < suffix.len() && suffix.ends_with(&known) {
        return Err(Stop::Unknown);
    }
    Ok(known.ends_with(suffix))
}

/// <https://developer.hashicorp.com/terraform/language/functions/strcontains>
pub(super) fn strcontains(call: &Call<'_>) -> Outcome {
    let [text, wanted] = call.exactly()?;
    let (text, wanted) = (text_of(text)?, known_text(wanted)?);
    let runs = text.pieces().split(|piece| piece.content.is_err());
    let mut is_known = false;
    for run in runs {
        let run: String = run.iter().filter_map(|piece| piece.content.as_deref().ok()).collect();
        is_known |= run.contains(&wanted);
    }
    if is_known || text.first_unknown().is_none() { Ok(Value::from(is_known)) } else { Err(Stop::Unknown) }
}

/// <https://developer.hashicorp.com/terraform/language/functions/strrev>
pub(super) fn strrev(call: &Call<'_>) -> Outcome {
    let [text] = call.exactly()?;
    Ok(known_text(text)?.graphemes(true).rev().collect::<String>().into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/substr>
pub(super) fn substr(call: &Call<'_>) -> Outcome {
    let [text, offset, length] = call.exactly()?;
    let text = text_of(text)?;
    let (offset, length) = (whole_of(offset)?, whole_of(length)?);
    let known = text.as_known().ok_or(Stop::Unknown)?;
    // Where each character, as a person counts them, begins; and the end.
    let starts: Vec<usize> = known.grapheme_indices(true).map(|(at, _)| at).chain([known.len()]).collect();
    let count = starts.len() - 1;
    let from = if offset < 0 {
        count.saturating_sub(usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX))
    } else {
        usize::try_from(offset).unwrap_or(usize::MAX).min(count)
    };
    // A negative length is all that is left.
    let length = usize::try_from(length).unwrap_or(count);
    let to = from.saturating_add(length).min(count);
    let bytes = starts.get(from).zip(starts.get(to));
    Ok(bytes.map_or(Text::from(""), |(from, to)| part(&text, *from, *to)).into())
}
