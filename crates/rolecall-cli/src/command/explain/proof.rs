//! What a refusal proves by itself.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>

use rolecall_iam::{AccountId, Arn, CheckType, Denial, Reason};

/// What the text alone says.
pub(super) struct Proof {
    /// One sentence.
    sentence: String,
    /// What is certain, a sentence each.
    pub(super) findings: Vec<String>,
    /// What to look at next, a sentence each.
    pub(super) next: Vec<String>,
}

impl Proof {
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.sentence.clone()];
        if !self.findings.is_empty() {
            lines.push(String::new());
            lines.extend(self.findings.iter().map(|finding| format!("  {finding}")));
        }
        if !self.next.is_empty() {
            lines.extend([String::new(), "Next:".to_owned()]);
            lines.extend(self.next.iter().map(|next| format!("  {next}")));
        }
        lines
    }
}

pub(super) fn of(denial: &Denial) -> Proof {
    let sides = Sides::of(denial);
    let mut proof = Proof { sentence: sentence(denial), findings: Vec::new(), next: Vec::new() };
    sides.tell(denial, &mut proof);
    match &denial.reason {
        Some(reason) => tell_reason(reason, &sides, denial, &mut proof),
        None => tell_no_reason(&sides, denial, &mut proof),
    }
    tell_sts(denial, &mut proof);
    if let Some(id) = &denial.authorization_id {
        proof.next.push(format!(
            "AWS keeps the whole evaluation for a day: call GetRequestAuthorizationDetails of the IAM toolbox API with \
             the authorization id {id}; it needs iam:GetRequestAuthorizationDetails."
        ));
    }
    if denial.encoded.is_some() {
        proof.next.push(
            "The encoded message tells the whole request: `aws sts decode-authorization-message --encoded-message …` in \
             the account that called, as somebody who may sts:DecodeAuthorizationMessage."
                .to_owned(),
        );
    }
    proof
}

fn sentence(denial: &Denial) -> String {
    let who = denial.principal.as_deref().unwrap_or("somebody");
    let on = denial.resource.as_ref().map(|resource| format!(" on {resource}")).unwrap_or_default();
    match (&denial.action, &denial.reason) {
        (Some(action), Some(Reason { explicit: true, name, .. })) => {
            format!("{who} may not {action}{on}: a statement in a {name} denies it.")
        }
        (Some(action), Some(Reason { name, .. })) => {
            format!("{who} may not {action}{on}: no {name} allows it.")
        }
        (Some(action), None) => format!("{who} may not {action}{on}; the message does not say why."),
        (None, _) if denial.encoded.is_some() => {
            "AWS refused, and says who, what and why only in the encoded message.".to_owned()
        }
        (None, _) => match &denial.operation {
            Some(operation) => {
                format!("AWS refused {operation}, and the message says neither to whom nor why.")
            }
            None => "AWS refused, and the message says neither what nor why.".to_owned(),
        },
    }
}

/// The two accounts of a call.
struct Sides {
    principal: Option<AccountId>,
    resource: Option<AccountId>,
}

impl Sides {
    fn of(denial: &Denial) -> Self {
        let account = |text: &Option<String>| Arn::parse(text.as_deref()?)?.account_id();
        Self { principal: account(&denial.principal), resource: account(&denial.resource) }
    }

    fn cross_account(&self) -> Option<bool> {
        Some(self.principal? != self.resource?)
    }

    fn tell(&self, denial: &Denial, proof: &mut Proof) {
        if let Some(who) = denial.principal.as_deref().and_then(describe) {
            proof.findings.push(who);
        }
        if denial.principal.as_deref() == Some("anonymous") {
            proof.findings.push(
                "The request was not signed: no credentials were used, or the client sent none to this endpoint."
                    .to_owned(),
            );
        }
        match (self.principal, self.resource) {
            (Some(principal), Some(resource)) if principal == resource => {
                proof.findings.push(format!("Principal and resource are both in account {principal}."));
            }
            (Some(principal), Some(resource)) => proof.findings.push(format!(
                "It goes across accounts, from {principal} to {resource}: both sides must allow it."
            )),
            (Some(_), None) | (None, Some(_) | None) => {}
        }
    }
}

/// Who an ARN is.
fn describe(arn: &str) -> Option<String> {
    let parsed = Arn::parse(arn)?;
    let account = parsed.account;
    if let Some(rest) = parsed.resource_of("assumed-role") {
        let (role, session) = rest.split_once('/')?;
        return Some(format!(
            "The caller is a session named `{session}` of the role `{role}` in account {account}: what the role is \
             allowed counts, in its policies and not in those of whoever assumed it."
        ));
    }
    if let Some(user) = parsed.resource_of("user") {
        return Some(format!("The caller is the user `{user}` of account {account}."));
    }
    if let Some(name) = parsed.resource_of("federated-user") {
        return Some(format!("The caller is the federated user `{name}` of account {account}."));
    }
    (parsed.resource == "root").then(|| format!("The caller is the root user of account {account}."))
}

fn tell_reason(reason: &Reason, sides: &Sides, denial: &Denial, proof: &mut Proof) {
    let action = denial.action.as_deref().unwrap_or("the action");
    if reason.explicit {
        proof.findings.push(
            "An explicit deny wins over every allow: no other policy can mend it. AWS names one type; others may deny, \
             or not allow, too."
                .to_owned(),
        );
        let place = where_is(reason, sides, denial);
        match &reason.policy {
            Some(arn) => proof
                .next
                .push(format!("Look for the Deny that speaks of {action} in {arn}{}.", owner_of(arn))),
            None => proof.next.push(format!("Look for a Deny that speaks of {action} in {place}.")),
        }
        return;
    }
    let silent = match reason.layer {
        CheckType::Principal => "The policies that the caller's side has were read, and none allows it.",
        CheckType::Resource => {
            "What the caller's own policies allow is not enough here: the resource's side must too."
        }
        CheckType::PermissionsBoundary | CheckType::Session => {
            "This layer only limits: it must allow what the identity policies allow."
        }
        CheckType::ServiceControlPolicy | CheckType::ResourceControlPolicy => {
            "Every level of the organization, from the root down to the account, must allow it."
        }
        CheckType::VpcEndpoint => "The call came through a VPC endpoint, whose policy must allow it.",
    };
    proof.findings.push(format!("{silent} AWS names one type; others may not allow it either."));
    proof.next.push(format!("An Allow for {action} is missing in {}.", where_is(reason, sides, denial)));
}

/// Where a policy type is to be looked for.
fn where_is(reason: &Reason, sides: &Sides, denial: &Denial) -> String {
    let account =
        |id: Option<AccountId>, else_: &str| id.map_or(else_.to_owned(), |id| format!("account {id}"));
    let own = account(sides.principal, "the caller's account");
    let theirs = account(sides.resource, "the resource's account");
    match reason.layer {
        CheckType::Principal => {
            let of = match denial.principal.as_deref().and_then(role_of) {
                Some(role) => format!("the policies of the role `{role}`, inline and attached"),
                None => "the caller's policies, inline, attached and of its groups".to_owned(),
            };
            format!("{of}, in {own}")
        }
        CheckType::Resource if reason.name == "role trust policy" => {
            format!("the trust policy of {}, in {theirs}", denial.resource.as_deref().unwrap_or("the role"))
        }
        CheckType::Resource => {
            format!("the policy on {}, in {theirs}", denial.resource.as_deref().unwrap_or("the resource"))
        }
        CheckType::PermissionsBoundary => format!("the managed policy that is the caller's permissions boundary, in {own}"),
        CheckType::Session => {
            "the policies that were passed when the session was made (AssumeRole's Policy and PolicyArns); whoever makes \
             the session has them"
                .to_owned()
        }
        CheckType::ServiceControlPolicy => format!(
            "the service control policies above {own}; they are changed in the organization's management account"
        ),
        CheckType::ResourceControlPolicy => format!(
            "the resource control policies above {theirs}; they are changed in the management account of its organization"
        ),
        CheckType::VpcEndpoint => "the policy of the VPC endpoint the call came through, in the account of the VPC".to_owned(),
    }
}

fn owner_of(arn: &str) -> String {
    match Arn::parse(arn).and_then(|arn| arn.account_id()) {
        Some(account) => format!(", in account {account}"),
        None => String::new(),
    }
}

fn role_of(arn: &str) -> Option<&str> {
    Arn::parse(arn)?.resource_of("assumed-role")?.split('/').next()
}

fn tell_no_reason(sides: &Sides, denial: &Denial, proof: &mut Proof) {
    if denial.encoded.is_some() {
        return;
    }
    let Some(action) = denial.action.as_deref() else {
        if denial.operation.as_deref() != Some("AssumeRole") {
            proof.findings.push(
                "S3 and some others say only that they refuse; a missing object looks the same to who may not list."
                    .to_owned(),
            );
        }
        proof
            .next
            .push("`aws sts get-caller-identity` or `rolecall whoami` says who you are to AWS.".to_owned());
        proof.next.push(
            "Which policies count, `rolecall can PRINCIPAL ACTION RESOURCE --estate …` shows for a request you name."
                .to_owned(),
        );
        return;
    };
    match sides.cross_account() {
        Some(true) => {
            proof.findings.push(
                "No reason is given across accounts that are not in one organization: it is the same answer whichever side \
                 is missing, and also where the resource does not exist."
                    .to_owned(),
            );
            if let (Some(own), Some(theirs)) = (sides.principal, sides.resource) {
                proof.next.push(format!(
                    "Account {own}: an identity policy of the caller must allow {action} on it."
                ));
                proof.next.push(format!("Account {theirs}: the policy on the resource (a role's trust policy) must let the caller in."));
            }
        }
        Some(false) | None => {
            proof.findings.push(
                "No reason is given: it may be a missing allow as well as a deny, in any policy.".to_owned(),
            );
            proof.next.push(format!(
                "Begin with the caller's own policies: is there an Allow for {action} on exactly this resource?"
            ));
        }
    }
}

/// What is particular to assuming a role.
fn tell_sts(denial: &Denial, proof: &mut Proof) {
    match denial.action.as_deref() {
        Some("sts:TagSession") => proof.next.push(
            "The session is made with tags, passed or inherited from the session before: both sides must allow \
             sts:TagSession beside sts:AssumeRole."
                .to_owned(),
        ),
        Some("sts:SetSourceIdentity") => proof.next.push(
            "A source identity is passed or inherited: both sides must allow sts:SetSourceIdentity beside sts:AssumeRole."
                .to_owned(),
        ),
        Some("sts:AssumeRole") => proof.next.push(
            "In the trust policy, conditions count too: an external id (sts:ExternalId), MFA, the organization, tags."
                .to_owned(),
        ),
        Some("sts:AssumeRoleWithWebIdentity" | "sts:AssumeRoleWithSAML") => proof.next.push(
            "Only the role's trust policy decides this: it must name the provider as its Federated principal, and its \
             conditions must hold for the token's audience and subject."
                .to_owned(),
        ),
        Some("iam:PassRole") => proof.next.push(
            "iam:PassRole is needed to hand a role to a service; the resource is the role, and iam:PassedToService tells \
             the service."
                .to_owned(),
        ),
        Some(_) | None => {}
    }
}

/// Errors that are of credentials, not of policies.
pub(super) fn no_refusal(text: &str) -> &'static str {
    let credentials = [
        "ExpiredToken",
        "InvalidClientTokenId",
        "UnrecognizedClient",
        "SignatureDoesNotMatch",
        "InvalidSignature",
        "Unable to locate credentials",
        "InvalidAccessKeyId",
    ];
    if credentials.iter().any(|code| text.contains(code)) {
        "this is about credentials, which AWS did not accept, and not about policies: `rolecall whoami` shows which are \
         used and where they come from"
    } else {
        "paste the whole message, such as `User: … is not authorized to perform: … on resource: …`"
    }
}
