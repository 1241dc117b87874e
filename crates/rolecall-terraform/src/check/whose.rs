//! Accounts that nobody has said, and accounts that are named and are nobody's here: the one may be the other, and what
//! would be refused between two accounts is undecided then.

use rolecall_iam::{Arn, Identity};

use super::edge::{ASSUME, Sides};
use super::{Checking, Finding, Label, catalogue};
use crate::estate::Subject;
use crate::place::Place;

impl Checking<'_> {
    /// Why it is not known whether a role can be assumed, where that is because nobody has said which account one of the
    /// two is in.
    pub(super) fn whose_account(&self, from: &str, to: &str, sides: &Sides) -> Option<Finding> {
        let (account, digits, place) =
            self.may_be_trusted(from, to).or_else(|| self.may_be_named(from, to))?;
        let labels = [(place, "this account may be it"), (sides.allowed_at, "allowed here")];
        let label =
            |(place, text): (Option<Place>, &str)| Some(Label { place: place?, text: text.to_owned() });
        Some(Finding {
            check: catalogue::by_id(if sides.is_trusted { "RC001" } else { "RC002" }),
            sentence: format!(
                "whether {} can assume {} is undecided: nobody has said whether {account} is {digits}",
                self.called(from),
                self.called(to)
            ),
            labels: labels.into_iter().filter_map(label).collect(),
            help: vec![
                "say which account it is: `--account PROVIDER=ACCOUNT`, `ACCOUNT=PATH`, or `[accounts]` in rolecall.toml"
                    .to_owned(),
            ],
            patch: Vec::new(),
            hangs_on: vec![account],
            about: format!("{from} {to}"),
        })
    }

    /// The role trusts an account that is nobody's here, and nobody knows which the caller's is.
    fn may_be_trusted(&self, from: &str, to: &str) -> Option<(String, String, Option<Place>)> {
        let account = self.unsaid(from)?;
        let trust = self.all.documents.get(&Subject::Trust(to.to_owned()))?;
        let statements = &trust.document.policy.document().statements;
        statements.iter().find_map(|statement| {
            let digits = statement.principal_accounts().map(|account| account.to_string());
            let digits = digits.into_iter().find(|digits| self.is_nobodys(digits))?;
            let place = trust.principal(statement, &digits);
            Some((account.clone(), digits, Some(place)))
        })
    }

    /// The caller may assume a role of this name in an account that is nobody's here, and nobody knows which the role's is.
    fn may_be_named(&self, from: &str, to: &str) -> Option<(String, String, Option<Place>)> {
        let account = self.unsaid(to)?;
        let to = Arn::parse(to)?;
        let role = self.all.estate.role(from).map(|role| &role.identity);
        let identity: &Identity = match role {
            Some(identity) => identity,
            None => &self.all.estate.user(from)?.identity,
        };
        let managed = identity.attached.iter().filter_map(|arn| self.all.estate.managed_policy(arn));
        let mut named = identity.inline.values().chain(managed).flat_map(|policy| policy.named_for(ASSUME));
        named.find_map(|(_, arn)| {
            let arn = Arn::parse(arn)?;
            let is_it = arn.resource == to.resource && self.is_nobodys(arn.account);
            is_it.then(|| (account.clone(), arn.account.to_owned(), None))
        })
    }

    /// The account of a role or user, for a person, where nobody has said which it is.
    fn unsaid(&self, arn: &str) -> Option<String> {
        let unknown = self.all.symbols.meant_by(Arn::parse(arn)?.account)?;
        unknown.is_account().then(|| unknown.0.to_string())
    }

    /// Whether an account is none of those here.
    fn is_nobodys(&self, digits: &str) -> bool {
        let is_here = digits.parse().is_ok_and(|id| self.all.estate.account(id).is_some());
        !is_here && !self.all.known_accounts.contains(digits)
    }
}
