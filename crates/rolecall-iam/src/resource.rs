//! The `Resource` and `NotResource` elements: ARN patterns against one resource.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>

use crate::context::Context;
use crate::document::{Effect, Element, ResourcePattern, Version};
use crate::fit::Fit;
use crate::pattern::Token;
use crate::request::Request;
use crate::template::{Resolved, Template, Text};
use crate::unknown;
use crate::verdict::CheckType;

/// What a request names as its resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// One resource, by all of its ARN.
    One,
    /// All of a kind, such as ListTables on `table/*`; or `*`.
    All,
    /// One of whose ARN a part is not known.
    PartlyKnown,
}

impl Sort {
    pub(crate) fn of(resource: &str) -> Self {
        match resource {
            _ if unknown::is_in(resource) => Self::PartlyKnown,
            _ if resource.contains('*') => Self::All,
            _ => Self::One,
        }
    }
}

/// Whether a statement's resource element speaks of the request's resource. `kind` is the layer it stands in: what
/// an ARN of fewer than six parts means hangs on it.
pub(crate) fn resource_fit(
    element: &Element<ResourcePattern>,
    effect: Effect,
    kind: CheckType,
    (request, sort): (&Request<'_>, Sort),
) -> Fit {
    let Element { negated, patterns, .. } = element;
    // What AWS does not document never allows; as a deny, and inside a `NotResource`, nobody knows.
    let doubt = if effect == Effect::Allow && !negated { Fit::No } else { Fit::Unknown };
    let mut listed = Fit::No;
    for ResourcePattern(template) in patterns {
        let fit = match template.resolve(request.context) {
            Resolved::Partly(text) => {
                pattern_fit(template, text, kind, (request.resource, sort), Fit::Unknown).and(Fit::Unknown)
            }
            // A pattern whose variable has no value matches no resource, in either form.
            // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
            Resolved::NoValue if *negated => return Fit::No,
            Resolved::NoValue => Fit::No,
            Resolved::Text(text) => pattern_fit(template, text, kind, (request.resource, sort), doubt),
        };
        listed = listed.or(fit);
    }
    if *negated { listed.not() } else { listed }
}

fn pattern_fit(
    template: &Template,
    text: Text<'_>,
    kind: CheckType,
    (resource, sort): (&str, Sort),
    doubt: Fit,
) -> Fit {
    if template.text() == "*" {
        return Fit::Yes;
    }
    if sort == Sort::PartlyKnown {
        return partly_known(template, text, resource);
    }
    let shape = template.arn;
    let is_short = shape.parts < 6;
    // Cheap, and true of nearly everything that does not match.
    if !is_short && !text.like(resource) {
        return Fit::No;
    }
    // Where no wildcard is held back by a colon there is nothing more to see; a `*` of the request is no name.
    let parts_matter = is_short || shape.wildcard_inside_part || shape.variable_before_resource;
    if !parts_matter && sort == Sort::One {
        return Fit::Yes;
    }
    let tokens: Vec<Token> = text.tokens().collect();
    // "You can't use a variable to replace parts of the ARN before the fifth colon." Assumption (AWS does not say
    // what happens if one does).
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    let sure = if shape.variable_before_resource { doubt } else { Fit::Yes };
    let fit = whole_fit(&tokens, resource, doubt);
    if fit != Fit::No || !is_short {
        return fit.and(sure);
    }
    let rest = [Token::Byte(b':'), Token::Any];
    let completed: Vec<Token> = tokens.into_iter().chain(rest).collect();
    whole_fit(&completed, resource, doubt).and(sure).and(short_arn_counts(kind, doubt))
}

/// Whether a resource of which a part of the ARN is not known may turn out to be the one with this ARN.
pub(crate) fn may_be(resource: &str, arn: &str) -> bool {
    if !unknown::is_in(resource) {
        return false;
    }
    let template = Template::new(resource, Version::V2008);
    let context = Context::new();
    matches!(template.resolve(&context), Resolved::Partly(text) if text.is(arn))
}

/// A resource of which a part of the ARN is not known: whether the pattern takes it whatever that part is, or may.
fn partly_known(template: &Template, text: Text<'_>, resource: &str) -> Fit {
    let resource = Template::new(resource, Version::V2008);
    let context = Context::new();
    let Resolved::Partly(resource) = resource.resolve(&context) else { return Fit::Unknown };
    let literal = |token: Token| if token == Token::Hole { token } else { Token::Byte(token.byte()) };
    let resource: Vec<Token> = resource.tokens().map(literal).collect();
    // A `?` takes a character, and a token is a byte.
    let is_ascii = resource.iter().all(|token| token.byte().is_ascii());
    let one = if is_ascii { Token::One } else { Token::Any };
    let pattern: Vec<Token> =
        text.tokens().map(|token| if token == Token::One { one } else { token }).collect();
    let shape = template.arn;
    let simple =
        is_ascii && shape.parts == 6 && !shape.variable_before_resource && !shape.wildcard_inside_part;
    if simple && meet(&pattern, &resource, true) {
        return Fit::Yes;
    }
    Fit::from(shape.parts < 6 || meet(&pattern, &resource, false)).and(Fit::Unknown)
}

/// Whether a pattern and a text with holes can be the same; with `always`, whether they are whatever is in the holes,
/// which only a `*` takes.
fn meet(pattern: &[Token], text: &[Token], always: bool) -> bool {
    // Where in the text the pattern read so far can end.
    let mut ends = vec![false; text.len() + 1];
    let skip_holes = |ends: &mut Vec<bool>| {
        for (at, token) in text.iter().enumerate() {
            let open = !always && *token == Token::Hole && ends.get(at) == Some(&true);
            if let Some(end) = ends.get_mut(at + 1).filter(|_| open) {
                *end = true;
            }
        }
    };
    if let Some(start) = ends.first_mut() {
        *start = true;
    }
    skip_holes(&mut ends);
    for token in pattern {
        let mut next = vec![false; text.len() + 1];
        let mut run = false;
        for (at, end) in next.iter_mut().enumerate() {
            let here = ends.get(at) == Some(&true);
            let before = at.checked_sub(1).filter(|before| ends.get(*before) == Some(&true));
            let taken = before.and_then(|before| text.get(before));
            *end = match token {
                Token::Any | Token::Hole => {
                    run |= here;
                    run
                }
                Token::One => taken.is_some_and(|taken| !always || *taken != Token::Hole),
                Token::Byte(_) => {
                    taken.is_some_and(|taken| taken == token || (!always && *taken == Token::Hole))
                }
            };
            // What is in a hole may go on.
            let in_hole = !always && here && text.get(at) == Some(&Token::Hole);
            *end |= in_hole;
        }
        ends = next;
        skip_holes(&mut ends);
    }
    ends.last() == Some(&true)
}

fn whole_fit(tokens: &[Token], resource: &str, doubt: Fit) -> Fit {
    if parts_match(tokens, resource, false) {
        return Fit::Yes;
    }
    // Assumption (AWS does not document it): whether `?` takes the `*` of a request for all of a kind, such as
    // ListTables on `table/*`.
    if resource.contains('*') && parts_match(tokens, resource, true) { doubt } else { Fit::No }
}

/// Assumption (AWS does not document it; seen in experiments): whether the parts that an ARN of fewer than six lacks
/// are taken as `*`. They are in identity policies, session policies and boundaries; elsewhere such an ARN needs a
/// wildcard of its own at its end.
fn short_arn_counts(kind: CheckType, doubt: Fit) -> Fit {
    match kind {
        CheckType::Principal | CheckType::PermissionsBoundary | CheckType::Session => Fit::Yes,
        CheckType::Resource
        | CheckType::VpcEndpoint
        | CheckType::ServiceControlPolicy
        | CheckType::ResourceControlPolicy => doubt,
    }
}

/// A pattern against an ARN: the first five colons part it, and wildcards stay inside their part, except that a `*`
/// which ends a part "can expand to match beyond the colon boundaries".
///
/// The set of places the text can be read up to is kept for each token of the pattern, so that the work is never more
/// than their product. With `one_takes_star` a `?` also takes a `*` of the text.
fn parts_match(tokens: &[Token], text: &str, one_takes_star: bool) -> bool {
    let text = text.as_bytes();
    let stops = boundaries(text);
    let stops = |at: usize| stops.contains(&Some(at));
    let mut places = vec![0];
    for (index, token) in tokens.iter().enumerate() {
        let mut next = Vec::with_capacity(places.len());
        match *token {
            Token::Any | Token::Hole => {
                let ends_part =
                    *token == Token::Hole || matches!(tokens.get(index + 1), None | Some(Token::Byte(b':')));
                let mut from = 0;
                for &place in &places {
                    let mut at = place.max(from);
                    if at > place {
                        continue; // A run that started further left has been here.
                    }
                    while at < text.len() && (ends_part || !stops(at)) {
                        next.push(at);
                        at += 1;
                    }
                    next.push(at);
                    from = at + 1;
                }
            }
            Token::One => {
                for &place in &places {
                    let taken = text.get(place).is_some_and(|byte| one_takes_star || *byte != b'*');
                    if taken && !stops(place) {
                        next.push(place + character_width(text, place));
                    }
                }
            }
            Token::Byte(wanted) => {
                next.extend(places.iter().filter(|&&at| text.get(at) == Some(&wanted)).map(|at| at + 1));
            }
        }
        if next.is_empty() {
            return false;
        }
        places = next;
    }
    places.contains(&text.len())
}

/// Where the first five colons stand.
fn boundaries(text: &[u8]) -> [Option<usize>; 5] {
    let mut colons = text.iter().enumerate().filter(|(_, byte)| **byte == b':').map(|(at, _)| at);
    std::array::from_fn(|_| colons.next())
}

fn character_width(text: &[u8], at: usize) -> usize {
    1 + text.iter().skip(at + 1).take_while(|byte| *byte & 0b1100_0000 == 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(pattern: &str, effect: Effect, kind: CheckType, resource: &str) -> Fit {
        let mut context = Context::new();
        context.insert("aws:PrincipalAccount", "222222222222");
        let element = Element {
            negated: false,
            patterns: vec![ResourcePattern(Template::new(pattern, Version::V2012))],
            span: crate::Span::default(),
        };
        let request = Request {
            principal: &crate::Principal::Anonymous,
            action: "a:B",
            resource,
            owner: None,
            context: &context,
            session_policies: None,
        };
        resource_fit(&element, effect, kind, (&request, Sort::of(resource)))
    }

    const TABLE: &str = "arn:aws:dynamodb:eu-west-1:222222222222:table/orders";

    /// reference_policies_elements_resource: wildcards stay in their part, a `*` at its end may leave it.
    #[test]
    fn resource_patterns_part_by_part() {
        for (pattern, resource, expected) in [
            ("*", TABLE, true),
            ("arn:aws:dynamodb:eu-west-1:222222222222:table/*", TABLE, true),
            ("arn:aws:dynamodb:*:*:table/orders", TABLE, true),
            ("arn:aws:dynamodb:eu-*-1:222222222222:table/order?", TABLE, true),
            ("arn:aws:dynamodb:*", TABLE, true),
            ("arn:aws:dynamodb:eu*", TABLE, true),
            ("arn:aws:dynamodb:eu-west-1:2*2:table/orders", TABLE, true),
            ("arn:aws:dynamodb:eu-west-1:*rs", TABLE, false),
            ("arn:aws:dynamodb:e*1:222222222222:table/orders", TABLE, true),
            ("arn:aws:dynamodb:?*-1:222222222222:table/orders", TABLE, true),
            ("arn:aws:dynamodb:e*st-1?222222222222:table/orders", TABLE, false),
            ("arn:aws:dynamodb:eu*222222222222:table/orders", TABLE, false),
            ("arn:aws:dynamodb:*:table/orders", TABLE, true),
            ("arn:aws:logs:eu*1:log-group:/a:*", "arn:aws:logs:eu-west-1:1:log-group:/a:b", false),
            ("arn:aws:dynamodb:eu-west-1:222222222222:table", TABLE, false),
            ("arn:aws:logs:*:*:log-group:*:x", "arn:aws:logs:eu-west-1:1:log-group:a:b:x", true),
            ("arn:aws:dynamodb:eu-west-1:222222222222:TABLE/orders", TABLE, false),
            ("arn:aws:dynamodb:eu-west-1:222222222222:table/*", "*", false),
            ("**", "*", true),
        ] {
            for effect in [Effect::Allow, Effect::Deny] {
                let found = fit(pattern, effect, CheckType::Principal, resource);
                assert_eq!(found, Fit::from(expected), "{effect:?} `{pattern}` on `{resource}`");
            }
        }
    }

    /// What AWS does not document: no allow, and a deny that nobody can rule out.
    #[test]
    fn where_nobody_knows_an_allow_does_not_match() {
        use CheckType::{Principal, Resource, ResourceControlPolicy, ServiceControlPolicy, Session};
        use Fit::{No, Unknown, Yes};
        let all_tables = "arn:aws:dynamodb:eu-west-1:222222222222:table/*";
        for (pattern, kind, resource, allow, deny) in [
            ("arn:aws:dynamodb", Principal, TABLE, Yes, Yes),
            ("arn:aws:dynamodb:eu-west-1:222222222222", Session, TABLE, Yes, Yes),
            ("arn:aws:dynamodb:eu-west-1", Resource, TABLE, No, Unknown),
            ("arn:aws:dynamodb:eu*", Resource, TABLE, Yes, Yes),
            ("arn:aws:dynamodb", ServiceControlPolicy, TABLE, No, Unknown),
            ("arn:aws:dyn*", ServiceControlPolicy, TABLE, Yes, Yes),
            ("arn:aws:dyn*", ResourceControlPolicy, TABLE, Yes, Yes),
            ("arn:aws:dynamodb", ResourceControlPolicy, TABLE, No, Unknown),
            ("arn:aws:s3", Resource, TABLE, No, No),
            ("arn:aws:dynamodb:*:${aws:PrincipalAccount}:table/orders", Principal, TABLE, No, Unknown),
            ("arn:aws:dynamodb:*:${aws:PrincipalAccount}:table/other", Principal, TABLE, No, No),
            ("arn:aws:dynamodb:eu-west-1:222222222222:table/?", Principal, all_tables, No, Unknown),
            ("arn:aws:dynamodb:eu-west-1:222222222222:table/*", Principal, all_tables, Yes, Yes),
            ("arn:aws:dynamodb:eu-west-1:222222222222:table/?*", Principal, TABLE, Yes, Yes),
        ] {
            assert_eq!(fit(pattern, Effect::Allow, kind, resource), allow, "allow `{pattern}` {kind:?}");
            assert_eq!(fit(pattern, Effect::Deny, kind, resource), deny, "deny `{pattern}` {kind:?}");
        }
    }
}
