//! `ignore_changes`: what is written is what a resource is made with, and what the account has may be something else.
//!
//! <https://developer.hashicorp.com/terraform/language/meta-arguments#lifecycle>

use super::Builder;
use crate::evaluate::Resource;

/// Arguments that decide who may do what.
const DECIDE: [&str; 5] =
    ["access_policies", "assume_role_policy", "permissions_boundary", "policy", "resource_policy"];

/// Those of them that are a document.
pub(super) const DOCUMENTS: [&str; 4] =
    ["access_policies", "assume_role_policy", "policy", "resource_policy"];

impl Resource {
    /// What it hangs on, where changes of one of these arguments are ignored.
    pub(super) fn ignores(&self, arguments: &[&str]) -> Option<String> {
        let is_one = |name: &String| name == "all" || arguments.contains(&name.as_str());
        self.ignored.iter().any(is_one).then(|| format!("what the account has as {}", self.address))
    }
}

impl Builder {
    /// Names what is ignored of a resource that decides something.
    pub(super) fn ignored(&mut self, resource: &Resource) {
        let decides = |kind: &str| kind.starts_with("aws_iam_") || super::resource_policy::is_one(kind);
        if !decides(&resource.name.kind) {
            return;
        }
        let has_tags = ["aws_iam_role", "aws_iam_user"].contains(&resource.name.kind.as_str());
        let mut names: Vec<String> = resource.ignored.clone();
        names.retain(|name| match name.as_str() {
            "tags" | "tags_all" => has_tags,
            "inline_policy" | "managed_policy_arns" => resource.get(name).is_some(),
            name => name == "all" || DECIDE.contains(&name),
        });
        if names.is_empty() {
            return;
        }
        let message = format!(
            "`{}` ignores changes of {}: what the account has may be something else than what is written",
            resource.address,
            names.join(", ")
        );
        self.note(message, resource.header);
    }
}
