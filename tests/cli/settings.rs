//! Settings that cannot be used: one clear line before anything is opened.

use crate::desk::{BRIEF, Desk};

#[test]
fn a_bad_file_is_refused_with_its_line() {
    let desk = Desk::new();
    for (content, saying) in [
        ("tenant = \"main\"\n\nspeed = 9\n", &["line 3", "speed"][..]),
        (
            "[server]\nbind = \"127.0.0.1:8001\"\nspeed = 9\n",
            &["line 3", "speed"],
        ),
        ("[booking.negotiation]\nrounds = \"many\"\n", &["line 2"]),
        ("[server]\nrequests_per_minute = -1\n", &["line 2"]),
        (
            "[server]\nrequests_per_minute = 1\nrequests_per_minute = 2\n",
            &["line 3", "duplicate"],
        ),
        ("tenant = \"main\n", &["line 1"]),
        ("tenant = \"ma\0in\"\n", &["line 1"]),
        ("tenant = \"Main Street\"\n", &["tenant"]),
        ("tenant = \"engine\"\n", &["tenant", "the engine's own"]),
        (
            "[local]\nname = \"Engine\"\n",
            &["local.name", "the engine's own"],
        ),
        ("currency = \"usd\"\n", &["currency"]),
        ("[local]\nrole = \"god\"\n", &["local.role", "god"]),
        ("[local]\nrole = \"engine\"\n", &["local.role", "engine"]),
        ("[server]\nopen_as = \"engine\"\n", &["server.open_as"]),
        ("[log]\nformat = \"xml\"\n", &["log.format"]),
        ("[log]\nlevel = \"flightdeck=loud\"\n", &["log.level"]),
        ("[log]\nlevel = \"verbose\"\n", &["log.level", "debug"]),
        (
            "[booking.negotiation]\nopening_percent = 0\n",
            &["booking.negotiation"],
        ),
        (
            "[booking.negotiation]\nopening_percent = 90\nceiling_percent = 80\n",
            &["booking.negotiation"],
        ),
        ("[[keys]]\nname = \"a\"\n", &["missing field"]),
        (
            "[[keys]]\nname = \"a\"\nid = \"a1\"\nsha256 = \"12\"\nrole = \"viewer\"\n",
            &["keys.sha256", "flightdeck key"],
        ),
    ] {
        let file = desk.file("bad.toml", content);
        let ran = Desk::new().run(&["--config", &file, "jobs", "list"]);
        ran.refused(2, saying);
    }
    let good = "[[keys]]\nname = \"a\"\nid = \"a1\"\nrole = \"viewer\"\n".to_owned()
        + "sha256 = \""
        + &"0".repeat(64)
        + "\"\n";
    for (from, to, saying) in [
        ("viewer", "engine", "keys.role"),
        ("name = \"a\"", "name = \" ENGINE \"", "keys.name"),
        (
            "id = \"a1\"",
            "id = \"a1\"\ntenant = \"engine\"",
            "keys.tenant",
        ),
        ("id = \"a1\"", "id = \"\"", "keys.id"),
        ("id = \"a1\"", "id = \"a_1\"", "keys.id"),
        (
            "id = \"a1\"",
            "id = \"a1\"\nscopes = [\"all\"]",
            "keys.scopes",
        ),
        (
            "id = \"a1\"",
            "id = \"a1\"\ntenant = \"A b\"",
            "keys.tenant",
        ),
        ("id = \"a1\"", "id = \"a1\"\nis_admin = true", "is_admin"),
    ] {
        let file = desk.file("bad.toml", good.replace(from, to));
        desk.run(&["--config", &file, "jobs", "list"])
            .refused(2, &[saying]);
    }
    let file = desk.file("bad.toml", format!("{good}{good}"));
    desk.run(&["--config", &file, "jobs", "list"])
        .refused(2, &["keys.id"]);
    assert!(!desk.path("data").exists(), "nothing was opened");
}

#[test]
fn a_file_that_is_none_is_refused() {
    let desk = Desk::new();
    desk.run(&["--config", "nowhere.toml", "jobs", "list"])
        .refused(2, &["nowhere.toml", "hint: "]);
    desk.run(&["--config", "/", "jobs", "list"])
        .refused(2, &["/"]);
    let large = desk.file("large.toml", "# x\n".repeat(300_000));
    desk.run(&["--config", &large, "jobs", "list"])
        .refused(2, &["larger"]);
    let not_text = desk.file("bytes.toml", [0xff, 0xfe, 0x00]);
    desk.run(&["--config", &not_text, "jobs", "list"])
        .refused(2, &["bytes.toml"]);
    let desk = desk.with("CONFIG", "nowhere.toml");
    desk.run(&["jobs", "list"]).refused(2, &["nowhere.toml"]);
}

#[test]
fn the_environment_is_read_as_strictly() {
    for (name, value, saying) in [
        ("SPEED", "9", "FLIGHTDECK_SPEED"),
        ("SERVER", "9", "FLIGHTDECK_SERVER"),
        ("SERVER_BINDD", "9", "FLIGHTDECK_SERVER_BINDD"),
        (
            "SERVER_REQUESTS_PER_MINUTE",
            "many",
            "FLIGHTDECK_SERVER_REQUESTS_PER_MINUTE",
        ),
        ("SERVER_REQUESTS_PER_MINUTE", "-1", "requests_per_minute"),
        (
            "SERVER_ALLOW_PLAIN_HTTP",
            "yes",
            "FLIGHTDECK_SERVER_ALLOW_PLAIN_HTTP",
        ),
        ("LOCAL_ROLE", "god", "local.role"),
        ("CURRENCY", "XXX", "currency"),
        ("CLOCK_STARTS_AT", "soon", "2026-06-15T12:00:00Z"),
        ("CLOCK_STARTS_AT", "2026-06-15", "clock.starts_at"),
        (
            "CLOCK_STARTS_AT",
            "+262142-12-31T23:59:59Z",
            "clock.starts_at",
        ),
        ("KEYS", "a", "keys"),
    ] {
        let desk = Desk::new().with(name, value);
        desk.run(&["jobs", "list"]).refused(2, &[saying]);
        assert!(!desk.path("data").exists(), "{name}");
    }
    let desk = Desk::new();
    let mut command = desk.command(&["jobs", "list"]);
    let not_utf8 = std::os::unix::ffi::OsStringExt::from_vec(vec![0xff]);
    let not_utf8: std::ffi::OsString = not_utf8;
    let ended = command
        .env("FLIGHTDECK_LOCAL_NAME", not_utf8)
        .output()
        .expect("it runs");
    assert_eq!(ended.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("FLIGHTDECK_LOCAL_NAME is not UTF-8"));
}

#[test]
fn the_environment_lies_over_the_file_and_flags_over_both() {
    let desk = Desk::new();
    let file = desk.file(
        "config.toml",
        "tenant = \"file\"\n[local]\nname = \"filed\"\n",
    );
    let told = |desk: &Desk, args: &[&str]| desk.run(args).ended(0, &[]).out.clone();
    let brief = [&["--config", &file], crate::desk::BRIEF].concat();
    desk.run(&brief).ended(0, &[]);
    assert!(told(&desk, &["--config", &file, "audit", "list"]).contains("filed"));
    let desk = desk
        .with("TENANT", "environment")
        .with("LOCAL_NAME", "aired");
    desk.run(&brief).ended(0, &[]);
    let list = told(&desk, &["--config", &file, "audit", "list"]);
    assert!(list.contains("aired") && !list.contains("filed"), "{list}");
    let list = told(
        &desk,
        &["--config", &file, "--tenant", "file", "audit", "list"],
    );
    assert!(list.contains("filed") && !list.contains("aired"), "{list}");
}

#[test]
fn a_password_that_others_can_read_is_no_secret() {
    let desk = Desk::new();
    for database in [
        "postgres://u:s3cret@localhost/x?host=/nowhere",
        "postgresql://u:s3cret@localhost/x?host=/nowhere",
        "postgres://u@localhost/x?host=/nowhere&password=s3cret",
    ] {
        let file = desk.file("config.toml", format!("database = \"{database}\"\n"));
        for mode in [0o644, 0o640, 0o604, 0o660] {
            desk.mode("config.toml", mode);
            let ran = desk.run(&["--config", &file, "jobs", "list"]);
            ran.refused(2, &["password", "chmod 600"]);
            assert!(!ran.err.contains("s3cret"), "{ran:?}");
        }
        desk.mode("config.toml", 0o600);
        let ran = desk.run(&["--config", &file, "jobs", "list"]);
        ran.refused(6, &["PostgreSQL"]);
        assert!(!ran.err.contains("s3cret"), "{ran:?}");
        let ran = desk.run(&["--config", &file, "doctor"]);
        ran.ended(6, &[]);
        assert!(
            !ran.out.contains("s3cret") && !ran.err.contains("s3cret"),
            "{ran:?}"
        );
    }
    let harmless = desk.file("config.toml", "tenant = \"main\"\n");
    desk.mode("config.toml", 0o644);
    desk.run(&["--config", &harmless, "jobs", "list"])
        .ended(0, &[]);
}

#[test]
fn the_level_of_the_log_is_said_by_flag_environment_and_file_in_this_order() {
    let quiet = "[log]\nlevel = \"off\"\n";
    for (file, environment, flag, speaks) in [
        (quiet, None, None, false),
        (quiet, Some("trace"), None, true),
        (quiet, Some("trace"), Some("off"), false),
        (quiet, Some("off"), Some("warn,flightdeck=TRACE"), true),
        ("[log]\nlevel = \"trace\"\n", None, Some("error"), false),
    ] {
        let mut desk = Desk::new();
        if let Some(level) = environment {
            desk = desk.with("LOG_LEVEL", level);
        }
        let file = desk.file("log.toml", file);
        let mut arguments = [&["--config", &file], BRIEF].concat();
        arguments.extend(flag.iter().flat_map(|level| ["--log-level", level]));
        let ran = desk.run(&arguments);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(!ran.err.is_empty(), speaks, "{arguments:?}: {}", ran.err);
    }
    for level in ["verbose", "", "flightdeck=loud", "info,\u{1b}[31m"] {
        let ran = Desk::new().run(&["--log-level", level, "jobs", "list"]);
        ran.refused(
            2,
            &["--log-level", "say off, error, warn, info, debug, trace"],
        );
        assert!(!ran.err.contains('\u{1b}'), "{ran:?}");
    }
}
