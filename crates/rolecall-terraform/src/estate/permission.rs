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
    /// Puts the statements of each function together. One of a function or of a version that is not known may be of each.
    pub(super) fn permissions(&mut self, resources: &[Resource]) {
        let mut functions: BTreeMap<String, Vec<&Resource>> = BTreeMap::new();
        let mut open: Vec<Open<'_>> = Vec::new();
        for resource in resources.iter().filter(|resource| resource.name.kind == "aws_lambda_permission") {
            let function = self.function(resource);
            // A version or an alias has a policy of its own.
            let qualifier = self.argument(resource, "qualifier").filter(|qualifier| !qualifier.is_empty());
            let arn = match &qualifier {
                Some(qualifier) => format!("{function}:{qualifier}"),
                None => function.clone(),
            };
            if let Some(why) = first_mark(&arn) {
                if first_mark(&function).is_none() {
                    // It may be null, and the permission the function's own.
                    functions.entry(function.clone()).or_default();
                }
                open.push(Open { permission: resource, why, function });
            }
            functions.entry(arn).or_default().push(resource);
        }
        for (arn, permissions) in functions {
            let uncertain = permissions.iter().find(|permission| permission.is_uncertain);
            let any = open.iter().map(|it| &it.permission).find(|_| permissions.is_empty());
            let Some(first) = uncertain.or(permissions.first()).or(any) else { continue };
            let Some(account) = self.account(first) else { continue };
            let mut statements: Vec<Value> =
                permissions.iter().map(|permission| statement(permission, &arn, None)).collect();
            for it in open.iter().filter(|it| first_mark(&arn).is_none() && it.may_be_of(&arn)) {
                if self.account(it.permission) == Some(account) {
                    statements.push(statement(it.permission, &arn, Some(&it.why)));
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

/// A permission of which it is not known what it is on.
struct Open<'r> {
    permission: &'r Resource,
    why: String,
    /// The function, which may be known where the version is not.
    function: String,
}

impl Open<'_> {
    fn may_be_of(&self, arn: &str) -> bool {
        let is_open = first_mark(&self.function).is_some();
        is_open
            || arn.strip_prefix(&self.function).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
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
