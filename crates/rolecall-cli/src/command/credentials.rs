//! `rolecall credentials`: a role's credentials, printed for what cannot use an endpoint.

mod circle;
mod github;

use std::path::PathBuf;
use std::time::SystemTime;

use rolecall_endpoint::Fetched;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::command::exec::keep_out_of_core_files;
use crate::command::mfa::Terminal;
use crate::command::role::{Role, Source};
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;
use crate::runtime;

const EXAMPLES: &str = "\
Examples:
  eval \"$(rolecall credentials --role-arn arn:aws:iam::222222222222:role/switch-role)\"
  eval \"$(rolecall credentials --profile orders)\"
  rolecall credentials --socket /run/rolecall/socket --role orders --format json

In ~/.aws/config, for every program that reads it:
  [profile orders]
  credential_process = rolecall credentials --profile base --format process --role-arn arn:aws:iam::222222222222:role/switch-role

In a step of a GitHub Actions job, for the steps after it:
  rolecall credentials --format github --role-arn arn:aws:iam::222222222222:role/switch-role

They are printed once and end when they end: where a program can be started by `rolecall exec`, or
can reach `rolecall serve`, it gets new ones by itself. With `credential_process` an SDK asks again. There,
`--profile` says where to start from: the profile that runs this command cannot be that.";

/// Print a role's credentials, for the shell or for `credential_process`
///
/// The role is assumed, or the credentials are fetched from a `rolecall serve` of this machine over its Unix socket.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The role to assume [default: the one that the profile is for]
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,

    /// The Unix socket of a `rolecall serve`, instead of assuming a role
    #[arg(long, value_name = "PATH", conflicts_with = "role_arn", requires = "name")]
    socket: Option<PathBuf>,

    /// The name of the role there
    #[arg(id = "name", long = "role", value_name = "NAME", requires = "socket")]
    name: Option<String>,

    /// How they are printed
    #[arg(long, value_enum, default_value = "env")]
    format: Format,

    #[command(flatten)]
    role: Role,

    #[command(flatten)]
    source: Source,
}

/// What reads the credentials.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// `export NAME='value'`, for `eval` in sh, bash and zsh
    Env,
    /// `set -gx NAME 'value'`
    Fish,
    /// `$Env:NAME = 'value'`
    Powershell,
    /// `NAME=value`, for an env file
    Dotenv,
    /// What `credential_process` in ~/.aws/config wants
    Process,
    /// For the steps that follow in a GitHub Actions job: written to GITHUB_ENV, and masked in its log
    Github,
    /// One object, with the role and the region
    Json,
}

/// Credentials and what goes with them.
struct Given {
    credentials: Fetched,
    region: Option<String>,
}

/// Runs it.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    keep_out_of_core_files();
    let given = runtime::current_thread()?.block_on(given(args))?;
    for line in lines(args.format, &given)? {
        out.line(line)?;
    }
    Ok(Exit::Success)
}

async fn given(args: &Args) -> Result<Given, Failure> {
    if let (Some(socket), Some(name)) = (&args.socket, &args.name) {
        if args.source.profile.is_some() || !args.role.is_plain() {
            let what = "with `--socket` it is the one who serves that says everything about the role";
            return Err(
                Failure::new(Kind::Usage, what).hint("leave out `--profile` and what is about the session")
            );
        }
        let fetched = rolecall_endpoint::fetch(socket, name).await;
        let credentials = fetched.map_err(|error| {
            Failure::new(Kind::NoCredentials, error).hint(format_args!(
                "it is served by `rolecall serve --socket {}`; `rolecall serve --check` says whether it is ready",
                socket.display()
            ))
        })?;
        return Ok(Given { credentials, region: args.source.region.clone() });
    }
    circle::refuse(args.source.profile().await?.as_ref(), args.source.profile.is_some())?;
    let session = args.role.session(args.role_arn.as_deref(), &args.source, &Terminal::default()).await?;
    let session = session.build().await?;
    let held = session.credentials().await?;
    let expiration = held.expiry().and_then(moment);
    let expiration =
        expiration.ok_or_else(|| Failure::new(Kind::Other, "AWS gave credentials without an end"))?;
    let credentials = Fetched {
        access_key_id: held.access_key_id().to_owned(),
        secret_access_key: held.secret_access_key().to_owned(),
        session_token: held.session_token().unwrap_or_default().to_owned(),
        expiration,
        account_id: Some(session.role().account().to_owned()),
        role_arn: Some(session.role().as_str().to_owned()),
    };
    Ok(Given { credentials, region: session.region().map(str::to_owned) })
}

/// To the second, as SDKs read it.
fn moment(time: SystemTime) -> Option<String> {
    OffsetDateTime::from(time).replace_nanosecond(0).ok()?.format(&Rfc3339).ok()
}

fn lines(format: Format, given: &Given) -> Result<Vec<String>, Failure> {
    let Given { credentials, region } = given;
    let variables = || {
        let regions =
            region.iter().flat_map(|region| [("AWS_REGION", region), ("AWS_DEFAULT_REGION", region)]);
        let keys = [
            ("AWS_ACCESS_KEY_ID", &credentials.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", &credentials.secret_access_key),
            ("AWS_SESSION_TOKEN", &credentials.session_token),
            ("AWS_CREDENTIAL_EXPIRATION", &credentials.expiration),
        ];
        keys.into_iter().chain(regions)
    };
    let lines = match format {
        Format::Github => {
            let Fetched { access_key_id, secret_access_key, session_token, .. } = credentials;
            let secrets = [access_key_id.as_str(), secret_access_key, session_token];
            github::export(std::env::var_os("GITHUB_ENV"), &secrets, variables())?
        }
        Format::Env => {
            variables().map(|(name, value)| format!("export {name}={}", quoted(value, "'\\''"))).collect()
        }
        Format::Fish => {
            variables().map(|(name, value)| format!("set -gx {name} {}", quoted(value, "\\'"))).collect()
        }
        Format::Powershell => {
            variables().map(|(name, value)| format!("$Env:{name} = {}", quoted(value, "''"))).collect()
        }
        Format::Dotenv => variables().map(|(name, value)| format!("{name}={value}")).collect(),
        Format::Process => vec![
            json!({
                "Version": 1,
                "AccessKeyId": credentials.access_key_id,
                "SecretAccessKey": credentials.secret_access_key,
                "SessionToken": credentials.session_token,
                "Expiration": credentials.expiration,
                "AccountId": credentials.account_id,
            })
            .to_string(),
        ],
        Format::Json => {
            let all = json!({
                "schema": "rolecall/credentials/1",
                "accessKeyId": credentials.access_key_id,
                "secretAccessKey": credentials.secret_access_key,
                "sessionToken": credentials.session_token,
                "expiration": credentials.expiration,
                "accountId": credentials.account_id,
                "roleArn": credentials.role_arn,
                "region": region,
            });
            vec![format!("{all:#}")]
        }
    };
    Ok(lines)
}

/// In single quotes; `escape` stands for a single quote inside.
fn quoted(value: &str, escape: &str) -> String {
    format!("'{}'", value.replace('\'', escape))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The format has no continuation: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>
    #[test]
    fn the_example_of_a_profile_is_one_line() {
        let line = EXAMPLES.lines().find(|line| line.contains("credential_process = ")).unwrap();
        assert!(line.contains("--profile base") && line.ends_with(":role/switch-role"), "{line}");
    }

    #[test]
    fn each_format() {
        let credentials = Fetched {
            access_key_id: "ASIA1".to_owned(),
            secret_access_key: "s/e+'c".to_owned(),
            session_token: "t==".to_owned(),
            expiration: "2026-01-01T00:00:00Z".to_owned(),
            account_id: Some("222222222222".to_owned()),
            role_arn: None,
        };
        let given = Given { credentials, region: Some("eu-west-1".to_owned()) };
        for (format, second) in [
            (Format::Env, r"export AWS_SECRET_ACCESS_KEY='s/e+'\''c'"),
            (Format::Fish, r"set -gx AWS_SECRET_ACCESS_KEY 's/e+\'c'"),
            (Format::Powershell, "$Env:AWS_SECRET_ACCESS_KEY = 's/e+''c'"),
            (Format::Dotenv, "AWS_SECRET_ACCESS_KEY=s/e+'c"),
        ] {
            let lines = lines(format, &given).unwrap();
            assert_eq!((lines.len(), lines[1].as_str()), (6, second));
        }
        let process: serde_json::Value =
            serde_json::from_str(&lines(Format::Process, &given).unwrap()[0]).unwrap();
        assert_eq!((&process["Version"], &process["SessionToken"]), (&json!(1), &json!("t==")));
    }
}
