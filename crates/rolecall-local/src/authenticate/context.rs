//! The context keys that every request of a caller carries.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use std::net::IpAddr;

use rolecall_iam::{Context, Estate, Principal};

use crate::caller::Caller;
use crate::time_text;

/// What the connection says of the client.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) ip: IpAddr,
    pub(crate) user_agent: Option<String>,
}

/// Principal, session, network and time.
///
/// `aws:SecureTransport` is `true`: the client speaks to this machine in the clear, and what is decided is the
/// call it would make to AWS, which SDKs make over TLS.
pub(crate) fn principal_context(
    estate: &Estate,
    caller: &Caller,
    connection: &Connection,
    now: i64,
) -> Context {
    let mut context = caller.principal.context();
    if let Some(organization) = &estate.organization
        && organization.accounts.contains_key(&caller.account)
    {
        context.insert("aws:PrincipalOrgID", &organization.id);
    }
    for (key, value) in principal_tags(estate, caller) {
        context.insert(&format!("aws:PrincipalTag/{key}"), value);
    }
    if let Some(session) = &caller.session {
        context.insert("aws:TokenIssueTime", time_text::iso(session.issued));
        // No session here is made with a second factor; for long-term keys the key is absent.
        context.insert("aws:MultiFactorAuthPresent", "false");
        if let Some(identity) = &session.source_identity {
            context.insert("aws:SourceIdentity", identity);
        }
    }
    context.insert("aws:SourceIp", connection.ip.to_string());
    context.insert("aws:SecureTransport", "true");
    context.insert("aws:ViaAWSService", "false");
    context.insert("aws:CurrentTime", time_text::iso(now));
    context.insert("aws:EpochTime", now.to_string());
    context.insert("aws:RequestedRegion", &caller.region);
    if let Some(user_agent) = &connection.user_agent {
        context.insert("aws:UserAgent", user_agent);
    }
    context
}

/// The tags of the user or role, under those of the session, which win.
fn principal_tags<'a>(estate: &'a Estate, caller: &'a Caller) -> Vec<(&'a str, &'a str)> {
    let account = estate.account(caller.account);
    let identity = account.and_then(|account| match &caller.principal {
        Principal::User { name, .. } => account.user(name).map(|user| &user.identity),
        Principal::RoleSession(session) => account.role(&session.role_name).map(|role| &role.identity),
        Principal::Root(_)
        | Principal::FederatedUser { .. }
        | Principal::Federated(_)
        | Principal::Service(_)
        | Principal::Anonymous => None,
    });
    let own = identity.into_iter().flat_map(|identity| &identity.tags);
    let session = caller.session.iter().flat_map(|session| &session.tags).map(|(key, value)| (key, value));
    own.chain(session).map(|(key, value)| (key.as_str(), value.as_str())).collect()
}
