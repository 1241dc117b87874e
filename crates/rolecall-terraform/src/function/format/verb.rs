//! What a format says, and numbers written as its verbs say.

/// A piece of a format.
pub(super) enum Part {
    /// As it is.
    Text(String),
    /// In its place: an argument.
    Verb(Verb),
}

/// `%-10.3[2]s`
#[derive(Default)]
pub(super) struct Verb {
    pub(super) letter: char,
    /// `+`: numbers have a sign always.
    pub(super) is_plus: bool,
    /// `-`: padded on the right.
    pub(super) is_left: bool,
    /// ` `: a blank for the sign.
    pub(super) is_blank: bool,
    /// `#`
    pub(super) is_sharp: bool,
    /// `0`: padded with zeros.
    pub(super) is_zero: bool,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    /// `[2]`: which argument, counted from zero here.
    pub(super) argument: Option<usize>,
}

/// Reads a format.
pub(super) fn read(format: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        if let Some(after) = after.strip_prefix('%') {
            parts.push(Part::Text("%".to_owned()));
            rest = after;
        } else {
            let (verb, after) = verb(after)?;
            parts.push(Part::Verb(verb));
            rest = after;
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

fn verb(text: &str) -> Result<(Verb, &str), String> {
    let mut verb = Verb::default();
    let mut rest = text;
    loop {
        let mut characters = rest.chars();
        match characters.next() {
            Some('+') => verb.is_plus = true,
            Some('-') => verb.is_left = true,
            Some(' ') => verb.is_blank = true,
            Some('#') => verb.is_sharp = true,
            Some('0') => verb.is_zero = true,
            _ => break,
        }
        rest = characters.as_str();
    }
    (verb.width, rest) = digits(rest)?;
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, after) = digits(after)?;
        verb.precision = Some(precision.unwrap_or(0));
        rest = after;
    }
    if let Some((number, after)) = rest.strip_prefix('[').and_then(|after| after.split_once(']')) {
        let number: usize = number.parse().map_err(|_| format!("[{number}] is no argument"))?;
        verb.argument = Some(number.checked_sub(1).ok_or("arguments are counted from 1")?);
        rest = after;
    }
    let mut characters = rest.chars();
    match characters.next() {
        Some(
            letter @ ('v' | 't' | 'b' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G' | 's' | 'q'),
        ) => {
            verb.letter = letter;
        }
        Some(letter) => return Err(format!("there is no verb %{letter}")),
        None => return Err("% stands at the end; a percent sign is %%".to_owned()),
    }
    // More would be more than any text may have.
    let most = super::LONGEST;
    if verb.width.is_some_and(|width| width > most)
        || verb.precision.is_some_and(|precision| precision > most)
    {
        return Err(format!("a width or precision is over {most}"));
    }
    Ok((verb, characters.as_str()))
}

fn digits(text: &str) -> Result<(Option<usize>, &str), String> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end).unwrap_or_default();
    if digits.is_empty() {
        return Ok((None, rest));
    }
    let number = digits.parse().map_err(|_| format!("{digits} is too large"))?;
    Ok((Some(number), rest))
}

/// A number as a verb writes it, to its width.
pub(super) fn number(verb: &Verb, letter: char, number: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "below 2⁵³")]
    let whole = number.abs() as i64;
    let digits = match letter {
        'd' => format!("{whole}"),
        'b' => format!("{}{whole:b}", if verb.is_sharp { "0b" } else { "" }),
        'o' => format!("{}{whole:o}", if verb.is_sharp { "0" } else { "" }),
        'x' => format!("{}{whole:x}", if verb.is_sharp { "0x" } else { "" }),
        'X' => format!("{}{whole:X}", if verb.is_sharp { "0X" } else { "" }),
        'f' => format!("{:.*}", verb.precision.unwrap_or(6), number.abs()),
        'e' | 'E' => exponential(&format!("{:.*e}", verb.precision.unwrap_or(6), number.abs())),
        _ => general(number.abs(), verb.precision),
    };
    let digits = if letter.is_ascii_uppercase() { digits.to_ascii_uppercase() } else { digits };
    let sign = match (number < 0.0, verb.is_plus, verb.is_blank) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        (false, false, false) => "",
    };
    let missing = verb.width.unwrap_or(0).saturating_sub(sign.len() + digits.len());
    match (verb.is_left, verb.is_zero) {
        (true, _) => format!("{sign}{digits}{}", " ".repeat(missing)),
        (false, true) => format!("{sign}{}{digits}", "0".repeat(missing)),
        (false, false) => format!("{}{sign}{digits}", " ".repeat(missing)),
    }
}

/// `1.5e4` as Go writes it: `1.5e+04`.
fn exponential(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    format!("{mantissa}e{sign}{exponent:0>2}")
}

/// `%g`: with an exponent where it is small or not below the precision; 6 decides where there is none.
fn general(number: f64, precision: Option<usize>) -> String {
    let scientific = match precision {
        Some(precision) => format!("{number:.*e}", precision.max(1) - 1),
        None => format!("{number:e}"),
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let mantissa =
        if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let limit = match precision {
        None => 6,
        Some(precision) => {
            let precision = precision.max(1);
            let before_point = usize::try_from(exponent + 1).unwrap_or(0);
            if precision > digits && digits >= before_point { digits } else { precision }
        }
    };
    if exponent < -4 || usize::try_from(exponent).is_ok_and(|exponent| exponent >= limit) {
        return exponential(&format!("{mantissa}e{exponent}"));
    }
    let decimals = i64::try_from(digits).unwrap_or(i64::MAX) - exponent - 1;
    format!("{number:.*}", usize::try_from(decimals).unwrap_or(0))
}
