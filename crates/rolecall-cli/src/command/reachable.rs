//! `rolecall reachable`: the roles a principal can come to, and what each can do.

use rolecall_iam::{Ask, Decision, Reachable, Station};
use serde_json::{Value, json};

use crate::command::ask::given::{Known, failure};
use crate::estate;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;

const EXAMPLES: &str = "\
Examples:
  rolecall reachable arn:aws:iam::111111111111:role/my-fargate-task-role --estate examples/estate
  rolecall reachable ecs-tasks.amazonaws.com --estate examples/estate --json

`can` is decided: the actions that some statement names, on the resources that have a policy in
the estate or that a statement of the principal names. `its policies say` is not: it repeats what
identity policies allow with wildcards, whatever denies or limits it.

The JSON has `schema` (rolecall/reachable/1), `principal`, and `stations`: the principal itself
and each role, with `principal`, `through`, `certain`, `can` (`resource`, `action`, `decision`)
and `written` (`action`, `resource`).";

/// Say what a principal can reach: roles through any chain, and what each can do
///
/// A role that is reached only where something is so that nobody told is marked as undecided.
#[derive(Debug, clap::Args)]
#[command(after_long_help = estate::help(EXAMPLES))]
pub(crate) struct Args {
    /// Who: the ARN of a user, role or session, a unique id, a service or a provider
    principal: String,

    #[command(flatten)]
    estate: estate::Source,

    #[command(flatten)]
    known: Known,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    let estate = args.estate.load(out)?;
    let found = Ask::new(&estate).reachable(&args.principal, &args.known.given());
    let found = found.map_err(|error| failure(&error))?;
    if args.json {
        out.line(format_args!("{:#}", as_json(args, &found)))?;
    } else {
        for line in lines(args, &found) {
            out.line(line)?;
        }
    }
    Ok(Exit::Success)
}

fn as_json(args: &Args, found: &Reachable) -> Value {
    let stations = found.stations.iter().map(|station| {
        let can = station.can.iter().map(|(resource, action, decision)| {
            json!({ "resource": resource, "action": action, "decision": decision.name() })
        });
        let written = station.written.iter();
        let written = written.map(|(action, resource)| json!({ "action": action, "resource": resource }));
        json!({
            "principal": station.principal,
            "through": station.through,
            "certain": station.certain,
            "can": can.collect::<Vec<_>>(),
            "written": written.collect::<Vec<_>>(),
        })
    });
    json!({
        "schema": "rolecall/reachable/1",
        "principal": args.principal,
        "stations": stations.collect::<Vec<_>>(),
    })
}

fn lines(args: &Args, found: &Reachable) -> Vec<String> {
    let count = |certain| {
        let roles = found.stations.iter().filter(|it| !it.through.is_empty());
        roles.filter(|it| it.certain == certain).count()
    };
    let roles = match count(true) {
        0 => "no role".to_owned(),
        1 => "one role".to_owned(),
        many => format!("{many} roles"),
    };
    let more = match count(false) {
        0 => String::new(),
        more => format!("; of {more} more it is undecided"),
    };
    let mut lines = vec![format!("{} can reach {roles}{more}.", args.principal)];
    for station in &found.stations {
        lines.push(String::new());
        lines.extend(station_lines(station));
    }
    lines
}

fn station_lines(station: &Station) -> Vec<String> {
    let doubt = if station.certain { "" } else { " (undecided)" };
    let mut lines = vec![format!("{}{doubt}", station.principal)];
    if let Some((_, before)) = station.through.split_last() {
        lines.extend(before.iter().map(|role| format!("    through {role}")));
    }
    for (resource, action, decision) in &station.can {
        let may = if *decision == Decision::Undecided { "may (undecided)" } else { "can" };
        lines.push(format!("  {may} {action} on {resource}"));
    }
    for (action, resource) in
        station.written.iter().filter(|(action, resource)| is_wild(action) || is_wild(resource))
    {
        lines.push(format!("  its policies say {action} on {resource}"));
    }
    lines
}

fn is_wild(pattern: &str) -> bool {
    pattern.contains(['*', '?']) || pattern.contains("${") || pattern.starts_with("all but ")
}
