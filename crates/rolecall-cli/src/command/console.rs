//! `rolecall console`: a URL that signs in to the AWS console as a role.

mod browser;
mod signin;

use std::time::Duration;

use rolecall::Session;
use serde_json::json;

use self::signin::SignIn;
use crate::command::exec::keep_out_of_core_files;
use crate::command::mfa::Terminal;
use crate::command::role::{Role, Source};
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;
use crate::runtime;

const EXAMPLES: &str = "\
Examples:
  rolecall console --role-arn arn:aws:iam::222222222222:role/switch-role --open
  rolecall console --profile orders --service dynamodb --region eu-west-1
  rolecall console --role-arn arn:aws:iam::222222222222:role/switch-role --duration 8h --open

The URL is a secret: whoever has it within 15 minutes is signed in as the role. It goes to standard output, and with
--open to the browser only, where other users of this machine may see it among the programs that run.

How long the console session lasts: as long as the role's credentials, an hour, or --duration, up to 12h. AWS takes no
duration from a role's session that assumes another role (--via, or in ECS, EKS, EC2, with IAM Identity Center): then it
is an hour. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html";

/// Sign in to the AWS console as a role
///
/// The role is assumed, and its credentials are exchanged at AWS's sign-in endpoint for a URL that opens the console.
/// No password and no user of that account is needed.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES, mut_arg("duration", |it| it.help(DURATION)))]
pub(crate) struct Args {
    /// The role to sign in as [default: the one that the profile is for]
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,

    /// Open it in the browser, and do not print it
    #[arg(long, conflicts_with = "json")]
    open: bool,

    /// The service whose console to open, by its name in the console's addresses: `dynamodb`, `s3`, `ecs`
    #[arg(long, value_name = "NAME", value_parser = signin::service)]
    service: Option<String>,

    /// The page of the console to open
    #[arg(long, value_name = "URL", conflicts_with = "service", value_parser = signin::page)]
    destination: Option<String>,

    /// Where the console sends people whose session has ended: your own page to sign in
    #[arg(long, value_name = "URL", value_parser = signin::page)]
    issuer: Option<String>,

    /// The sign-in endpoint, instead of the one of the role's partition
    #[arg(long, value_name = "URL", value_parser = signin::endpoint)]
    signin_url: Option<String>,

    /// Print one JSON object
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    role: Role,

    #[command(flatten)]
    source: Source,
}

const DURATION: &str = "How long the console session lasts: `900`, `30m`, up to `12h` [default: 1h]";

/// Runs it.
pub(crate) fn run(mut args: Args, out: &mut Out) -> Result<Exit, Failure> {
    keep_out_of_core_files();
    // The role's own credentials are needed for a moment only.
    let duration = args.role.duration.take();
    signin::check(duration)?;
    let is_chained = args.role.is_chained();
    if is_chained && duration.is_some_and(|duration| duration != HOUR) {
        out.note(ONE_HOUR);
    }
    let duration = duration.filter(|_| !is_chained);
    let (url, session) = runtime::current_thread()?.block_on(sign_in(&args, duration, out))?;
    if args.open {
        browser::open(&url)?;
        out.note(format_args!("the console opens as {}", session.arn()));
    } else if args.json {
        let all = json!({ "schema": "rolecall/console/1", "url": url, "arn": session.arn() });
        out.line(format_args!("{all:#}"))?;
    } else {
        out.line(url)?;
    }
    Ok(Exit::Success)
}

const HOUR: Duration = Duration::from_secs(3600);
const ONE_HOUR: &str =
    "the console session lasts an hour: AWS takes no duration where a role's session assumes the role";

async fn sign_in(
    args: &Args,
    duration: Option<Duration>,
    out: &mut Out,
) -> Result<(String, Session), Failure> {
    let session = args.role.session(args.role_arn.as_deref(), &args.source, &Terminal::default()).await?;
    let session = session.build().await?;
    let partition = session.role().partition();
    let (endpoint, console) = signin::hosts(partition);
    let Some(endpoint) = args.signin_url.as_deref().or(endpoint) else {
        return Err(Failure::new(
            Kind::Usage,
            format!("the sign-in endpoint of the partition `{partition}` is not known"),
        )
        .hint("give it: `--signin-url https://…/federation --destination https://…`"));
    };
    let destination = match (&args.destination, console) {
        (Some(page), _) => page.clone(),
        (None, Some(console)) => signin::destination(console, args.service.as_deref(), session.region()),
        (None, None) => {
            let text = format!("the console of the partition `{partition}` is not known");
            return Err(Failure::new(Kind::Usage, text).hint("give it: `--destination https://…`"));
        }
    };
    let held = session.credentials().await?;
    let credentials = json!({
        "sessionId": held.access_key_id(),
        "sessionKey": held.secret_access_key(),
        "sessionToken": held.session_token(),
    });
    let sign_in = SignIn { endpoint, credentials: credentials.to_string() };
    let token = match sign_in.token(duration).await {
        // Whether the caller was a role's session is not always known here, and AWS says no more than 400.
        Err(signin::Failed::Refused(status)) if duration.is_some() => {
            tracing::debug!(status, "the sign-in endpoint refused; it is asked again without a duration");
            let token = sign_in.token(None).await?;
            out.note(ONE_HOUR);
            token
        }
        result => result?,
    };
    Ok((sign_in.url(&token, &destination, args.issuer.as_deref()), session))
}
