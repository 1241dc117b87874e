//! Roles for pods of EKS: which service account, in which namespace, is said by `sub` alone.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>

use rolecall_iam::{Decision, Given, LetIn};

use super::{Checking, Finding, Trusting, is_plain};

/// What `sub` begins with; then come the namespace and the service account.
const SUBJECT: &str = "system:serviceaccount:";
const WITH_WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";

impl Checking<'_> {
    /// Whether other pods of the cluster get in.
    pub(super) fn pods(&self, trusting: &Trusting<'_>) -> Option<Finding> {
        let cluster = trusting.written.document.policy.let_in().find_map(|(statement, who)| {
            let is_here = std::ptr::eq(statement, trusting.statement);
            match who {
                LetIn::Federated(provider) if is_here && provider.contains(":oidc-provider/oidc.eks.") => {
                    Some(Some(provider))
                }
                // The cluster's issuer is not known before it is made.
                LetIn::Other(name) if is_here && is_of_a_cluster(name) => Some(None),
                LetIn::Federated(_)
                | LetIn::Other(_)
                | LetIn::Everyone
                | LetIn::Account(_)
                | LetIn::Principal(_)
                | LetIn::Service(_) => None,
            }
        })?;
        if !trusting.allows(WITH_WEB_IDENTITY) {
            return None;
        }
        let passes = |subject: &str| match cluster {
            Some(provider) => self.pod_passes(trusting, provider, subject),
            None => subject_passes(trusting, subject),
        };
        let role = self.called(trusting.role);
        let help = "demand `sub` under StringEquals: `system:serviceaccount:NAMESPACE:SERVICE-ACCOUNT`";
        if passes("system:serviceaccount:any-namespace:any-account") {
            let sentence = format!("every pod of the cluster can assume {role}");
            let on_subject = trusting.statement.entries().find(|entry| is_subject(entry.key()));
            let label = match on_subject {
                Some(entry) => (trusting.values(entry), "every service account fits this"),
                None => (trusting.principals(), "no condition on `sub` says which service account"),
            };
            return Some(trusting.finding("RC032", sentence, label, "any pod").help(help));
        }
        for entry in trusting.statement.entries().filter(|entry| is_subject(entry.key())) {
            for value in entry.values().filter(|value| entry.has_wildcards() && is_plain(value)) {
                let Some((namespace, account)) = value.strip_prefix(SUBJECT)?.split_once(':') else {
                    continue;
                };
                let (subject, who) = if namespace.contains(['*', '?']) {
                    let account = account.replace(['*', '?'], "any");
                    (
                        format!("{SUBJECT}{}:{account}", namespace.replace(['*', '?'], "any")),
                        "who may make a namespace that fits",
                    )
                } else if account == "*" {
                    (format!("{SUBJECT}{namespace}:any-account"), "every pod of a namespace")
                } else {
                    continue;
                };
                if passes(&subject) {
                    let text = format!("this also lets in `{subject}`");
                    let label = (trusting.values(entry), text.as_str());
                    let sentence = format!("{who} can assume {role}");
                    return Some(trusting.finding("RC032", sentence, label, value).help(help));
                }
            }
        }
        None
    }

    fn pod_passes(&self, trusting: &Trusting<'_>, provider: &str, subject: &str) -> bool {
        let Some((_, host)) = provider.split_once(":oidc-provider/") else { return false };
        let mut given = Given::default();
        given.context.insert(&format!("{host}:aud"), "sts.amazonaws.com");
        given.context.insert(&format!("{host}:sub"), subject);
        let chain = self.chain(provider, &[], WITH_WEB_IDENTITY, trusting.role, &given);
        chain.is_ok_and(|chain| self.ask.decision(&chain) == Decision::Allowed)
    }
}

/// Where the provider is not known the engine cannot be asked: then all that is said of `sub` must match, and nothing but
/// `aud` be said beside it.
fn subject_passes(trusting: &Trusting<'_>, subject: &str) -> bool {
    trusting.statement.entries().all(|entry| {
        let matches = |value: &str| {
            is_plain(value) && entry.has_wildcards() && rolecall_iam::pattern::matches(value, subject)
        };
        let is_audience = entry.key().ends_with(":aud");
        is_audience || (is_subject(entry.key()) && !entry.is_negated() && entry.values().any(matches))
    })
}

fn is_subject(key: &str) -> bool {
    key.ends_with(":sub")
}

/// Whether what is not known is the provider of a cluster that is made here.
fn is_of_a_cluster(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("aws_eks_cluster.") || (name.contains("eks") && name.contains("oidc_provider"))
}
