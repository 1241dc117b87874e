//! Accounts that nobody has said, told by the ARNs nearby: a policy that names `arn:aws:iam::111111111111:role/task`, where
//! one role of that name is made in an account that is not known, says which account that is. It must be a policy of
//! another account: within one's own nobody needs to spell it out. It is said to whoever reads the report.

use std::collections::{BTreeMap, BTreeSet};

use crate::evaluate::Resource;
use crate::place::Place;
use crate::value::{Kind, Text, Unknown, Value};

/// What stands before the account in the ARN of a role or user.
const IAM: &str = "arn:aws:iam::";

/// The accounts that can be told, each with the place that says so. Where two places disagree neither is believed.
pub(super) fn accounts(resources: &[Resource]) -> BTreeMap<Unknown, (String, Option<Place>)> {
    let mut makers: BTreeMap<String, Vec<&Unknown>> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for resource in resources {
        let Some((account, name)) = made(resource) else { continue };
        match account.as_known() {
            Some(digits) => {
                known.insert(format!("{IAM}{digits}:{name}"));
            }
            None => makers.entry(name).or_default().extend(account.first_unknown()),
        }
    }
    let mut said: BTreeMap<Unknown, Vec<(String, Option<Place>)>> = BTreeMap::new();
    for resource in resources {
        visit(&resource.value, &mut |text, place| {
            for (digits, name) in arns(text) {
                // One that is made in the account it names says nothing about others.
                let is_known = known.contains(&format!("{IAM}{digits}:{name}"));
                let is_own = |account: &Unknown| resource.provider.account.first_unknown() == Some(account);
                if let Some([account]) = makers.get(name).map(Vec::as_slice).filter(|_| !is_known)
                    && !is_own(account)
                {
                    said.entry((*account).clone()).or_default().push((digits.to_owned(), place));
                }
            }
        });
    }
    let agreed = |(account, votes): (Unknown, Vec<(String, Option<Place>)>)| {
        let first = votes.first()?.clone();
        votes.iter().all(|(digits, _)| *digits == first.0).then_some((account, first))
    };
    let told: BTreeMap<_, _> = said.into_iter().filter_map(agreed).collect();
    // Two accounts are not one.
    let digits: Vec<String> = told.values().map(|(digits, _)| digits.clone()).collect();
    let is_one = |digit: &String| digits.iter().filter(|other| *other == digit).count() == 1;
    told.into_iter().filter(|(_, (digits, _))| is_one(digits)).collect()
}

/// The account of a role or user, and `role/PATH/NAME`, where that is known.
fn made(resource: &Resource) -> Option<(&Text, String)> {
    let noun = match resource.name.kind.as_str() {
        "aws_iam_role" => "role",
        "aws_iam_user" => "user",
        _ => return None,
    };
    let text = |name: &str| resource.get(name).and_then(|value| value.as_known_text());
    Some((&resource.provider.account, format!("{noun}{}{}", text("path")?, text("name")?)))
}

/// Every text in a value that is known from end to end.
fn visit(value: &Value, see: &mut impl FnMut(&str, Option<Place>)) {
    match &value.kind {
        Kind::Text(text) => {
            for piece in text.pieces() {
                if let Ok(known) = &piece.content {
                    see(known, piece.place);
                }
            }
            // An account may be filled in between two pieces.
            if let (Some(whole), [_, _, ..]) = (text.as_known(), text.pieces()) {
                see(&whole, value.place);
            }
        }
        Kind::List(elements) | Kind::Set(elements) => elements.iter().for_each(|element| visit(element, see)),
        Kind::Object(object) => object.members.values().for_each(|member| visit(member, see)),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Unknown(_) => {}
    }
}

/// The ARNs of roles and users in a text: the account's digits, and `role/PATH/NAME`.
fn arns(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(IAM).skip(1).filter_map(|rest| {
        let (digits, rest) = rest.split_once(':')?;
        let is_account = digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '\\'));
        let name = rest.get(..end.unwrap_or(rest.len()))?;
        (is_account && (name.starts_with("role/") || name.starts_with("user/"))).then_some((digits, name))
    })
}
