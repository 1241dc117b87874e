//! The default configuration, one AssumeRole, and the credentials as `credential_process` wants them.

#![expect(clippy::print_stdout, reason = "a program that prints credentials")]

use aws_config::BehaviorVersion;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let role = std::env::args().nth(1).ok_or("which role?")?;
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let sts = aws_sdk_sts::Client::new(&config);
    let answer = sts.assume_role().role_arn(role).role_session_name("naive").send().await?;
    let given = answer.credentials().ok_or("no credentials")?;
    println!(
        r#"{{"Version":1,"AccessKeyId":"{}","SecretAccessKey":"{}","SessionToken":"{}","Expiration":"{}"}}"#,
        given.access_key_id(),
        given.secret_access_key(),
        given.session_token(),
        given.expiration()
    );
    Ok(())
}
