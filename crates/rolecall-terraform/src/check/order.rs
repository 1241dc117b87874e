//! In which order root modules can be applied: IAM takes a principal into a trust policy only if it is there.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles>

use std::collections::{BTreeMap, HashSet};

use super::{Checking, Finding, Label, Report, catalogue};
use crate::estate::Subject;
use crate::place::Place;

/// A trust policy of one root module that names what another makes.
struct Across<'a> {
    role: &'a str,
    principal: &'a str,
    place: Place,
}

impl Checking<'_> {
    /// Says which root must be there first, once for each two of them.
    pub(super) fn order(&self, report: &mut Report) {
        let made_up: HashSet<&str> = self.all.symbols.names().map(|(_, made)| made).collect();
        let mut across: BTreeMap<(usize, usize), Across<'_>> = BTreeMap::new();
        for (subject, written) in &self.all.documents {
            let Subject::Trust(role) = subject else { continue };
            let Some(own) = self.all.declared.get(role).map(|it| it.root) else {
                continue;
            };
            for (statement, principal) in written.document.policy.trusted() {
                let Some(other) = self.all.declared.get(principal).map(|it| it.root) else {
                    continue;
                };
                // What has an id is there already.
                let id = self.all.estate.unique_id(principal).filter(|id| !id.is_empty());
                let is_there = id.is_some_and(|id| !made_up.contains(id));
                if own != other && !is_there {
                    let place = written.principal(statement, principal);
                    across.entry((own, other)).or_insert(Across { role, principal, place });
                }
            }
        }
        for ((own, other), Across { role, principal, place }) in &across {
            let is_mutual = across.contains_key(&(*other, *own));
            if is_mutual && own > other {
                continue;
            }
            let root = |index: usize| self.all.roots.get(index).map(|name| name.display().to_string());
            let (Some(own), Some(other)) = (root(*own), root(*other)) else { continue };
            let when = if is_mutual {
                format!("and `{other}` trusts a role of `{own}` in turn: neither can be applied first")
            } else {
                format!("which `{other}` makes: it must be applied first")
            };
            let mut labels = vec![Label {
                place: *place,
                text: "IAM refuses a principal that is not there yet".to_owned(),
            }];
            let text = "made here".to_owned();
            labels.extend(self.declared(principal).map(|place| Label { place, text }));
            report.findings.push(Finding {
                check: catalogue::by_id("RC019"),
                sentence: format!(
                    "{} in `{own}` trusts {}, {when}",
                    self.called(role),
                    self.called(principal)
                ),
                labels,
                help: vec![
                    "or trust the account (`arn:aws:iam::ACCOUNT:root`) with the condition ArnEquals aws:PrincipalArn on the \
                     role's ARN: that is saved before the role is there, and lets in a new one of the same name"
                        .to_owned(),
                ],
                patch: Vec::new(),
                hangs_on: Vec::new(),
                about: format!("{role} {principal} order"),
            });
        }
    }
}
