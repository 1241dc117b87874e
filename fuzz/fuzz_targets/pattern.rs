//! A pattern matches what a naive matcher says it does.

#![no_main]

use rolecall_iam::pattern;

libfuzzer_sys::fuzz_target!(|input: (&str, &str)| {
    let (pattern, text) = input;
    // The naive matcher is exponential in the stars.
    if pattern.len() < 12 && text.len() < 24 {
        let (pattern_chars, text_chars): (Vec<char>, Vec<char>) =
            (pattern.chars().collect(), text.chars().collect());
        assert_eq!(
            pattern::matches(pattern, text),
            naive(&pattern_chars, &text_chars),
            "`{pattern}` on `{text}`"
        );
    } else {
        pattern::matches(pattern, text);
    }
});

fn naive(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|skipped| naive(rest, &text[skipped..])),
        Some((wanted, rest)) => text
            .split_first()
            .is_some_and(|(found, text)| (*wanted == '?' || wanted == found) && naive(rest, text)),
    }
}
