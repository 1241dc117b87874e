//! What tells a finding from others, and is the same from run to run: the check and what it is about, not lines.

use rolecall_terraform::check::{Finding, shown};
use rolecall_terraform::estate::Infrastructure;

/// `RC001:FROM TO`. What is undecided has another: once it is decided it is another finding.
pub(super) fn fingerprint(infrastructure: &Infrastructure, finding: &Finding) -> String {
    let about = shown(infrastructure, &finding.about);
    let open = if finding.hangs_on.is_empty() { "" } else { "undecided:" };
    format!("{}:{open}{about}", finding.check.id)
}
