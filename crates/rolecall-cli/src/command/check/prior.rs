//! What a plan says was there before: its prior state, read as a state.
//!
//! <https://developer.hashicorp.com/terraform/internals/json-format#plan-representation>

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rolecall_terraform::{AwsPolicy, Files};
use serde_json::{Value, json};

/// The word for it in `--diff`, where others name a revision.
pub(super) const PRIOR_STATE: &str = "prior-state";

/// Files in which each plan is the state before it.
pub(super) struct Prior<'a>(pub(super) &'a dyn Files);

impl Files for Prior<'_> {
    fn read(&self, path: &Path) -> Result<String, String> {
        String::from_utf8(self.bytes(path)?).map_err(|_| no_plan(path))
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, String> {
        let plan: Value = serde_json::from_slice(&self.0.bytes(path)?).map_err(|_| no_plan(path))?;
        if plan.get("resource_changes").is_none() && plan.get("planned_values").is_none() {
            return Err(no_plan(path));
        }
        // Before the first apply there is nothing.
        let nothing = || json!({ "format_version": "1.0", "values": { "root_module": {} } });
        let mut state = plan.get("prior_state").cloned().unwrap_or_else(nothing);
        if let Some(state) = state.as_object_mut() {
            state.entry("values").or_insert_with(|| json!({ "root_module": {} }));
        }
        Ok(state.to_string().into_bytes())
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
        // A file that is no plan: that is what is wrong with it, not that it is no folder.
        self.0.list(folder).map_err(|why| self.bytes(folder).err().unwrap_or(why))
    }

    fn outside(&self, path: &Path) -> Option<String> {
        self.0.outside(path)
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.0.real(path)
    }

    fn aws_policies(&self, arns: &BTreeSet<String>) -> BTreeMap<String, AwsPolicy> {
        self.0.aws_policies(arns)
    }
}

fn no_plan(path: &Path) -> String {
    format!(
        "`{}` is no plan as `terraform show -json PLAN` prints it: only that says what was there before",
        path.display()
    )
}
