//! What is known of a context key in one request, and what is surely absent; everything else is unknown.
//!
//! The keys and when they are there:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use std::borrow::Cow;

use super::keys::KeySet;
use super::person::Person;
use super::{ANY_SESSION, Ask};
use crate::arn::{AccountId, Arn};
use crate::context::{Context, ContextValue};
use crate::estate::MISSING_POLICY;
use crate::request::Principal;

/// What the asker knows beside principal, action and resource.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Context keys with their values: they win over what would follow from the Estate.
    pub context: Context,
    /// Context keys that are absent.
    pub absent: Vec<String>,
    /// The account that owns the resource, where its ARN does not say.
    pub owner: Option<AccountId>,
    /// The name of the sessions that are made on the way, where somebody looks at it.
    pub session_name: Option<String>,
    /// The session tags passed on the way. Without any it is unknown whether tags are passed.
    pub tags: Vec<(String, String)>,
    /// The source identity passed on the way.
    pub source_identity: Option<String>,
}

impl Given {
    fn is_absent(&self, key: &str) -> bool {
        self.absent.iter().any(|absent| absent.eq_ignore_ascii_case(key))
    }
}

/// One request, as far as its context goes.
pub(super) struct Facts<'f> {
    pub(super) who: &'f Person,
    /// The keys of this call and of its resource.
    pub(super) call: &'f Context,
    pub(super) resource: &'f str,
    pub(super) owner: Option<AccountId>,
    /// The resource is a role in the Estate, whose tags are all known.
    pub(super) tags_known: bool,
    pub(super) given: &'f Given,
}

/// What is known of a key.
enum Fact {
    Value(ContextValue),
    Absent,
    Unknown,
}

impl Ask<'_> {
    /// The context of a request, with these keys only: what no policy asks for makes no difference.
    pub(super) fn context(&self, facts: &Facts<'_>, keys: [&KeySet; 2]) -> Context {
        let mut context = Context::new();
        context.insert_unknown(MISSING_POLICY);
        for key in keys.into_iter().flatten() {
            self.put(&mut context, facts, key);
        }
        context
    }

    /// The context of a request with everything that is known, and what is unknown among the keys that policies ask
    /// for.
    pub(super) fn full_context(&self, facts: &Facts<'_>) -> Context {
        let mut context = Context::new();
        let known = [&facts.who.context, facts.call, &facts.given.context];
        for (key, _) in known.into_iter().flat_map(Context::iter) {
            self.put(&mut context, facts, key);
        }
        for key in ["aws:SecureTransport", "aws:ViaAWSService", "aws:RequestedRegion"] {
            self.put(&mut context, facts, key);
        }
        for key in self.keys.all() {
            if context.iter().all(|(held, _)| !held.eq_ignore_ascii_case(key)) {
                self.put(&mut context, facts, key);
            }
        }
        context.insert_unknown(MISSING_POLICY);
        context
    }

    fn put(&self, context: &mut Context, facts: &Facts<'_>, key: &str) {
        match self.fact(facts, key) {
            Fact::Value(value) => context.set(key, value),
            Fact::Unknown => context.insert_unknown(key),
            Fact::Absent => {}
        }
    }

    fn fact(&self, facts: &Facts<'_>, key: &str) -> Fact {
        if facts.given.is_absent(key) {
            return Fact::Absent;
        }
        let held = |context: &Context| {
            context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.clone())
        };
        if let Some(value) = held(&facts.given.context).or_else(|| held(facts.call)) {
            return Fact::Value(value);
        }
        let is_lower = !key.bytes().any(|byte| byte.is_ascii_uppercase());
        let lower: Cow<'_, str> = if is_lower { key.into() } else { key.to_ascii_lowercase().into() };
        if self.hangs_on_the_session(facts.who, &lower) {
            return Fact::Unknown;
        }
        if let Some(value) = held(&facts.who.context) {
            return Fact::Value(value);
        }
        let one = |value: &str| Fact::Value(ContextValue::One(value.to_owned()));
        let is_service = matches!(facts.who.principal, Principal::Service(_));
        match lower.as_ref() {
            // A call that an SDK makes, directly. The asker may say otherwise.
            "aws:securetransport" => one("true"),
            "aws:viaawsservice" if !is_service => one("false"),
            "aws:requestedregion" => match region(facts.resource) {
                Some(region) => one(region),
                None => Fact::Unknown,
            },
            _ if self.is_surely_absent(facts, &lower) => Fact::Absent,
            _ => Fact::Unknown,
        }
    }

    /// Whether a key's value hangs on how a session was made, where nobody said how.
    fn hangs_on_the_session(&self, who: &Person, key: &str) -> bool {
        match key {
            _ if key.starts_with("aws:principaltag/") => who.may_have_tags,
            "aws:sourceidentity" => who.may_have_source_identity,
            "aws:userid" => {
                let any =
                    matches!(&who.principal, Principal::RoleSession(it) if it.session_name == ANY_SESSION);
                any && self.keys.session_names_count
            }
            _ => false,
        }
    }

    /// Keys that are absent by who asks, or because everything that could set them is known.
    fn is_surely_absent(&self, facts: &Facts<'_>, key: &str) -> bool {
        let principal = &facts.who.principal;
        let is_service = matches!(principal, Principal::Service(_));
        let is_user = matches!(principal, Principal::User { .. } | Principal::Root(_));
        let is_session = matches!(principal, Principal::RoleSession(_));
        // A member of an organisation that is known has been found before; of an account that is not in the Estate, or
        // without an organisation in it, nobody knows.
        let no_member = |account: Option<AccountId>| match account {
            Some(AccountId::STRANGER) => true,
            Some(account) => self.estate.organization.is_some() && self.estate.account(account).is_some(),
            None => false,
        };
        match key {
            "aws:principalorgid" | "aws:principalorgpaths" => match principal.account() {
                Some(account) => no_member(Some(account)),
                None => true,
            },
            "aws:resourceorgid" | "aws:resourceorgpaths" => no_member(facts.owner),
            "aws:username" => !matches!(principal, Principal::User { .. }),
            // Only AWS services say on whose behalf they come.
            "aws:sourcearn"
            | "aws:sourceaccount"
            | "aws:sourceorgid"
            | "aws:sourceorgpaths"
            | "aws:principalservicename"
            | "aws:principalservicenameslist"
            | "aws:calledvia"
            | "aws:calledviafirst"
            | "aws:calledvialast" => !is_service,
            "aws:assumedroot" => is_session || matches!(principal, Principal::User { .. }),
            "aws:sourceidentity" | "aws:federatedprovider" if is_user => true,
            // Otherwise it hangs on the session, and has been found unknown.
            "aws:sourceidentity" => is_session,
            // Set for roles of instances and functions.
            "ec2:sourceinstancearn" | "ec2:roledelivery" | "lambda:sourcefunctionarn" => is_user,
            _ if key.starts_with("aws:principaltag/") => {
                is_user || is_service || is_session || matches!(principal, Principal::Anonymous)
            }
            // All the tags that are passed are known, or none is.
            _ if key.starts_with("aws:requesttag/") || key == "sts:transitivetagkeys" => {
                facts.call.iter().any(|(key, _)| key == "aws:TagKeys")
            }
            _ if key.starts_with("aws:resourcetag/") || key.starts_with("iam:resourcetag/") => {
                facts.tags_known
            }
            _ => false,
        }
    }
}

/// The Region a call goes to. IAM has one for all.
fn region(resource: &str) -> Option<&str> {
    let arn = Arn::parse(resource)?;
    Some(arn.region).filter(|region| !region.is_empty())
}
