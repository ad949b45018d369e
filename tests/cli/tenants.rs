//! Tenants and keys from the command line: tables, JSON, exit codes, names typed before anything
//! is gone, and keys that are shown once.

use std::fs;

use serde_json::Value;

use crate::desk::Desk;

/// Nothing that opens anything is kept, not even with the answer that showed it.
fn kept_nowhere(desk: &Desk, secret: &Value) {
    let secret = secret.as_str().and_then(|it| it.rsplit('_').next());
    let secret = secret.expect("a secret").as_bytes();
    for file in ["flightdeck.db", "flightdeck.db-wal"] {
        let kept = fs::read(desk.path("data").join(file)).unwrap_or_default();
        let found = kept.windows(secret.len()).any(|run| run == secret);
        assert!(!found, "in {file}");
    }
}

#[test]
fn a_tenant_is_opened_shown_changed_closed_and_forgotten() {
    let desk = Desk::new();
    let secret = desk.file(
        "gam.json",
        r#"{"gam_network_code": "9", "gam_refresh_token": "1//canary-of-google"}"#,
    );
    let opened = desk.run(&[
        "tenants",
        "create",
        "Sports Publisher",
        "--subdomain",
        "sports",
        "--ad-server",
        "google_ad_manager",
        "--from",
        &secret,
        "--feature",
        "max_daily_budget=50000",
    ]);
    assert_eq!(opened.code, 0, "{opened:?}");
    let keys: Vec<&str> = opened.out.lines().collect();
    assert_eq!(keys.len(), 2, "nothing but the keys: {opened:?}");
    assert!(keys.iter().all(|key| key.starts_with("fdk_")), "{opened:?}");
    assert!(opened.err.contains("shown once"), "{opened:?}");
    let listed = desk.run(&["tenants", "list"]);
    assert!(listed.out.contains("Sports Publisher") && listed.out.contains("✓ open"));
    let mistaken = desk.run(&["--tenant", "sports", "keys", "list"]);
    let hint = "that is the subdomain of --tenant tenant_";
    assert!(mistaken.err.contains(hint), "{mistaken:?}");
    let shown = desk.run(&["tenants", "show", "sports"]);
    assert!(
        shown.out.contains("has_refresh_token") && !shown.out.contains("canary"),
        "{shown:?}"
    );
    let changed = desk.json(&["tenants", "update", "sports", "--name", "Updated Name"]);
    assert_eq!(changed["features"]["max_daily_budget"], 50_000);
    let id = changed["tenant_id"].as_str().expect("an id");
    let closed = desk.run(&["tenants", "deactivate", id]);
    assert_eq!(
        closed.out.trim(),
        format!("Updated Name ({id}) is ✗ closed")
    );
    desk.json(&["tenants", "reactivate", "sports"]);
    let status = desk.run(&["tenants", "status", "sports"]);
    for line in [
        "google_ad_manager: nobody has asked it yet",
        "never ran",
        "0 run, 0 paused",
    ] {
        assert!(status.out.contains(line), "{line}: {}", status.out);
    }
    let first = desk.run(&["tenants", "delete", "sports"]);
    assert_eq!(first.code, 2, "nobody agreed: {first:?}");
    assert!(first.err.contains("everything that is kept of it") && first.err.contains("--yes"));
    let wrong = desk.run(&["tenants", "delete", "sports", "--yes", "sports"]);
    assert_eq!(wrong.code, 2, "not its name: {wrong:?}");
    let gone = desk.run(&["tenants", "delete", "sports", "--yes", "Updated Name"]);
    assert_eq!(
        (gone.code, gone.out.trim()),
        (0, "Updated Name is gone, and 2 keys with it")
    );
    assert_eq!(desk.run(&["tenants", "show", "sports"]).code, 3);
    let whole = desk.run(&["audit", "verify"]);
    assert_eq!(
        whole.code, 0,
        "its trail went with it, and that is known: {whole:?}"
    );
    assert!(whole.out.contains("engine: whole"), "{whole:?}");
}

#[test]
fn principals_are_looked_after_and_their_tokens_rotated() {
    let desk = Desk::new();
    desk.json(&[
        "tenants",
        "create",
        "Sports",
        "--subdomain",
        "sports",
        "--no-principal",
    ]);
    let acme = desk.json(&[
        "tenants",
        "principals",
        "create",
        "sports",
        "Acme",
        "--gam-advertiser-id",
        "456789",
    ]);
    assert_eq!(
        (&acme["principal_id"], &acme["role"]),
        (&"acme".into(), &"buyer".into())
    );
    assert!(acme["access_token"].is_string());
    let listed = desk.run(&["tenants", "principals", "list", "sports"]);
    assert!(listed.out.contains("456789"), "{listed:?}");
    let admin = desk.json(&[
        "tenants",
        "principals",
        "update",
        "sports",
        "acme",
        "--role",
        "admin",
    ]);
    assert_eq!(admin["role"], "admin");
    let rotated = desk.json(&[
        "tenants",
        "principals",
        "rotate",
        "sports",
        "acme",
        "--overlap",
        "30m",
    ]);
    assert_eq!(
        rotated["old_token_ends"].as_str().map(|it| &it[..16]),
        Some("2026-06-15T12:30")
    );
    let kept = desk.run(&["tenants", "principals", "delete", "sports", "acme"]);
    assert_eq!(kept.code, 2, "{kept:?}");
    let gone = desk.run(&[
        "tenants",
        "principals",
        "delete",
        "sports",
        "acme",
        "--yes",
        "acme",
    ]);
    assert!(gone.out.contains("2 keys"), "{gone:?}");
    kept_nowhere(&desk, &acme["access_token"]);
}

#[test]
fn keys_are_handed_out_and_taken_back() {
    let desk = Desk::new();
    let made = desk.json(&[
        "keys",
        "make",
        "robot",
        "--role",
        "viewer",
        "--expires-in",
        "90d",
    ]);
    let id = made["key_id"].as_str().expect("an id");
    let listed = desk.run(&["keys", "list"]);
    assert!(
        listed.out.contains("robot") && listed.out.contains("2026-09-13"),
        "{listed:?}"
    );
    let next = desk.json(&["keys", "rotate", id, "--overlap", "1h"]);
    assert_ne!(next["key_id"], made["key_id"]);
    let gone = desk.run(&["keys", "revoke", id]);
    assert_eq!(gone.code, 0, "{gone:?}");
    let all = desk.json(&["keys", "list", "--revoked"]);
    assert_eq!(all["keys"].as_array().map(Vec::len), Some(2));
    let init = desk.run(&["keys", "init"]);
    assert!(init.out.starts_with("sk-fd_"), "{init:?}");
    let again = desk.run(&["keys", "init"]);
    assert_eq!(again.code, 5, "{again:?}");
    desk.json(&["keys", "make", "night", "--role", "operator"]);
    let house = desk.json(&["keys", "list", "--house"]);
    assert_eq!(house["keys"].as_array().map(Vec::len), Some(2));
    for (args, code) in [
        (&["keys", "make", "x", "--role", "king"][..], 2),
        (&["keys", "make", "x", "--expires-in", "soon"], 2),
        (&["keys", "revoke", "0a0a0a0a"], 3),
        (&["keys", "rotate", id], 5),
        (&["--tenant", "mistyped", "keys", "list"], 3),
    ] {
        let ran = desk.run(args);
        assert_eq!(ran.code, code, "{args:?}: {ran:?}");
    }
    let listed = desk.json(&["tenants", "list"]);
    assert_eq!(listed["total"], 1, "a mistyped word opens no tenant");
    kept_nowhere(&desk, &made["key"]);
    kept_nowhere(&desk, &next["key"]);
    let desk = desk.with("LOCAL_ROLE", "trafficker");
    assert_eq!(desk.run(&["tenants", "list"]).code, 4);
    assert_eq!(desk.run(&["keys", "list"]).code, 4);
}
