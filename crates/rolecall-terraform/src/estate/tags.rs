//! Tags of roles and users, which conditions ask for: those that are written, those of the provider, and those that there
//! may be beside them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_iam-tags.html>,
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags-configuration-block>

use std::collections::{BTreeMap, BTreeSet};

use rolecall_iam::unknown;
use serde_json::Value as Json;

use super::Builder;
use super::holder::Noun;
use crate::evaluate::Resource;
use crate::value::{Object, Text, Unknown, Value};

impl Builder {
    /// The tags of a resource. Where there may be more, that is kept until it is known which ones policies ask for.
    pub(super) fn tags(&mut self, resource: &Resource, noun: &str, key: &str) -> BTreeMap<String, String> {
        let all = resource.get("tags_all").filter(|all| all.as_object().is_some_and(|it| it.rest.is_none()));
        let is_all = all.is_some();
        let own = all.or_else(|| resource.get("tags"));
        let default = resource.provider.default_tags.clone().filter(|_| !is_all);
        let (mut tags, default_rest) = self.tags_of(default.as_ref());
        let (own, own_rest) = self.tags_of(own.as_ref());
        if let Some(why) = &own_rest {
            // It may say something else than the provider.
            tags.values_mut().for_each(|value| *value = unknown(why));
        }
        tags.extend(own);
        let mut rest = own_rest.or(default_rest);
        if let Some(why) = resource.ignores(&["tags", "tags_all"]) {
            tags.values_mut().for_each(|value| *value = unknown(&why));
            rest = Some(why);
        } else if resource.provider.ignores_tags {
            let why = format!("the tags that provider {} ignores", resource.provider.key);
            rest = rest.or(Some(why));
        }
        let noun = [Noun::Role, Noun::User].into_iter().find(|it| it.word() == noun);
        if let (Some(why), Some(noun), Some(account)) = (rest, noun, self.account(resource)) {
            self.open_tags.push((account, noun, key.to_owned(), why));
        }
        tags
    }

    /// The tags of a map, and why there may be more.
    fn tags_of(&mut self, tags: Option<&Value>) -> (BTreeMap<String, String>, Option<String>) {
        let Some(tags) = tags else { return (BTreeMap::new(), None) };
        let Some(Object { members, rest }) = tags.as_object() else {
            let why = tags.first_unknown().map(|why| why.0.to_string());
            return (BTreeMap::new(), why);
        };
        let mut known = BTreeMap::new();
        for (key, value) in members {
            let text = value.to_text().unwrap_or_else(|| {
                Text::hole(value.first_unknown().unwrap_or_else(|| Unknown::new(format!("the tag {key}"))))
            });
            known.insert(key.clone(), self.text(&text));
        }
        (known, rest.as_ref().map(|why| why.0.to_string()))
    }

    /// Of those who may have more tags: each tag that policies ask for has a value that is not known, or is not there.
    pub(super) fn open_tags(&mut self) {
        let all = std::mem::take(&mut self.open_tags);
        if all.is_empty() {
            return;
        }
        let mut asked = BTreeSet::new();
        asked_for(&serde_json::to_value(&self.all.estate).unwrap_or_default(), &mut asked);
        for (account, noun, key, why) in all {
            let Some(identity) = self.find(account, noun, &key) else { continue };
            for tag in &asked {
                if !identity.tags.keys().any(|held| held.eq_ignore_ascii_case(tag)) {
                    identity.tags.insert(tag.clone(), unknown(&why));
                }
            }
        }
    }
}

/// The tags that policies ask for, wherever they stand in a value: `aws:PrincipalTag/team`, `${aws:ResourceTag/team}`.
fn asked_for(value: &Json, asked: &mut BTreeSet<String>) {
    match value {
        Json::String(text) => match serde_json::from_str::<Json>(text) {
            Ok(inside @ (Json::Object(_) | Json::Array(_))) => asked_for(&inside, asked),
            _ => tags_in(text, asked),
        },
        Json::Array(all) => all.iter().for_each(|it| asked_for(it, asked)),
        Json::Object(members) => members.iter().for_each(|(key, it)| {
            tags_in(key, asked);
            asked_for(it, asked);
        }),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn tags_in(text: &str, asked: &mut BTreeSet<String>) {
    let lower = text.to_ascii_lowercase();
    for (start, found) in lower.match_indices("tag/") {
        let rest = text.get(start + found.len()..).unwrap_or_default();
        let tag = rest.split(['}', ',', '"']).next().unwrap_or_default();
        if !tag.is_empty() && tag.len() <= 128 {
            asked.insert(tag.to_ascii_lowercase());
        }
    }
}
