//! Data sources that say what is known without asking.

use std::collections::BTreeMap;

use crate::evaluate::Provider;
use crate::value::{Text, Unknown, Value};

pub(super) fn data(
    kind: &str,
    written: &BTreeMap<String, Value>,
    provider: &Provider,
    address: &Unknown,
) -> BTreeMap<String, Value> {
    let text = |text: &Text| Value::from(text.clone());
    let all = |members: Vec<(&str, Value)>| {
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    };
    match kind {
        "aws_caller_identity" => {
            all(vec![("account_id", text(&provider.account)), ("id", text(&provider.account))])
        }
        "aws_partition" => {
            let partition = provider.partition.as_known().unwrap_or_default();
            let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
            all(vec![
                ("partition", text(&provider.partition)),
                ("id", text(&provider.partition)),
                ("dns_suffix", Value::from(suffix)),
                // The provider makes it of the suffix: it is the same in all partitions.
                (
                    "reverse_dns_prefix",
                    Value::from(if partition == "aws-cn" { "cn.com.amazonaws" } else { "com.amazonaws" }),
                ),
            ])
        }
        "aws_region" => {
            let given = written.get("name").or_else(|| written.get("region")).and_then(Value::to_text);
            let region = given.unwrap_or_else(|| provider.region.clone());
            all(vec![("name", text(&region)), ("region", text(&region)), ("id", text(&region))])
        }
        "aws_arn" => arn(written),
        "aws_iam_role" | "aws_iam_user" | "aws_iam_group" => {
            // One that is there already: its name is known, its path is not.
            let noun = kind.trim_start_matches("aws_iam_");
            let argument = if kind == "aws_iam_user" {
                "user_name"
            } else if kind == "aws_iam_group" {
                "group_name"
            } else {
                "name"
            };
            let Some(name) = written.get(argument).and_then(Value::to_text) else { return BTreeMap::new() };
            let mut arn = Text::from("arn:");
            arn.push(provider.partition.clone());
            arn.push_str(":iam::");
            arn.push(provider.account.clone());
            arn.push_str(&format!(":{noun}"));
            arn.push(Text::hole(address.member("path")));
            arn.push(name.clone());
            all(vec![("arn", Value::from(arn)), ("id", Value::from(name))])
        }
        // Named by its URL; the ARN has it without the scheme.
        "aws_iam_openid_connect_provider" => {
            let Some(url) = written.get("url").and_then(Value::as_known_text) else { return BTreeMap::new() };
            let mut arn = Text::from("arn:");
            arn.push(provider.partition.clone());
            arn.push_str(":iam::");
            arn.push(provider.account.clone());
            arn.push_str(&format!(":oidc-provider/{}", url.trim_start_matches("https://")));
            all(vec![("arn", Value::from(arn.clone())), ("id", Value::from(arn))])
        }
        "aws_iam_policy" => match written.get("arn") {
            Some(arn) if !arn.is_null() => all(vec![("id", arn.clone())]),
            _ => BTreeMap::new(),
        },
        "aws_service_principal" => {
            let Some(service) = written.get("service_name").and_then(Value::as_known_text) else {
                return BTreeMap::new();
            };
            all(vec![
                ("name", Value::from(format!("{service}.amazonaws.com"))),
                ("suffix", Value::from("amazonaws.com")),
            ])
        }
        _ => BTreeMap::new(),
    }
}

fn arn(written: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let Some(arn) = written.get("arn").and_then(Value::as_known_text) else { return BTreeMap::new() };
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    let names = ["", "partition", "service", "region", "account", "resource"];
    let pairs = names.iter().zip(fields).filter(|(name, _)| !name.is_empty());
    pairs.map(|(name, field)| ((*name).to_owned(), Value::from(field))).collect()
}
