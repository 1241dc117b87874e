//! From one type to another: `tostring`, `tonumber`, `tobool`, `tolist`, `toset`, `tomap`; and the mark `sensitive`.

use super::{Call, Outcome};
use crate::value::{Kind, Piece, Type, Value, convert};

fn to(call: &Call<'_>, wanted: &Type) -> Outcome {
    let [value] = call.exactly()?;
    let unknown = matches!(value.kind, Kind::Unknown(_));
    // What kind of thing an unknown is, is not known either: it stays under its own name.
    if unknown { Ok(value.clone()) } else { Ok(convert(value.clone(), wanted)?) }
}

/// <https://developer.hashicorp.com/terraform/language/functions/tostring>
pub(super) fn tostring(call: &Call<'_>) -> Outcome {
    to(call, &Type::String)
}

/// <https://developer.hashicorp.com/terraform/language/functions/tonumber>
pub(super) fn tonumber(call: &Call<'_>) -> Outcome {
    to(call, &Type::Number)
}

/// <https://developer.hashicorp.com/terraform/language/functions/tobool>
pub(super) fn tobool(call: &Call<'_>) -> Outcome {
    to(call, &Type::Bool)
}

/// <https://developer.hashicorp.com/terraform/language/functions/tolist>
pub(super) fn tolist(call: &Call<'_>) -> Outcome {
    to(call, &Type::List(Box::new(Type::Any)))
}

/// What `tolist([…])` was before Terraform 0.15, and what older configurations have:
/// <https://developer.hashicorp.com/terraform/language/functions/list>
pub(super) fn list(call: &Call<'_>) -> Outcome {
    let arguments = [Value::list(call.arguments.iter().cloned())];
    tolist(&Call { name: call.name, arguments: &arguments })
}

/// What `tomap({…})` was: keys and values in turns.
/// <https://developer.hashicorp.com/terraform/language/functions/map>
pub(super) fn map(call: &Call<'_>) -> Outcome {
    let mut members = Vec::new();
    for pair in call.arguments.chunks(2) {
        let [key, value] = pair else { return Err("map takes keys and values in turns".into()) };
        members.push((super::known_text(key)?, value.clone()));
    }
    tomap(&Call { name: call.name, arguments: &[Value::object(members)] })
}

/// <https://developer.hashicorp.com/terraform/language/functions/toset>
pub(super) fn toset(call: &Call<'_>) -> Outcome {
    to(call, &Type::Set(Box::new(Type::Any)))
}

/// <https://developer.hashicorp.com/terraform/language/functions/tomap>
pub(super) fn tomap(call: &Call<'_>) -> Outcome {
    to(call, &Type::Map(Box::new(Type::Any)))
}

/// <https://developer.hashicorp.com/terraform/language/functions/sensitive>
pub(super) fn sensitive(call: &Call<'_>) -> Outcome {
    let [value] = call.exactly()?;
    Ok(value.clone().sensitive_if(true))
}

/// <https://developer.hashicorp.com/terraform/language/functions/nonsensitive>
pub(super) fn nonsensitive(call: &Call<'_>) -> Outcome {
    let [value] = call.exactly()?;
    let mut value = value.clone();
    value.is_sensitive = false;
    if let Kind::Text(text) = &value.kind {
        let open = text.pieces().iter().map(|piece| Piece { is_sensitive: false, ..piece.clone() });
        value.kind = Kind::Text(open.collect());
    }
    Ok(value)
}

/// <https://developer.hashicorp.com/terraform/language/functions/issensitive>
pub(super) fn issensitive(call: &Call<'_>) -> Outcome {
    let [value] = call.exactly()?;
    let in_text = matches!(&value.kind, Kind::Text(text) if text.has_sensitive());
    if matches!(value.kind, Kind::Unknown(_)) && !value.is_sensitive {
        return Err(super::Stop::Unknown);
    }
    Ok(Value::from(value.is_sensitive || in_text))
}

/// <https://developer.hashicorp.com/terraform/language/functions/ephemeralasnull>. Which values are ephemeral is not
/// kept, and no argument of a resource takes one.
pub(super) fn ephemeralasnull(call: &Call<'_>) -> Outcome {
    let [value] = call.exactly()?;
    Ok(value.clone())
}
