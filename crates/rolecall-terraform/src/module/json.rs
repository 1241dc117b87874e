//! `.tf.json`: the same language in JSON.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/json>

use crate::hcl::{self, Attribute, Block, Body, Expression, Item, Kind, Label, Problem};

use super::load::literal;

/// Reads a file.
pub(super) fn body(text: &str, file: u32) -> (Body, Vec<Problem>) {
    let mut reader = Reader { problems: Vec::new() };
    let body = match hcl::json(text, file) {
        Ok(whole) => reader.file(whole),
        Err(problem) => {
            reader.problems.push(problem);
            Body::default()
        }
    };
    (body, reader.problems)
}

struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
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
                _ => {
                    let value = match (kind, name.as_str()) {
                        // Types, and what names a provider, are expressions without `${}`.
                        ("variable", "type") | (_, "provider") => self.bare(value),
                        ("module", "providers") => self.providers(value),
                        _ => value,
                    };
                    body.attributes.push(Attribute { name, name_place: label.place, value });
                }
            }
        }
        body
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
