//! Every line has one answer, a line of JSON that carries its id and either a decision, a validation or an error.

#![no_main]

// The command is a program, not a library: its modules are taken by their files.
#[path = "../../crates/rolecall-cli/src/command/policy/conform/answer.rs"]
mod answer;
#[path = "../../crates/rolecall-cli/src/command/policy/conform/case.rs"]
mod case;
#[path = "../../crates/rolecall-cli/src/command/policy/conform/principal.rs"]
mod principal;
#[path = "../../crates/rolecall-cli/src/command/policy/conform/scalar.rs"]
mod scalar;

use serde_json::Value;

libfuzzer_sys::fuzz_target!(|line: &[u8]| {
    if line.contains(&b'\n') {
        return;
    }
    let mut out = Vec::new();
    case::answer(line, &mut out).unwrap();
    let text = std::str::from_utf8(&out).unwrap();
    assert_eq!(text.find('\n'), Some(text.len() - 1), "{text}");
    let answer: Value = serde_json::from_str(text).unwrap();
    let kinds = ["error", "decision", "valid"].iter().filter(|kind| !answer[**kind].is_null()).count();
    assert_eq!(kinds, 1, "{text}");
    assert!(answer.get("id").is_some(), "{text}");
    assert!(answer["decision"] != "Allowed" || answer["message"].is_null(), "{text}");
});
