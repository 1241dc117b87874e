//! One more statement in a trust policy, in the language that it is written in.

use super::{Edit, reference};
use crate::estate::{Declared, Infrastructure, Written};
use crate::place::Place;

/// A statement more in a trust policy, in the language it is written in: JSON, an HCL object, or a block.
pub(super) fn trust(
    all: &Infrastructure,
    written: &Written,
    declared: &Declared,
    kind: &str,
    principal: &str,
) -> Option<Edit> {
    let document = &written.document;
    let statements = &document.policy.document().statements;
    let last = statements.last()?;
    let place = document.place_of(last.span.start)?;
    let source = all.sources.excerpt(place);
    let indent = indentation(all, place);
    if source.starts_with("statement") {
        let who = reference(all, principal, declared)?;
        let who = if kind == "AWS" { who } else { format!("\"{principal}\"") };
        let text = format!(
            "\n\n{indent}statement {{\n{indent}  actions = [\"sts:AssumeRole\"]\n\n{indent}  principals {{\n{indent}    type        \
             = \"{kind}\"\n{indent}    identifiers = [{who}]\n{indent}  }}\n{indent}}}"
        );
        return Some(Edit { place: Place { start: place.end, ..place }, text });
    }
    // The list must be there: a single statement would have to become one.
    let before = all.sources.text(place).get(..place.start as usize)?.trim_end();
    if !before.ends_with(['[', ',']) {
        return None;
    }
    let is_json = source == "{";
    if !is_json && source.starts_with('{') {
        let who = reference(all, principal, declared)?;
        let who = if kind == "AWS" { who } else { format!("\"{principal}\"") };
        return Some(beside_object(all, place, source, kind, &who));
    }
    let is_made_up =
        all.symbols.names().any(|(_, made)| principal.contains(made)) || principal.contains("${");
    let end = document.place_of(last.span.end.checked_sub(1)?)?;
    if !is_json || is_made_up || end.file != place.file {
        return None;
    }
    let text = format!(
        ",\n{indent}{{\n{indent}  \"Effect\": \"Allow\",\n{indent}  \"Principal\": {{ \"{kind}\": \"{principal}\" }},\n{indent}  \
         \"Action\": \"sts:AssumeRole\"\n{indent}}}"
    );
    Some(Edit { place: Place { start: end.end, ..end }, text })
}

/// An object more after the last of a list, as `terraform fmt` lays it out.
fn beside_object(all: &Infrastructure, place: Place, source: &str, kind: &str, who: &str) -> Edit {
    let indent = indentation(all, place);
    let before = all.sources.text(place).get(..place.start as usize).unwrap_or_default();
    let is_first_on_line = before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
    let lines = format!(
        "{indent}  Effect    = \"Allow\"\n{indent}  Action    = \"sts:AssumeRole\"\n{indent}  Principal = {{ {kind} = {who} }}\n"
    );
    let end = Place { start: place.end, ..place };
    if is_first_on_line {
        return Edit { place: end, text: format!(",\n{indent}{{\n{lines}{indent}}}") };
    }
    match source.rsplit_once('\n') {
        None => {
            let object = format!(
                "{{ Effect = \"Allow\", Action = \"sts:AssumeRole\", Principal = {{ {kind} = {who} }} }}"
            );
            Edit { place: end, text: format!(", {object}") }
        }
        // The brace that closes the one and the brace that opens the other share a line.
        Some((_, last)) => {
            let closing = u32::try_from(last.len()).unwrap_or_default();
            let place = Place { start: place.end.saturating_sub(closing), ..place };
            Edit { place, text: format!("{indent}  }}, {{\n{lines}{indent}}}") }
        }
    }
}

/// The space that the line begins with.
fn indentation(all: &Infrastructure, place: Place) -> String {
    let before = all.sources.text(place).get(..place.start as usize).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect()
}
