//! What was set when a plan was made: variables and the workspace, out of the entry `tfplan`.
//!
//! It is a message of Protocol Buffers (`Plan` in
//! <https://github.com/hashicorp/terraform/blob/main/internal/plans/planproto/planfile.proto>), with values in MessagePack
//! (<https://github.com/zclconf/go-cty/blob/main/docs/json.md>). Only these fields are looked at.

use std::collections::BTreeMap;

use crate::evaluate::Given;
use crate::value::Value;

/// The version of the message that Terraform writes since 0.14, and OpenTofu.
const VERSION: u64 = 3;

/// What was set.
#[derive(Debug, Default)]
pub(super) struct Saved {
    /// Those variables of the root that were given a value.
    pub(super) variables: BTreeMap<String, Given>,
    /// The workspace.
    pub(super) workspace: Option<String>,
}

impl Saved {
    /// Reads it.
    ///
    /// # Errors
    /// What is wrong, to come after the name of the file.
    pub(super) fn read(plan: &[u8]) -> Result<Self, String> {
        let broken = || "is broken: its plan cannot be read".to_owned();
        let fields = fields(plan).ok_or_else(broken)?;
        let version = fields.iter().find_map(|(number, field)| match field {
            Field::Number(version) if *number == 1 => Some(*version),
            Field::Number(_) | Field::Bytes(_) => None,
        });
        if version != Some(VERSION) {
            return Err(format!(
                "has a plan of version {}, of which nothing is known: print it with `terraform show -json`",
                version.unwrap_or_default()
            ));
        }
        let mut saved = Self::default();
        for (number, field) in &fields {
            match (number, field) {
                (2, Field::Bytes(pair)) => {
                    let (name, value) = variable(pair).ok_or_else(broken)?;
                    saved.variables.insert(name, Given::Value(value));
                }
                (13, Field::Bytes(backend)) => {
                    let backend = self::fields(backend).ok_or_else(broken)?;
                    saved.workspace = text(&backend, 3);
                }
                _ => {}
            }
        }
        Ok(saved)
    }
}

/// A field of a message.
#[derive(Clone, Copy, Debug)]
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of a message, in order. <https://protobuf.dev/programming-guides/encoding/>
fn fields(mut bytes: &[u8]) -> Option<Vec<(u64, Field<'_>)>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = number(&mut bytes)?;
        let field = match tag & 7 {
            0 => Field::Number(number(&mut bytes)?),
            1 => Field::Bytes(take(&mut bytes, 8)?),
            2 => {
                let length = usize::try_from(number(&mut bytes)?).ok()?;
                Field::Bytes(take(&mut bytes, length)?)
            }
            5 => Field::Bytes(take(&mut bytes, 4)?),
            _ => return None,
        };
        fields.push((tag >> 3, field));
    }
    Some(fields)
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn bytes<'a>(fields: &[(u64, Field<'a>)], wanted: u64) -> Option<&'a [u8]> {
    fields.iter().find_map(|(number, field)| match field {
        Field::Bytes(bytes) if *number == wanted => Some(*bytes),
        Field::Bytes(_) | Field::Number(_) => None,
    })
}

fn text(fields: &[(u64, Field<'_>)], wanted: u64) -> Option<String> {
    String::from_utf8(bytes(fields, wanted)?.to_vec()).ok()
}

/// A name, and a value in MessagePack with its type before it.
fn variable(pair: &[u8]) -> Option<(String, Value)> {
    let pair = fields(pair)?;
    let name = text(&pair, 1)?;
    let dynamic = fields(bytes(&pair, 2)?)?;
    let mut packed = bytes(&dynamic, 1)?;
    let read = rmpv::decode::read_value_with_max_depth(&mut packed, 128).ok()?;
    // The type is in front of it where any would do.
    let typed = read.as_array().filter(|pair| matches!(pair.as_slice(), [rmpv::Value::Binary(_), _]));
    let content = typed.and_then(|pair| pair.last()).unwrap_or(&read);
    Some((name.clone(), value(content, &name)))
}

fn value(packed: &rmpv::Value, name: &str) -> Value {
    match packed {
        rmpv::Value::Nil => Value::null(),
        rmpv::Value::Boolean(value) => Value::from(*value),
        rmpv::Value::Integer(_) | rmpv::Value::F32(_) | rmpv::Value::F64(_) => {
            packed.as_f64().map_or_else(|| Value::unknown(format!("var.{name}")), Value::number)
        }
        rmpv::Value::String(text) => match text.as_str() {
            Some(text) => Value::from(text),
            None => Value::unknown(format!("var.{name}")),
        },
        rmpv::Value::Array(elements) => Value::list(elements.iter().map(|element| value(element, name))),
        rmpv::Value::Map(members) => Value::object(members.iter().map(|(key, member)| {
            let key = key.as_str().unwrap_or_default().to_owned();
            (key, value(member, name))
        })),
        // An extension is how a value is written that is not known.
        rmpv::Value::Binary(_) | rmpv::Value::Ext(..) => Value::unknown(format!("var.{name}")),
    }
}
