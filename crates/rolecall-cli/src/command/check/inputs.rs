//! What `check` and `graph` read: root modules, what is said about them, and `rolecall.toml`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rolecall_terraform::check::Report;
use rolecall_terraform::estate::{Infrastructure, Root};
use rolecall_terraform::evaluate::Settings;
use rolecall_terraform::variables::{self, Source};

use super::config::Config;
use super::disk::Disk;
use crate::failure::{Failure, Kind};

/// What is to be read.
#[derive(Debug, clap::Args)]
pub(crate) struct Inputs {
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
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it has the form `NAME=VALUE`")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Inputs {
    /// The root modules, and what is said about them.
    pub(super) fn roots(&self) -> Result<(Vec<Root>, Config), Failure> {
        let mut roots = roots(self)?;
        let config = Config::load(self.config.as_deref(), &roots)?;
        for (provider, account) in config.accounts()? {
            for root in &mut roots {
                root.settings.accounts.entry(provider.clone()).or_insert_with(|| account.clone());
            }
        }
        Ok((roots, config))
    }

    /// Reads it, and asks everything.
    pub(crate) fn report(&self) -> Result<(Infrastructure, Report), Failure> {
        let (roots, config) = self.roots()?;
        let mut infrastructure =
            Infrastructure::read(&roots, &Disk).map_err(|error| Failure::new(Kind::Input, error))?;
        let expectations = config.expectations(&mut infrastructure)?;
        let report = Report::of(&infrastructure, &expectations);
        Ok((infrastructure, report))
    }
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
fn roots(args: &Inputs) -> Result<Vec<Root>, Failure> {
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

pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
