//! Times as AWS writes them.

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const ISO: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
const BASIC: &[BorrowedFormatItem<'static>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");

const HTTP: &[BorrowedFormatItem<'static>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// `Sun, 22 Nov 2026 07:33:00 GMT`, as the `Date` of an answer has it.
pub(crate) fn http(seconds: i64) -> String {
    write(seconds, HTTP)
}

/// `2026-11-22T07:33:00Z`
pub(crate) fn iso(seconds: i64) -> String {
    write(seconds, ISO)
}

/// `20261122T073300Z`, as signatures have it.
pub(crate) fn basic(seconds: i64) -> String {
    write(seconds, BASIC)
}

/// Reads `20261122T073300Z`.
pub(crate) fn read_basic(text: &str) -> Option<i64> {
    let date = time::PrimitiveDateTime::parse(text, BASIC).ok()?;
    Some(date.assume_utc().unix_timestamp())
}

fn write(seconds: i64, format: &[BorrowedFormatItem<'static>]) -> String {
    let date = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    date.format(format).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let text = basic(1_793_518_380);
        assert_eq!(text, "20261101T073300Z");
        assert_eq!(read_basic(&text), Some(1_793_518_380));
        assert_eq!(iso(0), "1970-01-01T00:00:00Z");
        assert_eq!(http(1_793_518_380), "Sun, 01 Nov 2026 07:33:00 GMT");
        assert_eq!(read_basic("2026-11-01"), None);
    }
}
