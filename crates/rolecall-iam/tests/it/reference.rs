//! The committed table: whole, in order, small, and right in what is known.

use std::fs;
use std::path::Path;

use rolecall_iam::reference::{self, AccessLevel, ValueType};

fn table() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/reference/table")
}

#[test]
fn is_smaller_than_agreed_and_keeps_its_notice() {
    let files = fs::read_dir(table()).unwrap().map(|file| file.unwrap());
    let size: u64 = files.map(|file| file.metadata().unwrap().len()).sum();
    assert!(size < 1_200_000, "{size} bytes");
    let notice = fs::read_to_string(table().join("LICENSE")).unwrap();
    assert!(notice.starts_with("MIT License") && notice.contains("Copyright"), "{notice}");
    assert_eq!(reference::date().len(), "2026-09-26".len());
    assert!(reference::version().contains('.'));
}

/// Everything is found by its name, and what it points at is there.
#[test]
fn every_record_is_found_and_whole() {
    let (mut services, mut actions) = (0, 0);
    let mut last = String::new();
    for service in reference::services() {
        assert!(*last < *service.prefix(), "{} is out of order", service.prefix());
        last = service.prefix().to_owned();
        assert_eq!(reference::service(service.prefix()), Some(service));
        assert!(!service.name().is_empty());
        services += 1;
        for resource in service.resource_types() {
            assert_eq!(service.resource_type(resource.name()), Some(resource), "{}", resource.name());
            assert!(resource.arns().all(|arn| arn.starts_with("arn:")), "{}", resource.name());
            for key in resource.condition_keys() {
                assert!(reference::condition_key(&key).is_some(), "{key}");
            }
        }
        for action in service.actions() {
            let name = action.to_string();
            assert_eq!(reference::action(&name.to_lowercase()), Some(action), "{name}");
            for resource in action.resources() {
                assert!(resource.resource_type().is_some(), "{name} on {}", resource.name());
                for key in resource.condition_keys() {
                    assert!(reference::condition_key(&key).is_some(), "{name}: {key}");
                }
            }
            for key in action.condition_keys() {
                assert!(reference::condition_key(&key).is_some(), "{name}: {key}");
            }
            actions += 1;
        }
    }
    assert!(services > 400 && actions > 20_000, "{services} services, {actions} actions");
    for key in reference::condition_keys() {
        assert_eq!(reference::condition_key(key.name()), Some(key), "{}", key.name());
    }
}

/// The pages of the service authorization reference for DynamoDB, IAM, STS and S3.
#[test]
fn known_facts() {
    let query = reference::action("dynamodb:query").unwrap();
    assert_eq!(query.access_level(), AccessLevel::Read);
    let resources: Vec<_> = query.resources().map(|it| (it.name(), it.is_required())).collect();
    assert_eq!(resources, [("index", false), ("table", true)]);
    assert!(query.condition_keys().any(|key| key == "dynamodb:LeadingKeys"));
    let table = reference::service("dynamodb").unwrap().resource_type("table").unwrap();
    assert_eq!(table.arns().collect::<Vec<_>>(), ["arn:*:dynamodb:*:*:table/*"]);
    assert_eq!(table.condition_keys().collect::<Vec<_>>(), ["aws:ResourceTag/*"]);
    let pass_role = reference::action("iam:PassRole").unwrap();
    assert!(pass_role.condition_keys().any(|key| key == "iam:PassedToService"));
    assert_eq!(reference::action("s3:ListBuckets"), None);
    assert_eq!(reference::action("s3"), None);
    assert_eq!(
        reference::action("iam:AttachRolePolicy").unwrap().access_level(),
        AccessLevel::PermissionsManagement
    );
    assert_eq!(reference::matching_actions("sts:assumerole").count(), 1);
    assert_eq!(
        reference::matching_actions("sts:AssumeRole*").map(|it| it.name()).collect::<Vec<_>>(),
        ["AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"]
    );
    assert_eq!(reference::matching_actions("nothing:*").count(), 0);
    assert!(reference::matching_actions("*").count() > 20_000);
    assert!(reference::service("dynamodb").unwrap().supports_rcp());
    assert!(!reference::service("ec2").unwrap().supports_rcp());
}

/// reference_policies_condition-keys, and the keys of DynamoDB and STS.
#[test]
fn types_of_condition_keys() {
    use ValueType::{Arn, Bool, Date, IpAddress, Numeric, String};
    for (name, value_type, multivalued) in [
        ("aws:PrincipalArn", Arn, false),
        ("AWS:sourceip", IpAddress, false),
        ("aws:SecureTransport", Bool, false),
        ("aws:CurrentTime", Date, false),
        ("aws:MultiFactorAuthAge", Numeric, false),
        ("aws:TagKeys", String, true),
        ("aws:CalledVia", String, true),
        ("aws:PrincipalTag/team", String, false),
        ("dynamodb:LeadingKeys", String, true),
        ("dynamodb:Select", String, false),
        ("sts:TransitiveTagKeys", String, true),
        ("saml:aud", String, false),
        ("token.actions.githubusercontent.com:sub", String, false),
        ("token.actions.example.ghe.com:ref", String, false),
        ("iam:PermissionsBoundary", Arn, false),
    ] {
        let key = reference::condition_key(name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!((key.value_type(), key.is_multivalued()), (value_type, multivalued), "{name}");
    }
    for absent in ["aws:RequestTag/", "aws:ARN", "aws:SourceIP4", "dynamodb:Nothing", "x", ""] {
        assert_eq!(reference::condition_key(absent), None, "{absent}");
    }
}

/// What AWS does otherwise: overrides.json has the evidence.
#[test]
fn list_tables_is_authorised_on_all_tables() {
    let list_tables = reference::action("dynamodb:ListTables").unwrap();
    assert_eq!(list_tables.resources().count(), 0);
    assert_eq!(
        list_tables.request_resource(),
        Some("arn:${Partition}:dynamodb:${Region}:${Account}:table/*")
    );
    assert_eq!(reference::action("dynamodb:ListBackups").unwrap().request_resource(), None);
}
