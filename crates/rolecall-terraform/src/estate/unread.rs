//! Policies in resources that nobody here understands: they are named, and what they may decide is left open.
//!
//! A policy on a resource speaks of a service by its actions, so that all resources of that service in the account may have
//! it. One that says nothing of principals is somebody's own, and who that is is not known.

use std::collections::{BTreeMap, BTreeSet};

use rolecall_iam::{AccountId, Policy};
use serde_json::Value as Json;

use super::Builder;
use super::holder::{Noun, mark};
use crate::document::{Document, Layer};
use crate::evaluate::Resource;
use crate::value::{Kind, Unknown, Value};

/// What is understood, here or in the files beside this one, and what has a policy that gives nothing to anybody: an
/// endpoint's only narrows what goes through it.
const UNDERSTOOD: [&str; 28] = [
    "aws_backup_vault_policy",
    "aws_cloudwatch_event_bus_policy",
    "aws_dynamodb_resource_policy",
    "aws_ecr_repository_policy",
    "aws_efs_file_system_policy",
    "aws_elasticsearch_domain_policy",
    "aws_iam_group_policy",
    "aws_iam_policy",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_user_policy",
    "aws_kinesis_resource_policy",
    "aws_kms_key",
    "aws_kms_key_policy",
    "aws_lambda_permission",
    "aws_opensearch_domain_policy",
    "aws_organizations_policy",
    "aws_s3_bucket",
    "aws_s3_bucket_policy",
    "aws_sagemaker_model_package_group_policy",
    "aws_secretsmanager_secret",
    "aws_secretsmanager_secret_policy",
    "aws_sns_topic",
    "aws_sns_topic_policy",
    "aws_sqs_queue",
    "aws_sqs_queue_policy",
    "aws_vpc_endpoint",
    "aws_vpc_endpoint_policy",
];

/// Statements that are written as arguments, and what the ARNs of that begin with which they may be on.
const STATEMENTS: [(&str, &str); 2] =
    [("aws_cloudwatch_event_permission", "events"), ("aws_lambda_layer_version_permission", "lambda")];

impl Builder {
    /// Leaves open what policies decide that are not understood, and names them.
    pub(super) fn unread(&mut self, resources: &[Resource]) {
        let mut kinds: BTreeMap<&str, Vec<&Resource>> = BTreeMap::new();
        for resource in resources.iter().filter(|it| it.name.kind.starts_with("aws")) {
            let kind = resource.name.kind.as_str();
            let Some(account) = self.account(resource) else { continue };
            if kind == "aws_ssoadmin_customer_managed_policy_attachment" {
                self.permission_set(resource);
            } else if let Some((_, service)) = STATEMENTS.iter().find(|(known, _)| *known == kind) {
                self.leave_open(resource, account, service);
                kinds.entry(kind).or_default().push(resource);
            } else if UNDERSTOOD.binary_search(&kind).is_err() {
                let mut found = Found::default();
                found.search(&resource.value);
                for service in &found.services {
                    self.leave_open(resource, account, service);
                }
                if ["awscc_iam_", "aws_ssoadmin_"].iter().any(|start| kind.starts_with(start)) {
                    self.somebodys(resource, &found.own);
                }
                if found.is_policy {
                    kinds.entry(kind).or_default().push(resource);
                }
            }
        }
        for all in kinds.into_values() {
            let Some(first) = all.first() else { continue };
            let more =
                if all.len() > 1 { format!(", as those of {} more", all.len() - 1) } else { String::new() };
            let message = format!(
                "the policy of `{}` is not understood{more}: what hangs on it is left open",
                first.address
            );
            self.note(message, first.header);
        }
    }

    fn leave_open(&mut self, resource: &Resource, account: AccountId, service: &str) {
        let partition = self.text(&resource.provider.partition);
        let why = format!("the policy of {}", resource.address);
        let document = Document::unknown(&Unknown::new(why.as_str()), None, Layer::Resource);
        if let Some(account) = self.all.estate.accounts.get_mut(&account) {
            let arn = format!("arn:{partition}:{service}:{}", mark(&why));
            account.resource_policies.insert(arn, document.policy);
        }
    }

    /// Policies of a role that is not read, or of one that is made in each account it is assigned to.
    fn somebodys(&mut self, resource: &Resource, policies: &[String]) {
        let who = Unknown::name_of(&Unknown::new(format!("the role of {}", resource.address)));
        let Some(role) = self.all.symbols.stand_for(&who).filter(|_| !policies.is_empty()) else { return };
        let accounts: Vec<AccountId> = self.all.estate.accounts.keys().copied().collect();
        for account in accounts {
            self.elsewhere(account, Noun::Role, &role);
            let Some(identity) = self.find(account, Noun::Role, &role) else { continue };
            for (number, policy) in policies.iter().enumerate() {
                identity.inline.insert(format!("{} {number}", resource.address), Policy::lenient(policy));
            }
        }
    }

    /// A permission set makes a role in each account that it is assigned to, with the policies of this name there.
    /// <https://docs.aws.amazon.com/singlesignon/latest/userguide/howtocmp.html>
    fn permission_set(&mut self, resource: &Resource) {
        let reference = resource.get("customer_managed_policy_reference");
        let name = reference.as_ref().and_then(|it| it.elements()?.first()?.member("name")?.to_text());
        let Some(name) = name.map(|name| self.text(&name)) else { return };
        let held = |account: &rolecall_iam::Account| {
            let arn = account.policies.iter().find(|(_, policy)| policy.name == name)?.0;
            Some((account.id, arn.clone()))
        };
        let all: Vec<(AccountId, String)> = self.all.estate.accounts.values().filter_map(held).collect();
        for (account, arn) in all {
            let who = Unknown::name_of(&Unknown::new(format!(
                "the role of the permission set of {}",
                resource.address
            )));
            let Some(role) = self.all.symbols.stand_for(&who) else { continue };
            self.elsewhere(account, Noun::Role, &role);
            if let Some(identity) = self.find(account, Noun::Role, &role) {
                identity.attached.push(arn);
            }
        }
    }
}

/// What is found in a value that looks like a policy.
#[derive(Default)]
struct Found {
    is_policy: bool,
    /// Those that name no principals: they are somebody's own.
    own: Vec<String>,
    /// The services of whose actions one speaks that names principals.
    services: BTreeSet<String>,
}

impl Found {
    fn search(&mut self, value: &Value) {
        match &value.kind {
            Kind::Text(_) => {
                let text = value.to_text().map(|text| text.marked(|unknown| mark(&unknown.0)));
                text.iter().filter(|text| text.contains("\"Statement\"")).for_each(|text| self.policy(text));
            }
            Kind::List(elements) | Kind::Set(elements) => elements.iter().for_each(|it| self.search(it)),
            Kind::Object(object) => object.members.values().for_each(|it| self.search(it)),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Unknown(_) => {}
        }
    }

    fn policy(&mut self, text: &str) {
        self.is_policy = true;
        let Ok(document) = serde_json::from_str::<Json>(text) else { return };
        let statements = document.get("Statement").map(one_or_many).unwrap_or_default();
        if statements.iter().all(|it| it.get("Principal").is_none()) {
            self.own.push(text.to_owned());
        }
        for statement in statements.iter().filter(|it| it.get("Principal").is_some()) {
            let actions = statement.get("Action").map(one_or_many).unwrap_or_default();
            let service = |action: &Json| Some(action.as_str()?.split_once(':')?.0.to_ascii_lowercase());
            self.services.extend(actions.iter().filter_map(service).filter(|it| !it.contains(['$', '*'])));
        }
    }
}

fn one_or_many(json: &Json) -> &[Json] {
    json.as_array().map_or_else(|| std::slice::from_ref(json), Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::UNDERSTOOD;

    #[test]
    fn what_is_understood_is_in_order() {
        assert!(UNDERSTOOD.is_sorted());
    }
}
