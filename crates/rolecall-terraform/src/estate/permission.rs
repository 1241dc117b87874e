//! `aws_lambda_permission`: statements of a function's policy, each a resource of its own.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html>

use std::collections::BTreeMap;

use rolecall_iam::MISSING_POLICY;

use super::holder::first_mark;
use super::{Builder, Subject};
use crate::document::Layer;
use crate::evaluate::Resource;
use crate::function;
use crate::value::{Text, Value};

impl Builder {
    /// Puts the statements of each function together. One of a function that is not known may be of each.
    pub(super) fn permissions(&mut self, resources: &[Resource]) {
        let mut functions: BTreeMap<String, Vec<&Resource>> = BTreeMap::new();
        let mut open: Vec<(&Resource, String)> = Vec::new();
        for resource in resources.iter().filter(|resource| resource.name.kind == "aws_lambda_permission") {
            let arn = self.function(resource);
            open.extend(first_mark(&arn).map(|why| (resource, why)));
            functions.entry(arn).or_default().push(resource);
        }
        for (arn, permissions) in functions {
            let uncertain = permissions.iter().find(|permission| permission.is_uncertain);
            let Some(first) = uncertain.or(permissions.first()) else { continue };
            let Some(account) = self.account(first) else { continue };
            let mut statements: Vec<Value> =
                permissions.iter().map(|permission| statement(permission, &arn, None)).collect();
            for (permission, why) in open.iter().filter(|_| first_mark(&arn).is_none()) {
                if self.account(permission) == Some(account) {
                    statements.push(statement(permission, &arn, Some(why)));
                }
            }
            let policy = Value::object([
                ("Version".to_owned(), Value::from("2012-10-17")),
                ("Statement".to_owned(), Value::list(statements)),
            ]);
            let document =
                self.document(first, &Value::from(function::encode_json(&policy)), Layer::Resource);
            if let Some(account) = self.all.estate.accounts.get_mut(&account) {
                account.resource_policies.insert(arn.clone(), document.policy.clone());
            }
            self.write(Subject::Resource(arn), first, document);
        }
    }

    /// The ARN of the function, which may be named by it or by its name.
    fn function(&mut self, resource: &Resource) -> String {
        let named = self.required_text(resource, "function_name");
        if named.starts_with("arn:") {
            return named;
        }
        let provider = &resource.provider;
        let parts: [&Text; 3] = [&provider.partition, &provider.region, &provider.account];
        let [partition, region, account] = parts.map(|part| self.text(part));
        if named.starts_with("${") {
            return format!("arn:{partition}:lambda:{named}");
        }
        format!("arn:{partition}:lambda:{region}:{account}:function:{named}")
    }
}

/// The statement that `AddPermission` makes; perhaps, where it hangs on something whether it is one of this function.
fn statement(permission: &Resource, arn: &str, why: Option<&String>) -> Value {
    let get = |name: &str| permission.get(name);
    let unknown = || Value::unknown(permission.address.as_str());
    let principal = get("principal").unwrap_or_else(unknown);
    let kind = match principal.as_known_text() {
        Some(text) if text.ends_with(".amazonaws.com") => "Service",
        _ => "AWS",
    };
    let mut conditions = BTreeMap::new();
    let mut condition = |operator: &str, key: &str, value: Option<Value>| {
        if let Some(value) = value {
            let keys: &mut Vec<(String, Value)> = conditions.entry(operator.to_owned()).or_default();
            keys.push((key.to_owned(), value));
        }
    };
    condition("ArnLike", "AWS:SourceArn", get("source_arn"));
    condition("StringEquals", "AWS:SourceAccount", get("source_account"));
    condition("StringEquals", "aws:PrincipalOrgID", get("principal_org_id"));
    condition("StringEquals", "lambda:FunctionUrlAuthType", get("function_url_auth_type"));
    condition("StringEquals", "lambda:EventSourceToken", get("event_source_token"));
    condition("StringEquals", MISSING_POLICY, why.map(|why| Value::unknown(why.as_str())));
    let mut members = vec![
        ("Effect".to_owned(), Value::from("Allow")),
        ("Action".to_owned(), get("action").unwrap_or_else(unknown)),
        ("Resource".to_owned(), Value::from(arn)),
        ("Principal".to_owned(), Value::object([(kind.to_owned(), principal)])),
    ];
    members.extend(get("statement_id").map(|id| ("Sid".to_owned(), id)));
    if !conditions.is_empty() {
        let conditions = conditions.into_iter().map(|(operator, keys)| (operator, Value::object(keys)));
        members.push(("Condition".to_owned(), Value::object(conditions)));
    }
    Value::object(members).at(permission.header)
}
