//! Where SDKs look for credentials, and which they take: told from variables and files alone. Nothing is asked.

mod container;
mod find;
mod order;
mod written;

use std::collections::{HashMap, HashSet};
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

pub(crate) use self::find::{Found, Kind};
pub(crate) use self::order::Sdk;
pub(crate) use self::written::Written;
use crate::command::profile::{self, File, Setting};

/// All that decides which credentials an SDK takes.
pub(crate) struct Surroundings {
    variables: HashMap<String, String>,
    files: Vec<(PathBuf, Vec<Setting>)>,
    profiles: HashSet<String>,
}

impl Surroundings {
    /// Those of this process.
    pub(crate) fn here() -> Self {
        Self::from(env::vars_os())
    }

    /// Those of a program that is to be started.
    pub(crate) fn of(program: &Command) -> Self {
        let mut variables: HashMap<OsString, OsString> = env::vars_os().collect();
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => variables.insert(name.to_owned(), value.to_owned()),
                None => variables.remove(name),
            };
        }
        Self::from(variables)
    }

    fn from(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let text = |text: OsString| text.to_string_lossy().into_owned();
        let variables: HashMap<_, _> =
            variables.into_iter().map(|(name, value)| (text(name), text(value))).collect();
        let read = |file: File| {
            let path = file.path_in(|name| variables.get(name).map(OsString::from))?;
            let written = profile::read(&path).unwrap_or_default();
            Some((path, file.settings(&written), file.profiles(&written)))
        };
        // The credentials file comes first where both have a setting.
        let files: Vec<_> = [File::Credentials, File::Config].into_iter().filter_map(read).collect();
        Self::made_of(variables, files)
    }

    fn made_of(
        variables: HashMap<String, String>,
        read: impl IntoIterator<Item = (PathBuf, Vec<Setting>, Vec<String>)>,
    ) -> Self {
        let (mut files, mut profiles) = (Vec::new(), HashSet::new());
        for (path, settings, names) in read {
            files.push((path, settings));
            profiles.extend(names);
        }
        Self { variables, files, profiles }
    }

    /// The same, with this profile selected for everybody.
    pub(crate) fn with_profile(mut self, profile: &str) -> Self {
        self.variables.remove("AWS_DEFAULT_PROFILE");
        self.variables.insert("AWS_PROFILE".to_owned(), profile.to_owned());
        self
    }

    /// A variable. An empty one counts as none.
    fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The settings of a profile, each with its place (`~/.aws/config:7`).
    fn settings(&self, profile: &str) -> impl Iterator<Item = (&Setting, String)> {
        self.files.iter().flat_map(move |(path, settings)| {
            let own = settings.iter().filter(move |setting| setting.profile == profile);
            own.map(move |setting| (setting, format!("{}:{}", path.display(), setting.line)))
        })
    }

    /// The setting that counts: of several in one file the last.
    fn setting(&self, profile: &str, key: &str) -> Option<(&Setting, String)> {
        self.files.iter().find_map(|(path, settings)| {
            let last = settings.iter().rfind(|it| it.profile == profile && it.key == key)?;
            Some((last, format!("{}:{}", path.display(), last.line)))
        })
    }

    /// What each SDK takes. `given` is the profile that rolecall was given.
    pub(crate) fn picks(&self, given: Option<&str>) -> Vec<(Sdk, Option<Found>)> {
        Sdk::ALL.into_iter().map(|sdk| (sdk, self.pick(sdk, given))).collect()
    }

    /// What one takes: the first that is there.
    pub(crate) fn pick(&self, sdk: Sdk, given: Option<&str>) -> Option<Found> {
        let profile = sdk.profile(self, given);
        if let Some(stopped) = sdk.stops(self, &profile) {
            return Some(stopped);
        }
        sdk.order(self, given).into_iter().find_map(|kind| sdk.finds(self, kind, &profile))
    }
}

#[cfg(test)]
impl Surroundings {
    /// Made up ones.
    pub(crate) fn made(variables: &[(&str, &str)], config: &str, credentials: &str) -> Self {
        let files = [(File::Credentials, "credentials", credentials), (File::Config, "config", config)];
        let files = files.map(|(file, path, text)| (path.into(), file.settings(text), file.profiles(text)));
        let variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::made_of(variables, files)
    }
}

#[cfg(test)]
mod tests;
