//! Networks, as 10.0.0.0/8 or 2001:db8::/32 (RFC 4632, RFC 4291).

use core::net::IpAddr;

/// A network or an address. The bits behind the prefix must be zero: who writes 10.0.0.7/8 has
/// meant either the address or the network, and gateways disagree on which.
pub(in crate::validate) fn network(text: &str) -> Result<(), String> {
    let none =
        || format!("{text:?} is no network: write one as 10.0.0.0/8, or an address as 203.0.113.7");
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().map_err(|_| none())?;
    let bits = if address.is_ipv4() { 32 } else { 128 };
    let Some(length) = length else { return Ok(()) };
    let length: u32 = length.parse().map_err(|_| none())?;
    if length > bits {
        return Err(format!(
            "{text} has a prefix of {length} bits, and such an address has {bits}: write /{bits} or less"
        ));
    }
    let network = first(address, length);
    if network == address {
        return Ok(());
    }
    Err(format!(
        "{text} is an address within {network}/{length}: write {network}/{length} for the network, or {address} for the one address"
    ))
}

/// The first address of the network of that length which the address is in.
fn first(address: IpAddr, length: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            IpAddr::V4((u32::from(address) & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            IpAddr::V6((u128::from(address) & mask).into())
        }
    }
}
