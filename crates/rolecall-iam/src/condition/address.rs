//! IP addresses and CIDR ranges.

use std::net::IpAddr;

/// Reads an address, or a range in CIDR form; an address alone is a range of one.
pub(crate) fn parse(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = match text.split_once('/') {
        Some((_, bits)) if !bits.bytes().all(|byte| byte.is_ascii_digit()) => return None,
        Some((address, bits)) => (address.parse::<IpAddr>().ok()?, Some(bits.parse::<u8>().ok()?)),
        None => (text.parse::<IpAddr>().ok()?, None),
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(most);
    (bits <= most).then_some((address, bits))
}

/// Whether `range` holds `address`; none where either is no address. An IPv4 range holds no IPv6 address.
pub(crate) fn contains(range: &str, address: &str) -> Option<bool> {
    let (network, bits) = parse(range)?;
    let address = address.parse::<IpAddr>().ok()?;
    Some(match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    })
}
