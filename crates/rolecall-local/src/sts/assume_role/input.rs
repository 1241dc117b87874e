//! What `AssumeRole` is asked, within its documented limits.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_RequestParameters>

use rolecall_iam::{AccountId, Arn};

use crate::fault::Fault;
use crate::wire::params::{Params, constraint};

/// The parameters, each within its limits.
#[derive(Debug)]
pub(super) struct Input<'a> {
    pub(super) role_arn: &'a str,
    /// The account of the role.
    pub(super) account: AccountId,
    pub(super) session_name: &'a str,
    pub(super) duration: Option<i64>,
    pub(super) external_id: Option<&'a str>,
    pub(super) policy: Option<&'a str>,
    pub(super) policy_arns: Vec<&'a str>,
    pub(super) tags: Vec<(&'a str, &'a str)>,
    pub(super) transitive: Vec<&'a str>,
    pub(super) source_identity: Option<&'a str>,
}

/// The room that policies and tags may take together, in characters.
const PACKED_ROOM: usize = 2048;

impl<'a> Input<'a> {
    pub(super) fn read(params: &'a Params) -> Result<Self, Fault> {
        let role_arn = params.required("RoleArn")?;
        length(role_arn, "RoleArn", 20, 2048)?;
        let arn =
            Arn::parse(role_arn).filter(|arn| arn.service == "iam" && arn.resource_of("role").is_some());
        let account = arn.and_then(|arn| arn.account_id());
        let account = account.ok_or_else(|| Fault::validation(format!("{role_arn} is invalid")))?;
        if params.get("SerialNumber").is_some() || params.get("TokenCode").is_some() {
            let message = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
            return Err(Fault::new(403, "AccessDenied", message));
        }
        let input = Self {
            role_arn,
            account,
            session_name: params.required("RoleSessionName")?,
            duration: params.integer("DurationSeconds")?,
            external_id: params.get("ExternalId"),
            policy: params.get("Policy"),
            policy_arns: policy_arns(params),
            tags: params.pairs("Tags", "Key", "Value")?,
            transitive: params.members("TransitiveTagKeys"),
            source_identity: params.get("SourceIdentity"),
        };
        input.check()?;
        Ok(input)
    }

    fn check(&self) -> Result<(), Fault> {
        name(self.session_name, "RoleSessionName")?;
        if let Some(identity) = self.source_identity {
            name(identity, "SourceIdentity")?;
            if identity.starts_with("aws:") {
                return Err(constraint(identity, "SourceIdentity", "Member must not begin with aws:"));
            }
        }
        if let Some(id) = self.external_id {
            length(id, "ExternalId", 2, 1224)?;
            characters(id, "ExternalId", "+=,.@:/-", "[\\w+=,.@:\\/-]*")?;
        }
        if let Some(duration) = self.duration {
            let text = duration.to_string();
            if duration < 900 {
                return Err(constraint(
                    &text,
                    "DurationSeconds",
                    "Member must have value greater than or equal to 900",
                ));
            }
            if duration > 43_200 {
                return Err(constraint(
                    &text,
                    "DurationSeconds",
                    "Member must have value less than or equal to 43200",
                ));
            }
        }
        if let Some(policy) = self.policy {
            length(policy, "Policy", 1, 2048)?;
        }
        if self.policy_arns.len() > 10 {
            return Err(constraint(
                "[...]",
                "PolicyArns",
                "Member must have length less than or equal to 10",
            ));
        }
        self.check_tags()
    }

    fn check_tags(&self) -> Result<(), Fault> {
        if self.tags.len() > 50 {
            return Err(constraint("[...]", "Tags", "Member must have length less than or equal to 50"));
        }
        for (index, (key, value)) in self.tags.iter().enumerate() {
            length(key, "Tags", 1, 128)?;
            length(value, "Tags", 0, 256)?;
            if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
                return Err(Fault::new(400, "InvalidParameterValue", "Tag keys must not begin with aws:"));
            }
            if self.tags.iter().take(index).any(|(earlier, _)| earlier.eq_ignore_ascii_case(key)) {
                let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
                return Err(Fault::new(400, "InvalidInput", message));
            }
        }
        for key in &self.transitive {
            if !self.tags.iter().any(|(tag, _)| tag.eq_ignore_ascii_case(key)) {
                let message = "The specified transitive tag key must be included in the requested tags.";
                return Err(Fault::new(400, "InvalidParameterValue", message));
            }
        }
        Ok(())
    }

    /// How much of the room for policies and tags is taken, in per cent; `None` where there are none.
    ///
    /// # Errors
    /// More than there is. AWS packs them before it measures, in a way it does not document: here they are
    /// measured as they are, so what passes here passes there.
    pub(super) fn packed_size(&self) -> Result<Option<usize>, Fault> {
        let tags = self.tags.iter().map(|(key, value)| key.len() + value.len());
        let arns = self.policy_arns.iter().map(|arn| arn.len());
        let total: usize = tags.chain(arns).sum::<usize>() + self.policy.map_or(0, str::len);
        if total == 0 {
            return Ok(None);
        }
        let percent = (total * 100).div_ceil(PACKED_ROOM);
        if percent > 100 {
            let message =
                format!("Packed size of session tags and policies consumes {percent}% of allotted space.");
            return Err(Fault::new(400, "PackedPolicyTooLarge", message));
        }
        Ok(Some(percent))
    }
}

fn policy_arns(params: &Params) -> Vec<&str> {
    (1..).map_while(|index| params.get(&format!("PolicyArns.member.{index}.arn"))).collect()
}

/// Session names and source identities: two to sixty-four of these characters.
fn name(text: &str, field: &str) -> Result<(), Fault> {
    length(text, field, 2, 64)?;
    characters(text, field, "+=,.@-", "[\\w+=,.@-]*")
}

fn length(text: &str, field: &str, least: usize, most: usize) -> Result<(), Fault> {
    let count = text.chars().count();
    if count < least {
        let limit = format!("Member must have length greater than or equal to {least}");
        return Err(constraint(text, field, &limit));
    }
    if count > most {
        return Err(constraint(
            text,
            field,
            &format!("Member must have length less than or equal to {most}"),
        ));
    }
    Ok(())
}

fn characters(text: &str, field: &str, others: &str, pattern: &str) -> Result<(), Fault> {
    let sound = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || others.contains(c));
    if sound {
        return Ok(());
    }
    Err(constraint(text, field, &format!("Member must satisfy regular expression pattern: {pattern}")))
}
