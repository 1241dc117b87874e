//! The commands that ask questions, run as a user runs them, on the estate in `examples/`.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use insta::assert_snapshot;
use serde_json::Value;

const TASK: &str = "arn:aws:iam::111111111111:role/my-fargate-task-role";
const SWITCH: &str = "arn:aws:iam::222222222222:role/switch-role";
const ORDERS: &str = "arn:aws:dynamodb:eu-west-1:222222222222:table/orders";
const ESTATE: &str = "examples/estate";

fn rolecall(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// What is on standard output, then on standard error, then the exit code.
fn told(arguments: &[&str], input: &str) -> String {
    let out = rolecall(arguments, input);
    let side = String::from_utf8(out.stderr).unwrap();
    let side = if side.is_empty() { side } else { format!("--- standard error\n{side}") };
    format!("{}{side}=> {}", String::from_utf8(out.stdout).unwrap(), out.status.code().unwrap())
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_slice(&rolecall(arguments, "").stdout).unwrap()
}

#[test]
fn can_yes() {
    let tables = "arn:aws:dynamodb:eu-west-1:222222222222:table/*";
    let arguments = ["can", TASK, "dynamodb:ListTables", tables, "--through", SWITCH, "--estate", ESTATE];
    assert_snapshot!(told(&arguments, ""), @r"
    Yes: arn:aws:iam::111111111111:role/my-fargate-task-role can dynamodb:ListTables on arn:aws:dynamodb:eu-west-1:222222222222:table/* through arn:aws:iam::222222222222:role/switch-role.

    1. arn:aws:sts::111111111111:assumed-role/my-fargate-task-role/rolecall may sts:AssumeRole on arn:aws:iam::222222222222:role/switch-role
      RESOURCE_CONTROL_POLICY ALLOW
      SERVICE_CONTROL_POLICY  ALLOW
      RESOURCE                ALLOW
        trust policy of switch-role, statement 1 (4:11) allows
      PRINCIPAL               ALLOW
        inline policy assume-switch-role of my-fargate-task-role, statement 1 (4:15) allows

    2. arn:aws:sts::222222222222:assumed-role/switch-role/rolecall may dynamodb:ListTables on arn:aws:dynamodb:eu-west-1:222222222222:table/*
      RESOURCE_CONTROL_POLICY ALLOW
      SERVICE_CONTROL_POLICY  ALLOW
      PRINCIPAL               ALLOW
        managed policy arn:aws:iam::222222222222:policy/dynamodb, statement 1 (4:15) allows

    Taken for granted: account 222222222222 has no policy on arn:aws:dynamodb:eu-west-1:222222222222:table/*.
    => 0
    ");
    let answer = json(&[&arguments[..], &["--json"]].concat());
    assert_eq!(answer["schema"], "rolecall/can/1");
    assert_eq!(answer["answer"], "yes");
    assert_eq!(answer["steps"][0]["action"], "sts:AssumeRole");
    assert_eq!(
        answer["steps"][1]["checks"][2]["matched"][0]["policy"],
        "managed policy arn:aws:iam::222222222222:policy/dynamodb"
    );
}

#[test]
fn can_no() {
    let arguments = ["can", TASK, "dynamodb:GetItem", ORDERS, "--estate", ESTATE];
    assert_snapshot!(told(&arguments, ""), @r#"
    No: arn:aws:iam::111111111111:role/my-fargate-task-role cannot dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:222222222222:table/orders.

    arn:aws:sts::111111111111:assumed-role/my-fargate-task-role/rolecall may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:222222222222:table/orders
      RESOURCE_CONTROL_POLICY ALLOW
      SERVICE_CONTROL_POLICY  ALLOW
      RESOURCE                IMPLICIT_DENY
        policy on arn:aws:dynamodb:eu-west-1:222222222222:table/orders, statement Auditor (4:5) would have allowed, but it names arn:aws:iam::111111111111:user/auditor, not arn:aws:iam::111111111111:role/my-fargate-task-role
      PRINCIPAL               IMPLICIT_DENY: no statement that allows speaks of dynamodb:GetItem
      AWS would say: User: arn:aws:sts::111111111111:assumed-role/my-fargate-task-role/rolecall is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:eu-west-1:222222222222:table/orders because no identity-based policy allows the dynamodb:GetItem action

    To allow exactly this:
      inline policy assume-switch-role of role my-fargate-task-role in account 111111111111
        --- inline policy assume-switch-role of role my-fargate-task-role in account 111111111111
        +++ inline policy assume-switch-role of role my-fargate-task-role in account 111111111111
        @@ -5,6 +5,12 @@
                         "Effect": "Allow",
                         "Action": "sts:AssumeRole",
                         "Resource": "arn:aws:iam::222222222222:role/switch-role"
        +              },
        +              {
        +                "Sid": "AllowGetItem",
        +                "Effect": "Allow",
        +                "Action": "dynamodb:GetItem",
        +                "Resource": "arn:aws:dynamodb:eu-west-1:222222222222:table/orders"
                       }
                     ]
                   }
      policy on arn:aws:dynamodb:eu-west-1:222222222222:table/orders in account 222222222222
        --- policy on arn:aws:dynamodb:eu-west-1:222222222222:table/orders in account 222222222222
        +++ policy on arn:aws:dynamodb:eu-west-1:222222222222:table/orders in account 222222222222
        @@ -7,6 +7,13 @@
               "Principal": {"AWS": "arn:aws:iam::111111111111:user/auditor"},
               "Action": ["dynamodb:GetItem", "dynamodb:Query"],
               "Resource": "arn:aws:dynamodb:eu-west-1:222222222222:table/orders"
        +    },
        +    {
        +      "Sid": "AllowGetItem",
        +      "Effect": "Allow",
        +      "Principal": {"AWS": "arn:aws:iam::111111111111:role/my-fargate-task-role"},
        +      "Action": "dynamodb:GetItem",
        +      "Resource": "arn:aws:dynamodb:eu-west-1:222222222222:table/orders"
             }
           ]
         }
    => 1
    "#);
    let answer = json(&[&arguments[..], &["--json"]].concat());
    assert_eq!(
        (&answer["answer"], &answer["steps"][0]["decision"]),
        (&"no".into(), &"ImplicitlyDenied".into())
    );
}

/// Who calls from where, with which external id: nobody said, so it is undecided, and what it hangs on is told.
#[test]
fn can_undecided() {
    let folder = tempfile::TempDir::new().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/estate");
    let task = std::fs::read_to_string(root.join("111111111111.json")).unwrap();
    let switch = std::fs::read_to_string(root.join("222222222222.json")).unwrap();
    let condition =
        r#""Condition": {"StringEquals": {"sts:ExternalId": "partner-7"}}, "Principal": {"AWS": "#;
    let asks = switch.replace(r#""Principal": {"AWS": "#, condition);
    assert_ne!(switch, asks);
    std::fs::write(folder.path().join("1.json"), task).unwrap();
    std::fs::write(folder.path().join("2.json"), asks).unwrap();
    let estate = folder.path().to_str().unwrap();
    let arguments = ["can", TASK, "dynamodb:GetItem", ORDERS, "--through", SWITCH, "--estate", estate];
    let answer = told(&arguments, "");
    assert_snapshot!(answer, @r"
    Undecided: whether arn:aws:iam::111111111111:role/my-fargate-task-role can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:222222222222:table/orders through arn:aws:iam::222222222222:role/switch-role hangs on what is not known: sts:AssumeRole on arn:aws:iam::222222222222:role/switch-role.

    1. arn:aws:sts::111111111111:assumed-role/my-fargate-task-role/rolecall may or may not (undecided) sts:AssumeRole on arn:aws:iam::222222222222:role/switch-role
      RESOURCE                UNDECIDED
        trust policy of switch-role, statement 1 (4:11) may allow, if sts:ExternalId, which is not known, is what StringEquals wants
      PRINCIPAL               ALLOW
        inline policy assume-switch-role of my-fargate-task-role, statement 1 (4:15) allows

    2. arn:aws:sts::222222222222:assumed-role/switch-role/rolecall may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:222222222222:table/orders
      PRINCIPAL               ALLOW
        managed policy arn:aws:iam::222222222222:policy/dynamodb, statement 1 (4:15) allows

    Taken for granted: the estate has no organization: no service or resource control policy is considered.
    Taken for granted: account 222222222222 has no policy on arn:aws:dynamodb:eu-west-1:222222222222:table/orders.
    => 1
    ");
    assert!(!answer.contains("partner-7"), "an external id is not shown");
    let right = [&arguments[..], &["--external-id", "partner-7"]].concat();
    assert_eq!(rolecall(&right, "").status.code(), Some(0));
    let wrong = [&arguments[..], &["--external-id", "partner-8", "--json"]].concat();
    let answer = String::from_utf8(rolecall(&wrong, "").stdout).unwrap();
    assert!(answer.contains(r#""answer": "no""#) && !answer.contains("partner-"), "{answer}");
}

/// Wherever something is wrong, it says what, where and what to do, and ends with 2.
#[test]
fn what_cannot_be_asked() {
    let cases: &[&[&str]] = &[
        &["can", "task-role", "dynamodb:GetItem", ORDERS, "--estate", ESTATE],
        &["can", TASK, "dynamodb:*", ORDERS, "--estate", ESTATE],
        &["can", TASK, "dynamodb:TransactWriteItems", ORDERS, "--estate", ESTATE],
        &["can", TASK, "dynamodb:ListTables", "*", "--estate", ESTATE],
        &["can", TASK, "s3:GetObject", "arn:aws:s3:::bucket/key", "--estate", ESTATE],
        &["can", TASK, "dynamodb:GetItem", ORDERS, "--through", "switch-role", "--estate", ESTATE],
        &["who-can", "dynamodb:GetItem", ORDERS, "--estate", "examples/nowhere"],
        &["who-can", "dynamodb:GetItem", ORDERS, "--estate", "/dev/null"],
        &[
            "can",
            "arn:aws:sts::111111111111:assumed-role/my-fargate-task-role/",
            "s3:GetObject",
            "*",
            "--estate",
            ESTATE,
        ],
        &["who-can", "dynamodb:GetItem", ORDERS, "--estate", "examples/estate/policies/orders.json"],
    ];
    let told: Vec<String> = cases.iter().map(|arguments| told(arguments, "")).collect();
    assert_snapshot!(told.join("\n\n"), @r"
    --- standard error
    error: the principal `task-role` is not the ARN of a user, a role, a session or an account's root, and not a service

    hint: give the ARN of a user, a role, a session or an account's root, a unique id (AROA…), a service such as ecs-tasks.amazonaws.com, or `anonymous`; paths are part of an ARN
    => 2

    --- standard error
    error: `dynamodb:*` is not one action: it has the form `service:Name`, without wildcards

    hint: ask for one action at a time, such as dynamodb:GetItem
    => 2

    --- standard error
    error: there is no action dynamodb:TransactWriteItems: the call needs what its items need

    hint: ask for dynamodb:ConditionCheckItem, dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem
    => 2

    --- standard error
    error: dynamodb:ListTables is decided on all tables of a Region

    hint: ask for the resource 'arn:aws:dynamodb:REGION:ACCOUNT:table/*'
    => 2

    --- standard error
    error: the ARN `arn:aws:s3:::bucket/key` does not name the account that owns the resource

    hint: say which account it is in: --owner ACCOUNT
    => 2

    --- standard error
    error: the role `switch-role` is not the ARN of a role

    hint: give the ARN of a role that is in the estate, path included
    => 2

    --- standard error
    error: examples/nowhere cannot be read: No such file or directory (os error 2)
    => 2

    --- standard error
    error: /dev/null is empty

    hint: what wrote it has failed: `aws iam get-account-authorization-details` says why
    => 2

    --- standard error
    error: the principal `arn:aws:sts::111111111111:assumed-role/my-fargate-task-role/` has no session name

    hint: give the ARN of a user, a role, a session or an account's root, a unique id (AROA…), a service such as ecs-tasks.amazonaws.com, or `anonymous`; paths are part of an ARN
    => 2

    --- standard error
    error: examples/estate/policies/orders.json:1:1: this is not what `aws iam get-account-authorization-details` prints: it has none of UserDetailList, GroupDetailList, RoleDetailList and Policies
    => 2
    ");
}

#[test]
fn who_can() {
    let arguments = ["who-can", "dynamodb:GetItem", ORDERS, "--estate", ESTATE];
    assert_snapshot!(told(&arguments, ""), @r"
    5 can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:222222222222:table/orders.

      arn:aws:iam::111111111111:user/auditor
      arn:aws:iam::222222222222:role/switch-role
      arn:aws:iam::222222222222:root
      arn:aws:iam::111111111111:role/my-fargate-task-role
          through arn:aws:iam::222222222222:role/switch-role
      ecs-tasks.amazonaws.com
          through arn:aws:iam::111111111111:role/my-fargate-task-role
          through arn:aws:iam::222222222222:role/switch-role
    => 0
    ");
    let answer = json(&[&arguments[..], &["--json"]].concat());
    assert_eq!(answer["schema"], "rolecall/who-can/1");
    assert_eq!(answer["can"][3]["through"][0], SWITCH);
    let nobody =
        ["who-can", "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111111111111:jobs", "--estate", ESTATE];
    assert_snapshot!(told(&nobody, ""), @r"
    One can sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:jobs.

      arn:aws:iam::111111111111:root
    => 0
    ");
}

#[test]
fn explain_without_an_estate() {
    let denied = format!(
        "An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:sts::111111111111:assumed-role/my-fargate-task-role/0123 is not authorized to perform: sts:AssumeRole on resource: {SWITCH}"
    );
    assert_snapshot!(told(&["explain"], &denied), @r"
    arn:aws:sts::111111111111:assumed-role/my-fargate-task-role/0123 may not sts:AssumeRole on arn:aws:iam::222222222222:role/switch-role; the message does not say why.

      The caller is a session named `0123` of the role `my-fargate-task-role` in account 111111111111: what the role is allowed counts, in its policies and not in those of whoever assumed it.
      It goes across accounts, from 111111111111 to 222222222222: both sides must allow it.
      No reason is given across accounts that are not in one organization: it is the same answer whichever side is missing, and also where the resource does not exist.

    Next:
      Account 111111111111: an identity policy of the caller must allow sts:AssumeRole on it.
      Account 222222222222: the policy on the resource (a role's trust policy) must let the caller in.
      In the trust policy, conditions count too: an external id (sts:ExternalId), MFA, the organization, tags.
    => 0
    ");
    let explicit = "User: arn:aws:iam::111111111111:user/auditor is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:us-east-1:111111111111:table/orders with an explicit deny in a service control policy: arn:aws:organizations::999999999999:policy/o-exampleorg/service_control_policy/p-examplepol. Go to https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/example1 for complete details";
    assert_snapshot!(told(&["explain", explicit], ""), @r"
    arn:aws:iam::111111111111:user/auditor may not dynamodb:Query on arn:aws:dynamodb:us-east-1:111111111111:table/orders: a statement in a service control policy denies it.

      The caller is the user `auditor` of account 111111111111.
      Principal and resource are both in account 111111111111.
      An explicit deny wins over every allow: no other policy can mend it. AWS names one type; others may deny, or not allow, too.

    Next:
      Look for the Deny that speaks of dynamodb:Query in arn:aws:organizations::999999999999:policy/o-exampleorg/service_control_policy/p-examplepol, in account 999999999999.
      AWS keeps the whole evaluation for a day: call GetRequestAuthorizationDetails of the IAM toolbox API with the authorization id example1; it needs iam:GetRequestAuthorizationDetails.
    => 0
    ");
    assert_snapshot!(told(&["explain"], "An error occurred (AccessDenied) when calling the ListObjectsV2 operation: Access Denied"), @r"
    AWS refused ListObjectsV2, and the message says neither to whom nor why.

      S3 and some others say only that they refuse; a missing object looks the same to who may not list.

    Next:
      `aws sts get-caller-identity` or `rolecall whoami` says who you are to AWS.
      Which policies count, `rolecall can PRINCIPAL ACTION RESOURCE --estate …` shows for a request you name.
    => 0
    ");
    assert_snapshot!(told(&["explain"], "An error occurred (ExpiredToken) when calling the ListTables operation"), @r"
    --- standard error
    error: there is no refusal of AWS in this text

    hint: this is about credentials, which AWS did not accept, and not about policies: `rolecall whoami` shows which are used and where they come from
    => 2
    ");
    assert_eq!(json(&["explain", explicit, "--json"])["reason"]["checkType"], "SERVICE_CONTROL_POLICY");
}

#[test]
fn explain_with_an_estate() {
    let denied = "User: arn:aws:iam::111111111111:user/auditor is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:eu-west-1:222222222222:table/orders because no identity-based policy allows the dynamodb:Query action";
    assert_snapshot!(told(&["explain", denied, "--estate", ESTATE], ""), @r#"
    arn:aws:iam::111111111111:user/auditor may not dynamodb:Query on arn:aws:dynamodb:eu-west-1:222222222222:table/orders: no identity-based policy allows it.

      The caller is the user `auditor` of account 111111111111.
      It goes across accounts, from 111111111111 to 222222222222: both sides must allow it.
      The policies that the caller's side has were read, and none allows it. AWS names one type; others may not allow it either.

    Next:
      An Allow for dynamodb:Query is missing in the caller's policies, inline, attached and of its groups, in account 111111111111.

    By this estate:
    arn:aws:iam::111111111111:user/auditor may not dynamodb:Query on arn:aws:dynamodb:eu-west-1:222222222222:table/orders
      RESOURCE_CONTROL_POLICY ALLOW
      SERVICE_CONTROL_POLICY  ALLOW
      RESOURCE                ALLOW
        policy on arn:aws:dynamodb:eu-west-1:222222222222:table/orders, statement Auditor (4:5) allows
      PRINCIPAL               IMPLICIT_DENY: no statement that allows speaks of dynamodb:Query

    To allow exactly this:
      inline policy read-orders of user auditor in account 111111111111
        --- inline policy read-orders of user auditor in account 111111111111
        +++ inline policy read-orders of user auditor in account 111111111111
        @@ -3,7 +3,7 @@
                     "Statement": [
                       {
                         "Effect": "Allow",
        -                "Action": "dynamodb:GetItem",
        +                "Action": ["dynamodb:GetItem", "dynamodb:Query"],
                         "Resource": "arn:aws:dynamodb:eu-west-1:222222222222:table/orders"
                       }
                     ]
    => 0
    "#);
    let other = denied.replace("dynamodb:Query", "dynamodb:GetItem");
    let out = rolecall(&["explain", &other, "--estate", ESTATE], "");
    assert!(String::from_utf8(out.stdout).unwrap().contains("By this estate it is allowed."));
    assert_eq!(out.status.code(), Some(1));
}

#[test]
fn reachable() {
    assert_snapshot!(told(&["reachable", "ecs-tasks.amazonaws.com", "--estate", ESTATE], ""), @r"
    ecs-tasks.amazonaws.com can reach 2 roles.

    ecs-tasks.amazonaws.com

    arn:aws:iam::111111111111:role/my-fargate-task-role

    arn:aws:iam::222222222222:role/switch-role
        through arn:aws:iam::111111111111:role/my-fargate-task-role
      can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:222222222222:table/orders
      can dynamodb:Query on arn:aws:dynamodb:eu-west-1:222222222222:table/orders
      its policies say dynamodb:* on arn:aws:dynamodb:eu-west-1:222222222222:table/*
    => 0
    ");
    let answer = json(&["reachable", TASK, "--estate", ESTATE, "--json"]);
    assert_eq!(answer["stations"][1]["principal"], SWITCH);
}

#[test]
fn estate_diff() {
    let folder = tempfile::TempDir::new().unwrap();
    let text = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/estate/222222222222.json"),
    )
    .unwrap();
    let wider = text.replace(
        "[\"arn:aws:iam::111111111111:role/my-fargate-task-role\"]",
        "[\"111111111111\", \"444444444444\"]",
    );
    assert_ne!(text, wider);
    std::fs::write(folder.path().join("222222222222.json"), wider).unwrap();
    let after = folder.path().to_str().unwrap();
    assert_snapshot!(told(&["estate-diff", "examples/estate/222222222222.json", after], ""), @r"
    2 answers allow more than before, 0 less.

    More:
      arn:aws:iam::111111111111:root: sts:AssumeRole on arn:aws:iam::222222222222:role/switch-role (undecided, was no)
      arn:aws:iam::444444444444:root: sts:AssumeRole on arn:aws:iam::222222222222:role/switch-role (undecided, was no)
    => 1
    ");
    assert_snapshot!(told(&["estate-diff", ESTATE, ESTATE], ""), @r"
    Both allow the same, as far as they name it.
    => 0
    ");
}

/// An `estate.toml` by hand, with every mistake one can make: file, line and what to do.
#[test]
fn mistakes_in_an_estate() {
    let folder = tempfile::TempDir::new().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("a.json", r#"{"RoleDetailList": []}"#);
    write("b.json", "{\"RoleDetailList\": [\n  {\"RoleName\": \"x\"}]}");
    write(
        "c.json",
        r#"{"Policies": [], "RoleDetailList": [{"RoleName": "r", "RoleId": "AROAR", "Arn": "arn:aws:iam::333333333333:role/r", "AssumeRolePolicyDocument": {"Statement": []}}]}"#,
    );
    write("policy.json", "{\"Version\": \"2012-10-17\", \"Statement\": [\n{\"Effect\": \"Maybe\"}]}");
    let cases = [
        "[accounts.111111111111",
        "[accounts.1111]\ndetails = \"a.json\"",
        "[accounts.111111111111]\ndetail = \"a.json\"",
        "[accounts.111111111111]\ndetails = \"none.json\"",
        "[accounts.111111111111]\ndetails = [\"a.json\", \"b.json\"]",
        "[accounts.111111111111]\ndetails = \"c.json\"",
        "[accounts.111111111111]\ndetails = \"a.json\"\nscp = [\"policy.json\"]",
        "[accounts.111111111111]\ndetails = \"a.json\"\nunit = \"ou-x\"\n[organization]\nid = \"o-x\"\nmanagement = \"999999999999\"",
        "[accounts.111111111111]\ndetails = \"a.json\"\nrcp = [\"policy.json\"]\n[organization]\nid = \"o-x\"\nmanagement = \"999999999999\"",
        "[accounts.111111111111]\ndetails = \"a.json\"\nscp = [\"deny.json\"]\n[organization]\nid = \"o-x\"\nmanagement = \"999999999999\"",
        "[accounts.111111111111]\ndetails = \"a.json\"\n[accounts.111111111111.resource-policies]\n\"arn:aws:sqs:eu-west-1:222222222222:q\" = \"policy.json\"",
    ];
    write(
        "deny.json",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#,
    );
    let manifest = folder.path().join("estate.toml");
    let told = cases.map(|text| {
        std::fs::write(&manifest, text).unwrap();
        let path = folder.path().to_str().unwrap();
        told(&["who-can", "dynamodb:GetItem", ORDERS, "--estate", path], "").replace(path, "DIR")
    });
    assert_snapshot!(told.join("\n\n"), @r#"
    --- standard error
    error: DIR/estate.toml:1:23: unclosed table, expected `]`

    hint: an estate.toml has [accounts.ID] with `details`, and [organization]; `rolecall can --help` has one
    => 2

    --- standard error
    error: DIR/estate.toml:1:11: an account id is twelve digits, not `1111`
    => 2

    --- standard error
    error: DIR/estate.toml:2:1: unknown field `detail`, expected one of `details`, `unit`, `outside`, `scp`, `rcp`, `resource-policies`

    hint: an estate.toml has [accounts.ID] with `details`, and [organization]; `rolecall can --help` has one
    => 2

    --- standard error
    error: DIR/estate.toml:2:11: there is no file DIR/none.json; paths are relative to this file
    => 2

    --- standard error
    error: DIR/b.json:2:3: `Arn` is missing in this object
    => 2

    --- standard error
    error: DIR/estate.toml:2:11: DIR/c.json is of account 333333333333, not of 111111111111
    => 2

    --- standard error
    error: DIR/estate.toml:1:11: this account has a unit, an scp or an rcp, and there is no [organization]
    => 2

    --- standard error
    error: DIR/estate.toml:3:8: there is no [organization.units.ou-x]
    => 2

    --- standard error
    error: DIR/policy.json:2:12: Syntax errors in policy.

    hint: this file must be a policy document, as the AWS CLI shows it: {"Version": "2012-10-17", "Statement": […]}
    => 2

    Nobody in the estate can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:222222222222:table/orders.
    --- standard error
    warning: DIR/estate.toml:3:8: the service control policies on 111111111111 allow nothing, so that nothing below it is allowed; if FullAWSAccess is attached too, add it to the list
    => 1

    --- standard error
    error: DIR/estate.toml:4:1: `arn:aws:sqs:eu-west-1:222222222222:q` is a resource of account 222222222222, not of 111111111111
    => 2
    "#);
}
