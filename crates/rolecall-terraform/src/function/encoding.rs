//! Texts as other texts: base64, percent-encoding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Call, Outcome, Stop, known_text};
use crate::value::Value;

/// <https://developer.hashicorp.com/terraform/language/functions/base64encode>
pub(super) fn base64encode(call: &Call<'_>) -> Outcome {
    let [text] = call.exactly()?;
    Ok(STANDARD.encode(known_text(text)?).into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/base64decode>
pub(super) fn base64decode(call: &Call<'_>) -> Outcome {
    let [text] = call.exactly()?;
    let text = String::from_utf8(decoded(&known_text(text)?)?);
    text.map(Value::from).map_err(|_| "what is encoded is no UTF-8".into())
}

/// Line ends are passed over, as Go does.
fn decoded(text: &str) -> Outcome<Vec<u8>> {
    STANDARD.decode(text.replace(['\r', '\n'], "")).map_err(|_| "this is no base64".into())
}

/// The encodings that we have, by IANA's names.
enum Encoding {
    Utf8,
    Utf16Little,
    Utf16Big,
}

fn encoding(name: &str) -> Outcome<Encoding> {
    match name.to_ascii_uppercase().as_str() {
        "UTF-8" => Ok(Encoding::Utf8),
        "UTF-16LE" => Ok(Encoding::Utf16Little),
        "UTF-16BE" => Ok(Encoding::Utf16Big),
        // Terraform has many more: <https://www.iana.org/assignments/character-sets/character-sets.xhtml>
        _ => Err(Stop::Unknown),
    }
}

/// <https://developer.hashicorp.com/terraform/language/functions/textencodebase64>
pub(super) fn textencodebase64(call: &Call<'_>) -> Outcome {
    let [text, name] = call.exactly()?;
    let text = known_text(text)?;
    let bytes: Vec<u8> = match encoding(&known_text(name)?)? {
        Encoding::Utf8 => text.into_bytes(),
        Encoding::Utf16Little => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Big => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    };
    Ok(STANDARD.encode(bytes).into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/textdecodebase64>
pub(super) fn textdecodebase64(call: &Call<'_>) -> Outcome {
    let [text, name] = call.exactly()?;
    let text = known_text(text)?;
    let encoding = encoding(&known_text(name)?)?;
    let bytes = decoded(&text)?;
    let pairs = |read: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| read(*pair)).collect();
        String::from_utf16(&units).ok().filter(|_| rest.is_empty())
    };
    let text = match encoding {
        Encoding::Utf8 => String::from_utf8(bytes).ok(),
        Encoding::Utf16Little => pairs(u16::from_le_bytes),
        Encoding::Utf16Big => pairs(u16::from_be_bytes),
    };
    text.map(Value::from).ok_or_else(|| "what is encoded is no such text".into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/urlencode>
pub(super) fn urlencode(call: &Call<'_>) -> Outcome {
    let [text] = call.exactly()?;
    let encoded: String = known_text(text)?
        .bytes()
        .map(|byte| match byte {
            b' ' => "+".to_owned(),
            b'-' | b'_' | b'.' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    Ok(encoded.into())
}
