//! Shard iterators: whose stream one reads is decided by the ARN it starts with, so nobody may write one.
//!
//! AWS's start with the stream's ARN too:
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html>

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::id;

/// The key of this process. Iterators live for minutes; a new process makes new ones.
pub(crate) struct Seal([u8; 32]);

impl Seal {
    pub(crate) fn new() -> Self {
        Self(id::random())
    }

    /// The data plane's iterator with its stream's ARN, sealed.
    pub(crate) fn close(&self, stream_arn: &str, inner: &str) -> String {
        let tag = self.mac(stream_arn, inner).finalize().into_bytes();
        format!("{stream_arn}|{}|{inner}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// The stream's ARN and the data plane's iterator.
    pub(crate) fn open<'a>(&self, iterator: &'a str) -> Option<(&'a str, &'a str)> {
        let (stream_arn, rest) = iterator.split_once('|')?;
        let (tag, inner) = rest.split_once('|')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        self.mac(stream_arn, inner).verify_slice(&tag).ok()?;
        Some((stream_arn, inner))
    }

    fn mac(&self, stream_arn: &str, inner: &str) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key");
        mac.update(stream_arn.as_bytes());
        mac.update(b"|");
        mac.update(inner.as_bytes());
        mac
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_writes_an_iterator() {
        let seal = Seal::new();
        let closed = seal.close("arn:a", "inner|x");
        assert_eq!(seal.open(&closed), Some(("arn:a", "inner|x")));
        assert_eq!(Seal::new().open(&closed), None);
        assert_eq!(seal.open(&closed.replace("arn:a", "arn:b")), None);
        assert_eq!(seal.open(&format!("{closed}y")), None);
        assert_eq!(seal.open("arn:a|inner"), None);
    }
}
