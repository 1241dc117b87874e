//! Parts of paths, as text: `basename`, `dirname`.

use super::{Call, Outcome, known_text};
use crate::value::Value;

/// <https://developer.hashicorp.com/terraform/language/functions/basename>
pub(super) fn basename(call: &Call<'_>) -> Outcome {
    let [path] = call.exactly()?;
    let path = known_text(path)?;
    Ok(Value::from(match (path.as_str(), path.trim_end_matches('/')) {
        ("", _) => ".",
        (_, "") => "/",
        (_, trimmed) => trimmed.rsplit('/').next().unwrap_or(trimmed),
    }))
}

/// <https://developer.hashicorp.com/terraform/language/functions/dirname>
pub(super) fn dirname(call: &Call<'_>) -> Outcome {
    let [path] = call.exactly()?;
    let path = known_text(path)?;
    let directory = path.rfind('/').and_then(|slash| path.get(..=slash)).unwrap_or_default();
    Ok(Value::from(clean(directory)))
}

/// Without `.`, `..` and doubled slashes, where that can be done in the text alone.
fn clean(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match (part, parts.last()) {
            ("" | ".", _) => {}
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            ("..", _) if is_absolute => {}
            _ => parts.push(part),
        }
    }
    match (is_absolute, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}
