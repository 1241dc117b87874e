//! ARNs and ids that the provider computes, but that are known before: they are made of the account, the Region and the
//! name.
//!
//! Formats: each service's page under <https://docs.aws.amazon.com/service-authorization/latest/reference/>.

use std::collections::BTreeMap;

use crate::evaluate::Provider;
use crate::value::{Text, Unknown, Value};

/// What is computed for a type of resource: `{name}` stands for an argument, `{.x}` for what only the provider knows,
/// `P`, `R` and `A` for partition, Region and account.
struct Computed {
    kind: &'static str,
    /// The argument that names it, for which a prefix may be given instead, or nothing.
    name: &'static str,
    arn: &'static str,
    id: Id,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Id {
    Name,
    Arn,
    Other,
}

const fn entry(kind: &'static str, name: &'static str, arn: &'static str, id: Id) -> Computed {
    Computed { kind, name, arn, id }
}

const TABLE: [Computed; 37] = [
    entry("aws_iam_role", "name", "arn:{P}:iam::{A}:role{path}{name}", Id::Name),
    entry("aws_iam_policy", "name", "arn:{P}:iam::{A}:policy{path}{name}", Id::Arn),
    entry("aws_iam_user", "name", "arn:{P}:iam::{A}:user{path}{name}", Id::Name),
    entry("aws_iam_group", "name", "arn:{P}:iam::{A}:group{path}{name}", Id::Name),
    entry("aws_iam_instance_profile", "name", "arn:{P}:iam::{A}:instance-profile{path}{name}", Id::Name),
    entry("aws_iam_saml_provider", "name", "arn:{P}:iam::{A}:saml-provider/{name}", Id::Arn),
    entry("aws_dynamodb_table", "name", "arn:{P}:dynamodb:{R}:{A}:table/{name}", Id::Name),
    entry("aws_s3_bucket", "bucket", "arn:{P}:s3:::{bucket}", Id::Name),
    entry("aws_sqs_queue", "name", "arn:{P}:sqs:{R}:{A}:{name}", Id::Other),
    entry("aws_sns_topic", "name", "arn:{P}:sns:{R}:{A}:{name}", Id::Arn),
    entry(
        "aws_lambda_function",
        "function_name",
        "arn:{P}:lambda:{R}:{A}:function:{function_name}",
        Id::Name,
    ),
    entry("aws_kms_key", ".key_id", "arn:{P}:kms:{R}:{A}:key/{.key_id}", Id::Name),
    entry("aws_kms_alias", "name", "arn:{P}:kms:{R}:{A}:{name}", Id::Name),
    entry(
        "aws_secretsmanager_secret",
        "name",
        "arn:{P}:secretsmanager:{R}:{A}:secret:{name}-{.suffix}",
        Id::Arn,
    ),
    entry("aws_ssm_parameter", "name", "arn:{P}:ssm:{R}:{A}:parameter/{name}", Id::Name),
    entry("aws_ecr_repository", "name", "arn:{P}:ecr:{R}:{A}:repository/{name}", Id::Name),
    entry("aws_ecs_cluster", "name", "arn:{P}:ecs:{R}:{A}:cluster/{name}", Id::Arn),
    entry(
        "aws_ecs_task_definition",
        "family",
        "arn:{P}:ecs:{R}:{A}:task-definition/{family}:{.revision}",
        Id::Name,
    ),
    entry("aws_eks_cluster", "name", "arn:{P}:eks:{R}:{A}:cluster/{name}", Id::Name),
    entry("aws_cloudwatch_log_group", "name", "arn:{P}:logs:{R}:{A}:log-group:{name}", Id::Name),
    entry("aws_cloudwatch_event_bus", "name", "arn:{P}:events:{R}:{A}:event-bus/{name}", Id::Name),
    entry("aws_cloudwatch_event_rule", "name", "arn:{P}:events:{R}:{A}:rule/{name}", Id::Name),
    entry("aws_kinesis_stream", "name", "arn:{P}:kinesis:{R}:{A}:stream/{name}", Id::Arn),
    entry(
        "aws_kinesis_firehose_delivery_stream",
        "name",
        "arn:{P}:firehose:{R}:{A}:deliverystream/{name}",
        Id::Arn,
    ),
    entry("aws_sfn_state_machine", "name", "arn:{P}:states:{R}:{A}:stateMachine:{name}", Id::Arn),
    entry("aws_codebuild_project", "name", "arn:{P}:codebuild:{R}:{A}:project/{name}", Id::Arn),
    entry("aws_codepipeline", "name", "arn:{P}:codepipeline:{R}:{A}:{name}", Id::Name),
    entry("aws_batch_job_queue", "name", "arn:{P}:batch:{R}:{A}:job-queue/{name}", Id::Arn),
    entry("aws_glue_catalog_database", "name", "arn:{P}:glue:{R}:{A}:database/{name}", Id::Other),
    entry("aws_athena_workgroup", "name", "arn:{P}:athena:{R}:{A}:workgroup/{name}", Id::Name),
    entry("aws_backup_vault", "name", "arn:{P}:backup:{R}:{A}:backup-vault:{name}", Id::Name),
    entry("aws_sagemaker_endpoint", "name", "arn:{P}:sagemaker:{R}:{A}:endpoint/{name}", Id::Name),
    entry(
        "aws_elasticache_replication_group",
        "replication_group_id",
        "arn:{P}:elasticache:{R}:{A}:replicationgroup:{replication_group_id}",
        Id::Name,
    ),
    entry("aws_db_instance", "identifier", "arn:{P}:rds:{R}:{A}:db:{identifier}", Id::Other),
    entry(
        "aws_rds_cluster",
        "cluster_identifier",
        "arn:{P}:rds:{R}:{A}:cluster:{cluster_identifier}",
        Id::Name,
    ),
    entry("aws_vpc_endpoint", ".id", "arn:{P}:ec2:{R}:{A}:vpc-endpoint/{.id}", Id::Name),
    entry("aws_opensearch_domain", "domain_name", "arn:{P}:es:{R}:{A}:domain/{domain_name}", Id::Arn),
];

/// Whether the `arn` of a type of resource is one with its own account in it.
pub(crate) fn has_own_arn(kind: &str) -> bool {
    let has_account = |entry: &Computed| entry.kind == kind && entry.arn.contains("{A}");
    kind == "aws_iam_openid_connect_provider" || TABLE.iter().any(has_account)
}

/// What the provider adds to a resource.
pub(crate) fn computed(
    kind: &str,
    written: &BTreeMap<String, Value>,
    provider: &Provider,
    address: &Unknown,
) -> BTreeMap<String, Value> {
    if let Some(added) = super::organizations::computed(kind, provider, address) {
        return added;
    }
    let mut added = defaults(kind, address);
    if kind == "aws_iam_openid_connect_provider" {
        let url =
            written.get("url").and_then(Value::to_text).unwrap_or_else(|| Text::hole(address.member("url")));
        let mut arn = Text::from("arn:");
        arn.push(provider.partition.clone());
        arn.push_str(":iam::");
        arn.push(provider.account.clone());
        arn.push_str(":oidc-provider/");
        arn.push(without_scheme(url));
        added.insert("arn".to_owned(), arn.clone().into());
        added.insert("id".to_owned(), arn.into());
        return added;
    }
    let Some(entry) = TABLE.iter().find(|entry| entry.kind == kind) else { return added };
    let name = name(entry.name, written, address);
    let argument = |argument: &str| match argument {
        "P" => provider.partition.clone(),
        "R" => written
            .get("region")
            .filter(|region| !region.is_null())
            .and_then(Value::to_text)
            .unwrap_or_else(|| provider.region.clone()),
        "A" => provider.account.clone(),
        argument if argument == entry.name => name.clone(),
        argument => match argument.strip_prefix('.') {
            Some(hidden) => Text::hole(address.member(hidden)),
            None => written
                .get(argument)
                .filter(|value| !value.is_null())
                .or_else(|| added.get(argument))
                .and_then(Value::to_text)
                .unwrap_or_else(|| Text::hole(address.member(argument))),
        },
    };
    let mut arn = Text::default();
    let mut rest = entry.arn;
    while let Some((before, (argument_name, after))) =
        rest.split_once('{').and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
    {
        arn.push_str(before);
        let mut part = argument(argument_name);
        // A parameter whose name begins with `/` has only that one.
        if kind == "aws_ssm_parameter" && argument_name == "name" {
            part = without_slash(part);
        }
        arn.push(part);
        rest = after;
    }
    arn.push_str(rest);
    // A queue's id is its URL:
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
    let url = (kind == "aws_sqs_queue").then(|| {
        let is_china = provider.partition.as_known().as_deref() == Some("aws-cn");
        let mut url = Text::from("https://sqs.");
        url.push(argument("R"));
        url.push_str(if is_china { ".amazonaws.com.cn/" } else { ".amazonaws.com/" });
        url.push(argument("A"));
        url.push_str("/");
        url.push(name.clone());
        url
    });
    let id = match entry.id {
        Id::Name => Some(name.clone()),
        Id::Arn => Some(arn.clone()),
        Id::Other => None,
    };
    if !entry.name.starts_with('.') {
        added.insert(entry.name.to_owned(), name.into());
    }
    added.insert("arn".to_owned(), arn.into());
    for alias in ["id", "url"] {
        added.extend(url.clone().map(|url| (alias.to_owned(), url.into())));
    }
    added.extend(id.map(|id| ("id".to_owned(), id.into())));
    added
}

/// The provider's own defaults, where something hangs on them.
fn defaults(kind: &str, address: &Unknown) -> BTreeMap<String, Value> {
    let path =
        ["aws_iam_role", "aws_iam_policy", "aws_iam_user", "aws_iam_group", "aws_iam_instance_profile"];
    let mut added = BTreeMap::new();
    if path.contains(&kind) {
        added.insert("path".to_owned(), Value::from("/"));
    }
    if ["aws_iam_role", "aws_iam_user"].contains(&kind) {
        added.insert("unique_id".to_owned(), Value::from(Text::hole(Unknown::id_of(address))));
    }
    if kind == "aws_iam_role" {
        added.insert("max_session_duration".to_owned(), Value::from(3600.0));
    }
    added
}

/// The name as it is written, or with a prefix and something the provider makes up, or made up wholly.
fn name(argument: &str, written: &BTreeMap<String, Value>, address: &Unknown) -> Text {
    if argument.starts_with('.') {
        return Text::hole(Unknown::name_of(address));
    }
    let given = |name: &str| written.get(name).filter(|value| !value.is_null()).and_then(Value::to_text);
    if let Some(name) = given(argument) {
        return name;
    }
    let mut name = given(&format!("{argument}_prefix")).unwrap_or_default();
    name.push(Text::hole(Unknown::name_of(address)));
    name
}

fn without_scheme(url: Text) -> Text {
    without(url, &["https://", "http://"])
}

fn without_slash(name: Text) -> Text {
    without(name, &["/"])
}

/// Without what it begins with, where that is known.
fn without(text: Text, beginnings: &[&str]) -> Text {
    let known = text.known_prefix();
    let Some(beginning) = beginnings.iter().find(|beginning| known.starts_with(**beginning)) else {
        return text;
    };
    text.without_first(beginning.len())
}
