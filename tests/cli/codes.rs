//! Exit codes, one for each way to end.

use std::process::Stdio;

use crate::desk::{BRIEF, Desk};

const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

#[test]
fn what_can_be_done_ends_with_0() {
    let desk = Desk::new();
    for args in [
        &["--version"][..],
        &["--help"],
        &["jobs", "--help"],
        &["jobs", "list"],
        &["doctor"],
        &["audit", "verify"],
        &["call", "--list"],
    ] {
        desk.run(args).ended(0, &[]);
    }
    let id = desk.send();
    desk.run(&["jobs", "approve", &id, "--none"]).ended(0, &[]);
}

#[test]
fn wrong_use_and_input_end_with_2() {
    let desk = Desk::new();
    for args in [
        &[][..],
        &["explode"],
        &["jobs"],
        &["jobs", "list", "--limit", "many"],
        &["jobs", "list", "--sort", "id"],
        &["jobs", "approve", NOBODY],
        &["jobs", "approve", NOBODY, "--all", "--none"],
        &["jobs", "approve", NOBODY, "p", "--all"],
        &["completions", "tcsh2"],
        &["--tenant"],
    ] {
        let ran = desk.run(args);
        ran.ended(2, &[]);
        assert!(ran.out.is_empty() && !ran.err.is_empty(), "{ran:?}");
    }
    let file = desk.file("broken.json", "{\"name\": ");
    for (args, saying) in [
        (&["jobs", "new"][..], "name"),
        (&["jobs", "list", "--limit", "5000"], "limit"),
        (&["jobs", "list", "--status", "booked"], "status"),
        (&["jobs", "list", "--cursor", "x"], "cursor"),
        (&["--tenant", "Not A Tenant", "jobs", "list"], "tenant"),
        (&["jobs", "new", "--file", "nowhere.json"], "nowhere.json"),
        (&["jobs", "new", "--file", &file], "line 1"),
        (&["jobs", "new", "--kpi", "reach"], "NAME=NUMBER"),
        (&["jobs", "new", "--audience", "[]"], "object"),
        (&["key", "two\nlines"], "name"),
        (&["key", "engine"], "the engine's own"),
        (&["--tenant", "engine", "jobs", "list"], "the engine's own"),
        (&["key", "robot", "--role", "engine"], "role"),
        (&["key", "robot", "--scope", "everything"], "scope"),
        (&["call", "bookings.list", "{"], "JSON"),
        (&["call", "bookings.list", "[]"], "body"),
        (&["call", "bookings.list", "{\"limit\": -1}"], "limit"),
    ] {
        desk.run(args).refused(2, &[saying]);
    }
    for budget in [
        "0",
        "-5",
        "abc",
        "",
        "1, \"channels\": [\"ctv\"]",
        "00012",
        "1e-400",
        "0.001",
        "1e-70000",
    ] {
        let mut args = BRIEF.to_vec();
        args[7] = budget;
        let with = format!("--budget={budget}");
        args.splice(6..8, [with.as_str()]);
        desk.run(&args).refused(2, &["budget"]);
    }
    assert_eq!(desk.json(&["jobs", "list"])["total"], 0);
}

#[test]
fn what_is_not_there_ends_with_3() {
    let desk = Desk::new();
    for id in [
        NOBODY,
        "x",
        "{00000000-0000-7000-8000-000000000000}",
        "\u{1b}[31mred",
    ] {
        for what in ["show", "watch", "cancel", "retry"] {
            desk.run(&["jobs", what, id]).refused(3, &["Job not found"]);
        }
        desk.run(&["jobs", "approve", id, "--all"])
            .refused(3, &["Job not found"]);
    }
    desk.run(&["call", "bookings.explode"])
        .refused(3, &["no operation", "hint: "]);
}

#[test]
fn what_is_not_allowed_ends_with_4() {
    let desk = Desk::new().with("LOCAL_ROLE", "viewer");
    desk.run(BRIEF).refused(4, &["viewer", "bookings:write"]);
    desk.run(&["audit", "list"]).refused(4, &["audit:read"]);
    desk.run(&["jobs", "list"]).ended(0, &[]);
    let desk = desk.with("LOCAL_ROLE", "on-call");
    desk.run(&["jobs", "approve", NOBODY, "--all"])
        .refused(4, &["bookings:approve"]);
}

#[test]
fn what_came_too_late_ends_with_5() {
    let desk = Desk::new();
    let id = desk.send();
    desk.run(&["jobs", "approve", &id, "--all", "--revision", "1"])
        .refused(5, &["revision 1"]);
    desk.run(&["jobs", "cancel", &id]).ended(0, &[]);
    desk.run(&["jobs", "cancel", &id])
        .refused(5, &["cancelled"]);
    desk.run(&["jobs", "approve", &id, "--all"])
        .refused(5, &["not awaiting approval"]);
    desk.run(&["jobs", "retry", &id]).ended(0, &[]);
    desk.run(&["jobs", "retry", &id]).refused(5, &["already"]);
}

#[test]
fn a_job_that_failed_ends_with_7_and_is_shown() {
    let desk = Desk::new().with("SELLER_CATALOGUE", "none");
    let ran = desk.run(BRIEF);
    ran.ended(7, &[]);
    assert!(
        ran.out.contains("✗ failed") && ran.out.contains("error: "),
        "{ran:?}"
    );
    let json = [&["--json"], BRIEF].concat();
    let job = desk.run(&json).json(7);
    assert_eq!(job["status"], "failed");
    let id = job["job_id"].as_str().expect("an id");
    desk.run(&["jobs", "watch", id]).ended(7, &[]);
    desk.run(&["jobs", "show", id]).ended(0, &[]);
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let desk = Desk::new();
    for args in [
        &["man"][..],
        &["completions", "bash"],
        &["call", "--list"],
        &["--json", "call", "--list"],
    ] {
        let mut child = desk
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        drop(child.stdout.take());
        let ended = child.wait_with_output().expect("it ends");
        assert_eq!(ended.status.code(), Some(0), "{args:?}");
        assert!(
            ended.stderr.is_empty(),
            "{args:?}: {}",
            String::from_utf8_lossy(&ended.stderr)
        );
    }
}

#[test]
fn a_server_that_others_could_reach_is_not_started() {
    let desk = Desk::new();
    desk.run(&["serve", "--bind", "0.0.0.0:0"])
        .refused(2, &["plain HTTP", "hint: "]);
    desk.run(&["serve", "--bind", "[::]:0"])
        .refused(2, &["plain HTTP"]);
    desk.run(&["serve", "--bind", "nonsense"])
        .refused(2, &["nonsense"]);
    let open = Desk::new().with("SERVER_ALLOW_PLAIN_HTTP", "true");
    open.run(&["serve", "--bind", "0.0.0.0:0"])
        .refused(2, &["no keys"]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().expect("an address").to_string();
    let held = std::net::TcpListener::bind(&taken);
    desk.run(&["serve", "--bind", &taken])
        .refused(2, &[&taken, "hint: "]);
    drop(held);
}
