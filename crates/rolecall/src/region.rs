//! Regions in which STS can be asked.
//!
//! Credentials from any region's STS are good in all regions of the partition:
//! [Manage AWS STS in an AWS Region](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html).

use aws_types::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

/// Where STS is always on, in each partition.
pub(crate) fn main(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        "aws-iso-e" => "eu-isoe-west-1",
        "aws-iso-f" => "us-isof-south-1",
        "aws-eusc" => "eusc-de-east-1",
        _ => "us-east-1",
    }
}

/// A region of the partition to ask when this one's STS cannot be reached: the main one, or for that one another. None
/// where this region is of another partition.
pub(crate) fn another(region: &str, partition: &str) -> Option<&'static str> {
    if partition_of(region) != partition {
        return None;
    }
    match (main(partition), partition) {
        (main, _) if main != region => Some(main),
        (_, "aws") => Some("us-west-2"),
        (_, "aws-cn") => Some("cn-northwest-1"),
        (_, "aws-us-gov") => Some("us-gov-east-1"),
        _ => None,
    }
}

/// [Partitions](https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html)
fn partition_of(region: &str) -> &'static str {
    const PREFIXES: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    let known = PREFIXES.iter().find(|(prefix, _)| region.starts_with(prefix));
    known.map_or("aws", |(_, partition)| partition)
}

/// Whether STS is called at a URL that somebody has set: then nowhere else.
/// [Service-specific endpoints](https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html)
pub(crate) fn is_at_a_url(config: &SdkConfig) -> bool {
    let key =
        ServiceConfigKey::builder().service_id("STS").env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let of_sts = || config.service_config()?.load_config(key.ok()?);
    config.endpoint_url().is_some() || of_sts().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_across_partitions() {
        for (region, partition, expected) in [
            ("eu-west-1", "aws", Some("us-east-1")),
            ("us-east-1", "aws", Some("us-west-2")),
            ("cn-northwest-1", "aws-cn", Some("cn-north-1")),
            ("cn-north-1", "aws-cn", Some("cn-northwest-1")),
            ("us-gov-east-1", "aws-us-gov", Some("us-gov-west-1")),
            ("us-gov-west-1", "aws-us-gov", Some("us-gov-east-1")),
            ("us-isob-east-1", "aws-iso-b", None),
            ("eusc-de-east-1", "aws-eusc", None),
            ("cn-north-1", "aws", None),
            ("eu-west-1", "aws-cn", None),
            ("us-iso-east-1", "aws-iso-b", None),
        ] {
            let found = another(region, partition);
            assert_eq!(found, expected, "{region} of {partition}");
            assert!(found.is_none_or(|found| partition_of(found) == partition && found != region));
        }
    }
}
