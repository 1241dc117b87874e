//! What a refresher holds, and what follows from it at a given time. No locks, no waiting, no clock.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;

use super::Horizon;
use crate::error::{Error, Unanswered};

/// From here to the end, a refresh is needed rather than advised.
const MANDATORY: Duration = Duration::from_secs(60);
/// A request signed now arrives before credentials end that last at least this long.
const ENOUGH: Duration = Duration::from_secs(10);
/// How long a permanent error is repeated without asking again.
const REFUSAL: Duration = Duration::from_secs(5);
/// Credentials that are younger have not ended: another set would be no better, whatever a service says.
const YOUNG: Duration = Duration::from_secs(30);
/// The least pause after a failed refresh, and how much chance adds.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(300), Duration::from_secs(300));

/// Who does the refreshing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mode {
    /// A task of its own: nobody waits, and nobody hears of a failure, while what is held is good.
    Behind,
    /// The caller that finds it due.
    InLine,
}

/// What a caller gets.
#[derive(Clone, Debug)]
pub(super) enum Next {
    /// These.
    Serve(Credentials),
    /// These, and somebody should refresh.
    Advised(Credentials),
    /// What a refresh gives.
    Needed,
    /// This error, again.
    Repeat(Error),
}

#[derive(Debug, Default)]
pub(super) struct State {
    held: Option<Held>,
    /// After a failure: no refresh before this.
    not_before: Option<SystemTime>,
    /// After a permanent failure: what it was, and until when it is repeated.
    refused: Option<(Error, SystemTime)>,
    /// A service has rejected the held credentials.
    rejected: bool,
    /// The access key id of those that were held before.
    before: Option<String>,
}

#[derive(Debug)]
struct Held {
    credentials: Credentials,
    since: SystemTime,
    ends: SystemTime,
    window: Duration,
}

impl State {
    /// What a caller gets at this time.
    pub(super) fn next(&self, now: SystemTime, mode: Mode) -> Next {
        let good = self
            .held
            .as_ref()
            .filter(|held| mode == Mode::Behind && !self.rejected && held.left(now) > ENOUGH);
        if let Some((error, until)) = &self.refused
            && is_ahead(*until, now, REFUSAL)
            && good.is_none()
        {
            return Next::Repeat(error.clone());
        }
        let Some(held) = &self.held else { return Next::Needed };
        let credentials = held.credentials.clone();
        if self.backs_off(now) {
            return Next::Serve(credentials);
        }
        let left = held.left(now);
        match (self.rejected || left <= MANDATORY, left <= held.window) {
            (true, _) if good.is_some() => Next::Advised(credentials),
            (true, _) => Next::Needed,
            (false, true) => Next::Advised(credentials),
            (false, false) => Next::Serve(credentials),
        }
    }

    /// Takes in what a refresh brought, and says what those who waited for it get. `chance` is a random number in 0..1.
    pub(super) fn settle(
        &mut self,
        brought: Result<Credentials, Error>,
        now: SystemTime,
        horizon: Horizon,
        mode: Mode,
        chance: f64,
    ) -> Settled {
        let error = match brought.and_then(|credentials| self.check(credentials, now, horizon)) {
            Ok((credentials, ends)) => {
                let lifetime = ends.duration_since(now).unwrap_or_default();
                let window = horizon.window(lifetime, chance);
                let before = self.held.take().map(|held| held.credentials.access_key_id().to_owned());
                let held = Held { credentials: credentials.clone(), since: now, ends, window };
                *self = Self { held: Some(held), before, ..Self::default() };
                return Settled { outcome: Ok(credentials), error: None };
            }
            Err(error) => error,
        };
        let good = self.held.as_ref().is_some_and(|held| !self.rejected && held.left(now) > ENOUGH);
        if error.is_permanent() && !(mode == Mode::Behind && good) {
            self.refused = Some((error.clone(), now + REFUSAL));
            return Settled { outcome: Err(error.clone()), error: Some(error) };
        }
        match &self.held {
            Some(held) => {
                let pause = BACKOFF.0 + BACKOFF.1.mul_f64(chance);
                self.not_before = Some(now + horizon.pause(pause, held.left(now)));
                Settled { outcome: Ok(held.credentials.clone()), error: Some(error) }
            }
            None => Settled { outcome: Err(error.clone()), error: Some(error) },
        }
    }

    /// Takes note that a service has rejected the credentials with this access key id. Others are not affected.
    pub(super) fn reject(&mut self, access_key_id: &str) {
        self.rejected |=
            self.held.as_ref().is_some_and(|held| held.credentials.access_key_id() == access_key_id);
    }

    /// A service says that the credentials with this access key id have ended. Whether there are others now, or will be
    /// for the next caller. It may be wrong again and again: fresh ones are not given up.
    pub(super) fn has_ended(&mut self, access_key_id: &str, now: SystemTime) -> bool {
        match &self.held {
            Some(held) if held.credentials.access_key_id() == access_key_id => {
                self.rejected |= now.duration_since(held.since).is_ok_and(|age| age >= YOUNG);
                self.rejected && !self.backs_off(now)
            }
            // A call that was under way when they were replaced.
            _ => self.before.as_deref() == Some(access_key_id),
        }
    }

    /// Whether what is held may not last until the next attempt, should this one fail.
    pub(super) fn is_urgent(&self, now: SystemTime) -> bool {
        let lasts = |held: &Held| held.left(now) > BACKOFF.0 + BACKOFF.1;
        self.rejected || !self.held.as_ref().is_some_and(lasts)
    }

    /// When the next refresh is due; at once if nothing is held.
    pub(super) fn due(&self) -> Option<SystemTime> {
        let held = self.held.as_ref()?;
        let early = held.ends.checked_sub(held.window)?;
        Some(self.not_before.map_or(early, |time| time.max(early)))
    }

    /// How long before their end the held credentials are refreshed.
    #[cfg(test)]
    pub(super) fn window(&self) -> Option<Duration> {
        self.held.as_ref().map(|held| held.window)
    }

    /// Whether a failure keeps the source from being asked.
    pub(super) fn backs_off(&self, now: SystemTime) -> bool {
        self.not_before.is_some_and(|time| is_ahead(time, now, BACKOFF.0 + BACKOFF.1))
    }

    /// Whether the credentials are of any use.
    fn check(
        &self,
        new: Credentials,
        now: SystemTime,
        horizon: Horizon,
    ) -> Result<(Credentials, SystemTime), Error> {
        let unusable = |problem: &str| {
            Error::Unanswered(Unanswered {
                step: None,
                problem: problem.to_owned(),
                cause: None,
                permanent: false,
            })
        };
        let ends =
            new.expiry().ok_or_else(|| unusable("AWS gave credentials without saying when they end"))?;
        if ends <= now {
            return Err(unusable(
                "AWS gave credentials that have already ended: is this machine's clock right?",
            ));
        }
        let longer = self.held.as_ref().is_some_and(|held| !self.rejected && held.ends > ends);
        if horizon == Horizon::Serving && longer {
            return Err(unusable("AWS gave credentials that end before those in hand"));
        }
        Ok((new, ends))
    }
}

/// Whether the time is still to come. One further off than it can have been set was set before the clock was put back.
fn is_ahead(time: SystemTime, now: SystemTime, longest: Duration) -> bool {
    time.duration_since(now).is_ok_and(|left| !left.is_zero() && left <= longest)
}

/// What came of a refresh.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    /// What those who waited get.
    pub(super) outcome: Result<Credentials, Error>,
    /// What went wrong, even if they get credentials.
    pub(super) error: Option<Error>,
}

impl Held {
    fn left(&self, now: SystemTime) -> Duration {
        self.ends.duration_since(now).unwrap_or_default()
    }
}
