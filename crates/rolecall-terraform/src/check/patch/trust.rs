//! One more statement in a trust policy, in the language that it is written in.

use super::reference;
use crate::estate::{Infrastructure, Subject};
use crate::place::Place;

/// A statement more in a trust policy, in the language it is written in: JSON, an HCL object, or a block. None where that
/// would change another role's trust policy too.
pub(super) fn statement(
    all: &Infrastructure,
    role: &str,
    kind: &str,
    principals: &[String],
) -> Option<(Place, String)> {
    let written = all.documents.get(&Subject::Trust(role.to_owned()))?;
    let declared = all.declared.get(role)?;
    let document = &written.document;
    let last = document.policy.document().statements.last()?;
    let place = written.last_statement()?;
    if all.roles_with_trust_at(place).len() > 1 {
        return None;
    }
    let source = all.sources.excerpt(place);
    let indent = indentation(all, place);
    let named = || {
        let who = principals.iter().map(|principal| match kind {
            "AWS" if depends_on(all, principal, role) => reference::quoted(all, principal),
            "AWS" => reference::beside(all, principal, declared),
            _ => Some(format!("\"{principal}\"")),
        });
        who.collect::<Option<Vec<_>>>()
    };
    if source.starts_with("statement") {
        let who = named()?.join(", ");
        let text = format!(
            "\n\n{indent}statement {{\n{indent}  actions = [\"sts:AssumeRole\"]\n\n{indent}  principals {{\n{indent}    type        \
             = \"{kind}\"\n{indent}    identifiers = [{who}]\n{indent}  }}\n{indent}}}"
        );
        return Some((Place { start: place.end, ..place }, text));
    }
    // The list must be there: a single statement would have to become one.
    let before = all.sources.text(place).get(..place.start as usize)?.trim_end();
    if !before.ends_with(['[', ',']) {
        return None;
    }
    let is_json = source == "{";
    if !is_json && source.starts_with('{') {
        return Some(beside_object(all, place, source, kind, &one_or_list(&named()?)));
    }
    let quoted = principals.iter().map(|who| reference::quoted(all, who).filter(|text| !text.contains("${")));
    let who = one_or_list(&quoted.collect::<Option<Vec<_>>>()?);
    let end = document.place_of(last.span.end.checked_sub(1)?)?;
    if !is_json || end.file != place.file {
        return None;
    }
    let text = format!(
        ",\n{indent}{{\n{indent}  \"Effect\": \"Allow\",\n{indent}  \"Principal\": {{ \"{kind}\": {who} }},\n{indent}  \
         \"Action\": \"sts:AssumeRole\"\n{indent}}}"
    );
    Some((Place { start: end.end, ..end }, text))
}

/// Whether the block of one role names the other: a reference back would be a cycle, which Terraform refuses.
fn depends_on(all: &Infrastructure, one: &str, other: &str) -> bool {
    let Some(declared) = all.declared.get(one) else { return false };
    // By its address, as `depends_on` has it; or by what a document of its block came to.
    let address = all.declared.get(other).map(|other| other.address.split('[').next().unwrap_or_default());
    if address.is_some_and(|address| all.sources.excerpt(declared.block).contains(address)) {
        return true;
    }
    let first = Subject::Inline(one.to_owned(), String::new());
    let inline = all.documents.range(first..).take_while(|(subject, _)| subject.arn() == one);
    let trust = all.documents.get(&Subject::Trust(one.to_owned()));
    inline
        .map(|(_, written)| written)
        .chain(trust)
        .any(|written| written.block == declared.block && written.document.policy.text().contains(other))
}

/// One alone, several as a list.
fn one_or_list(texts: &[String]) -> String {
    match texts {
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    }
}

/// An object more after the last of a list, as `terraform fmt` lays it out.
fn beside_object(all: &Infrastructure, place: Place, source: &str, kind: &str, who: &str) -> (Place, String) {
    let indent = indentation(all, place);
    let before = all.sources.text(place).get(..place.start as usize).unwrap_or_default();
    let is_first_on_line = before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
    let lines = format!(
        "{indent}  Effect    = \"Allow\"\n{indent}  Action    = \"sts:AssumeRole\"\n{indent}  Principal = {{ {kind} = {who} }}\n"
    );
    let end = Place { start: place.end, ..place };
    if is_first_on_line {
        return (end, format!(",\n{indent}{{\n{lines}{indent}}}"));
    }
    match source.rsplit_once('\n') {
        None => {
            let object = format!(
                "{{ Effect = \"Allow\", Action = \"sts:AssumeRole\", Principal = {{ {kind} = {who} }} }}"
            );
            (end, format!(", {object}"))
        }
        // The brace that closes the one and the brace that opens the other share a line.
        Some((_, last)) => {
            let closing = u32::try_from(last.len()).unwrap_or_default();
            let place = Place { start: place.end.saturating_sub(closing), ..place };
            (place, format!("{indent}  }}, {{\n{lines}{indent}}}"))
        }
    }
}

/// The space that the line begins with.
fn indentation(all: &Infrastructure, place: Place) -> String {
    let before = all.sources.text(place).get(..place.start as usize).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect()
}
