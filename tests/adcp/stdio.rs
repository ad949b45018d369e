//! The same tools over standard input and output, spoken by the program itself.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

#[test]
fn the_program_speaks_over_its_standard_input_and_says_nothing_else_there() {
    let home = tempfile::tempdir().expect("a scratch directory");
    let mut program = Command::new(env!("CARGO_BIN_EXE_flightdeck"))
        .arg("mcp")
        .env_clear()
        .env("FLIGHTDECK_DATA_DIR", home.path())
        .env("FLIGHTDECK_LOG_LEVEL", "debug")
        .env("HOME", home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut to = program.stdin.take().expect("its input");
    let mut from = BufReader::new(program.stdout.take().expect("its output")).lines();
    let mut say = |message: Value| writeln!(to, "{message}").expect("it listens");
    let mut hear = || -> Value {
        let line = from.next().expect("an answer").expect("a line");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    };
    say(
        json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"}
        }}),
    );
    assert_eq!(hear()["result"]["protocolVersion"], "2025-06-18");
    say(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    say(
        json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
            "name": "get_adcp_capabilities", "arguments": {}
        }}),
    );
    let told = hear();
    assert_eq!(
        told["result"]["structuredContent"]["status"], "completed",
        "{told}"
    );
    drop(to);
    assert!(program.wait().expect("it ends").success());
}
