//! Attributes in which the provider records what it has read of a resource, whoever gave it: the policies of a role, which
//! `aws_iam_role_policy` gives too, the policy of a bucket, which `aws_s3_bucket_policy` gives.
//!
//! Where the configuration writes them they are what it writes. Elsewhere they are taken for what they are, without what
//! other resources give now, or gave before a plan: a state does not say what is written, and in a plan a `dynamic` block
//! of `inline_policy` is like one that is not written.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::entry::Entry;

const OBSERVED: [(&str, &str); 7] = [
    ("aws_iam_role", "inline_policy"),
    ("aws_iam_role", "managed_policy_arns"),
    ("aws_kms_key", "policy"),
    ("aws_s3_bucket", "policy"),
    ("aws_secretsmanager_secret", "policy"),
    ("aws_sns_topic", "policy"),
    ("aws_sqs_queue", "policy"),
];

/// Whether an attribute is one of these.
pub(super) fn is_observed(entry: &Entry, name: &str) -> bool {
    OBSERVED.contains(&(entry.name.kind.as_str(), name))
}

/// What resources give to others: the name or ARN of the other, and the name or ARN of what it gets, if that has one.
#[derive(Debug, Default)]
pub(super) struct Given(HashSet<(String, String)>);

impl Given {
    /// What all of these give, or gave.
    pub(super) fn new<'e>(entries: impl Iterator<Item = &'e Entry>) -> Self {
        let mut given = HashSet::new();
        for entry in entries {
            let text = |name: &str| entry.values.get(name).and_then(Json::as_str).map(str::to_owned);
            let pair = match entry.name.kind.as_str() {
                "aws_iam_role_policy" => text("role").zip(text("name")),
                "aws_iam_role_policy_attachment" => text("role").zip(text("policy_arn")),
                "aws_kms_key_policy" => text("key_id").zip(Some(String::new())),
                "aws_s3_bucket_policy" => text("bucket").zip(Some(String::new())),
                "aws_secretsmanager_secret_policy" => text("secret_arn").zip(Some(String::new())),
                "aws_sns_topic_policy" => text("arn").zip(Some(String::new())),
                "aws_sqs_queue_policy" => text("queue_url").zip(Some(String::new())),
                _ => None,
            };
            given.extend(pair);
        }
        Self(given)
    }

    /// The value of an attribute without what others give, and what of it is not known.
    pub(super) fn without(&self, entry: &Entry, name: &str) -> (Json, Json) {
        let names = ["name", "id", "arn"].map(|name| entry.values.get(name).and_then(Json::as_str));
        let is_given = |what: &str| {
            names.iter().flatten().any(|name| self.0.contains(&((*name).to_owned(), what.to_owned())))
        };
        let unknown = entry.unknown.get(name).unwrap_or(&Json::Null);
        match entry.values.get(name) {
            Some(Json::Array(all)) => {
                let is_own = |element: &Json| {
                    let what = element.as_str().or_else(|| element.get("name")?.as_str());
                    !what.is_some_and(is_given)
                };
                let unknown = |index: usize| unknown.get(index).cloned().unwrap_or_default();
                let own = all.iter().enumerate().filter(|(_, element)| is_own(element));
                let (values, unknown): (Vec<Json>, Vec<Json>) =
                    own.map(|(index, element)| (element.clone(), unknown(index))).unzip();
                (Json::Array(values), Json::Array(unknown))
            }
            Some(_) if is_given("") => (Json::Null, Json::Null),
            Some(value) => (value.clone(), unknown.clone()),
            None => (Json::Null, Json::Null),
        }
    }
}
