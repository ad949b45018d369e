//! A certificate that is renewed under those who are connected: whoever comes next is shown the new
//! one, whoever is there notices nothing, and what cannot be used is not taken up.

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use flightdeck::{engine::activity::FeedEnd, session::Seen};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::{
    authority::{Authority, set_private},
    people::submit,
    program::Town,
    stage::{Stage, Way},
};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// The certificate that somebody is shown who comes now.
async fn shown(stage: &Stage) -> CertificateDer<'static> {
    let authority = stage.authority.as_ref().expect("an authority").pem();
    let mut roots = RootCertStore::empty();
    let trusted = CertificateDer::from_pem_slice(&authority).expect("a certificate");
    roots.add(trusted).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(stage.at).await.expect("a connection");
    let name = ServerName::try_from("localhost").expect("a name");
    let connector = TlsConnector::from(Arc::new(config));
    let stream = connector.connect(name, stream).await.expect("a server");
    let all = stream
        .get_ref()
        .1
        .peer_certificates()
        .expect("certificates");
    all[0].clone()
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_and_cuts_nobody_off() {
    let stage = Stage::open(Way::Tls).await;
    let authority = stage.authority.as_ref().expect("an authority");
    let certificate = stage.certificate.as_ref().expect("a certificate");
    let path = |name: &str| stage.files.path().join(name);
    let anna = stage.session("anna").await;
    let mut watch = anna.watch();
    // The stream stands.
    let mut sent = 0;
    let mut last = loop {
        sent += 1;
        anna.ask(submit(&format!("Before {sent}")))
            .await
            .expect("a job");
        match tokio::time::timeout(Duration::from_millis(500), watch.next()).await {
            Ok(Some(Seen::Event(event))) => break event.seq,
            other => assert!(sent < 40, "{other:?}"),
        }
    };
    let first = shown(&stage).await;
    assert_eq!(certificate.look(), Ok(false), "nothing has changed");

    authority.vouches_in(stage.files.path());
    assert_eq!(certificate.look(), Ok(true));
    let second = shown(&stage).await;
    assert_ne!(first, second);
    assert_eq!(certificate.look(), Ok(false));

    // Half of it has been written, then the other half is still the one before.
    let (chain, key) = authority.vouches();
    for (written, words) in [
        (&chain[..chain.len() / 2], "chain.pem: "),
        ("", "chain.pem: holds no certificate"),
        (&chain[..], "it is not the key of that certificate"),
    ] {
        fs::write(path("chain.pem"), written).expect("a file");
        let said = certificate.look().expect_err("no pair");
        assert!(said.contains(words), "{said}");
        assert_eq!(certificate.look(), Ok(false), "it is said once");
        assert_eq!(shown(&stage).await, second);
    }
    fs::remove_file(path("key.pem")).expect("a file");
    assert!(certificate.look().is_err(), "it is not there");
    fs::write(path("key.pem"), &key).expect("a file");
    set_private(&path("key.pem"));
    assert_eq!(certificate.look(), Ok(true));
    let third = shown(&stage).await;
    assert!(third != second && third != first);

    // Whoever was there has heard everything, over a line that was never cut.
    anna.ask(submit("After")).await.expect("a job");
    let end = anna.ask(FeedEnd {}).await.expect("the end").seq;
    while last < end {
        let next = tokio::time::timeout(PATIENCE, watch.next()).await;
        match next.expect("in time") {
            Some(Seen::Event(event)) => {
                assert_eq!(event.seq, last + 1);
                last = event.seq;
            }
            other => panic!("the line was cut: {other:?}"),
        }
    }
}

/// Asks until it is answered so, or for too long.
#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
    }
}

#[test]
fn the_program_takes_up_what_was_renewed_and_says_what_it_cannot() {
    let town = Town::open(true);
    let path = |name: &str| town.home().join(name);
    let profile = format!(
        "[engines.desk]\nurl = \"{}\"\nca_file = \"authority.pem\"\ntoken_env = \"DESK\"\n",
        town.at.replace("127.0.0.1", "localhost")
    );
    fs::write(path("config.toml"), profile).expect("a file");
    let asks = || {
        let flags = [
            "--config",
            "config.toml",
            "--engine",
            "desk",
            "call",
            "engine.who",
        ];
        town.run(&[("DESK", &town.key)], &flags).status.success()
    };
    assert!(asks(), "it is vouched for");
    // Half of a pair: it is said, by the server and by whoever looks, and nothing changes.
    let before = fs::read(path("chain.pem")).expect("a file");
    fs::write(path("chain.pem"), &before[..before.len() / 2]).expect("a file");
    until("it says that it cannot be used", || {
        let told = town.told();
        let said = told
            .iter()
            .find(|line| line.contains("the one before goes on"));
        said.is_some_and(|line| line.contains("chain.pem"))
    });
    assert!(asks(), "the one before goes on");
    let doctor = town.run(&[], &["--config", "server.toml", "doctor"]);
    let said = String::from_utf8_lossy(&doctor.stdout);
    assert!(
        said.contains("FAIL") && said.contains("chain.pem") && said.contains("goes on with"),
        "{said}"
    );
    // Another authority vouches for it from now on.
    let authority = Authority::new();
    authority.vouches_in(town.home());
    until("whoever trusts the one before is told", || !asks());
    fs::write(path("authority.pem"), authority.pem()).expect("a file");
    until("it shows the new one", asks);
    assert!(town.told().iter().any(|line| line.contains("was renewed")));
    let doctor = town.run(&[], &["--config", "server.toml", "doctor"]);
    let said = String::from_utf8_lossy(&doctor.stdout);
    assert!(
        said.contains("in TLS, with") && !said.contains("goes on with"),
        "{said}"
    );
}
