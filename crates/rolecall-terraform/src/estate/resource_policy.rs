//! Policies on resources: tables, buckets, queues, topics, keys, secrets, functions, repositories, event buses.

use super::holder::{first_mark, mark};
use super::{Builder, Subject};
use crate::document::Layer;
use crate::evaluate::Resource;
use crate::value::{Text, Value};

/// Which argument holds the policy, and which names the resource it is on; `arn` is the resource's own.
const TABLE: [(&str, &str, Names); 19] = [
    ("aws_dynamodb_resource_policy", "policy", Names::Arn("resource_arn")),
    ("aws_s3_bucket_policy", "policy", Names::Made("bucket", "arn:{P}:s3:::{}")),
    ("aws_s3_bucket", "policy", Names::Arn("arn")),
    ("aws_sqs_queue", "policy", Names::Arn("arn")),
    ("aws_sqs_queue_policy", "policy", Names::Queue("queue_url")),
    ("aws_sns_topic", "policy", Names::Arn("arn")),
    ("aws_sns_topic_policy", "policy", Names::Arn("arn")),
    ("aws_kms_key", "policy", Names::Arn("arn")),
    ("aws_kms_key_policy", "policy", Names::Made("key_id", "arn:{P}:kms:{R}:{A}:key/{}")),
    ("aws_secretsmanager_secret", "policy", Names::Arn("arn")),
    ("aws_secretsmanager_secret_policy", "policy", Names::Arn("secret_arn")),
    ("aws_ecr_repository_policy", "policy", Names::Made("repository", "arn:{P}:ecr:{R}:{A}:repository/{}")),
    (
        "aws_cloudwatch_event_bus_policy",
        "policy",
        Names::Made("event_bus_name", "arn:{P}:events:{R}:{A}:event-bus/{}"),
    ),
    (
        "aws_efs_file_system_policy",
        "policy",
        Names::Made("file_system_id", "arn:{P}:elasticfilesystem:{R}:{A}:file-system/{}"),
    ),
    (
        "aws_elasticsearch_domain_policy",
        "access_policies",
        Names::Made("domain_name", "arn:{P}:es:{R}:{A}:domain/{}"),
    ),
    (
        "aws_opensearch_domain_policy",
        "access_policies",
        Names::Made("domain_name", "arn:{P}:es:{R}:{A}:domain/{}"),
    ),
    ("aws_kinesis_resource_policy", "policy", Names::Arn("resource_arn")),
    ("aws_sagemaker_model_package_group_policy", "resource_policy", Names::Arn("arn")),
    (
        "aws_backup_vault_policy",
        "policy",
        Names::Made("backup_vault_name", "arn:{P}:backup:{R}:{A}:backup-vault:{}"),
    ),
];

/// How a resource that has a policy is named.
#[derive(Clone, Copy)]
enum Names {
    /// By its ARN, in this argument.
    Arn(&'static str),
    /// By its name, in this argument; its ARN is made of it.
    Made(&'static str, &'static str),
    /// By the queue's URL, which the provider knows: the queue's `id` or `url`.
    Queue(&'static str),
}

impl Builder {
    /// Takes in a policy on a resource.
    pub(super) fn resource_policy(&mut self, resource: &Resource) {
        let Some(account) = self.account(resource) else { return };
        let entry = TABLE.iter().find(|(kind, ..)| *kind == resource.name.kind);
        let Some((_, argument, names)) = entry else { return };
        let policy = match resource.get(argument) {
            Some(policy) => policy,
            // What has nothing but its policy has one, though a plan may not know it.
            None if resource.name.kind.ends_with("_policy") => {
                Value::unknown(format!("{}.{argument}", resource.address))
            }
            None => return,
        };
        let Some(arn) = self.resource_arn(resource, *names) else { return };
        // Of a service at least, and of an account, all that is not known is.
        let arn = if arn.starts_with("${") { format!("{}{arn}", self.any_of(resource)) } else { arn };
        let document = self.document(resource, &policy, Layer::Resource);
        let subject = Subject::Resource(arn.clone());
        let policy = self.in_force(&subject, resource, &document, Layer::Resource);
        if let Some(account) = self.all.estate.accounts.get_mut(&account) {
            account.resource_policies.insert(arn, policy);
        }
        self.write(subject, resource, document);
    }

    fn resource_arn(&mut self, resource: &Resource, names: Names) -> Option<String> {
        match names {
            Names::Arn(argument) => Some(self.required_text(resource, argument)),
            Names::Made(argument, pattern) => {
                let named = self.required_text(resource, argument);
                // `key_id` and `bucket` may be ARNs already.
                if named.starts_with("arn:") {
                    return Some(named);
                }
                let provider = &resource.provider;
                let parts: [&Text; 3] = [&provider.partition, &provider.region, &provider.account];
                let [partition, region, account] = parts.map(|part| self.text(part));
                let arn = pattern.replace("{P}", &partition).replace("{R}", &region).replace("{A}", &account);
                Some(arn.replace("{}", &named))
            }
            Names::Queue(argument) => {
                // https://sqs.REGION.amazonaws.com/ACCOUNT/NAME
                let url = self.required_text(resource, argument);
                if let Some(why) = first_mark(&url) {
                    return Some(format!("{}{}", self.any_of(resource), mark(&why)));
                }
                let mut parts = url.rsplit('/');
                let (name, account) = (parts.next()?, parts.next()?);
                let region = url.split('.').nth(1)?;
                Some(format!("arn:aws:sqs:{region}:{account}:{name}"))
            }
        }
    }

    /// What the ARNs of all resources begin with that a policy of this kind may be on.
    fn any_of(&mut self, resource: &Resource) -> String {
        let service = SERVICES.iter().find(|(start, _)| resource.name.kind.starts_with(start));
        let service = service.map_or_else(|| mark("the service"), |(_, service)| (*service).to_owned());
        let partition = self.text(&resource.provider.partition);
        format!("arn:{partition}:{service}:")
    }
}

/// The service of a kind of resource, as ARNs have it.
const SERVICES: [(&str, &str); 14] = [
    ("aws_backup", "backup"),
    ("aws_cloudwatch_event", "events"),
    ("aws_dynamodb", "dynamodb"),
    ("aws_ecr", "ecr"),
    ("aws_efs", "elasticfilesystem"),
    ("aws_elasticsearch", "es"),
    ("aws_kinesis", "kinesis"),
    ("aws_kms", "kms"),
    ("aws_opensearch", "es"),
    ("aws_s3", "s3"),
    ("aws_sagemaker", "sagemaker"),
    ("aws_secretsmanager", "secretsmanager"),
    ("aws_sns", "sns"),
    ("aws_sqs", "sqs"),
];

/// Whether something of this kind has a policy that is read here.
pub(super) fn is_one(kind: &str) -> bool {
    TABLE.iter().any(|(known, ..)| *known == kind)
}
