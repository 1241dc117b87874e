//! `rolecall demo`: a task in account 1 uses DynamoDB in account 2, and every way in which it may not.

mod breaks;
mod seed;
mod stage;
mod story;
mod task;

use rolecall_local::{Handle, Local, Settings};
use rolecall_terraform::estate::Infrastructure;

use self::stage::Stage;
use self::story::Story;
use crate::command::check::with_room;
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;
use crate::runtime;

const EXAMPLES: &str = "\
Examples:
  rolecall demo
  rolecall demo --keep     leave it running, and print how to point other programs at it";

/// See the whole path: a task in account 1 uses DynamoDB in account 2
///
/// Needs nothing but this program. Two accounts are made in a local AWS, with the roles and policies of the
/// path, from the Terraform in `examples/dynamodb-across-accounts/seed`, which Terraform itself need not read. The
/// task then runs as ECS would run it: ECS assumes the task role, `rolecall exec` assumes the switch role, and a
/// program lists the tables; all over HTTP, signed, with real sessions. Then the path is broken one link at a time:
/// each refusal is shown with its explanation.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Leave the local AWS running afterwards, until Ctrl-C
    #[arg(long)]
    keep: bool,

    /// The port of the local AWS; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,

    /// Be the program that runs in the task
    #[arg(long, hide = true)]
    in_the_task: bool,
}

/// Runs it.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    if args.in_the_task {
        return runtime::current_thread()?.block_on(task::run(out));
    }
    let seed = with_room(seed::read)?;
    let settings = Settings {
        port: args.port,
        data: None,
        root_secret: None,
        dynamodb_upstream: None,
        management_account: None,
        explain_all: true,
        clock: crate::clock::now,
        skew: 0,
    };
    runtime::multi_thread()?.block_on(async {
        let local = Local::start(&settings).await.map_err(|error| Failure::new(Kind::Other, error))?;
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (address, handle) = (local.address(), local.handle());
        let served = tokio::spawn(local.serve(async {
            stopped.await.unwrap_or_default();
        }));
        let stage = Stage::new(address);
        let result = tell((&stage, &seed), &handle, args.keep, out).await;
        drop(stop);
        served.await.map_err(|error| Failure::new(Kind::Other, error))?;
        result
    })
}

async fn tell(
    (stage, seed): (&Stage, &Infrastructure),
    handle: &Handle,
    keep: bool,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let mut story = Story::new(out, handle.clone());
    story.opening(stage.address())?;
    stage.build(seed, &mut story).await?;
    let mut as_expected = story.whole_path(&stage.run_task(None).await?)?;
    for link in breaks::ALL {
        (link.cut)(stage).await?;
        story.forget();
        let outcome = stage.run_task(link.external_id).await?;
        as_expected &= story.broken(link, &outcome)?;
        (link.mend)(stage).await?;
    }
    story.forget();
    as_expected &= story.mended(&stage.run_task(None).await?)?;
    if keep {
        story.keep(stage.address())?;
        tokio::signal::ctrl_c().await?;
    }
    Ok(if as_expected { Exit::Success } else { Exit::No })
}
