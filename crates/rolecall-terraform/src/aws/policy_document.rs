//! `aws_iam_policy_document`: statements as blocks, to the JSON that IAM takes.
//!
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document>. The order of
//! what is in a list is not the provider's, and says nothing.

use std::collections::BTreeMap;

use crate::function;
use crate::place::Place;
use crate::value::{Kind, Unknown, Value};

/// The document, as `json` (and `minified_json`).
pub(super) fn document(written: &BTreeMap<String, Value>, address: &Unknown) -> BTreeMap<String, Value> {
    let json = Value::from(function::encode_json(&merged(written, address)));
    [("json", json.clone()), ("minified_json", json)].map(|(name, value)| (name.to_owned(), value)).into()
}

fn get<'a>(members: &'a BTreeMap<String, Value>, name: &str) -> Option<&'a Value> {
    members.get(name).filter(|value| !value.is_null())
}

/// A document in the making: statements that have a Sid are replaced by later ones with the same.
#[derive(Default)]
struct Document {
    version: Option<Value>,
    id: Option<Value>,
    statements: Vec<Value>,
}

impl Document {
    fn add(&mut self, statement: Value) {
        let sid = sid(&statement);
        let same = |known: &&mut Value| sid.is_some() && self::sid(known) == sid;
        match self.statements.iter_mut().find(same) {
            Some(known) => *known = statement,
            None => self.statements.push(statement),
        }
    }

    /// Where it is not known which Sids the overriding statements have, which begin at this index, any statement with a
    /// Sid may be replaced by one of them.
    fn leave_open(&mut self, first: usize) {
        let mut overriding = self.statements.iter().skip(first);
        let Some(why) = overriding.find_map(without_known_sid) else { return };
        for statement in self.statements.iter_mut().filter(|statement| sid(statement).is_some()) {
            let place = statement.place;
            *statement = placed(Kind::Unknown(why.clone()).into(), place);
        }
    }

    /// The later version is that of both; what is not known may be any.
    fn upgrade(&mut self, version: Value) {
        let known = self.version.as_ref().and_then(Value::as_known_text);
        let is_later = match (known, version.as_known_text()) {
            (Some(known), Some(new)) => known < new,
            (None, Some(_)) => self.version.is_none(),
            (_, None) => !version.is_null(),
        };
        if is_later {
            self.version = Some(version);
        }
    }

    /// Another document, as text.
    fn merge(&mut self, document: &Value) {
        let unknown = |why: Unknown| Value::from(Kind::Unknown(why));
        let read = match document.to_text().and_then(|text| text.as_known()) {
            Some(text) if text.trim().is_empty() => return,
            Some(_) => function::decode_json(document),
            None => {
                let why = document.first_unknown().unwrap_or_else(|| Unknown::new("a document"));
                // What can be told of a text with holes is told: it may be whole statements.
                match function::decode_json(document) {
                    Ok(value) if !matches!(value.kind, Kind::Unknown(_)) => Ok(value),
                    _ => return self.add(unknown(why)),
                }
            }
        };
        let Ok(read) = read else { return self.add(unknown(Unknown::new("a document that is no JSON"))) };
        self.upgrade(read.member("Version").unwrap_or_else(Value::null));
        self.id = read.member("Id").or(self.id.take());
        match read.member("Statement") {
            Some(Value { kind: Kind::List(all), .. }) => {
                for statement in all.iter() {
                    self.add(statement.clone());
                }
            }
            Some(one) => self.add(one),
            None => {}
        }
    }
}

fn sid(statement: &Value) -> Option<String> {
    statement.member("Sid")?.as_known_text().filter(|sid| !sid.is_empty())
}

/// What is not known of a statement that may have any Sid.
fn without_known_sid(statement: &Value) -> Option<Unknown> {
    if let Kind::Unknown(why) = &statement.kind {
        return Some(why.clone());
    }
    statement.member("Sid").filter(|sid| sid.as_known_text().is_none())?.first_unknown()
}

fn merged(written: &BTreeMap<String, Value>, address: &Unknown) -> Value {
    let mut document = Document::default();
    for name in ["source_json", "source_policy_documents"] {
        merge_all(&mut document, get(written, name), &address.member(name));
    }
    document.upgrade(get(written, "version").cloned().unwrap_or_else(|| Value::from("2012-10-17")));
    document.id = get(written, "policy_id").cloned().or(document.id);
    for block in get(written, "statement").and_then(Value::elements).unwrap_or_default() {
        document.add(statement(block));
    }
    let own = document.statements.len();
    for name in ["override_json", "override_policy_documents"] {
        merge_all(&mut document, get(written, name), &address.member(name));
    }
    document.leave_open(own);
    let version = document.version.unwrap_or_else(|| Value::from("2012-10-17"));
    let mut members =
        vec![("Version".to_owned(), version), ("Statement".to_owned(), Value::list(document.statements))];
    members.extend(document.id.map(|id| ("Id".to_owned(), id)));
    Value::object(members)
}

/// One document, or a list of them.
fn merge_all(document: &mut Document, value: Option<&Value>, name: &Unknown) {
    let Some(value) = value else { return };
    match (&value.kind, value.elements()) {
        (Kind::Unknown(_), _) => document.add(Kind::Unknown(name.clone()).into()),
        (_, Some(all)) => all.iter().for_each(|one| document.merge(one)),
        (_, None) => document.merge(value),
    }
}

/// A `statement` block as IAM's JSON has it.
fn statement(block: &Value) -> Value {
    let Kind::Object(object) = &block.kind else { return block.clone() };
    let mut members: Vec<(String, Value)> = Vec::new();
    let mut add =
        |name: &str, value: Option<Value>| members.extend(value.map(|value| (name.to_owned(), value)));
    let written = |name: &str| get(&object.members, name);
    let place = block.place;
    add("Sid", written("sid").filter(|sid| sid.as_known_text().as_deref() != Some("")).cloned());
    add("Effect", Some(written("effect").cloned().unwrap_or_else(|| placed(Value::from("Allow"), place))));
    add("Action", written("actions").and_then(|it| one_or_many(it, false)));
    add("NotAction", written("not_actions").and_then(|it| one_or_many(it, false)));
    add("Resource", written("resources").and_then(|it| one_or_many(it, true)));
    add("NotResource", written("not_resources").and_then(|it| one_or_many(it, true)));
    add("Principal", principals(written("principals")));
    add("NotPrincipal", principals(written("not_principals")));
    add("Condition", conditions(written("condition")));
    placed(Value::object(members), place)
}

fn placed(value: Value, place: Option<Place>) -> Value {
    match place {
        Some(place) => value.at(place),
        None => value,
    }
}

/// `&{x}` is written where IAM is to see `${x}`.
fn with_variables(value: &Value) -> Value {
    match value.to_text() {
        Some(text) => placed(Value::from(text.replaced("&{", "${")), value.place),
        None => value.clone(),
    }
}

/// One text, or a list of them; nothing if the list is empty.
fn one_or_many(value: &Value, has_variables: bool) -> Option<Value> {
    let Some(elements) = value.elements() else { return Some(value.clone()) };
    let element = |value: &Value| if has_variables { with_variables(value) } else { value.clone() };
    match elements {
        [] => None,
        [one] => Some(element(one)),
        several => Some(placed(Value::list(several.iter().map(element)), value.place)),
    }
}

/// `principals` blocks: identifiers by type, `*` of the type `*` as `*` alone.
fn principals(blocks: Option<&Value>) -> Option<Value> {
    let blocks = blocks?.elements()?;
    let mut by_type: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for block in blocks {
        let kind = block.member("type").and_then(|kind| kind.as_known_text());
        let Some(kind) = kind else {
            return Some(
                block
                    .first_unknown()
                    .map_or_else(|| Value::unknown("a principal"), |why| Kind::Unknown(why).into()),
            );
        };
        let identifiers = block.member("identifiers").unwrap_or_else(Value::null);
        match identifiers.elements() {
            Some(elements) => by_type
                .entry(kind)
                .or_default()
                .extend(elements.iter().map(|value| placed(with_variables(value), block.place))),
            None => by_type.entry(kind).or_default().push(placed(identifiers, block.place)),
        }
    }
    if let (1, Some([one])) = (by_type.len(), by_type.get("*").map(Vec::as_slice))
        && one.as_known_text().as_deref() == Some("*")
    {
        return Some(one.clone());
    }
    let by_type: Vec<_> = by_type.into_iter().map(|(kind, all)| (kind, one_or_list(all))).collect();
    (!by_type.is_empty()).then(|| object(by_type))
}

/// The key of a `condition` block: of one that is known in part, what is not known is a mark in it.
fn key(block: &Value) -> Option<String> {
    let key = block.member("variable")?.to_text()?;
    let has_known = key.pieces().iter().any(|piece| piece.content.is_ok());
    let mark = |unknown: &Unknown| rolecall_iam::unknown(&unknown.0);
    let in_part = || (has_known && !key.has_sensitive()).then(|| key.marked(mark));
    key.as_known().or_else(in_part)
}

/// An object that is written where the first of its members is.
fn object(members: Vec<(String, Value)>) -> Value {
    let place = members.iter().find_map(|(_, value)| value.place);
    placed(Value::object(members), place)
}

/// One value, or a list of them where the first of them is written.
fn one_or_list(all: Vec<Value>) -> Value {
    match <[Value; 1]>::try_from(all) {
        Ok([one]) => one,
        Err(all) => {
            let place = all.first().and_then(|value| value.place);
            placed(Value::list(all), place)
        }
    }
}

/// `condition` blocks: values by operator and key.
fn conditions(blocks: Option<&Value>) -> Option<Value> {
    let blocks = blocks?.elements()?;
    let mut operators: BTreeMap<String, BTreeMap<String, Vec<Value>>> = BTreeMap::new();
    for block in blocks {
        let text = |name: &str| block.member(name).and_then(|value| value.as_known_text());
        let (Some(operator), Some(key)) = (text("test"), key(block)) else {
            return Some(
                block
                    .first_unknown()
                    .map_or_else(|| Value::unknown("a condition"), |why| Kind::Unknown(why).into()),
            );
        };
        let values = block.member("values").unwrap_or_else(Value::null);
        let slot = operators.entry(operator).or_default().entry(key).or_default();
        let written = |value: &Value| placed(with_variables(value), block.place);
        match values.elements() {
            Some(elements) => slot.extend(elements.iter().map(written)),
            None => slot.push(placed(values, block.place)),
        }
    }
    let keys = |keys: BTreeMap<String, Vec<Value>>| {
        object(keys.into_iter().map(|(key, all)| (key, one_or_list(all))).collect())
    };
    let operators: Vec<_> = operators.into_iter().map(|(operator, all)| (operator, keys(all))).collect();
    (!operators.is_empty()).then(|| object(operators))
}
