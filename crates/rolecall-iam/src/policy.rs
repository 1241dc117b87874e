//! A policy as it is kept: its text, its meaning, and the ids its principals were saved as.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::arn::AccountId;
use crate::diagnostic::Diagnostic;
use crate::document::{Document, Effect, PolicyKind, PrincipalPattern, Statement};
use crate::parse::parse;
use crate::validate::accept;

/// A policy document with its text.
///
/// ```
/// use rolecall_iam::{Policy, PolicyKind};
/// let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
/// assert!(Policy::new(text, PolicyKind::Identity).is_ok());
/// let refused = Policy::new("{}", PolicyKind::Identity).unwrap_err();
/// assert_eq!(refused[0].message, "Syntax errors in policy.");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Saved", into = "Saved")]
pub struct Policy {
    text: String,
    document: Document,
    pins: BTreeMap<String, String>,
}

/// What of a policy is written down; the document is read anew.
#[derive(Serialize, Deserialize)]
struct Saved {
    text: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pins: BTreeMap<String, String>,
}

/// Whom a policy on a resource names.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum LetIn<'a> {
    /// `*`, or all but some
    Everyone,
    /// An account: its own policies decide who in it.
    Account(AccountId),
    /// A user, role or session, by its ARN.
    Principal(&'a str),
    /// A service, such as `ecs-tasks.amazonaws.com`.
    Service(&'a str),
    /// A web identity or SAML provider.
    Federated(&'a str),
    /// By an id, or by a name of which not all is known.
    Other(&'a str),
}

impl<'a> LetIn<'a> {
    fn of(pattern: &'a PrincipalPattern) -> Self {
        match pattern {
            PrincipalPattern::Everyone => Self::Everyone,
            PrincipalPattern::Account(account) => Self::Account(*account),
            PrincipalPattern::Arn(arn) => Self::Principal(arn),
            PrincipalPattern::Service(service) => Self::Service(service),
            PrincipalPattern::Federated(provider) => Self::Federated(provider),
            PrincipalPattern::UniqueId(id) | PrincipalPattern::CanonicalUser(id) => Self::Other(id),
            PrincipalPattern::Unknown(name) => Self::Other(name.text()),
        }
    }
}

impl Policy {
    /// Reads a policy as IAM does before it saves one.
    ///
    /// # Errors
    /// All that IAM would refuse; the first is what it would say.
    pub fn new(text: &str, kind: PolicyKind) -> Result<Self, Vec<Diagnostic>> {
        let (document, refused) = accept(text, kind);
        if refused.is_empty() { Ok(Self::of(text.to_owned(), document)) } else { Err(refused) }
    }

    /// Reads a policy whatever is wrong with it. What cannot be understood allows nothing.
    pub fn lenient(text: &str) -> Self {
        Self::of(text.to_owned(), parse(text).0)
    }

    fn of(text: String, document: Document) -> Self {
        Self { text, document, pins: BTreeMap::new() }
    }

    /// The text, as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it means.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The user and role ARNs its principals name: IAM saves each by its unique id, and refuses the policy
    /// where one does not exist.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles>
    pub fn principal_arns(&self) -> impl Iterator<Item = &str> {
        let elements = self.document.statements.iter().filter_map(|statement| statement.principal.as_ref());
        elements.flat_map(|element| &element.patterns).filter_map(|pattern| match pattern {
            PrincipalPattern::Arn(arn) => Some(arn.as_str()),
            PrincipalPattern::Everyone
            | PrincipalPattern::Account(_)
            | PrincipalPattern::UniqueId(_)
            | PrincipalPattern::Service(_)
            | PrincipalPattern::Federated(_)
            | PrincipalPattern::CanonicalUser(_)
            | PrincipalPattern::Unknown(_) => None,
        })
    }

    /// The ARNs of users and roles that its statements which allow name as principals, each with its statement.
    pub fn trusted(&self) -> impl Iterator<Item = (&Statement, &str)> {
        let allowing = self.document.statements.iter().filter(|statement| statement.effect == Effect::Allow);
        allowing.flat_map(|statement| {
            let element = statement.principal.as_ref().filter(|element| !element.negated);
            element.into_iter().flat_map(|element| &element.patterns).filter_map(move |pattern| match pattern
            {
                PrincipalPattern::Arn(arn) => Some((statement, arn.as_str())),
                PrincipalPattern::Everyone
                | PrincipalPattern::Account(_)
                | PrincipalPattern::UniqueId(_)
                | PrincipalPattern::Service(_)
                | PrincipalPattern::Federated(_)
                | PrincipalPattern::CanonicalUser(_)
                | PrincipalPattern::Unknown(_) => None,
            })
        })
    }

    /// Everyone whom its statements which allow name as principals, whatever they are, each with its statement.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
    ///
    /// ```
    /// use rolecall_iam::{LetIn, Policy};
    /// let policy = Policy::lenient(r#"{"Version":"2012-10-17","Statement":[
    ///     {"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"},
    ///     {"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]}"#);
    /// let named: Vec<LetIn<'_>> = policy.let_in().map(|(_, who)| who).collect();
    /// assert_eq!(named, [LetIn::Service("ecs-tasks.amazonaws.com")]);
    /// ```
    pub fn let_in(&self) -> impl Iterator<Item = (&Statement, LetIn<'_>)> {
        let allowing = self.document.statements.iter().filter(|statement| statement.effect == Effect::Allow);
        allowing.flat_map(|statement| {
            let element = statement.principal.as_ref();
            // All but some is nearly everyone.
            let negated = element.filter(|element| element.negated).map(|_| (statement, LetIn::Everyone));
            let named = element.filter(|element| !element.negated);
            let named = named.into_iter().flat_map(|element| &element.patterns);
            negated.into_iter().chain(named.map(move |pattern| (statement, LetIn::of(pattern))))
        })
    }

    /// The resources that its statements which allow this action name, wildcards and all, each with its statement.
    /// The action is that of a statement where it is listed as it is: `sts:*` and `*` speak of everything, and name
    /// nothing.
    pub fn named_for(&self, action: &str) -> impl Iterator<Item = (&Statement, &str)> {
        let action = action.to_ascii_lowercase();
        let allowing = self.document.statements.iter().filter(|statement| statement.effect == Effect::Allow);
        let speaks = allowing.filter(move |statement| {
            let element = statement.action.as_ref().filter(|element| !element.negated);
            element.is_some_and(|element| element.patterns.iter().any(|pattern| pattern.0.text == action))
        });
        speaks.flat_map(|statement| {
            let element = statement.resource.as_ref().filter(|element| !element.negated);
            element.into_iter().flat_map(|element| &element.patterns).map(move |it| (statement, it.0.text()))
        })
    }

    /// The actions that its statements which allow list, in lower case; `*` for those that allow all but some.
    ///
    /// ```
    /// use rolecall_iam::Policy;
    /// let policy = Policy::lenient(
    ///     r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","dynamodb:*"],"Resource":"*"}]}"#,
    /// );
    /// assert_eq!(policy.allowed_actions().collect::<Vec<_>>(), ["s3:getobject", "dynamodb:*"]);
    /// ```
    pub fn allowed_actions(&self) -> impl Iterator<Item = &str> {
        let allowing = self.document.statements.iter().filter(|statement| statement.effect == Effect::Allow);
        let elements = allowing.filter_map(|statement| statement.action.as_ref());
        elements.flat_map(|element| {
            let all_but = element.negated.then_some("*");
            let listed = element.patterns.iter().filter(|_| !element.negated);
            all_but.into_iter().chain(listed.map(|pattern| pattern.0.text.as_str()))
        })
    }

    /// The unique ids its principals name.
    pub fn principal_ids(&self) -> impl Iterator<Item = &str> {
        let elements = self.document.statements.iter().filter_map(|statement| statement.principal.as_ref());
        elements.flat_map(|element| &element.patterns).filter_map(|pattern| match pattern {
            PrincipalPattern::UniqueId(id) => Some(id.as_str()),
            PrincipalPattern::Arn(_)
            | PrincipalPattern::Everyone
            | PrincipalPattern::Account(_)
            | PrincipalPattern::Service(_)
            | PrincipalPattern::Federated(_)
            | PrincipalPattern::CanonicalUser(_)
            | PrincipalPattern::Unknown(_) => None,
        })
    }

    /// The values of `sts:ExternalId` it asks for: what shows the text shows them not.
    pub fn external_ids(&self) -> impl Iterator<Item = &str> {
        let conditions = self.document.statements.iter().flat_map(|statement| &statement.conditions);
        let secret = conditions.filter(|condition| condition.key.eq_ignore_ascii_case("sts:ExternalId"));
        secret.flat_map(|condition| condition.values.iter().map(|value| value.text()))
    }

    /// Ties the principal `arn` to the user or role that has it now: from here on only `unique_id` matches.
    pub fn pin(&mut self, arn: &str, unique_id: &str) {
        self.pins.insert(arn.to_owned(), unique_id.to_owned());
    }

    /// The ids its principals are tied to, by ARN.
    pub fn pins(&self) -> &BTreeMap<String, String> {
        &self.pins
    }

    /// The text as IAM shows it: a principal that is gone appears by its unique id, one that has moved by its new
    /// ARN. `arn_now` says the ARN that an id has today, if any. Conditions stay as they were written.
    pub fn shown(&self, arn_now: impl Fn(&str) -> Option<String>) -> String {
        let mut moved = Vec::new();
        for (arn, id) in &self.pins {
            let now = arn_now(id).unwrap_or_else(|| id.clone());
            if now != *arn {
                moved.push((format!("\"{arn}\""), format!("\"{now}\"")));
            }
        }
        let mut text = self.text.clone();
        // From the last to the first, so that the places of those before stay true.
        for statement in self.document.statements.iter().rev() {
            let Some(span) = statement.principal.as_ref().map(|principal| principal.span) else { continue };
            let Some(written) = self.text.get(span.start..span.end) else { continue };
            let shown = moved.iter().fold(written.to_owned(), |shown, (was, is)| shown.replace(was, is));
            text.replace_range(span.start..span.end, &shown);
        }
        text
    }
}

impl From<Saved> for Policy {
    fn from(saved: Saved) -> Self {
        Self { pins: saved.pins, ..Self::lenient(&saved.text) }
    }
}

impl From<Policy> for Saved {
    fn from(policy: Policy) -> Self {
        Self { text: policy.text, pins: policy.pins }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// principal-roles: a deleted principal shows as its id; a condition is left alone.
    #[test]
    fn a_principal_that_is_gone_is_shown_by_its_id() {
        let role = "arn:aws:iam::111111111111:role/app";
        let text = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"{role}"}},
            "Condition":{{"ArnEquals":{{"aws:PrincipalArn":"{role}"}}}}}}]}}"#
        );
        let mut policy = Policy::new(&text, PolicyKind::Trust).unwrap();
        policy.pin(role, "AROAEXAMPLEEXAMPLE123");
        assert_eq!(policy.shown(|_| Some(role.to_owned())), text);
        let gone = policy.shown(|_| None);
        assert!(gone.contains(r#""AWS":"AROAEXAMPLEEXAMPLE123""#), "{gone}");
        assert!(gone.contains(&format!(r#""aws:PrincipalArn":"{role}""#)), "{gone}");
    }
}
