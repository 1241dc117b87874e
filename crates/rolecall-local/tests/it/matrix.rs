//! The cross-account matrix: who may assume a role in another account, by what each side says.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>

use crate::harness::{As, Aws, TARGET, TRUST_ECS, WORKLOAD, allow, element, trust};

const ROLE: &str = "arn:aws:iam::222222222222:role/switch-role";

/// One cell: what the caller's account says, what the role's trust policy says, and what AWS answers.
struct Case {
    title: &'static str,
    identity: Option<&'static str>,
    principal: &'static str,
    condition: &'static str,
    parameters: &'static [(&'static str, &'static str)],
    allowed: bool,
}

const ANY: Option<&str> = Some("*");
const TASK_ROLE: &str = r#"{"AWS":"arn:aws:iam::111111111111:role/svc/task-role"}"#;
const ACCOUNT: &str = r#"{"AWS":"arn:aws:iam::111111111111:root"}"#;
const PLAIN: Case =
    Case { title: "", identity: ANY, principal: TASK_ROLE, condition: "{}", parameters: &[], allowed: true };

const CASES: &[Case] = &[
    Case { title: "both sides, by role ARN", ..PLAIN },
    Case { title: "both sides, by account root", principal: ACCOUNT, ..PLAIN },
    Case { title: "both sides, by account id", principal: r#"{"AWS":"111111111111"}"#, ..PLAIN },
    Case { title: "the identity policy names the role exactly", identity: Some(ROLE), ..PLAIN },
    Case {
        title: "the identity policy names another role",
        identity: Some("arn:aws:iam::222222222222:role/other"),
        allowed: false,
        ..PLAIN
    },
    Case { title: "no identity policy: the seed as written", identity: None, allowed: false, ..PLAIN },
    Case {
        title: "no identity policy, trust by account",
        identity: None,
        principal: ACCOUNT,
        allowed: false,
        ..PLAIN
    },
    Case {
        title: "trust names another role",
        principal: r#"{"AWS":"arn:aws:iam::111111111111:role/svc/other"}"#,
        allowed: false,
        ..PLAIN
    },
    Case {
        title: "trust names another account",
        principal: r#"{"AWS":"333333333333"}"#,
        allowed: false,
        ..PLAIN
    },
    Case {
        title: "trust names the target account itself",
        principal: r#"{"AWS":"222222222222"}"#,
        allowed: false,
        ..PLAIN
    },
    Case {
        title: "trust names a service",
        principal: r#"{"Service":"ecs-tasks.amazonaws.com"}"#,
        allowed: false,
        ..PLAIN
    },
    Case { title: "trust names everyone", principal: r#"{"AWS":"*"}"#, ..PLAIN },
    Case {
        title: "trust names everyone, no identity policy",
        principal: r#"{"AWS":"*"}"#,
        identity: None,
        allowed: false,
        ..PLAIN
    },
    Case {
        title: "external id given",
        condition: r#"{"StringEquals":{"sts:ExternalId":"id-1"}}"#,
        parameters: &[("ExternalId", "id-1")],
        ..PLAIN
    },
    Case {
        title: "external id wrong",
        condition: r#"{"StringEquals":{"sts:ExternalId":"id-1"}}"#,
        parameters: &[("ExternalId", "id-2")],
        allowed: false,
        ..PLAIN
    },
    Case {
        title: "external id missing",
        condition: r#"{"StringEquals":{"sts:ExternalId":"id-1"}}"#,
        allowed: false,
        ..PLAIN
    },
    Case { title: "external id given though nobody asks", parameters: &[("ExternalId", "id-1")], ..PLAIN },
    Case {
        title: "PrincipalArn with the path",
        principal: ACCOUNT,
        condition: r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/svc/task-role"}}"#,
        ..PLAIN
    },
    Case {
        title: "PrincipalArn without the path",
        principal: ACCOUNT,
        condition: r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/task-role"}}"#,
        allowed: false,
        ..PLAIN
    },
    Case {
        title: "PrincipalOrgID of our organisation",
        principal: r#"{"AWS":"*"}"#,
        condition: r#"{"StringEquals":{"aws:PrincipalOrgID":"o-rolecall00"}}"#,
        ..PLAIN
    },
    Case {
        title: "PrincipalOrgID of another",
        principal: r#"{"AWS":"*"}"#,
        condition: r#"{"StringEquals":{"aws:PrincipalOrgID":"o-other"}}"#,
        allowed: false,
        ..PLAIN
    },
    Case {
        title: "session name as asked",
        condition: r#"{"StringLike":{"sts:RoleSessionName":"te*"}}"#,
        ..PLAIN
    },
    Case {
        title: "session name otherwise",
        condition: r#"{"StringLike":{"sts:RoleSessionName":"x*"}}"#,
        allowed: false,
        ..PLAIN
    },
    Case {
        title: "MFA asked of a session that has none",
        condition: r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#,
        allowed: false,
        ..PLAIN
    },
    Case {
        title: "from the loopback address",
        condition: r#"{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#,
        ..PLAIN
    },
    Case {
        title: "from somewhere else",
        condition: r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
        allowed: false,
        ..PLAIN
    },
];

/// The task role in account 1, as the session of which everything is asked.
fn task<'a>(aws: &'a Aws, identity: Option<&str>) -> As<'a> {
    let root = aws.root(WORKLOAD);
    for name in ["task-role", "other"] {
        root.done(
            "iam",
            "CreateRole",
            &[("RoleName", name), ("Path", "/svc/"), ("AssumeRolePolicyDocument", TRUST_ECS)],
        );
    }
    if let Some(resource) = identity {
        let document = allow("sts:AssumeRole", resource);
        root.done(
            "iam",
            "PutRolePolicy",
            &[("RoleName", "task-role"), ("PolicyName", "p"), ("PolicyDocument", &document)],
        );
    }
    let task = aws
        .wait(aws.control().start_task("arn:aws:iam::111111111111:role/svc/task-role", "eu-west-1"))
        .unwrap();
    let credentials = rolecall_local::SigningCredentials::from_container(&task.credentials_uri, &task.token);
    let mut session = aws.root(WORKLOAD);
    session.client.credentials = aws.wait(credentials).unwrap();
    session
}

#[test]
fn both_accounts_must_say_yes() {
    let mut wrong = Vec::new();
    for case in CASES {
        let aws = Aws::start();
        let session = task(&aws, case.identity);
        let document = trust(case.principal)
            .replace(r#""Action""#, &format!(r#""Condition":{},"Action""#, case.condition));
        let role = [("RoleName", "switch-role"), ("AssumeRolePolicyDocument", document.as_str())];
        aws.root(TARGET).done("iam", "CreateRole", &role);
        let parameters: Vec<(&str, &str)> = [("RoleArn", ROLE), ("RoleSessionName", "test")]
            .into_iter()
            .chain(case.parameters.iter().copied())
            .collect();
        let answer = session.call("sts", "AssumeRole", &parameters);
        let allowed = answer.status == 200;
        if allowed != case.allowed || !allowed && element(&answer.body, "Code") != "AccessDenied" {
            wrong.push(format!("{}: {}", case.title, answer.body));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// reference_policies_elements_principal: a principal is kept by its unique id.
#[test]
fn a_role_made_again_is_another_role() {
    let aws = Aws::start();
    let session = task(&aws, ANY);
    let (target, workload) = (aws.root(TARGET), aws.root(WORKLOAD));
    let document = trust(TASK_ROLE);
    target.done("iam", "CreateRole", &[("RoleName", "switch-role"), ("AssumeRolePolicyDocument", &document)]);
    session.assume(ROLE, &[]);

    workload.done("iam", "DeleteRolePolicy", &[("RoleName", "task-role"), ("PolicyName", "p")]);
    workload.done("iam", "DeleteRole", &[("RoleName", "task-role")]);
    assert_eq!(session.refused("sts", "GetCallerIdentity", &[]).0, "InvalidClientTokenId");
    let shown = target.done("iam", "GetRole", &[("RoleName", "switch-role")]);
    assert!(element(&shown, "AssumeRolePolicyDocument").contains("%22AROA"), "{shown}");

    workload.done("iam", "DeleteRole", &[("RoleName", "other")]);
    let session = task(&aws, ANY);
    assert_eq!(
        session.refused("sts", "AssumeRole", &[("RoleArn", ROLE), ("RoleSessionName", "test")]).0,
        "AccessDenied"
    );
    target.done(
        "iam",
        "UpdateAssumeRolePolicy",
        &[("RoleName", "switch-role"), ("PolicyDocument", &document)],
    );
    session.assume(ROLE, &[]);
}

#[test]
fn a_trust_policy_names_only_who_exists() {
    let aws = Aws::start();
    let document = trust(r#"{"AWS":"arn:aws:iam::111111111111:role/nobody"}"#);
    let role = [("RoleName", "switch-role"), ("AssumeRolePolicyDocument", document.as_str())];
    let (code, message) = aws.root(TARGET).refused("iam", "CreateRole", &role);
    assert_eq!(code, "MalformedPolicyDocument");
    assert_eq!(message, r#"Invalid principal in policy: "AWS":"arn:aws:iam::111111111111:role/nobody""#);
}

#[test]
fn the_roles_of_nobody_cannot_be_assumed() {
    let aws = Aws::start();
    let session = task(&aws, ANY);
    let parameters = [("RoleArn", "arn:aws:iam::222222222222:role/not-there"), ("RoleSessionName", "test")];
    let (code, message) = session.refused("sts", "AssumeRole", &parameters);
    assert_eq!(code, "AccessDenied");
    assert!(message.contains("is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/not-there"), "{message}");
}
