//! What one call needs to be allowed.

use rolecall_iam::needs::dynamodb::{actions_instead, all_tables};
use rolecall_iam::{AssumeRole, Need};

use crate::world::{AWAY, LEDGER, account, estate, id};

fn actions(needs: &[Need]) -> Vec<&str> {
    needs.iter().map(|need| need.action.as_ref()).collect()
}

/// id_session-tags#id_session-tags_permissions-required, id_credentials_temp_control-access_monitor
#[test]
fn assume_role_needs_more_with_tags_and_a_source_identity() {
    let estate = estate();
    let plain = AssumeRole::new(LEDGER, id(AWAY));
    assert_eq!(actions(&plain.needs(&estate)), ["sts:AssumeRole"]);
    for (call, expected) in [
        (
            AssumeRole { tags: vec![("team", "blue")], ..plain.clone() },
            vec!["sts:AssumeRole", "sts:TagSession"],
        ),
        (
            AssumeRole { inherited: vec![("team", "blue")], ..plain.clone() },
            vec!["sts:AssumeRole", "sts:TagSession"],
        ),
        (
            AssumeRole { source_identity: Some("ana"), ..plain.clone() },
            vec!["sts:AssumeRole", "sts:SetSourceIdentity"],
        ),
        (
            AssumeRole { held_source_identity: Some("ana"), inherited: vec![("a", "b")], ..plain },
            vec!["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        ),
    ] {
        let needs = call.needs(&estate);
        assert_eq!(actions(&needs), expected);
        assert!(needs.iter().all(|need| need.resource == LEDGER && need.owner == id(AWAY)));
    }
}

/// reference_policies_iam-condition-keys, id_session-tags_role-chaining: an inherited tag stands before the role's own.
#[test]
fn the_keys_of_assume_role() {
    let mut estate = estate();
    let ledger = account(&mut estate, AWAY).roles.get_mut("ledger").unwrap();
    ledger.identity.tags.extend([("team".to_owned(), "red".to_owned()), ("cost".to_owned(), "7".to_owned())]);
    let call = AssumeRole {
        session_name: Some("run"),
        external_id: Some("a secret"),
        tags: vec![("stage", "test")],
        transitive: vec!["stage"],
        inherited: vec![("Team", "blue")],
        ..AssumeRole::new(LEDGER, id(AWAY))
    };
    let needs = call.needs(&estate);
    let context = &needs[0].context;
    for (key, expected) in [
        ("sts:RoleSessionName", Some("run")),
        ("sts:ExternalId", Some("a secret")),
        ("aws:RequestTag/stage", Some("test")),
        ("aws:ResourceTag/team", Some("blue")),
        ("iam:ResourceTag/cost", Some("7")),
        ("aws:ResourceAccount", Some(AWAY)),
        ("aws:ResourceOrgID", Some("o-example")),
        ("sts:SourceIdentity", None),
    ] {
        assert_eq!(context.one(key), expected, "{key}");
    }
    assert!(!format!("{call:?}").contains("a secret"));
}

/// transaction-apis-iam: there are no actions for transactions; API_ListTables: real denials name `table/*`.
#[test]
fn calls_that_are_not_asked_by_their_name() {
    assert_eq!(actions_instead("DynamoDB:transactgetitems"), ["dynamodb:GetItem"]);
    assert_eq!(actions_instead("dynamodb:TransactWriteItems").len(), 4);
    assert!(actions_instead("dynamodb:GetItem").is_empty());
    assert_eq!(all_tables("eu-west-1", id(AWAY)), "arn:aws:dynamodb:eu-west-1:222222222222:table/*");
}
