//! The residual of an undecided answer: which unknowns decide it, and what they would have to be.

use std::fmt;

use crate::condition::Condition;
use crate::context::Found;
use crate::document::Effect;
use crate::fit::Fit;
use crate::request::Request;
use crate::template::Template;
use crate::unknown;
use crate::verdict::{Check, CheckType, Decision, EvaluatedEffect, Step, Verdict};

/// A statement that may match.
#[derive(Clone, Debug, PartialEq)]
pub struct Open<'v, 'a> {
    /// The layer it stands in.
    pub layer: CheckType,
    /// The statement. One that allows would have to match, one that denies would have to not.
    pub step: &'v Step<'a>,
    /// What it hangs on: it matches where all of these hold.
    pub hangs_on: Vec<Unknown>,
}

/// Something nobody knows, and what it would have to be for a statement to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The value of a context key.
    Key {
        /// The key, such as `aws:SourceIp`.
        key: String,
        /// The operator, such as `IpAddress`.
        operator: String,
        /// What the value is compared with; empty where that is a secret, as an external id is.
        values: Vec<String>,
    },
    /// A value in the policy or in the resource's ARN that is known only later, by its name.
    Value {
        /// The name, as [`crate::unknown()`] was given it; or the context key of a policy variable.
        name: String,
        /// The text that it is a part of.
        within: String,
    },
    /// Who somebody is: a unique id or a role's path that was not told.
    Identity,
    /// Nothing of the request: AWS does not document what the statement means here.
    Undocumented,
}

impl<'a> Verdict<'a> {
    /// What an undecided answer hangs on: the statements that may match, each with what is not known of it. The request
    /// is allowed where those that allow match and those that deny do not. Empty where the answer is decided.
    pub fn residual(&self, request: &Request<'_>) -> Vec<Open<'_, 'a>> {
        let mut open = Vec::new();
        if self.decision != Decision::Undecided {
            return open;
        }
        for check in self.checks.iter().filter(|check| check.effect == EvaluatedEffect::Undecided) {
            let undecided = check.steps.iter().filter(|step| step.fit == Fit::Unknown);
            for step in
                undecided.filter(|step| step.statement.effect == Effect::Deny || !check.allows_beside(step))
            {
                open.push(Open { layer: check.kind, step, hangs_on: step.hangs_on(request) });
            }
        }
        open
    }
}

impl Check<'_> {
    /// Whether another statement allows, so that this one does not matter. How a resource's policy names the principal
    /// does matter; and each level of an organisation must allow for itself.
    fn allows_beside(&self, step: &Step<'_>) -> bool {
        let level = step.attached.source.level();
        self.kind != CheckType::Resource
            && self.steps.iter().any(|other| {
                let allows = other.fit == Fit::Yes && other.statement.effect == Effect::Allow;
                allows && other.attached.source.level() == level
            })
    }
}

impl Step<'_> {
    /// What it hangs on whether the statement matches; nothing where that is known.
    pub fn hangs_on(&self, request: &Request<'_>) -> Vec<Unknown> {
        let mut found = Vec::new();
        if self.fit != Fit::Unknown {
            return found;
        }
        let statement = self.statement;
        for pattern in statement.action.iter().flat_map(|element| &element.patterns) {
            found.extend(marks(&pattern.0.text));
        }
        if let Some(element) = &statement.principal {
            found.extend(element.patterns.iter().flat_map(|pattern| marks(&pattern.to_string())));
        }
        for pattern in statement.resource.iter().flat_map(|element| &element.patterns) {
            found.extend(values(&pattern.0, request));
        }
        if statement.resource.as_ref().is_some_and(|resource| !resource.names_everything()) {
            found.extend(marks(request.resource));
        }
        for condition in &statement.conditions {
            if condition.fit(request.context, statement.effect) == Fit::Unknown {
                found.extend(of_condition(condition, request));
            }
        }
        if found.is_empty() {
            let anonymous_session = statement.principal.is_some() && request.principal.unique_id().is_none();
            found.push(if anonymous_session { Unknown::Identity } else { Unknown::Undocumented });
        }
        found
    }
}

fn of_condition(condition: &Condition, request: &Request<'_>) -> Vec<Unknown> {
    if request.context.find(&condition.key) == Found::Unknown {
        // The value of an external id is a secret between two parties: it is not shown.
        let secret = condition.key.eq_ignore_ascii_case("sts:ExternalId");
        let values = condition.values.iter().filter(|_| !secret).map(|value| value.text().to_owned());
        let (key, operator) = (condition.key.clone(), condition.operator_name.clone());
        return vec![Unknown::Key { key, operator, values: values.collect() }];
    }
    let found: Vec<Unknown> = condition.values.iter().flat_map(|value| values(value, request)).collect();
    if found.is_empty() { vec![Unknown::Undocumented] } else { found }
}

fn values(template: &Template, request: &Request<'_>) -> Vec<Unknown> {
    let names = template.unknowns(request.context).into_iter();
    names.map(|name| Unknown::Value { name, within: template.text().to_owned() }).collect()
}

fn marks(text: &str) -> Vec<Unknown> {
    let named = |name: &str| Unknown::Value { name: name.to_owned(), within: text.to_owned() };
    unknown::names(text).map(named).collect()
}

impl fmt::Display for Unknown {
    /// What it would have to be, as the end of a sentence that begins with "if".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { key, operator, values } if values.is_empty() => {
                write!(f, "{key}, which is not known, is what {operator} wants")
            }
            Self::Key { key, operator, values } => {
                write!(f, "{key}, which is not known, is what {operator} wants: `{}`", values.join("` or `"))
            }
            Self::Value { name, within } => write!(f, "{name}, which is not known, makes `{within}` match"),
            Self::Identity => {
                f.write_str("the principal, whose unique id or path is not known, is the one it names")
            }
            Self::Undocumented => f.write_str("AWS, which does not document it, takes it so"),
        }
    }
}
