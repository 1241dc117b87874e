//! The `principal` of a case.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use std::borrow::Cow;

use rolecall_iam::{AccountId, Arn, Context, Principal, RoleSession};
use serde::Deserialize;

/// As it is written.
#[derive(Deserialize)]
pub(super) struct Written<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    arn: Option<Cow<'a, str>>,
    #[serde(borrow)]
    role_arn: Option<Cow<'a, str>>,
    #[serde(borrow)]
    unique_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
}

impl Written<'_> {
    /// Who it is. `policies` is the text of all policies: who is not wholly known, and is perhaps named there, cannot
    /// be decided on.
    pub(super) fn read(&self, context: &Context, policies: &str) -> Result<Principal, String> {
        let arn = || wanted("arn", self.arn.as_deref());
        let id = || wanted("id", self.id.as_deref().or(self.arn.as_deref()));
        match &*self.kind {
            "aws" => self.by_arn(arn()?, context, policies),
            "service" => Ok(Principal::Service(id()?.to_owned())),
            "federated" => Ok(Principal::Federated(id()?.to_owned())),
            "anonymous" => Ok(Principal::Anonymous),
            "other" => self.other(context, policies),
            kind => Err(format!(
                "request.principal.type is `{kind}`, and not aws, service, federated, anonymous or other"
            )),
        }
    }

    fn by_arn(&self, text: &str, context: &Context, policies: &str) -> Result<Principal, String> {
        let no_principal = || format!("request.principal.arn `{text}` is no ARN of a principal");
        let arn = Arn::parse(text).ok_or_else(no_principal)?;
        let account = arn.account_id().ok_or_else(no_principal)?;
        // `AROA…:session` for a session of a role, `AIDA…` for a user.
        let unique_id = self.unique_id.as_deref().unwrap_or_default();
        let unique_id = unique_id.split_once(':').map_or(unique_id, |(id, _)| id);
        if arn.service == "iam" && arn.resource == "root" {
            return Ok(Principal::Root(account));
        }
        if let ("iam", Some(name)) = (arn.service, arn.resource_of("user")) {
            let (name, id) = (last_part(name).to_owned(), unique_id.to_owned());
            return Ok(Principal::User { account, arn: text.to_owned(), name, id });
        }
        if let ("sts", Some(_)) = (arn.service, arn.resource_of("federated-user")) {
            return Ok(Principal::FederatedUser { account, arn: text.to_owned() });
        }
        let session = |role_arn: &str, role: &str, session: &str| {
            Principal::RoleSession(RoleSession {
                account,
                role_arn: role_arn.to_owned(),
                role_name: role.to_owned(),
                role_id: unique_id.to_owned(),
                session_name: session.to_owned(),
            })
        };
        if let ("sts", Some(names)) = (arn.service, arn.resource_of("assumed-role")) {
            let (role, name) = names.split_once('/').ok_or_else(no_principal)?;
            if role.is_empty() || name.is_empty() {
                return Err(no_principal());
            }
            let role_arn = match self.role_arn.as_deref() {
                Some(role_arn) if !is_role(role_arn, account, role) => {
                    return Err(format!(
                        "request.principal.role_arn `{role_arn}` is not the role of `{text}`"
                    ));
                }
                Some(role_arn) => role_arn,
                // For a session this key is the ARN of its role, with its path.
                // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
                None => context.one("aws:PrincipalArn").filter(|it| is_role(it, account, role)).unwrap_or(""),
            };
            return Ok(session(role_arn, role, name));
        }
        if let ("iam", Some(name)) = (arn.service, arn.resource_of("role")) {
            // A role asks through a session. Which one it is matters only where one is named.
            let role = last_part(name);
            if policies.contains(&format!(":assumed-role/{role}/")) {
                return Err(format!(
                    "a policy names a session of `{text}`: request.principal.arn must say which"
                ));
            }
            return Ok(session(text, role, ""));
        }
        Err(no_principal())
    }

    /// One of the kinds above, by its ARN or id. Anybody else is nobody in particular, as long as no policy names them.
    fn other(&self, context: &Context, policies: &str) -> Result<Principal, String> {
        let names = [self.arn.as_deref(), self.id.as_deref(), self.unique_id.as_deref()];
        let names = || names.into_iter().flatten().filter(|name| !name.is_empty());
        for name in names() {
            if let Ok(principal) = self.by_arn(name, context, policies) {
                return Ok(principal);
            }
            if name.contains("-provider/") {
                return Ok(Principal::Federated(name.to_owned()));
            }
            if name.ends_with(".amazonaws.com") && !name.contains([':', '/']) {
                return Ok(Principal::Service(name.to_owned()));
            }
        }
        match names().find(|name| policies.contains(*name)) {
            Some(name) => {
                Err(format!("a policy names `{name}`, and what kind of principal that is is not known"))
            }
            None => Ok(Principal::Anonymous),
        }
    }
}

fn wanted<'a>(name: &str, text: Option<&'a str>) -> Result<&'a str, String> {
    text.filter(|text| !text.is_empty()).ok_or_else(|| format!("request.principal.{name} is missing"))
}

/// Whether `arn` is a role of that name, whatever its path: a name is there once in an account.
fn is_role(arn: &str, account: AccountId, name: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| {
        let role = arn.resource_of("role").map(last_part);
        arn.service == "iam" && arn.account_id() == Some(account) && role == Some(name)
    })
}

fn last_part(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
