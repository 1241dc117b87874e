//! The report for programs.

use rolecall_terraform::Place;
use rolecall_terraform::check::{Finding, Report, shown};
use rolecall_terraform::estate::Infrastructure;
use serde_json::{Value, json};

/// The whole report.
pub(super) fn report(infrastructure: &Infrastructure, report: &Report) -> Value {
    let text = |text: &str| shown(infrastructure, text);
    let problem = |problem: &rolecall_terraform::hcl::Problem| json!({ "message": text(&problem.message), "place": place(infrastructure, problem.place) });
    json!({
        "schema": "rolecall/check/1",
        "expectations": report.outcomes.iter().map(|outcome| json!({
            "name": outcome.name,
            "holds": outcome.holds(),
            "answers": outcome.answers.iter().map(|answer| json!({
                "action": answer.action,
                "expected": if answer.is_to_be_allowed { "allowed" } else { "denied" },
                "decision": answer.decision.map(|decision| decision.name()),
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "findings": report.all_findings().map(|found| finding(infrastructure, found)).collect::<Vec<_>>(),
        "links": report.links.iter().map(|link| json!({
            "from": text(&link.from),
            "to": text(&link.to),
            "allowedByIdentity": link.is_allowed_by_identity,
            "trusted": link.is_trusted,
            "decision": link.decision.name(),
        })).collect::<Vec<_>>(),
        "problems": infrastructure.problems.iter().map(problem).collect::<Vec<_>>(),
        "notes": infrastructure.notes.iter().map(problem).collect::<Vec<_>>(),
    })
}

fn finding(infrastructure: &Infrastructure, finding: &Finding) -> Value {
    json!({
        "id": finding.check.id,
        "name": finding.check.name,
        "severity": finding.check.severity.name(),
        "sentence": finding.sentence,
        "places": finding.labels.iter().map(|label| json!({
            "place": place(infrastructure, label.place),
            "text": label.text,
        })).collect::<Vec<_>>(),
        "help": finding.help,
        "edits": finding.patch.iter().map(|edit| json!({
            "place": place(infrastructure, edit.place),
            "text": edit.text,
        })).collect::<Vec<_>>(),
        "hangsOn": finding.hangs_on,
        "fingerprint": format!("{}:{}", finding.check.id, shown(infrastructure, &finding.about)),
    })
}

/// File, line and column; bytes from the beginning of the file.
fn place(infrastructure: &Infrastructure, place: Place) -> Value {
    let position = infrastructure.sources.position(place);
    json!({
        "file": infrastructure.sources.path(place),
        "line": position.line,
        "column": position.column,
        "start": place.start,
        "end": place.end,
    })
}
