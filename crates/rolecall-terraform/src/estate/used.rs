//! Managed policies that something has, though nothing here shows who: an attachment to a role of another configuration, a
//! module that is not there, whoever reads an output.

use super::{Builder, Resource};
use crate::value::{Kind, Text, Value};

impl Builder {
    /// Takes note of every policy whose ARN is an argument of something else.
    pub(super) fn used(&mut self, resources: &[Resource], handed_over: &[Value]) {
        let mut arns = Vec::new();
        for resource in resources {
            match resource.name.kind.as_str() {
                // Nobody knows whether it is there, and so not what it is for.
                "aws_iam_policy" if resource.is_uncertain => {
                    arns.extend(resource.get("arn").and_then(|arn| arn.to_text()));
                }
                "aws_iam_policy" => {}
                _ => policies(&resource.value, &mut arns),
            }
        }
        handed_over.iter().for_each(|value| policies(value, &mut arns));
        for arn in arns {
            let arn = self.text(&arn);
            self.all.used.insert(arn);
        }
    }
}

/// The texts in a value that are ARNs of policies.
fn policies(value: &Value, found: &mut Vec<Text>) {
    match &value.kind {
        Kind::Text(text) if is_policy(text) => found.push(text.clone()),
        Kind::List(all) | Kind::Set(all) => all.iter().for_each(|one| policies(one, found)),
        Kind::Object(object) => object.members.values().for_each(|one| policies(one, found)),
        Kind::Text(_) | Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Unknown(_) => {}
    }
}

fn is_policy(text: &Text) -> bool {
    let mut pieces = text.pieces().iter().filter_map(|piece| piece.content.as_deref().ok());
    let first = pieces.next().unwrap_or_default();
    first.starts_with("arn:") && (first.contains(":policy") || pieces.any(|piece| piece.contains(":policy")))
}
