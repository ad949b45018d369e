//! Every pane in three sizes and four themes, and the pictures of the README, which are the
//! same pictures in another format.

use std::{env, fs, path::Path};

use flightdeck::tui::theme::Depth;
use ratatui::buffer::Buffer;

use crate::{
    person::{Look, Person},
    picture::{settle, svg, text},
    world,
};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];
const THEMES: [&str; 4] = ["dark", "light", "contrast", "safe"];
/// The panes: their key, their name, and what is pressed in them.
const PANES: [(&str, &str, &str); 7] = [
    ("1", "jobs", "g j"),
    ("2", "review", "g j j"),
    ("3", "pacing", "g"),
    ("4", "orders", "g j"),
    ("5", "tenants", "shift-tab shift-tab"),
    ("6", "slots", "r G enter t tab"),
    ("7", "activity", "g j"),
];

async fn pane(theme: &'static str, size: (u16, u16), key: &str, keys: &str) -> Buffer {
    // Whoever looks after orders is an admin, and has some.
    let (desk, who) = match key {
        "3" => (crate::pacing::midway().await.0, world::anna()),
        "4" => (world::trading().await, world::sofia()),
        "5" => (crate::tenants::housed().await.0, world::sofia()),
        "6" => (crate::slots::week().await, world::anna()),
        _ => (world::lively().await, world::anna()),
    };
    let look = Look {
        theme,
        depth: Depth::True,
        ascii: false,
    };
    let mut person = match key {
        "5" => Person::keeps_house(&desk, who, look).await,
        _ => Person::with(&desk, who, look, false).await,
    };
    person.resizes(size.0, size.1);
    person.presses(key).await;
    person.rests().await;
    person.presses(keys).await;
    person.rests().await;
    // What changed a moment ago is no longer marked.
    person.waits(5_000).await;
    person.waits(5_000).await;
    let mut picture = person.picture();
    settle(&mut picture);
    picture
}

#[tokio::test]
async fn every_pane_in_three_sizes() {
    for (key, name, keys) in PANES {
        for (width, height) in SIZES {
            let picture = Box::pin(pane("dark", (width, height), key, keys)).await;
            insta::assert_snapshot!(format!("{name}-{width}x{height}-dark"), text(&picture));
        }
    }
}

/// Views of panes that others than these stories open: their key, their name, what is pressed.
const VIEWS: [(&str, &str, &str); 3] = [
    ("5", "tenants-ad-server", "tab tab tab"),
    ("5", "tenants-told", "tab tab tab tab"),
    ("7", "activity-deliveries", "tab tab"),
];

#[tokio::test]
async fn what_is_brought_and_what_is_sent_in_three_sizes() {
    let (desk, _fake, _there) = Box::pin(crate::deliveries::busy()).await;
    let look = Look {
        theme: "dark",
        depth: Depth::True,
        ascii: false,
    };
    let mut person = Person::with(&desk, world::sofia(), look, false).await;
    for (key, name, keys) in VIEWS {
        person.presses(key).await;
        person.rests().await;
        person.presses(keys).await;
        for (width, height) in SIZES {
            person.resizes(width, height);
            person.rests().await;
            let mut picture = person.picture();
            settle(&mut picture);
            insta::assert_snapshot!(format!("{name}-{width}x{height}-dark"), text(&picture));
        }
        // Back to the first of its tabs.
        let back = keys.replace("tab", "shift-tab");
        person.presses(&back).await;
    }
}

#[tokio::test]
async fn every_pane_in_four_themes() {
    for (key, name, keys) in PANES {
        for theme in &THEMES[1..] {
            for (width, height) in SIZES {
                let picture = Box::pin(pane(theme, (width, height), key, keys)).await;
                let name = format!("{name}-{width}x{height}-{theme}");
                insta::assert_snapshot!(name, text(&picture));
            }
        }
    }
}

/// The pictures in `assets/pictures` are what the program draws today; `FLIGHTDECK_PICTURES=1`
/// draws them again.
#[tokio::test]
async fn the_pictures_of_the_readme_are_true() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/pictures");
    for (key, name, keys) in PANES {
        let drawn = svg(&Box::pin(pane("dark", (130, 34), key, keys)).await);
        let path = folder.join(format!("{name}.svg"));
        if env::var_os("FLIGHTDECK_PICTURES").is_some() {
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(&path, &drawn).expect("a picture");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == drawn,
            "{} is out of date: FLIGHTDECK_PICTURES=1 cargo test --test console pictures",
            path.display()
        );
    }
}
