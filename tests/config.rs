//! The example of the settings: it names every setting, with what it is where nobody says
//! otherwise and a sentence above, and it can be used as it stands.

use std::collections::BTreeSet;

use flightdeck::{config::Settings, domain::booking::negotiation::Talks};
use toml::{Table, Value};

const EXAMPLE: &str = include_str!("../config.example.toml");

fn leaves(table: &Table, prefix: &str, names: &mut BTreeSet<String>) {
    for (name, value) in table {
        match value {
            Value::Table(inner) => leaves(inner, &format!("{prefix}{name}."), names),
            _ => drop(names.insert(format!("{prefix}{name}"))),
        }
    }
}

fn names(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    leaves(&text.parse().expect("TOML"), "", &mut names);
    names
}

/// The example with its commented sections in use.
fn with_a_key() -> String {
    let at = EXAMPLE.find("# [[keys]]").expect("an example of a key");
    let (settings, key) = EXAMPLE.split_at(at);
    settings.to_owned() + &in_use(key)
}

/// Lines that are comments, in use.
fn in_use(lines: &str) -> String {
    let lines = lines.trim_end().lines();
    let lines = lines.map(|line| line.strip_prefix("# ").expect("a comment"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The example of an engine somewhere else, in use.
fn an_engine() -> String {
    section("# [engines.")
}

/// The example that begins with this line, in use.
fn section(head: &str) -> String {
    let at = EXAMPLE.find(head).unwrap_or_else(|| panic!("no {head}"));
    let section = EXAMPLE[at..].split("\n\n").next();
    in_use(section.expect("a section"))
}

#[test]
fn the_example_is_the_defaults() {
    let example: Settings = toml::from_str(EXAMPLE).expect("settings");
    let example = Table::try_from(example).expect("TOML");
    assert_eq!(example, Table::try_from(Settings::default()).expect("TOML"));
}

#[test]
fn the_example_names_every_setting_and_no_other() {
    let known = Settings::names();
    assert!(known.len() > 20, "{known:?}");
    assert_eq!(names(&with_a_key()), known);
    let mut said = known;
    said.remove("keys");
    assert_eq!(names(EXAMPLE), said, "a key is an example only");
}

#[test]
fn every_setting_has_its_sentence() {
    let lines: Vec<&str> = EXAMPLE.lines().collect();
    for pair in lines.windows(2) {
        let plain = |line: &str| line.trim_start_matches("# ").to_owned();
        let sets = pair[1].contains(" = ") && !pair[1].starts_with("# \"");
        if sets {
            assert!(pair[0].starts_with('#'), "no sentence above: {}", pair[1]);
            assert!(plain(pair[0]).ends_with('.'), "{}", pair[0]);
        }
    }
}

#[test]
fn the_example_of_a_key_can_be_used() {
    let files = tempfile::tempdir().expect("a scratch directory");
    let path = files.path().join("config.toml");
    std::fs::write(&path, with_a_key()).expect("a file");
    let settings = Settings::load(Some(&path), []).expect("settings that can be used");
    assert_eq!(settings.keys.len(), 1);
    assert_eq!(settings.keys[0].name, "robot");
    let table: Table = with_a_key().parse().expect("TOML");
    let key = table["keys"][0].as_table().expect("a table");
    let fields: Vec<&str> = key.keys().map(String::as_str).collect();
    let mut known = ["id", "name", "role", "scopes", "sha256", "tenant"];
    known.sort_unstable();
    assert_eq!(fields, known);
}

#[test]
fn price_talks_are_read_whether_they_are_usual_or_not() {
    let usual = Settings::default().booking.negotiation.talks();
    assert_eq!(usual, Talks::default(), "there is one source of defaults");
    let read = |text: &str| toml::from_str::<Settings>(text).expect("settings");
    let settings = read("[booking.negotiation]\nopening_percent = 60\nrounds = 5\n");
    let talks = settings.booking.negotiation.talks();
    assert!(!talks.always);
    assert_eq!(
        (talks.strategy.opening_bp, talks.strategy.rounds),
        (6_000, 5)
    );
}

#[test]
fn every_name_is_read_from_the_environment() {
    let files = tempfile::tempdir().expect("a scratch directory");
    let empty = files.path().join("empty.toml");
    std::fs::write(&empty, "").expect("a file");
    let load =
        |name: &str, value: &str| Settings::load(Some(&empty), [(name.into(), value.into())]);
    for name in Settings::names() {
        let variable = format!("FLIGHTDECK_{}", name.replace('.', "_").to_uppercase());
        if let Err(why) = load(&variable, "\u{0}not this") {
            let said = why.to_string();
            assert!(!said.contains("not a setting"), "{variable}: {said}");
        }
    }
    let settings = load("FLIGHTDECK_BOOKING_NEGOTIATION_ROUNDS", "7").expect("a number");
    assert_eq!(settings.booking.negotiation.rounds, 7);
    let settings = load("FLIGHTDECK_SERVER_HOSTS", "a.example, b.example,").expect("a list");
    assert_eq!(settings.server.hosts, ["a.example", "b.example"]);
    let odd = load("FLIGHTDECK_NOT_A_SETTING", "1").expect_err("unknown");
    assert!(odd.to_string().contains("FLIGHTDECK_NOT_A_SETTING"));
}

#[test]
fn the_example_of_an_engine_can_be_used_and_says_all() {
    let settings: Settings = toml::from_str(&an_engine()).expect("settings");
    let (name, engine) = settings.engines.first_key_value().expect("an engine");
    assert_eq!(
        (name.as_str(), engine.url.as_str()),
        ("desk", "https://ads.example")
    );
    let table: Table = an_engine().parse().expect("TOML");
    let said = table["engines"]["desk"].as_table().expect("a table");
    let whole = Table::try_from(engine).expect("TOML");
    let names = |of: &Table| of.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(said), names(&whole));
}

#[test]
fn an_engine_is_named_and_has_one_key() {
    let files = tempfile::tempdir().expect("a scratch directory");
    let path = files.path().join("config.toml");
    let verdict = |text: &str| {
        std::fs::write(&path, text).expect("a file");
        Settings::load(Some(&path), [])
            .map(drop)
            .map_err(|why| why.to_string())
    };
    assert_eq!(
        verdict("[engines.desk]\nurl = \"https://ads.example\"\n"),
        Ok(())
    );
    for (text, why) in [
        (
            "[engines.embedded]\nurl = \"https://ads.example\"\n",
            "in this process",
        ),
        (
            "[engines.\"a b\"]\nurl = \"https://ads.example\"\n",
            "is no name",
        ),
        ("[engines.desk]\n", "has no `url`"),
        ("[engines.desk]\nurl = \"ads.example\"\n", "has no `url`"),
        (
            "[engines.desk]\nurl = \"https://a.b\"\ntoken_env = \"A\"\ntoken_file = \"b\"\n",
            "more than once",
        ),
        (
            "[engines.desk]\nurl = \"https://a.b\"\ntoken = \"A\"\n",
            "unknown field",
        ),
        ("[server]\ntls_cert = \"a.pem\"\n", "go together"),
        (
            "[server]\npublic_url = \"ftp://x\"\n",
            "no address of the web",
        ),
        ("[server]\norigins = [\"desk.example\"]\n", "is no origin"),
        (
            "[server]\nhosts = [\"https://a.example\"]\n",
            "no name of a host",
        ),
    ] {
        let said = verdict(text).expect_err(text);
        assert!(said.contains(why), "{text}: {said}");
    }
}

#[test]
fn the_examples_of_other_companies_systems_can_be_used_and_say_all() {
    let files = tempfile::tempdir().expect("a scratch directory");
    for head in [
        "# [desks.main.bookings]",
        "# [desks.main.media_buys]",
        "# [desks.main.slots]",
        "# [[desks.main.sellers]]",
        "# [upstream.tenants]",
    ] {
        let path = files.path().join("config.toml");
        let example = section(head);
        std::fs::write(&path, &example).expect("a file");
        let settings =
            Settings::load(Some(&path), []).unwrap_or_else(|why| panic!("{head}: {why}"));
        let known = Table::try_from(settings).expect("TOML");
        let mut said = BTreeSet::new();
        leaves(&example.parse().expect("TOML"), "", &mut said);
        let mut all = BTreeSet::new();
        leaves(&known, "", &mut all);
        let of_it = |name: &&String| name.starts_with("desks.") || name.starts_with("upstream.");
        let all: BTreeSet<String> = all.iter().filter(of_it).cloned().collect();
        assert_eq!(said, all, "{head}");
    }
}
