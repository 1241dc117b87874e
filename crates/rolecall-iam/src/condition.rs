//! Conditions: one operator, one key, and the values it is compared with.
//!
//! Several operators, and several keys of one operator, must all hold; several values are alternatives, and
//! for a negated operator none of them may match.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

pub(crate) mod address;
pub(crate) mod date;
mod entry;
pub(crate) mod number;

pub use entry::ConditionEntry;

use crate::context::{Context, Found};
use crate::diagnostic::Span;
use crate::document::{Effect, Version};
use crate::fit::Fit;
use crate::pattern;
use crate::template::{Place, Resolved, Template, Text};
use crate::unknown;

/// One entry of a condition block.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    operator: Operator,
    /// The operator, as written.
    pub(crate) operator_name: String,
    /// The context key, as written.
    pub(crate) key: String,
    /// Whether all of the key is known.
    key_is_known: bool,
    /// The values the policy lists.
    pub(crate) values: Vec<Template>,
    /// Where the values stand.
    pub(crate) span: Span,
}

/// A condition operator with its qualifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operator {
    comparison: Comparison,
    /// `…Not…`: none of the values may match.
    negated: bool,
    /// `ForAllValues:` or `ForAnyValue:`.
    set: Option<Set>,
    /// `…IfExists`: holds when the key is absent.
    if_exists: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    ForAll,
    ForAny,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(number::Relation),
    Date(number::Relation),
    Bool,
    Binary,
    IpAddress,
    /// `ArnEquals` and `ArnLike`, which AWS documents as the same.
    Arn,
    Null,
}

impl Operator {
    /// Reads an operator's name, such as `ForAnyValue:StringLikeIfExists`. Names are case-sensitive here as in
    /// the grammar.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (set, name) = match name.split_once(':') {
            Some(("ForAllValues", rest)) => (Some(Set::ForAll), rest),
            Some(("ForAnyValue", rest)) => (Some(Set::ForAny), rest),
            Some(_) => return None,
            None => (None, name),
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        use number::Relation::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
        let (comparison, negated) = match name {
            "StringEquals" => (Comparison::StringEquals, false),
            "StringNotEquals" => (Comparison::StringEquals, true),
            "StringEqualsIgnoreCase" => (Comparison::StringEqualsIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Comparison::StringEqualsIgnoreCase, true),
            "StringLike" => (Comparison::StringLike, false),
            "StringNotLike" => (Comparison::StringLike, true),
            "NumericEquals" => (Comparison::Numeric(Equal), false),
            "NumericNotEquals" => (Comparison::Numeric(Equal), true),
            "NumericLessThan" => (Comparison::Numeric(Less), false),
            "NumericLessThanEquals" => (Comparison::Numeric(LessOrEqual), false),
            "NumericGreaterThan" => (Comparison::Numeric(Greater), false),
            "NumericGreaterThanEquals" => (Comparison::Numeric(GreaterOrEqual), false),
            "DateEquals" => (Comparison::Date(Equal), false),
            "DateNotEquals" => (Comparison::Date(Equal), true),
            "DateLessThan" => (Comparison::Date(Less), false),
            "DateLessThanEquals" => (Comparison::Date(LessOrEqual), false),
            "DateGreaterThan" => (Comparison::Date(Greater), false),
            "DateGreaterThanEquals" => (Comparison::Date(GreaterOrEqual), false),
            "Bool" => (Comparison::Bool, false),
            "BinaryEquals" => (Comparison::Binary, false),
            "IpAddress" => (Comparison::IpAddress, false),
            "NotIpAddress" => (Comparison::IpAddress, true),
            "ArnEquals" | "ArnLike" => (Comparison::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Comparison::Arn, true),
            // `Null` asks whether the key exists: `NullIfExists` would ask nothing, and IAM refuses it.
            "Null" if !if_exists && set.is_none() => (Comparison::Null, false),
            _ => return None,
        };
        Some(Self { comparison, negated, set, if_exists })
    }
}

impl Condition {
    /// Compiles one entry; the error is IAM's text for a value the operator cannot take.
    pub(crate) fn new(
        (operator, operator_name): (Operator, &str),
        key: &str,
        values: &[String],
        version: Version,
        span: Span,
    ) -> Result<Self, String> {
        for value in values {
            operator.comparison.check(value).map_err(|()| "Syntax errors in policy.".to_owned())?;
        }
        // Assumption (for booleans the pages contradict each other): strings, ARNs and booleans may hold variables; numbers, dates, binaries and addresses may not.
        let version = match operator.comparison {
            Comparison::StringEquals
            | Comparison::StringEqualsIgnoreCase
            | Comparison::StringLike
            | Comparison::Bool
            | Comparison::Arn => version,
            Comparison::Numeric(_)
            | Comparison::Date(_)
            | Comparison::Binary
            | Comparison::IpAddress
            | Comparison::Null => Version::V2008,
        };
        let values = values.iter().map(|value| Template::new(value, version)).collect();
        let key_is_known = !unknown::is_in(key);
        let (operator_name, key) = (operator_name.to_owned(), key.to_owned());
        Ok(Self { operator, operator_name, key, key_is_known, values, span })
    }

    /// A condition, or a part of one, of which nobody knows yet what it asks: `mark` says what it is. It may hold.
    pub(crate) fn unknown(mark: &str, span: Span) -> Self {
        let operator =
            Operator { comparison: Comparison::StringEquals, negated: false, set: None, if_exists: false };
        Self {
            operator,
            operator_name: "StringEquals".to_owned(),
            key: mark.to_owned(),
            key_is_known: false,
            values: vec![Template::new(mark, Version::V2008)],
            span,
        }
    }

    /// Whether it holds the principal's ARN to the values listed, so that a grant to everyone is one to them.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
    pub(crate) fn names_the_principal(&self) -> bool {
        let Operator { comparison, negated, set, if_exists } = self.operator;
        let compares =
            matches!(comparison, Comparison::Arn | Comparison::StringEquals | Comparison::StringLike);
        let holds_it = compares && !negated && !if_exists && set.is_none();
        holds_it && self.key.eq_ignore_ascii_case("aws:PrincipalArn")
    }

    /// Whether the request satisfies it. What AWS does not document never helps an `Allow`; in a `Deny` nobody knows.
    pub(crate) fn fit(&self, context: &Context, effect: Effect) -> Fit {
        let doubt = if effect == Effect::Allow { Fit::No } else { Fit::Unknown };
        let given = if self.key_is_known { context.find(&self.key) } else { Found::Unknown };
        let empty = matches!(given, Found::Many([]));
        // A key that has no value is not there, as for `Null`.
        let found = if empty { Found::Absent } else { given };
        if self.values.is_empty() {
            return self.without_values(found, doubt);
        }
        if self.operator.comparison == Comparison::Null {
            return self.null(found, doubt);
        }
        match (found, self.operator.set) {
            (Found::Unknown, _) => Fit::Unknown,
            // Assumption (AWS documents both rules and not which of them wins): `ForAnyValue` wants a value among
            // none, and `IfExists` wants none.
            (Found::Absent, Some(Set::ForAny)) if self.operator.if_exists => doubt,
            (Found::Absent, _) if self.operator.if_exists => Fit::Yes,
            // reference_policies_condition-single-vs-multi-valued-context-keys: ForAllValues holds where there
            // is no value to fail, ForAnyValue does not where there is none to match.
            (Found::Absent, Some(Set::ForAll)) => Fit::Yes,
            (Found::Absent, Some(Set::ForAny)) => Fit::No,
            // A negated operator holds where the key is absent.
            (Found::Absent, None) => Fit::from(self.operator.negated),
            (Found::One(value), None) => self.value(value, context, effect),
            (Found::One(value), Some(set)) => self.set(set, std::slice::from_ref(value), context, effect),
            (Found::Many(values), Some(set)) => self.set(set, values, context, effect),
            // Assumption (AWS only says that a multivalued key "requires" a set operator): without one it does not
            // match.
            (Found::Many(_), None) => doubt,
        }
    }

    /// An operator with an empty list. `ForAllValues` and `IfExists` then match "only if the key is missing",
    /// `ForAnyValue` "never matches".
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html>
    fn without_values(&self, found: Found<'_>, doubt: Fit) -> Fit {
        let Operator { comparison, negated, set, if_exists } = self.operator;
        let missing = match found {
            Found::Absent => Fit::Yes,
            Found::Unknown => Fit::Unknown,
            Found::One(_) | Found::Many(_) => Fit::No,
        };
        match set {
            // Assumption (as where there are values): which of the two rules wins.
            Some(Set::ForAny) if if_exists => missing.and(doubt),
            Some(Set::ForAny) => Fit::No,
            // Assumption (the page speaks of operators that want a value): none of no values may match.
            _ if negated => doubt.or(missing.and(Fit::from(set.is_some() || if_exists))),
            Some(Set::ForAll) => missing,
            None if if_exists && comparison != Comparison::Null => missing,
            // Assumption ("does not affect the policy" may mean that it holds or that it does not).
            None => doubt,
        }
    }

    fn set(&self, set: Set, values: &[String], context: &Context, effect: Effect) -> Fit {
        let each = values.iter().map(|value| self.value(value, context, effect));
        let fit = match set {
            Set::ForAll => Fit::all(each),
            Set::ForAny => Fit::any(each),
        };
        // "…or if the context key value resolves to a null dataset, such as an empty string": then ForAllValues holds
        // and ForAnyValue does not. Assumption (AWS does not say what else is null): where comparing the empty
        // string says otherwise, nobody knows.
        let documented = Fit::from(set == Set::ForAll);
        if values.iter().all(String::is_empty) && fit != documented { Fit::Unknown } else { fit }
    }

    /// One request value against all the policy's values.
    fn value(&self, value: &str, context: &Context, effect: Effect) -> Fit {
        let Operator { comparison, negated, .. } = self.operator;
        let doubt = if effect == Effect::Allow && !negated { Fit::No } else { Fit::Unknown };
        let any =
            Fit::any(self.values.iter().map(|wanted| comparison.compare(wanted, value, context, doubt)));
        if negated { any.not() } else { any }
    }

    /// `Null: true` holds where the key is absent, `Null: false` where it is there.
    fn null(&self, found: Found<'_>, doubt: Fit) -> Fit {
        let absent = match found {
            // A key whose value is unknown may turn out to be absent.
            Found::Unknown => return Fit::Unknown,
            Found::Absent => "true",
            Found::One(_) | Found::Many(_) => "false",
        };
        Fit::any(self.values.iter().map(|value| match unknown::is_in(value.text()) {
            true => Fit::Unknown,
            false => same_word(value.text(), absent, doubt),
        }))
    }
}

impl Comparison {
    /// Whether a policy may list `value` for this operator.
    fn check(self, value: &str) -> Result<(), ()> {
        let sound = match self {
            _ if unknown::is_in(value) => true,
            Self::Numeric(_) => number::parse(value).is_some(),
            Self::Date(_) => date::parse(value).is_some(),
            Self::Bool => value.contains("${") || is_bool(value),
            Self::Null => is_bool(value),
            Self::IpAddress => address::parse(value).is_some(),
            Self::StringEquals
            | Self::StringEqualsIgnoreCase
            | Self::StringLike
            | Self::Binary
            | Self::Arn => true,
        };
        if sound { Ok(()) } else { Err(()) }
    }

    /// One value of the policy against one of the request. `doubt` is the answer where AWS documents none.
    fn compare(self, wanted: &Template, value: &str, context: &Context, doubt: Fit) -> Fit {
        let text = match wanted.resolve(context) {
            Resolved::Partly(text) => return Fit::from(self.possible(text, value)).and(Fit::Unknown),
            // A variable without a value: a positive comparison does not hold, a negated one does.
            Resolved::NoValue => return Fit::No,
            Resolved::Text(text) => text,
        };
        // Assumption (AWS does not document it): a number, a date or an address that is none, as the value of a tag
        // may be, compares with nothing.
        let sound = |fit: Option<bool>| fit.map_or(doubt, Fit::from);
        match self {
            Self::StringEquals => Fit::from(text.is(value)),
            Self::StringEqualsIgnoreCase => Fit::from(same_in_either_case(&text.literal(), value)),
            Self::StringLike => Fit::from(text.like(value)),
            Self::Numeric(relation) => sound(number::compare(value, wanted.text(), relation)),
            Self::Date(relation) => sound(date::compare(value, wanted.text(), relation)),
            Self::Bool => same_word(&text.literal(), value, doubt),
            Self::Binary => Fit::from(wanted.text().trim_end_matches('=') == value.trim_end_matches('=')),
            Self::IpAddress => sound(address::contains(wanted.text(), value)),
            // Assumption ("each of the six components is checked separately", and this has fewer).
            Self::Arn if wanted.arn.parts < 6 => doubt,
            Self::Arn => Fit::from(arn_like(text, value)),
            Self::Null => Fit::No,
        }
    }
}

impl Comparison {
    /// Whether a text of which a part is not known may turn out to be what holds.
    fn possible(self, wanted: Text<'_>, value: &str) -> bool {
        match self {
            Self::StringEquals => wanted.is(value),
            Self::StringLike | Self::Arn => wanted.like(value),
            Self::StringEqualsIgnoreCase
            | Self::Numeric(_)
            | Self::Date(_)
            | Self::Bool
            | Self::Binary
            | Self::IpAddress
            | Self::Null => true,
        }
    }
}

fn same_in_either_case(one: &str, other: &str) -> bool {
    one.chars().flat_map(char::to_lowercase).eq(other.chars().flat_map(char::to_lowercase))
}

/// `true` and `false`. Assumption (AWS does not document it): whether `TRUE` is `true`, and what else is either.
fn same_word(wanted: &str, value: &str, doubt: Fit) -> Fit {
    if !is_bool(value) {
        doubt
    } else if wanted == value {
        Fit::Yes
    } else if wanted.eq_ignore_ascii_case(value) {
        doubt
    } else {
        Fit::No
    }
}

fn is_bool(value: &str) -> bool {
    value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false")
}

/// "Each of the six colon-delimited components of the ARN is checked separately and each can include
/// multi-character match wildcards (*) or single-character match wildcards (?)."
fn arn_like(wanted: Text<'_>, value: &str) -> bool {
    if let Some(plain) = wanted.plain() {
        return plain_arn_like(plain, value);
    }
    let mut values = value.splitn(6, ':');
    let mut start = Some(wanted.start());
    for index in 0..6 {
        let (Some(from), Some(value)) = (start, values.next()) else { return false };
        // The sixth component runs to the end.
        let next = |place| {
            wanted.next(place).filter(|(token, _)| index == 5 || *token != pattern::Token::Byte(b':'))
        };
        if !pattern::tokens_match(from, next, value) {
            return false;
        }
        start = after_colon(wanted, from);
    }
    true
}

/// As [`arn_like`], for a pattern without variables.
fn plain_arn_like(mut wanted: &str, mut value: &str) -> bool {
    for _ in 0..5 {
        let (Some((part, rest)), Some((own, after))) = (cut(wanted), cut(value)) else { return false };
        if !part_like(part, own) {
            return false;
        }
        (wanted, value) = (rest, after);
    }
    part_like(wanted, value)
}

/// What stands before the next colon, and after it. The parts of an ARN are too short for a search to pay.
fn cut(text: &str) -> Option<(&str, &str)> {
    let colon = text.bytes().position(|byte| byte == b':')?;
    Some((text.get(..colon)?, text.get(colon + 1..)?))
}

fn part_like(wanted: &str, own: &str) -> bool {
    match wanted.strip_suffix('*') {
        _ if wanted == own => true,
        Some(head) if !head.bytes().any(|byte| matches!(byte, b'*' | b'?')) => own.starts_with(head),
        Some(_) | None => pattern::matches(wanted, own),
    }
}

/// The place after the next colon.
fn after_colon<'a>(text: Text<'a>, mut place: Place<'a>) -> Option<Place<'a>> {
    loop {
        let (token, after) = text.next(place)?;
        if token == pattern::Token::Byte(b':') {
            return Some(after);
        }
        place = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The request holds `k` as given: `None` absent, one value, or several.
    fn holds(effect: Effect, operator: &str, wanted: &[&str], given: &[&str], multivalued: bool) -> Fit {
        let mut context = Context::new();
        match given {
            [] if !multivalued => {}
            [one] if !multivalued => context.insert("aws:k", *one),
            many => context.insert_many("aws:k", many.iter().copied()),
        }
        let wanted: Vec<String> = wanted.iter().map(|&value| value.to_owned()).collect();
        let operator = (Operator::parse(operator).unwrap(), operator);
        Condition::new(operator, "AWS:K", &wanted, Version::V2012, Span::default())
            .unwrap()
            .fit(&context, effect)
    }

    /// reference_policies_elements_condition_operators and reference_policies_condition-single-vs-multi-valued-context-keys
    #[test]
    fn every_operator_on_present_and_absent_keys() {
        use Fit::{No, Yes};
        let single: &[(&str, &[&str], &[&str], Fit)] = &[
            ("StringEquals", &["a", "b"], &["b"], Yes),
            ("StringEquals", &["a*"], &["ab"], No),
            ("StringEquals", &["a"], &[], No),
            ("StringNotEquals", &["a", "b"], &["b"], No),
            ("StringNotEquals", &["a", "b"], &["c"], Yes),
            ("StringNotEquals", &["a"], &[], Yes),
            ("StringEqualsIfExists", &["a"], &[], Yes),
            ("StringNotEqualsIfExists", &["a"], &["a"], No),
            ("StringEqualsIgnoreCase", &["ABC"], &["abc"], Yes),
            ("StringLike", &["a*c"], &["abbc"], Yes),
            ("StringLike", &["a?c"], &["ac"], No),
            ("StringNotLike", &["a*"], &["b"], Yes),
            ("NumericLessThan", &["10"], &["9.5"], Yes),
            ("NumericEquals", &["10"], &["10.0"], Yes),
            ("NumericEquals", &["9007199254740993"], &["9007199254740992"], No),
            ("NumericGreaterThanEquals", &["-2"], &["-3"], No),
            ("DateGreaterThan", &["2020-01-01T00:00:00Z"], &["1577836801"], Yes),
            ("DateLessThanEquals", &["2020-01-01"], &["2020-01-01T01:00:00+01:00"], Yes),
            ("Bool", &["true"], &["true"], Yes),
            ("Bool", &["true"], &["false"], No),
            ("Bool", &["false"], &[], No),
            ("BoolIfExists", &["true"], &[], Yes),
            ("BinaryEquals", &["QmluYXJ5"], &["QmluYXJ5"], Yes),
            ("IpAddress", &["203.0.113.0/24"], &["203.0.113.9"], Yes),
            ("IpAddress", &["203.0.113.5"], &["203.0.113.9"], No),
            ("NotIpAddress", &["2001:db8::/32"], &["2001:db9::1"], Yes),
            ("IpAddress", &["0.0.0.0/0"], &["::1"], No),
            ("ArnLike", &["arn:aws:iam::*:role/x*"], &["arn:aws:iam::111111111111:role/xy/z"], Yes),
            ("ArnLike", &["arn:aws:iam:*:role/x"], &["arn:aws:iam::111111111111:role/x"], No),
            ("ArnEquals", &["arn:aws:iam::111111111111:role/?"], &["arn:aws:iam::111111111111:role/x"], Yes),
            (
                "ArnNotEquals",
                &["arn:aws:iam::111111111111:role/y"],
                &["arn:aws:iam::111111111111:role/x"],
                Yes,
            ),
            ("Null", &["true"], &[], Yes),
            ("Null", &["false"], &[], No),
            ("Null", &["false"], &["x"], Yes),
        ];
        for (operator, wanted, given, expected) in single {
            assert_eq!(
                holds(Effect::Allow, operator, wanted, given, false),
                *expected,
                "{operator} {wanted:?} on {given:?}"
            );
        }
        let multi: &[(&str, &[&str], &[&str], Fit)] = &[
            ("ForAllValues:StringEquals", &["a", "b"], &["a", "b"], Yes),
            ("ForAllValues:StringEquals", &["a"], &["a", "b"], No),
            ("ForAllValues:StringEquals", &["a"], &[], Yes),
            ("ForAnyValue:StringEquals", &["a"], &["a", "b"], Yes),
            ("ForAnyValue:StringEquals", &["a"], &[], No),
            ("ForAllValues:StringNotEquals", &["a"], &["b", "c"], Yes),
            ("ForAllValues:StringNotEquals", &["a"], &["a", "c"], No),
            ("ForAnyValue:StringNotEquals", &["a"], &["a", "c"], Yes),
            ("StringEquals", &["a"], &["a", "b"], No),
            ("Null", &["true"], &[], Yes),
        ];
        for (operator, wanted, given, expected) in multi {
            let found = holds(Effect::Allow, operator, wanted, given, true);
            assert_eq!(found, *expected, "{operator} {wanted:?} on {given:?}");
        }
    }

    /// What AWS does not document: it does not help an allow, and a deny nobody can rule out.
    #[test]
    fn where_nobody_knows() {
        use Fit::{No, Unknown, Yes};
        for (operator, wanted, given, multivalued, allow, deny) in [
            ("StringEquals", vec!["a"], vec!["a"], true, No, Unknown),
            ("StringNotEquals", vec!["a"], vec!["b"], true, No, Unknown),
            ("StringEquals", vec![], vec!["a"], false, No, Unknown),
            ("StringNotEquals", vec![], vec!["a"], false, No, Unknown),
            ("ForAnyValue:StringEqualsIfExists", vec!["a"], vec![], true, No, Unknown),
            ("ForAnyValue:StringEqualsIfExists", vec!["a"], vec![], false, No, Unknown),
            ("ForAnyValue:StringEquals", vec![], vec!["a"], true, No, No),
            ("ForAllValues:StringEquals", vec![], vec!["a"], true, No, No),
            ("ForAllValues:StringEquals", vec![], vec![], true, Yes, Yes),
            ("StringEqualsIfExists", vec![], vec![], false, Yes, Yes),
            ("StringEqualsIfExists", vec![], vec!["a"], false, No, No),
            ("StringNotEqualsIfExists", vec![], vec!["a"], false, No, Unknown),
            ("ArnLike", vec!["*"], vec!["arn:aws:iam::111111111111:role/x"], false, No, Unknown),
            ("DateLessThan", vec!["2030"], vec!["2026-01-01T00:00:00Z"], false, No, Unknown),
            ("DateGreaterThan", vec!["2030"], vec!["2031-01-01T00:00:00Z"], false, Yes, Yes),
            ("ForAllValues:StringEquals", vec!["a"], vec![""], true, Unknown, Unknown),
            ("ForAllValues:StringNotEquals", vec!["a"], vec![""], true, Yes, Yes),
            ("ForAnyValue:StringNotEquals", vec!["a"], vec![""], true, Unknown, Unknown),
            ("ForAnyValue:StringEquals", vec!["a"], vec![""], false, No, No),
            ("NumericLessThan", vec!["5"], vec!["five"], false, No, Unknown),
            ("NumericNotEquals", vec!["5"], vec!["five"], false, Unknown, Unknown),
            ("NotIpAddress", vec!["10.0.0.0/8"], vec!["here"], false, Unknown, Unknown),
            ("DateLessThan", vec!["2020-01-01"], vec!["soon"], false, No, Unknown),
            ("Bool", vec!["TRUE"], vec!["true"], false, No, Unknown),
            ("Null", vec!["True"], vec![], false, No, Unknown),
        ] {
            for (effect, expected) in [(Effect::Allow, allow), (Effect::Deny, deny)] {
                let found = holds(effect, operator, &wanted, &given, multivalued);
                assert_eq!(found, expected, "{effect:?} {operator} {wanted:?} on {given:?}");
            }
        }
    }

    #[test]
    fn what_is_no_operator() {
        for name in [
            "",
            "stringEquals",
            "StringIs",
            "NullIfExists",
            "ForAllValues:Null",
            "ForSome:StringEquals",
            "IfExists",
        ] {
            assert_eq!(Operator::parse(name), None, "{name}");
        }
    }

    #[test]
    fn an_unknown_value_leaves_it_undecided() {
        let mut context = Context::new();
        context.insert_unknown("aws:k");
        let operator = (Operator::parse("StringEquals").unwrap(), "StringEquals");
        let condition = Condition::new(operator, "aws:k", &["a".to_owned()], Version::V2012, Span::default());
        assert_eq!(condition.unwrap().fit(&context, Effect::Allow), Fit::Unknown);
    }
}
