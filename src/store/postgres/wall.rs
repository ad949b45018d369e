//! The second wall between tenants, beside the questions themselves: the database shows and
//! changes nothing but what belongs to the tenant that a connection was told of. Whoever has not
//! said, sees nothing.
//!
//! It stands around every table that has a `tenant`, those that come later too. Who may pass
//! walls, such as a superuser, works as somebody who may not.

use sqlx::{Connection as _, PgConnection, Result};

/// As whom work those who could pass the wall.
const ROLE: &str = "flightdeck_tenants";

/// Raises it around whatever has none yet. Nodes that start together wait for each other.
const RAISE: &str = r"
DO $$
DECLARE
    named text;
BEGIN
    FOR named IN
        SELECT c.relname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant' AND NOT a.attisdropped
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
        AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', named);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', named);
        EXECUTE format('DROP POLICY IF EXISTS tenant ON %I', named);
        EXECUTE format('CREATE POLICY tenant ON %I USING (
            tenant = (SELECT current_setting(''flightdeck.tenant'', true))
            OR (SELECT current_setting(''flightdeck.tenant'', true)) = ''*'')', named);
    END LOOP;
END $$";

/// Makes the role, if nobody has: it belongs to the whole server, and others may be at it too.
const MAKE_ROLE: &str = r"
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'flightdeck_tenants') THEN
        CREATE ROLE flightdeck_tenants NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END $$";

/// Lets the role work with every table of ours.
const GRANT: &str = r"
DO $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO flightdeck_tenants', current_schema());
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I
        TO flightdeck_tenants', current_schema());
END $$";

/// Says as whom a connection works, why that one passes the wall, and around which tables it does
/// not stand for them.
pub const STANDS: &str = r"
SELECT current_user::text,
    CASE WHEN r.rolsuper THEN 'is a superuser' WHEN r.rolbypassrls THEN 'has BYPASSRLS' ELSE '' END,
    COALESCE((SELECT string_agg(c.relname::text, ', ' ORDER BY c.relname::text) FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant' AND NOT a.attisdropped
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
        AND NOT (c.relrowsecurity AND (c.relforcerowsecurity
            OR NOT pg_has_role(current_user, c.relowner, 'USAGE')))), '')
FROM pg_roles r WHERE r.rolname = current_user";

/// Raises the wall; says as whom to work, where whoever opened the database could pass it.
pub async fn raise(conn: &mut PgConnection) -> Result<Option<&'static str>> {
    let mut whole = conn.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('flightdeck.wall'))")
        .execute(&mut *whole)
        .await?;
    sqlx::raw_sql(RAISE).execute(&mut *whole).await?;
    let passes: bool = sqlx::query_scalar(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user",
    )
    .fetch_one(&mut *whole)
    .await?;
    whole.commit().await?;
    if !passes {
        return Ok(None);
    }
    match as_role(conn).await {
        Ok(()) => Ok(Some(ROLE)),
        Err(error) => {
            tracing::warn!(%error, "row-level security cannot be had: this user passes it, and no other can be made");
            Ok(None)
        }
    }
}

/// Makes the role and lets it work, one node after the other.
async fn as_role(conn: &mut PgConnection) -> Result<()> {
    let mut whole = conn.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('flightdeck.wall'))")
        .execute(&mut *whole)
        .await?;
    sqlx::raw_sql(MAKE_ROLE).execute(&mut *whole).await?;
    sqlx::raw_sql(GRANT).execute(&mut *whole).await?;
    whole.commit().await?;
    if step_behind(conn, Some(ROLE)).await.is_err() {
        // Whoever may make roles need not be one of theirs.
        sqlx::query("GRANT flightdeck_tenants TO CURRENT_USER")
            .execute(&mut *conn)
            .await?;
        step_behind(conn, Some(ROLE)).await?;
    }
    sqlx::query("RESET ROLE").execute(conn).await.map(drop)
}

/// Has a new connection work behind the wall.
pub async fn step_behind(conn: &mut PgConnection, role: Option<&str>) -> Result<()> {
    if role.is_some() {
        sqlx::query("SET ROLE flightdeck_tenants")
            .execute(conn)
            .await?;
    }
    Ok(())
}
