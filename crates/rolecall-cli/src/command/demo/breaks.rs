//! The links of the path: how each is cut, and how it is mended.

use std::pin::Pin;

use super::stage::{Stage, TABLES_POLICY, TARGET, TRUST, WORKLOAD};
use crate::failure::Failure;

type Change<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 'a>>;

/// One way to break the path.
pub(super) struct Link {
    /// What is wrong, as a heading.
    pub(super) title: &'static str,
    /// What AWS's words must hold for the refusal to be this one.
    pub(super) telling: &'static str,
    /// The external id that the task passes.
    pub(super) external_id: Option<&'static str>,
    pub(super) cut: fn(&Stage) -> Change<'_>,
    pub(super) mend: fn(&Stage) -> Change<'_>,
}

const TRUST_OTHER: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "TrustOtherRole", "Effect": "Allow",
  "Principal": {"AWS": "arn:aws:iam::111111111111:role/other-role"}, "Action": "sts:AssumeRole"}]}"#;

const TRUST_WITH_ID: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "TrustTaskRole", "Effect": "Allow",
  "Principal": {"AWS": "arn:aws:iam::111111111111:role/my-fargate-task-role"}, "Action": "sts:AssumeRole",
  "Condition": {"StringEquals": {"sts:ExternalId": "orders-2026"}}}]}"#;

const NO_DYNAMODB: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "*", "Resource": "*"},
  {"Sid": "NoDynamoDB", "Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}]}"#;

/// The links, in the order of the path.
pub(super) const ALL: &[Link] = &[
    Link {
        title: "The task role has no policy that allows sts:AssumeRole: the seed's first hole",
        telling: "because no identity-based policy allows the sts:AssumeRole action",
        external_id: None,
        cut: |stage| {
            let policy = &[("RoleName", "my-fargate-task-role"), ("PolicyName", "assume-switch-role")];
            Box::pin(stage.iam(WORKLOAD, "DeleteRolePolicy", policy))
        },
        mend: |stage| Box::pin(stage.put_may_assume()),
    },
    Link {
        title: "The switch role trusts another role",
        telling: "because no role trust policy allows the sts:AssumeRole action",
        external_id: None,
        cut: |stage| Box::pin(stage.set_trust(TRUST_OTHER)),
        mend: |stage| Box::pin(stage.set_trust(TRUST)),
    },
    Link {
        title: "The policy is not attached to the switch role: the seed's second hole",
        telling: "because no identity-based policy allows the dynamodb:ListTables action",
        external_id: None,
        cut: |stage| {
            let attachment = &[("RoleName", "switch-role"), ("PolicyArn", TABLES_POLICY)];
            Box::pin(stage.iam(TARGET, "DetachRolePolicy", attachment))
        },
        mend: |stage| Box::pin(stage.attach_tables_policy()),
    },
    Link {
        title: "The switch role asks for an external id, and the task passes a wrong one",
        telling: "because no role trust policy allows the sts:AssumeRole action",
        external_id: Some("orders-2025"),
        cut: |stage| Box::pin(stage.set_trust(TRUST_WITH_ID)),
        mend: |stage| Box::pin(stage.set_trust(TRUST)),
    },
    Link {
        title: "A service control policy of account 222222222222 denies DynamoDB",
        telling: "with an explicit deny in a service control policy",
        external_id: None,
        cut: |stage| Box::pin(stage.set_service_control(Some(NO_DYNAMODB))),
        mend: |stage| Box::pin(stage.set_service_control(None)),
    },
];
