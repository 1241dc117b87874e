//! `GetCallerIdentity`: who am I. It needs no permission, and no policy can deny it.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use super::{Call, Operation};
use crate::authorize::Permit;
use crate::fault::Fault;
use crate::wire::xml::Xml;

pub(super) const OPERATION: Operation =
    Operation { name: "GetCallerIdentity", needs: |_, _, _| Ok(Vec::new()), run };

#[expect(clippy::unnecessary_wraps, reason = "every operation may fail")]
fn run(call: &Call<'_>, _permit: &Permit) -> Result<Xml, Fault> {
    let principal = &call.caller.principal;
    let mut xml = Xml::new();
    xml.maybe("Arn", principal.arn());
    xml.maybe("UserId", principal.user_id());
    xml.text("Account", call.caller.account);
    Ok(xml)
}
