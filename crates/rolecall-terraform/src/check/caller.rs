//! How Terraform itself calls: the roles that its providers assume, held against what those roles ask for.

use rolecall_iam::{Given, LetIn};

use super::{Checking, Finding, Label, Report, catalogue};
use crate::estate::ProviderRole;

/// The longest session of a role that another role assumes.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining>
const CHAINED: u64 = 3600;
const EXTERNAL_ID: &str = "sts:ExternalId";

impl Checking<'_> {
    /// Looks at every role that a provider assumes.
    pub(super) fn callers(&self, report: &mut Report) {
        for call in &self.all.provider_roles {
            report.findings.extend(self.too_long(call));
            report.findings.extend(self.without_external_id(call));
        }
    }

    /// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
    fn too_long(&self, call: &ProviderRole) -> Option<Finding> {
        let seconds = call.seconds?;
        let most = self.all.estate.role(&call.role).map(|role| u64::from(role.max_session_duration));
        let (why, help) = match most {
            _ if call.is_chained && seconds > CHAINED => (
                format!("a role assumed by another is assumed for at most {CHAINED} s"),
                "take out `duration`, or assume this role with the first credentials".to_owned(),
            ),
            Some(most) if seconds > most => (
                format!("{} gives at most {most} s", self.called(&call.role)),
                format!("raise its `max_session_duration` to {seconds}, or ask for less"),
            ),
            _ => return None,
        };
        let sentence = format!("provider `{}` asks for a session of {seconds} s, and {why}", call.provider);
        let mut found = self.call("RC013", sentence, call, "asked for here").help(help);
        let text = "its `max_session_duration`".to_owned();
        let declared = self.declared(&call.role).filter(|_| !call.is_chained);
        found.labels.extend(declared.map(|place| Label { place, text }));
        Some(found)
    }

    /// Whether the role lets in nobody who says what the provider says, and would let in who says what it asks for.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html>
    fn without_external_id(&self, call: &ProviderRole) -> Option<Finding> {
        let role = self.all.estate.role(&call.role)?;
        let wanted: Vec<&str> = role.trust.external_ids().collect();
        let said = call.external_id.as_deref();
        let is_known = wanted.iter().copied().chain(said).all(|id| !id.contains("${"));
        if wanted.is_empty() || !is_known {
            return None;
        }
        let with = |id: Option<&str>| {
            let mut given = Given::default();
            match id {
                Some(id) => given.context.insert(EXTERNAL_ID, id),
                None => given.absent.push(EXTERNAL_ID.to_owned()),
            }
            self.lets_in_somebody(call, &given)
        };
        if with(said) || !wanted.into_iter().any(|id| with(Some(id))) {
            return None;
        }
        let what = if said.is_some() { "another external id than it asks for" } else { "no external id" };
        let sentence =
            format!("provider `{}` assumes {} with {what}", call.provider, self.called(&call.role));
        let help = "set `external_id` in this block to the one that the role's trust policy asks for";
        let mut found = self.call("RC010", sentence, call, "assumed here").help(help);
        let text = "its trust policy asks for `sts:ExternalId`".to_owned();
        found.labels.extend(self.declared(&call.role).map(|place| Label { place, text }));
        Some(found)
    }

    /// Whether somebody whom the trust policy names gets in so. Who runs Terraform nobody says.
    fn lets_in_somebody(&self, call: &ProviderRole, given: &Given) -> bool {
        let Some(role) = self.all.estate.role(&call.role) else { return false };
        let somebody = |who: LetIn<'_>| match who {
            LetIn::Principal(arn) => Some(arn.to_owned()),
            LetIn::Account(id) => Some(match self.all.estate.account(id) {
                Some(account) => account.role_arn(account.roles.values().next()?),
                None => format!("arn:aws:iam::{id}:role/somebody"),
            }),
            LetIn::Everyone | LetIn::Service(_) | LetIn::Federated(_) | LetIn::Other(_) => None,
        };
        let named = role.trust.let_in().filter_map(|(_, who)| somebody(who));
        named.into_iter().any(|who| self.is_let_in(&who, "sts:AssumeRole", &call.role, given))
    }

    fn call(&self, id: &str, sentence: String, call: &ProviderRole, text: &str) -> Finding {
        Finding {
            check: catalogue::by_id(id),
            sentence,
            labels: vec![Label { place: call.place, text: text.to_owned() }],
            help: Vec::new(),
            patch: Vec::new(),
            hangs_on: Vec::new(),
            about: format!("{} {}", call.provider, call.role),
        }
    }
}
