//! IP networks: `cidrhost`, `cidrnetmask`, `cidrsubnet`, `cidrsubnets`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Call, Outcome, Stop, known_text, whole_of};
use crate::value::Value;

/// An address and how many bits of it are the network's.
#[derive(Clone, Copy)]
struct Network {
    /// As a number; of IPv4 the lowest 32 bits.
    address: u128,
    /// How many bits an address has: 32 or 128.
    bits: u32,
    prefix: u32,
}

impl Network {
    fn read(value: &Value) -> Outcome<Self> {
        let text = known_text(value)?;
        let refused = || format!("{text} is no network, such as 10.0.0.0/16");
        let (address, prefix) = text.split_once('/').ok_or_else(refused)?;
        // Zeros before a decimal are passed over.
        let address = if address.contains(':') {
            address.to_owned()
        } else {
            let parts = address.split('.').map(|part| match part.trim_start_matches('0') {
                "" if !part.is_empty() => "0",
                trimmed => trimmed,
            });
            parts.collect::<Vec<_>>().join(".")
        };
        let (number, bits) = match address.parse().map_err(|_| refused())? {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            // Go takes it for one of IPv4, and its length for one of IPv6.
            IpAddr::V6(address) if address.to_ipv4_mapped().is_some() => return Err(Stop::Unknown),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let is_decimal = prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix: u32 = prefix.parse().ok().filter(|_| is_decimal).ok_or_else(refused)?;
        if prefix > bits {
            return Err(refused().into());
        }
        let network = Self { address: number, bits, prefix };
        Ok(Self { address: number & !network.host_mask(), ..network })
    }

    /// The bits that are not the network's.
    fn host_mask(self) -> u128 {
        low_bits(self.bits - self.prefix)
    }

    fn show(self, address: u128) -> String {
        if self.bits == 32 {
            u32::try_from(address)
                .map_or_else(|_| String::new(), |address| Ipv4Addr::from(address).to_string())
        } else {
            Ipv6Addr::from(address).to_string()
        }
    }

    /// The network with this number among those that have so many bits more.
    fn subnet(self, more: u32, number: u128) -> Outcome<Self> {
        let prefix = self.prefix + more;
        if prefix > self.bits {
            return Err(format!("{more} more bits than {} are more than {}", self.prefix, self.bits).into());
        }
        if number > low_bits(more) {
            return Err(format!("there is no network {number} in {more} bits").into());
        }
        let shifted = number.checked_shl(self.bits - prefix).unwrap_or(0);
        Ok(Self { address: self.address | shifted, prefix, ..self })
    }
}

/// A number of so many ones.
fn low_bits(count: u32) -> u128 {
    1_u128.checked_shl(count).map_or(u128::MAX, |bit| bit - 1)
}

fn small(value: &Value) -> Outcome<u32> {
    // Below zero Terraform's answers are accidents; we have none.
    u32::try_from(whole_of(value)?).ok().filter(|bits| *bits <= 128).ok_or(Stop::Unknown)
}

/// <https://developer.hashicorp.com/terraform/language/functions/cidrhost>
pub(super) fn cidrhost(call: &Call<'_>) -> Outcome {
    let [network, number] = call.exactly()?;
    let network = Network::read(network)?;
    let number = whole_of(number)?;
    let mask = network.host_mask();
    let distance = u128::from(number.unsigned_abs());
    // A negative number counts from the end.
    let host = if number < 0 { mask.checked_sub(distance - 1) } else { Some(distance) };
    let host =
        host.filter(|host| *host <= mask).ok_or_else(|| format!("the network has no host {number}"))?;
    Ok(network.show(network.address | host).into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/cidrnetmask>
pub(super) fn cidrnetmask(call: &Call<'_>) -> Outcome {
    let [network] = call.exactly()?;
    let network = Network::read(network)?;
    if network.bits != 32 {
        return Err("IPv6 has no netmask".into());
    }
    Ok(network.show(low_bits(32) & !network.host_mask()).into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/cidrsubnet>
pub(super) fn cidrsubnet(call: &Call<'_>) -> Outcome {
    let [network, more, number] = call.exactly()?;
    let network = Network::read(network)?;
    let number = u128::try_from(whole_of(number)?).map_err(|_| Stop::Unknown)?;
    let subnet = network.subnet(small(more)?, number)?;
    Ok(format!("{}/{}", subnet.show(subnet.address), subnet.prefix).into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/cidrsubnets>
pub(super) fn cidrsubnets(call: &Call<'_>) -> Outcome {
    let (network, sizes) = call.first()?;
    let network = Network::read(network)?;
    let mut subnets = Vec::new();
    // The first address that is free; none when all are taken.
    let mut free = Some(0_u128);
    for size in sizes {
        let more = whole_of(size)?;
        let more = u32::try_from(more).ok().filter(|more| (1..=32).contains(more));
        let more = more.ok_or("a subnet has at least 1 bit more, and at most 32")?;
        let subnet = network.subnet(more, 0)?;
        let mask = subnet.host_mask();
        let start = free.and_then(|free| free.checked_add(mask)).map(|end| end & !mask);
        let start = start.filter(|start| *start <= network.host_mask()).ok_or("the network is full")?;
        free = start.checked_add(mask).and_then(|last| last.checked_add(1));
        let address = network.address | start;
        subnets.push(Value::from(format!("{}/{}", subnet.show(address), subnet.prefix)));
    }
    Ok(Value::list(subnets))
}
