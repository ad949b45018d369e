//! The program itself at a desk whose bookings live elsewhere: settings, commands, words.

use crate::{
    buyer_agent::{BuyerAgent, KEY},
    prompt::{BRIEF, Desk, Ran},
    sales_agent::{Age, COOKIE, SalesAgent, TENANT, TOKEN},
};
use serde_json::Value;

fn settings(fake: &BuyerAgent, desk: &Desk) -> String {
    let key = desk.file("buyer.key", format!("{KEY}\n"));
    let text = format!(
        "[desks.main.bookings]\nkind = \"iab-buyer-agent\"\nurl = \"{}\"\nkey_file = \"{key}\"\npoll_seconds = 1\n",
        fake.url()
    );
    desk.file("config.toml", text)
}

/// Runs a command beside the buyer agent.
async fn run(desk: &std::sync::Arc<Desk>, args: &[&str]) -> Ran {
    let desk = std::sync::Arc::clone(desk);
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    let run = move || {
        let config = desk.path("config.toml").display().to_string();
        let mut all = vec!["--config", config.as_str()];
        all.extend(args.iter().map(String::as_str));
        desk.run(&all)
    };
    tokio::task::spawn_blocking(run).await.expect("it ran")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_says_where_jobs_live_and_warns_before_it_spends() {
    let fake = BuyerAgent::open().await;
    {
        let mut world = fake.world();
        world.eager = true;
        world.given_percent = 50;
    }
    let desk = Desk::new();
    settings(&fake, &desk);
    let desk = std::sync::Arc::new(desk);
    let sent = run(&desk, BRIEF).await;
    assert_eq!(sent.code, 0, "{sent:?}");
    assert!(
        sent.out.contains("lives in the iab-buyer-agent"),
        "{sent:?}"
    );
    assert!(sent.out.contains("waits for a decision"), "{sent:?}");
    assert_eq!((fake.submits(), fake.world().keyless), (1, 0));

    let listed = run(&desk, &["jobs", "list"]).await;
    assert!(listed.out.contains("UPSTREAM"), "{listed:?}");
    assert!(
        listed
            .err
            .contains("Bookings live in the iab-buyer-agent at http://127.0.0.1"),
        "{listed:?}"
    );
    let all = run(&desk, &["--json", "jobs", "list"]).await;
    let all: Value = serde_json::from_str(&all.out).expect("json");
    let id = all["jobs"][0]["job_id"].as_str().expect("an id").to_owned();

    let shown = run(&desk, &["jobs", "show", &id]).await;
    assert!(
        shown.out.contains("Bookings live in the iab-buyer-agent"),
        "{shown:?}"
    );
    assert!(
        shown.out.contains("warning: branding was given"),
        "{shown:?}"
    );
    let warned = run(&desk, &["jobs", "approve", &id, "--all"]).await;
    assert!(
        warned.code != 0 && warned.err.contains("was given"),
        "{warned:?}"
    );
    assert_eq!(fake.approvals(), 0, "nothing was sent");
    let approved = run(
        &desk,
        &["jobs", "approve", &id, "--all", "--despite-warnings"],
    )
    .await;
    assert_eq!(approved.code, 0, "{approved:?}");
    assert!(approved.out.contains("2 booked"), "{approved:?}");
    assert!(approved.out.contains("disagrees: "), "{approved:?}");
    assert_eq!(fake.approvals(), 1);
    let cancelled = run(&desk, &["jobs", "cancel", &id]).await;
    assert!(
        cancelled.code != 0 && cancelled.err.contains("cannot cancel a job"),
        "{cancelled:?}"
    );
    for said in [sent, listed, shown, approved, cancelled] {
        assert!(!format!("{said:?}").contains(KEY), "the key is in no words");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_be_used_are_refused_with_their_names() {
    let fake = BuyerAgent::open().await;
    let desk = Desk::new();
    settings(&fake, &desk);
    desk.mode("buyer.key", 0o644);
    let desk = std::sync::Arc::new(desk);
    let open = run(&desk, &["jobs", "list"]).await;
    assert!(
        open.code != 0 && open.err.contains("can be read by others"),
        "{open:?}"
    );
    for (line, said) in [
        (
            "kind = \"other\"\nurl = \"http://127.0.0.1:1\"",
            "desks.main.bookings.kind",
        ),
        (
            "kind = \"iab-buyer-agent\"\nurl = \"nowhere\"",
            "desks.main.bookings.url",
        ),
        (
            "kind = \"iab-buyer-agent\"\nurl = \"http://a:b@127.0.0.1\"",
            "no names or passwords",
        ),
        (
            "kind = \"iab-buyer-agent\"\nurl = \"http://127.0.0.1:1\"\nkey_env = \"NOT_SET_AT_ALL\"",
            "NOT_SET_AT_ALL is not set",
        ),
    ] {
        desk.file("config.toml", format!("[desks.main.bookings]\n{line}\n"));
        let refused = run(&desk, &["jobs", "list"]).await;
        assert!(
            refused.code != 0 && refused.err.contains(said),
            "{refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_says_where_buys_live_and_what_came_of_what_was_asked() {
    let fake = SalesAgent::open(Age::Public).await;
    fake.sells("mb_1", "active");
    fake.holds("mb_2");
    let desk = Desk::new();
    let token = desk.file("agent.token", format!("{TOKEN}\n"));
    let cookie = desk.file("agent.cookie", format!("{COOKIE}\n"));
    let text = format!(
        "[desks.main.media_buys]\nkind = \"adcp\"\nurl = \"{}\"\nkey_file = \"{token}\"\ntenant = \"{TENANT}\"\nadmin_url = \"{}\"\nadmin_tenant = \"tenant_1\"\nadmin_session_file = \"{cookie}\"\n",
        fake.url(),
        fake.pages()
    );
    desk.file("config.toml", text);
    let desk = std::sync::Arc::new(desk);
    let mut listed = run(&desk, &["buys", "list"]).await;
    for _ in 0..20 {
        if listed.out.contains("mb_2") {
            break;
        }
        listed = run(&desk, &["buys", "list"]).await;
    }
    assert!(listed.out.contains("UPSTREAM"), "{listed:?}");
    assert!(
        listed
            .err
            .contains("Media buys live in the AdCP sales agent at http://127.0.0.1"),
        "{listed:?}"
    );
    let approved = run(&desk, &["orders", "approve", "mb_2"]).await;
    assert_eq!(approved.code, 0, "{approved:?}");
    assert!(approved.out.contains("approve: applied"), "{approved:?}");
    let resumed = run(&desk, &["buys", "resume", "mb_1"]).await;
    assert!(resumed.code != 0, "{resumed:?}");
    assert!(
        resumed.err.contains("not allowed in status 'active'"),
        "{resumed:?}"
    );
    let shown = run(&desk, &["buys", "show", "mb_1"]).await;
    assert!(
        shown
            .out
            .contains("lives in the AdCP sales agent, mb_1: active"),
        "{shown:?}"
    );
    assert!(shown.out.contains("asked to resume: refused"), "{shown:?}");
    assert!(shown.err.contains("looked at"), "{shown:?}");
    for said in [listed, approved, resumed, shown] {
        let said = format!("{said:?}");
        assert!(
            !said.contains(TOKEN) && !said.contains(COOKIE),
            "no key is in words"
        );
    }
    for (line, wrong) in [
        ("poll_seconds = 5", "media_buys.poll_seconds"),
        ("delivery_seconds = 30", "media_buys.delivery_seconds"),
        ("admin_url = \"http://127.0.0.1:1\"", "go together"),
        ("key_header = \"cookie\"", "media_buys.key_header"),
    ] {
        let text = format!(
            "[desks.main.media_buys]\nkind = \"adcp\"\nurl = \"{}\"\n{line}\n",
            fake.url()
        );
        desk.file("config.toml", text);
        let refused = run(&desk, &["buys", "list"]).await;
        assert!(
            refused.code != 0 && refused.err.contains(wrong),
            "{refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_tenants_that_share_an_agent() {
    let fake = BuyerAgent::open().await;
    let desk = Desk::new();
    let one = |tenant: &str, url: &str| {
        format!("[desks.{tenant}.bookings]\nkind = \"iab-buyer-agent\"\nurl = \"{url}\"\n")
    };
    let url = fake.url();
    desk.file(
        "config.toml",
        one("main", &url) + &one("north", &format!("{url}/")),
    );
    let desk = std::sync::Arc::new(desk);
    let doctor = run(&desk, &["doctor"]).await;
    assert!(
        doctor
            .out
            .contains("the bookings of main, north all live at"),
        "{doctor:?}"
    );
    desk.file("config.toml", one("main", &url));
    let doctor = run(&desk, &["doctor"]).await;
    assert!(!doctor.out.contains("all live at"), "{doctor:?}");
}
