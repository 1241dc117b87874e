//! The report for programs.

use rolecall_terraform::check::shown;
use serde_json::{Value, json};

use super::super::Checked;
use super::super::suppress::Why;
use super::told::{Found, Said, Spot, State, Told};

/// The whole report.
pub(super) fn report(checked: &Checked<'_>, told: &Told) -> Value {
    let text = |text: &str| shown(checked.infrastructure, text);
    let said = |said: &Said| json!({ "message": said.message, "place": place(&said.spot) });
    json!({
        "schema": "rolecall/check/1",
        "expectations": told.expectations.iter().map(|expected| json!({
            "name": expected.name,
            "holds": expected.state == State::Holds,
            "answers": expected.answers.iter().map(|answer| json!({
                "action": answer.action,
                "expected": answer.expected,
                "decision": answer.decision,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "findings": told.counted().map(finding).collect::<Vec<_>>(),
        "suppressed": told.findings.iter().filter(|found| !found.counts()).map(finding).collect::<Vec<_>>(),
        "links": checked.sorted.report.links.iter().map(|link| json!({
            "from": text(&link.from),
            "to": text(&link.to),
            "allowedByIdentity": link.is_allowed_by_identity,
            "trusted": link.is_trusted,
            "decision": link.decision.name(),
        })).collect::<Vec<_>>(),
        "problems": told.problems.iter().map(said).collect::<Vec<_>>(),
        "notes": told.notes.iter().map(said).collect::<Vec<_>>(),
    })
}

fn finding(found: &Found) -> Value {
    let mut json = json!({
        "id": found.check.id,
        "name": found.check.name,
        "severity": found.check.severity.name(),
        "sentence": found.sentence,
        "places": found.spots.iter().map(|spot| json!({ "place": place(spot), "text": spot.text })).collect::<Vec<_>>(),
        "help": found.help,
        "edits": found.edits.iter().map(|edit| json!({
            "place": place(&edit.spot),
            "text": edit.text,
        })).collect::<Vec<_>>(),
        "hangsOn": found.hangs_on,
        "fingerprint": found.fingerprint,
    });
    let suppression = match &found.suppressed {
        None => return json,
        Some(Why::Baseline) => json!({ "by": "baseline" }),
        Some(Why::Comment { reason, until }) => {
            json!({ "by": "comment", "reason": reason, "until": until.map(|until| until.to_string()) })
        }
    };
    if let Some(members) = json.as_object_mut() {
        members.insert("suppression".to_owned(), suppression);
    }
    json
}

/// File, line and column; bytes from the beginning of the file.
fn place(spot: &Spot) -> Value {
    json!({
        "file": spot.path,
        "line": spot.line,
        "column": spot.column,
        "start": spot.start,
        "end": spot.end,
    })
}
