//! STS: sessions of roles and users.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html>

mod assume_role;
mod get_access_key_info;
mod get_caller_identity;
mod get_session_token;

use crate::authorize::{Need, Permit};
use crate::caller::Caller;
use crate::directory::Directory;
use crate::fault::Fault;
use crate::time_text;
use crate::token::{Credentials, Tokens};
use crate::wire::params::Params;
use crate::wire::xml::Xml;

pub(crate) use assume_role::{NewSession, session_of};

/// The namespace of STS's answers.
pub(crate) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// One operation: what it needs to be allowed, and what it does. What is not in [`OPERATIONS`] is refused.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    /// Checks the parameters and says what must be allowed.
    pub(crate) needs: fn(&Params, &Caller, &Directory) -> Result<Vec<Need>, Fault>,
    /// Does it. The permit is the proof that it is allowed.
    pub(crate) run: fn(&Call<'_>, &Permit) -> Result<Xml, Fault>,
}

/// A call that is being carried out.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) params: &'a Params,
    pub(crate) caller: &'a Caller,
    pub(crate) directory: &'a Directory,
    pub(crate) tokens: &'a Tokens,
    pub(crate) now: i64,
}

const OPERATIONS: &[Operation] = &[
    assume_role::OPERATION,
    get_access_key_info::OPERATION,
    get_caller_identity::OPERATION,
    get_session_token::OPERATION,
];

/// The operation of this name.
pub(crate) fn operation(name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.name == name)
}

/// The names of all operations.
#[cfg(test)]
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    OPERATIONS.iter().map(|operation| operation.name)
}

fn credentials(xml: &mut Xml, credentials: &Credentials) {
    xml.nest("Credentials", |xml| {
        xml.text("AccessKeyId", &credentials.access_key_id);
        xml.text("SecretAccessKey", credentials.secret_access_key.expose());
        xml.text("SessionToken", &credentials.session_token);
        xml.text("Expiration", time_text::iso(credentials.expires));
    });
}
