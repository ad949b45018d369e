//! The program as a person or a script starts it: exit codes, what stands on standard output and
//! what does not, settings that cannot be used, and databases that are not ours.

mod answers;
mod audit;
mod codes;
mod databases;
mod desk;
mod orders;
mod pacing;
#[path = "../support/postgres.rs"]
mod postgres;
mod settings;
mod slots;
mod steer;
mod syncs;
mod tenants;
