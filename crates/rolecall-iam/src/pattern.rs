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
    /// A text that is not known: some run of characters.
    Hole,
}

impl Token {
    /// What a byte of a pattern without variables means.
    #[inline]
    pub(crate) fn of(byte: u8) -> Self {
        match byte {
            b'*' => Self::Any,
            b'?' => Self::One,
            byte => Self::Byte(byte),
        }
    }

    /// The byte it was written as.
    #[inline]
    pub(crate) fn byte(self) -> u8 {
        match self {
            Self::Byte(byte) => byte,
            Self::One => b'?',
            Self::Any | Self::Hole => b'*',
        }
    }
}

/// A text with wildcards, prepared once: what stands before the first wildcard is compared in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// As it was written.
    pub(crate) text: String,
    /// How many bytes stand before the first wildcard.
    literal: usize,
    /// What follows them.
    rest: Rest,
}

/// What follows the literal head of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    Nothing,
    /// One `*`, and no more.
    Anything,
    Wildcards,
}

impl Pattern {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let literal = text.find(['*', '?']).unwrap_or(text.len());
        let rest = match text.get(literal..) {
            None | Some("") => Rest::Nothing,
            Some("*") => Rest::Anything,
            Some(_) => Rest::Wildcards,
        };
        Self { text, literal, rest }
    }

    /// Whether it matches all of `text`.
    #[inline]
    pub(crate) fn matches(&self, text: &str) -> bool {
        let (pattern, text) = (self.text.as_bytes(), text.as_bytes());
        // Of most patterns the first character says that they do not match.
        if self.literal > 0 && pattern.first() != text.first() {
            return false;
        }
        let Some((head, tail)) = pattern.split_at_checked(self.literal) else { return false };
        let Some((start, end)) = text.split_at_checked(self.literal) else { return false };
        if head != start {
            return false;
        }
        match self.rest {
            Rest::Nothing => end.is_empty(),
            Rest::Anything => true,
            Rest::Wildcards => wildcard(tail, split_token, end, |a, b| a == b),
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
    wildcard(pattern.as_bytes(), split_token, text.as_bytes(), |a, b| a == b)
}

/// As [`matches()`], with ASCII letters alike in either case.
pub fn matches_ignoring_case(pattern: &str, text: &str) -> bool {
    let same = |a: u8, b: u8| a.eq_ignore_ascii_case(&b);
    wildcard(pattern.as_bytes(), split_token, text.as_bytes(), same)
}

/// As [`matches()`], for a pattern that is read token by token: `next` gives the token at a place, and the place after
/// it.
pub(crate) fn tokens_match<At: Copy>(
    start: At,
    next: impl Fn(At) -> Option<(Token, At)>,
    text: &str,
) -> bool {
    wildcard(start, next, text.as_bytes(), |a, b| a == b)
}

/// The first token of a pattern without variables, and what follows it.
#[inline]
fn split_token(pattern: &[u8]) -> Option<(Token, &[u8])> {
    pattern.split_first().map(|(byte, rest)| (Token::of(*byte), rest))
}

/// The two-pointer match: on a mismatch, go back to the last `*` and let it take one character more.
fn wildcard<At: Copy>(
    start: At,
    next: impl Fn(At) -> Option<(Token, At)>,
    text: &[u8],
    same: impl Fn(u8, u8) -> bool,
) -> bool {
    let (mut place, mut at) = (start, 0);
    let mut last_star: Option<(At, usize)> = None;
    while let Some(&byte) = text.get(at) {
        match next(place) {
            Some((Token::Any | Token::Hole, after)) => {
                last_star = Some((after, at));
                place = after;
            }
            Some((Token::One, after)) => {
                place = after;
                at = next_character(text, at);
            }
            Some((Token::Byte(wanted), after)) if same(wanted, byte) => {
                place = after;
                at += 1;
            }
            Some((Token::Byte(_), _)) | None => match last_star {
                Some((after, taken)) => {
                    let taken = next_character(text, taken);
                    last_star = Some((after, taken));
                    place = after;
                    at = taken;
                }
                None => return false,
            },
        }
    }
    while let Some((Token::Any | Token::Hole, after)) = next(place) {
        place = after;
    }
    next(place).is_none()
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
            assert_eq!(Pattern::new(pattern).matches(text), expected, "`{pattern}` on `{text}`, prepared");
        }
        assert!(matches_ignoring_case("dynamodb:get*", "DynamoDB:GetItem"));
    }

    #[test]
    fn many_stars_do_not_take_exponential_time() {
        let pattern = format!("{}b", "*a".repeat(200));
        assert!(!matches(&pattern, &"a".repeat(2_000)));
    }
}
