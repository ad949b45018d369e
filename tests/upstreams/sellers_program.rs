//! The program itself with sellers somewhere else: settings, commands, words.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    prompt::{BRIEF, Desk, Ran},
    sellers_fake::{Fake, KEY, Mood, Sort, agent_product, opendirect_product},
};

fn settings(desk: &Desk, north: &Fake, south: &Fake) {
    let key = desk.file("seller.key", format!("{KEY}\n"));
    let one = |name: &str, kind: &str, url: &str, header: &str| {
        format!(
            "[[desks.main.sellers]]\nname = \"{name}\"\nkind = \"{kind}\"\nurl = \"{url}\"\nkey_file = \"{key}\"\nkey_header = \"{header}\"\n"
        )
    };
    let north = one("north", "opendirect", &north.url(), "bearer");
    let south = one("south", "iab-seller-agent", &south.url(), "x-api-key");
    desk.file("config.toml", north + &south);
}

/// Runs a command beside the sellers.
async fn run(desk: &Arc<Desk>, args: &[&str]) -> Ran {
    let desk = Arc::clone(desk);
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
async fn the_command_line_says_who_sells_and_what_each_said() {
    let products = vec![opendirect_product("prime", "ctv", 20.0, Some(400_000))];
    let north = Fake::open(Sort::OpenDirect, products).await;
    let products = vec![agent_product("prime", 20_000_000, None)];
    let south = Fake::open(Sort::Agent, products).await;
    let desk = Arc::new(Desk::new());
    settings(&desk, &north, &south);

    let listed = run(&desk, &["sellers", "list"]).await;
    assert_eq!(listed.code, 0, "{listed:?}");
    for said in [
        "embedded",
        "north",
        &north.url(),
        "iab-seller-agent",
        "just now",
    ] {
        assert!(listed.out.contains(said), "{said}: {listed:?}");
    }
    let known = run(&desk, &["--json", "sellers", "list", "--known"]).await;
    let known: Value = serde_json::from_str(&known.out).expect("json");
    assert_eq!(
        known["sellers"][1]["products"], 0,
        "another process has not asked"
    );

    south.mood("GET", Mood::Html(500));
    let sent = run(&desk, BRIEF).await;
    assert_eq!((sent.code, south.fired("Html")), (0, 1), "{sent:?}");
    let all = run(&desk, &["--json", "jobs", "list"]).await;
    let all: Value = serde_json::from_str(&all.out).expect("json");
    let id = all["jobs"][0]["job_id"].as_str().expect("an id").to_owned();
    let shown = run(&desk, &["jobs", "show", &id]).await;
    for said in [
        "seller: north, opendirect at http://127.0.0.1",
        "seller: south, iab-seller-agent at http://127.0.0.1",
        "could not be asked: it answered 500 with a web page",
    ] {
        assert!(shown.out.contains(said), "{said}: {shown:?}");
    }

    south.mood("GET", Mood::Json(401, Value::Null));
    let doctor = run(&desk, &["doctor"]).await;
    assert!(
        doctor
            .out
            .contains("north of main, opendirect at http://127.0.0.1"),
        "{doctor:?}"
    );
    assert!(
        doctor.out.contains("it does not take our key"),
        "{doctor:?}"
    );
    for said in [listed, sent, shown, doctor] {
        assert!(!format!("{said:?}").contains(KEY), "the key is in no words");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sellers_that_cannot_be_used_are_refused_with_their_names() {
    let desk = Arc::new(Desk::new());
    let usual = "name = \"north\"\nkind = \"opendirect\"\nurl = \"http://127.0.0.1:1\"\n";
    for (lines, said) in [
        (
            usual.replace("opendirect", "openrtb"),
            "sellers.kind` of \"north\"",
        ),
        (
            usual.replace("opendirect", "embedded"),
            "is no kind of seller",
        ),
        (
            usual.replace("http://127.0.0.1:1", "nowhere"),
            "no address of the web",
        ),
        (usual.replace("127", "a:b@127"), "no names or passwords"),
        (
            usual.replace("\"north\"", "\"North!\""),
            "is named by 1 to 32",
        ),
        (
            usual.replace("\"north\"", "\"embedded\""),
            "the seller inside",
        ),
        (
            format!("{usual}channel = \"skywriting\"\n"),
            "is not a channel",
        ),
        (format!("{usual}currency = \"bars\"\n"), "sellers.currency"),
        (format!("{usual}key_header = \"cookie\"\n"), "x-adcp-auth"),
        (format!("{usual}wait_seconds = 0\n"), "from 1 to 60"),
        (format!("{usual}refresh_minutes = 0\n"), "from 1 to 1440"),
        (
            format!("{usual}key_env = \"NOT_SET_AT_ALL\"\n"),
            "NOT_SET_AT_ALL is not set",
        ),
        (
            format!("{usual}[[desks.main.sellers]]\n{usual}"),
            "two sellers named \"north\"",
        ),
    ] {
        desk.file("config.toml", format!("[[desks.main.sellers]]\n{lines}"));
        let refused = run(&desk, &["sellers", "list"]).await;
        assert!(
            refused.code != 0 && refused.err.contains(said),
            "{said}: {refused:?}"
        );
    }
}
