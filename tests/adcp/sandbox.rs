//! The tenant to play in: there with the flag, and not without it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

/// A program that serves; ended with the test.
struct Server {
    program: Child,
    address: String,
    _home: tempfile::TempDir,
}

impl Server {
    fn start(flags: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a scratch directory");
        let mut program = Command::new(env!("CARGO_BIN_EXE_flightdeck"))
            .args(["serve", "--bind", "127.0.0.1:0", "--ephemeral"])
            .args(flags)
            .env_clear()
            .env("FLIGHTDECK_DATA_DIR", home.path())
            .env("HOME", home.path())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let said = BufReader::new(program.stderr.take().expect("what it says")).lines();
        let mut addresses = said.filter_map(|line| {
            let line = line.ok()?;
            let (_, rest) = line.split_once("serves http://")?;
            rest.split_whitespace().next().map(str::to_owned)
        });
        let address = addresses.next().expect("an address");
        // Whoever writes to a closed stream would be ended by it.
        std::thread::spawn(move || addresses.for_each(drop));
        Self {
            program,
            address,
            _home: home,
        }
    }

    /// Calls a tool with a key: the status, and the structured answer.
    fn call(&self, key: &str, tool: &str, arguments: &Value) -> (u16, Value) {
        let body = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": tool, "arguments": arguments}
        })
        .to_string();
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        write!(
            stream,
            "POST /mcp HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\nconnection: close\r\n\
             x-adcp-auth: {key}\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let status = answer[9..12].parse().expect("a status");
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        (status, body["result"]["structuredContent"].clone())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.program.kill());
        drop(self.program.wait());
    }
}

#[test]
fn anybody_with_a_key_of_the_sandbox_may_play_and_nobody_else() {
    let server = Server::start(&["--sandbox"]);
    let all = json!({"buying_mode": "wholesale"});
    let (status, told) = server.call("demo-acme-outdoor-v1", "get_products", &all);
    assert_eq!(status, 200);
    let ids: Vec<&str> = told["products"]
        .as_array()
        .expect("products")
        .iter()
        .filter_map(|product| product["product_id"].as_str())
        .collect();
    for wanted in [
        "test-product",
        "outdoor_ctv_q2",
        "outdoor_display_q2",
        "outdoor_video_q2",
    ] {
        assert!(ids.contains(&wanted), "{ids:?}");
    }
    let held = json!({"buying_mode": "refine", "refine": [
        {"scope": "proposal", "proposal_id": "balanced_reach_q2", "action": "finalize"}
    ]});
    let (_, told) = server.call("demo-acme-outdoor-v2", "get_products", &held);
    assert_eq!(
        told["proposals"][0]["proposal_status"], "committed",
        "{told:#}"
    );
    assert_eq!(
        server.call("demo-nova-motors-v1", "get_products", &all).0,
        401
    );
}

#[test]
fn without_the_flag_its_keys_open_nothing() {
    let server = Server::start(&[]);
    let all = json!({"buying_mode": "wholesale"});
    assert_eq!(
        server.call("demo-acme-outdoor-v1", "get_products", &all).0,
        401
    );
}
