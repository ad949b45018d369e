//! Lays the environment over the settings: `FLIGHTDECK_SECTION_NAME` over `section.name`.
//! Refuses names that are no settings.

use serde::Deserialize as _;
use toml::{Table, Value};

use super::{Settings, Unusable, unusable};

/// What the names of environment settings begin with.
const PREFIX: &str = "FLIGHTDECK_";
/// Names in the environment that are no settings of the file.
const NOT_SETTINGS: &[&str] = &[
    "FLIGHTDECK_CONFIG",
    "FLIGHTDECK_ENGINE",
    "FLIGHTDECK_FAULTS",
    "FLIGHTDECK_REQUIRE_POSTGRES",
    "FLIGHTDECK_TEST_PG_FAST",
    "FLIGHTDECK_TOKEN",
];

/// Lays `FLIGHTDECK_SECTION_NAME` over `section.name`.
pub(super) fn overlay(
    mut table: Table,
    environment: impl IntoIterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
) -> Result<Settings, Unusable> {
    let mut known: Vec<(String, Value)> = Vec::new();
    let defaults = Table::try_from(Settings::default()).map_err(unusable)?;
    leaves(&defaults, "", &mut |name, value| {
        known.push((name.to_owned(), value.clone()));
    });
    for (name, value) in environment {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else {
            continue;
        };
        if NOT_SETTINGS.contains(&name) {
            continue;
        }
        let value = value
            .to_str()
            .ok_or_else(|| unusable(format_args!("{name} is not UTF-8")))?;
        let in_env =
            |setting: &str| format!("{PREFIX}{}", setting.replace('.', "_").to_ascii_uppercase());
        let Some((setting, default)) = known.iter().find(|(setting, _)| in_env(setting) == name)
        else {
            return Err(unusable(format_args!(
                "{name} is not a setting that is known here\nhint: config.example.toml lists them"
            )));
        };
        let wrong = || unusable(format_args!("{name} is not {}", default.type_str()));
        let value = match default {
            Value::Integer(_) => Value::Integer(value.parse().map_err(|_| wrong())?),
            Value::Boolean(_) => Value::Boolean(value.parse().map_err(|_| wrong())?),
            Value::Float(_) => Value::Float(value.parse().map_err(|_| wrong())?),
            Value::Array(_) => value
                .split(',')
                .map(str::trim)
                .filter(|one| !one.is_empty())
                .map(|one| Value::String(one.to_owned()))
                .collect::<Vec<_>>()
                .into(),
            _ => Value::String(value.to_owned()),
        };
        put(&mut table, setting, value);
    }
    Settings::deserialize(Value::Table(table)).map_err(unusable)
}

fn put(table: &mut Table, setting: &str, value: Value) {
    match setting.split_once('.') {
        None => {
            table.insert(setting.to_owned(), value);
        }
        Some((section, rest)) => {
            let inner = table
                .entry(section)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

pub(super) fn leaves(table: &Table, prefix: &str, visit: &mut impl FnMut(&str, &Value)) {
    for (name, value) in table {
        let name = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            Value::Table(inner) => leaves(inner, &name, visit),
            other => visit(&name, other),
        }
    }
}
