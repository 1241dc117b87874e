//! No policy text ends the process, and one that is refused as it is saved can still be decided on. What is found about
//! it stands in it.

#![no_main]

use rolecall_iam::{Policy, PolicyKind};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (document, diagnostics) = rolecall_iam::parse(text);
    assert!(!document.statements.is_empty() || !diagnostics.is_empty());
    for kind in [PolicyKind::Identity, PolicyKind::Trust, PolicyKind::Resource] {
        if let Err(found) = Policy::new(text, kind) {
            assert!(!found.is_empty());
        }
    }
    for (_, kind) in PolicyKind::NAMES {
        let validation = rolecall_iam::validate(text, kind);
        assert!(validation.aws_error.is_none() || !validation.is_valid());
        for found in &validation.findings {
            assert!(text.get(found.span.start..found.span.end).is_some(), "{found:?}");
        }
    }
    assert_eq!(Policy::lenient(text).text(), text);
});
