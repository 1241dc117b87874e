//! What the asker knows of the call, as options.

use rolecall_iam::{AccountId, AskError, Given};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::clock;
use crate::failure::{Failure, Kind};

/// What the asker knows of the call beside principal, action and resource.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "What else is known of the call")]
pub(crate) struct Known {
    /// A context key and its value; given twice, it is multivalued. May be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    context: Vec<(String, String)>,

    /// A context key that is absent; may be repeated
    #[arg(long, value_name = "KEY")]
    absent: Vec<String>,

    /// The account that owns the resource, where its ARN does not say, as those of S3
    #[arg(long, value_name = "ACCOUNT")]
    owner: Option<AccountId>,
}

impl Known {
    /// As the engine takes it, with the time of now where the asker gives none.
    pub(crate) fn given(&self) -> Given {
        let mut given = Given { absent: self.absent.clone(), owner: self.owner, ..Given::default() };
        if let Some(now) = now() {
            given.context.insert("aws:EpochTime", now.unix_timestamp().to_string());
            if let Ok(text) = now.format(&Rfc3339) {
                given.context.insert("aws:CurrentTime", text);
            }
        }
        for (key, value) in &self.context {
            let same = self.context.iter().filter(|(other, _)| other.eq_ignore_ascii_case(key));
            let values: Vec<&str> = same.map(|(_, value)| value.as_str()).collect();
            match values.as_slice() {
                [_] => given.context.insert(key, value),
                values => given.context.insert_many(key, values.iter().copied()),
            }
        }
        given
    }
}

fn now() -> Option<OffsetDateTime> {
    let since = clock::now().duration_since(std::time::SystemTime::UNIX_EPOCH).ok()?;
    OffsetDateTime::from_unix_timestamp(i64::try_from(since.as_secs()).ok()?).ok()
}

/// `KEY=VALUE`
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        Some(_) | None => Err("it has the form `KEY=VALUE`".to_owned()),
    }
}

/// A question that cannot be asked: what is wrong, and what to do.
pub(crate) fn failure(error: &AskError) -> Failure {
    let failure = Failure::new(Kind::Usage, error.to_string());
    match error {
        AskError::Principal(..) => failure.hint(
            "give the ARN of a user, a role, a session or an account's root, a unique id (AROA…), a service such as \
             ecs-tasks.amazonaws.com, or `anonymous`; paths are part of an ARN",
        ),
        AskError::Role(..) => failure.hint("give the ARN of a role that is in the estate, path included"),
        AskError::Action(_) => failure.hint("ask for one action at a time, such as dynamodb:GetItem"),
        AskError::Resource(_) => {
            failure.hint("give an ARN, or `*` for actions that have no resource, such as s3:ListAllMyBuckets")
        }
        AskError::Owner(_) => failure.hint("say which account it is in: --owner ACCOUNT"),
        AskError::OtherOwner(..) => failure.hint("leave --owner out"),
    }
}

/// Calls that have no action of their name, and one that is decided on all tables.
pub(crate) fn check_action(action: &str, resource: &str) -> Result<(), Failure> {
    let instead = rolecall_iam::needs::dynamodb::actions_instead(action);
    if !instead.is_empty() {
        let what = format!("there is no action {action}: the call needs what its items need");
        return Err(Failure::new(Kind::Usage, what).hint(format!("ask for {}", instead.join(", "))));
    }
    if action.eq_ignore_ascii_case("dynamodb:ListTables") && resource == "*" {
        let what = "dynamodb:ListTables is decided on all tables of a Region";
        return Err(Failure::new(Kind::Usage, what)
            .hint("ask for the resource 'arn:aws:dynamodb:REGION:ACCOUNT:table/*'"));
    }
    Ok(())
}
