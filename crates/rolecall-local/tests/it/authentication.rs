//! Who is let in, and AWS's words for who is not.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html>

use serde_json::json;

use crate::harness::{Aws, TARGET, WORKLOAD, element, unix_now};

const INVALID: &str = "The security token included in the request is invalid.";

#[test]
fn an_unsigned_request_is_from_nobody() {
    let aws = Aws::start();
    let answer = aws.raw(b"GET /?Action=ListRoles HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert_eq!(element(&answer, "Code"), "MissingAuthenticationToken");
    let answer = aws.raw(
        b"POST / HTTP/1.1\r\nhost: localhost\r\nx-amz-target: DynamoDB_20120810.ListTables\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
    );
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains("com.amazon.coral.service#MissingAuthenticationTokenException"), "{answer}");
}

#[test]
fn unknown_keys_and_wrong_secrets() {
    let aws = Aws::start();
    let unknown = aws.signing("AKIAAAAAAAAAAAAAAAAA", "secret", None);
    let expected = ("InvalidClientTokenId".to_owned(), INVALID.to_owned());
    assert_eq!(unknown.refused("sts", "GetCallerIdentity", &[]), expected);
    let (status, body) = unknown.dynamodb("ListTables", &json!({}));
    assert_eq!(
        (status, body["__type"].as_str()),
        (400, Some("com.amazon.coral.service#UnrecognizedClientException"))
    );

    let user = aws.user(WORKLOAD, "alice", None);
    let wrong = aws.signing("AKIAAAAAAAAAAAAAAAAA", "secret", None);
    assert_eq!(wrong.refused("sts", "GetCallerIdentity", &[]).0, "InvalidClientTokenId");
    assert_eq!(user.arn(), "arn:aws:iam::111111111111:user/alice");
    let key = aws.root(WORKLOAD).done("iam", "ListAccessKeys", &[("UserName", "alice")]);
    let key = element(&key, "AccessKeyId");
    let wrong = aws.signing(&key, "not the secret", None);
    assert_eq!(wrong.refused("sts", "GetCallerIdentity", &[]).0, "SignatureDoesNotMatch");
    let (status, body) = wrong.dynamodb("ListTables", &json!({}));
    assert_eq!(
        (status, body["__type"].as_str()),
        (400, Some("com.amazon.coral.service#InvalidSignatureException"))
    );

    let root = aws.root(WORKLOAD);
    root.done(
        "iam",
        "UpdateAccessKey",
        &[("UserName", "alice"), ("AccessKeyId", &key), ("Status", "Inactive")],
    );
    assert_eq!(user.refused("sts", "GetCallerIdentity", &[]).0, "InvalidClientTokenId");
    root.done("iam", "DeleteAccessKey", &[("UserName", "alice"), ("AccessKeyId", &key)]);
    assert_eq!(user.refused("sts", "GetCallerIdentity", &[]).0, "InvalidClientTokenId");
}

#[test]
fn a_signature_is_good_for_a_while() {
    let aws = Aws::start();
    let root = aws.root(WORKLOAD);
    for (ahead, expected) in [(-890, 200), (-910, 403), (890, 200), (910, 403)] {
        let answer =
            aws.wait(root.client.query("sts", "GetCallerIdentity", &[], unix_now() + ahead)).unwrap();
        assert_eq!(answer.status, expected, "{ahead}: {}", answer.body);
        if expected == 403 {
            assert_eq!(element(&answer.body, "Code"), "SignatureDoesNotMatch");
            let words = if ahead < 0 { "Signature expired: " } else { "Signature not yet current: " };
            assert!(element(&answer.body, "Message").starts_with(words), "{}", answer.body);
        }
    }
    for (ahead, expected) in [(-290, 200), (-310, 400), (290, 200), (310, 400)] {
        let answer = aws.wait(root.client.dynamodb("ListTables", &json!({}), unix_now() + ahead)).unwrap();
        assert_eq!(answer.status, expected, "{ahead}: {}", answer.body);
        assert_eq!(expected == 400, answer.body.contains("InvalidSignatureException"), "{}", answer.body);
    }
}

#[test]
fn a_token_goes_with_its_key_and_its_secret() {
    let aws = Aws::start();
    let user = aws.user(WORKLOAD, "alice", None);
    let answer = user.done("sts", "GetSessionToken", &[]);
    let part = |name: &str| element(&answer, name);
    let (id, secret, token) = (part("AccessKeyId"), part("SecretAccessKey"), part("SessionToken"));
    assert_eq!(aws.signing(&id, &secret, Some(&token)).arn(), "arn:aws:iam::111111111111:user/alice");
    let refused = |id: &str, secret: &str, token: Option<&str>| {
        aws.signing(id, secret, token).refused("sts", "GetCallerIdentity", &[]).0
    };
    assert_eq!(refused(&id, &secret, None), "InvalidClientTokenId");
    assert_eq!(refused(&id, &secret, Some("garbled")), "InvalidClientTokenId");
    assert_eq!(refused(&id, "other", Some(&token)), "SignatureDoesNotMatch");
    let mut other = token.clone();
    other.replace_range(10..11, if &token[10..11] == "A" { "B" } else { "A" });
    assert_eq!(refused(&id, &secret, Some(&other)), "InvalidClientTokenId");
    assert_eq!(refused(WORKLOAD, "any", Some(&token)), "InvalidClientTokenId");
    // The user is gone, and so is what was made of it.
    let root = aws.root(WORKLOAD);
    let key = element(&root.done("iam", "ListAccessKeys", &[("UserName", "alice")]), "AccessKeyId");
    root.done("iam", "DeleteAccessKey", &[("UserName", "alice"), ("AccessKeyId", &key)]);
    root.done("iam", "DeleteUser", &[("UserName", "alice")]);
    assert_eq!(refused(&id, &secret, Some(&token)), "InvalidClientTokenId");
}

#[test]
fn a_session_ends_when_the_clock_says_so() {
    let aws = Aws::start();
    let session =
        aws.user(WORKLOAD, "alice", None).done("sts", "GetSessionToken", &[("DurationSeconds", "900")]);
    let part = |name: &str| element(&session, name);
    let session = aws.signing(&part("AccessKeyId"), &part("SecretAccessKey"), Some(&part("SessionToken")));
    session.done("sts", "GetCallerIdentity", &[]);
    aws.wait(aws.control().move_clock(901)).unwrap();
    let (code, message) = session.refused("sts", "GetCallerIdentity", &[]);
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("ExpiredToken", "The security token included in the request is expired")
    );
    let (_, body) = session.dynamodb("ListTables", &json!({}));
    assert_eq!(body["__type"], "com.amazon.coral.service#ExpiredTokenException");
    aws.wait(aws.control().reset_clock()).unwrap();
    session.done("sts", "GetCallerIdentity", &[]);
}

#[test]
fn the_root_secret_is_checked_where_one_is_set() {
    let aws = Aws::with_root_secret("hush");
    assert_eq!(aws.root(WORKLOAD).refused("sts", "GetCallerIdentity", &[]).0, "SignatureDoesNotMatch");
    assert_eq!(aws.signing(TARGET, "hush", None).arn(), "arn:aws:iam::222222222222:root");
    assert!(aws.wait(aws.control().administrator(WORKLOAD)).is_err());
}

#[test]
fn the_signature_is_for_one_service() {
    let aws = Aws::start();
    let user = aws.user(WORKLOAD, "alice", None);
    let (code, message) = user.refused("s3", "ListBuckets", &[]);
    assert_eq!(code, "InvalidAction");
    assert!(message.contains("does not serve `s3`"), "{message}");
    assert_eq!(user.refused("sts", "AssumeRoleWithSAML", &[]).0, "InvalidAction");
    assert_eq!(user.refused("iam", "CreateSAMLProvider", &[]).0, "InvalidAction");
}

#[test]
fn browsers_and_broken_requests_get_a_clear_no_and_the_server_goes_on() {
    let aws = Aws::start();
    for (request, status) in [
        (
            "GET / HTTP/1.1\r\nhost: localhost\r\norigin: http://evil.example\r\nconnection: close\r\n\r\n",
            "403",
        ),
        ("GET /_rolecall/clock HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", "403"),
        ("GET /_rolecall/health HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n", "403"),
        ("GET /_rolecall/health HTTP/1.1\r\nhost: localhost:4566\r\nconnection: close\r\n\r\n", "200"),
        // An image in a page, its address a name that leads here: browsers send nothing else that gives them away.
        (
            "GET /?Action=ListUsers HTTP/1.1\r\nhost: 127.0.0.1.nip.io:4566\r\nconnection: close\r\n\r\n",
            "403 Forbidden\r\ncontent-type: text/plain",
        ),
        (
            "POST / HTTP/1.1\r\nhost: localhost\r\nauthorization: AWS4-HMAC-SHA256 nonsense\r\nconnection: close\r\n\r\n",
            "400",
        ),
        (
            "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999999\r\nconnection: close\r\n\r\n",
            "413",
        ),
        ("nonsense\r\n\r\n", "400"),
    ] {
        let answer = aws.raw(request.as_bytes());
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request:?}: {answer}");
    }
    aws.root(WORKLOAD).done("sts", "GetCallerIdentity", &[]);
}

/// "IAM calls are always made to the us-east-1 Region": a client with an endpoint of its own signs for its own.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion>
#[test]
fn iam_is_called_in_us_east_1_whatever_region_is_signed_for() {
    let aws = Aws::start();
    let only = |region: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:*","Resource":"*",
                "Condition":{{"StringEquals":{{"aws:RequestedRegion":"{region}"}}}}}}}}"#
        )
    };
    aws.user(WORKLOAD, "alice", Some(&only("us-east-1"))).done("iam", "ListUsers", &[]);
    let (code, _) = aws.user(WORKLOAD, "bob", Some(&only("eu-west-1"))).refused("iam", "ListUsers", &[]);
    assert_eq!(code, "AccessDenied");
}
