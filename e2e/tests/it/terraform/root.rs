//! A Terraform root in a folder of its own, and what is done with it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use e2e::{Program, Ran, Scratch, Server, copy, present, repository, skip};

/// The provider that the tests are written for: it is in the lock file of each root, as production has it.
const LOCK: &str = "provider \"registry.terraform.io/hashicorp/aws\" {\n  version = \"5.100.0\"\n}\n";
/// How long one command may take, in seconds, on a machine that has other things to do.
const LIMIT: u64 = 240;

/// Whether Terraform and its provider are here; where not, says so for this test.
pub(crate) fn is_here() -> bool {
    static FOUND: OnceLock<Result<(), String>> = OnceLock::new();
    FOUND.get_or_init(find).as_ref().inspect_err(|why| skip("Terraform", why)).is_ok()
}

fn find() -> Result<(), String> {
    present("terraform", &["version"])?;
    let root = Root::empty();
    root.write(
        "main.tf",
        "terraform {\n  required_providers {\n    aws = { source = \"hashicorp/aws\" }\n  }\n}\n",
    );
    root.write(".terraform.lock.hcl", LOCK);
    let ran = root.try_init();
    let why =
        || ran.err.lines().find(|line| line.contains("Error")).unwrap_or("`terraform init` fails").to_owned();
    if ran.code == 0 { Ok(()) } else { Err(why()) }
}

/// Where Terraform finds the provider: what the user says, a mirror where one is usually kept, or the registry.
fn cli_config() -> String {
    let set = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.exists());
    if let Some(config) = set("TF_CLI_CONFIG_FILE") {
        return fs::read_to_string(config).unwrap();
    }
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let usual = [
        home.join(".terraform.d/plugins"),
        home.join(".local/share/terraform/plugins"),
        "/usr/local/share/terraform/plugins".into(),
        "/usr/share/terraform/plugins".into(),
        "/opt/tf-plugins".into(),
    ];
    let mirror = set("TF_PLUGIN_MIRROR")
        .or_else(|| usual.into_iter().find(|path| path.join("registry.terraform.io/hashicorp/aws").is_dir()));
    let installation = match mirror {
        Some(path) => format!("filesystem_mirror {{ path = {path:?} }}"),
        None => "direct {}".to_owned(),
    };
    format!("disable_checkpoint = true\nprovider_installation {{\n  {installation}\n}}\n")
}

/// A root that Terraform works in. Its state goes with it.
pub(crate) struct Root {
    scratch: Scratch,
    /// Where in the copy the root is: it may need what lies beside it.
    folder: PathBuf,
    variables: Vec<String>,
}

impl Root {
    /// A copy of a folder of the repository, with the modules, initialised.
    pub(crate) fn of(folder: &str) -> Self {
        let scratch = Scratch::new();
        for part in ["modules", folder] {
            copy(&repository().join(part), &scratch.path(part));
        }
        let root = Self { folder: scratch.path(folder), scratch, variables: Vec::new() };
        root.init();
        root
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// One without files.
    pub(crate) fn empty() -> Self {
        let scratch = Scratch::new();
        let folder = scratch.path("root");
        fs::create_dir(&folder).unwrap();
        Self { folder, scratch, variables: Vec::new() }
    }

    /// One of this configuration alone, initialised.
    pub(crate) fn from_text(text: &str) -> Self {
        let root = Self::empty();
        root.write("main.tf", text);
        root.init();
        root
    }

    fn init(&self) {
        self.write(".terraform.lock.hcl", LOCK);
        self.try_init().ok();
    }

    fn try_init(&self) -> Ran {
        // A cache of plugins must not be filled by two at a time.
        static ONE_BY_ONE: Mutex<()> = Mutex::new(());
        let _turn = ONE_BY_ONE.lock().unwrap_or_else(PoisonError::into_inner);
        self.terraform(&["init", "-input=false", "-no-color"]).run()
    }

    /// Sets variables for all that follows, in place of those set before.
    pub(crate) fn set(&mut self, variables: &[(&str, &str)]) {
        self.variables = variables.iter().map(|(name, value)| format!("-var={name}={value}")).collect();
    }

    /// Writes one of its files.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.join(name), text).unwrap();
    }

    /// Changes the text of one of its files.
    pub(crate) fn change(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.folder.join(name)).unwrap();
        assert!(text.contains(from), "{name} has no `{from}`");
        self.write(name, &text.replace(from, to));
    }

    /// `terraform`, without a server.
    pub(crate) fn terraform(&self, arguments: &[&str]) -> Program {
        self.settings(Program::new("terraform").args(arguments))
    }

    fn on(&self, server: &Server, account: &str, arguments: &[&str]) -> Ran {
        let terraform = server.administrator_of(account).arg("terraform").args(arguments);
        self.settings(terraform.args(["-input=false", "-no-color"]).args(&self.variables)).run()
    }

    fn settings(&self, program: Program) -> Program {
        let config = self.scratch.write("terraform.rc", &cli_config());
        let program = match env::var_os("TF_PLUGIN_CACHE_DIR") {
            Some(cache) => program
                .env("TF_PLUGIN_CACHE_DIR", cache)
                .env("TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE", "true"),
            None => program,
        };
        program
            .dir(&self.folder)
            .env("TF_CLI_CONFIG_FILE", config)
            .env("CHECKPOINT_DISABLE", "1")
            .limit(LIMIT)
    }

    /// `rolecall local exec --account … -- terraform apply`
    pub(crate) fn apply(&self, server: &Server, account: &str) -> Ran {
        self.on(server, account, &["apply", "-auto-approve"])
    }

    /// Applies, and plans again: there must be nothing left to do.
    #[track_caller]
    pub(crate) fn settle(&self, server: &Server, account: &str) {
        self.apply(server, account).ok();
        let plan = self.on(server, account, &["plan", "-detailed-exitcode"]);
        assert!(plan.code == 0, "the plan after the apply wants to change something\n{}", plan.ending());
    }

    /// Destroys all of it.
    #[track_caller]
    pub(crate) fn destroy(&self, server: &Server, account: &str) {
        self.on(server, account, &["destroy", "-auto-approve"]).ok();
    }

    /// An output's value.
    pub(crate) fn output(&self, name: &str) -> serde_json::Value {
        serde_json::from_str(&self.terraform(&["output", "-json", name]).run().ok()).unwrap()
    }
}
