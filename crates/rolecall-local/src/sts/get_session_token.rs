//! `GetSessionToken`: temporary credentials of a user or of root. It needs no permission.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>

use rolecall_iam::Principal;

use super::{Call, Operation, credentials};
use crate::authorize::Permit;
use crate::caller::Session;
use crate::fault::Fault;
use crate::id;
use crate::wire::params::constraint;
use crate::wire::xml::Xml;

pub(super) const OPERATION: Operation =
    Operation { name: "GetSessionToken", needs: |_, _, _| Ok(Vec::new()), run };

/// Twelve hours where nothing is said, for root one; at the most thirty-six hours, for root one.
const DEFAULT_SECONDS: i64 = 43_200;
const ROOT_SECONDS: i64 = 3_600;

fn run(call: &Call<'_>, _permit: &Permit) -> Result<Xml, Fault> {
    if call.caller.session.is_some() {
        return Err(Fault::new(403, "AccessDenied", "Cannot call GetSessionToken with session credentials"));
    }
    if call.params.get("SerialNumber").is_some() || call.params.get("TokenCode").is_some() {
        let message = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
        return Err(Fault::new(403, "AccessDenied", message));
    }
    let wanted = call.params.integer("DurationSeconds")?;
    for (limit, text) in [(900, "greater"), (129_600, "less")] {
        if wanted.is_some_and(|wanted| if text == "greater" { wanted < limit } else { wanted > limit }) {
            let limit = format!("Member must have value {text} than or equal to {limit}");
            return Err(constraint(&wanted.unwrap_or_default().to_string(), "DurationSeconds", &limit));
        }
    }
    let root = matches!(call.caller.principal, Principal::Root(_));
    let duration = if root {
        wanted.unwrap_or(ROOT_SECONDS).min(ROOT_SECONDS)
    } else {
        wanted.unwrap_or(DEFAULT_SECONDS)
    };
    let session = Session {
        access_key_id: id::access_key("ASIA", call.caller.account),
        principal: call.caller.principal.clone(),
        issued: call.now,
        expires: call.now + duration,
        policies: None,
        tags: Vec::new(),
        transitive: Vec::new(),
        source_identity: None,
        chained: false,
    };
    let mut xml = Xml::new();
    credentials(&mut xml, &call.tokens.seal(&session));
    Ok(xml)
}
