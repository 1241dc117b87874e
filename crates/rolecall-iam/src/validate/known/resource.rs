//! Whether the ARNs of resources have the form of a type that their service has.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::reference;
use crate::validate::findings::Findings;
use crate::validate::written::{Text, Written};

/// The forms of ARNs by the service in them, which need not be the prefix of its actions: everything after
/// `arn:*:service:`. All at once, since every policy asks for some.
static FORMS: LazyLock<HashMap<&str, Vec<Form>>> = LazyLock::new(|| {
    let mut forms: HashMap<&str, Vec<Form>> = HashMap::new();
    let types = reference::services().flat_map(reference::Service::resource_types);
    for arn in types.flat_map(|it| it.arns()) {
        let parts: Vec<&'static str> = arn.splitn(6, ':').collect();
        let [_, _, service, region, account, resource] = *parts.as_slice() else { continue };
        forms.entry(service).or_default().push(Form { region, account, resource });
    }
    forms
});

#[derive(Clone, Copy)]
struct Form {
    region: &'static str,
    account: &'static str,
    resource: &'static str,
}

pub(super) fn check(policy: &Written<'_>, found: &mut Findings) {
    let names = ["Resource", "NotResource"];
    for text in policy.statements.iter().flat_map(|it| names.into_iter().flat_map(|name| it.strings(name))) {
        // Nothing that AWS takes is longer: reference-arns.
        if text.text.len() <= 2_048 {
            one(text, found);
        }
    }
}

fn one(arn: Text<'_>, found: &mut Findings) {
    let plain = without_variables(arn.text);
    let parts: Vec<&str> = plain.splitn(6, ':').collect();
    let ["arn", _, service, region, account, resource] = parts.as_slice() else { return };
    if service.is_empty() || service.contains(['*', '?']) {
        return;
    }
    let lower = service.to_ascii_lowercase();
    let Some(known) = FORMS.get(lower.as_str()) else {
        let message = format!("The service {service} does not exist. Use a valid service name.");
        // A service without types of resources of its own is one all the same.
        if reference::service(&lower).is_none() {
            found.error("INVALID_SERVICE", arn.span, message);
        }
        return;
    };
    if *service != lower {
        let message =
            format!("Update the service name {service} in the resource ARN to use all lowercase letters.");
        found.error("INVALID_ARN_SERVICE_CASE", arn.span, message);
        return;
    }
    let fitting: Vec<Form> = known.iter().filter(|form| overlap(form.resource, resource)).copied().collect();
    if fitting.is_empty() {
        let message =
            "Resource ARN does not match the expected ARN format. Update the resource portion of the ARN.";
        found.error("INVALID_ARN_RESOURCE", arn.span, message);
        return;
    }
    let none = |part: fn(&Form) -> &'static str| fitting.iter().all(|form| part(form).is_empty());
    let every = |part: fn(&Form) -> &'static str| fitting.iter().all(|form| !part(form).is_empty());
    let open = |text: &str| text.contains(['*', '?']);
    if !region.is_empty() && !open(region) && none(|form| form.region) {
        let message =
            format!("The service {service} does not support specifying a Region in the resource ARN.");
        found.error("ARN_REGION_NOT_ALLOWED", arn.span, message);
    }
    if region.is_empty() && every(|form| form.region) {
        let message = format!("Add a Region to the {service} resource ARN.");
        found.error("MISSING_ARN_REGION", arn.span, message);
    }
    if !account.is_empty() && !open(account) && none(|form| form.account) {
        let message =
            format!("The service {service} does not support specifying an account ID in the resource ARN.");
        found.error("ARN_ACCOUNT_NOT_ALLOWED", arn.span, message);
    }
    if account.is_empty() && every(|form| form.account) {
        let message = format!(
            "The resource {resource} in the arn is missing an account id. Please provide a 12 digit account id."
        );
        found.error("MISSING_ARN_ACCOUNT", arn.span, message);
    }
}

/// A variable stands for anything.
fn without_variables(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        out.push('*');
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

/// Whether some text matches both patterns. The set of places in `b` that each token of `a` can have reached is kept,
/// so that the work is never more than their product.
fn overlap(a: &str, b: &str) -> bool {
    let literal = |text: &str| text.find(['*', '?']).unwrap_or(text.len());
    let common = literal(a).min(literal(b));
    // Cheap, and true of nearly everything that does not fit.
    if a.get(..common) != b.get(..common) {
        return false;
    }
    let b: Vec<u8> = b.bytes().collect();
    // reached[j]: the part of `a` read so far and the first j bytes of `b` have a text in common.
    let mut reached = vec![true];
    reached.extend(b.iter().scan(true, |open, byte| {
        *open &= *byte == b'*';
        Some(*open)
    }));
    for token in a.bytes() {
        let mut next = Vec::with_capacity(reached.len());
        next.push(token == b'*' && reached.first() == Some(&true));
        for (j, byte) in b.iter().enumerate() {
            let (diagonal, above) = (reached.get(j) == Some(&true), reached.get(j + 1) == Some(&true));
            let left = next.last() == Some(&true);
            next.push(match (token, *byte) {
                (b'*', _) | (_, b'*') => above || left,
                (b'?', _) | (_, b'?') => diagonal,
                (x, y) => diagonal && x == y,
            });
        }
        reached = next;
    }
    reached.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_have_a_text_in_common() {
        for (a, b, expected) in [
            ("table/*", "table/orders", true),
            ("table/*", "table/*", true),
            ("table/*/index/*", "table/orders", false),
            ("table/*/index/*", "table/*", true),
            ("table/*", "*", true),
            ("table/*", "tab*", true),
            ("table/*", "t?ble/x", true),
            ("a*c", "*b*c", true),
            ("a*c", "a*d", false),
            ("*", "", true),
            ("", "", true),
            ("a", "", false),
            ("table/*", "stream/*", false),
        ] {
            assert_eq!(overlap(a, b), expected, "{a} {b}");
            assert_eq!(overlap(b, a), expected, "{b} {a}");
        }
    }
}
