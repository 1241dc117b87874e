//! What `check` and `graph` read: root modules, what is said about them, and `rolecall.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rolecall_terraform::check::Report;
use rolecall_terraform::estate::{Infrastructure, Root};
use rolecall_terraform::evaluate::Settings;
use rolecall_terraform::hcl::Problem;
use rolecall_terraform::variables::{self, Source};
use rolecall_terraform::{Files, Place};

use super::bounds::Bounds;
use super::config::Config;
use super::disk::Disk;
use super::given::{self, Given};
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

    /// Ask `terraform` what is left unknown: offline, in a copy. It runs the providers that `terraform init` has installed
    /// in the folder's `.terraform`: not for what strangers wrote
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

pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it has the form `NAME=VALUE`")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Inputs {
    /// Terraform configuration and the values of its variables, and nothing else.
    pub(crate) fn of_terraform(
        paths: Vec<String>,
        var: Vec<(String, String)>,
        var_file: Vec<PathBuf>,
    ) -> Self {
        let (account, workspace) =
            (Vec::new(), std::env::var_os("TF_WORKSPACE").and_then(|name| name.into_string().ok()));
        Self {
            paths,
            live: false,
            resolve: false,
            endpoint_url: None,
            account,
            var,
            var_file,
            workspace,
            config: None,
        }
    }

    /// What the command line names, by what it is.
    pub(super) fn given(&self, out: &mut Out) -> Result<Given, Failure> {
        given::sort(&self.paths, out)
    }

    /// What may be read of this machine.
    pub(super) fn bounds(&self) -> Result<Bounds, Failure> {
        let (mut paths, mut named) = (Vec::new(), self.var_file.clone());
        for argument in &self.paths {
            match given::path(argument) {
                (true, path) => named.push(path),
                (false, path) => paths.push(path),
            }
        }
        if paths.is_empty() {
            paths.push(PathBuf::from("."));
        }
        let mut bounds = Bounds::of(&paths, &named)?;
        for path in paths.iter().map(PathBuf::as_path).chain([Path::new(".")]) {
            Config::places(path).for_each(|path| bounds.allow(&path));
        }
        Ok(bounds)
    }

    /// The root modules, and what is said about them, as these files have them.
    pub(super) fn roots(&self, given: &Given, files: &dyn Files) -> Result<Found, Failure> {
        roots(self, &given.paths, files)
    }

    /// What must hold.
    pub(super) fn config(&self, found: &Found, files: &dyn Files) -> Result<Config, Failure> {
        Config::load(self.config.as_deref(), &found.roots, files)
    }

    /// A name that is nobody's: what was meant by it is not said, and the answer would be that of another question.
    fn check_names(&self, infrastructure: &Infrastructure) -> Result<(), Failure> {
        let wrong = |what: &str, name: &str, known: &std::collections::BTreeSet<String>| {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            Failure::new(Kind::Input, format!("no {what} is called `{name}` here")).hint(format!(
                "there is {}",
                if known.is_empty() { "none".to_owned() } else { known.join(", ") }
            ))
        };
        // Plans, states and accounts have no variables.
        let has_configuration = !infrastructure.providers.is_empty() || !infrastructure.variables.is_empty();
        for (name, _) in self.var.iter().filter(|_| has_configuration) {
            if !infrastructure.variables.contains(name) {
                return Err(wrong("variable", name, &infrastructure.variables));
            }
        }
        for (name, _) in self.account.iter().filter(|_| !infrastructure.providers.is_empty()) {
            if !infrastructure.providers.contains(name) {
                return Err(wrong("provider", name, &infrastructure.providers));
            }
        }
        Ok(())
    }

    /// Reads it, without asking anything.
    pub(crate) fn infrastructure(&self, out: &mut Out) -> Result<Infrastructure, Failure> {
        let given = self.given(out)?;
        let disk = Disk { bounds: self.bounds()? };
        let mut found = self.roots(&given, &disk)?;
        let config = self.config(&found, &disk)?;
        found.settle(&config.accounts()?, found.roots.len() > 1);
        let infrastructure = Infrastructure::read_beside(&found.roots, &given.beside, &disk);
        let infrastructure = infrastructure.map_err(|error| Failure::new(Kind::Input, error))?;
        self.check_names(&infrastructure)?;
        Ok(infrastructure)
    }

    /// Reads it, and asks everything.
    pub(crate) fn report(&self, out: &mut Out) -> Result<(Infrastructure, Report), Failure> {
        let given = self.given(out)?;
        let disk = Disk { bounds: self.bounds()? };
        let mut found = self.roots(&given, &disk)?;
        let config = self.config(&found, &disk)?;
        found.settle(&config.accounts()?, found.roots.len() > 1);
        let (roots, mut beside) = (found.roots, given.beside);
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
            beside.resolved = resolve::resolve(&roots, &disk, &variables, out)?;
        }
        let infrastructure = Infrastructure::read_beside(&roots, &beside, &disk);
        let mut infrastructure = infrastructure.map_err(|error| Failure::new(Kind::Input, error))?;
        self.check_names(&infrastructure)?;
        if let [root] = roots.as_slice() {
            infrastructure.notes.extend(not_read(&root.folder, &disk));
        }
        let nowhere = Place { file: u32::MAX, start: 0, end: 0 };
        let notes = found.notes.into_iter().map(|message| Problem { message, place: nowhere });
        infrastructure.notes.extend(notes);
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

/// The root modules, with what is said about them, and what is worth knowing.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) roots: Vec<Root>,
    pub(super) notes: Vec<String>,
}

impl Found {
    /// The accounts of providers, and which root each is of where there are several.
    pub(super) fn settle(&mut self, accounts: &BTreeMap<String, String>, are_several: bool) {
        for root in &mut self.roots {
            for (provider, account) in accounts {
                root.settings.accounts.entry(provider.clone()).or_insert_with(|| account.clone());
            }
            if are_several {
                root.settings.root = format!(" in {}", root.folder.display());
            }
        }
    }
}

/// What stands below the only root module, and is not meant by it.
fn not_read(folder: &Path, disk: &Disk) -> Option<Problem> {
    let below = rolecall_terraform::roots_below(folder, disk);
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
fn roots(args: &Inputs, paths: &[(Option<String>, PathBuf)], files: &dyn Files) -> Result<Found, Failure> {
    let wrong = |why: String| Failure::new(Kind::Input, why);
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter_map(|(name, value)| Some((name.strip_prefix("TF_VAR_")?.to_owned(), value)))
        .collect();
    let texts = args.var.iter().map(|(name, value)| Source::Text(name.clone(), value.clone()));
    let named: Vec<Source> = args.var_file.iter().cloned().map(Source::File).chain(texts).collect();
    let mut all = Found::default();
    for (account, path) in paths {
        let found = rolecall_terraform::roots(path, files).map_err(wrong)?;
        all.notes.extend(found.notes);
        for folder in found.folders {
            let variables = variables::collect(&folder, &environment, &named, files).map_err(wrong)?;
            let mut accounts: BTreeMap<String, String> = args.account.iter().cloned().collect();
            accounts.extend(account.iter().map(|account| ("aws".to_owned(), account.clone())));
            if let Some((provider, account)) = accounts.iter().find(|(_, account)| !is_account(account)) {
                return Err(wrong(format!(
                    "`{account}` is no account: the id of provider {provider}'s has twelve digits"
                )));
            }
            let settings =
                Settings { variables, accounts, workspace: args.workspace.clone(), root: String::new() };
            all.roots.push(Root { folder, settings });
        }
    }
    Ok(all)
}

pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
