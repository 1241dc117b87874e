//! `rolecall local`: serves until it is told to stop.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use rolecall_iam::AccountId;
use rolecall_local::{Local, RootSecret, Settings, StartError};
use tokio::signal::unix::{SignalKind, signal};

use super::made::Maker;
use super::{PORT, clock};
use crate::command::check::{Inputs, pair, with_room};
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;
use crate::runtime;

/// How the local AWS is to be.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The loopback port; 0 takes a free one and prints it
    #[arg(long, value_name = "PORT", default_value_t = PORT, env = "ROLECALL_LOCAL_PORT")]
    port: u16,

    /// Keep accounts, IAM and tables here, readable by you alone; without it all is in memory
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Ask for this secret of twelve-digit root keys; without it any secret will do. Better set in the environment: a
    /// command line can be read by everybody on the machine
    #[arg(long, value_name = "SECRET", env = "ROLECALL_ROOT_SECRET", hide_env_values = true, value_parser = NonEmptyStringValueParser::new())]
    root_secret: Option<String>,

    /// Forward DynamoDB to this server, such as DynamoDB Local, behind the same authoriser
    #[arg(long, value_name = "URL")]
    dynamodb_upstream: Option<String>,

    /// The organisation's management account, which service control policies do not restrict
    #[arg(long, value_name = "ACCOUNT", default_value = "000000000000")]
    management_account: AccountId,

    /// Make what this Terraform configuration makes: roles, users, policies and tables, of all accounts in it. Terraform
    /// itself is not needed. May be repeated
    #[arg(long, value_name = "[ACCOUNT=]DIR")]
    terraform: Vec<String>,

    /// The value of a variable of that configuration; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair, requires = "terraform")]
    var: Vec<(String, String)>,

    /// A file with values of its variables; may be repeated
    #[arg(long, value_name = "FILE", requires = "terraform")]
    var_file: Vec<PathBuf>,

    /// Differ from the machine's clock by so much, such as `+10m` or `-10m`: as if the machine's were wrong. `rolecall
    /// local clock` moves on the time that sessions go by; this is for signatures and the `Date` of answers too
    #[arg(long, value_name = "BY", default_value = "+0s", allow_hyphen_values = true, value_parser = clock::seconds)]
    skew: i64,
}

/// Serves until SIGINT or SIGTERM.
pub(super) fn run(args: Options, out: &mut Out) -> Result<Exit, Failure> {
    let secret = args.root_secret.clone().unwrap_or_else(|| "any".to_owned());
    let infrastructure = match args.terraform.is_empty() {
        true => None,
        false => {
            let inputs = Inputs::of_terraform(args.terraform, args.var, args.var_file);
            Some(with_room(|| inputs.infrastructure(out))?)
        }
    };
    let settings = Settings {
        port: args.port,
        data: args.data,
        root_secret: args.root_secret.map(RootSecret::new),
        dynamodb_upstream: args.dynamodb_upstream,
        management_account: Some(args.management_account),
        explain_all: false,
        clock: crate::clock::now,
        skew: args.skew,
    };
    runtime::multi_thread()?.block_on(async {
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let local = Local::start(&settings).await.map_err(not_started)?;
        out.line(format_args!("The local AWS listens on http://{}", local.address()))?;
        if settings.data.is_none() {
            out.note("everything is in memory and ends with this process; `--data DIR` keeps it");
        }
        out.note(format_args!(
            "try `rolecall local exec {}--account 111111111111 -- aws sts get-caller-identity`",
            if args.port == PORT { String::new() } else { format!("--port {} ", local.address().port()) }
        ));
        let address = local.address();
        let served = tokio::spawn(local.serve(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }));
        if let Some(all) = &infrastructure {
            let mut maker = Maker { address, secret, all, made: Vec::new(), left: Vec::new() };
            maker.make().await?;
            for (account, what, how) in &maker.made {
                out.line(format_args!("  {account}  {what:<30} {how}"))?;
            }
            for (unknown, account) in all.symbols.names() {
                if account.parse().is_ok_and(|id| all.estate.account(id).is_some()) {
                    out.note(format_args!("{} is {account} here: nobody has said which it is", unknown.0));
                }
            }
            maker.left.iter().for_each(|what| out.warning(format_args!("not made: {what}")));
        }
        served.await.map_err(|error| Failure::new(Kind::Other, error))?;
        Ok(Exit::Success)
    })
}

fn not_started(error: StartError) -> Failure {
    let port = matches!(error, StartError::Port { .. });
    let failure = Failure::new(Kind::Other, error);
    if port { failure.hint("another program may have it: `--port 0` takes a free one") } else { failure }
}
