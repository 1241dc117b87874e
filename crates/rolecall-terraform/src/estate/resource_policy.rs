//! Policies on resources: tables, buckets, queues, topics, keys, secrets, functions, repositories, event buses.

use super::{Builder, Subject};
use crate::document::Layer;
use crate::evaluate::Resource;
use crate::value::Text;

/// Which argument holds the policy, and which names the resource it is on; `arn` is the resource's own.
const TABLE: [(&str, &str, Names); 16] = [
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
        let Some(policy) = resource.get(argument) else {
            return;
        };
        if policy.is_null() {
            return;
        }
        let Some(arn) = self.resource_arn(resource, *names) else { return };
        let document = self.document(resource, &policy, Layer::Resource);
        if let Some(account) = self.all.estate.accounts.get_mut(&account) {
            account.resource_policies.insert(arn.clone(), document.policy.clone());
        }
        self.write(Subject::Resource(arn), resource, document);
    }

    fn resource_arn(&mut self, resource: &Resource, names: Names) -> Option<String> {
        match names {
            Names::Arn(argument) => self.argument(resource, argument),
            Names::Made(argument, pattern) => {
                let named = self.argument(resource, argument)?;
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
                let url = self.argument(resource, argument)?;
                if url.contains("${") {
                    let message = "which queue this policy is on is not known: it is left out".to_owned();
                    self.note(message, resource.header);
                    return None;
                }
                let mut parts = url.rsplit('/');
                let (name, account) = (parts.next()?, parts.next()?);
                let region = url.split('.').nth(1)?;
                Some(format!("arn:aws:sqs:{region}:{account}:{name}"))
            }
        }
    }
}
