//! The secrets that open a path.

use std::fmt;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The fewest letters that nobody guesses: 128 random bits in base64.
const SHORTEST: usize = 22;
/// It has to fit into the headers that the server takes.
const LONGEST: usize = 1024;

/// What a request's `Authorization` header must be. Wiped from memory when it is dropped.
pub struct Token(Zeroizing<String>);

impl Token {
    /// One that nobody can guess: 32 random bytes.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn random() -> Result<Self, io::Error> {
        Ok(Self(random::<32>()?))
    }

    /// One that somebody else has made: 22 to 1024 visible ASCII characters.
    ///
    /// # Errors
    /// It is too short or too long, or no SDK would send it: they refuse line ends in it.
    pub fn new(text: &str) -> Result<Self, InvalidToken> {
        match text.len() {
            ..SHORTEST => Err(InvalidToken::Short),
            SHORTEST..=LONGEST if text.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Ok(Self(Zeroizing::new(text.to_owned())))
            }
            SHORTEST..=LONGEST => Err(InvalidToken::Letters),
            _ => Err(InvalidToken::Long),
        }
    }

    /// For `AWS_CONTAINER_AUTHORIZATION_TOKEN`, or the file that `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` names.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// Why a text cannot be a token. The text is not in it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidToken {
    /// Fewer than 22 characters.
    #[error("the token is shorter than 22 characters: `head -c 32 /dev/urandom | base64` makes a good one")]
    Short,
    /// More than 1024 characters.
    #[error("the token is longer than 1024 characters")]
    Long,
    /// Something else than visible ASCII characters.
    #[error("the token has something else in it than visible ASCII characters")]
    Letters,
}

/// Says who is let in to a path.
pub trait Admit: Send + Sync {
    /// Whether the bytes of an `Authorization` header open the path. Takes as long for a wrong one as for the right one.
    fn admits(&self, authorization: &[u8]) -> bool;
}

impl Admit for Token {
    fn admits(&self, authorization: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(authorization).into()
    }
}

/// This many random bytes, as letters a URL and a header take as they are.
pub(crate) fn random<const N: usize>() -> Result<Zeroizing<String>, io::Error> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut *bytes)?;
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_others() {
        for (text, expected) in [
            ("0123456789012345678901", Ok(())),
            ("012345678901234567890", Err(InvalidToken::Short)),
            ("", Err(InvalidToken::Short)),
            ("Basic 0123456789012345678901", Err(InvalidToken::Letters)),
            ("0123456789012345678901\r", Err(InvalidToken::Letters)),
            ("01234567890123456789ü", Err(InvalidToken::Letters)),
            (&"x".repeat(1024), Ok(())),
            (&"x".repeat(1025), Err(InvalidToken::Long)),
        ] {
            assert_eq!(Token::new(text).map(drop), expected, "{text}");
        }
    }

    #[test]
    fn only_the_whole_token_opens() {
        let token = Token::random().unwrap();
        let text = token.as_str().to_owned();
        assert_eq!(text.len(), 43);
        assert!(token.admits(text.as_bytes()));
        for wrong in ["", "x", text.split_at(1).1, &format!("{text} "), &text.to_lowercase()] {
            assert!(!token.admits(wrong.as_bytes()), "{wrong}");
        }
    }
}
