//! Lists: every order, page by page, searched for what stands there literally. Text comes in
//! the order of its bytes on both databases.

use std::sync::Arc;

use flightdeck::{
    domain::when::Instant,
    store::{
        Shared,
        batch::{Batch, Facets, Put},
        record::{Filter, Part, Row, Sort},
    },
};

use crate::ground::{Ground, KIND, at, batch, claim, main, new, over, tenant};

stories!(
    pages_cover_each_row_once,
    a_search_is_taken_literally,
    filters_narrow_lists_and_counts_alike,
    a_glance_is_of_this_revision_or_none,
    what_is_shown_is_of_this_revision_and_shape_or_none,
    a_list_by_ids_has_those_that_are_there,
    ranges_of_cells_end_where_they_say,
    a_calendar_is_listed_by_when_things_begin,
);

/// Names that databases with an order of words sort differently from their bytes.
const NAMES: [&str; 12] = ["", "B", "a", "Ä", "A", "b", "_", "a-b", "ab", "Z", "é", "e"];

/// Fifty objects with few values in every column, some written a second time.
fn crowd() -> Vec<Batch> {
    let mut batches = Vec::new();
    for n in 0..50_usize {
        let id = format!("{}{n}", ["x", "X", "é", "-"][n % 4]);
        let mut put = new(&id, NAMES[n % 5]);
        put.facets = Facets {
            label: NAMES[n % 12].into(),
            amount: [7, -3, 0, i64::MAX][n % 4],
            ..put.facets
        };
        let again = over(&id, 1, NAMES[n % 5], NAMES[n % 7]);
        batches.push(Batch {
            at: at([0, 3, 3, 9][n % 4]),
            puts: vec![put],
            ..batch()
        });
        if n % 5 == 0 {
            batches.push(Batch {
                at: at(12),
                puts: vec![again],
                ..batch()
            });
        }
    }
    batches
}

fn key(row: &Row, sort: Sort) -> (Vec<u8>, i64, Vec<u8>) {
    let instant = |at: Instant| (Vec::new(), at.timestamp_micros());
    let (text, number) = match sort {
        Sort::Created => instant(row.created_at),
        Sort::Updated => instant(row.updated_at),
        Sort::Amount => (Vec::new(), row.facets.amount),
        Sort::Label => (row.facets.label.clone().into_bytes(), 0),
        Sort::State => (row.facets.state.clone().into_bytes(), 0),
        Sort::Begins => (Vec::new(), row.facets.begins),
    };
    (text, number, row.id.clone().into_bytes())
}

async fn a_calendar_is_listed_by_when_things_begin(ground: Ground) {
    let store = ground.open().await;
    let begins = |id: &str, seconds: i64| {
        let put = new(id, "booked");
        let facets = Facets {
            parent: "room".into(),
            begins: at(seconds).timestamp_micros(),
            ..put.facets
        };
        Put { facets, ..put }
    };
    let puts = vec![
        begins("late", 300),
        new("never", "booked"),
        begins("b", 100),
        begins("a", 100),
    ];
    let one = Batch { puts, ..batch() };
    store.commit(one).await.expect("written");
    let list = async |filter: Filter| {
        let filter = Filter {
            sort: Sort::Begins,
            limit: 9,
            ..filter
        };
        let rows = store.list(&main(), KIND, &filter).await.expect("read");
        let n = store.count(&main(), KIND, &filter).await.expect("counted");
        assert_eq!(usize::try_from(n), Ok(rows.len()));
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(list(Filter::default()).await, ["a", "b", "late"]);
    let within = |from, until| Filter {
        begins: Some((at(from), at(until))),
        ..Filter::default()
    };
    assert_eq!(list(within(100, 300)).await, ["a", "b"]);
    assert_eq!(list(within(101, 301)).await, ["late"]);
    let moved = Put {
        replaces: Some((1, "booked".into())),
        ..begins("late", 50)
    };
    let two = Batch {
        puts: vec![moved],
        ..batch()
    };
    store.commit(two).await.expect("written");
    assert_eq!(list(Filter::default()).await, ["late", "a", "b"]);
}

async fn pages_cover_each_row_once(ground: Ground) {
    let store = ground.open().await;
    for batch in crowd() {
        store.commit(batch).await.expect("written");
    }
    let all = Filter {
        limit: 1000,
        ..Filter::default()
    };
    let all = store.list(&main(), KIND, &all).await.expect("read");
    assert_eq!(all.len(), 50);
    for sort in [
        Sort::Created,
        Sort::Updated,
        Sort::Label,
        Sort::Amount,
        Sort::State,
    ] {
        for (descending, limit) in [(false, 1), (false, 7), (true, 7), (true, 50)] {
            let mut expected = all.clone();
            expected.sort_by_key(|row| key(row, sort));
            if descending {
                expected.reverse();
            }
            let mut filter = Filter {
                sort,
                descending,
                limit,
                ..Filter::default()
            };
            let mut found: Vec<Row> = Vec::new();
            loop {
                let page = store.list(&main(), KIND, &filter).await.expect("read");
                assert!(page.len() <= limit as usize && found.len() <= 50);
                let Some(last) = page.last() else { break };
                filter.after = Some(last.mark(sort));
                found.extend(page);
            }
            let names = |rows: &[Row]| rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
            assert_eq!(
                names(&found),
                names(&expected),
                "{sort:?} {descending} {limit}"
            );
            assert_eq!(found, expected);
        }
    }
}

async fn a_search_is_taken_literally(ground: Ground) {
    let texts = [
        "100% of summer",
        "100 of summer",
        "under_score",
        "underXscore",
        "wow! really",
        r"back\slash",
        r#"it's "quoted" -- yes"#,
        "été à la plage",
        "οδυσσεασ",
        "straße",
        "日本語",
    ];
    let store = ground.open().await;
    let mut all = batch();
    for (n, text) in texts.iter().enumerate() {
        let mut put = new(&n.to_string(), "draft");
        put.facets.search = (*text).into();
        all.puts.push(put);
    }
    store.commit(all).await.expect("written");
    for (search, expected) in [
        ("%", vec![0]),
        ("100% o", vec![0]),
        ("100", vec![0, 1]),
        ("_", vec![2]),
        ("r_s", vec![2]),
        ("!", vec![4]),
        ("!%", vec![]),
        (r"\", vec![5]),
        (r"K\S", vec![5]),
        ("'", vec![6]),
        (r#""QUOTED" --"#, vec![6]),
        ("ÉTÉ À", vec![7]),
        ("ete", vec![]),
        ("ΟΔΥΣ", vec![8]),
        ("οδυσσεας", vec![]),
        ("STRASSE", vec![]),
        ("本", vec![10]),
        ("'; DROP TABLE object; --", vec![]),
    ] {
        let filter = Filter {
            search: Some(search.into()),
            limit: 100,
            ..Filter::default()
        };
        let found = store.list(&main(), KIND, &filter).await.expect("read");
        let mut found: Vec<usize> = found
            .iter()
            .map(|row| row.id.parse().expect("a number"))
            .collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{search}");
        let count = store.count(&main(), KIND, &filter).await;
        assert_eq!(count, Ok(i64::try_from(expected.len()).expect("few")));
    }
}

async fn filters_narrow_lists_and_counts_alike(ground: Ground) {
    let store = ground.open().await;
    let mut all = batch();
    for n in 0..24_usize {
        let mut put = new(&format!("{n:02}"), ["draft", "booked"][n % 2]);
        put.facets.parent = ["", "order-1", "Order-1"][n % 3].into();
        all.puts.push(put);
    }
    store.commit(all).await.expect("written");
    let state = |state: &str| Some(state.to_owned());
    for (state, parent, expected) in [
        (None, None, 24),
        (state("booked"), None, 12),
        (None, Some("order-1"), 8),
        (state("draft"), Some("Order-1"), 4),
        (state("Draft"), None, 0),
    ] {
        let filter = Filter {
            state,
            parent: parent.map(str::to_owned),
            limit: 100,
            part: Part::Nothing,
            ..Filter::default()
        };
        let rows = store.list(&main(), KIND, &filter).await.expect("read");
        assert_eq!(rows.len(), expected, "{filter:?}");
        assert!(rows.iter().all(|row| row.body.is_empty()), "columns alone");
        let count = store.count(&main(), KIND, &filter).await;
        assert_eq!(count, Ok(i64::try_from(expected).expect("few")));
    }
    let other = store.count(&main(), "line", &Filter::default()).await;
    assert_eq!(other, Ok(0));
}

async fn ranges_of_cells_end_where_they_say(ground: Ground) {
    let store = ground.open().await;
    let claims = NAMES
        .iter()
        .map(|cell| claim("avail", cell, 1, 9))
        .collect();
    let taken = Batch { claims, ..batch() };
    store.commit(taken).await.expect("taken");
    let mut sorted = NAMES;
    sorted.sort_unstable();
    for from in sorted {
        for to in sorted {
            let between = |cell: &&str| *cell >= from && *cell <= to;
            let expected: Vec<_> = sorted.into_iter().filter(between).collect();
            let used = store.used(&main(), "avail", from, to).await.expect("read");
            let cells: Vec<_> = used.iter().map(|(cell, _)| cell.as_str()).collect();
            assert_eq!(cells, expected, "from {from} to {to}");
            let sums = store.used_sums(&main(), "avail", from, to).await;
            let sum = i64::try_from(expected.len()).expect("few");
            let expected = (sum > 0).then(|| ("avail".to_owned(), sum));
            assert_eq!(sums, Ok(expected.into_iter().collect()));
        }
    }
}

/// The id and the glance of every object.
async fn glances(store: &Shared) -> Vec<(String, String)> {
    let filter = Filter {
        part: Part::Glance,
        limit: 100,
        ..Filter::default()
    };
    let rows = store.list(&main(), KIND, &filter).await.expect("read");
    rows.into_iter().map(|row| (row.id, row.body)).collect()
}

/// A program that knows nothing of glances changes objects and leaves them behind.
async fn a_glance_is_of_this_revision_or_none(ground: Ground) {
    let store = ground.open().await;
    let bare = Put {
        glance: None,
        ..new("b", "draft")
    };
    let both = Batch {
        puts: vec![new("a", "draft"), bare],
        ..batch()
    };
    store.commit(both).await.expect("written");
    let seen = |id: &str, text: &str| (id.to_owned(), text.to_owned());
    let draft = r#"{"seen":"draft"}"#;
    assert_eq!(glances(&store).await, [seen("a", draft), seen("b", "")]);

    ground
        .sql("UPDATE object SET revision = revision + 1, state = 'old' WHERE id = 'a'")
        .await;
    assert_eq!(glances(&store).await, [seen("a", ""), seen("b", "")]);

    let again = Batch {
        puts: vec![over("a", 2, "old", "ready"), over("b", 1, "draft", "ready")],
        ..batch()
    };
    store.commit(again).await.expect("written");
    let ready = r#"{"seen":"ready"}"#;
    assert_eq!(glances(&store).await, [seen("a", ready), seen("b", ready)]);
}

/// What is shown of an object is of its revision and of one shape, or it is not there.
async fn what_is_shown_is_of_this_revision_and_shape_or_none(ground: Ground) {
    let store = ground.open().await;
    let bare = |put: Put| Put { shown: None, ..put };
    let first = Batch {
        puts: vec![new("a", "first"), bare(new("b", "draft"))],
        ..batch()
    };
    store.commit(first).await.expect("written");
    let told = |id: &'static str, shape: &'static str| {
        let store = Arc::clone(&store);
        async move { store.shown(&main(), KIND, id, shape).await.expect("read") }
    };
    assert_eq!(told("a", "round").await, Some((1, Some("first".into()))));
    assert_eq!(told("a", "square").await, Some((1, None)));
    assert_eq!(told("b", "round").await, Some((1, None)));
    assert_eq!(told("c", "round").await, None);
    let other = store.shown(&tenant("acme"), KIND, "a", "round").await;
    assert_eq!(other, Ok(None), "another tenant's");

    ground
        .sql("UPDATE object SET revision = revision + 1, state = 'old' WHERE id = 'a'")
        .await;
    assert_eq!(told("a", "round").await, Some((2, None)), "left behind");
    let second = Batch {
        puts: vec![over("a", 2, "old", "second")],
        ..batch()
    };
    store.commit(second).await.expect("written");
    assert_eq!(told("a", "round").await, Some((3, Some("second".into()))));
    let third = Batch {
        puts: vec![bare(over("a", 3, "second", "draft"))],
        ..batch()
    };
    store.commit(third).await.expect("written");
    assert_eq!(told("a", "round").await, Some((4, None)), "not kept so");
}

async fn a_list_by_ids_has_those_that_are_there(ground: Ground) {
    let store = ground.open().await;
    let some = Batch {
        puts: ["a", "b", "c"].map(|id| new(id, "draft")).into(),
        ..batch()
    };
    store.commit(some).await.expect("written");
    for (ids, expected) in [
        (vec![], vec![]),
        (vec!["c", "gone", "a"], vec!["a", "c"]),
        (vec!["gone"], vec![]),
    ] {
        let filter = Filter {
            ids: Some(ids.iter().map(ToString::to_string).collect()),
            limit: 100,
            ..Filter::default()
        };
        let rows = store.list(&main(), KIND, &filter).await.expect("read");
        let found: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(found, expected);
        let count = store.count(&main(), KIND, &filter).await;
        assert_eq!(count, Ok(i64::try_from(expected.len()).expect("few")));
    }
}
