//! An object in a bucket of another account, through a role there.
//!
//! ```text
//! ROLE_ARN=arn:aws:iam::222222222222:role/switch-role BUCKET=parcels cargo run -p e2e --example s3
//! ```

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "the example is a program of its own, for readers"
)]

use std::error::Error;

use aws_sdk_s3::primitives::ByteStream;
use rolecall::Session;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (role, bucket) = (std::env::var("ROLE_ARN")?, std::env::var("BUCKET")?);
    // The session can do no more than the role and this policy allow, both.
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::{bucket}/*"}}]}}"#
    );
    let session = Session::builder(role).policy(policy).build().await?;
    let s3 = aws_sdk_s3::Client::new(&session.sdk_config());

    let report = ByteStream::from_static(b"all is well");
    s3.put_object().bucket(&bucket).key("report.txt").body(report).send().await?;
    let found = s3.get_object().bucket(&bucket).key("report.txt").send().await?;
    let found = found.body.collect().await?.into_bytes();
    println!("found: {}", String::from_utf8_lossy(&found));
    Ok(())
}
