//! Go's syntax of regular expressions, rewritten for the crate `regex` where the two differ.
//!
//! <https://github.com/google/re2/wiki/Syntax>, <https://docs.rs/regex/latest/regex/#syntax>: in Go `\d`, `\w`, `\s` and
//! `\b` are ASCII's, `[a&&b]` and `[[]` have no meaning of their own, `\<` is `<`, `a++` is refused, `a{,2}` and `{x}` are
//! text, `\Q…\E` quotes.

/// The pattern as the crate has it.
pub(super) fn rewritten(pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    // Whether a repetition stands before, which may not be repeated itself.
    let mut is_repeated = false;
    while let Some(character) = rest.next() {
        let was_repeated = std::mem::take(&mut is_repeated);
        match character {
            '\\' => escape(&mut rest, &mut out, false),
            '[' => class(&mut rest, &mut out)?,
            '*' | '+' | '?' => {
                if was_repeated {
                    return Err(format!("{pattern} is no regular expression: a repetition is repeated"));
                }
                out.push(character);
                is_repeated = true;
                lazy(&mut rest, &mut out);
            }
            '{' => match repetition(rest.as_str()) {
                Some(length) => {
                    if was_repeated {
                        return Err(format!("{pattern} is no regular expression: a repetition is repeated"));
                    }
                    out.push('{');
                    out.extend(rest.by_ref().take(length));
                    is_repeated = true;
                    lazy(&mut rest, &mut out);
                }
                None => out.push_str("\\{"),
            },
            // Alone it is text.
            '}' | ']' => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    Ok(out)
}

/// `?` after a repetition: as few as can be.
fn lazy(rest: &mut std::str::Chars<'_>, out: &mut String) {
    if let Some(after) = rest.as_str().strip_prefix('?') {
        out.push('?');
        *rest = after.chars();
    }
}

/// How long `3}`, `3,}` or `3,4}` is, if one stands here.
fn repetition(text: &str) -> Option<usize> {
    let (inner, _) = text.split_once('}')?;
    let (least, most) = inner.split_once(',').unwrap_or((inner, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (!least.is_empty() && are_digits(least) && are_digits(most)).then_some(inner.len() + 1)
}

fn escape(rest: &mut std::str::Chars<'_>, out: &mut String, is_in_class: bool) {
    let Some(character) = rest.next() else { return out.push('\\') };
    let alone = |class: &str| if is_in_class { class.to_owned() } else { format!("[{class}]") };
    match character {
        'd' => out.push_str(&alone("0-9")),
        'w' => out.push_str(&alone("0-9A-Za-z_")),
        's' => out.push_str(&alone("\\t\\n\\x0c\\r ")),
        // A class within a class is one of the crate's.
        'D' => out.push_str("[^0-9]"),
        'W' => out.push_str("[^0-9A-Za-z_]"),
        'S' => out.push_str("[^\\t\\n\\x0c\\r ]"),
        'b' | 'B' if !is_in_class => {
            out.push_str("(?-u:\\");
            out.push(character);
            out.push(')');
        }
        'Q' => {
            let text = rest.as_str();
            let (quoted, after) = text.split_once("\\E").unwrap_or((text, ""));
            out.push_str(&regex::escape(quoted));
            *rest = after.chars();
        }
        '<' | '>' => out.push(character),
        _ => {
            out.push('\\');
            out.push(character);
            // `\x{e9}`, `\p{Greek}`
            if let Some((name, after)) = rest.as_str().strip_prefix('{').and_then(|rest| rest.split_once('}'))
                && matches!(character, 'x' | 'p' | 'P')
            {
                out.push_str(&format!("{{{name}}}"));
                *rest = after.chars();
            }
        }
    }
}

/// What stands between brackets, after the first.
fn class(rest: &mut std::str::Chars<'_>, out: &mut String) -> Result<(), String> {
    out.push('[');
    if let Some(after) = rest.as_str().strip_prefix('^') {
        out.push('^');
        *rest = after.chars();
    }
    // A closing bracket that stands first is text.
    if let Some(after) = rest.as_str().strip_prefix(']') {
        out.push_str("\\]");
        *rest = after.chars();
    }
    while let Some(character) = rest.next() {
        match character {
            ']' => {
                out.push(']');
                return Ok(());
            }
            '\\' => escape(rest, out, true),
            '[' => match rest.as_str().strip_prefix(':').and_then(|name| name.split_once(":]")) {
                Some((name, after)) => {
                    out.push_str(&format!("[:{name}:]"));
                    *rest = after.chars();
                }
                None => out.push_str("\\["),
            },
            '&' | '~' => {
                out.push('\\');
                out.push(character);
            }
            // Two of them would be a difference.
            '-' if rest.as_str().starts_with('-') => out.push_str("\\-"),
            _ => out.push(character),
        }
    }
    Err("a class is not closed: ] is missing".to_owned())
}
