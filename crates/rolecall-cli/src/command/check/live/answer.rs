//! Answers of the Query protocol, as the JSON that the AWS CLI prints of them.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use serde_json::{Map, Value as Json};

/// Elements may be in each other so deep; those of IAM are six.
const DEEPEST: usize = 32;

/// Lists that may be empty: an empty element says nothing of what it would hold.
const LISTS: [&str; 11] = [
    "AttachedManagedPolicies",
    "EvaluationResults",
    "GroupDetailList",
    "GroupList",
    "GroupPolicyList",
    "InstanceProfileList",
    "MissingContextValues",
    "Policies",
    "PolicyVersionList",
    "Roles",
    "Tags",
];

/// An element that is being read.
#[derive(Default)]
struct Open {
    name: String,
    members: Vec<(String, Json)>,
    text: String,
}

impl Open {
    fn close(self) -> (String, Json) {
        let Self { name, members, text } = self;
        let is_list = !members.is_empty() && members.iter().all(|(name, _)| name == "member");
        let value = if is_list {
            Json::Array(members.into_iter().map(|(_, value)| value).collect())
        } else if !members.is_empty() {
            Json::Object(members.into_iter().collect::<Map<_, _>>())
        } else if LISTS.contains(&name.as_str()) || name.ends_with("List") {
            Json::Array(Vec::new())
        } else if name.starts_with("Is") && (text == "true" || text == "false") {
            Json::Bool(text == "true")
        } else {
            Json::String(text)
        };
        (name, value)
    }
}

/// What is in the outermost element; none if this is no such answer.
pub(super) fn of_query(text: &str) -> Option<Json> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Open> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if open.len() < DEEPEST => {
                open.push(Open { name: start.local_name().as_ref().to_owned(), ..Open::default() });
            }
            Event::Empty(empty) => {
                let closed = Open { name: empty.local_name().as_ref().to_owned(), ..Open::default() }.close();
                match open.last_mut() {
                    Some(parent) => parent.members.push(closed),
                    None => return Some(closed.1),
                }
            }
            Event::End(_) => {
                let closed = open.pop()?.close();
                match open.last_mut() {
                    Some(parent) => parent.members.push(closed),
                    None => return Some(closed.1),
                }
            }
            Event::Text(text) => open.last_mut().into_iter().for_each(|it| it.text += &text.xml10_content()),
            Event::CData(text) => open.last_mut().into_iter().for_each(|it| it.text += &text.xml10_content()),
            Event::GeneralRef(name) => {
                let text = &mut open.last_mut()?.text;
                match name.resolve_char_ref().ok()? {
                    Some(c) => text.push(c),
                    None => *text += resolve_predefined_entity(&name)?,
                }
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Start(_) | Event::DocType(_) | Event::Eof => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_become_what_the_cli_prints() {
        let text = "<?xml version=\"1.0\"?>\n<XResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n\
            <XResult><IsTruncated>false</IsTruncated><RoleDetailList>\n <member><RoleName>a&amp;b&#x41;</RoleName>\
            <Tags/><RolePolicyList></RolePolicyList><Path>/</Path></member></RoleDetailList><Policies/></XResult>\
            </XResponse>";
        assert_eq!(
            of_query(text).unwrap(),
            json!({ "XResult": {
                "IsTruncated": false,
                "RoleDetailList": [{ "RoleName": "a&bA", "Tags": [], "RolePolicyList": [], "Path": "/" }],
                "Policies": [],
            } })
        );
    }

    #[test]
    fn what_is_no_answer_is_none() {
        let deep = format!("{}x{}", "<a>".repeat(100), "</a>".repeat(100));
        for text in ["", "hello", "{}", "<a>", "<a></b>", "<a>&nobody;</a>", "<!DOCTYPE a><a/>", &deep] {
            assert_eq!(of_query(text), None, "{text}");
        }
    }
}
