//! Two actions that hand out more than they seem to: passing a role, and making a service-linked role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>

use crate::diagnostic::Span;
use crate::document::{Effect, PolicyKind};
use crate::pattern::matches_ignoring_case;
use crate::validate::findings::Findings;
use crate::validate::written::{Statement, Text, Written};

pub(super) fn check(policy: &Written<'_>, kind: PolicyKind, found: &mut Findings) {
    // A boundary or the policy of an organisation hands out nothing.
    if kind != PolicyKind::Identity {
        return;
    }
    for statement in policy.statements.iter().filter(|it| it.effect() == Some(Effect::Allow)) {
        if let Some((how, span)) = allowed(statement, "iam:PassRole", is_open_to_pass) {
            let narrowed = statement.has_condition_on("iam:PassedToService");
            if !narrowed || how.is_not_resource() {
                let (code, message) = how.pass_role();
                found.security_warning(code, span, message);
            }
        }
        if let Some((how, span)) = allowed(statement, "iam:CreateServiceLinkedRole", is_open_to_create) {
            let (code, message) = how.create_slr();
            found.warning(code, span, message);
        }
    }
}

/// By which elements an action is allowed on many resources.
#[derive(Clone, Copy)]
enum How {
    StarInResource,
    StarInActionAndResource,
    StarInResourceAndNotAction,
    NotResource,
    StarInActionAndNotResource,
    NotActionAndNotResource,
}

fn allowed(statement: &Statement<'_>, action: &str, is_open: impl Fn(&str) -> bool) -> Option<(How, Span)> {
    let not_actions = statement.strings("NotAction");
    // `None` for a `NotAction` that does not keep it out.
    let by = if statement.get("NotAction").is_some() {
        if named(&not_actions, action).is_some() {
            return None;
        }
        None
    } else {
        Some(named(&statement.strings("Action"), action)?)
    };
    let is_literal = by.is_some_and(|text| text.text.eq_ignore_ascii_case(action));
    if let Some(member) = statement.get("NotResource") {
        let how = match by {
            Some(_) if is_literal => How::NotResource,
            Some(_) => How::StarInActionAndNotResource,
            None => How::NotActionAndNotResource,
        };
        return Some((how, member.node.span));
    }
    let open = statement.strings("Resource").into_iter().find(|text| is_open(text.text))?;
    let how = match by {
        Some(_) if is_literal => How::StarInResource,
        Some(_) => How::StarInActionAndResource,
        None => How::StarInResourceAndNotAction,
    };
    Some((how, open.span))
}

fn named<'a>(texts: &[Text<'a>], action: &str) -> Option<Text<'a>> {
    texts.iter().find(|text| matches_ignoring_case(text.text, action)).copied()
}

/// The name of the role is open. Roles that services make for themselves start as those do.
fn is_open_to_pass(resource: &str) -> bool {
    let Some(name) = role(resource) else { return resource == "*" };
    let own = ["aws-service-role/", "service-role/", "AWS", "Amazon"];
    name.contains('*') && !own.iter().any(|start| name.starts_with(start))
}

/// The service is open.
fn is_open_to_create(resource: &str) -> bool {
    let Some(name) = role(resource) else { return resource == "*" };
    let service =
        name.strip_prefix("aws-service-role/").unwrap_or(name).split('/').next().unwrap_or_default();
    service.contains('*')
}

/// What follows `role/` in the ARN of a role; `*` where the ARN is open before.
fn role(resource: &str) -> Option<&str> {
    let mut parts = resource.splitn(6, ':');
    let service = parts.nth(2)?;
    let inner = parts.nth(2).unwrap_or("*");
    if !matches_ignoring_case(service, "iam") {
        return None;
    }
    match inner.strip_prefix("role/") {
        Some(name) => Some(name),
        None if inner.split('*').next().is_some_and(|stem| "role/".starts_with(stem))
            && inner.contains('*') =>
        {
            Some("*")
        }
        None => None,
    }
}

const SPECIFY: &str = "We recommend that you specify resource ARNs instead.";
const OR_PASSED_TO: &str = "We recommend that you specify resource ARNs or add the iam:PassedToService condition key to your statement.";

impl How {
    fn is_not_resource(self) -> bool {
        matches!(self, Self::NotResource | Self::StarInActionAndNotResource | Self::NotActionAndNotResource)
    }

    fn pass_role(self) -> (&'static str, String) {
        let can =
            "can be overly permissive because it can allow iam:PassRole permissions on multiple resources.";
        let all = "can be overly permissive because it allows iam:PassRole permissions on all resources.";
        match self {
            Self::StarInResource => (
                "PASS_ROLE_WITH_STAR_IN_RESOURCE",
                format!(
                    "Using the iam:PassRole action with wildcards (*) in the resource can be overly permissive because \
                     it allows iam:PassRole permissions on multiple resources. {OR_PASSED_TO}"
                ),
            ),
            Self::StarInActionAndResource => (
                "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE",
                format!("Using wildcards (*) in the action and the resource {all} {OR_PASSED_TO}"),
            ),
            Self::StarInResourceAndNotAction => (
                "PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
                format!("Using a resource with wildcards (*) and NotAction {all} {OR_PASSED_TO}"),
            ),
            Self::NotResource => (
                "PASS_ROLE_WITH_NOT_RESOURCE",
                format!("Using the iam:PassRole action with NotResource {can} {SPECIFY}"),
            ),
            Self::StarInActionAndNotResource => (
                "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
                format!("Using an action with a wildcard (*) and NotResource {can} {SPECIFY}"),
            ),
            Self::NotActionAndNotResource => (
                "PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE",
                format!("Using NotAction with NotResource {can} {SPECIFY}"),
            ),
        }
    }

    fn create_slr(self) -> (&'static str, String) {
        let unintended = "can allow creation of unintended service-linked roles";
        let on_all = "because it allows iam:CreateServiceLinkedRole permissions on all resources.";
        match self {
            Self::StarInResource => (
                "CREATE_SLR_WITH_STAR_IN_RESOURCE",
                format!(
                    "Using the iam:CreateServiceLinkedRole action with wildcards (*) in the resource {unintended}. \
                     {SPECIFY}"
                ),
            ),
            Self::StarInActionAndResource => (
                "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE",
                format!("Using wildcards (*) in the action and the resource {unintended} {on_all} {SPECIFY}"),
            ),
            Self::StarInResourceAndNotAction => (
                "CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
                format!("Using a resource with wildcards (*) and NotAction {unintended} {on_all} {SPECIFY}"),
            ),
            Self::NotResource => (
                "CREATE_SLR_WITH_NOT_RESOURCE",
                format!(
                    "Using the iam:CreateServiceLinkedRole action with NotResource {unintended} for multiple resources. \
                     {SPECIFY}"
                ),
            ),
            Self::StarInActionAndNotResource => (
                "CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
                format!(
                    "Using an action with a wildcard(*) and NotResource {unintended} because it can allow \
                     iam:CreateServiceLinkedRole permissions on multiple resources. {SPECIFY}"
                ),
            ),
            Self::NotActionAndNotResource => (
                "CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE",
                format!(
                    "Using NotAction with NotResource {unintended} because it allows iam:CreateServiceLinkedRole \
                     permissions on multiple resources. {SPECIFY}"
                ),
            ),
        }
    }
}
