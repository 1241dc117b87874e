//! A table in another account, through a role there.
//!
//! ```text
//! ROLE_ARN=arn:aws:iam::222222222222:role/switch-role cargo run -p e2e --example dynamodb
//! ```

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "the example is a program of its own, for readers"
)]

use std::error::Error;

use aws_sdk_dynamodb::types::AttributeValue;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let role = std::env::var("ROLE_ARN")?;
    // The first AssumeRole has succeeded when this returns; from here on the credentials refresh themselves.
    let config = rolecall::assumed_role_session(&role).await?;
    let dynamodb = aws_sdk_dynamodb::Client::new(&config);

    let order = AttributeValue::S("order-1".to_owned());
    dynamodb.put_item().table_name("orders").item("id", order.clone()).send().await?;
    let found = dynamodb.get_item().table_name("orders").key("id", order).send().await?;
    println!("found: {}", found.item().is_some());
    Ok(())
}
