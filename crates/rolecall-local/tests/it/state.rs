//! What is kept over a restart.

use crate::harness::{Aws, TARGET, WORKLOAD, allow, element};

#[test]
fn accounts_keys_and_sessions_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (id, secret, session);
    {
        let aws = Aws::at(folder.path().to_owned());
        let root = aws.root(WORKLOAD);
        root.done("iam", "CreateUser", &[("UserName", "alice")]);
        let policy =
            [("UserName", "alice"), ("PolicyName", "p"), ("PolicyDocument", &allow("iam:ListUsers", "*"))];
        root.done("iam", "PutUserPolicy", &policy);
        let key = root.done("iam", "CreateAccessKey", &[("UserName", "alice")]);
        (id, secret) = (element(&key, "AccessKeyId"), element(&key, "SecretAccessKey"));
        session = aws.signing(&id, &secret, None).done("sts", "GetSessionToken", &[]);
        aws.wait(aws.control().move_clock(60)).unwrap();
    }
    let aws = Aws::at(folder.path().to_owned());
    let alice = aws.signing(&id, &secret, None);
    alice.done("iam", "ListUsers", &[]);
    assert_eq!(alice.refused("iam", "ListRoles", &[]).0, "AccessDenied");
    let part = |name: &str| element(&session, name);
    let session = aws.signing(&part("AccessKeyId"), &part("SecretAccessKey"), Some(&part("SessionToken")));
    assert_eq!(session.arn(), alice.arn());
    assert_eq!(aws.wait(aws.control().clock()).unwrap().1, 60);
}

#[test]
fn a_service_control_policy_holds_in_its_account_and_outlives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    {
        let aws = Aws::at(folder.path().to_owned());
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:ListRoles","Resource":"*"}]}"#;
        aws.wait(aws.control().set_service_control(TARGET, Some(policy))).unwrap();
        assert!(aws.wait(aws.control().set_service_control(TARGET, Some("{}"))).is_err());
    }
    let aws = Aws::at(folder.path().to_owned());
    aws.root(WORKLOAD).done("iam", "ListRoles", &[]);
    let (_, message) = aws.root(TARGET).refused("iam", "ListRoles", &[]);
    let named = "with an explicit deny in a service control policy: arn:aws:organizations::";
    assert!(message.contains(named), "{message}");
    aws.wait(aws.control().set_service_control(TARGET, None)).unwrap();
    aws.root(TARGET).done("iam", "ListRoles", &[]);
}
