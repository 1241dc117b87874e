//! XML answers, as the Query protocol gives them.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use std::fmt::Display;

use quick_xml::escape::escape;

use crate::fault::Fault;

/// A piece of XML in the making: elements only, no attributes.
#[derive(Debug, Default)]
pub(crate) struct Xml(String);

impl Xml {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// `<name>text</name>`
    pub(crate) fn text(&mut self, name: &str, text: impl Display) -> &mut Self {
        let text = text.to_string();
        self.nest(name, |xml| xml.0.push_str(&escape(text.as_str())))
    }

    /// `<name>text</name>`, where there is a text.
    pub(crate) fn maybe(&mut self, name: &str, text: Option<impl Display>) -> &mut Self {
        if let Some(text) = text {
            self.text(name, text);
        }
        self
    }

    /// `<name>` around what `inside` writes.
    pub(crate) fn nest(&mut self, name: &str, inside: impl FnOnce(&mut Self)) -> &mut Self {
        self.0.extend(["<", name, ">"]);
        inside(self);
        self.0.extend(["</", name, ">"]);
        self
    }

    /// `<name><member>…</member>…</name>`
    pub(crate) fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut member: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        self.nest(name, |xml| {
            for item in items {
                xml.nest("member", |xml| member(xml, item));
            }
        })
    }
}

/// The answer to `action`: its result element around `result`, and the request id.
pub(crate) fn response(namespace: &str, action: &str, result: &Xml, request_id: &str) -> String {
    let mut out = String::with_capacity(result.0.len() + 256);
    out.extend(["<", action, "Response xmlns=\"", namespace, "\">"]);
    out.extend(["<", action, "Result>", &result.0, "</", action, "Result>"]);
    out.extend([
        "<ResponseMetadata><RequestId>",
        request_id,
        "</RequestId></ResponseMetadata></",
        action,
        "Response>",
    ]);
    out
}

/// An error as the Query protocol has it.
pub(crate) fn error(namespace: &str, fault: &Fault, request_id: &str) -> String {
    let mut inside = Xml::new();
    inside.nest("Error", |xml| {
        xml.text("Type", if fault.status < 500 { "Sender" } else { "Receiver" });
        xml.text("Code", &fault.code).text("Message", &fault.message);
    });
    inside.text("RequestId", request_id);
    format!("<ErrorResponse xmlns=\"{namespace}\">{}</ErrorResponse>", inside.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_lists_and_escapes() {
        let mut xml = Xml::new();
        xml.text("Name", "a<b&\"c\"").maybe("Path", None::<&str>).list("Tags", ["x", "y"], |xml, tag| {
            xml.text("Key", tag);
        });
        assert_eq!(
            xml.0,
            "<Name>a&lt;b&amp;&quot;c&quot;</Name>\
             <Tags><member><Key>x</Key></member><member><Key>y</Key></member></Tags>"
        );
    }
}
