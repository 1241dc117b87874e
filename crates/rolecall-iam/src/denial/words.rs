//! A pasted text without the marks of where it was copied from.

/// The text on one line: lines broken by a terminal come together, gutters and escapes go.
pub(super) struct Words(String);

impl Words {
    pub(super) fn new(text: &str) -> Self {
        let text = text.replace("\\n", " ").replace("\\\"", "\"").replace("&quot;", "\"").replace("\\/", "/");
        let bare = text.split_whitespace().filter(|word| !matches!(*word, "│" | "|" | "╷" | "╵" | ">"));
        Self(bare.collect::<Vec<_>>().join(" "))
    }

    pub(super) fn has(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    pub(super) fn after(&self, mark: &str) -> Option<&str> {
        self.0.split_once(mark).map(|(_, after)| after)
    }

    pub(super) fn around(&self, mark: &str) -> Option<(&str, &str)> {
        self.0.split_once(mark)
    }

    pub(super) fn between(&self, start: &str, end: &str) -> Option<String> {
        let (inside, _) = self.after(start)?.split_once(end)?;
        (!inside.contains(' ')).then(|| inside.to_owned())
    }

    /// `operation error DynamoDB: ListTables, https response error …`
    pub(super) fn go_operation(&self) -> Option<String> {
        let (_, rest) = self.after("operation error ")?.split_once(": ")?;
        Some(token(rest, |byte| byte.is_ascii_alphanumeric()).to_owned()).filter(|name| !name.is_empty())
    }
}

/// The beginning of `text` that consists of such bytes.
pub(super) fn token(text: &str, part: impl Fn(u8) -> bool) -> &str {
    let end = text.bytes().position(|byte| !part(byte)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}
