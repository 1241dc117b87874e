//! Services that act for whoever asks them: whether a role says for whom.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html#cross-service-confused-deputy-prevention>

use std::collections::BTreeSet;

use rolecall_iam::{AccountId, Arn, Given, LetIn};

use super::{Checking, Finding, Trusting, is_plain};

/// Services whose own page shows the condition in the trust policy of a role that they assume. Others do not send these
/// keys, or do not say that they do: then a condition would lock them out.
const DOCUMENTED: [(&str, &str); 4] = [
    (
        "personalize",
        "https://docs.aws.amazon.com/personalize/latest/dg/cross-service-confused-deputy-prevention.html",
    ),
    ("sagemaker", "https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html"),
    ("states", "https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html"),
    ("vpc-flow-logs", "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html"),
];

impl Checking<'_> {
    /// Whether a service gets in on behalf of another account.
    pub(super) fn deputy(&self, trusting: &Trusting<'_>) -> Option<Finding> {
        let policy = &trusting.written.document.policy;
        let services = policy.let_in().filter_map(|(statement, who)| match who {
            LetIn::Service(service) if std::ptr::eq(statement, trusting.statement) => Some(service),
            LetIn::Service(_)
            | LetIn::Everyone
            | LetIn::Account(_)
            | LetIn::Principal(_)
            | LetIn::Federated(_)
            | LetIn::Other(_) => None,
        });
        let services: Vec<&str> = services.collect();
        let first = services.first()?;
        if let Some(found) = self.sources_that_disagree(trusting, first) {
            return Some(found);
        }
        services.into_iter().find_map(|service| self.on_behalf_of_anybody(trusting, service))
    }

    fn on_behalf_of_anybody(&self, trusting: &Trusting<'_>, service: &str) -> Option<Finding> {
        let name = service.strip_suffix(".amazonaws.com")?;
        let (_, page) = DOCUMENTED.iter().find(|(known, _)| *known == name)?;
        let stranger = AccountId::STRANGER;
        let mut given = Given::default();
        given.context.insert("aws:SourceAccount", stranger.to_string());
        given.context.insert("aws:SourceArn", format!("arn:aws:{name}:us-east-1:{stranger}:anything/any"));
        if !self.is_let_in(service, "sts:AssumeRole", trusting.role, &given) {
            return None;
        }
        let role = self.called(trusting.role);
        let sentence = format!("{role} does not say for which account {service} may assume it");
        let label = (trusting.principals(), "on behalf of whatever account");
        let help = format!("demand `aws:SourceAccount`, or the resource by `aws:SourceArn`: {page}");
        Some(trusting.finding("RC026", sentence, label, service).help(help))
    }

    /// `aws:SourceArn` and `aws:SourceAccount` of two accounts never hold at once.
    fn sources_that_disagree(&self, trusting: &Trusting<'_>, service: &str) -> Option<Finding> {
        let of_arns = accounts(trusting, "aws:SourceArn", |arn| Arn::parse(arn)?.account_id())?;
        let of_accounts = accounts(trusting, "aws:SourceAccount", |account| account.parse().ok())?;
        let role = self.called(trusting.role);
        let listed = |accounts: &BTreeSet<AccountId>| {
            let accounts: Vec<String> = accounts.iter().map(|it| self.shown(&it.to_string())).collect();
            accounts.join(", ")
        };
        let is_made_up = |id: &AccountId| self.all.symbols.meant_by(id.as_str()).is_some();
        let place = |key| trusting.about(key).next().map(|entry| trusting.values(entry));
        if !of_arns.is_empty() && !of_accounts.is_empty() && of_arns.is_disjoint(&of_accounts) {
            let sentence = format!(
                "{service} can never assume {role}: aws:SourceArn is of account {}, aws:SourceAccount is {}",
                listed(&of_arns),
                listed(&of_accounts)
            );
            let label = (place("aws:SourceAccount")?, "both must hold, of one account");
            let help = "name in both the account whose resource the service acts for";
            let is_certain = !of_arns.iter().chain(&of_accounts).any(is_made_up);
            return is_certain.then(|| trusting.finding("RC027", sentence, label, service).help(help));
        }
        // A service of this list acts for resources of the role's own account: a role is passed within one account.
        let name = service.strip_suffix(".amazonaws.com")?;
        DOCUMENTED.iter().find(|(known, _)| *known == name)?;
        let own = Arn::parse(trusting.role)?.account_id()?;
        let (key, named) = if of_accounts.is_empty() {
            ("aws:SourceArn", of_arns)
        } else {
            ("aws:SourceAccount", of_accounts)
        };
        if named.is_empty() || named.contains(&own) || is_made_up(&own) || named.iter().any(is_made_up) {
            return None;
        }
        let sentence = format!(
            "{service} can assume {role} for account {} only, and the role is of account {own}",
            listed(&named)
        );
        let label = (place(key)?, "another account than the role's");
        let help = "name the account of the role: a role is only passed to a service within its account";
        Some(trusting.finding("RC027", sentence, label, service).help(help))
    }
}

/// The accounts that a key is compared with; none where one of the values does not say, or need not hold.
fn accounts(
    trusting: &Trusting<'_>,
    key: &'static str,
    account: impl Fn(&str) -> Option<AccountId>,
) -> Option<BTreeSet<AccountId>> {
    let mut found = BTreeSet::new();
    for entry in trusting.statement.entries().filter(|entry| entry.is(key)) {
        if entry.is_null() || entry.passes_without_the_key() {
            return None;
        }
        for value in entry.values() {
            found.insert(account(value).filter(|_| is_plain(value))?);
        }
    }
    Some(found)
}
