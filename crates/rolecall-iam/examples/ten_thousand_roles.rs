//! How long questions take over an Estate of ten thousand roles in a hundred accounts.
//!
//! `cargo run --release -p rolecall-iam --example ten_thousand_roles`

#![expect(clippy::print_stdout, reason = "it reports what it measured")]

use std::time::Instant;

use rolecall_iam::{
    Account, AccountId, Ask, Estate, Given, Identity, Level, Organization, Policy, Question, Role, diff,
};

const ACCOUNTS: usize = 100;
const ROLES: usize = 100;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let estate = timed("making the estate", || estate(0))?;
    let ask = timed("looking through it once (Ask::new)", || Ok(Ask::new(&estate)))?;
    let given = Given::default();
    let table = format!("arn:aws:dynamodb:eu-west-1:{}:table/orders", id(7)?);
    for (action, resource) in [("dynamodb:GetItem", table.as_str()), ("dynamodb:DeleteTable", table.as_str())]
    {
        let found = timed(&format!("who_can {action}"), || Ok(ask.who_can(action, resource, &given)?))?;
        let longest = found.can.iter().map(|found| found.through.len()).max().unwrap_or_default();
        println!(
            "    {} can, the longest chain {longest}; {} undecided",
            found.can.len(),
            found.undecided.len()
        );
    }
    let (start, role) = (role_arn(3, 5)?, role_arn(7, 5)?);
    let through = [role.as_str()];
    let question = Question {
        principal: &start,
        through: &through,
        action: "dynamodb:GetItem",
        resource: &table,
        given: &given,
    };
    let chain = timed("can, through one role", || Ok(ask.can(&question)?))?;
    println!("    {:?}", ask.decision(&chain));
    let found = timed("reachable from one role", || Ok(ask.reachable(&start, &given)?))?;
    println!("    {} stations", found.stations.len());
    let other = self::estate(1)?;
    let after = Ask::new(&other);
    let found = timed("diff with an estate in which one role in a hundred has changed", || {
        Ok(diff(&ask, &after, &given))
    })?;
    println!("    {} answers differ", found.len());
    Ok(())
}

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Runs one question and tells how long it took: by the clock, and on the processor, which on a machine that does other
/// things too is the steadier figure.
#[expect(clippy::disallowed_methods, reason = "a measurement has its own clock")]
fn timed<T>(what: &str, run: impl FnOnce() -> Fallible<T>) -> Fallible<T> {
    let (start, on_cpu) = (Instant::now(), cpu_milliseconds());
    let result = run()?;
    let (wall, cpu) = (start.elapsed().as_secs_f64() * 1000.0, cpu_milliseconds() - on_cpu);
    println!("{wall:>9.1} ms, {cpu:>8.1} of CPU  {what}");
    Ok(result)
}

/// The processor's time so far, where Linux tells it.
fn cpu_milliseconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds: f64 = text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or_default();
    nanoseconds / 1e6
}

fn id(account: usize) -> Fallible<AccountId> {
    Ok(format!("{:012}", 100_000_000_000 + account).parse()?)
}

fn role_arn(account: usize, role: usize) -> Fallible<String> {
    Ok(format!("arn:aws:iam::{}:role/app/role-{role}", id(account)?))
}

/// Roles of every kind that real estates have: trusted by name, by account, by service, by the whole organisation; with
/// policies that name roles, patterns of roles, or all. In another `edition` one role in a hundred may more.
fn estate(edition: usize) -> Fallible<Estate> {
    let mut estate = Estate::default();
    let management = id(0)?;
    let mut organization = Organization {
        id: "o-example0000".to_owned(),
        management,
        root: Level::full_access("r-exam"),
        units: std::collections::BTreeMap::new(),
        accounts: std::collections::BTreeMap::new(),
    };
    let regions = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*",
        "Condition":{"StringNotLike":{"aws:RequestedRegion":"eu-*"}}}]}"#;
    organization.root.service_control.insert("regions".to_owned(), Policy::lenient(regions));
    for number in 0..ACCOUNTS {
        let mut account = Account::new(id(number)?);
        organization.add_account(account.id);
        for role in 0..ROLES {
            let identity = Identity {
                name: format!("role-{role}"),
                path: "/app/".to_owned(),
                id: format!("AROA{number:06}{role:010}"),
                inline: [("own".to_owned(), own(number, role, edition)?)].into(),
                tags: [("team".to_owned(), format!("team-{}", role % 10))].into(),
                ..Identity::default()
            };
            let trust = trust(number, role)?;
            account.roles.insert(
                identity.name.clone(),
                Role { identity, trust, description: None, max_session_duration: 3600 },
            );
        }
        let table = format!("arn:aws:dynamodb:eu-west-1:{}:table/orders", account.id);
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":"dynamodb:GetItem","Resource":"{table}"}}]}}"#,
            role_arn((number + 1) % ACCOUNTS, 1)?
        );
        account.resource_policies.insert(table, Policy::lenient(&policy));
        estate.accounts.insert(account.id, account);
    }
    estate.organization = Some(organization);
    estate.settle();
    Ok(estate)
}

fn trust(number: usize, role: usize) -> Fallible<Policy> {
    let neighbour = (number + ACCOUNTS - 1 - role % 7) % ACCOUNTS;
    let principal = match role % 20 {
        0..10 => format!(
            r#"{{"AWS":["{}","{}"]}}"#,
            role_arn(neighbour, role)?,
            role_arn(number, (role + 1) % ROLES)?
        ),
        10..13 => format!(r#"{{"AWS":"arn:aws:iam::{}:root"}}"#, id(neighbour)?),
        13..16 => format!(r#"{{"AWS":"arn:aws:iam::{}:root"}}"#, id(number)?),
        16..19 => r#"{"Service":"ecs-tasks.amazonaws.com"}"#.to_owned(),
        _ => "\"*\"".to_owned(),
    };
    let condition = match role % 20 {
        19 => {
            r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-example0000","aws:PrincipalTag/team":"team-3"}}"#
        }
        12 => r#","Condition":{"StringEquals":{"sts:ExternalId":"abc"}}"#,
        _ => "",
    };
    Ok(Policy::lenient(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}{condition}}}]}}"#
    )))
}

fn own(number: usize, role: usize, edition: usize) -> Fallible<Policy> {
    let next = (number + 1 + role % 7) % ACCOUNTS;
    let assume = match role % 10 {
        0..6 => format!("\"{}\"", role_arn(next, role)?),
        6 | 7 => format!("\"arn:aws:iam::{}:role/app/*\"", id(next)?),
        8 => "\"arn:aws:iam::*:role/app/role-1*\"".to_owned(),
        _ => "\"*\"".to_owned(),
    };
    let own = id(number)?;
    let more = if edition > 0 && role == 40 { ",\"dynamodb:DeleteItem\"" } else { "" };
    let table = match role % 4 {
        0 => format!(
            r#",{{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query"{more}],"Resource":"arn:aws:dynamodb:*:{own}:table/*"}}"#
        ),
        1 => format!(
            r#",{{"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:eu-west-1:{own}:table/${{aws:PrincipalTag/team}}-*"}}"#
        ),
        2 => format!(
            r#",{{"Effect":"Allow","Action":["sqs:SendMessage"],"Resource":"arn:aws:sqs:eu-west-1:{own}:jobs"}}"#
        ),
        _ => r#",{"Effect":"Allow","Action":"logs:*","Resource":"*"}"#.to_owned(),
    };
    Ok(Policy::lenient(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Resource":{assume}}}{table}]}}"#
    )))
}
