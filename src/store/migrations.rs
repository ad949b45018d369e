//! The numbered steps that bring a database to this program's shape. Refuses databases
//! that a newer program has shaped.

use std::borrow::Cow;

use sqlx::{
    AssertSqlSafe, SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
};

/// Every step: number, name, text.
const STEPS: [(i64, &str, &str); 9] = [
    (1, "keel", include_str!("migrations/0001_keel.sql")),
    (2, "glance", include_str!("migrations/0002_glance.sql")),
    (3, "shown", include_str!("migrations/0003_shown.sql")),
    (4, "delivery", include_str!("migrations/0004_delivery.sql")),
    (5, "tenancy", include_str!("migrations/0005_tenancy.sql")),
    (
        6,
        "inventory",
        include_str!("migrations/0006_inventory.sql"),
    ),
    (7, "begins", include_str!("migrations/0007_begins.sql")),
    (8, "due", include_str!("migrations/0008_due.sql")),
    (9, "changes", include_str!("migrations/0009_changes.sql")),
];

/// The number of the last step.
pub const NEWEST: i64 = STEPS[STEPS.len() - 1].0;

/// Marks a SQLite file as ours; it reads `FDck`.
pub const APPLICATION_ID: u32 = 0x4644_636b;

/// The steps as the migrator wants them, with every `TEXT` column as the database at hand
/// writes it.
pub fn migrator(column_text: &str) -> Migrator {
    let step = |(number, name, text): (i64, &'static str, &'static str)| {
        let sql = AssertSqlSafe(text.replace(" TEXT ", &format!(" {column_text} "))).into_sql_str();
        Migration::new(
            number,
            Cow::Borrowed(name),
            MigrationType::Simple,
            sql,
            false,
        )
    };
    Migrator::with_migrations(STEPS.map(step).into())
}
