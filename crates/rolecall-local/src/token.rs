//! Session tokens: what a session is, sealed so that nobody but this AWS can write one.
//!
//! A token carries the session and a MAC over it; the secret that goes with it is derived from it and never
//! stands in it. Nothing has to be remembered for a session to be checked, and a restart with the same key
//! keeps every session.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::caller::Session;
use crate::id;
use crate::secret::Secret;

/// The key under which tokens are sealed, and the sessions seen lately.
#[derive(Debug)]
pub(crate) struct Tokens {
    key: Secret,
    opened: RwLock<HashMap<String, Arc<Session>>>,
}

/// Credentials as AWS hands them out.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: Secret,
    pub(crate) session_token: String,
    pub(crate) expires: i64,
}

/// So many opened sessions are kept; then the memory starts anew.
const MOST_OPENED: usize = 4096;

/// The length of the MAC that ends a token.
const MAC_LENGTH: usize = 32;

impl Tokens {
    /// Seals with `key`; a key once made is kept by who wants sessions to outlive a restart.
    pub(crate) fn new(key: Secret) -> Self {
        Self { key, opened: RwLock::default() }
    }

    /// A key nobody has had.
    pub(crate) fn new_key() -> Secret {
        Secret::new(BASE64.encode(Zeroizing::new(id::random::<32>())))
    }

    /// Makes the credentials of `session`.
    pub(crate) fn seal(&self, session: &Session) -> Credentials {
        let mut sealed = serde_json::to_vec(session).unwrap_or_default();
        let mac = self.mac("token", &sealed);
        sealed.extend_from_slice(&mac);
        Credentials {
            access_key_id: session.access_key_id.clone(),
            secret_access_key: self.secret(&session.access_key_id),
            session_token: BASE64.encode(&sealed),
            expires: session.expires,
        }
    }

    /// The session that `token` seals; `None` where it is not one of ours.
    pub(crate) fn open(&self, token: &str) -> Option<Arc<Session>> {
        {
            let opened = self.opened.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some(session) = opened.get(token) {
                return Some(Arc::clone(session));
            }
        }
        let sealed = BASE64.decode(token).ok()?;
        let (text, mac) = sealed.split_at_checked(sealed.len().checked_sub(MAC_LENGTH)?)?;
        self.mac_of("token", text).verify_slice(mac).ok()?;
        let session: Arc<Session> = Arc::new(serde_json::from_slice(text).ok()?);
        let mut opened = self.opened.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if opened.len() >= MOST_OPENED {
            opened.clear();
        }
        opened.insert(token.to_owned(), Arc::clone(&session));
        Some(session)
    }

    /// The secret access key of a temporary access key id.
    pub(crate) fn secret(&self, access_key_id: &str) -> Secret {
        let mac = Zeroizing::new(self.mac("secret", access_key_id.as_bytes()));
        let text = Zeroizing::new(BASE64.encode(mac.as_slice()));
        Secret::new(text.chars().take(40).collect())
    }

    fn mac(&self, purpose: &str, text: &[u8]) -> Vec<u8> {
        self.mac_of(purpose, text).finalize().into_bytes().to_vec()
    }

    fn mac_of(&self, purpose: &str, text: &[u8]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.expose().as_bytes()).expect("any key will do");
        mac.update(purpose.as_bytes());
        mac.update(b"\n");
        mac.update(text);
        mac
    }
}

#[cfg(test)]
mod tests {
    use rolecall_iam::Principal;

    use super::*;

    fn session() -> Session {
        let account = "111111111111".parse().unwrap();
        Session {
            access_key_id: id::access_key("ASIA", account),
            principal: Principal::Root(account),
            issued: 0,
            expires: 3600,
            policies: None,
            tags: Vec::new(),
            transitive: Vec::new(),
            source_identity: None,
            chained: false,
        }
    }

    #[test]
    fn what_is_sealed_opens_and_nothing_else_does() {
        let tokens = Tokens::new(Tokens::new_key());
        let credentials = tokens.seal(&session());
        let opened = tokens.open(&credentials.session_token).unwrap();
        assert_eq!(opened.access_key_id, credentials.access_key_id);
        assert_eq!(tokens.secret(&opened.access_key_id), credentials.secret_access_key);

        let other = Tokens::new(Tokens::new_key());
        assert!(other.open(&credentials.session_token).is_none());
        let mut bytes = BASE64.decode(&credentials.session_token).unwrap();
        for at in 0..bytes.len() {
            bytes[at] ^= 1;
            assert!(tokens.open(&BASE64.encode(&bytes)).is_none(), "byte {at}");
            bytes[at] ^= 1;
        }
        for garbage in ["", "x", "AAAA", "%"] {
            assert!(tokens.open(garbage).is_none());
        }
    }

    #[test]
    fn the_secret_does_not_stand_in_the_token() {
        let tokens = Tokens::new(Tokens::new_key());
        let credentials = tokens.seal(&session());
        let token = BASE64.decode(&credentials.session_token).unwrap();
        let secret = credentials.secret_access_key.expose().as_bytes();
        assert!(!token.windows(secret.len()).any(|window| window == secret));
        assert!(!format!("{credentials:?}").contains(credentials.secret_access_key.expose()));
    }
}
