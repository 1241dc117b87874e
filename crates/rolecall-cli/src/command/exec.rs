//! `rolecall exec`: runs a program as a role.
//!
//! The role is assumed before the program starts. The program finds a credentials endpoint in its environment, which every
//! AWS SDK knows how to use, and which this process serves and keeps fresh until the program ends.

mod check;
pub(crate) mod child;
pub(crate) mod environment;
mod init;
pub(crate) mod shadow;
mod signals;
pub(crate) mod tether;

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rolecall::Horizon;
use rolecall_endpoint::Endpoint;

use self::environment::Plan;
use self::shadow::Shadow;
use crate::command::lookup::Surroundings;
use crate::command::mfa::Terminal;
use crate::command::role::{Role, Source};
use crate::command::vend::SessionVend;
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;
use crate::runtime;

const EXAMPLES: &str = "\
Examples:
  rolecall exec --role-arn arn:aws:iam::222222222222:role/switch-role -- python task.py
  rolecall exec --role-arn arn:aws:iam::222222222222:role/switch-role -- aws dynamodb list-tables
  rolecall exec --profile orders -- ./report               # the role that the profile names, with all it says
  rolecall exec --role-arn arn:aws:iam::333333333333:role/reader \\
      --via arn:aws:iam::222222222222:role/switch-role --session-name nightly -- ./report

The program's environment:
  Its SDK finds its credentials at AWS_CONTAINER_CREDENTIALS_FULL_URI, with AWS_CONTAINER_AUTHORIZATION_TOKEN.
  AWS_REGION and AWS_DEFAULT_REGION are set. What an SDK would look at first is taken out: keys, profiles, web
  identity tokens, and credentials in the default profile and in ~/.boto. The rest is as it was. A program that would
  still take other credentials is not started.

If rolecall itself is killed (SIGKILL, out of memory), the program is sent SIGTERM: nobody would renew its credentials.
That is so on Linux.";

/// Run a program as a role, with credentials that refresh themselves
///
/// The role is assumed before the program starts. Any program with an AWS SDK then gets its credentials from this
/// process, over the endpoint that containers use, and gets new ones before they end: it may run for days. Signals are
/// passed on to the program, and its exit code is passed back.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The role to run as [default: the one that the profile is for]
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,

    #[command(flatten)]
    role: Role,

    #[command(flatten)]
    source: Source,

    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Runs it.
pub(crate) fn run(args: Args, out: &mut Out) -> Result<Exit, Failure> {
    if std::process::id() == 1 {
        return init::run();
    }
    runtime::current_thread()?.block_on(serve(args, out))
}

async fn serve(args: Args, out: &mut Out) -> Result<Exit, Failure> {
    let Args { role_arn, role, source, command } = args;
    let Some((program, arguments)) = command.split_first() else {
        return Err(Failure::new(Kind::Usage, "there is no program to run"));
    };
    keep_out_of_core_files();
    let terminal = Terminal::default();
    let session = role.session(role_arn.as_deref(), &source, &terminal).await?;
    let session = session.horizon(Horizon::Serving).build().await?;
    tracing::info!(session = session.arn(), "the role is assumed");

    let endpoint = Endpoint::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        .await
        .map_err(|error| Failure::new(Kind::Other, error))?;
    let route = endpoint.add(Arc::new(SessionVend::new(session.clone())))?;

    // What it holds is removed when it is dropped, after the program has ended.
    let shadow = Shadow::cast(out);
    let config = session.sdk_config();
    let plan = Plan {
        uri: route.uri(),
        token: route.token(),
        region: session.region(),
        endpoint_url: config.endpoint_url(),
        fips: config.use_fips().unwrap_or_default(),
        dual_stack: config.use_dual_stack().unwrap_or_default(),
        shadow: &shadow,
    };
    let mut child = tether::command(program, arguments);
    plan.apply(&mut child);
    check::picks(&Surroundings::of(&child))?;
    if session.region().is_none() {
        out.note("no region is set: `--region` gives the program one");
    }

    terminal.give_away();
    tokio::select! {
        exit = child::run(child, program) => exit,
        () = endpoint.serve(std::future::pending()) => Err(Failure::new(Kind::Other, "the endpoint has ended")),
        () = session.keep_fresh() => Err(Failure::new(Kind::Other, "nothing keeps the credentials fresh")),
    }
}

/// A crash must not write the credentials to disk, and no other process of this user may read them from memory. The
/// program is not affected: its own memory is as dumpable as ever.
pub(crate) fn keep_out_of_core_files() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
    {
        tracing::warn!(%error, "the credentials may end up in a core file");
    }
}
