//! Signature Version 4: the canonical form of a request, and the signature over it.
//!
//! The same canonical form serves to check a client's signature and to sign for another server. The key
//! derivation and the HMAC are the SDK's own.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, UNIX_EPOCH};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use http::HeaderMap;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::time_text;

/// The one algorithm.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What of a request is signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signable<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// The raw query string, without `?`.
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    /// The SHA-256 of the body, in hexadecimal.
    pub(crate) body_hash: &'a str,
}

/// The day, Region and service a signing key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scope<'a> {
    /// `20261122`
    pub(crate) date: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

/// The SHA-256 of `bytes`, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().map_or('0', char::from);
    Sha256::digest(bytes).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The string that is signed, for these signed headers (in lower case, sorted).
pub(crate) fn string_to_sign(
    request: &Signable<'_>,
    signed: &[&str],
    timestamp: &str,
    scope: Scope<'_>,
) -> String {
    let canonical = canonical_request(request, signed);
    let Scope { date, region, service } = scope;
    let hash = sha256(canonical.as_bytes());
    format!("{ALGORITHM}\n{timestamp}\n{date}/{region}/{service}/aws4_request\n{hash}")
}

fn canonical_request(request: &Signable<'_>, signed: &[&str]) -> String {
    let mut out = String::with_capacity(512);
    out.extend([request.method, "\n"]);
    canonical_path(request.path, &mut out);
    out.push('\n');
    canonical_query(request.query, &mut out);
    out.push('\n');
    for name in signed {
        out.extend([*name, ":"]);
        for (index, value) in request.headers.get_all(*name).iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            let value = String::from_utf8_lossy(value.as_bytes());
            let mut words = value.split_ascii_whitespace();
            out.extend(words.next());
            out.extend(words.flat_map(|word| [" ", word]));
        }
        out.push('\n');
    }
    out.push('\n');
    for (index, name) in signed.iter().enumerate() {
        if index > 0 {
            out.push(';');
        }
        out.push_str(name);
    }
    out.extend(["\n", request.body_hash]);
    out
}

/// Each segment of the path is encoded once more, as every service but S3 has it.
fn canonical_path(path: &str, out: &mut String) {
    if path.is_empty() {
        out.push('/');
    }
    for byte in path.bytes() {
        if byte == b'/' { out.push('/') } else { encode(byte, out) }
    }
}

/// Names and values decoded, encoded again, and sorted. The signature itself is not part of it.
fn canonical_query(query: &str, out: &mut String) {
    if query.is_empty() {
        return;
    }
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .filter(|(name, _)| *name != "X-Amz-Signature")
        .map(|(name, value)| (recode(name), recode(value)))
        .collect();
    pairs.sort();
    for (index, (name, value)) in pairs.iter().enumerate() {
        if index > 0 {
            out.push('&');
        }
        out.extend([name, "=", value]);
    }
}

fn recode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let hex =
            |byte: Option<u8>| char::from(byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let mut ahead = bytes.clone();
        match (byte, hex(ahead.next()), hex(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                encode(high * 16 + low, &mut out);
                bytes = ahead;
            }
            _ => encode(byte, &mut out),
        }
    }
    out
}

/// RFC 3986: unreserved characters stand for themselves.
fn encode(byte: u8, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        out.push(char::from(byte));
        return;
    }
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().map_or('0', char::from);
    out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
}

/// The signature over `text` by the key of `secret` in `scope`; `None` where the date is no date.
pub(crate) fn signature(secret: &str, scope: Scope<'_>, text: &str) -> Option<String> {
    Some(calculate_signature(signing_key(secret, scope)?, text.as_bytes()))
}

fn signing_key(secret: &str, scope: Scope<'_>) -> Option<Vec<u8>> {
    let seconds = time_text::read_basic(&format!("{}T000000Z", scope.date))?;
    let time = UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).ok()?);
    Some(generate_signing_key(secret, time, scope.region, scope.service).as_ref().to_vec())
}

/// Signing keys by access key and scope: deriving one costs four HMACs, and a client signs all day with one.
#[derive(Debug, Default)]
pub(crate) struct SigningKeys(Mutex<HashMap<String, Derived>>);

/// A signing key, and the secret it was derived from.
#[derive(Debug)]
struct Derived {
    secret: Secret,
    key: Key,
}

/// `Debug` shows nothing of it.
struct Key(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

/// More clients than this are not seen at once; then the cache starts anew.
const MOST_KEYS: usize = 4096;

impl SigningKeys {
    /// As [`signature`], for the secret that `access_key_id` has.
    pub(crate) fn signature(
        &self,
        access_key_id: &str,
        secret: &Secret,
        scope: Scope<'_>,
        text: &str,
    ) -> Option<String> {
        let name = [access_key_id, scope.date, scope.region, scope.service].join("/");
        let mut keys = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // A key id may get another secret, when an account is made anew under the same state.
        if let Some(derived) = keys.get(&name).filter(|derived| derived.secret == *secret) {
            return Some(calculate_signature(derived.key.0.as_slice(), text.as_bytes()));
        }
        let key = Key(Zeroizing::new(signing_key(secret.expose(), scope)?));
        let signature = calculate_signature(key.0.as_slice(), text.as_bytes());
        if keys.len() >= MOST_KEYS {
            keys.clear();
        }
        keys.insert(name, Derived { secret: secret.clone(), key });
        Some(signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of AWS's SigV4 documentation: `GET` of IAM's `ListUsers`.
    #[test]
    fn the_documented_example() {
        let mut headers = HeaderMap::new();
        headers.insert("host", "iam.amazonaws.com".parse().unwrap());
        headers.insert("content-type", "application/x-www-form-urlencoded;  charset=utf-8".parse().unwrap());
        headers.insert("x-amz-date", "20150830T123600Z".parse().unwrap());
        let request = Signable {
            method: "GET",
            path: "/",
            query: "Action=ListUsers&Version=2010-05-08",
            headers: &headers,
            body_hash: &sha256(b""),
        };
        let scope = Scope { date: "20150830", region: "us-east-1", service: "iam" };
        let signed = ["content-type", "host", "x-amz-date"];
        let text = string_to_sign(&request, &signed, "20150830T123600Z", scope);
        assert!(text.ends_with("f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"), "{text}");
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let expected = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
        assert_eq!(signature(secret, scope, &text).as_deref(), Some(expected));
        let keys = SigningKeys::default();
        let secret = Secret::new(secret.to_owned());
        for _ in 0..2 {
            assert_eq!(keys.signature("AKIDEXAMPLE", &secret, scope, &text).as_deref(), Some(expected));
        }
        let other = Secret::new("other".to_owned());
        assert_ne!(keys.signature("AKIDEXAMPLE", &other, scope, &text).as_deref(), Some(expected));
    }

    #[test]
    fn queries_are_decoded_sorted_and_encoded() {
        let mut out = String::new();
        canonical_query("b=2&a=%2f%7E+x&X-Amz-Signature=00&c&a=1&d=%zz", &mut out);
        assert_eq!(out, "a=%2F~%2Bx&a=1&b=2&c=&d=%25zz");
    }
}
