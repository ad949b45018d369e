//! Things of ad servers: brought in pages, written over, met again, gone, and listed by name.

use flightdeck::store::{
    batch::{Batch, Brought, Thing},
    inventory::{Counted, Listing},
};

use crate::ground::{Ground, batch, brought, main, tenant, thing};

stories!(
    pages_are_written_over_and_what_was_not_met_can_be_marked,
    things_are_listed_by_name_with_filters_and_pages,
);

fn of(brought: Brought) -> Batch {
    Batch {
        brought: Some(brought),
        ..batch()
    }
}

fn many(from: usize, to: usize) -> Vec<Thing> {
    let one = |n: usize| thing(&format!("u{n:04}"), &format!("Unit {n:04}"));
    (from..to).map(one).collect()
}

async fn pages_are_written_over_and_what_was_not_met_can_be_marked(ground: Ground) {
    let store = ground.open().await;
    store
        .commit(of(brought(1, many(0, 1_234))))
        .await
        .expect("written");
    let other = Batch {
        tenant: tenant("other"),
        ..of(brought(1, many(0, 3)))
    };
    store.commit(other).await.expect("another tenant's");

    let ids: Vec<String> = ["u0001", "u0700", "nobody"].map(str::to_owned).to_vec();
    let known = store.things(&main(), "ad_unit", &ids).await.expect("read");
    assert_eq!(
        known,
        [thing("u0001", "Unit 0001"), thing("u0700", "Unit 0700")]
    );
    assert_eq!(store.things(&main(), "order", &ids).await, Ok(Vec::new()));

    let second = Brought {
        same: (0..1_000).map(|n| format!("u{n:04}")).collect(),
        ..brought(2, vec![thing("u1000", "Renamed")])
    };
    store.commit(of(second)).await.expect("written");
    let unmet = store.unmet(&main(), "ad_unit", 2, 500).await.expect("read");
    assert_eq!((unmet.len(), unmet[0].as_str()), (233, "u1001"));
    let sweep = Brought {
        gone: unmet,
        ..brought(2, Vec::new())
    };
    store.commit(of(sweep)).await.expect("written");
    assert_eq!(
        store.unmet(&main(), "ad_unit", 2, 500).await,
        Ok(Vec::new())
    );
    let counts = store.inventory_counts(&main()).await.expect("counted");
    let counted = |state: &str, n| Counted {
        kind: "ad_unit".into(),
        state: state.into(),
        n,
    };
    assert_eq!(counts, [counted("active", 1_001), counted("gone", 233)]);
    let theirs = store
        .inventory_counts(&tenant("other"))
        .await
        .expect("counted");
    assert_eq!(theirs, [counted("active", 3)]);

    // What comes back is there again.
    store
        .commit(of(brought(3, many(1_100, 1_101))))
        .await
        .expect("written");
    let back = store
        .things(&main(), "ad_unit", &["u1100".to_owned()])
        .await;
    assert!(!back.expect("read")[0].is_gone());
}

async fn things_are_listed_by_name_with_filters_and_pages(ground: Ground) {
    let store = ground.open().await;
    let named = |id: &str, name: &str, parent: &str| Thing {
        parent: parent.into(),
        ..thing(id, name)
    };
    let things = vec![
        named("3", "100% Sports_Home", "1"),
        named("1", "Ärger", ""),
        named("2", "Zebra", "1"),
        named("4", "Sports", "2"),
        named("5", "Sports", "1"),
    ];
    let gone = Brought {
        gone: vec!["4".into()],
        ..brought(1, Vec::new())
    };
    store.commit(of(brought(1, things))).await.expect("written");
    store.commit(of(gone)).await.expect("written");

    let ids = async |listing: Listing| {
        let (page, total) = store.inventory(&main(), &listing).await.expect("listed");
        let ids: Vec<String> = page.into_iter().map(|thing| thing.id).collect();
        (ids.join(" "), total)
    };
    let all = Listing {
        limit: 9,
        ..Listing::default()
    };
    assert_eq!(
        ids(all.clone()).await,
        ("3 5 2 1".into(), 4),
        "byte by byte, without the gone"
    );
    let page = Listing {
        limit: 2,
        ..all.clone()
    };
    let (first, _) = store.inventory(&main(), &page).await.expect("listed");
    let rest = Listing {
        after: first.last().map(Thing::last),
        ..page
    };
    assert_eq!(ids(rest).await, ("2 1".into(), 4));
    let search = |text: &str| Listing {
        search: Some(text.into()),
        ..all.clone()
    };
    assert_eq!(ids(search("SPORTS")).await, ("3 5".into(), 2));
    assert_eq!(ids(search("0% s")).await, ("3".into(), 1));
    assert_eq!(ids(search("%")).await, ("3".into(), 1));
    assert_eq!(ids(search("s_h")).await, ("3".into(), 1));
    let of_parent = Listing {
        parent: Some("1".into()),
        kind: Some("ad_unit".into()),
        ..all.clone()
    };
    assert_eq!(ids(of_parent).await, ("3 5 2".into(), 3));
    let gone = Listing {
        state: Some("gone".into()),
        ..all
    };
    assert_eq!(ids(gone).await, ("4".into(), 1));
}
