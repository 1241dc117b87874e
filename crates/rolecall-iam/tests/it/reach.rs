//! What is in reach of a principal, and what one Estate allows that another does not.

use insta::assert_snapshot;
use proptest::prelude::*;
use rolecall_iam::{Answer, Ask, Decision, Difference, Estate, Given, Policy, Question, diff};

use crate::ask::{ANA, WORKER, on, path, small_estate, trust};
use crate::world::{
    AWAY, AWAY_TABLE, HOME, LEDGER, account, add_role, ana, level, named, statement, trusting,
};

fn reachable(estate: &Estate, principal: &str) -> String {
    let found = Ask::new(estate).reachable(principal, &Given::default()).unwrap();
    let lines = found.stations.iter().flat_map(|station| {
        let sure = if station.certain { "" } else { " (undecided)" };
        let head = format!("{}{sure} through {:?}", station.principal, station.through);
        let can = station
            .can
            .iter()
            .map(|(resource, action, decision)| format!("  {} {action} {resource}", decision.name()));
        let written =
            station.written.iter().map(|(action, resource)| format!("  written {action} {resource}"));
        [head].into_iter().chain(can).chain(written).collect::<Vec<_>>()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The roles through any chain, and what each can do on what the Estate knows.
#[test]
fn what_is_in_reach() {
    let mut estate = path();
    let office = "arn:aws:iam::111111111111:role/office";
    add_role(&mut estate, HOME, "/", "office", "AROAOFFICE0000000001", &trusting(HOME));
    account(&mut estate, HOME).roles.get_mut("worker").unwrap().trust = trust(
        &format!(r#"{{"AWS":"{office}"}}"#),
        r#""sts:AssumeRole""#,
        r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
    );
    ana(&mut estate).inline.insert("office".to_owned(), on("Allow", "sts:AssumeRole", office));
    let policy = named(LEDGER, "Deny", "dynamodb:DeleteItem", Some(AWAY_TABLE));
    account(&mut estate, AWAY).resource_policies.insert(AWAY_TABLE.to_owned(), policy);
    let ledger = account(&mut estate, AWAY).roles.get_mut("ledger").unwrap();
    ledger.identity.inline.insert("read".to_owned(), on("Allow", "dynamodb:GetItem", AWAY_TABLE));
    estate.settle();
    assert_snapshot!(reachable(&estate, ANA), @r#"
    arn:aws:iam::111111111111:user/ana through []
      written sts:AssumeRole arn:aws:iam::111111111111:role/office
    arn:aws:iam::111111111111:role/office through ["arn:aws:iam::111111111111:role/office"]
    arn:aws:iam::111111111111:role/app/worker (undecided) through ["arn:aws:iam::111111111111:role/office", "arn:aws:iam::111111111111:role/app/worker"]
      written sts:AssumeRole arn:aws:iam::222222222222:role/ledger
    arn:aws:iam::222222222222:role/ledger (undecided) through ["arn:aws:iam::111111111111:role/office", "arn:aws:iam::111111111111:role/app/worker", "arn:aws:iam::222222222222:role/ledger"]
      Allowed dynamodb:GetItem arn:aws:dynamodb:eu-west-1:222222222222:table/invoices
      written dynamodb:* *
      written dynamodb:GetItem arn:aws:dynamodb:eu-west-1:222222222222:table/invoices
    "#);
    assert_snapshot!(reachable(&estate, "ecs-tasks.amazonaws.com"), @"ecs-tasks.amazonaws.com through []");
}

fn told(differences: &[Difference]) -> String {
    let line = |it: &Difference| {
        format!("{} {} {}: {:?} -> {:?}", it.principal, it.action, it.resource, it.before, it.after)
    };
    differences.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn between(before: &Estate, after: &Estate) -> Vec<Difference> {
    diff(&Ask::new(before), &Ask::new(after), &Given::default())
}

#[test]
fn what_is_new() {
    let before = path();
    let mut after = path();
    account(&mut after, AWAY).roles.get_mut("ledger").unwrap().trust = trusting(HOME);
    ana(&mut after).inline.insert("x".to_owned(), on("Allow", "sts:AssumeRole", LEDGER));
    account(&mut after, AWAY)
        .resource_policies
        .insert(AWAY_TABLE.to_owned(), named("333333333333", "Allow", "dynamodb:GetItem", Some(AWAY_TABLE)));
    after.settle();
    assert_snapshot!(told(&between(&before, &after)), @r"
    arn:aws:iam::111111111111:user/ana sts:AssumeRole arn:aws:iam::222222222222:role/ledger: No -> Yes
    arn:aws:iam::333333333333:root dynamodb:GetItem arn:aws:dynamodb:eu-west-1:222222222222:table/invoices: No -> Yes
    ");
    assert_eq!(between(&before, &before), []);
    // A control policy changes what everybody may; a role that is made again is trusted no more.
    let mut denied = path();
    level(&mut denied, AWAY).service_control.insert("never".to_owned(), statement("Deny", "dynamodb:*"));
    denied
        .accounts
        .get_mut(&"222222222222".parse().unwrap())
        .unwrap()
        .roles
        .get_mut("ledger")
        .unwrap()
        .identity
        .inline
        .insert("get".to_owned(), on("Allow", "dynamodb:GetItem", AWAY_TABLE));
    let mut get = path();
    get.accounts
        .get_mut(&"222222222222".parse().unwrap())
        .unwrap()
        .roles
        .get_mut("ledger")
        .unwrap()
        .identity
        .inline
        .insert("get".to_owned(), on("Allow", "dynamodb:GetItem", AWAY_TABLE));
    assert_snapshot!(told(&between(&get, &denied)), @"arn:aws:iam::222222222222:role/ledger dynamodb:GetItem arn:aws:dynamodb:eu-west-1:222222222222:table/invoices: Yes -> No");
    let mut again = path();
    let worker =
        again.accounts.get_mut(&"111111111111".parse().unwrap()).unwrap().roles.get_mut("worker").unwrap();
    worker.identity.id = "AROAWORKER0000000002".to_owned();
    assert_snapshot!(told(&between(&before, &again)), @"arn:aws:iam::111111111111:role/app/worker sts:AssumeRole arn:aws:iam::222222222222:role/ledger: Yes -> No");
}

fn answer(estate: &Estate, it: &Difference) -> Answer {
    let ask = Ask::new(estate);
    let given = Given::default();
    let question = Question {
        principal: &it.principal,
        through: &[],
        action: &it.action,
        resource: &it.resource,
        given: &given,
    };
    ask.can(&question).map_or(Answer::No, |chain| Answer::from(ask.decision(&chain)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Each difference is one, and the other way round it is the same.
    #[test]
    fn differences_are_answers_that_differ(before in small_estate(), after in small_estate()) {
        let found = between(&before, &after);
        for it in &found {
            if it.principal.starts_with("arn:") {
                prop_assert_eq!(answer(&before, it), it.before, "{:?}", it);
                prop_assert_eq!(answer(&after, it), it.after, "{:?}", it);
            }
        }
        let mut back = between(&after, &before);
        for it in &mut back {
            std::mem::swap(&mut it.before, &mut it.after);
        }
        prop_assert_eq!(told(&found), told(&back));
    }

    /// What only changes by a deny widens nothing; and everything that is answered otherwise is found.
    #[test]
    fn a_deny_never_widens(before in small_estate(), whom in 0..6_usize) {
        let mut after = before.clone();
        let (home, name) = ([HOME, AWAY][whom % 2], ["a", "b", "c"][whom / 2]);
        let deny: Policy = statement("Deny", "sts:AssumeRole");
        account(&mut after, home).roles.get_mut(name).unwrap().identity.inline.insert("never".to_owned(), deny);
        let found = between(&before, &after);
        prop_assert!(found.iter().all(|it| !it.widens()), "{}", told(&found));
        let role = format!("arn:aws:iam::{home}:role/{name}");
        for target in ["a", "b", "c"].into_iter().flat_map(|name| [HOME, AWAY].map(|home| format!("arn:aws:iam::{home}:role/{name}"))) {
            let it = Difference { principal: role.clone(), action: "sts:AssumeRole".to_owned(), resource: target, before: Answer::No, after: Answer::No };
            let is_listed = found.iter().any(|other| (&other.principal, &other.resource) == (&it.principal, &it.resource));
            prop_assert_eq!(answer(&before, &it) != answer(&after, &it), is_listed, "{:?}", it);
        }
    }

    /// Whatever is in reach with certainty, `can` says of the chain.
    #[test]
    fn reach_and_can_agree(estate in small_estate()) {
        let ask = Ask::new(&estate);
        let given = Given::default();
        for start in [ANA, WORKER] {
            for station in ask.reachable(start, &given).unwrap().stations {
                let through: Vec<&str> = station.through.iter().map(String::as_str).collect();
                let Some((last, before)) = through.split_last() else { continue };
                let question = Question { principal: start, through: before, action: "sts:AssumeRole", resource: last, given: &given };
                let expected = if station.certain { Decision::Allowed } else { Decision::Undecided };
                prop_assert_eq!(ask.decision(&ask.can(&question).unwrap()), expected, "{:?}", station);
            }
        }
    }
}
