//! The commands: `Args` says what can be typed, `run` does it.

pub(crate) mod ask;
pub(crate) mod can;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod console;
pub(crate) mod credentials;
pub(crate) mod demo;
pub(crate) mod estate_diff;
pub(crate) mod exec;
pub(crate) mod explain;
pub(crate) mod graph;
pub(crate) mod local;
pub(crate) mod lookup;
pub(crate) mod man;
pub(crate) mod mfa;
pub(crate) mod policy;
pub(crate) mod profile;
pub(crate) mod reachable;
pub(crate) mod role;
pub(crate) mod serve;
pub(crate) mod vend;
pub(crate) mod who_can;
pub(crate) mod whoami;
