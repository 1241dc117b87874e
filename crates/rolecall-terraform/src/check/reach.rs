//! What each role is good for: roles that can do nothing, policies that nobody has, roles that anyone can assume.

use std::collections::BTreeSet;

use rolecall_iam::Arn;

use super::patch::Grant;
use super::{Checking, Finding, Label, Report, catalogue};
use crate::estate::Subject;

impl Checking<'_> {
    /// What each role is good for.
    pub(super) fn reach(&self, report: &mut Report) {
        let assumed: BTreeSet<String> = report.links.iter().map(|link| link.to.clone()).collect();
        let mut mended = BTreeSet::new();
        for role in &assumed {
            self.without_permissions(role, report, &mut mended);
        }
        self.unattached(report, &mended);
        for subject in self.all.documents.keys() {
            if let Subject::Trust(role) = subject {
                self.anyone(role, report);
            }
        }
    }

    /// A role that is assumed and can do nothing. Where one policy of its account is attached to nothing, it is likely
    /// the one that was meant for it.
    fn without_permissions(&self, arn: &str, report: &mut Report, mended: &mut BTreeSet<String>) {
        let Some(role) = self.all.estate.role(arn) else { return };
        if !role.identity.inline.is_empty() || !role.identity.attached.is_empty() {
            return;
        }
        // A policy on a resource may name the role.
        if self.names.is_named_by_a_resource(arn) {
            return;
        }
        let account = Arn::parse(arn).and_then(|arn| arn.account_id());
        let free = account.map(|account| self.names.free_policies(account)).unwrap_or_default();
        let mut labels = Vec::new();
        labels.extend(
            self.declared(arn)
                .map(|place| Label { place, text: "no policy is attached to this role".to_owned() }),
        );
        let attachable = account.map(|account| self.names.attachable(self.all, account)).unwrap_or_default();
        let (patch, help) = match attachable.as_slice() {
            [one] if free.len() == 1 => {
                mended.insert((*one).to_owned());
                let text = "and this one is attached to nothing".to_owned();
                labels.extend(self.declared(one).map(|place| Label { place, text }));
                self.patch(&[Grant::attach(arn, one)])
            }
            _ => (Vec::new(), vec!["attach the policies it needs: `aws_iam_role_policy_attachment`, or `aws_iam_role_policy`".to_owned()]),
        };
        report.findings.push(Finding {
            check: catalogue::by_id("RC003"),
            sentence: format!(
                "{} can be assumed, and can do nothing: it has no permissions",
                self.called(arn)
            ),
            labels,
            help,
            patch,
            hangs_on: Vec::new(),
            about: arn.to_owned(),
        });
    }

    fn unattached(&self, report: &mut Report, mended: &BTreeSet<String>) {
        for policy in self.names.all_free_policies().filter(|policy| !mended.contains(*policy)) {
            let text = "nobody has it".to_owned();
            report.findings.push(Finding {
                check: catalogue::by_id("RC045"),
                sentence: format!("{} is attached to nothing, and allows nothing", self.called(policy)),
                labels: self.declared(policy).map(|place| Label { place, text }).into_iter().collect(),
                help: vec!["attach it, or take it out".to_owned()],
                patch: Vec::new(),
                hangs_on: Vec::new(),
                about: policy.to_owned(),
            });
        }
    }
}
