//! Principals of a policy that is being saved: each must exist, and is kept by its unique id.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles>

use rolecall_iam::{Arn, Estate, Policy};

use crate::directory::{ADMINISTRATOR_ROLE, Directory};
use crate::fault::Fault;

/// Ties every user, role and unique id that `policy` names to the one that has it now.
///
/// # Errors
/// `MalformedPolicyDocument` with IAM's text for the first that does not exist. A service whose own code is
/// another puts it in.
pub(crate) fn resolve(directory: &mut Directory, policy: &mut Policy, now: i64) -> Result<(), Fault> {
    let arns: Vec<String> = policy.principal_arns().map(ToOwned::to_owned).collect();
    for arn in arns {
        make_account(directory, &arn, now);
        match find(&directory.estate, &arn) {
            Found::Pinned(id) => policy.pin(&arn, &id),
            Found::AsItIs => {}
            Found::Nobody => return Err(invalid(&arn)),
        }
    }
    let ids: Vec<String> = policy.principal_ids().map(ToOwned::to_owned).collect();
    for id in ids {
        if directory.estate.arn_of(&id).is_none() {
            return Err(invalid(&id));
        }
        // Read back, it shows the ARN.
        policy.pin(&id, &id);
    }
    Ok(())
}

/// What a principal's ARN comes to.
enum Found {
    /// A user or a role, by its unique id.
    Pinned(String),
    /// A session: it is kept by its name.
    AsItIs,
    Nobody,
}

fn find(estate: &Estate, text: &str) -> Found {
    if let Some(id) = estate.unique_id(text) {
        return Found::Pinned(id.to_owned());
    }
    let Some(arn) = Arn::parse(text).filter(|arn| arn.service == "sts") else { return Found::Nobody };
    if arn.resource_of("federated-user").is_some() {
        return Found::AsItIs;
    }
    let role = arn.resource_of("assumed-role").and_then(|rest| rest.split_once('/')).map(|(role, _)| role);
    let account = arn.account_id().and_then(|id| estate.account(id));
    let role = role.and_then(|name| account?.role(name).filter(|role| role.identity.name == name));
    if role.is_some() { Found::AsItIs } else { Found::Nobody }
}

/// An account that nobody has used yet has one role, and is made when that is named.
fn make_account(directory: &mut Directory, text: &str, now: i64) {
    let Some(arn) = Arn::parse(text) else { return };
    let Some(id) = arn.account_id() else { return };
    let role = arn.resource_of("role").or_else(|| {
        let rest = arn.resource_of("assumed-role")?;
        rest.split_once('/').map(|(role, _)| role)
    });
    if role == Some(ADMINISTRATOR_ROLE) && !directory.has_account(id) {
        directory.account(id, now);
    }
}

fn invalid(principal: &str) -> Fault {
    Fault::malformed_policy(format!("Invalid principal in policy: \"AWS\":\"{principal}\""))
}
