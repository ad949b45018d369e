//! Days of delivery: written over whole, read in order, apart from other tenants', and emptied
//! of their hours when they are old.

use flightdeck::store::batch::{Batch, Day};

use crate::ground::{self, Ground, batch, main, tenant};

stories!(
    days_are_written_over_and_read_in_order,
    old_days_keep_their_end_and_lose_their_hours,
);

fn day(line: &str, on: &str, last: &str) -> Day {
    Day {
        last: last.into(),
        hours: format!("[{last}]"),
        ..ground::day(line, on)
    }
}

fn of(days: Vec<Day>) -> Batch {
    Batch { days, ..batch() }
}

async fn days_are_written_over_and_read_in_order(ground: Ground) {
    let store = ground.open().await;
    let many = (1..=31)
        .rev()
        .map(|n| day("a", &format!("2026-07-{n:02}"), "1"));
    let mut many: Vec<Day> = many.collect();
    many.extend((1..=30).map(|n| day("a", &format!("2026-06-{n:02}"), "0")));
    many.push(day("b", "2026-07-02", "7"));
    store.commit(of(many)).await.expect("written");
    let newer = vec![day("a", "2026-07-02", "2")];
    store.commit(of(newer)).await.expect("written over");
    let others = Batch {
        tenant: tenant("other"),
        ..of(vec![day("a", "2026-07-01", "9")])
    };
    store.commit(others).await.expect("another tenant's");
    let read = store.days(&main(), "a", "2026-06-30", "2026-07-02").await;
    let lasts: Vec<_> = read
        .expect("read")
        .into_iter()
        .map(|day| day.last)
        .collect();
    assert_eq!(lasts, ["0", "1", "2"]);
    let all = store.days(&main(), "a", "", "~").await.expect("read");
    assert_eq!(all.len(), 61);
    let theirs = store.days(&tenant("other"), "a", "", "~").await;
    assert_eq!(theirs.expect("read"), [day("a", "2026-07-01", "9")]);
}

async fn old_days_keep_their_end_and_lose_their_hours(ground: Ground) {
    let store = ground.open().await;
    let days = ["2026-06-30", "2026-07-01"].map(|at| day("a", at, "1"));
    store.commit(of(days.to_vec())).await.expect("written");
    assert_eq!(store.forget_hours("2026-07-01").await, Ok(1));
    assert_eq!(store.forget_hours("2026-07-01").await, Ok(0), "once");
    let read = store.days(&main(), "a", "", "~").await.expect("read");
    let hours: Vec<_> = read.iter().map(|day| (&*day.last, &*day.hours)).collect();
    assert_eq!(hours, [("1", ""), ("1", "[1]")]);
}
