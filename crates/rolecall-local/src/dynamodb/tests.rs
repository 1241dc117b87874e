//! Calls from the first byte to the last: read, allowed, served by the embedded plane.

use rolecall_iam::Principal;

use crate::caller::Caller;

/// The root user of an account, in `eu-west-1`.
pub(crate) fn caller(account: &str) -> Caller {
    let account = account.parse().unwrap();
    let principal = Principal::Root(account);
    Caller {
        context: principal.context(),
        principal,
        account,
        access_key_id: account.to_string(),
        session: None,
        region: "eu-west-1".to_owned(),
    }
}
