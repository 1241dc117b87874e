//! Policies that may be in force, and may not: those whose holder is not known, those of something that may not be there,
//! and those of which there are two where AWS keeps one.

use rolecall_iam::{MISSING_POLICY, Policy, unknown};
use serde_json::{Map, Value as Json, json};

use crate::document::Layer;

const VERSION: &str = "2012-10-17";

/// The policy, if it is in force: whatever one of its statements says is undecided, and all else is as if there were no
/// policy. `why` says what it hangs on.
pub(super) fn perhaps(policy: &Policy, layer: Layer, why: &str) -> Policy {
    all_perhaps(&[policy], layer, why)
}

/// Several policies, each of them perhaps in force.
pub(super) fn all_perhaps(policies: &[&Policy], layer: Layer, why: &str) -> Policy {
    let statements: Option<Vec<Vec<Json>>> =
        policies.iter().map(|policy| conditional(policy.text(), &unknown(why))).collect();
    match statements {
        Some(statements) => written(&statements.concat()),
        None => any(layer, why),
    }
}

/// What is not known to be granted may be denied: the policies of somebody of whom only some are here.
pub(super) fn may_be_denied(why: &str) -> Policy {
    written(&[json!({
        "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": { "StringNotEquals": { MISSING_POLICY: unknown(why) } },
    })])
}

/// A policy of which nothing is known but that it may be there.
fn any(layer: Layer, why: &str) -> Policy {
    let statement = |effect: &str, operator: &str| {
        let mut statement = json!({
            "Effect": effect, "Action": "*", "Resource": "*",
            "Condition": { operator: { MISSING_POLICY: unknown(why) } },
        });
        if let (Layer::Resource, Some(members)) = (layer, statement.as_object_mut()) {
            members.insert("Principal".to_owned(), json!("*"));
        }
        statement
    };
    written(&[statement("Allow", "StringEquals"), statement("Deny", "StringNotEquals")])
}

fn written(statements: &[Json]) -> Policy {
    Policy::lenient(&json!({ "Version": VERSION, "Statement": statements }).to_string())
}

/// The statements, each under a condition on something that nobody knows. None where the text is not understood, or of a
/// version that takes the mark for a plain text.
fn conditional(text: &str, mark: &str) -> Option<Vec<Json>> {
    let mut all = statements(text)?;
    all.iter_mut().try_for_each(|statement| hang(statement, mark))?;
    Some(all)
}

fn statements(text: &str) -> Option<Vec<Json>> {
    let document: Json = serde_json::from_str(text).ok()?;
    if document.get("Version")?.as_str()? != VERSION {
        return None;
    }
    let written = document.get("Statement")?;
    Some(written.as_array().cloned().unwrap_or_else(|| vec![written.clone()]))
}

/// Lets a statement hang on something that nobody knows. Of a denial, what is absent denies.
fn hang(statement: &mut Json, mark: &str) -> Option<()> {
    let is_denial = statement.get("Effect")?.as_str()? == "Deny";
    let operator = if is_denial { "StringNotEquals" } else { "StringEquals" };
    if statement.get("Condition").and_then(|it| it.get(operator)?.get(MISSING_POLICY)).is_some() {
        // It hangs on something already.
        return Some(());
    }
    add_condition(statement, operator, MISSING_POLICY, mark)
}

/// Adds a condition; none where there is one of that operator on that key.
fn add_condition(statement: &mut Json, operator: &str, key: &str, value: &str) -> Option<()> {
    let conditions =
        statement.as_object_mut()?.entry("Condition").or_insert_with(|| Json::Object(Map::new()));
    let keys = conditions.as_object_mut()?.entry(operator).or_insert_with(|| Json::Object(Map::new()));
    let keys = keys.as_object_mut()?;
    if keys.keys().any(|known| known.eq_ignore_ascii_case(key)) {
        return None;
    }
    keys.insert(key.to_owned(), json!(value));
    Some(())
}

/// The policy, which for one account may be in force and may not, and for all others is. `key` has the account.
pub(super) fn perhaps_for(account: &str, key: &str, policy: &Policy, layer: Layer, why: &str) -> Policy {
    let split = || {
        let mut all = Vec::new();
        for statement in statements(policy.text())? {
            let (mut others, mut own) = (statement.clone(), statement);
            add_condition(&mut others, "StringNotEquals", key, account)?;
            add_condition(&mut own, "StringEquals", key, account)?;
            hang(&mut own, &unknown(why))?;
            all.extend([others, own]);
        }
        Some(written(&all))
    };
    split().unwrap_or_else(|| perhaps(policy, layer, why))
}
