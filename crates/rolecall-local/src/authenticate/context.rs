//! The context keys that every request of a caller carries.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use std::net::IpAddr;

use rolecall_iam::{Context, Estate};

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
    let session_tags = caller.session.as_ref().map_or(&[][..], |session| &session.tags);
    let mut context = estate.principal_context(&caller.principal, session_tags);
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
