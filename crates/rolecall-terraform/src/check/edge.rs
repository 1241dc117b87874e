//! The trust graph: every link between two roles of which at least one side speaks, and what is missing on the other.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>

use std::collections::BTreeMap;

use rolecall_iam::{
    Arn, Asked, CheckType, Decision, Effect, EvaluatedEffect, Given, LetIn, MISSING_POLICY, Policy,
    Statement, Verdict,
};

use super::names::difference;
use super::patch::Grant;
use super::{Checking, Finding, Label, Link, Report, catalogue};
use crate::estate::{Subject, Written};
use crate::place::Place;

pub(super) const ASSUME: &str = "sts:AssumeRole";

/// Two roles, and where each side names the other.
#[derive(Default)]
pub(super) struct Sides {
    pub(super) is_trusted: bool,
    trusted_at: Option<Place>,
    pub(super) allowed_at: Option<Place>,
}

impl Checking<'_> {
    /// Asks about every link, and reports those that do not hold.
    pub(super) fn edges(&self, report: &mut Report) {
        let mut edges: BTreeMap<(String, String), Sides> = BTreeMap::new();
        let written = |subject: Subject| self.all.documents.get(&subject);
        for account in self.all.estate.accounts.values() {
            let roles = account.roles.values().map(|role| (account.role_arn(role), &role.identity));
            let users = account.users.values().map(|user| (account.user_arn(user), &user.identity));
            let own = roles.chain(users).map(|(arn, identity)| (vec![arn.clone()], arn, identity));
            // What a group may is what its members may.
            let mut members: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for user in account.users.values() {
                for group in &user.groups {
                    members.entry(group).or_default().push(account.user_arn(user));
                }
            }
            let groups = account.groups.iter().map(|(key, group)| {
                let members = members.remove(key.as_str()).unwrap_or_default();
                let arn = format!(
                    "arn:aws:iam::{}:group{}{}",
                    account.id, group.identity.path, group.identity.name
                );
                (members, arn, &group.identity)
            });
            for (who, arn, identity) in own.chain(groups) {
                for (name, policy) in &identity.inline {
                    let written = written(Subject::Inline(arn.clone(), name.clone()));
                    self.named_by((&arn, &who), policy, written, &mut edges, report);
                }
                for managed in &identity.attached {
                    let Some(policy) = self.all.estate.managed_policy(managed) else { continue };
                    let written = written(Subject::Managed(managed.clone()));
                    self.named_by((&arn, &who), policy, written, &mut edges, report);
                }
            }
            for role in account.roles.values() {
                let arn = account.role_arn(role);
                self.trusted_by(&arn, &role.trust, written(Subject::Trust(arn.clone())), &mut edges, report);
            }
        }
        for ((from, to), sides) in &edges {
            self.edge(from, to, sides, report);
        }
    }

    fn trusted_by(
        &self,
        role: &str,
        policy: &Policy,
        written: Option<&Written>,
        edges: &mut BTreeMap<(String, String), Sides>,
        report: &mut Report,
    ) {
        for (statement, principal) in policy.trusted() {
            let place = written.map(|written| written.principal(statement, principal));
            if self.exists(principal) {
                let sides = edges.entry((principal.to_owned(), role.to_owned())).or_default();
                sides.is_trusted = true;
                sides.trusted_at = sides.trusted_at.or(place);
            } else {
                let sentence = format!("{} trusts `{}`", self.called(role), self.shown(principal));
                let labels = named_at(place, written, statement, principal);
                report.findings.extend(self.not_there("RC006", role, principal, &sentence, labels));
            }
        }
        self.trusted_by_condition(role, policy, written, edges);
    }

    /// Whom a condition on `aws:PrincipalArn` names beside an account or everyone: it is meant as if it were the principal,
    /// and may be written before that is there.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn>
    fn trusted_by_condition(
        &self,
        role: &str,
        policy: &Policy,
        written: Option<&Written>,
        edges: &mut BTreeMap<(String, String), Sides>,
    ) {
        for (statement, who) in policy.let_in() {
            if !matches!(who, LetIn::Account(_) | LetIn::Everyone) {
                continue;
            }
            for entry in statement.entries().filter(|it| it.is("aws:PrincipalArn") && !it.is_negated()) {
                for named in entry.values().filter(|arn| self.exists(arn)) {
                    let place = written.map(|written| written.condition(statement, entry));
                    let sides = edges.entry((named.to_owned(), role.to_owned())).or_default();
                    sides.is_trusted = true;
                    sides.trusted_at = sides.trusted_at.or(place);
                }
            }
        }
    }

    /// A role or user that nothing here makes: with nearly the name of one that is there it is a mistake, otherwise it may be
    /// made elsewhere.
    fn not_there(
        &self,
        id: &str,
        of: &str,
        named: &str,
        sentence: &str,
        labels: Vec<Label>,
    ) -> Option<Finding> {
        let near = self.names.nearest(named);
        let is_mistaken = near.is_some() && self.is_here(named);
        if !self.is_ours(named) && !is_mistaken && !self.names.is_a_slip(named) {
            return None;
        }
        let mut help = Vec::new();
        if id == "RC006" {
            let text = "IAM refuses a trust policy that names a role or user that does not exist, and once it is gone \
                        nobody is trusted: a new one with the same name is another one";
            help.push(text.to_owned());
        }
        help.push(match near {
            Some(near) => format!("did you mean `{}`? {}", self.shown(near), difference(named, near)),
            None => "if it is made elsewhere, check both together (`rolecall check HERE THERE`)".to_owned(),
        });
        Some(Finding {
            check: catalogue::by_id(if near.is_some() { id } else { "RC046" }),
            sentence: format!("{sentence}, which nothing here makes"),
            labels,
            help,
            patch: Vec::new(),
            hangs_on: Vec::new(),
            about: format!("{of} {named}"),
        })
    }

    /// `from` has the policy, and `who` may do what it says: itself, or the members of a group.
    fn named_by(
        &self,
        (from, who): (&str, &[String]),
        policy: &Policy,
        written: Option<&Written>,
        edges: &mut BTreeMap<(String, String), Sides>,
        report: &mut Report,
    ) {
        // One that may be in force says nothing of what was meant for this one.
        if written.is_none() && policy.text().contains(MISSING_POLICY) {
            return;
        }
        for (statement, role) in policy.named_for(ASSUME) {
            let place = written.map(|written| written.resource(statement, role));
            if role == "*" || role.contains(":iam::*:role/*") || role.contains(":iam:::role/*") {
                report.findings.push(Finding {
                    check: catalogue::by_id("RC039"),
                    sentence: format!("{} may assume every role that trusts it", self.called(from)),
                    labels: at(place, format!("`{role}` names no role")),
                    help: vec!["name the roles that it is to assume, by their ARNs".to_owned()],
                    patch: Vec::new(),
                    hangs_on: Vec::new(),
                    about: format!("{from} {role}"),
                });
                continue;
            }
            if role.contains(['*', '?', '$']) {
                continue;
            }
            if self.exists(role) {
                for who in who {
                    let sides = edges.entry((who.clone(), role.to_owned())).or_default();
                    sides.allowed_at = sides.allowed_at.or(place);
                }
            } else {
                let sentence = format!("{} may assume `{}`", self.called(from), self.shown(role));
                let labels = named_at(place, written, statement, role);
                report.findings.extend(self.not_there("RC007", from, role, &sentence, labels));
            }
        }
    }

    pub(super) fn exists(&self, arn: &str) -> bool {
        self.all.estate.role(arn).is_some() || self.all.estate.user(arn).is_some()
    }

    /// Whether it is a role or user of an account that is here and whose roles are all known: one of which only resources
    /// that name others are here says nothing about who else is in it.
    pub(super) fn is_ours(&self, arn: &str) -> bool {
        let Some(parsed) = Arn::parse(arn) else { return false };
        // Roles that AWS makes, and those that an organization, a landing zone or the CDK puts into every account:
        // https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access-cross-account-role.html
        // https://docs.aws.amazon.com/controltower/latest/userguide/roles-how.html
        // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs.html
        // https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
        let is_aws = [
            "role/aws-service-role/",
            "role/aws-reserved/",
            "role/OrganizationAccountAccessRole",
            "role/AWSControlTowerExecution",
            "role/AWSCloudFormationStackSet",
            "role/stacksets-exec-",
            "role/cdk-",
        ];
        self.is_here(arn) && !is_aws.iter().any(|start| parsed.resource.starts_with(start))
    }

    /// Whether it is a role or user of an account whose roles are here.
    fn is_here(&self, arn: &str) -> bool {
        let Some(parsed) = Arn::parse(arn) else { return false };
        let has_identities =
            |account: &rolecall_iam::Account| !account.roles.is_empty() || !account.users.is_empty();
        let account = parsed.account_id().and_then(|id| self.all.estate.account(id));
        let is_identity = parsed.resource.starts_with("role/") || parsed.resource.starts_with("user/");
        is_identity && account.is_some_and(has_identities)
    }

    fn edge(&self, from: &str, to: &str, sides: &Sides, report: &mut Report) {
        // What else is said of somebody of another configuration is said there.
        if self.all.is_known_in_part(from) || self.all.is_known_in_part(to) {
            return;
        }
        let Ok(chain) = self.chain(from, &[], ASSUME, to, &Given::default()) else { return };
        let decision = self.ask.decision(&chain);
        let Some(asked) = chain.asked.first() else { return };
        let verdict = self.ask.verdict(asked);
        let (is_allowed_by_identity, is_trusted) = self.sides(&verdict);
        report.links.push(Link {
            from: from.to_owned(),
            to: to.to_owned(),
            is_allowed_by_identity,
            is_trusted: is_trusted || sides.is_trusted,
            decision,
        });
        match decision {
            Decision::Allowed => {}
            Decision::Undecided => report.findings.extend(self.undecided(from, to, sides, &verdict, asked)),
            Decision::ExplicitlyDenied | Decision::ImplicitlyDenied => {
                let whose = self.whose_account(from, to, sides);
                report.findings.push(whose.unwrap_or_else(|| self.refused(from, to, sides, &verdict, asked)));
            }
        }
    }

    /// It hangs on a value that is not known before apply. Where it hangs on the call alone (an external id, a tag),
    /// that is how it was meant.
    fn undecided(
        &self,
        from: &str,
        to: &str,
        sides: &Sides,
        verdict: &Verdict<'_>,
        asked: &Asked,
    ) -> Option<Finding> {
        let (values, calls) = self.hangs_on(verdict, asked);
        let is_role = self.all.estate.role(from).is_some();
        if is_role && values.is_empty() && calls.iter().any(|key| key.starts_with("aws:MultiFactorAuth")) {
            return Some(self.demands_mfa(from, to, sides));
        }
        if values.is_empty() {
            return None;
        }
        let mut labels = Vec::new();
        labels.extend(sides.trusted_at.map(|place| Label { place, text: "trusted here".to_owned() }));
        labels.extend(sides.allowed_at.map(|place| Label { place, text: "allowed here".to_owned() }));
        let mut help = vec![format!(
            "say what is not known: `-var NAME=VALUE`, a .tfvars file, or `[accounts]` in rolecall.toml"
        )];
        help.extend(calls.iter().map(|key| format!("it also hangs on the call: {key}")));
        Some(Finding {
            check: catalogue::by_id(if sides.is_trusted { "RC001" } else { "RC002" }),
            sentence: format!(
                "whether {} can assume {} is undecided: it hangs on {}",
                self.called(from),
                self.called(to),
                values.join(", ")
            ),
            labels,
            help,
            patch: Vec::new(),
            hangs_on: values,
            about: format!("{from} {to}"),
        })
    }

    /// A session of a role has no MFA: that of the user who assumed it is not handed on.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent>
    fn demands_mfa(&self, from: &str, to: &str, sides: &Sides) -> Finding {
        let text = "MFA is demanded here".to_owned();
        Finding {
            check: catalogue::by_id("RC009"),
            sentence: format!(
                "{} demands MFA of {}, whose sessions never have it",
                self.called(to),
                self.called(from)
            ),
            labels: sides
                .trusted_at
                .or(sides.allowed_at)
                .map(|place| Label { place, text })
                .into_iter()
                .collect(),
            help: vec!["take out the condition for this principal, or let users assume the role".to_owned()],
            patch: Vec::new(),
            hangs_on: Vec::new(),
            about: format!("{from} {to}"),
        }
    }

    fn refused(&self, from: &str, to: &str, sides: &Sides, verdict: &Verdict<'_>, asked: &Asked) -> Finding {
        let (identity, trusted) = self.sides(verdict);
        let (caller, role) = (self.called(from), self.called(to));
        let denies = self.statements(verdict, asked, Effect::Deny);
        let declared =
            |arn: &str, text: &str| self.declared(arn).map(|place| Label { place, text: text.to_owned() });
        let named =
            |place: Option<Place>, text: &str| place.map(|place| Label { place, text: text.to_owned() });
        let boundary = verdict
            .check(CheckType::PermissionsBoundary)
            .is_some_and(|check| check.effect == EvaluatedEffect::ImplicitDeny);
        let mut grants = Vec::new();
        let (id, sentence, labels): (_, _, Vec<Option<Label>>) = if !denies.is_empty() {
            (
                "RC004",
                format!("{caller} cannot assume {role}: it is denied"),
                denies.into_iter().map(Some).collect(),
            )
        } else if !identity && trusted {
            grants.push(Grant::identity(from, ASSUME, to));
            (
                "RC001",
                format!("{caller} cannot assume {role}: no policy of its own allows `sts:AssumeRole`"),
                vec![
                    declared(from, "this role has no policy that allows it"),
                    named(sides.trusted_at, "it is trusted here, which is one half"),
                ],
            )
        } else if identity && !trusted {
            grants.push(Grant::trust(to, from));
            (
                "RC002",
                format!("{caller} cannot assume {role}: the role does not trust it"),
                vec![
                    declared(to, "this role's trust policy does not let it in"),
                    named(sides.allowed_at, "it is allowed here, which is one half"),
                ],
            )
        } else if boundary {
            let arn = self.all.estate.role(from).map(|role| &role.identity);
            let arn = arn.or_else(|| self.all.estate.user(from).map(|user| &user.identity));
            let policy = arn.and_then(|identity| identity.boundary.as_deref());
            (
                "RC005",
                format!(
                    "{caller} cannot assume {role}: its permissions boundary does not allow `sts:AssumeRole`"
                ),
                vec![
                    policy.and_then(|policy| declared(policy, "this boundary does not allow it")),
                    declared(from, "it is the boundary of this one"),
                    named(sides.allowed_at, "allowed here"),
                    named(sides.trusted_at, "trusted here"),
                ],
            )
        } else {
            (
                "RC004",
                format!("{caller} cannot assume {role}: no side allows it"),
                vec![
                    named(sides.trusted_at, "trusted here"),
                    named(sides.allowed_at, "allowed here"),
                    declared(from, "the caller"),
                ],
            )
        };
        let (patch, mut help) = self.patch(&grants);
        if grants.is_empty() {
            let fix = self.all.estate.fix(&asked.request());
            let said = fix.map(|fix| self.shown(&fix.to_string())).unwrap_or_default();
            help.extend(said.lines().map(str::to_owned));
        }
        Finding {
            check: catalogue::by_id(id),
            sentence,
            labels: labels.into_iter().flatten().collect(),
            help,
            patch,
            hangs_on: Vec::new(),
            about: format!("{from} {to}"),
        }
    }
}

/// Where a name is written, and where its last part comes from.
fn named_at(
    place: Option<Place>,
    written: Option<&Written>,
    statement: &Statement,
    name: &str,
) -> Vec<Label> {
    let last = written.and_then(|written| written.last_part(statement, name));
    let last = last.map(|place| Label { place, text: "its last part comes from here".to_owned() });
    at(place, "named here".to_owned()).into_iter().chain(last).collect()
}

fn at(place: Option<Place>, text: String) -> Vec<Label> {
    place.map(|place| Label { place, text }).into_iter().collect()
}
