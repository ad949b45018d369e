//! Questions before what cannot be taken back, on any screen and any keyboard; and what is said
//! below them for a moment.

use flightdeck::{domain::tenant::role::Role, tui::theme::Depth};

use crate::{
    desk::{Desk, caller},
    person::{Look, Person},
    world::{self, anna, brief, send},
};

/// A desk with researched jobs of these names.
async fn desk(names: &[&str]) -> Desk {
    let desk = world::empty().await;
    for name in names {
        send(&desk, &anna(), brief(name, 9_000)).await;
        desk.pass(chrono::Duration::minutes(5)).await;
    }
    desk
}

async fn sits(desk: &Desk, size: (u16, u16)) -> Person<'_> {
    let mut person = Person::sits_down(desk, anna()).await;
    person.resizes(size.0, size.1);
    person.rests().await;
    person
}

#[tokio::test]
async fn names_that_no_keyboard_has_are_agreed_to_on_every_one() {
    for (name, asked, typed) in [
        (
            "Kitsune Ramen 🍜 opening",
            "Type Kitsune Ramen opening to agree:",
            "Kitsune Ramen opening",
        ),
        (
            "Théâtre — été",
            "Type Theatre - ete to agree:",
            "Theatre - ete",
        ),
        ("Théâtre", "Type Theatre to agree:", "Théâtre"),
    ] {
        let desk = desk(&[name]).await;
        let mut person = sits(&desk, (120, 40)).await;
        person.presses("r").await;
        person.rests().await;
        person.presses("A").await;
        person.sees(asked);
        person.rests().await;
        person.types("something else").await;
        person.presses("enter").await;
        assert_eq!(person.orders, 0, "{name}");
        person.presses("ctrl-u").await;
        person.types(typed).await;
        person.presses("enter enter").await;
        assert_eq!(person.orders, 1, "{name}");
    }
}

#[tokio::test]
async fn a_name_of_which_nothing_can_be_typed_is_told_by_its_id() {
    let desk = desk(&["夏祭り"]).await;
    let mut person = sits(&desk, (120, 40)).await;
    person.presses("y x").await;
    let id = person.copied.last().expect("an id").clone();
    let end = &id[id.len() - 6..];
    person.sees(&format!("Type {end}, the end of its id, to agree:"));
    person.rests().await;
    person.types(end).await;
    person.presses("enter enter").await;
    assert_eq!(person.orders, 1);
}

#[tokio::test]
async fn on_the_smallest_screen_nothing_is_typed_blind() {
    let name = "A campaign with a name that is too long for one line of it";
    let desk = desk(&[name]).await;
    let mut person = sits(&desk, (40, 10)).await;
    person.presses("x").await;
    person.sees("Type A campaign with a name that is");
    person.sees("[ keep it ]");
    person.sees("[ cancel for good ]");
    person.sees("pgdn reads on");
    let first = person.screen();
    person.types("A campaign").await;
    let rows = person.rows();
    let own = |row: &String| row.trim_matches(['│', ' ']) == "A campaign";
    assert!(rows.iter().any(own), "{}", person.screen());
    let mut read = first;
    while !person.screen().contains("lines read") {
        person.presses("pgdn").await;
        read.push_str(&person.screen());
        assert!(read.len() < 100_000, "it ends");
    }
    assert!(read.contains("9,000.00"), "{read}");
    person.presses("pgup pgup pgup pgup pgup pgup").await;
    person.sees("These will end as failed");
    person.rests().await;
    person.types(&name["A campaign".len()..]).await;
    person.presses("enter enter").await;
    assert_eq!(person.orders, 1);
}

#[tokio::test]
async fn what_was_said_goes_with_what_it_was_about() {
    let desk = desk(&["Game Night", "Spring Launch"]).await;
    let mut person = sits(&desk, (120, 40)).await;
    let refused = "only a failed job can";
    for goes in ["/", "2", "x"] {
        person.presses("R").await;
        person.sees(refused);
        person.presses(goes).await;
        person.sees_no(refused);
        person.presses("esc 1").await;
        person.sees_no(refused);
    }
    // What came of something that was sent stays to be read.
    person.presses("x").await;
    person.rests().await;
    person.types("Spring Launch").await;
    person.presses("enter enter").await;
    person.sees("Spring Launch is cancelled");
    person.presses("2").await;
    person.sees("Spring Launch is cancelled");
    // It is among the messages all the same.
    person.presses("f4").await;
    person.sees(refused);
}

#[tokio::test]
async fn help_and_the_palette_are_hinted_on_every_pane() {
    let desk = desk(&["Game Night"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Admin)).await;
    for size in [(80, 24), (60, 20)] {
        person.resizes(size.0, size.1);
        for pane in 1..=7 {
            person.presses(&pane.to_string()).await;
            person.rests().await;
            let foot = person.rows().pop().expect("a foot");
            assert!(foot.contains("? help"), "{pane}: {foot}");
            assert!(foot.contains(": command"), "{pane}: {foot}");
        }
    }
}

#[tokio::test]
async fn which_pane_is_open_is_seen_on_the_smallest_screen() {
    let desk = desk(&["Game Night", "Spring Launch"]).await;
    for role in [Role::Trafficker, Role::Admin, Role::OnCall] {
        let mut person = Person::sits_down(&desk, caller("acme", role)).await;
        person.resizes(40, 10);
        for pane in 1..=7 {
            person.presses(&pane.to_string()).await;
            let head = person.rows().swap_remove(0);
            assert!(head.contains(&format!("[{pane}")), "{head}");
        }
        desk.clock.advance(chrono::Duration::seconds(12));
        person.happens(flightdeck::tui::console::Event::Time).await;
        let head = person.rows().swap_remove(0);
        assert!(head.contains("[7") && head.contains("offline"), "{head}");
    }
    let mut person = sits(&desk, (40, 10)).await;
    // The sign of the state, the end of the name, the money.
    let rows = person.rows();
    let row = rows.iter().find(|row| row.contains("Game")).expect("a row");
    assert!(row.contains("◆ ") && row.contains("9,000.00 USD"), "{row}");
    person.resizes(20, 5);
    person.sees("needs 40x10");
}

#[tokio::test]
async fn without_colours_an_example_does_not_look_typed() {
    let desk = desk(&[]).await;
    for (depth, shown) in [(Depth::None, true), (Depth::True, false)] {
        let look = Look {
            theme: "dark",
            depth,
            ascii: false,
        };
        let mut person = Person::with(&desk, anna(), look, false).await;
        person.presses("n").await;
        assert_eq!(person.screen().contains("(25000)"), shown);
        person.sees("25000");
    }
}
