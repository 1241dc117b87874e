//! Nothing panics, and nothing takes all memory.

use proptest::prelude::*;

use super::{answer, table};
use crate::function::call;
use crate::place::Place;
use crate::value::{Text, Value, set};

/// Nothing takes all memory.
#[test]
fn limits() {
    for refused in [
        r#"format("%100000000d", 1)"#,
        r#"format("%.100000000f", 1)"#,
        r#"format("%99999999999999999999d", 1)"#,
        r#"indent(100000000, "a\nb")"#,
        r#"setproduct(range(1000), range(1000), range(1000))"#,
        r#"range(2000)"#,
        r#"replace(format("%9000000d", 1), "", "aa")"#,
        r#"join(format("%9000000d", 1), ["a", "b", "c"])"#,
    ] {
        assert_eq!(answer(refused), "refused", "{refused}");
    }
    let deep = format!(r#"jsondecode("{}")"#, "[".repeat(100_000));
    assert_eq!(answer(&deep), "⟨jsondecode(…)⟩");
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x, x]\\n");
    for (one, other) in
        ["b", "c", "d", "e", "f", "g", "h"].into_iter().zip(["a", "b", "c", "d", "e", "f", "g"])
    {
        bomb.push_str(&format!("{one}: &{one} [{}]\\n", vec![format!("*{other}"); 10].join(", ")));
    }
    assert_eq!(answer(&format!(r#"yamldecode("{bomb}")"#)), "⟨yamldecode(…)⟩");
}

/// Any function of any values: an answer or a refusal.
#[test]
fn nothing_panics() {
    let names: Vec<&str> = table()
        .filter_map(|(expression, _)| expression.split_once('('))
        .map(|(name, _)| name)
        .chain(["timestamp", "provider::a::b", "base64gzip"])
        .collect();
    let text = prop_oneof![
        "[a-c/%:,.\\[\\](){}*+?^$|\\\\0-9 '\"\\n-]{0,12}",
        "[0-9a-f.:]{1,10}/[0-9]{1,3}",
        r#"[{}\[\]":,0-9a-z\\ -]{0,16}"#,
        "[a-z&*!|>#%\n: -]{0,16}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})",
        "\\PC{0,6}",
    ];
    let leaf = prop_oneof![
        Just(Value::null()),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::number),
        (-130_i32..130).prop_map(|number| Value::number(number.into())),
        text.prop_map(Value::from),
        Just(Value::unknown("var.x")),
        ("[a-z ]{0,3}", "[a-z ]{0,3}").prop_map(|(before, after)| {
            let mut text = Text::from(before);
            text.push(Value::unknown("text.x").to_text().unwrap_or_default());
            text.push_str(&after);
            Value::from(text)
        }),
    ];
    let value = leaf.prop_recursive(3, 16, 4, |inner| {
        let all = proptest::collection::vec(inner, 0..4);
        prop_oneof![
            all.clone().prop_map(Value::list),
            all.clone().prop_map(set),
            all.prop_map(|all| Value::object(["a", "b", "", "é"].map(String::from).into_iter().zip(all))),
        ]
    });
    let arguments = proptest::collection::vec(value, 0..4);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(name in proptest::sample::select(names), arguments in arguments)| {
        let place = Place { file: 0, start: 0, end: 3 };
        if let Ok(value) = call(name, &arguments, place) {
            // Its parts are sound: each can be written.
            drop(crate::function::encode_json(&value).to_string());
        }
    });
}
