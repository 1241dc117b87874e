//! Types beside Terraform's own answers, and what conversion leaves of unknowns.

use super::{Type, Value, convert};
use crate::hcl;

fn converted(kind: &str, value: Value) -> Result<Value, String> {
    let kind = hcl::expression(kind, 0).map_err(|problem| problem.message)?;
    convert(value, &Type::read(&kind)?)
}

fn shown(value: Result<Value, String>) -> String {
    match value {
        Ok(value) => crate::function::encode_json(&value).marked(|unknown| format!("⟨{}⟩", unknown.0)),
        Err(_) => "refused".to_owned(),
    }
}

#[test]
fn terraform_converts_the_same() {
    let mut count = 0;
    for line in include_str!("../../tests/types.txt").lines() {
        let Some((case, expected)) = line.split_once("  ⇒  ") else {
            assert!(line.is_empty() || line.starts_with('#'), "no answer: {line}");
            continue;
        };
        let (kind, value) = case.split_once("  ⇐  ").unwrap();
        let value = super::constant(&hcl::expression(value, 0).unwrap()).unwrap();
        assert_eq!(shown(converted(kind, value)), expected, "{case}");
        count += 1;
    }
    assert!(count > 60, "{count} cases");
}

/// <https://developer.hashicorp.com/terraform/language/expressions/type-constraints>
#[test]
fn no_types() {
    let problem = |kind: &str| converted(kind, Value::null()).err().unwrap_or_default();
    assert_eq!(problem("text"), "there is no type text");
    assert_eq!(problem("list(string, number)"), "list takes one type");
    assert_eq!(problem("optional(string)"), "optional stands only in object({…})");
    assert_eq!(problem("tuple(string)"), "tuple needs a list of types: tuple([string, number])");
    assert_eq!(problem("object(string)"), "object needs attributes: object({ name = string })");
    assert_eq!(
        problem("object({a = optional(string, var.x)})"),
        "a default in a type is written out: it refers to nothing and calls nothing"
    );
    let nested = Value::object([("a".to_owned(), Value::list([Value::list([])]))]);
    assert_eq!(
        converted("object({a = list(string)})", nested).err().unwrap(),
        "attribute a: element 0: a string is required"
    );
}

/// What is unknown stays so, and around it the types are made.
#[test]
fn unknowns_are_kept() {
    let unknown = || Value::unknown("var.x");
    let text = || unknown().to_text().map(Value::from).unwrap();
    assert_eq!(shown(converted("string", unknown())), "⟨var.x⟩");
    assert_eq!(shown(converted("number", text())), "⟨var.x⟩");
    assert_eq!(shown(converted("list(string)", Value::list([1.0.into(), unknown()]))), r#"["1",⟨var.x⟩]"#);
    assert_eq!(
        shown(converted("set(string)", Value::list([text(), "b".into(), "a".into(), "b".into()]))),
        r#"["a","b","⟨var.x⟩"]"#
    );
    let object = Value::object([("a".to_owned(), unknown())]);
    let defaults = r#"object({a = optional(string, "d"), b = optional(string, "d")})"#;
    assert_eq!(shown(converted(defaults, object)), r#"{"a":⟨var.x⟩,"b":"d"}"#);

    // Of an object of which not all is known, what it may have keeps its name.
    let open = super::Object { members: [].into(), rest: Some(super::Unknown::new("var.o")) };
    let open = Value::from(super::Kind::Object(open.into()));
    assert_eq!(shown(converted("object({a = string})", open)), r#"{"a":⟨var.o.a⟩}"#);
}

#[test]
fn sensitive_stays_sensitive() {
    let secret = || Value::from("7").sensitive_if(true);
    assert!(converted("number", secret()).unwrap().is_sensitive);
    assert!(converted("string", secret()).unwrap().has_sensitive());
    let list = Value::list([secret(), "7".into(), "8".into()]);
    let set = converted("set(string)", list).unwrap();
    let elements = set.elements().unwrap();
    assert_eq!(elements.iter().map(Value::has_sensitive).collect::<Vec<_>>(), [true, false]);
}
