//! Answers: JSON that can be parsed, tables for people, and nothing else on standard output.

use std::fs;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::desk::{BRIEF, Desk};

#[test]
fn every_answer_is_json_where_json_is_wanted() {
    let desk = Desk::new().with("LOG_LEVEL", "debug");
    let job = desk.json(BRIEF);
    assert_eq!(
        (job["status"].clone(), job["submitted_by"].clone()),
        (json!("awaiting_approval"), json!("tester"))
    );
    let id = job["job_id"].as_str().expect("an id").to_owned();
    let product = job["recommendations"][0]["product_id"]
        .as_str()
        .expect("a product")
        .to_owned();
    let page = desk.json(&["jobs", "list", "--status", "awaiting_approval"]);
    assert_eq!(
        (page["total"].clone(), page["jobs"][0]["job_id"].clone()),
        (json!(1), json!(id))
    );
    assert_eq!(desk.json(&["jobs", "show", &id])["job_id"], *id);
    let watched = desk.run(&["--json", "jobs", "watch", &id]);
    let events: Vec<Value> = watched
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    assert_eq!(
        events.first().expect("an event")["event"],
        "bookings.submitted"
    );
    assert_eq!(
        events.last().expect("an event")["event"],
        "bookings.awaiting_approval"
    );
    let booked = desk.json(&["jobs", "approve", &id, &product]);
    assert_eq!(
        (
            booked["status"].clone(),
            booked["booked_lines"][0]["booking_status"].clone()
        ),
        (json!("completed"), json!("Booked"))
    );
    let other = desk.send();
    assert_eq!(desk.json(&["jobs", "cancel", &other])["status"], "failed");
    assert_eq!(desk.json(&["jobs", "retry", &other])["retry_of"], *other);
    let quick = [BRIEF, &["--no-wait"]].concat();
    assert_eq!(desk.json(&quick)["status"], "pending");
    for finding in desk.json(&["doctor"]).as_array().expect("a list") {
        assert!(
            ["ok", "warn"].contains(&finding["state"].as_str().expect("text")),
            "{finding}"
        );
    }
    assert_eq!(desk.json(&["audit", "verify"])[0]["whole"], true);
    assert_eq!(
        desk.json(&["audit", "list", "--after", "1", "--limit", "1"])["lines"][0]["action"],
        "bookings.submit"
    );
    let catalogue = desk.json(&["call", "--list"]);
    assert!(
        catalogue
            .as_array()
            .expect("a list")
            .iter()
            .any(|it| it["name"] == "bookings.submit")
    );
    assert_eq!(
        desk.json(&["call", "bookings.get", &json!({"job_id": id}).to_string()])["job_id"],
        *id
    );
    assert_eq!(desk.json(&["key", "robot"])["name"], "robot");
}

#[test]
fn what_goes_wrong_is_said_on_standard_error_alone() {
    let desk = Desk::new();
    for args in [
        &["--json", "jobs", "show", "x"][..],
        &["--json", "jobs", "new"],
        &["--json", "call", "nothing.here"],
    ] {
        let ran = desk.run(args);
        assert!(
            ran.code > 1 && ran.out.is_empty() && ran.err.starts_with("error: "),
            "{ran:?}"
        );
    }
}

#[test]
fn a_brief_comes_from_a_file_from_input_or_from_flags() {
    let desk = Desk::new();
    let brief = json!({
        "name": "From a file", "objectives": ["reach"], "budget": 1234.5,
        "start_date": "2026-07-01", "end_date": "2026-07-31", "target_audience": {}
    });
    let file = desk.file("brief.json", brief.to_string());
    let job = desk.json(&["jobs", "new", "--file", &file]);
    assert_eq!(
        (job["campaign_name"].clone(), job["auto_approve"].clone()),
        (json!("From a file"), json!(false))
    );
    let job = desk.json(&[
        "jobs",
        "new",
        "--file",
        &file,
        "--name",
        "Flags win",
        "--budget",
        "99.90",
        "--auto-approve",
    ]);
    assert_eq!(
        (job["campaign_name"].clone(), job["budget"].clone()),
        (json!("Flags win"), json!(99.9))
    );
    assert_eq!(job["status"], "completed");
    let whole = json!({"brief": brief, "auto_approve": true}).to_string();
    let job = desk
        .told(&["--json", "jobs", "new", "--file", "-"], &whole)
        .json(0);
    assert_eq!(
        (job["status"].clone(), job["auto_approve"].clone()),
        (json!("completed"), json!(true))
    );
    let unknown = json!({"brief": brief, "is_admin": true}).to_string();
    desk.told(&["jobs", "new", "-"], &unknown)
        .refused(2, &["is_admin"]);
}

#[test]
fn any_operation_can_be_called_and_called_again() {
    let desk = Desk::new();
    let list = desk.run(&["call", "--list"]);
    let names: Vec<&str> = list
        .out
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let known: Vec<&str> = flightdeck::engine::catalogue::CATALOGUE
        .iter()
        .map(|entry| entry.name)
        .collect();
    assert_eq!(names, known);
    assert_eq!(desk.json(&["call", "bookings.list"])["total"], 0);
    let budget = |key: &str, limit: u32| {
        desk.told(
            &["call", "tenant.set_budget", "-", "--key", key],
            &json!({"limit": limit}).to_string(),
        )
    };
    let first = budget("once", 100).json(0);
    assert_eq!(budget("once", 100).json(0), first);
    budget("once", 200).refused(2, &["idempotency key"]);
    budget("a key", 200).refused(2, &["idempotency key"]);
    budget("twice", 200).json(0);
    let audited = desk.json(&["audit", "list"]);
    let done = audited["lines"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|line| line["actor"] == "tester" && line["outcome"] == "done")
        .count();
    assert_eq!(done, 2, "{audited}");
}

#[test]
fn completions_and_the_manual_know_every_command() {
    let desk = Desk::new();
    let commands = [
        "serve",
        "jobs",
        "call",
        "doctor",
        "audit",
        "key",
        "completions",
        "man",
    ];
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = desk.run(&["completions", shell]);
        ran.ended(0, &[]);
        assert!(ran.err.is_empty(), "{ran:?}");
        for command in commands {
            assert!(ran.out.contains(command), "{command} in {shell}");
        }
    }
    let man = desk.run(&["man"]);
    man.ended(0, &[]);
    assert!(
        man.err.is_empty() && man.out.contains(".TH flightdeck 1"),
        "{man:?}"
    );
    for command in commands {
        assert!(
            man.out.contains(&format!("flightdeck\\-{command}(1)")),
            "{command}"
        );
    }
    for promised in ["EXTRA", "Exit codes", "\\-\\-config"] {
        assert!(man.out.contains(promised), "{promised}");
    }
    assert!(!desk.path("data").exists(), "nothing is opened for that");
}

#[test]
fn a_key_is_shown_once_and_its_settings_open_the_server() {
    let desk = Desk::new().with("TENANT", "acme");
    let ran = desk.run(&[
        "key",
        "night \"robot\"",
        "--role",
        "on-call",
        "--scope",
        "bookings:read",
        "--scope",
        "bookings:recover",
    ]);
    ran.ended(0, &["once"]);
    let key = ran.out.trim_end();
    assert!(
        key.starts_with("fdk_") && !key.contains(char::is_whitespace),
        "{key}"
    );
    assert!(!ran.err.contains(key), "the key stands in one place");
    let settings = ran.err.split_once("[[keys]]").expect("settings").1;
    let file = desk.file("config.toml", format!("[[keys]]{settings}"));
    let read: toml::Table = fs::read_to_string(&file)
        .expect("a file")
        .parse()
        .expect("TOML");
    let kept = &read["keys"][0];
    assert_eq!(
        kept["sha256"].as_str(),
        Some(hex::encode(Sha256::digest(key)).as_str())
    );
    assert_eq!(kept["id"].as_str(), key.split('_').nth(1));
    assert_eq!(
        (kept["tenant"].as_str(), kept["role"].as_str()),
        (Some("acme"), Some("on_call"))
    );
    let ran = desk.run(&["--config", &file, "doctor"]);
    ran.ended(0, &[]);
    assert!(ran.out.contains("1 set up"), "{ran:?}");
    let (one, other) = (desk.run(&["key", "a"]).out, desk.run(&["key", "a"]).out);
    assert_ne!(one, other);
    assert!(!desk.path("data").join("flightdeck.db").exists() || one.len() > 60);
}

#[test]
fn the_doctor_says_what_is_wrong_and_what_to_do() {
    let desk = Desk::new();
    let bare = desk.run(&["doctor"]);
    bare.ended(0, &[]);
    assert!(bare.out.contains("none yet"), "{bare:?}");
    assert!(
        !desk.path("data").join("flightdeck.db").exists(),
        "it looks only"
    );
    desk.run(&["jobs", "list"]).ended(0, &[]);
    let fine = desk.run(&["doctor"]);
    fine.ended(0, &[]);
    for what in ["settings", "keys", "server", "database", "audit"] {
        assert!(fine.out.contains(what), "{what} in {fine:?}");
    }
    let open = Desk::new()
        .with("SERVER_BIND", "0.0.0.0:8001")
        .with("SERVER_OPEN_AS", "none");
    let ran = open.run(&["doctor"]);
    ran.ended(6, &[]);
    assert!(
        ran.out.contains("FAIL server")
            && ran.out.contains("FAIL keys")
            && ran.out.contains("hint: "),
        "{ran:?}"
    );
    desk.mode("data/flightdeck.db", 0o644);
    let ran = desk.run(&["doctor"]);
    assert!(
        ran.out.contains("warn database") && ran.out.contains("chmod 600"),
        "{ran:?}"
    );
}
