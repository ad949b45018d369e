//! A list that is much longer than the screen, in a real terminal: how many bytes a step, a
//! page and a key that is held down take on the line.

use crate::{
    home::{Home, leave},
    terminal::Terminal,
};

/// How many jobs there are.
const JOBS: usize = 2_000;

/// A home full of jobs: one is really sent, the others are copies of it, each a second older
/// than the one before and with a name of its own.
fn crowd() -> Home {
    let home = Home::with_jobs(&["Campaign 0 of the north"]);
    // An id differs from all others in its first letters.
    let id = "printf('%08x', n) || substr(id, 9)";
    let copies = format!(
        "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {last}) \
         INSERT INTO object SELECT tenant, kind, {id}, revision, parent, state, \
         replace(label, 'Campaign 0 ', 'Campaign ' || n || ' '), \
         replace(search, id, {id}), amount, currency, created_at - n, updated_at - n * 1000000, \
         replace(replace(body, id, {id}), 'Campaign 0 ', 'Campaign ' || n || ' '), begins \
         FROM object, number WHERE kind = 'job';
         WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {last}) \
         INSERT INTO glance SELECT tenant, kind, {id}, revision, body FROM glance, number WHERE kind = 'job';
         UPDATE tally SET n = n + {last} WHERE kind = 'job' AND state = 'awaiting_approval'",
        last = JOBS - 1
    );
    let database = home.path().join("data/flightdeck.db");
    let books = rusqlite::Connection::open(database).expect("the database");
    books.execute_batch(&copies).expect("copies");
    home
}

/// Waits until the cursor is on a job.
#[track_caller]
fn is_on(console: &Terminal, number: usize) {
    let name = format!("Campaign {number} of the north");
    console.wait_for(|screen| {
        let text = screen.contents();
        text.lines()
            .any(|line| line.contains("▸") && line.contains(&name))
    });
}

#[test]
fn a_long_list_goes_by_in_few_bytes() {
    let home = crowd();
    let mut console = home.opens((200, 50));
    console.wait_for_text("Jobs · 2000");
    console.wait_for_text("┘└");
    // The detail comes when the cursor rests, so it does not count here.
    console.type_keys("z");
    console.wait_for(|screen| !screen.contents().contains("┘└"));
    is_on(&console, 0);
    let mut at = 0;
    let mut down = |console: &mut Terminal, key: &str, by: usize| {
        console.mark();
        console.type_keys(key);
        at += by;
        is_on(console, at);
        console.bytes_since_mark().len()
    };
    let step = down(&mut console, "<down>", 1);
    assert!(step <= 600, "{step} bytes for a step");
    let mut pages = 0;
    for _ in 0..20 {
        pages += down(&mut console, "<pgdn>", 44);
    }
    assert!(pages <= 20 * 3_000, "{pages} bytes for 20 pages");
    // The list moves under the cursor now.
    let mut held = 0;
    for _ in 0..90 {
        held += down(&mut console, "<down>", 1);
    }
    assert!(
        held <= 3 * 25_000,
        "{held} bytes for three seconds of a key"
    );
    assert!(held <= 90 * 600, "{held} bytes for 90 steps");
    let all = down(&mut console, "G", JOBS - 1 - (1 + 20 * 44 + 90));
    assert!(all <= 15_000, "{all} bytes to the end");
    leave(console);
}
