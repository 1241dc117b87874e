//! What keeps its place, and what stays sensitive.

use super::value;
use crate::place::{Place, Sources};
use crate::value::Kind;

#[test]
fn sensitive_stays_sensitive() {
    let whole = |text: &str| value(text).unwrap().is_sensitive;
    assert!(whole(r#"sha256(sensitive("a"))"#));
    assert!(whole(r#"split(",", sensitive("a,b"))"#));
    assert!(whole(r#"sort([sensitive("b"), "a"])"#));
    assert!(whole(r#"lookup(sensitive({a = 1}), "a")"#));
    assert!(whole(r#"merge(sensitive({a = 1}), {b = 2})"#));
    assert!(whole(r#"format("%v", sensitive({a = 1}))"#));
    assert!(!whole(r#"lookup({a = 1, b = sensitive(2)}, "a")"#));
    assert!(!whole(r#"nonsensitive(sensitive("a"))"#));

    // What a text was made of can be shown around what must not be.
    let shown = |text: &str| value(text).unwrap().to_text().unwrap().to_string();
    assert_eq!(shown(r#"format("%s/%s", sensitive("a"), "b")"#), "(sensitive)/b");
    assert_eq!(shown(r#"join("-", ["a", sensitive("b")])"#), "a-(sensitive)");
    assert_eq!(shown(r#"jsonencode({a = sensitive("x")})"#), r#"{"a":(sensitive)(sensitive)(sensitive)}"#);
    assert_eq!(shown(r#"jsonencode({a = sensitive({b = "x"})})"#).matches("x").count(), 0);
    assert_eq!(shown(r#"format("%v", [sensitive("x")])"#).matches('x').count(), 0);
    assert_eq!(shown(r#"format("%5d", sensitive(7))"#).matches('7').count(), 0);
    assert_eq!(shown(r#"format("%.1s", sensitive("xy"))"#).matches('x').count(), 0);
    for member in ["x", "\\n", "12", ""] {
        let decoded =
            value(&format!(r#"jsondecode(jsonencode({{a = sensitive("{member}"), b = "c"}}))"#)).unwrap();
        assert!(decoded.member("a").unwrap().has_sensitive() || member.is_empty(), "{member}");
        assert!(!decoded.member("b").unwrap().has_sensitive(), "{member}");
    }
    assert!(
        value(r#"jsondecode(jsonencode({a = sensitive(12)}))"#).unwrap().member("a").unwrap().is_sensitive
    );
    assert!(value(r#"flatten([sensitive(["a"])])"#).unwrap().elements().unwrap()[0].is_sensitive);
}

/// The text that a place names.
fn at(text: &str, place: Option<Place>) -> String {
    let mut sources = Sources::default();
    sources.add("main.tf", text);
    place.map(|place| sources.excerpt(place).to_owned()).unwrap_or_default()
}

/// From an offset of the JSON to what was written.
#[test]
fn jsonencode_keeps_places() {
    let source = r#"jsonencode({ Statement = [{ Effect = "Allow", Resource = "arn:${text.x}/*" }] })"#;
    let text = value(source).unwrap().to_text().unwrap();
    let found: Vec<(String, String)> = text
        .pieces()
        .iter()
        .map(|piece| {
            let content = piece.content.clone().unwrap_or_else(|unknown| format!("⟨{}⟩", unknown.0));
            (content, at(source, piece.place))
        })
        .collect();
    let list = r#"[{ Effect = "Allow", Resource = "arn:${text.x}/*" }]"#;
    let statement = r#"{ Effect = "Allow", Resource = "arn:${text.x}/*" }"#;
    let resource = r#""arn:${text.x}/*""#;
    let whole = source.strip_prefix("jsonencode(").unwrap().strip_suffix(')').unwrap();
    let expected = [
        ("{", whole),
        ("\"Statement\":[", list),
        ("{", statement),
        ("\"Effect\":\"", "\"Allow\""),
        ("Allow", "Allow"),
        ("\"", "\"Allow\""),
        (",", statement),
        ("\"Resource\":\"", resource),
        ("arn:", "arn:"),
        ("⟨text.x⟩", resource),
        ("/*", "/*"),
        ("\"", resource),
        ("}", statement),
        ("]", list),
        ("}", whole),
    ];
    let found: Vec<(&str, &str)> =
        found.iter().map(|(content, place)| (content.as_str(), place.as_str())).collect();
    assert_eq!(found, expected);
}

/// Parts of a text that is written as it is have their own places.
#[test]
fn what_is_cut_out_keeps_its_place() {
    let place = |source: &str, path: &[&str]| {
        let found = path.iter().fold(value(source).unwrap(), |value, step| match step.parse::<usize>() {
            Ok(index) => value.elements().unwrap()[index].clone(),
            Err(_) => value.member(step).unwrap(),
        });
        let text = match &found.kind {
            Kind::Text(text) => text.pieces()[0].place,
            _ => found.place,
        };
        at(source, text)
    };
    assert_eq!(place(r#"split(",", "a,bc,d")"#, &["1"]), "bc");
    assert_eq!(place(r#"trimspace("  ab ")"#, &[]), "ab");
    assert_eq!(place(r#"trimprefix("xab", "x")"#, &[]), "ab");
    assert_eq!(place(r#"substr("abcd", 1, 2)"#, &[]), "bc");
    let json = "jsondecode(<<E\n{\"Statement\": [{\"Effect\": \"Allow\", \"n\": 12}]}\nE\n)";
    assert_eq!(place(json, &["Statement", "0", "Effect"]), "Allow");
    assert_eq!(place(json, &["Statement", "0"]), r#"{"Effect": "Allow", "n": 12}"#);
    assert_eq!(place(json, &["Statement", "0", "n"]), "12");
    let yaml = "yamldecode(<<E\nStatement:\n- Effect: Allow\n  Action: [a, b]\nE\n)";
    assert_eq!(place(yaml, &["Statement", "0", "Effect"]), "Allow");
    assert_eq!(place(yaml, &["Statement", "0", "Action"]), "[a, b]");
}
