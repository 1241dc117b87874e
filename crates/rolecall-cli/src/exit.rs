//! How the process ends: every exit code with its meaning.

use std::process::ExitCode;

/// The table that the long help prints.
pub(crate) const TABLE: &str = "\
Exit codes:
    0  done
    1  done, and the answer is no
    2  the command line is wrong; `check` alone: something is undecided
    3  `check` and `graph`: the command line or the input is wrong
  120  no credentials were found to start from, or no MFA code was given
  121  AWS refused
  122  AWS did not answer
  125  anything else that went wrong in rolecall itself
  126  the program to run is not executable
  127  the program to run was not found
128+n  the program was ended by signal n
Once it runs, a program's own exit code is passed on as it is.";

/// How a run ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    /// Done.
    Success,
    /// Done, and the answer is no: a check found something.
    No,
    /// The command line is wrong.
    Usage,
    /// `check`: something is undecided.
    Undecided,
    /// `check` and `graph`: what they read, or their command line, is wrong.
    Input,
    /// No credentials were found to start from, or no MFA code was given.
    NoCredentials,
    /// AWS refused.
    Refused,
    /// AWS did not answer.
    Unreachable,
    /// Anything else that went wrong in rolecall itself.
    Failure,
    /// The program to run is not executable.
    NotExecutable,
    /// The program to run was not found.
    NotFound,
    /// What a program that was run ended with; `128 + n` when signal `n` ended it.
    Program(u8),
}

impl Exit {
    /// The number the process ends with.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::No => 1,
            Self::Usage | Self::Undecided => 2,
            Self::Input => 3,
            Self::NoCredentials => 120,
            Self::Refused => 121,
            Self::Unreachable => 122,
            Self::Failure => 125,
            Self::NotExecutable => 126,
            Self::NotFound => 127,
            Self::Program(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_lists_every_code() {
        for exit in [
            Exit::Success,
            Exit::No,
            Exit::Usage,
            Exit::Undecided,
            Exit::Input,
            Exit::NoCredentials,
            Exit::Refused,
            Exit::Unreachable,
            Exit::Failure,
            Exit::NotExecutable,
            Exit::NotFound,
        ] {
            let row = format!("{:>5}  ", exit.code());
            assert!(TABLE.lines().any(|line| line.starts_with(&row)), "{exit:?} is not in the table");
        }
    }
}
