//! A policy as it is written: its elements with their places, whatever is wrong with them.

use crate::diagnostic::Span;
use crate::document::{Effect, Version};
use crate::text::{Member, Node, Value};

/// A document that is a JSON object.
pub(super) struct Written<'a> {
    /// The whole of it.
    pub(super) root: &'a Node,
    /// The members of the outermost object.
    pub(super) members: &'a [Member],
    /// The statements that are objects.
    pub(super) statements: Vec<Statement<'a>>,
}

/// One statement.
pub(super) struct Statement<'a> {
    pub(super) node: &'a Node,
    pub(super) members: &'a [Member],
}

/// A string and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) text: &'a str,
    pub(super) span: Span,
}

/// One operator and one key of a condition block.
#[derive(Clone, Copy)]
pub(super) struct Condition<'a> {
    /// The operator as written, and where.
    pub(super) operator: Text<'a>,
    /// What the operator is; none where there is no such operator.
    pub(super) parsed: Option<Operator<'a>>,
    /// The key as written, and where.
    pub(super) key: Text<'a>,
    /// The value or the list of values.
    pub(super) node: &'a Node,
}

/// An operator's name in its parts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Operator<'a> {
    /// `ForAllValues` or `ForAnyValue`.
    pub(super) set: Option<&'a str>,
    /// Such as `StringEquals`.
    pub(super) base: &'a str,
    pub(super) if_exists: bool,
}

impl<'a> Written<'a> {
    /// Reads the outline; none where the text is no object.
    pub(super) fn new(root: &'a Node) -> Option<Self> {
        let Value::Object(members) = &root.value else { return None };
        let nodes: &[Node] = match last(members, "Statement").map(|member| &member.node) {
            Some(Node { value: Value::Array(items), .. }) => items,
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let statements = nodes.iter().filter_map(|node| match &node.value {
            Value::Object(members) => Some(Statement { node, members }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
        });
        Some(Self { root, members, statements: statements.collect() })
    }

    /// An element of the outermost object.
    pub(super) fn get(&self, name: &str) -> Option<&'a Member> {
        last(self.members, name)
    }

    /// The version of the language it is written in.
    pub(super) fn version(&self) -> Version {
        match self.get("Version").map(|member| &member.node.value) {
            Some(Value::String(version)) if version == "2012-10-17" => Version::V2012,
            _ => Version::V2008,
        }
    }
}

impl<'a> Statement<'a> {
    /// An element; of several with the same name the last, which is the one JSON readers keep.
    pub(super) fn get(&self, name: &str) -> Option<&'a Member> {
        last(self.members, name)
    }

    /// The strings of an element, one or many; what is no string is left out.
    pub(super) fn strings(&self, name: &str) -> Vec<Text<'a>> {
        self.get(name).map(|member| strings(&member.node)).unwrap_or_default()
    }

    /// `Allow` or `Deny`; none where it is neither.
    pub(super) fn effect(&self) -> Option<Effect> {
        match self.get("Effect").map(|member| &member.node.value) {
            Some(Value::String(effect)) if effect == "Allow" => Some(Effect::Allow),
            Some(Value::String(effect)) if effect == "Deny" => Some(Effect::Deny),
            _ => None,
        }
    }

    /// The condition block, one entry for each operator and key.
    pub(super) fn conditions(&self) -> Vec<Condition<'a>> {
        let operators = self.get("Condition").map_or(&[][..], |member| object(&member.node));
        let entries = operators.iter().flat_map(|operator| {
            object(&operator.node).iter().map(|key| Condition {
                operator: Text { text: &operator.key, span: operator.key_span },
                parsed: Operator::parse(&operator.key),
                key: Text { text: &key.key, span: key.key_span },
                node: &key.node,
            })
        });
        entries.collect()
    }

    /// Whether a condition speaks of this key.
    pub(super) fn has_condition_on(&self, key: &str) -> bool {
        self.conditions().iter().any(|condition| condition.key.text.eq_ignore_ascii_case(key))
    }
}

impl<'a> Condition<'a> {
    /// The values that are strings.
    pub(super) fn strings(&self) -> Vec<Text<'a>> {
        strings(self.node)
    }

    /// The values, one or many.
    pub(super) fn values(&self) -> &'a [Node] {
        items(self.node)
    }
}

/// All operators but `Null`, which has neither a set operator nor `IfExists`.
const BASES: [&str; 26] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnNotEquals",
    "ArnLike",
    "ArnNotLike",
];

impl<'a> Operator<'a> {
    /// Takes an operator's name apart. `Null` comes through with any prefix and suffix: IAM saves some of those.
    pub(super) fn parse(name: &'a str) -> Option<Self> {
        let (set, rest) = match name.split_once(':') {
            Some((set @ ("ForAllValues" | "ForAnyValue"), rest)) => (Some(set), rest),
            Some(_) => return None,
            None => (None, name),
        };
        let (base, if_exists) = match rest.strip_suffix("IfExists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let known = base == "Null" || BASES.contains(&base);
        known.then_some(Self { set, base, if_exists })
    }

    /// `…Not…`: none of the values may match.
    pub(super) fn is_negated(self) -> bool {
        self.base.contains("Not")
    }

    /// `String`, `Numeric`, `Date`, `Bool`, `Binary`, `IpAddress`, `Arn` or `Null`.
    pub(super) fn family(self) -> &'static str {
        ["String", "Numeric", "Date", "Bool", "Binary", "Arn", "Null"]
            .into_iter()
            .find(|family| self.base.starts_with(family))
            .unwrap_or("IpAddress")
    }
}

/// One string, or a list of them.
pub(super) fn strings(node: &Node) -> Vec<Text<'_>> {
    let texts = items(node).iter().filter_map(|item| match &item.value {
        Value::String(text) => Some(Text { text, span: item.span }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    });
    texts.collect()
}

/// The items of a list, or the one value there is.
pub(super) fn items(node: &Node) -> &[Node] {
    match &node.value {
        Value::Array(items) => items,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            std::slice::from_ref(node)
        }
    }
}

/// The members of an object; nothing where it is none.
pub(super) fn object(node: &Node) -> &[Member] {
    match &node.value {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => &[],
    }
}

/// The last of several equal keys, which is the one a JSON reader that builds maps would keep.
pub(super) fn last<'a>(members: &'a [Member], key: &str) -> Option<&'a Member> {
    members.iter().rev().find(|member| member.key == key)
}
