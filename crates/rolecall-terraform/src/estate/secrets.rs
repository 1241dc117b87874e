//! What no report may show: values marked sensitive, and external ids.
//!
//! <https://developer.hashicorp.com/terraform/language/values/variables#suppressing-values-in-cli-output>
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html>

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;

use rolecall_iam::Policy;
use serde_json::Value as Json;

use crate::value::{Kind, Text, Value};

/// What is shown instead of a secret.
const HIDDEN: &str = "(sensitive)";

/// From this many bytes on a secret is looked for anywhere; a shorter one only where it is a word of its own.
const LONG: usize = 4;

/// Values that no report may show, whatever it quotes.
///
/// ```
/// let mut secrets = rolecall_terraform::estate::Secrets::default();
/// secrets.add("hunter22");
/// assert_eq!(secrets.hide("asks for hunter22"), "asks for (sensitive)");
/// assert_eq!(secrets.mask("id = \"hunter22\""), "id = \"********\"");
/// assert_eq!(format!("{secrets:?}"), "Secrets");
/// ```
#[derive(Clone, Default)]
pub struct Secrets {
    /// The longer ones first: one may be part of another.
    values: BTreeSet<(Reverse<usize>, String)>,
    /// What policies name that are sensitive as a whole: a secret unless it stands in clear elsewhere.
    of_policies: BTreeSet<String>,
}

impl Secrets {
    /// Adds one, as it is and as JSON and HCL write it.
    pub fn add(&mut self, secret: &str) {
        // Quotes and wildcards are everywhere.
        if secret.len() < LONG && !secret.contains(char::is_alphanumeric) {
            return;
        }
        let quoted = Json::from(secret).to_string();
        let quoted = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
        // A text of several lines is quoted line by line.
        let lines = secret.lines().map(str::trim).filter(|line| line.len() >= LONG);
        let forms = lines.chain([quoted, secret]);
        self.values.extend(forms.map(|form| (Reverse(form.len()), form.to_owned())));
    }

    /// Adds those of another.
    pub(crate) fn join(&mut self, other: Self) {
        self.values.extend(other.values);
        self.of_policies.extend(other.of_policies);
    }

    /// Plans and states mark a policy as a whole where one value in it is sensitive: what is known without it is none.
    pub(crate) fn settle(&mut self, is_known: impl Fn(&str) -> bool) {
        for name in std::mem::take(&mut self.of_policies) {
            if !is_known(&name) {
                self.add(&name);
            }
        }
    }

    /// The external ids that a policy asks for. One that is not known is a mark, which is no secret.
    pub(crate) fn add_external_ids(&mut self, policy: &Policy) {
        let known = policy.external_ids().filter(|id| !id.contains("${rolecall:unknown/"));
        known.for_each(|id| self.add(id));
    }

    /// The sensitive parts of a value.
    pub(crate) fn add_value(&mut self, value: &Value) {
        self.add_part(value, false);
    }

    fn add_part(&mut self, value: &Value, is_whole_sensitive: bool) {
        let is_sensitive = value.is_sensitive || is_whole_sensitive;
        match &value.kind {
            Kind::List(elements) | Kind::Set(elements) => {
                elements.iter().for_each(|it| self.add_part(it, is_sensitive));
            }
            Kind::Object(object) => object.members.values().for_each(|it| self.add_part(it, is_sensitive)),
            Kind::Text(text) => self.add_pieces(text, is_sensitive),
            Kind::Number(_) if is_sensitive => {
                value.to_text().iter().for_each(|text| self.add_pieces(text, true));
            }
            Kind::Number(_) | Kind::Null | Kind::Bool(_) | Kind::Unknown(_) => {}
        }
    }

    /// The sensitive parts of a text.
    pub(crate) fn add_text(&mut self, text: &Text) {
        self.add_pieces(text, false);
    }

    fn add_pieces(&mut self, text: &Text, is_whole_sensitive: bool) {
        for piece in text.pieces().iter().filter(|piece| piece.is_sensitive || is_whole_sensitive) {
            if let Ok(known) = &piece.content {
                self.add_document_or(known);
            }
        }
    }

    /// Of a policy, whom and what it names; otherwise the text.
    fn add_document_or(&mut self, text: &str) {
        match serde_json::from_str::<Json>(text) {
            Ok(document @ Json::Object(_)) => self.add_names(&document),
            _ => self.add(text),
        }
    }

    fn add_names(&mut self, json: &Json) {
        match json {
            Json::String(text) => {
                self.of_policies.insert(text.clone());
            }
            Json::Array(elements) => elements.iter().for_each(|it| self.add_names(it)),
            // The words of the policy language say nothing by themselves.
            Json::Object(members) => {
                let own = ["Version", "Effect", "Action", "NotAction"];
                let names = members.iter().filter(|(key, _)| !own.contains(&key.as_str()));
                names.for_each(|(_, it)| self.add_names(it));
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    /// A text for a person: `(sensitive)` for each of them.
    pub fn hide(&self, text: &str) -> String {
        self.replace(text, |_| HIDDEN.to_owned())
    }

    /// A text of the same length, with stars for each of them: places in it stay true.
    pub fn mask(&self, text: &str) -> String {
        self.replace(text, |secret| "*".repeat(secret.len()))
    }

    /// Whether one of them is in a text.
    pub fn is_in(&self, text: &str) -> bool {
        self.values.iter().any(|(_, secret)| find(text, secret, 0).is_some())
    }

    fn replace(&self, text: &str, with: impl Fn(&str) -> String) -> String {
        let mut text = text.to_owned();
        for (_, secret) in &self.values {
            let mut from = 0;
            while let Some(at) = find(&text, secret, from) {
                let instead = with(secret);
                text.replace_range(at..at + secret.len(), &instead);
                from = at + instead.len();
            }
        }
        text
    }
}

/// Where a secret stands, from an offset on.
fn find(text: &str, secret: &str, from: usize) -> Option<usize> {
    if secret.is_empty() {
        return None;
    }
    let mut from = from;
    loop {
        let at = from + text.get(from..)?.find(secret)?;
        let before = text.get(..at)?.chars().next_back();
        let after = text.get(at + secret.len()..)?.chars().next();
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        if secret.len() >= LONG || (!is_word(before) && !is_word(after)) {
            return Some(at);
        }
        from = at + secret.len();
    }
}

/// Shows none of them.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is added, a text, and what is shown of it.
    #[test]
    fn what_is_hidden() {
        let cases = [
            ("hunter22", "id hunter22, hunter22x", "id (sensitive), (sensitive)x"),
            ("7", "7 of 17 in v7 (7)", "(sensitive) of 17 in v7 ((sensitive))"),
            ("\"", r#"{"id": "x"}"#, r#"{"id": "x"}"#),
            ("*", "arn:aws:iam::*:role/*", "arn:aws:iam::*:role/*"),
            ("", "nothing", "nothing"),
            ("a\"b\\c", r#"{"id": "a\"b\\c"}"#, r#"{"id": "(sensitive)"}"#),
            ("first line\nsecond line", "| second line", "| (sensitive)"),
        ];
        for (secret, text, shown) in cases {
            let mut secrets = Secrets::default();
            secrets.add(secret);
            assert_eq!(secrets.hide(text), shown);
            assert_eq!(secrets.mask(text).len(), text.len());
        }
    }

    #[test]
    fn the_longer_one_goes_first() {
        let mut secrets = Secrets::default();
        secrets.add("sesame");
        secrets.add("open-sesame");
        assert_eq!(secrets.hide("open-sesame and sesame"), "(sensitive) and (sensitive)");
    }

    #[test]
    fn of_a_policy_whom_and_what_it_names() {
        let mut secrets = Secrets::default();
        let text = Value::from(
            r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::vault"}]}"#,
        );
        secrets.add_value(&text.sensitive_if(true));
        let mut known = secrets.clone();
        known.settle(|name| name == "arn:aws:s3:::vault");
        assert_eq!(known.hide("arn:aws:s3:::vault"), "arn:aws:s3:::vault");
        secrets.settle(|_| false);
        assert_eq!(secrets.hide("Allow s3:* on arn:aws:s3:::vault"), "Allow s3:* on (sensitive)");
    }

    #[test]
    fn parts_of_what_is_sensitive() {
        let secret = Value::list(vec![Value::from("open-sesame"), Value::from("close")]).sensitive_if(true);
        let mut secrets = Secrets::default();
        secrets.add_value(&Value::list(vec![Value::from("said"), secret]));
        assert_eq!(secrets.hide("said open-sesame, close"), "said (sensitive), (sensitive)");
    }
}
