//! For the steps of a GitHub Actions job that follow: variables in the file that GITHUB_ENV names, and what is secret in
//! them masked in the job's log.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>: "Setting an environment
//! variable", "Masking a value in a log".

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write as _;

use crate::failure::{Failure, Kind};

/// Writes the variables to `file`, and gives the lines that mask those that nobody is to see. The runner reads them from
/// standard output.
pub(super) fn export<'a>(
    file: Option<OsString>,
    secrets: &[&str],
    variables: impl Iterator<Item = (&'a str, &'a String)>,
) -> Result<Vec<String>, Failure> {
    let Some(file) = file.filter(|file| !file.is_empty()) else {
        let what = "GITHUB_ENV is not set: this is no step of a GitHub Actions job";
        return Err(Failure::new(Kind::Usage, what).hint("elsewhere: `--format env`, `dotenv` or `json`"));
    };
    let mut text = String::new();
    for (name, value) in variables {
        // A line of its own would be another variable.
        if value.contains(['\n', '\r']) {
            return Err(Failure::new(Kind::Other, format!("{name} has more than one line")));
        }
        text.push_str(&format!("{name}={value}\n"));
    }
    let written = OpenOptions::new().append(true).create(true).open(&file);
    written.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        let file = file.to_string_lossy();
        Failure::new(Kind::Other, format!("GITHUB_ENV names `{file}`, which cannot be written: {error}"))
    })?;
    Ok(secrets.iter().map(|secret| format!("::add-mask::{}", secret.replace('%', "%25"))).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn variables_and_masks() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("env");
        fs::write(&file, "BEFORE=1\n").unwrap();
        let (key, secret) = ("ASIA1".to_owned(), "a/b+c%=".to_owned());
        let variables = [("AWS_ACCESS_KEY_ID", &key), ("AWS_SECRET_ACCESS_KEY", &secret)];
        let lines = export(Some(file.clone().into()), &[&secret], variables.into_iter()).unwrap();
        assert_eq!(lines, ["::add-mask::a/b+c%25="]);
        let expected = "BEFORE=1\nAWS_ACCESS_KEY_ID=ASIA1\nAWS_SECRET_ACCESS_KEY=a/b+c%=\n";
        assert_eq!(fs::read_to_string(&file).unwrap(), expected);
    }

    #[test]
    fn nothing_is_written_that_is_more_than_one_variable() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("env");
        let region = "x\nPATH=/tmp".to_owned();
        assert!(export(Some(file.clone().into()), &[], [("AWS_REGION", &region)].into_iter()).is_err());
        assert!(!file.exists());
        assert!(export(None, &[], std::iter::empty()).is_err());
    }
}
