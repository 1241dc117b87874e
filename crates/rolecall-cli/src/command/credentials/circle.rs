//! A profile whose `credential_process` is this command must not be where this command starts: it would run itself, for
//! ever. The process that an SDK starts inherits AWS_PROFILE:
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>

use std::path::Path;

use rolecall::Profile;

use crate::failure::{Failure, Kind};

/// So many of these commands may start each other, one for each profile on the way.
const DEEPEST: usize = 8;

/// Refuses to start from this profile if that would run this command again, with the same result. `asked` says that the
/// profile was given with `--profile`.
pub(super) fn refuse(profile: Option<&Profile>, asked: bool) -> Result<(), Failure> {
    if let Some(profile) = profile
        && let Some(process) = profile.credential_process()
        && comes_back(process, profile.names(), asked)
    {
        let what = format!(
            "profile `{}` gets its credentials from this command: say where to start from with --profile",
            profile.name()
        );
        return Err(Failure::new(Kind::Usage, what).hint(
            "in the profile: `credential_process = rolecall credentials --profile BASE --format process --role-arn ARN`",
        ));
    }
    if ancestors() >= DEEPEST {
        let what = "`rolecall credentials` has started itself again and again, through credential_process of profiles";
        return Err(Failure::new(Kind::Usage, what).hint("two profiles may name each other with `--profile`"));
    }
    Ok(())
}

/// Whether this program starts from one of these profiles again.
fn comes_back(process: &str, names: &[String], asked: bool) -> bool {
    let mut words = process.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
    if !words.next().is_some_and(is_this) {
        return false;
    }
    let words: Vec<_> = words.collect();
    if !words.contains(&"credentials") || words.iter().any(|word| word.starts_with("--socket")) {
        return false;
    }
    let after = words.iter().zip(words.iter().skip(1)).find(|(word, _)| **word == "--profile");
    let joined = || words.iter().find_map(|word| word.strip_prefix("--profile="));
    match after.map(|(_, name)| *name).or_else(joined) {
        Some(name) => names.iter().any(|known| known == name),
        // It starts from AWS_PROFILE or the default profile, as this command does.
        None => !asked,
    }
}

/// Whether a program is this one, by its file's name.
fn is_this(program: &str) -> bool {
    let own = std::env::current_exe().ok();
    let own = own.as_deref().and_then(Path::file_name);
    Path::new(program).file_name().is_some_and(|name| name == "rolecall" || Some(name) == own)
}

/// How many of the processes that this one descends from run this command. Only Linux says.
fn ancestors() -> usize {
    let (mut found, mut process) = (0, "self".to_owned());
    while let Some(parent) =
        parent(&std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default())
    {
        let line = std::fs::read(format!("/proc/{parent}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        let mut words = line.split('\0');
        if words.next().is_some_and(is_this) && words.any(|word| word == "credentials") {
            found += 1;
        }
        process = parent;
    }
    found
}

/// The parent, as `/proc/PID/stat` has it behind the program's name: <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
fn parent(stat: &str) -> Option<String> {
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(1).filter(|id| *id != "0").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back() {
        let names = ["dev".to_owned(), "orders".to_owned()];
        for (process, asked, expected) in [
            ("rolecall credentials --role-arn R", false, true),
            ("\"/opt/bin/rolecall\" -v credentials --role-arn R", false, true),
            // The user gave the profile; the process does not inherit that.
            ("rolecall credentials --role-arn R", true, false),
            ("rolecall credentials --profile orders --role-arn R", true, true),
            ("rolecall credentials --profile=orders --role-arn R", false, true),
            ("rolecall credentials --profile base --role-arn R", false, false),
            ("rolecall credentials --socket /s --role r", false, false),
            ("rolecall whoami", false, false),
            ("aws configure export-credentials --profile dev", false, false),
            ("", false, false),
        ] {
            assert_eq!(comes_back(process, &names, asked), expected, "{process} {asked}");
        }
    }

    #[test]
    fn parents() {
        assert_eq!(parent("12 (a) b) S 7 12 12").as_deref(), Some("7"));
        assert_eq!(parent("1 (init) S 0 1 1"), None);
        assert_eq!(parent(""), None);
    }
}
