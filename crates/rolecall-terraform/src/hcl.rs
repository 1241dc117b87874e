//! HCL's native syntax: text to a tree in which everything has its place.
//!
//! It accepts what Terraform accepts, which no ready parser does (`docs/dependencies.md` has the cases): keys given
//! twice, conditionals broken over lines inside a `for`, keys in parentheses on a line of their own. What cannot be read is
//! a [`Problem`] with its place, and reading goes on after it.
//!
//! Specification: <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>.

mod body;
mod expression;
mod scan;
mod template;
#[cfg(test)]
mod tests;
mod tree;

pub use self::tree::{
    Attribute, Binary, Block, Body, Expression, ForExpression, Item, Kind, Label, Literal, Part, Unary,
};

use self::scan::Scan;
use crate::place::Place;

/// Something that cannot be read, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// What is wrong, and what was expected.
    pub message: String,
    /// Where.
    pub place: Place,
}

/// Reads a whole file. `file` is the number that its places get.
pub fn body(text: &str, file: u32) -> (Body, Vec<Problem>) {
    let mut scan = Scan::new(text, file);
    let body = body::file(&mut scan);
    (body, scan.problems)
}

/// Reads a template, such as a file that `templatefile` names: text with `${…}` and `%{…}`, and no other escapes.
///
/// # Errors
/// The first place that cannot be read.
pub fn template(text: &str, file: u32) -> Result<Vec<Part>, Problem> {
    template::whole(&mut Scan::new(text, file))
}

/// Reads a template that is a value: everything in it is at `place`.
pub(crate) fn template_at(text: &str, place: Place) -> Result<Vec<Part>, Problem> {
    template::whole(&mut Scan::of_place(text, place))
}

/// Reads a template that stands in a file as it is: `text` is that of the file.
pub(crate) fn template_in(text: &str, place: Place) -> Result<Vec<Part>, Problem> {
    let whole = Scan::new(text, place.file);
    let mut scan = Scan::new(whole.before(place.end as usize), place.file);
    scan.go_back(place.start as usize);
    template::whole(&mut scan)
}

/// Reads a text of JSON. Objects and lists are those of HCL; strings are plain texts, whatever is in them.
///
/// # Errors
/// The first place that cannot be read.
pub fn json(text: &str, file: u32) -> Result<Expression, Problem> {
    let mut scan = Scan::new(text, file);
    scan.is_json = true;
    whole_expression(&mut scan)
}

/// Reads one expression: what stands after `=`, or a value given on the command line.
///
/// # Errors
/// The first place that cannot be read.
pub fn expression(text: &str, file: u32) -> Result<Expression, Problem> {
    whole_expression(&mut Scan::new(text, file))
}

/// Reads one expression that is the content of a string of JSON: everything in it is at `place`.
pub(crate) fn expression_at(text: &str, place: Place) -> Result<Expression, Problem> {
    whole_expression(&mut Scan::of_place(text, place))
}

fn whole_expression(scan: &mut Scan<'_>) -> Result<Expression, Problem> {
    scan.ignore_newlines(|scan| {
        let expression = expression::expression(scan)?;
        scan.skip();
        if scan.is_at_end() {
            Ok(expression)
        } else {
            Err(scan.problem("expected the end of the expression"))
        }
    })
}
