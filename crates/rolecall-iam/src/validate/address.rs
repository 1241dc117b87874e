//! IP addresses in conditions.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip>

use std::net::IpAddr;

use crate::condition::address;
use crate::validate::findings::Findings;
use crate::validate::written::{Condition, Written};

pub(super) fn check(policy: &Written<'_>, found: &mut Findings) {
    for condition in policy.statements.iter().flat_map(|statement| statement.conditions()) {
        if condition.parsed.is_some_and(|operator| operator.family() == "IpAddress") {
            values(&condition, found);
        }
    }
}

fn values(condition: &Condition<'_>, found: &mut Findings) {
    let (mut private, mut public) = (0, 0);
    for value in condition.strings() {
        if value.text.contains("${") {
            public += 1; // Nobody knows.
            continue;
        }
        let Some((address, bits)) = address::parse(value.text) else {
            let message = format!(
                "The condition operator {} is used with an invalid IP range value. Specify the IP range in standard \
                 CIDR format.",
                condition.operator.text
            );
            found.error("TYPE_MISMATCH_IP_RANGE", value.span, message);
            continue;
        };
        let network = network(address, bits);
        if network != address {
            let message = format!(
                "The non-zero bits in the IP address after the masked bits are ignored. Replace address with \
                 {network}/{bits}."
            );
            found.suggestion("IMPROVE_IP_RANGE", value.span, message);
        }
        if is_private(network, bits) {
            private += 1;
        } else {
            public += 1;
        }
    }
    if private == 0 || !condition.key.text.eq_ignore_ascii_case("aws:SourceIp") {
        return;
    }
    let span = condition.node.span;
    let negated = condition.parsed.is_some_and(|operator| operator.is_negated());
    match (negated, public) {
        (false, 0) => found.error(
            "PRIVATE_IP_ADDRESS",
            span,
            "aws:SourceIp works only for public IP address ranges. The values for condition key aws:SourceIp include \
             only private IP addresses and will not have the desired effect. Update the value to include only public IP \
             addresses.",
        ),
        (true, 0) => found.error(
            "PRIVATE_NOT_IP_ADDRESS",
            span,
            "The values for condition key aws:SourceIp include only private IP addresses and has no effect. aws:SourceIp \
             works only for public IP address ranges. Update the value to include only public IP addresses.",
        ),
        (false, _) => found.suggestion(
            "PRIVATE_IP_ADDRESS_SUBSET",
            span,
            "The values for condition key aws:SourceIp include a mix of private and public IP addresses. The private \
             addresses will not have the desired effect. aws:SourceIp works only for public IP address ranges. To define \
             permissions for private IP ranges, use aws:VpcSourceIp.",
        ),
        (true, _) => found.suggestion(
            "PRIVATE_NOT_IP_ADDRESS_SUBSET",
            span,
            "The values for condition key aws:SourceIp include a mix of private and public IP addresses. The private \
             addresses have no effect. aws:SourceIp works only for public IP address ranges. To define permissions for \
             private IP ranges, use aws:VpcSourceIp.",
        ),
    }
}

/// The address with the bits after the mask set to zero.
fn network(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

/// Wholly inside what RFC 1918 and RFC 4193 keep for private networks.
fn is_private(network: IpAddr, bits: u8) -> bool {
    match network {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            match first {
                10 => bits >= 8,
                172 => (16..32).contains(&second) && bits >= 12,
                192 => second == 168 && bits >= 16,
                _ => false,
            }
        }
        IpAddr::V6(v6) => v6.segments().first().is_some_and(|first| first >> 9 == 0xfc >> 1) && bits >= 7,
    }
}
