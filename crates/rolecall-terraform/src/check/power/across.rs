//! Roles that are assumed from other accounts, and may do more than one hands out of an account.

use std::collections::{BTreeMap, BTreeSet};

use rolecall_iam::{AccountId, Decision, Effect, Given};

use super::{Level, Powers, account_of};
use crate::check::{Finding, Label, Report, catalogue};
use crate::estate::Subject;
use crate::place::Place;

/// Roles that AWS makes in each account of an organisation, with everything allowed.
///
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html>
/// <https://docs.aws.amazon.com/controltower/latest/userguide/roles-how.html>
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs-self-managed.html>
const MADE_FOR_IT: [&str; 3] =
    ["OrganizationAccountAccessRole", "AWSControlTowerExecution", "AWSCloudFormationStackSetExecutionRole"];

/// What somebody reads who reads everything, as `ReadOnlyAccess`.
const READS: [(&str, &str); 3] = [
    ("s3:GetObject", "arn:aws:s3:::rolecall-any/any"),
    ("dynamodb:Scan", "arn:aws:dynamodb:us-east-1:{account}:table/rolecall-any"),
    ("ssm:GetParameter", "arn:aws:ssm:us-east-1:{account}:parameter/rolecall-any"),
];

/// What is worth more than it looks, asked for on a resource that nobody names: what it is, the action, the resource.
///
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
const CALLS: [(&str, &str, &str); 12] = [
    ("hands out credentials", "iam:CreateAccessKey", "arn:aws:iam::{account}:user/rolecall-any"),
    ("hands out credentials", "iam:CreateLoginProfile", "arn:aws:iam::{account}:user/rolecall-any"),
    (
        "reads what is kept",
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:us-east-1:{account}:secret:rolecall-any",
    ),
    ("reads what is kept", "ssm:GetParameter", "arn:aws:ssm:us-east-1:{account}:parameter/rolecall-any"),
    ("reads what is kept", "s3:GetObject", "arn:aws:s3:::rolecall-any/any"),
    ("lets others in", "s3:PutBucketPolicy", "arn:aws:s3:::rolecall-any"),
    ("lets others in", "lambda:AddPermission", "arn:aws:lambda:us-east-1:{account}:function:rolecall-any"),
    ("lets others in", "sqs:AddPermission", "arn:aws:sqs:us-east-1:{account}:rolecall-any"),
    ("lets others in", "sns:AddPermission", "arn:aws:sns:us-east-1:{account}:rolecall-any"),
    ("lets others in", "ecr:SetRepositoryPolicy", "arn:aws:ecr:us-east-1:{account}:repository/rolecall-any"),
    (
        "lets others in",
        "secretsmanager:PutResourcePolicy",
        "arn:aws:secretsmanager:us-east-1:{account}:secret:rolecall-any",
    ),
    ("lets others in", "iam:UpdateAssumeRolePolicy", "arn:aws:iam::{account}:role/rolecall-any"),
];

/// A role that is assumed from elsewhere.
struct Shared<'s> {
    arn: &'s str,
    account: AccountId,
    /// From which accounts.
    from: BTreeSet<AccountId>,
    /// Where they are let in.
    place: Option<Place>,
}

impl<'a> Powers<'_, 'a> {
    /// Looks at each role that is assumed from another account.
    pub(super) fn across_accounts(&self, report: &mut Report) {
        for role in self.shared() {
            let name = role.arn.rsplit('/').next().unwrap_or_default();
            if MADE_FOR_IT.contains(&name) {
                continue;
            }
            let found = self.may_do_everything(&role).or_else(|| self.all_but_some(&role));
            report.findings.extend(found.or_else(|| self.worth_more(&role)));
        }
    }

    /// The roles whose trust policies let in somebody of another account.
    fn shared(&self) -> Vec<Shared<'_>> {
        let mut shared = Vec::new();
        for (subject, written) in &self.checking.all.documents {
            let Subject::Trust(arn) = subject else { continue };
            let Some(account) = account_of(arn) else { continue };
            let statements = &written.document.policy.document().statements;
            let mut role = Shared { arn, account, from: BTreeSet::new(), place: None };
            for statement in statements.iter().filter(|it| it.might_allow("sts:assumerole")) {
                let others: Vec<AccountId> =
                    statement.principal_accounts().filter(|other| *other != account).collect();
                if !others.is_empty() {
                    role.place.get_or_insert_with(|| written.principals(statement));
                    role.from.extend(others);
                }
            }
            if !role.from.is_empty() {
                shared.push(role);
            }
        }
        shared
    }

    /// An administrator, a power user, or somebody who reads everything.
    fn may_do_everything(&self, role: &Shared<'_>) -> Option<Finding> {
        let what = match self.level(role.arn) {
            Level::Some if READS.iter().all(|(action, resource)| self.is_allowed(role, action, resource)) => {
                "reads everything, what is in tables and buckets too"
            }
            Level::Some => return None,
            Level::Power => "may do everything but IAM",
            Level::Administrator => "may do everything",
        };
        let (action, resource) = READS[0];
        Some(self.finding(
            "RC041",
            role,
            format!("{} is assumed from {}, and {what}", self.checking.called(role.arn), self.accounts(role)),
            self.labels(role, action, resource),
            "give it the actions and resources that it is there for",
        ))
    }

    /// A statement that allows all but some.
    fn all_but_some(&self, role: &Shared<'_>) -> Option<Finding> {
        let (_, holder) = self.holder(role.arn)?;
        for (subject, policy) in self.subjects(role.arn, holder) {
            let Some(written) = self.checking.all.documents.get(&subject) else { continue };
            let statements = policy.document().statements.iter();
            let mut allowing = statements.filter(|statement| statement.effect == Effect::Allow);
            let is_open = |statement: &&rolecall_iam::Statement| {
                let is_everywhere = statement.resources().any(|resource| resource == "*");
                statement.is_not_resource() || (statement.is_not_action() && is_everywhere)
            };
            let Some(statement) = allowing.find(is_open) else { continue };
            let what = if statement.is_not_resource() { "NotResource" } else { "NotAction" };
            let place = written.actions(statement);
            return Some(self.finding(
                "RC035",
                role,
                format!(
                    "{} is assumed from {}, and allowed all but what `{what}` names",
                    self.checking.called(role.arn),
                    self.accounts(role)
                ),
                vec![Label { place, text: "what AWS adds later is allowed too".to_owned() }],
                "name what it may, with Action and Resource; what it must not, in a statement that denies it",
            ));
        }
        None
    }

    /// Calls that are worth more than they look, on everything.
    fn worth_more(&self, role: &Shared<'_>) -> Option<Finding> {
        let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut labels = Vec::new();
        for (what, action, resource) in CALLS {
            if self.is_allowed(role, action, resource) {
                found.entry(what).or_default().push(action);
                if labels.is_empty() {
                    labels = self.labels(role, action, resource);
                }
            }
        }
        if found.is_empty() {
            return None;
        }
        let said: Vec<String> =
            found.iter().map(|(what, actions)| format!("{what} ({})", actions.join(", "))).collect();
        Some(self.finding(
            "RC044",
            role,
            format!(
                "{} is assumed from {}, and on every resource it {}",
                self.checking.called(role.arn),
                self.accounts(role),
                said.join("; ")
            ),
            labels,
            "name the resources",
        ))
    }

    fn finding(
        &self,
        id: &str,
        role: &Shared<'_>,
        sentence: String,
        mut labels: Vec<Label>,
        help: &str,
    ) -> Finding {
        if labels.is_empty() {
            let declared = self.checking.declared(role.arn);
            labels.extend(declared.map(|place| Label { place, text: "this role".to_owned() }));
        }
        labels.extend(role.place.map(|place| Label { place, text: "assumed from here".to_owned() }));
        Finding {
            check: catalogue::by_id(id),
            sentence,
            labels,
            help: vec![help.to_owned()],
            patch: Vec::new(),
            hangs_on: Vec::new(),
            about: role.arn.to_owned(),
        }
    }

    fn is_allowed(&self, role: &Shared<'_>, action: &'static str, resource: &str) -> bool {
        if !self.holder(role.arn).is_some_and(|(_, holder)| self.might(holder, action)) {
            return false;
        }
        let resource = resource.replace("{account}", role.account.as_str());
        let given = Given { owner: Some(role.account), ..Given::default() };
        self.decision(role.arn, action, &resource, &given, None) == Decision::Allowed
    }

    /// The statements that allow it.
    fn labels(&self, role: &Shared<'_>, action: &str, resource: &str) -> Vec<Label> {
        let resource = resource.replace("{account}", role.account.as_str());
        let given = Given { owner: Some(role.account), ..Given::default() };
        let chain = self.checking.chain(role.arn, &[], action, &resource, &given);
        let Some(asked) = chain.ok().and_then(|chain| chain.asked.into_iter().next()) else {
            return Vec::new();
        };
        self.checking.statements(&self.checking.ask.verdict(&asked), &asked, Effect::Allow)
    }

    fn accounts(&self, role: &Shared<'_>) -> String {
        let ids = role.from.iter().map(|id| self.checking.shown(id.as_str()));
        let ids: Vec<String> = ids.collect();
        format!("account {}", ids.join(", "))
    }
}
