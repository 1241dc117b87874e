//! `AssumeRole`: a session of a role.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

mod input;

use rolecall_iam::{AccountId, AssumeRole, Policy, PolicyKind, Principal, Role, RoleSession};

use self::input::Input;
use super::{Call, Operation, credentials};
use crate::authorize::{Need, Permit};
use crate::caller::{Caller, Session};
use crate::directory::Directory;
use crate::fault::Fault;
use crate::id;
use crate::wire::params::Params;
use crate::wire::xml::Xml;

pub(super) const OPERATION: Operation = Operation { name: "AssumeRole", needs, run };

/// Roles assumed by another role's session last an hour at most.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining>
const CHAINED_SECONDS: i64 = 3600;

fn needs(params: &Params, caller: &Caller, directory: &Directory) -> Result<Vec<Need>, Fault> {
    let input = Input::read(params)?;
    if matches!(caller.principal, Principal::Root(_)) {
        return Err(Fault::new(403, "AccessDenied", "Roles may not be assumed by root accounts."));
    }
    if let (Some(held), Some(passed)) = (held_source_identity(caller), input.source_identity)
        && held != passed
    {
        return Err(Fault::validation(
            "The source identity of the calling session is set and cannot be changed.",
        ));
    }
    Ok(asked(&input, caller).needs(&directory.estate))
}

/// The call, as far as it decides what must be allowed.
fn asked<'a>(input: &Input<'a>, caller: &'a Caller) -> AssumeRole<'a> {
    AssumeRole {
        role_arn: input.role_arn,
        account: Some(input.account),
        session_name: Some(input.session_name),
        external_id: input.external_id,
        tags: input.tags.clone(),
        transitive: input.transitive.clone(),
        source_identity: input.source_identity,
        inherited: inherited_tags(caller).collect(),
        held_source_identity: held_source_identity(caller),
    }
}

fn run(call: &Call<'_>, _permit: &Permit) -> Result<Xml, Fault> {
    let input = Input::read(call.params)?;
    // It was there when it was allowed: without its trust policy nothing would have been.
    let role = call.directory.estate.role(input.role_arn).ok_or_else(Fault::internal)?;
    let chained = call.caller.session.is_some();
    let duration = duration(&input, role, chained)?;
    let policies = session_policies(&input, call.directory)?;
    let packed = input.packed_size()?;
    let session = new_session(&input, call, role, duration, policies)?;
    let mut xml = Xml::new();
    credentials(&mut xml, &call.tokens.seal(&session));
    xml.nest("AssumedRoleUser", |xml| {
        xml.maybe("AssumedRoleId", session.principal.user_id());
        xml.maybe("Arn", session.principal.arn());
    });
    xml.maybe("PackedPolicySize", packed);
    xml.maybe("SourceIdentity", session.source_identity);
    Ok(xml)
}

/// How long the session lasts, in seconds.
fn duration(input: &Input<'_>, role: &Role, chained: bool) -> Result<i64, Fault> {
    let wanted = input.duration.unwrap_or(CHAINED_SECONDS);
    if chained && wanted > CHAINED_SECONDS {
        return Err(Fault::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    if wanted > i64::from(role.max_session_duration) {
        return Err(Fault::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(wanted)
}

/// The policies the session is made with: the one passed, and the managed ones named, as they are now.
fn session_policies(input: &Input<'_>, directory: &Directory) -> Result<Option<Vec<Policy>>, Fault> {
    let mut policies = Vec::new();
    if let Some(text) = input.policy {
        let policy = Policy::new(text, PolicyKind::Session).map_err(|found| {
            Fault::malformed_policy(found.into_iter().next().map_or_else(String::new, |first| first.message))
        })?;
        policies.push(policy);
    }
    for arn in &input.policy_arns {
        let policy = crate::iam::managed_policy(directory, arn).filter(|_| {
            arn.starts_with("arn:aws:iam::aws:") || arn.contains(&format!("::{}:", input.account))
        });
        let missing = || {
            Fault::new(
                400,
                "InvalidParameterValue",
                format!("PolicyArn {arn} does not exist or is not attachable."),
            )
        };
        policies.push(policy.ok_or_else(missing)?);
    }
    Ok((!policies.is_empty()).then_some(policies))
}

fn new_session(
    input: &Input<'_>,
    call: &Call<'_>,
    role: &Role,
    duration: i64,
    policies: Option<Vec<Policy>>,
) -> Result<Session, Fault> {
    let inherited: Vec<(&str, &str)> = inherited_tags(call.caller).collect();
    for (key, _) in &input.tags {
        if inherited.iter().any(|(held, _)| held.eq_ignore_ascii_case(key)) {
            return Err(Fault::new(
                400,
                "InvalidParameterValue",
                "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag \
                 key from the calling session.",
            ));
        }
    }
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    let mut session = session_of(&NewSession {
        account: input.account,
        role_arn: input.role_arn,
        role,
        name: input.session_name,
        now: call.now,
        duration,
    });
    session.policies = policies;
    session.tags = inherited.iter().chain(&input.tags).map(owned).collect();
    let transitive = inherited.iter().map(|(key, _)| *key).chain(input.transitive.iter().copied());
    session.transitive = transitive.map(str::to_owned).collect();
    session.source_identity = asked(input, call.caller).source_identity().map(str::to_owned);
    session.chained = call.caller.session.is_some();
    Ok(session)
}

/// What a plain session of a role is made from.
#[derive(Debug)]
pub(crate) struct NewSession<'a> {
    pub(crate) account: AccountId,
    pub(crate) role_arn: &'a str,
    pub(crate) role: &'a Role,
    pub(crate) name: &'a str,
    pub(crate) now: i64,
    pub(crate) duration: i64,
}

/// A session of a role, without policies or tags of its own.
pub(crate) fn session_of(new: &NewSession<'_>) -> Session {
    Session {
        access_key_id: id::access_key("ASIA", new.account),
        principal: Principal::RoleSession(RoleSession {
            account: new.account,
            role_arn: new.role_arn.to_owned(),
            role_name: new.role.identity.name.clone(),
            role_id: new.role.identity.id.clone(),
            session_name: new.name.to_owned(),
        }),
        issued: new.now,
        expires: new.now + new.duration,
        policies: None,
        tags: Vec::new(),
        transitive: Vec::new(),
        source_identity: None,
        chained: false,
    }
}

/// The tags of the caller's session that the next one gets whether it wants them or not.
fn inherited_tags(caller: &Caller) -> impl Iterator<Item = (&str, &str)> {
    let session = caller.session.as_deref();
    session.into_iter().flat_map(|session| {
        let transitive = |key: &str| session.transitive.iter().any(|wanted| wanted.eq_ignore_ascii_case(key));
        let tags = session.tags.iter().filter(move |(key, _)| transitive(key));
        tags.map(|(key, value)| (key.as_str(), value.as_str()))
    })
}

/// The source identity of the caller's session: it stays through a chain.
fn held_source_identity(caller: &Caller) -> Option<&str> {
    caller.session.as_ref()?.source_identity.as_deref()
}
