//! All the roles that are served, and how the set of them changes.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rolecall::Horizon;
use rolecall_endpoint::{Endpoint, Route};
use serde_json::{Value, json};

use super::config::Wish;
use super::numbers::{self, Sample};
use super::served::{Kept, Phase, Served};
use super::token::TokenFile;
use crate::command::role;
use crate::failure::{Failure, Kind};

/// The roles of an endpoint.
pub(super) struct Roles {
    endpoint: Endpoint,
    token_dir: Option<PathBuf>,
    idle: Option<Duration>,
    by_name: BTreeMap<String, Role>,
    /// Reloads of the configuration that were carried out, and that failed.
    pub(super) reloads: (u64, u64),
}

/// A role, from its path to its session.
pub(super) struct Role {
    wish: Wish,
    route: Route,
    token: Arc<TokenFile>,
    kept: Kept,
    region: Option<String>,
}

/// What a change of the roles has come to.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Changes {
    pub(super) added: Vec<String>,
    pub(super) changed: Vec<String>,
    pub(super) removed: Vec<String>,
}

/// A role that can be served, made before anything is changed.
struct Made {
    wish: Wish,
    /// None where the one that is served goes on.
    token: Option<Arc<TokenFile>>,
    /// None where the one that is served goes on.
    served: Option<Arc<Served>>,
    region: Option<String>,
}

impl Roles {
    pub(super) fn new(endpoint: Endpoint, token_dir: Option<PathBuf>, idle: Option<Duration>) -> Self {
        Self { endpoint, token_dir, idle, by_name: BTreeMap::new(), reloads: (0, 0) }
    }

    /// Serves these roles and no others. Where one of them cannot be, nothing is changed.
    pub(super) async fn apply(&mut self, wishes: Vec<Wish>) -> Result<Changes, Failure> {
        let mut made = Vec::new();
        // Roles that start from the same place share its connections.
        let mut places = HashMap::new();
        for mut wish in wishes {
            let known = self.by_name.get(&wish.name);
            let token = match known.filter(|known| known.wish.token_file == wish.token_file) {
                Some(_) => None,
                None => Some(Arc::new(self.token(&wish)?)),
            };
            if let Some(known) = known.filter(|known| known.wish.is_same_session(&wish)) {
                let region = known.region.clone();
                made.push(Made { wish, token, served: None, region });
                continue;
            }
            let source = &wish.source;
            let role::Source { profile, region, endpoint_url, fips, dual_stack } = source.clone();
            let place = (profile, region, endpoint_url, fips, dual_stack);
            let config = match places.get(&place) {
                Some(config) => Clone::clone(config),
                None => {
                    let config = wish.environment().load().await;
                    places.insert(place, config.clone());
                    config
                }
            };
            let region = config.region().map(|region| region.as_ref().to_owned());
            wish.session = wish.session.config(config).horizon(Horizon::Serving);
            let served = Served::new(&wish.name, &wish.role_arn, wish.session.clone(), self.idle);
            made.push(Made { wish, token, served: Some(served), region });
        }
        self.settle(made)
    }

    fn settle(&mut self, made: Vec<Made>) -> Result<Changes, Failure> {
        let mut changes = Changes::default();
        let wanted: Vec<_> = made.iter().map(|it| it.wish.name.clone()).collect();
        self.by_name.retain(|name, _| {
            let stays = wanted.contains(name);
            if !stays {
                changes.removed.push(name.clone());
            }
            stays
        });
        for Made { wish, token, served, region } in made {
            let name = wish.name.clone();
            if token.is_none() && served.is_none() {
                continue;
            }
            let (role, to) = match (self.by_name.remove(&name), token, served) {
                (Some(known), token, served) => {
                    (known.changed(wish, token, served, region), &mut changes.changed)
                }
                (None, Some(token), Some(served)) => {
                    let admit = Arc::clone(&token);
                    let route = self.endpoint.add_named(&name, Arc::clone(&served) as Arc<_>, admit);
                    let route = route
                        .map_err(|error| Failure::new(Kind::Usage, format!("role `{name}`: {error}")))?;
                    let kept = Kept::start(served, None);
                    (Role { wish, route, token, kept, region }, &mut changes.added)
                }
                // What is not served yet is made whole.
                (None, _, _) => continue,
            };
            to.push(name.clone());
            self.by_name.insert(name, role);
        }
        Ok(changes)
    }

    /// Serves none any more, and leaves no token behind.
    pub(super) fn stop(&mut self) {
        self.by_name.clear();
    }

    fn token(&self, wish: &Wish) -> Result<TokenFile, Failure> {
        match (&wish.token_file, &self.token_dir) {
            (Some(path), _) => TokenFile::open(path),
            (None, Some(folder)) => TokenFile::write(folder, &wish.name),
            (None, None) => {
                let what = format!("nothing says where the token of role `{}` is to be", wish.name);
                Err(Failure::new(Kind::Usage, what).hint(
                    "name a folder that is only yours: `--token-dir DIR`, or `token_dir` in the file; each role's \
                     token is written there, and its clients read it from there",
                ))
            }
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &Role)> {
        self.by_name.iter().map(|(name, role)| (name.as_str(), role))
    }

    /// The page `/ready`: whether every role has credentials, or rests.
    pub(super) fn ready(&self) -> (bool, Value) {
        let roles: BTreeMap<_, _> = self.all().map(|(name, role)| (name, role.state())).collect();
        let is_ready = roles.values().all(|state| state.is_ready);
        let roles: BTreeMap<_, _> = roles.into_iter().map(|(name, state)| (name, state.json())).collect();
        (is_ready, json!({ "schema": "rolecall/ready/1", "ready": is_ready, "roles": roles }))
    }

    /// The page `/metrics`.
    pub(super) fn metrics(&self) -> String {
        let samples: Vec<_> = self.all().map(|(name, role)| role.sample(name)).collect();
        numbers::page(&samples, &self.endpoint.refused(), self.reloads)
    }
}

impl Role {
    fn changed(
        self,
        wish: Wish,
        token: Option<Arc<TokenFile>>,
        served: Option<Arc<Served>>,
        region: Option<String>,
    ) -> Self {
        let Self { mut route, token: known, kept, .. } = self;
        let token = token.unwrap_or_else(|| Arc::clone(&known));
        if token.path() == known.path() && !Arc::ptr_eq(&token, &known) {
            known.leave();
        }
        let kept = match served {
            Some(served) => Kept::start(served, Some(kept)),
            None => kept,
        };
        route.replace(Arc::clone(kept.served()) as Arc<_>, Arc::clone(&token) as Arc<_>);
        Self { wish, route, token, kept, region }
    }

    pub(super) fn role_arn(&self) -> &str {
        self.kept.served().role_arn()
    }

    /// What the environment of a client must be.
    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
        let mut environment = vec![
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", self.route.uri().to_owned()),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", self.token.path().display().to_string()),
        ];
        if let Some(region) = &self.region {
            environment.push(("AWS_REGION", region.clone()));
            environment.push(("AWS_DEFAULT_REGION", region.clone()));
        }
        environment.push(("AWS_EC2_METADATA_DISABLED", "true".to_owned()));
        environment
    }

    fn state(&self) -> State {
        let served = self.kept.served();
        if let Some(before) = served.before() {
            let State { word, is_ready, seconds, .. } = State::of(&before);
            return State { word, is_ready, reason: State::of(served).reason, seconds };
        }
        State::of(served)
    }

    fn sample<'a>(&'a self, name: &'a str) -> Sample<'a> {
        let State { is_ready, seconds, .. } = self.state();
        Sample {
            role: name,
            is_ready,
            seconds,
            numbers: self.kept.served().numbers(),
            requests: self.route.requests(),
        }
    }
}

/// How a role is doing, for people and probes.
struct State {
    word: &'static str,
    is_ready: bool,
    /// Why there are no credentials, or none of the role as it is to be now.
    reason: Option<String>,
    seconds: u64,
}

impl State {
    fn of(served: &Served) -> Self {
        let seconds = served.left().as_secs();
        let (word, is_ready, reason) = match served.phase() {
            Phase::Serving(_) if seconds > 0 => ("ready", true, None),
            Phase::Serving(_) => ("expired", false, None),
            Phase::Starting => ("starting", false, None),
            Phase::Idle => ("idle", true, None),
            Phase::Failing(error) if error.is_permanent() => {
                ("given up", false, Some(error.message().to_owned()))
            }
            Phase::Failing(error) => ("failing", false, Some(error.message().to_owned())),
        };
        Self { word, is_ready, reason, seconds }
    }

    fn json(&self) -> Value {
        json!({ "state": self.word, "seconds": self.seconds, "reason": self.reason })
    }
}
