//! `.tf.json`: the same language in JSON.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/json>

use crate::hcl::{self, Attribute, Block, Body, Expression, Item, Kind, Label, Part, Problem};

use super::load::literal;

/// Reads a file.
pub(crate) fn body(text: &str, file: u32) -> (Body, Vec<Problem>) {
    let mut reader = Reader { text, problems: Vec::new() };
    let body = match hcl::json(text, file) {
        Ok(whole) => reader.file(whole),
        Err(problem) => {
            reader.problems.push(problem);
            Body::default()
        }
    };
    (body, reader.problems)
}

struct Reader<'a> {
    text: &'a str,
    problems: Vec<Problem>,
}

/// What is a block in the resources that are read here: in JSON one looks like an argument.
const BLOCKS: [&str; 8] = [
    "assume_role",
    "assume_role_with_web_identity",
    "condition",
    "inline_policy",
    "not_principals",
    "principals",
    "statement",
    "validation",
];

impl Reader<'_> {
    fn file(&mut self, whole: Expression) -> Body {
        let mut body = Body::default();
        for (kind, _, value) in self.members(whole) {
            let labels = match kind.as_str() {
                "resource" | "data" | "ephemeral" => 2,
                "variable" | "output" | "module" | "provider" | "check" => 1,
                _ => 0,
            };
            self.blocks(&kind, value, labels, &mut Vec::new(), &mut body.blocks);
        }
        body
    }

    /// The members of an object, but for its comments.
    fn members(&mut self, object: Expression) -> Vec<(String, Label, Expression)> {
        let place = object.place;
        let Kind::Object(items) = *object.kind else {
            self.problems.push(Problem { message: "an object is expected here".to_owned(), place });
            return Vec::new();
        };
        let named = |Item { key, value }: Item| {
            let name = literal(&key)?;
            Some((name.clone(), Label { text: name, place: key.place }, value))
        };
        items.into_iter().filter_map(named).filter(|(name, ..)| name != "//").collect()
    }

    /// One level of labels after the other; a list holds several blocks with the same ones.
    fn blocks(
        &mut self,
        kind: &str,
        value: Expression,
        labels: usize,
        path: &mut Vec<Label>,
        blocks: &mut Vec<Block>,
    ) {
        if let Kind::Tuple(values) = *value.kind {
            for value in values {
                self.blocks(kind, value, labels, path, blocks);
            }
            return;
        }
        if labels > 0 {
            for (_, label, value) in self.members(value) {
                path.push(label);
                self.blocks(kind, value, labels - 1, path, blocks);
                path.pop();
            }
            return;
        }
        let place = value.place;
        let header = path.last().map_or(place, |label| label.place);
        let body = self.content(kind, value);
        blocks.push(Block { kind: kind.to_owned(), labels: path.clone(), body, header, place });
    }

    /// Arguments and nested blocks look alike in JSON, and are alike to what reads them. What has to be a block is one.
    fn content(&mut self, kind: &str, value: Expression) -> Body {
        let mut body = Body::default();
        for (name, label, value) in self.members(value) {
            match name.as_str() {
                "dynamic" => self.blocks("dynamic", value, 1, &mut Vec::new(), &mut body.blocks),
                "content" if kind == "dynamic" => {
                    self.blocks("content", value, 0, &mut Vec::new(), &mut body.blocks);
                }
                block if BLOCKS.contains(&block) && is_nested(kind) && is_block(&value) => {
                    self.blocks(block, value, 0, &mut Vec::new(), &mut body.blocks);
                }
                _ => {
                    let value = match (kind, name.as_str()) {
                        // Types, and what names a provider, are expressions without `${}`.
                        ("variable", "type") | (_, "provider") => self.bare(value),
                        ("module", "providers") => self.providers(value),
                        // Nothing can be referred to in these.
                        ("variable", "default") | (_, "description") | ("module", "source" | "version") => {
                            value
                        }
                        _ => self.templates(value),
                    };
                    body.attributes.push(Attribute { name, name_place: label.place, value });
                }
            }
        }
        body
    }

    /// Texts with `${…}` and `%{…}` in them, also in keys.
    fn templates(&mut self, value: Expression) -> Expression {
        let place = value.place;
        let kind = match *value.kind {
            Kind::Template(parts) => match parts.as_slice() {
                [Part::Text(text, inner)] => {
                    let is_verbatim = (inner.end - inner.start) as usize == text.len();
                    let read = if is_verbatim {
                        hcl::template_in(self.text, *inner)
                    } else {
                        hcl::template_at(text, place)
                    };
                    Kind::Template(read.unwrap_or_else(|problem| {
                        self.problems.push(problem);
                        parts
                    }))
                }
                _ => Kind::Template(parts),
            },
            Kind::Tuple(values) => {
                Kind::Tuple(values.into_iter().map(|value| self.templates(value)).collect())
            }
            Kind::Object(items) => {
                let item =
                    |Item { key, value }| Item { key: self.templates(key), value: self.templates(value) };
                Kind::Object(items.into_iter().map(item).collect())
            }
            // Of JSON there is nothing else.
            other @ (Kind::Literal(_)
            | Kind::Name(_)
            | Kind::Attribute(..)
            | Kind::Index(..)
            | Kind::Splat { .. }
            | Kind::Item
            | Kind::Call { .. }
            | Kind::Unary(..)
            | Kind::Binary(..)
            | Kind::Conditional(..)
            | Kind::For(_)
            | Kind::Parentheses(_)) => other,
        };
        Expression { kind: Box::new(kind), place }
    }

    fn bare(&mut self, value: Expression) -> Expression {
        let Some(text) = literal(&value) else { return value };
        hcl::expression_at(&text, value.place).unwrap_or_else(|problem| {
            self.problems.push(problem);
            value
        })
    }

    fn providers(&mut self, value: Expression) -> Expression {
        let place = value.place;
        let Kind::Object(items) = *value.kind else { return value };
        let item = |Item { key, value }| Item { key: self.bare(key), value: self.bare(value) };
        Expression { kind: Box::new(Kind::Object(items.into_iter().map(item).collect())), place }
    }
}

/// Where arguments of these names are blocks.
fn is_nested(kind: &str) -> bool {
    !["locals", "output", "module", "terraform"].contains(&kind)
}

/// An object, or a list of objects.
fn is_block(value: &Expression) -> bool {
    let is_object = |value: &Expression| matches!(*value.kind, Kind::Object(_));
    let is_list = matches!(&*value.kind, Kind::Tuple(values) if values.iter().all(is_object));
    is_list || is_object(value)
}
