//! SARIF 2.1.0, for code scanning.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html>

use rolecall_terraform::check::{CHECKS, Check};
use serde_json::{Value, json};

use super::super::suppress::Why;
use super::told::{Found, Said, Spot, Told};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What places are said from: the working directory.
const BASE: &str = "%SRCROOT%";

/// The whole log.
pub(super) fn report(told: &Told) -> Value {
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "rolecall",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": CHECKS.iter().map(rule).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { BASE: { "description": { "text": "Where rolecall was run." } } },
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": told.problems.iter().map(notification).collect::<Vec<_>>(),
            }],
            "results": told.findings.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn rule(check: &Check) -> Value {
    let page = page(check.id);
    let first = page.split("\n\n").nth(1).unwrap_or(check.about);
    let first = first.split_once(" Severity: ").map_or(first, |(about, _)| about);
    json!({
        "id": check.id,
        "name": pascal_case(check.name),
        "shortDescription": { "text": sentence(check.about) },
        "fullDescription": { "text": sentence(first) },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": check.severity.name() },
        "properties": { "tags": ["security", "iam"] },
    })
}

fn result(found: &Found) -> Value {
    let rule = CHECKS.iter().position(|check| check.id == found.check.id);
    // Section 3.27.9: what cannot be decided is open, and then it has no level.
    let (kind, level) =
        if found.is_open() { ("open", "none") } else { ("fail", found.check.severity.name()) };
    let help: String = found.help.iter().map(|help| format!("\n{help}")).collect();
    let mut places = found.spots.iter().enumerate().map(|(id, spot)| location(spot, id));
    let first: Vec<Value> = places.next().into_iter().collect();
    let mut result = json!({
        "ruleId": found.check.id,
        "ruleIndex": rule,
        "kind": kind,
        "level": level,
        "message": { "text": format!("{}{help}", sentence(&found.sentence)) },
        "locations": first,
        "relatedLocations": places.collect::<Vec<_>>(),
        "partialFingerprints": { "rolecallAbout/v1": found.fingerprint },
        "suppressions": found.suppressed.iter().map(suppression).collect::<Vec<_>>(),
    });
    if let Some(members) = result.as_object_mut()
        && !found.edits.is_empty()
    {
        members.insert("fixes".to_owned(), json!([fix(found)]));
    }
    result
}

fn suppression(why: &Why) -> Value {
    match why {
        Why::Baseline => {
            json!({ "kind": "external", "status": "accepted", "justification": "it is in the baseline" })
        }
        Why::Comment { reason, until } => {
            let until = until.map(|until| format!(" (until {until})")).unwrap_or_default();
            json!({ "kind": "inSource", "status": "accepted", "justification": format!("{reason}{until}") })
        }
    }
}

/// The edits, file by file.
fn fix(found: &Found) -> Value {
    let mut files: Vec<&str> = found.edits.iter().map(|edit| edit.spot.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    let changes = files.into_iter().map(|file| {
        let edits = found.edits.iter().filter(|edit| edit.spot.file == file);
        json!({
            "artifactLocation": artifact(file),
            "replacements": edits.map(|edit| json!({
                "deletedRegion": region(&edit.spot),
                "insertedContent": { "text": edit.text },
            })).collect::<Vec<_>>(),
        })
    });
    json!({
        "description": { "text": "What is missing, at its place." },
        "artifactChanges": changes.collect::<Vec<_>>(),
    })
}

fn notification(problem: &Said) -> Value {
    let mut notification = json!({ "level": "warning", "message": { "text": sentence(&problem.message) } });
    if let Some(members) = notification.as_object_mut()
        && !problem.spot.file.is_empty()
    {
        members.insert("locations".to_owned(), json!([location(&problem.spot, 0)]));
    }
    notification
}

fn location(spot: &Spot, id: usize) -> Value {
    let mut location = json!({
        "id": id,
        "physicalLocation": { "artifactLocation": artifact(&spot.file), "region": region(spot) },
    });
    if let Some(members) = location.as_object_mut()
        && !spot.text.is_empty()
    {
        members.insert("message".to_owned(), json!({ "text": sentence(&spot.text) }));
    }
    location
}

fn artifact(file: &str) -> Value {
    if file.starts_with('/') {
        return json!({ "uri": format!("file://{}", uri(file)) });
    }
    json!({ "uri": uri(file), "uriBaseId": BASE })
}

fn region(spot: &Spot) -> Value {
    let (start, end) = spot.characters;
    json!({
        "startLine": spot.line,
        "startColumn": spot.column,
        "endLine": spot.end_line,
        "endColumn": spot.end_column,
        "charOffset": start,
        "charLength": end - start,
        "byteOffset": spot.start,
        "byteLength": spot.end - spot.start,
    })
}

/// A path as a URI has it. <https://www.rfc-editor.org/rfc/rfc3986#section-2.3>
fn uri(path: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/');
    path.bytes()
        .map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// `IdentitySideMissing`, as the specification has names of rules.
fn pascal_case(name: &str) -> String {
    name.split('-')
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        })
        .collect()
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let text: String = first.into_iter().chain(letters).collect();
    if text.ends_with(['.', '!', '?']) { text } else { text + "." }
}

macro_rules! pages {
    ($($id:literal)*) => {
        /// The page of a check.
        fn page(id: &str) -> &'static str {
            match id {
                $($id => include_str!(concat!("../../../../../../docs/checks/", $id, ".md")),)*
                _ => "",
            }
        }
    };
}
pages!("RC000" "RC001" "RC002" "RC003" "RC004" "RC005" "RC006" "RC007" "RC008" "RC009" "RC010" "RC011" "RC013" "RC014" "RC015" "RC016" "RC017" "RC018" "RC019" "RC020" "RC021" "RC023" "RC024" "RC025" "RC026" "RC027" "RC028" "RC029" "RC030" "RC031" "RC032" "RC033" "RC034" "RC035" "RC036" "RC037" "RC038" "RC039" "RC040" "RC041" "RC042" "RC043" "RC044" "RC045" "RC046");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_its_page() {
        for check in &CHECKS {
            let heading = format!("# {} {}\n", check.id, check.name);
            assert!(page(check.id).starts_with(&heading), "no page for {}: `pages!` lists them", check.id);
        }
    }

    #[test]
    fn paths_as_uris() {
        assert_eq!(uri("a b/c#d/ü.tf"), "a%20b/c%23d/%C3%BC.tf");
    }
}
