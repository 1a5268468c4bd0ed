//! Ranges of addresses (RFC 4632; RFC 4291, section 2.3).

use core::fmt;
use core::net::IpAddr;

/// A range of addresses, told by its first one and how many bits all of them share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::validate) struct Cidr {
    first: IpAddr,
    bits: u8,
}

impl Cidr {
    /// Reads a range. One that is not told by its first address is refused: the API server
    /// would take it, and whoever wrote it meant one address or another length.
    pub(in crate::validate) fn parse(text: &str) -> Result<Self, String> {
        let example = "write a range as 203.0.113.0/24 or 2001:db8::/32";
        let Some((address, bits)) = text.split_once('/') else {
            return Err(match text.parse::<IpAddr>() {
                Ok(address) => format!(
                    "{text:?} is one address: write {address}/{}",
                    width(address)
                ),
                Err(_) => format!("{text:?} is no range of addresses: {example}"),
            });
        };
        let Ok(address) = address.parse::<IpAddr>() else {
            return Err(format!("{text:?} begins with no address: {example}"));
        };
        let most = width(address);
        let plain = bits.bytes().all(|byte| byte.is_ascii_digit())
            && !(bits.len() > 1 && bits.starts_with('0'));
        let Some(bits) = bits.parse().ok().filter(|bits| plain && *bits <= most) else {
            return Err(format!(
                "{text:?} has no length from 0 to {most} after the slash: {example}"
            ));
        };
        let range = Self {
            first: masked(address, bits),
            bits,
        };
        if range.first == address {
            return Ok(range);
        }
        Err(format!(
            "{text:?} is not told by its first address: write {range}, or {address}/{most} for that one address"
        ))
    }

    /// Whether the other range is smaller and within this one.
    pub(in crate::validate) fn contains(self, other: Self) -> bool {
        let one_family = self.first.is_ipv4() == other.first.is_ipv4();
        one_family && other.bits > self.bits && masked(other.first, self.bits) == self.first
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.first, self.bits)
    }
}

/// How many bits an address has.
const fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// The address with only its first bits.
fn masked(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            IpAddr::V6((address.to_bits() & mask).into())
        }
    }
}

/// Reads a range or one address, as gateways take them.
pub(in crate::validate) fn network(text: &str) -> Result<(), String> {
    if text.parse::<IpAddr>().is_ok() {
        return Ok(());
    }
    Cidr::parse(text).map(drop)
}
