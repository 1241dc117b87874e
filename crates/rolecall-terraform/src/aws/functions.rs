//! The provider's own functions: `provider::aws::arn_parse(…)`.
//!
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/functions/arn_parse>, `arn_build` and
//! `trim_iam_role_path` beside it.

use crate::value::{Text, Value};

/// What a function gives. None if the provider has no such function, or something it needs is not known.
pub(crate) fn call(name: &str, values: &[Value]) -> Option<Result<Value, String>> {
    match (name.strip_prefix("provider::aws::")?, values) {
        ("arn_parse", [arn]) => Some(parse(&arn.as_known_text()?)),
        ("arn_build", parts @ [_, _, _, _, _]) => {
            let mut arn = Text::from("arn");
            for part in parts {
                arn.push_str(":");
                arn.push(part.to_text()?);
            }
            Some(Ok(arn.into()))
        }
        ("trim_iam_role_path", [arn]) => Some(without_path(&arn.as_known_text()?)),
        _ => None,
    }
}

fn fields(arn: &str) -> Result<[&str; 6], String> {
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    let fields = <[&str; 6]>::try_from(fields).ok().filter(|fields| fields[0] == "arn");
    fields.ok_or_else(|| "this is no ARN".to_owned())
}

fn parse(arn: &str) -> Result<Value, String> {
    let [_, partition, service, region, account_id, resource] = fields(arn)?;
    let members = [
        ("partition", partition),
        ("service", service),
        ("region", region),
        ("account_id", account_id),
        ("resource", resource),
    ];
    Ok(Value::object(members.map(|(name, value)| (name.to_owned(), Value::from(value)))))
}

fn without_path(arn: &str) -> Result<Value, String> {
    let [_, partition, service, region, account, resource] = fields(arn)?;
    if service != "iam" || !region.is_empty() || !resource.starts_with("role/") {
        return Err("this is no ARN of a role".to_owned());
    }
    let name = resource.rsplit('/').next().unwrap_or_default();
    Ok(Value::from(format!("arn:{partition}:iam::{account}:role/{name}")))
}
