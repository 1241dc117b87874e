//! What would allow a request that is refused.

use std::fmt::Write as _;

use insta::assert_snapshot;
use proptest::prelude::{Just, ProptestConfig, Strategy, any};
use proptest::sample::select;
use proptest::{prop_assert, prop_assert_eq, prop_oneof, proptest};
use rolecall_iam::{Decision, Estate, Policy, PolicyKind, Principal};

use crate::world::{
    AWAY, AWAY_TABLE, HOME, LEDGER, TABLE, account, ana, estate, level, managed, named, request, statement,
    trusting, user, worker, worker_session,
};

/// The fix for a call of the worker's session, as text.
fn fix(estate: &Estate, action: &str, resource: &str) -> String {
    let principal = worker_session();
    let context = principal.context();
    let Some(fix) = estate.fix(&request(&principal, action, resource, &context)) else {
        return "nothing to mend".to_owned();
    };
    let mut text = format!("{}\n{fix}", fix.decision.name());
    for change in &fix.changes {
        let _ = write!(text, "\n= {}", change.after.text().trim_end());
    }
    text
}

/// The commonest hole: the role is trusted, and may not assume. tutorial_cross-account-with-roles
#[test]
fn the_task_role_has_no_identity_policy() {
    assert_snapshot!(fix(&estate(), "sts:AssumeRole", LEDGER), @r#"
    Allowed
    to allow it, make a new inline policy allow-sts-assumerole of role worker in account 111111111111: {"Sid": "AllowAssumeRole", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::222222222222:role/ledger"}
    = {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "AllowAssumeRole",
          "Effect": "Allow",
          "Action": "sts:AssumeRole",
          "Resource": "arn:aws:iam::222222222222:role/ledger"
        }
      ]
    }
    "#);
}

/// reference_policies_elements_principal: the path is part of a role's ARN.
#[test]
fn the_trust_policy_names_another_path_and_the_identity_policy_another_role() {
    let mut estate = estate();
    let switch = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Switch",
      "Effect": "Allow",
      "Action": "sts:AssumeRole",
      "Resource": [
        "arn:aws:iam::222222222222:role/ledgers"
      ]
    }
  ]
}"#;
    worker(&mut estate)
        .inline
        .insert("switch".to_owned(), Policy::new(switch, PolicyKind::Identity).unwrap());
    account(&mut estate, AWAY).roles.get_mut("ledger").unwrap().trust =
        trusting("arn:aws:iam::111111111111:role/worker");
    assert_snapshot!(fix(&estate, "sts:AssumeRole", LEDGER), @r#"
    Allowed
    to allow it, add to inline policy switch of role worker in account 111111111111: "arn:aws:iam::222222222222:role/ledger"
    to allow it, add to trust policy of role ledger in account 222222222222: "arn:aws:iam::111111111111:role/app/worker"
    = {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "Switch",
          "Effect": "Allow",
          "Action": "sts:AssumeRole",
          "Resource": [
            "arn:aws:iam::222222222222:role/ledgers",
            "arn:aws:iam::222222222222:role/ledger"
          ]
        }
      ]
    }
    = {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":["arn:aws:iam::111111111111:role/worker", "arn:aws:iam::111111111111:role/app/worker"]}}]}
    "#);
}

/// A table in another account: its policy must speak too. rbac-cross-account-access
#[test]
fn a_table_in_another_account_without_a_policy() {
    assert_snapshot!(fix(&estate(), "dynamodb:GetItem", AWAY_TABLE), @r#"
    Allowed
    to allow it, make a new inline policy allow-dynamodb-getitem of role worker in account 111111111111: {"Sid": "AllowGetItem", "Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:eu-west-1:222222222222:table/invoices"}
    to allow it, make a new policy on arn:aws:dynamodb:eu-west-1:222222222222:table/invoices in account 222222222222: {"Sid": "AllowGetItem", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:role/app/worker"}, "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:eu-west-1:222222222222:table/invoices"}
    = {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "AllowGetItem",
          "Effect": "Allow",
          "Action": "dynamodb:GetItem",
          "Resource": "arn:aws:dynamodb:eu-west-1:222222222222:table/invoices"
        }
      ]
    }
    = {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "AllowGetItem",
          "Effect": "Allow",
          "Principal": {"AWS": "arn:aws:iam::111111111111:role/app/worker"},
          "Action": "dynamodb:GetItem",
          "Resource": "arn:aws:dynamodb:eu-west-1:222222222222:table/invoices"
        }
      ]
    }
    "#);
}

/// reference_policies_evaluation-logic: what denies is reported, with its owner.
#[test]
fn what_an_organisation_does_not_allow_is_not_edited_away() {
    let mut estate = estate();
    worker(&mut estate).inline.insert("all".to_owned(), statement("Allow", "s3:*"));
    let unit = level(&mut estate, "ou-work");
    unit.service_control.clear();
    unit.service_control.insert("p-only-s3".to_owned(), statement("Allow", "s3:*"));
    worker(&mut estate).inline.insert("never".to_owned(), statement("Deny", "dynamodb:Get*"));
    assert_snapshot!(fix(&estate, "dynamodb:GetItem", TABLE), @r#"
    ExplicitlyDenied
    to allow it, add to inline policy all of role worker in account 111111111111: {"Sid": "AllowGetItem", "Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:eu-west-1:111111111111:table/invoices"}
    in the way: service control policy: nothing on ou-work allows it: ask the owner of account 999999999999
    in the way: an explicit deny: inline policy never of worker, statement 1 (1:38) denies: ask the owner of account 111111111111
    = {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}, {"Sid": "AllowGetItem", "Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:eu-west-1:111111111111:table/invoices"}]}
    "#);
}

/// id_roles_common-scenarios_third-party: an external id is there to be asked for.
#[test]
fn a_condition_is_not_gone_around() {
    let mut estate = estate();
    let trust = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "Partner", "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111111111111"},
   "Condition": {"StringEquals": {"sts:ExternalId": "agreed-1234"}}}]}"#;
    account(&mut estate, AWAY).roles.get_mut("ledger").unwrap().trust = Policy::lenient(trust);
    assert_snapshot!(fix(&estate, "sts:AssumeRole", LEDGER), @r#"
    ImplicitlyDenied
    to allow it, make a new inline policy allow-sts-assumerole of role worker in account 111111111111: {"Sid": "AllowAssumeRole", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::222222222222:role/ledger"}
    in the way: a condition does not hold: trust policy of ledger, statement Partner (2:3) would have allowed, but sts:ExternalId is absent, and StringEquals wants the one agreed on
    = {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "AllowAssumeRole",
          "Effect": "Allow",
          "Action": "sts:AssumeRole",
          "Resource": "arn:aws:iam::222222222222:role/ledger"
        }
      ]
    }
    "#);
}

/// access_policies_boundaries: a boundary is shared, and a change of it reaches all who have it.
#[test]
fn a_boundary_and_whom_it_opens_to() {
    let mut estate = estate();
    let arn = "arn:aws:iam::111111111111:policy/limit";
    add_managed(&mut estate, arn, statement("Allow", "s3:*"));
    worker(&mut estate).inline.insert("all".to_owned(), statement("Allow", "dynamodb:*"));
    worker(&mut estate).boundary = Some(arn.to_owned());
    ana(&mut estate).inline.insert("all".to_owned(), statement("Allow", "*"));
    ana(&mut estate).boundary = Some(arn.to_owned());
    assert_snapshot!(fix(&estate, "dynamodb:GetItem", TABLE), @r#"
    Allowed
    to allow it, add to managed policy arn:aws:iam::111111111111:policy/limit in account 111111111111: {"Sid": "AllowGetItem", "Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:eu-west-1:111111111111:table/invoices"}
    the same would then be allowed to arn:aws:iam::111111111111:user/ana
    = {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}, {"Sid": "AllowGetItem", "Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:eu-west-1:111111111111:table/invoices"}]}
    "#);
}

/// What is allowed needs no fix, and a role that is not there cannot have one.
#[test]
fn nothing_to_mend_and_nobody_to_mend() {
    let mut estate = estate();
    worker(&mut estate).inline.insert("all".to_owned(), statement("Allow", "dynamodb:*"));
    assert_snapshot!(fix(&estate, "dynamodb:GetItem", TABLE), @"nothing to mend");
    account(&mut estate, HOME).roles.clear();
    assert_snapshot!(fix(&estate, "dynamodb:GetItem", TABLE), @r#"
    Allowed
    to allow it, make a new policy on arn:aws:dynamodb:eu-west-1:111111111111:table/invoices in account 111111111111: {"Sid": "AllowGetItem", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:role/app/worker"}, "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:eu-west-1:111111111111:table/invoices"}
    in the way: arn:aws:iam::111111111111:role/app/worker is not known, or is another one by now: ask the owner of account 111111111111
    = {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "AllowGetItem",
          "Effect": "Allow",
          "Principal": {"AWS": "arn:aws:iam::111111111111:role/app/worker"},
          "Action": "dynamodb:GetItem",
          "Resource": "arn:aws:dynamodb:eu-west-1:111111111111:table/invoices"
        }
      ]
    }
    "#);
}

fn add_managed(estate: &mut Estate, arn: &str, policy: Policy) {
    account(estate, HOME).policies.insert(arn.to_owned(), managed(policy));
}

const ACTIONS: &[&str] = &["dynamodb:GetItem", "dynamodb:Query", "sts:AssumeRole", "sts:TagSession"];
const RESOURCES: &[&str] = &[TABLE, AWAY_TABLE, LEDGER, "arn:aws:iam::222222222222:role/other"];

/// A change to the world: what a policy of one of its places says.
fn twist() -> impl Strategy<Value = (u8, Policy)> {
    let action = prop_oneof![select(ACTIONS), Just("dynamodb:*"), Just("sts:*")];
    let principal = select(
        &[
            "111111111111",
            "222222222222",
            "arn:aws:iam::111111111111:role/app/worker",
            "arn:aws:iam::111111111111:role/worker",
            "arn:aws:iam::111111111111:user/ana",
        ][..],
    );
    let effect = prop_oneof![8 => Just("Allow"), 1 => Just("Deny")];
    (0_u8..8, action, principal, effect, select(RESOURCES), any::<bool>()).prop_map(
        |(place, action, principal, effect, resource, everything)| {
            let policy = match place {
                0 if action.starts_with("sts:") => named(principal, effect, action, None),
                0 => named(principal, effect, "sts:AssumeRole", None),
                1 | 2 => named(principal, effect, action, Some(resource)),
                _ if everything => statement(effect, action),
                _ => Policy::lenient(
                    &statement(effect, action)
                        .text()
                        .replace("\"Resource\":\"*\"", &format!("\"Resource\":\"{resource}\"")),
                ),
            };
            (place, policy)
        },
    )
}

fn twisted(twists: Vec<(u8, Policy)>) -> Estate {
    let mut estate = estate();
    let limit = "arn:aws:iam::111111111111:policy/limit";
    for (place, policy) in twists {
        match place {
            0 => account(&mut estate, AWAY).roles.get_mut("ledger").unwrap().trust = policy,
            1 => drop(account(&mut estate, HOME).resource_policies.insert(TABLE.to_owned(), policy)),
            2 => drop(account(&mut estate, AWAY).resource_policies.insert(AWAY_TABLE.to_owned(), policy)),
            3 | 4 => drop(worker(&mut estate).inline.insert(format!("w{place}"), policy)),
            5 => drop(ana(&mut estate).inline.insert("a".to_owned(), policy)),
            6 => {
                add_managed(&mut estate, limit, policy);
                worker(&mut estate).boundary = Some(limit.to_owned());
            }
            _ => {
                let arn = "arn:aws:iam::111111111111:policy/shared";
                add_managed(&mut estate, arn, policy);
                worker(&mut estate).attached = vec![arn.to_owned()];
            }
        }
    }
    estate
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// A fix that nothing stands in the way of, applied, allows; it allows its principal nothing else; and whom else it
    /// opens the request to is said.
    #[test]
    fn a_fix_applied_allows_and_nothing_else(
        twists in proptest::collection::vec(twist(), 0..6),
        is_ana in any::<bool>(),
        action in select(ACTIONS),
        resource in select(RESOURCES),
    ) {
        let before = twisted(twists);
        let (one, other) = (worker_session(), user());
        let (principal, other) = if is_ana { (other, one) } else { (one, other) };
        let decide = |estate: &Estate, principal: &Principal, action: &str, resource: &str| {
            let context = principal.context();
            estate.decision(&request(principal, action, resource, &context))
        };
        let context = principal.context();
        let asked = request(&principal, action, resource, &context);
        let Some(fix) = before.fix(&asked) else {
            let decision = before.decision(&asked);
            prop_assert!(matches!(decision, Decision::Allowed | Decision::Undecided));
            return Ok(());
        };
        let mut after = before.clone();
        for change in &fix.changes {
            change.apply(&mut after);
        }
        prop_assert_eq!(after.decision(&asked), fix.decision);
        prop_assert_eq!(fix.decision == Decision::Allowed, fix.obstacles.is_empty());
        for action in ACTIONS {
            for resource in RESOURCES {
                let same = (*action, *resource) == (asked.action, asked.resource);
                let (was, is) = (decide(&before, &principal, action, resource), decide(&after, &principal, action, resource));
                prop_assert!(same || was == is || was == Decision::Undecided, "{action} {resource}: {was:?} {is:?}");
                let (was, is) = (decide(&before, &other, action, resource), decide(&after, &other, action, resource));
                let said = same && fix.opens_to == [other.identity_arn()];
                prop_assert_eq!(was != is, said, "{} {} for the other: {:?} {:?}", action, resource, was, is);
            }
        }
    }
}
