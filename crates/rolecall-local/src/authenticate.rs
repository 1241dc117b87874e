//! Who signed a request: bytes to [`Caller`], or AWS's refusal.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>

mod authorization;
mod context;
mod refusal;

use std::sync::Arc;

use http::HeaderMap;
use rolecall_iam::{AccountId, Principal};
use subtle::ConstantTimeEq as _;

use self::authorization::Authorization;
pub(crate) use self::context::{Connection, principal_context};
pub(crate) use self::refusal::Refusal;
use crate::caller::{Caller, Session};
use crate::directory::Directory;
use crate::fault::Fault;
use crate::id;
use crate::secret::Secret;
use crate::sigv4::{self, Scope, Signable, SigningKeys};
use crate::time_text;
use crate::token::Tokens;

/// The protocol of a request: the same refusal has another code and status in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Form in, XML out: IAM and STS.
    Query,
    /// JSON in and out: DynamoDB.
    Json,
}

/// A request as it came in, whole.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) protocol: Protocol,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    /// The signing names that the service asked for goes by; empty where the request does not say which it is.
    pub(crate) services: &'a [&'a str],
}

/// What is needed to tell who somebody is.
#[derive(Debug)]
pub(crate) struct Authenticator {
    pub(crate) tokens: Tokens,
    pub(crate) keys: SigningKeys,
    /// The secret that root keys must be signed with; without one any will do.
    pub(crate) root_secret: Option<Secret>,
}

/// Who signed, and for which service: the credential scope says so.
#[derive(Debug)]
pub(crate) struct Authenticated {
    pub(crate) caller: Caller,
    pub(crate) service: String,
}

impl Protocol {
    /// For how many minutes a signature is good, either way.
    fn skew_minutes(self) -> i64 {
        match self {
            Self::Query => 15,
            Self::Json => 5,
        }
    }

    /// For how many seconds a presigned URL is good. IAM and STS do not look at its `X-Amz-Expires`:
    /// <https://github.com/aws/aws-sdk-go/issues/2167>.
    fn lifetime(self, expires: Option<i64>) -> i64 {
        let most = self.skew_minutes() * 60;
        expires.filter(|_| self == Self::Json).map_or(most, |expires| expires.min(most))
    }
}

/// What a key belongs to, before the signature has been checked.
struct Candidate {
    principal: Principal,
    account: AccountId,
    /// `None` where any secret will do.
    secret: Option<Secret>,
    session: Option<Arc<Session>>,
}

impl Authenticator {
    /// Checks the signature of `request`. `machine` is the clock clients sign by, `now` the one sessions end by.
    pub(crate) fn authenticate(
        &self,
        request: &Incoming<'_>,
        connection: &Connection,
        directory: &Directory,
        machine: i64,
        now: i64,
    ) -> Result<Authenticated, Fault> {
        self.check(request, connection, directory, machine, now)
            .map_err(|refusal| refusal.fault(request.protocol))
    }

    fn check(
        &self,
        request: &Incoming<'_>,
        connection: &Connection,
        directory: &Directory,
        machine: i64,
        now: i64,
    ) -> Result<Authenticated, Refusal> {
        let authorization = Authorization::read(request.headers, request.query)?;
        if !request.services.is_empty() && !request.services.contains(&authorization.service.as_str()) {
            let wanted = request.services.first().copied().unwrap_or_default();
            let message = format!("Credential should be scoped to correct service: '{wanted}'. ");
            return Err(Refusal::SignatureDoesNotMatch(message));
        }
        authorization.check_time(machine, request.protocol)?;
        let candidate = self.candidate(&authorization, directory)?;
        self.check_signature(request, &authorization, candidate.secret.as_ref())?;
        if let Some(session) = &candidate.session
            && session.expires <= now
        {
            return Err(Refusal::ExpiredToken);
        }
        let mut caller = Caller {
            principal: candidate.principal,
            account: candidate.account,
            access_key_id: authorization.access_key_id,
            session: candidate.session,
            region: authorization.region,
            context: rolecall_iam::Context::new(),
        };
        caller.context = principal_context(&directory.estate, &caller, connection, now);
        Ok(Authenticated { caller, service: authorization.service })
    }

    /// Whose the access key is. Unknown keys, garbled tokens and sessions of what is gone all get one answer.
    fn candidate(&self, authorization: &Authorization, directory: &Directory) -> Result<Candidate, Refusal> {
        let key_id = authorization.access_key_id.as_str();
        if let Ok(account) = key_id.parse::<AccountId>() {
            if authorization.token.is_some() {
                return Err(Refusal::InvalidClientTokenId);
            }
            let secret = self.root_secret.clone();
            return Ok(Candidate { principal: Principal::Root(account), account, secret, session: None });
        }
        if let Some(token) = &authorization.token {
            let session = self.tokens.open(token).filter(|session| session.access_key_id == key_id);
            let session = session.ok_or(Refusal::InvalidClientTokenId)?;
            let account = session.principal.account().filter(|_| still_there(directory, &session.principal));
            return Ok(Candidate {
                principal: session.principal.clone(),
                account: account.ok_or(Refusal::InvalidClientTokenId)?,
                secret: Some(self.tokens.secret(key_id)),
                session: Some(session),
            });
        }
        let key = directory.keys.get(key_id).filter(|key| key.active).ok_or(Refusal::InvalidClientTokenId)?;
        let account = directory.estate.account(key.account).ok_or(Refusal::InvalidClientTokenId)?;
        let user = account.users.get(&key.user).ok_or(Refusal::InvalidClientTokenId)?;
        let principal = Principal::User {
            account: key.account,
            arn: account.user_arn(user),
            name: user.identity.name.clone(),
            id: user.identity.id.clone(),
        };
        Ok(Candidate { principal, account: key.account, secret: Some(key.secret.clone()), session: None })
    }

    fn check_signature(
        &self,
        request: &Incoming<'_>,
        authorization: &Authorization,
        secret: Option<&Secret>,
    ) -> Result<(), Refusal> {
        let Some(secret) = secret else { return Ok(()) };
        let body_hash = sigv4::sha256(request.body);
        let declared = request.headers.get("x-amz-content-sha256").and_then(|value| value.to_str().ok());
        if declared.is_some_and(|declared| declared != body_hash) {
            return Err(Refusal::signature());
        }
        let signable = Signable {
            method: request.method,
            path: request.path,
            query: request.query,
            headers: request.headers,
            body_hash: &body_hash,
        };
        let scope = Scope {
            date: &authorization.date,
            region: &authorization.region,
            service: &authorization.service,
        };
        let signed: Vec<&str> = authorization.signed_headers.iter().map(String::as_str).collect();
        let text = sigv4::string_to_sign(&signable, &signed, &authorization.timestamp, scope);
        let expected = self.keys.signature(&authorization.access_key_id, secret, scope, &text);
        let matches = expected.is_some_and(|expected| {
            bool::from(expected.as_bytes().ct_eq(authorization.signature.as_bytes()))
        });
        if matches { Ok(()) } else { Err(Refusal::signature()) }
    }
}

/// Whether the user or role behind a session still exists, as the one it was.
fn still_there(directory: &Directory, principal: &Principal) -> bool {
    let Some(account) = principal.account().and_then(|id| directory.estate.account(id)) else {
        return matches!(principal, Principal::Root(_));
    };
    match principal {
        Principal::User { id, name, .. } => account.user(name).is_some_and(|user| user.identity.id == *id),
        Principal::RoleSession(session) => {
            account.role(&session.role_name).is_some_and(|role| role.identity.id == session.role_id)
        }
        Principal::Root(_) => true,
        Principal::FederatedUser { .. }
        | Principal::Federated(_)
        | Principal::Service(_)
        | Principal::Anonymous => false,
    }
}

impl Authorization {
    /// Whether it was signed just now.
    fn check_time(&self, machine: i64, protocol: Protocol) -> Result<(), Refusal> {
        let signed = time_text::read_basic(&self.timestamp).ok_or_else(|| {
            Refusal::Incomplete(format!(
                "Date must be in ISO-8601 'basic format'. Got '{}'. See http://en.wikipedia.org/wiki/ISO_8601",
                self.timestamp
            ))
        })?;
        if !self.timestamp.starts_with(&self.date) {
            let message = format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}', from '{}'.",
                self.date,
                self.timestamp.get(..8).unwrap_or_default(),
                self.timestamp
            );
            return Err(Refusal::SignatureDoesNotMatch(message));
        }
        let (at, now, minutes) = (&self.timestamp, time_text::basic(machine), protocol.skew_minutes());
        let skew = minutes * 60;
        if signed > machine + skew {
            let limit = time_text::basic(machine + skew);
            let message = format!(
                "Signature not yet current: {at} is still later than {limit} ({now} + {minutes} min.)"
            );
            return Err(Refusal::SignatureDoesNotMatch(message));
        }
        if signed < machine - protocol.lifetime(self.expires) {
            let limit = time_text::basic(machine - skew);
            let message =
                format!("Signature expired: {at} is now earlier than {limit} ({now} - {minutes} min.)");
            return Err(Refusal::SignatureDoesNotMatch(message));
        }
        Ok(())
    }
}

/// The account an access key id says it is of, whether or not the key exists.
pub(crate) fn account_of_key(access_key_id: &str) -> Option<AccountId> {
    access_key_id.parse().ok().or_else(|| id::account_of(access_key_id))
}
