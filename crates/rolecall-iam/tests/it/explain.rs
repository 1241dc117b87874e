//! Explanations as a person reads them.

use insta::assert_snapshot;
use rolecall_iam::{Context, Estate, Policy, PolicyKind};

use crate::world::{
    AWAY, LEDGER, TABLE, account, estate, level, request, statement, trusting, worker, worker_session,
};

fn explain(estate: &Estate, action: &str, resource: &str, more: &[(&str, &str)]) -> String {
    let principal = worker_session();
    let mut context = principal.context();
    for (key, value) in more {
        context.insert(key, *value);
    }
    explain_in(estate, action, resource, &context)
}

fn explain_in(estate: &Estate, action: &str, resource: &str, context: &Context) -> String {
    let principal = worker_session();
    let request = request(&principal, action, resource, context);
    estate.decide(&request).explain(&request)
}

/// The most common hole: the role is trusted, and has no identity policy.
#[test]
fn no_identity_policy() {
    assert_snapshot!(explain(&estate(), "sts:AssumeRole", LEDGER, &[]), @r"
    arn:aws:sts::111111111111:assumed-role/worker/run-7 may not sts:AssumeRole on arn:aws:iam::222222222222:role/ledger
      RESOURCE_CONTROL_POLICY ALLOW
      SERVICE_CONTROL_POLICY  ALLOW
      RESOURCE                ALLOW
        trust policy of ledger, statement 1 (1:38) allows
      PRINCIPAL               IMPLICIT_DENY: it has no identity policy
    ");
}

#[test]
fn the_identity_policy_names_another_role_and_the_trust_policy_another_path() {
    let mut estate = estate();
    let text = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
    {"Sid": "Switch", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::222222222222:role/ledgers"}
  ]
}"#;
    worker(&mut estate).inline.insert("switch".to_owned(), Policy::new(text, PolicyKind::Identity).unwrap());
    let trust = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::111111111111:role/worker"}}]}"#;
    account(&mut estate, AWAY).roles.get_mut("ledger").unwrap().trust = Policy::lenient(trust);
    assert_snapshot!(explain(&estate, "sts:AssumeRole", LEDGER, &[]), @r"
    arn:aws:sts::111111111111:assumed-role/worker/run-7 may not sts:AssumeRole on arn:aws:iam::222222222222:role/ledger
      RESOURCE_CONTROL_POLICY ALLOW
      SERVICE_CONTROL_POLICY  ALLOW
      RESOURCE                IMPLICIT_DENY
        trust policy of ledger, statement 1 (2:3) would have allowed, but it names arn:aws:iam::111111111111:role/worker, not arn:aws:iam::111111111111:role/app/worker
      PRINCIPAL               IMPLICIT_DENY
        inline policy switch of worker, statement Switch (5:5) would have allowed, but its resource is arn:aws:iam::222222222222:role/ledgers, not arn:aws:iam::222222222222:role/ledger
    ");
}

/// The external ids of neither side are shown.
#[test]
fn a_wrong_external_id() {
    let mut estate = estate();
    worker(&mut estate).inline.insert("all".to_owned(), statement("Allow", "sts:*"));
    let trust = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "Partner", "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111111111111"},
   "Condition": {"StringEquals": {"STS:ExternalId": "agreed-1234"}}}]}"#;
    account(&mut estate, AWAY).roles.get_mut("ledger").unwrap().trust = Policy::lenient(trust);
    let wrong = explain(&estate, "sts:AssumeRole", LEDGER, &[("sts:ExternalId", "guessed-5678")]);
    assert!(!wrong.contains("agreed-1234") && !wrong.contains("guessed-5678"), "{wrong}");
    assert_snapshot!(wrong, @r"
    arn:aws:sts::111111111111:assumed-role/worker/run-7 may not sts:AssumeRole on arn:aws:iam::222222222222:role/ledger
      RESOURCE_CONTROL_POLICY ALLOW
      SERVICE_CONTROL_POLICY  ALLOW
      RESOURCE                IMPLICIT_DENY
        trust policy of ledger, statement Partner (2:3) would have allowed, but STS:ExternalId is another, and StringEquals wants the one agreed on
      PRINCIPAL               ALLOW
        inline policy all of worker, statement 1 (1:38) allows
    ");
    assert_snapshot!(explain(&estate, "sts:AssumeRole", LEDGER, &[]), @r"
    arn:aws:sts::111111111111:assumed-role/worker/run-7 may not sts:AssumeRole on arn:aws:iam::222222222222:role/ledger
      RESOURCE_CONTROL_POLICY ALLOW
      SERVICE_CONTROL_POLICY  ALLOW
      RESOURCE                IMPLICIT_DENY
        trust policy of ledger, statement Partner (2:3) would have allowed, but STS:ExternalId is absent, and StringEquals wants the one agreed on
      PRINCIPAL               ALLOW
        inline policy all of worker, statement 1 (1:38) allows
    ");
}

/// The trusted role was made again: its name is the same, and it is another.
#[test]
fn a_trusted_role_that_was_made_again() {
    let mut estate = estate();
    let arn = "arn:aws:iam::111111111111:role/app/worker";
    worker(&mut estate).inline.insert("all".to_owned(), statement("Allow", "sts:*"));
    let trust = &mut account(&mut estate, AWAY).roles.get_mut("ledger").unwrap().trust;
    *trust = trusting(arn);
    trust.pin(arn, "AROAWORKER0000000000");
    assert_snapshot!(explain(&estate, "sts:AssumeRole", LEDGER, &[]), @r"
    arn:aws:sts::111111111111:assumed-role/worker/run-7 may not sts:AssumeRole on arn:aws:iam::222222222222:role/ledger
      RESOURCE_CONTROL_POLICY ALLOW
      SERVICE_CONTROL_POLICY  ALLOW
      RESOURCE                IMPLICIT_DENY
        trust policy of ledger, statement 1 (1:38) would have allowed, but it names the arn:aws:iam::111111111111:role/app/worker of before, AROAWORKER0000000000, which is not this one
      PRINCIPAL               ALLOW
        inline policy all of worker, statement 1 (1:38) allows
    ");
}

#[test]
fn a_level_of_the_organisation_allows_nothing() {
    let mut estate = estate();
    worker(&mut estate).inline.insert("all".to_owned(), statement("Allow", "*"));
    level(&mut estate, "ou-work").service_control.clear();
    level(&mut estate, "ou-work").service_control.insert("p-1".to_owned(), statement("Allow", "s3:*"));
    assert_snapshot!(explain(&estate, "dynamodb:GetItem", TABLE, &[]), @r"
    arn:aws:sts::111111111111:assumed-role/worker/run-7 may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/invoices
      RESOURCE_CONTROL_POLICY ALLOW
      SERVICE_CONTROL_POLICY  IMPLICIT_DENY: nothing on ou-work allows it
      PRINCIPAL               ALLOW
        inline policy all of worker, statement 1 (1:38) allows
    ");
}

#[test]
fn a_deny_by_tag_that_is_not_known_yet() {
    let mut estate = estate();
    worker(&mut estate).inline.insert("all".to_owned(), statement("Allow", "*"));
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",
  "Condition": {"StringNotEquals": {"aws:ResourceTag/team": ["red", "blue"]}}}}"#;
    worker(&mut estate).inline.insert("teams".to_owned(), Policy::lenient(text));
    let mut context = worker_session().context();
    context.insert_unknown("aws:ResourceTag/team");
    assert_snapshot!(explain_in(&estate, "dynamodb:GetItem", TABLE, &context), @r"
    arn:aws:sts::111111111111:assumed-role/worker/run-7 may or may not (undecided) dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/invoices
      RESOURCE_CONTROL_POLICY ALLOW
      SERVICE_CONTROL_POLICY  ALLOW
      PRINCIPAL               UNDECIDED
        inline policy teams of worker, statement 1 (1:40) may deny, if aws:ResourceTag/team, which is not known, is what StringNotEquals wants: `red` or `blue`
    ");
    context.insert("aws:ResourceTag/team", "green");
    assert_snapshot!(explain_in(&estate, "dynamodb:GetItem", TABLE, &context), @r"
    arn:aws:sts::111111111111:assumed-role/worker/run-7 may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/invoices
      RESOURCE_CONTROL_POLICY ALLOW
      SERVICE_CONTROL_POLICY  ALLOW
      PRINCIPAL               EXPLICIT_DENY
        inline policy teams of worker, statement 1 (1:40) denies
    ");
}

#[test]
fn all_is_well() {
    let mut estate = estate();
    worker(&mut estate).inline.insert("all".to_owned(), statement("Allow", "sts:*"));
    assert_snapshot!(explain(&estate, "sts:AssumeRole", LEDGER, &[]), @r"
    arn:aws:sts::111111111111:assumed-role/worker/run-7 may sts:AssumeRole on arn:aws:iam::222222222222:role/ledger
      RESOURCE_CONTROL_POLICY ALLOW
      SERVICE_CONTROL_POLICY  ALLOW
      RESOURCE                ALLOW
        trust policy of ledger, statement 1 (1:38) allows
      PRINCIPAL               ALLOW
        inline policy all of worker, statement 1 (1:38) allows
    ");
}

/// Variables are shown with what they come to. reference_policies_variables
#[test]
fn variables_are_resolved() {
    let mut estate = estate();
    let text = r#"{"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/team}"},
  {"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"${aws:ResourceTag/team}"}}}]}"#;
    worker(&mut estate).inline.insert("own".to_owned(), Policy::lenient(text));
    assert_snapshot!(explain(&estate, "dynamodb:GetItem", TABLE, &[("aws:PrincipalTag/team", "red")]), @r"
    arn:aws:sts::111111111111:assumed-role/worker/run-7 may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/invoices
      RESOURCE_CONTROL_POLICY ALLOW
      SERVICE_CONTROL_POLICY  ALLOW
      PRINCIPAL               IMPLICIT_DENY
        inline policy own of worker, statement 1 (2:3) would have allowed, but its resource is arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/team} (arn:aws:dynamodb:*:*:table/red), not arn:aws:dynamodb:eu-west-1:111111111111:table/invoices
        inline policy own of worker, statement 2 (3:3) would have allowed, but aws:PrincipalTag/team is `red`, and StringEquals wants `${aws:ResourceTag/team} (a variable in it has no value)`
    ");
}
