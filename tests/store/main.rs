//! The store, entered through its one trait and told as stories. Each story is written once
//! and runs on a fresh SQLite file and on a fresh PostgreSQL database.

#[path = "../support/postgres.rs"]
mod postgres;

#[macro_use]
mod ground;

mod answers;
mod chain;
mod commits;
mod counters;
mod delivery;
mod durability;
mod feed;
mod forgotten;
mod inventory;
mod lists;
mod model;
mod opening;
mod tasks;
mod tenants;
mod wall;
