//! What is asked of an infrastructure, and what is found in it.
//!
//! Every answer is the engine's. A finding is about a chain, not about a text: which role cannot become which, and which
//! half is missing. What hangs on something that is not known is undecided, and never passes.

mod caller;
mod catalogue;
mod chain;
mod circle;
mod document;
mod edge;
mod environment;
mod expectation;
mod names;
mod order;
mod patch;
mod power;
mod reach;
mod session;
mod size;
mod trust;
mod whose;
mod workload;

use rolecall_iam::Ask;

pub use self::catalogue::{CHECKS, Check, Severity};
pub use self::chain::Link;
pub use self::expectation::{Answer, Expectation, Outcome};
pub use self::patch::Edit;

use self::names::Names;
use crate::estate::Infrastructure;
use crate::place::Place;

/// What was found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which check found it.
    pub check: &'static Check,
    /// One sentence.
    pub sentence: String,
    /// Where: the first is where it is to be mended.
    pub labels: Vec<Label>,
    /// What to do, in words.
    pub help: Vec<String>,
    /// What to do, as edits of files; empty where nobody but a person can.
    pub patch: Vec<Edit>,
    /// What it hangs on, where it is undecided.
    pub hangs_on: Vec<String>,
    /// What it is about, the same from run to run: addresses, not lines.
    pub about: String,
}

/// A place, and what is to be said about it.
#[derive(Clone, Debug)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What.
    pub text: String,
}

/// The answer to everything that was asked.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What was expected, and what is.
    pub outcomes: Vec<Outcome>,
    /// What was found beside that.
    pub findings: Vec<Finding>,
    /// The links between roles, and between workloads and roles.
    pub links: Vec<Link>,
}

impl Report {
    /// Asks everything.
    pub fn of(infrastructure: &Infrastructure, expectations: &[Expectation]) -> Self {
        let ask = Ask::new(&infrastructure.estate);
        let checking = Checking { all: infrastructure, ask, names: Names::new(infrastructure) };
        let mut report = Self::default();
        checking.edges(&mut report);
        checking.workloads(&mut report);
        checking.reach(&mut report);
        checking.documents(&mut report);
        checking.shared_roles(&mut report);
        checking.trusts(&mut report);
        checking.passed_along(&mut report);
        checking.sizes(&mut report);
        checking.callers(&mut report);
        checking.order(&mut report);
        checking.circles(&mut report);
        checking.environments(expectations, &mut report);
        checking.powers(expectations, &mut report);
        report.outcomes = expectations.iter().map(|expectation| checking.expected(expectation)).collect();
        report.findings.sort_by_key(|finding| {
            let place = finding.labels.first().map(|label| label.place);
            (std::cmp::Reverse(finding.check.severity), place, finding.check.id)
        });
        report
    }

    /// Everything that was found, expectations that do not hold among it.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        self.outcomes.iter().flat_map(|outcome| &outcome.findings).chain(&self.findings)
    }

    /// The edits of all findings together: what can be one policy is one.
    pub fn patch(&self, infrastructure: &Infrastructure) -> Vec<Edit> {
        patch::together(infrastructure, self.all_findings().flat_map(|finding| &finding.patch))
    }
}

/// Everything that is asked with.
struct Checking<'a> {
    all: &'a Infrastructure,
    ask: Ask<'a>,
    names: Names<'a>,
}

impl Checking<'_> {
    /// A text for a person: symbols by what they stand for, marks as `⟨name⟩`.
    fn shown(&self, text: &str) -> String {
        shown(self.all, text)
    }

    /// Where a role, user, group or policy is declared.
    fn declared(&self, arn: &str) -> Option<Place> {
        self.all.declared.get(arn).map(|declared| declared.header)
    }

    /// What a person would call it: its address, or else its ARN.
    fn called(&self, arn: &str) -> String {
        match self.all.declared.get(arn) {
            Some(declared) => format!("`{}`", declared.address),
            None => format!("`{}`", self.shown(arn)),
        }
    }
}

/// A text for a person: symbols by what they stand for, marks as `⟨name⟩`, nothing that is sensitive.
pub fn shown(infrastructure: &Infrastructure, text: &str) -> String {
    let mut rest = infrastructure.symbols.shown(text);
    while let Some((before, tail)) = rest.split_once("${rolecall:unknown/") {
        let Some((name, after)) = tail.split_once('}') else { break };
        rest = format!("{before}⟨{name}⟩{after}");
    }
    infrastructure.secrets.hide(&rest)
}
