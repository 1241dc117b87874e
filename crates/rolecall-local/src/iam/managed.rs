//! The policies that AWS manages. They lie compressed in the program, and are unpacked when one is asked for.
//!
//! <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html>

use std::collections::{BTreeMap, BTreeSet};

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZFlush, MZStatus};
use rolecall_iam::{Estate, Policy};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::iam::describe::ManagedPolicy;

/// See `data/README.md`.
const PACKED: &[u8] = include_bytes!("../../data/managed-policies.json.z");

/// What begins the ARN of every policy that AWS manages.
pub(super) const PREFIX: &str = "arn:aws:iam::aws:policy/";

/// A policy of AWS's, without its document.
#[derive(Debug, Deserialize)]
pub(super) struct Summary {
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) path: String,
    pub(super) version: u32,
    pub(super) created: i64,
    pub(super) updated: i64,
}

/// The rest of a line of the packed file.
#[derive(Deserialize)]
struct Document {
    document: String,
}

/// A policy of AWS's, in the version that was the default one when the copy here was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsPolicy {
    /// The document, as JSON.
    pub document: String,
    /// The number of the version.
    pub version: u32,
    /// When that version was made, in seconds since 1970.
    pub updated: i64,
}

/// Those of these policies that AWS manages and of which a copy is here, by ARN. The copy is looked through once.
///
/// ```
/// let arn = "arn:aws:iam::aws:policy/AdministratorAccess".to_owned();
/// let found = rolecall_local::aws_policies(&[arn.clone()].into());
/// assert_eq!(found[&arn].version, 1);
/// assert!(rolecall_local::aws_policies(&["arn:aws:iam::aws:policy/None".to_owned()].into()).is_empty());
/// ```
pub fn aws_policies(arns: &BTreeSet<String>) -> BTreeMap<String, AwsPolicy> {
    let mut found = BTreeMap::new();
    let wanted = arns.iter().filter(|arn| arn.starts_with(PREFIX)).count();
    if wanted == 0 {
        return found;
    }
    unpack(|line| -> Option<()> {
        let arn = line.strip_prefix("{\"arn\":\"")?.split('"').next()?;
        let arn = arns.get(arn)?;
        let Summary { version, updated, .. } = serde_json::from_str(line).ok()?;
        let Document { document } = serde_json::from_str(line).ok()?;
        found.insert(arn.clone(), AwsPolicy { document, version, updated });
        (found.len() == wanted).then_some(())
    });
    found
}

/// Puts the policy with this ARN among those in use, so that it can decide. Says whether AWS has it.
pub(crate) fn load(estate: &mut Estate, arn: &str) -> bool {
    if estate.aws_policies.contains_key(arn) {
        return true;
    }
    let Some((_, document)) = find(arn) else { return false };
    estate.aws_policies.insert(arn.to_owned(), Policy::lenient(&document));
    true
}

/// The policy with this ARN, and the document of its default version.
pub(super) fn find(arn: &str) -> Option<(Summary, String)> {
    if !arn.starts_with(PREFIX) || arn.contains(['"', '\\']) {
        return None;
    }
    let start = format!("{{\"arn\":\"{arn}\",");
    unpack(|line| {
        line.starts_with(&start).then_some(())?;
        let Document { document } = serde_json::from_str(line).ok()?;
        Some((serde_json::from_str(line).ok()?, document))
    })
}

/// All of them, in the order of their ARNs.
pub(super) fn all() -> Vec<Summary> {
    let mut all = Vec::new();
    unpack(|line| -> Option<()> {
        all.extend(serde_json::from_str::<Summary>(line));
        None
    });
    all
}

impl Summary {
    /// Its unique id. AWS's is not known here: this one follows from the ARN, so that it never changes.
    pub(super) fn id(&self) -> String {
        let hash = Sha256::digest(self.arn.as_bytes());
        let digits = hash.iter().take(9).map(|byte| format!("{byte:02X}")).collect::<String>();
        "ANPA".chars().chain(digits.chars().take(17)).collect()
    }

    /// As answers show it.
    pub(super) fn described<'a>(
        &'a self,
        id: &'a str,
        (attached, bounds): (usize, usize),
    ) -> ManagedPolicy<'a> {
        ManagedPolicy {
            arn: &self.arn,
            name: &self.name,
            path: &self.path,
            id,
            default_version: self.version,
            created: self.created,
            updated: self.updated,
            description: None,
            attached,
            bounds,
        }
    }
}

/// Gives the lines of the packed file one after the other until `each` has what it wants. The whole is never in
/// memory: it is seven times as large as the packed file.
fn unpack<T>(mut each: impl FnMut(&str) -> Option<T>) -> Option<T> {
    let mut state = InflateState::new_boxed(DataFormat::Zlib);
    let mut buffer = vec![0; 64 * 1024];
    let (mut packed, mut line) = (PACKED, Vec::new());
    loop {
        let step = inflate(&mut state, packed, &mut buffer, MZFlush::None);
        packed = packed.get(step.bytes_consumed..)?;
        let unpacked = buffer.get(..step.bytes_written)?;
        let mut pieces = unpacked.split(|byte| *byte == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            line.extend_from_slice(piece);
            // The last piece goes on in the next buffer.
            if pieces.peek().is_some() {
                let found = each(std::str::from_utf8(&line).ok()?);
                if found.is_some() {
                    return found;
                }
                line.clear();
            }
        }
        if !matches!(step.status, Ok(MZStatus::Ok)) {
            return each(std::str::from_utf8(&line).ok()?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_is_there_and_can_be_read() {
        let mut count = 0;
        unpack(|line| -> Option<()> {
            let summary: Summary = serde_json::from_str(line).unwrap();
            let Document { document } = serde_json::from_str(line).unwrap();
            assert_eq!(summary.arn, format!("arn:aws:iam::aws:policy{}{}", summary.path, summary.name));
            let policy = Policy::lenient(&document);
            assert!(policy.document().statements.iter().all(|it| !it.broken), "{}", summary.arn);
            count += 1;
            None
        });
        assert_eq!(all().len(), count);
        assert!(count > 1400, "{count}");
    }

    #[test]
    fn one_is_found_by_its_arn_and_no_other() {
        let (summary, document) = find("arn:aws:iam::aws:policy/job-function/Billing").unwrap();
        assert_eq!((&*summary.name, &*summary.path), ("Billing", "/job-function/"));
        assert!(document.starts_with('{'));
        assert_eq!(summary.id(), find("arn:aws:iam::aws:policy/job-function/Billing").unwrap().0.id());
        for none in
            ["arn:aws:iam::aws:policy/Billing", "arn:aws:iam::111111111111:policy/AdministratorAccess", ""]
        {
            assert!(find(none).is_none(), "{none}");
        }
    }

    #[test]
    fn several_are_found_at_once() {
        let arns =
            ["ReadOnlyAccess", "job-function/Billing", "NoSuchPolicy"].map(|it| format!("{PREFIX}{it}"));
        let found = aws_policies(&arns.clone().into());
        assert_eq!(found.keys().collect::<Vec<_>>(), [&arns[0], &arns[1]]);
        assert!(found.values().all(|it| it.version > 1 && it.updated > 1_400_000_000), "{found:?}");
    }

    #[test]
    fn only_what_is_used_is_kept() {
        let mut estate = Estate::default();
        assert!(load(&mut estate, "arn:aws:iam::aws:policy/ReadOnlyAccess"));
        assert!(!load(&mut estate, "arn:aws:iam::aws:policy/NoSuchPolicy"));
        assert_eq!(estate.aws_policies.len(), 1);
    }
}
