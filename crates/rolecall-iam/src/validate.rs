//! What IAM refuses when a well-formed document is saved, by the kind of policy, in its words.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use std::collections::BTreeSet;

use crate::arn::Arn;
use crate::diagnostic::Diagnostic;
use crate::document::{Document, PolicyKind, Statement, Version};
use crate::pattern;

/// The findings for a document of this kind, in document order.
pub(crate) fn validate(document: &Document, kind: PolicyKind) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut sids = BTreeSet::new();
    for statement in &document.statements {
        statement_form(statement, kind, &mut diagnostics);
        if let Some(sid) = statement.sid.as_deref().filter(|sid| !sid.is_empty()) {
            if !sids.insert(sid) {
                let message = "Statement IDs (SID) in a single policy must be unique.";
                diagnostics.push(Diagnostic::error(statement.span, message));
            }
            if kind != PolicyKind::Resource && !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                let message = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
                               regular expression [0-9A-Za-z]*";
                diagnostics.push(Diagnostic::error(statement.span, message));
            }
        }
    }
    if document.version == Version::V2008
        && kind == PolicyKind::Identity
        && let Some(statement) = document.statements.first()
    {
        let message = "Policy document must be version 2012-10-17 or greater.";
        diagnostics.insert(0, Diagnostic::error(statement.span, message));
    }
    diagnostics
}

/// Which elements the kind asks for and which it forbids.
fn statement_form(statement: &Statement, kind: PolicyKind, diagnostics: &mut Vec<Diagnostic>) {
    let mut refuse = |span, message: String| diagnostics.push(Diagnostic::error(span, message));
    match (kind, &statement.principal) {
        (PolicyKind::Trust | PolicyKind::Resource, None) => {
            refuse(statement.span, "Missing required field Principal".to_owned());
        }
        (PolicyKind::Trust, Some(principal)) if principal.negated => {
            refuse(principal.span, "Has prohibited field NotPrincipal".to_owned());
        }
        (PolicyKind::Identity | PolicyKind::Session | PolicyKind::ServiceControl, Some(principal)) => {
            let message = match kind {
                PolicyKind::Identity => "Policy document should not specify a principal.",
                PolicyKind::Trust
                | PolicyKind::Resource
                | PolicyKind::Session
                | PolicyKind::ServiceControl
                | PolicyKind::ResourceControl => "Has prohibited field Principal",
            };
            refuse(principal.span, message.to_owned());
        }
        _ => {}
    }
    match (kind, &statement.resource) {
        (PolicyKind::Trust, Some(resource)) => {
            refuse(resource.span, "Has prohibited field Resource".to_owned());
        }
        (PolicyKind::Trust, None) => {}
        (_, None) => refuse(statement.span, "Policy statement must contain resources.".to_owned()),
        (_, Some(resource)) if resource.patterns.is_empty() => {
            refuse(resource.span, "Policy statement must contain resources.".to_owned());
        }
        (_, Some(resource)) => {
            for pattern in &resource.patterns {
                if let Some(message) = resource_error(pattern.0.text()) {
                    refuse(resource.span, message);
                }
            }
        }
    }
    if let Some(action) = &statement.action {
        if action.patterns.is_empty() {
            refuse(action.span, "Policy statement must contain actions.".to_owned());
        }
        if kind == PolicyKind::Trust && !action.patterns.iter().all(|action| is_trust_action(&action.0.text))
        {
            let message = "AssumeRole policy may only specify STS AssumeRole actions.";
            refuse(action.span, message.to_owned());
        }
    }
}

/// The STS actions a trust policy speaks of; the pattern is in lower case, and may have wildcards.
fn is_trust_action(pattern: &str) -> bool {
    let actions = [
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:setcontext",
        "sts:setsourceidentity",
        "sts:tagsession",
    ];
    actions.iter().any(|action| pattern::matches(pattern, action)) && pattern != "*"
}

/// IAM's text for a resource it cannot take.
fn resource_error(text: &str) -> Option<String> {
    if text == "*" || text.starts_with("${") {
        return None;
    }
    let mut parts = text.splitn(6, ':');
    if parts.next() != Some("arn") {
        // `arn*`, `a*` and the like are short forms; anything else is not an ARN.
        let stem = text.split('*').next().unwrap_or_default();
        let short_form = text.contains('*') && "arn:".starts_with(stem);
        return (!short_form).then(|| format!("Resource {text} must be in ARN format or \"*\"."));
    }
    let (partition, service) = (parts.next()?, parts.next().unwrap_or("*"));
    if !partition.contains(['*', '?']) && !partition.starts_with("aws") {
        return Some(format!("Partition \"{partition}\" is not valid for resource \"{text}\"."));
    }
    let (region, account) = (parts.next().unwrap_or("*"), parts.next().unwrap_or("*"));
    if service == "iam" && !region.is_empty() && region != "*" {
        return Some(format!("IAM resource {text} cannot contain region information."));
    }
    let digits =
        account.is_empty() || account == "aws" || account.contains(['*', '?', '$']) || account.len() == 12;
    if service == "iam" && !digits {
        return Some(format!("ARN {text} is not valid: the account id must be twelve digits."));
    }
    if text.contains('*') || text.contains("${") || Arn::parse(text).is_some() {
        return None;
    }
    Some("The policy failed legacy parsing".to_owned())
}

#[cfg(test)]
mod tests {
    use crate::{Policy, PolicyKind};

    fn refusal(kind: PolicyKind, statement: &str) -> Option<String> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{statement}}}]}}"#);
        Policy::new(&text, kind).err().and_then(|found| found.into_iter().next()).map(|first| first.message)
    }

    #[test]
    fn each_kind_has_its_elements() {
        use PolicyKind::{Identity, Resource, ServiceControl, Session, Trust};
        let role = r#""Principal":{"AWS":"arn:aws:iam::111111111111:role/x"}"#;
        let assume = r#""Action":"sts:AssumeRole""#;
        for (kind, statement, expected) in [
            (Identity, r#""Action":"s3:*","Resource":"*""#.to_owned(), None),
            (Identity, r#""Action":"s3:*""#.to_owned(), Some("Policy statement must contain resources.")),
            (
                Identity,
                r#""Action":"s3:*","Resource":"bucket""#.to_owned(),
                Some("Resource bucket must be in ARN format or \"*\"."),
            ),
            (
                Identity,
                r#""Action":[],"Resource":"*""#.to_owned(),
                Some("Policy statement must contain actions."),
            ),
            (
                Identity,
                r#""Action":"s3:*","Resource":"*","Sid":"a b""#.to_owned(),
                Some(
                    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
                ),
            ),
            (
                Identity,
                format!(r#"{role},"Action":"s3:*","Resource":"*""#),
                Some("Policy document should not specify a principal."),
            ),
            (
                Session,
                format!(r#"{role},"Action":"s3:*","Resource":"*""#),
                Some("Has prohibited field Principal"),
            ),
            (ServiceControl, r#""Action":"s3:*","Resource":"arn:aws:s3:::*""#.to_owned(), None),
            (Trust, format!("{role},{assume}"), None),
            (Trust, assume.to_owned(), Some("Missing required field Principal")),
            (Trust, format!("{role},{assume},\"Resource\":\"*\""), Some("Has prohibited field Resource")),
            (
                Trust,
                format!(r#"{role},"Action":"s3:GetObject""#),
                Some("AssumeRole policy may only specify STS AssumeRole actions."),
            ),
            (Trust, format!(r#"{role},"Action":"sts:*""#), None),
            (
                Resource,
                r#""Action":"dynamodb:*","Resource":"*""#.to_owned(),
                Some("Missing required field Principal"),
            ),
            (Resource, format!(r#"{role},"Action":"dynamodb:*","Resource":"*""#), None),
        ] {
            assert_eq!(refusal(kind, &statement).as_deref(), expected, "{kind:?} {statement}");
        }
    }
}
