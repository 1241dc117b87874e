//! `rolecall whoami`: who you are to AWS, and by which path the credentials came.

mod explain;
mod path;

use std::time::SystemTime;

use rolecall::{Identity, Profile, Session, identify};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use self::explain::Explanation;
use self::path::Place;
use crate::command::lookup::Surroundings;
use crate::command::mfa::{Codes, Terminal};
use crate::command::profile::no_role;
use crate::command::role::{Role, Source};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::runtime;

const EXAMPLES: &str = "\
Examples:
  rolecall whoami
  rolecall whoami --explain                  # each place that was looked at, and what other SDKs take
  rolecall whoami --explain --offline        # the same without a call to AWS
  rolecall whoami --profile dev --json
  rolecall whoami --role-arn arn:aws:iam::222222222222:role/switch-role
  rolecall exec --role-arn arn:aws:iam::222222222222:role/switch-role -- rolecall whoami

The JSON has `account`, `arn`, `userId`, `accessKeyId`, `region`, `expires` (RFC 3339, or null if the credentials have no
end that is known), `path` (a list of `kind` and `detail`, from the outermost place to the innermost), and with
`--role-arn` the same of the caller under `caller`. `--explain` adds `explain`: `places` (`kind`, `state`: taken,
shadowed or absent), `profiles` (each setting on the way and where it stands), `sdks` (what each takes, and whether it is
the same); where AWS does not answer it stands beside `error`.";

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

    /// Show each place where credentials can be, which one won, where that is said, and what other SDKs take
    #[arg(long)]
    explain: bool,

    /// Explain without a call to AWS
    #[arg(long, requires = "explain", conflicts_with = "role_arn")]
    offline: bool,

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
    let explanation = args.explain.then(|| {
        let given = args.source.profile.as_deref();
        Explanation::of(Surroundings::here(), given)
    });
    let asked = (!args.offline).then(|| runtime::current_thread()?.block_on(ask(args)));
    let (report, failure) = match asked {
        Some(Ok(report)) => (Some(report), None),
        Some(Err(failure)) if args.explain => (None, Some(failure)),
        Some(Err(failure)) => return Err(failure),
        None => (None, None),
    };
    if args.json {
        let mut all = report.as_ref().map_or_else(|| json!({}), Report::json);
        if let Some(all) = all.as_object_mut() {
            all.insert("schema".to_owned(), "rolecall/whoami/1".into());
            all.extend(explanation.map(|explanation| ("explain".to_owned(), explanation.json())));
            all.extend(
                failure.as_ref().map(|failure| ("error".to_owned(), failure.error().to_string().into())),
            );
        }
        out.line(format_args!("{all:#}"))?;
    } else {
        let report = report.map(|report| report.lines()).unwrap_or_default();
        let explanation = explanation.map(|explanation| explanation.lines()).unwrap_or_default();
        let gap = (!report.is_empty() && !explanation.is_empty()).then(String::new);
        for line in report.into_iter().chain(gap).chain(explanation) {
            out.line(line)?;
        }
    }
    failure.map_or(Ok(Exit::Success), Err)
}

async fn ask(args: &Args) -> Result<Report, Failure> {
    let Args { role_arn, role, source, .. } = args;
    let config = source.environment().load().await;
    let now = config.time_source().map(|clock| clock.now());
    let profile = source.profile().await?;
    let included = || profile.as_ref().and_then(Profile::region).map(str::to_owned);
    let region = config.region().map(ToString::to_string).or_else(included);
    let codes = Codes::new(role.token_code(), profile.as_ref(), &Terminal::default());
    let own = profile.clone().and_then(Profile::session);
    let config = match (own, &profile) {
        (Some(session), _) => {
            // What is said of a role is said of the last.
            let session = if role_arn.is_none() { role.describe(session)? } else { session };
            session.config(config).token_code(codes.clone()).build().await?.sdk_config()
        }
        (None, _) if role_arn.is_none() && !role.is_plain() => {
            return Err(no_role(profile.as_ref().map(Profile::name)));
        }
        (None, Some(profile)) => profile.config(&config),
        (None, None) => config,
    };
    let asked = source.profile.as_deref();
    let identity = identify(&config).await?;
    let path = path::of(identity.origin(), profile.as_ref(), asked);
    let me = Report { identity, path, region, now, caller: None };
    let Some(role_arn) = role_arn else { return Ok(me) };
    // With the caller's own session: no code is asked for twice.
    let session = role.describe(Session::builder(role_arn))?.config(config).token_code(codes).build().await?;
    let identity = identify(&session.sdk_config()).await?;
    let path = path::of(identity.origin(), None, asked);
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
