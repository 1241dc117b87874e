//! What IAM says of a resource that it cannot take.

/// Partitions there are. Which of them an account is in, only AWS knows.
const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/// How the resource of an IAM ARN starts.
const IAM_PATHS: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// IAM's text for a resource that is no ARN it knows the form of.
pub(super) fn format_error(resource: &str) -> Option<String> {
    if resource == "*" {
        return None;
    }
    let Some((_, rest)) = resource.split_once(':') else {
        // `arn*` and `a*` are short forms.
        let stem = resource.split('*').next().unwrap_or_default();
        let is_short = resource.contains('*') && "arn:".starts_with(stem);
        return (!is_short).then(|| format!("Resource {resource} must be in ARN format or \"*\"."));
    };
    let mut parts = rest.splitn(5, ':');
    let partition = parts.next().unwrap_or_default();
    if !PARTITIONS.contains(&partition) && !partition.contains(['*', '?']) {
        let mut filled = format!("arn:{partition}");
        for _ in 0..4 {
            filled.push(':');
            filled.push_str(parts.next().unwrap_or("*"));
        }
        return Some(format!("Partition \"{partition}\" is not valid for resource \"{filled}\"."));
    }
    let short_form = partition.contains(['*', '?']);
    let Some(service) = parts.next() else {
        let message = "Resource vendor must be fully qualified and cannot contain regexes.";
        return (!short_form).then(|| message.to_owned());
    };
    // `arn:aws:s*` is a short form as well: its wildcard ends it.
    let ends_there = parts.clone().next().is_none();
    if service.contains(['*', '?']) && !ends_there {
        return Some("Resource vendor must be fully qualified and cannot contain regexes.".to_owned());
    }
    let (region, account, inner) = (parts.next(), parts.next(), parts.next());
    if region.is_some_and(|region| !region.is_empty() && region != "*") {
        match service {
            "iam" => return Some(format!("IAM resource {resource} cannot contain region information.")),
            // Access points and other things of S3 that belong to an account have a region.
            "s3" if account.is_some_and(str::is_empty) => {
                return Some(format!("Resource {resource} can not contain region information."));
            }
            _ => {}
        }
    }
    let inner = inner.filter(|_| service == "iam")?;
    // A variable is not looked into.
    let literal = inner.split(['*', '?', '$']).next().unwrap_or_default();
    let is_whole = literal.len() == inner.len();
    let sound =
        IAM_PATHS.iter().any(|path| inner.starts_with(path) || (!is_whole && path.starts_with(literal)));
    (!sound)
        .then(|| format!("IAM resource path must either be \"*\" or start with {}.", IAM_PATHS.join(", ")))
}

/// Whether IAM's older reader fails on it: a service or an account that is missing. The account of an IAM resource
/// has twelve digits: hashicorp/terraform-provider-aws#26108, danschultzer/elixir-terraform-aws-ecs-example#1.
pub(super) fn fails_legacy(resource: &str) -> bool {
    if !resource.contains(':') {
        return false;
    }
    let mut parts = resource.splitn(6, ':');
    let service = parts.nth(2);
    let account = parts.nth(1);
    let has_all = resource.matches(':').take(5).count() == 5;
    if (!has_all && resource.contains("::")) || service == Some("") {
        return true;
    }
    let account = account.unwrap_or_default();
    let known = account.is_empty()
        || account == "aws"
        || account.contains(['*', '?', '$'])
        || (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()));
    service == Some("iam") && !known
}

#[cfg(test)]
mod tests {
    use super::*;

    /// moto's tests/test_iam/test_iam_policies.py: what `CreatePolicy` answered.
    #[test]
    fn what_iam_says_of_resources() {
        for (resource, expected) in [
            ("*", None),
            ("arn:aws:s3:::bucket/*", None),
            ("arn:aws:fdsasf", None),
            ("arn:aws:s33:::bucket", None),
            ("arn:aws:iam:::user/x", None),
            ("arn:aws:iam::*:user/${aws:username}", None),
            ("arn:aws:s3:us-west-2:123456789012:accesspoint/my", None),
            ("", Some("Resource  must be in ARN format or \"*\".")),
            ("bucket", Some("Resource bucket must be in ARN format or \"*\".")),
            ("a:b:cadfsdf", Some("Partition \"b\" is not valid for resource \"arn:b:cadfsdf:*:*:*\".")),
            ("a:b:c:d:e:f:g", Some("Partition \"b\" is not valid for resource \"arn:b:c:d:e:f:g\".")),
            ("aws:s3:::bucket", Some("Partition \"s3\" is not valid for resource \"arn:s3:::bucket:*\".")),
            ("arn::s3:::bucket", Some("Partition \"\" is not valid for resource \"arn::s3:::bucket\".")),
            ("arn:aws", Some("Resource vendor must be fully qualified and cannot contain regexes.")),
            ("arn:aws:*:*:*:x", Some("Resource vendor must be fully qualified and cannot contain regexes.")),
            (
                "arn:aws:s3:us-east-1::bucket",
                Some("Resource arn:aws:s3:us-east-1::bucket can not contain region information."),
            ),
            (
                "arn:aws:iam:us-east-1::x",
                Some("IAM resource arn:aws:iam:us-east-1::x cannot contain region information."),
            ),
        ] {
            assert_eq!(format_error(resource).as_deref(), expected, "{resource}");
        }
        for resource in ["arn:aws:s3::bucket", "arn:aws::::bucket", "arn:aws::x", "arn:aws:iam::1234:role/x"]
        {
            assert!(fails_legacy(resource), "{resource}");
        }
        for resource in ["arn:aws:s3:::bucket", "arn:aws:x", "*", "arn:aws:ec2:region:account-id:instance/*"]
        {
            assert!(!fails_legacy(resource), "{resource}");
        }
    }
}
