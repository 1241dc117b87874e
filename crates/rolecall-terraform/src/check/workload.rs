//! What runs as which role: services and pods that the role does not let in.

use rolecall_iam::{Arn, Decision, Given, LetIn};

use super::patch::Grant;
use super::{Checking, Finding, Label, Link, Report, catalogue};
use crate::estate::Workload;

impl Checking<'_> {
    /// Every workload must be let in by its role.
    pub(super) fn workloads(&self, report: &mut Report) {
        for workload in &self.all.workloads {
            let Some(role) = self.all.estate.role(&workload.role) else { continue };
            // A trust policy that AWS refuses is another finding.
            let is_broken = role.trust.document().statements.iter().any(|statement| statement.broken);
            if is_broken || self.all.is_known_in_part(&workload.role) {
                continue;
            }
            let is_pod = workload.assumer.starts_with("system:serviceaccount:");
            let decision = if is_pod { self.pod(workload) } else { self.service(workload) };
            let Some(decision) = decision else { continue };
            report.links.push(Link {
                from: workload.assumer.clone(),
                to: workload.role.clone(),
                is_allowed_by_identity: true,
                is_trusted: decision == Decision::Allowed,
                decision,
            });
            if !matches!(decision, Decision::ImplicitlyDenied | Decision::ExplicitlyDenied) {
                continue;
            }
            let mut labels = vec![Label {
                place: workload.place,
                text: format!("this {} runs as the role", workload.kind),
            }];
            let text = format!("which does not trust {}", self.shown(&workload.assumer));
            labels.extend(self.declared(&workload.role).map(|place| Label { place, text }));
            let (patch, help) = match is_pod {
                true => (Vec::new(), vec![pod_help(&self.shown(&workload.assumer))]),
                false => self.patch(&[Grant::service(&workload.role, &workload.assumer)]),
            };
            report.findings.push(Finding {
                check: catalogue::by_id("RC008"),
                sentence: format!(
                    "`{}` cannot run as {}: the role does not trust {}",
                    workload.address,
                    self.called(&workload.role),
                    self.shown(&workload.assumer)
                ),
                labels,
                help,
                patch,
                hangs_on: Vec::new(),
                about: format!("{} {}", workload.address, workload.role),
            });
        }
    }

    /// Whether the role lets a service in, by any name of it: some have one for each Region, and another in China.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services>
    fn service(&self, workload: &Workload) -> Option<Decision> {
        let first = |name: &str| name.split('.').next().map(str::to_owned);
        let role = self.all.estate.role(&workload.role)?;
        let named = role.trust.let_in().filter_map(|(_, who)| {
            let LetIn::Service(name) = who else { return None };
            (first(name) == first(&workload.assumer)).then_some(name)
        });
        let asked = |service: &str| {
            let chain = self.chain(service, &[], "sts:AssumeRole", &workload.role, &Given::default());
            chain.ok().map(|chain| self.ask.decision(&chain))
        };
        best(std::iter::once(workload.assumer.as_str()).chain(named).filter_map(asked))
    }

    /// Whether the role lets in a service account of a cluster: through whichever provider it trusts.
    /// <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>
    fn pod(&self, workload: &Workload) -> Option<Decision> {
        let role = self.all.estate.role(&workload.role)?;
        let asked = role.trust.let_in().filter_map(|(_, who)| {
            let LetIn::Federated(provider) = who else { return None };
            let host = Arn::parse(provider)?.resource_of("oidc-provider")?.to_owned();
            let mut given = Given::default();
            given.context.insert(&format!("{host}:sub"), workload.assumer.as_str());
            given.context.insert(&format!("{host}:aud"), "sts.amazonaws.com");
            let action = "sts:AssumeRoleWithWebIdentity";
            let chain = self.chain(provider, &[], action, &workload.role, &given).ok()?;
            Some(self.ask.decision(&chain))
        });
        Some(best(asked).unwrap_or(Decision::ImplicitlyDenied))
    }
}

/// One way in is enough.
fn best(decisions: impl Iterator<Item = Decision>) -> Option<Decision> {
    decisions.min_by_key(|decision| match decision {
        Decision::Allowed => 0,
        Decision::Undecided => 1,
        Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => 2,
    })
}

fn pod_help(subject: &str) -> String {
    format!(
        "trust the cluster's provider for sts:AssumeRoleWithWebIdentity, with `{subject}` as its `sub` and \
         `sts.amazonaws.com` as its `aud`"
    )
}
