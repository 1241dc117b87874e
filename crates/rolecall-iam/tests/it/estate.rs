//! Decisions of an Estate: which policies reach whom.

use Decision::{Allowed, ExplicitlyDenied, ImplicitlyDenied, Undecided};
use rolecall_iam::{Account, CheckType, Context, Decision, Estate, PolicyVersion, Principal, Request};

use crate::world::{
    AWAY, AWAY_TABLE, HOME, LEDGER, MANAGEMENT, TABLE, account, add_role, ana, estate, id, level, managed,
    named, request, session, statement, trusting, user, worker, worker_session,
};

/// The decision, and the denial in AWS's words for principals of one organisation.
fn ask(estate: &Estate, principal: &Principal, action: &str, resource: &str) -> (Decision, String) {
    let context = principal.context();
    let request = request(principal, action, resource, &context);
    let verdict = estate.decide(&request);
    (verdict.decision, verdict.denial(&request, true).unwrap_or_default())
}

fn decision(estate: &Estate, principal: &Principal, action: &str, resource: &str) -> Decision {
    ask(estate, principal, action, resource).0
}

/// access_policies: a user has its own policies, inline and managed, and those of its groups.
#[test]
fn a_user_has_its_own_policies_and_its_groups() {
    let mut estate = estate();
    assert_eq!(decision(&estate, &user(), "dynamodb:GetItem", TABLE), ImplicitlyDenied);
    let clerks = &mut account(&mut estate, HOME).groups.get_mut("clerks").unwrap().identity;
    clerks.inline.insert("read".to_owned(), statement("Allow", "dynamodb:GetItem"));
    assert_eq!(decision(&estate, &user(), "dynamodb:GetItem", TABLE), Allowed);
    ana(&mut estate).inline.insert("never".to_owned(), statement("Deny", "dynamodb:*"));
    assert_eq!(decision(&estate, &user(), "dynamodb:GetItem", TABLE), ExplicitlyDenied);
    ana(&mut estate).inline.clear();
    account(&mut estate, HOME).users.get_mut("ana").unwrap().groups.clear();
    assert_eq!(decision(&estate, &user(), "dynamodb:GetItem", TABLE), ImplicitlyDenied);
}

/// access_policies_managed-vs-inline: the customer's managed policies in their default version, and AWS's.
#[test]
fn a_role_has_its_managed_policies() {
    let mut estate = estate();
    let (own, of_aws) = ("arn:aws:iam::111111111111:policy/p", "arn:aws:iam::aws:policy/ReadOnlyAccess");
    worker(&mut estate).attached = vec![own.to_owned(), of_aws.to_owned()];
    let get = |estate: &Estate| decision(estate, &worker_session(), "dynamodb:GetItem", TABLE);
    assert_eq!(get(&estate), ImplicitlyDenied, "both policies are gone");
    let mut policy = managed(statement("Allow", "sqs:*"));
    let second = PolicyVersion { policy: statement("Allow", "dynamodb:GetItem"), created: 0 };
    policy.versions.insert(2, second);
    account(&mut estate, HOME).policies.insert(own.to_owned(), policy);
    assert_eq!(get(&estate), ImplicitlyDenied, "the first version is in force");
    account(&mut estate, HOME).policies.get_mut(own).unwrap().default_version = 2;
    assert_eq!(get(&estate), Allowed);
    account(&mut estate, HOME).policies.clear();
    estate.aws_policies.insert(of_aws.to_owned(), statement("Allow", "dynamodb:*"));
    assert_eq!(get(&estate), Allowed);
}

/// access_policies_boundaries: a boundary limits, and one whose policy is gone allows nothing.
#[test]
fn a_boundary_limits_and_a_dangling_one_allows_nothing() {
    let mut estate = estate();
    let limit = "arn:aws:iam::111111111111:policy/limit";
    worker(&mut estate).inline.insert("all".to_owned(), statement("Allow", "dynamodb:*"));
    worker(&mut estate).boundary = Some(limit.to_owned());
    let (found, denial) = ask(&estate, &worker_session(), "dynamodb:GetItem", TABLE);
    assert_eq!(found, ImplicitlyDenied);
    assert!(
        denial.ends_with("because no permissions boundary allows the dynamodb:GetItem action"),
        "{denial}"
    );
    account(&mut estate, HOME)
        .policies
        .insert(limit.to_owned(), managed(statement("Allow", "dynamodb:Get*")));
    assert_eq!(decision(&estate, &worker_session(), "dynamodb:GetItem", TABLE), Allowed);
    assert_eq!(decision(&estate, &worker_session(), "dynamodb:PutItem", TABLE), ImplicitlyDenied);
}

/// reference_identifiers#identifiers-unique-ids: who is deleted and made again is somebody else.
#[test]
fn the_session_of_a_role_that_is_gone_has_nothing() {
    let mut estate = estate();
    worker(&mut estate).inline.insert("all".to_owned(), statement("Allow", "*"));
    ana(&mut estate).inline.insert("all".to_owned(), statement("Allow", "*"));
    assert_eq!(decision(&estate, &worker_session(), "dynamodb:GetItem", TABLE), Allowed);
    assert_eq!(decision(&estate, &user(), "dynamodb:GetItem", TABLE), Allowed);
    worker(&mut estate).id = "AROAWORKER0000000002".to_owned();
    ana(&mut estate).id = "AIDAANA0000000000002".to_owned();
    assert_eq!(decision(&estate, &worker_session(), "dynamodb:GetItem", TABLE), ImplicitlyDenied);
    assert_eq!(decision(&estate, &user(), "dynamodb:GetItem", TABLE), ImplicitlyDenied);
    account(&mut estate, HOME).roles.clear();
    assert_eq!(decision(&estate, &worker_session(), "dynamodb:GetItem", TABLE), ImplicitlyDenied);
}

/// reference_policies_elements_principal#principal-roles: a trust policy keeps the role's id, not its name.
#[test]
fn a_role_made_again_is_no_longer_trusted() {
    let mut estate = estate();
    let arn = "arn:aws:iam::111111111111:role/app/worker";
    let mut trust = trusting(arn);
    trust.pin(arn, "AROAWORKER0000000001");
    account(&mut estate, AWAY).roles.get_mut("ledger").unwrap().trust = trust;
    worker(&mut estate).inline.insert("assume".to_owned(), statement("Allow", "sts:*"));
    assert_eq!(decision(&estate, &worker_session(), "sts:AssumeRole", LEDGER), Allowed);
    worker(&mut estate).id = "AROAWORKER0000000002".to_owned();
    let again = session(HOME, "app/worker", "AROAWORKER0000000002");
    assert_eq!(decision(&estate, &again, "sts:AssumeRole", LEDGER), ImplicitlyDenied);
    let unknown = session(HOME, "app/worker", "");
    assert_eq!(decision(&estate, &unknown, "sts:AssumeRole", LEDGER), Undecided, "its id is not known");
}

/// sts AssumeRole: a role that does not exist, or not with this path, is a role nobody may assume.
#[test]
fn a_role_that_does_not_exist_trusts_nobody() {
    let mut estate = estate();
    worker(&mut estate).inline.insert("assume".to_owned(), statement("Allow", "*"));
    assert_eq!(decision(&estate, &worker_session(), "sts:AssumeRole", LEDGER), Allowed);
    for role in ["arn:aws:iam::222222222222:role/app/ledger", "arn:aws:iam::111111111111:role/none"] {
        assert_eq!(decision(&estate, &worker_session(), "sts:AssumeRole", role), ImplicitlyDenied, "{role}");
        assert_eq!(decision(&estate, &worker_session(), "sts:TagSession", role), ImplicitlyDenied, "{role}");
    }
}

/// rbac-considerations: a table's policy speaks for its indexes; a stream has its own.
#[test]
fn a_tables_policy_covers_its_indexes() {
    let mut estate = estate();
    let (index, stream) = (format!("{AWAY_TABLE}/index/by-day"), format!("{AWAY_TABLE}/stream/2026"));
    worker(&mut estate).inline.insert("all".to_owned(), statement("Allow", "dynamodb:*"));
    let policy = named(HOME, "Allow", "dynamodb:*", Some(&format!("{AWAY_TABLE}*")));
    account(&mut estate, AWAY).resource_policies.insert(AWAY_TABLE.to_owned(), policy);
    for (resource, expected) in
        [(AWAY_TABLE, Allowed), (&index, Allowed), (&stream, ImplicitlyDenied), (TABLE, Allowed)]
    {
        assert_eq!(decision(&estate, &worker_session(), "dynamodb:Query", resource), expected, "{resource}");
    }
}

/// orgs_manage_policies_scps_evaluation: on every level from the root to the account something must allow.
#[test]
fn control_policies_hold_on_every_level() {
    for name in ["root", "ou-work", HOME] {
        let mut estate = estate();
        worker(&mut estate).inline.insert("all".to_owned(), statement("Allow", "*"));
        let get = |estate: &Estate| ask(estate, &worker_session(), "dynamodb:GetItem", TABLE);
        assert_eq!(get(&estate).0, Allowed);
        let never = ("p-never".to_owned(), statement("Deny", "dynamodb:*"));
        level(&mut estate, name).service_control.extend([never]);
        assert_eq!(get(&estate).0, ExplicitlyDenied, "{name}");
        level(&mut estate, name).service_control.clear();
        let (found, denial) = get(&estate);
        assert_eq!(found, ImplicitlyDenied, "{name}");
        assert!(denial.ends_with("because no service control policy allows the dynamodb:GetItem action"));
        level(&mut estate, name)
            .service_control
            .insert("p-some".to_owned(), statement("Allow", "dynamodb:Get*"));
        assert_eq!(get(&estate).0, Allowed, "{name}");
        assert_eq!(decision(&estate, &worker_session(), "dynamodb:PutItem", TABLE), ImplicitlyDenied);
    }
}

/// orgs_manage_policies_scps: the root user of a member account is restricted; the management account, service-linked
/// roles and accounts outside are not.
#[test]
fn whom_service_control_policies_do_not_reach() {
    let mut estate = estate();
    level(&mut estate, "root").service_control.insert("p".to_owned(), statement("Deny", "dynamodb:*"));
    let policy = statement("Allow", "*");
    worker(&mut estate).inline.insert("all".to_owned(), policy.clone());
    add_role(&mut estate, MANAGEMENT, "/", "chief", "AROACHIEF00000000001", &trusting(HOME));
    add_role(
        &mut estate,
        HOME,
        "/aws-service-role/x.amazonaws.com/",
        "Linked",
        "AROALINKED0000000001",
        &trusting(HOME),
    );
    let chief = &mut account(&mut estate, MANAGEMENT).roles.get_mut("chief").unwrap().identity;
    chief.inline.insert("all".to_owned(), policy.clone());
    let linked = &mut account(&mut estate, HOME).roles.get_mut("linked").unwrap().identity;
    linked.inline.insert("all".to_owned(), policy.clone());
    let outside = "333333333333";
    estate.accounts.insert(id(outside), Account::new(id(outside)));
    add_role(&mut estate, outside, "/", "far", "AROAFAR0000000000001", &trusting(HOME));
    account(&mut estate, outside)
        .roles
        .get_mut("far")
        .unwrap()
        .identity
        .inline
        .insert("all".to_owned(), policy);

    for (principal, expected) in [
        (worker_session(), ExplicitlyDenied),
        (Principal::Root(id(HOME)), ExplicitlyDenied),
        (Principal::Root(id(MANAGEMENT)), Allowed),
        (session(MANAGEMENT, "chief", "AROACHIEF00000000001"), Allowed),
        (session(HOME, "aws-service-role/x.amazonaws.com/Linked", "AROALINKED0000000001"), Allowed),
        (session(outside, "far", "AROAFAR0000000000001"), Allowed),
    ] {
        let own = principal.account().unwrap();
        let table = format!("arn:aws:dynamodb:eu-west-1:{own}:table/t");
        assert_eq!(decision(&estate, &principal, "dynamodb:GetItem", &table), expected, "{principal:?}");
    }
}

/// orgs_manage_policies_rcps: they follow the resource's account, whoever asks, in the services that support them.
#[test]
fn resource_control_policies_follow_the_resource() {
    let mut estate = estate();
    let never = named("*", "Deny", "*", Some("*"));
    level(&mut estate, AWAY).resource_control.insert("rcp-never".to_owned(), never.clone());
    worker(&mut estate).inline.insert("all".to_owned(), statement("Allow", "*"));
    assert_eq!(decision(&estate, &worker_session(), "dynamodb:GetItem", TABLE), Allowed);
    let (found, denial) = ask(&estate, &worker_session(), "sts:AssumeRole", LEDGER);
    assert_eq!(found, ExplicitlyDenied);
    assert!(denial.ends_with("with an explicit deny in a resource control policy"), "{denial}");
    let policy = named(HOME, "Allow", "sns:*", Some("*"));
    let topic = "arn:aws:sns:eu-west-1:222222222222:t";
    account(&mut estate, AWAY).resource_policies.insert(topic.to_owned(), policy);
    assert_eq!(decision(&estate, &worker_session(), "sns:Publish", topic), Allowed, "not supported by SNS");

    level(&mut estate, "root").resource_control.insert("rcp-never".to_owned(), never);
    let chief = Principal::Root(id(MANAGEMENT));
    let table = format!("arn:aws:dynamodb:eu-west-1:{MANAGEMENT}:table/t");
    assert_eq!(
        decision(&estate, &chief, "dynamodb:GetItem", &table),
        Allowed,
        "the management account's own"
    );
}

/// An organisation that is not whole must not open what its missing policies may close.
#[test]
fn a_unit_that_is_not_known_allows_nothing() {
    let mut estate = estate();
    worker(&mut estate).inline.insert("all".to_owned(), statement("Allow", "*"));
    let organization = estate.organization.as_mut().unwrap();
    organization.accounts.get_mut(&id(HOME)).unwrap().0 = Some("ou-gone".to_owned());
    assert_eq!(decision(&estate, &worker_session(), "dynamodb:GetItem", TABLE), ImplicitlyDenied);
    let organization = estate.organization.as_mut().unwrap();
    organization.accounts.get_mut(&id(HOME)).unwrap().0 = Some("ou-work".to_owned());
    organization.units.get_mut("ou-work").unwrap().0 = Some("ou-work".to_owned());
    assert_eq!(decision(&estate, &worker_session(), "dynamodb:GetItem", TABLE), ImplicitlyDenied);
    let outside = "333333333333";
    estate.accounts.insert(id(outside), Account::new(id(outside)));
    let stranger = Principal::Root(id(outside));
    let policy = named(outside, "Allow", "dynamodb:*", Some(TABLE));
    account(&mut estate, HOME).resource_policies.insert(TABLE.to_owned(), policy);
    assert_eq!(decision(&estate, &stranger, "dynamodb:GetItem", TABLE), Undecided, "its RCPs are not known");
}

/// troubleshoot_access-denied: the denial names the type of policy.
#[test]
fn denials_name_the_type_of_policy() {
    type Change = fn(&mut Estate);
    let allow_all: Change =
        |estate| worker(estate).inline.extend([("all".to_owned(), statement("Allow", "*"))]);
    let deny = || statement("Deny", "*");
    let cases: [(&str, &str, &str, Vec<Change>); 9] = [
        (
            "because no identity-based policy allows the dynamodb:GetItem action",
            "dynamodb:GetItem",
            TABLE,
            vec![],
        ),
        (
            "because no resource-based policy allows the dynamodb:GetItem action",
            "dynamodb:GetItem",
            AWAY_TABLE,
            vec![allow_all],
        ),
        (
            "because no identity-based policy allows the sts:AssumeRole action",
            "sts:AssumeRole",
            LEDGER,
            vec![],
        ),
        (
            "because no role trust policy allows the sts:TagSession action",
            "sts:TagSession",
            LEDGER,
            vec![allow_all],
        ),
        (
            "with an explicit deny in an identity-based policy",
            "dynamodb:GetItem",
            TABLE,
            vec![|estate| {
                worker(estate).inline.extend([("never".to_owned(), statement("Deny", "*"))]);
            }],
        ),
        (
            "with an explicit deny in a permissions boundary: arn:aws:iam::aws:policy/limit",
            "dynamodb:GetItem",
            TABLE,
            vec![allow_all, |estate| {
                let arn = "arn:aws:iam::aws:policy/limit".to_owned();
                estate.aws_policies.insert(arn.clone(), statement("Deny", "*"));
                worker(estate).boundary = Some(arn);
            }],
        ),
        (
            "with an explicit deny in a service control policy",
            "dynamodb:GetItem",
            TABLE,
            vec![allow_all, |estate| {
                level(estate, "ou-work").service_control.insert("p".to_owned(), statement("Deny", "*"));
            }],
        ),
        (
            "with an explicit deny in the role trust policy",
            "sts:AssumeRole",
            LEDGER,
            vec![allow_all, |estate| {
                let trust = named(HOME, "Deny", "sts:AssumeRole", None);
                account(estate, AWAY).roles.get_mut("ledger").unwrap().trust = trust;
            }],
        ),
        (
            "with an explicit deny in a resource-based policy",
            "dynamodb:GetItem",
            TABLE,
            vec![allow_all, |estate| {
                let policy = named(HOME, "Deny", "dynamodb:*", Some(TABLE));
                account(estate, HOME).resource_policies.insert(TABLE.to_owned(), policy);
            }],
        ),
    ];
    for (clause, action, resource, changes) in cases {
        let mut estate = estate();
        changes.iter().for_each(|change| change(&mut estate));
        let expected = format!(
            "User: arn:aws:sts::111111111111:assumed-role/worker/run-7 is not authorized to perform: {action} on \
             resource: {resource} {clause}"
        );
        assert_eq!(ask(&estate, &worker_session(), action, resource).1, expected);
    }
    // Session and endpoint policies come with the request.
    let mut estate = estate();
    allow_all(&mut estate);
    for (policy, clause) in [
        (statement("Allow", "sqs:*"), "because no session policy allows the dynamodb:GetItem action"),
        (deny(), "with an explicit deny in a session policy"),
    ] {
        let (principal, context, policies) = (worker_session(), Context::new(), [policy]);
        let asked = Request {
            session_policies: Some(&policies),
            ..request(&principal, "dynamodb:GetItem", TABLE, &context)
        };
        let verdict = estate.decide(&asked);
        assert!(verdict.denial(&asked, true).unwrap().ends_with(clause), "{clause}");
        let mut layers = estate.layers(&asked);
        layers.endpoint = layers.session.take();
        let denial = rolecall_iam::decide(&asked, &layers).denial(&asked, true).unwrap();
        let clause = clause.replace("session policy", "VPC endpoint policy");
        assert!(denial.ends_with(&clause), "{denial}");
    }
}

/// Between accounts that are in no common organisation AWS gives no reason.
#[test]
fn what_a_denial_leaves_out() {
    let estate = estate();
    let (principal, context) = (worker_session(), Context::new());
    let asked = request(&principal, "sts:AssumeRole", LEDGER, &context);
    let verdict = estate.decide(&asked);
    assert_eq!(
        verdict.denial(&asked, false).unwrap(),
        "User: arn:aws:sts::111111111111:assumed-role/worker/run-7 is not authorized to perform: sts:AssumeRole on \
         resource: arn:aws:iam::222222222222:role/ledger"
    );
    let asked = request(&principal, "dynamodb:DescribeLimits", "*", &context);
    assert_eq!(
        estate.decide(&asked).denial(&asked, false).unwrap(),
        "User: arn:aws:sts::111111111111:assumed-role/worker/run-7 is not authorized to perform: \
         dynamodb:DescribeLimits on resource: * because no identity-based policy allows the dynamodb:DescribeLimits action"
    );
}

/// The layers stand in the order in which AWS reports them, and only those that apply.
#[test]
fn checks_are_those_that_apply_in_aws_order() {
    use CheckType::{Principal as Identity, Resource, ResourceControlPolicy, ServiceControlPolicy};
    let mut estate = estate();
    let (principal, context) = (worker_session(), Context::new());
    let asked = request(&principal, "sts:AssumeRole", LEDGER, &context);
    let kinds = |estate: &Estate| -> Vec<CheckType> {
        estate.decide(&asked).checks.iter().map(|check| check.kind).collect()
    };
    assert_eq!(kinds(&estate), [ResourceControlPolicy, ServiceControlPolicy, Resource, Identity]);
    estate.organization = None;
    assert_eq!(kinds(&estate), [Resource, Identity]);
}
