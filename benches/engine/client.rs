//! As little of an HTTP client as will do, so that the server gets the machine: one
//! connection that is kept, requests one after another.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

/// A connection that is kept.
pub struct Connection {
    stream: TcpStream,
    host: String,
    heard: Vec<u8>,
    /// A header with a key, if there is one.
    key: String,
    /// How the answers begin.
    status: &'static [u8],
}

impl Connection {
    /// Connects.
    pub fn open(address: &str) -> Self {
        Self::with(address, String::new(), b"HTTP/1.1 20")
    }

    /// Connects, to send a header more and to take answers that begin so.
    pub fn with(address: &str, key: String, status: &'static [u8]) -> Self {
        let stream = TcpStream::connect(address).expect("somebody listens");
        stream.set_nodelay(true).expect("a socket");
        Self {
            stream,
            host: address.to_owned(),
            heard: vec![0; 256 << 10],
            key,
            status,
        }
    }

    /// Reads; gives the body.
    pub fn get(&mut self, path: &str) -> &[u8] {
        let (host, key) = (&self.host, &self.key);
        let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{key}\r\n");
        self.ask(request.as_bytes())
    }

    /// Sends JSON; gives the body.
    pub fn post(&mut self, path: &str, body: &str) -> &[u8] {
        let (host, key, length) = (&self.host, &self.key, body.len());
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n{key}\r\n{body}"
        );
        self.ask(request.as_bytes())
    }

    fn ask(&mut self, request: &[u8]) -> &[u8] {
        self.stream.write_all(request).expect("it is heard");
        let (mut have, mut whole) = (0, None);
        while whole.is_none_or(|(_, end)| have < end) {
            if have == self.heard.len() {
                self.heard.resize(have * 2, 0);
            }
            let more = self
                .stream
                .read(&mut self.heard[have..])
                .expect("an answer");
            assert!(more > 0, "the answer broke off");
            have += more;
            whole = whole.or_else(|| measure(&self.heard[..have]));
        }
        let (body, end) = whole.unwrap_or_default();
        assert!(
            self.heard.starts_with(self.status),
            "{}",
            String::from_utf8_lossy(&self.heard[..end])
        );
        &self.heard[body..end]
    }
}

/// Where the body of an answer begins and ends, once its head is there.
fn measure(heard: &[u8]) -> Option<(usize, usize)> {
    let head = heard.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&heard[..head]).expect("a head in ASCII");
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let named = name.eq_ignore_ascii_case("content-length");
        named.then(|| value.trim().parse::<usize>().expect("a length"))
    });
    let body = head + 4;
    Some((body, body + length.expect("an answer of known length")))
}
