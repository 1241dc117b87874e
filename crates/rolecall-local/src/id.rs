//! Ids and secrets that AWS makes up: unique ids, access key ids, secret keys, request ids.

use rolecall_iam::AccountId;

/// The letters of AWS's ids: base 32.
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A unique id, such as `AROA` and seventeen letters.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
pub(crate) fn unique(prefix: &str) -> String {
    let random = random::<17>();
    let letters = random.iter().map(|byte| letter(u64::from(*byte)));
    prefix.chars().chain(letters).collect()
}

/// An access key id, `AKIA…` or `ASIA…`, that says its account as AWS's do: bits 1 to 40 of its base-32 part.
pub(crate) fn access_key(prefix: &str, account: AccountId) -> String {
    let digits: u64 = account.as_str().parse().unwrap_or(0);
    let random = u64::from_be_bytes(random());
    // Sixteen letters are eighty bits: one that is set, forty of the account, thirty-nine at random.
    let high = (1 << 39) | (digits >> 1);
    let low = ((digits & 1) << 39) | (random & ((1 << 39) - 1));
    let letters = |bits: u64| (0..8).rev().map(move |index| letter(bits >> (5 * index)));
    prefix.chars().chain(letters(high)).chain(letters(low)).collect()
}

/// The account that an access key id says it is of.
pub(crate) fn account_of(access_key_id: &str) -> Option<AccountId> {
    let letters = access_key_id.get(4..).filter(|letters| letters.len() == 16)?;
    let mut bits: u128 = 0;
    for byte in letters.bytes() {
        let value = LETTERS.iter().position(|letter| *letter == byte)?;
        bits = (bits << 5) | u128::try_from(value).ok()?;
    }
    let account = (bits >> 39) & ((1 << 40) - 1);
    format!("{account:012}").parse().ok()
}

/// A secret access key: forty characters.
pub(crate) fn secret_key() -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(random::<30>())
}

/// A request id in the form of a UUID.
pub(crate) fn request() -> String {
    let bits = u128::from_be_bytes(random());
    let group =
        |shift: u32, digits: usize| format!("{:0digits$x}", (bits >> shift) & ((1 << (digits * 4)) - 1));
    [group(96, 8), group(80, 4), group(64, 4), group(48, 4), group(0, 12)].join("-")
}

fn letter(bits: u64) -> char {
    let index = usize::try_from(bits & 31).unwrap_or(0);
    char::from(LETTERS.get(index).copied().unwrap_or(b'A'))
}

/// Bytes from the machine's random source. Where that fails nothing secret can be made, and zeros would be
/// guessable: the process stops.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "without randomness every key could be guessed")]
    getrandom::fill(&mut bytes).expect("the machine has a random source");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_key_says_its_account() {
        for account in ["000000000000", "111111111111", "999999999999", "123456789013"] {
            let account: AccountId = account.parse().unwrap();
            let key = access_key("ASIA", account);
            assert_eq!((key.len(), account_of(&key)), (20, Some(account)));
        }
        for other in ["", "AKIA", "AKIAIOSFODNN7EXAMPL!", "111111111111"] {
            assert_eq!(account_of(other), None, "{other}");
        }
    }

    #[test]
    fn forms() {
        assert_eq!(unique("AROA").len(), 21);
        assert_eq!(secret_key().len(), 40);
        assert_eq!(request().len(), 36);
        assert_ne!(request(), request());
    }
}
