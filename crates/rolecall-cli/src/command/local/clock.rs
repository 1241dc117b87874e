//! `rolecall local clock`: moves the time of the local AWS.

use serde_json::json;

use super::Server;
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;
use crate::runtime;

const EXAMPLES: &str = "\
Examples:
  rolecall local clock           what time it is there
  rolecall local clock +1h       an hour later: sessions of an hour have ended
  rolecall local clock +45m30s
  rolecall local clock -1d
  rolecall local clock reset     the machine's time again";

/// Move the clock of the local AWS: sessions, durations and time-to-live go by it
///
/// Signatures are still checked by the machine's clock, which is the one clients sign by.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// By how much, such as `+1h`, `-10m`, `+2d12h`; or `reset`
    #[arg(value_name = "BY", allow_hyphen_values = true)]
    by: Option<String>,

    /// Print one JSON object
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    server: Server,
}

/// Runs it.
pub(super) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    let step = args.by.as_deref().map(step).transpose()?;
    runtime::current_thread()?.block_on(async {
        let client = args.server.client();
        match step {
            None => {}
            Some(Step::Reset) => drop(client.reset_clock().await?),
            Some(Step::By(seconds)) => drop(client.move_clock(seconds).await?),
        }
        let (now, offset) = client.clock().await?;
        if args.json {
            let all = json!({ "schema": "rolecall/local-clock/1", "now": now, "aheadSeconds": offset });
            out.line(format_args!("{all:#}"))?;
            return Ok(Exit::Success);
        }
        let moved = match offset {
            0 => "the machine's time".to_owned(),
            ahead if ahead > 0 => format!("{} ahead of the machine", in_words(ahead)),
            behind => format!("{} behind the machine", in_words(-behind)),
        };
        out.line(format_args!("{now} ({moved})"))?;
        Ok(Exit::Success)
    })
}

#[derive(Debug, PartialEq)]
enum Step {
    Reset,
    By(i64),
}

/// Seconds, from a step of time such as `+10m`.
pub(super) fn seconds(text: &str) -> Result<i64, String> {
    match step(text) {
        Ok(Step::By(seconds)) => Ok(seconds),
        Ok(Step::Reset) | Err(_) => Err("say how far with a sign, such as `+10m` or `-1h30m`".to_owned()),
    }
}

fn step(text: &str) -> Result<Step, Failure> {
    let wrong = || {
        Failure::new(Kind::Usage, format!("`{text}` is no step of time"))
            .hint("say how far with days, hours, minutes and seconds, such as `+1h`, `-10m` or `+2d12h`, or say `reset`")
    };
    if text == "reset" {
        return Ok(Step::Reset);
    }
    let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (_, Some(rest)) => (-1, rest),
        _ => return Err(wrong()),
    };
    let mut total: i64 = 0;
    let mut number = String::new();
    for letter in rest.chars() {
        let unit = match letter {
            '0'..='9' => {
                number.push(letter);
                continue;
            }
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return Err(wrong()),
        };
        let count: i64 = number.parse().map_err(|_| wrong())?;
        number.clear();
        total = count.checked_mul(unit).and_then(|seconds| total.checked_add(seconds)).ok_or_else(wrong)?;
    }
    if !number.is_empty() || rest.is_empty() {
        return Err(wrong());
    }
    Ok(Step::By(sign * total))
}

fn in_words(seconds: i64) -> String {
    let parts =
        [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_time() {
        for (text, expected) in [
            ("+1h", Some(Step::By(3600))),
            ("-10m", Some(Step::By(-600))),
            ("+2d12h30m5s", Some(Step::By(217_805))),
            ("reset", Some(Step::Reset)),
            ("1h", None),
            ("+", None),
            ("+1", None),
            ("+h", None),
            ("+1y", None),
            ("+99999999999999999999d", None),
        ] {
            assert_eq!(step(text).ok(), expected, "{text}");
        }
        assert_eq!(in_words(217_805), "2d12h30m5s");
    }
}
