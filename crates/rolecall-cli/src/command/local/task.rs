//! `rolecall local task`: runs a program as Fargate runs a task.

use std::ffi::OsString;
use std::process::Command;

use super::Server;
use super::environment::point_at;
use crate::command::exec::child;
use crate::command::exec::environment::Plan;
use crate::command::exec::shadow::Shadow;
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;
use crate::runtime;

const EXAMPLES: &str = "\
Examples:
  rolecall local task --role arn:aws:iam::111111111111:role/task-role -- python task.py
  rolecall local task --role arn:aws:iam::111111111111:role/task-role --region eu-west-1 -- \\
      rolecall exec --role-arn arn:aws:iam::222222222222:role/switch-role -- ./task";

/// Run a program as Fargate would run it, under a task role
///
/// ECS assumes the role, if its trust policy lets it. The program gets its credentials from the container endpoint,
/// finds the task's metadata, and sees nothing of your own credentials.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The task role
    #[arg(long, value_name = "ARN")]
    role: String,

    /// The region the task is in
    #[arg(long, value_name = "REGION", env = "AWS_REGION", default_value = "us-east-1")]
    region: String,

    #[command(flatten)]
    server: Server,

    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Runs it.
pub(super) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    runtime::current_thread()?.block_on(async {
        let Some((program, arguments)) = args.command.split_first() else {
            return Err(Failure::new(Kind::Usage, "there is no program to run"));
        };
        let client = args.server.client();
        let task = client.start_task(&args.role, &args.region).await?;
        let url = client.endpoint_url();
        let shadow = Shadow::cast(out);
        let plan = Plan {
            uri: &task.credentials_uri,
            token: &task.token,
            region: Some(&args.region),
            endpoint_url: Some(&url),
            fips: false,
            dual_stack: false,
            shadow: &shadow,
        };
        let mut command = Command::new(program);
        command.args(arguments);
        plan.apply(&mut command);
        point_at(&mut command, &url);
        command
            .env("ECS_CONTAINER_METADATA_URI_V4", format!("{url}/v4/{}", task.id))
            .env("AWS_EXECUTION_ENV", "AWS_ECS_FARGATE");
        let exit = child::run(command, program).await;
        // The server may have been stopped meanwhile: then the task is gone with it.
        client.stop_task(&task.id).await.unwrap_or_default();
        exit
    })
}
