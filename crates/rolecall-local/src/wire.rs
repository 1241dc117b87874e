//! The two protocols clients speak: Query with XML answers (IAM, STS) and JSON (DynamoDB).

pub(crate) mod json;
pub(crate) mod params;
pub(crate) mod xml;
