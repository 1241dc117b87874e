//! What `check` and `graph` read: root modules, what is said about them, and `rolecall.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rolecall_terraform::Place;
use rolecall_terraform::check::Report;
use rolecall_terraform::estate::{Beside, Infrastructure, Root};
use rolecall_terraform::evaluate::Settings;
use rolecall_terraform::hcl::Problem;
use rolecall_terraform::variables::{self, Source};

use super::config::Config;
use super::disk::Disk;
use super::given;
use super::live::Live;
use super::resolve::{self, Variables};
use crate::failure::{Failure, Kind};
use crate::out::Out;

/// What is to be read.
#[derive(Debug, clap::Args)]
pub(crate) struct Inputs {
    /// Folders with Terraform configuration, or above some, or plans, states and accounts as files, with the account that
    /// their provider `aws` is for; an estate.toml; or policies in files, each with the ARN of what it is on
    #[arg(value_name = "[ACCOUNT=|ARN=]PATH", required_unless_present = "live")]
    paths: Vec<String>,

    /// Read the accounts of rolecall.toml as they are now, with the profile that it names for each
    #[arg(long)]
    live: bool,

    /// Ask `terraform` what is left unknown: offline, in a copy; the folder must be initialised
    #[arg(long)]
    resolve: bool,

    /// Where `--live` calls AWS, instead of AWS_ENDPOINT_URL_IAM, AWS_ENDPOINT_URL or AWS itself
    #[arg(long, value_name = "URL", requires = "live")]
    endpoint_url: Option<String>,

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
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it has the form `NAME=VALUE`")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// What is read, and what is known beside it.
pub(super) struct Reading {
    pub(super) roots: Vec<Root>,
    pub(super) beside: Beside,
    pub(super) config: Config,
}

impl Inputs {
    /// The root modules, and what is said about them.
    pub(super) fn reading(&self, out: &mut Out) -> Result<Reading, Failure> {
        let given = given::sort(&self.paths, out)?;
        let mut roots = roots(self, &given.paths)?;
        let config = Config::load(self.config.as_deref(), &roots)?;
        for (provider, account) in config.accounts()? {
            for root in &mut roots {
                root.settings.accounts.entry(provider.clone()).or_insert_with(|| account.clone());
            }
        }
        Ok(Reading { roots, beside: given.beside, config })
    }

    /// Reads it, and asks everything.
    pub(crate) fn report(&self, out: &mut Out) -> Result<(Infrastructure, Report), Failure> {
        let Reading { roots, mut beside, config } = self.reading(out)?;
        let live = match self.live {
            true => {
                let read = Live::read(&config, self.endpoint_url.as_deref(), out);
                let (live, estate) = read.map_err(|failure| {
                    // A profile that is not there: rolecall.toml names it, not the command line.
                    if failure.kind() == Kind::Usage { failure.of(Kind::Input) } else { failure }
                })?;
                given::join(&mut beside.estate, estate, "AWS")?;
                Some(live)
            }
            false => None,
        };
        if self.resolve {
            let workspace = self.workspace.as_deref();
            let variables = Variables { values: &self.var, files: &self.var_file, workspace };
            beside.resolved = resolve::resolve(&roots, &variables, out)?;
        }
        let infrastructure = Infrastructure::read_beside(&roots, &beside, &Disk);
        let mut infrastructure = infrastructure.map_err(|error| Failure::new(Kind::Input, error))?;
        if let [root] = roots.as_slice() {
            infrastructure.notes.extend(not_read(&root.folder));
        }
        let expectations = config.expectations(&mut infrastructure)?;
        if let Some(live) = live {
            live.resources(&mut infrastructure, &expectations, out)?;
            // The simulator knows what is there, not what a file would make of it.
            if self.paths.is_empty() {
                live.compare(&mut infrastructure, &expectations, out)?;
            }
        }
        let report = Report::of(&infrastructure, &expectations);
        Ok((infrastructure, report))
    }
}

/// What stands below the only root module, and is not meant by it.
fn not_read(folder: &Path) -> Option<Problem> {
    let below = rolecall_terraform::roots_below(folder, &Disk);
    let first = below.first()?.display();
    let these = match below.len() - 1 {
        0 => format!("`{first}` is a root module of its own"),
        1 => format!("`{first}` and one more folder below are root modules of their own"),
        more => format!("`{first}` and {more} more folders below are root modules of their own"),
    };
    let message = format!("{these}, and not read here: name them to have them checked");
    Some(Problem { message, place: Place { file: 0, start: 0, end: 0 } })
}

/// Configurations refer to each other through many levels, and each takes its place on the stack.
pub(crate) fn with_room<T: Send>(run: impl FnOnce() -> Result<T, Failure> + Send) -> Result<T, Failure> {
    const STACK: usize = 256 << 20;
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        let done = worker?.join();
        done.unwrap_or_else(|_| {
            Err(Failure::new(Kind::Other, "the check was broken off by an error of its own"))
        })
    })
}

/// The root modules that are meant, with what is said about them.
fn roots(args: &Inputs, paths: &[(Option<String>, PathBuf)]) -> Result<Vec<Root>, Failure> {
    let wrong = |why: String| Failure::new(Kind::Input, why);
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter_map(|(name, value)| Some((name.strip_prefix("TF_VAR_")?.to_owned(), value)))
        .collect();
    let files = args.var_file.iter().map(|path| Source::File(path.clone()));
    let texts = args.var.iter().map(|(name, value)| Source::Text(name.clone(), value.clone()));
    let named: Vec<Source> = files.chain(texts).collect();
    let mut roots = Vec::new();
    for (account, path) in paths {
        let found = rolecall_terraform::roots(path, &Disk).map_err(wrong)?;
        for folder in found {
            let variables = variables::collect(&folder, &environment, &named, &Disk).map_err(wrong)?;
            let mut accounts: BTreeMap<String, String> = args.account.iter().cloned().collect();
            accounts.extend(account.iter().map(|account| ("aws".to_owned(), account.clone())));
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

pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
