//! A second interpreter, written from AWS's rules with strings and JSON values, slow and plain. It shares nothing with
//! the engine but the form of the cases.
//!
//! It knows yes and no only. Where AWS documents nothing it is told how to read the rules, one [`Doubt`] at a time, and
//! for a context value that is not known it is asked once for every value it may have.

use std::cell::Cell;
use std::collections::HashMap;

use serde_json::Value;

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

    fn conditions(&self, statement: &Value, variables: bool) -> bool {
        let Some(block) = statement["Condition"].as_object() else { return true };
        block.iter().all(|(operator, keys)| {
            keys.as_object()
                .unwrap()
                .iter()
                .all(|(key, wanted)| self.condition(operator, key, &strings(wanted), variables))
        })
    }

    fn condition(&self, operator: &str, key: &str, wanted: &[String], variables: bool) -> bool {
        let (set, name) = operator.split_once(':').map_or(("", operator), |(set, name)| (set, name));
        let (name, if_exists) = name.strip_suffix("IfExists").map_or((name, false), |name| (name, true));
        let negated = name.contains("Not");
        let name = name.replace("Not", "");
        let found = self.context(key);
        if wanted.is_empty() {
            let missing = found.as_ref().is_none_or(|found| *found == Value::Array(Vec::new()));
            return match (set, negated, if_exists) {
                ("ForAnyValue", _, true) => missing && self.reading.says(Doubt::AnyValueIfExists),
                ("ForAnyValue", _, false) => false,
                ("", false, false) => self.reading.says(Doubt::NoValuesHolds),
                ("", true, false) => self.reading.says(Doubt::NoValuesHolds),
                (_, true, _) => missing || self.reading.says(Doubt::NoValuesHolds),
                (_, false, _) => missing,
            };
        }
        if name == "Null" {
            return wanted.iter().any(|it| *it == found.is_none().to_string());
        }
        let Some(found) = found else {
            return match (if_exists, set) {
                (true, "ForAnyValue") => self.reading.says(Doubt::AnyValueIfExists),
                (true, _) | (_, "ForAllValues") => true,
                (_, "ForAnyValue") => false,
                _ => negated,
            };
        };
        let values = strings(&found);
        let one = |value: &String| {
            let hit = wanted.iter().any(|wanted| self.compare(&name, wanted, value, variables));
            hit != negated
        };
        match set {
            "" if found.is_array() => {
                self.reading.says(Doubt::MultivaluedWithoutSet) && values.iter().any(one)
            }
            "" => one(&values[0]),
            _ => {
                let (says, documented) = if set == "ForAllValues" {
                    (values.iter().all(one), true)
                } else {
                    (values.iter().any(one), false)
                };
                let empty = values.iter().all(String::is_empty);
                if empty && says != documented && self.reading.says(Doubt::EmptyIsAbsent) {
                    documented
                } else {
                    says
                }
            }
        }
    }

    fn compare(&self, operator: &str, wanted: &str, value: &str, variables: bool) -> bool {
        let textual = operator.starts_with("String") || operator.starts_with("Arn") || operator == "Bool";
        let pattern = if variables && textual { self.resolve(wanted) } else { Some(plain(wanted)) };
        let Some(pattern) = pattern else { return false };
        let literal: String = pattern.iter().map(|it| it.literal()).collect();
        match operator {
            "StringEquals" => literal == value,
            "StringEqualsIgnoreCase" => literal.to_lowercase() == value.to_lowercase(),
            "StringLike" => glob(&pattern, value),
            "Bool" => {
                literal == value
                    || (literal.to_lowercase() == value.to_lowercase()
                        && self.reading.says(Doubt::AnyCaseIsTrue))
            }
            "ArnEquals" | "ArnLike" => {
                let parts: Vec<&[Char]> = pattern.splitn(6, |it| *it == Char::Is(':')).collect();
                let values: Vec<&str> = value.splitn(6, ':').collect();
                let all = parts.len() == 6 && values.len() == 6;
                if literal == "*" {
                    return self.reading.says(Doubt::OneStarArn);
                }
                all && parts.iter().zip(&values).all(|(part, value)| glob(part, value))
            }
            "BinaryEquals" => wanted == value,
            "IpAddress" => {
                let (network, length) = wanted.split_once('/').unwrap_or((wanted, "128"));
                let length: usize = length.parse().unwrap();
                match (bits(network), bits(value)) {
                    (Some(network), Some(value)) => {
                        let prefix = length.min(network.len());
                        network.len() == value.len() && network[..prefix] == value[..prefix]
                    }
                    _ => self.reading.says(Doubt::NotANumberCompares),
                }
            }
            _ => {
                let relation_is_date = operator.starts_with("Date");
                let (read, relation): (fn(&str) -> Option<f64>, _) = match operator.strip_prefix("Date") {
                    Some(relation) => (seconds, relation),
                    None => (|text| text.parse().ok(), operator.strip_prefix("Numeric").unwrap()),
                };
                // Four digits are a year, or seconds.
                let year = |text: &str| text.len() == 4 && !text.contains(['-', '.']);
                let seconds_too = relation_is_date && (year(value) || year(wanted));
                let read = |text: &str| {
                    if seconds_too && year(text) && self.reading.says(Doubt::YearIsSeconds) {
                        return text.parse().ok();
                    }
                    read(text)
                };
                match (read(value), read(wanted)) {
                    (Some(value), Some(wanted)) => match relation {
                        "Equals" => value == wanted,
                        "LessThan" => value < wanted,
                        "LessThanEquals" => value <= wanted,
                        "GreaterThan" => value > wanted,
                        "GreaterThanEquals" => value >= wanted,
                        other => panic!("{other} is not in the model"),
                    },
                    _ => self.reading.says(Doubt::NotANumberCompares),
                }
            }
        }
    }
}

/// The bits of an address, written out.
fn bits(address: &str) -> Option<String> {
    match address.parse().ok()? {
        std::net::IpAddr::V4(address) => Some(format!("{:032b}", u32::from(address))),
        std::net::IpAddr::V6(address) => Some(format!("{:0128b}", u128::from(address))),
    }
}

/// Seconds since 1970 of `YYYY[-MM[-DD]][Thh:mm[:ss[.s]](Z|+hh:mm)]` or of seconds since 1970: days are counted one by
/// one.
fn seconds(text: &str) -> Option<f64> {
    if !text.contains('-') && text.len() != 4 {
        return text.parse().ok();
    }
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00Z"));
    let date: Vec<u32> = date.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let wanted = (date[0], *date.get(1).unwrap_or(&1), *date.get(2).unwrap_or(&1));
    let (mut day, mut days) = ((1970, 1, 1), 0.0);
    while day != wanted {
        let leap = day.0 % 4 == 0 && (day.0 % 100 != 0 || day.0 % 400 == 0);
        let last =
            [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][day.1 as usize - 1];
        day = match day {
            (year, 12, 31) => (year + 1, 1, 1),
            (year, month, last_day) if last_day == last => (year, month + 1, 1),
            (year, month, day) => (year, month, day + 1),
        };
        days += 1.0;
    }
    let sign = if time.contains('-') { 1.0 } else { -1.0 };
    let (clock, zone) = time.split_once(['Z', '+', '-'])?;
    let clock_seconds = |text: &str| -> Option<f64> {
        let parts: Vec<f64> = text.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        Some(parts[0] * 3600.0 + parts[1] * 60.0 + parts.get(2).unwrap_or(&0.0))
    };
    let offset = if zone.is_empty() { 0.0 } else { sign * clock_seconds(zone)? };
    Some(days * 86_400.0 + clock_seconds(clock)? + offset)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Char {
    Is(char),
    One,
    Any,
}

impl Char {
    fn literal(self) -> char {
        match self {
            Self::Is(it) => it,
            Self::One => '?',
            Self::Any => '*',
        }
    }
}

fn plain(text: &str) -> Vec<Char> {
    let wild = |it| match it {
        '*' => Char::Any,
        '?' => Char::One,
        it => Char::Is(it),
    };
    text.chars().map(wild).collect()
}

fn without_variables(pattern: &str, variables: bool) -> String {
    match pattern.split_once("${").filter(|_| variables) {
        Some((before, rest)) => {
            let after = rest.split_once('}').map_or("", |(_, after)| after);
            before.to_owned() + &without_variables(after, variables)
        }
        None => pattern.to_owned(),
    }
}

fn glob(pattern: &[Char], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    Glob { pattern, text: &text, walls: 0, takes_star: true, seen: HashMap::new() }.from(0, 0)
}

/// As a glob, but a `*` stays left of the first five colons unless it ends its part.
fn arn_glob(pattern: &[Char], text: &str, takes_star: bool) -> bool {
    let text: Vec<char> = text.chars().collect();
    if text == ['*'] {
        return pattern.iter().all(|it| *it == Char::Any);
    }
    let colons: Vec<usize> = (0..text.len()).filter(|at| text[*at] == ':').collect();
    let walls = colons.get(4).map_or(text.len(), |at| at + 1);
    Glob { pattern, text: &text, walls, takes_star, seen: HashMap::new() }.from(0, 0)
}

struct Glob<'a> {
    pattern: &'a [Char],
    text: &'a [char],
    /// Colons before here are not crossed.
    walls: usize,
    takes_star: bool,
    seen: HashMap<(usize, usize), bool>,
}

impl Glob<'_> {
    fn from(&mut self, p: usize, t: usize) -> bool {
        if let Some(known) = self.seen.get(&(p, t)) {
            return *known;
        }
        let at_wall = self.text.get(t) == Some(&':') && t < self.walls;
        let found = match (self.pattern.get(p), self.text.get(t)) {
            (None, rest) => rest.is_none(),
            (Some(Char::Any), rest) => {
                let ends_part = matches!(self.pattern.get(p + 1), None | Some(Char::Is(':')));
                self.from(p + 1, t) || (rest.is_some() && (ends_part || !at_wall) && self.from(p, t + 1))
            }
            (Some(Char::One), Some(it)) => {
                !at_wall && (*it != '*' || self.takes_star) && self.from(p + 1, t + 1)
            }
            (Some(Char::Is(wanted)), Some(it)) => wanted == it && self.from(p + 1, t + 1),
            (Some(_), None) => false,
        };
        self.seen.insert((p, t), found);
        found
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
