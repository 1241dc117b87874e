//! Tables themselves: making, describing, changing, deleting, listing; tags, time to live, policies.

use rolecall_iam::Context;
use rolecall_iam::needs::dynamodb::all_tables;

use super::{Asked, Named, Stop, required, resource_tags};
use crate::authorize::Need;
use crate::dynamodb::fault::{not_found, validation};
use crate::dynamodb::json::Json;
use crate::dynamodb::target::{Place, Table};
use crate::fault::Fault;

/// An operation on the table in `TableName`.
pub(crate) fn named(asked: &mut Asked<'_>) -> Result<(), Stop> {
    let table = asked.table()?;
    asked.needs_operation_on(&table)
}

/// Tags need `TagResource` besides, and a policy `PutResourcePolicy`.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.Operations.html>,
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-create-table.html>
pub(crate) fn create(asked: &mut Asked<'_>) -> Result<(), Stop> {
    let Some(text) = asked.body.text("TableName")? else { return Err(required("tableName").into()) };
    if text.starts_with("arn:") {
        return Err(validation(format!(
            "1 validation error detected: Value '{text}' at 'tableName' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
        ))
        .into());
    }
    refuse_members(
        asked,
        "CreateTable",
        &["GlobalTableSettingsReplicationMode", "GlobalTableSourceArn", "WarmThroughput"],
    )?;
    let table = asked.table_named(text)?;
    let context = request_tags(asked.body)?;
    let mut need = |action: &'static str| {
        let context = context.clone();
        asked.needs.push(Need {
            action: action.into(),
            resource: table.arn(),
            owner: table.place.account,
            context,
        });
    };
    need("dynamodb:CreateTable");
    if context.iter().next().is_some() {
        need("dynamodb:TagResource");
    }
    if asked.body.text("ResourcePolicy")?.is_some() {
        need("dynamodb:PutResourcePolicy");
    }
    Ok(())
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html>
pub(crate) fn list(asked: &mut Asked<'_>) -> Result<(), Stop> {
    let home = Place::of(asked.caller)?;
    let resource = all_tables(&home.region, home.account);
    own(asked, home, resource);
    Ok(())
}

/// An operation on the account and Region, on no resource.
pub(crate) fn account(asked: &mut Asked<'_>) -> Result<(), Stop> {
    let home = Place::of(asked.caller)?;
    own(asked, home, "*".to_owned());
    Ok(())
}

fn own(asked: &mut Asked<'_>, home: Place, resource: String) {
    let owner = home.account;
    asked.place = Some(home);
    asked.needs.push(Need {
        action: asked.operation.action.into(),
        resource,
        owner,
        context: Context::new(),
    });
}

/// TagResource, UntagResource, ListTagsOfResource, and the operations on policies: on a `ResourceArn`.
pub(crate) fn resource(asked: &mut Asked<'_>) -> Result<(), Stop> {
    let Some(arn) = asked.body.text("ResourceArn")? else { return Err(required("resourceArn").into()) };
    let (table, rest) = Table::of_resource(arn, asked.caller)?;
    let of_stream =
        rest.strip_prefix("/stream/").is_some_and(|label| !label.is_empty() && !label.contains('/'));
    if !(rest.is_empty() || of_stream && asked.operation.name.ends_with("ResourcePolicy")) {
        return Err(
            validation(format!("Invalid TableArn: Invalid ResourceArn provided as input {arn}")).into()
        );
    }
    asked.goes_to(&table)?;
    asked.named.push(Named { table: table.clone(), by_arn: None });
    let schema = asked.schema(&table)?;
    if schema.is_none() {
        asked.refusal = Some(not_found(format!("Requested resource not found: ResourcArn: {arn} not found")));
    }
    let mut context = request_tags(asked.body)?;
    let removed = asked.body.texts("TagKeys")?;
    if !removed.is_empty() {
        context.insert_many("aws:TagKeys", removed);
    }
    resource_tags(schema.as_deref(), &mut context);
    let need = Need {
        action: asked.operation.action.into(),
        resource: arn.to_owned(),
        owner: table.place.account,
        context,
    };
    asked.needs.push(need);
    Ok(())
}

/// UpdateTable does not do replicas and their like here, and says so.
pub(crate) fn update(asked: &mut Asked<'_>) -> Result<(), Stop> {
    named(asked)?;
    refuse_members(
        asked,
        "UpdateTable",
        &[
            "GlobalTableSettingsReplicationMode",
            "GlobalTableWitnessUpdates",
            "MultiRegionConsistency",
            "ReplicaUpdates",
            "SSESpecification",
            "WarmThroughput",
        ],
    )?;
    Ok(())
}

/// What the data plane would not do, and not say.
fn refuse_members(asked: &Asked<'_>, operation: &str, members: &[&str]) -> Result<(), Fault> {
    let not_implemented = |member: &str| validation(format!("{operation} with {member} is not implemented"));
    if let Some(member) = members.iter().find(|member| asked.body.get(member).is_some()) {
        return Err(not_implemented(member));
    }
    let updates = asked.body.list("GlobalSecondaryIndexUpdates")?.iter();
    let updates = updates.flat_map(Json::members).map(|(_, update)| update);
    for index in asked.body.list("GlobalSecondaryIndexes")?.iter().chain(updates) {
        for member in ["OnDemandThroughput", "WarmThroughput"] {
            if index.get(member).is_some() {
                return Err(not_implemented(&format!("{member} of an index")));
            }
        }
    }
    Ok(())
}

/// The most tags of one resource.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.html>
const TAGS: usize = 50;

/// `aws:RequestTag/…` and `aws:TagKeys`, from the member `Tags`.
fn request_tags(request: &Json<'_>) -> Result<Context, Fault> {
    let mut context = Context::new();
    let mut keys = Vec::new();
    let tags = request.list("Tags")?;
    if tags.len() > TAGS {
        return Err(validation("Too many tags: a resource has fifty at most"));
    }
    for tag in tags {
        let key = tag.text("Key")?.ok_or_else(|| required("tags.1.member.key"))?;
        let value = tag.text("Value")?.ok_or_else(|| required("tags.1.member.value"))?;
        context.insert(&format!("aws:RequestTag/{key}"), value);
        keys.push(key);
    }
    if !keys.is_empty() {
        context.insert_many("aws:TagKeys", keys);
    }
    Ok(context)
}
