//! `AssumeRole` in full.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use crate::harness::{Aws, TARGET, WORKLOAD, allow, element, trust};

const ROLE: &str = "arn:aws:iam::222222222222:role/switch-role";

/// A user of the workload account that may do all of STS, and a role in the target account with this trust.
fn stage(aws: &Aws, statement: &str) {
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    let role = [
        ("RoleName", "switch-role"),
        ("AssumeRolePolicyDocument", document.as_str()),
        ("MaxSessionDuration", "7200"),
    ];
    aws.root(TARGET).done("iam", "CreateRole", &role);
}

const TRUSTS_ACCOUNT: &str =
    r#"{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}"#;

#[test]
fn a_session_lands_in_the_roles_account_and_only_there() {
    let aws = Aws::start();
    let alice = aws.user(WORKLOAD, "alice", Some(&allow("sts:*", "*")));
    stage(&aws, TRUSTS_ACCOUNT);
    let answer = alice.done("sts", "AssumeRole", &[("RoleArn", ROLE), ("RoleSessionName", "s-1")]);
    assert_eq!(element(&answer, "Arn"), "arn:aws:sts::222222222222:assumed-role/switch-role/s-1");
    let session = alice.assume(ROLE, &[]);
    assert_eq!(session.arn(), "arn:aws:sts::222222222222:assumed-role/switch-role/test");
    let key = element(&answer, "AccessKeyId");
    let info = alice.done("sts", "GetAccessKeyInfo", &[("AccessKeyId", &key)]);
    assert_eq!(element(&info, "Account"), TARGET);
    assert_eq!(
        session.refused("sts", "GetSessionToken", &[]),
        ("AccessDenied".to_owned(), "Cannot call GetSessionToken with session credentials".to_owned())
    );
    // What alice may do is nothing to the session.
    let (code, message) = session.refused("iam", "ListRoles", &[]);
    assert_eq!(code, "AccessDenied");
    assert!(
        message.ends_with("because no identity-based policy allows the iam:ListRoles action"),
        "{message}"
    );
}

#[test]
fn parameters_within_their_limits() {
    let aws = Aws::start();
    let alice = aws.user(WORKLOAD, "alice", Some(&allow("sts:*", "*")));
    stage(&aws, TRUSTS_ACCOUNT);
    let long = "x".repeat(65);
    let big_policy = format!(r#"{{"Version":"2012-10-17","Statement":[],"Id":"{}"}}"#, "x".repeat(2100));
    for (more, code, words) in [
        (
            &[("RoleSessionName", "x")][..],
            "ValidationError",
            "at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2",
        ),
        (&[("RoleSessionName", &long)], "ValidationError", "length less than or equal to 64"),
        (&[("RoleSessionName", "a b")], "ValidationError", "regular expression pattern"),
        (&[("ExternalId", "x")], "ValidationError", "'externalId'"),
        (&[("DurationSeconds", "899")], "ValidationError", "greater than or equal to 900"),
        (&[("DurationSeconds", "43201")], "ValidationError", "less than or equal to 43200"),
        (
            &[("DurationSeconds", "7201")],
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        (&[("Policy", "{}")], "MalformedPolicyDocument", "Syntax errors in policy."),
        (&[("Policy", &big_policy)], "ValidationError", "less than or equal to 2048"),
        (
            &[("PolicyArns.member.1.arn", "arn:aws:iam::222222222222:policy/none")],
            "InvalidParameterValue",
            "does not exist",
        ),
        (
            &[
                ("Tags.member.1.Key", "a"),
                ("Tags.member.1.Value", "1"),
                ("Tags.member.2.Key", "A"),
                ("Tags.member.2.Value", "2"),
            ],
            "InvalidInput",
            "Duplicate tag keys",
        ),
        (&[("RoleArn", "arn:aws:iam::222222222222:user/alice")], "ValidationError", "is invalid"),
        (
            &[("SerialNumber", "arn:aws:iam::111111111111:mfa/x"), ("TokenCode", "123456")],
            "AccessDenied",
            "MultiFactorAuthentication failed",
        ),
    ] {
        let default = [("RoleArn", ROLE), ("RoleSessionName", "s-1")];
        let kept = default.into_iter().filter(|(name, _)| !more.iter().any(|(given, _)| given == name));
        let parameters: Vec<(&str, &str)> = more.iter().copied().chain(kept).collect();
        let tagged = more.iter().any(|(name, _)| name.starts_with("Tags"));
        let (found, message) = alice.refused("sts", "AssumeRole", &parameters);
        assert_eq!(found, code, "{more:?}: {message}");
        assert!(message.contains(words) || tagged && message.contains("Duplicate"), "{more:?}: {message}");
    }
    let (_, message) =
        aws.root(WORKLOAD).refused("sts", "AssumeRole", &[("RoleArn", ROLE), ("RoleSessionName", "s-1")]);
    assert_eq!(message, "Roles may not be assumed by root accounts.");
}

#[test]
fn a_chain_lasts_an_hour_at_most() {
    let aws = Aws::start();
    let alice = aws.user(WORKLOAD, "alice", Some(&allow("sts:*", "*")));
    stage(&aws, TRUSTS_ACCOUNT);
    let second = trust(r#"{"AWS":"arn:aws:iam::222222222222:role/switch-role"}"#);
    let role = [
        ("RoleName", "second"),
        ("AssumeRolePolicyDocument", second.as_str()),
        ("MaxSessionDuration", "7200"),
    ];
    aws.root(TARGET).done("iam", "CreateRole", &role);
    let session = alice.assume(ROLE, &[("DurationSeconds", "7200")]);
    let arn = "arn:aws:iam::222222222222:role/second";
    let longer = [("RoleArn", arn), ("RoleSessionName", "s-2"), ("DurationSeconds", "3601")];
    assert_eq!(
        session.refused("sts", "AssumeRole", &longer).1,
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    );
    // In one account a trust policy that names the role is enough.
    assert_eq!(session.assume(arn, &[]).arn(), "arn:aws:sts::222222222222:assumed-role/second/test");
}

#[test]
fn tags_need_tag_session_and_transitive_ones_are_inherited() {
    let aws = Aws::start();
    let alice = aws.user(WORKLOAD, "alice", Some(&allow("sts:*", "*")));
    stage(&aws, TRUSTS_ACCOUNT);
    let tags = [
        ("RoleArn", ROLE),
        ("RoleSessionName", "s-1"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "blue"),
        ("TransitiveTagKeys.member.1", "team"),
    ];
    let (code, message) = alice.refused("sts", "AssumeRole", &tags);
    assert_eq!(code, "AccessDenied");
    assert!(message.contains("is not authorized to perform: sts:TagSession on resource: arn:aws:iam::222222222222:role/switch-role"), "{message}");

    let both = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},
        "Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEqualsIfExists":{"aws:RequestTag/team":"blue"}}}]}"#;
    let target = aws.root(TARGET);
    target.done("iam", "UpdateAssumeRolePolicy", &[("RoleName", "switch-role"), ("PolicyDocument", both)]);
    let session = alice.assume(ROLE, &tags[2..]);

    let next = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:role/switch-role"},
        "Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue"}}}]}"#;
    target.done("iam", "CreateRole", &[("RoleName", "next"), ("AssumeRolePolicyDocument", next)]);
    let arn = "arn:aws:iam::222222222222:role/next";
    session.assume(arn, &[]);
    let again = [
        ("RoleArn", arn),
        ("RoleSessionName", "s-2"),
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "red"),
    ];
    assert_eq!(session.refused("sts", "AssumeRole", &again).0, "InvalidParameterValue");
    // Without sts:TagSession in its trust policy a tagged session cannot enter.
    let bare = trust(r#"{"AWS":"arn:aws:iam::222222222222:role/switch-role"}"#);
    target.done("iam", "UpdateAssumeRolePolicy", &[("RoleName", "next"), ("PolicyDocument", &bare)]);
    let (_, message) = session.refused("sts", "AssumeRole", &[("RoleArn", arn), ("RoleSessionName", "s-2")]);
    assert!(message.contains("sts:TagSession"), "{message}");
}

#[test]
fn session_policies_only_narrow() {
    let aws = Aws::start();
    let alice = aws.user(WORKLOAD, "alice", Some(&allow("sts:*", "*")));
    stage(&aws, TRUSTS_ACCOUNT);
    let target = aws.root(TARGET);
    let policy =
        [("RoleName", "switch-role"), ("PolicyName", "p"), ("PolicyDocument", &allow("iam:List*", "*"))];
    target.done("iam", "PutRolePolicy", &policy);
    alice.assume(ROLE, &[]).done("iam", "ListRoles", &[]);
    let users_only = allow("iam:ListUsers", "*");
    let session = alice.assume(ROLE, &[("Policy", &users_only)]);
    session.done("iam", "ListUsers", &[]);
    let (_, message) = session.refused("iam", "ListRoles", &[]);
    assert!(message.ends_with("because no session policy allows the iam:ListRoles action"), "{message}");
    let wider = alice.assume(ROLE, &[("Policy", &allow("*", "*"))]);
    assert_eq!(wider.refused("iam", "CreateUser", &[("UserName", "x")]).0, "AccessDenied");
    let managed = [("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess")];
    let (_, message) = alice.assume(ROLE, &managed).refused("iam", "ListGroups", &[]);
    assert!(message.ends_with("because no session policy allows the iam:ListGroups action"), "{message}");
}

#[test]
fn the_source_identity_stays() {
    let aws = Aws::start();
    let alice = aws.user(WORKLOAD, "alice", Some(&allow("sts:*", "*")));
    let statement = r#"{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":["sts:AssumeRole","sts:SetSourceIdentity"],
        "Condition":{"StringLike":{"sts:SourceIdentity":"alice*"}}}"#;
    stage(&aws, statement);
    assert_eq!(
        alice.refused("sts", "AssumeRole", &[("RoleArn", ROLE), ("RoleSessionName", "s-1")]).0,
        "AccessDenied"
    );
    let session = alice.assume(ROLE, &[("SourceIdentity", "alice-1")]);
    let next = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:role/switch-role"},
        "Action":["sts:AssumeRole","sts:SetSourceIdentity"],"Condition":{"StringEquals":{"aws:SourceIdentity":"alice-1"}}}]}"#;
    aws.root(TARGET).done("iam", "CreateRole", &[("RoleName", "next"), ("AssumeRolePolicyDocument", next)]);
    let next = "arn:aws:iam::222222222222:role/next";
    session.assume(next, &[]);
    let other = [("RoleArn", next), ("RoleSessionName", "s-2"), ("SourceIdentity", "alice-2")];
    assert_eq!(session.refused("sts", "AssumeRole", &other).0, "ValidationError");
}

/// Another spelling of a role's ARN is no name of the role: it would pass a policy that denies the right one.
#[test]
fn a_role_has_one_arn() {
    let aws = Aws::start();
    let root = aws.root(WORKLOAD);
    root.done(
        "iam",
        "CreateRole",
        &[("RoleName", "door"), ("AssumeRolePolicyDocument", &trust(r#"{"AWS":"111111111111"}"#))],
    );
    let alice = aws.user(WORKLOAD, "alice", Some(&allow("sts:AssumeRole", "*")));
    alice.assume("arn:aws:iam::111111111111:role/door", &[]);
    for other in [
        "arn:aws-cn:iam::111111111111:role/door",
        "arn:aws:iam:us-east-1:111111111111:role/door",
        "arn:aws:iam::111111111111:role//door",
    ] {
        let (code, _) = alice.refused("sts", "AssumeRole", &[("RoleArn", other), ("RoleSessionName", "it")]);
        assert_eq!(code, "AccessDenied", "{other}");
    }
}

/// What AWS does not have, and must not be a way from one account into all others: see docs/semantics.md.
#[test]
fn only_the_administrators_made_here_may_enter_other_accounts() {
    let aws = Aws::start();
    let administrator_role =
        |account: &str| format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole");
    let administrator = aws.wait(aws.control().administrator(WORKLOAD)).unwrap();
    let made_here = aws.signing(
        &administrator.access_key_id,
        &administrator.secret_access_key,
        Some(&administrator.session_token),
    );
    made_here.assume(&administrator_role(TARGET), &[]);

    // Somebody who may make roles makes this one anew, for himself.
    let mallory = aws.user(WORKLOAD, "mallory", Some(&allow("*", "*")));
    let role = ("RoleName", "OrganizationAccountAccessRole");
    let policy = ("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess");
    mallory.done("iam", "DetachRolePolicy", &[role, policy]);
    mallory.done("iam", "DeleteRole", &[role]);
    let document = trust(r#"{"AWS":"arn:aws:iam::111111111111:user/mallory"}"#);
    mallory.done("iam", "CreateRole", &[role, ("AssumeRolePolicyDocument", &document)]);
    mallory.done("iam", "AttachRolePolicy", &[role, policy]);
    let session = mallory.assume(&administrator_role(WORKLOAD), &[]);
    let other = administrator_role(TARGET);
    let parameters = [("RoleArn", other.as_str()), ("RoleSessionName", "s-1")];
    assert_eq!(session.refused("sts", "AssumeRole", &parameters).0, "AccessDenied");
    let tagged = [
        ("RoleArn", other.as_str()),
        ("RoleSessionName", "s-1"),
        ("Tags.member.1.Key", "AWS:rolecall:administrator"),
        ("Tags.member.1.Value", "true"),
    ];
    assert_eq!(mallory.refused("sts", "AssumeRole", &tagged).0, "InvalidParameterValue");
}
