//! Under which names the server may be asked. A page somewhere else that talks a browser
//! into asking us, under its own name or from its own origin, is refused.

use std::net::IpAddr;

use axum::http::{HeaderMap, Uri, header, uri::Authority};

use crate::engine::fault::{Fault, FaultKind};

/// Names and origins that are ours.
#[derive(Debug, Clone, Default)]
pub struct Address {
    /// Host names beside addresses and `localhost`.
    pub hosts: Vec<String>,
    /// Origins of web pages that may ask.
    pub origins: Vec<String>,
}

impl Address {
    /// Lets a request through that was meant for us.
    ///
    /// # Errors
    /// When it names no host, two, or one that is not ours, or comes from another page.
    pub fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Fault> {
        let mut named = headers.get_all(header::HOST).iter();
        let host = match (named.next(), named.next(), uri.authority()) {
            (_, Some(_), _) => return Err(no_host("the request names two hosts")),
            (Some(host), None, _) => host
                .to_str()
                .map_err(|_| no_host("the host is unreadable"))?,
            (None, None, Some(authority)) => authority.as_str(),
            (None, None, None) => return Err(no_host("the request names no host")),
        };
        if !self.is_ours(host) {
            let message = "this server does not answer under that name";
            return Err(Fault::new(FaultKind::Misdirected, "UNKNOWN_HOST", message)
                .hint("add the name to `server.hosts` in the settings"));
        }
        match headers.get(header::ORIGIN).map(|origin| origin.to_str()) {
            None => Ok(()),
            Some(Ok(origin)) if self.is_page(origin, host) => Ok(()),
            Some(_) => Err(Fault::new(
                FaultKind::Forbidden,
                "UNKNOWN_ORIGIN",
                "pages of that origin may not ask this server",
            )
            .hint("add the origin to `server.origins` in the settings")),
        }
    }

    /// The tenant that a request names: in its header, else in the host before our own name.
    #[must_use]
    pub fn tenant<'a>(&self, uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
        if let Some(named) = headers.get("x-adcp-tenant") {
            return Some(named.to_str().unwrap_or_default());
        }
        let host = headers.get(header::HOST).and_then(|it| it.to_str().ok());
        let name = without_port(host.or_else(|| uri.authority().map(Authority::as_str))?);
        let is_one = self.is_name(name) || name.starts_with('[');
        let (first, rest) = name.split_once('.').filter(|_| !is_one)?;
        self.is_host(rest).then_some(first)
    }

    /// Whether a request names this very machine as those who sit at it do.
    #[must_use]
    pub fn is_local(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let host = headers.get(header::HOST).and_then(|it| it.to_str().ok());
        let Some(host) = host.or_else(|| uri.authority().map(Authority::as_str)) else {
            return false;
        };
        let name = without_port(host).trim_matches(['[', ']']);
        let ip = name.parse::<IpAddr>();
        name.eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip| ip.is_loopback())
    }

    fn is_ours(&self, host: &str) -> bool {
        let name = without_port(host);
        let of_tenant = name.split_once('.').map(|(_, rest)| rest);
        self.is_name(name) || of_tenant.is_some_and(|rest| self.is_host(rest))
    }

    fn is_name(&self, name: &str) -> bool {
        self.is_host(name) || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
    }

    fn is_host(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case("localhost")
            || self.hosts.iter().any(|one| one.eq_ignore_ascii_case(name))
    }

    fn is_page(&self, origin: &str, host: &str) -> bool {
        let same = origin
            .split_once("://")
            .is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(host));
        same || self.origins.iter().any(|one| one == origin)
    }
}

fn without_port(host: &str) -> &str {
    if host.starts_with('[') {
        return host.find(']').map_or(host, |end| &host[..=end]);
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

fn no_host(said: &str) -> Fault {
    Fault::new(FaultKind::Malformed, "BAD_HOST", said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(host: &[&str], origin: Option<&str>) -> Option<FaultKind> {
        let address = Address {
            hosts: vec!["ads.example".into()],
            origins: vec!["https://desk.example".into()],
        };
        let mut headers = HeaderMap::new();
        for one in host {
            headers.append(header::HOST, one.parse().expect("host"));
        }
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().expect("origin"));
        }
        address
            .check(&Uri::from_static("/bookings"), &headers)
            .err()
            .map(|fault| fault.kind)
    }

    #[test]
    fn a_tenant_is_named_by_the_header_or_before_our_name() {
        let address = Address {
            hosts: vec!["ads.example".into()],
            origins: Vec::new(),
        };
        let named = |host: &'static str, header: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().expect("host"));
            if let Some(header) = header {
                headers.insert("x-adcp-tenant", header.parse().expect("header"));
            }
            let path = Uri::from_static("/mcp");
            let tenant = address.tenant(&path, &headers);
            tenant.map(str::to_owned)
        };
        assert_eq!(named("sports.ads.example", None).as_deref(), Some("sports"));
        assert_eq!(named("news.localhost:8001", None).as_deref(), Some("news"));
        assert_eq!(
            named("news.localhost", Some("sports")).as_deref(),
            Some("sports")
        );
        for host in [
            "ads.example",
            "localhost:8001",
            "127.0.0.1:8001",
            "[::1]:8001",
        ] {
            assert_eq!(named(host, None), None, "{host}");
        }
    }

    #[test]
    fn only_our_own_names_and_pages_are_answered() {
        for host in [
            "localhost:8001",
            "127.0.0.1",
            "[::1]:8001",
            "ads.example:443",
            "ADS.example",
            "sports.ads.example",
            "sports.localhost:8001",
        ] {
            assert_eq!(verdict(&[host], None), None, "{host}");
        }
        assert_eq!(
            verdict(&["evil.example"], None),
            Some(FaultKind::Misdirected)
        );
        for host in ["a.b.ads.example", "1.127.0.0.1", "ads.example.evil"] {
            assert_eq!(
                verdict(&[host], None),
                Some(FaultKind::Misdirected),
                "{host}"
            );
        }
        assert_eq!(verdict(&[], None), Some(FaultKind::Malformed));
        assert_eq!(
            verdict(&["localhost", "localhost"], None),
            Some(FaultKind::Malformed)
        );
        assert_eq!(
            verdict(&["localhost:8001"], Some("http://localhost:8001")),
            None
        );
        assert_eq!(
            verdict(&["localhost:8001"], Some("https://desk.example")),
            None
        );
        for origin in [
            "null",
            "http://evil.example",
            "http://localhost.evil:8001",
            "http://localhost:9",
        ] {
            assert_eq!(
                verdict(&["localhost:8001"], Some(origin)),
                Some(FaultKind::Forbidden),
                "{origin}"
            );
        }
    }
}
