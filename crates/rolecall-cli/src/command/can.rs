//! `rolecall can`: can this principal, through these roles, do that?

use rolecall_iam::{Ask, Asked, Chain, Decision, Question};
use serde_json::{Value, json};

use crate::command::ask::given::{Known, check_action, failure, pair};
use crate::command::ask::{fix, show};
use crate::estate;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;

const EXAMPLES: &str = "\
Examples:
  rolecall can arn:aws:iam::111111111111:role/my-fargate-task-role dynamodb:GetItem \\
    arn:aws:dynamodb:eu-west-1:222222222222:table/orders \\
    --through arn:aws:iam::222222222222:role/switch-role --estate examples/estate
  rolecall can arn:aws:iam::111111111111:user/auditor s3:GetObject arn:aws:s3:::reports/a.csv \\
    --owner 111111111111 --context aws:SourceIp=192.0.2.7 --estate 111111111111.json

The answer is yes (exit code 0), no, or undecided (both 1): a context key that nobody gave, and
that does not follow from the principal or the resource, is not known; where the answer hangs on
it nobody can say. A call is taken to be made by an SDK, over TLS, now, by a session that was made
without session policies, and not through a VPC endpoint.

The JSON has `schema` (rolecall/can/1), `answer`, `decision` (as the engine names it),
`principal`, `through`, `action`, `resource`, `steps` (one for each action that must be allowed,
with `hop`, `decision`, `message` in AWS's words, `checks`, `explanation`, `hangsOn` and `fix`) and
`assumptions`.";

/// Say whether a principal can do something, through a chain of roles or directly
///
/// Each hop is an AssumeRole, decided with the session of the hop before it: both accounts' policies, permissions
/// boundaries and the organization's control policies. Each is shown with what allows it or stands in its way.
#[derive(Debug, clap::Args)]
#[command(after_long_help = estate::help(EXAMPLES))]
pub(crate) struct Args {
    /// Who: the ARN of a user, role, session or root, a unique id, a service, or `anonymous`
    principal: String,

    /// What: one action, such as dynamodb:GetItem
    action: String,

    /// On what: an ARN, or `*`
    resource: String,

    /// A role to assume on the way; may be repeated, in order
    #[arg(long, value_name = "ARN")]
    through: Vec<String>,

    #[command(flatten)]
    estate: estate::Source,

    #[command(flatten)]
    known: Known,

    #[command(flatten)]
    session: Session,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// How the sessions on the way are made.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "The sessions on the way")]
struct Session {
    /// Their name, where a policy looks at it
    #[arg(long, value_name = "NAME", requires = "through")]
    session_name: Option<String>,

    /// The external id that is passed
    #[arg(long, value_name = "ID", requires = "through")]
    external_id: Option<String>,

    /// A session tag that is passed; may be repeated
    #[arg(long, value_name = "KEY=VALUE", requires = "through", value_parser = pair)]
    tag: Vec<(String, String)>,

    /// The source identity that is passed
    #[arg(long, value_name = "NAME", requires = "through")]
    source_identity: Option<String>,
}

/// Runs it.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    check_action(&args.action, &args.resource)?;
    let estate = args.estate.load(out)?;
    let ask = Ask::new(&estate);
    let through: Vec<&str> = args.through.iter().map(String::as_str).collect();
    let mut given = args.known.given();
    given.session_name.clone_from(&args.session.session_name);
    given.tags.clone_from(&args.session.tag);
    given.source_identity.clone_from(&args.session.source_identity);
    if let Some(id) = &args.session.external_id {
        given.context.insert("sts:ExternalId", id);
    }
    let question = Question {
        principal: &args.principal,
        through: &through,
        action: &args.action,
        resource: &args.resource,
        given: &given,
    };
    let chain = ask.can(&question).map_err(|error| failure(&error))?;
    let decision = ask.decision(&chain);
    if args.json {
        out.line(format_args!("{:#}", as_json(args, &ask, &chain, decision)))?;
    } else {
        for line in lines(args, &ask, &chain, decision) {
            out.line(line)?;
        }
    }
    Ok(if decision == Decision::Allowed { Exit::Success } else { Exit::No })
}

fn as_json(args: &Args, ask: &Ask<'_>, chain: &Chain, decision: Decision) -> Value {
    json!({
        "schema": "rolecall/can/1",
        "answer": show::word(decision),
        "decision": decision.name(),
        "principal": args.principal,
        "through": args.through,
        "action": args.action,
        "resource": args.resource,
        "steps": chain.asked.iter().map(|asked| show::step(ask, asked)).collect::<Vec<_>>(),
        "assumptions": show::assumptions(ask.estate(), &chain.asked),
    })
}

/// One sentence; then each step with what led to its answer; then what was taken for granted.
fn lines(args: &Args, ask: &Ask<'_>, chain: &Chain, decision: Decision) -> Vec<String> {
    let mut lines = vec![sentence(args, ask, chain, decision)];
    let of = chain.asked.len();
    for (index, asked) in chain.asked.iter().enumerate() {
        lines.push(String::new());
        let step = if of > 1 { format!("{}. ", index + 1) } else { String::new() };
        lines.push(format!("{step}{}", ask.verdict(asked).explain(&asked.request())));
        if let Some(message) = refusal(ask, asked) {
            lines.push(format!("  AWS would say: {message}"));
        }
    }
    if matches!(decision, Decision::ImplicitlyDenied | Decision::ExplicitlyDenied) {
        let fixes = chain.asked.iter().filter_map(|asked| fix::of(ask.estate(), asked));
        for fix in fixes {
            lines.push(String::new());
            lines.extend(fix.lines());
        }
    }
    let assumptions = show::assumptions(ask.estate(), &chain.asked);
    if !assumptions.is_empty() {
        lines.push(String::new());
        lines.extend(assumptions.into_iter().map(|assumption| format!("Taken for granted: {assumption}.")));
    }
    lines
}

fn sentence(args: &Args, ask: &Ask<'_>, chain: &Chain, decision: Decision) -> String {
    let Args { principal, action, resource, through, .. } = args;
    let way =
        if through.is_empty() { String::new() } else { format!(" through {}", through.join(", then ")) };
    let what = format!("{action} on {resource}{way}");
    let first = chain.asked.iter().find(|asked| ask.verdict(asked).decision == decision);
    let step = first.filter(|_| chain.asked.len() > 1);
    let at = step.map(|asked| format!(": {} on {}", asked.action, asked.resource)).unwrap_or_default();
    match decision {
        Decision::Allowed => format!("Yes: {principal} can {what}."),
        Decision::ImplicitlyDenied => format!("No: {principal} cannot {what}{}.", not_allowed(&at)),
        Decision::ExplicitlyDenied => format!("No: {principal} cannot {what}{}.", denied(&at)),
        Decision::Undecided => {
            format!("Undecided: whether {principal} can {what} hangs on what is not known{at}.")
        }
    }
}

fn not_allowed(at: &str) -> String {
    if at.is_empty() { String::new() } else { format!("{at} is not allowed") }
}

fn denied(at: &str) -> String {
    if at.is_empty() { ": it is explicitly denied".to_owned() } else { format!("{at} is explicitly denied") }
}

/// AWS's own words for a refusal.
fn refusal(ask: &Ask<'_>, asked: &Asked) -> Option<String> {
    let verdict = ask.verdict(asked);
    if verdict.decision == Decision::Undecided {
        return None;
    }
    verdict.denial(&asked.request(), show::one_organization(ask.estate(), asked))
}
