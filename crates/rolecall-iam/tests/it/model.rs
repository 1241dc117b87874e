//! A second interpreter, written from AWS's rules with strings and JSON values, slow and plain. It shares nothing with
//! the engine but the form of the cases.
//!
//! It knows yes and no only. Where AWS documents nothing it is told how to read the rules, one [`Doubt`] at a time, and
//! for a context value that is not known it is asked once for every value it may have.

mod condition;
mod glob;

use std::cell::Cell;

use serde_json::Value;

use self::glob::{Char, arn_glob, glob, plain, without_variables};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Allowed,
    ImplicitlyDenied,
    ExplicitlyDenied,
}

/// What AWS does not document.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Doubt {
    /// A grant to everyone passes a session policy that does not allow.
    EveryonePassesSession,
    /// A multivalued key without a set operator matches like `ForAnyValue`.
    MultivaluedWithoutSet,
    /// `NotPrincipal` spares those of whom only the account is listed.
    AccountAloneIsSpared,
    /// `NotPrincipal` works in an `Allow`.
    NotPrincipalAllows,
    /// What is no number still compares.
    NotANumberCompares,
    /// `TRUE` is `true`.
    AnyCaseIsTrue,
    /// A condition without values holds.
    NoValuesHolds,
    /// An empty value under a set operator is as good as none.
    EmptyIsAbsent,
    /// `?` takes the `*` of a request for all of a kind.
    QuestionMarkTakesStar,
    /// A variable works before the fifth colon.
    EarlyVariable,
    /// A short ARN is as good elsewhere as in an identity policy.
    ShortArnEverywhere,
    /// A deny that IAM would have refused to save still denies.
    MalformedDenies,
    /// `ForAnyValue` with `IfExists` holds where there is no value.
    AnyValueIfExists,
    /// `*` alone is an ARN pattern.
    OneStarArn,
    /// Four digits are seconds.
    YearIsSeconds,
}

/// How to read what AWS does not document: one bit for each doubt.
pub(crate) struct Reading {
    bits: u16,
    asked: Cell<bool>,
}

impl Reading {
    pub(crate) fn new(bits: u16) -> Self {
        Self { bits, asked: Cell::new(false) }
    }

    fn says(&self, doubt: Doubt) -> bool {
        self.asked.set(true);
        self.bits & (1 << doubt as u16) != 0
    }

    /// Whether anything undocumented was met.
    pub(crate) fn was_asked(&self) -> bool {
        self.asked.get()
    }
}

struct World<'a> {
    request: &'a Value,
    reading: &'a Reading,
    has_boundary: bool,
}

/// The ways in which a resource policy may name the one who asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Itself,
    Everyone,
    Role,
    Account,
}

pub(crate) fn decide(case: &Value, reading: &Reading) -> Answer {
    let (request, policies) = (&case["request"], &case["policies"]);
    let world = World { request, reading, has_boundary: policies["boundary"].is_array() };
    let one = |name: &str| policies[name].as_array().cloned();
    let resource = policies.get("resource").filter(|it| !it.is_null()).map(|it| vec![it.clone()]);
    let levels = |name: &str| -> Option<Vec<Vec<Value>>> {
        let levels = policies[name].as_array()?;
        Some(levels.iter().map(|level| level["policies"].as_array().unwrap().clone()).collect())
    };
    let (identity, boundary, session, vpce) = (one("identity"), one("boundary"), one("session"), one("vpce"));
    let (scp, rcp) = (levels("scp"), levels("rcp"));

    let mut layers: Vec<(&str, &Vec<Value>)> = Vec::new();
    for (name, layer) in [
        ("identity", &identity),
        ("boundary", &boundary),
        ("session", &session),
        ("vpce", &vpce),
        ("resource", &resource),
    ] {
        layers.extend(layer.as_ref().map(|layer| (name, layer)));
    }
    layers.extend(scp.iter().flatten().map(|level| ("scp", level)));
    layers.extend(rcp.iter().flatten().map(|level| ("rcp", level)));
    if layers.iter().any(|(name, layer)| world.any(name, layer, "Deny")) {
        return Answer::ExplicitlyDenied;
    }

    let allows = |name, layer: &Option<Vec<Value>>| layer.as_ref().map(|it| world.any(name, it, "Allow"));
    let scp_allows =
        scp.is_none_or(|levels| !levels.is_empty() && levels.iter().all(|it| world.any("scp", it, "Allow")));
    if !scp_allows || allows("vpce", &vpce) == Some(false) {
        return Answer::ImplicitlyDenied;
    }
    let i = allows("identity", &identity).unwrap_or(false);
    let b = allows("boundary", &boundary).unwrap_or(true);
    let s = allows("session", &session).unwrap_or(true);
    let grants = resource.map(|it| world.grants(&it[0])).unwrap_or_default();
    let named = |how: Named| grants.contains(&how);
    let everyone = named(Named::Everyone) && (s || reading.says(Doubt::EveryonePassesSession));
    let direct = named(Named::Itself) || everyone;
    let (home, owner) = (world.account(), request["resource"]["account"].as_str());
    let resource_arn = request["resource"]["arn"].as_str().unwrap();
    let trust = resource_arn.starts_with("arn:aws:iam:") && world.action().starts_with("sts:");
    let resource_decides = trust || resource_arn.starts_with("arn:aws:kms:");
    let allowed = match (home.as_deref(), world.kind()) {
        (_, "root" | "anonymous") if world.action() == "sts:assumerole" => false,
        (None, _) => !grants.is_empty(),
        (Some(_), "root") if home.as_deref() != owner || resource_decides => !grants.is_empty(),
        (Some(_), "root") => true,
        (Some(_), _) if home.as_deref() != owner => !grants.is_empty() && i && b && s,
        (Some(_), _) if resource_decides => {
            direct || (named(Named::Role) && b && s) || (named(Named::Account) && i && b && s)
        }
        (Some(_), _) => (i && b && s) || direct || (named(Named::Role) && b && s),
    };
    if allowed { Answer::Allowed } else { Answer::ImplicitlyDenied }
}

impl World<'_> {
    fn text(&self, key: &str) -> &str {
        self.request["principal"][key].as_str().unwrap_or("")
    }

    fn kind(&self) -> &str {
        let arn = self.text("arn");
        if arn.ends_with(":root") {
            "root"
        } else if arn.contains(":assumed-role/") {
            "session"
        } else {
            self.text("type")
        }
    }

    fn account(&self) -> Option<String> {
        self.text("arn").split(':').nth(4).map(str::to_owned)
    }

    fn action(&self) -> String {
        self.request["action"].as_str().unwrap().to_lowercase()
    }

    fn any(&self, layer: &str, policies: &[Value], effect: &str) -> bool {
        policies.iter().any(|policy| {
            statements(policy).iter().any(|statement| {
                statement["Effect"] == effect && self.matches(layer, policy, statement).is_some()
            })
        })
    }

    /// All the ways in which the resource's policy grants.
    fn grants(&self, policy: &Value) -> Vec<Named> {
        let allows = statements(policy).into_iter().filter(|statement| statement["Effect"] == "Allow");
        allows.filter_map(|statement| self.matches("resource", policy, &statement)).flatten().collect()
    }

    /// How a statement that matches names the principal; none where it does not match.
    fn matches(&self, layer: &str, policy: &Value, statement: &Value) -> Option<Vec<Named>> {
        let variables = policy["Version"] == "2012-10-17";
        let names_somebody = statement.get("Principal").or(statement.get("NotPrincipal")).is_some();
        let names_something = statement.get("Resource").or(statement.get("NotResource")).is_some();
        let sound = match layer {
            "resource" => names_somebody,
            "rcp" => names_somebody && names_something,
            "vpce" => names_something,
            _ => !names_somebody && names_something,
        };
        if !sound {
            let denies = statement["Effect"] == "Deny" && self.reading.says(Doubt::MalformedDenies);
            return denies.then(Vec::new);
        }
        let acts =
            |list: &Value| strings(list).iter().any(|it| glob(&plain(&it.to_lowercase()), &self.action()));
        let action = match statement.get("Action") {
            Some(list) => acts(list),
            None => !acts(&statement["NotAction"]),
        };
        let resource = match (statement.get("Resource"), statement.get("NotResource")) {
            (Some(list), _) => {
                strings(list).iter().any(|it| self.resource(it, layer, variables) == Some(true))
            }
            (None, Some(list)) => {
                strings(list).iter().all(|it| self.resource(it, layer, variables) == Some(false))
            }
            (None, None) => true,
        };
        if !action || !resource || !self.conditions(statement, variables) {
            return None;
        }
        match (statement.get("Principal"), statement.get("NotPrincipal")) {
            (Some(principal), _) => {
                let narrowed = ["ArnEquals", "ArnLike", "StringEquals", "StringLike"]
                    .iter()
                    .any(|it| statement["Condition"][*it].get("aws:PrincipalArn").is_some());
                let found = names(principal).into_iter().filter_map(|name| self.named(&name));
                let found = found.map(|how| match how {
                    Named::Everyone if narrowed => Named::Itself,
                    how => how,
                });
                Some(found.collect::<Vec<_>>()).filter(|found| !found.is_empty())
            }
            (None, Some(listed)) => {
                self.not_principal(listed, &statement["Effect"]).then(|| vec![Named::Everyone])
            }
            (None, None) => Some(Vec::new()),
        }
    }

    fn named(&self, (kind, name): &(String, String)) -> Option<Named> {
        let arn = self.text("arn");
        let id = self.text("unique_id").split(':').next().unwrap_or("");
        let account = self.account().unwrap_or_default();
        match kind.as_str() {
            "Service" => (self.text("type") == "service" && self.text("id") == name).then_some(Named::Itself),
            "Federated" => {
                (self.text("type") == "federated" && self.text("id") == name).then_some(Named::Itself)
            }
            _ if name == "*" => Some(Named::Everyone),
            _ if *name == account || *name == format!("arn:aws:iam::{account}:root") => Some(Named::Account),
            _ if self.kind() == "root" => None,
            _ if name == arn => Some(Named::Itself),
            _ if self.kind() == "session" => {
                (name == self.text("role_arn") || name == id).then_some(Named::Role)
            }
            _ => (!id.is_empty() && name == id).then_some(Named::Itself),
        }
    }

    fn not_principal(&self, listed: &Value, effect: &Value) -> bool {
        let how: Vec<Named> = names(listed).iter().filter_map(|name| self.named(name)).collect();
        if effect == "Allow" {
            return how.is_empty() && self.reading.says(Doubt::NotPrincipalAllows);
        }
        if self.has_boundary {
            return true;
        }
        let has = |named: Named| how.contains(&named);
        let spared = has(Named::Everyone)
            || match (self.account(), self.kind()) {
                (None, _) => has(Named::Itself),
                (_, "root") => has(Named::Account),
                (_, "session") => has(Named::Itself) && has(Named::Role) && has(Named::Account),
                _ => has(Named::Itself) && has(Named::Account),
            };
        let account_only = !spared && has(Named::Account) && !has(Named::Itself) && !has(Named::Role);
        !(spared || (account_only && self.reading.says(Doubt::AccountAloneIsSpared)))
    }

    /// Whether a pattern matches the resource; none where a variable of it has no value.
    fn resource(&self, pattern: &str, layer: &str, variables: bool) -> Option<bool> {
        let resource = self.request["resource"]["arn"].as_str().unwrap();
        if pattern == "*" {
            return Some(true);
        }
        let wanted = if variables { self.resolve(pattern)? } else { plain(pattern) };
        let colons = without_variables(pattern, variables).matches(':').count();
        let early =
            variables && pattern.find("${aws:").is_some_and(|at| pattern[..at].matches(':').count() < 5);
        let matches = |wanted: &[Char]| {
            arn_glob(wanted, resource, false)
                || (arn_glob(wanted, resource, true) && self.reading.says(Doubt::QuestionMarkTakesStar))
        };
        let completed = [wanted.clone(), plain(":*")].concat();
        let fills_up = matches!(layer, "identity" | "session" | "boundary");
        let found = matches(&wanted)
            || (colons < 5
                && matches(&completed)
                && (fills_up || self.reading.says(Doubt::ShortArnEverywhere)));
        Some(found && (!early || self.reading.says(Doubt::EarlyVariable)))
    }

    /// A pattern with the values of its variables in it.
    fn resolve(&self, pattern: &str) -> Option<Vec<Char>> {
        let Some((before, rest)) = pattern.split_once("${") else { return Some(plain(pattern)) };
        let Some((inside, after)) = rest.split_once('}') else { return Some(plain(pattern)) };
        let mut found = plain(before);
        let value = match inside {
            "*" | "?" | "$" => inside.to_owned(),
            _ => {
                let (key, default) =
                    inside.split_once(", ").map_or((inside, None), |(key, d)| (key, Some(d)));
                match self.context(key) {
                    Some(Value::String(value)) => value,
                    _ => default?.trim_matches('\'').to_owned(),
                }
            }
        };
        found.extend(value.chars().map(Char::Is));
        found.extend(self.resolve(after)?);
        Some(found)
    }

    fn context(&self, key: &str) -> Option<Value> {
        let context = self.request["context"].as_object().unwrap();
        let found = context.iter().find(|(name, _)| name.to_lowercase() == key.to_lowercase());
        found.map(|(_, value)| value.clone()).filter(|value| value.as_array().is_none_or(|it| !it.is_empty()))
    }
}

fn statements(policy: &Value) -> Vec<Value> {
    match &policy["Statement"] {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    }
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().flat_map(strings).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

fn names(principal: &Value) -> Vec<(String, String)> {
    match principal {
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, names)| strings(names).into_iter().map(|name| (kind.clone(), name)))
            .collect(),
        _ => vec![("AWS".to_owned(), "*".to_owned())],
    }
}
