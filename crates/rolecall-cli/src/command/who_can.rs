//! `rolecall who-can`: everybody who can do that, directly or through any chain of roles.

use rolecall_iam::{Ask, Found, WhoCan};
use serde_json::{Value, json};

use crate::command::ask::given::{Known, check_action, failure};
use crate::estate;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;

const EXAMPLES: &str = "\
Examples:
  rolecall who-can dynamodb:PutItem arn:aws:dynamodb:eu-west-1:222222222222:table/orders \\
    --estate examples/estate
  rolecall who-can s3:GetObject arn:aws:s3:::reports/a.csv --owner 222222222222 \\
    --estate examples/estate --json

Exit code 0: somebody can; 1: nobody can, or it is undecided of everybody. How one of them can,
and what an undecided one hangs on, `rolecall can` shows, with the roles given by --through.

The JSON has `schema` (rolecall/who-can/1), `action`, `resource`, and in `can` and `undecided` a
list of `principal` and `through`, the shortest way first.";

/// Say who can do something, directly or through any chain of roles
///
/// Users, roles and account roots of the estate, sessions that a policy names, and of those outside it the accounts,
/// services and identity providers that a policy lets in. Those of whom it is not known are listed by themselves.
#[derive(Debug, clap::Args)]
#[command(after_long_help = estate::help(EXAMPLES))]
pub(crate) struct Args {
    /// What: one action, such as dynamodb:PutItem
    action: String,

    /// On what: an ARN, or `*`
    resource: String,

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
    check_action(&args.action, &args.resource)?;
    let estate = args.estate.load(out)?;
    let found = Ask::new(&estate).who_can(&args.action, &args.resource, &args.known.given());
    let found = found.map_err(|error| failure(&error))?;
    if args.json {
        out.line(format_args!("{:#}", as_json(args, &found)))?;
    } else {
        for line in lines(args, &found) {
            out.line(line)?;
        }
    }
    Ok(if found.can.is_empty() { Exit::No } else { Exit::Success })
}

fn as_json(args: &Args, found: &WhoCan) -> Value {
    let list = |list: &[Found]| {
        let list = list.iter().map(|it| json!({ "principal": it.principal, "through": it.through }));
        list.collect::<Vec<_>>()
    };
    json!({
        "schema": "rolecall/who-can/1",
        "action": args.action,
        "resource": args.resource,
        "can": list(&found.can),
        "undecided": list(&found.undecided),
    })
}

fn lines(args: &Args, found: &WhoCan) -> Vec<String> {
    let what = format!("{} on {}", args.action, args.resource);
    let mut lines = vec![match (found.can.len(), found.undecided.len()) {
        (0, 0) => format!("Nobody in the estate can {what}."),
        (0, _) => format!("Of nobody in the estate it is certain that it can {what}."),
        (1, 0) => format!("One can {what}."),
        (can, 0) => format!("{can} can {what}."),
        (can, undecided) => format!("{can} can {what}; of {undecided} more it is not known."),
    }];
    list("", &found.can, &mut lines);
    list("Undecided:", &found.undecided, &mut lines);
    lines
}

fn list(heading: &str, found: &[Found], lines: &mut Vec<String>) {
    if found.is_empty() {
        return;
    }
    lines.push(String::new());
    if !heading.is_empty() {
        lines.push(heading.to_owned());
    }
    for found in found {
        lines.push(format!("  {}", found.principal));
        lines.extend(found.through.iter().map(|role| format!("      through {role}")));
    }
}
