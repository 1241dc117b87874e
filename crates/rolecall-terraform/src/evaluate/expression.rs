//! Expressions.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Evaluated, Evaluator, failure, operator};
use crate::evaluate::scope::Scope;
use crate::hcl::{Binary, Expression, ForExpression, Item, Kind as Hcl, Literal};
use crate::place::Place;
use crate::value::{Kind, Object, Unknown, Value};

impl Evaluator<'_> {
    /// What an expression comes to.
    pub(super) fn evaluate(&self, expression: &Expression, scope: &Scope) -> Evaluated {
        let value = self.deeper(expression.place, || self.value_of(expression, scope));
        value.map(|value| value.at(expression.place))
    }

    fn value_of(&self, expression: &Expression, scope: &Scope) -> Evaluated {
        let place = expression.place;
        match &*expression.kind {
            Hcl::Literal(literal) => Ok(literal_value(literal)),
            Hcl::Template(parts) => self.template(parts, scope, place),
            Hcl::Parentheses(inner) => self.evaluate(inner, scope),
            Hcl::Name(name) if scope.get(name).is_some() => {
                Ok(scope.get(name).cloned().unwrap_or_else(Value::null))
            }
            Hcl::Name(_) => match self.reference(expression, scope) {
                Some(value) => value,
                None => Err(failure("this name is not known here", place)),
            },
            Hcl::Attribute(of, name) => match self.reference(expression, scope) {
                Some(value) => value,
                None => self.attribute(&self.evaluate(of, scope)?, name, place),
            },
            Hcl::Index(of, key) => match self.reference(expression, scope) {
                Some(value) => value,
                None => self.index_of(of, key, scope, place),
            },
            Hcl::Item => scope.item.clone().ok_or_else(|| failure("there is no splat around this", place)),
            Hcl::Splat { of, each } => self.splat(&self.evaluate(of, scope)?, each, scope),
            Hcl::Call { name, arguments, is_expanded } => {
                self.function(name, arguments, *is_expanded, scope, place)
            }
            Hcl::Unary(operator, operand) => {
                operator::unary(*operator, &self.evaluate(operand, scope)?, place)
            }
            Hcl::Binary(operator, left, right) => self.binary(*operator, left, right, scope, place),
            Hcl::Conditional(condition, yes, no) => self.conditional(condition, yes, no, scope),
            Hcl::Tuple(items) => self.tuple(items, scope),
            Hcl::Object(items) => self.object(items, scope),
            Hcl::For(expression) => self.for_expression(expression, scope, place),
        }
    }

    // Each in a function of its own: what `value_of` keeps on the stack is there for every level.

    fn index_of(&self, of: &Expression, key: &Expression, scope: &Scope, place: Place) -> Evaluated {
        let of = self.evaluate(of, scope)?;
        let key = self.evaluate(key, scope)?;
        self.index(&of, &key, place)
    }

    fn binary(
        &self,
        operator: Binary,
        left: &Expression,
        right: &Expression,
        scope: &Scope,
        place: Place,
    ) -> Evaluated {
        let (one, other) = (self.evaluate(left, scope)?, self.evaluate(right, scope)?);
        let is_equality = matches!(operator, Binary::Equal | Binary::NotEqual);
        if is_equality && Self::may_differ_in_type((left, &one), (right, &other)) {
            return Ok(Value::unknown("whether two collections have the same type"));
        }
        operator::binary(operator, &one, &other, place)
    }

    fn tuple(&self, items: &[Expression], scope: &Scope) -> Evaluated {
        let items: Result<Vec<_>, _> = items.iter().map(|item| self.evaluate(item, scope)).collect();
        Ok(Value::list(items?))
    }

    fn conditional(
        &self,
        condition: &Expression,
        yes: &Expression,
        no: &Expression,
        scope: &Scope,
    ) -> Evaluated {
        let place = condition.place;
        let condition = self.evaluate(condition, scope)?;
        match (&condition.kind, condition.as_bool()) {
            (Kind::Unknown(unknown), _) => self.either(unknown, yes, no, scope),
            (_, Some(holds)) => {
                let (chosen, other) = if holds { (yes, no) } else { (no, yes) };
                let chosen = self.of_common_type(self.evaluate(chosen, scope)?, other, scope)?;
                Ok(chosen.sensitive_if(condition.is_sensitive))
            }
            (_, None) => match condition.first_unknown() {
                Some(unknown) => self.either(&unknown, yes, no, scope),
                None => Err(failure("a condition is `true` or `false`", place)),
            },
        }
    }

    /// Both sides of a conditional have one type: `true ? 1 : "a"` is a text. What the other side fails at is not asked.
    ///
    /// <https://developer.hashicorp.com/terraform/language/expressions/conditionals#result-types>
    fn of_common_type(&self, chosen: Value, other: &Expression, scope: &Scope) -> Evaluated {
        if matches!(chosen.kind, Kind::Null | Kind::Text(_) | Kind::Unknown(_)) || !chosen.is_known() {
            return Ok(chosen);
        }
        let place = other.place;
        let other = match self.evaluate(other, scope) {
            Ok(other) if other.is_known() && !other.is_null() => other,
            Ok(_) | Err(_) => return Ok(chosen),
        };
        if form(&chosen) != form(&other) {
            return Err(failure("both sides of a conditional are of one type", place));
        }
        let unified = crate::value::unify(vec![chosen.clone(), other]).ok();
        Ok(unified.and_then(|both| both.into_iter().next()).unwrap_or(chosen))
    }

    /// Values of different types are never equal, and a list is none of `[…]`'s tuples. Of two that are alike we know that
    /// only where both are written so.
    ///
    /// <https://developer.hashicorp.com/terraform/language/expressions/operators#equality-operators>
    fn may_differ_in_type(left: (&Expression, &Value), right: (&Expression, &Value)) -> bool {
        let is_constructor =
            |it: &Expression| matches!(*it.kind, Hcl::Tuple(_) | Hcl::Object(_) | Hcl::For(_));
        let has_parts = matches!(left.1.kind, Kind::List(_) | Kind::Object(_));
        has_parts
            && is_constructor(left.0) != is_constructor(right.0)
            && left.1.is_equal(right.1) == Some(true)
    }

    /// Which of the two is not known. Where both are the same it does not matter.
    fn either(&self, unknown: &Unknown, yes: &Expression, no: &Expression, scope: &Scope) -> Evaluated {
        let (yes, no) = (self.evaluate(yes, scope), self.evaluate(no, scope));
        match (yes, no) {
            (Ok(yes), Ok(no)) if yes.is_equal(&no) == Some(true) => Ok(yes),
            _ => Ok(Kind::Unknown(unknown.clone()).into()),
        }
    }

    fn object(&self, items: &[Item], scope: &Scope) -> Evaluated {
        let mut object = Object::default();
        for item in items {
            let value = self.evaluate(&item.value, scope)?;
            let key = if let Hcl::Name(name) = &*item.key.kind {
                Value::from(name.as_str())
            } else {
                self.evaluate(&item.key, scope)?
            };
            match (key.as_known_text(), key.first_unknown()) {
                (Some(key), _) => {
                    if object.members.insert(key.clone(), value).is_some() {
                        self.duplicate(&key, item.key.place);
                    }
                }
                (None, Some(unknown)) => {
                    // It may be one of those before it, and wins.
                    let ends = key.to_text().map(|it| (it.known_prefix(), it.known_suffix()));
                    let (start, end) = ends.unwrap_or_default();
                    let all = object.members.iter_mut();
                    for (_, value) in all.filter(|(name, _)| name.starts_with(&start) && name.ends_with(&end))
                    {
                        *value = Kind::Unknown(unknown.clone()).into();
                    }
                    object.rest = Some(unknown);
                }
                (None, None) => return Err(failure("the key of an object is a text", item.key.place)),
            }
        }
        Ok(Kind::Object(Arc::new(object)).into())
    }

    fn splat(&self, of: &Value, each: &Expression, scope: &Scope) -> Evaluated {
        let elements = match &of.kind {
            Kind::Unknown(unknown) => return Ok(Value::unknown(format!("{}[*]", unknown.0))),
            Kind::Null => return Ok(Value::list([])),
            Kind::List(elements) | Kind::Set(elements) => elements.to_vec(),
            Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Object(_) => vec![of.clone()],
        };
        self.steps(elements.len(), each.place)?;
        let each = |item: Value| self.evaluate(each, &scope.with_item(item));
        let values: Result<Vec<_>, _> = elements.into_iter().map(each).collect();
        Ok(Value::list(values?).sensitive_if(of.is_sensitive))
    }

    pub(super) fn attribute(&self, of: &Value, name: &str, place: Place) -> Evaluated {
        if let Some(member) = of.member(name) {
            return Ok(member);
        }
        let message = match &of.kind {
            Kind::Null => format!("this is null, and has no `{name}`"),
            Kind::List(_) | Kind::Set(_) => {
                format!(
                    "this has several instances or elements: `[*].{name}` is all of theirs, `[0].{name}` that of the first"
                )
            }
            Kind::Object(object) => {
                let known: Vec<&str> = object.members.keys().map(String::as_str).take(12).collect();
                format!(
                    "this object has no `{name}`; it has {}",
                    if known.is_empty() { "nothing".to_owned() } else { known.join(", ") }
                )
            }
            Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => {
                format!("this is no object, and has no `{name}`")
            }
        };
        Err(failure(message, place))
    }

    pub(super) fn index(&self, of: &Value, key: &Value, place: Place) -> Evaluated {
        let is_sensitive = of.is_sensitive || key.is_sensitive;
        if let Some(unknown) = key.first_unknown() {
            let of = of.first_unknown().unwrap_or(unknown);
            return Ok(Value::unknown(format!("{}[…]", of.0)).sensitive_if(is_sensitive));
        }
        let found = match &of.kind {
            Kind::Unknown(unknown) => match (key.as_number(), key.as_known_text()) {
                (Some(_), Some(index)) => Value::unknown(format!("{}[{index}]", unknown.0)),
                (_, text) => Value::unknown(format!("{}[{:?}]", unknown.0, text.unwrap_or_default())),
            },
            Kind::List(elements) => {
                let index =
                    key.as_number().ok_or_else(|| failure("the index of a list is a number", place))?;
                let whole = (index.fract() == 0.0 && index >= 0.0).then_some(index);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it is whole, and saturates"
                )]
                let element = whole.and_then(|index| elements.get(index as usize).cloned());
                element.ok_or_else(|| {
                    failure(format!("there is no element {index}: this list has {}", elements.len()), place)
                })?
            }
            Kind::Object(_) => {
                let name = key.as_known_text().ok_or_else(|| failure("the key of a map is a text", place))?;
                of.member(&name).ok_or_else(|| {
                    failure(format!("there is no key {} in this map", shown(&name, is_sensitive)), place)
                })?
            }
            Kind::Set(_) => return Err(failure("the elements of a set have no index", place)),
            Kind::Null => return Err(failure("this is null, and has no elements", place)),
            Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => {
                return Err(failure("this has no elements", place));
            }
        };
        Ok(found.sensitive_if(is_sensitive))
    }

    fn for_expression(&self, expression: &ForExpression, scope: &Scope, place: Place) -> Evaluated {
        let collection = self.evaluate(&expression.collection, scope)?;
        let pairs = pairs(&collection, expression.collection.place)?;
        let pairs = match pairs {
            Ok(pairs) => pairs,
            Err(unknown) => return Ok(Kind::Unknown(unknown).into()),
        };
        self.steps(pairs.len(), place)?;
        let mut list = Vec::new();
        let mut object = Object::default();
        let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (key, value) in pairs {
            let mut inner = scope.with(&expression.value, value);
            if let Some(name) = &expression.key {
                inner = inner.with(name, key);
            }
            if let Some(condition) = &expression.condition {
                let value = self.evaluate(condition, &inner)?;
                match (value.first_unknown(), value.as_bool()) {
                    // Whether it is there is not known, and so neither is what there is.
                    (Some(unknown), _) => return Ok(Kind::Unknown(unknown).into()),
                    (None, Some(true)) => {}
                    (None, Some(false)) => continue,
                    (None, None) => return Err(failure("a condition is `true` or `false`", condition.place)),
                }
            }
            let Some(result_key) = &expression.result_key else {
                list.push(self.evaluate(&expression.result, &inner)?);
                continue;
            };
            let key = self.evaluate(result_key, &inner)?;
            let value = self.evaluate(&expression.result, &inner)?;
            let is_sensitive = key.is_sensitive || collection.is_sensitive;
            match (key.as_known_text(), key.first_unknown()) {
                (Some(key), _) if expression.is_grouped => groups.entry(key).or_default().push(value),
                (Some(key), _) => {
                    if object.members.insert(key.clone(), value).is_some() {
                        let key = shown(&key, is_sensitive);
                        let message = format!("the key {key} comes twice: with `...` both are kept");
                        return Err(failure(message, place));
                    }
                }
                (None, Some(unknown)) => object.rest = Some(unknown),
                (None, None) => return Err(failure("the key of an object is a text", result_key.place)),
            }
        }
        if expression.result_key.is_none() {
            return Self::of_size(Value::list(list).sensitive_if(collection.is_sensitive), place);
        }
        object.members.extend(groups.into_iter().map(|(key, values)| (key, Value::list(values))));
        Self::of_size(
            Value::from(Kind::Object(Arc::new(object))).sensitive_if(collection.is_sensitive),
            place,
        )
    }
}

/// A key in a message, unless it must not be shown.
fn shown(key: &str, is_sensitive: bool) -> String {
    if is_sensitive { "(sensitive)".to_owned() } else { format!("{key:?}") }
}

/// What no conversion crosses.
fn form(value: &Value) -> u8 {
    match value.kind {
        Kind::Null | Kind::Unknown(_) | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => 0,
        Kind::List(_) | Kind::Set(_) => 1,
        Kind::Object(_) => 2,
    }
}

/// The keys and values of a collection, or what keeps them from being known.
pub(super) fn pairs(
    collection: &Value,
    place: Place,
) -> Result<Result<Vec<(Value, Value)>, Unknown>, super::Failure> {
    Ok(match &collection.kind {
        Kind::Unknown(unknown) => Err(unknown.clone()),
        Kind::List(elements) => {
            let indexes = (0_u32..).map(|index| Value::number(f64::from(index)));
            Ok(indexes.zip(elements.iter().cloned()).collect())
        }
        Kind::Set(elements) => {
            Ok(elements.iter().map(|element| (element.clone(), element.clone())).collect())
        }
        Kind::Object(object) => match &object.rest {
            Some(unknown) => Err(unknown.clone()),
            None => Ok(object
                .members
                .iter()
                .map(|(key, value)| (Value::from(key.as_str()), value.clone()))
                .collect()),
        },
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => {
            return Err(failure("this is no list, set, map or object to go through", place));
        }
    })
}

fn literal_value(literal: &Literal) -> Value {
    match literal {
        Literal::Null => Value::null(),
        Literal::Bool(value) => Value::from(*value),
        Literal::Number(text) => text.parse().map_or_else(|_| Value::unknown(text.as_str()), Value::number),
    }
}
