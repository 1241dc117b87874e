//! How long before their end credentials are refreshed.

use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// The least pause between attempts where others depend on the credentials.
const SHORTEST: Duration = Duration::from_secs(5);

/// How long before their end a session's credentials are refreshed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Horizon {
    /// As the AWS SDKs do it: 5, 15 or 60 minutes before the end, by how long the credentials last.
    #[default]
    Sdk,
    /// Always so long before the end.
    Fixed(Duration),
    /// Earlier than every SDK: for credentials that are handed on to other programs, so that none of them finds what it
    /// already has when it comes back. Sessions of an hour are refreshed 25 to 30 minutes before their end, longer ones
    /// 65 to 70, shorter ones at half their life. A set that ends before the one in hand is not handed on.
    Serving,
}

impl Horizon {
    /// The window for credentials that last this long. `chance` is a random number in 0..1.
    pub(crate) fn window(self, lifetime: Duration, chance: f64) -> Duration {
        match self {
            Self::Sdk if lifetime <= 20 * MINUTE => 5 * MINUTE,
            Self::Sdk if lifetime < 90 * MINUTE => 15 * MINUTE,
            Self::Sdk => 60 * MINUTE,
            Self::Fixed(window) => window,
            // With less than this the hour's window would be more than half of the life.
            Self::Serving if lifetime < 55 * MINUTE => lifetime / 2,
            Self::Serving if lifetime < 140 * MINUTE => 25 * MINUTE + (5 * MINUTE).mul_f64(chance),
            Self::Serving => 65 * MINUTE + (5 * MINUTE).mul_f64(chance),
        }
    }
}

impl Horizon {
    /// How long to wait after a failure before trying again, when the behaviour common to the SDKs asks for `pause` and
    /// the credentials have so much `left`.
    ///
    /// Who hands credentials on tries more often as their end comes near: with half of a short session gone, the pause of
    /// the SDKs may be longer than what is left.
    pub(crate) fn pause(self, pause: Duration, left: Duration) -> Duration {
        match self {
            Self::Sdk | Self::Fixed(_) => pause,
            Self::Serving => pause.min((left / 4).max(SHORTEST)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows() {
        let fixed = Horizon::Fixed(Duration::from_secs(7));
        for (horizon, lifetime, least, most) in [
            (Horizon::Sdk, 900, 300, 300),
            (Horizon::Sdk, 1200, 300, 300),
            (Horizon::Sdk, 1201, 900, 900),
            (Horizon::Sdk, 5399, 900, 900),
            (Horizon::Sdk, 5400, 3600, 3600),
            (fixed, 3600, 7, 7),
            (Horizon::Serving, 900, 450, 450),
            (Horizon::Serving, 3599, 1500, 1800),
            (Horizon::Serving, 7200, 1500, 1800),
            (Horizon::Serving, 43_200, 3900, 4200),
        ] {
            let window = |chance| horizon.window(Duration::from_secs(lifetime), chance).as_secs();
            assert_eq!((window(0.0), window(1.0)), (least, most), "{horizon:?} for {lifetime} seconds");
        }
    }

    #[test]
    fn pauses() {
        for (horizon, left, pause) in [
            (Horizon::Sdk, 60, 400),
            (Horizon::Serving, 1800, 400),
            (Horizon::Serving, 450, 112),
            (Horizon::Serving, 60, 15),
            (Horizon::Serving, 0, 5),
        ] {
            let found = horizon.pause(Duration::from_secs(400), Duration::from_secs(left)).as_secs();
            assert_eq!(found, pause, "{horizon:?} with {left} seconds left");
        }
    }
}
