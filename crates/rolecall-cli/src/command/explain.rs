//! `rolecall explain`: what a refusal says, and with an Estate why it was and what would mend it.

mod proof;
mod why;

use std::io::{IsTerminal as _, Read as _};

use rolecall_iam::Denial;
use serde_json::{Value, json};

use crate::command::ask::given::Known;
use crate::estate;
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;
use why::Why;

const EXAMPLES: &str = "\
Examples:
  aws dynamodb list-tables 2>&1 | rolecall explain
  rolecall explain 'An error occurred (AccessDenied) when calling the AssumeRole operation: User: …'
  rolecall explain --estate examples/estate 'User:
    arn:aws:sts::111111111111:assumed-role/my-fargate-task-role/0123 is not authorized to perform:
    dynamodb:PutItem on resource: arn:aws:dynamodb:eu-west-1:222222222222:table/orders'

Exit code 0: the refusal is explained; 1: the estate does not say why; 2: the text is no refusal of AWS.

The JSON has `schema` (rolecall/explain/1), `code`, `operation`, `principal`, `action`,
`resource`, `reason` (`explicit`, `checkType`, `policyType`, `policy`), `authorizationId`,
`encoded`, `findings` (sentences), `next` (what to look at), and with an estate `estate`:
`decision`, `explanation`, `agrees` (with AWS) and `fix`.";

/// Explain a refusal of AWS: paste an AccessDenied message, or an error of the AWS CLI or an SDK
///
/// Without an estate: what the text alone proves, who, what, which policy type refused, in which
/// account to look next. With one: which statement refused or is missing, and the smallest change
/// that would allow it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The message; from standard input where it is left out
    text: Vec<String>,

    /// Accounts and their policies (see `rolecall can --help`)
    #[arg(long, value_name = "PATH")]
    estate: Option<std::path::PathBuf>,

    /// The resource, where the message does not name it
    #[arg(long, value_name = "ARN", requires = "estate")]
    resource: Option<String>,

    #[command(flatten)]
    known: Known,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    let text = text(args)?;
    let Some(denial) = Denial::read(&text) else {
        let failure = Failure::new(Kind::Usage, "there is no refusal of AWS in this text");
        return Err(failure.hint(proof::no_refusal(&text)));
    };
    let proof = proof::of(&denial);
    let why = match &args.estate {
        Some(path) => {
            let estate = estate::load(path, out)?;
            Some(why::of(&denial, &estate, args.resource.as_deref(), &args.known.given())?)
        }
        None => None,
    };
    if args.json {
        out.line(format_args!("{:#}", as_json(&denial, &proof, why.as_ref())))?;
    } else {
        for line in proof.lines().into_iter().chain(why.iter().flat_map(Why::lines)) {
            out.line(line)?;
        }
    }
    Ok(if why.is_none_or(|why| why.agrees) { Exit::Success } else { Exit::No })
}

fn text(args: &Args) -> Result<String, Failure> {
    if !args.text.is_empty() {
        return Ok(args.text.join(" "));
    }
    let mut input = std::io::stdin();
    if input.is_terminal() {
        return Err(Failure::new(Kind::Usage, "there is nothing to explain")
            .hint("give the message as an argument, or on standard input: `aws … 2>&1 | rolecall explain`"));
    }
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn as_json(denial: &Denial, proof: &proof::Proof, why: Option<&Why>) -> Value {
    let reason = denial.reason.as_ref().map(|reason| {
        json!({
            "explicit": reason.explicit,
            "checkType": reason.layer.name(),
            "policyType": reason.name,
            "policy": reason.policy,
        })
    });
    json!({
        "schema": "rolecall/explain/1",
        "code": denial.code,
        "operation": denial.operation,
        "principal": denial.principal,
        "action": denial.action,
        "resource": denial.resource,
        "reason": reason,
        "authorizationId": denial.authorization_id,
        "encoded": denial.encoded,
        "findings": proof.findings,
        "next": proof.next,
        "estate": why.map(Why::as_json),
    })
}
