//! `rolecall whoami`: who you are to AWS, and by which path the credentials came.

mod path;

use std::time::SystemTime;

use rolecall::{Identity, identify};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use self::path::Place;
use crate::command::role::{Role, Source};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::runtime;

const EXAMPLES: &str = "\
Examples:
  rolecall whoami
  rolecall whoami --profile dev --json
  rolecall whoami --role-arn arn:aws:iam::222222222222:role/switch-role
  rolecall exec --role-arn arn:aws:iam::222222222222:role/switch-role -- rolecall whoami

The JSON has `account`, `arn`, `userId`, `accessKeyId`, `region`, `expires` (RFC 3339, or null if the credentials have no
end that is known), `path` (a list of `kind` and `detail`, from the outermost place to the innermost), and with
`--role-arn` the same of the caller under `caller`.";

/// Say who you are to AWS, and by which path the credentials came
///
/// Asks AWS (GetCallerIdentity, which needs no permission) and shows where the credentials that signed the question were
/// found: environment variables, a profile and its file, a web identity token, the container's or the instance's
/// endpoint. With `--role-arn` the role is assumed first.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,

    /// Assume this role first
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,

    #[command(flatten)]
    role: Role,

    #[command(flatten)]
    source: Source,
}

/// Runs it.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    let report = runtime::current_thread()?.block_on(ask(args))?;
    if args.json {
        out.line(format_args!("{:#}", report.json()))?;
    } else {
        for line in report.lines() {
            out.line(line)?;
        }
    }
    Ok(Exit::Success)
}

async fn ask(args: &Args) -> Result<Report, Failure> {
    let config = args.source.environment().load().await;
    let now = config.time_source().map(|clock| clock.now());
    let region = config.region().map(ToString::to_string);
    let mine = identify(&config).await?;
    let profile = args.source.profile.as_deref();
    let path = path::of(mine.origin(), profile);
    let me = Report { identity: mine, path, region, now, caller: None };
    let Some(role_arn) = &args.role_arn else { return Ok(me) };

    let session = args.role.session(role_arn, &args.source)?.config(config).build().await?;
    let identity = identify(&session.sdk_config()).await?;
    let path = path::of(identity.origin(), profile);
    Ok(Report { identity, path, region: me.region.clone(), now, caller: Some(Box::new(me)) })
}

/// What is printed.
struct Report {
    identity: Identity,
    path: Vec<Place>,
    region: Option<String>,
    now: Option<SystemTime>,
    /// Who assumed the role, if one was asked for.
    caller: Option<Box<Self>>,
}

impl Report {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("account  {}", self.identity.account()),
            format!("arn      {}", self.identity.arn()),
            format!("user id  {}", self.identity.user_id()),
            format!("key      {}", self.identity.access_key_id()),
            format!("region   {}", self.region.as_deref().unwrap_or("not set")),
        ];
        let path: Vec<String> = self.path.iter().map(ToString::to_string).collect();
        lines.push(match (path.as_slice(), &self.caller) {
            ([], _) => "from     unknown: the provider does not say".to_owned(),
            (path, None) => format!("from     {}", path.join(", ")),
            (path, Some(caller)) => format!("from     {} by {}", path.join(", "), caller.identity.arn()),
        });
        lines.push(match (self.identity.expires(), self.now) {
            (None, _) => "expires  no end is known".to_owned(),
            (Some(ends), now) => format!("expires  {}{}", moment(ends), left(ends, now)),
        });
        if let Some(caller) = &self.caller {
            lines.push(String::new());
            lines.push("The caller, who assumed the role:".to_owned());
            lines.extend(caller.lines());
        }
        lines
    }

    fn json(&self) -> Value {
        let path: Vec<Value> =
            self.path.iter().map(|place| json!({ "kind": place.kind, "detail": place.detail })).collect();
        let mut report = json!({
            "account": self.identity.account(),
            "arn": self.identity.arn(),
            "userId": self.identity.user_id(),
            "accessKeyId": self.identity.access_key_id(),
            "region": self.region,
            "expires": self.identity.expires().map(moment),
            "path": path,
        });
        if let (Some(caller), Some(report)) = (&self.caller, report.as_object_mut()) {
            report.insert("caller".to_owned(), caller.json());
        }
        report
    }
}

/// `2026-11-22T09:00:00Z`
fn moment(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let time =
        i64::try_from(seconds).ok().and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_else(|| "beyond the year 9999".to_owned())
}

fn left(ends: SystemTime, now: Option<SystemTime>) -> String {
    let Some(now) = now else { return String::new() };
    match ends.duration_since(now).map(|left| left.as_secs() / 60) {
        Err(_) => " (has ended)".to_owned(),
        Ok(0) => " (in less than a minute)".to_owned(),
        Ok(1) => " (in 1 minute)".to_owned(),
        Ok(minutes @ 2..120) => format!(" (in {minutes} minutes)"),
        Ok(minutes) => format!(" (in {} hours)", minutes / 60),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn moments() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_800_000_000_999);
        assert_eq!(moment(time), "2027-01-15T08:00:00Z");
        assert_eq!(
            moment(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::MAX / 4)),
            "beyond the year 9999"
        );
    }

    #[test]
    fn what_is_left() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        for (seconds, expected) in [
            (0, " (in less than a minute)"),
            (60, " (in 1 minute)"),
            (3599, " (in 59 minutes)"),
            (43_200, " (in 12 hours)"),
        ] {
            assert_eq!(left(now + Duration::from_secs(seconds), Some(now)), expected);
        }
        assert_eq!(left(now, Some(now + Duration::from_secs(1))), " (has ended)");
    }
}
