//! A refusal in AWS's words, read back: who, what, on which resource, and which policy type said no.
//!
//! The forms: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html>. What SDKs and
//! tools put around them is looked past.

mod words;

use words::{Words, token};

use crate::verdict::CheckType;

/// What a refusal says. Nothing in it is certain to be there: some services say no more than that they refuse.
///
/// ```
/// use rolecall_iam::{CheckType, Denial};
/// let denial = Denial::read(
///     "An error occurred (AccessDenied) when calling the AssumeRole operation: User: \
///      arn:aws:sts::111111111111:assumed-role/my-fargate-task-role/0123 is not authorized to perform: sts:AssumeRole on \
///      resource: arn:aws:iam::222222222222:role/switch-role because no identity-based policy allows the sts:AssumeRole \
///      action",
/// )
/// .unwrap();
/// assert_eq!(denial.action.as_deref(), Some("sts:AssumeRole"));
/// assert_eq!(denial.reason.unwrap().layer, CheckType::Principal);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Denial {
    /// The error code, such as `AccessDeniedException`.
    pub code: Option<String>,
    /// The operation that was called, where a client says so, such as `ListTables`.
    pub operation: Option<String>,
    /// Who asked: an ARN, or `anonymous`.
    pub principal: Option<String>,
    /// The action that was refused.
    pub action: Option<String>,
    /// The resource.
    pub resource: Option<String>,
    /// Which policy type refused.
    pub reason: Option<Reason>,
    /// Under which AWS keeps the evaluation for a day.
    pub authorization_id: Option<String>,
    /// An encoded authorization message.
    pub encoded: Option<String>,
}

/// The policy type that a refusal names. AWS names one, also where others refuse too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// `with an explicit deny in`, rather than `because no … allows`.
    pub explicit: bool,
    /// The layer.
    pub layer: CheckType,
    /// Its name in AWS's words, such as `role trust policy`.
    pub name: &'static str,
    /// The policy's ARN, where it is named.
    pub policy: Option<String>,
}

/// AWS's names of policy types.
const POLICY_TYPES: [(&str, CheckType); 9] = [
    ("identity-based policy", CheckType::Principal),
    ("resource-based policy", CheckType::Resource),
    ("role trust policy", CheckType::Resource),
    ("permissions boundary", CheckType::PermissionsBoundary),
    ("session policy", CheckType::Session),
    ("service control policy", CheckType::ServiceControlPolicy),
    ("resource control policy", CheckType::ResourceControlPolicy),
    ("VPC endpoint policy", CheckType::VpcEndpoint),
    ("VPC Endpoint policy", CheckType::VpcEndpoint),
];

/// The codes of refusals, the longer before those they begin with.
const CODES: [&str; 7] = [
    "Client.UnauthorizedOperation",
    "UnauthorizedOperation",
    "AccessDeniedException",
    "AccessDenied",
    "AuthorizationErrorException",
    "AuthorizationError",
    "NotAuthorizedException",
];

impl Denial {
    /// Finds a refusal in a text: AWS's message alone, or with what an SDK, the AWS CLI or Terraform put around it.
    /// `None` where there is none in it.
    pub fn read(text: &str) -> Option<Self> {
        let words = Words::new(text);
        let mut denial = Self {
            code: CODES.into_iter().find(|code| words.has(code)).map(str::to_owned),
            operation: words.between("when calling the ", " operation").or_else(|| words.go_operation()),
            authorization_id: words
                .after("authorization id: ")
                .or_else(|| words.after("#/authorization-details/"))
                .map(|rest| token(rest, |byte| byte.is_ascii_alphanumeric()).to_owned()),
            encoded: words.after("ncoded authorization failure message: ").map(|rest| {
                token(rest, |byte| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte)).to_owned()
            }),
            ..Self::default()
        };
        denial.read_sentence(&words);
        denial.reason = reason(&words);
        let plain = ["Access Denied", "Forbidden", "AccessDenied"].into_iter().any(|word| words.has(word));
        let found = denial.code.is_some() || denial.action.is_some() || denial.encoded.is_some() || plain;
        found.then_some(denial)
    }

    /// `User: … is not authorized to perform: … on resource: …`
    fn read_sentence(&mut self, words: &Words) {
        let long = words.around(" is not authorized to perform: ");
        // STS says no more than this of web identities.
        let short = || words.around("Not authorized to perform ");
        let Some((before, after)) = long.or_else(short) else { return };
        let who = before.rsplit_once("User: ").map(|(_, who)| who);
        self.principal = who.filter(|who| !who.is_empty() && !who.contains(' ')).map(str::to_owned);
        let action = token(after, |byte| byte.is_ascii_alphanumeric() || b":-*".contains(&byte));
        self.action =
            Some(action.trim_end_matches(':')).filter(|action| action.contains(':')).map(str::to_owned);
        let rest = after.get(action.len()..).unwrap_or_default();
        let resource = rest.trim_start().strip_prefix("on resource: ").map(str::trim_start);
        self.resource = resource.map(resource_of).filter(|resource| !resource.is_empty());
    }
}

/// The ARN, which S3 puts into quotes.
fn resource_of(rest: &str) -> String {
    if let Some(quoted) = rest.strip_prefix('"') {
        return quoted.split('"').next().unwrap_or_default().to_owned();
    }
    let word = rest.split([' ', '"', '\'', '<', '`']).next().unwrap_or_default();
    word.trim_end_matches(['.', ',', ';', ')', '}']).to_owned()
}

fn reason(words: &Words) -> Option<Reason> {
    let of = |rest: &str, explicit: bool| {
        let (name, layer) = POLICY_TYPES.into_iter().find(|(name, _)| rest.starts_with(name))?;
        let named = rest.get(name.len()..).and_then(|rest| rest.strip_prefix(": ").filter(|_| explicit));
        let policy = named.map(resource_of).filter(|arn| arn.starts_with("arn:"));
        Some(Reason { explicit, layer, name, policy })
    };
    let explicit = words.after("with an explicit deny in ").and_then(|rest| {
        let rest =
            ["an ", "a ", "the "].into_iter().find_map(|article| rest.strip_prefix(article)).unwrap_or(rest);
        of(rest, true)
    });
    explicit.or_else(|| words.after("because no ").and_then(|rest| of(rest, false)))
}
