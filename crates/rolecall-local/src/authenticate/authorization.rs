//! What a request says about its signature: in the `Authorization` header, or in a presigned URL.

use http::HeaderMap;

use super::refusal::Refusal;
use crate::sigv4::ALGORITHM;
use crate::wire::params::Params;

/// The parts of a signature.
pub(super) struct Authorization {
    pub(super) access_key_id: String,
    /// `20261122`
    pub(super) date: String,
    pub(super) region: String,
    pub(super) service: String,
    /// In lower case, as they were signed.
    pub(super) signed_headers: Vec<String>,
    pub(super) signature: String,
    /// `20261122T073300Z`
    pub(super) timestamp: String,
    /// The session token of temporary credentials.
    pub(super) token: Option<String>,
    /// For how long a presigned URL says it is good, in seconds.
    pub(super) expires: Option<i64>,
}

/// A presigned URL is good for a week at most.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html>
const LONGEST_PRESIGNED: i64 = 604_800;

impl Authorization {
    /// Reads them from the header or, where there is none, from the query string.
    pub(super) fn read(headers: &HeaderMap, query: &str) -> Result<Self, Refusal> {
        match (headers.get("authorization"), query.contains("X-Amz-Algorithm=")) {
            (Some(_), true) => Err(Refusal::Incomplete(
                "Only one authorization mechanism is allowed: a header or a presigned URL.".to_owned(),
            )),
            (Some(header), false) => {
                let header = header
                    .to_str()
                    .map_err(|_| Refusal::Incomplete("Unreadable Authorization.".to_owned()))?;
                Self::from_header(header, headers)
            }
            (None, true) => Self::from_query(&Params::parse(query.as_bytes()), headers),
            (None, false) => Err(Refusal::Missing),
        }
    }

    fn from_header(header: &str, headers: &HeaderMap) -> Result<Self, Refusal> {
        let Some(fields) = header.strip_prefix(ALGORITHM) else {
            return Err(Refusal::Incomplete(format!(
                "Unsupported AWS 'algorithm': '{}'.",
                first_word(header)
            )));
        };
        let field = |name: &str| {
            fields
                .split(',')
                .find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
                .map(str::to_owned)
        };
        let (credential, signed, signature) =
            (field("Credential"), field("SignedHeaders"), field("Signature"));
        let timestamp = text(headers, "x-amz-date");
        let (Some(credential), Some(signed), Some(signature), Some(timestamp)) =
            (&credential, &signed, &signature, timestamp)
        else {
            // The header is not repeated, as AWS does: it would put a signature into logs.
            let mut message = String::new();
            for (name, found) in [
                ("Credential", credential.is_some()),
                ("Signature", signature.is_some()),
                ("SignedHeaders", signed.is_some()),
            ] {
                if !found {
                    message.push_str(&format!("Authorization header requires '{name}' parameter. "));
                }
            }
            if !headers.contains_key("x-amz-date") {
                message.push_str(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
                );
            }
            return Err(Refusal::Incomplete(message.trim_end().to_owned()));
        };
        let mut authorization = Self::of(credential, signed, signature.clone(), timestamp)?;
        authorization.token = text(headers, "x-amz-security-token");
        authorization.signs(headers, "Authorization header")?;
        Ok(authorization)
    }

    /// What is not signed could be changed on the way: AWS asks for the host and every x-amz header.
    fn signs(&self, headers: &HeaderMap, place: &str) -> Result<(), Refusal> {
        for name in headers.keys().map(http::HeaderName::as_str) {
            let must = name == "host" || (name.starts_with("x-amz-") && name != "x-amz-user-agent");
            if must && !self.signed_headers.iter().any(|signed| signed == name) {
                return Err(Refusal::SignatureDoesNotMatch(format!(
                    "'{name}' must be a 'SignedHeader' in the AWS {place}."
                )));
            }
        }
        Ok(())
    }

    fn from_query(query: &Params, headers: &HeaderMap) -> Result<Self, Refusal> {
        let needed = |name: &str| {
            let missing =
                || Refusal::Incomplete(format!("AWS query-string parameters must include '{name}'."));
            query.get(name).map(str::to_owned).ok_or_else(missing)
        };
        if needed("X-Amz-Algorithm")? != ALGORITHM {
            return Err(Refusal::Incomplete("Unsupported AWS 'algorithm'.".to_owned()));
        }
        let expires: i64 = needed("X-Amz-Expires")?.parse().unwrap_or(-1);
        if !(1..=LONGEST_PRESIGNED).contains(&expires) {
            return Err(Refusal::Incomplete(
                "X-Amz-Expires must be between 1 and 604800 seconds.".to_owned(),
            ));
        }
        let (credential, signed) = (needed("X-Amz-Credential")?, needed("X-Amz-SignedHeaders")?);
        let mut authorization =
            Self::of(&credential, &signed, needed("X-Amz-Signature")?, needed("X-Amz-Date")?)?;
        if !authorization.signed_headers.iter().any(|name| name == "host") {
            return Err(Refusal::SignatureDoesNotMatch(
                "'host' must be a 'SignedHeader' in the AWS query string.".to_owned(),
            ));
        }
        authorization.signs(headers, "query string")?;
        authorization.token = query.get("X-Amz-Security-Token").map(str::to_owned);
        authorization.expires = Some(expires);
        Ok(authorization)
    }

    fn of(credential: &str, signed: &str, signature: String, timestamp: String) -> Result<Self, Refusal> {
        let parts: Vec<&str> = credential.split('/').collect();
        let [access_key_id, date, region, service, "aws4_request"] = parts.as_slice() else {
            return Err(Refusal::Incomplete(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term".to_owned(),
            ));
        };
        Ok(Self {
            access_key_id: (*access_key_id).to_owned(),
            date: (*date).to_owned(),
            region: (*region).to_owned(),
            service: (*service).to_owned(),
            signed_headers: signed.split(';').map(str::to_ascii_lowercase).collect(),
            signature,
            timestamp,
            token: None,
            expires: None,
        })
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a presigned URL does not sign, whoever has the URL could add: another operation, say.
    #[test]
    fn a_presigned_url_signs_every_amz_header_that_comes_with_it() {
        let query = |signed: &str| {
            format!(
                "X-Amz-Algorithm={ALGORITHM}&X-Amz-Credential=AKIA%2F20261122%2Fus-east-1%2Fdynamodb%2Faws4_request\
                 &X-Amz-Date=20261122T090000Z&X-Amz-Expires=60&X-Amz-SignedHeaders={signed}&X-Amz-Signature=0"
            )
        };
        let mut headers = HeaderMap::new();
        headers.insert("host", "localhost".parse().unwrap());
        assert_eq!(Authorization::read(&headers, &query("host")).err(), None);
        headers.insert("x-amz-target", "DynamoDB_20120810.DeleteTable".parse().unwrap());
        assert_eq!(Authorization::read(&headers, &query("host%3Bx-amz-target")).err(), None);
        assert_eq!(
            Authorization::read(&headers, &query("host")).err(),
            Some(Refusal::SignatureDoesNotMatch(
                "'x-amz-target' must be a 'SignedHeader' in the AWS query string.".to_owned()
            ))
        );
    }
}
