//! stub
use crate::place::Place;
use crate::value::{Kind, Text, Value};
pub(crate) fn call(name: &str, arguments: &[Value], _: Place) -> Result<Value, String> {
    match (name, arguments) {
        ("jsonencode", [one]) => Ok(encode_json(one).into()),
        ("jsondecode", [one]) => decode_json(one),
        _ => Ok(Value::unknown(format!("{name}(…)"))),
    }
}
pub(crate) fn decode_json(_: &Value) -> Result<Value, String> {
    Ok(Value::unknown("jsondecode"))
}
pub(crate) fn encode_json(value: &Value) -> Text {
    let mut text = Text::default();
    match &value.kind {
        Kind::Null => text.push_str("null"),
        Kind::Bool(b) => text.push_str(&b.to_string()),
        Kind::Number(n) => text.push_str(&crate::value::show_number(*n)),
        Kind::Text(t) => {
            text.push_str("\"");
            text.push(t.clone());
            text.push_str("\"");
        }
        Kind::List(l) | Kind::Set(l) => {
            text.push_str("[");
            for (i, v) in l.iter().enumerate() {
                if i > 0 {
                    text.push_str(",");
                }
                text.push(encode_json(v));
            }
            text.push_str("]");
        }
        Kind::Object(o) => {
            text.push_str("{");
            for (i, (k, v)) in o.members.iter().enumerate() {
                if i > 0 {
                    text.push_str(",");
                }
                text.push_str(&format!("{k:?}:"));
                text.push(encode_json(v));
            }
            text.push_str("}");
        }
        Kind::Unknown(u) => text.push(Text::hole(u.clone())),
    }
    text
}
