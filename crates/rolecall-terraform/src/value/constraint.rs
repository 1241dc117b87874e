//! What a variable's `type` says.
//!
//! <https://developer.hashicorp.com/terraform/language/expressions/type-constraints>

use std::collections::BTreeMap;

use super::Value;
use crate::hcl::{self, Expression, Item, Literal, Part};

/// A type constraint.
#[derive(Clone, Debug)]
pub(crate) enum Type {
    /// `string`
    String,
    /// `number`
    Number,
    /// `bool`
    Bool,
    /// `any`: as it is; in a collection, one type for all elements.
    Any,
    /// `list(…)`
    List(Box<Self>),
    /// `set(…)`
    Set(Box<Self>),
    /// `map(…)`
    Map(Box<Self>),
    /// `tuple([…])`
    Tuple(Vec<Self>),
    /// `object({…})`
    Object(BTreeMap<String, Attribute>),
}

/// An attribute of an object type.
#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    /// Its type.
    pub(crate) of: Type,
    /// `optional(…)`: what it is where it is not given; null if nothing is said.
    pub(crate) default: Option<Value>,
}

impl Type {
    /// Reads the expression after `type =`.
    pub(crate) fn read(expression: &Expression) -> Result<Self, String> {
        if let hcl::Kind::Name(name) = expression.kind.as_ref() {
            return Self::named(name);
        }
        // In quotes they stand in JSON, and stood in Terraform 0.11.
        if let hcl::Kind::Template(parts) = expression.kind.as_ref() {
            let [Part::Text(text, place)] = parts.as_slice() else {
                return Err("a type has no template".to_owned());
            };
            let quoted = hcl::expression(text, place.file).map_err(|problem| problem.message)?;
            return Self::read(&quoted);
        }
        let hcl::Kind::Call { name, arguments, is_expanded: false } = expression.kind.as_ref() else {
            return Err("a type is expected, such as string or list(string)".to_owned());
        };
        match (name.as_str(), arguments.as_slice()) {
            ("list", [of]) => Ok(Self::List(Box::new(Self::read(of)?))),
            ("set", [of]) => Ok(Self::Set(Box::new(Self::read(of)?))),
            ("map", [of]) => Ok(Self::Map(Box::new(Self::read(of)?))),
            ("tuple", [of]) => {
                let hcl::Kind::Tuple(types) = of.kind.as_ref() else {
                    return Err("tuple needs a list of types: tuple([string, number])".to_owned());
                };
                types.iter().map(Self::read).collect::<Result<_, _>>().map(Self::Tuple)
            }
            ("object", [of]) => {
                let hcl::Kind::Object(items) = of.kind.as_ref() else {
                    return Err("object needs attributes: object({ name = string })".to_owned());
                };
                items.iter().map(attribute).collect::<Result<_, _>>().map(Self::Object)
            }
            ("optional", _) => Err("optional stands only in object({…})".to_owned()),
            ("list" | "set" | "map" | "tuple" | "object", _) => Err(format!("{name} takes one type")),
            _ => Err(format!("there is no type {name}")),
        }
    }

    fn named(name: &str) -> Result<Self, String> {
        Ok(match name {
            "string" => Self::String,
            "number" => Self::Number,
            "bool" => Self::Bool,
            "any" => Self::Any,
            // Without an element type, from Terraform 0.11.
            "list" => Self::List(Box::new(Self::Any)),
            "set" => Self::Set(Box::new(Self::Any)),
            "map" => Self::Map(Box::new(Self::Any)),
            _ => return Err(format!("there is no type {name}")),
        })
    }

    /// What a person would call it.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Number => "a number",
            Self::Bool => "a bool",
            Self::Any => "a value",
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Map(_) => "a map",
            Self::Tuple(_) => "a tuple",
            Self::Object(_) => "an object",
        }
    }

    /// Whether it says `any` somewhere.
    pub(crate) fn has_any(&self) -> bool {
        match self {
            Self::Any => true,
            Self::String | Self::Number | Self::Bool => false,
            Self::List(of) | Self::Set(of) | Self::Map(of) => of.has_any(),
            Self::Tuple(types) => types.iter().any(Self::has_any),
            Self::Object(attributes) => attributes.values().any(|attribute| attribute.of.has_any()),
        }
    }
}

fn attribute(item: &Item) -> Result<(String, Attribute), String> {
    let hcl::Kind::Name(name) = item.key.kind.as_ref() else {
        return Err("an attribute of an object type is a name without quotes".to_owned());
    };
    let (of, default) = if let hcl::Kind::Call { name, arguments, .. } = item.value.kind.as_ref()
        && name == "optional"
    {
        match arguments.as_slice() {
            [of] => (of, Some(Value::null())),
            [of, default] => (of, Some(constant(default)?)),
            _ => return Err("optional takes a type and a default".to_owned()),
        }
    } else {
        (&item.value, None)
    };
    Ok((name.clone(), Attribute { of: Type::read(of)?, default }))
}

fn key(expression: &Expression) -> Result<String, String> {
    if let hcl::Kind::Name(name) = expression.kind.as_ref() {
        return Ok(name.clone());
    }
    constant(expression)?.as_known_text().ok_or_else(|| "a name is expected".to_owned())
}

/// The value of an expression that refers to nothing, such as a default.
pub(crate) fn constant(expression: &Expression) -> Result<Value, String> {
    let value = match expression.kind.as_ref() {
        hcl::Kind::Literal(Literal::Null) => Value::null(),
        hcl::Kind::Literal(Literal::Bool(value)) => Value::from(*value),
        hcl::Kind::Literal(Literal::Number(digits)) => {
            super::convert::number(digits).ok_or("this is no number")?
        }
        hcl::Kind::Template(parts) => {
            let mut text = super::Text::default();
            for part in parts {
                match part {
                    Part::Text(piece, place) => text.push(super::Text::written(piece.clone(), *place)),
                    Part::Value(_) | Part::If { .. } | Part::For { .. } => {
                        return Err(NOT_CONSTANT.to_owned());
                    }
                }
            }
            Value::from(text)
        }
        hcl::Kind::Tuple(elements) => {
            Value::list(elements.iter().map(constant).collect::<Result<Vec<_>, _>>()?)
        }
        hcl::Kind::Object(items) => Value::object(
            items
                .iter()
                .map(|item| Ok((key(&item.key)?, constant(&item.value)?)))
                .collect::<Result<Vec<_>, String>>()?,
        ),
        hcl::Kind::Parentheses(inner) => constant(inner)?,
        hcl::Kind::Unary(hcl::Unary::Negate, of) => {
            Value::number(-constant(of)?.as_number().ok_or("only a number has a minus")?)
        }
        hcl::Kind::Name(_)
        | hcl::Kind::Attribute(..)
        | hcl::Kind::Index(..)
        | hcl::Kind::Splat { .. }
        | hcl::Kind::Item
        | hcl::Kind::Call { .. }
        | hcl::Kind::Unary(hcl::Unary::Not, _)
        | hcl::Kind::Binary(..)
        | hcl::Kind::Conditional(..)
        | hcl::Kind::For(_) => return Err(NOT_CONSTANT.to_owned()),
    };
    Ok(value.at(expression.place))
}

const NOT_CONSTANT: &str = "a default in a type is written out: it refers to nothing and calls nothing";
