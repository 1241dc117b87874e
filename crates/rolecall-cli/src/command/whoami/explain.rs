//! Every place where credentials can be, which of them won, and what other SDKs take.

use serde_json::{Value, json};

use crate::command::lookup::{Found, Kind, Sdk, Surroundings, Written};

/// What `--explain` adds.
pub(super) struct Explanation {
    places: Vec<Place>,
    written: Vec<Written>,
    picks: Vec<(Sdk, Option<Found>)>,
    given: Option<String>,
}

/// A place that was looked at.
struct Place {
    kind: Kind,
    state: State,
    detail: String,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum State {
    /// It won.
    Taken,
    /// There are credentials, but another place came first.
    Shadowed,
    /// There are none.
    Absent,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Shadowed => "shadowed",
            Self::Absent => "absent",
        }
    }
}

impl Explanation {
    /// `given` is the profile that was asked for.
    pub(super) fn of(surroundings: Surroundings, given: Option<&str>) -> Self {
        // Who asks about a profile wants to know what others make of it.
        let surroundings = match given {
            Some(name) => surroundings.with_profile(name),
            None => surroundings,
        };
        let surroundings = &surroundings;
        let profile = Sdk::Rolecall.profile(surroundings, given);
        let mut places: Vec<Place> = Vec::new();
        if given.is_some() {
            let detail = "not looked at, as --profile is given".to_owned();
            places.push(Place { kind: Kind::Environment, state: State::Absent, detail });
        }
        for kind in Sdk::Rolecall.order(surroundings, given) {
            let found = Sdk::Rolecall.finds(surroundings, kind, &profile);
            let is_taken = places.iter().any(|place| place.state == State::Taken);
            let state = if is_taken { State::Shadowed } else { State::Taken };
            match (found, places.last_mut().filter(|last| last.kind.word() == kind.word())) {
                // Of the ways a profile has, the first counts.
                (_, Some(last)) if last.state != State::Absent => {}
                (None, Some(_)) => {}
                (Some(found), Some(last)) => (last.state, last.detail) = (state, found.to_string()),
                (Some(found), None) => places.push(Place { kind, state, detail: found.to_string() }),
                (None, None) => {
                    let detail = surroundings.why_not(kind, &profile);
                    places.push(Place { kind, state: State::Absent, detail });
                }
            }
        }
        let (written, picks) = (surroundings.written(&profile), surroundings.picks(given));
        Self { places, written, picks, given: given.map(str::to_owned) }
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines =
            vec!["Where rolecall looked, in this order (that of the AWS SDK for Rust):".to_owned()];
        for place in &self.places {
            lines.push(format!("  {:<9} {:<13} {}", place.state.word(), place.kind.word(), place.detail));
            if matches!(place.kind, Kind::Profile(_)) {
                lines.extend(self.profile());
            }
        }
        let with = self.given.as_ref().map(|name| format!(", with AWS_PROFILE={name}")).unwrap_or_default();
        lines.push(format!("What an SDK takes here{with}:"));
        for (sdk, found) in self.picks.iter().filter(|(sdk, _)| *sdk != Sdk::Rolecall) {
            let differs = if self.differs(found.as_ref()) { "  (not the same)" } else { "" };
            let found = found.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
            lines.push(format!("  {:<16} {found}{differs}", sdk.name()));
        }
        lines
    }

    /// What the profiles say, one after the other.
    fn profile(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut last = None;
        for written in &self.written {
            if last != Some(&written.profile) {
                lines.push(format!("              profile `{}`", written.profile));
                last = Some(&written.profile);
            }
            let value = written.value.as_deref().unwrap_or("(not shown)");
            let note = written.read_over_by().map(|note| format!("; {note}")).unwrap_or_default();
            lines.push(format!("                {} = {value}  ({}{note})", written.key, written.place));
        }
        lines
    }

    /// Whether it is not what rolecall takes.
    fn differs(&self, found: Option<&Found>) -> bool {
        let ours = self.picks.iter().find(|(sdk, _)| *sdk == Sdk::Rolecall);
        ours.and_then(|(_, ours)| ours.as_ref()) != found
    }

    pub(super) fn json(&self) -> Value {
        let places: Vec<_> = self
            .places
            .iter()
            .map(|place| {
                json!({ "kind": place.kind.word(), "state": place.state.word(), "detail": place.detail })
            })
            .collect();
        let written: Vec<_> = self
            .written
            .iter()
            .map(|it| json!({ "profile": it.profile, "key": it.key, "value": it.value, "at": it.place }))
            .collect();
        let sdks: Vec<_> = self
            .picks
            .iter()
            .map(|(sdk, found)| {
                json!({
                    "sdk": sdk.name(),
                    "kind": found.as_ref().map(|found| found.kind.word()),
                    "detail": found.as_ref().map(|found| &found.detail),
                    "problem": found.as_ref().and_then(|found| found.problem.as_ref()),
                    "same": !self.differs(found.as_ref()),
                })
            })
            .collect();
        json!({ "places": places, "profiles": written, "sdks": sdks })
    }
}
