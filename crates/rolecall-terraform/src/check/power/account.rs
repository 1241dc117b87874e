//! Accounts of one's own that are trusted as a whole, and who in them may thereby assume the role though nobody thought of
//! it: by a policy that allows everything of STS, or all but some.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts>

use std::collections::BTreeMap;

use rolecall_iam::{AccountId, Decision, Effect, Given, LetIn, Statement};

use super::{Holder, Level, Powers, account_of};
use crate::check::{Finding, Label, Report, catalogue};
use crate::estate::{Subject, Written};

const ASSUME: &str = "sts:assumerole";

/// More than this many are not named.
const NAMED: usize = 5;

impl<'a> Powers<'_, 'a> {
    /// Looks at each role that trusts another account as a whole. What allows `sts:AssumeRole` by its name is RC039's.
    pub(super) fn whole_accounts(&self, report: &mut Report) {
        let mut wide: BTreeMap<AccountId, Vec<&Holder<'a>>> = BTreeMap::new();
        for (subject, written) in &self.checking.all.documents {
            let Subject::Trust(role) = subject else { continue };
            for (statement, who) in written.document.policy.let_in() {
                let LetIn::Account(account) = who else { continue };
                if account_of(role) == Some(account) || !statement.might_allow(ASSUME) {
                    continue;
                }
                let wide = wide.entry(account).or_insert_with(|| self.wide(account));
                report.findings.extend(self.let_in_by_the_way(role, written, statement, account, wide));
            }
        }
    }

    /// Those of an account who may assume whatever trusts them, and are no administrators.
    fn wide(&self, account: AccountId) -> Vec<&Holder<'a>> {
        let is_by_the_way = |statement: &Statement| {
            let is_everything =
                statement.is_not_resource() || statement.resources().any(|resource| resource == "*");
            let is_named = !statement.is_not_action() && statement.actions().any(|action| action == ASSUME);
            statement.might_allow(ASSUME) && is_everything && !is_named
        };
        let here = self.holders.iter().filter(|holder| holder.account == account);
        let wide =
            here.filter(|holder| self.might(holder, ASSUME) && self.statements(holder).any(is_by_the_way));
        wide.filter(|holder| self.level(&holder.arn) != Level::Administrator).collect()
    }

    fn let_in_by_the_way(
        &self,
        role: &str,
        written: &Written,
        statement: &Statement,
        account: AccountId,
        wide: &[&Holder<'a>],
    ) -> Option<Finding> {
        let is_named = |holder: &Holder<'a>| {
            self.policies(holder)
                .flat_map(|policy| policy.named_for(ASSUME))
                .any(|(_, resource)| rolecall_iam::pattern::matches(resource, role))
        };
        let is_let_in = |holder: &&&Holder<'a>| {
            !is_named(holder)
                && self.decision(&holder.arn, "sts:AssumeRole", role, &Given::default(), None)
                    == Decision::Allowed
        };
        let found: Vec<&&Holder<'a>> = wide.iter().filter(is_let_in).take(NAMED).collect();
        let first = found.first()?;
        let checking = self.checking;
        let names: Vec<String> = found.iter().map(|holder| checking.called(&holder.arn)).collect();
        let place = written.principals(statement);
        let mut labels = vec![Label { place, text: "the whole account is trusted here".to_owned() }];
        if let Ok(chain) = checking.chain(&first.arn, &[], "sts:AssumeRole", role, &Given::default())
            && let Some(asked) = chain.asked.first()
        {
            let allows = checking.statements(&checking.ask.verdict(asked), asked, Effect::Allow);
            labels.extend(allows.into_iter().filter(|label| label.place != place));
        }
        Some(Finding {
            check: catalogue::by_id("RC023"),
            sentence: format!(
                "{} trusts all of account {}, and so lets in {}, whose policies allow it without naming it",
                checking.called(role),
                checking.shown(account.as_str()),
                names.join(", ")
            ),
            labels,
            help: vec![
                "name the roles and users that are meant, or add a condition on aws:PrincipalArn or aws:PrincipalTag"
                    .to_owned(),
            ],
            patch: Vec::new(),
            hangs_on: Vec::new(),
            about: format!("{role} {account}"),
        })
    }
}
