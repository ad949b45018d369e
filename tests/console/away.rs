//! The console on an engine that is not there, or not the one that is meant: it opens and waits, or
//! says why it does not, and never keeps anybody from leaving.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    afar::{FRESH, SIZE, Server, home},
    authority::Authority,
    home::{PROGRAM, leave},
    terminal::{Left, Terminal},
};

/// How soon whoever wants to leave has left.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Opens the console on a profile of a file, with a key.
fn opens(home: &TempDir, key: &str) -> Terminal {
    let own = home.path().display().to_string();
    let data = home.path().join("data").display().to_string();
    let environment = [
        ("HOME", own.as_str()),
        ("USER", "tester"),
        ("FLIGHTDECK_DATA_DIR", data.as_str()),
        ("DESK", key),
    ];
    let flags = ["--config", "config.toml", "--engine", "desk"];
    Terminal::start(PROGRAM, &flags, &environment, home.path(), SIZE)
}

fn profile(home: &Path, url: &str, more: &str) {
    let profile = format!("[engines.desk]\nurl = \"{url}\"\ntoken_env = \"DESK\"\n{more}");
    fs::write(home.join("config.toml"), profile).expect("a file");
}

/// How it ends where it does not open: its code, with what it said on a screen that was never taken.
#[track_caller]
fn refused(mut console: Terminal) -> (u32, String) {
    let ended = console.wait_for_end();
    let written = String::from_utf8_lossy(&console.bytes_since_mark()).into_owned();
    assert!(
        !written.contains("\x1b[?1049h"),
        "the screen was taken: {written}"
    );
    assert_eq!(console.left(), Left(vec![]));
    // A line is broken where the terminal ends.
    let said = console.screen_text().replace('\n', " ");
    (ended.exit_code(), said)
}

#[test]
fn it_opens_while_the_server_is_down_and_is_live_when_that_comes() {
    let mut server = Server::open();
    server.sends("From Afar");
    server.kill();
    let own = home();
    let mut console = server.console(&own, server.at);
    console.wait_for_text(&format!("waiting for {}", server.at));
    console.wait_for_text("cannot be reached: nobody listens there");
    console.wait_for_text("hint: see that it runs, and that the address is right");
    console.wait_for_text("not reached for");
    console.wait_for_text("retrying");
    console.wait_for_text("Tried 3 times");
    // Every key works meanwhile.
    console.type_keys("?");
    console.wait_for_text("Keys that work here");
    console.type_keys("q");
    console.wait_for(|screen| !screen.contents().contains("Keys that work here"));
    console.type_keys("3");
    console.wait_for_text("[3 Pacing");
    console.type_keys("1");
    console.wait_for_text("[1 Jobs");
    server.start();
    let back = Instant::now();
    console.wait_within(FRESH, |screen| {
        let text = screen.contents();
        text.contains("From Afar") && text.contains("live") && text.contains("ADMIN")
    });
    assert!(back.elapsed() < FRESH);
    // From there on it is as if it had been there all the time.
    server.sends("Another One");
    console.wait_for_text("Another One");
    server.kill();
    console.wait_for_text("s old");
    console.wait_for_text("nobody listens there");
    server.start();
    console.wait_for_text("live");
    console.wait_for(|screen| !screen.contents().contains("nobody listens there"));
    leave(console);
}

#[test]
fn whoever_waits_for_a_server_leaves_at_once() {
    let mut server = Server::open();
    server.kill();
    // Somebody who takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = silent.local_addr().expect("an address");
    for (at, words) in [
        (server.at, "nobody listens there"),
        (at, "It has not answered yet."),
    ] {
        let own = home();
        let mut console = server.console(&own, at);
        console.wait_for_text(words);
        let pressed = Instant::now();
        console.type_keys("<ctrl-c>");
        let (ended, _) = console.wait_for_end_within(AT_ONCE);
        assert_eq!(ended.exit_code(), 0, "{}", console.screen_text());
        assert_eq!(console.left(), Left(vec![]));
        assert!(pressed.elapsed() < AT_ONCE);
    }
}

#[test]
fn who_is_refused_reads_so_before_the_screen_is_taken() {
    let server = Server::open();
    let own = home();
    profile(own.path(), &server.url(), "");
    let (code, said) = refused(opens(&own, "fdk_nobody_knows_this"));
    assert_eq!(code, 4, "{said}");
    assert!(!said.contains("nobody_knows_this"), "{said}");
    // A server, but none of ours.
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = other.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in other.incoming() {
            let mut stream = stream.expect("a connection");
            let mut asked = [0; 4096];
            if stream.read(&mut asked).is_ok() {
                let page = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";
                drop(stream.write_all(page.as_bytes()));
            }
        }
    });
    profile(own.path(), &format!("http://{at}"), "");
    let (code, said) = refused(opens(&own, "none"));
    assert_eq!(code, 6, "{said}");
    assert!(said.contains("is no engine of ours"), "{said}");
    assert!(said.contains("200 OK"), "{said}");
}

#[test]
fn it_trusts_whom_its_profile_names_and_says_whom_it_does_not() {
    let authority = Authority::new();
    let mut server = Server::open_tls(&authority);
    server.sends("In Confidence");
    let own = home();
    let trusted = own.path().join("authority.pem");
    fs::write(&trusted, authority.pem()).expect("a file");
    profile(own.path(), &server.url(), server.trust());
    let console = opens(&own, &server.key);
    console.wait_for_text("In Confidence");
    console.wait_for_text("live");
    // Killed and started again, and its certificate renewed in between.
    server.kill();
    console.wait_for_text("s old");
    authority.vouches_in(server.files.path());
    server.start();
    console.wait_for_text("live");
    leave(console);
    // Somebody else vouches for whoever is there.
    let another = Authority::new();
    fs::write(&trusted, another.pem()).expect("a file");
    let (code, said) = refused(opens(&own, &server.key));
    assert_eq!(code, 6, "{said}");
    for words in [
        "cannot prove to be it",
        "its certificate is not good",
        "ca_file",
    ] {
        assert!(said.contains(words), "{said}");
    }
    // The same while it is waited for: it is said on the screen, and mended without a restart.
    server.kill();
    let console = opens(&own, &server.key);
    console.wait_for_text("nobody listens there");
    server.start();
    console.wait_for_text("its certificate is not good");
    console.wait_for_text("ca_file");
    fs::write(&trusted, authority.pem()).expect("a file");
    console.wait_for_text("In Confidence");
    console.wait_for_text("live");
    leave(console);
}
