//! A role that is reached through another: each hop may say something of its own, and an error says at which hop it was.
//!
//! ```text
//! cargo run -p e2e --example chain -- arn:aws:iam::222222222222:role/switch-role arn:aws:iam::333333333333:role/far
//! ```

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the example is a program of its own, for readers"
)]

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use rolecall::{Hop, Session};

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(on_the_way), Some(role)) = (arguments.next(), arguments.next()) else {
        return Err("two ARNs of roles are needed".into());
    };
    let session = Session::builder(role)
        .via(Hop::to(on_the_way).external_id("partner-7"))
        .session_name("nightly-report")
        .duration(Duration::from_secs(1800))
        .build()
        .await;
    let session = match session {
        Ok(session) => session,
        Err(error) => {
            eprintln!("{error}");
            // What to change, for this caller and this role.
            eprintln!("{}", error.hint().unwrap_or_default());
            return Ok(ExitCode::FAILURE);
        }
    };
    let tables = aws_sdk_dynamodb::Client::new(&session.sdk_config()).list_tables().send().await?;
    println!("{} sees {:?}", session.arn(), tables.table_names());
    Ok(ExitCode::SUCCESS)
}
