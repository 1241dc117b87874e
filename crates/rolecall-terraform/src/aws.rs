//! What the AWS provider adds to what is written: ARNs, ids, and the data sources that need no account.

mod arn;
mod data;
mod organizations;
mod policy_document;

use std::collections::BTreeMap;

use crate::evaluate::Provider;
use crate::value::{Unknown, Value};

pub(crate) use self::arn::{computed, has_own_arn};

/// What a data source gives, as far as that is known without asking AWS.
pub(crate) fn data(
    kind: &str,
    written: &BTreeMap<String, Value>,
    provider: &Provider,
    address: &Unknown,
) -> BTreeMap<String, Value> {
    match kind {
        "aws_iam_policy_document" => policy_document::document(written, address),
        _ => data::data(kind, written, provider, address),
    }
}
