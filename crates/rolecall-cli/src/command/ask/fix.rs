//! The smallest change that would allow a request, shown.

use rolecall_iam::{Asked, Change, Estate, Fix};
use serde_json::{Value, json};
use similar::TextDiff;

/// A fix, ready to be shown.
pub(crate) struct Shown(Fix);

/// What would allow a request that is refused.
pub(crate) fn of(estate: &Estate, asked: &Asked) -> Option<Shown> {
    estate.fix(&asked.request()).map(Shown)
}

impl Shown {
    pub(crate) fn lines(&self) -> Vec<String> {
        let Fix { changes, obstacles, opens_to, .. } = &self.0;
        let mut lines = Vec::new();
        if !changes.is_empty() {
            lines.push("To allow exactly this:".to_owned());
        }
        for change in changes {
            lines.push(format!("  {change}"));
            lines.extend(diff(change).lines().map(|line| format!("    {line}")));
        }
        if !opens_to.is_empty() {
            lines.push(format!("  The same would then be allowed to {}.", opens_to.join(", ")));
        }
        if !obstacles.is_empty() {
            lines.push("In the way, and not to be edited away:".to_owned());
            lines.extend(obstacles.iter().map(|obstacle| format!("  {obstacle}")));
        }
        lines
    }

    pub(crate) fn as_json(&self) -> Value {
        let Fix { changes, obstacles, opens_to, decision, .. } = &self.0;
        let changes = changes.iter().map(|change| {
            json!({
                "account": change.account.to_string(),
                "checkType": change.layer.name(),
                "target": change.target.to_string(),
                "addition": change.addition,
                "diff": diff(change),
                "before": change.before.as_deref().map(|text| without_secrets(text, change)),
                "after": without_secrets(change.after.text(), change),
            })
        });
        let obstacles = obstacles.iter().map(|obstacle| {
            json!({
                "checkType": obstacle.layer.name(),
                "ask": obstacle.ask.map(|account| account.to_string()),
                "text": obstacle.text,
            })
        });
        json!({
            "changes": changes.collect::<Vec<_>>(),
            "obstacles": obstacles.collect::<Vec<_>>(),
            "opensTo": opens_to,
            "decision": decision.name(),
        })
    }
}

/// The change as a unified diff of the document; a new document stands against nothing.
fn diff(change: &Change) -> String {
    let before = change.before.as_deref().unwrap_or_default();
    let old = change.before.as_ref().map_or("/dev/null".to_owned(), |_| change.to_string());
    let diff = TextDiff::from_lines(before, change.after.text())
        .unified_diff()
        .context_radius(3)
        .missing_newline_hint(false)
        .header(&old, &change.to_string())
        .to_string();
    without_secrets(&diff, change)
}

/// A text of the document without the values of external ids, which are secrets between two parties.
fn without_secrets(text: &str, change: &Change) -> String {
    let ids = change.after.external_ids().filter(|id| !id.is_empty());
    ids.fold(text.to_owned(), |text, id| text.replace(&format!("\"{id}\""), "\"(not shown)\""))
}
