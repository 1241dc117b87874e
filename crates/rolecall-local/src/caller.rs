//! Who sent a request, once its signature has been checked.

use std::sync::Arc;

use rolecall_iam::{AccountId, Context, Policy, Principal};
use serde::{Deserialize, Serialize};

/// The authenticated sender of one request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// Who it is.
    pub(crate) principal: Principal,
    /// The account: a local AWS has no anonymous callers.
    pub(crate) account: AccountId,
    /// The access key id it signed with.
    pub(crate) access_key_id: String,
    /// The session, where the credentials are temporary.
    pub(crate) session: Option<Arc<Session>>,
    /// The Region of the signature's credential scope, which is the Region the request is for.
    pub(crate) region: String,
    /// The request context that every action shares: principal, network, time.
    pub(crate) context: Context,
}

/// What a session token says. It is sealed, so that nobody but this AWS can write one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The access key id that goes with the token.
    pub(crate) access_key_id: String,
    /// Who the session is.
    pub(crate) principal: Principal,
    /// When it was made, in seconds since 1970.
    pub(crate) issued: i64,
    /// When it ends.
    pub(crate) expires: i64,
    /// Session policies; `None` where it was made without.
    pub(crate) policies: Option<Vec<Policy>>,
    /// Session tags, passed and inherited.
    pub(crate) tags: Vec<(String, String)>,
    /// The keys of those tags that the next session in a chain inherits.
    pub(crate) transitive: Vec<String>,
    /// The source identity, which every session after it keeps.
    pub(crate) source_identity: Option<String>,
    /// The session was made by another role's session, or by a temporary credential of a user.
    pub(crate) chained: bool,
}

impl Caller {
    /// The session's policies, as a request for a decision takes them.
    pub(crate) fn session_policies(&self) -> Option<&[Policy]> {
        self.session.as_ref()?.policies.as_deref()
    }
}
