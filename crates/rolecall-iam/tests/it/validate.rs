//! Findings about policy documents: the cases in `tests/validate.jsonl`, each naming the page it follows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proptest::prelude::ProptestConfig;
use proptest::sample::select;
use proptest::{prop_assert, proptest};
use rolecall_iam::{PolicyKind, validate};
use serde_json::{Value, json};

use crate::format;

/// The cases as they stand in the file.
fn cases() -> Vec<Value> {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validate.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// `text` as it is, `policy` written out, or a long one made of so many resources or accounts.
fn document(case: &Value) -> String {
    if let Some(text) = case["text"].as_str() {
        return text.to_owned();
    }
    let many = |name: &str, form: fn(u64) -> String| {
        case[name].as_u64().map(|count| (0..count).map(form).collect::<Vec<String>>())
    };
    let kind = case["kind"].as_str();
    if let Some(resources) = many("resources", |n| format!("arn:aws:s3:::bucket-{n:04}/a")) {
        let mut statement = json!({ "Effect": "Deny", "Action": "s3:GetObject", "Resource": resources });
        if matches!(kind, Some("resource" | "rcp")) {
            statement["Principal"] = json!("*");
        }
        return json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    }
    if let Some(accounts) = many("accounts", |n| format!("{n:012}")) {
        let statement =
            json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "AWS": accounts } });
        return json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    }
    case["policy"].to_string()
}

#[test]
fn every_case() {
    let mut failures = Vec::new();
    for case in cases() {
        let title = case["title"].as_str().unwrap();
        assert!(case["page"].as_str().is_some_and(|page| !page.is_empty()), "{title} names no page");
        // `reference` says whether the case needs the service authorization reference, or its absence.
        if case["reference"].as_bool().is_some_and(|needed| needed != cfg!(feature = "reference")) {
            continue;
        }
        let kind = PolicyKind::from_name(case["kind"].as_str().unwrap_or("identity")).unwrap();
        let found = validate(&document(&case), kind);
        let codes: BTreeSet<&str> = found.findings.iter().map(|it| it.code).collect();
        let expected: BTreeSet<&str> =
            case["codes"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        if codes != expected {
            failures.push(format!("{title}: {codes:?}, expected {expected:?}"));
        }
        let aws = found.aws_error.as_ref();
        let message = aws.map(|it| it.message.as_str());
        if case.get("aws").is_some_and(|expected| expected.as_str() != message) {
            failures.push(format!("{title}: AWS says {message:?}, expected {}", case["aws"]));
        }
        if case.get("awscode").is_some_and(|code| code.as_str() != aws.map(|it| it.code)) {
            failures.push(format!("{title}: AWS's code is {:?}", aws.map(|it| it.code)));
        }
        if let Some(path) = case["path"].as_str()
            && !found.findings.iter().any(|it| it.path == path)
        {
            let paths: Vec<&str> = found.findings.iter().map(|it| it.path.as_str()).collect();
            failures.push(format!("{title}: at {paths:?}, expected {path}"));
        }
        if let Some(text) = case["message"].as_str()
            && !found.findings.iter().any(|it| it.message == text)
        {
            failures.push(format!("{title}: {:?}", found.findings));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The codes in the checks' sources, under `known` (what needs the reference) or elsewhere.
fn codes_in_sources(known: bool) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = vec![root.join("validate.rs"), root.join("validate")];
    let mut codes = BTreeSet::new();
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        if path.strip_prefix(&root).unwrap().to_str().unwrap().starts_with("validate/known") != known {
            continue;
        }
        let source = fs::read_to_string(path).unwrap();
        let is_code = |text: &&str| {
            text.contains('_')
                && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        };
        // A value of `dynamodb:Select`, and beginnings of codes.
        let others = ["SPECIFIC_ATTRIBUTES", "SCP_SYNTAX_ERROR", "RCP_SYNTAX_ERROR"];
        let texts = source.split('"').skip(1).step_by(2).filter(is_code);
        codes.extend(texts.filter(|text| !others.contains(text)).map(str::to_owned));
    }
    codes
}

/// A code without a case is one that nobody has seen.
#[test]
fn every_code_has_a_case() {
    let expected: BTreeSet<String> = cases()
        .iter()
        .flat_map(|case| case["codes"].as_array().unwrap().clone())
        .map(|it| it.as_str().unwrap().to_owned())
        .collect();
    let codes: BTreeSet<String> = codes_in_sources(true).union(&codes_in_sources(false)).cloned().collect();
    assert_eq!(codes, expected);
}

#[test]
fn the_documentation_lists_every_code() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/policy-checks.md");
    let page = fs::read_to_string(page).unwrap();
    let listed = |name: &str| -> BTreeSet<String> {
        let (_, rest) = page.split_once(&format!("<!-- checks: {name} -->\n")).unwrap();
        rest.lines().next().unwrap().split(", ").map(str::to_owned).collect()
    };
    let without = codes_in_sources(false);
    let (own, always): (BTreeSet<String>, BTreeSet<String>) =
        without.iter().cloned().partition(|code| code.starts_with("ROLECALL_"));
    assert_eq!(listed("own"), own);
    assert_eq!(listed("always"), always);
    assert_eq!(listed("reference"), codes_in_sources(true).difference(&without).cloned().collect());
}

/// Whatever is wrong: AWS's refusal and an error go together, places are in the text, and there is no second look.
#[test]
fn any_text_is_looked_at() {
    for text in [
        "",
        "null",
        "[]",
        "{}",
        "{\"Statement\":{}}",
        "{\"Statement\":[{\"Condition\":{\"Bool\":{\"\":[]}}}]}",
        "\"\\u0000\"",
    ] {
        for (_, kind) in PolicyKind::NAMES {
            let found = validate(text, kind);
            assert!(!found.is_valid(), "{text}");
            for finding in &found.findings {
                assert!(finding.span.end <= text.len() && finding.span.start <= finding.span.end, "{text}");
                assert!(!finding.message.is_empty());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing panics, places are in the text, and what AWS refuses is among the findings.
    #[test]
    fn a_refusal_is_a_finding(document in format::document(), kind in select(&PolicyKind::NAMES[..])) {
        let text = document.to_string();
        let found = validate(&text, kind.1);
        for finding in &found.findings {
            prop_assert!(text.get(finding.span.start..finding.span.end).is_some(), "{:?}", finding);
        }
        prop_assert!(found.aws_error.is_none() || !found.is_valid(), "{:?} {}", found, text);
    }
}
