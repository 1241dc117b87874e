//! Values for what only AWS would know.

use std::collections::BTreeMap;

use serde_json::Value;

use super::answer::{bare, configured};

/// What is computed for a type of resource, as far as other resources refer to it: `{name}` is an attribute, `{A}` the
/// account, `{R}` the Region, `{?x}` what nobody knows. The formats:
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
const COMPUTED: &[(&str, &[(&str, &str)])] = &[
    (
        "aws_iam_role",
        &[
            ("name", "{name_prefix}{?name}"),
            ("id", "{name}"),
            ("arn", "arn:aws:iam::{A}:role{path}{name}"),
            ("unique_id", "{?id}"),
        ],
    ),
    (
        "aws_iam_policy",
        &[
            ("name", "{name_prefix}{?name}"),
            ("arn", "arn:aws:iam::{A}:policy{path}{name}"),
            ("id", "arn:aws:iam::{A}:policy{path}{name}"),
        ],
    ),
    (
        "aws_iam_user",
        &[("arn", "arn:aws:iam::{A}:user{path}{name}"), ("id", "{name}"), ("unique_id", "{?id}")],
    ),
    ("aws_iam_group", &[("arn", "arn:aws:iam::{A}:group{path}{name}"), ("id", "{name}")]),
    (
        "aws_iam_instance_profile",
        &[
            ("name", "{name_prefix}{?name}"),
            ("arn", "arn:aws:iam::{A}:instance-profile{path}{name}"),
            ("id", "{name}"),
        ],
    ),
    ("aws_iam_openid_connect_provider", &[("arn", "arn:aws:iam::{A}:oidc-provider/{url}")]),
    ("aws_iam_saml_provider", &[("arn", "arn:aws:iam::{A}:saml-provider/{name}")]),
    ("aws_dynamodb_table", &[("arn", "arn:aws:dynamodb:{R}:{A}:table/{name}"), ("id", "{name}")]),
    ("aws_s3_bucket", &[("arn", "arn:aws:s3:::{bucket}"), ("id", "{bucket}")]),
    (
        "aws_sqs_queue",
        &[
            ("arn", "arn:aws:sqs:{R}:{A}:{name}"),
            ("id", "https://sqs.{R}.amazonaws.com/{A}/{name}"),
            ("url", "https://sqs.{R}.amazonaws.com/{A}/{name}"),
        ],
    ),
    ("aws_sns_topic", &[("arn", "arn:aws:sns:{R}:{A}:{name}"), ("id", "arn:aws:sns:{R}:{A}:{name}")]),
    ("aws_lambda_function", &[("arn", "arn:aws:lambda:{R}:{A}:function:{function_name}")]),
    ("aws_kms_key", &[("key_id", "{?name}"), ("id", "{?name}"), ("arn", "arn:aws:kms:{R}:{A}:key/{?name}")]),
    ("aws_ecr_repository", &[("arn", "arn:aws:ecr:{R}:{A}:repository/{name}")]),
    ("aws_secretsmanager_secret", &[("arn", "arn:aws:secretsmanager:{R}:{A}:secret:{name}-{?.suffix}")]),
];

/// The account and the Region of each provider, by its key.
fn providers(plan: &Value) -> BTreeMap<String, (String, String)> {
    let all = plan.pointer("/configuration/provider_config").and_then(Value::as_object);
    let text = |provider: &Value, pointer: &str| {
        provider.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let one = |(key, provider): (&String, &Value)| {
        let role = text(provider, "/expressions/assume_role/0/role_arn/constant_value");
        let account = match role.split(':').nth(4) {
            Some(account) => account.to_owned(),
            None => text(provider, "/expressions/access_key/constant_value"),
        };
        (key.clone(), (account, text(provider, "/expressions/region/constant_value")))
    };
    all.into_iter().flatten().map(one).collect()
}

/// For each instance the values it is given.
pub(crate) fn of(plan: &Value) -> BTreeMap<String, BTreeMap<&'static str, String>> {
    let providers = providers(plan);
    let changes = plan.get("resource_changes").and_then(Value::as_array);
    let mut overrides = BTreeMap::new();
    for change in changes.into_iter().flatten() {
        let text = |name: &str| change.get(name).and_then(Value::as_str).unwrap_or_default();
        let Some((_, computed)) = COMPUTED.iter().find(|(kind, _)| *kind == text("type")) else { continue };
        if text("mode") != "managed" {
            continue;
        }
        let address = text("address");
        let key = configured(plan, &bare(address))
            .and_then(|resource| resource.get("provider_config_key")?.as_str())
            .unwrap_or("aws");
        let (account, region) = providers.get(key).cloned().unwrap_or_default();
        let mut values: BTreeMap<&str, String> = BTreeMap::new();
        for (name, format) in *computed {
            let is_unknown =
                change.pointer(&format!("/change/after_unknown/{name}")) == Some(&Value::Bool(true));
            if !is_unknown {
                continue;
            }
            let value = filled(format, |argument| match argument {
                "A" => account.clone(),
                "R" => region.clone(),
                "?name" => format!("⟨the name of {address}⟩"),
                "?id" => format!("⟨the unique id of {address}⟩"),
                other => match other.strip_prefix('?') {
                    Some(rest) => format!("⟨{address}{rest}⟩"),
                    None => {
                        let written =
                            change.pointer(&format!("/change/after/{other}")).and_then(Value::as_str);
                        let value = values.get(other).map(String::as_str).or(written);
                        value.unwrap_or_default().trim_start_matches("https://").to_owned()
                    }
                },
            });
            values.insert(name, value);
        }
        overrides.insert(address.to_owned(), values);
    }
    overrides
}

fn filled(format: &str, value: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    let mut rest = format;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
    {
        text.push_str(before);
        text.push_str(&value(name));
        rest = after;
    }
    text + rest
}

/// They as a test file.
pub(crate) fn file(overrides: &BTreeMap<String, BTreeMap<&str, String>>) -> String {
    let mut text = String::new();
    for (address, values) in overrides {
        let values: Vec<String> = values
            .iter()
            .map(|(name, value)| format!("{name} = {}", Value::from(value.replace("${", "$${"))))
            .collect();
        text.push_str(&format!(
            "override_resource {{\n  target = {address}\n  override_during = plan\n  values = {{\n    {}\n  }}\n}}\n",
            values.join("\n    ")
        ));
    }
    text + "run \"answer\" {\n  command = plan\n}\n"
}
