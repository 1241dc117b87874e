//! What a condition says, for whoever reads a policy without asking it.

use super::{Comparison, Condition, Set};
use crate::diagnostic::Span;

/// One operator and one key of a condition block, with the values.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
///
/// ```
/// use rolecall_iam::Policy;
/// let policy = Policy::lenient(r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*",
///     "Action":"sts:AssumeRole","Condition":{"StringLikeIfExists":{"aws:PrincipalArn":"arn:aws:iam::*:role/a"}}}}"#);
/// let statement = &policy.document().statements[0];
/// let entry = statement.entries().next().unwrap();
/// assert!(entry.is("aws:principalarn") && entry.has_wildcards() && entry.passes_without_the_key());
/// assert_eq!(entry.values().collect::<Vec<_>>(), ["arn:aws:iam::*:role/a"]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ConditionEntry<'a>(pub(crate) &'a Condition);

impl<'a> ConditionEntry<'a> {
    /// The operator, as written.
    pub fn operator(&self) -> &'a str {
        &self.0.operator_name
    }

    /// The context key, as written.
    pub fn key(&self) -> &'a str {
        &self.0.key
    }

    /// Whether it is about this key, in whatever case.
    pub fn is(&self, key: &str) -> bool {
        self.0.key.eq_ignore_ascii_case(key)
    }

    /// The values, as written.
    pub fn values(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.0.values.iter().map(|value| value.text())
    }

    /// Where the values stand in the document's text.
    pub fn span(&self) -> Span {
        self.0.span
    }

    /// Whether `*` and `?` in its values match anything: `StringLike`, and the operators of ARNs.
    pub fn has_wildcards(&self) -> bool {
        matches!(self.0.operator.comparison, Comparison::StringLike | Comparison::Arn)
    }

    /// Whether it asks if the key is there: `Null`.
    pub fn is_null(&self) -> bool {
        self.0.operator.comparison == Comparison::Null
    }

    /// Whether none of the values may match: `StringNotEquals` and the like.
    pub fn is_negated(&self) -> bool {
        self.0.operator.negated
    }

    /// Whether it holds where the request has no such key: `…IfExists`, `ForAllValues:…`, and what is negated.
    pub fn passes_without_the_key(&self) -> bool {
        let operator = self.0.operator;
        operator.if_exists || operator.negated || operator.set == Some(Set::ForAll)
    }
}
