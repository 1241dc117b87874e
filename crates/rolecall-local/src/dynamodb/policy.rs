//! Resource-based policies of tables and streams: kept with the account, decided on by the authoriser.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-resource-based.html>

use rolecall_iam::{Account, Policy, PolicyKind};
use serde_json::{Value, json};

use super::{Call, answer};
use crate::directory::Directory;
use crate::dynamodb::fault::{internal, validation};
use crate::dynamodb::json::parse;
use crate::dynamodb::needs::required;
use crate::fault::Fault;
use crate::iam::principals;
use crate::sigv4::sha256;
use crate::world::World;

/// The longest policy, in bytes, white space counted.
const SIZE: usize = 20 * 1024;

/// `ExpectedRevisionId` of a policy that must not be there yet.
const NO_POLICY: &str = "NO_POLICY";

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html>
pub(super) fn put(world: &World, call: &Call) -> Result<Vec<u8>, Fault> {
    let json = parse(&call.body)?;
    let text = json.text("Policy")?.ok_or_else(|| required("policy"))?;
    let expected = json.text("ExpectedRevisionId")?;
    let arn = call.resource();
    let mut directory = world.write();
    let policy = accepted(&mut directory, text, arn, world.clock.now())?;
    let account = account(&mut directory, call)?;
    expect(expected, account.resource_policies.get(arn))?;
    let revision = revision(&policy);
    account.resource_policies.insert(arn.to_owned(), policy);
    world.save(&directory, call.place.account)?;
    Ok(json!({ "RevisionId": revision }).to_string().into_bytes())
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetResourcePolicy.html>
pub(super) fn show(world: &World, call: &Call) -> Result<Vec<u8>, Fault> {
    let directory = world.read();
    let arn = call.resource();
    let account = directory.estate.account(call.place.account);
    let policy = account.and_then(|account| account.resource_policies.get(arn));
    let policy = policy.ok_or_else(|| no_policy(arn))?;
    let text = policy.shown(|id| directory.estate.arn_of(id));
    Ok(json!({ "Policy": text, "RevisionId": revision(policy) }).to_string().into_bytes())
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteResourcePolicy.html>
pub(super) fn delete(world: &World, call: &Call) -> Result<Vec<u8>, Fault> {
    let json = parse(&call.body)?;
    let expected = json.text("ExpectedRevisionId")?;
    let arn = call.resource();
    let mut directory = world.write();
    let account = account(&mut directory, call)?;
    expect(expected, account.resource_policies.get(arn))?;
    let Some(policy) = account.resource_policies.remove(arn) else { return Ok(b"{}".to_vec()) };
    world.save(&directory, call.place.account)?;
    Ok(json!({ "RevisionId": revision(&policy) }).to_string().into_bytes())
}

/// CreateTable, with the policy it may bring along.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-create-table.html>
pub(super) async fn create_table(world: &World, call: &Call) -> Result<Vec<u8>, Fault> {
    let named = call.named.first().ok_or_else(internal)?;
    let arn = named.table.arn();
    let (policy, body) = {
        let mut json = parse(&call.body)?;
        let policy = match json.text("ResourcePolicy")? {
            None => None,
            Some(text) => Some(accepted(&mut world.write(), text, &arn, world.clock.now())?),
        };
        json.remove("ResourcePolicy");
        (policy, json.to_vec())
    };
    let now = world.clock.now();
    let created = world.tables.plane.call(&call.place, call.operation.name, body.into(), now).await;
    world.tables.forget(&named.table);
    let answer = created?;
    if let Some(policy) = policy {
        let mut directory = world.write();
        account(&mut directory, call)?.resource_policies.insert(arn, policy);
        world.save(&directory, call.place.account)?;
    }
    Ok(answer)
}

/// DeleteTable: the policies of the table and its streams go with it.
pub(super) async fn delete_table(world: &World, call: &Call) -> Result<Vec<u8>, Fault> {
    let deleted = answer::of_plane(world, call).await;
    for named in &call.named {
        world.tables.forget(&named.table);
    }
    let answer = deleted?;
    for named in &call.named {
        let (arn, streams) = (named.table.arn(), format!("{}/stream/", named.table.arn()));
        let mut directory = world.write();
        let policies = &mut account(&mut directory, call)?.resource_policies;
        let before = policies.len();
        policies.retain(|resource, _| *resource != arn && !resource.starts_with(&streams));
        if policies.len() != before {
            world.save(&directory, call.place.account)?;
        }
    }
    Ok(answer)
}

fn account<'a>(directory: &'a mut Directory, call: &Call) -> Result<&'a mut Account, Fault> {
    directory.estate.accounts.get_mut(&call.place.account).ok_or_else(internal)
}

/// Reads a policy for the resource `arn` as DynamoDB does before it keeps one.
fn accepted(directory: &mut Directory, text: &str, arn: &str, now: i64) -> Result<Policy, Fault> {
    let refused = |words: &str| validation(format!("Invalid policy document: {words}"));
    if text.len() > SIZE {
        return Err(refused("it is larger than 20 KB"));
    }
    let mut policy = Policy::new(text, PolicyKind::Resource).map_err(|found| {
        refused(found.first().map_or("Syntax errors in policy.", |first| first.message.as_str()))
    })?;
    if let Some(other) = resources(text).into_iter().find(|resource| !speaks_of(resource, arn)) {
        return Err(refused(&format!("the resource `{other}` is not the one the policy is attached to")));
    }
    principals::resolve(directory, &mut policy, now).map_err(|fault| refused(&fault.message))?;
    Ok(policy)
}

/// A policy speaks of what it is attached to: the table and its indexes, or the stream.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html>
fn speaks_of(resource: &str, arn: &str) -> bool {
    let inside = resource.strip_prefix(arn);
    resource == "*"
        || inside.is_some_and(|rest| rest.is_empty() || rest == "/*" || rest.starts_with("/index/"))
}

/// All resources of all statements. The text has been read as a policy: it is one.
fn resources(text: &str) -> Vec<String> {
    let policy: Value = serde_json::from_str(text).unwrap_or_default();
    let each = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    let statements = policy.get("Statement").map(each).unwrap_or_default();
    let elements = statements.iter().flat_map(|statement| {
        ["Resource", "NotResource"].into_iter().filter_map(|name| statement.get(name)).flat_map(each)
    });
    elements.filter_map(|element| element.as_str().map(str::to_owned)).collect()
}

/// The same text has the same revision.
fn revision(policy: &Policy) -> String {
    let hash = sha256(policy.text().as_bytes());
    let digits = hash.bytes().take(12).fold(0, |number: u64, digit| number << 4 | u64::from(digit & 15));
    format!("{:015}", digits % 1_000_000_000_000_000)
}

/// `ExpectedRevisionId`, where it was given, must be that of the policy there is.
fn expect(expected: Option<&str>, held: Option<&Policy>) -> Result<(), Fault> {
    let is_met = match (expected, held) {
        (None, _) | (Some(NO_POLICY), None) => true,
        (Some(expected), Some(policy)) => revision(policy) == expected,
        (Some(_), None) => false,
    };
    if is_met { Ok(()) } else { Err(policy_not_found("The revision of the policy is not the expected one")) }
}

fn no_policy(arn: &str) -> Fault {
    policy_not_found(&format!("Resource-based policy not found for the provided ResourceArn: {arn}"))
}

fn policy_not_found(words: &str) -> Fault {
    Fault::new(400, "PolicyNotFoundException", words)
}
