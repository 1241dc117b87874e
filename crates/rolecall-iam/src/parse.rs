//! Text to document: never fails, says all that is wrong, and marks what it could not understand.
//!
//! The texts of errors are IAM's own, as `MalformedPolicyDocument` carries them.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use std::collections::BTreeSet;

use crate::arn::Arn;
use crate::condition::{Condition, Operator};
use crate::diagnostic::{Diagnostic, Span};
use crate::document::{
    ActionPattern, Document, Effect, Element, PrincipalPattern, ResourcePattern, Statement, Version,
};
use crate::template::Template;
use crate::text::{self, Member, Node, SyntaxError, Value};
use crate::unknown;

/// Reads a policy document.
///
/// ```
/// let (document, diagnostics) = rolecall_iam::parse(r#"{
///     "Version": "2012-10-17",
///     "Statement": {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}
/// }"#);
/// assert_eq!(document.statements.len(), 1);
/// assert!(diagnostics.is_empty());
/// ```
pub fn parse(text: &str) -> (Document, Vec<Diagnostic>) {
    parse_read(&text::read(text))
}

/// As [`parse`], where the text has been read as JSON already.
pub(crate) fn parse_read(read: &Result<Node, SyntaxError>) -> (Document, Vec<Diagnostic>) {
    let mut parser =
        Parser { diagnostics: Vec::new(), errors: 0, is_doubtful: false, version: Version::V2008 };
    let statements = match read {
        Ok(node) => parser.document(node),
        Err(error) => {
            parser.error(error.span, SYNTAX);
            vec![broken_statement(error.span)]
        }
    };
    (Document { version: parser.version, statements }, parser.diagnostics)
}

/// IAM's answer to nearly everything it cannot read.
const SYNTAX: &str = "Syntax errors in policy.";

struct Parser {
    diagnostics: Vec<Diagnostic>,
    /// How many of them are errors.
    errors: usize,
    /// Something in this statement has no meaning, which is said elsewhere.
    is_doubtful: bool,
    version: Version,
}

impl Parser {
    fn document(&mut self, node: &Node) -> Vec<Statement> {
        let Value::Object(members) = &node.value else {
            self.error(node.span, SYNTAX);
            return vec![broken_statement(node.span)];
        };
        let mut broken = self.duplicate_keys(members);
        for member in members {
            if !matches!(member.key.as_str(), "Version" | "Id" | "Statement") {
                self.error(member.key_span, SYNTAX);
                broken = true;
            }
        }
        if let Some(id) = last(members, "Id")
            && !matches!(id.node.value, Value::String(_))
        {
            self.error(id.node.span, SYNTAX);
        }
        match last(members, "Version").map(|member| (&member.node.value, member.node.span)) {
            None => {}
            Some((Value::String(version), _)) if version == "2012-10-17" => self.version = Version::V2012,
            Some((Value::String(version), _)) if version == "2008-10-17" => {}
            Some((_, span)) => {
                self.error(span, SYNTAX);
                broken = true;
            }
        }
        let statements: Vec<&Node> = match last(members, "Statement").map(|member| &member.node) {
            // IAM refuses an empty list; it says nothing, so it neither allows nor denies.
            Some(Node { value: Value::Array(items), span }) if items.is_empty() => {
                self.error(*span, SYNTAX);
                Vec::new()
            }
            Some(Node { value: Value::Array(items), .. }) => items.iter().collect(),
            Some(one @ Node { value: Value::Object(_), .. }) => vec![one],
            other => {
                self.error(other.map_or(node.span, |it| it.span), SYNTAX);
                return vec![broken_statement(node.span)];
            }
        };
        let mut statements: Vec<Statement> =
            statements.into_iter().flat_map(|node| self.statement(node)).collect();
        if broken {
            statements.iter_mut().for_each(|statement| statement.broken = true);
            // What a key that is twice there, or has no meaning, would have denied is lost.
            statements.push(broken_statement(node.span));
        }
        statements
    }

    /// One statement; two where its effect is not known: it may be either.
    fn statement(&mut self, node: &Node) -> Vec<Statement> {
        let Value::Object(members) = &node.value else {
            self.error(node.span, SYNTAX);
            return vec![broken_statement(node.span)];
        };
        let before = self.errors;
        self.duplicate_keys(members);
        let mut statement = Statement {
            sid: None,
            effect: Effect::Deny,
            principal: None,
            action: None,
            resource: None,
            conditions: Vec::new(),
            broken: false,
            span: node.span,
        };
        let (mut effect, mut unknown_effect) = (None, None);
        for member in members {
            let node = &member.node;
            match member.key.as_str() {
                "Sid" => statement.sid = self.string(node),
                "Effect" if effect.is_none() && is_unknown(node).is_some() => {
                    unknown_effect = is_unknown(node);
                    effect = Some(Effect::Deny);
                }
                // Of two effects the one that denies counts, in a statement that is broken anyway.
                "Effect" => {
                    let found = self.effect(node);
                    effect = Some(if effect == Some(Effect::Deny) { Effect::Deny } else { found });
                }
                "Principal" => self.set(&mut statement.principal, node, |p, n| p.principals(n, false)),
                "NotPrincipal" => self.set(&mut statement.principal, node, |p, n| p.principals(n, true)),
                "Action" => self.set(&mut statement.action, node, |p, n| p.actions(n, false)),
                "NotAction" => self.set(&mut statement.action, node, |p, n| p.actions(n, true)),
                "Resource" => self.set(&mut statement.resource, node, |p, n| p.resources(n, false)),
                "NotResource" => self.set(&mut statement.resource, node, |p, n| p.resources(n, true)),
                "Condition" => statement.conditions = self.conditions(node),
                _ => self.error(member.key_span, SYNTAX),
            }
        }
        match effect {
            Some(effect) => statement.effect = effect,
            None => self.error(node.span, SYNTAX),
        }
        // Without an action it would match every action: IAM refuses it, and here it grants nothing.
        if statement.action.is_none() {
            self.error(node.span, "Policy statement must contain actions.");
        }
        statement.broken = self.errors > before || std::mem::take(&mut self.is_doubtful);
        let Some(mark) = unknown_effect else { return vec![statement] };
        statement.conditions.push(Condition::unknown(mark, node.span));
        let allowing = Statement { effect: Effect::Allow, ..statement.clone() };
        vec![allowing, statement]
    }

    /// Sets an element that may stand once, in its plain or its `Not…` form.
    fn set<T>(&mut self, slot: &mut Option<T>, node: &Node, read: impl FnOnce(&mut Self, &Node) -> T) {
        if slot.is_some() {
            self.error(node.span, SYNTAX);
        }
        *slot = Some(read(self, node));
    }

    /// What is no effect may have been meant to deny.
    fn effect(&mut self, node: &Node) -> Effect {
        if let Value::String(text) = &node.value
            && let "Allow" | "Deny" = text.as_str()
        {
            return if text == "Allow" { Effect::Allow } else { Effect::Deny };
        }
        let is_case = matches!(&node.value, Value::String(text)
            if text.eq_ignore_ascii_case("allow") || text.eq_ignore_ascii_case("deny"));
        self.error(node.span, if is_case { "The policy failed legacy parsing" } else { SYNTAX });
        Effect::Deny
    }

    fn actions(&mut self, node: &Node, negated: bool) -> Element<ActionPattern> {
        let patterns = self.strings(node).into_iter().map(|(text, span)| {
            match text.split_once(':') {
                _ if text == "*" || text == "*:*" || unknown::is_in(&text) => {}
                None => self.error(span, ACTION_VENDOR),
                Some((_, name)) if name.contains(':') => {
                    self.error(span, "Actions/Condition can contain only one colon.");
                }
                Some((vendor, _)) if vendor.is_empty() || !vendor.bytes().all(is_vendor_byte) => {
                    self.error(span, format!("Vendor {vendor} is not valid"));
                }
                Some((_, "")) => self.error(span, SYNTAX),
                Some(_) => {}
            }
            ActionPattern::new(&text)
        });
        let patterns = patterns.collect();
        self.element(negated, patterns, node)
    }

    /// Access Analyzer says of an empty list that it "does not affect the policy", so that `Action: []` does nothing.
    /// Assumption (AWS does not document it): in its `Not…` form, which would be everything, it is not understood.
    fn element<P>(&mut self, negated: bool, patterns: Vec<P>, node: &Node) -> Element<P> {
        if negated && patterns.is_empty() {
            self.error(node.span, SYNTAX);
        }
        Element { negated, patterns, span: node.span }
    }

    fn resources(&mut self, node: &Node, negated: bool) -> Element<ResourcePattern> {
        let version = self.version;
        let texts = self.strings(node);
        // IAM refuses them, in words that hang on the kind of policy (`validate`).
        let is_arn =
            |text: &str| text.starts_with("arn:") || text.starts_with(['*', '$']) || unknown::is_in(text);
        self.is_doubtful |= !texts.iter().all(|(text, _)| is_arn(text));
        let patterns = texts.into_iter();
        let patterns = patterns.map(|(text, _)| ResourcePattern(Template::new(&text, version))).collect();
        self.element(negated, patterns, node)
    }

    fn principals(&mut self, node: &Node, negated: bool) -> Element<PrincipalPattern> {
        let mut patterns = Vec::new();
        match &node.value {
            Value::String(text) if text == "*" => patterns.push(PrincipalPattern::Everyone),
            Value::String(text) if unknown::is_in(text) => {
                patterns.push(PrincipalPattern::Unknown(Template::new(text, Version::V2008)));
            }
            Value::Object(members) if !members.is_empty() => {
                self.duplicate_keys(members);
                for member in members {
                    for (text, span) in self.strings(&member.node) {
                        match principal(&member.key, &text) {
                            Some(pattern) => patterns.push(pattern),
                            None => {
                                self.error(
                                    span,
                                    format!("Invalid principal in policy: \"{}\":\"{text}\"", member.key),
                                );
                            }
                        }
                    }
                }
            }
            Value::String(text) => {
                self.error(node.span, format!("Invalid principal in policy: \"STAR\":\"{text}\""));
            }
            Value::Object(_) | Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {
                self.error(node.span, "Invalid principal in policy.");
            }
        }
        self.element(negated, patterns, node)
    }

    fn conditions(&mut self, node: &Node) -> Vec<Condition> {
        if let Some(mark) = is_unknown(node) {
            return vec![Condition::unknown(mark, node.span)];
        }
        let Value::Object(operators) = &node.value else {
            self.error(node.span, SYNTAX);
            return Vec::new();
        };
        self.duplicate_keys(operators);
        let mut conditions = Vec::new();
        for operator in operators {
            let mark = Some(operator.key.as_str()).filter(|key| unknown::is_in(key));
            if let Some(mark) = mark.or_else(|| is_unknown(&operator.node)) {
                conditions.push(Condition::unknown(mark, operator.node.span));
                continue;
            }
            let Some(parsed) = Operator::parse(&operator.key) else {
                self.error(operator.key_span, format!("Invalid Condition type : {}.", operator.key));
                continue;
            };
            let Value::Object(keys) = &operator.node.value else {
                self.error(operator.node.span, SYNTAX);
                continue;
            };
            self.duplicate_keys(keys);
            for key in keys {
                if !key.key.contains(':') {
                    self.error(key.key_span, CONDITION_VENDOR);
                }
                let values = self.scalars(&key.node);
                match Condition::new((parsed, &operator.key), &key.key, &values, self.version, key.node.span)
                {
                    Ok(condition) => conditions.push(condition),
                    Err(_) => self.error(key.node.span, VALUE),
                }
            }
        }
        conditions
    }

    /// A string or a list of strings.
    fn strings(&mut self, node: &Node) -> Vec<(String, Span)> {
        let items = match &node.value {
            Value::Array(items) => items.iter().collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                vec![node]
            }
        };
        items.into_iter().filter_map(|item| self.string(item).map(|text| (text, item.span))).collect()
    }

    /// As [`Self::strings`], for condition values, which may also be numbers and booleans.
    fn scalars(&mut self, node: &Node) -> Vec<String> {
        let items = match &node.value {
            Value::Array(items) => items.iter().collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                vec![node]
            }
        };
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match &item.value {
                Value::String(text) | Value::Number(text) => values.push(text.clone()),
                Value::Bool(value) => values.push(value.to_string()),
                Value::Null | Value::Array(_) | Value::Object(_) => self.error(item.span, SYNTAX),
            }
        }
        values
    }

    fn string(&mut self, node: &Node) -> Option<String> {
        if let Value::String(text) = &node.value {
            return Some(text.clone());
        }
        self.error(node.span, SYNTAX);
        None
    }

    /// IAM refuses an object that has a key twice. Terraform and JSON readers silently keep one of the two.
    fn duplicate_keys(&mut self, members: &[Member]) -> bool {
        let mut seen = BTreeSet::new();
        let again: Vec<&Member> = members.iter().filter(|member| !seen.insert(&member.key)).collect();
        for member in &again {
            self.error(member.key_span, SYNTAX);
        }
        !again.is_empty()
    }

    fn error(&mut self, span: Span, message: impl Into<String>) {
        self.errors += 1;
        self.diagnostics.push(Diagnostic::malformed(span, message));
    }
}

/// IAM saves most of these, and Access Analyzer warns. Here nobody can say what they mean.
const VALUE: &str = "The condition operator cannot take this value.";
const ACTION_VENDOR: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
const CONDITION_VENDOR: &str = "Conditions must be prefaced by a vendor.";

fn is_vendor_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.'
}

/// One entry of a principal map.
fn principal(kind: &str, text: &str) -> Option<PrincipalPattern> {
    Some(match kind {
        "AWS" | "Service" | "Federated" if unknown::is_in(text) => {
            PrincipalPattern::Unknown(Template::new(text, Version::V2008))
        }
        // Of whom not even the type is known, it may be anybody.
        kind if unknown::is_in(kind) => PrincipalPattern::Unknown(Template::new(kind, Version::V2008)),
        "AWS" => aws_principal(text)?,
        "Service" if !text.is_empty() => PrincipalPattern::Service(text.to_owned()),
        "Federated" if !text.is_empty() => PrincipalPattern::Federated(text.to_owned()),
        "CanonicalUser" if !text.is_empty() => PrincipalPattern::CanonicalUser(text.to_owned()),
        _ => return None,
    })
}

/// An account, an ARN or a unique id. A principal has no wildcards but the bare `*`.
fn aws_principal(text: &str) -> Option<PrincipalPattern> {
    if text == "*" {
        return Some(PrincipalPattern::Everyone);
    }
    if let Ok(account) = text.parse() {
        return Some(PrincipalPattern::Account(account));
    }
    if is_unique_id(text) {
        return Some(PrincipalPattern::UniqueId(text.to_owned()));
    }
    let arn = Arn::parse(text)?;
    // An origin access identity, which S3 knows and which is nobody else.
    if (arn.service, arn.account) == ("iam", "cloudfront") {
        return Some(PrincipalPattern::Arn(text.to_owned()));
    }
    let account = arn.account_id()?;
    if text.contains(['*', '?']) || !arn.region.is_empty() {
        return None;
    }
    match arn.service {
        // The accounts of another partition are others.
        "iam" if arn.resource == "root" && arn.partition == "aws" => Some(PrincipalPattern::Account(account)),
        "iam" if arn.resource == "root" => Some(PrincipalPattern::Arn(text.to_owned())),
        "iam" if arn.resource_of("user").or(arn.resource_of("role")).is_some() => {
            Some(PrincipalPattern::Arn(text.to_owned()))
        }
        "sts" if arn.resource_of("assumed-role").or(arn.resource_of("federated-user")).is_some() => {
            Some(PrincipalPattern::Arn(text.to_owned()))
        }
        _ => None,
    }
}

/// `AROA…` and `AIDA…`: the ids IAM gives roles and users.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
pub(crate) fn is_unique_id(text: &str) -> bool {
    (text.starts_with("AROA") || text.starts_with("AIDA"))
        && text.len() >= 16
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The text of a node, where it is one of which a part is not known.
fn is_unknown(node: &Node) -> Option<&str> {
    let Value::String(text) = &node.value else { return None };
    unknown::is_in(text).then_some(text)
}

/// Stands for what could not be read: it grants nothing, and as a deny it may match anything.
fn broken_statement(span: Span) -> Statement {
    Statement {
        sid: None,
        effect: Effect::Deny,
        principal: None,
        action: None,
        resource: None,
        conditions: Vec::new(),
        broken: true,
        span,
    }
}

/// The last of several equal keys, which is the one a JSON reader that builds maps would keep.
fn last<'a>(members: &'a [Member], key: &str) -> Option<&'a Member> {
    members.iter().rev().find(|member| member.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_error(text: &str) -> Option<String> {
        parse(text).1.into_iter().find(Diagnostic::is_error).map(|diagnostic| diagnostic.message)
    }

    #[test]
    fn what_iam_refuses_in_its_words() {
        let statement = |inside: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{{{inside}}}]}}"#);
        for (text, expected) in [
            ("", SYNTAX),
            ("[]", SYNTAX),
            (r#"{"Version":"2012-10-17"}"#, SYNTAX),
            (r#"{"Version":"2013-01-01","Statement":[]}"#, SYNTAX),
            (&statement(r#""Effect":"Maybe","Action":"s3:*","Resource":"*""#), SYNTAX),
            (&statement(r#""Effect":"Allow","Action":"s3:*","Action":"s3:Get*","Resource":"*""#), SYNTAX),
            (&statement(r#""Effect":"Allow","Action":"s3:*","NotAction":"s3:Get*","Resource":"*""#), SYNTAX),
            (&statement(r#""Effect":"Allow","Resource":"*""#), "Policy statement must contain actions."),
            (&statement(r#""Effect":"Allow","Action":"GetItem","Resource":"*""#), ACTION_VENDOR),
            (
                &statement(r#""Effect":"Allow","Action":"s3:a:b","Resource":"*""#),
                "Actions/Condition can contain only one colon.",
            ),
            (
                &statement(
                    r#""Effect":"Allow","Action":"s3:*","Principal":{"AWS":"arn:aws:iam::111111111111:role/*"}"#,
                ),
                "Invalid principal in policy: \"AWS\":\"arn:aws:iam::111111111111:role/*\"",
            ),
            (
                &statement(
                    r#""Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringIs":{"aws:a":"b"}}"#,
                ),
                "Invalid Condition type : StringIs.",
            ),
        ] {
            assert_eq!(first_error(text).as_deref(), Some(expected), "{text}");
        }
    }

    /// Access to one statement, of which a part is not known: it may do what it says, and nothing is refused.
    #[test]
    fn what_is_not_known_may_be_anything() {
        let mark = unknown("var.v");
        let cases = [
            (format!(r#""Effect":"{mark}","Action":"s3:*","Resource":"*""#), 2),
            (format!(r#""Effect":"Allow","Action":"s3:*","Resource":"*","Condition":"{mark}""#), 1),
            (
                format!(
                    r#""Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{{"{mark}":{{"a:b":"c"}}}}"#
                ),
                1,
            ),
            (
                format!(
                    r#""Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{{"StringLike":"{mark}"}}"#
                ),
                1,
            ),
        ];
        for (inside, count) in cases {
            let (document, diagnostics) =
                parse(&format!(r#"{{"Version":"2012-10-17","Statement":{{{inside}}}}}"#));
            assert_eq!(diagnostics, [], "{inside}");
            assert_eq!(document.statements.len(), count, "{inside}");
            for statement in &document.statements {
                let fit = statement.conditions[0].fit(&crate::context::Context::new(), statement.effect);
                assert_eq!(fit, crate::fit::Fit::Unknown, "{inside}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_marked() {
        let (document, diagnostics) =
            parse("{\n  \"Statement\": [{\"Effect\": \"Allow\", \"Acton\": \"*\"}]\n}");
        assert!(document.statements[0].broken);
        assert_eq!(
            diagnostics[0]
                .span
                .position("{\n  \"Statement\": [{\"Effect\": \"Allow\", \"Acton\"")
                .to_string(),
            "2:37"
        );
    }

    #[test]
    fn principals_of_every_kind() {
        let (document, diagnostics) = parse(
            r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{
                "AWS":["111111111111","arn:aws:iam::111111111111:root","arn:aws:iam::111111111111:role/a/b","AROAEXAMPLEEXAMPLE123","*"],
                "Service":"ecs-tasks.amazonaws.com","Federated":"arn:aws:iam::111111111111:saml-provider/x"}}]}"#,
        );
        assert_eq!(diagnostics, []);
        let account = PrincipalPattern::Account("111111111111".parse().unwrap());
        let principal = document.statements[0].principal.clone().unwrap();
        assert_eq!(principal.patterns[..2], [account.clone(), account]);
        assert_eq!(principal.patterns[4], PrincipalPattern::Everyone);
        assert_eq!(principal.patterns.len(), 7);
    }
}
