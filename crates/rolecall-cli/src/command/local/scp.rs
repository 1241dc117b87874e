//! `rolecall local scp`: the service control policy of a local account.

use std::path::PathBuf;

use rolecall_iam::AccountId;

use super::Server;
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;
use crate::runtime;

const EXAMPLES: &str = "\
Examples:
  rolecall local scp 222222222222 deny-dynamodb.json
  rolecall local scp 222222222222 --clear";

/// Attach a service control policy to a local account, or take it away
///
/// The policy stands alone on the account, in place of `FullAWSAccess`: it allows only what it says it allows. The
/// root of the organisation keeps `FullAWSAccess`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The account, twelve digits
    #[arg(value_name = "ACCOUNT")]
    account: AccountId,

    /// The policy document
    #[arg(value_name = "FILE", required_unless_present = "clear", conflicts_with = "clear")]
    file: Option<PathBuf>,

    /// Take the policy away: `FullAWSAccess` is attached again
    #[arg(long)]
    clear: bool,

    #[command(flatten)]
    server: Server,
}

/// Runs it.
pub(super) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    let policy = args.file.as_ref().map(|path| {
        let read = std::fs::read_to_string(path);
        read.map_err(|error| {
            Failure::new(Kind::Usage, format!("`{}` cannot be read: {error}", path.display()))
        })
    });
    let policy = policy.transpose()?;
    runtime::current_thread()?.block_on(async {
        args.server.client().set_service_control(args.account.as_str(), policy.as_deref()).await?;
        let what = if args.clear { "FullAWSAccess" } else { "the policy" };
        out.line(format_args!("account {} has {what} attached", args.account))?;
        Ok(Exit::Success)
    })
}
