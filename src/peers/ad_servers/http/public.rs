//! Looks names up for calls to addresses that somebody set. The machines that are found are the
//! ones that are called, so a name cannot lead elsewhere in between; one that leads to where only
//! we are leads nowhere.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::domain::webhook::address::may_reach;

/// Finds machines that everybody can reach.
pub struct OnlyPublic;

impl Resolve for OnlyPublic {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            let machines = found.iter().map(SocketAddr::ip);
            if !all_public(machines) {
                let message = "the name leads to a private network";
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, message).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn all_public(mut machines: impl Iterator<Item = IpAddr>) -> bool {
    machines.all(|ip| may_reach(ip, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_of_this_machine_leads_nowhere() {
        let name: Name = "localhost".parse().expect("a name");
        let refused = OnlyPublic.resolve(name).await.err().expect("refused");
        assert!(refused.to_string().contains("private"), "{refused}");
        let mixed = ["93.184.215.14", "10.0.0.1"].map(|ip| ip.parse().expect("an address"));
        assert!(!all_public(mixed.into_iter()), "one of them is enough");
    }
}
