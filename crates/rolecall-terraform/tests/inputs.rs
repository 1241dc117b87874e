//! The same infrastructure from every input that says it: configuration, plan, plan file, state.
//!
//! What Terraform made of the roots in `tests/plans/` is kept beside them; `tests/plans/make` makes it anew.

use std::fs;
use std::path::Path;

use rolecall_terraform::Files;
use rolecall_terraform::check::shown;
use rolecall_terraform::estate::{Infrastructure, Root};
use rolecall_terraform::evaluate::Settings;

/// Files of this machine.
struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<String, String> {
        fs::read_to_string(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, String> {
        fs::read(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
        let entries = fs::read_dir(folder).map_err(|error| error.to_string())?;
        Ok(entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect())
    }
}

fn read(path: &str) -> Infrastructure {
    let folder = Path::new("tests/plans").join(path);
    Infrastructure::read(&[Root { folder, settings: Settings::default() }], &Disk).unwrap()
}

/// Everything that decides, as a text: accounts, names, documents, who is in which group, workloads.
fn text(all: &Infrastructure) -> String {
    let mut lines = Vec::new();
    let document = |policy: &rolecall_iam::Policy| {
        let parsed: serde_json::Value = serde_json::from_str(policy.text()).unwrap();
        sorted(parsed).to_string()
    };
    for (id, account) in &all.estate.accounts {
        let mut identities = Vec::new();
        for role in account.roles.values() {
            lines.push(format!("{id} role {} trusts {}", role.identity.name, document(&role.trust)));
            identities.push(("role", &role.identity));
        }
        for user in account.users.values() {
            lines.push(format!("{id} user {} in {:?}", user.identity.name, user.groups));
            identities.push(("user", &user.identity));
        }
        for group in account.groups.values() {
            identities.push(("group", &group.identity));
        }
        for (noun, it) in identities {
            lines.push(format!(
                "{id} {noun} {}{} {:?} {:?} {:?} {}",
                it.path, it.name, it.tags, it.boundary, it.attached, it.id
            ));
            for (name, policy) in &it.inline {
                lines.push(format!("{id} {noun} {} inline {name} {}", it.name, document(policy)));
            }
        }
        for (arn, policy) in &account.policies {
            lines.push(format!("{arn} {}", document(&policy.versions[&1].policy)));
        }
        for (arn, policy) in &account.resource_policies {
            lines.push(format!("{arn} {}", document(policy)));
        }
    }
    for workload in &all.workloads {
        lines.push(format!("{} runs as {}", workload.address, workload.role));
    }
    let mut lines: Vec<String> = lines.iter().map(|line| shown(all, line)).collect();
    lines.sort();
    lines.join("\n")
}

/// Without the order of lists, which says nothing in a policy.
fn sorted(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Json::Array(elements) => {
            let mut elements: Vec<Json> = elements.into_iter().map(sorted).collect();
            elements.sort_by_key(Json::to_string);
            Json::Array(elements)
        }
        Json::Object(members) => Json::Object(members.into_iter().map(|(key, value)| (key, sorted(value))).collect()),
        other => other,
    }
}

#[test]
fn a_plan_says_what_its_configuration_says() {
    for root in ["seed", "modules"] {
        let configuration = text(&read(root));
        assert_eq!(text(&read(&format!("{root}/plan.json"))), configuration, "{root}");
        assert_eq!(text(&read(&format!("{root}/plan.tfplan"))), configuration, "{root}");
    }
}
