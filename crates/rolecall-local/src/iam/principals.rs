//! Principals of a policy that is being saved: each must exist, and is kept by its unique id.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles>

use rolecall_iam::{AccountId, Arn, Policy};

use crate::directory::{ADMINISTRATOR_ROLE, Directory};
use crate::fault::Fault;

/// Ties every user, role and unique id that `policy` names to the one that has it now. An account that nobody has
/// used yet is made where its one role is named; an error makes and ties nothing.
///
/// # Errors
/// `MalformedPolicyDocument` with IAM's text for the first that does not exist. A service whose own code is
/// another puts it in.
pub(crate) fn resolve(directory: &mut Directory, policy: &mut Policy, now: i64) -> Result<(), Fault> {
    let arns: Vec<String> = policy.principal_arns().map(ToOwned::to_owned).collect();
    let ids: Vec<String> = policy.principal_ids().map(ToOwned::to_owned).collect();
    let mut found = Vec::with_capacity(arns.len());
    for arn in &arns {
        found.push((arn, find(directory, arn).ok_or_else(|| invalid(arn))?));
    }
    if let Some(unknown) = ids.iter().find(|id| directory.estate.arn_of(id).is_none()) {
        return Err(invalid(unknown));
    }
    for (arn, principal) in found {
        match principal {
            Found::ById(id) => policy.pin(arn, &id),
            Found::AsItIs => {}
            Found::NotYetMade(account) => {
                directory.account(account, now);
                if let Some(id) = directory.estate.unique_id(arn) {
                    policy.pin(arn, id);
                }
            }
        }
    }
    for id in &ids {
        // Read back, it shows the ARN.
        policy.pin(id, id);
    }
    Ok(())
}

/// What a principal's ARN comes to.
enum Found {
    /// A user or a role, by its unique id.
    ById(String),
    /// A session: it is kept by its name.
    AsItIs,
    /// The role that every account is born with, in an account that nobody has used yet.
    NotYetMade(AccountId),
}

fn find(directory: &Directory, text: &str) -> Option<Found> {
    if let Some(id) = directory.estate.unique_id(text) {
        return Some(Found::ById(id.to_owned()));
    }
    let arn = Arn::parse(text)?;
    let id = arn.account_id()?;
    let is_session = arn.service == "sts";
    if is_session && arn.resource_of("federated-user").is_some() {
        return Some(Found::AsItIs);
    }
    let role = if is_session {
        arn.resource_of("assumed-role")?.split_once('/')?.0
    } else {
        arn.resource_of("role")?
    };
    match directory.estate.account(id) {
        None => (role == ADMINISTRATOR_ROLE).then_some(Found::NotYetMade(id)),
        Some(account) if is_session => {
            account.role(role).filter(|found| found.identity.name == role).map(|_| Found::AsItIs)
        }
        Some(_) => None,
    }
}

fn invalid(principal: &str) -> Fault {
    Fault::malformed_policy(format!("Invalid principal in policy: \"AWS\":\"{principal}\""))
}

#[cfg(test)]
mod tests {
    use crate::iam::check::{Iam, ecs, text, trust};

    const APP: &str = "arn:aws:iam::111111111111:role/svc/app";

    fn with_app() -> Iam {
        let mut iam = Iam::new();
        iam.ok("CreateRole", &[("RoleName", "app"), ("Path", "/svc/"), ("AssumeRolePolicyDocument", &ecs())]);
        iam
    }

    fn shown(iam: &mut Iam) -> String {
        let answer = iam.ok("GetRole", &[("RoleName", "door")]);
        let encoded = text(&answer, "AssumeRolePolicyDocument");
        let decoded = form_urlencoded::parse(encoded.as_bytes()).next().unwrap().0;
        decoded.into_owned()
    }

    /// reference_policies_elements_principal: "If you delete the role, … the ARN is transformed back to the
    /// role's principal id"; making the role again does not bring the trust back, saving the policy does.
    #[test]
    fn a_role_made_again_is_another_role() {
        let mut iam = with_app();
        let document = trust(&format!(r#"{{"AWS":"{APP}"}}"#));
        iam.ok("CreateRole", &[("RoleName", "door"), ("AssumeRolePolicyDocument", &document)]);
        let first = text(&iam.ok("GetRole", &[("RoleName", "app")]), "RoleId");
        assert_eq!(shown(&mut iam), document);

        iam.ok("DeleteRole", &[("RoleName", "app")]);
        assert!(shown(&mut iam).contains(&format!(r#""AWS":"{first}""#)));

        iam.ok("CreateRole", &[("RoleName", "app"), ("Path", "/svc/"), ("AssumeRolePolicyDocument", &ecs())]);
        assert!(shown(&mut iam).contains(&first), "the new role is not the one that was named");
        let stale = shown(&mut iam);
        let refused =
            iam.refused("UpdateAssumeRolePolicy", &[("RoleName", "door"), ("PolicyDocument", &stale)]);
        assert_eq!(
            refused,
            format!("400 MalformedPolicyDocument: Invalid principal in policy: \"AWS\":\"{first}\"")
        );

        iam.ok("UpdateAssumeRolePolicy", &[("RoleName", "door"), ("PolicyDocument", &document)]);
        assert_eq!(shown(&mut iam), document);
    }

    #[test]
    fn a_unique_id_is_shown_as_its_arn() {
        let mut iam = with_app();
        let id = text(&iam.ok("GetRole", &[("RoleName", "app")]), "RoleId");
        let document = trust(&format!(r#"{{"AWS":"{id}"}}"#));
        iam.ok("CreateRole", &[("RoleName", "door"), ("AssumeRolePolicyDocument", &document)]);
        assert!(shown(&mut iam).contains(APP));
    }

    #[test]
    fn a_user_may_move() {
        let mut iam = Iam::new();
        iam.ok("CreateUser", &[("UserName", "ann")]);
        let document = trust(r#"{"AWS":"arn:aws:iam::111111111111:user/ann"}"#);
        iam.ok("CreateRole", &[("RoleName", "door"), ("AssumeRolePolicyDocument", &document)]);
        iam.ok("UpdateUser", &[("UserName", "ann"), ("NewUserName", "anna"), ("NewPath", "/staff/")]);
        assert!(shown(&mut iam).contains("arn:aws:iam::111111111111:user/staff/anna"));
    }

    #[test]
    fn who_exists_may_be_named() {
        for (principal, known) in [
            (r#"{"AWS":"*"}"#, true),
            (r#"{"AWS":"222222222222"}"#, true),
            (r#"{"AWS":"arn:aws:iam::222222222222:root"}"#, true),
            (r#"{"Service":"ec2.amazonaws.com"}"#, true),
            (r#"{"AWS":"arn:aws:iam::111111111111:role/svc/app"}"#, true),
            (r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/app/task"}"#, true),
            // An account that nobody has used yet.
            (r#"{"AWS":"arn:aws:iam::222222222222:role/OrganizationAccountAccessRole"}"#, true),
            (r#"{"AWS":"arn:aws:iam::222222222222:role/x"}"#, false),
            // The path belongs to the ARN, and so does the case.
            (r#"{"AWS":"arn:aws:iam::111111111111:role/app"}"#, false),
            (r#"{"AWS":"arn:aws:iam::111111111111:role/svc/App"}"#, false),
            (r#"{"AWS":"arn:aws:iam::111111111111:user/app"}"#, false),
            (r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/other/task"}"#, false),
            (r#"{"AWS":"AROAEXAMPLEEXAMPLE123"}"#, false),
            // Of two, the one that is unknown; nothing is made for the other.
            (
                r#"{"AWS":["arn:aws:iam::333333333333:role/OrganizationAccountAccessRole","AIDAEXAMPLEEXAMPLE123"]}"#,
                false,
            ),
            // A role that names itself is not there yet.
            (r#"{"AWS":"arn:aws:iam::111111111111:role/door"}"#, false),
        ] {
            let mut iam = with_app();
            let pairs = [("RoleName", "door"), ("AssumeRolePolicyDocument", &*trust(principal))];
            match iam.call("CreateRole", &pairs) {
                Ok(_) => assert!(known, "{principal}"),
                Err(fault) => {
                    assert!(!known, "{principal}: {}", fault.message);
                    assert_eq!((fault.status, &*fault.code), (400, "MalformedPolicyDocument"));
                    assert!(fault.message.starts_with("Invalid principal in policy: \"AWS\":\""));
                }
            }
        }
    }
}
