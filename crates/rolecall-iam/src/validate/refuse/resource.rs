//! The reader that trust policies share with the policies on resources.
//!
//! The texts: what `CreateRole` answered (named at each), and what DynamoDB's `PutResourcePolicy` put behind
//! "Invalid policy document: ".

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Span};
use crate::document::PolicyKind;
use crate::pattern;
use crate::text::{Node, SyntaxError, Value};
use crate::validate::refuse::{SYNTAX, malformed, outline};
use crate::validate::written::{Operator, Statement, Written, items, object};

pub(super) fn refusals(
    text: &str,
    read: &Result<Node, SyntaxError>,
    unreadable: &[Diagnostic],
    kind: PolicyKind,
) -> Vec<Diagnostic> {
    let policy = match outline(read) {
        Ok(policy) => policy,
        Err(span) => {
            let is_null = matches!(read, Ok(Node { value: Value::Null, .. }));
            let message = if is_null {
                "This text appears not to be a policy"
            } else {
                "This policy contains invalid Json"
            };
            return vec![malformed(span, message)];
        }
    };
    let mut reader = Reader { text, kind, found: Vec::new() };
    reader.policy(&policy);
    // What only our own reader objects to: a type, a key twice, a principal of no known form.
    for diagnostic in unreadable {
        if diagnostic.message == SYNTAX {
            reader.syntax_error(diagnostic.span);
        } else {
            reader.refuse(diagnostic.span, diagnostic.message.as_str());
        }
    }
    reader.found
}

/// AWS says one thing. To know the line of a place the text is read up to there, which nobody wants a thousand times.
const ENOUGH: usize = 16;

struct Reader<'a> {
    text: &'a str,
    kind: PolicyKind,
    found: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn policy(&mut self, policy: &Written<'_>) {
        if let Some(version) = policy.get("Version")
            && !matches!(&version.node.value, Value::String(text) if text == "2012-10-17" || text == "2008-10-17")
        {
            self.refuse(version.node.span, "The policy must contain a valid version string");
        }
        match policy.get("Statement") {
            // The end of the document, as for `{}`.
            None => {
                self.syntax_error(Span { start: policy.root.span.end.saturating_sub(1), ..policy.root.span });
            }
            Some(member) if items(&member.node).is_empty() => {
                self.refuse(member.node.span, "Could not parse the policy: Statement is empty!");
            }
            Some(_) => {}
        }
        let mut sids = BTreeSet::new();
        for statement in &policy.statements {
            self.statement(statement);
            for sid in statement.strings("Sid") {
                if !sid.text.is_empty() && !sids.insert(sid.text) {
                    self.refuse(sid.span, "The Statement Ids in the policy are not unique");
                }
            }
        }
    }

    fn statement(&mut self, statement: &Statement<'_>) {
        match statement.get("Effect").map(|member| &member.node) {
            None => self.refuse(statement.node.span, "Missing required field Effect"),
            Some(Node { value: Value::String(effect), span }) if statement.effect().is_none() => {
                self.refuse(*span, format!("Invalid effect: {effect}"));
            }
            Some(_) => {}
        }
        self.principal(statement);
        for operator in statement.get("Condition").map_or(&[][..], |member| object(&member.node)) {
            if Operator::parse(&operator.key).is_none() {
                if self.kind == PolicyKind::Resource {
                    self.refuse(operator.key_span, format!("Invalid Condition type : {}.", operator.key));
                } else {
                    self.syntax_error(operator.node.span);
                }
            }
        }
        let action = statement.get("Action").or_else(|| statement.get("NotAction"));
        if action.is_none() {
            self.refuse(statement.node.span, "Missing required field Action");
        }
        if self.kind == PolicyKind::Trust {
            self.trust(statement);
        } else if statement.get("Resource").or_else(|| statement.get("NotResource")).is_none() {
            // DynamoDB's `PutResourcePolicy`.
            self.refuse(statement.node.span, "Missing required field Resource");
        }
    }

    fn principal(&mut self, statement: &Statement<'_>) {
        if let Some(member) = statement.get("NotPrincipal")
            && self.kind == PolicyKind::Trust
        {
            let allows = statement.effect() == Some(crate::document::Effect::Allow);
            self.refuse(
                member.key_span,
                if allows {
                    "Allow with NotPrincipal is not allowed."
                } else {
                    "AssumeRole policy must not contain NotPrincipal field."
                },
            );
            return;
        }
        let Some(member) = statement.get("Principal").or_else(|| statement.get("NotPrincipal")) else {
            self.refuse(statement.node.span, "Missing required field Principal");
            return;
        };
        match &member.node.value {
            Value::Object(members) if members.is_empty() => {
                self.refuse(member.node.span, "Missing required field Principal cannot be empty!");
            }
            // aws/aws-cdk#5746: "in practice CreateRole errors out".
            Value::String(text) if text == "*" && self.kind == PolicyKind::Trust => {
                self.refuse(
                    member.node.span,
                    "AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\".",
                );
            }
            Value::String(text) if text != "*" => self.syntax_error(member.node.span),
            Value::Object(members) => {
                for entry in members {
                    if !["AWS", "Service", "Federated", "CanonicalUser"].contains(&entry.key.as_str()) {
                        self.syntax_error(entry.node.span);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {}
        }
    }

    fn trust(&mut self, statement: &Statement<'_>) {
        for name in ["Action", "NotAction"] {
            for action in statement.strings(name) {
                if !is_trust_action(&action.text.to_ascii_lowercase()) {
                    self.refuse(action.span, "AssumeRole policy may only specify STS AssumeRole actions.");
                }
            }
        }
        if let Some(member) = statement.get("Resource") {
            self.refuse(member.key_span, "Has prohibited field Resource");
        }
        if let Some(member) = statement.get("NotResource") {
            self.refuse(member.key_span, "AssumeRole policy must not contain resources.");
        }
    }

    fn refuse(&mut self, span: Span, message: impl Into<String>) {
        if self.found.len() < ENOUGH {
            self.found.push(malformed(span, message));
        }
    }

    /// The reader says where it stopped: one past the first character of what it could not take. A principal key in
    /// lower case gave (1,76), `{}` gave (1,3).
    fn syntax_error(&mut self, span: Span) {
        if self.found.len() >= ENOUGH {
            return;
        }
        let at = span.position(self.text);
        self.refuse(span, format!("Syntax error at position ({},{})", at.line, at.column + 1));
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
