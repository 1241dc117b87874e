//! `rolecall local log`: who asked for what, and what was answered.

use serde_json::Value;

use super::Server;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::runtime;

const EXAMPLES: &str = "\
Examples:
  rolecall local log
  rolecall local log --refused
  rolecall local log --json | jq .action";

/// Show the last requests of the local AWS: who asked for what, and for a refusal why
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Only the refusals
    #[arg(long)]
    refused: bool,

    /// One JSON object a line
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    server: Server,
}

/// Runs it.
pub(super) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    runtime::current_thread()?.block_on(async {
        let entries = args.server.client().journal_after(0).await?;
        for entry in entries.iter().filter(|entry| !args.refused || entry["refused"] == true) {
            out.line(if args.json { entry.to_string() } else { line(entry) })?;
        }
        Ok(Exit::Success)
    })
}

/// Time, outcome, action, caller; below a refusal its explanation.
fn line(entry: &Value) -> String {
    let text = |name: &str| entry[name].as_str().unwrap_or("-").to_owned();
    let outcome = entry["code"].as_str().unwrap_or("ok");
    let mut line = format!(
        "{:>5}  {outcome:<28} {}  {}",
        entry["number"].as_u64().unwrap_or_default(),
        text("action"),
        text("caller")
    );
    if let Some(explanation) = entry["explanation"].as_str() {
        for part in explanation.lines() {
            line.push_str("\n         ");
            line.push_str(part);
        }
    }
    line
}
