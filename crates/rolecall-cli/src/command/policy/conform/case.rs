//! One line: what it asks, read strictly, and the answer.

use std::borrow::Cow;
use std::io::{self, Write};

use rolecall_iam::{
    AccountId, Arn, Attached, Layers, Policy, PolicyKind, Principal, Request, Source, Validation, decide,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::answer;
use super::principal::Written;
use super::scalar::Keys;

/// What every line has. Each part is read by itself, so that an answer can carry the id whatever is wrong with the rest.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    op: Option<&'a RawValue>,
    #[serde(borrow)]
    request: Option<&'a RawValue>,
    #[serde(borrow)]
    policies: Option<&'a RawValue>,
    #[serde(borrow)]
    policy_type: Option<&'a RawValue>,
    #[serde(borrow)]
    policy: Option<&'a RawValue>,
    #[serde(borrow)]
    policy_text: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow)]
    principal: Option<&'a RawValue>,
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
    #[serde(default)]
    context: Option<Keys>,
}

#[derive(Deserialize)]
struct Resource<'a> {
    #[serde(borrow)]
    arn: Cow<'a, str>,
    #[serde(borrow)]
    account: Option<Cow<'a, str>>,
}

/// A layer that is misspelt must not pass for one that is absent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Documents<'a> {
    #[serde(borrow)]
    identity: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    session: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    boundary: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
    #[serde(borrow)]
    scp: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    rcp: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    vpce: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct Level<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    policies: Vec<&'a RawValue>,
}

/// Writes the answer to one line.
pub(super) fn answer(line: &[u8], out: &mut impl Write) -> io::Result<()> {
    // serde would take a list of the members in order, too.
    let envelope: Envelope<'_> = match line {
        [b'{', ..] => match serde_json::from_slice(line) {
            Ok(envelope) => envelope,
            Err(error) => return answer::refuse(out, None, &error.to_string()),
        },
        _ => return answer::refuse(out, None, "the line is not a JSON object"),
    };
    let id = envelope.id;
    match text("op", envelope.op).as_ref().map(Option::as_deref) {
        Ok(Some("evaluate")) => match evaluate(&envelope, out)? {
            Ok(()) => Ok(()),
            Err(error) => answer::refuse(out, id, &error),
        },
        Ok(Some("validate")) => match validate(&envelope) {
            Ok(validation) => answer::validation(out, id, &validation),
            Err(error) => answer::refuse(out, id, &error),
        },
        Ok(Some(_)) => answer::refuse(out, id, "unsupported"),
        Ok(None) => answer::refuse(out, id, "op is missing"),
        Err(error) => answer::refuse(out, id, error),
    }
}

fn evaluate(envelope: &Envelope<'_>, out: &mut impl Write) -> io::Result<Result<(), String>> {
    let read = || -> Result<_, String> {
        let asked: Asked<'_> = part("request", envelope.request)?;
        let documents: Documents<'_> = part("policies", envelope.policies)?;
        let policies = envelope.policies.map(RawValue::get).unwrap_or_default();
        let context = asked.context.unwrap_or_default().0;
        let principal: Written<'_> = part("request.principal", asked.principal)?;
        let principal = principal.read(&context, policies)?;
        let resource: Resource<'_> = part("request.resource", asked.resource)?;
        let owner = owner(&resource, &principal)?;
        if !is_action(&asked.action) {
            return Err(format!("request.action `{}` is not of the form service:Action", asked.action));
        }
        Ok((principal, asked.action, resource.arn, owner, context, Policies::read(&documents)?))
    };
    let (principal, action, resource, owner, context, policies) = match read() {
        Ok(read) => read,
        Err(error) => return Ok(Err(error)),
    };
    let request = Request {
        principal: &principal,
        action: &action,
        resource: &resource,
        owner,
        context: &context,
        session_policies: None,
    };
    let verdict = decide(&request, &policies.layers(&request));
    answer::verdict(out, envelope.id, &verdict, &request)?;
    Ok(Ok(()))
}

fn validate(envelope: &Envelope<'_>) -> Result<Validation, String> {
    let name = text("policy_type", envelope.policy_type)?.ok_or("policy_type is missing")?;
    let kind = PolicyKind::from_name(&name).ok_or_else(|| {
        let names: Vec<&str> = PolicyKind::NAMES.iter().map(|(name, _)| *name).collect();
        format!("policy_type is `{name}`, and not one of {}", names.join(", "))
    })?;
    let document = match (envelope.policy, text("policy_text", envelope.policy_text)?) {
        (Some(policy), None) => Cow::Borrowed(policy.get()),
        (None, Some(text)) => text,
        (None, None) => return Err("policy or policy_text is missing".to_owned()),
        (Some(_), Some(_)) => return Err("policy and policy_text: it is one or the other".to_owned()),
    };
    Ok(rolecall_iam::validate(&document, kind))
}

fn text<'a>(name: &str, value: Option<&'a RawValue>) -> Result<Option<Cow<'a, str>>, String> {
    let text = value.map(|value| serde_json::from_str(value.get()));
    text.transpose().map_err(|_| format!("{name} is not a text"))
}

/// Reads one object. A list of its members in order, which serde would take too, is none.
fn part<'a, T: Deserialize<'a>>(name: &str, text: Option<&'a RawValue>) -> Result<T, String> {
    let text = text.ok_or_else(|| format!("{name} is missing"))?.get();
    if !text.starts_with('{') {
        return Err(format!("{name} is not an object"));
    }
    // Its column counts from the beginning of the part, and would mislead.
    let plain = |error: &serde_json::Error| {
        error.to_string().split(" at line ").next().unwrap_or_default().to_owned()
    };
    serde_json::from_str(text).map_err(|error| format!("{name}: {}", plain(&error)))
}

/// The account that owns the resource: as it is given, else the one its ARN names. Where it is neither, it can be left
/// open only for a principal without an account, and for `*`, which is the caller's own.
fn owner(resource: &Resource<'_>, principal: &Principal) -> Result<Option<AccountId>, String> {
    let Resource { arn: text, account } = resource;
    if let Some(account) = account.as_deref() {
        return account.parse().map(Some).map_err(|error| format!("request.resource.account: {error}"));
    }
    if text == "*" {
        return Ok(None);
    }
    let arn =
        Arn::parse(text).ok_or_else(|| format!("request.resource.arn `{text}` is neither an ARN nor `*`"))?;
    match arn.account_id() {
        None if principal.account().is_some() => {
            Err(format!("request.resource.account is missing, and `{text}` does not name it"))
        }
        owner => Ok(owner),
    }
}

/// A request is for one action: no wildcards.
fn is_action(action: &str) -> bool {
    action.split_once(':').is_some_and(|(service, name)| {
        let word = |text: &str| !text.is_empty() && !text.contains([':', '*', '?']);
        word(service) && word(name)
    })
}

/// The policies of a case, read, and for control policies the place each has in it.
struct Policies {
    resource_control: Option<Vec<ControlLevel>>,
    service_control: Option<Vec<ControlLevel>>,
    endpoint: Option<Vec<Policy>>,
    resource: Option<Policy>,
    identity: Option<Vec<Policy>>,
    boundary: Option<Vec<Policy>>,
    session: Option<Vec<Policy>>,
}

/// The policies of one level, each with its place in the case.
struct ControlLevel {
    id: String,
    policies: Vec<(String, Policy)>,
}

impl Policies {
    fn read(documents: &Documents<'_>) -> Result<Self, String> {
        let list = |name: &str, layer: &Option<Vec<&RawValue>>| -> Result<Option<Vec<Policy>>, String> {
            let Some(layer) = layer else { return Ok(None) };
            let numbered = layer.iter().enumerate();
            numbered
                .map(|(index, text)| policy(|| format!("{name}[{index}]"), text))
                .collect::<Result<_, _>>()
                .map(Some)
        };
        let levels =
            |name: &str, layer: &Option<Vec<&RawValue>>| -> Result<Option<Vec<ControlLevel>>, String> {
                let Some(layer) = layer else { return Ok(None) };
                let numbered = layer.iter().enumerate();
                numbered
                    .map(|(index, text)| control_level(&format!("{name}[{index}]"), text))
                    .collect::<Result<_, _>>()
                    .map(Some)
            };
        Ok(Self {
            resource_control: levels("rcp", &documents.rcp)?,
            service_control: levels("scp", &documents.scp)?,
            endpoint: list("vpce", &documents.vpce)?,
            resource: documents.resource.map(|text| policy(|| "resource".to_owned(), text)).transpose()?,
            identity: list("identity", &documents.identity)?,
            boundary: list("boundary", &documents.boundary)?,
            session: list("session", &documents.session)?,
        })
    }

    fn layers<'a>(&'a self, request: &Request<'a>) -> Layers<'a> {
        let list = |policies: &'a Option<Vec<Policy>>| policies.as_deref().map(attach);
        let levels = |levels: &'a Option<Vec<ControlLevel>>| {
            levels.as_ref().map(|levels| levels.iter().map(ControlLevel::attach).collect())
        };
        let role = || Arn::parse(request.resource)?.resource_of("role");
        let source = match role().filter(|_| request.is_for_trust()) {
            Some(role) => Source::Trust(role.rsplit_once('/').map_or(role, |(_, name)| name)),
            None => Source::Resource(request.resource),
        };
        Layers {
            resource_control: levels(&self.resource_control),
            service_control: levels(&self.service_control),
            endpoint: list(&self.endpoint),
            resource: self.resource.as_ref().map(|policy| Attached { source, policy }),
            identity: list(&self.identity),
            boundary: list(&self.boundary),
            session: list(&self.session),
            ..Layers::default()
        }
        .reaching(request)
    }
}

fn control_level(place: &str, text: &RawValue) -> Result<ControlLevel, String> {
    let level: Level<'_> = part(&format!("policies.{place}"), Some(text))?;
    let read = |(index, text): (usize, &&RawValue)| {
        let place = format!("{place}.policies[{index}]");
        let policy = policy(|| place.clone(), text)?;
        Ok::<_, String>((place, policy))
    };
    let policies = level.policies.iter().enumerate().map(read).collect::<Result<_, _>>()?;
    Ok(ControlLevel { id: level.id.as_deref().unwrap_or(place).to_owned(), policies })
}

impl ControlLevel {
    fn attach(&self) -> Vec<Attached<'_>> {
        let policies = self.policies.iter();
        let source = |arn| Source::Control { arn, level: &self.id };
        policies.map(|(place, policy)| Attached { source: source(place), policy }).collect()
    }
}

fn attach(policies: &[Policy]) -> Vec<Attached<'_>> {
    let numbered = policies.iter().enumerate();
    numbered.map(|(index, policy)| Attached { source: Source::Given(index), policy }).collect()
}

/// A policy's document, or a text that is one. What is wrong inside the document is the engine's to judge.
fn policy(place: impl Fn() -> String, text: &RawValue) -> Result<Policy, String> {
    let text = text.get();
    match text.as_bytes().first() {
        Some(b'{') => Ok(Policy::lenient(text)),
        Some(b'"') => {
            let text: Cow<'_, str> =
                serde_json::from_str(text).map_err(|error| format!("policies.{}: {error}", place()))?;
            Ok(Policy::lenient(&text))
        }
        _ => Err(format!("policies.{} is not a policy document", place())),
    }
}
