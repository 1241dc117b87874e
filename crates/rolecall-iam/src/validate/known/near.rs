//! The name that was probably meant.

/// The one of `names` that differs least from `wrong`, and by no more than a third of it. Case does not count.
pub(super) fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // No name of AWS's is as long.
    if wrong.len() > 80 {
        return None;
    }
    let wrong = wrong.to_ascii_lowercase();
    let limit = (wrong.len() / 3).max(1);
    let close = names.filter(|name| name.len().abs_diff(wrong.len()) <= limit);
    let measured = close.map(|name| (distance(wrong.as_bytes(), name.to_ascii_lowercase().as_bytes()), name));
    measured.filter(|(far, _)| *far <= limit).min_by_key(|(far, _)| *far).map(|(_, name)| name)
}

/// How many bytes must be put in, taken out or changed.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        let mut next = vec![before];
        for (right, above) in b.iter().zip(row.iter().skip(1)) {
            let changed = diagonal + usize::from(left != right);
            before = changed.min(above + 1).min(before + 1);
            diagonal = *above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn what_was_probably_meant() {
        let names = ["GetItem", "PutItem", "BatchGetItem"];
        for (wrong, expected) in
            [("GetItems", Some("GetItem")), ("putitm", Some("PutItem")), ("Nothing", None), ("", None)]
        {
            assert_eq!(nearest(wrong, names.into_iter()), expected, "{wrong}");
        }
    }
}
