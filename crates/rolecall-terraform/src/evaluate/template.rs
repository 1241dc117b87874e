//! Templates: texts in which values are filled in, each piece with its place.

use super::{Evaluated, Evaluator, expression, failure};
use crate::evaluate::scope::Scope;
use crate::hcl::Part;
use crate::place::Place;
use crate::value::{Kind, Text, Value};

impl Evaluator<'_> {
    /// What a template comes to. One that is nothing but `${…}` is the value itself.
    pub(super) fn template(&self, parts: &[Part], scope: &Scope, place: Place) -> Evaluated {
        match parts {
            [] => Ok(Text::written(String::new(), place).into()),
            [Part::Value(value)] => self.evaluate(value, scope),
            _ => {
                let mut text = Text::default();
                self.fill(parts, scope, &mut text)?;
                Ok(text.into())
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
