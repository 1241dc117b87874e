//! Whether a statement matches a request: principal and action and resource and condition.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>

use crate::arn::AccountId;
use crate::document::{Effect, Element, PrincipalPattern, ResourcePattern, Statement};
use crate::fit::Fit;
use crate::pattern::{self, Token};
use crate::policy::Policy;
use crate::request::{Principal, Request};
use crate::template::Resolved;
use crate::verdict::Mismatch;

/// A request with what every statement asks of it worked out once.
pub(crate) struct Asked<'a> {
    pub(crate) request: &'a Request<'a>,
    /// The action in lower case, as patterns are.
    pub(crate) action: String,
    /// Whether the principal has a permissions boundary.
    pub(crate) has_boundary: bool,
}

/// How a statement of a resource-based policy names the one it grants to: it decides which other policies
/// still count.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    /// The user, the session or the federated user itself; or everyone, narrowed by `aws:PrincipalArn`.
    Direct,
    /// Everyone.
    Everyone,
    /// The role behind the session.
    Role,
    /// The account, which then decides by its own policies.
    Account,
}

/// What came of one statement.
pub(crate) struct Matched {
    pub(crate) fit: Fit,
    pub(crate) mismatch: Option<Mismatch>,
    pub(crate) grant: Option<Grant>,
}

/// Compares `statement`, which stands in `policy`, with the request. Cheap comparisons come first.
pub(crate) fn compare(statement: &Statement, policy: &Policy, asked: &Asked<'_>) -> Matched {
    let miss = |mismatch| Matched { fit: Fit::No, mismatch: Some(mismatch), grant: None };
    if statement.broken {
        // It allows nothing; as a deny nobody knows what it meant to stop.
        let fit = if statement.effect == Effect::Deny { Fit::Unknown } else { Fit::No };
        return Matched { fit, mismatch: Some(Mismatch::Broken), grant: None };
    }
    if !action_matches(statement, &asked.action) {
        return miss(Mismatch::Action);
    }
    let mut fit = resource_fit(statement, asked.request);
    if fit == Fit::No {
        return miss(Mismatch::Resource);
    }
    let mut grant = None;
    if let Some(principal) = &statement.principal {
        let (who, how) = principal_fit(principal, statement, policy, asked);
        if who == Fit::No {
            return miss(Mismatch::Principal);
        }
        fit = fit.and(who);
        grant = how;
    }
    for (index, condition) in statement.conditions.iter().enumerate() {
        let holds = condition.fit(asked.request.context);
        if holds == Fit::No {
            return miss(Mismatch::Condition(index));
        }
        fit = fit.and(holds);
    }
    let mismatch = (fit == Fit::Unknown).then_some(Mismatch::Unknown);
    Matched { fit, mismatch, grant }
}

fn action_matches(statement: &Statement, action: &str) -> bool {
    let Some(element) = &statement.action else { return false };
    let listed = element.patterns.iter().any(|wanted| wanted.0 == "*" || pattern::matches(&wanted.0, action));
    listed != element.negated
}

/// A statement without a resource element, which only trust policies have, speaks of what it is attached to.
fn resource_fit(statement: &Statement, request: &Request<'_>) -> Fit {
    let Some(Element { negated, patterns, .. }) = &statement.resource else { return Fit::Yes };
    let mut listed = Fit::No;
    for pattern in patterns {
        let resolved = pattern.0.resolve(request.context);
        let fit = match &resolved {
            Resolved::Unknown => Fit::Unknown,
            // A pattern whose variable has no value matches no resource, in either form.
            // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
            Resolved::NoValue if *negated => return Fit::No,
            Resolved::NoValue => Fit::No,
            Resolved::Plain(_) | Resolved::Tokens(_) => {
                Fit::from(resource_matches(pattern, &resolved, request.resource))
            }
        };
        listed = listed.or(fit);
    }
    if *negated { listed.not() } else { listed }
}

/// A resource pattern against an ARN: the first five colons part it, and wildcards stay inside their part,
/// except that a `*` which ends a part "can expand to match beyond the colon boundaries".
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
fn resource_matches(pattern: &ResourcePattern, resolved: &Resolved<'_>, resource: &str) -> bool {
    if pattern.0.text == "*" {
        return true;
    }
    // Cheap and true of nearly everything that does not match.
    if !resolved.like(resource) {
        return false;
    }
    let Some(tokens) = resolved.tokens() else { return false };
    if resource == "*" {
        return false;
    }
    parts_match(&tokens, resource.as_bytes())
}

/// Which positions of the text can be reached by each prefix of the pattern, one token at a time.
fn parts_match(tokens: &[Token], text: &[u8]) -> bool {
    let boundary = |at: usize| {
        text.get(at) == Some(&b':') && text.iter().take(at).filter(|byte| **byte == b':').count() < 5
    };
    let is_boundary: Vec<bool> = (0..text.len()).map(boundary).collect();
    let stops = |at: usize| is_boundary.get(at).copied().unwrap_or(false);
    let mut reached = vec![false; text.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for (index, token) in tokens.iter().enumerate() {
        let mut next = vec![false; text.len() + 1];
        let ends_part = matches!(tokens.get(index + 1), None | Some(Token::Byte(b':')));
        let mut carried = false;
        for at in 0..=text.len() {
            let here = reached.get(at).copied().unwrap_or(false);
            match token {
                Token::Any => {
                    carried = here || (carried && (ends_part || !stops(at.wrapping_sub(1))));
                    if let Some(slot) = next.get_mut(at) {
                        *slot = carried;
                    }
                }
                Token::One | Token::Byte(_) if here => {
                    let takes = match token {
                        Token::Byte(wanted) => text.get(at) == Some(wanted),
                        Token::One | Token::Any => at < text.len() && !stops(at),
                    };
                    let width = if *token == Token::One { character_width(text, at) } else { 1 };
                    if takes && let Some(slot) = next.get_mut(at + width) {
                        *slot = true;
                    }
                }
                Token::One | Token::Byte(_) => {}
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

fn character_width(text: &[u8], at: usize) -> usize {
    1 + text.iter().skip(at + 1).take_while(|byte| *byte & 0b1100_0000 == 0b1000_0000).count()
}

fn principal_fit(
    element: &Element<PrincipalPattern>,
    statement: &Statement,
    policy: &Policy,
    asked: &Asked<'_>,
) -> (Fit, Option<Grant>) {
    let principal = asked.request.principal;
    if element.negated {
        return (not_principal(element, statement, policy, asked), Some(Grant::Everyone));
    }
    let mut fit = Fit::No;
    let mut best: Option<Grant> = None;
    for pattern in &element.patterns {
        let (named, grant) = names(pattern, principal, policy);
        let grant =
            if grant == Grant::Everyone && narrowed_by_arn(statement) { Grant::Direct } else { grant };
        fit = fit.or(named);
        if named == Fit::Yes && best.is_none_or(|held| rank(grant) < rank(held)) {
            best = Some(grant);
        }
    }
    (fit, best)
}

/// The grant that leaves the fewest other policies to ask comes first.
fn rank(grant: Grant) -> u8 {
    match grant {
        Grant::Direct => 0,
        Grant::Everyone => 1,
        Grant::Role => 2,
        Grant::Account => 3,
    }
}

/// Everyone with a condition on `aws:PrincipalArn` is documented to be as direct as naming the ARN.
fn narrowed_by_arn(statement: &Statement) -> bool {
    statement.conditions.iter().any(|condition| condition.key.eq_ignore_ascii_case("aws:PrincipalArn"))
}

/// Whether one entry of a principal element names this principal.
fn names(pattern: &PrincipalPattern, principal: &Principal, policy: &Policy) -> (Fit, Grant) {
    match pattern {
        PrincipalPattern::Everyone => (Fit::Yes, Grant::Everyone),
        PrincipalPattern::Account(account) => (Fit::from(in_account(principal, *account)), Grant::Account),
        PrincipalPattern::UniqueId(id) => {
            (Fit::from(principal.unique_id() == Some(id)), direct_or_role(principal))
        }
        PrincipalPattern::Arn(arn) => named_by_arn(arn, principal, policy),
        PrincipalPattern::Service(name) => {
            (Fit::from(matches!(principal, Principal::Service(service) if service == name)), Grant::Direct)
        }
        PrincipalPattern::Federated(name) => (
            Fit::from(matches!(principal, Principal::Federated(provider) if provider == name)),
            Grant::Direct,
        ),
        // Only S3 knows canonical users, and no principal here carries one.
        PrincipalPattern::CanonicalUser(_) => (Fit::No, Grant::Direct),
    }
}

fn named_by_arn(arn: &str, principal: &Principal, policy: &Policy) -> (Fit, Grant) {
    // Once saved, it is the id that counts: a role made again under the same name is another role.
    if let Some(pinned) = policy.pins().get(arn) {
        let fit = match principal.unique_id() {
            Some(id) => Fit::from(id == pinned),
            None if matches!(principal, Principal::User { .. } | Principal::RoleSession(_)) => Fit::Unknown,
            None => Fit::No,
        };
        return (fit, direct_or_role(principal));
    }
    match principal {
        Principal::User { arn: own, .. } | Principal::FederatedUser { arn: own, .. } => {
            (Fit::from(own == arn), Grant::Direct)
        }
        Principal::RoleSession(session) if session.role_arn == arn => (Fit::Yes, Grant::Role),
        Principal::RoleSession(session) => (Fit::from(session.arn() == arn), Grant::Direct),
        Principal::Root(_) | Principal::Federated(_) | Principal::Service(_) | Principal::Anonymous => {
            (Fit::No, Grant::Direct)
        }
    }
}

fn direct_or_role(principal: &Principal) -> Grant {
    if matches!(principal, Principal::RoleSession(_)) { Grant::Role } else { Grant::Direct }
}

fn in_account(principal: &Principal, account: AccountId) -> bool {
    principal.account() == Some(account)
}

/// `NotPrincipal`: everyone who is not listed. With `Deny`, a session is spared only where its session ARN, its
/// role and its account are all listed, a user where the user and the account are, and a principal with a
/// permissions boundary never is.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
fn not_principal(
    element: &Element<PrincipalPattern>,
    statement: &Statement,
    policy: &Policy,
    asked: &Asked<'_>,
) -> Fit {
    let principal = asked.request.principal;
    let listed = |grants: &[Grant]| {
        Fit::any(element.patterns.iter().map(|pattern| {
            let (named, grant) = names(pattern, principal, policy);
            if grants.contains(&grant) { named } else { Fit::No }
        }))
    };
    if statement.effect == Effect::Allow {
        return listed(&[Grant::Direct, Grant::Everyone, Grant::Role, Grant::Account]).not();
    }
    if asked.has_boundary {
        return Fit::Yes;
    }
    let spared = match principal {
        Principal::RoleSession(_) => {
            listed(&[Grant::Direct]).and(listed(&[Grant::Role])).and(listed(&[Grant::Account]))
        }
        Principal::User { .. } | Principal::FederatedUser { .. } => {
            listed(&[Grant::Direct]).and(listed(&[Grant::Account]))
        }
        Principal::Root(_) => listed(&[Grant::Account]),
        Principal::Federated(_) | Principal::Service(_) | Principal::Anonymous => listed(&[Grant::Direct]),
    };
    let spared = spared.or(listed(&[Grant::Everyone]));
    // Assumption (AWS does not document it): where only the account is listed, nobody knows.
    let only_account = spared == Fit::No
        && listed(&[Grant::Account]) == Fit::Yes
        && listed(&[Grant::Direct, Grant::Role]) == Fit::No;
    if only_account { Fit::Unknown } else { spared.not() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Context;
    use crate::document::Version;
    use crate::template::Template;

    /// reference_policies_elements_resource: wildcards stay in their part, a `*` at its end may leave it.
    #[test]
    fn resource_patterns_part_by_part() {
        let table = "arn:aws:dynamodb:eu-west-1:222222222222:table/orders";
        for (pattern, resource, expected) in [
            ("*", table, true),
            ("arn:aws:dynamodb:eu-west-1:222222222222:table/*", table, true),
            ("arn:aws:dynamodb:*:*:table/orders", table, true),
            ("arn:aws:dynamodb:eu-*-1:222222222222:table/order?", table, true),
            ("arn:aws:dynamodb:*", table, true),
            ("arn:aws:dynamodb:eu*", table, true),
            ("arn:aws:dynamodb:eu-west-1:2*2:table/orders", table, true),
            ("arn:aws:dynamodb:eu-west-1:*rs", table, false),
            ("arn:aws:dynamodb:e*1:222222222222:table/orders", table, true),
            ("arn:aws:dynamodb:?*-1:222222222222:table/orders", table, true),
            ("arn:aws:dynamodb:eu-west-1:222222222222:table", table, false),
            ("arn:aws:logs:*:*:log-group:*:x", "arn:aws:logs:eu-west-1:1:log-group:a:b:x", true),
            ("arn:aws:dynamodb:eu-west-1:222222222222:TABLE/orders", table, false),
            ("arn:aws:dynamodb:eu-west-1:222222222222:table/*", "*", false),
        ] {
            let compiled = ResourcePattern(Template::new(pattern, Version::V2012));
            let resolved = compiled.0.resolve(&Context::new()).clone();
            assert_eq!(
                resource_matches(&compiled, &resolved, resource),
                expected,
                "`{pattern}` on `{resource}`"
            );
        }
    }
}
