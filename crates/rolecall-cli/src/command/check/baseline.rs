//! A baseline: the fingerprints of what was found when it was written, and fails the check no more.

use std::collections::BTreeSet;
use std::path::Path;

use rolecall_terraform::check::{Report, shown};
use rolecall_terraform::estate::Infrastructure;
use serde::{Deserialize, Serialize};

use super::fingerprint::fingerprint;
use crate::failure::{Failure, Kind};

const SCHEMA: &str = "rolecall/baseline/1";

/// The file, as it is written.
#[derive(Deserialize, Serialize)]
struct Content {
    schema: String,
    findings: Vec<Entry>,
}

#[derive(Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
struct Entry {
    fingerprint: String,
    /// For whoever reads the file; of no meaning.
    sentence: String,
}

/// What is accepted.
#[derive(Debug, Default)]
pub(super) struct Baseline {
    fingerprints: BTreeSet<String>,
}

impl Baseline {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let wrong = |why: String| {
            Failure::new(Kind::Input, format!("the baseline `{}` {why}", path.display()))
                .hint("`rolecall check --write-baseline FILE` writes one")
        };
        let text =
            std::fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
        let content: Content =
            serde_json::from_str(&text).map_err(|error| wrong(format!("is no baseline: {error}")))?;
        if content.schema != SCHEMA {
            return Err(wrong(format!("has the schema `{}`: this is made for {SCHEMA}", content.schema)));
        }
        Ok(Self { fingerprints: content.findings.into_iter().map(|entry| entry.fingerprint).collect() })
    }

    /// Writes everything that a report has into a file, and gives it.
    pub(super) fn write(
        path: &Path,
        infrastructure: &Infrastructure,
        report: &Report,
    ) -> Result<Self, Failure> {
        let entry = |finding: &rolecall_terraform::check::Finding| Entry {
            fingerprint: fingerprint(infrastructure, finding),
            sentence: shown(infrastructure, &finding.sentence),
        };
        let mut findings: Vec<Entry> = report.all_findings().map(entry).collect();
        findings.sort();
        findings.dedup();
        let fingerprints = findings.iter().map(|entry| entry.fingerprint.clone()).collect();
        let content = Content { schema: SCHEMA.to_owned(), findings };
        let text = serde_json::to_string_pretty(&content)
            .map_err(|error| Failure::new(Kind::Other, format!("the baseline cannot be written: {error}")))?;
        std::fs::write(path, text + "\n").map_err(|error| {
            Failure::new(Kind::Other, format!("the baseline `{}` cannot be written: {error}", path.display()))
        })?;
        Ok(Self { fingerprints })
    }

    /// Whether it has this one.
    pub(super) fn has(&self, fingerprint: &str) -> bool {
        self.fingerprints.contains(fingerprint)
    }

    /// What it has that is found no more.
    pub(super) fn gone<'a>(&'a self, found: &'a BTreeSet<String>) -> impl Iterator<Item = &'a str> {
        self.fingerprints.difference(found).map(String::as_str)
    }
}
