//! Questions over an Estate.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use proptest::prelude::*;
use rolecall_iam::{Ask, AskError, Decision, Estate, Given, Policy, Question, WhoCan};

use crate::world::{
    AWAY, AWAY_TABLE, HOME, LEDGER, TABLE, account, add_role, ana, estate, id, level, named, statement,
    trusting, worker,
};

pub(crate) const WORKER: &str = "arn:aws:iam::111111111111:role/app/worker";
pub(crate) const ANA: &str = "arn:aws:iam::111111111111:user/ana";

fn can(estate: &Estate, principal: &str, through: &[&str], action: &str, resource: &str) -> Decision {
    can_given(estate, principal, through, action, resource, &Given::default())
}

fn can_given(
    estate: &Estate,
    principal: &str,
    through: &[&str],
    action: &str,
    resource: &str,
    given: &Given,
) -> Decision {
    let ask = Ask::new(estate);
    ask.decision(&ask.can(&Question { principal, through, action, resource, given }).unwrap())
}

fn who_can(estate: &Estate, action: &str, resource: &str) -> WhoCan {
    Ask::new(estate).who_can(action, resource, &Given::default()).unwrap()
}

fn shown(found: &WhoCan) -> String {
    let line = |word: &str, found: &rolecall_iam::Found| {
        format!("{word} {} through {:?}", found.principal, found.through)
    };
    let can = found.can.iter().map(|found| line("can", found));
    let undecided = found.undecided.iter().map(|found| line("may", found));
    can.chain(undecided).collect::<Vec<_>>().join("\n")
}

/// The path this project is about: the worker of one account, through a role of another, to its tables.
pub(crate) fn path() -> Estate {
    let mut estate = estate();
    worker(&mut estate).inline.insert("switch".to_owned(), on("Allow", "sts:AssumeRole", LEDGER));
    let ledger = account(&mut estate, AWAY).roles.get_mut("ledger").unwrap();
    ledger.trust = trusting(WORKER);
    ledger.identity.inline.insert("tables".to_owned(), statement("Allow", "dynamodb:*"));
    estate.settle();
    estate
}

pub(crate) fn on(effect: &str, action: &str, resource: &str) -> Policy {
    Policy::lenient(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"}}]}}"#
    ))
}

/// A trust policy that lets `principal` (a member of a principal element) in under a condition.
pub(crate) fn trust(principal: &str, action: &str, condition: &str) -> Policy {
    Policy::lenient(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{action},"Principal":{principal},"Condition":{condition}}}]}}"#
    ))
}

/// tutorial_cross-account-with-roles: both accounts say yes to the hop, and the role's policy to the action.
#[test]
fn through_a_role_of_another_account() {
    let estate = path();
    let get = |principal, through: &[&str]| can(&estate, principal, through, "dynamodb:GetItem", AWAY_TABLE);
    assert_eq!(get(WORKER, &[LEDGER]), Decision::Allowed);
    assert_eq!(get("arn:aws:sts::111111111111:assumed-role/worker/run-7", &[LEDGER]), Decision::Allowed);
    assert_eq!(get("AROAWORKER0000000001", &[LEDGER]), Decision::Allowed);
    assert_eq!(get(LEDGER, &[]), Decision::Allowed);
    assert_eq!(get(WORKER, &[]), Decision::ImplicitlyDenied);
    assert_eq!(get(ANA, &[LEDGER]), Decision::ImplicitlyDenied);
    assert_eq!(get(WORKER, &[LEDGER, LEDGER]), Decision::ImplicitlyDenied);
    assert_eq!(get("ecs-tasks.amazonaws.com", &[WORKER, LEDGER]), Decision::ImplicitlyDenied);
}

/// Each hop has its own explanation.
#[test]
fn each_hop_is_explained() {
    let mut estate = path();
    worker(&mut estate).inline.clear();
    let ask = Ask::new(&estate);
    let given = Given::default();
    let question = Question {
        principal: WORKER,
        through: &[LEDGER],
        action: "dynamodb:GetItem",
        resource: AWAY_TABLE,
        given: &given,
    };
    let chain = ask.can(&question).unwrap();
    let told = chain.asked.iter().map(|asked| ask.verdict(asked).explain(&asked.request()));
    assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r"
    arn:aws:sts::111111111111:assumed-role/worker/rolecall may not sts:AssumeRole on arn:aws:iam::222222222222:role/ledger
      RESOURCE_CONTROL_POLICY ALLOW
      SERVICE_CONTROL_POLICY  ALLOW
      RESOURCE                ALLOW
        trust policy of ledger, statement 1 (1:38) allows
      PRINCIPAL               IMPLICIT_DENY: it has no identity policy
    arn:aws:sts::222222222222:assumed-role/ledger/rolecall may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:222222222222:table/invoices
      RESOURCE_CONTROL_POLICY ALLOW
      SERVICE_CONTROL_POLICY  ALLOW
      PRINCIPAL               ALLOW
        inline policy tables of ledger, statement 1 (1:38) allows
    ");
}

#[test]
fn what_cannot_be_asked() {
    let estate = path();
    let ask = Ask::new(&estate);
    let given = Given::default();
    let why = |principal, through: &[&str], action, resource| -> AskError {
        ask.can(&Question { principal, through, action, resource, given: &given }).unwrap_err()
    };
    let (get, table) = ("dynamodb:GetItem", AWAY_TABLE);
    let errors = [
        why("worker", &[], get, table),
        why("arn:aws:iam::111111111111:role/worker", &[], get, table),
        why("arn:aws:sts::111111111111:assumed-role/worker", &[], get, table),
        why("arn:aws:sts::111111111111:assumed-role/other/x", &[], get, table),
        why("arn:aws-cn:iam::111111111111:role/app/worker", &[], get, table),
        why("AROAUNKNOWN000000001", &[], get, table),
        why("arn:aws:iam::111111111111:root", &[LEDGER], get, table),
        why(WORKER, &["arn:aws:iam::222222222222:role/none"], get, table),
        why(WORKER, &["arn:aws:iam::333333333333:role/none"], get, table),
        why(WORKER, &["ledger"], get, table),
        why(WORKER, &[], "dynamodb:*", table),
        why(WORKER, &[], "GetItem", table),
        why(WORKER, &[], get, "orders"),
        why(WORKER, &[], "s3:GetObject", "arn:aws:s3:::bucket/key"),
    ];
    assert_snapshot!(errors.map(|error| error.to_string()).join("\n"), @r"
    the principal `worker` is not the ARN of a user, a role, a session or an account's root, and not a service
    the principal `arn:aws:iam::111111111111:role/worker` is not in the Estate, which has its account
    the principal `arn:aws:sts::111111111111:assumed-role/worker` has no session name
    the principal `arn:aws:sts::111111111111:assumed-role/other/x` is a session of a role that is not in the Estate, which has its account
    the principal `arn:aws-cn:iam::111111111111:role/app/worker` is in a partition that is not supported yet
    the principal `AROAUNKNOWN000000001` is nobody's unique id
    the principal `arn:aws:iam::111111111111:root` is an account's root user, which cannot assume roles
    the role `arn:aws:iam::222222222222:role/none` is not in the Estate, which has its account
    the role `arn:aws:iam::333333333333:role/none` is in an account that is not in the Estate
    the role `ledger` is not the ARN of a role
    `dynamodb:*` is not one action: it has the form `service:Name`, without wildcards
    `GetItem` is not one action: it has the form `service:Name`, without wildcards
    `orders` is not the ARN of a resource, and not `*`
    the ARN `arn:aws:s3:::bucket/key` does not name the account that owns the resource
    ");
}

/// What varies with the call, and nobody said, is unknown; what follows from the principal is known.
#[test]
fn context_keys_that_nobody_gave_are_unknown() {
    let cases: &[(&str, Decision)] = &[
        (r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, Decision::Undecided),
        (r#"{"StringEquals":{"sts:ExternalId":"abc"}}"#, Decision::Undecided),
        (r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#, Decision::Undecided),
        (r#"{"StringEquals":{"aws:RequestTag/team":"blue"}}"#, Decision::Undecided),
        (r#"{"StringLike":{"sts:RoleSessionName":"run-*"}}"#, Decision::Undecided),
        (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-example"}}"#, Decision::Allowed),
        (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-other"}}"#, Decision::ImplicitlyDenied),
        (
            r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-example/r-root/ou-work/*"}}"#,
            Decision::Allowed,
        ),
        (
            r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/app/worker"}}"#,
            Decision::Allowed,
        ),
        (r#"{"StringEquals":{"aws:PrincipalTag/team":"blue"}}"#, Decision::Allowed),
        (r#"{"StringEquals":{"aws:PrincipalTag/stage":"x"}}"#, Decision::ImplicitlyDenied),
        (r#"{"StringEquals":{"aws:ResourceTag/team":"red"}}"#, Decision::Allowed),
        (r#"{"StringEquals":{"aws:ResourceTag/stage":"x"}}"#, Decision::ImplicitlyDenied),
        (r#"{"StringEquals":{"aws:ResourceAccount":"222222222222"}}"#, Decision::Allowed),
        (r#"{"StringLike":{"aws:userid":"AROAWORKER0000000001:*"}}"#, Decision::Allowed),
        (r#"{"StringLike":{"aws:userid":"AROAWORKER0000000001:run"}}"#, Decision::Undecided),
        (r#"{"StringEquals":{"aws:username":"worker"}}"#, Decision::ImplicitlyDenied),
        (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:ecs:*"}}"#, Decision::ImplicitlyDenied),
        (r#"{"Bool":{"aws:SecureTransport":"true"}}"#, Decision::Allowed),
        (r#"{"StringEquals":{"aws:SourceIdentity":"ana"}}"#, Decision::ImplicitlyDenied),
    ];
    for (condition, expected) in cases {
        let mut estate = path();
        worker(&mut estate).tags.insert("team".to_owned(), "blue".to_owned());
        let ledger = account(&mut estate, AWAY).roles.get_mut("ledger").unwrap();
        ledger.identity.tags.insert("team".to_owned(), "red".to_owned());
        ledger.trust = trust(r#"{"AWS":"111111111111"}"#, r#""sts:AssumeRole""#, condition);
        assert_eq!(
            can(&estate, WORKER, &[], "sts:AssumeRole", LEDGER),
            *expected,
            "asked directly: {condition}"
        );
        assert_eq!(can(&estate, WORKER, &[LEDGER], "dynamodb:GetItem", AWAY_TABLE), *expected, "{condition}");
    }
}

/// id_session-tags: where a role's sessions may be tagged, the tags of a session are not those of its role.
#[test]
fn session_tags_are_unknown_where_they_may_be_passed() {
    let mut estate = path();
    worker(&mut estate).tags.insert("team".to_owned(), "blue".to_owned());
    let condition = r#"{"StringEquals":{"aws:PrincipalTag/team":"blue"}}"#;
    account(&mut estate, AWAY).roles.get_mut("ledger").unwrap().trust =
        trust(r#"{"AWS":"111111111111"}"#, r#""sts:AssumeRole""#, condition);
    assert_eq!(can(&estate, WORKER, &[], "sts:AssumeRole", LEDGER), Decision::Allowed);
    account(&mut estate, HOME).roles.get_mut("worker").unwrap().trust =
        trust(r#"{"AWS":"222222222222"}"#, r#"["sts:AssumeRole","sts:TagSession"]"#, "{}");
    assert_eq!(can(&estate, WORKER, &[], "sts:AssumeRole", LEDGER), Decision::Undecided);
    let mut given = Given::default();
    given.context.insert("aws:PrincipalTag/team", "blue");
    assert_eq!(can_given(&estate, WORKER, &[], "sts:AssumeRole", LEDGER, &given), Decision::Allowed);
    given.context.insert("aws:PrincipalTag/team", "red");
    assert_eq!(can_given(&estate, WORKER, &[], "sts:AssumeRole", LEDGER, &given), Decision::ImplicitlyDenied);
}

/// What the asker says is known: values, absence, and how sessions are made.
#[test]
fn the_asker_may_say_more() {
    let with = |condition: &str| {
        let mut estate = path();
        account(&mut estate, AWAY).roles.get_mut("ledger").unwrap().trust = trust(
            r#"{"AWS":"111111111111"}"#,
            r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]"#,
            condition,
        );
        worker(&mut estate).inline.insert("sts".to_owned(), on("Allow", "sts:*", "*"));
        estate
    };
    let ip = with(r#"{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#);
    let get = |estate: &Estate, given: &Given| {
        can_given(estate, WORKER, &[LEDGER], "dynamodb:GetItem", AWAY_TABLE, given)
    };
    let mut given = Given::default();
    given.context.insert("aws:SourceIp", "10.1.2.3");
    assert_eq!(get(&ip, &given), Decision::ImplicitlyDenied);
    given.context.insert("aws:SourceIp", "192.0.2.1");
    assert_eq!(get(&ip, &given), Decision::Allowed);
    assert_eq!(
        get(&ip, &Given { absent: vec!["AWS:sourceip".to_owned()], ..Given::default() }),
        Decision::Allowed
    );
    let tagged = with(r#"{"StringEquals":{"aws:RequestTag/team":"blue"}}"#);
    let tags = Given { tags: vec![("team".to_owned(), "blue".to_owned())], ..Given::default() };
    assert_eq!(get(&tagged, &tags), Decision::Allowed);
    let other = Given { tags: vec![("cost".to_owned(), "7".to_owned())], ..Given::default() };
    assert_eq!(get(&tagged, &other), Decision::ImplicitlyDenied);
    let mut no_tag_session = tagged;
    account(&mut no_tag_session, AWAY).roles.get_mut("ledger").unwrap().trust = trusting(HOME);
    assert_eq!(get(&no_tag_session, &tags), Decision::ImplicitlyDenied, "sts:TagSession is needed too");
    let identified = Given { source_identity: Some("ana".to_owned()), ..Given::default() };
    assert_eq!(
        get(&no_tag_session, &identified),
        Decision::ImplicitlyDenied,
        "sts:SetSourceIdentity is needed too"
    );
    let named = Given { session_name: Some("run-7".to_owned()), ..Given::default() };
    let by_name = with(r#"{"StringEquals":{"sts:RoleSessionName":"run-7"}}"#);
    assert_eq!(
        (get(&by_name, &Given::default()), get(&by_name, &named)),
        (Decision::Undecided, Decision::Allowed)
    );
}

/// What is not in the Estate may allow or deny: nobody knows.
#[test]
fn other_accounts_are_undecided() {
    let estate = path();
    let far_role = "arn:aws:iam::333333333333:role/far";
    let far_table = "arn:aws:dynamodb:eu-west-1:333333333333:table/t";
    let mut open = path();
    account(&mut open, HOME)
        .resource_policies
        .insert(TABLE.to_owned(), named("333333333333", "Allow", "dynamodb:GetItem", Some(TABLE)));
    let mut named_here = path();
    account(&mut named_here, HOME)
        .resource_policies
        .insert(TABLE.to_owned(), named(ANA, "Allow", "dynamodb:GetItem", Some(TABLE)));
    named_here.settle();
    for (estate, principal, resource, expected) in [
        (&estate, WORKER, far_table, Decision::ImplicitlyDenied),
        (&estate, LEDGER, far_table, Decision::Undecided),
        (&estate, far_role, TABLE, Decision::ImplicitlyDenied),
        (&open, far_role, TABLE, Decision::Undecided),
        // A user of this account that is named by its id is nobody of another.
        (&named_here, far_role, TABLE, Decision::ImplicitlyDenied),
        (&open, "arn:aws:iam::333333333333:root", TABLE, Decision::Allowed),
        (&estate, far_role, far_table, Decision::Undecided),
    ] {
        assert_eq!(
            can(estate, principal, &[], "dynamodb:GetItem", resource),
            expected,
            "{principal} {resource}"
        );
    }
    assert_snapshot!(shown(&who_can(&open, "dynamodb:GetItem", TABLE)), @r"
    can arn:aws:iam::111111111111:root through []
    can arn:aws:iam::333333333333:root through []
    ");
}

#[test]
fn who_can_through_any_chain() {
    let mut estate = path();
    let office = "arn:aws:iam::111111111111:role/office";
    add_role(&mut estate, HOME, "/", "office", "AROAOFFICE0000000001", &trusting(HOME));
    account(&mut estate, HOME).roles.get_mut("worker").unwrap().trust = trusting(office);
    ana(&mut estate).inline.insert("office".to_owned(), on("Allow", "sts:AssumeRole", office));
    estate.settle();
    assert_snapshot!(shown(&who_can(&estate, "dynamodb:GetItem", AWAY_TABLE)), @r#"
    can arn:aws:iam::222222222222:role/ledger through []
    can arn:aws:iam::222222222222:root through []
    can arn:aws:iam::111111111111:role/app/worker through ["arn:aws:iam::222222222222:role/ledger"]
    can arn:aws:iam::111111111111:role/office through ["arn:aws:iam::111111111111:role/app/worker", "arn:aws:iam::222222222222:role/ledger"]
    can arn:aws:iam::111111111111:user/ana through ["arn:aws:iam::111111111111:role/office", "arn:aws:iam::111111111111:role/app/worker", "arn:aws:iam::222222222222:role/ledger"]
    "#);
}

/// Services, providers, strangers, and sessions that a policy names.
#[test]
fn who_can_of_those_outside() {
    let mut estate = path();
    account(&mut estate, AWAY).roles.get_mut("ledger").unwrap().trust = Policy::lenient(
        r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ecs-tasks.amazonaws.com"}},
        {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":["333333333333","arn:aws:iam::444444444444:role/far"]}},
        {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:sts::111111111111:assumed-role/worker/night"}},
        {"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com"},
         "Condition":{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:a/b:ref:refs/heads/main"}}}]}"#,
    );
    account(&mut estate, HOME).roles.get_mut("worker").unwrap().trust = trusting(ANA);
    ana(&mut estate).inline.insert("x".to_owned(), statement("Allow", "sts:AssumeRole"));
    estate.settle();
    assert_snapshot!(shown(&who_can(&estate, "dynamodb:GetItem", AWAY_TABLE)), @r#"
    can arn:aws:iam::222222222222:role/ledger through []
    can arn:aws:iam::222222222222:root through []
    can arn:aws:sts::111111111111:assumed-role/worker/night through ["arn:aws:iam::222222222222:role/ledger"]
    can ecs-tasks.amazonaws.com through ["arn:aws:iam::222222222222:role/ledger"]
    can arn:aws:iam::111111111111:user/ana through ["arn:aws:iam::111111111111:role/app/worker", "arn:aws:iam::222222222222:role/ledger"]
    may arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com through ["arn:aws:iam::222222222222:role/ledger"]
    may arn:aws:iam::333333333333:root through ["arn:aws:iam::222222222222:role/ledger"]
    may arn:aws:iam::444444444444:role/far through ["arn:aws:iam::222222222222:role/ledger"]
    "#);
    // Of somebody whose name is not known, nobody can say that it is nobody.
    let unknown = rolecall_iam::unknown("var.vendor");
    account(&mut estate, AWAY).roles.get_mut("ledger").unwrap().trust =
        trusting(&format!("arn:aws:iam::{unknown}:root"));
    assert_snapshot!(shown(&who_can(&estate, "dynamodb:GetItem", AWAY_TABLE)), @r#"
    can arn:aws:iam::222222222222:role/ledger through []
    can arn:aws:iam::222222222222:root through []
    may arn:aws:iam::${rolecall:unknown/var.vendor}:root through ["arn:aws:iam::222222222222:role/ledger"]
    may arn:aws:iam::111111111111:role/app/worker through ["arn:aws:iam::222222222222:role/ledger"]
    may arn:aws:iam::111111111111:user/ana through ["arn:aws:iam::222222222222:role/ledger"]
    "#);
    account(&mut estate, AWAY).roles.get_mut("ledger").unwrap().trust = trusting("*");
    assert_snapshot!(shown(&who_can(&estate, "dynamodb:GetItem", AWAY_TABLE)), @r#"
    can arn:aws:iam::222222222222:role/ledger through []
    can arn:aws:iam::222222222222:root through []
    can any AWS account through ["arn:aws:iam::222222222222:role/ledger"]
    can arn:aws:iam::111111111111:role/app/worker through ["arn:aws:iam::222222222222:role/ledger"]
    can arn:aws:iam::111111111111:user/ana through ["arn:aws:iam::222222222222:role/ledger"]
    "#);
    let org =
        trust(r#""*""#, r#""sts:AssumeRole""#, r#"{"StringEquals":{"aws:PrincipalOrgID":"o-example"}}"#);
    account(&mut estate, AWAY).roles.get_mut("ledger").unwrap().trust = org;
    assert_snapshot!(shown(&who_can(&estate, "dynamodb:GetItem", AWAY_TABLE)), @r#"
    can arn:aws:iam::222222222222:role/ledger through []
    can arn:aws:iam::222222222222:root through []
    can arn:aws:iam::111111111111:role/app/worker through ["arn:aws:iam::222222222222:role/ledger"]
    can arn:aws:iam::111111111111:user/ana through ["arn:aws:iam::222222222222:role/ledger"]
    "#);
}

/// A small Estate: who trusts whom, who may what, and where a condition stands in the way.
pub(crate) fn small_estate() -> impl Strategy<Value = Estate> {
    let names = ["a", "b", "c"];
    let principal = prop_oneof![
        (0..3_usize, 0..2_usize).prop_map(move |(name, home)| format!(
            "arn:aws:iam::{}:role/{}",
            [HOME, AWAY][home],
            names[name]
        )),
        Just(HOME.to_owned()),
        Just(AWAY.to_owned()),
        Just("*".to_owned()),
        Just(ANA.to_owned()),
    ];
    let condition = prop_oneof![
        4 => Just("{}"),
        1 => Just(r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#),
        1 => Just(r#"{"StringEquals":{"aws:PrincipalTag/team":"blue"}}"#),
        1 => Just(r#"{"StringEquals":{"aws:PrincipalOrgID":"o-example"}}"#),
        1 => Just(r#"{"Null":{"aws:RequestTag/x":"false"}}"#),
    ];
    let actions =
        prop_oneof![3 => Just("\"sts:AssumeRole\""), 1 => Just("[\"sts:AssumeRole\",\"sts:TagSession\"]")];
    let role = (principal, actions, condition, 0..4_u8, any::<bool>());
    let deny = prop::option::of((0..2_usize, 0..2_usize));
    (proptest::collection::vec(role, 6), 0..4_u8, deny).prop_map(move |(roles, ana_may, deny)| {
        let mut estate = estate();
        let may = |bits: u8| {
            let mut policies = BTreeMap::new();
            if bits & 1 != 0 {
                policies.insert("assume".to_owned(), on("Allow", "sts:AssumeRole", "arn:aws:iam::*:role/*"));
            }
            if bits & 2 != 0 {
                policies.insert("read".to_owned(), on("Allow", "dynamodb:GetItem", "*"));
            }
            policies
        };
        for (index, (principal, actions, condition, bits, tagged)) in roles.into_iter().enumerate() {
            let (home, name) = ([HOME, AWAY][index % 2], names[index / 2]);
            let trust = trust(&format!(r#"{{"AWS":"{principal}"}}"#), actions, condition);
            add_role(&mut estate, home, "/", name, &format!("AROAGENERATED000000{index}"), &trust);
            let identity = &mut account(&mut estate, home).roles.get_mut(name).unwrap().identity;
            identity.inline = may(bits);
            if tagged {
                identity.tags.insert("team".to_owned(), "blue".to_owned());
            }
        }
        ana(&mut estate).inline = may(ana_may);
        if let Some((home, what)) = deny {
            let policy = statement("Deny", ["sts:AssumeRole", "dynamodb:GetItem"][what]);
            level(&mut estate, [HOME, AWAY][home]).service_control.insert("deny".to_owned(), policy);
        }
        estate.settle();
        estate
    })
}

/// Everybody's ways, found by trying every chain of up to two roles.
fn by_trying(estate: &Estate, principal: &str, roles: &[String]) -> (bool, bool) {
    let ask = Ask::new(estate);
    let given = Given::default();
    let (mut can, mut may) = (false, false);
    let mut chains: Vec<Vec<&str>> = vec![Vec::new()];
    for length in 0..3 {
        for chain in chains.iter().filter(|chain| chain.len() == length) {
            let question = Question {
                principal,
                through: chain,
                action: "dynamodb:GetItem",
                resource: AWAY_TABLE,
                given: &given,
            };
            let Ok(asked) = ask.can(&question) else { continue };
            match ask.decision(&asked) {
                Decision::Allowed => can = true,
                Decision::Undecided => may = true,
                Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => {}
            }
        }
        let longer = chains.iter().filter(|chain| chain.len() == length).flat_map(|chain| {
            let unused = roles.iter().filter(|role| !chain.contains(&role.as_str()));
            unused.map(|role| [chain.as_slice(), &[role.as_str()]].concat())
        });
        let longer: Vec<Vec<&str>> = longer.collect();
        if length < 2 {
            chains.extend(longer);
        }
    }
    (can, may)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// What `who_can` finds, `can` says of the chain it shows; and whom it leaves out, no chain of up to two helps.
    #[test]
    fn who_can_and_can_agree(estate in small_estate()) {
        let found = who_can(&estate, "dynamodb:GetItem", AWAY_TABLE);
        for (found, expected) in found.can.iter().map(|it| (it, Decision::Allowed))
            .chain(found.undecided.iter().map(|it| (it, Decision::Undecided)))
        {
            if found.principal == "any AWS account" || found.principal == "anonymous" {
                continue;
            }
            let through: Vec<&str> = found.through.iter().map(String::as_str).collect();
            let answer = can(&estate, &found.principal, &through, "dynamodb:GetItem", AWAY_TABLE);
            prop_assert_eq!(answer, expected, "{:?}", found);
        }
        let listed = |list: &[rolecall_iam::Found], name: &str| list.iter().any(|found| found.principal == name);
        let arns = |account: &rolecall_iam::Account| account.roles.values().map(|role| account.role_arn(role)).collect::<Vec<_>>();
        let roles: Vec<String> = estate.accounts.values().flat_map(arns).collect();
        for principal in roles.iter().map(String::as_str).chain([ANA]) {
            let (can, may) = by_trying(&estate, principal, &roles);
            if can {
                prop_assert!(listed(&found.can, principal), "{principal} can");
            } else if may {
                // It may be that a longer chain leads there for certain.
                let is_listed = listed(&found.undecided, principal) || listed(&found.can, principal);
                prop_assert!(is_listed, "{principal} may");
            }
        }
    }

    /// reference_policies_evaluation-logic: an explicit deny takes away, and never gives.
    #[test]
    fn a_deny_never_adds(estate in small_estate(), whom in 0..6_usize, what in 0..2_usize) {
        let before = who_can(&estate, "dynamodb:GetItem", AWAY_TABLE);
        let mut denied = estate;
        let (home, name) = ([HOME, AWAY][whom % 2], ["a", "b", "c"][whom / 2]);
        let role = denied.accounts.get_mut(&id(home)).unwrap().roles.get_mut(name).unwrap();
        role.identity.inline.insert("never".to_owned(), statement("Deny", ["sts:AssumeRole", "dynamodb:*"][what]));
        let after = who_can(&denied, "dynamodb:GetItem", AWAY_TABLE);
        for found in &after.can {
            prop_assert!(before.can.iter().any(|it| it.principal == found.principal), "{:?}", found);
        }
        for found in &after.undecided {
            let all = before.can.iter().chain(&before.undecided);
            prop_assert!(all.clone().any(|it| it.principal == found.principal), "{:?}", found);
        }
    }
}
