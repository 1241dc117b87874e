//! `yamldecode` and `yamlencode`.

mod decode;
mod encode;
mod scalar;

pub(super) use self::decode::yamldecode;
pub(super) use self::encode::yamlencode;
