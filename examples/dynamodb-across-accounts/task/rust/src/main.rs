// Lists the tables of another account, with a session that renews itself.
//
// The same as `task.py`, for as long as the task runs: run as the task role, it assumes the role named in
// `ROLE_ARN` and calls DynamoDB there.

use std::env;
use std::error::Error;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let role_arn = env::var("ROLE_ARN").map_err(
        |_| "set ROLE_ARN to the ARN of the switch role, like arn:aws:iam::222222222222:role/switch-role",
    )?;
    let config = rolecall::assumed_role_session(&role_arn).await?;
    let response = Client::new(&config)
        .list_tables()
        .limit(100)
        .send()
        .await
        .map_err(|error| DisplayErrorContext(error).to_string())?;
    println!("{:?}", response.table_names());
    Ok(())
}
