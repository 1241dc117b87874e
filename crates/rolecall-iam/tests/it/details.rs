//! Accounts as `aws iam get-account-authorization-details` prints them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>

use insta::assert_snapshot;
use rolecall_iam::{Context, Decision, Details, Estate, MISSING_POLICY, Principal, RoleSession};

use crate::world::{id, request};

/// As the AWS CLI prints it, with documents as JSON, and with one as the API sends it.
const TASK: &str = r#"{
    "UserDetailList": [{
        "Path": "/people/", "UserName": "Ana", "UserId": "AIDAANA0000000000001",
        "Arn": "arn:aws:iam::111111111111:user/people/Ana", "CreateDate": "2024-01-01T00:00:00+00:00",
        "GroupList": ["clerks"], "AttachedManagedPolicies": [], "Tags": [{"Key": "team", "Value": "blue"}]
    }],
    "GroupDetailList": [{
        "Path": "/", "GroupName": "clerks", "GroupId": "AGPACLERKS0000000001",
        "Arn": "arn:aws:iam::111111111111:group/clerks", "GroupPolicyList": [], "AttachedManagedPolicies": [
            {"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
    }],
    "RoleDetailList": [{
        "Path": "/", "RoleName": "my-fargate-task-role", "RoleId": "AROATASK000000000001",
        "Arn": "arn:aws:iam::111111111111:role/my-fargate-task-role",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
        "InstanceProfileList": [{"Path": "/", "InstanceProfileName": "Task", "InstanceProfileId": "AIPATASK000000000001",
            "Arn": "arn:aws:iam::111111111111:instance-profile/Task", "Roles": []}],
        "RolePolicyList": [{"PolicyName": "switch", "PolicyDocument":
            "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%2C%22Resource%22%3A%22%2A%22%7D%7D"}],
        "AttachedManagedPolicies": [{"PolicyName": "own", "PolicyArn": "arn:aws:iam::111111111111:policy/own"}],
        "PermissionsBoundary": {"PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": "arn:aws:iam::aws:policy/PowerUserAccess"},
        "Tags": [], "RoleLastUsed": {}
    }],
    "Policies": [{
        "PolicyName": "own", "PolicyId": "ANPAOWN0000000000001", "Arn": "arn:aws:iam::111111111111:policy/own",
        "Path": "/", "DefaultVersionId": "v2", "AttachmentCount": 1, "IsAttachable": true, "PolicyVersionList": [
            {"VersionId": "v2", "IsDefaultVersion": true, "Document": {"Statement": [
                {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}},
            {"VersionId": "v1", "IsDefaultVersion": false, "Document": {"Statement": [
                {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}]}}]
    }, {
        "PolicyName": "PowerUserAccess", "Arn": "arn:aws:iam::aws:policy/PowerUserAccess", "DefaultVersionId": "v5",
        "PolicyVersionList": [{"VersionId": "v5", "IsDefaultVersion": true, "Document": {"Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"}]}}]
    }]
}"#;

const AWAY: &str = r#"{"RoleDetailList": [{
    "Path": "/", "RoleName": "switch-role", "RoleId": "AROASWITCH0000000001",
    "Arn": "arn:aws:iam::222222222222:role/switch-role",
    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": ["arn:aws:iam::111111111111:role/my-fargate-task-role", "AROAGONE000000000001"]}}]}
}]}"#;

fn estate(texts: &[&str]) -> (Estate, Vec<String>) {
    let mut estate = Estate::default();
    for details in texts.iter().flat_map(|text| Details::read(text).unwrap()) {
        assert_eq!(details.warnings, []);
        estate.add(details).unwrap();
    }
    let missing = estate.settle();
    (estate, missing)
}

fn task() -> Principal {
    Principal::RoleSession(RoleSession {
        account: id("111111111111"),
        role_arn: "arn:aws:iam::111111111111:role/my-fargate-task-role".to_owned(),
        role_name: "my-fargate-task-role".to_owned(),
        role_id: "AROATASK000000000001".to_owned(),
        session_name: "run".to_owned(),
    })
}

fn decide(estate: &Estate, action: &str, resource: &str) -> Decision {
    let principal = task();
    let mut context = principal.context();
    context.insert_unknown(MISSING_POLICY);
    estate.decide(&request(&principal, action, resource, &context)).decision
}

#[test]
fn everything_of_an_account() {
    let (estate, missing) = estate(&[TASK, AWAY]);
    assert_snapshot!(missing.join("\n"), @"arn:aws:iam::aws:policy/ReadOnlyAccess is attached to clerks and in no file: what it allows or denies is undecided");
    let account = estate.account(id("111111111111")).unwrap();
    let ana = account.user("ana").unwrap();
    assert_eq!(
        (ana.identity.tags["team"].as_str(), account.user_arn(ana).as_str()),
        ("blue", "arn:aws:iam::111111111111:user/people/Ana")
    );
    assert_eq!(account.instance_profiles["task"].role.as_deref(), Some("my-fargate-task-role"));
    // Inline and URL-encoded; managed, in its default version.
    assert_eq!(
        decide(&estate, "sts:AssumeRole", "arn:aws:iam::222222222222:role/switch-role"),
        Decision::Allowed
    );
    assert_eq!(decide(&estate, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111111111111:q"), Decision::Allowed);
    assert_eq!(
        decide(&estate, "sns:Publish", "arn:aws:sns:eu-west-1:111111111111:t"),
        Decision::ImplicitlyDenied
    );
}

/// reference_policies_elements_principal#principal-roles: an ARN in a trust policy is kept as the id of who has it.
#[test]
fn principals_are_tied_to_who_has_the_arn() {
    let (mut estate, _) = estate(&[TASK, AWAY]);
    let switch = estate.role("arn:aws:iam::222222222222:role/switch-role").unwrap();
    assert_eq!(
        switch.trust.pins()["arn:aws:iam::111111111111:role/my-fargate-task-role"],
        "AROATASK000000000001"
    );
    let account = estate.accounts.get_mut(&id("111111111111")).unwrap();
    account.roles.get_mut("my-fargate-task-role").unwrap().identity.id = "AROATASK000000000002".to_owned();
    let assume = decide(&estate, "sts:AssumeRole", "arn:aws:iam::222222222222:role/switch-role");
    assert_eq!(assume, Decision::ImplicitlyDenied);
}

/// With `--filter`, and page by page, in one file or in several: what is in no file is not taken for nothing.
#[test]
fn parts_come_together_and_gaps_are_undecided() {
    let roles = TASK.replace("\"Policies\"", "\"Other\"");
    let (estate_with_gap, missing) = estate(&[&roles]);
    assert_eq!(missing.len(), 3, "{missing:?}");
    let queue = "arn:aws:sqs:eu-west-1:111111111111:q";
    assert_eq!(decide(&estate_with_gap, "sqs:SendMessage", queue), Decision::Undecided);
    let policies = TASK.replace("DetailList\"", "Other\"");
    let (whole, _) = estate(&[&format!("{roles}\n{policies}")]);
    assert_eq!(decide(&whole, "sqs:SendMessage", queue), Decision::Allowed);
    // Where nobody says that it is unknown, a policy that is missing denies.
    let principal = task();
    let context = Context::new();
    let found = estate_with_gap.decide(&request(&principal, "sqs:SendMessage", queue, &context)).decision;
    assert_eq!(found, Decision::ExplicitlyDenied);
}

#[test]
fn what_is_wrong_and_where() {
    let read = |text: &str| {
        let error = Details::read(text).unwrap_err();
        format!("{}: {error}", error.span.position(text))
    };
    let texts = [
        "{\n  \"RoleDetailList\": [",
        "{}",
        "[]",
        "{\"RoleDetailList\": {}}",
        "{\"RoleDetailList\": [\n{\"RoleName\": \"a\"}]}",
        "{\"RoleDetailList\": [{\"RoleName\": \"a\", \"Arn\": \"arn:aws:iam::111111111111:role/x/a\"}]}",
        "{\"RoleDetailList\": [{\"RoleName\": \"a\", \"Arn\": \"arn:aws-cn:iam::111111111111:role/a\"}]}",
        "{\"RoleDetailList\": [{\"RoleName\": \"a\", \"Arn\": \"a\"}]}",
        "{\"RoleDetailList\": [{\"RoleName\": \"a\", \"RoleId\": \"AROA\", \"Arn\": \"arn:aws:iam::111111111111:role/a\"}]}",
        "{\"Policies\": [{\"Arn\": \"arn:aws:iam::111111111111:policy/p\", \"PolicyVersionList\": []}]}",
    ];
    assert_snapshot!(texts.map(read).join("\n"), @r"
    2:22: expected a value
    1:1: this is not what `aws iam get-account-authorization-details` prints: it has none of UserDetailList, GroupDetailList, RoleDetailList and Policies
    1:1: an object, `{…}`, is expected here
    1:20: `RoleDetailList` must be a list
    2:1: `Arn` is missing in this object
    1:46: this is not the ARN of the role a with the path /: `arn:aws:iam::111111111111:role/a`
    1:46: `arn:aws-cn:iam::111111111111:role/a` is in the partition aws-cn, which is not supported yet
    1:46: `a` is not an ARN of IAM
    1:21: `AssumeRolePolicyDocument` is missing in this object
    1:15: the default version of arn:aws:iam::111111111111:policy/p is not in its PolicyVersionList
    ");
    let mut other = Details::read(AWAY).unwrap();
    other[0].account.as_mut().unwrap().roles.get_mut("switch-role").unwrap().max_session_duration = 7200;
    let (mut estate, _) = estate(&[AWAY]);
    assert_snapshot!(estate.add(other.remove(0)).unwrap_err(), @"the role `switch-role` of account 222222222222 is there twice, in two versions");
}

#[test]
fn what_is_doubtful() {
    let text = AWAY
        .replace("\"Effect\": \"Allow\"", "\"Effect\": \"Maybe\"")
        .replace("{\"RoleDetailList\"", "{\"IsTruncated\": true, \"Marker\": \"x\", \"RoleDetailList\"");
    let warnings = Details::read(&text).unwrap().remove(0).warnings;
    let shown = warnings.iter().map(|it| format!("{}: {it}", it.span.position(&text))).collect::<Vec<_>>();
    assert_snapshot!(shown.join("\n"), @r"
    4:33: a statement of this policy cannot be understood (Syntax errors in policy.): it allows nothing, and what it may deny is undecided
    1:33: the listing breaks off here: ask again without --max-items and --no-paginate, or add the pages that follow
    ");
}
