//! What is asked of any collection: `length`, `contains`.

use unicode_segmentation::UnicodeSegmentation as _;

use super::{Call, Outcome, Stop, any_equal, elements_of, present};
use crate::value::{Kind, Value};

/// <https://developer.hashicorp.com/terraform/language/functions/length>
pub(super) fn length(call: &Call<'_>) -> Outcome {
    let [value] = call.exactly()?;
    present(value)?;
    let length = match &value.kind {
        Kind::List(elements) => elements.len(),
        // Of two that are not known it is not known either whether they are the same.
        Kind::Set(elements) if elements.len() < 2 || value.is_known() => elements.len(),
        Kind::Object(object) if object.rest.is_none() => object.members.len(),
        Kind::Text(text) => text.as_known().ok_or(Stop::Unknown)?.graphemes(true).count(),
        Kind::Set(_) | Kind::Object(_) | Kind::Unknown(_) => return Err(Stop::Unknown),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => {
            return Err("a string, list, set or map is required".into());
        }
    };
    #[expect(clippy::cast_precision_loss, reason = "nothing in memory is that long")]
    Ok(Value::number(length as f64))
}

/// <https://developer.hashicorp.com/terraform/language/functions/contains>
pub(super) fn contains(call: &Call<'_>) -> Outcome {
    let [list, wanted] = call.exactly()?;
    let elements = elements_of(list)?;
    present(wanted)?;
    any_equal(elements, wanted).map(Value::from).ok_or(Stop::Unknown)
}
