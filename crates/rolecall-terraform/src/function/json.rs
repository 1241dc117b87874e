//! `jsonencode` and `jsondecode`.

mod decode;
mod encode;

pub(super) use self::decode::jsondecode;
pub(super) use self::encode::{encoded, jsonencode};
