//! The log: to standard error, and only when asked for; a server's in any case.

use std::env;
use std::io;

use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::failure::{Failure, Kind};

/// What a command writes to the log without being asked to, and how.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Log {
    /// Nothing, for commands that run and end.
    pub(crate) level: LevelFilter,
    pub(crate) form: Form,
}

/// What a line of the log looks like.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum Form {
    /// For people: the time, the level, the message, `key=value`
    #[default]
    Text,
    /// A JSON object on each line
    Json,
}

impl Log {
    /// Lines for people, from this level on.
    pub(crate) const fn from(level: LevelFilter) -> Self {
        Self { level, form: Form::Text }
    }
}

const VARIABLE: &str = "ROLECALL_LOG";

/// Starts the log if `-v` was given, `ROLECALL_LOG` is set, or the command writes one in any case.
///
/// The variable holds a level (`error`, `warn`, `info`, `debug`, `trace`) for rolecall's own events, or levels by
/// target (`rolecall=debug,hyper=info`) for everything linked into the program.
///
/// # Errors
/// The variable holds neither.
pub(crate) fn start(verbose: u8, log: Log) -> Result<(), Failure> {
    let variable = env::var_os(VARIABLE).map(|value| value.to_string_lossy().into_owned());
    let Some(filter) = filter(verbose, variable.as_deref(), log.level)? else { return Ok(()) };
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false);
    let lines = match log.form {
        Form::Text => lines.boxed(),
        Form::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines)
        .with(filter)
        .try_init()
        .map_err(|error| Failure::new(Kind::Other, error))
}

fn filter(verbose: u8, variable: Option<&str>, level: LevelFilter) -> Result<Option<Targets>, Failure> {
    let own = |level: LevelFilter| Targets::new().with_target("rolecall", level);
    let typed = match verbose {
        0 => None,
        1 => Some(own(LevelFilter::INFO)),
        2 => Some(own(LevelFilter::DEBUG)),
        _ => Some(own(LevelFilter::TRACE)),
    };
    let Some(text) = variable.filter(|text| typed.is_none() && !text.is_empty()) else {
        return Ok(typed.or_else(|| (level != LevelFilter::OFF).then(|| own(level))));
    };
    if let Ok(level) = text.parse::<LevelFilter>() {
        return Ok(Some(own(level)));
    }
    text.parse().map(Some).map_err(|error| {
        Failure::new(Kind::Usage, format!("{VARIABLE} is `{text}`: {error}"))
            .hint("use `info` or `debug`, or levels by target such as `rolecall=debug,hyper=info`")
    })
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn levels() {
        for (verbose, variable, target, level, expected) in [
            (0, None, "rolecall", Level::ERROR, false),
            (1, None, "rolecall::session", Level::INFO, true),
            (1, None, "rolecall_endpoint", Level::INFO, true),
            (1, None, "hyper", Level::ERROR, false),
            (1, None, "rolecall", Level::DEBUG, false),
            (2, None, "rolecall", Level::DEBUG, true),
            (0, Some(""), "rolecall", Level::ERROR, false),
            (0, Some("debug"), "rolecall", Level::DEBUG, true),
            (0, Some("debug"), "aws_config", Level::ERROR, false),
            (0, Some("aws_config=info"), "aws_config", Level::INFO, true),
            (1, Some("trace"), "rolecall", Level::DEBUG, false),
        ] {
            let filter = filter(verbose, variable, LevelFilter::OFF).unwrap();
            let logs = filter.is_some_and(|filter| filter.would_enable(target, &level));
            assert_eq!(logs, expected, "-v ×{verbose}, {variable:?}: {target} at {level}");
        }
    }

    #[test]
    fn a_wrong_level_is_said() {
        let failure = filter(0, Some("rolecall=loud"), LevelFilter::OFF).unwrap_err();
        assert_eq!(failure.kind(), Kind::Usage);
        assert!(failure.error().to_string().contains("rolecall=loud"), "{}", failure.error());
    }
}
