//! What to do when AWS says no: the statements to paste, on both sides.
//!
//! A call across accounts needs an identity policy of the caller *and* the trust policy of the role:
//! [cross-account policy evaluation](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html).

use crate::chain::Step;
use crate::error::{Call, Refused};

/// What to do when there are no credentials to start from.
pub(crate) const NO_SOURCE: &str = "\
give credentials in one of the usual places: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile (AWS_PROFILE; \
`aws sso login`), or run where AWS gives them (a task role, Pod Identity, an instance profile)";

/// Two statements that together let a caller assume a role.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Statements {
    identity: String,
    trust: String,
}

impl Statements {
    /// For an identity policy of the caller: a statement, as JSON.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// For the trust policy of the role: a statement, as JSON. The external id, where one was given, is not repeated:
    /// it says `EXTERNAL_ID` there.
    pub fn trust(&self) -> &str {
        &self.trust
    }
}

/// Makes the statements for this caller (the ARN GetCallerIdentity gives) and this hop.
///
/// Everything put into the text has been checked to contain nothing that JSON would have to escape; a caller's ARN
/// that does is replaced.
pub(crate) fn statements(caller: Option<&str>, step: &Step) -> Statements {
    let mut actions = vec!["\"sts:AssumeRole\""];
    if !step.tags.is_empty() {
        actions.push("\"sts:TagSession\"");
    }
    if step.source_identity.is_some() {
        actions.push("\"sts:SetSourceIdentity\"");
    }
    let actions = match actions.as_slice() {
        [action] => (*action).to_owned(),
        several => format!("[{}]", several.join(", ")),
    };
    let role = &step.role;
    let principal = principal(caller, role.partition());
    // The external id itself is not repeated.
    let condition = match step.external_id {
        Some(_) => ",\n  \"Condition\": { \"StringEquals\": { \"sts:ExternalId\": \"EXTERNAL_ID\" } }",
        None => "",
    };
    Statements {
        identity: format!(
            "{{\n  \"Effect\": \"Allow\",\n  \"Action\": {actions},\n  \"Resource\": \"{role}\"\n}}"
        ),
        trust: format!(
            "{{\n  \"Effect\": \"Allow\",\n  \"Principal\": {{ \"AWS\": \"{principal}\" }},\n  \"Action\": {actions}{condition}\n}}"
        ),
    }
}

/// The hint for a refusal: what AWS's words point at, then what to change.
pub(crate) fn hint(refused: &Refused) -> String {
    let message = refused.message();
    let step = match &refused.call {
        Call::AssumeRole(step) => step,
        Call::SessionToken(step) if message.starts_with(MFA_FAILED) => return mfa_failed(step),
        Call::SessionToken(_) | Call::CallerIdentity => {
            return "check that the credentials are complete, have not ended, and belong to this partition"
                .to_owned();
        }
    };
    match refused.code() {
        "AccessDenied" if message.starts_with(MFA_FAILED) => mfa_failed(step),
        "AccessDenied" | "AccessDeniedException" => access_denied(refused, step),
        "ExpiredToken" | "ExpiredTokenException" => {
            "the credentials used for this hop have ended: log in again (`aws sso login`), or load fresh ones".to_owned()
        }
        "InvalidClientTokenId" | "UnrecognizedClientException" => {
            "AWS does not know the access key used: it was deleted or made inactive, belongs to another partition, or \
             its session token is missing or wrong"
                .to_owned()
        }
        "SignatureDoesNotMatch" => {
            "the secret access key does not belong to the access key id, or this machine's clock is wrong".to_owned()
        }
        "RegionDisabledException" => {
            "STS is not active in this region for the role's account: use another region, or activate it there".to_owned()
        }
        "PackedPolicyTooLarge" | "PackedPolicyTooLargeException" => {
            "shorten the session policy, or give fewer policy ARNs and tags".to_owned()
        }
        "MalformedPolicyDocument" | "MalformedPolicyDocumentException" => {
            "the session policy is not a policy AWS accepts: it needs no Principal, and every statement an Effect, an \
             Action and a Resource"
                .to_owned()
        }
        "ValidationError" if message.contains("MaxSessionDuration") => {
            format!("ask for a shorter duration, or raise the MaxSessionDuration of `{}`", step.role)
        }
        _ => format!("check what was asked of `{}`", step.role),
    }
}

/// How AWS begins to say that an MFA code is not accepted:
/// <https://github.com/aws/aws-cli/issues/6325>, <https://github.com/aws/aws-cli/issues/2279>.
const MFA_FAILED: &str = "MultiFactorAuthentication failed";

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_sync.html>
fn mfa_failed(step: &Step) -> String {
    let device = step.mfa_serial.as_deref().unwrap_or_default();
    format!(
        "AWS takes each code once, for about a minute: give the next one that the device shows, and check that `{device}` \
         is a device of the user whose keys these are"
    )
}

const IDENTITY_MISSING: &str =
    "the role's side allows it; the caller's own policies do not, and across accounts both must";
const TRUST_MISSING: &str =
    "the caller's own policies allow it; the role's trust policy does not let this caller in";

/// Which side is missing, where AWS says so: within one account or organisation it does.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
fn missing_side(message: &str) -> Option<&'static str> {
    if message.contains("because no identity-based policy allows the sts:AssumeRole") {
        Some(IDENTITY_MISSING)
    } else if ["role trust policy", "resource-based policy"]
        .iter()
        .any(|side| message.contains(&format!("because no {side} allows the sts:AssumeRole")))
    {
        Some(TRUST_MISSING)
    } else {
        None
    }
}

fn access_denied(refused: &Refused, step: &Step) -> String {
    let message = refused.message();
    let caller_account = refused.caller().and_then(|arn| arn.split(':').nth(4));
    let statements = statements(refused.caller(), step);
    let missing = missing_side(message);
    let mut lines = Vec::new();
    if message.contains("with an explicit deny") {
        lines.push(
            "an explicit deny wins over every allow: look for it in the policy AWS names (an SCP is changed in the \
             organisation's management account)"
                .to_owned(),
        );
    } else if let Some(side) = missing {
        lines.push(side.to_owned());
    } else if caller_account == Some(step.role.account()) {
        lines.push(
            "within one account the role's trust policy must let the caller in; naming the caller's own ARN there is \
             enough, naming the account needs the identity policy too"
                .to_owned(),
        );
    } else {
        lines.push(
            "across accounts both sides must allow it; AWS gives the same answer whichever is missing, and when the \
             role does not exist"
                .to_owned(),
        );
    }
    if message.contains("sts:TagSession") || !step.tags.is_empty() {
        lines.push("session tags need `sts:TagSession` on both sides".to_owned());
    }
    if message.contains("sts:SetSourceIdentity") || step.source_identity.is_some() {
        lines.push("a source identity needs `sts:SetSourceIdentity` on both sides".to_owned());
    }
    if step.external_id.is_none() && missing != Some(IDENTITY_MISSING) {
        lines.push(
            "if the trust policy has a condition on `sts:ExternalId`, that external id must be given"
                .to_owned(),
        );
    }
    let owner = caller_account.map_or_else(String::new, |account| format!(" (account {account})"));
    if missing != Some(TRUST_MISSING) {
        lines.push(format!("in an identity policy of the caller{owner}:\n{}", statements.identity()));
    }
    if missing != Some(IDENTITY_MISSING) {
        lines.push(format!(
            "in the trust policy of {} (account {}):\n{}",
            step.role.name(),
            step.role.account(),
            statements.trust()
        ));
    }
    lines.join("\n")
}

/// Whom a trust policy names to let this caller in. A session is let in by its role: a session's own ARN would end with
/// it. The ARN of a session does not tell the role's path.
fn principal(caller: Option<&str>, partition: &str) -> String {
    let known =
        caller.filter(|arn| arn.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\'));
    let Some(arn) = known else { return format!("arn:{partition}:iam::CALLER_ACCOUNT:role/CALLER_ROLE") };
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    let &[_, partition, "sts", _, account, resource] = fields.as_slice() else { return arn.to_owned() };
    match resource.strip_prefix("assumed-role/").and_then(|rest| rest.split('/').next()) {
        Some(role) => format!("arn:{partition}:iam::{account}:role/{role}"),
        None => arn.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::chain::{Chain, Hop};
    use crate::error::Answer;

    const ROLE: &str = "arn:aws:iam::222222222222:role/switch-role";
    const TASK: &str = "arn:aws:sts::111111111111:assumed-role/task-role/0123";

    fn step(hop: Hop) -> Step {
        Chain::new(Vec::new(), hop, "name").unwrap().last
    }

    fn refused(caller: Option<&str>, hop: Hop, code: &str, message: &str) -> Refused {
        let cause = Arc::new(std::fmt::Error);
        let answer = Answer { code: code.into(), message: message.into(), request_id: None, cause };
        Refused { call: Call::AssumeRole(Box::new(step(hop))), caller: caller.map(str::to_owned), answer }
    }

    #[test]
    fn both_statements() {
        let statements = statements(Some(TASK), &step(Hop::to(ROLE).external_id("partner-7").tag("a", "b")));
        let parsed: serde_json::Value = serde_json::from_str(statements.identity()).unwrap();
        assert_eq!(
            parsed,
            serde_json::json!({"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": ROLE})
        );
        let parsed: serde_json::Value = serde_json::from_str(statements.trust()).unwrap();
        assert_eq!(
            parsed,
            serde_json::json!({
                "Effect": "Allow",
                "Principal": { "AWS": "arn:aws:iam::111111111111:role/task-role" },
                "Action": ["sts:AssumeRole", "sts:TagSession"],
                "Condition": { "StringEquals": { "sts:ExternalId": "EXTERNAL_ID" } },
            })
        );
    }

    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
    #[test]
    fn principals() {
        for (caller, expected) in [
            (Some(TASK), "arn:aws:iam::111111111111:role/task-role"),
            (Some("arn:aws:iam::111111111111:user/team/bob"), "arn:aws:iam::111111111111:user/team/bob"),
            (Some("arn:aws:iam::111111111111:root"), "arn:aws:iam::111111111111:root"),
            (
                Some("arn:aws:sts::111111111111:federated-user/x"),
                "arn:aws:sts::111111111111:federated-user/x",
            ),
            (None, "arn:aws:iam::CALLER_ACCOUNT:role/CALLER_ROLE"),
            (Some("\"},{"), "arn:aws:iam::CALLER_ACCOUNT:role/CALLER_ROLE"),
        ] {
            assert_eq!(principal(caller, "aws"), expected, "{caller:?}");
        }
    }

    #[test]
    fn hints() {
        let denied = "User: x is not authorized to perform: sts:AssumeRole on resource: y";
        let same_account = Some("arn:aws:iam::222222222222:user/bob");
        let tagged = Hop::to(ROLE).tag("a", "b").source_identity("me");
        for (refused, says) in [
            (refused(Some(TASK), ROLE.into(), "AccessDenied", denied), "across accounts both sides"),
            (refused(Some(TASK), ROLE.into(), "AccessDenied", denied), "caller (account 111111111111)"),
            (refused(same_account, ROLE.into(), "AccessDenied", denied), "within one account"),
            (
                refused(
                    Some(TASK),
                    ROLE.into(),
                    "AccessDenied",
                    &format!("{denied} because no identity-based policy allows the sts:AssumeRole action"),
                ),
                IDENTITY_MISSING,
            ),
            (
                refused(
                    Some(TASK),
                    ROLE.into(),
                    "AccessDenied",
                    &format!("{denied} because no role trust policy allows the sts:AssumeRole action"),
                ),
                TRUST_MISSING,
            ),
            (
                refused(
                    Some(TASK),
                    ROLE.into(),
                    "AccessDenied",
                    &format!("{denied} with an explicit deny in a x"),
                ),
                "an explicit deny wins",
            ),
            (refused(Some(TASK), ROLE.into(), "AccessDenied", denied), "sts:ExternalId"),
            (refused(Some(TASK), tagged.clone(), "AccessDenied", denied), "sts:TagSession"),
            (refused(Some(TASK), tagged, "AccessDenied", denied), "sts:SetSourceIdentity"),
            (refused(Some(TASK), ROLE.into(), "ExpiredToken", "x"), "have ended"),
            (
                refused(
                    None,
                    Hop::to(ROLE).mfa_serial("GAHT12345678"),
                    "AccessDenied",
                    "MultiFactorAuthentication failed with invalid MFA one time pass code.",
                ),
                "check that `GAHT12345678` is a device of the user",
            ),
            (
                refused(Some(TASK), ROLE.into(), "ValidationError", "exceeds the MaxSessionDuration set"),
                "shorter duration",
            ),
        ] {
            assert!(refused.hint().contains(says), "{says}: {}", refused.hint());
        }
    }
}
