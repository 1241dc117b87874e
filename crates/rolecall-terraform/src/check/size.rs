//! What is too large, or too many, for IAM.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>

use rolecall_iam::{Identity, Policy};

use super::{Checking, Finding, Label, Report, catalogue};
use crate::estate::{Declared, Subject};

/// A quota: what it is of, as it is given, and the most that can be had for the asking.
#[derive(Clone, Copy)]
struct Quota {
    of: &'static str,
    given: usize,
    most: usize,
}

const TRUST: Quota = Quota { of: "characters in a trust policy", given: 2048, most: 4096 };
const MANAGED: Quota = Quota { of: "characters in a managed policy", given: 6144, most: 6144 };
const ATTACHED: Quota = Quota { of: "managed policies attached to it", given: 10, most: 20 };
const ATTACHED_TO_GROUP: Quota = Quota { of: "managed policies attached to it", given: 10, most: 10 };
const INLINE: &str = "characters in all its inline policies together";
const INLINE_OF_ROLE: Quota = Quota { of: INLINE, given: 10_240, most: 10_240 };
const INLINE_OF_USER: Quota = Quota { of: INLINE, given: 2048, most: 2048 };
const INLINE_OF_GROUP: Quota = Quota { of: INLINE, given: 5120, most: 5120 };

impl Checking<'_> {
    /// Holds every document and every list of attachments to its quota.
    pub(super) fn sizes(&self, report: &mut Report) {
        for (subject, written) in &self.all.documents {
            let (arn, quota) = match subject {
                Subject::Trust(arn) => (arn, TRUST),
                Subject::Managed(arn) => (arn, MANAGED),
                Subject::Inline(..) | Subject::Resource(_) | Subject::Control(_) => continue,
            };
            self.held_to(quota, size(&written.document.policy), arn, report);
        }
        for account in self.all.estate.accounts.values() {
            for role in account.roles.values() {
                let arn = account.role_arn(role);
                self.identity(&arn, &role.identity, [INLINE_OF_ROLE, ATTACHED], report);
            }
            for user in account.users.values() {
                let arn = account.user_arn(user);
                self.identity(&arn, &user.identity, [INLINE_OF_USER, ATTACHED], report);
            }
            for group in account.groups.values() {
                let arn = account.iam_arn("group", &group.identity.path, &group.identity.name);
                self.identity(&arn, &group.identity, [INLINE_OF_GROUP, ATTACHED_TO_GROUP], report);
            }
        }
    }

    fn identity(&self, arn: &str, identity: &Identity, [inline, attached]: [Quota; 2], report: &mut Report) {
        let sizes: Option<Vec<usize>> = identity.inline.values().map(size).collect();
        self.held_to(inline, sizes.map(|sizes| sizes.iter().sum()), arn, report);
        let is_known = identity.attached.iter().all(|arn| arn.starts_with("arn:") && !arn.contains("${"));
        self.held_to(attached, is_known.then_some(identity.attached.len()), arn, report);
    }

    fn held_to(&self, quota: Quota, count: Option<usize>, arn: &str, report: &mut Report) {
        let Some(count) = count.filter(|count| *count > quota.given) else { return };
        let Some(Declared { header, .. }) = self.all.declared.get(arn) else { return };
        let unless = if count <= quota.most { ", unless the account's quota has been raised" } else { "" };
        let Quota { of, given, most } = quota;
        let mut help = vec![if of == ATTACHED.of {
            "join policies, or put what belongs together into one".to_owned()
        } else {
            "join statements that differ in their actions or resources only, or make several policies of it"
                .to_owned()
        }];
        if most > given {
            help.push(format!("AWS raises this quota to at most {most}, for the asking"));
        }
        report.findings.push(Finding {
            check: catalogue::by_id("RC018"),
            sentence: format!("{} has {count} {of}, and IAM takes {given}{unless}", self.called(arn)),
            labels: vec![Label { place: *header, text: format!("{} more than the quota", count - given) }],
            help,
            patch: Vec::new(),
            hangs_on: Vec::new(),
            about: format!("{arn} {of}"),
        });
    }
}

/// How many characters IAM counts: white space is none. Nothing where parts are not known.
fn size(policy: &Policy) -> Option<usize> {
    let text = policy.text();
    let is_known = !text.contains("${rolecall:unknown/");
    is_known.then(|| text.chars().filter(|c| !c.is_whitespace()).count())
}
