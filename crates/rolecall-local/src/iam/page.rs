//! Listings in pages: `MaxItems`, `Marker` and `IsTruncated`.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::fault::Fault;
use crate::iam::names;
use crate::wire::params::Params;
use crate::wire::xml::Xml;

/// One page of a listing.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    marker: Option<String>,
}

impl<T> Page<T> {
    /// The page that is asked for. Items stand in the order of their keys, and a marker holds the key of the last
    /// one shown: what is made or deleted between two pages moves nothing else.
    pub(super) fn of(params: &Params, items: impl IntoIterator<Item = (String, T)>) -> Result<Self, Fault> {
        let most = names::number(params, "MaxItems", 1, 1000)?.unwrap_or(100);
        let most = usize::try_from(most).unwrap_or(100);
        let after = params.get("Marker").map(read_marker).transpose()?;
        let mut items: Vec<(String, T)> =
            items.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after)).collect();
        items.sort_by(|(left, _), (right, _)| left.cmp(right));
        let truncated = items.len() > most;
        items.truncate(most);
        let last = items.last().filter(|_| truncated);
        let marker = last.map(|(key, _)| URL_SAFE_NO_PAD.encode(key));
        Ok(Self { items: items.into_iter().map(|(_, item)| item).collect(), marker })
    }

    /// Writes whether there is more, and where to go on.
    pub(super) fn end(&self, xml: &mut Xml) {
        xml.text("IsTruncated", self.marker.is_some()).maybe("Marker", self.marker.as_deref());
    }
}

fn read_marker(marker: &str) -> Result<String, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(marker).ok();
    let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    key.ok_or_else(|| Fault::validation("Invalid Marker."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(form: &str) -> Result<Page<u32>, Fault> {
        let items = (0..250).rev().map(|number| (format!("{number:03}"), number));
        Page::of(&Params::parse(form.as_bytes()), items)
    }

    #[test]
    fn page_after_page() {
        let (mut seen, mut marker) = (Vec::new(), String::new());
        for _ in 0..3 {
            let page = page(&marker).unwrap();
            seen.extend(page.items.clone());
            marker = page.marker.map(|marker| format!("Marker={marker}")).unwrap_or_default();
        }
        assert_eq!(seen, (0..250).collect::<Vec<_>>());
        assert_eq!(marker, "", "the third page is the last");
    }

    #[test]
    fn limits() {
        assert_eq!(page("MaxItems=1000").unwrap().items.len(), 250);
        assert_eq!(page("MaxItems=250").unwrap().marker, None);
        for (form, expected) in [
            ("MaxItems=0", "Member must have value greater than or equal to 1"),
            ("MaxItems=1001", "Member must have value less than or equal to 1000"),
            ("MaxItems=x", "Invalid integer for MaxItems"),
            ("Marker=***", "Invalid Marker."),
        ] {
            let found = page(form).unwrap_err().message;
            assert!(found.contains(expected), "{form}: {found}");
        }
    }
}
