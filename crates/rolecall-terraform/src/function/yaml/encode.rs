//! `yamlencode`: block style, texts in double quotes, those of several lines as blocks.

use crate::function::{Call, LONGEST, Outcome, Stop, within};
use crate::value::{Kind, Value, show_number};

/// <https://developer.hashicorp.com/terraform/language/functions/yamlencode>
pub(in crate::function) fn yamlencode(call: &Call<'_>) -> Outcome {
    let [value] = call.exactly()?;
    if !value.is_known() {
        return Err(Stop::Unknown);
    }
    let mut out = String::new();
    let is_plain = matches!(value.kind, Kind::Null | Kind::Bool(_) | Kind::Number(_));
    node(value, 0, 2, &mut out)?;
    // A plain scalar alone has its end marked.
    if is_plain {
        out.push_str("...\n");
    }
    within(out.len(), LONGEST)?;
    Ok(out.into())
}

/// Writes a value to the end of its line. `indent` is where its own lines begin, `inner` where a block's do.
fn node(value: &Value, indent: usize, inner: usize, out: &mut String) -> Outcome<()> {
    match &value.kind {
        Kind::List(elements) | Kind::Set(elements) if !elements.is_empty() => {
            for (index, element) in elements.iter().enumerate() {
                start_line(index, indent, out);
                out.push_str("- ");
                node(element, indent + 2, indent + 2, out)?;
            }
        }
        Kind::Object(object) if !object.members.is_empty() => {
            for (index, (name, member)) in object.members.iter().enumerate() {
                start_line(index, indent, out);
                // Such keys are written in another way, with `? `.
                if name.len() > 120 || name.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
                    return Err(Stop::Unknown);
                }
                out.push_str(&quoted(name));
                out.push(':');
                match &member.kind {
                    Kind::List(elements) | Kind::Set(elements) if !elements.is_empty() => {
                        out.push('\n');
                        out.push_str(&" ".repeat(indent));
                        node(member, indent, indent + 2, out)?;
                    }
                    Kind::Object(object) if !object.members.is_empty() => {
                        out.push('\n');
                        out.push_str(&" ".repeat(indent + 2));
                        node(member, indent + 2, indent + 2, out)?;
                    }
                    Kind::List(_)
                    | Kind::Set(_)
                    | Kind::Object(_)
                    | Kind::Null
                    | Kind::Bool(_)
                    | Kind::Number(_)
                    | Kind::Text(_)
                    | Kind::Unknown(_) => {
                        out.push(' ');
                        node(member, indent, indent + 2, out)?;
                    }
                }
            }
        }
        Kind::List(_) | Kind::Set(_) => out.push_str("[]\n"),
        Kind::Object(_) => out.push_str("{}\n"),
        Kind::Null => out.push_str("null\n"),
        Kind::Bool(value) => out.push_str(if *value { "true\n" } else { "false\n" }),
        Kind::Number(number) => {
            out.push_str(&show_number(*number));
            out.push('\n');
        }
        Kind::Text(text) => {
            let text = text.as_known().ok_or(Stop::Unknown)?;
            if is_block(&text) {
                block(&text, inner, out);
            } else {
                let quoted = quoted(&text);
                // Longer lines are folded at a blank, which hangs on more than is worth following.
                let line = out.rsplit('\n').next().unwrap_or_default();
                if text.contains(' ') && line.chars().count() + quoted.chars().count() > 80 {
                    return Err(Stop::Unknown);
                }
                out.push_str(&quoted);
                out.push('\n');
            }
        }
        Kind::Unknown(_) => return Err(Stop::Unknown),
    }
    Ok(())
}

/// The first element stands on the line that is begun.
fn start_line(index: usize, indent: usize, out: &mut String) {
    if index > 0 {
        out.push_str(&" ".repeat(indent));
    }
}

/// Of several lines, none with a blank at its end, and with nothing that must be escaped.
fn is_block(text: &str) -> bool {
    text.contains('\n')
        && !text.contains(" \n")
        && !text.ends_with(' ')
        && text.chars().all(|character| character == '\n' || is_printable(character))
}

fn block(text: &str, indent: usize, out: &mut String) {
    out.push('|');
    if text.starts_with([' ', '\n']) {
        out.push('2');
    }
    match text.strip_suffix('\n') {
        None => out.push('-'),
        Some(before) if before.is_empty() || before.ends_with('\n') => out.push('+'),
        Some(_) => {}
    }
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(&" ".repeat(indent));
            out.push_str(line);
        }
    }
    out.push('\n');
}

fn is_printable(character: char) -> bool {
    matches!(character, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
        && !matches!(character, '\u{2028}' | '\u{2029}')
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\0' => quoted.push_str("\\0"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\t' => quoted.push_str("\\t"),
            '\n' => quoted.push_str("\\n"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            '\r' => quoted.push_str("\\r"),
            '\u{1b}' => quoted.push_str("\\e"),
            '\u{85}' => quoted.push_str("\\N"),
            '\u{2028}' => quoted.push_str("\\L"),
            '\u{2029}' => quoted.push_str("\\P"),
            _ if is_printable(character) => quoted.push(character),
            _ => quoted.push_str(&match u32::from(character) {
                code @ 0..=0xff => format!("\\x{code:02X}"),
                code @ 0x100..=0xffff => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            }),
        }
    }
    quoted.push('"');
    quoted
}
