//! The attributes of an entry: what is known as it is, and in the holes what the configuration refers to.
//!
//! A plan keeps which references fill a hole, and not what stands around them. So a reference is taken for the whole of
//! a hole only where that is what people write: names, documents, principals. An ARN in a list of resources may have
//! `/*` after it, and has something unknown there.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value as Json;

use super::configuration::Expression;
use super::entry::Entry;
use super::observed;
use super::reader::{Reader, Scope};
use super::reference::{Target, is_choice, is_document, value};
use crate::value::{Kind, Text, Unknown, Value};

/// Arguments that name something else by what it is referred to.
const NAMING: [&str; 24] = [
    "arn",
    "backup_vault_name",
    "bucket",
    "event_bus_name",
    "execution_role_arn",
    "group",
    "groups",
    "instance_role_arn",
    "job_role_arn",
    "key_id",
    "managed_policy_arns",
    "permissions_boundary",
    "policy_arn",
    "queue_url",
    "repository",
    "resource_arn",
    "role",
    "role_arn",
    "roles",
    "secret_arn",
    "service_role",
    "task_role_arn",
    "user",
    "users",
];

/// Resources whose ARN has nothing after it in a policy.
const WHOLE: [&str; 7] = [
    "aws_iam_group",
    "aws_iam_openid_connect_provider",
    "aws_iam_policy",
    "aws_iam_role",
    "aws_iam_user",
    "aws_sns_topic",
    "aws_sqs_queue",
];

/// A part of what is recorded, and what is written there.
#[derive(Clone, Copy)]
struct Part<'a> {
    value: &'a Json,
    unknown: &'a Json,
    sensitive: &'a Json,
    written: Option<&'a Json>,
}

/// Where it is.
struct At<'a> {
    entry: &'a Entry,
    scope: Scope,
    /// The name of the argument.
    slot: &'a str,
}

const NULL: &Json = &Json::Null;

impl Reader<'_> {
    /// The attributes of an entry. Those that only the provider knows are left out.
    pub(super) fn attributes(&self, entry: &Entry) -> BTreeMap<String, Value> {
        let configured = self.configuration.resource(&entry.module, &entry.name);
        let written = configured.and_then(|resource| resource.get("expressions"));
        let scope = Scope { module: entry.module.clone(), key: entry.key.clone() };
        let names = [&entry.values, &entry.unknown].into_iter().filter_map(Json::as_object).flatten();
        let names: std::collections::BTreeSet<&String> = names.map(|(name, _)| name).collect();
        let mut members = BTreeMap::new();
        for name in names {
            let at = At { entry, scope: scope.clone(), slot: name };
            let part = Part {
                value: entry.values.get(name).unwrap_or(NULL),
                unknown: entry.unknown.get(name).unwrap_or(NULL),
                sensitive: inner(&entry.sensitive, name),
                written: written.and_then(|written| written.get(name)),
            };
            if part.written.is_none() && observed::is_observed(entry, name) {
                let (rest, unknown) = self.given.without(entry, name);
                // What is computed is what others give.
                if !rest.is_null() {
                    let part = Part { value: &rest, unknown: &unknown, ..part };
                    members.insert(name.clone(), self.part(part, &at));
                }
                continue;
            }
            if *part.unknown != Json::Bool(true) {
                members.insert(name.clone(), self.part(part, &at));
            } else if let Some(expression) = part.written {
                // What is not set is computed too: `name = var.name` where that is null.
                members.extend(self.hole(expression, &at).map(|value| (name.clone(), value)));
            }
            // Everything else is computed.
        }
        members
    }

    /// What fills an attribute of which nothing is known. None if it is not set, so that the provider makes it up.
    fn hole(&self, written: &Json, at: &At<'_>) -> Option<Value> {
        let expression = Expression(written);
        if !expression.is_one() {
            return Some(Value::from(Kind::Unknown(Self::made_of(&self.name(at), &[], &[]))));
        }
        let references = expression.references();
        let targets = self.targets(&references, at);
        let is_unset = matches!(targets.as_slice(), [one] if one.value.is_null() && !one.is_open);
        if expression.constant().is_some_and(Json::is_null) || is_unset {
            return None;
        }
        let filled = self.filled(&references, &targets, 1, &[], at).and_then(|mut all| all.pop_front());
        Some(filled.unwrap_or_else(|| self.unfilled(&references, at)))
    }

    /// A part of which something is known.
    fn part(&self, part: Part<'_>, at: &At<'_>) -> Value {
        let one = part.written.map(Expression).filter(|expression| expression.is_one());
        let mut fills = VecDeque::new();
        let mut references = Vec::new();
        let holes = holes(part.unknown);
        if let (Some(expression), true) = (one, holes > 0) {
            references = expression.references();
            let targets = self.targets(&references, at);
            let mut known = Vec::new();
            leaves(part.value, &mut known);
            fills = self.filled(&references, &targets, holes, &known, at).unwrap_or_default();
        }
        self.inside(part, at, one.is_some(), &references, &mut fills)
    }

    fn inside(
        &self,
        part: Part<'_>,
        at: &At<'_>,
        is_one: bool,
        references: &[String],
        fills: &mut VecDeque<Value>,
    ) -> Value {
        let is_sensitive = *part.sensitive == Json::Bool(true);
        let made = match (part.unknown, part.value) {
            (Json::Bool(true), _) => fills.pop_front().unwrap_or_else(|| self.unfilled(references, at)),
            // Nothing of it is known, though not all of it is unknown.
            (unknown, Json::Null) if holes(unknown) > 0 => self.unfilled(references, at),
            (_, Json::Array(elements)) => {
                // Blocks of a `dynamic` are not in a plan's configuration: then nobody knows which is which.
                let blocks = part.written.and_then(Json::as_array).filter(|all| all.len() == elements.len());
                Value::list(elements.iter().enumerate().map(|(index, value)| {
                    let unknown = part.unknown.get(index).unwrap_or(NULL);
                    let sensitive =
                        if is_sensitive { part.sensitive } else { part.sensitive.get(index).unwrap_or(NULL) };
                    let written = blocks.and_then(|blocks| blocks.get(index));
                    let part = Part { value, unknown, sensitive, written };
                    if is_one { self.inside(part, at, true, references, fills) } else { self.part(part, at) }
                }))
            }
            (unknown, Json::Object(members)) => {
                let names = members.keys().chain(unknown.as_object().into_iter().flat_map(|it| it.keys()));
                let names: std::collections::BTreeSet<&String> = names.collect();
                Value::object(names.into_iter().map(|name| {
                    let inner_part = Part {
                        value: members.get(name).unwrap_or(NULL),
                        unknown: unknown.get(name).unwrap_or(NULL),
                        sensitive: inner(part.sensitive, name),
                        written: part.written.filter(|_| !is_one).and_then(|written| written.get(name)),
                    };
                    let value = if is_one {
                        self.inside(inner_part, at, true, references, fills)
                    } else {
                        let at = At { entry: at.entry, scope: at.scope.clone(), slot: name };
                        self.part(inner_part, &at)
                    };
                    (name.clone(), value)
                }))
            }
            (_, known) => value(known),
        };
        made.sensitive_if(is_sensitive)
    }

    fn targets(&self, references: &[String], at: &At<'_>) -> Vec<Target> {
        references.iter().map(|reference| self.reference(reference, &at.scope, at.slot)).collect()
    }

    /// What fills so many holes, if that is certain: as many references that are not known, and none that is known and
    /// not seen among what is.
    fn filled(
        &self,
        references: &[String],
        targets: &[Target],
        holes: usize,
        known: &[&str],
        at: &At<'_>,
    ) -> Option<VecDeque<Value>> {
        let is_seen = |target: &Target| {
            let is_seen =
                |value: &Value| value.as_known_text().is_some_and(|text| known.contains(&text.as_str()));
            is_choice(&target.value)
                || is_key(&target.value, at)
                || is_seen(&target.value)
                || target.value.elements().is_some_and(|all| all.iter().all(is_seen))
        };
        let mut open = Vec::new();
        for (reference, target) in references.iter().zip(targets) {
            if target.is_open {
                open.push((reference, target));
            } else if !is_seen(target) {
                return None;
            }
        }
        if open.len() != holes {
            return None;
        }
        open.into_iter().map(|(reference, target)| self.fits(reference, target, at)).collect()
    }

    /// The value of a hole that is made of one reference.
    fn fits(&self, reference: &str, target: &Target, at: &At<'_>) -> Option<Value> {
        let (kind, attribute) = target.of.as_ref().map(|(kind, name)| (kind.as_str(), name.as_str())).unzip();
        let fits = match at.slot {
            slot if is_document(slot) => matches!(attribute, Some("json" | "minified_json" | "policy")),
            slot if NAMING.contains(&slot) => return Some(target.value.clone()),
            "identifiers" => {
                attribute == Some("arn") && kind.is_some_and(|kind| kind.starts_with("aws_iam_"))
            }
            "resources" | "not_resources" | "values" => {
                if kind.is_some_and(|kind| WHOLE.contains(&kind)) && attribute == Some("arn") {
                    true
                } else {
                    return begun(&target.value, reference);
                }
            }
            _ => false,
        };
        if !fits {
            return None;
        }
        self.taken.borrow_mut().insert(format!("{} is taken to be {reference}", self.name(at)));
        Some(target.value.clone())
    }

    fn unfilled(&self, references: &[String], at: &At<'_>) -> Value {
        Value::from(Kind::Unknown(Self::made_of(&self.name(at), references, &at.scope.module)))
    }

    fn name(&self, at: &At<'_>) -> String {
        format!("{}.{}", at.entry.address, at.slot)
    }
}

/// Whether a known value is the key of the instance, which stands in brackets and not in the value.
fn is_key(value: &Value, at: &At<'_>) -> bool {
    let Some(key) = at.scope.key.as_deref() else { return false };
    let key = serde_json::from_str(key).unwrap_or_else(|_| key.to_owned());
    value.as_known_text() == Some(key)
}

/// An ARN that may have something after it.
fn begun(value: &Value, reference: &str) -> Option<Value> {
    let mut text = value.to_text().filter(|text| text.known_prefix().starts_with("arn:"))?;
    text.push(Text::hole(Unknown::new(format!("what follows {reference}"))));
    Some(Value::from(text))
}

/// The part of what is sensitive that belongs to a member: all of it, where all is.
fn inner<'a>(sensitive: &'a Json, name: &str) -> &'a Json {
    if *sensitive == Json::Bool(true) { sensitive } else { sensitive.get(name).unwrap_or(NULL) }
}

/// How many parts are not known.
pub(super) fn holes(unknown: &Json) -> usize {
    match unknown {
        Json::Bool(true) => 1,
        Json::Array(elements) => elements.iter().map(holes).sum(),
        Json::Object(members) => members.values().map(holes).sum(),
        Json::Null | Json::Bool(false) | Json::Number(_) | Json::String(_) => 0,
    }
}

/// The texts in what is known.
fn leaves<'a>(value: &'a Json, all: &mut Vec<&'a str>) {
    match value {
        Json::String(text) => all.push(text),
        Json::Array(elements) => elements.iter().for_each(|element| leaves(element, all)),
        Json::Object(members) => members.values().for_each(|member| leaves(member, all)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
