//! The second wall on PostgreSQL: whoever has not said whose things they want sees nothing, and
//! whoever has sees nobody else's, whatever they ask. The store itself works behind it.

use flightdeck::store::batch::Batch;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::{
    ground::{
        Ground, KIND, at, batch, brought, claim, day, happening, line, main, new, remember, tenant,
        thing, wake,
    },
    postgres,
};

/// Every table that holds things of tenants.
const OF_TENANTS: &str = "SELECT c.relname::text FROM pg_class c \
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant' \
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1";

async fn filled(test: &str) -> Option<Ground> {
    let ground = Ground::postgres(test)?;
    let store = ground.open().await;
    for name in ["main", "other"] {
        let full = Batch {
            puts: vec![new("a", name)],
            claims: vec![claim("budget", "EUR", 7, 10)],
            wakes: vec![wake("a", at(0))],
            happenings: vec![happening(name)],
            days: vec![day("l", "2026-07-01")],
            brought: Some(brought(1, vec![thing("u", "Unit")])),
            audit: Some(line(name)),
            remember: Some(remember("k", name)),
            ..Batch::new(tenant(name), at(0))
        };
        store.commit(full).await.expect("written");
    }
    store.close().await;
    Some(ground)
}

/// Somebody who works as the store does, and asks what they like.
async fn behind(ground: &Ground) -> PgConnection {
    let flightdeck::store::open::Database::Postgres(url) = ground.database() else {
        unreachable!("this is PostgreSQL");
    };
    let mut conn = PgConnection::connect(url).await.expect("connected");
    let role = sqlx::query("SET ROLE flightdeck_tenants");
    role.execute(&mut conn).await.expect("behind the wall");
    conn
}

async fn say(conn: &mut PgConnection, whose: &str) {
    let sql = "SELECT set_config('flightdeck.tenant', $1, false)";
    let said = sqlx::query(sql).bind(whose).execute(conn).await;
    said.expect("said");
}

async fn tenants(conn: &mut PgConnection, table: &str) -> Vec<String> {
    let sql = format!("SELECT DISTINCT tenant::text FROM {table} ORDER BY 1");
    let rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(conn).await;
    rows.unwrap_or_else(|error| panic!("{table}: {error}"))
}

#[tokio::test]
async fn every_table_of_tenants_stands_behind_it() {
    let Some(ground) = filled("wall::every_table_of_tenants_stands_behind_it").await else {
        return;
    };
    let open = ground
        .read(
            "SELECT c.relname::text FROM pg_class c \
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant' \
             LEFT JOIN pg_policy p ON p.polrelid = c.oid \
             WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace \
             AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND p.polname = 'tenant')",
        )
        .await;
    assert_eq!(open, Vec::<String>::new());
    let tables = ground.read(OF_TENANTS).await;
    assert!(tables.len() >= 11, "{tables:?}");
}

#[tokio::test]
async fn who_has_not_said_whose_sees_nothing() {
    let Some(ground) = filled("wall::who_has_not_said_whose_sees_nothing").await else {
        return;
    };
    let tables = ground.read(OF_TENANTS).await;
    let mut conn = behind(&ground).await;
    for table in &tables {
        assert_eq!(
            tenants(&mut conn, table).await,
            Vec::<String>::new(),
            "{table}"
        );
    }
    for (said, seen) in [
        ("main", &["main"][..]),
        ("", &[]),
        ("*", &["main", "other"]),
        ("mai", &[]),
        ("%", &[]),
    ] {
        say(&mut conn, said).await;
        for table in &tables {
            assert_eq!(tenants(&mut conn, table).await, seen, "{table} as {said}");
        }
    }
}

#[tokio::test]
async fn nobody_elses_is_written_or_taken_away() {
    let Some(ground) = filled("wall::nobody_elses_is_written_or_taken_away").await else {
        return;
    };
    let before = ground.everything().await;
    let mut conn = behind(&ground).await;
    say(&mut conn, "main").await;
    for sql in [
        "UPDATE object SET state = 'stolen' WHERE tenant = 'other'",
        "DELETE FROM object WHERE tenant = 'other'",
        "DELETE FROM audit WHERE tenant <> 'main'",
    ] {
        let done = sqlx::query(sql).execute(&mut conn).await.expect("asked");
        assert_eq!(done.rows_affected(), 0, "{sql}");
    }
    for sql in [
        "INSERT INTO tally (tenant, kind, state, n) VALUES ('other', 'job', 'new', 1)",
        "UPDATE counter SET tenant = 'other' WHERE tenant = 'main'",
    ] {
        let refused = sqlx::query(sql).execute(&mut conn).await;
        let said = refused.expect_err(sql).to_string();
        assert!(said.contains("row-level security"), "{said}");
    }
    assert_eq!(ground.everything().await, before);
}

/// Where the wall has no gate any more, the store gets nothing through it.
#[tokio::test]
async fn the_store_itself_works_behind_it() {
    let Some(ground) = filled("wall::the_store_itself_works_behind_it").await else {
        return;
    };
    let store = ground.open().await;
    let there = store.get(&main(), KIND, "a").await.expect("read");
    assert!(there.is_some());
    ground.sql("DROP POLICY tenant ON object").await;
    assert_eq!(store.get(&main(), KIND, "a").await, Ok(None));
    let put = Batch {
        puts: vec![new("b", "draft")],
        ..batch()
    };
    store.commit(put).await.expect_err("nothing gets through");
    store.close().await;
    // Raised again, whole, by whoever opens it next.
    ground
        .sql("ALTER TABLE object DISABLE ROW LEVEL SECURITY")
        .await;
    let store = ground.open().await;
    let there = store.get(&main(), KIND, "a").await.expect("read");
    assert!(there.is_some());
    let mut conn = behind(&ground).await;
    assert_eq!(tenants(&mut conn, "object").await, Vec::<String>::new());
}

/// An owner who is no superuser passes no wall either, and needs no other role.
#[tokio::test]
async fn an_owner_of_the_tables_stands_behind_it_too() {
    let test = "wall::an_owner_of_the_tables_stands_behind_it_too";
    let Some(url) = postgres::or_skip(test) else {
        return;
    };
    let mut conn = PgConnection::connect(&url).await.expect("connected");
    let name: String = sqlx::query_scalar("SELECT current_database()::text")
        .fetch_one(&mut conn)
        .await
        .expect("a name");
    let sql = format!(
        "CREATE ROLE \"owner_of_{name}\" LOGIN; ALTER DATABASE \"{name}\" OWNER TO \"owner_of_{name}\"; \
         ALTER SCHEMA public OWNER TO \"owner_of_{name}\""
    );
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut conn)
        .await
        .expect("an owner");
    let url = url.replacen("flightdeck@", &format!("owner_of_{name}@"), 1);
    let database = flightdeck::store::open::Database::Postgres(url.clone());
    let store = flightdeck::store::open::open(&database)
        .await
        .expect("opened");
    let put = Batch {
        puts: vec![new("a", "draft")],
        ..batch()
    };
    store.commit(put).await.expect("written");
    let there = store.get(&main(), KIND, "a").await.expect("read");
    assert!(there.is_some());
    let mut owner = PgConnection::connect(&url).await.expect("connected");
    assert_eq!(tenants(&mut owner, "object").await, Vec::<String>::new());
    store.close().await;
    owner.close().await.expect("closed");
    let sql = format!(
        "ALTER DATABASE \"{name}\" OWNER TO CURRENT_USER; \
         REASSIGN OWNED BY \"owner_of_{name}\" TO CURRENT_USER; \
         DROP OWNED BY \"owner_of_{name}\"; DROP ROLE \"owner_of_{name}\""
    );
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut conn)
        .await
        .expect("gone");
}

/// Somebody whom it does not bind is known, and so is a table that it does not stand around.
#[tokio::test]
async fn whom_it_does_not_bind_is_known() {
    let test = "wall::whom_it_does_not_bind_is_known";
    let Some(ground) = Ground::postgres(test) else {
        return;
    };
    let store = ground.open().await;
    let wall = store.wall().await.expect("asked").expect("PostgreSQL");
    let told = (wall.user.as_str(), wall.passes.as_str(), wall.open.as_str());
    assert_eq!(told, ("flightdeck_tenants", "", ""));
    // Without FORCE it binds everybody but the owner of the table, whom the store is not.
    for sql in [
        "ALTER TABLE event NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE object DISABLE ROW LEVEL SECURITY",
    ] {
        ground.sql(sql).await;
    }
    let wall = store.wall().await.expect("asked").expect("PostgreSQL");
    assert_eq!((wall.passes.as_str(), wall.open.as_str()), ("", "object"));
    ground
        .sql("ALTER TABLE event OWNER TO flightdeck_tenants")
        .await;
    let wall = store.wall().await.expect("asked").expect("PostgreSQL");
    assert_eq!(wall.open, "event, object");
    ground.sql("ALTER TABLE event OWNER TO CURRENT_USER").await;
    store.close().await;
}
