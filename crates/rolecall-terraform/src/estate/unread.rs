//! Policies in resources that nobody here understands: they are named, and what they may decide is left open.
//!
//! A policy on a resource speaks of a service by its actions, so that all resources of that service in the account may have
//! it. One that says nothing of principals is somebody's own, and who that is is not known.

use std::collections::{BTreeMap, BTreeSet};

use rolecall_iam::{AccountId, Policy};
use serde_json::Value as Json;

use super::Builder;
use super::holder::{Noun, first_mark, mark};
use super::perhaps::all_perhaps;
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
                found.search(&resource.value, "");
                found.named(resource);
                let is_somebodys =
                    ["awscc_iam_", "aws_ssoadmin_"].iter().any(|start| kind.starts_with(start));
                if let Some(why) = found.unread.filter(|_| !narrows(kind)) {
                    found.is_policy = true;
                    if is_somebodys {
                        let document = Document::unknown(&why, None, Layer::Identity);
                        found.own.push(document.policy.text().to_owned());
                    } else {
                        found.services.extend(services_of(kind));
                    }
                }
                for service in &found.services {
                    self.leave_open(resource, account, service);
                }
                if kind.starts_with("awscc_iam_") {
                    for arn in self.names(resource, "managed_policy_arns") {
                        found.own.push(self.managed_document(&arn).text().to_owned());
                    }
                    self.those_named(resource, &found.own);
                }
                if is_somebodys {
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
            let service = if service.is_empty() { String::new() } else { format!("{service}:") };
            let arn = format!("arn:{partition}:{service}{}", mark(&why));
            account.resource_policies.insert(arn, document.policy);
        }
    }

    /// Those who are here and have a name that one for AWS's Cloud Control API gives its policies to, in whichever account
    /// that is.
    /// <https://registry.terraform.io/providers/hashicorp/awscc/latest/docs/resources/iam_managed_policy>
    fn those_named(&mut self, resource: &Resource, policies: &[String]) {
        let policies: Vec<Policy> = policies.iter().map(|text| Policy::lenient(text)).collect();
        let why = format!("the policies of {}", resource.address);
        let policy = all_perhaps(&policies.iter().collect::<Vec<_>>(), Layer::Identity, &why);
        let accounts: Vec<AccountId> = self.all.estate.accounts.keys().copied().collect();
        for noun in [Noun::Role, Noun::User, Noun::Group] {
            let mut names = self.names(resource, &format!("{}s", noun.word()));
            names.extend(self.argument(resource, &format!("{}_name", noun.word())));
            for account in &accounts {
                let mut keys = self.keys(*account, noun);
                let is_one =
                    |name: &String, key: &str| first_mark(name).is_some() || name.eq_ignore_ascii_case(key);
                keys.retain(|key| names.iter().any(|name| is_one(name, key)));
                for key in keys {
                    if let Some(identity) = self.find(*account, noun, &key) {
                        identity.inline.insert(resource.address.clone(), policy.clone());
                    }
                }
            }
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
    /// The services of whose actions one speaks that names principals; none is every service.
    services: BTreeSet<String>,
    /// What is not known of one, or that it is not understood: it may speak of all that its resource is of.
    unread: Option<Unknown>,
}

impl Found {
    /// Looks through a value that is, or is somewhere in, the argument of this name.
    fn search(&mut self, value: &Value, name: &str) {
        match &value.kind {
            Kind::Text(text) => {
                let marked = text.marked(|unknown| mark(&unknown.0));
                if marked.contains("\"Statement\"") {
                    self.policy(&marked, text.first_unknown());
                } else if holds_a_policy(name) {
                    self.unread = self.unread.take().or(text.first_unknown().cloned());
                }
            }
            Kind::List(elements) | Kind::Set(elements) => {
                elements.iter().for_each(|it| self.search(it, name));
            }
            Kind::Object(object) => object.members.iter().for_each(|(name, it)| self.search(it, name)),
            Kind::Unknown(why) if holds_a_policy(name) => {
                self.unread = self.unread.take().or(Some(why.clone()));
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Unknown(_) => {}
        }
    }

    /// An argument that the provider computes where nobody writes it is unknown in each plan, and no policy.
    fn named(&mut self, resource: &Resource) {
        let is_computed =
            |why: &Unknown| why.0.strip_prefix(&resource.address).is_some_and(|rest| rest.starts_with('.'));
        if !resource.name.kind.ends_with("_policy") {
            self.unread = self.unread.take().filter(|why| !is_computed(why));
        }
    }

    fn policy(&mut self, text: &str, hole: Option<&Unknown>) {
        self.is_policy = true;
        let mut is_read = false;
        if let Ok(document) = serde_json::from_str::<Json>(text) {
            let statements = document.get("Statement").map(one_or_many).unwrap_or_default();
            let has_principal = |it: &Json| it.get("Principal").is_some() || it.get("NotPrincipal").is_some();
            if !statements.iter().any(has_principal) && statements.iter().all(Json::is_object) {
                self.own.push(text.to_owned());
            }
            is_read = statements.iter().all(Json::is_object);
            for statement in statements.iter().filter(|it| has_principal(it)) {
                let actions = statement.get("Action").map(one_or_many).unwrap_or_default();
                is_read &= !actions.is_empty();
                for action in actions {
                    let service = action.as_str().and_then(|action| action.split_once(':'));
                    match service.filter(|(service, _)| !service.contains(['$', '*', '?'])) {
                        Some((service, _)) => {
                            self.services.insert(service.to_ascii_lowercase());
                        }
                        None => is_read = false,
                    }
                }
            }
        }
        if !is_read {
            let why = || Unknown::new("a policy that is not understood");
            self.unread = self.unread.take().or(Some(hole.cloned().unwrap_or_else(why)));
        }
    }
}

/// Whether an argument of this name has a document, and not the name, kind or number of one.
fn holds_a_policy(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "access_policies",
        "access_policy",
        "inline_policy",
        "policy",
        "policy_body",
        "policy_document",
        "policy_text",
        "resource_policy",
        "resource_policy_document",
    ];
    NAMES.contains(&name)
}

/// Kinds whose policies let nobody in: how long something is kept, and what a session is narrowed to.
fn narrows(kind: &str) -> bool {
    kind.contains("_lifecycle_policy") || ["aws_transfer_access", "aws_transfer_user"].contains(&kind)
}

/// The services that a policy on a resource of this kind may speak of, as ARNs have them; an empty name is every service.
fn services_of(kind: &str) -> Vec<String> {
    let known = SERVICES.iter().find(|(start, _)| {
        kind.strip_prefix("aws_").or(kind.strip_prefix("awscc_")).is_some_and(|kind| kind.starts_with(start))
    });
    known.map_or("", |(_, services)| services).split(' ').map(str::to_owned).collect()
}

/// What kinds of resources begin with, and the services in the ARNs of what their policies are on.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html>
const SERVICES: [(&str, &str); 34] = [
    ("acmpca_", "acm-pca"),
    ("api_gateway_", "execute-api apigateway"),
    ("apigateway_", "execute-api apigateway"),
    ("cloudsearch_", "cloudsearch"),
    ("cloudwatch_log_", "logs"),
    ("codeartifact_", "codeartifact"),
    ("codebuild_", "codebuild"),
    ("dynamodb_", "dynamodb"),
    ("ecr_", "ecr"),
    ("ecrpublic_", "ecr-public"),
    ("glacier_", "glacier"),
    ("glue_", "glue"),
    ("iot_", "iot"),
    ("kinesis_", "kinesis"),
    ("kms_", "kms"),
    ("lambda_", "lambda"),
    ("logs_", "logs"),
    ("media_store_", "mediastore"),
    ("networkfirewall_", "network-firewall"),
    ("networkmanager_", "networkmanager"),
    ("opensearchserverless_", "aoss"),
    ("redshift_", "redshift redshift-serverless"),
    ("redshiftserverless_", "redshift-serverless"),
    ("s3_", "s3 s3express"),
    ("s3control_", "s3 s3-object-lambda s3-outposts"),
    ("s3tables_", "s3tables"),
    ("schemas_", "schemas"),
    ("secretsmanager_", "secretsmanager"),
    ("ses_", "ses"),
    ("sesv2_", "ses"),
    ("sns_", "sns"),
    ("sqs_", "sqs"),
    ("verifiedpermissions_", "verifiedpermissions"),
    ("vpclattice_", "vpc-lattice vpc-lattice-svcs"),
];

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
