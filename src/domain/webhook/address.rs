//! Addresses that others gave us to call. Refuses everything but HTTPS to a public host: whoever
//! names an address must not reach what only we can reach. In a sandbox plain HTTP to this very
//! machine is fine too.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// The longest address.
const LONGEST: usize = 2_048;

/// Why nothing is sent to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAddress {
    /// It is none.
    #[error("is no address")]
    Unreadable,
    /// Anybody on the way could read along.
    #[error("must begin with https://")]
    Plain,
    /// It carries a name and a password.
    #[error("must not carry credentials")]
    Credentials,
    /// It leads to where only we are.
    #[error("leads to a private network")]
    Private,
}

/// Reads an address that may be called.
///
/// # Errors
/// When it may not.
pub fn read(text: &str, sandbox: bool) -> Result<Url, NoAddress> {
    if text.len() > LONGEST {
        return Err(NoAddress::Unreadable);
    }
    let url = Url::parse(text).map_err(|_| NoAddress::Unreadable)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(NoAddress::Credentials);
    }
    let own = match url.host().ok_or(NoAddress::Unreadable)? {
        Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
        Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
        Host::Domain("localhost") => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        Host::Domain(_) => None,
    };
    let here = sandbox && own.is_some_and(|ip| ip.is_loopback());
    match url.scheme() {
        "https" => {}
        "http" if here => {}
        _ => return Err(NoAddress::Plain),
    }
    match own {
        Some(ip) if !may_reach(ip, sandbox) => Err(NoAddress::Private),
        _ => Ok(url),
    }
}

/// Whether a machine may be called.
#[must_use]
pub fn may_reach(ip: IpAddr, sandbox: bool) -> bool {
    if sandbox && ip.is_loopback() {
        return true;
    }
    match ip {
        IpAddr::V4(ip) => is_public(ip),
        IpAddr::V6(ip) => is_public_6(ip),
    }
}

fn is_public(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmarks = a == 198 && (b == 18 || b == 19);
    let protocols = a == 192 && b == 0 && c == 0;
    let relays = a == 192 && b == 88 && c == 99;
    let special = a == 0 || a >= 224 || shared || benchmarks || protocols || relays;
    !(special || ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_documentation())
}

fn is_public_6(ip: Ipv6Addr) -> bool {
    let [first, second, third, .., high, low] = ip.segments();
    // What wraps an address of the older kind leads where that one does.
    let wrapped = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public(Ipv4Addr::new(a, b, c, d))
    };
    match (first, second) {
        (0, _) => ip.to_ipv4_mapped().is_some_and(is_public),
        (0x64, 0xff9b) => wrapped(high, low),
        (0x2002, _) => wrapped(second, third),
        (0x2001, 0xdb8 | 0) => false,
        // Of all the others only these are given out.
        _ => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_hosts_are_reached_and_only_by_https() {
        for (text, why) in [
            ("not an address", NoAddress::Unreadable),
            ("https://", NoAddress::Unreadable),
            ("http://buyer.example/hook", NoAddress::Plain),
            ("http://127.0.0.1/hook", NoAddress::Plain),
            ("ftp://buyer.example/hook", NoAddress::Plain),
            ("file:///etc/passwd", NoAddress::Unreadable),
            ("https://ann:secret@buyer.example/", NoAddress::Credentials),
            ("https://localhost/hook", NoAddress::Private),
            ("https://127.0.0.1/hook", NoAddress::Private),
            ("https://2130706433/hook", NoAddress::Private),
            ("https://0x7f.1/hook", NoAddress::Private),
            ("https://10.1.2.3/hook", NoAddress::Private),
            ("https://172.16.0.1/hook", NoAddress::Private),
            ("https://192.168.0.1/hook", NoAddress::Private),
            (
                "https://169.254.169.254/latest/meta-data",
                NoAddress::Private,
            ),
            ("https://100.64.0.1/hook", NoAddress::Private),
            ("https://0.0.0.0/hook", NoAddress::Private),
            ("https://[::1]/hook", NoAddress::Private),
            ("https://[::ffff:10.0.0.1]/hook", NoAddress::Private),
            ("https://[fd00::1]/hook", NoAddress::Private),
            ("https://[fe80::1]/hook", NoAddress::Private),
            ("https://[64:ff9b::a00:1]/hook", NoAddress::Private),
            ("https://[2002:7f00:1::]/hook", NoAddress::Private),
            ("https://[2001:db8::1]/hook", NoAddress::Private),
        ] {
            assert_eq!(read(text, false), Err(why), "{text}");
        }
        for fine in [
            "https://buyer.example/hook",
            "https://93.184.216.34/hook",
            "https://[2606:4700::1111]:8443/hook?a=1",
        ] {
            assert!(read(fine, false).is_ok(), "{fine}");
        }
    }

    #[test]
    fn a_sandbox_may_call_its_own_machine_and_no_other_private_one() {
        for fine in [
            "http://127.0.0.1:4710/hook",
            "http://localhost/h",
            "http://[::1]/h",
        ] {
            assert!(read(fine, true).is_ok(), "{fine}");
        }
        assert_eq!(read("http://buyer.example/h", true), Err(NoAddress::Plain));
        assert_eq!(read("https://10.0.0.1/h", true), Err(NoAddress::Private));
    }
}
