//! Tasks: ECS assumes a role where its trust policy lets it, and nobody else gets its credentials.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html>

use rolecall_local::{SignedClient, SigningCredentials};

use crate::harness::{Aws, REGION, TRUST_ECS, WORKLOAD, element, trust, unix_now};

const ROLE: &str = "arn:aws:iam::111111111111:role/app/task-role";

#[test]
fn a_task_has_its_roles_credentials_until_it_ends() {
    let aws = Aws::start();
    let role = [("RoleName", "task-role"), ("Path", "/app/"), ("AssumeRolePolicyDocument", TRUST_ECS)];
    aws.root(WORKLOAD).done("iam", "CreateRole", &role);
    let control = aws.control();
    let task = aws.wait(control.start_task(ROLE, REGION)).unwrap();
    let fetch = |token: &str| aws.wait(SigningCredentials::from_container(&task.credentials_uri, token));
    let client = SignedClient {
        address: aws.address,
        credentials: fetch(&task.token).unwrap(),
        region: REGION.to_owned(),
    };
    let answer = aws.wait(client.query("sts", "GetCallerIdentity", &[], unix_now())).unwrap();
    assert_eq!(
        element(&answer.body, "Arn"),
        format!("arn:aws:sts::111111111111:assumed-role/task-role/{}", task.id)
    );

    assert!(fetch("another token").is_err());
    let metadata = aws.raw(
        format!("GET /v4/{}/task HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", task.id)
            .as_bytes(),
    );
    assert!(metadata.contains(&format!("task/default/{}", task.id)), "{metadata}");
    aws.wait(control.stop_task(&task.id)).unwrap();
    assert!(fetch(&task.token).is_err());
}

#[test]
fn ecs_may_assume_only_what_trusts_it() {
    let aws = Aws::start();
    let root = aws.root(WORKLOAD);
    let lambda = trust(r#"{"Service":"lambda.amazonaws.com"}"#);
    let role = [("RoleName", "task-role"), ("Path", "/app/"), ("AssumeRolePolicyDocument", lambda.as_str())];
    root.done("iam", "CreateRole", &role);
    let control = aws.control();
    let error = aws.wait(control.start_task(ROLE, REGION)).unwrap_err();
    assert!(error.to_string().starts_with("ECS was unable to assume the role"), "{error}");
    assert!(aws.wait(control.start_task("arn:aws:iam::111111111111:role/nobody", REGION)).is_err());
    assert!(aws.wait(control.start_task("nonsense", REGION)).is_err());
    let refusals = aws.handle.journal_after(0).into_iter().filter(|entry| entry.refused).count();
    assert_eq!(refusals, 2);

    // The confused deputy: ECS says for which account and task it asks.
    let guarded = |account: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"ecs-tasks.amazonaws.com"}},"Action":"sts:AssumeRole",
            "Condition":{{"StringEquals":{{"aws:SourceAccount":"{account}"}},"ArnLike":{{"aws:SourceArn":"arn:aws:ecs:*:{account}:*"}}}}}}]}}"#
        )
    };
    for (account, expected) in [("111111111111", true), ("333333333333", false)] {
        let document = guarded(account);
        root.done(
            "iam",
            "UpdateAssumeRolePolicy",
            &[("RoleName", "task-role"), ("PolicyDocument", &document)],
        );
        assert_eq!(aws.wait(control.start_task(ROLE, REGION)).is_ok(), expected, "{account}");
    }
}
