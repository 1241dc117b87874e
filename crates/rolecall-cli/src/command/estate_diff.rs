//! `rolecall estate-diff`: what one estate allows that another does not.

use std::path::PathBuf;

use rolecall_iam::{Answer, Ask, Difference, changed, diff};
use serde_json::{Value, json};

use crate::command::ask::given::Known;
use crate::estate;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;

const EXAMPLES: &str = "\
Examples:
  rolecall estate-diff yesterday/ today/
  rolecall estate-diff before.json after.json --json

Asked are the users and roles of both, and of those outside whom a changed policy names, for the
actions and resources that either estate names without wildcards; that a role can be assumed shows
as sts:AssumeRole on it. A wildcard that grows is seen where it reaches one of those.

Whose policies have changed without such an answer is listed too: what they give beyond it is not
compared.

Exit code 0: nothing is allowed that was not; 1: something is, or may be.

The JSON has `schema` (rolecall/estate-diff/1) in `changed` the names of those others, and in `more` and `less` a list of `principal`,
`action`, `resource`, `before` and `after` (`no`, `undecided` or `yes`).";

/// Say what one estate allows that another does not, in both directions
#[derive(Debug, clap::Args)]
#[command(after_long_help = estate::help(EXAMPLES))]
pub(crate) struct Args {
    /// The estate as it was
    before: PathBuf,

    /// The estate as it is
    after: PathBuf,

    #[command(flatten)]
    known: Known,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    let (before, after) = (estate::load(&args.before, out)?, estate::load(&args.after, out)?);
    let found = diff(&Ask::new(&before), &Ask::new(&after), &args.known.given());
    let changed = changed(&Ask::new(&before), &Ask::new(&after));
    let changed: Vec<String> =
        changed.into_iter().filter(|name| !found.iter().any(|it| it.principal == *name)).collect();
    let (more, less): (Vec<Difference>, Vec<Difference>) = found.into_iter().partition(Difference::widens);
    if args.json {
        let list = |list: &[Difference]| list.iter().map(as_json).collect::<Vec<_>>();
        let all = json!({ "schema": "rolecall/estate-diff/1", "more": list(&more), "less": list(&less), "changed": changed });
        out.line(format_args!("{all:#}"))?;
    } else {
        for line in lines(&more, &less, &changed) {
            out.line(line)?;
        }
    }
    Ok(if more.is_empty() && changed.is_empty() { Exit::Success } else { Exit::No })
}

pub(crate) fn as_json(it: &Difference) -> Value {
    json!({
        "principal": it.principal,
        "action": it.action,
        "resource": it.resource,
        "before": word(it.before),
        "after": word(it.after),
    })
}

fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "yes",
        Answer::No => "no",
        Answer::Undecided => "undecided",
    }
}

pub(crate) fn lines(more: &[Difference], less: &[Difference], changed: &[String]) -> Vec<String> {
    let mut lines = vec![match (more.len(), less.len()) {
        (0, 0) if !changed.is_empty() => {
            "What both name is allowed as before. But policies have changed in what neither names:".to_owned()
        }
        (0, 0) => "Both allow the same, as far as they name it.".to_owned(),
        (1, less) => format!("1 answer allows more than before, {less} less."),
        (more, less) => format!("{more} answers allow more than before, {less} less."),
    }];
    for (heading, list) in [("More:", more), ("Less:", less)] {
        if list.is_empty() {
            continue;
        }
        lines.extend([String::new(), heading.to_owned()]);
        lines.extend(list.iter().map(|it| {
            let Difference { principal, action, resource, .. } = it;
            format!("  {principal}: {action} on {resource} ({}, was {})", word(it.after), word(it.before))
        }));
    }
    if !changed.is_empty() {
        if lines.len() > 1 {
            lines.extend([String::new(), "Changed otherwise, in what neither names:".to_owned()]);
        }
        lines.extend(changed.iter().map(|name| format!("  {name}")));
    }
    lines
}
