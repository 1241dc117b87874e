//! `rolecall local exec`: runs a program as the administrator of a local account.

use std::ffi::OsString;
use std::process::Command;

use rolecall_iam::AccountId;

use super::Server;
use super::environment::point_at;
use crate::command::exec::child;
use crate::command::exec::environment::REMOVED;
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;
use crate::runtime;

const EXAMPLES: &str = "\
Examples:
  rolecall local exec --account 111111111111 -- terraform apply
  rolecall local exec --account 222222222222 --region eu-west-1 -- aws dynamodb list-tables";

/// Run a program as the administrator of a local account
///
/// The program's environment has `AWS_ENDPOINT_URL` and keys; production Terraform applies as it is, also with
/// providers that assume `OrganizationAccountAccessRole` in another account.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The account, twelve digits; it is made where it does not exist
    #[arg(long, value_name = "ACCOUNT")]
    account: AccountId,

    /// The region the program is in
    #[arg(long, value_name = "REGION", env = "AWS_REGION", default_value = "us-east-1")]
    region: String,

    #[command(flatten)]
    server: Server,

    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Runs it.
pub(super) fn run(args: &Args, _: &mut Out) -> Result<Exit, Failure> {
    runtime::current_thread()?.block_on(async {
        let Some((program, arguments)) = args.command.split_first() else {
            return Err(Failure::new(Kind::Usage, "there is no program to run"));
        };
        let client = args.server.client();
        let administrator = client.administrator(args.account.as_str()).await?;
        let mut command = Command::new(program);
        command.args(arguments);
        for name in REMOVED {
            command.env_remove(name);
        }
        point_at(&mut command, &client.endpoint_url());
        command
            .env("AWS_ACCESS_KEY_ID", &administrator.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &administrator.secret_access_key)
            .env("AWS_SESSION_TOKEN", &administrator.session_token)
            .env("AWS_REGION", &args.region)
            .env("AWS_DEFAULT_REGION", &args.region)
            .env("AWS_EC2_METADATA_DISABLED", "true");
        child::run(command, program).await
    })
}
