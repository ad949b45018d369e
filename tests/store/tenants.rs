//! Tenants do not see each other's rows, by whichever way they read, and do not stand in each
//! other's way.

use flightdeck::{
    domain::ids::TenantId,
    store::{
        Since,
        batch::{Batch, CommitError, StoreError},
        record::Filter,
    },
};

use crate::ground::{
    Ground, KIND, at, claim, expect, happening, line, main, new, over, remember, tenant, wake,
};

stories!(
    nobody_reads_what_is_another_tenants,
    nobody_writes_what_is_another_tenants,
    what_arrives_for_a_tenant_that_was_deleted_is_refused,
    a_tenant_that_is_deleted_while_it_writes_leaves_nothing_behind,
);

/// The same ids, spaces and keys for every tenant, with the tenant's name in what they hold.
fn full(tenant: &TenantId) -> Batch {
    let name = tenant.as_str();
    let mut put = new("a", name);
    put.body = format!("{name:?}");
    Batch {
        puts: vec![put],
        claims: vec![claim("budget", "EUR", 7, 10)],
        wakes: vec![wake("a", at(0))],
        happenings: vec![happening(name)],
        audit: Some(line(name)),
        remember: Some(remember("k", name)),
        ..Batch::new(tenant.clone(), at(0))
    }
}

async fn nobody_reads_what_is_another_tenants(ground: Ground) {
    let store = ground.open().await;
    let tenants = ["main", "other", "third"].map(tenant);
    for tenant in &tenants[..2] {
        store.commit(full(tenant)).await.expect("written");
    }
    for tenant in &tenants {
        let name = tenant.as_str();
        let one = usize::from(name != "third");
        let (all, since) = (
            Filter {
                limit: 9,
                ..Filter::default()
            },
            Since {
                limit: 9,
                ..Since::default()
            },
        );
        let body = Some(format!("{name:?}")).filter(|_| one == 1);
        let row = store.get(tenant, KIND, "a").await.expect("read");
        assert_eq!(row.map(|row| row.body), body);
        let rows = store.list(tenant, KIND, &all).await.expect("read");
        let bodies: Vec<_> = rows.into_iter().map(|row| row.body).collect();
        assert_eq!(bodies, Vec::from_iter(body));
        let count = store.count(tenant, KIND, &all).await;
        assert_eq!(count, Ok(i64::try_from(one).expect("one")));

        let only = |what: (String, i64)| Ok(vec![what; one]);
        assert_eq!(store.tallies(tenant, KIND).await, only((name.into(), 1)));
        let used = store.used(tenant, "budget", "", "~").await;
        assert_eq!(used, only(("EUR".into(), 7)));
        let sums = store.used_sums(tenant, "budget", "", "~").await;
        assert_eq!(sums, only(("budget".into(), 7)));

        let answer = store.recall(tenant, "ana", "k").await.expect("read");
        assert_eq!(
            answer.map(|kept| kept.answer),
            (one == 1).then(|| name.into())
        );
        let events = store.events(tenant, &since).await.expect("read");
        let objects: Vec<_> = events.iter().map(|event| event.object.as_str()).collect();
        assert_eq!(objects, vec![name; one]);
        let lines = store.audit(tenant, 0, 9).await.expect("read");
        let actors: Vec<_> = lines.iter().map(|line| line.entry.actor.as_str()).collect();
        assert_eq!(actors, vec![name; one]);
        let tasks = store.tasks(tenant, 9).await.expect("read");
        assert_eq!(tasks.len(), one);
    }
    let leases = store.claim("one", &["run_job"], at(0), at(9), 9).await;
    let leases = leases.expect("claimed");
    let owners: Vec<_> = leases.iter().map(|lease| lease.tenant.as_str()).collect();
    assert!(owners.contains(&"main") && owners.contains(&"other"));
    assert_eq!(owners.len(), 2);
}

async fn nobody_writes_what_is_another_tenants(ground: Ground) {
    let store = ground.open().await;
    store.commit(full(&main())).await.expect("written");
    let before = ground.everything().await;
    let theirs = || Batch::new(tenant("other"), at(1));
    let replaces = Batch {
        puts: vec![over("a", 1, "main", "stolen")],
        ..theirs()
    };
    let expects = Batch {
        expects: vec![expect("a", 1)],
        ..theirs()
    };
    let takes_back = Batch {
        claims: vec![claim("budget", "EUR", -7, 10)],
        ..theirs()
    };
    for refused in [replaces, expects, takes_back] {
        let verdict = store.commit(refused).await;
        let refused = matches!(
            verdict,
            Err(CommitError::Stale { .. } | CommitError::Exhausted { .. })
        );
        assert!(refused, "{verdict:?}");
    }
    assert_eq!(ground.everything().await, before);
}

/// Forgets a tenant, as the house does.
fn forgets(name: &str) -> Batch {
    Batch {
        forgets: vec![tenant(name)],
        happenings: vec![happening(name)],
        audit: Some(line("root")),
        ..Batch::new(tenant("engine"), at(5))
    }
}

async fn what_arrives_for_a_tenant_that_was_deleted_is_refused(ground: Ground) {
    let store = ground.open().await;
    for name in ["main", "other"] {
        store.commit(full(&tenant(name))).await.expect("written");
    }
    store.commit(forgets("main")).await.expect("forgotten");
    let before = ground.everything().await;
    // What was decided before, and is committed only now.
    let late = Batch {
        puts: vec![new("b", "late")],
        happenings: vec![happening("late")],
        audit: Some(line("late")),
        ..Batch::new(main(), at(6))
    };
    let verdict = store.commit(late.clone()).await;
    assert_eq!(verdict, Err(CommitError::Forgotten(main())));
    let beside = Batch {
        beside: vec![late.clone()],
        ..Batch::new(tenant("engine"), at(6))
    };
    let verdict = store.commit(beside).await;
    assert_eq!(verdict, Err(CommitError::Forgotten(main())));
    assert_eq!(ground.everything().await, before, "not a row of it");
    let heads = store.heads().await.expect("read");
    let names: Vec<_> = heads.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["engine", "other"]);
    assert_eq!(store.audit(&main(), 0, 9).await, Ok(Vec::new()));
    // Whoever sets it up again begins anew.
    let welcome = Batch {
        welcomes: vec![main()],
        ..Batch::new(tenant("engine"), at(7))
    };
    store.commit(welcome).await.expect("welcome");
    let numbered = store.commit(late).await.expect("written");
    assert_eq!(numbered.first_event, 1);
}

async fn a_tenant_that_is_deleted_while_it_writes_leaves_nothing_behind(ground: Ground) {
    let store = ground.open().await;
    for round in 0..6 {
        let name = format!("tenant{round}");
        store.commit(full(&tenant(&name))).await.expect("written");
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..4 {
            let (store, name) = (store.clone(), name.clone());
            writers.spawn(async move {
                let mut written = 0;
                // Until it is refused: nobody is done before the tenant is gone.
                for n in 0..50_000 {
                    let batch = Batch {
                        puts: vec![new(&format!("w{writer}-{n}"), "draft")],
                        happenings: vec![happening("w")],
                        audit: Some(line("w")),
                        ..Batch::new(tenant(&name), at(n))
                    };
                    match store.commit(batch).await {
                        Ok(_) => written += 1,
                        Err(CommitError::Forgotten(_)) => return (written, true),
                        Err(CommitError::Store(_)) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
                (written, false)
            });
        }
        // In the middle of it: somebody has written, and nobody is done.
        while store
            .audit(&tenant(&name), 0, 99)
            .await
            .expect("read")
            .len()
            < 10
        {
            tokio::task::yield_now().await;
        }
        // Where the two wait for each other the database lets one go: it asks again.
        let mut asked = 0;
        loop {
            match store.commit(forgets(&name)).await {
                Err(CommitError::Store(StoreError::Busy(_))) if asked < 100 => asked += 1,
                verdict => break drop(verdict.expect("forgotten")),
            }
        }
        let ended = writers.join_all().await;
        assert!(ended.iter().any(|(_, refused)| *refused), "{ended:?}");
        assert!(ended.iter().any(|(written, _)| *written > 0), "{ended:?}");
        let left = ground.everything().await;
        let of_it = left.values().flatten();
        let of_it: Vec<_> = of_it.filter(|row| row.contains(&name)).collect();
        // The mark by which the late are told, and the house's own line of it.
        assert!(of_it.len() <= 2, "{of_it:#?}");
    }
}
