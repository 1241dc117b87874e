//! Terraform's built-in functions, over values of which parts may be unknown.
//!
//! A function answers as far as the answer does not hang on what is unknown; else its result is unknown, and called by
//! its call: `lower(var.name)`.
//!
//! <https://developer.hashicorp.com/terraform/language/functions>. What each does is held against Terraform itself
//! (`tests/functions.txt`, made anew by `cargo run -p xtask -- functions`).

mod choice;
mod collection;
mod conversion;
mod csv;
mod encoding;
mod format;
mod hash;
mod json;
mod list;
mod map;
mod network;
mod number;
mod path;
mod regex;
mod set;
mod text;
mod time;
mod yaml;

#[cfg(test)]
#[expect(clippy::wildcard_enum_match_arm, reason = "the expressions of the tests are of a few kinds")]
mod tests;

use crate::place::Place;
use crate::value::{Kind, Object, Text, Type, Value, convert};

/// No text is made longer than this: Terraform has no limit but memory.
const LONGEST: usize = 10_000_000;

/// No list is made longer than this by multiplying others.
const MOST: usize = 100_000;

/// Calls a function. An error is a call that Terraform refuses too.
pub(crate) fn call(name: &str, arguments: &[Value], place: Place) -> Result<Value, String> {
    evaluate(name, arguments).map(|value| value.at(place))
}

/// A value as JSON, as Terraform writes it: every piece with the place of the value it came from. What is unknown is a
/// hole where a value stands: of a text within quotes, of anything else without.
pub(crate) fn encode_json(value: &Value) -> Text {
    json::encoded(value)
}

/// JSON as a value, every part with its place. A hole between quotes is taken for a part of that text, a hole elsewhere
/// for one value.
pub(crate) fn decode_json(text: &Value) -> Result<Value, String> {
    evaluate("jsondecode", std::slice::from_ref(text))
}

fn evaluate(name: &str, arguments: &[Value]) -> Result<Value, String> {
    let name = name.strip_prefix("core::").unwrap_or(name);
    let call = Call { name, arguments };
    let found = find(name);
    let (outcome, marks) = match found {
        Some((function, marks)) => (function(&call), marks),
        None if name.contains("::") => (Err(Stop::Unknown), Marks::Whole),
        None => return Err(format!("there is no function {name}")),
    };
    let value = match outcome {
        Ok(value) => value,
        Err(Stop::Refused(message)) => return Err(message),
        Err(Stop::Unknown) => call.unknown(),
    };
    let is_sensitive = match marks {
        Marks::Whole => arguments.iter().any(Value::has_sensitive),
        Marks::Parts => arguments.iter().any(|argument| argument.is_sensitive),
        Marks::Pieces => {
            arguments.iter().any(|argument| argument.is_sensitive && !matches!(argument.kind, Kind::Text(_)))
        }
        Marks::Own => false,
    };
    Ok(value.sensitive_if(is_sensitive))
}

/// What becomes sensitive by a sensitive argument.
#[derive(Clone, Copy)]
enum Marks {
    /// The result.
    Whole,
    /// The parts of the result that it became; all of it if the whole argument is sensitive.
    Parts,
    /// The pieces of the result that texts became; all of it if another argument is sensitive.
    Pieces,
    /// The function says it itself.
    Own,
}

/// Why there is no result.
enum Stop {
    /// Terraform refuses the call, too.
    Refused(String),
    /// It hangs on what is unknown, or on what we do not do.
    Unknown,
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self::Refused(message)
    }
}

impl From<&str> for Stop {
    fn from(message: &str) -> Self {
        Self::Refused(message.to_owned())
    }
}

type Outcome<T = Value> = Result<T, Stop>;
type Function = fn(&Call<'_>) -> Outcome;

fn find(name: &str) -> Option<(Function, Marks)> {
    use Marks::{Own, Parts, Pieces, Whole};
    let found: (Function, Marks) = match name {
        "abs" => (number::abs, Whole),
        "alltrue" => (list::alltrue, Whole),
        "anytrue" => (list::anytrue, Whole),
        "base64decode" => (encoding::base64decode, Whole),
        "base64encode" => (encoding::base64encode, Whole),
        "base64sha256" => (hash::base64sha256, Whole),
        "base64sha512" => (hash::base64sha512, Whole),
        "basename" => (path::basename, Whole),
        "ceil" => (number::ceil, Whole),
        "chomp" => (text::chomp, Parts),
        "chunklist" => (list::chunklist, Parts),
        "cidrhost" => (network::cidrhost, Whole),
        "cidrnetmask" => (network::cidrnetmask, Whole),
        "cidrsubnet" => (network::cidrsubnet, Whole),
        "cidrsubnets" => (network::cidrsubnets, Whole),
        "coalesce" => (choice::coalesce, Parts),
        "coalescelist" => (choice::coalescelist, Parts),
        "compact" => (list::compact, Parts),
        "concat" => (list::concat, Parts),
        "contains" => (collection::contains, Whole),
        "csvdecode" => (csv::csvdecode, Whole),
        "dirname" => (path::dirname, Whole),
        "distinct" => (list::distinct, Parts),
        "element" => (list::element, Parts),
        "endswith" => (text::endswith, Whole),
        "ephemeralasnull" => (conversion::ephemeralasnull, Parts),
        "flatten" => (list::flatten, Parts),
        "floor" => (number::floor, Whole),
        "format" => (format::format, Pieces),
        "formatdate" => (time::formatdate, Whole),
        "formatlist" => (format::formatlist, Parts),
        "indent" => (text::indent, Whole),
        "index" => (list::index, Whole),
        "issensitive" => (conversion::issensitive, Own),
        "join" => (text::join, Pieces),
        "jsondecode" => (json::jsondecode, Parts),
        "jsonencode" => (json::jsonencode, Own),
        "keys" => (map::keys, Parts),
        "length" => (collection::length, Parts),
        "list" => (conversion::list, Parts),
        "log" => (number::log, Whole),
        "lookup" => (map::lookup, Parts),
        "lower" => (text::lower, Parts),
        "map" => (conversion::map, Parts),
        "matchkeys" => (list::matchkeys, Whole),
        "max" => (number::max, Whole),
        "md5" => (hash::md5, Whole),
        "merge" => (map::merge, Parts),
        "min" => (number::min, Whole),
        "nonsensitive" => (conversion::nonsensitive, Own),
        "one" => (choice::one, Parts),
        "parseint" => (number::parseint, Whole),
        "pow" => (number::pow, Whole),
        "range" => (list::range, Whole),
        "regex" => (regex::regex, Whole),
        "regexall" => (regex::regexall, Whole),
        "replace" => (regex::replace, Whole),
        "reverse" => (list::reverse, Parts),
        "sensitive" => (conversion::sensitive, Own),
        "setintersection" => (set::setintersection, Whole),
        "setproduct" => (set::setproduct, Parts),
        "setsubtract" => (set::setsubtract, Whole),
        "setunion" => (set::setunion, Parts),
        "sha1" => (hash::sha1, Whole),
        "sha256" => (hash::sha256, Whole),
        "sha512" => (hash::sha512, Whole),
        "signum" => (number::signum, Whole),
        "slice" => (list::slice, Parts),
        "sort" => (list::sort, Whole),
        "split" => (text::split, Whole),
        "startswith" => (text::startswith, Whole),
        "strcontains" => (text::strcontains, Whole),
        "strrev" => (text::strrev, Whole),
        "substr" => (text::substr, Whole),
        "sum" => (number::sum, Whole),
        "textdecodebase64" => (encoding::textdecodebase64, Whole),
        "textencodebase64" => (encoding::textencodebase64, Whole),
        "timeadd" => (time::timeadd, Whole),
        "timecmp" => (time::timecmp, Whole),
        "title" => (text::title, Whole),
        "tobool" => (conversion::tobool, Parts),
        "tolist" => (conversion::tolist, Parts),
        "tomap" => (conversion::tomap, Parts),
        "tonumber" => (conversion::tonumber, Parts),
        "toset" => (conversion::toset, Parts),
        "tostring" => (conversion::tostring, Parts),
        "transpose" => (map::transpose, Whole),
        "trim" => (text::trim, Parts),
        "trimprefix" => (text::trimprefix, Parts),
        "trimspace" => (text::trimspace, Parts),
        "trimsuffix" => (text::trimsuffix, Parts),
        "upper" => (text::upper, Parts),
        "urlencode" => (encoding::urlencode, Whole),
        "uuidv5" => (hash::uuidv5, Whole),
        "values" => (map::values, Parts),
        "yamldecode" => (yaml::yamldecode, Whole),
        "yamlencode" => (yaml::yamlencode, Whole),
        "zipmap" => (map::zipmap, Parts),
        // Known only when Terraform runs; `base64gzip`: the bytes hang on Go's compressor; `rsadecrypt`: a secret.
        "timestamp" | "plantimestamp" | "uuid" | "bcrypt" | "base64gzip" | "rsadecrypt" => (not_known, Whole),
        _ => return None,
    };
    Some(found)
}

fn not_known(_: &Call<'_>) -> Outcome {
    Err(Stop::Unknown)
}

/// A function and what it is called with.
struct Call<'a> {
    name: &'a str,
    arguments: &'a [Value],
}

impl<'a> Call<'a> {
    /// The result of a call of which the result is not known.
    fn unknown(&self) -> Value {
        let first = self.arguments.iter().find_map(Value::first_unknown);
        Value::unknown(match first {
            Some(unknown) => format!("{}({})", self.name, unknown.0),
            None if self.arguments.is_empty() => format!("{}()", self.name),
            None => format!("{}(…)", self.name),
        })
    }

    /// All arguments, of which there are this many.
    fn exactly<const N: usize>(&self) -> Outcome<&'a [Value; N]> {
        self.arguments.try_into().map_err(|_| {
            let needs = if N == 1 { "1 argument".to_owned() } else { format!("{N} arguments") };
            format!("{} takes {needs}, not {}", self.name, self.arguments.len()).into()
        })
    }

    /// The first argument, and the others.
    fn first(&self) -> Outcome<(&'a Value, &'a [Value])> {
        self.arguments.split_first().ok_or_else(|| format!("{} takes at least 1 argument", self.name).into())
    }
}

/// A text with its holes.
fn text_of(value: &Value) -> Outcome<Text> {
    present(value)?;
    value.to_text().ok_or_else(|| "a string is required".into())
}

/// A text that is known.
fn known_text(value: &Value) -> Outcome<String> {
    text_of(value)?.as_known().ok_or(Stop::Unknown)
}

fn number_of(value: &Value) -> Outcome<f64> {
    present(value)?;
    convert(value.clone(), &Type::Number)?.as_number().ok_or(Stop::Unknown)
}

fn bool_of(value: &Value) -> Outcome<bool> {
    present(value)?;
    convert(value.clone(), &Type::Bool)?.as_bool().ok_or(Stop::Unknown)
}

/// A whole number.
fn whole_of(value: &Value) -> Outcome<i64> {
    let number = number_of(value)?;
    if number.fract() == 0.0 {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole, and below 2⁵³")]
        Ok(number as i64)
    } else {
        Err("a whole number is required".into())
    }
}

/// The elements of a list or tuple, not of a set.
fn list_of(value: &Value) -> Outcome<&[Value]> {
    present(value)?;
    match &value.kind {
        Kind::List(elements) => Ok(elements),
        Kind::Unknown(_) => Err(Stop::Unknown),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Set(_) | Kind::Object(_) => {
            Err("a list is required".into())
        }
    }
}

/// The elements of a list, tuple or set.
fn elements_of(value: &Value) -> Outcome<&[Value]> {
    present(value)?;
    match (value.elements(), &value.kind) {
        (Some(elements), _) => Ok(elements),
        (None, Kind::Unknown(_)) => Err(Stop::Unknown),
        (None, _) => Err("a list or set is required".into()),
    }
}

/// The elements in an order that is known: a set with unknown elements has none.
fn ordered_elements_of(value: &Value) -> Outcome<&[Value]> {
    let elements = elements_of(value)?;
    if matches!(value.kind, Kind::Set(_)) && elements.len() > 1 && !value.is_known() {
        return Err(Stop::Unknown);
    }
    Ok(elements)
}

fn object_of(value: &Value) -> Outcome<&Object> {
    present(value)?;
    match (value.as_object(), &value.kind) {
        (Some(object), _) => Ok(object),
        (None, Kind::Unknown(_)) => Err(Stop::Unknown),
        (None, _) => Err("a map or object is required".into()),
    }
}

fn present(value: &Value) -> Outcome<()> {
    if value.is_null() { Err("an argument must not be null".into()) } else { Ok(()) }
}

/// Refuses what would take all memory.
fn within(size: usize, limit: usize) -> Outcome<()> {
    if size > limit {
        Err(format!("the result is too large: {size}, the limit is {limit}").into())
    } else {
        Ok(())
    }
}

/// Whether something in it is known, which is enough to know that it is not empty.
fn has_known_part(text: &Text) -> bool {
    text.pieces().iter().any(|piece| piece.content.as_ref().is_ok_and(|part| !part.is_empty()))
}

/// Whether one of them is equal; none if that hangs on what is unknown.
fn any_equal(elements: &[Value], wanted: &Value) -> Option<bool> {
    let mut is_unknown = false;
    for element in elements {
        match element.is_equal(wanted) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => is_unknown = true,
        }
    }
    (!is_unknown).then_some(false)
}
