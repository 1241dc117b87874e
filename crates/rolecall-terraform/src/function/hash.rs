//! Hashes: `md5`, `sha1`, `sha256`, `sha512`, their base64 forms, and `uuidv5`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use super::{Call, Outcome, known_text};
use crate::value::Value;

fn argument(call: &Call<'_>) -> Outcome<String> {
    let [text] = call.exactly()?;
    known_text(text)
}

fn hexadecimal(bytes: &[u8]) -> Value {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

/// <https://developer.hashicorp.com/terraform/language/functions/md5>
pub(super) fn md5(call: &Call<'_>) -> Outcome {
    Ok(hexadecimal(&md5::compute(argument(call)?).0))
}

/// <https://developer.hashicorp.com/terraform/language/functions/sha1>
pub(super) fn sha1(call: &Call<'_>) -> Outcome {
    Ok(hexadecimal(&Sha1::digest(argument(call)?)))
}

/// <https://developer.hashicorp.com/terraform/language/functions/sha256>
pub(super) fn sha256(call: &Call<'_>) -> Outcome {
    Ok(hexadecimal(&<sha2::Sha256 as sha2::Digest>::digest(argument(call)?)))
}

/// <https://developer.hashicorp.com/terraform/language/functions/sha512>
pub(super) fn sha512(call: &Call<'_>) -> Outcome {
    Ok(hexadecimal(&<sha2::Sha512 as sha2::Digest>::digest(argument(call)?)))
}

/// <https://developer.hashicorp.com/terraform/language/functions/base64sha256>
pub(super) fn base64sha256(call: &Call<'_>) -> Outcome {
    Ok(STANDARD.encode(<sha2::Sha256 as sha2::Digest>::digest(argument(call)?)).into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/base64sha512>
pub(super) fn base64sha512(call: &Call<'_>) -> Outcome {
    Ok(STANDARD.encode(<sha2::Sha512 as sha2::Digest>::digest(argument(call)?)).into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/uuidv5>, RFC 4122 section 4.3.
pub(super) fn uuidv5(call: &Call<'_>) -> Outcome {
    let [namespace, name] = call.exactly()?;
    let namespace = known_text(namespace)?;
    let uuid = match namespace.as_str() {
        "dns" => "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "url" => "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
        "oid" => "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
        "x500" => "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
        uuid => uuid,
    };
    let is_uuid = uuid.len() == 36 && uuid.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    let number = u128::from_str_radix(&uuid.replace('-', ""), 16).ok().filter(|_| is_uuid);
    let number = number.ok_or("the namespace is no UUID, nor dns, url, oid or x500")?;
    let hash = Sha1::new().chain_update(number.to_be_bytes()).chain_update(known_text(name)?).finalize();
    let first = hash.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    // The version is 5, the variant 10 in binary.
    let uuid = first & !(0xF << 76) & !(0b11 << 62) | 0x5 << 76 | 0b10 << 62;
    let text = format!("{uuid:032x}");
    let mut parts = Vec::new();
    let mut rest = text.as_str();
    for length in [8, 4, 4, 4, 12] {
        let (part, after) = rest.split_at_checked(length).unwrap_or_default();
        parts.push(part);
        rest = after;
    }
    Ok(parts.join("-").into())
}
