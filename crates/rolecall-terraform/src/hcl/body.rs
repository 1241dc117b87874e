//! Bodies: attributes and blocks.

use std::collections::HashSet;

use super::scan::Scan;
use super::tree::{Attribute, Block, Body, Label};
use super::{Problem, expression, template};

/// A whole file. After a problem it goes on with the next line that begins at the margin.
pub(super) fn file(scan: &mut Scan<'_>) -> Body {
    let (mut body, mut names) = (Body::default(), HashSet::new());
    loop {
        scan.skip_lines();
        if scan.is_at_end() {
            return body;
        }
        if let Err(problem) = item(scan, &mut body, &mut names) {
            scan.problems.push(problem);
            to_next_item(scan);
        }
    }
}

fn to_next_item(scan: &mut Scan<'_>) {
    loop {
        let Some(newline) = scan.rest().find('\n') else {
            scan.advance(usize::MAX / 2);
            return;
        };
        scan.advance(newline + 1);
        if scan.peek().is_some_and(|c| c.is_alphabetic() || c == '_') {
            return;
        }
    }
}

/// An attribute or a block, with the end of its line.
fn item(scan: &mut Scan<'_>, body: &mut Body, names: &mut HashSet<String>) -> Result<(), Problem> {
    let start = scan.at();
    let name = match scan.name() {
        Some(name) => name.to_owned(),
        // In an override of a module's JSON-like style a name may stand in quotes: Terraform refuses it too.
        None => return Err(scan.problem("expected the name of an argument or of a block")),
    };
    let name_place = scan.place_from(start);
    scan.skip();
    if scan.starts_with("=") && !scan.starts_with("==") {
        scan.advance(1);
        let value = expression::expression(scan)?;
        if !names.insert(name.clone()) {
            let message = format!("`{name}` is set twice; the last one is taken");
            scan.problems.push(Problem { message, place: name_place });
        }
        body.attributes.push(Attribute { name, name_place, value });
    } else {
        body.blocks.push(block(scan, name, start)?);
    }
    if scan.take_line_end() || scan.starts_with("}") {
        return Ok(());
    }
    Err(scan.problem("expected a new line: each argument and each block has its own"))
}

fn block(scan: &mut Scan<'_>, kind: String, start: usize) -> Result<Block, Problem> {
    let mut labels = Vec::new();
    loop {
        scan.skip();
        let label_start = scan.at();
        let text = match scan.peek() {
            Some('{') => break,
            Some('"') => template::literal(scan)?,
            _ => match scan.name() {
                Some(name) => name.to_owned(),
                None if labels.is_empty() => {
                    return Err(scan.problem("expected `=` and a value, or the labels and `{` of a block"));
                }
                None => return Err(scan.problem("expected a label or the `{` of the block")),
            },
        };
        labels.push(Label { text, place: scan.place_from(label_start) });
    }
    let header = scan.place_from(start);
    scan.advance(1);
    let body = scan.nested(|scan| scan.count_newlines(content))?;
    Ok(Block { kind, labels, body, header, place: scan.place_from(start) })
}

/// Up to the closing brace, and with it.
fn content(scan: &mut Scan<'_>) -> Result<Body, Problem> {
    let (mut body, mut names) = (Body::default(), HashSet::new());
    let open = scan.at();
    loop {
        scan.skip_lines();
        if scan.take("}") {
            return Ok(body);
        }
        if scan.is_at_end() {
            let place = scan.place(open.saturating_sub(1), open);
            return Err(Problem { message: "this `{` is not closed".to_owned(), place });
        }
        item(scan, &mut body, &mut names)?;
    }
}
