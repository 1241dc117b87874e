//! `rolecall check`: whether what Terraform declares works, and whom it lets in, before it is applied.

mod config;
mod difference;
mod disk;
mod fix;
mod git;
mod json;
mod text;

use std::collections::BTreeMap;
use std::path::PathBuf;

use rolecall_terraform::check::{Report, Severity};
use rolecall_terraform::estate::{Infrastructure, Root};
use rolecall_terraform::evaluate::Settings;
use rolecall_terraform::variables::{self, Source};

use self::config::Config;
use self::disk::Disk;
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;

const EXAMPLES: &str = "\
Examples:
  rolecall check infra/
  rolecall check infra/ --fix
  rolecall check 111111111111=infra/workload 222222222222=infra/target
  rolecall check infra/ --diff origin/main
  rolecall check infra/ --account aws.target=222222222222 --var environment=prod --json

PATH may also be a plan file (`terraform plan -out`), what `terraform show -json` prints of a plan or a state, what
`terraform state pull` and `aws iam get-account-authorization-details` print, or a policy document. A plan file says
most: it carries the configuration of every module.

Which account a resource is in is told by the configuration: the role its provider assumes, or allowed_account_ids.
Where it is not, ACCOUNT=PATH or --account says it; without that, an account that is not known is one of its own, which
decides most chains all the same.

rolecall.toml, beside the configuration or where you are, says what must hold:

  [accounts]
  workload = \"111111111111\"
  target   = { provider = \"aws.target\" }        # or { id = \"222222222222\", provider = \"aws.target\" }

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
undecided (see --allow-undecided); 3 the input or the command line is wrong.

The JSON has `schema` (rolecall/check/1), `expectations` (each with `holds` and `answers`), `findings` (each with `id`,
`severity`, `sentence`, `places`, `help`, `edits`, `hangsOn`, `fingerprint`), `links`, `problems` and `notes`.";

/// Check Terraform before it is applied: does the task reach what it should, who else does, what is missing
///
/// Reads the configuration of one account or several, without `terraform init`, without credentials and without calling
/// anything, and asks about every chain of roles in it. What is missing comes with the patch.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Folders with Terraform configuration, or above some, or plans, states and accounts as files; with the account that
    /// their provider `aws` is for
    #[arg(value_name = "[ACCOUNT=]PATH", required = true)]
    paths: Vec<String>,

    /// The account of a provider; may be repeated
    #[arg(long, value_name = "PROVIDER=ACCOUNT", value_parser = pair)]
    account: Vec<(String, String)>,

    /// The value of a variable; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    var: Vec<(String, String)>,

    /// A file with values of variables; may be repeated
    #[arg(long, value_name = "FILE")]
    var_file: Vec<PathBuf>,

    /// The Terraform workspace
    #[arg(long, value_name = "NAME", env = "TF_WORKSPACE")]
    workspace: Option<String>,

    /// What must hold, instead of the rolecall.toml beside the configuration
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Write the patch into the files
    #[arg(long, conflicts_with = "json")]
    fix: bool,

    /// From which severity on a finding fails the check
    #[arg(long, value_name = "SEVERITY", value_enum, default_value = "error")]
    fail_on: FailOn,

    /// Let what is undecided pass
    #[arg(long)]
    allow_undecided: bool,

    /// Instead: what is allowed now that was not in this git revision, and the other way round
    #[arg(long, value_name = "REVISION", conflicts_with_all = ["fix", "config"])]
    diff: Option<String>,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
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

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it has the form `NAME=VALUE`")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Runs it.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    // Configurations refer to each other through many levels, and each takes its place on the stack.
    const STACK: usize = 256 << 20;
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || check(args, out));
        let done = worker?.join();
        done.unwrap_or_else(|_| {
            Err(Failure::new(Kind::Other, "the check was broken off by an error of its own"))
        })
    })
}

fn check(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    let mut roots = roots(args)?;
    let config = Config::load(args.config.as_deref(), &roots)?;
    for (provider, account) in config.accounts()? {
        for root in &mut roots {
            root.settings.accounts.entry(provider.clone()).or_insert_with(|| account.clone());
        }
    }
    if let Some(revision) = &args.diff {
        return difference::run(&roots, revision, args.json, out);
    }
    let mut infrastructure =
        Infrastructure::read(&roots, &Disk).map_err(|error| Failure::new(Kind::Input, error))?;
    let expectations = config.expectations(&mut infrastructure)?;
    let mut report = Report::of(&infrastructure, &expectations);
    if args.fix {
        let fixed = fix::apply(&infrastructure, &report, out)?;
        if fixed > 0 {
            infrastructure =
                Infrastructure::read(&roots, &Disk).map_err(|error| Failure::new(Kind::Input, error))?;
            let expectations = config.expectations(&mut infrastructure)?;
            report = Report::of(&infrastructure, &expectations);
        }
    }
    if args.json {
        out.line(format_args!("{:#}", json::report(&infrastructure, &report)))?;
    } else {
        text::print(&infrastructure, &report, out)?;
    }
    Ok(exit(args, &infrastructure, &report))
}

fn exit(args: &Args, infrastructure: &Infrastructure, report: &Report) -> Exit {
    let decided = |finding: &&rolecall_terraform::check::Finding| finding.hangs_on.is_empty();
    let fails =
        |finding: &rolecall_terraform::check::Finding| finding.check.severity >= args.fail_on.severity();
    if report.all_findings().filter(decided).any(fails) {
        return Exit::No;
    }
    let is_open = report.all_findings().any(|finding| !finding.hangs_on.is_empty())
        || !infrastructure.problems.is_empty();
    if is_open && !args.allow_undecided { Exit::Undecided } else { Exit::Success }
}

/// The root modules that are meant, with what is said about them.
fn roots(args: &Args) -> Result<Vec<Root>, Failure> {
    let wrong = |why: String| Failure::new(Kind::Input, why);
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter_map(|(name, value)| Some((name.strip_prefix("TF_VAR_")?.to_owned(), value)))
        .collect();
    let files = args.var_file.iter().map(|path| Source::File(path.clone()));
    let texts = args.var.iter().map(|(name, value)| Source::Text(name.clone(), value.clone()));
    let named: Vec<Source> = files.chain(texts).collect();
    let mut roots = Vec::new();
    for path in &args.paths {
        let (account, path) = match path.split_once('=') {
            Some((account, path)) if !account.contains('/') => (Some(account), path),
            _ => (None, path.as_str()),
        };
        let found = rolecall_terraform::roots(path.as_ref(), &Disk).map_err(wrong)?;
        for folder in found {
            let variables = variables::collect(&folder, &environment, &named, &Disk).map_err(wrong)?;
            let mut accounts: BTreeMap<String, String> = args.account.iter().cloned().collect();
            accounts.extend(account.map(|account| ("aws".to_owned(), account.to_owned())));
            if let Some((provider, account)) = accounts.iter().find(|(_, account)| !is_account(account)) {
                return Err(wrong(format!(
                    "`{account}` is no account: the id of provider {provider}'s has twelve digits"
                )));
            }
            let settings =
                Settings { variables, accounts, workspace: args.workspace.clone(), root: String::new() };
            roots.push(Root { folder, settings });
        }
    }
    if let [_, _, ..] = roots.as_slice() {
        for root in &mut roots {
            root.settings.root = format!(" in {}", root.folder.display());
        }
    }
    Ok(roots)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
