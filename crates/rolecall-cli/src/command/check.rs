//! `rolecall check`: whether what Terraform declares works, and whom it lets in, before it is applied.

mod baseline;
mod bounds;
mod config;
mod difference;
mod disk;
mod fingerprint;
mod fix;
mod format;
mod git;
mod given;
mod inputs;
mod live;
mod prior;
mod resolve;
mod suppress;

use std::collections::BTreeSet;
use std::path::PathBuf;

use rolecall_terraform::check::{Finding, Report, Severity, shown};
use rolecall_terraform::estate::Infrastructure;
use rolecall_terraform::hcl::Problem;

pub(crate) use self::inputs::{Inputs, pair, with_room};

use self::baseline::Baseline;
use self::format::Wanted;
use self::suppress::Sorted;
use crate::clock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;

const EXAMPLES: &str = "\
Examples:
  rolecall check infra/
  rolecall check infra/ --fix
  rolecall check 111111111111=infra/workload 222222222222=infra/target
  rolecall check infra/ --diff origin/main
  terraform show -json tfplan > plan.json && rolecall check plan.json --diff prior-state
  rolecall check infra/ --format github --format sarif=rolecall.sarif
  rolecall check infra/ --write-baseline accepted.json
  rolecall check infra/ --baseline accepted.json
  rolecall check infra/ --account aws.target=222222222222 --var environment=prod --json
  rolecall check --live                              # the accounts of rolecall.toml, as they are now
  rolecall check infra/ --live                       # what is there once infra/ is applied to them
  rolecall check infra/ --resolve                    # what is left unknown is asked of Terraform, offline
  rolecall check arn:aws:iam::111111111111:role/app=policy.json arn:aws:iam::222222222222:role/switch-role=trust.json
  rolecall check examples/estate/estate.toml --config expected.toml

PATH may also be a plan file (`terraform plan -out`), what `terraform show -json` prints of a plan or a state, what
`terraform state pull` and `aws iam get-account-authorization-details` print, or a policy document. A plan file says
most: it carries the configuration of every module. What `rolecall can` takes as --estate is taken too: an estate.toml,
the folder that has it, a folder with accounts as JSON.

ARN=FILE is a policy and what it is on: a role, where a document that names principals is the trust policy and any other
one of its permissions; a user, a group, a managed policy; or a resource such as a table.

--live reads each account of [accounts] that has an id, with its profile, or with the credentials of the environment where
it names none: GetAccountAuthorizationDetails; and the policies of the DynamoDB tables that expectations are about. Beside
the engine AWS's simulator is asked for what the last role may do, and where the two differ that is a problem.

Which account a resource is in is told by the configuration: the role its provider assumes, or allowed_account_ids.
Where it is not, ACCOUNT=PATH or --account says it; without that, an account that is not known is one of its own, which
decides most chains all the same.

rolecall.toml, beside the configuration or where you are, says what must hold:

  [accounts]
  workload = \"111111111111\"
  target   = { provider = \"aws.target\" }        # or { id = \"222222222222\", provider = \"aws.target\" }
  third    = { id = \"333333333333\", profile = \"third-readonly\" }      # --live reads it with this profile
  dev      = { id = \"444444444444\", environment = \"dev\" }    # a way into another environment is found

  [[expect]]
  from  = \"workload:role/my-fargate-task-role\"
  via   = [\"target:role/switch-role\"]
  allow = [\"dynamodb:ListTables\", \"dynamodb:GetItem\"]
  deny  = [\"dynamodb:DeleteTable\"]
  on    = \"target:dynamodb:eu-west-1:table/orders\"

  [[expect]]
  nobody_else_can = \"sts:AssumeRole\"
  on  = \"target:role/switch-role\"
  but = [\"workload:role/my-fargate-task-role\"]

Exit codes of this command: 0 everything holds; 1 something does not, or is found at or above --fail-on; 2 something is
undecided (see --allow-undecided); 3 the input or the command line is wrong. With --live also 120 no credentials, 121 AWS
refuses, 122 AWS does not answer.

A finding is accepted by a comment at its first place or on the line above it, with a reason:

  # rolecall:ignore=RC045 reason=\"attached by hand\" until=2027-01-01

The JSON has `schema` (rolecall/check/1), `expectations` (each with `holds` and `answers`), `findings` (each with `id`,
`severity`, `sentence`, `places`, `help`, `edits`, `hangsOn`, `fingerprint`), `suppressed` (findings with `suppression`),
`links`, `problems` and `notes`.";

/// Check Terraform before it is applied: does the task reach what it should, who else does, what is missing
///
/// Reads the configuration of one account or several, without `terraform init`, without credentials and without calling
/// anything, and asks about every chain of roles in it. What is missing comes with the patch. With `--live` the same is
/// asked of the accounts themselves.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    inputs: Inputs,

    /// Write the patch into the files
    #[arg(long, conflicts_with = "json")]
    fix: bool,

    /// From which severity on a finding fails the check
    #[arg(long, value_name = "SEVERITY", value_enum, default_value = "error")]
    fail_on: FailOn,

    /// Let what is undecided pass
    #[arg(long)]
    allow_undecided: bool,

    /// Instead: what is allowed now that was not in this git revision, and the other way round; with `prior-state` what a
    /// plan (`terraform show -json`) newly allows, and takes away
    #[arg(long, value_name = "REVISION", conflicts_with_all = ["fix", "live", "resolve", "config", "format", "baseline", "write_baseline"])]
    diff: Option<String>,

    /// Print one JSON object
    #[arg(long, conflicts_with = "format")]
    json: bool,

    /// Print it as text, json, sarif, junit, markdown or github; to FILE if one is named. May be repeated
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = Wanted::parse)]
    format: Vec<Wanted>,

    /// Let pass what is in this file: what was found when --write-baseline wrote it
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Write everything that is found into FILE, to be let pass from now on
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "fix"])]
    write_baseline: Option<PathBuf>,
}

impl Args {
    fn wanted(&self) -> Vec<Wanted> {
        match self.format.as_slice() {
            [] if self.json => vec![Wanted::JSON],
            [] => vec![Wanted::TEXT],
            formats => formats.to_vec(),
        }
    }
}

/// What was read, and what came of it.
struct Checked<'a> {
    infrastructure: &'a Infrastructure,
    sorted: Sorted,
    fail_on: Severity,
    is_undecided_allowed: bool,
}

impl Checked<'_> {
    /// Whether the check fails because of a finding.
    fn fails(&self, finding: &Finding) -> bool {
        match finding.hangs_on.is_empty() {
            true => finding.check.severity >= self.fail_on,
            false => !self.is_undecided_allowed,
        }
    }

    fn exit(&self) -> Exit {
        let (open, decided): (Vec<_>, Vec<_>) =
            self.sorted.report.all_findings().partition(|finding| !finding.hangs_on.is_empty());
        if decided.into_iter().any(|finding| self.fails(finding)) {
            return Exit::No;
        }
        let is_open = !open.is_empty() || !self.infrastructure.problems.is_empty();
        if is_open && !self.is_undecided_allowed { Exit::Undecided } else { Exit::Success }
    }
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Note,
}

impl FailOn {
    fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Note => Severity::Note,
        }
    }
}

/// Runs it.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    with_room(|| check(args, out))
}

fn check(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    let inputs = &args.inputs;
    if let Some(revision) = &args.diff {
        return difference::run(inputs, revision, args.json, out);
    }
    let wanted = args.wanted();
    let baseline = args.baseline.as_deref().map(Baseline::read).transpose()?;
    let (mut infrastructure, mut report) = inputs.report(out)?;
    let today = time::OffsetDateTime::from(clock::now()).date();
    let sort = |report: Report, infrastructure: &Infrastructure, baseline: Option<&Baseline>| {
        Sorted::of(report, infrastructure, baseline, today)
    };
    if args.fix {
        let sorted = sort(report.clone(), &infrastructure, baseline.as_ref());
        let written = fix::apply(&infrastructure, &sorted.report, &inputs.bounds()?, out)?;
        if !written.is_empty() {
            let (patched, of_patched) = inputs.report(out)?;
            // A patch must not be what Terraform refuses.
            let is_known =
                |problem: &&Problem| infrastructure.problems.iter().any(|it| it.message == problem.message);
            match patched.problems.iter().find(|problem| !is_known(problem)) {
                Some(problem) => {
                    written.undo()?;
                    let why = shown(&patched, &problem.message);
                    out.warning(format_args!(
                        "the patch is taken back, since Terraform would refuse it: {why}"
                    ));
                }
                None => (infrastructure, report) = (patched, of_patched),
            }
        }
    }
    let baseline = match &args.write_baseline {
        Some(path) => {
            let left = sort(report.clone(), &infrastructure, None).report;
            let count = left.all_findings().count();
            out.note(format_args!("{count} accepted from now on, by `{}`", path.display()));
            Some(Baseline::write(path, &infrastructure, &left)?)
        }
        None => baseline,
    };
    let found: BTreeSet<String> =
        report.all_findings().map(|finding| fingerprint::fingerprint(&infrastructure, finding)).collect();
    let gone = baseline.as_ref().map_or(0, |baseline| baseline.gone(&found).count());
    if gone > 0 {
        out.note(format_args!("{gone} of the baseline are found no more: --write-baseline writes it anew"));
    }
    let checked = Checked {
        infrastructure: &infrastructure,
        sorted: sort(report, &infrastructure, baseline.as_ref()),
        fail_on: args.fail_on.severity(),
        is_undecided_allowed: args.allow_undecided,
    };
    format::write(&wanted, &checked, out)?;
    Ok(checked.exit())
}
