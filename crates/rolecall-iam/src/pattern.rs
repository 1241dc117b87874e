//! Patterns with `*` and `?`: the hottest code of the engine, and never exponential.
//!
//! `*` is any run of characters, `?` exactly one.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>

/// One element of a pattern, once it is known what is literal and what is a wildcard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// Exactly this byte.
    Byte(u8),
    /// `?`: exactly one character.
    One,
    /// `*`: any run of characters.
    Any,
}

impl Token {
    /// What a byte of a pattern without variables means.
    pub(crate) fn of(byte: u8) -> Self {
        match byte {
            b'*' => Self::Any,
            b'?' => Self::One,
            byte => Self::Byte(byte),
        }
    }
}

/// Whether `pattern` matches all of `text`. Linear in both for one `*`, never worse than their product.
///
/// ```
/// use rolecall_iam::pattern::matches;
/// assert!(matches("table/*", "table/orders/index/by-day"));
/// assert!(!matches("table/?", "table/orders"));
/// ```
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern = pattern.as_bytes();
    wildcard(|at| pattern.get(at).copied().map(Token::of), text.as_bytes(), |a, b| a == b)
}

/// As [`matches()`], with ASCII letters alike in either case.
pub fn matches_ignoring_case(pattern: &str, text: &str) -> bool {
    let pattern = pattern.as_bytes();
    wildcard(|at| pattern.get(at).copied().map(Token::of), text.as_bytes(), |a, b| a.eq_ignore_ascii_case(&b))
}

/// As [`matches()`], for a pattern whose literal bytes are known.
pub(crate) fn tokens_match(pattern: &[Token], text: &str) -> bool {
    wildcard(|at| pattern.get(at).copied(), text.as_bytes(), |a, b| a == b)
}

/// The two-pointer match: on a mismatch, go back to the last `*` and let it take one character more.
fn wildcard(pattern: impl Fn(usize) -> Option<Token>, text: &[u8], same: impl Fn(u8, u8) -> bool) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while let Some(&byte) = text.get(t) {
        match pattern(p) {
            Some(Token::Any) => {
                last_star = Some((p, t));
                p += 1;
            }
            Some(Token::One) => {
                p += 1;
                t = next_character(text, t);
            }
            Some(Token::Byte(wanted)) if same(wanted, byte) => {
                p += 1;
                t += 1;
            }
            Some(Token::Byte(_)) | None => match last_star {
                Some((star, taken)) => {
                    let taken = next_character(text, taken);
                    last_star = Some((star, taken));
                    p = star + 1;
                    t = taken;
                }
                None => return false,
            },
        }
    }
    while pattern(p) == Some(Token::Any) {
        p += 1;
    }
    pattern(p).is_none()
}

/// The index after the UTF-8 character that starts at `at`, so that `?` is one character and not one byte.
fn next_character(text: &[u8], at: usize) -> usize {
    let mut next = at + 1;
    while text.get(next).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000) {
        next += 1;
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        let cases = [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("**", "abc", true),
            ("a*c", "abbbc", true),
            ("a*c", "abbbcd", false),
            ("*a*b*", "xxaxxbxx", true),
            ("?", "", false),
            ("?", "é", true),
            ("a?c", "aéc", true),
            ("??", "é", false),
            ("a*?", "a", false),
            ("a*?", "ab", true),
            ("table/*", "table/", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(matches(pattern, text), expected, "`{pattern}` on `{text}`");
        }
        assert!(matches_ignoring_case("dynamodb:get*", "DynamoDB:GetItem"));
    }

    #[test]
    fn many_stars_do_not_take_exponential_time() {
        let pattern = format!("{}b", "*a".repeat(200));
        assert!(!matches(&pattern, &"a".repeat(2_000)));
    }
}
