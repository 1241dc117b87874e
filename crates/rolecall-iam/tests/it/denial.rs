//! Refusals in AWS's words, and what clients put around them.

use insta::assert_snapshot;
use rolecall_iam::Denial;

fn told(text: &str) -> String {
    let Some(denial) = Denial::read(text) else { return "no refusal".to_owned() };
    let Denial { code, operation, principal, action, resource, reason, authorization_id, encoded } = denial;
    let reason = reason.map(|it| {
        let how = if it.explicit { "explicit deny" } else { "no allow" };
        format!("{how} in {} ({}) {}", it.name, it.layer.name(), it.policy.unwrap_or_default())
            .trim_end()
            .to_owned()
    });
    let all = [
        ("code", code),
        ("operation", operation),
        ("who", principal),
        ("action", action),
        ("on", resource),
        ("reason", reason),
        ("id", authorization_id),
        ("encoded", encoded),
    ];
    let found = all.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
    found.collect::<Vec<_>>().join("\n")
}

/// troubleshoot_access-denied: every policy type, explicit and implicit.
#[test]
fn every_policy_type() {
    let texts = [
        "because no identity-based policy allows the dynamodb:GetItem action",
        "because no resource-based policy allows the dynamodb:GetItem action",
        "because no permissions boundary allows the dynamodb:GetItem action",
        "because no session policy allows the dynamodb:GetItem action",
        "because no service control policy allows the dynamodb:GetItem action",
        "because no VPC endpoint policy allows the dynamodb:GetItem action",
        "because no role trust policy allows the sts:AssumeRole action",
        "with an explicit deny in an identity-based policy",
        "with an explicit deny in a resource-based policy",
        "with an explicit deny in a permissions boundary",
        "with an explicit deny in a session policy",
        "with an explicit deny in a service control policy: arn:aws:organizations::999999999999:policy/o-exampleorg/service_control_policy/p-examplepol",
        "with an explicit deny in a resource control policy",
        "with an explicit deny in a VPC endpoint policy",
        "with an explicit deny in the role trust policy",
        "",
    ];
    let told = texts.map(|clause| {
        let text = format!("User: arn:aws:iam::111111111111:user/ana is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:eu-west-1:111111111111:table/orders {clause}");
        told(&text).lines().find(|line| line.starts_with("reason")).unwrap_or("no reason").to_owned()
    });
    assert_snapshot!(told.join("\n"), @r"
    reason=no allow in identity-based policy (PRINCIPAL)
    reason=no allow in resource-based policy (RESOURCE)
    reason=no allow in permissions boundary (PERMISSIONS_BOUNDARY)
    reason=no allow in session policy (SESSION)
    reason=no allow in service control policy (SERVICE_CONTROL_POLICY)
    reason=no allow in VPC endpoint policy (VPC_ENDPOINT)
    reason=no allow in role trust policy (RESOURCE)
    reason=explicit deny in identity-based policy (PRINCIPAL)
    reason=explicit deny in resource-based policy (RESOURCE)
    reason=explicit deny in permissions boundary (PERMISSIONS_BOUNDARY)
    reason=explicit deny in session policy (SESSION)
    reason=explicit deny in service control policy (SERVICE_CONTROL_POLICY) arn:aws:organizations::999999999999:policy/o-exampleorg/service_control_policy/p-examplepol
    reason=explicit deny in resource control policy (RESOURCE_CONTROL_POLICY)
    reason=explicit deny in VPC endpoint policy (VPC_ENDPOINT)
    reason=explicit deny in role trust policy (RESOURCE)
    no reason
    ");
}

/// What surrounds AWS's words: the AWS CLI and boto3, Java 1 and 2, Node, Go, Rust, Terraform, raw answers.
#[test]
fn what_clients_put_around_it() {
    let sentence = "User: arn:aws:sts::111111111111:assumed-role/task/0123 is not authorized to perform: dynamodb:ListTables on resource: arn:aws:dynamodb:eu-west-1:222222222222:table/*";
    let texts = [
        format!(
            "An error occurred (AccessDeniedException) when calling the ListTables operation: {sentence}"
        ),
        format!(
            "botocore.exceptions.ClientError: An error occurred (AccessDeniedException) when calling the ListTables operation: {sentence} because no identity-based policy allows the dynamodb:ListTables action\n"
        ),
        format!(
            "com.amazonaws.AmazonServiceException: {sentence} (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: AccessDeniedException; Request ID: ABC; Proxy: null)"
        ),
        format!(
            "software.amazon.awssdk.services.dynamodb.model.DynamoDbException: {sentence} (Service: DynamoDb, Status Code: 400, Request ID: ABC, Extended Request ID: null)"
        ),
        format!(
            "AccessDeniedException: {sentence}\n    at throwDefaultError (/app/node_modules/@smithy/smithy-client/dist-cjs/index.js:867:20)"
        ),
        format!(
            "operation error DynamoDB: ListTables, https response error StatusCode: 400, RequestID: ABC, api error AccessDeniedException: {sentence}"
        ),
        format!(
            "unhandled error (AccessDeniedException): Error {{ code: \"AccessDeniedException\", message: \"{sentence}\", aws_request_id: \"ABC\" }}"
        ),
        format!("╷\n│ Error: listing tables: {}\n│ \n╵", sentence.replace(" on ", "\n│ on ")),
        format!(
            "{{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"Message\":\"{sentence}\"}}"
        ),
        format!("<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{sentence}</Message></Error>"),
    ];
    for text in &texts {
        let denial = Denial::read(text).unwrap();
        assert_eq!(
            denial.principal.as_deref(),
            Some("arn:aws:sts::111111111111:assumed-role/task/0123"),
            "{text}"
        );
        assert_eq!(denial.action.as_deref(), Some("dynamodb:ListTables"), "{text}");
        assert_eq!(
            denial.resource.as_deref(),
            Some("arn:aws:dynamodb:eu-west-1:222222222222:table/*"),
            "{text}"
        );
    }
    let codes: Vec<_> = texts
        .iter()
        .map(|text| {
            let denial = Denial::read(text).unwrap();
            format!("{:?} {:?}", denial.code, denial.operation)
        })
        .collect();
    assert_snapshot!(codes.join("\n"), @r#"
    Some("AccessDeniedException") Some("ListTables")
    Some("AccessDeniedException") Some("ListTables")
    Some("AccessDeniedException") None
    None None
    Some("AccessDeniedException") None
    Some("AccessDeniedException") Some("ListTables")
    Some("AccessDeniedException") None
    None None
    Some("AccessDeniedException") None
    Some("AccessDenied") None
    "#);
}

/// Forms of their own: STS, S3, EC2's encoded message, the Access Troubleshooter, anonymous callers, KMS.
#[test]
fn other_forms() {
    let texts = [
        "An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::111111111111:user/ana is not authorized to perform: sts:TagSession on resource: arn:aws:iam::222222222222:role/switch-role",
        "An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation: Not authorized to perform sts:AssumeRoleWithWebIdentity",
        "An error occurred (AccessDenied) when calling the AssumeRole operation: Roles may not be assumed by root accounts.",
        "fatal error: An error occurred (403) when calling the HeadObject operation: Forbidden",
        "An error occurred (AccessDenied) when calling the ListObjectsV2 operation: Access Denied",
        "User: arn:aws:iam::111111111111:user/ana is not authorized to perform: s3:GetObject on resource: \\\"arn:aws:s3:::reports/a b.csv\\\" with an explicit deny in a resource-based policy",
        "UnauthorizedOperation: You are not authorized to perform this operation. User: arn:aws:iam::111111111111:user/ana is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:eu-west-1:111111111111:instance/* because no identity-based policy allows the ec2:RunInstances action. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSn_uhi-B",
        "An error occurred (UnauthorizedOperation) when calling the RunInstances operation: You are not authorized to perform this operation. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSn_uhi-B",
        "User: arn:aws:iam::123456789012:user/janedoe is not authorized to perform: iam:CreateInstanceProfile on resource: arn:aws:iam::123456789012:instance-profile/my-instance-profile with an explicit deny in an identity-based policy: arn:aws:iam::123456789012:policy/ExampleDenyPolicy. Go to https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/example1a2b3c4d5e for complete details, or call the GetRequestAuthorizationDetails API with the following authorization id: example1a2b3c4d5e",
        "{\"Message\":\"User: anonymous is not authorized to perform: es:ESHttpGet\"}",
        "User: arn:aws:iam::111111111111:user/ana is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access",
        "No such file or directory",
        "",
    ];
    assert_snapshot!(texts.map(told).join("\n\n"), @r"
    code=AccessDenied
    operation=AssumeRole
    who=arn:aws:iam::111111111111:user/ana
    action=sts:TagSession
    on=arn:aws:iam::222222222222:role/switch-role

    code=AccessDenied
    operation=AssumeRoleWithWebIdentity
    action=sts:AssumeRoleWithWebIdentity

    code=AccessDenied
    operation=AssumeRole

    operation=HeadObject

    code=AccessDenied
    operation=ListObjectsV2

    who=arn:aws:iam::111111111111:user/ana
    action=s3:GetObject
    on=arn:aws:s3:::reports/a b.csv
    reason=explicit deny in resource-based policy (RESOURCE)

    code=UnauthorizedOperation
    who=arn:aws:iam::111111111111:user/ana
    action=ec2:RunInstances
    on=arn:aws:ec2:eu-west-1:111111111111:instance/*
    reason=no allow in identity-based policy (PRINCIPAL)
    encoded=4GIOHlTkIaWHQD0Q0m6XSn_uhi-B

    code=UnauthorizedOperation
    operation=RunInstances
    encoded=4GIOHlTkIaWHQD0Q0m6XSn_uhi-B

    who=arn:aws:iam::123456789012:user/janedoe
    action=iam:CreateInstanceProfile
    on=arn:aws:iam::123456789012:instance-profile/my-instance-profile
    reason=explicit deny in identity-based policy (PRINCIPAL) arn:aws:iam::123456789012:policy/ExampleDenyPolicy
    id=example1a2b3c4d5e

    who=anonymous
    action=es:ESHttpGet

    who=arn:aws:iam::111111111111:user/ana
    action=kms:Decrypt

    no refusal

    no refusal
    ");
}
