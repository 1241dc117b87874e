//! Templates: texts in which values are filled in, each piece with its place.

use std::collections::BTreeMap;

use super::{Evaluated, Evaluator, expression, failure, limits};
use crate::evaluate::scope::Scope;
use crate::hcl::{self, Part};
use crate::place::Place;
use crate::value::{Kind, Piece, Text, Value};

impl Evaluator<'_> {
    /// What a template comes to. One that is nothing but `${…}` is the value itself.
    pub(super) fn template(&self, parts: &[Part], scope: &Scope, place: Place) -> Evaluated {
        match parts {
            [] => Ok(Text::written(String::new(), place).into()),
            [Part::Value(value)] => self.evaluate(value, scope),
            _ => {
                self.more_text(place)?;
                let mut text = Text::default();
                self.fill(parts, scope, &mut text)?;
                self.of_length(text.into(), place)
            }
        }
    }

    fn fill(&self, parts: &[Part], scope: &Scope, text: &mut Text) -> Result<(), super::Failure> {
        for part in parts {
            match part {
                Part::Text(part, place) => text.push(Text::written(part.clone(), *place)),
                Part::Value(value) => {
                    let place = value.place;
                    let value = self.evaluate(value, scope)?;
                    let part = value.to_text().ok_or_else(|| {
                        let what = if value.is_null() { "null" } else { "a list, set, map or object" };
                        failure(format!("this is {what}, and a template takes texts"), place)
                    })?;
                    text.push(part);
                    if text.length() > limits::LONGEST {
                        return Err(failure("this text is too large", place));
                    }
                }
                Part::If { condition, then, otherwise } => {
                    let value = self.evaluate(condition, scope)?;
                    match (value.first_unknown(), value.as_bool()) {
                        (Some(unknown), _) => text.push(Text::hole(unknown)),
                        (None, Some(holds)) => {
                            self.fill(if holds { then } else { otherwise }, scope, text)?;
                        }
                        (None, None) => {
                            return Err(failure("a condition is `true` or `false`", condition.place));
                        }
                    }
                }
                Part::For { key, value, collection, body } => {
                    let place = collection.place;
                    match expression::pairs(&self.evaluate(collection, scope)?, place)? {
                        Err(unknown) => text.push(Text::hole(unknown)),
                        Ok(pairs) => {
                            self.steps(pairs.len(), place)?;
                            for (index, element) in pairs {
                                let mut inner = scope.with(value, element);
                                if let Some(key) = key {
                                    inner = inner.with(key, index);
                                }
                                self.fill(body, &inner, text)?;
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// A text that is a template: with places where it stands in a file as it is.
    pub(super) fn parse_template(&self, template: &Value, place: Place) -> Result<Vec<Part>, super::Failure> {
        let text = template.to_text().filter(|text| text.as_known().is_some());
        let text = text.ok_or_else(|| failure("a template is a text that is known", place))?;
        let known = text.as_known().unwrap_or_default();
        let at = template.place.unwrap_or(place);
        let parts = match text.pieces() {
            [Piece { place: Some(written), .. }] if (written.end - written.start) as usize == known.len() => {
                hcl::template_in(self.sources.borrow().text(*written), *written)
            }
            _ => hcl::template_at(&known, at),
        };
        parts.map_err(|problem| failure(problem.message, problem.place))
    }

    /// `data "template_file"`, which is older than `templatefile`.
    pub(super) fn rendered(
        &self,
        written: &BTreeMap<String, Value>,
        scope: &Scope,
        place: Place,
    ) -> Option<Value> {
        let none = Value::object([]);
        let variables = written.get("vars").filter(|value| !value.is_null()).unwrap_or(&none);
        let parts = self.parse_template(written.get("template")?, place);
        let value = parts.and_then(|parts| self.template_file(&parts, variables, scope, place));
        value.map_err(|failure| self.problem(failure)).ok()
    }

    /// A file as a template, with nothing but these names in it.
    pub(super) fn template_file(
        &self,
        parts: &[Part],
        variables: &Value,
        scope: &Scope,
        place: Place,
    ) -> Evaluated {
        let mut inner = Scope::of(scope.instance);
        match &variables.kind {
            Kind::Object(object) => {
                for (name, value) in &object.members {
                    inner = inner.with(name, value.clone());
                }
                self.template(parts, &inner, place)
            }
            Kind::Unknown(unknown) => Ok(Kind::Unknown(unknown.clone()).into()),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) | Kind::Set(_) => {
                Err(failure("the variables of a template are an object", place))
            }
        }
    }
}
