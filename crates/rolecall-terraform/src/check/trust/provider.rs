//! Web identity providers that many share: whether a stranger's claims, or a colleague's, pass a role's conditions. The
//! claims are put to the engine.
//!
//! Which providers are shared, and the claim that tells their customers apart:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html>

mod pattern;

use rolecall_iam::{Arn, ConditionEntry, Decision, Given};

use self::pattern::{colleagues, names_nobody, strangers};
use super::{Checking, Finding, Report, Trusting, is_plain};
use crate::place::Place;

/// A provider that several customers share.
struct Shared {
    /// As it is named in the provider's ARN and before its claims.
    host: &'static str,
    /// The claim that tells its customers apart.
    claim: &'static str,
    /// What a stranger's token says there.
    stranger: &'static str,
    /// Where the claim names the owner: after this, up to that.
    owner: Option<Owner>,
}

/// How a claim names whose it is: `repo:OWNER/…`.
#[derive(Clone, Copy)]
struct Owner {
    prefix: &'static str,
    end: char,
}

const fn shared(
    host: &'static str,
    claim: &'static str,
    stranger: &'static str,
    owner: Option<Owner>,
) -> Shared {
    Shared { host, claim, stranger, owner }
}

const fn owner(prefix: &'static str, end: char) -> Option<Owner> {
    Some(Owner { prefix, end })
}

/// The form of `sub`: <https://docs.github.com/en/actions/reference/security/oidc>,
/// <https://docs.gitlab.com/ci/secrets/id_token_authentication/>,
/// <https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/workload-identity-tokens>,
/// <https://buildkite.com/docs/pipelines/security/oidc>; `aud` of Cognito, Pulumi and Vercel, and what login services say:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>.
const SHARED: [Shared; 12] = [
    shared(
        "token.actions.githubusercontent.com",
        "sub",
        "repo:somebody-else/anything:ref:refs/heads/main",
        owner("repo:", '/'),
    ),
    shared(
        "gitlab.com",
        "sub",
        "project_path:somebody-else/anything:ref_type:branch:ref:main",
        owner("project_path:", '/'),
    ),
    shared(
        "app.terraform.io",
        "sub",
        "organization:somebody-else:project:any:workspace:any:run_phase:apply",
        owner("organization:", ':'),
    ),
    shared(
        "agent.buildkite.com",
        "sub",
        "organization:somebody-else:pipeline:any:ref:refs/heads/main:commit:0:step:any",
        owner("organization:", ':'),
    ),
    shared("oidc.codefresh.io", "sub", "account:somebody-else:pipeline:any", None),
    shared("scalr.io", "sub", "account:somebody-else:environment:any:workspace:any", None),
    shared("accounts.google.com", "sub", "000000000000000000001", None),
    shared("cognito-identity.amazonaws.com", "aud", "eu-west-1:00000000-0000-4000-8000-000000000000", None),
    shared("www.amazon.com", "app_id", "amzn1.application.somebody-else", None),
    shared("graph.facebook.com", "app_id", "1", None),
    shared("api.pulumi.com/oidc", "aud", "aws:somebody-else", None),
    shared("oidc.vercel.com", "aud", "https://vercel.com/somebody-else", None),
];

/// Providers of one organisation each, and what the token of another of its projects says.
///
/// <https://circleci.com/docs/openid-connect-tokens/>,
/// <https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/>
const OF_ONE: [(&str, &str, &str); 2] = [
    (
        "oidc.circleci.com/org/",
        "CircleCI organization",
        "org/any/project/00000000-0000-4000-8000-000000000000/user/any",
    ),
    (
        "api.bitbucket.org/2.0/workspaces/",
        "Bitbucket workspace",
        "{00000000-0000-4000-8000-000000000000}:{00000000-0000-4000-8000-000000000000}",
    ),
];

/// A provider that a statement trusts.
struct Asking<'a> {
    trusting: Trusting<'a>,
    /// Its ARN, or its name where AWS knows it without one.
    provider: &'a str,
    host: &'a str,
}

impl Asking<'_> {
    fn key(&self, claim: &str) -> String {
        format!("{}:{claim}", self.host)
    }

    /// What is asked of a claim, where nothing in it is unknown.
    fn about(&self, claim: &str) -> Vec<ConditionEntry<'_>> {
        let key = self.key(claim);
        let entries = self.trusting.statement.entries();
        entries.filter(|entry| entry.is(&key) && entry.values().all(is_plain)).collect()
    }

    fn finding(&self, id: &str, sentence: String, place: Place, text: &str) -> Finding {
        self.trusting.finding(id, sentence, (place, text), self.host)
    }
}

impl Checking<'_> {
    /// Whether others than those who are meant get in through the providers that a statement trusts.
    pub(super) fn providers(&self, trusting: &Trusting<'_>, report: &mut Report) {
        for provider in trusting.statement.providers() {
            let host = provider.rsplit_once("oidc-provider/").map_or(provider, |(_, host)| host);
            let asking = Asking { trusting: *trusting, provider, host };
            let found = match SHARED.iter().find(|known| known.host == host) {
                Some(shared) => self.shared_provider(&asking, shared),
                None => self.provider_of_one(&asking),
            };
            report.findings.extend(found.or_else(|| self.absent_claim(&asking)));
        }
    }

    fn shared_provider(&self, asking: &Asking<'_>, shared: &Shared) -> Option<Finding> {
        let host = asking.host;
        let role = self.called(asking.trusting.role);
        let key = asking.key(shared.claim);
        if self.passes(asking, shared.claim, shared.stranger) {
            let text = format!("no condition keeps out `{}`", shared.stranger);
            let sentence = format!("anyone with an account at {host} can assume {role}");
            let help = format!("add a condition on `{key}` that names your repository, project or workspace");
            return Some(asking.finding("RC028", sentence, asking.trusting.principals(), &text).help(help));
        }
        let owner = shared.owner?;
        for entry in asking.about(shared.claim) {
            let place = asking.trusting.values(entry);
            let passes = |candidate: &String| self.passes(asking, shared.claim, candidate);
            for value in entry.values() {
                let pattern =
                    if entry.has_wildcards() { value.to_owned() } else { value.replace(['*', '?'], "_") };
                if let Some(stranger) = strangers(&pattern, owner).into_iter().find(passes) {
                    let sentence =
                        format!("somebody else's account at {host}, with the right name, can assume {role}");
                    let text = format!("this also lets in `{stranger}`");
                    let help = format!("write the owner to its end: `{}OWNER{}…`", owner.prefix, owner.end);
                    return Some(asking.finding("RC029", sentence, place, &text).help(help));
                }
                if host == "token.actions.githubusercontent.com"
                    && names_nobody(&pattern)
                    && passes(&pattern.replace('*', "x"))
                {
                    let sentence =
                        format!("any repository at {host} that customizes its subject can assume {role}");
                    let text = "names no repository: everybody can have a token that says this";
                    let help = "put `repo` or `repository_owner_id` first in the subject, and demand it";
                    return Some(asking.finding("RC029", sentence, place, text).help(help));
                }
                if let Some(colleague) = colleagues(&pattern, owner).into_iter().find(passes) {
                    let sentence = format!("everything of one owner at {host} can assume {role}");
                    let text = format!("this also lets in `{colleague}`");
                    let help = "name the repository, project or workspace, and where there is one the branch or environment";
                    return Some(asking.finding("RC031", sentence, place, &text).help(help));
                }
            }
        }
        None
    }

    /// A provider that serves one organisation: the claims tell its projects apart.
    fn provider_of_one(&self, asking: &Asking<'_>) -> Option<Finding> {
        let (_, what, claim) = OF_ONE.iter().find(|(start, ..)| asking.host.starts_with(start))?;
        if !self.passes(asking, "sub", claim) {
            return None;
        }
        let role = self.called(asking.trusting.role);
        let sentence = format!("every project of a {what} can assume {role}");
        let text = format!("no condition keeps out `{claim}`");
        let help = format!("add a condition on `{}` that names the project", asking.key("sub"));
        Some(asking.finding("RC031", sentence, asking.trusting.principals(), &text).help(help))
    }

    /// A claim that is asked for, and need not be there: `ForAllValues` and `IfExists` hold where there is none.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
    fn absent_claim(&self, asking: &Asking<'_>) -> Option<Finding> {
        for claim in ["sub", "aud"] {
            for entry in asking.about(claim) {
                let mut given = Given { absent: vec![asking.key(claim)], ..Given::default() };
                for other in ["sub", "aud"].into_iter().filter(|other| *other != claim) {
                    let value = asking.about(other).first().and_then(|entry| entry.values().next());
                    given.context.insert(&asking.key(other), value.unwrap_or("any").replace(['*', '?'], "x"));
                }
                // `ForAllValues` is found by the validation, wherever all of the document is known.
                let is_said = entry.operator().starts_with("ForAllValues:")
                    && is_known(asking.trusting.written.document.policy.text());
                if is_said || !entry.passes_without_the_key() || !self.decides(asking, &given) {
                    continue;
                }
                let sentence = format!(
                    "{} asks for `{}`, and lets in whose token has none",
                    self.called(asking.trusting.role),
                    asking.key(claim)
                );
                let text = format!("{} holds where there is none", entry.operator());
                let place = asking.trusting.values(entry);
                let help = "use StringEquals or StringLike as they are";
                return Some(asking.finding("RC030", sentence, place, &text).help(help));
            }
        }
        None
    }

    /// Whether a token gets in that says this, and otherwise what its owner can choose.
    fn passes(&self, asking: &Asking<'_>, claim: &str, value: &str) -> bool {
        // Whoever asks for a token says for which audience, where that is not the claim that counts.
        let mut audiences = vec!["sts.amazonaws.com"];
        for entry in
            asking.about("aud").into_iter().filter(|_| claim == "sub" && asking.host != "accounts.google.com")
        {
            audiences.extend(entry.values());
        }
        audiences.into_iter().any(|audience| {
            let mut given = Given::default();
            given.context.insert(&asking.key("aud"), audience);
            // Of Cognito's users, one who has signed in and one who has not.
            given.context.insert_many(&asking.key("amr"), ["authenticated", "unauthenticated"]);
            given.context.insert(&asking.key(claim), value);
            self.decides(asking, &given)
        })
    }

    fn decides(&self, asking: &Asking<'_>, given: &Given) -> bool {
        let role = asking.trusting.role;
        let account = Arn::parse(role).map(|arn| arn.account.to_owned()).unwrap_or_default();
        let named = asking.provider;
        let is_known_by_name = matches!(
            named,
            "accounts.google.com"
                | "cognito-identity.amazonaws.com"
                | "www.amazon.com"
                | "graph.facebook.com"
        );
        let provider = if named.starts_with("arn:") || is_known_by_name {
            named.to_owned()
        } else {
            format!("arn:aws:iam::{account}:oidc-provider/{}", asking.host)
        };
        let chain = self.chain(&provider, &[], "sts:AssumeRoleWithWebIdentity", role, given);
        chain.is_ok_and(|chain| self.ask.decision(&chain) == Decision::Allowed)
    }
}

fn is_known(text: &str) -> bool {
    !text.contains("${rolecall:unknown/")
}
