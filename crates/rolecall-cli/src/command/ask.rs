//! What the commands that ask questions of an Estate have in common: what the asker knows, and how answers are shown.

pub(crate) mod fix;
pub(crate) mod given;
pub(crate) mod show;
